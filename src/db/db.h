/* PostgreSQL behind one door: connections, prepared statements, transactions, rows, and what an
 * error means. */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"
#include "base/base.h"
#include "base/problem.h"

struct db;      /* one connection, used by one thread */
struct db_rows; /* a result; freed by db_rows_free */

/* A statement known by its name, prepared where a connection first runs it; without a name it is
 * planned for each run. A name always stands for the same SQL; a connection is opened with those it
 * will run, and keeps some tens of others (the forms of lists). Values are passed as texts. */
struct db_statement {
    const char *name;
    const char *sql;
};

enum tx_mode {
    TX_NONE,        /* no database */
    TX_READ,        /* REPEATABLE READ, READ ONLY: one snapshot */
    TX_READ_LOGGED, /* the audit event of the read is committed first, then as TX_READ */
    TX_WRITE        /* READ COMMITTED; money is safe by the organisation's lock */
};

/* What the transaction knows of the request (api.set_context); NULL where there is none. */
struct db_context {
    const char *organisation_id, *member_id, *actor, *roles, *request_id, *route, *address;
    const char *idempotency_key, *idempotency_hash; /* the hash in hexadecimal */
    const char *if_match;
};

/* Connects (libpq connection string or URI); `n` statements can then be run. On failure
 * PROBLEM_DATABASE_AWAY. */
enum rc db_open(const char *conninfo, const struct db_statement *statements, size_t n,
                struct db **ret_db, struct problem *problem) MUST_CHECK;
/* A connection not opened yet: db_reconnect will. For a server that starts while the database is
 * away. */
struct db *db_later(const char *conninfo, const struct db_statement *statements, size_t n);
/* Closes; NULL is accepted. */
void db_close(struct db *db);
/* Opens again after a lost connection; a no-op on a live one. */
enum rc db_reconnect(struct db *db, struct problem *problem) MUST_CHECK;
bool db_alive(const struct db *db);

/* Begins a transaction with its context (`context` may be NULL). */
enum rc db_begin(struct db *db, enum tx_mode mode, const struct db_context *context,
                 struct problem *problem) MUST_CHECK;
/* Commits. A COMMIT of an aborted transaction is a problem. PROBLEM_OUTCOME_UNKNOWN when the
 * connection was lost between sending COMMIT and its answer. */
enum rc db_commit(struct db *db, struct problem *problem) MUST_CHECK;
/* Rolls back if a transaction is open. */
void db_rollback(struct db *db);

/* Has this connection prepared the statement? If not it is done now; db_run and db_stream see to it
 * themselves, what is sent in a pipeline must be prepared before. */
enum rc db_prepare(struct db *db, const struct db_statement *statement,
                   struct problem *problem) MUST_CHECK;
/* Prepares every statement: PROBLEM_SCHEMA when one does not fit the database. */
enum rc db_prepare_all(struct db *db, struct problem *problem) MUST_CHECK;

/* Runs a statement. RC_RETRY for serialisation failures and
 * deadlocks. *ret_rows is set on RC_OK only. */
enum rc db_run(struct db *db, const struct db_statement *statement, size_t n,
               const char *const *values, struct db_rows **ret_rows,
               struct problem *problem) MUST_CHECK;
/* The same for SQL that is not prepared beforehand (operator's commands, tests). One statement. */
enum rc db_sql(struct db *db, const char *sql, size_t n, const char *const *values,
               struct db_rows **ret_rows, struct problem *problem) MUST_CHECK;
/* Several statements in one simple query, without values (migrations). */
enum rc db_script(struct db *db, const char *sql, struct problem *problem) MUST_CHECK;

/* One statement of a pipeline. */
struct db_call {
    const struct db_statement *statement;
    size_t n;
    const char *const *values;
    struct db_rows *rows; /* the answer, the caller's to free; NULL unless db_pipeline was RC_OK */
};

/* Runs n > 0 statements in one round trip, in one transaction: with `begin` in a new READ COMMITTED
 * one that stays open for db_commit, else in one of their own, which is over when this returns. All
 * of them succeed, or none has done anything; *ret_broken is then the index of the first that did
 * not (n: none of them, the connection or the transaction itself). */
enum rc db_pipeline(struct db *db, bool begin, struct db_call calls[], size_t n, size_t *ret_broken,
                    struct problem *problem) MUST_CHECK;
/* The first columns of a call to a function api.<name>_tried (sql/api/90_tried.sql). */
#define DB_TRIED_COLUMNS                                                                           \
    "state AS \"~state\", constraint_name AS \"~constraint\", detail AS \"~detail\", "             \
    "message AS \"~message\", written AS \"~written\""
/* Calls of one pipeline at most. */
enum { DB_CALLS_MAX = 128 };
/* What such a call says of its write: RC_OK (*ret_written: whether it answered a row) or the
 * problem, as db_run would have told it. */
enum rc db_tried(const struct db_rows *rows, const struct db_statement *statement,
                 bool *ret_written, struct problem *problem) MUST_CHECK;

typedef enum rc db_row_fn(void *data, const struct db_rows *row, struct problem *problem);
/* Runs a statement row by row without holding the result in memory: `each` gets a result
 * of one row (row 0). */
enum rc db_stream(struct db *db, const struct db_statement *statement, size_t n,
                  const char *const *values, db_row_fn *each, void *data,
                  struct problem *problem) MUST_CHECK;

size_t db_rows_count(const struct db_rows *rows);
size_t db_columns_count(const struct db_rows *rows);
const char *db_column_name(const struct db_rows *rows, size_t column);
/* Index of the column called `name`; stops the program when there is none. */
size_t db_column(const struct db_rows *rows, const char *name);
/* Text of a cell, or NULL for SQL null. Lives as long as the rows. */
const char *db_text(const struct db_rows *rows, size_t row, size_t column);
/* A bigint cell; 0 for null. */
int64_t db_int(const struct db_rows *rows, size_t row, size_t column);
bool db_bool(const struct db_rows *rows, size_t row, size_t column);
void db_rows_free(struct db_rows *rows);
void db_rows_cleanup(struct db_rows **rows);
#define DB_ROWS CLEANUP(db_rows_cleanup) struct db_rows

#endif
