/* The API without a socket, for tests: one JSON request a line on standard input, one JSON reply a
 * line on standard output.
 *   {"method", "path", "headers": {name: value}, "body" or "body_base64"}
 *   {"status", "headers": {lower-case name: value}, "body" or "body_base64", "allocations"}
 * With "fail_allocation": n the nth allocation of the request fails, with "fail_onwards": true all
 * that follow too; "allocations" says how many there were.
 * Usage: dispatch CONNINFO [PUBLIC_ORIGIN]; the connection should act as grenier_server.
 * dispatch CONNINFO --fits: does every statement of the routes fit the database? */
#include "api/api.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "lib/failing.h"
#include <unistd.h>

/* fontconfig keeps what it read once for the life of the program */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

enum { LINE_MAX_BYTES = 128 * 1024 * 1024 };

static struct str body_of(struct arena *arena, const struct json *line)
{
    const struct json *plain = json_get(line, "body"), *encoded = json_get(line, "body_base64");
    if (plain != NULL && plain->type == JSON_STRING_)
        return plain->text;
    if (encoded == NULL)
        return (struct str){NULL, 0};
    unsigned char *bytes = arena_alloc(arena, encoded->text.n + 1);
    size_t size = 0;
    ASSERT(bytes != NULL && crypto_base64_decode(encoded->text, bytes, &size));
    return (struct str){(const char *)bytes, size};
}

static void write_base64(struct writer *out, struct str bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.n; i += 3) {
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (i + k < bytes.n ? (unsigned char)bytes.p[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            writer_char(out, i + k > bytes.n ? '=' : alphabet[group >> (18 - 6 * k) & 63]);
    }
}

static void write_reply(struct writer *out, const struct http_exchange *exchange, long allocations)
{
    const struct http_reply *reply = &exchange->reply;
    writer_format(out, "{\"status\":%d,\"headers\":{", reply->status);
    for (size_t i = 0; i < reply->n_headers; i++) {
        char name[64];
        size_t n = strlen(reply->headers[i].name);
        ASSERT(n < sizeof name);
        for (size_t k = 0; k <= n; k++) {
            char c = reply->headers[i].name[k];
            name[k] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        }
        writer_text(out, i == 0 ? "" : ",");
        writer_json_string(out, str_of(name));
        writer_char(out, ':');
        writer_json_string(out, str_of(reply->headers[i].value));
    }
    struct str body = reply->constant.p != NULL ? reply->constant
                                                : (struct str){reply->body.data, reply->body.size};
    char *file = NULL;
    if (reply->fd >= 0) {
        file = malloc(reply->fd_size + 1);
        ASSERT(file != NULL &&
               pread(reply->fd, file, reply->fd_size, 0) == (ssize_t)reply->fd_size);
        body = (struct str){file, reply->fd_size};
    }
    if (text_is_utf8(body)) {
        writer_text(out, "},\"body\":");
        writer_json_string(out, body);
    } else {
        writer_text(out, "},\"body_base64\":\"");
        write_base64(out, body);
        writer_char(out, '"');
    }
    writer_format(out, ",\"allocations\":%ld}\n", allocations);
    free(file);
}

static void answer(const struct http_app *app, void *worker, const struct http_limits *limits,
                   struct str text)
{
    struct arena arena;
    struct problem *problem = calloc(1, sizeof *problem);
    const struct json *line = NULL;
    ASSERT(problem != NULL);
    arena_init(&arena, (size_t)LINE_MAX_BYTES * 4);
    problem_init(problem, &arena);
    ASSERT(json_parse(&arena, text, &line, problem) == RC_OK);
    struct http_exchange *exchange = calloc(1, sizeof *exchange);
    ASSERT(exchange != NULL);
    const struct json *at = json_get(line, "fail_allocation"),
                      *onwards = json_get(line, "fail_onwards");
    struct str body = body_of(&arena, line);
    struct writer out;
    writer_init(&out, LINE_MAX_BYTES);
    failing_arm(at == NULL ? 0 : (long)at->integer, onwards != NULL && onwards->boolean);
    http_exchange_init(exchange, limits);
    if (!http_exchange_target(exchange, str_of(json_get_text(line, "method")),
                              str_of(json_get_text(line, "path")))) {
        long allocations = failing_disarm();
        writer_format(&out, "{\"status\":0,\"headers\":{},\"body\":\"\",\"allocations\":%ld}\n",
                      allocations);
    } else {
        const struct json *headers = json_get(line, "headers");
        for (const struct json *h = headers == NULL ? NULL : headers->first; h != NULL; h = h->next)
            http_exchange_header(exchange, str_of(h->name), h->text);
        http_exchange_run(exchange, app, limits, NULL, worker, body);
        long allocations = failing_disarm();
        write_reply(&out, exchange, allocations);
        if (exchange->app_request != NULL)
            app->release(app->data, exchange);
    }
    ASSERT(!out.failed && fwrite(out.data, 1, out.size, stdout) == out.size);
    fflush(stdout);
    writer_release(&out);
    http_exchange_release(exchange);
    free(exchange);
    free(problem);
    arena_free(&arena);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: dispatch CONNINFO [PUBLIC_ORIGIN | --fits]\n");
        return 2;
    }
    crypto_init();
    log_init(LOG_INFO);
    const struct api_config config = {.conninfo = argv[1],
                                      .public_origin = argc > 2 ? argv[2] : NULL,
                                      .schema_version = argc > 3 ? argv[3][0] - '0' : 4};
    struct api *api = api_new(&config);
    if (argc == 3 && strcmp(argv[2], "--fits") == 0) {
        bool fits = api_fits_schema(api);
        api_free(api);
        return fits ? 0 : 1;
    }
    const struct http_app app = api_application(api);
    const struct http_limits limits = http_limits_default();
    void *worker = app.worker_open(app.data, HTTP_LANE_WRITER, 0);
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t n; (n = getline(&line, &capacity, stdin)) > 0;)
        answer(&app, worker, &limits, (struct str){line, (size_t)n});
    free(line);
    app.worker_close(app.data, worker);
    api_free(api);
    return 0;
}
