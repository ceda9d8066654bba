#include "common/options.h"

#include "base/text.h"
#include "base/uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { VALUE_BYTES_MAX = 1000, SLUG_MIN = 2, SLUG_MAX = 40, HELP_COLUMN = 30 };

static const char *const languages[] = {"fr", "en", NULL};

/* What every command takes; --lang is applied as soon as it is read, so later faults are said in
 * that language. */
static const struct option common_table[] = {
    {.name = "lang",
     .type = OPTION_CHOICE,
     .choices = languages,
     .argument = "fr|en",
     .en = "language of what is said (default: from LANG)",
     .fr = "langue des messages (par défaut : celle de LANG)"},
    {.name = "help", .type = OPTION_FLAG, .en = "this text", .fr = "ce texte"},
    {.type = OPTION_END},
};

static size_t table_size(const struct option *table)
{
    size_t n = 0;

    while (table[n].type != OPTION_END)
        n++;
    ASSERT(n <= OPTIONS_MAX);
    return n;
}

static const struct option *find(const struct option *table, struct str name)
{
    for (; table->type != OPTION_END; table++)
        if (str_is(name, table->name))
            return table;
    return NULL;
}

static size_t slot(const struct options *options, const char *name)
{
    const struct option *row = find(options->table, str_of(name));

    ASSERT(row != NULL);
    return (size_t)(row - options->table);
}

static bool is_choice(const char *const *choices, struct str text)
{
    for (; *choices != NULL; choices++)
        if (str_is(text, *choices))
            return true;
    return false;
}

/* Calls `each` of the comma-separated parts until one answers false. */
static bool every_choice(const struct option *row, const char *value)
{
    for (;;) {
        size_t length = strcspn(value, ",");

        if (!is_choice(row->choices, (struct str){value, length}))
            return false;
        if (value[length] == '\0')
            return true;
        value += length + 1;
    }
}

static bool is_slug(const char *value)
{
    size_t n = strlen(value);

    return n >= SLUG_MIN && n <= SLUG_MAX && value[0] != '-' && value[n - 1] != '-' &&
           strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static void list_choices(const char *const *choices, char *buffer, size_t size)
{
    size_t used = 0;

    buffer[0] = '\0';
    for (; *choices != NULL && used < size; choices++) {
        int written = snprintf(buffer + used, size - used, "%s%s", used == 0 ? "" : ", ", *choices);

        used += written > 0 ? (size_t)written : 0;
    }
}

/* A folder that need not exist yet, absolute, so that it stays right when the program changes its
 * own. */
static bool make_absolute(const char *value, char ret_path[static OPTION_PATH_MAX])
{
    size_t length = 0;
    int written;

    if (value[0] != '/') {
        if (getcwd(ret_path, OPTION_PATH_MAX) == NULL)
            return false;
        length = strlen(ret_path);
    }
    written = snprintf(ret_path + length, OPTION_PATH_MAX - length, "%s%s", length == 0 ? "" : "/",
                       value);
    return written > 0 && (size_t)written < OPTION_PATH_MAX - length;
}

bool database_has_password(const char *database)
{
    const char *scheme = strstr(database, "://");

    if (scheme != NULL) {
        const char *rest = scheme + 3;
        size_t authority = strcspn(rest, "/?");
        const char *at = memrchr(rest, '@', authority);

        if (at != NULL && memchr(rest, ':', (size_t)(at - rest)) != NULL)
            return true;
        return strcasestr(rest, "?password=") != NULL || strcasestr(rest, "&password=") != NULL ||
               strcasestr(rest, "?sslpassword=") != NULL ||
               strcasestr(rest, "&sslpassword=") != NULL;
    }
    for (const char *p = database; (p = strcasestr(p, "password")) != NULL; p++) {
        const char *after = p + strlen("password");

        if (after[strspn(after, " \t\n\r")] == '=')
            return true;
    }
    return false;
}

/* Says what is wrong with the value of `row`. */
static enum exit_code refuse(const struct option *row, const char *value, const char *en,
                             const char *fr)
{
    say_error("--%s %s: %s", "--%s %s : %s", row->name, value, words(en, fr));
    return EXIT_USAGE;
}

static enum exit_code check_choice(const struct option *row, const char *value)
{
    char list[256];
    bool good = row->type == OPTION_CHOICE ? is_choice(row->choices, str_of(value))
                                           : every_choice(row, value);

    if (good)
        return EXIT_DONE;
    list_choices(row->choices, list, sizeof(list));
    say_error("--%s %s: choose among %s", "--%s %s : choisissez parmi %s", row->name, value, list);
    return EXIT_USAGE;
}

static enum exit_code check_database(const struct option *row, const char *value)
{
    /* The value itself is not repeated: it may hold the password. */
    if (database_has_password(value)) {
        say_error(
            "--%s: no password on the command line, where every user of the machine can read it; "
            "put it "
            "in a file and say passfile=FILE (PostgreSQL's .pgpass format)",
            "--%s : pas de mot de passe sur la ligne de commande, où tout utilisateur de la "
            "machine "
            "peut le lire ; mettez-le dans un fichier et dites passfile=FICHIER (format .pgpass de "
            "PostgreSQL)",
            row->name);
        return EXIT_USAGE;
    }
    if (strncmp(value, "postgresql://", 13) != 0 && strncmp(value, "postgres://", 11) != 0 &&
        strchr(value, '=') == NULL)
        return refuse(row, value, "not a database address (postgresql://user@host/name)",
                      "ce n’est pas une adresse de base (postgresql://utilisateur@machine/nom)");
    return EXIT_DONE;
}

static enum exit_code check_value(const struct option *row, const char *value,
                                  struct options *options, size_t at)
{
    struct date date;

    if (value[0] == '\0' || strlen(value) > VALUE_BYTES_MAX || !text_is_utf8(str_of(value)) ||
        text_has_control(str_of(value)))
        return refuse(row, "", "1 to 1000 characters are expected", "1 à 1000 caractères attendus");
    switch (row->type) {
    case OPTION_INT:
        if (!text_to_int(str_of(value), row->min, row->max, &options->integers[at])) {
            say_error("--%s %s: a number from %lld to %lld is expected",
                      "--%s %s : un nombre de %lld à %lld est attendu", row->name, value,
                      (long long)row->min, (long long)row->max);
            return EXIT_USAGE;
        }
        return EXIT_DONE;
    case OPTION_DATE:
        if (!date_parse(str_of(value), &date))
            return refuse(row, value, "a date YYYY-MM-DD is expected",
                          "une date AAAA-MM-JJ est attendue");
        return EXIT_DONE;
    case OPTION_CHOICE:
    case OPTION_CHOICES:
        return check_choice(row, value);
    case OPTION_UUID:
        if (!uuid_parse(str_of(value), &(struct uuid){{0}}))
            return refuse(row, value, "an identifier is expected (8-4-4-4-12 hexadecimal digits)",
                          "un identifiant est attendu (8-4-4-4-12 chiffres hexadécimaux)");
        return EXIT_DONE;
    case OPTION_SLUG:
        if (!is_slug(value))
            return refuse(row, value, "2 to 40 letters a-z, digits and hyphens are expected",
                          "2 à 40 lettres a-z, chiffres et tirets attendus");
        return EXIT_DONE;
    case OPTION_FOLDER:
        if (!make_absolute(value, options->folder))
            return refuse(row, value, "the path is too long, or the current folder cannot be read",
                          "le chemin est trop long, ou le dossier courant illisible");
        options->values[at] = options->folder;
        return EXIT_DONE;
    case OPTION_DATABASE:
        return check_database(row, value);
    case OPTION_TEXT:
    case OPTION_FLAG:
    case OPTION_END:
        return EXIT_DONE;
    }
    return EXIT_DONE;
}

/* Stores one option; *position moves past a value that stands apart. */
static enum exit_code take(struct options *options, const struct option *row, const char *attached,
                           int argc, char **argv, int *position)
{
    bool is_common = find(common_table, str_of(row->name)) == row;
    size_t at = is_common ? 0 : (size_t)(row - options->table);
    struct options common = {.table = common_table};
    struct options *target = is_common ? &common : options;
    const char *value = attached;

    if (row->type == OPTION_FLAG) {
        if (attached != NULL)
            return refuse(row, attached, "takes no value", "ne prend pas de valeur");
        value = "";
    } else if (value == NULL) {
        if (*position + 1 >= argc) {
            say_error("--%s: a value is missing (%s)", "--%s : il manque une valeur (%s)",
                      row->name, row->argument);
            return EXIT_USAGE;
        }
        value = argv[++*position];
    }
    if (target->values[at] != NULL) {
        say_error("--%s is given twice", "--%s est donné deux fois", row->name);
        return EXIT_USAGE;
    }
    target->values[at] = value;
    if (row->type != OPTION_FLAG) {
        enum exit_code code = check_value(row, value, target, at);

        if (code != EXIT_DONE)
            return code;
    }
    if (is_common && row->type == OPTION_FLAG)
        options->help = true;
    else if (is_common)
        say_language(strcmp(value, "fr") == 0 ? LANGUAGE_FR : LANGUAGE_EN);
    return EXIT_DONE;
}

enum exit_code options_read(const struct option *table, int argc, char **argv,
                            struct options *ret_options)
{
    *ret_options = (struct options){.table = table};
    ASSERT(table_size(table) <= OPTIONS_MAX);
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i], *equals;
        const struct option *row;
        struct str name;
        enum exit_code code;

        if (strcmp(word, "-h") == 0)
            word = "--help";
        if (strncmp(word, "--", 2) != 0) {
            say_error("\"%s\" is not expected here", "« %s » n’est pas attendu ici", word);
            return EXIT_USAGE;
        }
        equals = strchr(word, '=');
        name =
            (struct str){word + 2, equals == NULL ? strlen(word + 2) : (size_t)(equals - word - 2)};
        row = find(table, name);
        if (row == NULL)
            row = find(common_table, name);
        if (row == NULL) {
            say_error("--%.*s: unknown option (--help lists those of this command)",
                      "--%.*s : option inconnue (--help donne celles de cette commande)",
                      (int)name.n, name.p);
            return EXIT_USAGE;
        }
        code = take(ret_options, row, equals == NULL ? NULL : equals + 1, argc, argv, &i);
        if (code != EXIT_DONE)
            return code;
    }
    for (size_t i = 0; !ret_options->help && i < table_size(table); i++)
        if (table[i].required && ret_options->values[i] == NULL) {
            say_error("--%s %s is required", "--%s %s est obligatoire", table[i].name,
                      table[i].argument);
            return EXIT_USAGE;
        }
    return EXIT_DONE;
}

const char *option_text(const struct options *options, const char *name)
{
    return options->values[slot(options, name)];
}

bool option_flag(const struct options *options, const char *name)
{
    return options->values[slot(options, name)] != NULL;
}

int64_t option_int(const struct options *options, const char *name, int64_t otherwise)
{
    size_t at = slot(options, name);

    ASSERT(options->table[at].type == OPTION_INT);
    return options->values[at] == NULL ? otherwise : options->integers[at];
}

bool option_has(const struct options *options, const char *name, const char *choice)
{
    const char *value = option_text(options, name);

    while (value != NULL) {
        size_t length = strcspn(value, ",");

        if (str_is((struct str){value, length}, choice))
            return true;
        value = value[length] == '\0' ? NULL : value + length + 1;
    }
    return false;
}

static void help_rows(const struct option *table)
{
    for (; table->type != OPTION_END; table++) {
        char left[80];

        snprintf(left, sizeof(left), "--%s%s%s", table->name, table->argument == NULL ? "" : " ",
                 table->argument == NULL ? "" : table->argument);
        printf("  %-*s  %s%s\n", HELP_COLUMN, left, words(table->en, table->fr),
               table->required ? words(" (required)", " (obligatoire)") : "");
        if (table->choices != NULL && table->argument != NULL &&
            strchr(table->argument, '|') == NULL) {
            list_choices(table->choices, left, sizeof(left));
            printf("  %*s  %s\n", HELP_COLUMN, "", left);
        }
    }
}

void options_help(const struct option *table)
{
    help_rows(table);
    help_rows(common_table);
    fflush(stdout);
}
