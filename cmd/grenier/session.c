#include "grenier/session.h"

#include "base/crypto.h"
#include "common/embedded.h"
#include "common/server.h"
#include "db/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_LIMIT = 1024 * 1024 };

#define LINK_LIFETIME "3 days"

void session_init(struct session *ret_session, const struct options *options)
{
    *ret_session =
        (struct session){.database = option_text(options, "database"), .cluster = {.lock = -1}};
    arena_init(&ret_session->arena, ARENA_LIMIT);
    problem_init(&ret_session->problem, &ret_session->arena);
    /* Before root becomes the directory's owner. */
    snprintf(ret_session->actor, sizeof(ret_session->actor), "cli:%s", place_operator());
}

enum exit_code session_open(const struct options *options, enum session_need need,
                            struct session *ret_session)
{
    struct session *session = ret_session;
    struct place place;
    enum exit_code code;

    session_init(session, options);
    if (session->database == NULL) {
        code = place_open(option_text(options, "data-dir"), need == SESSION_MAKE, &place);
        if (code == EXIT_DONE && need == SESSION_EXISTING && access("postgresql", F_OK) != 0) {
            say_error("%s: there is no Grenier here; \"grenier serve\" makes one",
                      "%s : il n’y a pas de Grenier ici ; « grenier serve » en crée un", place.dir);
            code = EXIT_FAILED;
        }
        if (code == EXIT_DONE)
            code = cluster_start(&place, CLUSTER_COMMAND, &session->cluster);
        if (code != EXIT_DONE)
            return code;
    }
    return session_name(session);
}

enum exit_code session_name(struct session *session)
{
    if (session->database != NULL) {
        session->owner_conninfo = strdup(session->database);
        session->server_conninfo = server_conninfo(session->database);
        return session->server_conninfo == NULL ? EXIT_USAGE : EXIT_DONE;
    }
    session->owner_conninfo = cluster_conninfo(&session->cluster, "postgres", "grenier");
    session->server_conninfo = cluster_conninfo(&session->cluster, "grenier_server", "grenier");
    return EXIT_DONE;
}

void session_close(struct session *session)
{
    db_close(session->db);
    session->db = NULL;
    cluster_stop(&session->cluster);
    free(session->owner_conninfo);
    free(session->server_conninfo);
    session->owner_conninfo = session->server_conninfo = NULL;
    arena_free(&session->arena);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Schema
 * -----------------------------------------------------------------------------------------------
 */

static void say_step(void *data UNUSED, const char *file)
{
    if (strcmp(file, "api") == 0)
        say_note("schema: functions, policies, rights", "schéma : fonctions, politiques, droits");
    else
        say_note("schema: %s", "schéma : %s", file);
}

static enum exit_code say_outcome(enum migrate_outcome outcome, const struct migrate_report *report)
{
    switch (outcome) {
    case MIGRATE_DONE:
        return EXIT_DONE;
    case MIGRATE_UNREACHABLE:
        say_error("the database cannot be reached: %s", "la base est hors d’atteinte : %s",
                  report->detail);
        break;
    case MIGRATE_OLD_SERVER:
        say_error("PostgreSQL %s is too old: 15 or later is needed",
                  "PostgreSQL %s est trop ancien : il faut 15 ou plus", report->detail);
        break;
    case MIGRATE_BUSY:
        say_error("the database is busy (%s %s): try again",
                  "la base est occupée (%s %s) : réessayez", report->file, report->detail);
        break;
    case MIGRATE_NEWER:
        say_error(
            "the database was used by a newer Grenier (%s): install that version or a later one",
            "la base a servi à un Grenier plus récent (%s) : installez cette version ou une plus "
            "récente",
            report->file);
        break;
    case MIGRATE_CHANGED:
        say_error("%s is not what was applied to this database: this program was not built from a "
                  "release",
                  "%s n’est pas ce qui a été appliqué à cette base : ce programme ne vient pas "
                  "d’une version publiée",
                  report->file);
        break;
    case MIGRATE_PENDING:
        say_error(
            "the database is older than this program (%s): run \"grenier migrate\" first",
            "la base est plus ancienne que ce programme (%s) : lancez d’abord « grenier migrate »",
            report->file);
        break;
    case MIGRATE_FAILED:
        say_error("%s: %s", "%s : %s", report->file, report->detail);
        break;
    }
    return EXIT_FAILED;
}

enum exit_code session_migrate(struct session *session)
{
    struct migrate_report report;
    enum migrate_outcome outcome =
        migrate_run(session->owner_conninfo, embedded_sql, false, say_step, NULL, &report);

    return say_outcome(outcome, &report);
}

enum exit_code session_connect(struct session *session)
{
    struct migrate_report report;
    enum exit_code code = say_outcome(
        migrate_run(session->owner_conninfo, embedded_sql, true, NULL, NULL, &report), &report);

    if (code != EXIT_DONE)
        return code;
    if (db_open(session->owner_conninfo, NULL, 0, &session->db, &session->problem) != RC_OK ||
        db_script(session->db,
                  "SET ROLE grenier_owner; SET search_path = pg_catalog; SET timezone = 'UTC'; SET "
                  "lock_timeout = '10s'",
                  &session->problem) != RC_OK) {
        say_problem(&session->problem);
        return EXIT_FAILED;
    }
    return EXIT_DONE;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Statements
 * -----------------------------------------------------------------------------------------------
 */

static enum exit_code judge(struct session *session, enum rc rc)
{
    if (rc == RC_OK)
        return EXIT_DONE;
    if (rc == RC_RETRY)
        say_error("another program changed the same rows: try again",
                  "un autre programme a modifié les mêmes lignes : réessayez");
    else
        say_problem(&session->problem);
    db_rollback(session->db);
    return EXIT_FAILED;
}

enum exit_code session_query(struct session *session, const char *sql, size_t n,
                             const char *const *values, struct db_rows **ret_rows)
{
    problem_init(&session->problem, &session->arena);
    return judge(session, db_sql(session->db, sql, n, values, ret_rows, &session->problem));
}

enum exit_code session_begin(struct session *session)
{
    problem_init(&session->problem, &session->arena);
    return judge(session, db_begin(session->db, TX_WRITE, NULL, &session->problem));
}

enum exit_code session_commit(struct session *session)
{
    return judge(session, db_commit(session->db, &session->problem));
}

/* ------------------------------------------------------------------------------------------------------------------
 * One-time links
 * -----------------------------------------------------------------------------------------------
 */

enum exit_code session_make_link(struct session *session, const char *purpose, const char *user_id,
                                 char *ret_token)
{
    unsigned char digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    const char *values[] = {purpose, user_id, hex, session->actor};
    DB_ROWS *rows = NULL;

    crypto_secret(ret_token);
    crypto_sha256(ret_token, strlen(ret_token), digest);
    crypto_hex(digest, sizeof(digest), hex);
    return session_query(
        session,
        "SELECT app.link_create($1, $2::uuid, decode($3, 'hex'), interval '" LINK_LIFETIME "', $4)",
        ARRAY_SIZE(values), values, &rows);
}

char *session_link_url(const char *base, const char *token)
{
    char *url = NULL;

    if (asprintf(&url, "%slinks/%s", base, token) < 0)
        url = NULL;
    ASSERT(url != NULL);
    return url;
}
