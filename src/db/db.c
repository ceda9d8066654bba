#include "db/db.h"

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>

enum {
    VALUES_MAX = 32,
    FORMS_MAX = 64, /* prepared forms of lists in one connection */
    DETAIL_MAX = 256 * 1024,
    BEGIN_WAIT_MS = 10000,
    WORK_WAIT_MS = 45000 /* more than a statement may take (statement_timeout) */
};

struct db {
    PGconn *conn;
    char *conninfo;
    const struct db_statement *statements;
    size_t n_statements;
    bool *prepared;         /* by statement, in this connection */
    char *forms[FORMS_MAX]; /* names of others it prepared */
    size_t n_forms;
};

struct db_rows {
    PGresult *result;
};

/* ---- what an error means ---- */

/* SQLSTATE of our own functions (app.fail): DETAIL is a JSON array of {"code", "pointer", "args"}.
 */
#define STATE_OURS "GR001"

static bool state_is(const char *state, const char *wanted)
{
    return state != NULL && strncmp(state, wanted, strlen(wanted)) == 0;
}

/* What PostgreSQL says of an error, in an error message or in the columns of a tried call. */
struct failure {
    const char *state, *constraint, *detail, *message;
};

static struct failure failure_of(const PGresult *result)
{
    if (result == NULL)
        return (struct failure){0};
    return (struct failure){.state = PQresultErrorField(result, PG_DIAG_SQLSTATE),
                            .constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME),
                            .detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL),
                            .message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)};
}

static enum rc internal(struct problem *problem, const struct failure *failure,
                        const char *statement)
{
    /* The primary message may quote data except where the server speaks of our own SQL. */
    const char *message = state_is(failure->state, "42") ? failure->message : NULL;
    log_line(LOG_ERROR, "database refused a statement", "state", failure->state, "statement",
             statement, "constraint", failure->constraint, "message", message, NULL);
    problem->internal = "database error";
    return problem_set(problem, PROBLEM_INTERNAL, NULL);
}

/* The faults that app.fail raised. */
static enum rc our_faults(struct problem *problem, const struct failure *failure,
                          const char *statement)
{
    const char *detail = failure->detail;
    const struct json *faults = NULL;
    if (detail == NULL || strlen(detail) > DETAIL_MAX ||
        json_parse(problem->arena, str_of(detail), &faults, problem) != RC_OK ||
        faults->type != JSON_ARRAY_) {
        problem->code = PROBLEM_NONE;
        return internal(problem, failure, statement);
    }
    for (const struct json *fault = faults->first; fault != NULL; fault = fault->next) {
        const char *slug = json_get_text(fault, "code");
        const char *pointer = json_get_text(fault, "pointer");
        enum problem_code code = slug == NULL ? PROBLEM_NONE : problem_by_slug(str_of(slug));
        if (code == PROBLEM_NONE) {
            log_line(LOG_ERROR, "unknown problem raised by the database", "code", slug, NULL);
            return internal(problem, failure, statement);
        }
        const char *args[PROBLEM_ARGS_MAX] = {NULL};
        const struct json *list = json_get(fault, "args");
        size_t n = 0;
        for (const struct json *arg = list == NULL ? NULL : list->first;
             arg != NULL && n < PROBLEM_ARGS_MAX; arg = arg->next)
            args[n++] = arg->type == JSON_STRING_ ? arg->text.p : "";
        if (pointer == NULL || *pointer == 0) {
            if (str_is(str_of(slug), "too_many_requests") && args[0] != NULL) {
                int64_t seconds;
                if (text_to_int(str_of(args[0]), 1, 86400, &seconds))
                    problem->retry_after_s = (int)seconds;
            }
            problem_set(problem, code, args[0], args[1], args[2], args[3], NULL);
        } else {
            problem_fault(problem, pointer, code, args[0], args[1], args[2], args[3], NULL);
        }
    }
    return problem_check(problem) == RC_OK ? internal(problem, failure, statement) : RC_PROBLEM;
}

/* Closes a connection of which nobody knows any more what it is in the middle of: the next request
 * opens another. */
static void drop(struct db *db)
{
    PQfinish(db->conn);
    db->conn = NULL;
}

/* What an error that concerns its request alone means; anything else is internal. */
static enum rc judge(const struct failure *failure, const char *statement, struct problem *problem)
{
    if (state_is(failure->state, STATE_OURS))
        return our_faults(problem, failure, statement);
    if (state_is(failure->state, "22003")) /* each amount is within its limits: only their sum can
                                              be too large for a bigint */
        return problem_set(problem, PROBLEM_MONEY_SUM, NULL);
    if (state_is(failure->state, "23") && failure->constraint != NULL) {
        const char *pointer = NULL;
        enum problem_code code = problem_by_constraint(str_of(failure->constraint), &pointer);
        if (code != PROBLEM_NONE && *pointer == 0)
            return problem_set(problem, code, NULL);
        if (code != PROBLEM_NONE) {
            problem_fault(problem, pointer, code, NULL);
            return problem_check(problem);
        }
    }
    return internal(problem, failure, statement);
}

static enum rc classify(struct db *db, const PGresult *result, const char *statement,
                        struct problem *problem)
{
    const struct failure failure = failure_of(result);
    const char *state = failure.state;
    if (state == NULL) /* libpq's own failure: lost, or out of memory in the middle of an answer */
        drop(db);
    if (PQstatus(db->conn) == CONNECTION_BAD || state_is(state, "57P0") || state_is(state, "08"))
        return problem_set(problem, PROBLEM_DATABASE_AWAY, NULL);
    if (state_is(state, "40001") || state_is(state, "40P01") || state_is(state, "55P03"))
        return RC_RETRY;
    if (state_is(state, "57014"))
        return problem_set(problem, PROBLEM_TIMEOUT, NULL);
    if (state_is(state, "53"))
        return problem_set(problem, PROBLEM_BUSY, NULL);
    return judge(&failure, statement, problem);
}

/* ---- connections ---- */

static enum rc away(struct db *db, struct problem *problem)
{
    /* libpq's words name hosts and users: they go to our log only */
    log_line(LOG_ERROR, "database cannot be reached", "reason",
             db->conn == NULL ? "memory" : PQerrorMessage(db->conn), NULL);
    return problem_set(problem, PROBLEM_DATABASE_AWAY, NULL);
}

static void ignore_notice(void *data, const PGresult *result)
{
    (void)data;
    (void)result;
}

static void forget_forms(struct db *db)
{
    while (db->n_forms > 0)
        free(db->forms[--db->n_forms]);
}

static const char *name_of(const struct db_statement *statement)
{
    return statement->name == NULL ? "-" : statement->name;
}

/* Where it is noted whether this connection has prepared a statement of the table; NULL: it is none
 * of them. */
static bool *mark_of(struct db *db, const char *name)
{
    for (size_t i = 0; i < db->n_statements; i++)
        if (strcmp(db->statements[i].name, name) == 0)
            return &db->prepared[i];
    return NULL;
}

static bool has_form(const struct db *db, const char *name)
{
    for (size_t i = 0; i < db->n_forms; i++)
        if (strcmp(db->forms[i], name) == 0)
            return true;
    return false;
}

/* What has no name, or came after too many forms, is planned for the one run. */
static bool is_to_prepare(struct db *db, const struct db_statement *statement)
{
    return statement->name != NULL && (mark_of(db, statement->name) != NULL ||
                                       has_form(db, statement->name) || db->n_forms < FORMS_MAX);
}

/* The server has a hundred and more statements, its lanes eight connections: each connection
 * prepares what it comes to run. */
enum rc db_prepare(struct db *db, const struct db_statement *statement, struct problem *problem)
{
    bool *mark = mark_of(db, statement->name);
    if (mark != NULL ? *mark : has_form(db, statement->name))
        return RC_OK;
    ASSERT(mark != NULL || db->n_forms < FORMS_MAX);
    char *form = mark == NULL ? strdup(statement->name) : NULL;
    if (mark == NULL && form == NULL)
        return problem_set(problem, PROBLEM_MEMORY, NULL);
    PGresult *result = PQprepare(db->conn, statement->name, statement->sql, 0, NULL);
    enum rc rc = RC_OK;
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        rc = classify(db, result, statement->name, problem);
        free(form);
    } else if (mark != NULL) {
        *mark = true;
    } else {
        db->forms[db->n_forms++] = form;
    }
    PQclear(result);
    return rc;
}

enum rc db_prepare_all(struct db *db, struct problem *problem)
{
    for (size_t i = 0; i < db->n_statements; i++) {
        enum rc rc = db_prepare(db, &db->statements[i], problem);
        if (rc != RC_OK && db_alive(db)) {
            problem->code = PROBLEM_SCHEMA;
            rc = RC_PROBLEM;
        }
        TRY(rc);
    }
    return RC_OK;
}

static enum rc connect_now(struct db *db, struct problem *problem)
{
    db->conn = PQconnectdb(db->conninfo);
    if (db->conn == NULL || PQstatus(db->conn) != CONNECTION_OK)
        return away(db, problem);
    PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
    for (size_t i = 0; i < db->n_statements; i++)
        db->prepared[i] = false;
    forget_forms(db);
    if (PQsetClientEncoding(db->conn, "UTF8") == 0)
        return RC_OK;
    enum rc rc = away(db, problem);
    drop(db); /* half ready is not connected: the next request tries again */
    return rc;
}

struct db *db_later(const char *conninfo, const struct db_statement *statements, size_t n)
{
    struct db *db = calloc(1, sizeof *db);
    char *copy = strdup(conninfo);
    bool *prepared = calloc(n + 1, sizeof *prepared);
    if (db == NULL || copy == NULL || prepared == NULL) {
        free(db);
        free(copy);
        free(prepared);
        return NULL;
    }
    *db = (struct db){
        .conninfo = copy, .statements = statements, .n_statements = n, .prepared = prepared};
    return db;
}

enum rc db_open(const char *conninfo, const struct db_statement *statements, size_t n,
                struct db **ret_db, struct problem *problem)
{
    struct db *db = db_later(conninfo, statements, n);
    if (db == NULL)
        return problem_set(problem, PROBLEM_MEMORY, NULL);
    enum rc rc = connect_now(db, problem);
    if (rc != RC_OK)
        db_close(db);
    else
        *ret_db = db;
    return rc;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    PQfinish(db->conn);
    forget_forms(db);
    free(db->conninfo);
    free(db->prepared);
    free(db);
}

bool db_alive(const struct db *db)
{
    return db->conn != NULL && PQstatus(db->conn) == CONNECTION_OK;
}

enum rc db_reconnect(struct db *db, struct problem *problem)
{
    if (db_alive(db))
        return RC_OK;
    PQfinish(db->conn);
    db->conn = NULL;
    return connect_now(db, problem);
}

/* ---- statements ---- */

static bool succeeded(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

/* Takes `result` over. */
static enum rc take(struct db *db, PGresult *result, const char *statement,
                    struct db_rows **ret_rows, struct problem *problem)
{
    if (!succeeded(result)) {
        enum rc rc = classify(db, result, statement, problem);
        PQclear(result);
        return rc;
    }
    struct db_rows *rows = malloc(sizeof *rows);
    if (rows == NULL) {
        PQclear(result);
        return problem_set(problem, PROBLEM_MEMORY, NULL);
    }
    rows->result = result;
    *ret_rows = rows;
    return RC_OK;
}

enum rc db_run(struct db *db, const struct db_statement *statement, size_t n,
               const char *const *values, struct db_rows **ret_rows, struct problem *problem)
{
    ASSERT(n <= VALUES_MAX);
    bool named = is_to_prepare(db, statement);
    if (named)
        TRY(db_prepare(db, statement, problem));
    PGresult *result =
        named ? PQexecPrepared(db->conn, statement->name, (int)n, values, NULL, NULL, 0)
              : PQexecParams(db->conn, statement->sql, (int)n, NULL, values, NULL, NULL, 0);
    return take(db, result, name_of(statement), ret_rows, problem);
}

enum rc db_sql(struct db *db, const char *sql, size_t n, const char *const *values,
               struct db_rows **ret_rows, struct problem *problem)
{
    ASSERT(n <= VALUES_MAX);
    return take(db, PQexecParams(db->conn, sql, (int)n, NULL, values, NULL, NULL, 0), "-", ret_rows,
                problem);
}

enum rc db_script(struct db *db, const char *sql, struct problem *problem)
{
    PGresult *result = PQexec(db->conn, sql);
    enum rc rc = succeeded(result) ? RC_OK : classify(db, result, "script", problem);
    if (rc != RC_OK)
        problem->internal = arena_strdup(problem->arena, PQerrorMessage(db->conn));
    PQclear(result);
    return rc;
}

/* Reads what is left of a row-by-row answer. */
static void drain(struct db *db)
{
    for (PGresult *result; (result = PQgetResult(db->conn)) != NULL;)
        PQclear(result);
}

enum rc db_stream(struct db *db, const struct db_statement *statement, size_t n,
                  const char *const *values, db_row_fn *each, void *data, struct problem *problem)
{
    ASSERT(n <= VALUES_MAX);
    bool named = is_to_prepare(db, statement);
    if (named)
        TRY(db_prepare(db, statement, problem));
    if ((named ? PQsendQueryPrepared(db->conn, statement->name, (int)n, values, NULL, NULL, 0)
               : PQsendQueryParams(db->conn, statement->sql, (int)n, NULL, values, NULL, NULL,
                                   0)) != 1)
        return away(db, problem);
    ASSERT(PQsetSingleRowMode(db->conn) == 1);
    enum rc rc = RC_OK;
    bool whole = false; /* the result after the last row was seen */
    for (PGresult *result; rc == RC_OK && (result = PQgetResult(db->conn)) != NULL;) {
        struct db_rows row = {result};
        if (PQresultStatus(result) == PGRES_SINGLE_TUPLE)
            rc = each(data, &row, problem);
        else if (succeeded(result))
            whole = true;
        else
            rc = classify(db, result, name_of(statement), problem);
        PQclear(result);
    }
    if (rc == RC_OK && !whole)
        rc = classify(db, NULL, name_of(statement), problem);
    if (rc != RC_OK) {
        PGcancel *cancel = PQgetCancel(db->conn);
        char error[256];
        if (cancel != NULL)
            PQcancel(cancel, error, sizeof error);
        PQfreeCancel(cancel);
    }
    drain(db);
    return rc;
}

/* ---- transactions ---- */

static const char *const begin_sql[] = {
    [TX_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [TX_READ_LOGGED] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    [TX_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
};

#define CONTEXT_SQL                                                                                \
    "SELECT api.set_context($1::uuid, $2::uuid, $3, $4, $5::uuid, $6, $7, $8, decode($9, 'hex'), " \
    "$10)"

/* Waits until a result can be taken without waiting; false when the server has been silent for too
 * long. Where libpq 15 has no memory for the answer that ends a pipeline it forgets it, and would
 * wait for it for ever. */
static bool answered(struct db *db, int wait_ms)
{
    while (PQisBusy(db->conn)) {
        struct pollfd input = {.fd = PQsocket(db->conn), .events = POLLIN};
        int n = poll(&input, 1, wait_ms);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0 && PQconsumeInput(db->conn) != 1)
            break; /* lost: the result says so */
    }
    return true;
}

/* Half a pipeline may be on its way: nobody goes on with this connection. */
static enum rc cut_pipeline(struct db *db, struct problem *problem)
{
    enum rc rc = away(db, problem);
    drop(db);
    return rc;
}

/* Reads the answers to `n` statements and the sync behind them. The first failure is classified and
 * its index set; those behind it only say that they were skipped. */
static enum rc read_pipeline(struct db *db, int wait_ms, struct db_call calls[], size_t n,
                             size_t *ret_broken, struct problem *problem)
{
    enum rc rc = RC_OK;
    size_t at = 0;
    /* Each result is followed by NULL, then the sync. Where the server died, libpq 15 in a pipeline
     * goes on answering NULL and calls the connection good: two in a row are its end, and it is
     * closed here so that it is opened again. */
    int nulls = 0;
    for (;;) {
        /* The sync follows the last answer at once. */
        bool silent = !answered(db, at < n ? wait_ms : BEGIN_WAIT_MS);
        PGresult *result = silent ? NULL : PQgetResult(db->conn);
        if (result == NULL) {
            if (!silent && ++nulls < 2 && PQstatus(db->conn) == CONNECTION_OK)
                continue;
            if (rc == RC_OK)
                return cut_pipeline(db, problem);
            drop(db);
            return rc;
        }
        nulls = 0;
        if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
            PQclear(result);
            return rc;
        }
        if (rc == RC_OK && at < n) {
            rc = take(db, result, calls[at].statement->name, &calls[at].rows, problem);
            if (rc != RC_OK)
                *ret_broken = at;
        } else {
            PQclear(result);
        }
        if (!db_alive(db))
            return rc != RC_OK ? rc : cut_pipeline(db, problem);
        at++;
    }
}

static void free_answers(struct db_call calls[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        db_rows_free(calls[i].rows);
        calls[i].rows = NULL;
    }
}

/* `opening` begins a transaction in the same round trip; NULL: none. A statement without a name is
 * sent as text. */
static enum rc run_pipeline(struct db *db, int wait_ms, const char *opening, struct db_call calls[],
                            size_t n, size_t *ret_broken, struct problem *problem)
{
    static const struct db_statement begin = {"begin", NULL};
    struct db_call all[DB_CALLS_MAX + 1] = {{.statement = &begin}};
    size_t first = opening != NULL ? 1 : 0;
    ASSERT(n > 0 && n <= DB_CALLS_MAX);
    *ret_broken = n;
    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        return away(db, problem);
    for (size_t i = 0; i < n; i++) {
        ASSERT(calls[i].n <= VALUES_MAX);
        calls[i].rows = NULL;
        all[first + i] = calls[i];
    }
    bool sent = PQenterPipelineMode(db->conn) == 1;
    if (sent && opening != NULL)
        sent = PQsendQueryParams(db->conn, opening, 0, NULL, NULL, NULL, NULL, 0) == 1;
    for (size_t i = 0; sent && i < n; i++)
        sent = calls[i].statement->name == NULL
                   ? PQsendQueryParams(db->conn, calls[i].statement->sql, (int)calls[i].n, NULL,
                                       calls[i].values, NULL, NULL, 0) == 1
                   : PQsendQueryPrepared(db->conn, calls[i].statement->name, (int)calls[i].n,
                                         calls[i].values, NULL, NULL, 0) == 1;
    if (!sent || PQpipelineSync(db->conn) != 1)
        return cut_pipeline(db, problem);
    size_t broken = first + n;
    enum rc rc = read_pipeline(db, wait_ms, all, first + n, &broken, problem);
    if (db_alive(db))
        ASSERT(PQexitPipelineMode(db->conn) == 1);
    db_rows_free(first == 1 ? all[0].rows : NULL);
    for (size_t i = 0; i < n; i++)
        calls[i].rows = all[first + i].rows;
    if (rc == RC_OK)
        return rc;
    free_answers(calls, n);
    if (broken >= first && broken < first + n)
        *ret_broken = broken - first;
    if (db_alive(db))
        db_rollback(db);
    return rc;
}

enum rc db_pipeline(struct db *db, bool begin, struct db_call calls[], size_t n, size_t *ret_broken,
                    struct problem *problem)
{
    *ret_broken = n;
    for (size_t i = 0; i < n; i++)
        TRY(db_prepare(db, calls[i].statement, problem));
    return run_pipeline(db, WORK_WAIT_MS, begin ? begin_sql[TX_WRITE] : NULL, calls, n, ret_broken,
                        problem);
}

enum rc db_tried(const struct db_rows *rows, const struct db_statement *statement,
                 bool *ret_written, struct problem *problem)
{
    enum { STATE, CONSTRAINT_NAME, DETAIL, MESSAGE, WRITTEN };
    ASSERT(db_rows_count(rows) == 1);
    *ret_written = db_bool(rows, 0, WRITTEN);
    const struct failure failure = {.state = db_text(rows, 0, STATE),
                                    .constraint = db_text(rows, 0, CONSTRAINT_NAME),
                                    .detail = db_text(rows, 0, DETAIL),
                                    .message = db_text(rows, 0, MESSAGE)};
    return failure.state == NULL ? RC_OK : judge(&failure, statement->name, problem);
}

/* BEGIN and the context in one round trip. */
enum rc db_begin(struct db *db, enum tx_mode mode, const struct db_context *context,
                 struct problem *problem)
{
    static const struct db_context nobody = {.actor = "system", .roles = ""};
    static const struct db_statement set_context = {NULL, CONTEXT_SQL};
    const struct db_context *known = context == NULL ? &nobody : context;
    const char *const values[] = {
        known->organisation_id,  known->member_id, known->actor,   known->roles,
        known->request_id,       known->route,     known->address, known->idempotency_key,
        known->idempotency_hash, known->if_match};
    struct db_call call = {&set_context, ARRAY_SIZE(values), values, NULL};
    size_t broken;
    ASSERT(mode != TX_NONE && PQtransactionStatus(db->conn) != PQTRANS_INTRANS);
    TRY(run_pipeline(db, BEGIN_WAIT_MS, begin_sql[mode], &call, 1, &broken, problem));
    db_rows_free(call.rows);
    return RC_OK;
}

enum rc db_commit(struct db *db, struct problem *problem)
{
    PGresult *result = PQexec(db->conn, "COMMIT");
    bool done = succeeded(result) && strcmp(PQcmdStatus(result), "COMMIT") == 0;
    enum rc rc = RC_OK;
    if (PQstatus(db->conn) == CONNECTION_BAD ||
        (!succeeded(result) && PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL)) {
        drop(db);
        rc = problem_set(problem, PROBLEM_OUTCOME_UNKNOWN, NULL);
    } else if (!done)
        /* the tag ROLLBACK: the transaction had failed before and somebody went on */
        rc = succeeded(result) ? internal(problem, &(struct failure){0}, "commit")
                               : classify(db, result, "commit", problem);
    PQclear(result);
    return rc;
}

void db_rollback(struct db *db)
{
    PGTransactionStatusType status = PQtransactionStatus(db->conn);
    if (status == PQTRANS_IDLE || status == PQTRANS_UNKNOWN)
        return;
    PQclear(PQexec(db->conn, "ROLLBACK"));
    if (PQtransactionStatus(db->conn) != PQTRANS_IDLE)
        drop(db);
}

/* ---- rows ---- */

size_t db_rows_count(const struct db_rows *rows)
{
    return (size_t)PQntuples(rows->result);
}

size_t db_columns_count(const struct db_rows *rows)
{
    return (size_t)PQnfields(rows->result);
}

const char *db_column_name(const struct db_rows *rows, size_t column)
{
    return PQfname(rows->result, (int)column);
}

size_t db_column(const struct db_rows *rows, const char *name)
{
    int column = PQfnumber(rows->result, name);
    ASSERT(column >= 0);
    return (size_t)column;
}

const char *db_text(const struct db_rows *rows, size_t row, size_t column)
{
    ASSERT(row < db_rows_count(rows) && column < db_columns_count(rows));
    return PQgetisnull(rows->result, (int)row, (int)column)
               ? NULL
               : PQgetvalue(rows->result, (int)row, (int)column);
}

int64_t db_int(const struct db_rows *rows, size_t row, size_t column)
{
    const char *text = db_text(rows, row, column);
    int64_t value = 0;
    ASSERT(text == NULL || text_to_int(str_of(text), INT64_MIN, INT64_MAX, &value));
    return value;
}

bool db_bool(const struct db_rows *rows, size_t row, size_t column)
{
    const char *text = db_text(rows, row, column);
    return text != NULL && text[0] == 't';
}

void db_rows_free(struct db_rows *rows)
{
    if (rows == NULL)
        return;
    PQclear(rows->result);
    free(rows);
}

void db_rows_cleanup(struct db_rows **rows)
{
    db_rows_free(*rows);
}
