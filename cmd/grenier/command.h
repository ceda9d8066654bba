/* The subcommands of `grenier`: one row each in main.c. */
#ifndef GRENIER_COMMAND_H
#define GRENIER_COMMAND_H

#include "common/options.h"

struct command {
    const char *name; /* one or two words: "serve", "organisation create" */
    const struct option *options;
    enum exit_code (*run)(const struct options *options);
    const char *en, *fr; /* what it does, for help */
};

/* Rows shared by the commands that use the database: where it is. */
#define OPTION_DATA_DIR                                                                            \
    {                                                                                              \
        .name = "data-dir", .type = OPTION_FOLDER, .argument = "DIR",                              \
        .en = "data directory (default: /var/lib/grenier as root, else ~/.local/share/grenier)",   \
        .fr = "dossier de données (défaut : /var/lib/grenier pour root, sinon "                 \
              "~/.local/share/grenier)"                                                            \
    }
#define OPTION_DATABASE_URL                                                                        \
    {                                                                                              \
        .name = "database", .type = OPTION_DATABASE, .argument = "URL",                            \
        .en =                                                                                      \
            "an existing PostgreSQL instead of the private one; no password in it: passfile=FILE", \
        .fr = "un PostgreSQL existant au lieu du serveur privé ; sans mot de passe : "         \
              "passfile=FICHIER"                                                                   \
    }

extern const struct option serve_options[], migrate_options[], check_options[],
    organisation_options[], user_options[], link_options[], token_options[], token_list_options[],
    token_revoke_options[], user_end_options[], demo_options[], openapi_options[], no_options[];

enum exit_code serve_run(const struct options *options);
enum exit_code migrate_command_run(const struct options *options);
enum exit_code check_run(const struct options *options);
enum exit_code organisation_create_run(const struct options *options);
enum exit_code user_create_run(const struct options *options);
enum exit_code user_link_run(const struct options *options);
enum exit_code user_end_run(const struct options *options);
enum exit_code token_create_run(const struct options *options);
enum exit_code token_list_run(const struct options *options);
enum exit_code token_revoke_run(const struct options *options);
enum exit_code demo_run(const struct options *options);
enum exit_code openapi_run(const struct options *options);

#endif
