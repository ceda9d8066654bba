/* Counters in atomics; any thread adds, one reads now and then. Sums may be a moment apart from
 * each other. */
#include "http/internal.h"

#include <inttypes.h>
#include <stdatomic.h>

enum { ROUTES_MAX = 512, CLASSES = 6, BUCKETS = 14 };

/* Upper bounds in microseconds; the last bucket has none. */
static const int64_t bounds[BUCKETS - 1] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};

struct histogram {
    _Atomic uint64_t buckets[BUCKETS];
    _Atomic uint64_t sum_us;
};

struct route_figures {
    _Atomic(const char *) route; /* a constant; NULL: free */
    _Atomic int method;
    _Atomic uint64_t by_class[CLASSES]; /* 0: no answer; else the first digit of the status */
    struct histogram duration;
};

struct http_metrics {
    _Atomic int64_t gauges[HTTP_GAUGE_COUNT];
    _Atomic int64_t queued[HTTP_LANE_COUNT], running[HTTP_LANE_COUNT];
    struct histogram waited[HTTP_LANE_COUNT];
    _Atomic uint64_t refused[HTTP_REFUSAL_COUNT];
    _Atomic uint64_t cut[HTTP_CUT_COUNT];
    _Atomic uint64_t turned_away;
    _Atomic uint64_t bytes_in, bytes_out;
    struct route_figures routes[ROUTES_MAX];
};

struct http_metrics *http_metrics_new(void)
{
    struct http_metrics *metrics = calloc(1, sizeof *metrics);
    ASSERT(metrics != NULL);
    return metrics;
}

void http_metrics_free(struct http_metrics *metrics)
{
    free(metrics);
}

static void count(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static void change_gauge(_Atomic int64_t *gauge, int change)
{
    atomic_fetch_add_explicit(gauge, change, memory_order_relaxed);
}

static uint64_t read_counter(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void observe(struct histogram *histogram, int64_t us)
{
    size_t i = 0;
    while (i < ARRAY_SIZE(bounds) && us > bounds[i])
        i++;
    count(&histogram->buckets[i], 1);
    count(&histogram->sum_us, us > 0 ? (uint64_t)us : 0);
}

void http_metrics_gauge(struct http_metrics *metrics, enum http_gauge gauge, int change)
{
    if (metrics != NULL)
        change_gauge(&metrics->gauges[gauge], change);
}

void http_metrics_queued(struct http_metrics *metrics, enum http_lane lane, int change)
{
    if (metrics != NULL)
        change_gauge(&metrics->queued[lane], change);
}

void http_metrics_running(struct http_metrics *metrics, enum http_lane lane, int change)
{
    if (metrics != NULL)
        change_gauge(&metrics->running[lane], change);
}

void http_metrics_waited(struct http_metrics *metrics, enum http_lane lane, int64_t us)
{
    if (metrics != NULL)
        observe(&metrics->waited[lane], us);
}

void http_metrics_refused(struct http_metrics *metrics, enum http_refusal refusal)
{
    if (metrics != NULL)
        count(&metrics->refused[refusal], 1);
}

void http_metrics_cut(struct http_metrics *metrics, enum http_cut cut)
{
    if (metrics != NULL)
        count(&metrics->cut[cut], 1);
}

void http_metrics_turned_away(struct http_metrics *metrics)
{
    if (metrics != NULL)
        count(&metrics->turned_away, 1);
}

/* The row of a route and method, made at its first request; NULL when there are more than
 * ROUTES_MAX. A row belongs to whoever sets its route first; until its method is there too (+1, so
 * that 0 is "not yet"), others wait. */
static struct route_figures *find_route(struct http_metrics *metrics, const char *route, int method)
{
    ASSERT(route != NULL);
    size_t start = (size_t)((http_key(str_of(route)) + (unsigned)method) % ROUTES_MAX);
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        struct route_figures *row = &metrics->routes[(start + i) % ROUTES_MAX];
        const char *found = atomic_load(&row->route);
        if (found == NULL) {
            const char *expected = NULL;
            if (atomic_compare_exchange_strong(&row->route, &expected, route)) {
                atomic_store(&row->method, method + 1);
                return row;
            }
            found = expected;
        }
        if (found != route && strcmp(found, route) != 0)
            continue;
        int of_row;
        while ((of_row = atomic_load(&row->method)) == 0)
            ; /* two instructions of another thread away */
        if (of_row == method + 1)
            return row;
    }
    return NULL;
}

void http_metrics_request(struct http_metrics *metrics, const struct http_exchange *exchange,
                          int64_t us, uint64_t bytes_in, uint64_t bytes_out)
{
    if (metrics == NULL)
        return;
    count(&metrics->bytes_in, bytes_in);
    count(&metrics->bytes_out, bytes_out);
    const char *route = exchange->route == NULL ? "unknown" : exchange->route;
    struct route_figures *row = find_route(metrics, route, (int)exchange->method);
    if (row == NULL)
        return;
    int class = exchange->reply.status / 100;
    count(&row->by_class[class >= 0 && class < CLASSES ? class : 0], 1);
    observe(&row->duration, us);
}

/* ---- Text ---- */

static void write_seconds(struct writer *writer, uint64_t us)
{
    writer_format(writer, "%" PRIu64 ".%06" PRIu64, us / 1000000, us % 1000000);
}

static void head(struct writer *writer, const char *name, const char *type, const char *help)
{
    writer_format(writer, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_histogram(struct writer *writer, const char *name, const char *labels,
                            const struct histogram *histogram)
{
    uint64_t total = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        total += read_counter(&histogram->buckets[i]);
        writer_format(writer, "%s_bucket{%s,le=\"", name, labels);
        if (i < ARRAY_SIZE(bounds))
            write_seconds(writer, (uint64_t)bounds[i]);
        else
            writer_text(writer, "+Inf");
        writer_format(writer, "\"} %" PRIu64 "\n", total);
    }
    writer_format(writer, "%s_sum{%s} ", name, labels);
    write_seconds(writer, read_counter(&histogram->sum_us));
    writer_format(writer, "\n%s_count{%s} %" PRIu64 "\n", name, labels, total);
}

static void write_gauges(const struct http_metrics *metrics, struct writer *writer)
{
    static const struct {
        const char *name, *help;
    } names[HTTP_GAUGE_COUNT] = {
        [HTTP_GAUGE_CONNECTIONS] = {"grenier_http_connections", "Open connections."},
        [HTTP_GAUGE_REQUESTS] = {"grenier_http_requests_in_flight",
                                 "Requests from their first line to the end of the answer."},
        [HTTP_GAUGE_UPLOADS] = {"grenier_http_uploads", "Bodies in temporary files."},
    };
    for (size_t i = 0; i < HTTP_GAUGE_COUNT; i++) {
        head(writer, names[i].name, "gauge", names[i].help);
        writer_format(writer, "%s %" PRId64 "\n", names[i].name,
                      atomic_load_explicit(&metrics->gauges[i], memory_order_relaxed));
    }
}

static void write_lanes(const struct http_metrics *metrics, struct writer *writer)
{
    head(writer, "grenier_http_queue_depth", "gauge", "Requests waiting, by lane.");
    for (int i = 0; i < HTTP_LANE_COUNT; i++)
        writer_format(writer, "grenier_http_queue_depth{lane=\"%s\"} %" PRId64 "\n",
                      http_lane_name((enum http_lane)i),
                      atomic_load_explicit(&metrics->queued[i], memory_order_relaxed));
    head(writer, "grenier_http_workers_busy", "gauge", "Workers at work, by lane.");
    for (int i = 0; i < HTTP_LANE_COUNT; i++)
        writer_format(writer, "grenier_http_workers_busy{lane=\"%s\"} %" PRId64 "\n",
                      http_lane_name((enum http_lane)i),
                      atomic_load_explicit(&metrics->running[i], memory_order_relaxed));
    head(writer, "grenier_http_queue_wait_seconds", "histogram", "Time in a queue, by lane.");
    for (int i = 0; i < HTTP_LANE_COUNT; i++) {
        char labels[64];
        snprintf(labels, sizeof labels, "lane=\"%s\"", http_lane_name((enum http_lane)i));
        write_histogram(writer, "grenier_http_queue_wait_seconds", labels, &metrics->waited[i]);
    }
}

static void write_counters(const struct http_metrics *metrics, struct writer *writer)
{
    static const char *const cuts[HTTP_CUT_COUNT] = {[HTTP_CUT_HEAD] = "head",
                                                     [HTTP_CUT_BODY] = "body",
                                                     [HTTP_CUT_REPLY] = "reply",
                                                     [HTTP_CUT_GONE] = "gone"};
    head(writer, "grenier_http_refusals_total", "counter",
         "Requests refused by the server itself.");
    for (int i = 0; i < HTTP_REFUSAL_COUNT; i++)
        writer_format(writer, "grenier_http_refusals_total{reason=\"%s\"} %" PRIu64 "\n",
                      http_refusal_text((enum http_refusal)i), read_counter(&metrics->refused[i]));
    head(writer, "grenier_http_cut_total", "counter",
         "Connections cut because the client was too slow, by what it was slow at, or had gone.");
    for (size_t i = 0; i < HTTP_CUT_COUNT; i++)
        writer_format(writer, "grenier_http_cut_total{at=\"%s\"} %" PRIu64 "\n", cuts[i],
                      read_counter(&metrics->cut[i]));
    head(writer, "grenier_http_turned_away_total", "counter",
         "Connections closed at once: their address had too many.");
    writer_format(writer, "grenier_http_turned_away_total %" PRIu64 "\n",
                  read_counter(&metrics->turned_away));
    head(writer, "grenier_http_received_bytes_total", "counter", "Bytes of request bodies.");
    writer_format(writer, "grenier_http_received_bytes_total %" PRIu64 "\n",
                  read_counter(&metrics->bytes_in));
    head(writer, "grenier_http_sent_bytes_total", "counter", "Bytes of answers' bodies.");
    writer_format(writer, "grenier_http_sent_bytes_total %" PRIu64 "\n",
                  read_counter(&metrics->bytes_out));
}

/* The labels of a row, or false when it is free. Templates hold no quote and no backslash. */
static bool row_labels(const struct route_figures *row, char *labels, size_t size)
{
    const char *route = atomic_load(&row->route);
    int method = atomic_load(&row->method);
    if (route == NULL || method == 0)
        return false;
    snprintf(labels, size, "route=\"%s\",method=\"%s\"", route,
             http_method_name((enum http_method)(method - 1)));
    return true;
}

static void write_routes(const struct http_metrics *metrics, struct writer *writer)
{
    static const char *const classes[CLASSES] = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
    char labels[512];
    head(writer, "grenier_http_requests_total", "counter",
         "Requests by route, method, status class.");
    for (size_t i = 0; i < ROUTES_MAX; i++) {
        const struct route_figures *row = &metrics->routes[i];
        if (!row_labels(row, labels, sizeof labels))
            continue;
        for (size_t class = 0; class < CLASSES; class ++)
            if (read_counter(&row->by_class[class]) > 0)
                writer_format(writer, "grenier_http_requests_total{%s,status=\"%s\"} %" PRIu64 "\n",
                              labels, classes[class], read_counter(&row->by_class[class]));
    }
    head(writer, "grenier_http_request_duration_seconds", "histogram",
         "From the first line of the request to the answer ready to send.");
    for (size_t i = 0; i < ROUTES_MAX; i++)
        if (row_labels(&metrics->routes[i], labels, sizeof labels))
            write_histogram(writer, "grenier_http_request_duration_seconds", labels,
                            &metrics->routes[i].duration);
}

void http_metrics_write(const struct http_metrics *metrics, struct writer *writer)
{
    write_gauges(metrics, writer);
    write_lanes(metrics, writer);
    write_counters(metrics, writer);
    write_routes(metrics, writer);
}
