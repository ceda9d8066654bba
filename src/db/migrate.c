#include "db/migrate.h"

#include "base/crypto.h"
#include "base/text.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    SERVER_VERSION_MIN = 150000,
    LOCK_WAIT_S = 60,  /* for another migration */
    REBUILD_TRIES = 3, /* of a rebuilding that a running transaction held up */
    ROLES_TRIES = 5    /* roles are shared by the cluster: another database may be changing them */
};

/* "grenier" as a key of pg_advisory_lock: nobody else's in this database. */
#define ADVISORY_KEY "7453010373636547954"

/* Where the checksum of what is rebuilt is kept. */
#define CHECKSUM_SETTING "schema_checksum"

struct migration {
    PGconn *connection;
    const struct embedded_file *files;
    struct migrate_report *report;
    migrate_progress_fn *progress;
    void *data;
};

static void result_cleanup(PGresult **result)
{
    PQclear(*result);
}
#define RESULT CLEANUP(result_cleanup) PGresult

static void ignore_notice(void *data UNUSED, const char *message UNUSED)
{
}

static void copy_text(char *target, size_t size, const char *text)
{
    size_t length = strlen(text);

    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
        length--;
    snprintf(target, size, "%.*s", (int)length, text);
}

static void set_file(struct migration *migration, const char *file)
{
    copy_text(migration->report->file, MIGRATE_FILE_MAX, file);
}

static bool in_folder(const struct embedded_file *file, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(file->path, folder, length) == 0 && file->path[length] == '/';
}

static const struct embedded_file *file_named(const struct embedded_file *files, const char *path)
{
    for (; files->path != NULL; files++)
        if (strcmp(files->path, path) == 0)
            return files;
    return NULL;
}

/* The number of "migrations/0001_kernel.sql"; 0 when it is no migration. */
static int number_of(const struct embedded_file *file)
{
    int64_t number;

    if (!in_folder(file, "migrations"))
        return 0;
    if (!text_to_int((struct str){file->path + strlen("migrations/"), 4}, 1, 9999, &number))
        return 0;
    return (int)number;
}

int migrate_version(const struct embedded_file *files)
{
    int version = 0;

    for (; files->path != NULL; files++)
        if (number_of(files) > version)
            version = number_of(files);
    return version;
}

static void hex_of_file(const struct embedded_file *file, char ret_hex[static SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];

    crypto_sha256(file->bytes, file->size, digest);
    crypto_hex(digest, sizeof(digest), ret_hex);
}

static bool is_rebuilt(const struct embedded_file *file)
{
    return in_folder(file, "reference") || in_folder(file, "api") ||
           strcmp(file->path, "roles.sql") == 0 || strcmp(file->path, "policies.sql") == 0 ||
           strcmp(file->path, "grants.sql") == 0;
}

/* One checksum of everything that is made again at a migration; names count, so that a renamed file
 * is a change. */
static void hex_of_rebuilt(const struct embedded_file *files, char ret_hex[static SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    struct sha256 *sha = sha256_new();

    for (; files->path != NULL; files++)
        if (is_rebuilt(files)) {
            sha256_add(sha, files->path, strlen(files->path) + 1);
            sha256_add(sha, files->bytes, files->size + 1);
        }
    sha256_finish(sha, digest);
    crypto_hex(digest, sizeof(digest), ret_hex);
}

/* The line of a position counted in characters from 1, as PostgreSQL gives it. */
static int line_of(const char *sql, const char *position)
{
    int64_t wanted;
    int line = 1;

    if (position == NULL || !text_to_int(str_of(position), 1, INT32_MAX, &wanted))
        return 0;
    for (int64_t at = 1; *sql != '\0' && at < wanted; sql++) {
        if (*sql == '\n')
            line++;
        if (((unsigned char)sql[1] & 0xC0) != 0x80)
            at++;
    }
    return line;
}

/* Remembers why the last statement failed: line, message, state, and where a function was. */
static void remember(struct migration *migration, const PGresult *result, const char *sql)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    int line = line_of(sql, PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION));
    char place[32] = "";

    if (message == NULL) {
        copy_text(migration->report->detail, MIGRATE_DETAIL_MAX,
                  PQerrorMessage(migration->connection));
        return;
    }
    if (line > 0)
        snprintf(place, sizeof(place), "line %d: ", line);
    snprintf(migration->report->detail, MIGRATE_DETAIL_MAX, "%s%s (%s)%s%s%s%s", place, message,
             state == NULL ? "" : state, detail == NULL ? "" : "; ", detail == NULL ? "" : detail,
             context == NULL ? "" : "; ", context == NULL ? "" : context);
}

static bool is_state(const PGresult *result, const char *state)
{
    const char *got = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return got != NULL && strcmp(got, state) == 0;
}

/* One or several statements. Lock waits that ran out are MIGRATE_BUSY: trying again later may do.
 */
static enum migrate_outcome run(struct migration *migration, const char *sql)
{
    RESULT *result = PQexec(migration->connection, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY)
        return MIGRATE_DONE;
    remember(migration, result, sql);
    return is_state(result, "55P03") || is_state(result, "40P01") ? MIGRATE_BUSY : MIGRATE_FAILED;
}

/* A statement with values; its result is the caller's to clear, NULL when it failed. */
static PGresult *query(struct migration *migration, const char *sql, int n,
                       const char *const *values)
{
    PGresult *result = PQexecParams(migration->connection, sql, n, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        return result;
    remember(migration, result, sql);
    PQclear(result);
    return NULL;
}

static enum migrate_outcome query_bool(struct migration *migration, const char *sql,
                                       bool *ret_value)
{
    RESULT *result = query(migration, sql, 0, NULL);

    if (result == NULL)
        return MIGRATE_FAILED;
    *ret_value = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    return MIGRATE_DONE;
}

static void roll_back(struct migration *migration)
{
    char detail[MIGRATE_DETAIL_MAX];

    /* The first reason is the one to say. */
    copy_text(detail, sizeof(detail), migration->report->detail);
    (void)run(migration, "ROLLBACK");
    copy_text(migration->report->detail, MIGRATE_DETAIL_MAX, detail);
}

/* COMMIT of a transaction that failed "succeeds" with another tag. */
static enum migrate_outcome commit(struct migration *migration)
{
    RESULT *result = PQexec(migration->connection, "COMMIT");

    if (PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") == 0)
        return MIGRATE_DONE;
    remember(migration, result, "");
    return MIGRATE_FAILED;
}

#define GO(expression)                                                                             \
    do {                                                                                           \
        enum migrate_outcome outcome_ = (expression);                                              \
        if (outcome_ != MIGRATE_DONE)                                                              \
            return outcome_;                                                                       \
    } while (0)

static enum migrate_outcome open_connection(struct migration *migration, const char *conninfo)
{
    int version;

    migration->connection = PQconnectdb(conninfo);
    if (PQstatus(migration->connection) != CONNECTION_OK) {
        copy_text(migration->report->detail, MIGRATE_DETAIL_MAX,
                  PQerrorMessage(migration->connection));
        return MIGRATE_UNREACHABLE;
    }
    PQsetNoticeProcessor(migration->connection, ignore_notice, NULL);
    version = PQserverVersion(migration->connection);
    if (version < SERVER_VERSION_MIN) {
        snprintf(migration->report->detail, MIGRATE_DETAIL_MAX, "%d", version / 10000);
        return MIGRATE_OLD_SERVER;
    }
    return run(
        migration,
        "SET client_min_messages = error; SET lock_timeout = '10s'; SET statement_timeout = 0; "
        "SET idle_in_transaction_session_timeout = 0; SET search_path = pg_catalog; "
        "SET timezone = 'UTC'; SET default_transaction_read_only = off");
}

static enum migrate_outcome take_lock(struct migration *migration)
{
    for (int waited = 0;; waited++) {
        bool taken = false;

        GO(query_bool(migration, "SELECT pg_try_advisory_lock(" ADVISORY_KEY ")", &taken));
        if (taken)
            return MIGRATE_DONE;
        if (waited == LOCK_WAIT_S) {
            copy_text(migration->report->detail, MIGRATE_DETAIL_MAX,
                      "another migration is running");
            return MIGRATE_BUSY;
        }
        nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
}

/* The first migration of `files` with this number, or NULL. */
static const struct embedded_file *migration_numbered(const struct embedded_file *files, int number)
{
    for (; files->path != NULL; files++)
        if (number_of(files) == number)
            return files;
    return NULL;
}

/* One row of app.schema_migration against the file of its number. */
static enum migrate_outcome compare_row(struct migration *migration, const PGresult *rows, int row)
{
    int64_t number = 0;
    char hex[SHA256_HEX_SIZE], name[MIGRATE_FILE_MAX];
    const struct embedded_file *file;

    snprintf(name, sizeof(name), "migrations/%s", PQgetvalue(rows, row, 1));
    if (!text_to_int(str_of(PQgetvalue(rows, row, 0)), 1, 9999, &number))
        number = 0;
    if (number > migrate_version(migration->files)) {
        set_file(migration, name);
        return MIGRATE_NEWER;
    }
    file = migration_numbered(migration->files, (int)number);
    if (file == NULL) {
        set_file(migration, name);
        return MIGRATE_CHANGED;
    }
    hex_of_file(file, hex);
    if (strcmp(hex, PQgetvalue(rows, row, 2)) != 0) {
        set_file(migration, file->path);
        return MIGRATE_CHANGED;
    }
    migration->report->version = (int)number;
    return MIGRATE_DONE;
}

/* Compares what was applied with what we have; report->version is the last one applied (0: an empty
 * database). */
static enum migrate_outcome compare(struct migration *migration)
{
    bool exists = false;

    GO(query_bool(migration, "SELECT to_regclass('app.schema_migration') IS NOT NULL", &exists));
    if (!exists)
        return MIGRATE_DONE;
    RESULT *rows =
        query(migration, "SELECT number, name, checksum FROM app.schema_migration ORDER BY number",
              0, NULL);
    if (rows == NULL)
        return MIGRATE_FAILED;
    for (int row = 0; row < PQntuples(rows); row++)
        GO(compare_row(migration, rows, row));
    /* Forward only: a migration that appeared below the last one applied would run in another order
     * elsewhere. */
    for (const struct embedded_file *file = migration->files; file->path != NULL; file++) {
        int number = number_of(file), found = 0;

        for (int row = 0; number > 0 && row < PQntuples(rows); row++)
            found += strtol(PQgetvalue(rows, row, 0), NULL, 10) == number;
        if (number > 0 && number < migration->report->version && found == 0) {
            set_file(migration, file->path);
            return MIGRATE_CHANGED;
        }
    }
    return MIGRATE_DONE;
}

/* Whether schema api, policies and grants are those of our files. */
static enum migrate_outcome is_current(struct migration *migration, const char *checksum,
                                       bool *ret_current)
{
    const char *values[] = {CHECKSUM_SETTING, checksum};

    *ret_current = false;
    if (migration->report->version == 0 ||
        migration->report->version < migrate_version(migration->files))
        return MIGRATE_DONE;
    RESULT *rows = query(
        migration, "SELECT FROM app.instance_setting WHERE name = $1 AND value = $2", 2, values);
    if (rows == NULL)
        return MIGRATE_FAILED;
    *ret_current = PQntuples(rows) == 1;
    return MIGRATE_DONE;
}

/* Roles belong to the cluster: two databases that migrate at once may get in each other's way. */
static enum migrate_outcome make_roles(struct migration *migration)
{
    const struct embedded_file *file = file_named(migration->files, "roles.sql");

    ASSERT(file != NULL);
    set_file(migration, file->path);
    if (migration->progress != NULL)
        migration->progress(migration->data, file->path);
    for (int tries = 1;; tries++) {
        RESULT *result = PQexec(migration->connection, file->bytes);
        bool exists = false;

        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            return MIGRATE_DONE;
        remember(migration, result, file->bytes);
        if (is_state(result, "42501"))
            GO(query_bool(migration,
                          "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grenier_owner')",
                          &exists));
        if (exists)
            return MIGRATE_DONE;
        if (tries == ROLES_TRIES || !(is_state(result, "XX000") || is_state(result, "42710") ||
                                      is_state(result, "23505") || is_state(result, "40P01")))
            return MIGRATE_FAILED;
        nanosleep(&(struct timespec){.tv_nsec = 200 * 1000 * 1000}, NULL);
    }
}

static enum migrate_outcome run_file(struct migration *migration, const struct embedded_file *file)
{
    set_file(migration, file->path);
    return run(migration, file->bytes);
}

static enum migrate_outcome record(struct migration *migration, const struct embedded_file *file)
{
    char number[16], hex[SHA256_HEX_SIZE];
    const char *values[] = {number, strrchr(file->path, '/') + 1, hex};

    snprintf(number, sizeof(number), "%d", number_of(file));
    hex_of_file(file, hex);
    RESULT *result = query(
        migration, "INSERT INTO app.schema_migration (number, name, checksum) VALUES ($1, $2, $3)",
        3, values);
    return result == NULL ? MIGRATE_FAILED : commit(migration);
}

static enum migrate_outcome apply(struct migration *migration, const struct embedded_file *file)
{
    enum migrate_outcome outcome;

    if (migration->progress != NULL)
        migration->progress(migration->data, file->path);
    outcome = run(migration, "BEGIN");
    if (outcome == MIGRATE_DONE)
        outcome = run_file(migration, file);
    if (outcome == MIGRATE_DONE)
        outcome = record(migration, file);
    if (outcome != MIGRATE_DONE) {
        roll_back(migration);
        return outcome;
    }
    migration->report->applied++;
    migration->report->version = number_of(file);
    return MIGRATE_DONE;
}

/* Objects outside api that a DROP … CASCADE of it could take with it. */
#define COUNT_OTHERS                                                                               \
    "SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"        \
    "         WHERE n.nspname IN ('fund', 'audit', 'app', 'reference'))"                           \
    " + (SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"             \
    "     WHERE n.nspname IN ('fund', 'audit', 'app', 'reference'))"                               \
    " + (SELECT count(*) FROM pg_trigger) + (SELECT count(*) FROM pg_policy)"                      \
    " + (SELECT count(*) FROM pg_constraint x JOIN pg_namespace n ON n.oid = x.connamespace"       \
    "     WHERE n.nspname <> 'api')"                                                               \
    " + (SELECT count(*) FROM pg_attrdef) + (SELECT count(*) FROM pg_attribute a"                  \
    "     JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"     \
    "     WHERE n.nspname <> 'api' AND NOT a.attisdropped)"

static enum migrate_outcome count_others(struct migration *migration, char ret_count[static 32])
{
    RESULT *rows = query(migration, COUNT_OTHERS, 0, NULL);

    if (rows == NULL)
        return MIGRATE_FAILED;
    copy_text(ret_count, 32, PQgetvalue(rows, 0, 0));
    return MIGRATE_DONE;
}

/* Schema api holds no data and nothing else may rest on it: dropping it must take nothing along. */
static enum migrate_outcome drop_api(struct migration *migration)
{
    char before[32], after[32];

    GO(count_others(migration, before));
    GO(run(migration, "DROP SCHEMA IF EXISTS api CASCADE"));
    GO(count_others(migration, after));
    if (strcmp(before, after) != 0) {
        copy_text(migration->report->detail, MIGRATE_DETAIL_MAX,
                  "something outside schema api depends on it and would be dropped with it");
        return MIGRATE_FAILED;
    }
    return MIGRATE_DONE; /* the first file of api/ makes the schema */
}

static enum migrate_outcome run_folder(struct migration *migration, const char *folder)
{
    for (const struct embedded_file *file = migration->files; file->path != NULL; file++)
        if (in_folder(file, folder))
            GO(run_file(migration, file));
    return MIGRATE_DONE;
}

static enum migrate_outcome run_named(struct migration *migration, const char *path)
{
    const struct embedded_file *file = file_named(migration->files, path);

    ASSERT(file != NULL);
    return run_file(migration, file);
}

static enum migrate_outcome rebuild_steps(struct migration *migration, const char *checksum)
{
    const char *values[] = {
        CHECKSUM_SETTING, checksum,
        "Checksum of the files that schema api, policies and grants were made from."};

    GO(run(migration, "BEGIN"));
    GO(run_folder(migration, "reference"));
    set_file(migration, "api");
    GO(drop_api(migration));
    GO(run_folder(migration, "api"));
    GO(run_named(migration, "policies.sql"));
    GO(run_named(migration, "grants.sql"));
    set_file(migration, "api");
    RESULT *result =
        query(migration,
              "INSERT INTO app.instance_setting (name, value, remark) VALUES ($1, $2, $3) "
              "ON CONFLICT (name) DO UPDATE SET value = excluded.value, remark = excluded.remark",
              3, values);
    if (result == NULL)
        return MIGRATE_FAILED;
    return commit(migration);
}

static enum migrate_outcome rebuild(struct migration *migration, const char *checksum)
{
    enum migrate_outcome outcome = MIGRATE_BUSY;

    if (migration->progress != NULL)
        migration->progress(migration->data, "api");
    for (int tries = 1; tries <= REBUILD_TRIES && outcome == MIGRATE_BUSY; tries++) {
        outcome = rebuild_steps(migration, checksum);
        if (outcome != MIGRATE_DONE)
            roll_back(migration);
    }
    migration->report->rebuilt = outcome == MIGRATE_DONE;
    return outcome;
}

static enum migrate_outcome bring_up(struct migration *migration, bool check_only)
{
    char checksum[SHA256_HEX_SIZE];
    bool current = false;

    hex_of_rebuilt(migration->files, checksum);
    GO(compare(migration));
    GO(is_current(migration, checksum, &current));
    if (current)
        return MIGRATE_DONE;
    if (check_only) {
        set_file(migration, "api");
        for (const struct embedded_file *file = migration->files; file->path != NULL; file++)
            if (number_of(file) == migration->report->version + 1)
                set_file(migration, file->path);
        return MIGRATE_PENDING;
    }
    GO(make_roles(migration));
    GO(run(migration, "SET ROLE grenier_owner"));
    for (const struct embedded_file *file = migration->files; file->path != NULL; file++)
        if (number_of(file) > migration->report->version)
            GO(apply(migration, file));
    return rebuild(migration, checksum);
}

enum migrate_outcome migrate_run(const char *conninfo, const struct embedded_file *files,
                                 bool check_only, migrate_progress_fn *progress, void *data,
                                 struct migrate_report *ret_report)
{
    struct migration migration = {
        .files = files, .report = ret_report, .progress = progress, .data = data};
    enum migrate_outcome outcome;

    *ret_report = (struct migrate_report){0};
    outcome = open_connection(&migration, conninfo);
    if (outcome == MIGRATE_DONE && !check_only)
        outcome = take_lock(&migration);
    if (outcome == MIGRATE_DONE)
        outcome = bring_up(&migration, check_only);
    if (outcome == MIGRATE_DONE)
        ret_report->file[0] = '\0';
    PQfinish(migration.connection);
    return outcome;
}
