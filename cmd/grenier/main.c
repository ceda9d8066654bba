/* grenier: the command line. A table of subcommands; each is a table of options and a function. */
#include "base/crypto.h"
#include "common/embedded.h"
#include "db/migrate.h"
#include "grenier/command.h"

#include <stdio.h>
#include <stdlib.h>

enum { NAME_COLUMN = 22 };

static enum exit_code version_run(const struct options *options);
static enum exit_code help_run(const struct options *options);

const struct option no_options[] = {{.type = OPTION_END}};

static const struct command commands[] = {
    {"serve", serve_options, serve_run,
     "start the server, with a private PostgreSQL unless --database is given",
     "démarrer le serveur, avec un PostgreSQL privé sauf si --database est donné"},
    {"migrate", migrate_options, migrate_command_run, "bring the database to this program's schema",
     "amener la base au schéma de ce programme"},
    {"check", check_options, check_run, "check the books: balances, numbers, kept balances",
     "contrôler les livres : équilibre, numéros, soldes tenus"},
    {"organisation create", organisation_options, organisation_create_run, "make an organisation",
     "créer une organisation"},
    {"user create", user_options, user_create_run, "make a person and print a one-time link",
     "créer une personne et afficher un lien à usage unique"},
    {"user link", link_options, user_link_run,
     "print a new one-time link, for who lost their password",
     "afficher un nouveau lien à usage unique, pour qui a perdu son mot de passe"},
    {"user end", user_end_options, user_end_run, "take a person's roles away, at once",
     "retirer ses rôles à une personne, aussitôt"},
    {"token create", token_options, token_create_run, "make a program's access and print its token",
     "créer un accès pour un programme et afficher son jeton"},
    {"token list", token_list_options, token_list_run, "list the programs' accesses",
     "lister les accès des programmes"},
    {"token revoke", token_revoke_options, token_revoke_run, "end a program's access, at once",
     "mettre fin à l’accès d’un programme, aussitôt"},
    {"demo", demo_options, demo_run, "make the demonstration organisation",
     "créer l’organisation de démonstration"},
    {"openapi", openapi_options, openapi_run, "print the API's description (OpenAPI 3.1)",
     "afficher la description de l’API (OpenAPI 3.1)"},
    {"version", no_options, version_run, "print the program's and the schema's version",
     "afficher la version du programme et du schéma"},
    {"help", no_options, help_run, "this text", "ce texte"},
};

static enum exit_code version_run(const struct options *options UNUSED)
{
    printf("grenier %s, %s %d\n", GRENIER_VERSION, words("schema", "schéma"),
           migrate_version(embedded_sql));
    return EXIT_DONE;
}

static enum exit_code help_run(const struct options *options UNUSED)
{
    printf("%s\n\n",
           words("Usage: grenier COMMAND [OPTIONS]", "Usage : grenier COMMANDE [OPTIONS]"));
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        printf("  %-*s %s\n", NAME_COLUMN, commands[i].name, words(commands[i].en, commands[i].fr));
    printf(
        "\n%s\n",
        words("grenier COMMAND --help lists a command's options. Exit codes: 0 done, 1 failed, 2 "
              "wrong "
              "command line, 3 the books are not right (check).",
              "grenier COMMANDE --help donne les options d’une commande. Codes de sortie : 0 fait, "
              "1 échec, 2 ligne de commande fausse, 3 livres faux (check)."));
    fflush(stdout);
    return EXIT_DONE;
}

/* The command named by the first word or the first two; *ret_words is how many were used. */
static const struct command *find(int argc, char **argv, int *ret_words)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        const char *name = commands[i].name, *space = strchr(name, ' ');

        if (space == NULL && strcmp(name, argv[0]) == 0) {
            *ret_words = 1;
            return &commands[i];
        }
        if (space != NULL && argc > 1 && strlen(argv[0]) == (size_t)(space - name) &&
            strncmp(name, argv[0], (size_t)(space - name)) == 0 &&
            strcmp(space + 1, argv[1]) == 0) {
            *ret_words = 2;
            return &commands[i];
        }
    }
    return NULL;
}

static enum exit_code unknown(int argc, char **argv)
{
    const char *second = argc > 1 && argv[1][0] != '-' ? argv[1] : "";

    say_error("unknown command \"%s%s%s\"; \"grenier help\" lists them",
              "commande inconnue « %s%s%s » ; « grenier help » les donne", argv[0],
              second[0] ? " " : "", second);
    return EXIT_USAGE;
}

/* --lang may stand before the command too. */
static enum exit_code leading_language(int *argc, char ***argv)
{
    static const struct option none[] = {{.type = OPTION_END}};
    struct options options;

    if (*argc >= 1 && strncmp((*argv)[0], "--lang", 6) == 0) {
        int taken = (*argv)[0][6] == '=' || *argc < 2 ? 1 : 2;
        enum exit_code code = options_read(none, taken, *argv, &options);

        *argc -= taken;
        *argv += taken;
        return code;
    }
    return EXIT_DONE;
}

int main(int argc, char **argv)
{
    const struct command *command;
    struct options options;
    enum exit_code code;
    int used = 0;

    say_language(language_of_environment());
    crypto_init();
    argc--;
    argv++;
    code = leading_language(&argc, &argv);
    if (code != EXIT_DONE)
        return code;
    if (argc < 1) {
        help_run(NULL);
        return EXIT_USAGE;
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0)
        return help_run(NULL);
    if (strcmp(argv[0], "--version") == 0)
        return version_run(NULL);
    command = find(argc, argv, &used);
    if (command == NULL)
        return unknown(argc, argv);
    code = options_read(command->options, argc - used, argv + used, &options);
    if (code != EXIT_DONE)
        return code;
    if (options.help) {
        printf("grenier %s: %s\n\n", command->name, words(command->en, command->fr));
        options_help(command->options);
        return EXIT_DONE;
    }
    return command->run(&options);
}
