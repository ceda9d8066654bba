/* Exchanges without a socket: reading, negotiating, answering, and all steps in process. */
#include "http/internal.h"
#include "lib/check.h"

#include <fcntl.h>
#include <unistd.h>

static struct http_limits limits;

static void header(struct http_exchange *exchange, const char *name, const char *value)
{
    http_exchange_header(exchange, str_of(name), str_of(value));
}

static void begin(struct http_exchange *exchange, const char *method, const char *target)
{
    http_exchange_init(exchange, &limits);
    CHECK_NAMED(http_exchange_target(exchange, str_of(method), str_of(target)), target);
}

/* ---- Reading ---- */

static void targets(void)
{
    static const struct {
        const char *target, *path, *query;
    } good[] = {
        {"/", "/", ""},
        {"/a/b?c=d?e", "/a/b", "c=d?e"},
        {"/a?", "/a", ""},
        {"/%2e%2E/%00", "/%2e%2E/%00", ""},
        {"http://example.org", "/", ""},
        {"HTTPS://example.org:8443/x?y", "/x", "y"},
    };
    static const char *const bad[] = {"",           "a",    "*",     "http://",   "http:///x",
                                      "http://h?x", "/ ",   "/\x7f", "/\xc3\xa9", "/%",
                                      "/%1",        "/%zz", "/a#b",  "//\t",      "https:/x"};
    struct http_exchange exchange;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        begin(&exchange, "GET", good[i].target);
        CHECK_NAMED(str_is(exchange.path, good[i].path) && str_is(exchange.query, good[i].query),
                    good[i].target);
        http_exchange_release(&exchange);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        http_exchange_init(&exchange, &limits);
        CHECK_NAMED(!http_exchange_target(&exchange, STR("GET"), str_of(bad[i])), "a bad target");
        http_exchange_release(&exchange);
    }
    http_exchange_init(&exchange, &limits);
    CHECK(!http_exchange_target(&exchange, STR("get"), STR("/")));
    CHECK(http_exchange_target(&exchange, STR("HEAD"), STR("/")));
    CHECK(exchange.method == HTTP_GET && exchange.head_only);
    http_exchange_release(&exchange);
}

static void headers_and_cookies(void)
{
    struct http_exchange exchange;
    begin(&exchange, "GET", "/");
    CHECK(http_header(&exchange, "x").p == NULL);
    CHECK(http_cookie(&exchange, "x").p == NULL);
    header(&exchange, "X-One", "  1\t");
    header(&exchange, "x-one", "2");
    header(&exchange, "Cookie", "a=1; __Host-s=\"v=w\" ;b; =c; empty=");
    header(&exchange, "Cookie", "late=yes; a=2");
    CHECK(str_is(http_header(&exchange, "X-ONE"), "1"));
    CHECK_INT(http_header_count(&exchange, "x-One"), 2);
    CHECK(str_is(http_cookie(&exchange, "a"), "1"));
    CHECK(str_is(http_cookie(&exchange, "__Host-s"), "v=w"));
    CHECK(str_is(http_cookie(&exchange, "late"), "yes"));
    CHECK(http_cookie(&exchange, "empty").p != NULL && http_cookie(&exchange, "empty").n == 0);
    CHECK(http_cookie(&exchange, "b").p == NULL);
    CHECK(http_cookie(&exchange, "A").p == NULL);
    http_exchange_release(&exchange);
}

static void media_types(void)
{
    static const char *const cases[][2] = {
        {"application/json", "application/json"},
        {"Text/HTML ; charset=x", "text/html"},
        {"multipart/form-data;boundary=b", "multipart/form-data"},
        {"", ""},
        {"json", ""},
        {"/json", ""},
        {"a/", ""},
        {"a/b/c", ""},
        {"a /b", ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct http_exchange exchange;
        begin(&exchange, "POST", "/");
        header(&exchange, "Content-Type", cases[i][0]);
        CHECK_TEXT_NAMED(http_content_type(&exchange), cases[i][1], "media type");
        http_exchange_release(&exchange);
    }
}

static void accepting(void)
{
    static const struct {
        const char *accept, *type;
        int quality;
        bool explicitly;
    } cases[] = {
        {"text/csv", "text/csv", 1000, true},
        {"TEXT/CSV;q=0.5", "text/csv", 500, true},
        {"text/csv;q=0.123 , */*", "text/csv", 123, true},
        {"*/*", "text/csv", 1000, false},
        {"text/*;q=0.3, */*;q=0.1", "text/csv", 300, true},
        {"text/*;q=0.3, */*;q=0.1", "application/json", 100, false},
        {"text/csv;q=0, */*", "text/csv", 0, false},
        {"text/csv;q=2", "text/csv", 0, false},
        {"text/csv;q=0.1234", "text/csv", 0, false},
        {"text/csv;q=x, text/*", "text/csv", 1000, true},
        {"text/csv; header=present; q=0.7", "text/csv", 700, true},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html", 1000,
         true},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/csv", 800, false},
        {"text/csv;q=0.5, text/csv;q=0.1", "text/csv", 500, true},
        {"texts/*", "text/csv", 0, false},
        {"", "text/csv", 0, false},
        {",,;,=", "text/csv", 0, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct http_exchange exchange;
        begin(&exchange, "GET", "/");
        header(&exchange, "Accept", cases[i].accept);
        CHECK_INT_NAMED(http_accepts(&exchange, cases[i].type), cases[i].quality, cases[i].accept);
        CHECK_NAMED(http_accepts_explicitly(&exchange, cases[i].type) == cases[i].explicitly,
                    cases[i].accept);
        http_exchange_release(&exchange);
    }
    struct http_exchange exchange;
    begin(&exchange, "GET", "/");
    CHECK_INT(http_accepts(&exchange, "text/csv"), 1000);
    CHECK(!http_accepts_explicitly(&exchange, "text/csv"));
    CHECK(!http_accepts_coding(&exchange, "gzip"));
    http_exchange_release(&exchange);
}

static void entity_tags(void)
{
    static const struct {
        const char *list;
        bool weak, strong;
    } cases[] = {
        {"\"a\"", true, true},
        {"W/\"a\"", true, false},
        {"\"b\", \"a\"", true, true},
        {"\"b,\"a\"", false, false},
        {"\"b\",W/\"a\" ", true, false},
        {"*", true, true},
        {" * ", true, true},
        {"", false, false},
        {"a", false, false},
        {"\"a", false, false},
        {"\"ab\"", false, false},
        {"w/\"a\"", false, false},
        {"\"x, y\", \"a\"", true, true},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CHECK_NAMED(http_etag_listed(str_of(cases[i].list), STR("\"a\""), true) == cases[i].weak,
                    cases[i].list);
        CHECK_NAMED(http_etag_listed(str_of(cases[i].list), STR("\"a\""), false) == cases[i].strong,
                    cases[i].list);
    }
    CHECK(!http_etag_listed(STR("\"a\""), STR("W/\"a\""), false));
    CHECK(!http_etag_listed((struct str){NULL, 0}, STR("\"a\""), true));
}

static void decoding(void)
{
    struct arena arena;
    struct str text, query = STR("&a=1&&b=%20+&c&=d&e==f&"), name, value;
    arena_init(&arena, 1 << 16);
    CHECK(http_decode(&arena, STR("a%20b+%c3%A9"), false, &text) && str_is(text, "a b+\xc3\xa9"));
    CHECK(http_decode(&arena, STR("a%20b+c"), true, &text) && str_is(text, "a b c"));
    CHECK(http_decode(&arena, STR(""), true, &text) && text.n == 0);
    CHECK(!http_decode(&arena, STR("%"), false, &text));
    CHECK(!http_decode(&arena, STR("%2"), false, &text));
    CHECK(!http_decode(&arena, STR("%2x"), false, &text));
    CHECK(!http_decode(&arena, STR("%00"), false, &text));
    static const char *const pairs[][2] = {
        {"a", "1"}, {"b", "%20+"}, {"c", ""}, {"", "d"}, {"e", "=f"}};
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        CHECK(http_query_next(&query, &name, &value));
        CHECK_NAMED(str_is(name, pairs[i][0]) && str_is(value, pairs[i][1]), "a pair");
    }
    CHECK(!http_query_next(&query, &name, &value));
    arena_free(&arena);
    arena_init(&arena, 8);
    CHECK(!http_decode(&arena, STR("123456789012345678901234567890"), false, &text));
    arena_free(&arena);
}

static void networks(void)
{
    static const struct {
        const char *network, *address;
        bool holds;
    } cases[] = {
        {"10.0.0.0/8", "10.255.1.2", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"192.168.1.128/25", "192.168.1.129", true},
        {"192.168.1.128/25", "192.168.1.127", false},
        {"::1", "::1", true},
        {"::1", "::2", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"0.0.0.0/0", "203.0.113.4", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "203.0.113.4", true},
        {"127.0.0.1", "::ffff:127.0.0.1", true},
    };
    static const char *const bad[] = {"",         "x",          "1.2.3",    "1.2.3.4/33",
                                      "1.2.3.4/", "1.2.3.4/-1", "::1/129",  "1.2.3.4/1000",
                                      "/8",       "1.2.3.4/8x", "01.2.3.4 "};
    struct http_network network;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        CHECK_NAMED(http_network_parse(str_of(cases[i].network), &network), cases[i].network);
        CHECK_NAMED(http_is_trusted(&network, 1, str_of(cases[i].address)) == cases[i].holds,
                    cases[i].address);
    }
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        CHECK_NAMED(!http_network_parse(str_of(bad[i]), &network), "not a network");
}

/* ---- Answering ---- */

static const char *answered(const struct http_exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->reply.n_headers; i++)
        if (strcmp(exchange->reply.headers[i].name, name) == 0)
            return exchange->reply.headers[i].value;
    return NULL;
}

static void replies(void)
{
    struct http_exchange exchange;
    char value[HTTP_REPLY_TEXT_MAX + 1];
    begin(&exchange, "GET", "/");
    writer_text(http_reply_begin(&exchange, 200), "first");
    http_reply_header(&exchange, "ETag", "\"1\"");
    http_reply_headerf(&exchange, "etag", "\"%d\"", 2);
    http_reply_header(&exchange, "Set-Cookie", "a=1");
    http_reply_header(&exchange, "Set-Cookie", "b=2");
    CHECK_INT(exchange.reply.n_headers, 3);
    CHECK_TEXT(answered(&exchange, "etag"), "\"2\"");
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    http_reply_file(&exchange, fd, 10);
    CHECK_INT(http_reply_size(&exchange.reply), 10);
    writer_text(http_reply_begin(&exchange, 500), "second");
    CHECK(fcntl(fd, F_GETFD) == -1);
    CHECK_INT(exchange.reply.n_headers, 0);
    CHECK_TEXT(exchange.reply.body.data, "second");
    http_reply_header(&exchange, "X", "a\nb");
    CHECK(exchange.reply.failed);
    http_reply_begin(&exchange, 200);
    CHECK(!exchange.reply.failed);
    memset(value, 'x', sizeof value - 1);
    value[sizeof value - 1] = 0;
    http_reply_header(&exchange, "X", value);
    CHECK(exchange.reply.failed);
    http_exchange_release(&exchange);
}

/* ---- All steps ---- */

struct script {
    int body_limit, queue, refusals[HTTP_REFUSAL_COUNT];
    bool authorise, unauthorised, silent, wordless, fill;
    int prepared, executed, authorised;
};

static void on_head(void *data, struct http_exchange *exchange)
{
    struct script *script = data;
    exchange->body_limit = script->body_limit;
    exchange->authorise_first = script->authorise;
    exchange->accepts_multipart = true;
}

static void on_authorise(void *data, void *worker, struct http_exchange *const exchanges[],
                         size_t n)
{
    struct script *script = data;
    (void)worker;
    script->authorised += (int)n;
    if (script->unauthorised)
        http_reply_begin(exchanges[0], 401);
}

static void on_prepare(void *data, struct http_exchange *exchange)
{
    struct script *script = data;
    script->prepared++;
    if (script->queue > 0)
        http_queue(exchange, HTTP_LANE_WRITER, 7);
    else if (!script->silent)
        writer_format(http_reply_begin(exchange, 200), "%zu parts", exchange->n_parts);
}

static void on_execute(void *data, void *worker, struct http_exchange *const exchanges[], size_t n)
{
    struct script *script = data;
    CHECK(worker == script && n == 1);
    script->executed++;
    if (script->executed < script->queue)
        http_queue(exchanges[0], HTTP_LANE_READER, 0);
    else
        http_reply_begin(exchanges[0], 204);
    for (int i = 0; script->fill && i < HTTP_REPLY_HEADERS_MAX; i++)
        http_reply_header(exchanges[0], "Set-Cookie", "x=y");
}

static void on_refuse(void *data, struct http_exchange *exchange, enum http_refusal refusal)
{
    struct script *script = data;
    script->refusals[refusal]++;
    if (script->wordless)
        http_reply_header(exchange, "X", "\n");
    else
        writer_text(&exchange->reply.body, arena_strdup(&exchange->arena, "refused"));
}

static void *on_open(void *data, enum http_lane lane, unsigned index)
{
    (void)lane, (void)index;
    return data;
}

static void on_close(void *data, void *worker)
{
    (void)data, (void)worker;
}

static void run(struct script *script, struct http_exchange *exchange, struct str body)
{
    const struct http_app app = {.data = script,
                                 .head = on_head,
                                 .authorise = on_authorise,
                                 .prepare = on_prepare,
                                 .execute = on_execute,
                                 .refuse = on_refuse,
                                 .worker_open = on_open,
                                 .worker_close = on_close};
    http_exchange_run(exchange, &app, &limits, NULL, script, body);
}

static void steps(void)
{
    static char large[HTTP_BODY_MEMORY_MAX + 1];
    struct http_exchange exchange;
    struct script script = {.body_limit = 1000};
    begin(&exchange, "POST", "/");
    run(&script, &exchange, STR("body"));
    CHECK_INT(exchange.reply.status, 200);
    CHECK_INT(exchange.declared_length, 4);
    CHECK_TEXT(answered(&exchange, "Cache-Control"), "no-store");
    CHECK_TEXT(answered(&exchange, "X-Request-Id"), exchange.request_id);
    http_exchange_release(&exchange);

    script = (struct script){.queue = 3};
    begin(&exchange, "GET", "/");
    run(&script, &exchange, STR(""));
    CHECK(exchange.reply.status == 204 && script.executed == 3 && script.prepared == 1);
    CHECK(exchange.lane == HTTP_LANE_READER);
    http_exchange_release(&exchange);

    script = (struct script){.body_limit = 3};
    begin(&exchange, "POST", "/");
    run(&script, &exchange, STR("body"));
    CHECK(exchange.reply.status == 413 && script.prepared == 0 &&
          script.refusals[HTTP_REFUSAL_TOO_LARGE] == 1);
    CHECK_INT(exchange.refusal, HTTP_REFUSAL_TOO_LARGE);
    http_exchange_release(&exchange);

    for (int size = HTTP_BODY_MEMORY_MAX; size <= HTTP_BODY_MEMORY_MAX + 1; size++) {
        script = (struct script){.body_limit = 1 << 20, .authorise = true, .unauthorised = true};
        begin(&exchange, "POST", "/");
        run(&script, &exchange, (struct str){large, (size_t)size});
        CHECK_INT(exchange.reply.status, size > HTTP_BODY_MEMORY_MAX ? 401 : 200);
        CHECK_INT(script.authorised, size > HTTP_BODY_MEMORY_MAX ? 1 : 0);
        http_exchange_release(&exchange);
    }
}

static void steps_with_multipart(void)
{
    struct http_exchange exchange;
    struct script script = {.body_limit = 1000};
    begin(&exchange, "POST", "/");
    header(&exchange, "Content-Type", "multipart/form-data; boundary=b");
    run(&script, &exchange, STR("--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--"));
    CHECK_TEXT(exchange.reply.body.data, "1 parts");
    CHECK(str_is(http_part(&exchange, "a")->bytes, "x"));
    CHECK(http_part(&exchange, "b") == NULL);
    http_exchange_release(&exchange);
    begin(&exchange, "POST", "/");
    header(&exchange, "Content-Type", "multipart/form-data; boundary=b");
    run(&script, &exchange, STR("--c"));
    CHECK_INT(exchange.reply.status, 400);
    CHECK_TEXT(exchange.refusal_detail, "a part of the multipart body is malformed");
    http_exchange_release(&exchange);
}

static void answers_of_last_resort(void)
{
    struct http_exchange exchange;
    struct script script = {.silent = true};
    begin(&exchange, "GET", "/");
    run(&script, &exchange, STR(""));
    CHECK(exchange.reply.status == 500 && script.refusals[HTTP_REFUSAL_INTERNAL] == 1);
    CHECK_TEXT(exchange.reply.body.data, "refused");
    http_exchange_release(&exchange);

    script.wordless = true;
    begin(&exchange, "GET", "/");
    run(&script, &exchange, STR(""));
    CHECK_INT(exchange.reply.status, 500);
    CHECK(str_is(exchange.reply.constant, "internal error"));
    CHECK_TEXT(answered(&exchange, "X-Content-Type-Options"), "nosniff");
    http_exchange_release(&exchange);

    script = (struct script){.queue = 1, .fill = true};
    begin(&exchange, "GET", "/");
    run(&script, &exchange, STR(""));
    CHECK_INT(exchange.reply.status, 500);
    CHECK(answered(&exchange, "Set-Cookie") == NULL);
    CHECK_TEXT(answered(&exchange, "X-Content-Type-Options"), "nosniff");
    http_exchange_release(&exchange);

    script = (struct script){.silent = true};
    begin(&exchange, "GET", "/");
    while (arena_alloc(&exchange.arena, 1000) != NULL)
        ;
    run(&script, &exchange, STR(""));
    CHECK_TEXT(exchange.reply.body.data, "refused");
    http_exchange_release(&exchange);
}

/* ---- Tables ---- */

static void limits_table(void)
{
    struct http_limits changed = limits;
    struct writer writer;
    CHECK(http_limits_fault(&limits) == NULL);
    CHECK(http_limits_set(&changed, STR("writer-queue"), 5) && changed.writer_queue == 5);
    CHECK(http_limits_set(&changed, STR("writer_queue"), 65536));
    CHECK(!http_limits_set(&changed, STR("writer_queue"), 65537) && changed.writer_queue == 65536);
    CHECK(!http_limits_set(&changed, STR("writer_queue"), 0));
    CHECK(!http_limits_set(&changed, STR("writer"), 5));
    CHECK(!http_limits_set(&changed, STR(""), 5));
    changed.readers = 0;
    CHECK_TEXT(http_limits_fault(&changed), "readers");
    writer_init(&writer, 1 << 16);
    http_limits_describe(&writer);
    CHECK(!writer.failed && strstr(writer.data, "| `idle_ms` | 30000 | 100 to 600000 | ") != NULL);
    static char page[1 << 16];
    FILE *file = fopen("docs/limits.md", "rb");
    size_t n = file == NULL ? 0 : fread(page, 1, sizeof page - 1, file);
    page[n] = 0;
    const char *printed = strstr(page, "| Limit |");
    CHECK_NAMED(printed != NULL && strcmp(printed, writer.data) == 0,
                "docs/limits.md is the table of limits.h");
    if (file != NULL)
        fclose(file);
    writer_release(&writer);
    for (int i = 0; i < HTTP_REFUSAL_COUNT; i++)
        CHECK(http_refusal_status((enum http_refusal)i) >= 400 &&
              http_refusal_text((enum http_refusal)i) != NULL);
}

static void figures(void)
{
    static const char template[] = "/members/{id}";
    struct http_metrics *metrics = http_metrics_new();
    struct http_exchange exchange;
    struct writer writer;
    char copy[sizeof template];
    memcpy(copy, template, sizeof template);
    begin(&exchange, "POST", "/");
    exchange.reply.status = 201;
    exchange.route = template;
    http_metrics_request(metrics, &exchange, 1500, 10, 20);
    exchange.route = copy; /* another address, the same text: one series */
    exchange.reply.status = 404;
    http_metrics_request(metrics, &exchange, 20000000, 1, 2);
    exchange.method = HTTP_GET;
    http_metrics_request(metrics, &exchange, 1, 0, 0);
    http_metrics_refused(metrics, HTTP_REFUSAL_BUSY);
    http_metrics_request(NULL, &exchange, 1, 0, 0);
    writer_init(&writer, 1 << 20);
    http_metrics_write(metrics, &writer);
    static const char *const lines[] = {
        "grenier_http_requests_total{route=\"/members/{id}\",method=\"POST\",status=\"2xx\"} 1\n",
        "grenier_http_requests_total{route=\"/members/{id}\",method=\"POST\",status=\"4xx\"} 1\n",
        "grenier_http_requests_total{route=\"/members/{id}\",method=\"GET\",status=\"4xx\"} 1\n",
        "_duration_seconds_bucket{route=\"/members/{id}\",method=\"POST\",le=\"0.001000\"} 0\n",
        "_duration_seconds_bucket{route=\"/members/{id}\",method=\"POST\",le=\"0.002500\"} 1\n",
        "_duration_seconds_bucket{route=\"/members/{id}\",method=\"POST\",le=\"+Inf\"} 2\n",
        "_duration_seconds_sum{route=\"/members/{id}\",method=\"POST\"} 20.001500\n",
        "grenier_http_refusals_total{reason=\"too busy\"} 1\n",
        "grenier_http_received_bytes_total 11\n",
        "grenier_http_sent_bytes_total 22\n",
    };
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        const char *found = strstr(writer.data, lines[i]);
        CHECK_NAMED(found != NULL && strstr(found + 1, lines[i]) == NULL, "a line of the figures");
    }
    writer_release(&writer);
    http_metrics_free(metrics);
    http_exchange_release(&exchange);
}

int main(void)
{
    limits = http_limits_default();
    targets();
    headers_and_cookies();
    media_types();
    accepting();
    entity_tags();
    decoding();
    networks();
    replies();
    steps();
    steps_with_multipart();
    answers_of_last_resort();
    limits_table();
    figures();
    return check_done();
}
