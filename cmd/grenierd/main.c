/* grenierd: the server alone, against a database that is there and migrated. Run one or many. */
#include "base/crypto.h"
#include "base/log.h"
#include "common/embedded.h"
#include "common/server.h"
#include "db/db.h"
#include "db/migrate.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_LIMIT = 64 * 1024, WATCH_MS = 60 * 1000 };

static const struct option table[] = {
    {.name = "database",
     .type = OPTION_DATABASE,
     .required = true,
     .argument = "URL",
     .en = "PostgreSQL to work on; no password in it: passfile=FILE",
     .fr = "PostgreSQL à utiliser ; sans mot de passe : passfile=FICHIER"},
    SERVER_OPTIONS,
    {.name = "tmp",
     .type = OPTION_FOLDER,
     .argument = "DIR",
     .en = "for uploads and exports (default: $TMPDIR or /tmp)",
     .fr = "pour les envois et les exports (défaut : $TMPDIR ou /tmp)"},
    {.name = "version",
     .type = OPTION_FLAG,
     .en = "print the version",
     .fr = "afficher la version"},
    {.type = OPTION_END},
};

/* A server works on the schema it was made for; /ready watches it from then on. */
static enum exit_code check_schema(const char *conninfo)
{
    struct arena arena;
    struct problem problem;
    struct db *db = NULL;
    DB_ROWS *rows = NULL;
    int64_t version = 0, ours = migrate_version(embedded_sql);
    enum exit_code code = EXIT_DONE;

    arena_init(&arena, ARENA_LIMIT);
    problem_init(&problem, &arena);
    if (db_open(conninfo, NULL, 0, &db, &problem) != RC_OK ||
        db_sql(db, "SELECT api.schema_version()", 0, NULL, &rows, &problem) != RC_OK) {
        say_problem(&problem);
        code = EXIT_FAILED;
    } else {
        version = db_int(rows, 0, 0);
    }
    if (code == EXIT_DONE && version != ours) {
        say_error("the database is at schema %lld, this program at %lld: %s",
                  "la base est au schéma %lld, ce programme au %lld : %s", (long long)version,
                  (long long)ours,
                  version < ours
                      ? words("run \"grenier migrate\"", "lancez « grenier migrate »")
                      : words("install the newer version", "installez la version plus récente"));
        code = EXIT_FAILED;
    }
    db_close(db);
    arena_free(&arena);
    return code;
}

static enum exit_code serve(const struct options *options)
{
    struct server_settings settings;
    struct server *server;
    const char *tmp = option_text(options, "tmp");
    char *conninfo;
    enum exit_code code = server_settings_read(options, &settings);
    int number;

    if (code != EXIT_DONE)
        return code;
    conninfo = server_conninfo(option_text(options, "database"));
    if (conninfo == NULL)
        return EXIT_USAGE;
    code = check_schema(conninfo);
    settings.conninfo = conninfo;
    settings.tmp = tmp != NULL ? tmp : getenv("TMPDIR");
    server = code == EXIT_DONE ? server_start(&settings) : NULL;
    if (server != NULL) {
        printf("ready %s\n", server_url(server));
        fflush(stdout);
        server_notify("READY=1");
        do {
            server_tend(server);
            number = server_wait(WATCH_MS);
        } while (number == 0 || number == SIGCHLD);
        server_notify("STOPPING=1");
        server_stop(server);
    } else {
        code = EXIT_FAILED;
    }
    free(conninfo);
    return code;
}

int main(int argc, char **argv)
{
    struct options options;
    enum exit_code code;

    say_language(language_of_environment());
    crypto_init();
    log_init(LOG_INFO);
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("grenierd %s, %s %d\n", GRENIER_VERSION, words("schema", "schéma"),
               migrate_version(embedded_sql));
        return EXIT_DONE;
    }
    code = options_read(table, argc - 1, argv + 1, &options);
    if (code != EXIT_DONE)
        return code;
    if (options.help) {
        printf("grenierd: %s\n\n", words("the server alone, on an existing database",
                                         "le serveur seul, sur une base existante"));
        options_help(table);
        return EXIT_DONE;
    }
    server_block_signals();
    return serve(&options);
}
