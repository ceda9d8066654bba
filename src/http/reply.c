#include "http/internal.h"

#include <stdarg.h>
#include <unistd.h>

/* Room that a refusal may still take from an arena that is used up. */
enum { REFUSAL_ROOM = 64 * 1024 };

/* On every answer. The policy of pages is the strictest that our own pages work with; answers of
 * the API hold nothing that runs. */
static const struct http_reply_header every_reply[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-Frame-Options", "DENY"},
    {"Permissions-Policy",
     "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
};

/* Only where a proxy that is trusted says that it speaks TLS: on plain HTTP it means nothing. */
static const struct http_reply_header when_secure = {"Strict-Transport-Security",
                                                     "max-age=31536000; includeSubDomains"};

static const struct http_reply_header unless_said[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
                                "'self'; connect-src 'self'; font-src 'self'; "
                                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
};

struct writer *http_reply_begin(struct http_exchange *exchange, int status)
{
    struct http_reply *reply = &exchange->reply;
    if (reply->fd >= 0)
        close(reply->fd);
    writer_release(&reply->body);
    reply->status = status;
    reply->n_headers = 0;
    reply->text_used = 0;
    reply->constant = (struct str){NULL, 0};
    reply->fd = -1;
    reply->fd_size = 0;
    reply->failed = false;
    exchange->step = HTTP_STEP_REPLY;
    return &reply->body;
}

static bool may_repeat(const char *name)
{
    return http_equal_nocase(str_of(name), STR("Set-Cookie")) ||
           http_equal_nocase(str_of(name), STR("Vary")) ||
           http_equal_nocase(str_of(name), STR("Link"));
}

static struct http_reply_header *find(struct http_reply *reply, const char *name)
{
    for (size_t i = 0; i < reply->n_headers; i++)
        if (http_equal_nocase(str_of(reply->headers[i].name), str_of(name)))
            return &reply->headers[i];
    return NULL;
}

static bool value_is_clean(const char *value)
{
    for (const unsigned char *p = (const unsigned char *)value; *p != 0; p++)
        if ((*p < ' ' && *p != '\t') || *p == 0x7f)
            return false;
    return true;
}

static void add_header(struct http_reply *reply, const char *name, const char *value)
{
    struct http_reply_header *header = may_repeat(name) ? NULL : find(reply, name);
    if (header == NULL && reply->n_headers < HTTP_REPLY_HEADERS_MAX)
        header = &reply->headers[reply->n_headers++];
    if (header == NULL || !value_is_clean(value)) {
        reply->failed = true;
        return;
    }
    *header = (struct http_reply_header){name, value};
}

void http_reply_header(struct http_exchange *exchange, const char *name, const char *value)
{
    http_reply_headerf(exchange, name, "%s", value);
}

void http_reply_headerf(struct http_exchange *exchange, const char *name, const char *format, ...)
{
    struct http_reply *reply = &exchange->reply;
    size_t room = sizeof reply->text - reply->text_used;
    char *value = reply->text + reply->text_used;
    va_list args;
    ASSERT(http_is_token(str_of(name)));
    va_start(args, format);
    int n = vsnprintf(value, room, format, args);
    va_end(args);
    if (n < 0 || (size_t)n >= room) {
        reply->failed = true;
        return;
    }
    reply->text_used += (size_t)n + 1;
    add_header(reply, name, value);
}

void http_reply_file(struct http_exchange *exchange, int fd, uint64_t size)
{
    if (exchange->reply.fd >= 0)
        close(exchange->reply.fd);
    exchange->reply.fd = fd;
    exchange->reply.fd_size = size;
}

void http_queue(struct http_exchange *exchange, enum http_lane lane, uint64_t key)
{
    ASSERT((int)lane >= 0 && lane < HTTP_LANE_COUNT);
    exchange->step = HTTP_STEP_QUEUE;
    exchange->lane = lane;
    exchange->key = key;
}

static bool is_whole(const struct http_reply *reply)
{
    return reply->status >= 200 && reply->status <= 599 && !reply->failed && !reply->body.failed;
}

/* The words of last resort, when the application had none. */
static void say_plainly(struct http_exchange *exchange, enum http_refusal refusal)
{
    http_reply_begin(exchange, http_refusal_status(refusal));
    add_header(&exchange->reply, "Content-Type", "text/plain; charset=utf-8");
    exchange->reply.constant = str_of(http_refusal_text(refusal));
}

/* Whether what follows on the connection cannot be trusted, or is not wanted. */
static bool ends_connection(enum http_refusal refusal)
{
    switch (refusal) {
    case HTTP_REFUSAL_MALFORMED:
    case HTTP_REFUSAL_TARGET_TOO_LONG:
    case HTTP_REFUSAL_HEAD_TOO_LARGE:
    case HTTP_REFUSAL_NOT_IMPLEMENTED:
    case HTTP_REFUSAL_STOPPING:
        return true;
    case HTTP_REFUSAL_TOO_LARGE:
    case HTTP_REFUSAL_CONTENT_CODING:
    case HTTP_REFUSAL_BUSY:
    case HTTP_REFUSAL_LATE:
    case HTTP_REFUSAL_STORAGE:
    case HTTP_REFUSAL_INTERNAL:
    case HTTP_REFUSAL_COUNT:
        break;
    }
    return false;
}

void http_refuse(struct http_exchange *exchange, const struct http_app *app,
                 const struct http_limits *limits, enum http_refusal refusal)
{
    int status = http_refusal_status(refusal);
    exchange->arena.limit += REFUSAL_ROOM;
    exchange->arena.exhausted = false;
    http_reply_begin(exchange, status);
    app->refuse(app->data, exchange, refusal);
    exchange->step = HTTP_STEP_REPLY;
    exchange->refusal = (int)refusal;
    exchange->reply.status = status;
    exchange->reply.close = exchange->reply.close || ends_connection(refusal);
    if (!is_whole(&exchange->reply))
        say_plainly(exchange, refusal);
    if (status == 503)
        http_reply_headerf(exchange, "Retry-After", "%lld", (long long)limits->retry_after_s);
}

uint64_t http_reply_size(const struct http_reply *reply)
{
    if (reply->fd >= 0)
        return reply->fd_size;
    return reply->constant.p != NULL ? reply->constant.n : reply->body.size;
}

void http_reply_finish(struct http_exchange *exchange, const struct http_app *app,
                       const struct http_limits *limits)
{
    struct http_reply *reply = &exchange->reply;
    if (!is_whole(reply))
        http_refuse(exchange, app, limits, HTTP_REFUSAL_INTERNAL);
    for (size_t i = 0; i < ARRAY_SIZE(every_reply); i++)
        add_header(reply, every_reply[i].name, every_reply[i].value);
    if (exchange->is_secure)
        add_header(reply, when_secure.name, when_secure.value);
    for (size_t i = 0; i < ARRAY_SIZE(unless_said); i++)
        if (find(reply, unless_said[i].name) == NULL)
            add_header(reply, unless_said[i].name, unless_said[i].value);
    add_header(reply, "X-Request-Id", exchange->request_id);
    if (reply->failed) { /* no room for the headers of every answer: say less */
        say_plainly(exchange, HTTP_REFUSAL_INTERNAL);
        for (size_t i = 0; i < ARRAY_SIZE(every_reply); i++)
            add_header(reply, every_reply[i].name, every_reply[i].value);
        add_header(reply, "X-Request-Id", exchange->request_id);
    }
}
