/* Starting and stopping, in the one order that works. */
#include "http/server.h"

#include <poll.h>
#include <sys/resource.h>

/* Descriptors besides connections and uploads: databases, answers from files, logs, libraries. */
enum { OTHER_DESCRIPTORS = 256, LOOK_AGAIN_MS = 5 };

static bool read_config(struct http_server *server, const struct http_config *config,
                        char ret_error[static HTTP_ERROR_MAX])
{
    const char *fault = http_limits_fault(&config->limits);
    if (fault != NULL) {
        snprintf(ret_error, HTTP_ERROR_MAX, "the limit %s is out of its range", fault);
        return false;
    }
    if (config->n_trusted_proxies > HTTP_TRUSTED_MAX) {
        snprintf(ret_error, HTTP_ERROR_MAX, "more than %d trusted proxies", HTTP_TRUSTED_MAX);
        return false;
    }
    for (size_t i = 0; i < config->n_trusted_proxies; i++) {
        if (http_network_parse(str_of(config->trusted_proxies[i]), &server->trusted[i]))
            continue;
        snprintf(ret_error, HTTP_ERROR_MAX, "\"%s\" is not an address or a network",
                 config->trusted_proxies[i]);
        return false;
    }
    server->n_trusted = config->n_trusted_proxies;
    server->limits = config->limits;
    server->metrics = config->metrics;
    server->temporary_directory = config->temporary_directory;
    if (config->n_assets > 0)
        server->assets = http_assets_new(config->assets, config->n_assets);
    return true;
}

/* Raises the soft limit as far as is needed and allowed. */
static bool have_descriptors(const struct http_limits *limits,
                             char ret_error[static HTTP_ERROR_MAX])
{
    struct rlimit now;
    rlim_t needed = (rlim_t)(limits->connections + limits->uploads + OTHER_DESCRIPTORS);
    if (getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur >= needed)
        return true;
    now.rlim_cur = now.rlim_max < needed ? now.rlim_max : needed;
    if (setrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur >= needed)
        return true;
    snprintf(ret_error, HTTP_ERROR_MAX,
             "%lld connections and %lld uploads need %llu open files, %llu are allowed",
             (long long)limits->connections, (long long)limits->uploads, (unsigned long long)needed,
             (unsigned long long)now.rlim_max);
    return false;
}

static bool start_all(struct http_server *server, const struct http_config *config,
                      char ret_error[static HTTP_ERROR_MAX])
{
    if (!read_config(server, config, ret_error) || !have_descriptors(&server->limits, ret_error) ||
        !gate_open(&server->gate, config, ret_error))
        return false;
    if (!workers_start(server)) {
        snprintf(ret_error, HTTP_ERROR_MAX, "cannot start the worker threads");
        return false;
    }
    server->daemon = transfer_daemon_start(server);
    if (server->daemon == NULL || !gate_start(server)) {
        snprintf(ret_error, HTTP_ERROR_MAX, "cannot start the threads of connections");
        return false;
    }
    return true;
}

struct http_server *http_server_start(const struct http_config *config, const struct http_app *app,
                                      char ret_error[static HTTP_ERROR_MAX])
{
    struct http_server *server = calloc(1, sizeof *server);
    ASSERT(server != NULL);
    ASSERT(app->head != NULL && app->authorise != NULL && app->prepare != NULL &&
           app->execute != NULL && app->refuse != NULL && app->worker_open != NULL &&
           app->worker_close != NULL);
    server->app = app;
    server->gate.listener = server->gate.wake = -1;
    ASSERT(pthread_mutex_init(&server->gate.mutex, NULL) == 0);
    if (start_all(server, config, ret_error))
        return server;
    http_server_stop(server);
    return NULL;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->gate.port;
}

/* Looks until the counter is zero or the time is over. */
static void wait_for_zero(const _Atomic int *counter, int64_t ms)
{
    int64_t until_us = http_now_us() + ms * 1000;
    while (atomic_load(counter) > 0 && http_now_us() < until_us)
        poll(NULL, 0, LOOK_AGAIN_MS);
}

void http_server_stop(struct http_server *server)
{
    if (server == NULL)
        return;
    atomic_store(&server->stopping, true);
    gate_close(server);
    wait_for_zero(&server->pending, server->limits.drain_ms);
    /* From here no connection is suspended any more; those that are get an answer, for
     * libmicrohttpd would abort the program if one were left when it stops. What runs is waited
     * for. */
    workers_close(server);
    while (atomic_load(&server->pending) > 0) {
        workers_expire(server, http_now_us(), true);
        poll(NULL, 0, LOOK_AGAIN_MS);
    }
    wait_for_zero(&server->transfers, server->limits.flush_ms);
    transfer_daemon_stop(server->daemon);
    gate_stop(server);
    workers_stop(server);
    ASSERT(atomic_load(&server->transfers) == 0 && atomic_load(&server->uploads) == 0);
    pthread_mutex_destroy(&server->gate.mutex);
    http_assets_free(server->assets);
    free(server);
}
