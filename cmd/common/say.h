/* What a program says to the person who runs it, in French or English. */
#ifndef COMMON_SAY_H
#define COMMON_SAY_H

#include "base/problem.h"

/* Exit codes of every program; docs/operations.md lists them. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1, /* what was asked could not be done; the reason is on standard error */
    EXIT_USAGE = 2,  /* the command line is wrong; nothing was tried */
    EXIT_BOOKS = 3   /* `check` found books that are not right */
};

/* French when LC_ALL, LC_MESSAGES or LANG (the first that is set) begins with "fr", English
 * otherwise. */
enum language language_of_environment(void);
/* The language of all that is said afterwards. */
void say_language(enum language language);
enum language said_language(void);

/* One sentence on standard error, after the program's name; the arguments are those of both
 * formats. */
void say_error(const char *en, const char *fr, ...) PRINTF_LIKE(1, 3) PRINTF_LIKE(2, 3);
/* One sentence on standard error without a prefix: progress, hints. */
void say_note(const char *en, const char *fr, ...) PRINTF_LIKE(1, 3) PRINTF_LIKE(2, 3);
/* One line on standard output, sent at once: what was asked for. */
void say_result(const char *en, const char *fr, ...) PRINTF_LIKE(1, 3) PRINTF_LIKE(2, 3);
/* A problem in its own words, faults one by one, and what our own log would say of it. */
void say_problem(const struct problem *problem);

/* The one of the two texts in the language said. */
const char *words(const char *en, const char *fr);

#endif
