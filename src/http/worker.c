/* Bounded queues and the threads that empty them. A place is booked before the connection is
 * suspended and filled after, because a worker may resume it at any moment once it is in the queue.
 */
#include "http/server.h"

static bool queue_init(struct queue *queue, enum http_lane lane, int64_t capacity, int64_t batch)
{
    *queue = (struct queue){.lane = lane, .capacity = (size_t)capacity, .batch = (size_t)batch};
    queue->ring = calloc(queue->capacity, sizeof(struct transfer *));
    ASSERT(pthread_mutex_init(&queue->mutex, NULL) == 0);
    ASSERT(pthread_cond_init(&queue->filled, NULL) == 0);
    return queue->ring != NULL;
}

/* A pause that one request makes must not shut the door to all: a sample counts for four times the
 * pace at most, so that it takes several in a row to believe that everything has become slow. */
enum { PACE_SHARE = 8, PACE_RISE = 4, PACE_START_US = 1000 };

void queue_pace(struct queue *queue, int64_t took_us, size_t n)
{
    pthread_mutex_lock(&queue->mutex);
    int64_t sample = took_us / (int64_t)n, most = PACE_RISE * queue->pace_us + PACE_START_US;
    if (sample > most)
        sample = most;
    queue->pace_us += (sample - queue->pace_us) / PACE_SHARE;
    pthread_mutex_unlock(&queue->mutex);
}

/* Whether one more would begin late. Who comes to a free thread never waits. */
static bool is_long(const struct queue *queue)
{
    size_t before = queue->count + queue->reserved;
    return queue->patience_us != 0 && before > queue->threads &&
           (int64_t)(before / queue->threads) * queue->pace_us > queue->patience_us;
}

enum reserve_result queue_reserve(struct http_server *server, struct queue *queue)
{
    enum reserve_result result = RESERVED;
    pthread_mutex_lock(&queue->mutex);
    if (queue->closed)
        result = QUEUE_CLOSED;
    else if (queue->count + queue->reserved >= queue->capacity || is_long(queue))
        result = QUEUE_FULL;
    else
        queue->reserved++;
    if (result == RESERVED)
        atomic_fetch_add(&server->pending, 1);
    pthread_mutex_unlock(&queue->mutex);
    return result;
}

void queue_publish(struct http_server *server, struct queue *queue, struct transfer *transfer)
{
    transfer->queued_us = http_now_us();
    http_metrics_queued(server->metrics, queue->lane, 1);
    pthread_mutex_lock(&queue->mutex);
    ASSERT(queue->reserved > 0 && queue->count < queue->capacity);
    queue->reserved--;
    queue->ring[(queue->first + queue->count) % queue->capacity] = transfer;
    queue->count++;
    pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
}

/* Waits for work; takes the first transfer and those behind it with the same job, at most `batch`.
 * 0: leave. */
static size_t queue_take(struct queue *queue, struct transfer *taken[])
{
    size_t n = 0;
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->over)
        pthread_cond_wait(&queue->filled, &queue->mutex);
    while (queue->count > 0 && n < queue->batch) {
        struct transfer *next = queue->ring[queue->first];
        if (n > 0 && next->job != taken[0]->job)
            break;
        taken[n++] = next;
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
    }
    if (queue->count > 0) /* one signal may have been meant for several */
        pthread_cond_signal(&queue->filled);
    pthread_mutex_unlock(&queue->mutex);
    return n;
}

static bool is_late(const struct transfer *transfer, int64_t now_us)
{
    return transfer->deadline_us != 0 && now_us > transfer->deadline_us;
}

/* Takes out at most `max` transfers that are late (or any, with `all`); the others keep their
 * order. */
static size_t queue_take_late(struct queue *queue, int64_t now_us, bool all,
                              struct transfer *taken[], size_t max)
{
    size_t n = 0, kept = 0;
    pthread_mutex_lock(&queue->mutex);
    for (size_t i = 0; i < queue->count; i++) {
        struct transfer *transfer = queue->ring[(queue->first + i) % queue->capacity];
        if (n < max && (all || is_late(transfer, now_us)))
            taken[n++] = transfer;
        else
            queue->ring[(queue->first + kept++) % queue->capacity] = transfer;
    }
    queue->count = kept;
    pthread_mutex_unlock(&queue->mutex);
    return n;
}

static void count_wait(struct http_server *server, enum http_lane lane, struct transfer *transfer,
                       int64_t now_us)
{
    int64_t waited = now_us - transfer->queued_us;
    transfer->waited_us += waited;
    http_metrics_queued(server->metrics, lane, -1);
    http_metrics_waited(server->metrics, lane, waited);
}

void workers_expire(struct http_server *server, int64_t now_us, bool all)
{
    struct transfer *late[64];
    for (size_t i = 0; i < server->n_queues; i++) {
        struct queue *queue = &server->queues[i];
        size_t n;
        do {
            n = queue_take_late(queue, now_us, all, late, ARRAY_SIZE(late));
            for (size_t j = 0; j < n; j++) {
                count_wait(server, queue->lane, late[j], now_us);
                transfer_refuse(late[j], all ? HTTP_REFUSAL_STOPPING : HTTP_REFUSAL_LATE);
            }
        } while (n == ARRAY_SIZE(late));
    }
}

/* Runs one job for n transfers that are in time. */
static void run(struct http_server *server, void *data, struct transfer *const transfers[],
                size_t n)
{
    const struct http_app *app = server->app;
    struct http_exchange *exchanges[BATCH_MAX];
    ASSERT(n > 0 && n <= ARRAY_SIZE(exchanges));
    for (size_t i = 0; i < n; i++) {
        exchanges[i] = &transfers[i]->exchange;
        exchanges[i]->step = transfers[i]->job == JOB_AUTHORISE ? HTTP_STEP_BODY : HTTP_STEP_REPLY;
    }
    switch (transfers[0]->job) {
    case JOB_AUTHORISE:
        app->authorise(app->data, data, exchanges, n);
        break;
    case JOB_PREPARE:
        for (size_t i = 0; i < n; i++)
            http_step_prepare(exchanges[i], app, &server->limits);
        break;
    case JOB_EXECUTE:
        app->execute(app->data, data, exchanges, n);
        break;
    }
    for (size_t i = 0; i < n; i++)
        transfer_settle(transfers[i]);
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct http_server *server = worker->server;
    const struct http_app *app = server->app;
    struct transfer *taken[BATCH_MAX], *timely[BATCH_MAX];
    char name[16];
    snprintf(name, sizeof name, "%s-%u", http_lane_name(worker->lane), worker->index);
    pthread_setname_np(pthread_self(), name);
    void *data = app->worker_open(app->data, worker->lane, worker->index);
    for (size_t n; (n = queue_take(worker->queue, taken)) > 0;) {
        int64_t now_us = http_now_us();
        size_t n_timely = 0;
        http_metrics_running(server->metrics, worker->lane, 1);
        for (size_t i = 0; i < n; i++) {
            count_wait(server, worker->lane, taken[i], now_us);
            if (is_late(taken[i], now_us))
                transfer_refuse(taken[i], HTTP_REFUSAL_LATE);
            else
                timely[n_timely++] = taken[i];
        }
        if (n_timely > 0) {
            run(server, data, timely, n_timely);
            queue_pace(worker->queue, http_now_us() - now_us, n_timely);
        }
        http_metrics_running(server->metrics, worker->lane, -1);
    }
    app->worker_close(app->data, data);
    return NULL;
}

static bool start_threads(struct http_server *server, enum http_lane lane, struct queue *queue,
                          unsigned first, unsigned n)
{
    queue->threads = n;
    queue->patience_us = lane == HTTP_LANE_EXPORT ? 0 : server->limits.patience_ms * 1000;
    for (unsigned i = 0; i < n; i++) {
        ASSERT(server->n_workers < WORKERS_MAX);
        struct worker *worker = &server->workers[server->n_workers];
        *worker =
            (struct worker){.server = server, .queue = queue, .lane = lane, .index = first + i};
        if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0)
            return false;
        server->n_workers++;
    }
    return true;
}

bool workers_start(struct http_server *server)
{
    const struct http_limits *limits = &server->limits;
    server->n_writers = (size_t)limits->writers;
    bool good = true;
    for (size_t i = 0; i < server->n_writers; i++)
        good = queue_init(&server->queues[server->n_queues++], HTTP_LANE_WRITER,
                          limits->writer_queue, limits->writer_batch) &&
               good;
    good = queue_init(&server->queues[server->n_queues++], HTTP_LANE_READER, limits->reader_queue,
                      limits->reader_batch) &&
           good;
    good = queue_init(&server->queues[server->n_queues++], HTTP_LANE_EXPORT, limits->export_queue,
                      1) &&
           good;
    good = queue_init(&server->queues[server->n_queues++], HTTP_LANE_PASSWORD,
                      limits->password_queue, 1) &&
           good;
    for (unsigned i = 0; good && i < server->n_writers; i++)
        good = start_threads(server, HTTP_LANE_WRITER, &server->queues[i], i, 1);
    return good &&
           start_threads(server, HTTP_LANE_READER, workers_queue(server, HTTP_LANE_READER, 0), 0,
                         (unsigned)limits->readers) &&
           start_threads(server, HTTP_LANE_EXPORT, workers_queue(server, HTTP_LANE_EXPORT, 0), 0,
                         1) &&
           start_threads(server, HTTP_LANE_PASSWORD, workers_queue(server, HTTP_LANE_PASSWORD, 0),
                         0, 1);
}

struct queue *workers_queue(struct http_server *server, enum http_lane lane, uint64_t key)
{
    size_t index = 0;
    switch (lane) {
    case HTTP_LANE_WRITER:
        index = (size_t)(key % server->n_writers);
        break;
    case HTTP_LANE_READER:
        index = server->n_writers;
        break;
    case HTTP_LANE_EXPORT:
        index = server->n_writers + 1;
        break;
    case HTTP_LANE_PASSWORD:
        index = server->n_writers + 2;
        break;
    case HTTP_LANE_COUNT:
        ASSERT(false);
    }
    return &server->queues[index];
}

void workers_close(struct http_server *server)
{
    for (size_t i = 0; i < server->n_queues; i++) {
        pthread_mutex_lock(&server->queues[i].mutex);
        server->queues[i].closed = true;
        pthread_mutex_unlock(&server->queues[i].mutex);
    }
}

void workers_stop(struct http_server *server)
{
    for (size_t i = 0; i < server->n_queues; i++) {
        struct queue *queue = &server->queues[i];
        pthread_mutex_lock(&queue->mutex);
        queue->over = true;
        pthread_cond_broadcast(&queue->filled);
        pthread_mutex_unlock(&queue->mutex);
    }
    for (size_t i = 0; i < server->n_workers; i++)
        pthread_join(server->workers[i].thread, NULL);
    for (size_t i = 0; i < server->n_queues; i++) {
        struct queue *queue = &server->queues[i];
        ASSERT(queue->count == 0 && queue->reserved == 0);
        pthread_cond_destroy(&queue->filled);
        pthread_mutex_destroy(&queue->mutex);
        free(queue->ring);
    }
    server->n_workers = server->n_queues = 0;
}
