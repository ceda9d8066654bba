/* Cells of a member file: any UTF-8 text is a heading, a word, a date or is left as it is; what was
 * understood is understood again as the same. */
#include "base/date.h"
#include "domain/member_file.h"
#include "fuzz/fuzz.h"

static const char *const fields[] = {"name",        "legal_form", "siret",   "email",
                                     "postal_code", "country",    "left_on", "joined_on"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str cell = {(const char *)data, size};
    struct arena arena;
    struct date date;

    if (!text_is_utf8(cell))
        return 0;
    arena_init(&arena, FUZZ_ARENA);
    (void)member_file_field(&arena, cell);
    (void)member_file_rounded(cell);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        struct str once = member_file_value(&arena, fields[i], cell, true);
        struct str twice = member_file_value(&arena, fields[i], once, true);

        ASSERT(once.p != NULL && text_is_utf8(once));
        /* An apostrophe or "mailto:" goes once, as it was put there. */
        if (i > 0 && once.n > 0 && text_trim(cell).p[0] != '\'' && strcmp(fields[i], "email") != 0)
            ASSERT(str_equal(once, twice));
        if (strcmp(fields[i], "joined_on") == 0 && once.n == 10 && date_parse(once, &date))
            ASSERT(date_exists(date));
    }
    arena_free(&arena);
    return 0;
}
