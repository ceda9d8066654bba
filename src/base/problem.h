/* Problems: one registry of what can go wrong, in both languages (RFC 9457). */
#ifndef BASE_PROBLEM_H
#define BASE_PROBLEM_H

#include "base/arena.h"
#include "base/base.h"

/* The registry: src/base/problems/<area>.def. A field fault and a whole problem share it; `status`
 * is the answer's when it stands alone. */
enum problem_code {
    PROBLEM_NONE = 0,
#define PROBLEM(name, status, slug, title_en, title_fr, detail_en, detail_fr) PROBLEM_##name,
#define CONSTRAINT(constraint, name, pointer)
#include "base/problems/api.def"
#include "base/problems/bank.def"
#include "base/problems/kernel.def"
#include "base/problems/ledger.def"
#include "base/problems/members.def"
#undef PROBLEM
#undef CONSTRAINT
    PROBLEM_COUNT
};

enum language { LANGUAGE_FR, LANGUAGE_EN };

struct problem_text {
    int status;
    const char *slug;
    const char *title[2];  /* by enum language */
    const char *detail[2]; /* %1 to %4 stand for the arguments */
};

enum { PROBLEM_ARGS_MAX = 4, PROBLEM_FAULTS_MAX = 100 };

/* One fault of the input. `pointer` is an RFC 6901 pointer into the body, or "?name" for a query
 * parameter. Arguments are plain text, or "money:<minor units>" or "date:<YYYY-MM-DD>", written in
 * the reader's language at the end. All strings live in the problem's arena. */
struct fault {
    enum problem_code code;
    const char *pointer;
    const char *args[PROBLEM_ARGS_MAX];
};

/* `code` PROBLEM_NONE: nothing is wrong. With faults, `code` is PROBLEM_INVALID or what the only
 * fault says. */
struct problem {
    struct arena *arena;
    enum problem_code code;
    const char *args[PROBLEM_ARGS_MAX];
    struct fault faults[PROBLEM_FAULTS_MAX];
    size_t n_faults;
    int retry_after_s;    /* 0: no Retry-After */
    const char *internal; /* for our own log only, never sent */
};

void problem_init(struct problem *problem, struct arena *arena);
/* Sets the problem (the first one stays) and answers RC_PROBLEM; arguments end with NULL. */
enum rc problem_set(struct problem *problem, enum problem_code code, ...) __attribute__((sentinel));
/* Adds a fault of the input; past PROBLEM_FAULTS_MAX the rest is dropped. Arguments end with NULL.
 */
void problem_fault(struct problem *problem, const char *pointer, enum problem_code code, ...)
    __attribute__((sentinel));
/* RC_OK when no fault was added, else RC_PROBLEM with the code that fits. */
enum rc problem_check(struct problem *problem) MUST_CHECK;
const struct problem_text *problem_text(enum problem_code code);
/* By slug ("entry.unbalanced"); PROBLEM_NONE when unknown. */
enum problem_code problem_by_slug(struct str slug);
/* By constraint name; PROBLEM_NONE when unknown. *ret_pointer is a constant. */
enum problem_code problem_by_constraint(struct str constraint, const char **ret_pointer);
/* Constraints listed for index 0…; NULL past the end. For the tests. */
const char *problem_constraint_at(size_t index);
/* The sentence with its arguments filled in; `digits` of the currency for money. NULL when the
 * arena is full. */
char *problem_sentence(struct arena *arena, const char *template,
                       const char *const args[PROBLEM_ARGS_MAX], enum language language,
                       int digits);

#endif
