/* Queues: a place that is booked counts before it is filled, and a closed queue books none. */
#include "http/server.h"
#include "lib/check.h"

static void on_exchange(void *data, struct http_exchange *exchange)
{
    (void)data, (void)exchange;
}

static void on_exchanges(void *data, void *worker, struct http_exchange *const exchanges[],
                         size_t n)
{
    (void)data, (void)worker, (void)exchanges, (void)n;
}

static void on_refuse(void *data, struct http_exchange *exchange, enum http_refusal refusal)
{
    (void)data, (void)exchange, (void)refusal;
}

static void *on_open(void *data, enum http_lane lane, unsigned index)
{
    _Atomic int *open = data;
    (void)lane, (void)index;
    atomic_fetch_add(open, 1);
    return data;
}

static void on_close(void *data, void *worker)
{
    _Atomic int *open = worker;
    CHECK(data == worker);
    atomic_fetch_sub(open, 1);
}

int main(void)
{
    _Atomic int open = 0;
    const struct http_app app = {.data = &open,
                                 .head = on_exchange,
                                 .authorise = on_exchanges,
                                 .prepare = on_exchange,
                                 .execute = on_exchanges,
                                 .refuse = on_refuse,
                                 .worker_open = on_open,
                                 .worker_close = on_close};
    struct http_server *server = calloc(1, sizeof *server);
    if (server == NULL)
        return 1;
    server->app = &app;
    server->limits = http_limits_default();
    server->limits.writers = 2;
    server->limits.writer_queue = 2;
    CHECK(workers_start(server));
    CHECK_INT(server->n_queues, 5);
    CHECK_INT(server->n_workers, 2 + 3 + 1 + 1);

    struct queue *first = workers_queue(server, HTTP_LANE_WRITER, 4);
    struct queue *second = workers_queue(server, HTTP_LANE_WRITER, 5);
    CHECK(first != second && first == workers_queue(server, HTTP_LANE_WRITER, 6));
    CHECK(workers_queue(server, HTTP_LANE_READER, 4) == workers_queue(server, HTTP_LANE_READER, 5));
    CHECK(workers_queue(server, HTTP_LANE_EXPORT, 0) !=
          workers_queue(server, HTTP_LANE_PASSWORD, 0));

    CHECK_INT(queue_reserve(server, first), RESERVED);
    CHECK_INT(queue_reserve(server, first), RESERVED);
    CHECK_INT(queue_reserve(server, first), QUEUE_FULL);
    CHECK_INT(queue_reserve(server, second), RESERVED);
    CHECK_INT(atomic_load(&server->pending), 3);
    workers_close(server);
    CHECK_INT(queue_reserve(server, second), QUEUE_CLOSED);
    CHECK_INT(atomic_load(&server->pending), 3);

    first->reserved = second->reserved = 0; /* nobody will fill them */
    workers_stop(server);
    CHECK_INT(atomic_load(&open), 0);
    free(server);
    return check_done();
}
