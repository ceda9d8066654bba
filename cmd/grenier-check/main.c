/* grenier-check: the command line, the connection, one organisation after the other. */
#include "base/crypto.h"
#include "grenier-check/check.h"

#include <stdio.h>
#include <stdlib.h>

/* Exit codes; docs/operations.md lists them. */
enum { EXIT_NOTHING_DIFFERS = 0, EXIT_DIFFERS = 1, EXIT_COULD_NOT_CHECK = 2 };

enum { ARENA_LIMIT = 1024 * 1024, ORGANISATIONS_SQL_MAX = 1024 };

struct arguments {
    const char *database, *organisation;
    bool french, help;
};

static const char usage_en[] =
    "Usage: grenier-check --database URL [--organisation SLUG] [--lang fr|en]\n\n"
    "Computes the books again from the tables, with the rights of grenier_auditor: every entry,\n"
    "number, period, kept balance, contribution, match, statement and value of the history. "
    "Writes\n"
    "one line for each thing that differs. Documents are not checked: this version keeps none.\n\n"
    "Exit codes: 0 nothing differs, 1 something differs, 2 it could not be checked.\n";
static const char usage_fr[] =
    "Usage\u00A0: grenier-check --database URL [--organisation SLUG] [--lang fr|en]\n\n"
    "Recalcule les livres depuis les tables, avec les droits de grenier_auditor\u00A0: chaque\n"
    "écriture, numéro, période, solde tenu, versement, rapprochement, relevé et valeur de\n"
    "l’historique. Écrit une ligne pour chaque chose qui diffère. Les documents ne sont pas\n"
    "contrôlés\u00A0: cette version n’en tient pas.\n\n"
    "Codes de sortie\u00A0: 0 rien ne diffère, 1 quelque chose diffère, 2 le contrôle n’a pas pu "
    "se\n"
    "faire.\n";

/* As the other programs: LC_ALL, LC_MESSAGES or LANG, the first that is set. */
static bool environment_is_french(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0')
            return strncmp(value, "fr", 2) == 0;
    }
    return false;
}

/* The value of "--name VALUE" or "--name=VALUE", NULL when the argument is another one. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
    const char *argument = argv[*at];
    size_t n = strlen(name);

    if (argument == NULL || strncmp(argument, name, n) != 0)
        return NULL;
    if (argument[n] == '=')
        return argument + n + 1;
    return argument[n] == '\0' && *at + 1 < argc ? argv[++*at] : NULL;
}

static bool read_arguments(int argc, char **argv, struct arguments *ret_arguments)
{
    *ret_arguments = (struct arguments){.french = environment_is_french()};
    for (int at = 1; at < argc; at++) {
        const char *value;

        if (same(argv[at], "--help") || same(argv[at], "-h"))
            ret_arguments->help = true;
        else if ((value = value_of("--database", argc, argv, &at)) != NULL)
            ret_arguments->database = value;
        else if ((value = value_of("--organisation", argc, argv, &at)) != NULL)
            ret_arguments->organisation = value;
        else if ((value = value_of("--lang", argc, argv, &at)) != NULL &&
                 (same(value, "fr") || same(value, "en")))
            ret_arguments->french = same(value, "fr");
        else
            return false;
    }
    return ret_arguments->help || ret_arguments->database != NULL;
}

/* Whoever logs in, what follows reads as grenier_auditor: row-level security applies, nothing can
 * be written. */
static bool connect(struct check *check, const char *database)
{
    check->db = PQconnectdb(database);
    if (PQstatus(check->db) != CONNECTION_OK) {
        fprintf(stderr, "grenier-check%s %s", words(check, ":", "\u00A0:"),
                PQerrorMessage(check->db));
        check->failed = true;
        return false;
    }
    PQsetClientEncoding(check->db, "UTF8");
    return run(check, "SET ROLE grenier_auditor") &&
           run(check, "SET search_path = pg_catalog, pg_temp") &&
           run(check, "SET default_transaction_read_only = on") &&
           run(check, "SET default_transaction_isolation = 'repeatable read'") &&
           run(check, "SET statement_timeout = 0") &&
           run(check, "SET idle_in_transaction_session_timeout = 0") &&
           run(check, "SET cursor_tuple_fraction = 1") && run(check, "SET DateStyle = 'ISO'") &&
           run(check, "SET TimeZone = 'UTC'") && run(check, "SET row_security = on");
}

/* One organisation, as it is at one instant. */
static void check_organisation(struct check *check, const char *id, const char *slug)
{
    const char *values[] = {id}, *visible;

    check->organisations++;
    check->streams = 0;
    keep(check->slug, sizeof(check->slug), slug);
    if (!run(check, "BEGIN"))
        return;
    (void)ask(check, "SELECT set_config('app.organisation_id', $1, true)", ARRAY_SIZE(values),
              values);
    visible = ask(check, "SELECT string_agg(o.id::text, ' ') FROM fund.organisation o", 0, NULL);
    if (!check->failed && !same(visible, id)) {
        fprintf(stderr, "grenier-check%s %s%s %s\n", words(check, ":", "\u00A0:"), slug,
                words(check, ":", "\u00A0:"),
                words(check, "the role grenier_auditor does not see this organisation alone",
                      "le rôle grenier_auditor ne voit pas que cette organisation"));
        check->failed = true;
    }
    frames_load(check);
    check_ledger(check);
    check_numbers(check);
    check_reversals(check);
    check_contributions(check);
    check_bank(check);
    check_matches(check);
    check_references(check);
    check_history(check);
    frames_free(&check->frames);
    arena_free(&check->arena);
    (void)run(check, "COMMIT");
    fflush(stdout);
}

static void check_all(struct check *check, const char *only)
{
    const char *values[] = {only};
    PGresult *result =
        PQexecParams(check->db,
                     "SELECT o.organisation_id, o.slug FROM audit.organisations() o "
                     "WHERE $1::text IS NULL OR o.slug = $1 ORDER BY o.slug COLLATE \"C\"",
                     ARRAY_SIZE(values), NULL, values, NULL, NULL, 0);

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        fprintf(stderr, "grenier-check%s %s", words(check, ":", "\u00A0:"),
                PQerrorMessage(check->db));
        check->failed = true;
    }
    if (!check->failed && only != NULL && PQntuples(result) == 0) {
        fprintf(stderr, "grenier-check%s %s %s\n", words(check, ":", "\u00A0:"),
                words(check, "no organisation called", "aucune organisation nommée"), only);
        check->failed = true;
    }
    for (int i = 0; !check->failed && i < PQntuples(result); i++)
        check_organisation(check, PQgetvalue(result, i, 0), PQgetvalue(result, i, 1));
    PQclear(result);
}

static void say_end(const struct check *check)
{
    printf("%lld organisations, %lld %s, %lld %s ", (long long)check->organisations,
           (long long)check->entries, words(check, "entries", "écritures"), (long long)check->lines,
           words(check, "lines checked:", "lignes contrôlées\u00A0:"));
    if (check->differences == 0)
        puts(words(check, "nothing differs", "rien ne diffère"));
    else
        printf("%lld %s\n", (long long)check->differences,
               words(check, "differences", "différences"));
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    struct check check = {0};

    if (!read_arguments(argc, argv, &arguments)) {
        fputs(arguments.french ? usage_fr : usage_en, stderr);
        return EXIT_COULD_NOT_CHECK;
    }
    check.french = arguments.french;
    if (arguments.help) {
        fputs(words(&check, usage_en, usage_fr), stdout);
        return EXIT_NOTHING_DIFFERS;
    }
    crypto_init();
    arena_init(&check.arena, ARENA_LIMIT);
    if (connect(&check, arguments.database))
        check_all(&check, arguments.organisation);
    PQfinish(check.db);
    if (check.failed)
        return EXIT_COULD_NOT_CHECK;
    say_end(&check);
    return check.differences == 0 ? EXIT_NOTHING_DIFFERS : EXIT_DIFFERS;
}
