/* HTTP without sockets in sight: what a request is, what an answer is, what the application must
 * provide, and the server that brings them together.
 *
 * A request goes through these steps; the application decides each in a callback of struct
 * http_app:
 *
 *   head     `head`       epoll thread   known? allowed to have such a body?   reply | read the
 * body (body over HTTP_BODY_MEMORY_MAX and authorise_first) `authorise`  worker         who asks?
 * reply | read the body body     `prepare`    epoll thread   syntax reply | queue on a lane (a
 * worker when the body lies in a file) run      `execute`    worker         everything that may
 * wait              reply | queue on a lane again
 *
 * Callbacks on epoll threads never wait for anything. An exchange belongs to one thread at a time;
 * no callback keeps a pointer to it once it returned, except in `app_request`. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/base.h"
#include "base/uuid.h"
#include "base/writer.h"
#include "http/limits.h"
#include "http/multipart.h"

/* HEAD arrives as HTTP_GET with `head_only` set: the server sends the head of the same answer. */
enum http_method {
    HTTP_GET,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT
};

/* "GET" and so on. */
const char *http_method_name(enum http_method method);
/* Exact, capitals only; "HEAD" is HTTP_GET with *ret_head_only. False for any other word. */
bool http_method_parse(struct str word, enum http_method *ret_method, bool *ret_head_only);

enum {
    HTTP_BODY_MEMORY_MAX = 64 * 1024, /* longer bodies lie in a temporary file and are mapped */
    HTTP_REPLY_HEADERS_MAX = 32,
    HTTP_REPLY_TEXT_MAX = 4096, /* values of the reply's headers together */
    HTTP_ADDRESS_MAX = 64,
    HTTP_ERROR_MAX = 256
};

/* Who runs a request. */
enum http_lane {
    HTTP_LANE_WRITER,   /* `writers` threads, chosen by the key: one organisation, one writer */
    HTTP_LANE_READER,   /* `readers` threads, one queue */
    HTTP_LANE_EXPORT,   /* one thread */
    HTTP_LANE_PASSWORD, /* one thread: Argon2id */
    HTTP_LANE_COUNT
};

const char *http_lane_name(enum http_lane lane);

/* Answers that the server itself decides; the application writes their words (callback `refuse`).
 */
enum http_refusal {
    HTTP_REFUSAL_MALFORMED,       /* 400 not understood as HTTP, or a multipart body broken
                                     (refusal_detail) */
    HTTP_REFUSAL_TOO_LARGE,       /* 413 body over body_limit, or the request's memory is used up */
    HTTP_REFUSAL_TARGET_TOO_LONG, /* 414 */
    HTTP_REFUSAL_CONTENT_CODING,  /* 415 a body with a Content-Encoding */
    HTTP_REFUSAL_HEAD_TOO_LARGE,  /* 431 */
    HTTP_REFUSAL_NOT_IMPLEMENTED, /* 501 unknown method or transfer coding (refusal_detail) */
    HTTP_REFUSAL_BUSY,            /* 503 a queue is full, Retry-After */
    HTTP_REFUSAL_LATE,            /* 503 its deadline passed while it waited, Retry-After */
    HTTP_REFUSAL_STOPPING,        /* 503 the server stops, Retry-After */
    HTTP_REFUSAL_STORAGE,         /* 503 no room for a large body, Retry-After */
    HTTP_REFUSAL_INTERNAL,        /* 500 no answer was made, or it did not fit */
    HTTP_REFUSAL_COUNT
};

/* The status of a refusal, as above. */
int http_refusal_status(enum http_refusal refusal);
/* A short English phrase: the words of last resort, and a label of the figures. */
const char *http_refusal_text(enum http_refusal refusal);

/* Name and value of a header or cookie; names of headers are compared without regard to case. */
struct http_pair {
    struct str name, value;
};

struct http_reply_header {
    const char *name, *value;
};

/* Exactly one of the three bodies is sent: the file when fd >= 0, else `constant` when it has a
 * pointer, else what was written to `body`. */
struct http_reply {
    int status; /* 0 until decided */
    struct http_reply_header headers[HTTP_REPLY_HEADERS_MAX];
    size_t n_headers;
    char text[HTTP_REPLY_TEXT_MAX]; /* their values, so that a refusal needs no memory */
    size_t text_used;
    struct writer body;
    struct str constant; /* lives as long as the program */
    int fd;              /* owned by the reply, read from its beginning; -1: none */
    uint64_t fd_size;
    bool close;  /* close the connection after this answer */
    bool failed; /* a header did not fit: sticky, becomes a 500 */
};

/* What follows the callback that just ran. */
enum http_step { HTTP_STEP_REPLY, HTTP_STEP_BODY, HTTP_STEP_QUEUE };

/* One request and its answer. Everything a callback allocates comes from `arena` and goes with the
 * exchange. All strings of the request live there (or in the mapped file), and are not checked for
 * UTF-8 unless said. */
struct http_exchange {
    struct arena arena;
    char request_id[UUID_TEXT_SIZE]; /* UUIDv7, ours; sent as X-Request-Id */

    /* The head. */
    enum http_method method; /* HTTP_METHOD_COUNT in `refuse` when it is not known */
    bool head_only;
    struct str path;  /* as received, still percent-encoded, begins with '/', without the query */
    struct str query; /* as received, without '?' */
    const struct http_pair *headers;
    size_t n_headers;
    char address[HTTP_ADDRESS_MAX]; /* the client's; from X-Forwarded-For only behind a trusted
                                       proxy */
    bool is_secure;                 /* TLS, as the trusted proxy says (X-Forwarded-Proto: https) */
    int64_t declared_length;        /* Content-Length; 0 without a body; -1 for chunked */

    /* Decided by the application in `head`. */
    int64_t body_limit;     /* bytes; 0, the default, allows none */
    bool authorise_first;   /* a body over HTTP_BODY_MEMORY_MAX or of unknown length is read after
                               `authorise` */
    bool accepts_multipart; /* a multipart/form-data body is split before `prepare` */
    const char *route;      /* template for log and metrics, a constant; NULL: "unknown" */
    int64_t deadline_ms;    /* how long it may wait in queues from its complete body; the limit's
                               default; 0: for ever */

    /* The body, complete from `prepare` on. */
    struct str body;
    const struct http_part *parts; /* multipart only */
    size_t n_parts;

    /* The answer. */
    struct http_reply reply;
    enum http_step step;
    enum http_lane lane;
    uint64_t key;
    int refusal;                /* enum http_refusal when the server itself refused, else -1 */
    const char *refusal_detail; /* English, a constant: why it is malformed; NULL when there is no
                                   more to say */

    void *app_request; /* the application's own */
    void *transport;   /* the server's own; NULL without one */
};

/* What the application provides. `data` comes back as first argument. All but `release` must be
 * there. */
struct http_app {
    void *data;
    /* Epoll thread. To refuse: write the answer (http_reply_begin). Else set body_limit and the
     * like and return; the body is read next (`step` is HTTP_STEP_BODY at entry). */
    void (*head)(void *data, struct http_exchange *exchange);
    /* Reader thread, n exchanges whose large bodies are not read yet. For each: answer, or return
     * to have it read. */
    void (*authorise)(void *data, void *worker, struct http_exchange *const exchanges[], size_t n);
    /* Epoll thread, or any worker for a body in a file. Answer, or http_queue. */
    void (*prepare)(void *data, struct http_exchange *exchange);
    /* Worker thread of the lane asked for; n <= the lane's batch limit. For each: answer, or
     * http_queue again. */
    void (*execute)(void *data, void *worker, struct http_exchange *const exchanges[], size_t n);
    /* Any thread, must not wait. The status (and Retry-After) is set; writes type and body only.
     * `app_request` may be NULL: `head` may not have run, and `path` may be empty. The arena has a
     * little room left. */
    void (*refuse)(void *data, struct http_exchange *exchange, enum http_refusal refusal);
    /* Any thread, once, when the answer is made or the exchange ends without, and `app_request` is
     * not NULL: what it holds outside the arena is freed, without waiting. May be NULL. */
    void (*release)(void *data, struct http_exchange *exchange);
    /* On the worker's own thread, at its start and end: its database connection. The pointer comes
     * back as `worker`; it may be NULL, and a connection that breaks later is the application's to
     * mend. */
    void *(*worker_open)(void *data, enum http_lane lane, unsigned index);
    void (*worker_close)(void *data, void *worker);
};

/* ---- Reading a request ---- */

/* The first header of this name (any case), or p == NULL. */
struct str http_header(const struct http_exchange *exchange, const char *name);
/* How many headers have this name. */
size_t http_header_count(const struct http_exchange *exchange, const char *name);
/* The first cookie of this name (exact), without quotes, or p == NULL. */
struct str http_cookie(const struct http_exchange *exchange, const char *name);
/* The part of this name, or NULL; the first when there are several. */
const struct http_part *http_part(const struct http_exchange *exchange, const char *name);
/* The media type alone in lower case, or "" when there is none or it is not a media type:
 * "application/json". */
const char *http_content_type(struct http_exchange *exchange);
/* The quality in thousandths (0 to 1000) that an Accept header gives to `media_type` ("text/html");
 * 1000 when the header is absent. A malformed member is not counted. */
int http_accepts(const struct http_exchange *exchange, const char *media_type);
/* As above, but only where the type itself or a range of its type is named, not by a bare wildcard:
 * for HTML pages. */
bool http_accepts_explicitly(const struct http_exchange *exchange, const char *media_type);
/* "100%20%25" decoded into the arena; '+' is a space when `form` (queries and forms). False for a
 * '%' without two hexadecimal digits, for an encoded NUL, or when the arena is full. The bytes are
 * not checked for UTF-8. */
bool http_decode(struct arena *arena, struct str text, bool form, struct str *ret_text);
/* Takes the next "name=value" off a query or form, both still encoded; false at the end. Empty
 * pairs are skipped. */
bool http_query_next(struct str *query, struct str *ret_name, struct str *ret_value);
/* Whether an entity tag (with its quotes) is in an If-None-Match or If-Match list, or the list is
 * "*". Weak comparison when `weak`. */
bool http_etag_listed(struct str list, struct str etag, bool weak);

/* ---- Writing an answer ---- */

/* Forgets what was answered so far (body, headers, file), sets the status and HTTP_STEP_REPLY. The
 * answer is then written to exchange->reply.body. */
struct writer *http_reply_begin(struct http_exchange *exchange, int status);
/* Adds or replaces (Set-Cookie, Vary and Link are added) a header; value without CR, LF, NUL and
 * other controls, or the answer fails. The name is a constant, the value is copied. */
void http_reply_header(struct http_exchange *exchange, const char *name, const char *value);
void http_reply_headerf(struct http_exchange *exchange, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* The answer is `size` bytes of an open file; takes the descriptor over, closes it also when the
 * answer fails. */
void http_reply_file(struct http_exchange *exchange, int fd, uint64_t size);
/* An unlinked temporary file (mode 0600, close on exec) in `directory` for uploads and exports; -1
 * with errno. */
int http_temporary_file(const char *directory);
/* From `prepare` or `execute`: run by a thread of `lane` next. Requests with the same key have the
 * same writer; the key is not looked at for other lanes. What `execute` did before must be
 * repeatable: a full queue or a passed deadline answers 503. */
void http_queue(struct http_exchange *exchange, enum http_lane lane, uint64_t key);
/* A key from text, such as the organisation's slug or id (FNV-1a). */
uint64_t http_key(struct str text);

/* ---- Without a socket: tests, fuzzers, the command line ---- */

/* An empty GET of "/" from 127.0.0.1 with a new request id. */
void http_exchange_init(struct http_exchange *exchange, const struct http_limits *limits);
/* Frees everything (file, arena, reply). The application's `release` is the caller's business. */
void http_exchange_release(struct http_exchange *exchange);
/* "GET", "/path?query": copied. False when the method is unknown or the target does not begin with
 * '/'. */
bool http_exchange_target(struct http_exchange *exchange, struct str method, struct str target);
/* Adds a header; copied. */
void http_exchange_header(struct http_exchange *exchange, struct str name, struct str value);

struct http_assets;

/* Runs all steps on this thread: assets (NULL: none), head, authorise, body, prepare, execute until
 * there is an answer, refusing what the server would refuse, with the security headers of every
 * answer. `body` must live as long as the exchange. `worker` is given to every callback. */
void http_exchange_run(struct http_exchange *exchange, const struct http_app *app,
                       const struct http_limits *limits, const struct http_assets *assets,
                       void *worker, struct str body);

/* ---- Static files ---- */

/* A file embedded in the program. `/index.html` is also the answer to every GET that wants HTML, is
 * not below /api/ or /metrics, and is no asset. */
struct http_asset {
    const char *path;         /* "/assets/app-4f2a91.js" */
    const char *content_type; /* "text/javascript; charset=utf-8" */
    struct str bytes;
    struct str gzip;  /* p == NULL: not worth it */
    const char *etag; /* with its quotes, from the content */
    bool immutable;   /* the name changes with the content: cached for a year; else revalidated each
                         time */
};

/* Indexes the table, which must outlive it. Two assets of one path are a programmer's error. */
struct http_assets *http_assets_new(const struct http_asset *assets, size_t n);
void http_assets_free(struct http_assets *assets);
/* Answers a GET for an asset or a page (200, 304, 405 with Allow for other methods on an asset) and
 * returns true; false when the application must answer. */
bool http_assets_answer(const struct http_assets *assets, struct http_exchange *exchange);

/* ---- Figures ---- */

struct http_metrics;

struct http_metrics *http_metrics_new(void);
void http_metrics_free(struct http_metrics *metrics);
/* The figures of the server in Prometheus text format 0.0.4; the application adds its own lines. No
 * organisation, address or user in a label. Any thread, does not wait. */
void http_metrics_write(const struct http_metrics *metrics, struct writer *writer);

/* ---- The server ---- */

struct http_config {
    const char *address;                /* numeric; NULL: 127.0.0.1 */
    uint16_t port;                      /* 0: any free one, see http_server_port */
    const char *const *trusted_proxies; /* addresses or prefixes, "10.0.0.0/8" "::1" */
    size_t n_trusted_proxies;
    const char *temporary_directory; /* for uploads; NULL: /tmp */
    struct http_limits limits;
    const struct http_asset *assets;
    size_t n_assets;
    struct http_metrics *metrics; /* NULL: none are kept */
};

struct http_server;

/* Starts workers, then listens. Signals must be blocked and the libraries initialised (crypto_init)
 * before. `app` and all of `config` but the struct itself must outlive the server. NULL with a
 * sentence in ret_error when it cannot. */
struct http_server *http_server_start(const struct http_config *config, const struct http_app *app,
                                      char ret_error[static HTTP_ERROR_MAX]);
uint16_t http_server_port(const struct http_server *server);
/* Takes no more connections, answers 503 to new requests, lets waiting ones run for drain_ms and
 * answers 503 to the rest, waits for those that run, sends what can be sent in flush_ms, and frees
 * everything. NULL is accepted. */
void http_server_stop(struct http_server *server);

#endif
