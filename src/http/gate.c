/* One thread that accepts connections, so that their number in all and per address is ours to
 * limit, and that watches every deadline: of clients that are slow to send or to read, and of
 * requests that wait in a queue.
 *
 * It also looks for clients that have gone. libmicrohttpd 0.9.75 waits for an edge of epoll after a
 * read that was shorter than its buffer; where the last bytes and the end of the stream came
 * together there is none, and a lost upload would stay until its deadline. */
#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { TICK_MS = 50, LOOK_FOR_GONE_MS = 250, ACCEPTS_A_ROUND = 64 };

int64_t http_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- Opening ---- */

static int listen_on(const struct addrinfo *address, int backlog)
{
    const int on = 1, off = 0;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, backlog) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

bool gate_open(struct gate *gate, const struct http_config *config,
               char ret_error[static HTTP_ERROR_MAX])
{
    const char *host = config->address == NULL ? "127.0.0.1" : config->address;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    struct addrinfo *address;
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)config->port);
    if (getaddrinfo(host, port, &hints, &address) != 0) {
        snprintf(ret_error, HTTP_ERROR_MAX, "\"%s\" is not a numeric address", host);
        return false;
    }
    gate->listener = listen_on(address, (int)config->limits.backlog);
    int error = errno;
    freeaddrinfo(address);
    if (gate->listener < 0) {
        snprintf(ret_error, HTTP_ERROR_MAX, "cannot listen on %s port %u: %s", host,
                 (unsigned)config->port, strerror(error));
        return false;
    }
    gate->port = port_of(gate->listener);
    return true;
}

/* ---- Connections ---- */

void connection_expect(struct connection *connection, enum connection_state state,
                       int64_t deadline_us)
{
    if (connection == NULL)
        return;
    atomic_store(&connection->state, (int)state);
    atomic_store(&connection->deadline_us, deadline_us);
}

static void unlink_connection(struct gate *gate, struct connection *connection)
{
    if (connection->previous == NULL)
        gate->first = connection->next;
    else
        connection->previous->next = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    gate->n--;
}

struct connection *gate_started(struct gate *gate, int fd)
{
    pthread_mutex_lock(&gate->mutex);
    struct connection *connection = gate->first;
    while (connection != NULL && (connection->fd != fd || connection->started))
        connection = connection->next;
    if (connection != NULL)
        connection->started = true;
    pthread_mutex_unlock(&gate->mutex);
    return connection;
}

void gate_ended(struct http_server *server, struct connection *connection)
{
    struct gate *gate = &server->gate;
    if (connection == NULL)
        return;
    pthread_mutex_lock(&gate->mutex);
    unlink_connection(gate, connection);
    pthread_mutex_unlock(&gate->mutex);
    http_metrics_gauge(server->metrics, HTTP_GAUGE_CONNECTIONS, -1);
    free(connection);
}

/* The peer as text, and what is counted as one address: IPv4 whole, of IPv6 the first 64 bits (a
 * household's). */
static void describe_peer(const struct sockaddr_storage *address, struct connection *connection)
{
    static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
        memcpy(connection->network, mapped, sizeof mapped);
        memcpy(connection->network + 12, &v4->sin_addr, 4);
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
        bool is_mapped = memcmp(&v6->sin6_addr, mapped, sizeof mapped) == 0;
        memcpy(connection->network, &v6->sin6_addr, is_mapped ? 16 : 8);
    }
    if (getnameinfo((const struct sockaddr *)address, sizeof *address, connection->peer,
                    sizeof connection->peer, NULL, 0, NI_NUMERICHOST) != 0)
        connection->peer[0] = 0;
    if (strncmp(connection->peer, "::ffff:", 7) == 0 && strchr(connection->peer, '.') != NULL)
        memmove(connection->peer, connection->peer + 7, strlen(connection->peer + 7) + 1);
}

/* Puts a new connection into the list; false when its address has too many already. A record of the
 * same descriptor that was never started is of a socket that libmicrohttpd closed without a word:
 * it goes. */
static bool enlist(struct http_server *server, struct connection *connection)
{
    struct gate *gate = &server->gate;
    struct connection *stale = NULL;
    int64_t same = 0;
    pthread_mutex_lock(&gate->mutex);
    for (struct connection *other = gate->first, *next; other != NULL; other = next) {
        next = other->next;
        if (other->fd == connection->fd && !other->started) {
            unlink_connection(gate, other);
            stale = other;
        } else if (memcmp(other->network, connection->network, sizeof other->network) == 0) {
            same++;
        }
    }
    bool good = server->n_trusted > 0 || same < server->limits.connections_per_address;
    if (good) {
        connection->next = gate->first;
        if (gate->first != NULL)
            gate->first->previous = connection;
        gate->first = connection;
        gate->n++;
    }
    pthread_mutex_unlock(&gate->mutex);
    if (stale != NULL)
        http_metrics_gauge(server->metrics, HTTP_GAUGE_CONNECTIONS, -1);
    free(stale);
    return good;
}

static void drop_unstarted(struct http_server *server, int fd)
{
    struct connection *connection = gate_started(&server->gate, fd);
    gate_ended(server, connection);
}

static void admit(struct http_server *server, int fd, const struct sockaddr_storage *address,
                  socklen_t size)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        close(fd);
        return;
    }
    connection->fd = fd;
    describe_peer(address, connection);
    connection_expect(connection, CONNECTION_IDLE, http_now_us() + server->limits.idle_ms * 1000);
    if (!enlist(server, connection)) {
        http_metrics_turned_away(server->metrics);
        free(connection);
        close(fd);
        return;
    }
    http_metrics_gauge(server->metrics, HTTP_GAUGE_CONNECTIONS, 1);
    if (!transfer_add_socket(server->daemon, fd, address, (unsigned)size))
        drop_unstarted(server, fd);
}

static size_t count_connections(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    size_t n = gate->n;
    pthread_mutex_unlock(&gate->mutex);
    return n;
}

static void accept_some(struct http_server *server)
{
    for (int i = 0; i < ACCEPTS_A_ROUND; i++) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        memset(&address, 0, sizeof address);
        if (count_connections(&server->gate) >= (size_t)server->limits.connections)
            return;
        int fd = accept4(server->gate.listener, (struct sockaddr *)&address, &size,
                         SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0) {
            /* Out of descriptors or memory: those who wait stay in the kernel's queue for a moment.
             */
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
                poll(NULL, 0, TICK_MS);
            return;
        }
        admit(server, fd, &address, size);
    }
}

/* ---- Deadlines ---- */

/* Ends what libmicrohttpd does with the socket; it closes it itself. Only under the mutex: a
 * connection leaves the list before its descriptor is closed, so the number is still this
 * connection's. */
static void cut(struct http_server *server, struct connection *connection)
{
    static const char timeout[] =
        "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    switch ((enum connection_state)atomic_load(&connection->state)) {
    case CONNECTION_IDLE:
    case CONNECTION_OURS:
        break;
    case CONNECTION_HEAD:
        http_metrics_cut(server->metrics, HTTP_CUT_HEAD);
        break;
    case CONNECTION_BODY:
        http_metrics_cut(server->metrics, HTTP_CUT_BODY);
        (void)!send(connection->fd, timeout, sizeof timeout - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
        break;
    case CONNECTION_REPLY:
        http_metrics_cut(server->metrics, HTTP_CUT_REPLY);
        break;
    }
    shutdown(connection->fd, SHUT_RDWR);
}

static void cut_slow(struct http_server *server, int64_t now_us)
{
    struct gate *gate = &server->gate;
    pthread_mutex_lock(&gate->mutex);
    for (struct connection *connection = gate->first; connection != NULL;
         connection = connection->next) {
        int64_t deadline = atomic_load(&connection->deadline_us);
        if (connection->started && deadline != 0 && now_us > deadline &&
            atomic_compare_exchange_strong(&connection->deadline_us, &deadline, 0))
            cut(server, connection);
    }
    pthread_mutex_unlock(&gate->mutex);
}

static bool is_receiving(struct connection *connection)
{
    switch ((enum connection_state)atomic_load(&connection->state)) {
    case CONNECTION_IDLE:
    case CONNECTION_HEAD:
    case CONNECTION_BODY:
        return connection->started;
    case CONNECTION_OURS:
    case CONNECTION_REPLY:
        break;
    }
    return false;
}

/* The end of the stream has come, and all before it was read. Seen twice while the connection's
 * deadline stayed the same (so the library did not go on either), nothing more can come of it. */
static void cut_if_gone(struct http_server *server, struct connection *connection)
{
    int unread = 0;
    int64_t deadline_us = atomic_load(&connection->deadline_us);
    if (ioctl(connection->fd, FIONREAD, &unread) != 0 || unread > 0 || deadline_us == 0)
        return;
    if (connection->gone_us != deadline_us) {
        connection->gone_us = deadline_us;
        return;
    }
    if (!atomic_compare_exchange_strong(&connection->deadline_us, &deadline_us, 0))
        return;
    if (atomic_load(&connection->state) != CONNECTION_IDLE)
        http_metrics_cut(server->metrics, HTTP_CUT_GONE);
    shutdown(connection->fd, SHUT_RDWR);
}

static void look_for_gone(struct http_server *server)
{
    struct gate *gate = &server->gate;
    nfds_t n = 0;
    pthread_mutex_lock(&gate->mutex);
    for (struct connection *connection = gate->first; connection != NULL;
         connection = connection->next) {
        if (n == (nfds_t)server->limits.connections || !is_receiving(connection))
            continue;
        gate->looked_at[n] = connection;
        gate->polled[n++] = (struct pollfd){.fd = connection->fd, .events = POLLRDHUP};
    }
    if (n > 0 && poll(gate->polled, n, 0) > 0)
        for (nfds_t i = 0; i < n; i++)
            if ((gate->polled[i].revents & POLLRDHUP) != 0)
                cut_if_gone(server, gate->looked_at[i]);
    pthread_mutex_unlock(&gate->mutex);
}

static void *gate_main(void *argument)
{
    struct http_server *server = argument;
    struct gate *gate = &server->gate;
    int64_t looked_us = 0;
    pthread_setname_np(pthread_self(), "gate");
    while (!atomic_load(&gate->over)) {
        size_t n = count_connections(gate);
        bool accepting = !atomic_load(&gate->closing) && n < (size_t)server->limits.connections;
        struct pollfd polled[] = {{.fd = gate->wake, .events = POLLIN},
                                  {.fd = accepting ? gate->listener : -1, .events = POLLIN}};
        /* Without connections nothing can be late: sleep until one comes. */
        if (poll(polled, ARRAY_SIZE(polled), n > 0 ? TICK_MS : -1) < 0 && errno != EINTR)
            poll(NULL, 0, TICK_MS);
        if (polled[0].revents != 0) {
            uint64_t value;
            (void)!read(gate->wake, &value, sizeof value);
        }
        if (accepting && (polled[1].revents & POLLIN) != 0)
            accept_some(server);
        int64_t now_us = http_now_us();
        cut_slow(server, now_us);
        workers_expire(server, now_us, false);
        if (now_us - looked_us >= LOOK_FOR_GONE_MS * 1000) {
            look_for_gone(server);
            looked_us = now_us;
        }
    }
    return NULL;
}

/* ---- Life ---- */

bool gate_start(struct http_server *server)
{
    struct gate *gate = &server->gate;
    gate->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    gate->polled = calloc((size_t)server->limits.connections, sizeof(struct pollfd));
    gate->looked_at = calloc((size_t)server->limits.connections, sizeof(struct connection *));
    gate->running = gate->wake >= 0 && gate->polled != NULL && gate->looked_at != NULL &&
                    pthread_create(&gate->thread, NULL, gate_main, server) == 0;
    return gate->running;
}

static void wake(struct gate *gate)
{
    const uint64_t one = 1;
    (void)!write(gate->wake, &one, sizeof one);
}

void gate_close(struct http_server *server)
{
    struct gate *gate = &server->gate;
    atomic_store(&gate->closing, true);
    if (gate->listener >= 0)
        shutdown(gate->listener, SHUT_RDWR); /* who still knocks is refused by the kernel */
    if (gate->running)
        wake(gate);
}

void gate_stop(struct http_server *server)
{
    struct gate *gate = &server->gate;
    atomic_store(&gate->over, true);
    if (gate->running) {
        wake(gate);
        pthread_join(gate->thread, NULL);
    }
    gate->running = false;
    for (struct connection *left = gate->first, *next; left != NULL; left = next) {
        next = left->next; /* those that were never started: see enlist */
        free(left);
    }
    gate->first = NULL;
    free(gate->polled);
    free(gate->looked_at);
    if (gate->wake >= 0)
        close(gate->wake);
    if (gate->listener >= 0)
        close(gate->listener);
    gate->wake = gate->listener = -1;
}
