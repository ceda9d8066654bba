/* What every fuzz target shares: libFuzzer's entry, memory of its own, and what must hold of any
 * text we give out. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/text.h"

enum { FUZZ_ARENA = 64 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Text that leaves a parser is well-formed UTF-8; `one_line`: without control characters too. */
static inline void fuzz_check_text(const char *text, bool one_line)
{
    if (text == NULL)
        return;
    ASSERT(text_is_utf8(str_of(text)));
    ASSERT(!one_line || strpbrk(text, "\t\r\n\v\f\x01\x7F") == NULL);
}

/* A problem is set, and its sentences can be written in both languages. */
static inline void fuzz_check_problem(struct arena *arena, enum problem_code code,
                                      const char *const args[PROBLEM_ARGS_MAX])
{
    const struct problem_text *said = problem_text(code);

    ASSERT(code != PROBLEM_NONE);
    for (int language = 0; language < 2; language++) {
        char *sentence =
            problem_sentence(arena, said->detail[language], args, (enum language)language, 2);

        ASSERT(arena->exhausted || (sentence != NULL && text_is_utf8(str_of(sentence))));
    }
}

#endif
