/* One request on its way through libmicrohttpd: the only file that knows it. What we learnt of
 * 0.9.75 and rely on, each with a test in tests/http:
 * - An answer queued in the first call of the handler closes the connection, even of a GET; in the
 * last call it does not. So refusals wait for the last call, and the body is thrown away until
 * then.
 * - A connection suspended in the first or last call gets the same call again when it is resumed.
 * - A folded header line is glued to the header's name, and bytes after a NUL vanish. Both leave a
 * gap between what we are given and what was received, which head_is_whole sees.
 * - A query of more pairs than its memory holds leaves the connection without an answer. So it sees
 * no query: we blank it in its buffer, after our copy, before it looks.
 * - The chunked decoder takes a bare LF for a line's end. What follows such a body on the
 * connection could be read differently by a proxy before us, so the connection ends with the
 * answer. */
#include "http/server.h"

#include "base/log.h"

#include <inttypes.h>
#include <microhttpd.h>
#include <unistd.h>

/* For the library's interface, which wants writable pointers also where it only reads. */
static void *writable(const void *pointer)
{
    void *result;
    memcpy(&result, &pointer, sizeof result);
    return result;
}

/* ---- Answering ---- */

static enum MHD_Result add_headers(struct MHD_Response *response, const struct http_reply *reply)
{
    for (size_t i = 0; i < reply->n_headers; i++)
        if (MHD_add_response_header(response, reply->headers[i].name, reply->headers[i].value) !=
            MHD_YES)
            return MHD_NO;
    if (!reply->close)
        return MHD_YES;
    return MHD_add_response_header(response, "Connection", "close");
}

static struct MHD_Response *make_response(struct http_reply *reply)
{
    if (reply->fd >= 0) {
        struct MHD_Response *response = MHD_create_response_from_fd64(reply->fd_size, reply->fd);
        if (response != NULL)
            reply->fd = -1; /* closed with the response */
        return response;
    }
    struct str bytes = reply->constant;
    if (bytes.p == NULL)
        bytes = (struct str){reply->body.data, reply->body.size};
    /* The bytes outlive the response, which only reads them. */
    return MHD_create_response_from_buffer(bytes.n, writable(bytes.p), MHD_RESPMEM_PERSISTENT);
}

static int64_t transfer_time_us(const struct http_limits *limits, uint64_t size)
{
    uint64_t seconds = size / (uint64_t)limits->transfer_rate;
    return limits->transfer_grace_ms * 1000 + (int64_t)(seconds * 1000000);
}

static void answer_is_ready(struct transfer *transfer)
{
    const struct http_app *app = transfer->server->app;
    struct http_exchange *exchange = &transfer->exchange;
    if (transfer->ready_us == 0)
        transfer->ready_us = http_now_us();
    if (exchange->app_request != NULL && app->release != NULL)
        app->release(app->data, exchange);
    exchange->app_request = NULL;
    if (transfer->counts_as_upload) {
        atomic_fetch_sub(&transfer->server->uploads, 1);
        http_metrics_gauge(transfer->server->metrics, HTTP_GAUGE_UPLOADS, -1);
    }
    transfer->counts_as_upload = false;
    exchange->body = STR("");
    exchange->parts = NULL;
    exchange->n_parts = 0;
    http_body_release(&transfer->body);
}

static enum MHD_Result send_answer(struct transfer *transfer)
{
    struct http_server *server = transfer->server;
    struct http_exchange *exchange = &transfer->exchange;
    struct http_reply *reply = &exchange->reply;
    http_reply_finish(exchange, server->app, &server->limits);
    answer_is_ready(transfer);
    reply->close = reply->close || transfer->chunked || atomic_load(&server->stopping);
    if (exchange->refusal >= 0)
        http_metrics_refused(server->metrics, (enum http_refusal)exchange->refusal);
    uint64_t size = http_reply_size(reply);
    struct MHD_Response *response = make_response(reply);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = add_headers(response, reply);
    if (result == MHD_YES) {
        transfer->phase = PHASE_SENDING;
        connection_expect(transfer->connection, CONNECTION_REPLY,
                          http_now_us() + transfer_time_us(&server->limits, size));
        result = MHD_queue_response(transfer->mhd, (unsigned)reply->status, response);
    }
    MHD_destroy_response(response);
    return result;
}

/* ---- Handing over to workers and back ---- */

/* The refusal of a queue that has no place. */
static enum http_refusal no_place(enum reserve_result result)
{
    return result == QUEUE_CLOSED ? HTTP_REFUSAL_STOPPING : HTTP_REFUSAL_BUSY;
}

static void set_deadline(struct transfer *transfer)
{
    int64_t wait_ms = transfer->exchange.deadline_ms;
    transfer->deadline_us = wait_ms == 0 ? 0 : http_now_us() + wait_ms * 1000;
}

/* Epoll thread: suspends and queues. False when there is no place; then the transfer is refused and
 * still ours. */
static bool hand_over(struct transfer *transfer, enum job job, enum http_lane lane, uint64_t key)
{
    struct http_server *server = transfer->server;
    struct queue *queue = workers_queue(server, lane, key);
    enum reserve_result result = queue_reserve(server, queue);
    if (result != RESERVED) {
        http_refuse(&transfer->exchange, server->app, &server->limits, no_place(result));
        return false;
    }
    transfer->job = job;
    transfer->phase = job == JOB_AUTHORISE ? PHASE_AUTHORISING : PHASE_WAITING;
    connection_expect(transfer->connection, CONNECTION_OURS, 0);
    MHD_suspend_connection(transfer->mhd);
    queue_publish(server, queue, transfer);
    return true;
}

/* Any other thread: gives the connection back to its epoll thread. */
static void resume(struct transfer *transfer, enum phase phase)
{
    struct http_server *server = transfer->server;
    struct MHD_Connection *mhd = transfer->mhd;
    transfer->phase = phase;
    MHD_resume_connection(mhd);
    atomic_fetch_sub(&server->pending, 1);
}

void transfer_settle(struct transfer *transfer)
{
    struct http_server *server = transfer->server;
    struct http_exchange *exchange = &transfer->exchange;
    if (transfer->job == JOB_AUTHORISE) {
        ASSERT(exchange->step != HTTP_STEP_QUEUE);
        resume(transfer, PHASE_AUTHORISED);
        return;
    }
    ASSERT(exchange->step != HTTP_STEP_BODY);
    if (exchange->step == HTTP_STEP_QUEUE) {
        struct queue *queue = workers_queue(server, exchange->lane, exchange->key);
        enum reserve_result result = queue_reserve(server, queue);
        if (result == RESERVED) {
            transfer->job = JOB_EXECUTE;
            queue_publish(server, queue, transfer);
            atomic_fetch_sub(&server->pending, 1); /* the place it leaves */
            return;
        }
        http_refuse(exchange, server->app, &server->limits, no_place(result));
    }
    answer_is_ready(transfer);
    resume(transfer, PHASE_REPLY);
}

void transfer_refuse(struct transfer *transfer, enum http_refusal refusal)
{
    http_refuse(&transfer->exchange, transfer->server->app, &transfer->server->limits, refusal);
    transfer_settle(transfer);
}

/* ---- The head ---- */

struct header_walk {
    struct transfer *transfer;
    struct http_pair *pairs;
    size_t n, max;
    const char *next; /* where the next header's name must begin */
    bool whole;
};

static enum MHD_Result copy_header(void *data, enum MHD_ValueKind kind, const char *name,
                                   size_t name_size, const char *value, size_t value_size)
{
    struct header_walk *walk = data;
    struct arena *arena = &walk->transfer->exchange.arena;
    (void)kind;
    walk->whole = walk->whole && name == walk->next && value > name + name_size;
    walk->next = value + value_size + 2;
    const char *own_name = arena_copy(arena, (struct str){name, name_size});
    struct str trimmed = http_trim((struct str){value, value_size});
    const char *own_value = arena_copy(arena, trimmed);
    if (walk->n == walk->max || own_name == NULL || own_value == NULL)
        return MHD_NO;
    walk->pairs[walk->n++] = (struct http_pair){{own_name, name_size}, {own_value, trimmed.n}};
    return MHD_YES;
}

/* Whether every received byte of the head is one that we were shown: method SP target SP version
 * CRLF, then name ':' value CRLF each, then CRLF. */
static bool head_is_whole(const struct transfer *transfer, const struct header_walk *walk,
                          const char *method, const char *version)
{
    size_t received =
        MHD_get_connection_info(transfer->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)
            ->header_size;
    const char *target = method + strlen(method) + 1;
    return walk->whole && target + transfer->target.n + 1 == version &&
           walk->next + 2 == method + received;
}

static bool read_headers(struct transfer *transfer, const char *method, const char *version)
{
    struct http_exchange *exchange = &transfer->exchange;
    const struct http_limits *limits = &transfer->server->limits;
    size_t max = (size_t)limits->head_count + 1; /* one more, to see that there are too many */
    struct header_walk walk = {.transfer = transfer,
                               .pairs = ARENA_ARRAY(&exchange->arena, struct http_pair, max),
                               .max = max,
                               .next = version + strlen(version) + 2,
                               .whole = true};
    if (walk.pairs == NULL)
        return true; /* the arena says so later */
    MHD_get_connection_values_n(transfer->mhd, MHD_HEADER_KIND, copy_header, &walk);
    exchange->headers = walk.pairs;
    exchange->n_headers = walk.n;
    return walk.n == max || head_is_whole(transfer, &walk, method, version);
}

/* Copies the head into the exchange; true when the steps may begin, else it is refused. */
static bool take_head(struct transfer *transfer, const char *method, const char *version)
{
    struct http_server *server = transfer->server;
    struct http_exchange *exchange = &transfer->exchange;
    enum http_method known;
    enum http_refusal refusal = HTTP_REFUSAL_MALFORMED;
    bool whole = read_headers(transfer, method, version);
    http_client_find(exchange, server->trusted, server->n_trusted,
                     transfer->connection == NULL ? "" : transfer->connection->peer);
    if (transfer->target_too_long)
        refusal = HTTP_REFUSAL_TARGET_TOO_LONG;
    else if (exchange->arena.exhausted)
        refusal = HTTP_REFUSAL_HEAD_TOO_LARGE;
    else if (!whole)
        exchange->refusal_detail = "the head is not made of plain lines";
    else if (http_is_token(str_of(method)) &&
             !http_method_parse(str_of(method), &known, &exchange->head_only))
        refusal = HTTP_REFUSAL_NOT_IMPLEMENTED;
    else if (!http_exchange_target(exchange, str_of(method), transfer->target))
        exchange->refusal_detail = "the target is not a path";
    else if (strcmp(version, "HTTP/1.0") != 0 && http_header_count(exchange, "Host") == 0)
        exchange->refusal_detail = "there is no Host";
    else if (strcmp(version, "HTTP/1.1") != 0 &&
             http_header_count(exchange, "Transfer-Encoding") > 0) /* RFC 9112 6.1 */
        exchange->refusal_detail = "HTTP/1.0 has no transfer codings";
    else if (atomic_load(&server->stopping))
        refusal = HTTP_REFUSAL_STOPPING;
    else
        return true;
    if (refusal == HTTP_REFUSAL_NOT_IMPLEMENTED)
        exchange->refusal_detail = "method";
    http_refuse(exchange, server->app, &server->limits, refusal);
    return false;
}

/* ---- The body ---- */

static enum http_refusal body_refusal(enum http_body_result result)
{
    return result == HTTP_BODY_STORAGE ? HTTP_REFUSAL_STORAGE : HTTP_REFUSAL_TOO_LARGE;
}

/* Opens the body; refused when there are too many large ones, or no room. */
static void begin_body(struct transfer *transfer)
{
    struct http_server *server = transfer->server;
    struct http_exchange *exchange = &transfer->exchange;
    int64_t declared = exchange->declared_length,
            expected = declared < 0 ? exchange->body_limit : declared;
    if (expected > HTTP_BODY_MEMORY_MAX) {
        transfer->counts_as_upload = true;
        http_metrics_gauge(server->metrics, HTTP_GAUGE_UPLOADS, 1);
        if (atomic_fetch_add(&server->uploads, 1) >= server->limits.uploads) {
            http_refuse(exchange, server->app, &server->limits, HTTP_REFUSAL_BUSY);
            return;
        }
    }
    enum http_body_result result =
        http_body_start(&transfer->body, &exchange->arena, declared, exchange->body_limit);
    if (result != HTTP_BODY_OK) {
        http_refuse(exchange, server->app, &server->limits, body_refusal(result));
        return;
    }
    transfer->phase = PHASE_BODY;
    connection_expect(transfer->connection, CONNECTION_BODY,
                      http_now_us() + transfer_time_us(&server->limits, (uint64_t)expected));
}

/* The answer is decided while the body is still coming: read it to its end, so that a client that
 * sends all before it reads sees the answer; or, where that would be too much, or is not wanted,
 * answer and close. In the first call only. */
static enum MHD_Result answer_before_body(struct transfer *transfer)
{
    struct http_exchange *exchange = &transfer->exchange;
    const struct http_limits *limits = &transfer->server->limits;
    bool asks = http_header_count(exchange, "Expect") > 0 && exchange->declared_length != 0;
    if (exchange->reply.close || asks || exchange->declared_length > limits->discard_size) {
        exchange->reply.close = true;
        return send_answer(transfer);
    }
    if (exchange->declared_length == 0) {
        transfer->phase = PHASE_REPLY; /* the last call comes at once */
        return MHD_YES;
    }
    int64_t expected =
        exchange->declared_length < 0 ? limits->discard_size : exchange->declared_length;
    transfer->phase = PHASE_DISCARD;
    connection_expect(transfer->connection, CONNECTION_BODY,
                      http_now_us() + transfer_time_us(limits, (uint64_t)expected));
    return MHD_YES;
}

static enum MHD_Result add_to_body(struct transfer *transfer, const char *bytes, size_t size)
{
    struct http_server *server = transfer->server;
    struct http_exchange *exchange = &transfer->exchange;
    transfer->received += size;
    if (transfer->phase == PHASE_DISCARD)
        return transfer->received > (uint64_t)server->limits.discard_size ? MHD_NO : MHD_YES;
    enum http_body_result result = http_body_add(&transfer->body, &exchange->arena, bytes, size);
    if (result != HTTP_BODY_OK) {
        http_refuse(exchange, server->app, &server->limits, body_refusal(result));
        transfer->phase = PHASE_DISCARD;
    }
    return MHD_YES;
}

/* ---- The handler ---- */

static enum MHD_Result on_head(struct transfer *transfer, const char *method, const char *version)
{
    struct http_server *server = transfer->server;
    struct http_exchange *exchange = &transfer->exchange;
    if (take_head(transfer, method, version))
        http_step_head(exchange, server->app, &server->limits, server->assets);
    transfer->chunked = http_header_count(exchange, "Transfer-Encoding") > 0;
    if (http_needs_authorise(exchange)) {
        set_deadline(transfer);
        if (hand_over(transfer, JOB_AUTHORISE, HTTP_LANE_READER, 0))
            return MHD_YES;
    }
    if (exchange->step == HTTP_STEP_BODY)
        begin_body(transfer);
    return exchange->step == HTTP_STEP_BODY ? MHD_YES : answer_before_body(transfer);
}

/* The first call again, after `authorise`. */
static enum MHD_Result on_authorised(struct transfer *transfer)
{
    if (transfer->exchange.step == HTTP_STEP_BODY)
        begin_body(transfer);
    return transfer->exchange.step == HTTP_STEP_BODY ? MHD_YES : answer_before_body(transfer);
}

/* The last call: the body is complete. */
static enum MHD_Result on_complete(struct transfer *transfer)
{
    struct http_server *server = transfer->server;
    struct http_exchange *exchange = &transfer->exchange;
    enum http_body_result result = http_body_finish(&transfer->body, &exchange->body);
    set_deadline(transfer);
    if (result != HTTP_BODY_OK) {
        http_refuse(exchange, server->app, &server->limits, body_refusal(result));
    } else if (transfer->body.map != NULL) {
        /* Reading a file may wait for a disk: not on this thread. */
        if (hand_over(transfer, JOB_PREPARE, HTTP_LANE_READER, 0))
            return MHD_YES;
    } else {
        http_step_prepare(exchange, server->app, &server->limits);
        if (exchange->step == HTTP_STEP_QUEUE &&
            hand_over(transfer, JOB_EXECUTE, exchange->lane, exchange->key))
            return MHD_YES;
    }
    return send_answer(transfer);
}

static enum MHD_Result handle(void *data, struct MHD_Connection *mhd, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **context)
{
    struct transfer *transfer = *context;
    (void)data, (void)mhd, (void)url;
    if (transfer == NULL)
        return MHD_NO; /* no memory for it */
    if (transfer->phase == PHASE_SENDING)
        return MHD_NO; /* the library is stopping: it dropped the answer and goes on with the body
                        */
    if (*upload_size > 0) {
        ASSERT(transfer->phase == PHASE_BODY || transfer->phase == PHASE_DISCARD);
        size_t size = *upload_size;
        *upload_size = 0;
        return add_to_body(transfer, upload, size);
    }
    switch (transfer->phase) {
    case PHASE_HEAD:
        return on_head(transfer, method, version);
    case PHASE_AUTHORISED:
        return on_authorised(transfer);
    case PHASE_BODY:
        return on_complete(transfer);
    case PHASE_DISCARD:
    case PHASE_REPLY:
        return send_answer(transfer);
    case PHASE_AUTHORISING:
    case PHASE_WAITING:
    case PHASE_SENDING:
        break;
    }
    ASSERT(false);
    return MHD_NO;
}

/* ---- Beginning and end ---- */

static struct connection *connection_of(struct MHD_Connection *mhd)
{
    return MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* See above. The library calls `begin` between finding the query and splitting it, in memory of its
 * own to write. */
static void hide_query(const char *target)
{
    char *mark = writable(strchr(target, '?'));
    if (mark != NULL)
        mark[1] = 0;
}

/* The first line has come; `target` still as received. */
static void *begin(void *data, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *server = data;
    struct transfer *transfer = malloc(sizeof *transfer);
    if (transfer == NULL)
        return NULL;
    memset(transfer, 0, sizeof *transfer);
    http_exchange_init(&transfer->exchange, &server->limits);
    transfer->exchange.transport = transfer;
    transfer->exchange.path = STR("");
    transfer->exchange.method = HTTP_METHOD_COUNT; /* not known yet */
    transfer->server = server;
    transfer->mhd = mhd;
    transfer->connection = connection_of(mhd);
    transfer->began_us = http_now_us();
    http_body_init(&transfer->body, server->temporary_directory);
    struct str received = str_of(target == NULL ? "" : target);
    transfer->target_too_long = received.n > (size_t)server->limits.target_size;
    if (!transfer->target_too_long)
        transfer->target =
            (struct str){arena_copy(&transfer->exchange.arena, received), received.n};
    if (target != NULL)
        hide_query(target);
    if (transfer->connection != NULL)
        atomic_store(&transfer->connection->state, CONNECTION_HEAD);
    atomic_fetch_add(&server->transfers, 1);
    http_metrics_gauge(server->metrics, HTTP_GAUGE_REQUESTS, 1);
    return transfer;
}

static void log_request(const struct transfer *transfer, bool whole, uint64_t sent)
{
    const struct http_exchange *exchange = &transfer->exchange;
    int64_t ready_us = transfer->ready_us == 0 ? http_now_us() : transfer->ready_us;
    char status[16] = "-", total[24], waited[24], in[24], out[24];
    if (exchange->reply.status > 0)
        snprintf(status, sizeof status, "%d", exchange->reply.status);
    snprintf(total, sizeof total, "%" PRId64, ready_us - transfer->began_us);
    snprintf(waited, sizeof waited, "%" PRId64, transfer->waited_us);
    snprintf(in, sizeof in, "%" PRIu64, transfer->received);
    snprintf(out, sizeof out, "%" PRIu64, sent);
    log_line(LOG_INFO, "request", "req", exchange->request_id, "method",
             exchange->head_only ? "HEAD" : http_method_name(exchange->method), "route",
             exchange->route == NULL ? "unknown" : exchange->route, "status", status, "us", total,
             "wait_us", waited, "in", in, "out", out, "refused",
             exchange->refusal < 0 ? "no" : http_refusal_text((enum http_refusal)exchange->refusal),
             "end", whole ? "ok" : "cut", NULL);
}

static void finish(void *data, struct MHD_Connection *mhd, void **context,
                   enum MHD_RequestTerminationCode code)
{
    struct http_server *server = data;
    struct transfer *transfer = *context;
    (void)mhd;
    if (transfer == NULL)
        return;
    *context = NULL;
    ASSERT(transfer->phase != PHASE_AUTHORISING && transfer->phase != PHASE_WAITING);
    struct http_exchange *exchange = &transfer->exchange;
    bool whole = code == MHD_REQUEST_TERMINATED_COMPLETED_OK && transfer->phase == PHASE_SENDING;
    bool has_body =
        !exchange->head_only && exchange->reply.status != 304 && exchange->reply.status != 204;
    if (transfer->phase != PHASE_SENDING)
        exchange->reply.status = 0; /* never sent */
    uint64_t sent = whole && has_body ? http_reply_size(&exchange->reply) : 0;
    answer_is_ready(transfer);
    log_request(transfer, whole, sent);
    http_metrics_request(server->metrics, exchange, transfer->ready_us - transfer->began_us,
                         transfer->received, sent);
    connection_expect(transfer->connection, CONNECTION_IDLE,
                      http_now_us() + server->limits.idle_ms * 1000);
    http_exchange_release(exchange);
    free(transfer);
    http_metrics_gauge(server->metrics, HTTP_GAUGE_REQUESTS, -1);
    atomic_fetch_sub(&server->transfers, 1);
}

static void notify(void *data, struct MHD_Connection *mhd, void **socket_context,
                   enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = data;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        *socket_context = gate_started(&server->gate, fd);
    } else {
        gate_ended(server, *socket_context);
        *socket_context = NULL;
    }
}

/* ---- The library's threads ---- */

static size_t keep_escapes(void *data, struct MHD_Connection *mhd, char *text)
{
    (void)data, (void)mhd;
    return strlen(text);
}

PRINTF_LIKE(2, 0)
static void log_library(void *data, const char *format, va_list args)
{
    char text[256];
    (void)data;
    int n = vsnprintf(text, sizeof text, format, args);
    while (n > 0 && strlen(text) > 0 && text[strlen(text) - 1] == '\n')
        text[strlen(text) - 1] = 0;
    log_line(LOG_DEBUG, "libmicrohttpd", "text", text, NULL);
}

NORETURN static void panic(void *data, const char *file, unsigned line, const char *reason)
{
    (void)data;
    log_line(LOG_ERROR, "libmicrohttpd gave up", "reason", reason, NULL);
    assert_failed(reason, file, (int)line);
}

static unsigned count_threads(const struct http_limits *limits)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (limits->threads > 0)
        return (unsigned)limits->threads;
    return processors < 1 ? 1 : processors > 64 ? 64 : (unsigned)processors;
}

struct MHD_Daemon *transfer_daemon_start(struct http_server *server)
{
    const struct http_limits *limits = &server->limits;
    unsigned threads = count_threads(limits);
    /* A backstop: each state of a connection has a deadline of ours. */
    intptr_t timeout_s = (limits->idle_ms + limits->transfer_grace_ms) / 1000 + 10;
    /* The library divides its limit among its threads; ours is watched by the gate. */
    intptr_t connections = (limits->connections + 1) * (int64_t)threads;
    const struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, connections, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)limits->connection_memory, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, timeout_s, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 0,
         NULL}, /* our own checks are stricter, and answer in our words */
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)begin, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)finish, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)notify, server},
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)threads, NULL},
        {MHD_OPTION_END, 0, NULL}};
    MHD_set_panic_func(panic, NULL);
    return MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                                MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
                            0, NULL, NULL, handle, server, MHD_OPTION_ARRAY, options,
                            MHD_OPTION_END);
}

void transfer_daemon_stop(struct MHD_Daemon *daemon)
{
    if (daemon != NULL)
        MHD_stop_daemon(daemon);
}

bool transfer_add_socket(struct MHD_Daemon *daemon, int fd, const void *address, unsigned size)
{
    return MHD_add_connection(daemon, fd, address, size) == MHD_YES;
}
