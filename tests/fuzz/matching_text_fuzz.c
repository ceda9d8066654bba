/* What a bank wrote, against a name: lines of the input are the name of a member, the name of the
 * payer, and what else the bank line says. Likeness stays within its bounds, an empty text is like
 * nothing, and the same words give the same answer. */
#include "domain/matching_text.h"
#include "fuzz/fuzz.h"

enum { LINES_MAX = 6 };

static void check_text(struct matching_text *text, struct arena *arena)
{
    int strength = 0;
    const char *category = matching_category(text, &strength);

    ASSERT(text->n <= MATCHING_TOKENS_MAX);
    for (size_t i = 0; i < text->n; i++)
        ASSERT(text->tokens[i].n > 0);
    ASSERT(category == NULL || (strength >= 1 && strength <= 100));
    ASSERT(matching_cheque_count(text) >= 0);
    const char *signature = matching_signature(arena, text);
    fuzz_check_text(signature, true);
    if (signature != NULL) {
        int likeness = matching_signature_likeness(signature, signature);
        ASSERT(likeness == (signature[0] == '\0' ? 0 : 100));
    }
}

static void check_name(const char *plain, struct matching_text *text, struct arena *arena)
{
    struct matching_name name;

    if (!matching_name_init(&name, arena, plain))
        return;
    int likeness = matching_likeness(&name, text);
    ASSERT(likeness >= 0 && likeness <= 100);
    for (size_t i = 0; i < name.n && i < text->n; i++) {
        int one = matching_token_likeness(&name.tokens[i], &text->tokens[i]);
        ASSERT(one >= 0 && one <= 100);
    }
    unsigned words = matching_words(text);
    matching_mark_used(&name, text);
    ASSERT((matching_words(text) & ~words) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *lines[LINES_MAX] = {NULL};
    int64_t amounts[MATCHING_AMOUNTS_MAX];
    struct matching_text text;
    struct arena arena;
    size_t n = 0;

    if (!text_is_utf8((struct str){(const char *)data, size}))
        return 0;
    arena_init(&arena, FUZZ_ARENA);
    for (size_t i = 0; i < size && n < LINES_MAX; n++) {
        const uint8_t *end = memchr(data + i, '\n', size - i);
        size_t length = end == NULL ? size - i : (size_t)(end - data) - i;
        lines[n] = arena_copy(&arena, (struct str){(const char *)data + i, length});
        i += length + 1;
    }
    if (n >= 2 && matching_text_init(&text, &arena, lines[1], lines + 2, n - 2)) {
        check_text(&text, &arena);
        check_name(lines[0], &text, &arena);
    }
    for (size_t i = 0; i < n; i++)
        for (int digits = 0; digits <= 4; digits++)
            ASSERT(matching_amounts(lines[i], digits, amounts) <= MATCHING_AMOUNTS_MAX);
    arena_free(&arena);
    return 0;
}
