/* The order of things, with and without a socket. */
#include "http/internal.h"

void http_step_head(struct http_exchange *exchange, const struct http_app *app,
                    const struct http_limits *limits, const struct http_assets *assets)
{
    enum http_refusal refusal;
    exchange->step = HTTP_STEP_BODY;
    if (!http_head_check(exchange, limits, &refusal)) {
        http_refuse(exchange, app, limits, refusal);
        return;
    }
    if (assets != NULL && http_assets_answer(assets, exchange))
        return;
    app->head(app->data, exchange);
    if (exchange->step == HTTP_STEP_BODY && exchange->declared_length > exchange->body_limit)
        http_refuse(exchange, app, limits, HTTP_REFUSAL_TOO_LARGE);
    ASSERT(exchange->step != HTTP_STEP_QUEUE);
}

bool http_needs_authorise(const struct http_exchange *exchange)
{
    return exchange->step == HTTP_STEP_BODY && exchange->authorise_first &&
           (exchange->declared_length > HTTP_BODY_MEMORY_MAX || exchange->declared_length < 0);
}

/* True when `prepare` may look at the body. */
static bool split_parts(struct http_exchange *exchange, const struct http_app *app,
                        const struct http_limits *limits)
{
    if (!exchange->accepts_multipart ||
        strcmp(http_content_type(exchange), "multipart/form-data") != 0)
        return true;
    enum multipart_fault fault =
        multipart_parse(&exchange->arena, http_header(exchange, "Content-Type"), exchange->body,
                        (size_t)limits->multipart_parts, &exchange->parts, &exchange->n_parts);
    if (fault == MULTIPART_OK)
        return true;
    exchange->refusal_detail = multipart_fault_text(fault);
    http_refuse(exchange, app, limits,
                fault == MULTIPART_MEMORY ? HTTP_REFUSAL_TOO_LARGE : HTTP_REFUSAL_MALFORMED);
    return false;
}

void http_step_prepare(struct http_exchange *exchange, const struct http_app *app,
                       const struct http_limits *limits)
{
    if (!split_parts(exchange, app, limits))
        return;
    exchange->step = HTTP_STEP_REPLY;
    app->prepare(app->data, exchange);
    ASSERT(exchange->step != HTTP_STEP_BODY);
}

/* Without an answer so far: the head is fine, the body may be looked at. */
static bool body_is_let_in(struct http_exchange *exchange, const struct http_app *app,
                           const struct http_limits *limits, void *worker)
{
    if (http_needs_authorise(exchange)) {
        struct http_exchange *const one[] = {exchange};
        app->authorise(app->data, worker, one, 1);
        ASSERT(exchange->step != HTTP_STEP_QUEUE);
    }
    if (exchange->step == HTTP_STEP_BODY && exchange->body.n > (uint64_t)exchange->body_limit)
        http_refuse(exchange, app, limits, HTTP_REFUSAL_TOO_LARGE);
    return exchange->step == HTTP_STEP_BODY;
}

void http_exchange_run(struct http_exchange *exchange, const struct http_app *app,
                       const struct http_limits *limits, const struct http_assets *assets,
                       void *worker, struct str body)
{
    exchange->body = body;
    exchange->declared_length = (int64_t)body.n;
    http_step_head(exchange, app, limits, assets);
    if (exchange->step == HTTP_STEP_BODY && body_is_let_in(exchange, app, limits, worker)) {
        http_step_prepare(exchange, app, limits);
        while (exchange->step == HTTP_STEP_QUEUE) {
            struct http_exchange *const one[] = {exchange};
            exchange->step = HTTP_STEP_REPLY;
            app->execute(app->data, worker, one, 1);
            ASSERT(exchange->step != HTTP_STEP_BODY);
        }
    }
    http_reply_finish(exchange, app, limits);
}
