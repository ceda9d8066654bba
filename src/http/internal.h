/* What the files of this folder share. Nothing here knows libmicrohttpd but server.c. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include "http/http.h"

/* ---- Text (exchange.c) ---- */

bool http_equal_nocase(struct str a, struct str b);
/* Whether the text is a token of RFC 9110 (a method, a header's name). */
bool http_is_token(struct str text);
/* Without spaces and tabs at both ends. */
struct str http_trim(struct str text);
/* Takes what stands before the next separator off the front; *rest becomes empty after the last. */
struct str http_take(struct str *rest, char separator);
/* Whether Accept-Encoding lets this coding be used. */
bool http_accepts_coding(const struct http_exchange *exchange, const char *coding);

/* ---- The head (head.c) ---- */

/* Checks what framing and identity rest on (RFC 9110, RFC 9112): names are tokens, values without
 * controls, one Content-Length of digits and no Transfer-Encoding beside it, "chunked" alone, at
 * most one Host, no Content-Encoding. Sets declared_length. True when all is well; else
 * *ret_refusal, and refusal_detail. */
bool http_head_check(struct http_exchange *exchange, const struct http_limits *limits,
                     enum http_refusal *ret_refusal);

/* ---- The client behind proxies (proxy.c) ---- */

/* An address with a prefix, IPv4 as mapped IPv6. */
struct http_network {
    unsigned char bytes[16];
    unsigned bits;
};

enum { HTTP_TRUSTED_MAX = 64 };

/* "10.0.0.0/8", "::1"; false when it is neither. */
bool http_network_parse(struct str text, struct http_network *ret_network);
bool http_network_holds(const struct http_network *network, const unsigned char address[16]);
/* Whether `peer` (text) is a trusted proxy. */
bool http_is_trusted(const struct http_network *trusted, size_t n_trusted, struct str peer);
/* Writes the client's address: the peer's, or behind trusted proxies the last one of
 * X-Forwarded-For that is not one of them; and whether the nearest proxy says https. */
void http_client_find(struct http_exchange *exchange, const struct http_network *trusted,
                      size_t n_trusted, const char *peer);

/* ---- The body (body.c) ---- */

/* A body on its way in: in the arena up to HTTP_BODY_MEMORY_MAX, else in a temporary file, mapped
 * at the end. */
struct http_body {
    char *memory;
    size_t size, capacity;
    int64_t limit;
    int fd; /* -1: in memory */
    void *map;
    const char *directory;
};

enum http_body_result { HTTP_BODY_OK, HTTP_BODY_TOO_LARGE, HTTP_BODY_MEMORY, HTTP_BODY_STORAGE };

void http_body_init(struct http_body *body, const char *directory);
/* `declared` -1: unknown. Opens the file where it will be needed. */
enum http_body_result http_body_start(struct http_body *body, struct arena *arena, int64_t declared,
                                      int64_t limit) MUST_CHECK;
enum http_body_result http_body_add(struct http_body *body, struct arena *arena, const char *bytes,
                                    size_t size) MUST_CHECK;
/* The whole body; valid until the release. */
enum http_body_result http_body_finish(struct http_body *body, struct str *ret_body) MUST_CHECK;
/* Unmaps and closes; may be called again. */
void http_body_release(struct http_body *body);

/* ---- The answer (reply.c) ---- */

/* Makes the answer a refusal: status, Retry-After, the application's words. */
void http_refuse(struct http_exchange *exchange, const struct http_app *app,
                 const struct http_limits *limits, enum http_refusal refusal);
/* Last touch of every answer: it is there and whole, or becomes a 500; headers of every answer. */
void http_reply_finish(struct http_exchange *exchange, const struct http_app *app,
                       const struct http_limits *limits);
/* Number of bytes of the body that goes with it. */
uint64_t http_reply_size(const struct http_reply *reply);

/* ---- Steps shared by the server and http_exchange_run (steps.c) ---- */

/* Head: assets, then the application. step is REPLY or BODY afterwards. */
void http_step_head(struct http_exchange *exchange, const struct http_app *app,
                    const struct http_limits *limits, const struct http_assets *assets);
/* Whether `authorise` comes before the body. */
bool http_needs_authorise(const struct http_exchange *exchange);
/* Body complete: multipart, then `prepare`. step is REPLY or QUEUE afterwards. */
void http_step_prepare(struct http_exchange *exchange, const struct http_app *app,
                       const struct http_limits *limits);

/* ---- Figures (metrics.c); metrics may be NULL ---- */

enum http_gauge {
    HTTP_GAUGE_CONNECTIONS,
    HTTP_GAUGE_REQUESTS,
    HTTP_GAUGE_UPLOADS,
    HTTP_GAUGE_COUNT
};
enum http_cut { HTTP_CUT_HEAD, HTTP_CUT_BODY, HTTP_CUT_REPLY, HTTP_CUT_GONE, HTTP_CUT_COUNT };

void http_metrics_gauge(struct http_metrics *metrics, enum http_gauge gauge, int change);
void http_metrics_queued(struct http_metrics *metrics, enum http_lane lane, int change);
void http_metrics_running(struct http_metrics *metrics, enum http_lane lane, int change);
void http_metrics_waited(struct http_metrics *metrics, enum http_lane lane, int64_t us);
void http_metrics_refused(struct http_metrics *metrics, enum http_refusal refusal);
void http_metrics_cut(struct http_metrics *metrics, enum http_cut cut);
void http_metrics_turned_away(struct http_metrics *metrics);
/* One request is over. `status` 0: the connection ended before an answer. */
void http_metrics_request(struct http_metrics *metrics, const struct http_exchange *exchange,
                          int64_t us, uint64_t bytes_in, uint64_t bytes_out);

/* Monotonic microseconds. */
int64_t http_now_us(void);

#endif
