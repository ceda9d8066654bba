#include "base/problem.h"

#include "base/date.h"
#include "base/money.h"
#include "base/text.h"
#include <stdarg.h>

static const struct problem_text texts[PROBLEM_COUNT] = {
    [PROBLEM_NONE] = {200, "none", {"", ""}, {"", ""}},
#define PROBLEM(name, status, slug, title_en, title_fr, detail_en, detail_fr)                      \
    [PROBLEM_##name] = {status, slug, {title_fr, title_en}, {detail_fr, detail_en}},
#define CONSTRAINT(constraint, name, pointer)
#include "base/problems/api.def"
#include "base/problems/bank.def"
#include "base/problems/kernel.def"
#include "base/problems/ledger.def"
#include "base/problems/members.def"
#undef PROBLEM
#undef CONSTRAINT
};

static const struct {
    const char *constraint;
    enum problem_code code;
    const char *pointer;
} constraints[] = {
#define PROBLEM(name, status, slug, title_en, title_fr, detail_en, detail_fr)
#define CONSTRAINT(constraint, name, pointer) {#constraint, PROBLEM_##name, pointer},
#include "base/problems/api.def"
#include "base/problems/bank.def"
#include "base/problems/kernel.def"
#include "base/problems/ledger.def"
#include "base/problems/members.def"
#undef PROBLEM
#undef CONSTRAINT
    {NULL, PROBLEM_NONE, ""},
};

void problem_init(struct problem *problem, struct arena *arena)
{
    /* Not the whole struct: the table of faults is large and counted. */
    problem->arena = arena;
    problem->code = PROBLEM_NONE;
    memset(problem->args, 0, sizeof problem->args);
    problem->n_faults = 0;
    problem->retry_after_s = 0;
    problem->internal = NULL;
}

static void take_args(struct arena *arena, const char *args[PROBLEM_ARGS_MAX], va_list list)
{
    size_t n = 0;
    for (const char *arg; (arg = va_arg(list, const char *)) != NULL && n < PROBLEM_ARGS_MAX; n++)
        args[n] = arena_strdup(arena, arg);
    for (; n < PROBLEM_ARGS_MAX; n++)
        args[n] = NULL;
}

enum rc problem_set(struct problem *problem, enum problem_code code, ...)
{
    if (problem->code != PROBLEM_NONE)
        return RC_PROBLEM;
    problem->code = code;
    va_list list;
    va_start(list, code);
    take_args(problem->arena, problem->args, list);
    va_end(list);
    return RC_PROBLEM;
}

void problem_fault(struct problem *problem, const char *pointer, enum problem_code code, ...)
{
    if (problem->n_faults == PROBLEM_FAULTS_MAX)
        return;
    struct fault *fault = &problem->faults[problem->n_faults++];
    fault->code = code;
    fault->pointer = arena_strdup(problem->arena, pointer);
    if (fault->pointer == NULL)
        fault->pointer = "";
    va_list list;
    va_start(list, code);
    take_args(problem->arena, fault->args, list);
    va_end(list);
}

enum rc problem_check(struct problem *problem)
{
    if (problem->code != PROBLEM_NONE)
        return RC_PROBLEM;
    if (problem->n_faults == 0)
        return RC_OK;
    /* One fault speaks for the whole; several are "invalid" unless all say the same beyond 422
     * (404, 409). */
    enum problem_code first = problem->faults[0].code;
    bool same = problem->n_faults == 1 || texts[first].status != 422;
    for (size_t i = 1; i < problem->n_faults; i++)
        same = same && texts[problem->faults[i].code].status == texts[first].status;
    problem->code = same ? first : PROBLEM_INVALID;
    if (same)
        memcpy(problem->args, problem->faults[0].args, sizeof problem->args);
    return RC_PROBLEM;
}

const struct problem_text *problem_text(enum problem_code code)
{
    ASSERT((int)code >= 0 && code < PROBLEM_COUNT && texts[code].slug != NULL);
    return &texts[code];
}

enum problem_code problem_by_slug(struct str slug)
{
    for (int code = 1; code < PROBLEM_COUNT; code++)
        if (str_is(slug, texts[code].slug))
            return (enum problem_code)code;
    return PROBLEM_NONE;
}

enum problem_code problem_by_constraint(struct str constraint, const char **ret_pointer)
{
    for (size_t i = 0; constraints[i].constraint != NULL; i++)
        if (str_is(constraint, constraints[i].constraint)) {
            *ret_pointer = constraints[i].pointer;
            return constraints[i].code;
        }
    return PROBLEM_NONE;
}

const char *problem_constraint_at(size_t index)
{
    return index < ARRAY_SIZE(constraints) ? constraints[index].constraint : NULL;
}

static const char *show_date(struct arena *arena, struct date date, enum language language)
{
    static const char *const months[2][12] = {
        {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
         "octobre", "novembre", "décembre"},
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"}};
    const char *day = language == LANGUAGE_FR && date.day == 1 ? "er" : "";
    return arena_printf(arena, "%d%s %s %d", date.day, day, months[language][date.month - 1],
                        date.year);
}

/* An argument in the reader's language. */
static const char *show(struct arena *arena, const char *arg, enum language language, int digits)
{
    struct str text = str_of(arg);
    if (text_starts(text, STR("money:"))) {
        struct money money;
        if (text_to_int((struct str){text.p + 6, text.n - 6}, INT64_MIN, INT64_MAX, &money.minor))
            return language == LANGUAGE_FR ? money_format_fr(arena, money, digits)
                                           : money_format_en(arena, money, digits);
    }
    struct date date;
    if (text_starts(text, STR("date:")) && date_parse((struct str){text.p + 5, text.n - 5}, &date))
        return show_date(arena, date, language);
    return arg;
}

char *problem_sentence(struct arena *arena, const char *template,
                       const char *const args[PROBLEM_ARGS_MAX], enum language language, int digits)
{
    char *sentence = arena_strdup(arena, "");
    for (const char *p = template; *p != 0 && sentence != NULL;) {
        const char *percent = strchr(p, '%');
        size_t n = percent == NULL ? strlen(p) : (size_t)(percent - p);
        const char *value = "";
        p += n;
        const char *plain = p - n;
        if (percent != NULL) {
            int index = percent[1] - '1';
            bool known = index >= 0 && index < PROBLEM_ARGS_MAX;
            value = !known                ? "%"
                    : args[index] == NULL ? ""
                                          : show(arena, args[index], language, digits);
            p += known ? 2 : 1;
        }
        sentence =
            arena_printf(arena, "%s%.*s%s", sentence, (int)n, plain, value == NULL ? "" : value);
    }
    return sentence;
}
