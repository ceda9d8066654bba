#include "common/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Set once at start, before anything is said. */
static enum language language_now = LANGUAGE_EN;

enum language language_of_environment(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0')
            return strncmp(value, "fr", 2) == 0 ? LANGUAGE_FR : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

void say_language(enum language language)
{
    language_now = language;
}

enum language said_language(void)
{
    return language_now;
}

const char *words(const char *en, const char *fr)
{
    return language_now == LANGUAGE_FR ? fr : en;
}

/* The two formats take the same arguments in the same order: the attribute checks each against
 * them. */
#define SAY(stream, prefix)                                                                        \
    do {                                                                                           \
        va_list args;                                                                              \
        va_start(args, fr);                                                                        \
        fputs((prefix), (stream));                                                                 \
        say_line((stream), en, fr, args);                                                          \
        va_end(args);                                                                              \
    } while (0)

static void say_line(FILE *stream, const char *en, const char *fr, va_list args) PRINTF_LIKE(2, 0)
    PRINTF_LIKE(3, 0);

static void say_line(FILE *stream, const char *en, const char *fr, va_list args)
{
    if (language_now == LANGUAGE_FR)
        vfprintf(stream, fr, args);
    else
        vfprintf(stream, en, args);
    fputc('\n', stream);
    fflush(stream);
}

void say_error(const char *en, const char *fr, ...)
{
    SAY(stderr, words("grenier: ", "grenier : "));
}

void say_note(const char *en, const char *fr, ...)
{
    SAY(stderr, "");
}

void say_result(const char *en, const char *fr, ...)
{
    SAY(stdout, "");
}

void say_problem(const struct problem *problem)
{
    const struct problem_text *text = problem_text(problem->code);
    char *sentence = problem_sentence(problem->arena, text->detail[language_now], problem->args,
                                      language_now, 2);

    say_error("%s", "%s",
              problem->n_faults == 1 || sentence == NULL ? text->title[language_now] : sentence);
    for (size_t i = 0; i < problem->n_faults; i++) {
        const struct fault *fault = &problem->faults[i];
        const struct problem_text *fault_text = problem_text(fault->code);

        sentence = problem_sentence(problem->arena, fault_text->detail[language_now], fault->args,
                                    language_now, 2);
        say_note("  %s: %s", "  %s : %s", fault->pointer,
                 sentence == NULL ? fault_text->title[language_now] : sentence);
    }
    if (problem->internal != NULL)
        say_note("  (%s)", "  (%s)", problem->internal);
}
