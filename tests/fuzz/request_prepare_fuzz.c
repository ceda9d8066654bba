/* The API without its database: what a stranger sends reaches the route, the credentials, the
 * parsing of path, query and body (request_prepare), and the words of a refusal.
 *
 * Input: "METHOD target", header lines "name:value", an empty line, the body. A target that begins
 * with '@' names a route by two characters (base 64 and below) instead of its path, so that every
 * route is near; what follows is its query. A mutator of our own puts members and parameters of the
 * route's tables where they belong.
 *
 * What must hold: no caller without an answer, every answer a status that its description knows, a
 * record that was understood is canonical JSON, and the same canonical JSON is understood again as
 * the same. */
#include "api/kernel.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "fuzz/fuzz.h"
#include "http/internal.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);
int LLVMFuzzerInitialize(int *argc, char ***argv);

enum { DIGITS_MAX = 4, HEADERS_MAX = 100, PIECE_MAX = 256 };

static struct api *api;
static struct http_app app;

/* ---- what must hold of a request that was understood ---- */

/* Canonical JSON holds amounts as minor units and is for SQL; read as JSON it must be one object,
 * whose members are the table's. */
static void check_canonical(const char *text, const struct field *fields)
{
    static struct problem problem;
    const struct json *json = NULL;
    struct arena arena;

    arena_init(&arena, FUZZ_ARENA);
    problem_init(&problem, &arena);
    ASSERT(json_parse(&arena, str_of(text), &json, &problem) == RC_OK);
    ASSERT(json->type == JSON_OBJECT_);
    for (const struct json *member = json->first; member != NULL; member = member->next) {
        bool known = false;
        for (const struct field *field = fields; field != NULL && field->type != F_END; field++)
            known = known || strcmp(field->name, member->name) == 0;
        ASSERT(known);
    }
    arena_free(&arena);
}

static void check_faults(const struct kernel_request *kernel)
{
    const struct problem *problem = &kernel->input;

    for (size_t i = 0; i < problem->n_faults; i++) {
        fuzz_check_problem(kernel->request.arena, problem->faults[i].code, problem->faults[i].args);
        fuzz_check_text(problem->faults[i].pointer, false);
    }
}

static void check_prepared(const struct kernel_request *kernel)
{
    const struct request *request = &kernel->request;

    ASSERT(request->path_json != NULL && request->body_json != NULL);
    check_canonical(request->path_json, kernel->compiled->variables);
    check_canonical(request->body_json, request->route->in);
    ASSERT(request->route->tx != TX_WRITE || kernel->idempotency_hash != NULL);
    if (request->route->list != NULL)
        ASSERT(kernel->limit > 0 && request->route->list->sorts[kernel->sort].name != NULL);
    ASSERT(request->format != REPLY_PDF || request->route->flags & R_PDF);
}

/* In the place of the worker that authorises and asks the database. */
static void execute(void *data, void *worker, struct http_exchange *const exchanges[], size_t n)
{
    (void)data, (void)worker;
    for (size_t i = 0; i < n; i++) {
        struct kernel_request *kernel = exchanges[i]->app_request;
        struct str digits = http_header(exchanges[i], "X-Digits");

        if (digits.n == 1 && digits.p[0] >= '0' && digits.p[0] <= '0' + DIGITS_MAX)
            kernel->request.caller.digits = digits.p[0] - '0';
        request_prepare(kernel);
        check_faults(kernel);
        if (problem_check(&kernel->input) != RC_OK) {
            reply_problem(kernel, &kernel->input);
            ASSERT(exchanges[i]->reply.status >= 400);
        } else {
            check_prepared(kernel);
            http_reply_begin(exchanges[i], 204);
        }
    }
}

static void authorise(void *data, void *worker, struct http_exchange *const exchanges[], size_t n)
{
    (void)data, (void)worker, (void)exchanges, (void)n;
}

/* ---- the input ---- */

static struct str next_line(struct str *rest)
{
    struct str line = http_take(rest, '\n');

    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    return line;
}

static const struct compiled_route *route_of(struct str target)
{
    if (target.n < 3 || target.p[0] != '@')
        return NULL;
    size_t number = (size_t)(unsigned char)target.p[1] * 64 + (unsigned char)target.p[2];
    return &api->routes[number % api->n_routes];
}

/* The path of a route, its variables filled in, and the query of the input. */
static struct str target_of(struct arena *arena, const struct compiled_route *compiled,
                            struct str target)
{
    struct writer writer;

    writer_init(&writer, 1 << 20);
    for (size_t i = 0, v = 0; i < compiled->n_parts; i++) {
        bool variable = compiled->parts[i].p[0] == '{';
        writer_char(&writer, '/');
        if (!variable)
            writer_format(&writer, "%.*s", (int)compiled->parts[i].n, compiled->parts[i].p);
        else
            writer_text(&writer, compiled->variables[v].type == F_UUID
                                     ? "0197a3c0-0000-7000-8000-000000000000"
                                 : compiled->variables[v].type == F_SLUG ? "own"
                                                                         : "512");
        v += variable;
    }
    writer_format(&writer, "?%.*s", (int)target.n - 3, target.p + 3);
    struct str path = str_of(arena_copy(arena, (struct str){writer.data, writer.size}));
    writer_release(&writer);
    return path;
}

static void run(struct http_exchange *exchange, const struct http_limits *limits, struct str rest)
{
    struct str line;

    for (int i = 0; i < HEADERS_MAX && (line = next_line(&rest)).n > 0; i++) {
        struct str name = http_take(&line, ':');
        http_exchange_header(exchange, name, line);
    }
    http_exchange_run(exchange, &app, limits, NULL, NULL, rest);
    ASSERT(exchange->step == HTTP_STEP_REPLY && !exchange->reply.failed);
    ASSERT(exchange->reply.status >= 200 && exchange->reply.status <= 599);
    ASSERT(exchange->reply.status != 500);
    ASSERT(text_is_utf8((struct str){exchange->reply.body.data, exchange->reply.body.size}));
    if (exchange->app_request != NULL)
        app.release(app.data, exchange);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct http_limits limits = http_limits_default();
    struct http_exchange exchange;
    struct arena arena;
    struct str rest = {(const char *)data, size};
    struct str target = next_line(&rest), method = http_take(&target, ' ');
    const struct compiled_route *compiled = route_of(target);

    arena_init(&arena, FUZZ_ARENA);
    if (compiled != NULL) {
        method = str_of(http_method_name(compiled->route->method));
        target = target_of(&arena, compiled, target);
    }
    http_exchange_init(&exchange, &limits);
    if (http_exchange_target(&exchange, method, target)) {
        if (compiled != NULL) { /* what every request of a program has */
            http_exchange_header(&exchange, STR("Authorization"), STR("Bearer x"));
            http_exchange_header(&exchange, STR("Content-Type"),
                                 compiled->route->flags & R_MULTIPART
                                     ? STR("multipart/form-data; boundary=b")
                                     : STR("application/json"));
        }
        run(&exchange, &limits, rest);
    }
    http_exchange_release(&exchange);
    arena_free(&arena);
    return 0;
}

/* ---- the mutator ---- */

static const char *const values[] = {"null",
                                     "true",
                                     "[]",
                                     "{}",
                                     "0",
                                     "-1",
                                     "\"\"",
                                     "\"12.50\"",
                                     "\"-0.00\"",
                                     "\"9999999999999.99\"",
                                     "\"2024-02-29\"",
                                     "\"9999-12-31\"",
                                     "\"0197a3c0-0000-7000-8000-000000000000\"",
                                     "\"512\"",
                                     "[{}]",
                                     "[null]",
                                     "1e400",
                                     "\"\\u0000\"",
                                     "\"\\ud800\"",
                                     "\"FR7630006000011234567890189\"",
                                     "\"a@b.fr\"",
                                     "\"2024-01-01T00:00:00Z\"",
                                     "[\"0197a3c0-0000-7000-8000-000000000000\"]"};

static const struct field *field_of(const struct field *fields, unsigned number)
{
    size_t n = fields == NULL ? 0 : field_count(fields);

    return n == 0 ? NULL : &fields[number % n];
}

/* A member with its value, at any depth of the table. */
static int member(char piece[static PIECE_MAX], const struct field *fields, unsigned seed)
{
    const struct field *field = field_of(fields, seed);

    if (field == NULL)
        return 0;
    const char *value = values[seed / 7 % ARRAY_SIZE(values)];
    if (field->values != NULL && field->values[0] != NULL && seed % 3 != 0)
        return snprintf(piece, PIECE_MAX, "\"%s\":\"%s\",", field->name, field->values[0]);
    if (field->of != NULL && seed % 3 != 0) {
        char inner[PIECE_MAX];
        int n = member(inner, field->of, seed / 3);
        if (n > 0 && n < PIECE_MAX / 2)
            return snprintf(piece, PIECE_MAX,
                            field->type == F_LIST ? "\"%s\":[{%.*s}]," : "\"%s\":{%.*s},",
                            field->name, n - 1, inner);
    }
    return snprintf(piece, PIECE_MAX, "\"%s\":%s,", field->name, value);
}

static size_t insert(uint8_t *data, size_t size, size_t max_size, size_t at, const char *piece,
                     size_t n)
{
    if (n == 0 || size + n > max_size || at > size)
        return size;
    memmove(data + at + n, data + at, size - at);
    memcpy(data + at, piece, n);
    return size + n;
}

/* Half of the time libFuzzer's own mutation; else a member of the body, or a parameter of the
 * query. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    char piece[PIECE_MAX];
    struct str rest = {(const char *)data, size};
    struct str target = next_line(&rest);

    http_take(&target, ' ');
    const struct compiled_route *compiled = route_of(target);
    if (compiled == NULL || seed % 2 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    seed /= 2;
    const struct field *parameter = field_of(compiled->route->query, seed / 2);
    if (seed % 2 == 0 && parameter != NULL) {
        const char *value = parameter->values != NULL ? parameter->values[0] : "2024-02-29";
        int n = snprintf(piece, sizeof piece, "%s=%s&", parameter->name, value);
        return insert(data, size, max_size, (size_t)((const uint8_t *)target.p - data) + 3, piece,
                      (size_t)n);
    }
    const uint8_t *brace = memchr(data, '{', size);
    if (brace == NULL)
        return LLVMFuzzerMutate(data, size, max_size);
    int n = member(piece, compiled->route->in, seed / 2);
    bool alone = brace + 1 < data + size && brace[1] == '}';
    return insert(data, size, max_size, (size_t)(brace - data) + 1, piece,
                  (size_t)(n > 0 && alone ? n - 1 : n));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct api_config config = {.conninfo = "", .schema_version = 1};

    (void)argc, (void)argv;
    crypto_init();
    log_init(LOG_ERROR);
    api = api_new(&config);
    app = api_application(api);
    app.execute = execute;
    app.authorise = authorise;
    return 0;
}
