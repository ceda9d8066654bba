/* Brings a database to the schema of this program: forward only, one transaction each, never twice.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/embed.h"

/* Why nothing more was done. What was committed before stays: running again goes on from there. */
enum migrate_outcome {
    MIGRATE_DONE = 0,
    MIGRATE_UNREACHABLE, /* no connection; `detail` is libpq's sentence */
    MIGRATE_OLD_SERVER,  /* PostgreSQL older than 15; `detail` is its version */
    MIGRATE_BUSY,        /* another migration runs, or a lock was not to be had in time */
    MIGRATE_NEWER,   /* the database was migrated by a newer program; `file` is the migration it has
                      */
    MIGRATE_CHANGED, /* a migration that was applied is different here, or missing; `file` */
    MIGRATE_PENDING, /* with `check_only`: there would be something to do; `file` is the first */
    MIGRATE_FAILED   /* SQL refused; `file` and `detail` say where and why */
};

enum { MIGRATE_FILE_MAX = 128, MIGRATE_DETAIL_MAX = 1024 };

struct migrate_report {
    int applied;  /* migrations applied by this run */
    bool rebuilt; /* schema api, policies and grants were made again */
    int version;  /* number of the last migration of the database */
    char file[MIGRATE_FILE_MAX];
    char detail[MIGRATE_DETAIL_MAX];
};

/* Called before each step, for those who watch. `file` is "migrations/0001_kernel.sql", or "api"
 * for the rebuilding. */
typedef void migrate_progress_fn(void *data, const char *file);

/* Migrates the database at `conninfo`; `files` is a table of sql/ (embedded_sql):
 *   roles.sql          as the connecting role (a superuser, or CREATEROLE and owner of the
 * database); a role without that right passes over it when the roles are there migrations/NNNN_…
 * each once, in a transaction of its own, as grenier_owner, its SHA-256 recorded in
 *                      app.schema_migration
 *   reference/, a new schema api from api/, policies.sql, grants.sql: all in one transaction, as
 * grenier_owner, passed over when none of these files has changed since and no migration was
 * applied A session advisory lock keeps two runs apart (the second waits a minute at most); every
 * lock of the database is waited for ten seconds at most, so that a migration never stops a running
 * server for longer. `check_only` changes nothing. `progress` may be NULL. Limits: 9999 migrations.
 */
MUST_CHECK enum migrate_outcome migrate_run(const char *conninfo, const struct embedded_file *files,
                                            bool check_only, migrate_progress_fn *progress,
                                            void *data, struct migrate_report *ret_report);

/* Number of the last migration in `files`: what api.schema_version() of a fitting database answers.
 */
int migrate_version(const struct embedded_file *files);

#endif
