/* Command lines, read by tables: one row per option says how it is checked and explained. */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include "base/date.h"
#include "common/say.h"

enum option_type {
    OPTION_END = 0, /* closes a table */
    OPTION_FLAG,    /* takes no value */
    OPTION_TEXT,    /* 1 to 1000 bytes of UTF-8 */
    OPTION_INT,     /* decimal, min to max */
    OPTION_DATE,    /* YYYY-MM-DD */
    OPTION_CHOICE,  /* one of `choices` */
    OPTION_CHOICES, /* some of `choices`, separated by commas */
    OPTION_UUID,    /* an identifier of the API */
    OPTION_SLUG,    /* a-z, 0-9 and '-', 2 to 40 */
    OPTION_FOLDER,  /* a path; made absolute */
    OPTION_DATABASE /* libpq URI or key=value string without a password */
};

struct option {
    const char *name; /* without the dashes */
    enum option_type type;
    bool required;
    int64_t min, max;           /* OPTION_INT */
    const char *const *choices; /* ended by NULL */
    const char *argument;       /* how help calls the value: "DIR" */
    const char *en, *fr;        /* what it does */
};

enum { OPTIONS_MAX = 24, OPTION_PATH_MAX = 4096 };

/* What was given, one slot per row of the table. */
struct options {
    const struct option *table;
    const char *values[OPTIONS_MAX]; /* NULL: not given; "" for a flag */
    int64_t integers[OPTIONS_MAX];
    bool help;
    char folder[OPTION_PATH_MAX]; /* of the one OPTION_FOLDER option that a command has */
};

/* Reads `argv` (what follows the command's own words) by the table. --lang and --help are known to
 * every command. On a fault the sentence names the option and the answer is EXIT_USAGE. Values
 * point into argv, a folder into the result itself. */
MUST_CHECK enum exit_code options_read(const struct option *table, int argc, char **argv,
                                       struct options *ret_options);
/* The name must be in the table. NULL when it was not given. */
const char *option_text(const struct options *options, const char *name);
bool option_flag(const struct options *options, const char *name);
int64_t option_int(const struct options *options, const char *name, int64_t otherwise);
/* Whether `choice` is among the values of an OPTION_CHOICES option. */
bool option_has(const struct options *options, const char *name, const char *choice);
/* The list of options, for --help, on standard output. */
void options_help(const struct option *table);

/* Whether a libpq connection string or URI holds a password. */
bool database_has_password(const char *database);

#endif
