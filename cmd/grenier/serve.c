/* grenier serve: the private PostgreSQL and the server, in the foreground, until Ctrl-C. */
#include "base/crypto.h"
#include "base/log.h"
#include "common/server.h"
#include "grenier/command.h"
#include "grenier/demo.h"
#include "grenier/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    WATCH_MS = 1000,
    RESTARTS_MAX = 5, /* of PostgreSQL, within RESTARTS_S */
    RESTARTS_S = 600,
    ROOM_RETRY_S = 30
};

const struct option serve_options[] = {
    SERVER_OPTIONS,
    {.name = "demo",
     .type = OPTION_FLAG,
     .en = "make the demonstration organisation too",
     .fr = "créer aussi l’organisation de démonstration"},
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};

/* ------------------------------------------------------------------------------------------------------------------
 * The first sign-in
 * -----------------------------------------------------------------------------------------------
 */

/* The token of a link for the first sign-in, while nobody has a password: with people, for the one
 * who was made first (the demonstration's treasurer where --demo is given), without people, the
 * link that makes the first organisation. Empty when somebody can sign in already. */
static enum exit_code first_link(struct session *session, bool is_demo,
                                 char ret_token[static SECRET_TEXT_SIZE])
{
    const char *values[] = {is_demo ? DEMO_EMAIL : NULL};
    DB_ROWS *rows = NULL;
    enum exit_code code;

    ret_token[0] = '\0';
    code = session_query(session,
                         "SELECT count(*) FILTER (WHERE password_hash IS NOT NULL) > 0,"
                         " (array_agg(id ORDER BY email = $1 DESC NULLS LAST, created_at, id))[1] "
                         "FROM app.account_user",
                         1, values, &rows);
    if (code != EXIT_DONE || db_bool(rows, 0, 0))
        return code;
    code = session_begin(session);
    if (code == EXIT_DONE)
        code = session_make_link(session, db_text(rows, 0, 1) == NULL ? "setup" : "password",
                                 db_text(rows, 0, 1), ret_token);
    return code == EXIT_DONE ? session_commit(session) : code;
}

static void say_first_link(const struct server *server, const char *token)
{
    char *url;

    if (token[0] == '\0')
        return;
    url = session_link_url(server_url(server), token);
    say_result("first sign-in (this link works once, for 3 days): %s",
               "première connexion (ce lien sert une fois, pendant 3 jours) : %s", url);
    free(url);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Watching
 * -----------------------------------------------------------------------------------------------
 */

/* What was done about the deaths of PostgreSQL. */
struct revival {
    int restarts;
    time_t first;  /* of the restarts that count */
    bool waiting;  /* for room on the disk */
    time_t asking; /* when it is tried without room, which may yet do */
};

/* Has PostgreSQL again after its death. Not for ever, but where the disk is full: there it ends
 * when it has no room for its log, as often as somebody writes, and may not start before there is
 * some. */
static enum exit_code revive(struct cluster *cluster, struct revival *revival)
{
    struct timespec now;
    bool had_room = cluster_has_room(cluster);
    enum exit_code code;

    clock_gettime(CLOCK_MONOTONIC, &now);
    if (revival->waiting && !had_room && now.tv_sec < revival->asking)
        return EXIT_DONE;
    if (!revival->waiting && had_room) {
        if (revival->restarts == 0 || now.tv_sec - revival->first > RESTARTS_S) {
            revival->first = now.tv_sec;
            revival->restarts = 0;
        }
        if (++revival->restarts > RESTARTS_MAX) {
            say_error("PostgreSQL ended %d times within ten minutes: see %s/log",
                      "PostgreSQL s’est arrêté %d fois en dix minutes : voir %s/log",
                      revival->restarts, cluster->place.dir);
            return EXIT_FAILED;
        }
    }
    say_note("PostgreSQL ended by itself; starting it again",
             "PostgreSQL s’est arrêté de lui-même ; il est relancé");
    code = cluster_restart(cluster);
    if (code != EXIT_DONE && had_room && cluster_has_room(cluster))
        return code;
    revival->waiting = code != EXIT_DONE;
    revival->asking = now.tv_sec + ROOM_RETRY_S;
    if (revival->waiting)
        say_error(
            "the disk of %s is full: PostgreSQL is started again as soon as %d MiB are free",
            "le disque de %s est plein : PostgreSQL sera relancé dès que %d Mio seront libres",
            cluster->place.dir, CLUSTER_ROOM_MIB);
    return EXIT_DONE;
}

/* Until a signal asks for the end, or PostgreSQL cannot be had any more. */
static enum exit_code watch(struct session *session, struct server *server)
{
    struct revival revival = {0};

    for (;;) {
        int number;

        server_tend(server);
        number = server_wait(WATCH_MS);

        if (number == SIGINT || number == SIGTERM || number == SIGHUP)
            return EXIT_DONE;
        if (session->database == NULL && !cluster_alive(&session->cluster)) {
            enum exit_code code = revive(&session->cluster, &revival);

            if (code != EXIT_DONE)
                return code;
        }
    }
}

/* ------------------------------------------------------------------------------------------------------------------
 * The whole
 * -----------------------------------------------------------------------------------------------
 */

/* The directory, its lock, its secrets and a database that answers and fits. */
static enum exit_code prepare(const struct options *options, struct session *session)
{
    struct place place;
    enum exit_code code = place_open(option_text(options, "data-dir"), true, &place);

    if (code == EXIT_DONE)
        code = session->database == NULL ? cluster_start(&place, CLUSTER_SERVE, &session->cluster)
                                         : cluster_lock(&place, CLUSTER_SERVE, &session->cluster);
    if (code == EXIT_DONE)
        code = place_make_secrets(&place);
    if (code == EXIT_DONE)
        code = place_make_folder(&place, "tmp");
    if (code == EXIT_DONE)
        code = session_name(session);
    if (code == EXIT_DONE)
        code = session_migrate(session);
    if (code == EXIT_DONE)
        code = session_connect(session);
    if (code == EXIT_DONE && option_flag(options, "demo"))
        code = demo_make(session);
    return code;
}

static enum exit_code run(const struct options *options, struct server_settings *settings,
                          struct session *session)
{
    char token[SECRET_TEXT_SIZE] = "", *tmp;
    struct server *server;
    enum exit_code code = prepare(options, session);

    if (code == EXIT_DONE)
        code = first_link(session, option_flag(options, "demo"), token);
    if (code != EXIT_DONE)
        return code;
    /* The operator's connection is not kept: it would outlive PostgreSQL's restarts for nothing. */
    db_close(session->db);
    session->db = NULL;
    settings->conninfo = session->server_conninfo;
    tmp = place_path(&session->cluster.place, "tmp");
    settings->tmp = tmp;
    server = server_start(settings);
    if (server == NULL) {
        free(tmp);
        return EXIT_FAILED;
    }
    if (!place_write(&session->cluster.place, "url", server_url(server)))
        say_note("(%s/url cannot be written)", "(%s/url : écriture impossible)",
                 session->cluster.place.dir);
    printf("ready %s\n", server_url(server));
    say_first_link(server, token);
    fflush(stdout);
    server_notify("READY=1");
    code = watch(session, server);
    server_notify("STOPPING=1");
    say_note("stopping…", "arrêt…");
    server_stop(server);
    free(tmp);
    return code;
}

enum exit_code serve_run(const struct options *options)
{
    struct session session;
    struct server_settings settings;
    enum exit_code code = server_settings_read(options, &settings);

    if (code != EXIT_DONE)
        return code;
    /* Before any thread, and before any wait that Ctrl-C must end. */
    server_block_signals();
    log_init(LOG_INFO);
    session_init(&session, options);
    code = run(options, &settings, &session);
    session_close(&session);
    return code;
}
