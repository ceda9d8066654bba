/* The three phases of a request: prepare (no waiting), authorise, execute. The server, the tests,
 * the fuzzers and the command line share them. */
#include "api/kernel.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include <unistd.h>

enum {
    BODY_MAX = 64 * 1024,
    UPLOAD_MAX = 20 * 1024 * 1024,
    MEMORY_MAX = 4 * 1024 * 1024,          /* of a request's arena */
    MEMORY_UPLOAD_MAX = 512 * 1024 * 1024, /* the same where a file is parsed */
    TRIES_MAX = 10,
    TRYING_MAX_S = 20, /* no further try so long after the first began: a stuck lock costs its
                          waiters 10 s each */
    BACKOFF_MS = 5,
    PAIRS_MAX = 40,
    KEY_MAX = 200
};

#define COOKIE "__Host-grenier"

static const struct db_statement record_read = {"record_read", "SELECT api.record_read($1, $2)"};
const struct db_statement *const endpoint_statements[] = {&record_read, &batch_set_context, NULL};

/* ---- head: what can be said before the body ---- */

static struct kernel_request *kernel_of(const struct http_exchange *exchange)
{
    return exchange->app_request;
}

/* Without memory a name seems unknown, a token missing and an identifier malformed: that is what is
 * said then. */
static enum problem_code code_or_memory(const struct arena *arena, enum problem_code code)
{
    return arena->exhausted ? PROBLEM_MEMORY : code;
}

static void refuse_now(struct kernel_request *kernel, enum problem_code code, const char *argument)
{
    problem_init(&kernel->request.problem, kernel->request.arena);
    problem_set(&kernel->request.problem, code_or_memory(kernel->request.arena, code), argument,
                NULL);
    reply_problem(kernel, &kernel->request.problem);
}

/* "host" of "https://host" or "http://host". */
static struct str host_of_origin(struct str origin)
{
    if (text_starts(origin, STR("https://")))
        return (struct str){origin.p + 8, origin.n - 8};
    if (text_starts(origin, STR("http://")))
        return (struct str){origin.p + 7, origin.n - 7};
    return (struct str){NULL, 0};
}

/* A page of another site can neither set X-Grenier nor hide its Origin. */
static bool comes_from_our_pages(const struct api *api, const struct http_exchange *exchange)
{
    if (!str_is(http_header(exchange, "X-Grenier"), "1"))
        return false;
    struct str origin = http_header(exchange, "Origin");
    if (origin.p == NULL) /* browsers always send it with a POST; other programs may leave it out */
        return http_header(exchange, "Sec-Fetch-Site").p == NULL ||
               str_is(http_header(exchange, "Sec-Fetch-Site"), "same-origin");
    if (api->config.public_origin != NULL)
        return str_is(origin, api->config.public_origin);
    return str_equal(host_of_origin(origin), http_header(exchange, "Host"));
}

static bool read_credentials(struct kernel_request *kernel)
{
    struct arena *arena = kernel->request.arena;
    struct str header = http_header(kernel->request.exchange, "Authorization");
    struct str cookie = http_cookie(kernel->request.exchange, COOKIE);
    if (header.p != NULL) {
        if (!text_starts(header, STR("Bearer ")))
            return false;
        kernel->bearer = arena_copy(arena, text_trim((struct str){header.p + 7, header.n - 7}));
        return kernel->bearer != NULL;
    }
    if (cookie.p != NULL)
        kernel->session_cookie = arena_copy(arena, cookie);
    return true;
}

static bool read_idempotency_key(struct kernel_request *kernel)
{
    struct str key = http_header(kernel->request.exchange, "Idempotency-Key");
    if (key.p == NULL || kernel->request.route->method != HTTP_POST)
        return true;
    if (key.n == 0 || key.n > KEY_MAX)
        return false;
    for (size_t i = 0; i < key.n; i++)
        if (key.p[i] <= ' ' || key.p[i] > '~')
            return false;
    kernel->idempotency_key = arena_copy(kernel->request.arena, key);
    return true;
}

/* "v3", v3, W/"v3" or * : the bare version, as app.check_version compares it. */
static void read_if_match(struct kernel_request *kernel)
{
    struct str tag = text_trim(http_header(kernel->request.exchange, "If-Match"));
    if (tag.p == NULL || !(kernel->request.route->flags & R_IF_MATCH))
        return;
    if (text_starts(tag,
                    STR("W/"))) /* a proxy that compresses weakens tags; the version says as much */
        tag = (struct str){tag.p + 2, tag.n - 2};
    if (tag.n >= 2 && tag.p[0] == '"' && tag.p[tag.n - 1] == '"')
        tag = (struct str){tag.p + 1, tag.n - 2};
    if (tag.n > 1 && tag.p[0] == 'v')
        tag = (struct str){tag.p + 1, tag.n - 1};
    kernel->if_match = arena_copy(kernel->request.arena, tag);
}

static struct kernel_request *kernel_new(const struct api *api, struct http_exchange *exchange)
{
    struct kernel_request *kernel = calloc(1, sizeof *kernel);
    struct arena *arena = calloc(1, sizeof *arena);
    if (kernel == NULL || arena == NULL) {
        free(kernel);
        free(arena);
        return NULL;
    }
    arena_init(arena, MEMORY_MAX);
    kernel->request = (struct request){.exchange = exchange,
                                       .arena = arena,
                                       .config = &api->config,
                                       .language = language_of(exchange)};
    kernel->request.caller.digits = 2;
    problem_init(&kernel->request.problem, arena);
    problem_init(&kernel->input, arena);
    exchange->app_request = kernel;
    return kernel;
}

static void on_release(void *data, struct http_exchange *exchange)
{
    struct kernel_request *kernel = kernel_of(exchange);
    (void)data;
    if (kernel == NULL)
        return;
    arena_free(kernel->request.arena);
    free(kernel->request.arena);
    free(kernel);
    exchange->app_request = NULL;
}

static void on_head(void *data, struct http_exchange *exchange)
{
    struct api *api = data;
    struct kernel_request *kernel = kernel_new(api, exchange);
    if (kernel == NULL) {
        http_reply_begin(exchange, 500)->failed =
            true; /* the server says so in words that need no memory */
        return;
    }
    struct request *request = &kernel->request;
    const char *allow = NULL;
    if (exchange->arena.exhausted) { /* a header may be missing: an Idempotency-Key, for one */
        refuse_now(kernel, PROBLEM_MEMORY, NULL);
        return;
    }
    kernel->compiled = route_find(api, exchange->method, exchange->path, request->arena,
                                  kernel->variables, &allow);
    if (kernel->compiled == NULL) {
        refuse_now(kernel, allow == NULL ? PROBLEM_NOT_FOUND : PROBLEM_METHOD, allow);
        if (allow != NULL)
            http_reply_header(exchange, "Allow", allow);
        return;
    }
    const struct route *route = request->route = kernel->compiled->route;
    exchange->route = kernel->compiled->template;
    if (!read_credentials(kernel)) {
        refuse_now(kernel, PROBLEM_UNAUTHENTICATED, NULL);
        return;
    }
    if (route->method != HTTP_GET && kernel->bearer == NULL &&
        !comes_from_our_pages(api, exchange)) {
        refuse_now(kernel, PROBLEM_CSRF, NULL);
        return;
    }
    if (!read_idempotency_key(kernel)) {
        refuse_now(kernel, PROBLEM_HEADER_KEY, NULL);
        return;
    }
    read_if_match(kernel);
    bool upload = route->flags & R_MULTIPART;
    if (upload)
        request->arena->limit = MEMORY_UPLOAD_MAX;
    exchange->body_limit = (int64_t)(route->body_limit != 0 ? route->body_limit
                                     : upload               ? UPLOAD_MAX
                                                            : BODY_MAX);
    exchange->accepts_multipart = upload;
    exchange->authorise_first = !(route->roles & ROLE_ANYONE);
}

/* ---- prepare: syntax ---- */

static bool is_standard(const struct route *route, const char *name)
{
    if (strcmp(name, "format") == 0 || strcmp(name, "locale") == 0)
        return route->method == HTTP_GET;
    return route->list != NULL &&
           (strcmp(name, "limit") == 0 || strcmp(name, "after") == 0 || strcmp(name, "sort") == 0);
}

static struct str pair_value(const struct kernel_request *kernel, const char *name)
{
    for (size_t i = 0; i < kernel->n_pairs; i++)
        if (strcmp(kernel->pairs[i].name, name) == 0)
            return kernel->pairs[i].text;
    return (struct str){NULL, 0};
}

/* Cuts and decodes the query; standard parameters stay apart from the route's own. */
static void parse_query(struct kernel_request *kernel, const struct field_context *context)
{
    struct request *request = &kernel->request;
    struct str query = request->exchange->query;
    struct field_pair own[PAIRS_MAX];
    size_t n_own = 0;
    kernel->pairs = ARENA_ARRAY(request->arena, struct field_pair, PAIRS_MAX);
    for (size_t i = 0; kernel->pairs != NULL && i < query.n;) {
        size_t end = i;
        while (end < query.n && query.p[end] != '&')
            end++;
        struct str pair = {query.p + i, end - i};
        i = end + 1;
        if (pair.n == 0)
            continue;
        const char *equals = memchr(pair.p, '=', pair.n);
        size_t n = equals == NULL ? pair.n : (size_t)(equals - pair.p);
        struct str name, value = {"", 0};
        if (kernel->n_pairs == PAIRS_MAX ||
            !url_decode(request->arena, (struct str){pair.p, n}, true, &name) ||
            (equals != NULL &&
             !url_decode(request->arena, (struct str){equals + 1, pair.n - n - 1}, true, &value))) {
            problem_set(context->problem, code_or_memory(request->arena, PROBLEM_BAD_REQUEST),
                        "The query cannot be read.", NULL);
            return;
        }
        struct field_pair one = {name.p, value};
        if (is_standard(request->route, name.p) && pair_value(kernel, name.p).p != NULL)
            problem_fault(context->problem, arena_printf(request->arena, "?%s", name.p),
                          PROBLEM_FIELD_UNKNOWN, name.p, NULL); /* which of the two is meant? */
        kernel->pairs[kernel->n_pairs++] = one;
        if (!is_standard(request->route, name.p))
            own[n_own++] = one;
    }
    static const struct field none[] = {{.type = F_END}};
    request->query = field_parse_pairs(
        context, request->route->query != NULL ? request->route->query : none, own, n_own, "?");
    if (request->route->list != NULL)
        collection_parse(kernel, context);
}

static void choose_format(struct kernel_request *kernel, struct problem *problem)
{
    struct request *request = &kernel->request;
    const struct route *route = request->route;
    bool rows = route->list != NULL || (route->method == HTTP_GET && route->flags & R_EXPORT);
    bool pdf = route->flags & R_PDF;
    const char *available = pdf ? "json, csv, pdf" : rows ? "json, csv" : "json";
    struct str format = pair_value(kernel, "format"), locale = pair_value(kernel, "locale");
    if (route->method != HTTP_GET || route->flags & R_TEXT)
        return;
    if (format.p == NULL) {
        int json = http_accepts(request->exchange, "application/json");
        if (json == 0)
            json = http_accepts(request->exchange, "application/problem+json") > 0 ? 1 : 0;
        int csv = rows ? http_accepts(request->exchange, "text/csv") : 0;
        int as_pdf = pdf ? http_accepts(request->exchange, "application/pdf") : 0;
        format = json >= csv && json >= as_pdf && json > 0 ? STR("json")
                 : csv >= as_pdf && csv > 0                ? STR("csv")
                 : as_pdf > 0                              ? STR("pdf")
                                                           : STR("none");
    }
    if (str_is(format, "csv") && rows)
        request->format = REPLY_CSV;
    else if (str_is(format, "pdf") && pdf)
        request->format = REPLY_PDF;
    else if (!str_is(format, "json"))
        problem_set(problem, PROBLEM_NOT_ACCEPTABLE, available, NULL);
    request->csv_locale = str_is(locale, "fr") ? CSV_FRENCH : CSV_PLAIN;
    /* A link to a document carries its language: the browser's own Accept-Language may be another
     * than the page's. */
    if (request->format == REPLY_PDF && (str_is(locale, "fr") || str_is(locale, "en")))
        request->language = str_is(locale, "fr") ? LANGUAGE_FR : LANGUAGE_EN;
}

static void parse_json_body(struct kernel_request *kernel, const struct field_context *context)
{
    struct request *request = &kernel->request;
    struct http_exchange *exchange = request->exchange;
    const struct json *json = NULL;
    static const struct field none[] = {{.type = F_END}};
    const struct field *fields = request->route->in != NULL ? request->route->in : none;
    if (request->route->method == HTTP_GET) {
        if (exchange->body.n > 0)
            problem_set(context->problem, PROBLEM_BODY_UNEXPECTED, NULL);
        return;
    }
    if (exchange->body.n == 0) { /* no body: an empty object, which lacks what is required */
        const struct json empty = {.type = JSON_OBJECT_};
        request->body = field_parse_json(context, fields, &empty, "");
        return;
    }
    const char *type = http_content_type(exchange);
    bool merge =
        request->route->method == HTTP_PATCH && strcmp(type, "application/merge-patch+json") == 0;
    if (!merge && strcmp(type, "application/json") != 0) {
        problem_set(context->problem, PROBLEM_BODY_TYPE, "application/json", NULL);
        return;
    }
    if (json_parse(request->arena, exchange->body, &json, context->problem) != RC_OK)
        return;
    if (json->type != JSON_OBJECT_) {
        problem_set(context->problem, PROBLEM_BODY_OBJECT, NULL);
        return;
    }
    request->body = field_parse_json(context, fields, json, "");
}

static void parse_parts(struct kernel_request *kernel, const struct field_context *context)
{
    struct request *request = &kernel->request;
    struct http_exchange *exchange = request->exchange;
    if (strcmp(http_content_type(exchange), "multipart/form-data") != 0) {
        problem_set(context->problem, PROBLEM_BODY_TYPE, "multipart/form-data", NULL);
        return;
    }
    struct field_pair *pairs = ARENA_ARRAY(request->arena, struct field_pair, exchange->n_parts);
    if (pairs == NULL)
        return;
    for (size_t i = 0; i < exchange->n_parts; i++)
        pairs[i] = (struct field_pair){exchange->parts[i].name.p, exchange->parts[i].bytes};
    request->body = field_parse_pairs(context, request->route->in, pairs, exchange->n_parts, "/");
    for (size_t i = 0; i < exchange->n_parts; i++)
        if (exchange->parts[i].bytes.n == 0 && exchange->parts[i].file_name.p != NULL)
            problem_fault(context->problem,
                          arena_printf(request->arena, "/%s", exchange->parts[i].name.p),
                          PROBLEM_FILE_EMPTY, NULL);
}

static const char *record_text_json(struct arena *arena, const struct record *record)
{
    struct writer writer;
    writer_init(&writer, MEMORY_MAX);
    if (record == NULL)
        writer_text(&writer, "{}");
    else
        record_write(&writer, record);
    const char *text =
        writer.failed ? NULL : arena_copy(arena, (struct str){writer.data, writer.size});
    if (writer.failed)
        arena->exhausted = true;
    writer_release(&writer);
    return text;
}

/* What the same key must come with again: parsed fields, path, query, digests of files. */
static void hash_content(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    struct sha256 *sha = sha256_new();
    unsigned char digest[SHA256_SIZE];
    char *hex = arena_alloc(request->arena, SHA256_HEX_SIZE);
    if (sha == NULL || hex == NULL) {
        sha256_free(sha);
        request->arena->exhausted = true;
        return;
    }
    sha256_add(sha, request->path_json, strlen(request->path_json) + 1);
    sha256_add(sha, request->body_json, strlen(request->body_json) + 1);
    sha256_add(sha, request->exchange->query.p, request->exchange->query.n);
    for (size_t i = 0; i < request->exchange->n_parts; i++) {
        unsigned char part[SHA256_SIZE];
        crypto_sha256(request->exchange->parts[i].bytes.p, request->exchange->parts[i].bytes.n,
                      part);
        sha256_add(sha, part, sizeof part);
    }
    sha256_finish(sha, digest);
    crypto_hex(digest, sizeof digest, hex);
    kernel->idempotency_hash = hex;
}

void request_prepare(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    struct problem *problem = &kernel->input;
    problem_init(problem, request->arena);
    const struct field_context context = {request->arena, problem, request->caller.digits};
    struct field_pair pairs[PATH_VARIABLES_MAX];
    size_t n = 0;
    for (; kernel->compiled->variables[n].type != F_END; n++)
        pairs[n] = (struct field_pair){kernel->compiled->variables[n].name, kernel->variables[n]};
    request->path = field_parse_pairs(&context, kernel->compiled->variables, pairs, n, "");
    if (problem->n_faults > 0) { /* an identifier that cannot be: nothing is there */
        problem->n_faults = 0;
        problem_set(problem, code_or_memory(request->arena, PROBLEM_NOT_FOUND), NULL);
        return;
    }
    kernel->n_pairs = 0;
    parse_query(kernel, &context);
    choose_format(kernel, problem);
    if (request->route->flags & R_MULTIPART)
        parse_parts(kernel, &context);
    else
        parse_json_body(kernel, &context);
    request->path_json = record_text_json(request->arena, request->path);
    request->body_json = record_text_json(request->arena, request->body);
    if (request->path_json != NULL && request->body_json != NULL && request->route->tx == TX_WRITE)
        hash_content(kernel);
    if (request->arena->exhausted && problem->code == PROBLEM_NONE)
        problem_set(problem, PROBLEM_MEMORY, NULL);
    kernel->parsed = true;
}

/* Whether the reply is to be a file of this format: a guess for the choice of the lane only. */
static bool asks_for(const struct http_exchange *exchange, const char *format,
                     const char *media_type)
{
    char wanted[16];
    int n = snprintf(wanted, sizeof wanted, "format=%s", format);
    return memmem(exchange->query.p, exchange->query.n, wanted, (size_t)n) != NULL ||
           http_accepts_explicitly(exchange, media_type);
}

static void on_prepare(void *data, struct http_exchange *exchange)
{
    struct kernel_request *kernel = kernel_of(exchange);
    const struct route *route = kernel->request.route;
    (void)data;
    bool file =
        asks_for(exchange, "csv", "text/csv") || asks_for(exchange, "pdf", "application/pdf");
    bool export =
        route->method == HTTP_GET && (route->flags & R_TEXT ? route->flags & R_EXPORT : file);
    enum http_lane lane = route->flags & R_PASSWORD ? HTTP_LANE_PASSWORD
                          : export                  ? HTTP_LANE_EXPORT
                          : route->tx == TX_WRITE   ? HTTP_LANE_WRITER
                                                    : HTTP_LANE_READER;
    struct str key =
        kernel->compiled->variables[0].type == F_SLUG ? kernel->variables[0] : STR("-");
    http_queue(exchange, lane, http_key(key));
}

/* ---- execute ---- */

static enum rc log_read(struct kernel_request *kernel, const struct db_context *context)
{
    struct request *request = &kernel->request;
    bool one = false;
    for (size_t i = 0; kernel->compiled->variables[i].type != F_END; i++)
        one = one || strcmp(kernel->compiled->variables[i].name, "id") == 0;
    const char *const values[] = {request->route->id,
                                  one ? record_text(request->path, "id") : NULL};
    DB_ROWS *rows = NULL;
    TRY(db_begin(request->db, TX_WRITE, context, &request->problem));
    TRY(db_run(request->db, &record_read, 2, values, &rows, &request->problem));
    return db_commit(request->db, &request->problem);
}

enum rc request_query(struct request *request, const struct db_statement *statement, size_t n,
                      const char *const *values, struct db_rows **ret_rows)
{
    return db_run(request->db, statement, n, values, ret_rows, &request->problem);
}

static enum rc do_work(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    if (request->route->handler != NULL)
        return request->route->handler(request);
    if (request->route->list != NULL)
        return generic_list(kernel);
    return request->route->method == HTTP_GET ? generic_one(kernel) : generic_write(kernel);
}

struct db_context request_context(const struct kernel_request *kernel)
{
    const struct request *request = &kernel->request;
    return (struct db_context){
        .organisation_id = request->caller.organisation_id,
        .member_id = request->caller.member_id,
        .actor = request->caller.actor,
        .roles = request->caller.roles_text,
        .request_id = request->exchange->request_id,
        .route = request->route->id,
        .address = request->exchange->address,
        .idempotency_key = kernel->idempotency_key,
        .idempotency_hash = kernel->idempotency_hash,
        .if_match = kernel->if_match,
    };
}

void request_try(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    request->status = request->route->flags & R_CREATED      ? 201
                      : request->route->flags & R_NO_CONTENT ? 204
                                                             : 200;
    request->out = http_reply_begin(request->exchange, request->status);
    request->location = request->etag = NULL;
}

/* One try: transaction, work, commit. The reply is in the exchange only if all of it succeeded. */
static enum rc attempt(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    const struct db_context context = request_context(kernel);
    enum tx_mode tx = request->route->tx;
    request_try(kernel);
    if (tx == TX_READ_LOGGED)
        TRY(log_read(kernel, &context));
    if (tx != TX_NONE)
        TRY(db_begin(request->db, tx, &context, &request->problem));
    TRY(do_work(kernel));
    /* Before the commit: a write whose answer does not fit must not be done and refused. */
    if (request->out->failed || request->arena->exhausted)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    return tx == TX_NONE ? RC_OK : db_commit(request->db, &request->problem);
}

/* What a route's cells kept (see route.h) goes with the try that needed it. */
static void release_data(struct request *request)
{
    if (request->release != NULL)
        request->release(request->data);
    request->release = NULL;
    request->data = NULL;
}

static void pause_before_retry(int try)
{
    unsigned char jitter;
    crypto_random(&jitter, 1);
    long ms = (long)BACKOFF_MS * (1L << (try < 6 ? try : 6)) * (128 + jitter) / 256;
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
}

static time_t seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Tries until it is done, known to fail, or out of tries or time. A lost COMMIT is tried again
 * under the same request id: the write functions answer again what they stored if it had been
 * committed after all. */
static enum rc execute_retrying(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    const struct arena_mark mark = arena_mark(request->arena);
    const time_t last = seconds_now() + TRYING_MAX_S;
    for (int try = 0;; try++) {
        enum rc rc = db_alive(request->db) ? attempt(kernel) : RC_OK;
        release_data(request);
        bool lost = !db_alive(request->db);
        if (!lost && rc == RC_OK)
            return RC_OK;
        db_rollback(request->db);
        kernel->outcome_unknown =
            kernel->outcome_unknown || request->problem.code == PROBLEM_OUTCOME_UNKNOWN;
        if (!lost && rc == RC_PROBLEM)
            return rc;
        if (try + 1 == TRIES_MAX || seconds_now() >= last) {
            problem_init(&request->problem, request->arena);
            return problem_set(&request->problem,
                               lost ? PROBLEM_DATABASE_AWAY : PROBLEM_CONFLICT_RETRY, NULL);
        }
        arena_reset(request->arena, mark);
        problem_init(&request->problem, request->arena);
        pause_before_retry(try);
        if (lost && db_reconnect(request->db, &request->problem) != RC_OK)
            problem_init(&request->problem, request->arena);
    }
}

void request_finish(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    struct http_exchange *exchange = request->exchange;
    exchange->reply.status = request->status;
    if (request->location != NULL)
        http_reply_header(exchange, "Location", request->location);
    if (request->route->flags & R_NO_CONTENT)
        return;
    bool typed = false;
    for (size_t i = 0; i < exchange->reply.n_headers; i++)
        typed = typed || strcmp(exchange->reply.headers[i].name, "Content-Type") == 0;
    if (!typed)
        reply_type(request, request->format == REPLY_CSV ? "text/csv; charset=utf-8; header=present"
                            : request->format == REPLY_PDF ? "application/pdf"
                                                           : "application/json");
    if (request->format == REPLY_CSV)
        http_reply_headerf(exchange, "Content-Disposition", "attachment; filename=\"%s.csv\"",
                           request->route->id);
    http_reply_header(exchange, "Vary", "Accept, Accept-Language, Cookie, Authorization");
    if (exchange->reply.fd >= 0 || request->format != REPLY_JSON)
        return;
    bool single = request->route->list == NULL && request->route->out != NULL;
    if (single && request->etag == NULL && request->route->method == HTTP_GET) {
        unsigned char digest[SHA256_SIZE];
        char hex[SHA256_HEX_SIZE];
        crypto_sha256(request->out->data, request->out->size, digest);
        crypto_hex(digest, 12, hex);
        request->etag = arena_printf(request->arena, "\"%s\"", hex);
    }
    if (request->etag == NULL)
        return;
    bool same =
        request->route->method == HTTP_GET &&
        http_etag_listed(http_header(exchange, "If-None-Match"), str_of(request->etag), true);
    if (same)
        http_reply_begin(exchange, 304);
    http_reply_header(exchange, "ETag", request->etag);
}

/* Who asks. A connection that died while it was idle shows only now: it is opened again, once,
 * before anybody is turned away; for whom it is known, as often as the work is tried. */
static enum rc authorise(struct kernel_request *kernel, struct db *db)
{
    struct problem *problem = &kernel->request.problem;
    enum rc rc = db_reconnect(db, problem);
    if (rc != RC_OK && kernel->authorised) {
        problem_init(problem, kernel->request.arena);
        return RC_OK;
    }
    if (rc != RC_OK || kernel->authorised)
        return rc;
    rc = request_authorise(kernel, db);
    if (rc == RC_OK || db_alive(db))
        return rc;
    problem_init(problem, kernel->request.arena);
    TRY(db_reconnect(db, problem));
    return request_authorise(kernel, db);
}

/* Liveness and the description answer while the database is away. */
static bool needs_database(const struct route *route)
{
    return route->tx != TX_NONE || !(route->roles & ROLE_ANYONE) || route->flags & R_PASSWORD;
}

void request_refuse(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    enum problem_code code = request->problem.code;
    /* What the database refuses after all was not done before. What it could not be asked about may
     * have been. */
    if (kernel->outcome_unknown && (problem_text(code)->status >= 500 || code == PROBLEM_MEMORY ||
                                    request->arena->exhausted)) {
        problem_init(&request->problem, request->arena);
        problem_set(&request->problem, PROBLEM_OUTCOME_UNKNOWN, NULL);
    }
    reply_problem(kernel, &request->problem);
}

void request_run(struct kernel_request *kernel, struct db *db)
{
    struct request *request = &kernel->request;
    request->db = db;
    enum rc rc = authorise(kernel, db);
    if (rc == RC_OK && !kernel->parsed)
        request_prepare(kernel);
    if (rc == RC_OK && problem_check(&kernel->input) != RC_OK) {
        reply_problem(kernel, &kernel->input);
        return;
    }
    if (rc == RC_OK)
        rc = needs_database(request->route) ? execute_retrying(kernel) : attempt(kernel);
    if (rc == RC_OK) {
        request_finish(kernel);
        return;
    }
    if (rc == RC_RETRY || problem_check(&request->problem) == RC_OK)
        problem_set(&request->problem, PROBLEM_CONFLICT_RETRY, NULL);
    request_refuse(kernel);
}

static void on_execute(void *data, void *worker, struct http_exchange *const exchanges[], size_t n)
{
    struct kernel_request *kernels[GROUP_MAX];
    (void)data;
    for (size_t done = 0; done < n;) {
        size_t taken = n - done < GROUP_MAX ? n - done : GROUP_MAX;
        for (size_t i = 0; i < taken; i++)
            kernels[i] = kernel_of(exchanges[done + i]);
        batch_run(worker, kernels, taken);
        done += taken;
    }
}

/* Large bodies are read for known callers only. */
static void on_authorise(void *data, void *worker, struct http_exchange *const exchanges[],
                         size_t n)
{
    (void)data;
    for (size_t i = 0; i < n; i++) {
        struct kernel_request *kernel = kernel_of(exchanges[i]);
        struct problem *problem = &kernel->request.problem;
        enum rc rc = authorise(kernel, worker);
        if (rc == RC_RETRY)
            rc = problem_set(problem, PROBLEM_CONFLICT_RETRY, NULL);
        if (rc != RC_OK && problem_check(problem) != RC_OK)
            reply_problem(kernel, problem);
    }
}

/* Connected at its first request: eight at once at start would keep the first answer waiting. */
static void *on_worker_open(void *data, enum http_lane lane, unsigned index)
{
    struct api *api = data;
    (void)lane;
    (void)index;
    return db_later(api->config.conninfo, api->statements, api->n_statements);
}

static void on_worker_close(void *data, void *worker)
{
    (void)data;
    db_close(worker);
}

static void on_refuse(void *data, struct http_exchange *exchange, enum http_refusal refusal)
{
    static const enum problem_code codes[HTTP_REFUSAL_COUNT] = {
        [HTTP_REFUSAL_MALFORMED] = PROBLEM_BAD_REQUEST,
        [HTTP_REFUSAL_TOO_LARGE] = PROBLEM_BODY_LENGTH,
        [HTTP_REFUSAL_TARGET_TOO_LONG] = PROBLEM_BAD_REQUEST,
        [HTTP_REFUSAL_CONTENT_CODING] = PROBLEM_BODY_TYPE,
        [HTTP_REFUSAL_HEAD_TOO_LARGE] = PROBLEM_BAD_REQUEST,
        [HTTP_REFUSAL_NOT_IMPLEMENTED] = PROBLEM_BAD_REQUEST,
        [HTTP_REFUSAL_BUSY] = PROBLEM_BUSY,
        [HTTP_REFUSAL_LATE] = PROBLEM_TIMEOUT,
        [HTTP_REFUSAL_STOPPING] = PROBLEM_STOPPING,
        [HTTP_REFUSAL_STORAGE] = PROBLEM_BUSY,
        [HTTP_REFUSAL_INTERNAL] = PROBLEM_INTERNAL,
    };
    (void)data;
    struct arena arena;
    struct problem *problem = calloc(1, sizeof *problem);
    if (problem == NULL)
        return;
    arena_init(&arena, 256 * 1024);
    problem_init(problem, &arena);
    const char *argument =
        exchange->refusal_detail != NULL ? exchange->refusal_detail : http_refusal_text(refusal);
    if (refusal == HTTP_REFUSAL_TOO_LARGE)
        argument = arena_printf(&arena, "%lld", (long long)exchange->body_limit);
    enum problem_code code = codes[refusal];
    /* An answer that could not be given may be that of a write that was done. */
    const struct kernel_request *kernel = kernel_of(exchange);
    if (refusal == HTTP_REFUSAL_INTERNAL && kernel != NULL && kernel->request.route != NULL &&
        kernel->request.route->tx == TX_WRITE)
        code = PROBLEM_OUTCOME_UNKNOWN;
    problem_set(problem, code, argument, NULL);
    reply_problem_bare(exchange, &arena, problem, language_of(exchange), 2);
    arena_free(&arena);
    free(problem);
}

/* ---- the API ---- */

struct api *api_new(const struct api_config *config)
{
    struct api *api = calloc(1, sizeof *api);
    ASSERT(api != NULL);
    api->config = *config;
    arena_init(&api->arena, 16 * 1024 * 1024);
    routes_compile(api);
    return api;
}

void api_free(struct api *api)
{
    if (api == NULL)
        return;
    arena_free(&api->arena);
    free(api);
}

bool api_fits_schema(const struct api *api)
{
    struct arena arena;
    struct problem problem;
    struct db *db = NULL;
    arena_init(&arena, 256 * 1024);
    problem_init(&problem, &arena);
    bool fits =
        db_open(api->config.conninfo, api->statements, api->n_statements, &db, &problem) == RC_OK &&
        db_prepare_all(db, &problem) == RC_OK;
    db_close(db);
    arena_free(&arena);
    return fits;
}

void api_housekeeping(const struct api *api)
{
    struct arena arena;
    struct problem *problem = calloc(1, sizeof *problem);
    struct db *db = NULL;
    DB_ROWS *rows = NULL;
    if (problem == NULL)
        return;
    arena_init(&arena, 256 * 1024);
    problem_init(problem, &arena);
    enum rc rc = db_open(api->config.conninfo, NULL, 0, &db, problem);
    if (rc == RC_OK)
        rc = db_sql(db, "SELECT sum(removed) FROM api.purge()", 0, NULL, &rows, problem);
    if (rc == RC_OK)
        log_line(LOG_INFO, "housekeeping", "removed", db_text(rows, 0, 0), NULL);
    else
        log_line(LOG_WARN, "housekeeping failed, ignoring", NULL);
    db_close(db);
    arena_free(&arena);
    free(problem);
}

struct http_app api_application(struct api *api)
{
    return (struct http_app){.data = api,
                             .head = on_head,
                             .authorise = on_authorise,
                             .prepare = on_prepare,
                             .execute = on_execute,
                             .refuse = on_refuse,
                             .release = on_release,
                             .worker_open = on_worker_open,
                             .worker_close = on_worker_close};
}
