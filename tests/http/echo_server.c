/* A small application on the real server, for tests/http: it has no database, but lanes, waits,
 * refusals, files and assets. `http_echo [--port N] [--limit name=value]... [--trusted NETWORK]...
 * [--temporary DIR]`; prints the port, then serves until SIGTERM or SIGINT. */
#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "http/http.h"

#include <inttypes.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { UPLOAD_LIMIT = 4 << 20, BODY_LIMIT = 1 << 20, FILE_LIMIT = 256 << 20 };

struct echo {
    struct http_metrics *metrics;
    const char *temporary;
    _Atomic int allocated, executed, workers;
    sem_t held; /* /api/hold waits for it, /api/free gives it */
};

/* What `head` decided; outside the arena on purpose, so that a missing `release` is a leak the
 * sanitizer sees. */
struct request {
    char what[32];
    int hops;
};

struct worker_name {
    enum http_lane lane;
    unsigned index;
};

static const struct route {
    const char *path, *template;
    int64_t body_limit;
    enum http_method method;
    bool authorise, multipart;
} routes[] = {
    {"/api/echo", "/api/echo", 0, HTTP_GET, false, false},
    {"/api/echo", "/api/echo", BODY_LIMIT, HTTP_POST, true, false},
    {"/api/open", "/api/open", BODY_LIMIT, HTTP_POST, false, false},
    {"/api/upload", "/api/upload", UPLOAD_LIMIT, HTTP_POST, true, true},
    {"/api/sleep", "/api/sleep", 0, HTTP_GET, false, false},
    {"/api/sleep", "/api/sleep", BODY_LIMIT, HTTP_POST, false, false},
    {"/api/hold", "/api/hold", 0, HTTP_GET, false, false},
    {"/api/free", "/api/free", 0, HTTP_GET, false, false},
    {"/api/hop", "/api/hop", 0, HTTP_GET, false, false},
    {"/api/big", "/api/big", 0, HTTP_GET, false, false},
    {"/api/file", "/api/file", 0, HTTP_GET, false, false},
    {"/api/nothing", "/api/nothing", 0, HTTP_GET, false, false},
    {"/api/split", "/api/split", 0, HTTP_GET, false, false},
    {"/api/greedy", "/api/greedy", 0, HTTP_GET, false, false},
    {"/api/now", "/api/now", 0, HTTP_GET, false, false},
    {"/metrics", "/metrics", 0, HTTP_GET, false, false},
};

static int64_t number(const struct http_exchange *exchange, const char *name, int64_t initial)
{
    struct str query = exchange->query, found, value;
    int64_t result;
    while (http_query_next(&query, &found, &value))
        if (str_is(found, name) && text_to_int(value, 0, INT64_MAX / 2, &result))
            return result;
    return initial;
}

static struct str word(const struct http_exchange *exchange, const char *name)
{
    struct str query = exchange->query, found, value;
    while (http_query_next(&query, &found, &value))
        if (str_is(found, name))
            return value;
    return STR("");
}

/* ---- Callbacks ---- */

static void on_head(void *data, struct http_exchange *exchange)
{
    struct echo *echo = data;
    bool known = false;
    for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
        if (!str_is(exchange->path, routes[i].path))
            continue;
        known = true;
        if (routes[i].method != exchange->method)
            continue;
        struct request *request = calloc(1, sizeof *request);
        ASSERT(request != NULL);
        snprintf(request->what, sizeof request->what, "%s", routes[i].path);
        atomic_fetch_add(&echo->allocated, 1);
        exchange->app_request = request;
        exchange->route = routes[i].template;
        exchange->body_limit = routes[i].body_limit;
        exchange->authorise_first = routes[i].authorise;
        exchange->accepts_multipart = routes[i].multipart;
        exchange->deadline_ms = number(exchange, "deadline", exchange->deadline_ms);
        return;
    }
    struct writer *out = http_reply_begin(exchange, known ? 405 : 404);
    http_reply_header(exchange, "Content-Type", "text/plain");
    writer_text(out, known ? "method" : "nothing here");
}

static void on_authorise(void *data, void *worker, struct http_exchange *const exchanges[],
                         size_t n)
{
    (void)data, (void)worker;
    for (size_t i = 0; i < n; i++) {
        ASSERT(exchanges[i]->body.n == 0);
        if (http_header(exchanges[i], "X-Intruder").p == NULL)
            continue;
        writer_text(http_reply_begin(exchanges[i], 401), "who are you?");
        http_reply_header(exchanges[i], "Content-Type", "text/plain");
    }
}

static void on_prepare(void *data, struct http_exchange *exchange)
{
    struct echo *echo = data;
    const struct request *request = exchange->app_request;
    struct str lane = word(exchange, "lane");
    if (strcmp(request->what, "/api/now") == 0) {
        writer_text(http_reply_begin(exchange, 200), "now");
    } else if (strcmp(request->what, "/api/free") == 0) {
        sem_post(&echo->held);
        http_reply_begin(exchange, 204);
    } else if (strcmp(request->what, "/metrics") == 0) {
        struct rusage usage;
        struct writer *out = http_reply_begin(exchange, 200);
        http_reply_header(exchange, "Content-Type", "text/plain; version=0.0.4");
        http_metrics_write(echo->metrics, out);
        writer_format(out, "echo_requests_allocated %d\necho_executed %d\n",
                      atomic_load(&echo->allocated), atomic_load(&echo->executed));
        ASSERT(getrusage(RUSAGE_SELF, &usage) == 0);
        int64_t seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
        writer_format(out, "echo_cpu_us %" PRId64 "\n",
                      seconds * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    } else {
        http_queue(exchange,
                   str_is(lane, "writer")     ? HTTP_LANE_WRITER
                   : str_is(lane, "export")   ? HTTP_LANE_EXPORT
                   : str_is(lane, "password") ? HTTP_LANE_PASSWORD
                                              : HTTP_LANE_READER,
                   http_key(word(exchange, "key")));
    }
}

static void json_pair(struct writer *out, const char *name, struct str value)
{
    writer_format(out, ",\"%s\":", name);
    writer_json_string(out, text_is_utf8(value) ? value : STR("(not UTF-8)"));
}

static void digest(struct writer *out, const char *name, struct str bytes)
{
    unsigned char sha[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    crypto_sha256(bytes.p, bytes.n, sha);
    crypto_hex(sha, sizeof sha, hex);
    json_pair(out, name, str_of(hex));
}

static void echo_request(struct http_exchange *exchange)
{
    struct writer *out = http_reply_begin(exchange, 200);
    http_reply_header(exchange, "Content-Type", "application/json");
    writer_format(out, "{\"secure\":%s,\"declared\":%" PRId64 ",\"length\":%zu",
                  exchange->is_secure ? "true" : "false", exchange->declared_length,
                  exchange->body.n);
    json_pair(out, "method", str_of(http_method_name(exchange->method)));
    json_pair(out, "path", exchange->path);
    json_pair(out, "query", exchange->query);
    json_pair(out, "address", str_of(exchange->address));
    json_pair(out, "type", str_of(http_content_type(exchange)));
    json_pair(out, "cookie", http_cookie(exchange, "sid"));
    digest(out, "sha256", exchange->body);
    writer_text(out, ",\"headers\":{\"\":\"\"");
    for (size_t i = 0; i < exchange->n_headers; i++) {
        writer_char(out, ',');
        writer_json_string(out, exchange->headers[i].name);
        writer_char(out, ':');
        writer_json_string(out, exchange->headers[i].value);
    }
    writer_text(out, "},\"parts\":[");
    for (size_t i = 0; i < exchange->n_parts; i++) {
        const struct http_part *part = &exchange->parts[i];
        writer_format(out, "%s{\"length\":%zu", i > 0 ? "," : "", part->bytes.n);
        json_pair(out, "name", part->name);
        json_pair(out, "file_name", part->file_name);
        json_pair(out, "content_type", part->content_type);
        digest(out, "sha256", part->bytes);
        writer_char(out, '}');
    }
    writer_text(out, "]}");
}

static void sleep_ms(int64_t ms)
{
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
}

static void answer_file(const struct echo *echo, struct http_exchange *exchange)
{
    char block[65536];
    int64_t size = number(exchange, "size", 1000), done = 0;
    int fd = http_temporary_file(echo->temporary);
    ASSERT(fd >= 0 && size <= FILE_LIMIT);
    memset(block, 'f', sizeof block);
    while (done < size) {
        int64_t left = size - done;
        ssize_t n = write(fd, block, left < (int64_t)sizeof block ? (size_t)left : sizeof block);
        ASSERT(n > 0);
        done += n;
    }
    http_reply_begin(exchange, 200);
    http_reply_header(exchange, "Content-Type", "application/octet-stream");
    http_reply_file(exchange, fd, (uint64_t)size);
}

static void execute_one(struct echo *echo, const struct worker_name *worker,
                        struct http_exchange *exchange)
{
    struct request *request = exchange->app_request;
    const char *what = request->what;
    if (strcmp(what, "/api/sleep") == 0) {
        sleep_ms(number(exchange, "ms", 0));
        writer_format(http_reply_begin(exchange, 200), "%s-%u", http_lane_name(worker->lane),
                      worker->index);
    } else if (strcmp(what, "/api/hold") == 0) {
        while (sem_wait(&echo->held) != 0)
            ;
        http_reply_begin(exchange, 204);
    } else if (strcmp(what, "/api/hop") == 0) {
        static const enum http_lane way[] = {HTTP_LANE_PASSWORD, HTTP_LANE_WRITER,
                                             HTTP_LANE_EXPORT};
        if (request->hops < (int)ARRAY_SIZE(way))
            http_queue(exchange, way[request->hops++], 1);
        else
            writer_format(http_reply_begin(exchange, 200), "%s", http_lane_name(worker->lane));
    } else if (strcmp(what, "/api/big") == 0) {
        struct writer *out = http_reply_begin(exchange, 200);
        for (int64_t left = number(exchange, "size", 1000); left > 0; left -= 10)
            writer_bytes(out, "0123456789", left < 10 ? (size_t)left : 10);
    } else if (strcmp(what, "/api/file") == 0) {
        answer_file(echo, exchange);
    } else if (strcmp(what, "/api/split") == 0) {
        http_reply_begin(exchange, 200);
        http_reply_header(exchange, "X-Note", "one\r\nSet-Cookie: stolen=1");
    } else if (strcmp(what, "/api/greedy") == 0) {
        while (arena_alloc(&exchange->arena, 100000) != NULL)
            ;
    } else if (strcmp(what, "/api/nothing") != 0) {
        echo_request(exchange);
    }
}

static void on_execute(void *data, void *worker, struct http_exchange *const exchanges[], size_t n)
{
    struct echo *echo = data;
    for (size_t i = 0; i < n; i++) {
        atomic_fetch_add(&echo->executed, 1);
        execute_one(echo, worker, exchanges[i]);
    }
}

static void on_refuse(void *data, struct http_exchange *exchange, enum http_refusal refusal)
{
    (void)data;
    http_reply_header(exchange, "Content-Type", "application/problem+json");
    writer_text(&exchange->reply.body, "{\"title\":");
    writer_json_string(&exchange->reply.body, str_of(http_refusal_text(refusal)));
    if (exchange->refusal_detail != NULL)
        json_pair(&exchange->reply.body, "detail", str_of(exchange->refusal_detail));
    writer_char(&exchange->reply.body, '}');
}

static void on_release(void *data, struct http_exchange *exchange)
{
    struct echo *echo = data;
    atomic_fetch_sub(&echo->allocated, 1);
    free(exchange->app_request);
}

static void *on_worker_open(void *data, enum http_lane lane, unsigned index)
{
    struct echo *echo = data;
    struct worker_name *worker = malloc(sizeof *worker);
    ASSERT(worker != NULL);
    *worker = (struct worker_name){lane, index};
    atomic_fetch_add(&echo->workers, 1);
    return worker;
}

static void on_worker_close(void *data, void *worker)
{
    struct echo *echo = data;
    atomic_fetch_sub(&echo->workers, 1);
    free(worker);
}

/* ---- Assets ---- */

#define PAGE   "<!doctype html><title>echo</title>"
#define SCRIPT "console.log('echo')"

static const struct http_asset assets[] = {
    {"/index.html",
     "text/html; charset=utf-8",
     {PAGE, sizeof PAGE - 1},
     {NULL, 0},
     "\"p1\"",
     false},
    /* Not gzip really: the test looks which of the two was sent. */
    {"/assets/app-1.js",
     "text/javascript; charset=utf-8",
     {SCRIPT, sizeof SCRIPT - 1},
     {"GZ", 2},
     "\"s1\"",
     true},
};

/* ---- Program ---- */

static bool set_limit(struct http_limits *limits, const char *argument)
{
    const char *equals = strchr(argument, '=');
    int64_t n;
    if (equals == NULL)
        return false;
    struct str name = {argument, (size_t)(equals - argument)};
    return text_to_int(str_of(equals + 1), 0, INT64_MAX / 2, &n) &&
           http_limits_set(limits, name, n);
}

static bool read_options(int argc, char **argv, struct http_config *config, const char **trusted)
{
    int64_t port;
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *value = argv[i + 1];
        if (strcmp(argv[i], "--limit") == 0 && set_limit(&config->limits, value))
            continue;
        if (strcmp(argv[i], "--port") == 0 && text_to_int(str_of(value), 0, 65535, &port))
            config->port = (uint16_t)port;
        else if (strcmp(argv[i], "--trusted") == 0 && config->n_trusted_proxies < 8)
            trusted[config->n_trusted_proxies++] = value;
        else if (strcmp(argv[i], "--temporary") == 0)
            config->temporary_directory = value;
        else if (strcmp(argv[i], "--address") == 0)
            config->address = value;
        else
            return false;
    }
    return argc % 2 == 1;
}

int main(int argc, char **argv)
{
    const char *trusted[8];
    char error[HTTP_ERROR_MAX];
    sigset_t signals;
    int signal;
    struct echo echo = {.metrics = http_metrics_new()};
    struct http_config config = {.limits = http_limits_default(),
                                 .trusted_proxies = trusted,
                                 .assets = assets,
                                 .n_assets = ARRAY_SIZE(assets),
                                 .metrics = echo.metrics};
    const struct http_app app = {.data = &echo,
                                 .head = on_head,
                                 .authorise = on_authorise,
                                 .prepare = on_prepare,
                                 .execute = on_execute,
                                 .refuse = on_refuse,
                                 .release = on_release,
                                 .worker_open = on_worker_open,
                                 .worker_close = on_worker_close};
    if (!read_options(argc, argv, &config, trusted)) {
        fprintf(stderr, "http_echo: bad option\n");
        return 2;
    }
    echo.temporary = config.temporary_directory;
    ASSERT(sem_init(&echo.held, 0, 0) == 0);
    log_init(LOG_INFO);
    crypto_init();
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    struct http_server *server = http_server_start(&config, &app, error);
    if (server == NULL) {
        fprintf(stderr, "http_echo: %s\n", error);
        return 1;
    }
    printf("%u\n", http_server_port(server));
    fflush(stdout);
    sigwait(&signals, &signal);
    http_server_stop(server);
    ASSERT(atomic_load(&echo.allocated) == 0 && atomic_load(&echo.workers) == 0);
    http_metrics_free(echo.metrics);
    sem_destroy(&echo.held);
    printf("stopped\n");
    return 0;
}
