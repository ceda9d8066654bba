/* Every limit of the HTTP server, with a name, a default, a range and a sentence: one table. */
#ifndef HTTP_LIMITS_H
#define HTTP_LIMITS_H

#include "base/base.h"
#include "base/writer.h"

/* X(name, default, min, max, what it bounds). Units are in the names; sizes are bytes. */
#define HTTP_LIMITS(X)                                                                             \
    X(threads, 0, 0, 64, "epoll threads; 0 means one for each processor")                          \
    X(connections, 1000, 1, 30000, "open connections in all")                                      \
    X(connections_per_address, 100, 1, 30000,                                                      \
      "open connections of one address; not applied when a trusted proxy is named")                \
    X(backlog, 256, 1, 4096, "connections waiting to be accepted")                                 \
    X(target_size, 8192, 256, 16384, "path and query together; past it 414")                       \
    X(head_size, 16384, 1024, 32768, "names and values of the headers together; past it 431")      \
    X(head_count, 64, 8, 256, "number of header fields; past it 431")                              \
    X(connection_memory, 65536, 49152, 262144, "memory of a connection for its request's head")    \
    X(arena_size, 4194304, 262144, 67108864, "memory of one request; past it 413")                 \
    X(reply_size, 33554432, 65536, 268435456,                                                      \
      "a reply built in memory; longer ones are sent from a file")                                 \
    X(multipart_parts, 16, 1, 128, "parts of a multipart/form-data body; past it 400")             \
    X(discard_size, 67108864, 0, 1073741824,                                                       \
      "a refused body is read and thrown away up to this, so that its sender sees the answer")     \
    X(uploads, 64, 1, 4096, "bodies in temporary files at the same time; past it 503")             \
    X(idle_ms, 30000, 100, 600000,                                                                 \
      "from the connection, or the last answer, to a complete head; past it the connection is "    \
      "cut")                                                                                       \
    X(transfer_grace_ms, 20000, 100, 600000,                                                       \
      "added to the time that a body or a reply may take at transfer_rate")                        \
    X(transfer_rate, 8192, 1, 1073741824, "bytes a second that a client must keep on average")     \
    X(deadline_ms, 15000, 50, 600000,                                                              \
      "from the complete request to the beginning of its execution; past it 503")                  \
    X(patience_ms, 500, 10, 600000,                                                                \
      "who would wait longer for a worker, at the pace of the last requests, is refused at once "  \
      "with 503; not for exports")                                                                 \
    X(drain_ms, 10000, 0, 600000, "for waiting requests when the server stops; past it 503")       \
    X(flush_ms, 5000, 0, 600000, "for replies still being sent when the server stops")             \
    X(writers, 3, 1, 32, "writer threads; an organisation always has the same one")                \
    X(readers, 3, 1, 32, "reader threads, with one queue")                                         \
    X(writer_queue, 256, 1, 65536, "requests waiting for one writer; past it 503")                 \
    X(reader_queue, 512, 1, 65536, "requests waiting for the readers; past it 503")                \
    X(export_queue, 16, 1, 4096, "exports waiting for the one that runs; past it 503")             \
    X(password_queue, 32, 1, 4096, "passwords waiting to be hashed, one at a time; past it 503")   \
    X(writer_batch, 64, 1, 512, "requests handed at once to a writer, for one commit")             \
    X(reader_batch, 1, 1, 512, "requests handed at once to a reader")                              \
    X(retry_after_s, 2, 1, 3600, "Retry-After of a 503")

struct http_limits {
#define X(name, initial, min, max, help) int64_t name;
    HTTP_LIMITS(X)
#undef X
};

/* The defaults of the table. */
struct http_limits http_limits_default(void);
/* Sets one by its name (as in the table, '-' accepted for '_'); false when there is none of this
 * name or the value is out of its range, and then nothing changes. */
bool http_limits_set(struct http_limits *limits, struct str name, int64_t value);
/* The first limit out of its range, or NULL when all fit. */
const char *http_limits_fault(const struct http_limits *limits);
/* The table as Markdown (name, default, range, what it bounds), for docs/operations.md. */
void http_limits_describe(struct writer *writer);

#endif
