/* The vocabulary of every layer: result codes, attributes, assertions, byte strings. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/banned.h"

#define MUST_CHECK               __attribute__((warn_unused_result))
#define CLEANUP(fn)              __attribute__((cleanup(fn)))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define NORETURN                 __attribute__((noreturn))
#define UNUSED                   __attribute__((unused))
#define ARRAY_SIZE(a)            (sizeof(a) / sizeof((a)[0]))

/* What a fallible function answers. The details of RC_PROBLEM are in the struct problem passed to
 * it, set once where they are known. RC_RETRY: the transaction may be tried again as a whole. */
enum rc { RC_OK = 0, RC_RETRY, RC_PROBLEM };

/* Passes anything but success up unchanged. */
#define TRY(expression)                                                                            \
    do {                                                                                           \
        enum rc try_rc_ = (expression);                                                            \
        if (try_rc_ != RC_OK)                                                                      \
            return try_rc_;                                                                        \
    } while (0)

/* A programmer's error stops the program, in release too: books are better closed than wrong. */
NORETURN void assert_failed(const char *expression, const char *file, int line);
#define ASSERT(expression) ((expression) ? (void)0 : assert_failed(#expression, __FILE__, __LINE__))

/* Bytes with a length, not terminated; p may be NULL only when n is 0. */
struct str {
    const char *p;
    size_t n;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})

static inline struct str str_of(const char *text)
{
    return text == NULL ? (struct str){NULL, 0} : (struct str){text, strlen(text)};
}

static inline bool str_equal(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *text)
{
    return str_equal(a, str_of(text));
}

#endif
