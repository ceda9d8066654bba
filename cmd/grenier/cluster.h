/* The private PostgreSQL of a data directory: made, started, adopted, watched, stopped. */
#ifndef GRENIER_CLUSTER_H
#define GRENIER_CLUSTER_H

#include "grenier/place.h"

#include <sys/types.h>

enum cluster_use {
    CLUSTER_SERVE,  /* for a server: refused when another one runs on the directory */
    CLUSTER_COMMAND /* for a command: PostgreSQL of a running server is used, else one is started
                       meanwhile */
};

enum { CLUSTER_ROOM_MIB = 40 };

struct cluster {
    struct place place;
    enum cluster_use use;
    char *binaries; /* folder of postgres and initdb */
    char *data;     /* DIR/postgresql */
    char *socket;   /* folder of the socket */
    int lock;       /* descriptor that holds the lock of the directory; -1: a server has it */
    pid_t pid;      /* of the postmaster; 0: none */
    bool is_child;  /* started by us, not adopted */
};

/* Takes the directory's lock, makes the cluster when there is none (initdb, the database
 * `grenier`), and has a postmaster that answers: one that lives is adopted, one that is ending is
 * waited for (a minute at most, said after a second). Says what is wrong and answers EXIT_FAILED
 * otherwise; cluster_stop is then still to be called. Not with signals that must be seen: it waits.
 */
MUST_CHECK enum exit_code cluster_start(const struct place *place, enum cluster_use use,
                                        struct cluster *ret_cluster);
/* The lock of the directory alone, for a server on another database; cluster_stop lets it go. */
MUST_CHECK enum exit_code cluster_lock(const struct place *place, enum cluster_use use,
                                       struct cluster *ret_cluster);
/* Whether the postmaster still runs; reaps it when it was our child. */
bool cluster_alive(struct cluster *cluster);
/* Whether the disk has the room that PostgreSQL may need to start: CLUSTER_ROOM_MIB, two files of
 * its log and some tables. */
bool cluster_has_room(const struct cluster *cluster);
/* Has a postmaster again after its death, as cluster_start. */
MUST_CHECK enum exit_code cluster_restart(struct cluster *cluster);
/* Stops the postmaster (fast shutdown: transactions roll back, all is written), waits for its end,
 * and lets the lock go; a command leaves a server's postmaster alone. */
void cluster_stop(struct cluster *cluster);
/* Allocated libpq connection string for one of the cluster's roles ("postgres", "grenier_migrate",
 * "grenier_server", "grenier_auditor") and a database. */
char *cluster_conninfo(const struct cluster *cluster, const char *role, const char *database);

#endif
