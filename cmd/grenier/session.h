/* The operator's hand on a database: the private one or the one of --database, as the role that
 * owns everything. */
#ifndef GRENIER_SESSION_H
#define GRENIER_SESSION_H

#include "common/options.h"
#include "db/db.h"
#include "grenier/cluster.h"

struct session {
    const char *database; /* --database, or NULL: the private PostgreSQL */
    struct cluster cluster;
    char *owner_conninfo;  /* as who may migrate */
    char *server_conninfo; /* as grenier_server */
    char actor[128];       /* "cli:<os user>", for the audit log */
    struct arena arena;
    struct problem problem;
    struct db *db; /* as grenier_owner; NULL until session_connect */
};

enum session_need {
    SESSION_EXISTING, /* the directory and its database must be there */
    SESSION_MAKE      /* made when absent */
};

/* An empty session of these options (--database), to be filled step by step. */
void session_init(struct session *ret_session, const struct options *options);
/* Reaches the database by --data-dir and --database (both must be in the options' table): the
 * private PostgreSQL is used where a server has it running, and started for the time of the command
 * otherwise. Says what is wrong and answers EXIT_FAILED otherwise; session_close is to be called in
 * any case. */
MUST_CHECK enum exit_code session_open(const struct options *options, enum session_need need,
                                       struct session *ret_session);
/* Fills owner_conninfo and server_conninfo once the cluster is up; session_open does it. */
MUST_CHECK enum exit_code session_name(struct session *session);
/* Brings the schema up to date and says each step. */
MUST_CHECK enum exit_code session_migrate(struct session *session);
/* Connects as grenier_owner after having checked that the schema is this program's. */
MUST_CHECK enum exit_code session_connect(struct session *session);
void session_close(struct session *session);

/* One statement; says the problem when it fails. */
MUST_CHECK enum exit_code session_query(struct session *session, const char *sql, size_t n,
                                        const char *const *values, struct db_rows **ret_rows);
/* A transaction around what follows, without the context of a request. */
MUST_CHECK enum exit_code session_begin(struct session *session);
MUST_CHECK enum exit_code session_commit(struct session *session);

/* Makes a one-time link ("password" with its user, or "setup" without) and answers its token in
 * `ret_token` (of SECRET_TEXT_SIZE bytes); only its hash is stored. */
MUST_CHECK enum exit_code session_make_link(struct session *session, const char *purpose,
                                            const char *user_id, char *ret_token);
/* Allocated address of the page that uses the link. `base` ends with a slash. */
char *session_link_url(const char *base, const char *token);

#endif
