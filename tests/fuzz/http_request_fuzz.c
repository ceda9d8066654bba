/* A request without a socket: "METHOD target", header lines "name:value", an empty line, the body.
 * It goes through all steps with an application that reads whatever there is to read; the answer is
 * whole and its headers are clean. */
#include "fuzz/fuzz.h"
#include "http/internal.h"

#define PAGE "<!doctype html>"

static const struct http_asset assets[] = {
    {"/index.html", "text/html", {PAGE, sizeof PAGE - 1}, {NULL, 0}, "\"p\"", false},
    {"/assets/a.js", "text/javascript", {PAGE, sizeof PAGE - 1}, {"gz", 2}, "\"a\"", true},
};

static void on_head(void *data, struct http_exchange *exchange)
{
    (void)data;
    exchange->body_limit = 1 << 20;
    exchange->authorise_first = true;
    exchange->accepts_multipart = true;
}

static void on_authorise(void *data, void *worker, struct http_exchange *const exchanges[],
                         size_t n)
{
    (void)data, (void)worker, (void)exchanges;
    ASSERT(n == 1);
}

static void read_query(struct http_exchange *exchange)
{
    struct str rest = exchange->query, name, value, decoded;
    while (http_query_next(&rest, &name, &value)) {
        ASSERT(name.n + value.n <= exchange->query.n);
        if (http_decode(&exchange->arena, value, true, &decoded))
            ASSERT(decoded.n <= value.n &&
                   memchr(decoded.p, 0, decoded.n + 1) == decoded.p + decoded.n);
    }
}

static void on_prepare(void *data, struct http_exchange *exchange)
{
    static const struct http_network everybody = {.bits = 0};
    (void)data;
    read_query(exchange);
    ASSERT(exchange->path.n > 0 && exchange->path.p[0] == '/');
    int quality = http_accepts(exchange, "text/csv");
    ASSERT(quality >= 0 && quality <= 1000);
    struct str cookie = http_cookie(exchange, "sid");
    ASSERT(cookie.p != NULL || cookie.n == 0);
    const char *type = http_content_type(exchange);
    ASSERT(strpbrk(type, " \t;,") == NULL);
    http_client_find(exchange, &everybody, 1, "192.0.2.1");
    struct http_network network;
    ASSERT(http_network_parse(str_of(exchange->address), &network));
    http_queue(exchange, HTTP_LANE_READER, http_key(exchange->path));
}

static void on_execute(void *data, void *worker, struct http_exchange *const exchanges[], size_t n)
{
    struct http_exchange *exchange = exchanges[0];
    (void)data, (void)worker, (void)n;
    writer_format(http_reply_begin(exchange, 200), "%zu", exchange->body.n);
    http_reply_headerf(exchange, "X-Echo", "%.*s", (int)exchange->query.n, exchange->query.p);
    http_reply_headerf(exchange, "X-Type", "%s", http_content_type(exchange));
    struct str match = http_header(exchange, "If-None-Match");
    if (http_etag_listed(match, STR("\"x\""), true))
        http_reply_begin(exchange, 304);
}

static void on_refuse(void *data, struct http_exchange *exchange, enum http_refusal refusal)
{
    (void)data;
    writer_text(&exchange->reply.body, http_refusal_text(refusal));
}

static struct str next_line(struct str *rest)
{
    struct str line = http_take(rest, '\n');
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct http_app app = {.head = on_head,
                                 .authorise = on_authorise,
                                 .prepare = on_prepare,
                                 .execute = on_execute,
                                 .refuse = on_refuse};
    const struct http_limits limits = http_limits_default();
    struct http_assets *files = http_assets_new(assets, ARRAY_SIZE(assets));
    struct http_exchange exchange;
    struct str rest = {(const char *)data, size};
    struct str line = next_line(&rest), method = http_take(&line, ' ');

    http_exchange_init(&exchange, &limits);
    if (http_exchange_target(&exchange, method, line)) {
        for (int i = 0; i < 100 && (line = next_line(&rest)).n > 0; i++) {
            struct str name = http_take(&line, ':');
            http_exchange_header(&exchange, name, line);
        }
        http_exchange_run(&exchange, &app, &limits, files, NULL, rest);
        ASSERT(exchange.step == HTTP_STEP_REPLY && !exchange.reply.failed);
        ASSERT(exchange.reply.status >= 200 && exchange.reply.status <= 599);
        for (size_t i = 0; i < exchange.reply.n_headers; i++)
            ASSERT(strpbrk(exchange.reply.headers[i].value, "\r\n") == NULL);
    }
    http_exchange_release(&exchange);
    http_assets_free(files);
    return 0;
}
