/* The parts of the running server: gate (connections), transfers (one request on a connection),
 * queues and workers. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "http/internal.h"

#include <pthread.h>
#include <stdatomic.h>

struct MHD_Connection;
struct MHD_Daemon;
struct pollfd;

/* ---- Connections (gate.c) ---- */

/* What a connection is waiting for: its deadline is about that. */
enum connection_state {
    CONNECTION_IDLE,
    CONNECTION_HEAD,
    CONNECTION_BODY,
    CONNECTION_OURS,
    CONNECTION_REPLY
};

/* Made when accepted, freed when libmicrohttpd is about to close the socket. In the gate's list
 * under its mutex. */
struct connection {
    struct connection *next, *previous;
    int fd;
    bool started; /* libmicrohttpd has it and will say when it closes */
    unsigned char
        network[16]; /* the peer's address, of IPv6 the first half: counted for the limit */
    char peer[HTTP_ADDRESS_MAX];
    _Atomic int64_t deadline_us; /* monotonic; 0: none */
    int64_t
        gone_us; /* the deadline when the client was first seen gone (the gate's thread alone) */
    _Atomic int state;
};

struct gate {
    pthread_mutex_t mutex;
    struct connection *first;
    size_t n;
    struct pollfd *polled; /* both for look_for_gone, as many as there may be connections */
    struct connection **looked_at;
    int listener, wake;
    uint16_t port;
    pthread_t thread;
    bool running;
    _Atomic bool closing, over;
};

struct http_server;

/* Listens; false with a sentence. */
bool gate_open(struct gate *gate, const struct http_config *config,
               char ret_error[static HTTP_ERROR_MAX]);
/* Starts the thread that accepts connections and watches deadlines. */
bool gate_start(struct http_server *server);
/* No more connections from now on; deadlines are still watched. */
void gate_close(struct http_server *server);
void gate_stop(struct http_server *server);
/* libmicrohttpd begins to serve this socket: its connection, or NULL when it is not ours. */
struct connection *gate_started(struct gate *gate, int fd);
/* The socket is about to be closed. */
void gate_ended(struct http_server *server, struct connection *connection);
void connection_expect(struct connection *connection, enum connection_state state,
                       int64_t deadline_us);

/* ---- Requests (transfer.c; the only file that knows libmicrohttpd) ---- */

enum phase {
    PHASE_HEAD,        /* the head has not been looked at */
    PHASE_AUTHORISING, /* suspended before the body */
    PHASE_AUTHORISED,  /* and resumed */
    PHASE_BODY,        /* being read */
    PHASE_DISCARD,     /* the answer is decided, the body is read to its end and dropped */
    PHASE_WAITING,     /* suspended after the body */
    PHASE_REPLY,       /* the answer is ready */
    PHASE_SENDING
};

enum job { JOB_AUTHORISE, JOB_PREPARE, JOB_EXECUTE };

struct transfer {
    struct http_exchange exchange;
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct connection *connection;
    enum phase phase;
    enum job job;
    struct http_body body;
    bool counts_as_upload, chunked, target_too_long;
    struct str target;
    uint64_t received;   /* bytes of the body, thrown away ones included */
    int64_t began_us;    /* first line */
    int64_t queued_us;   /* when last put on a queue */
    int64_t waited_us;   /* in queues, in all */
    int64_t ready_us;    /* the answer was ready; 0: not yet */
    int64_t deadline_us; /* for the beginning of the execution; 0: none */
};

/* Starts libmicrohttpd's threads; NULL when it cannot. */
struct MHD_Daemon *transfer_daemon_start(struct http_server *server);
void transfer_daemon_stop(struct MHD_Daemon *daemon);
/* Gives an accepted, non-blocking socket to libmicrohttpd, which closes it also when this fails. */
bool transfer_add_socket(struct MHD_Daemon *daemon, int fd, const void *address, unsigned size);
/* Worker or gate thread: the job is done, `step` says what follows. The transfer is not ours
 * afterwards. */
void transfer_settle(struct transfer *transfer);
/* Worker or gate thread: ends a waiting transfer with a refusal. */
void transfer_refuse(struct transfer *transfer, enum http_refusal refusal);

/* ---- Queues and workers (worker.c) ---- */

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled;
    struct transfer **ring;
    size_t capacity, first, count, reserved, batch;
    size_t threads;      /* that empty it */
    int64_t patience_us; /* no longer a wait is begun; 0: any (exports wait for each other) */
    int64_t pace_us; /* what one of them took for a request lately, on average; 0: not known yet */
    enum http_lane lane;
    bool closed, over; /* no more reservations; workers leave */
};

/* As many as the ranges in limits.h allow. */
enum { QUEUES_MAX = 32 + 3, WORKERS_MAX = 32 + 32 + 2, BATCH_MAX = 512 };

struct worker {
    struct http_server *server;
    struct queue *queue;
    enum http_lane lane;
    unsigned index;
    pthread_t thread;
};

/* Counts what a thread took for n requests into the pace of its queue. */
void queue_pace(struct queue *queue, int64_t took_us, size_t n);

/* Prepares the queues of all lanes and starts their threads. False when the system gives none. */
bool workers_start(struct http_server *server);
/* No more reservations: what is asked for from now on is refused. */
void workers_close(struct http_server *server);
/* Refuses what waits past its deadline (or everything, with `all`). */
void workers_expire(struct http_server *server, int64_t now_us, bool all);
/* All queues are empty and closed: lets the threads leave and frees the queues. */
void workers_stop(struct http_server *server);
struct queue *workers_queue(struct http_server *server, enum http_lane lane, uint64_t key);

enum reserve_result { RESERVED, QUEUE_FULL, QUEUE_CLOSED };

/* Books a place, and counts the transfer as pending until it is settled. */
enum reserve_result queue_reserve(struct http_server *server, struct queue *queue);
/* Fills the booked place; a worker may run it before this returns. */
void queue_publish(struct http_server *server, struct queue *queue, struct transfer *transfer);

/* ---- The whole (server.c) ---- */

struct http_server {
    const struct http_app *app;
    struct http_limits limits;
    struct http_metrics *metrics;
    struct http_assets *assets;
    const char *temporary_directory;
    struct http_network trusted[HTTP_TRUSTED_MAX];
    size_t n_trusted;
    struct gate gate;
    struct MHD_Daemon *daemon;
    struct queue queues[QUEUES_MAX]; /* the writers', then one of each other lane */
    size_t n_queues, n_writers;
    struct worker workers[WORKERS_MAX];
    size_t n_workers;
    _Atomic int pending;   /* suspended transfers, or about to be */
    _Atomic int transfers; /* requests between their first line and their end */
    _Atomic int uploads;
    _Atomic bool stopping;
};

#endif
