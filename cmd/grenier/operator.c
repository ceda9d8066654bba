/* The operator's commands: migrate, check, organisation create, user create, token create. */
#include "base/crypto.h"
#include "base/text.h"
#include "common/embedded.h"
#include "common/server.h"
#include "db/migrate.h"
#include "grenier/child.h"
#include "grenier/command.h"
#include "grenier/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DAYS_MAX = 3650, URL_FILE_MAX = 512 };

static const char *const languages[] = {"fr", "en", NULL};
static const char *const roles[] = {"treasurer", "board",         "member",
                                    "auditor",   "administrator", NULL};

#define OPTION_PUBLIC_URL                                                                          \
    {                                                                                              \
        .name = "public-url", .type = OPTION_TEXT, .argument = "URL",                              \
        .en = "beginning of the link (default: where the server last ran)",                        \
        .fr = "début du lien (défaut : là où le serveur a tourné)"                           \
    }

const struct option migrate_options[] = {
    OPTION_DATA_DIR, OPTION_DATABASE_URL, {.type = OPTION_END}};
const struct option check_options[] = {
    {.name = "books",
     .type = OPTION_FLAG,
     .en = "everything, by the separate program grenier-check, which computes it again",
     .fr = "tout, par le programme distinct grenier-check, qui le recalcule"},
    {.name = "organisation",
     .type = OPTION_SLUG,
     .argument = "SLUG",
     .en = "only this one",
     .fr = "seulement celle-ci"},
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};
const struct option organisation_options[] = {
    {.name = "slug",
     .type = OPTION_SLUG,
     .required = true,
     .argument = "SLUG",
     .en = "its name in addresses: a-z, 0-9, hyphens",
     .fr = "son nom dans les adresses : a-z, 0-9, tirets"},
    {.name = "name",
     .type = OPTION_TEXT,
     .required = true,
     .argument = "NAME",
     .en = "its name",
     .fr = "son nom"},
    {.name = "fiscal-year-start",
     .type = OPTION_DATE,
     .argument = "YYYY-MM-DD",
     .en = "first day of the first fiscal year (default: January 1st of this year)",
     .fr = "premier jour du premier exercice (défaut : le 1er janvier de cette année)"},
    {.name = "currency",
     .type = OPTION_TEXT,
     .argument = "EUR",
     .en = "ISO 4217 code (default EUR)",
     .fr = "code ISO 4217 (défaut EUR)"},
    {.name = "currency-digits",
     .type = OPTION_INT,
     .min = 0,
     .max = 4,
     .argument = "N",
     .en = "digits after the point (default 2)",
     .fr = "chiffres après la virgule (défaut 2)"},
    {.name = "time-zone",
     .type = OPTION_TEXT,
     .argument = "ZONE",
     .en = "IANA name (default Europe/Paris)",
     .fr = "nom IANA (défaut Europe/Paris)"},
    {.name = "language",
     .type = OPTION_CHOICE,
     .choices = languages,
     .argument = "fr|en",
     .en = "of the texts it produces (default fr)",
     .fr = "des textes produits (défaut fr)"},
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};
const struct option user_options[] = {
    {.name = "organisation",
     .type = OPTION_SLUG,
     .required = true,
     .argument = "SLUG",
     .en = "where the role is",
     .fr = "où s’exerce le rôle"},
    {.name = "email",
     .type = OPTION_TEXT,
     .required = true,
     .argument = "EMAIL",
     .en = "how the person signs in",
     .fr = "par quoi la personne se connecte"},
    {.name = "name",
     .type = OPTION_TEXT,
     .required = true,
     .argument = "NAME",
     .en = "the person's name",
     .fr = "nom de la personne"},
    {.name = "role",
     .type = OPTION_CHOICES,
     .choices = roles,
     .required = true,
     .argument = "ROLE[,ROLE]",
     .en = "one or several of:",
     .fr = "un ou plusieurs parmi :"},
    {.name = "member",
     .type = OPTION_UUID,
     .argument = "ID",
     .en = "with the role member: the structure the person speaks for",
     .fr = "avec le rôle member : la structure que la personne représente"},
    {.name = "language",
     .type = OPTION_CHOICE,
     .choices = languages,
     .argument = "fr|en",
     .en = "the person's language (default fr)",
     .fr = "langue de la personne (défaut fr)"},
    OPTION_PUBLIC_URL,
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};
const struct option link_options[] = {
    {.name = "email",
     .type = OPTION_TEXT,
     .required = true,
     .argument = "EMAIL",
     .en = "whose link",
     .fr = "pour qui est le lien"},
    OPTION_PUBLIC_URL,
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};
const struct option token_options[] = {
    {.name = "organisation",
     .type = OPTION_SLUG,
     .required = true,
     .argument = "SLUG",
     .en = "where it is valid",
     .fr = "où il est valable"},
    {.name = "role",
     .type = OPTION_CHOICE,
     .choices = roles,
     .required = true,
     .argument = "ROLE",
     .en = "one of:",
     .fr = "un parmi :"},
    {.name = "member",
     .type = OPTION_UUID,
     .argument = "ID",
     .en = "with the role member: the structure",
     .fr = "avec le rôle member : la structure"},
    {.name = "expires",
     .type = OPTION_TEXT,
     .argument = "DATE|DAYS",
     .en = "last day YYYY-MM-DD, or a number of days (default 90)",
     .fr = "dernier jour AAAA-MM-JJ, ou nombre de jours (défaut 90)"},
    {.name = "name",
     .type = OPTION_TEXT,
     .argument = "NAME",
     .en = "what it is for (shown in the history)",
     .fr = "à quoi il sert (montré dans l’historique)"},
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};

/* ------------------------------------------------------------------------------------------------------------------
 * migrate, check
 * -----------------------------------------------------------------------------------------------
 */

enum exit_code migrate_command_run(const struct options *options)
{
    struct session session;
    enum exit_code code = session_open(options, SESSION_MAKE, &session);

    if (code == EXIT_DONE)
        code = session_migrate(&session);
    if (code == EXIT_DONE)
        say_result("the schema is at version %d", "le schéma est à la version %d",
                   migrate_version(embedded_sql));
    session_close(&session);
    return code;
}

static enum exit_code check_books(struct session *session, const char *slug)
{
    const char *values[] = {slug};
    DB_ROWS *rows = NULL, *count = NULL;
    enum exit_code code = session_query(
        session,
        "SELECT organisation, problem FROM app.check_books(CASE WHEN $1::text IS NOT NULL THEN "
        "app.organisation_by_slug($1) END)",
        1, values, &rows);

    if (code == EXIT_DONE)
        code = session_query(
            session, "SELECT count(*) FROM app.directory WHERE $1::text IS NULL OR slug = $1", 1,
            values, &count);
    if (code != EXIT_DONE)
        return code;
    for (size_t row = 0; row < db_rows_count(rows); row++)
        say_result("%s: %s", "%s : %s", db_text(rows, row, 0), db_text(rows, row, 1));
    say_result("organisations checked: %s, faults: %zu",
               "organisations contrôlées : %s, anomalies : %zu", db_text(count, 0, 0),
               db_rows_count(rows));
    return db_rows_count(rows) == 0 ? EXIT_DONE : EXIT_BOOKS;
}

/* The program beside ours, opened before root becomes the owner of a data directory; -1 with what
 * is wrong said. */
static int open_checker(void)
{
    char path[PLACE_PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - sizeof("-check"));
    int program = -1;

    if (size > 0) {
        while (size > 0 && path[size - 1] != '/')
            size--;
        path[size] = '\0';
        if ((size_t)size + sizeof("grenier-check") <= sizeof(path)) {
            memcpy(path + size, "grenier-check", sizeof("grenier-check"));
            program = open(path, O_RDONLY | O_CLOEXEC);
        }
    }
    if (program < 0)
        say_error("grenier-check is not beside this program: %s",
                  "grenier-check n’est pas à côté de ce programme\u00A0: %s", strerror(errno));
    return program;
}

/* Its exit codes are its own: 0 nothing differs, 1 something does, anything else it could not say.
 */
static enum exit_code run_checker(int program, const char *conninfo, const char *slug)
{
    const char *argv[8] = {"grenier-check", "--database", conninfo, "--lang", words("en", "fr")};

    if (slug != NULL) {
        argv[5] = "--organisation";
        argv[6] = slug;
    }
    switch (child_run_open(program, argv)) {
    case 0:
        return EXIT_DONE;
    case 1:
        return EXIT_BOOKS;
    default:
        say_error("the books could not be checked", "les livres n’ont pas pu être contrôlés");
        return EXIT_FAILED;
    }
}

static enum exit_code check_by_itself(const struct options *options)
{
    struct session session;
    int program = open_checker();
    char *conninfo = NULL;
    enum exit_code code = EXIT_FAILED;

    if (program < 0)
        return code;
    code = session_open(options, SESSION_EXISTING, &session);
    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE) {
        conninfo = session.database != NULL
                       ? strdup(session.database)
                       : cluster_conninfo(&session.cluster, "grenier_auditor", "grenier");
        ASSERT(conninfo != NULL);
        code = run_checker(program, conninfo, option_text(options, "organisation"));
    }
    free(conninfo);
    session_close(&session);
    close(program);
    return code;
}

enum exit_code check_run(const struct options *options)
{
    struct session session;
    enum exit_code code;

    if (option_flag(options, "books"))
        return check_by_itself(options);
    code = session_open(options, SESSION_EXISTING, &session);
    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE)
        code = check_books(&session, option_text(options, "organisation"));
    session_close(&session);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------------
 * organisation create
 * -----------------------------------------------------------------------------------------------
 */

static enum exit_code create_organisation(struct session *session, const struct options *options)
{
    const char *currency = option_text(options, "currency"),
               *zone = option_text(options, "time-zone"),
               *language = option_text(options, "language"),
               *digits = option_text(options, "currency-digits");
    const char *values[] = {option_text(options, "slug"),
                            option_text(options, "name"),
                            option_text(options, "fiscal-year-start"),
                            session->actor,
                            currency == NULL ? "EUR" : currency,
                            digits == NULL ? "2" : digits,
                            zone == NULL ? "Europe/Paris" : zone,
                            language == NULL ? "fr" : language};
    DB_ROWS *rows = NULL;
    enum exit_code code = session_begin(session);

    if (code == EXIT_DONE)
        code = session_query(
            session,
            "SELECT app.organisation_create($1, $2, $3::date, $4, $5, $6::integer, $7, $8)",
            ARRAY_SIZE(values), values, &rows);
    if (code == EXIT_DONE)
        code = session_commit(session);
    if (code == EXIT_DONE)
        say_result("organisation %s made (%s)", "organisation %s créée (%s)", values[0],
                   db_text(rows, 0, 0));
    return code;
}

enum exit_code organisation_create_run(const struct options *options)
{
    struct session session;
    enum exit_code code = session_open(options, SESSION_EXISTING, &session);

    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE)
        code = create_organisation(&session, options);
    session_close(&session);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------------
 * user create
 * -----------------------------------------------------------------------------------------------
 */

/* Allocated beginning of links: --public-url, else what the last server of the directory wrote,
 * else the default. */
static char *link_base(const struct session *session, const struct options *options)
{
    const char *given = option_text(options, "public-url");
    char *base = NULL, *last = NULL;

    if (given == NULL && session->database == NULL)
        given = last = place_read(&session->cluster.place, "url", URL_FILE_MAX);
    if (given == NULL || given[0] == '\0') {
        if (asprintf(&base, "http://127.0.0.1:%d/", PORT_DEFAULT) < 0)
            base = NULL;
    } else {
        size_t length = strcspn(given, "\n");

        if (asprintf(&base, "%.*s%s", (int)length, given, given[length - 1] == '/' ? "" : "/") < 0)
            base = NULL;
    }
    free(last);
    ASSERT(base != NULL);
    return base;
}

static void print_link(const struct session *session, const struct options *options,
                       const char *token)
{
    char *base = link_base(session, options), *url = session_link_url(base, token);

    say_note("one-time link for %s, valid for 3 days:",
             "lien à usage unique pour %s, valable 3 jours :", option_text(options, "email"));
    say_result("%s", "%s", url);
    free(base);
    free(url);
}

/* The person with this address, made when there is none; *ret_new when a link is needed for a first
 * password. */
static enum exit_code find_or_create_user(struct session *session, const struct options *options,
                                          struct db_rows **ret_user)
{
    const char *language = option_text(options, "language");
    const char *values[] = {option_text(options, "email"), option_text(options, "name"), language,
                            session->actor};
    enum exit_code code = session_query(session,
                                        "SELECT id, password_hash IS NULL FROM app.account_user "
                                        "WHERE lower(email) = lower(btrim($1))",
                                        1, values, ret_user);

    if (code != EXIT_DONE || db_rows_count(*ret_user) == 1)
        return code;
    db_rows_free(*ret_user);
    *ret_user = NULL;
    return session_query(session, "SELECT app.user_create($1, $2, $3, $4), true",
                         ARRAY_SIZE(values), values, ret_user);
}

static enum exit_code give_roles(struct session *session, const struct options *options,
                                 const char *user_id)
{
    const char *member = option_text(options, "member");
    enum exit_code code = EXIT_DONE;

    for (size_t i = 0; code == EXIT_DONE && roles[i] != NULL; i++) {
        bool is_member = strcmp(roles[i], "member") == 0;
        const char *values[] = {user_id, option_text(options, "organisation"), roles[i],
                                is_member ? member : NULL, session->actor};
        DB_ROWS *rows = NULL;

        if (option_has(options, "role", roles[i]))
            code = session_query(session,
                                 "SELECT app.membership_create($1::uuid, $2, $3, $4::uuid, $5)",
                                 ARRAY_SIZE(values), values, &rows);
    }
    return code;
}

static enum exit_code create_user(struct session *session, const struct options *options)
{
    char token[SECRET_TEXT_SIZE];
    DB_ROWS *user = NULL;
    enum exit_code code = session_begin(session);
    bool needs_link = false;

    if (code == EXIT_DONE)
        code = find_or_create_user(session, options, &user);
    if (code == EXIT_DONE) {
        needs_link = db_bool(user, 0, 1);
        code = give_roles(session, options, db_text(user, 0, 0));
    }
    if (code == EXIT_DONE && needs_link)
        code = session_make_link(session, "password", db_text(user, 0, 0), token);
    if (code == EXIT_DONE)
        code = session_commit(session);
    if (code != EXIT_DONE)
        return code;
    if (!needs_link) {
        say_result("%s signs in as before", "%s se connecte comme avant",
                   option_text(options, "email"));
        return EXIT_DONE;
    }
    print_link(session, options, token);
    return EXIT_DONE;
}

static enum exit_code renew_link(struct session *session, const struct options *options)
{
    const char *values[] = {option_text(options, "email")};
    char token[SECRET_TEXT_SIZE];
    DB_ROWS *user = NULL;
    enum exit_code code = session_begin(session);

    if (code == EXIT_DONE)
        code = session_query(
            session, "SELECT id FROM app.account_user WHERE lower(email) = lower(btrim($1))", 1,
            values, &user);
    if (code == EXIT_DONE && db_rows_count(user) == 0) {
        say_error("nobody has the e-mail %s", "personne n’a l’adresse %s", values[0]);
        return EXIT_FAILED;
    }
    if (code == EXIT_DONE)
        code = session_make_link(session, "password", db_text(user, 0, 0), token);
    if (code == EXIT_DONE)
        code = session_commit(session);
    if (code == EXIT_DONE)
        print_link(session, options, token);
    return code;
}

enum exit_code user_link_run(const struct options *options)
{
    struct session session;
    enum exit_code code = session_open(options, SESSION_EXISTING, &session);

    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE)
        code = renew_link(&session, options);
    session_close(&session);
    return code;
}

static enum exit_code check_member_role(const struct options *options)
{
    bool is_member = option_has(options, "role", "member"),
         given = option_text(options, "member") != NULL;

    if (is_member == given)
        return EXIT_DONE;
    say_error("--member goes with --role member, and only with it",
              "--member va avec --role member, et lui seul");
    return EXIT_USAGE;
}

enum exit_code user_create_run(const struct options *options)
{
    struct session session;
    enum exit_code code = check_member_role(options);

    if (code != EXIT_DONE)
        return code;
    code = session_open(options, SESSION_EXISTING, &session);
    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE)
        code = create_user(&session, options);
    session_close(&session);
    return code;
}

/* ------------------------------------------------------------------------------------------------------------------
 * token create
 * -----------------------------------------------------------------------------------------------
 */

/* --expires as SQL: the end of a day in the organisation's zone, or days from now. */
static enum exit_code read_expiry(const char *expires, const char **ret_date, const char **ret_days)
{
    struct date date;
    int64_t days;

    if (expires == NULL)
        *ret_days = "90";
    else if (date_parse(str_of(expires), &date))
        *ret_date = expires;
    else if (text_to_int(str_of(expires), 1, DAYS_MAX, &days))
        *ret_days = expires;
    else {
        say_error("--expires %s: a date YYYY-MM-DD or a number of days (1 to %d) is expected",
                  "--expires %s : une date AAAA-MM-JJ ou un nombre de jours (1 à %d) est attendu",
                  expires, DAYS_MAX);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static enum exit_code create_token(struct session *session, const struct options *options,
                                   const char *date, const char *days)
{
    unsigned char digest[SHA256_SIZE];
    char token[SECRET_TEXT_SIZE], hex[SHA256_HEX_SIZE];
    const char *name = option_text(options, "name");
    const char *values[] = {option_text(options, "organisation"),
                            option_text(options, "role"),
                            hex,
                            option_text(options, "member"),
                            date,
                            days,
                            name == NULL ? "grenier token create" : name,
                            session->actor};
    DB_ROWS *rows = NULL, *entered = NULL;
    enum exit_code code = session_begin(session);

    crypto_secret(token);
    crypto_sha256(token, strlen(token), digest);
    crypto_hex(digest, sizeof(digest), hex);
    /* First into the organisation: the end of the last day is counted in its zone. */
    if (code == EXIT_DONE)
        code = session_query(session, "SELECT app.enter_organisation(app.organisation_by_slug($1))",
                             1, values, &entered);
    if (code == EXIT_DONE)
        code = session_query(
            session,
            "SELECT app.token_create($1, $2, decode($3, 'hex'), $4::uuid, "
            "COALESCE(($5::date + 1)::timestamp AT TIME ZONE o.time_zone, clock_timestamp() + "
            "$6::integer * interval '1 day'), "
            "$7, $8) FROM fund.organisation o WHERE o.id = fund.current_organisation()",
            ARRAY_SIZE(values), values, &rows);
    if (code == EXIT_DONE)
        code = session_commit(session);
    if (code == EXIT_DONE)
        say_result("%s", "%s", token);
    return code;
}

enum exit_code token_create_run(const struct options *options)
{
    const char *date = NULL, *days = NULL;
    struct session session;
    enum exit_code code = check_member_role(options);

    if (code == EXIT_DONE)
        code = read_expiry(option_text(options, "expires"), &date, &days);
    if (code != EXIT_DONE)
        return code;
    code = session_open(options, SESSION_EXISTING, &session);
    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE)
        code = create_token(&session, options, date, days);
    session_close(&session);
    return code;
}
