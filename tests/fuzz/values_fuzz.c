/* The small readers of base and formats: numbers, amounts, dates, identifiers, character sets,
 * base64. The first byte chooses the digits of a currency; the rest is the text. What is accepted
 * is written again as it came (or in its one canonical form), and no bytes do harm. */
#include "base/crypto.h"
#include "base/date.h"
#include "base/money.h"
#include "base/uuid.h"
#include "formats/charset.h"
#include "fuzz/fuzz.h"

#include <inttypes.h>

enum { SHORT_MAX = 4096 };

static void check_money(struct arena *arena, struct str text, int digits)
{
    char written[MONEY_TEXT_MAX];
    struct money money = {0}, again = {0};

    if (money_parse(text, digits, &money) == MONEY_OK) {
        ASSERT(money.minor >= -MONEY_MAX_MINOR && money.minor <= MONEY_MAX_MINOR);
        money_format(money, digits, written);
        ASSERT(str_is(text, written) || (money.minor == 0 && text.p[0] == '-'));
        ASSERT(money_parse(str_of(written), digits, &again) == MONEY_OK);
        ASSERT(again.minor == money.minor);
        ASSERT(money_parse_bank(text, digits, &again) == MONEY_OK && again.minor == money.minor);
    }
    if (money_parse_bank(text, digits, &money) == MONEY_OK) {
        ASSERT(money.minor >= -MONEY_MAX_MINOR && money.minor <= MONEY_MAX_MINOR);
        fuzz_check_text(money_format_fr(arena, money, digits), true);
        fuzz_check_text(money_format_en(arena, money, digits), true);
    }
}

static void check_date(struct str text)
{
    char written[DATE_TEXT_MAX];
    struct date date;

    if (date_parse(text, &date)) {
        ASSERT(date_exists(date) && date.year >= 1900 && date.year <= 2999);
        ASSERT(str_is(text, date_format(date, written)));
        ASSERT(str_is(text, date_format(date_from_days(date_to_days(date)), written)));
    }
    if (date_parse_compact(text, &date)) {
        ASSERT(date_exists(date) && text.n >= 8);
        date_format(date, written);
        ASSERT(memcmp(written, text.p, 4) == 0 && memcmp(written + 5, text.p + 4, 2) == 0 &&
               memcmp(written + 8, text.p + 6, 2) == 0);
    }
}

static void check_numbers(struct str text)
{
    char written[UUID_TEXT_SIZE];
    int64_t value, again;
    struct uuid uuid;

    if (text_to_int(text, INT64_MIN, INT64_MAX, &value)) {
        snprintf(written, sizeof written, "%" PRId64, value);
        ASSERT(text_to_int(str_of(written), value, value, &again) && again == value);
    }
    if (uuid_parse(text, &uuid)) {
        uuid_format(uuid, written);
        ASSERT(text.n == 36 && strncasecmp(written, text.p, 36) == 0);
    }
}

/* Each gives well-formed text without NUL, whatever the bytes. */
static void check_character_sets(struct arena *arena, struct str bytes)
{
    struct str text;
    unsigned char decoded[SHORT_MAX];
    size_t size = 0;

    fuzz_check_text(text_from_windows_1252(arena, bytes), false);
    if (charset_from_8859_15(arena, bytes, &text) && memchr(bytes.p, 0, bytes.n) == NULL)
        ASSERT(text_is_utf8(text));
    if (charset_is_utf16(bytes) && charset_from_utf16(arena, bytes, &text))
        ASSERT(text_is_utf8(text));
    ASSERT(text_is_utf8(bytes) || charset_bad_line(bytes) >= 1);
    if (bytes.n <= SHORT_MAX && crypto_base64_decode(bytes, decoded, &size))
        ASSERT(size <= bytes.n / 4 * 3);
}

static void check_text(struct arena *arena, struct str text)
{
    struct str trimmed = text_trim(text);

    ASSERT(trimmed.n <= text.n && text_is_utf8(trimmed) && text_length(text) <= text.n);
    ASSERT(str_equal(text_trim(trimmed), trimmed));
    fuzz_check_text(text_compact(arena, text), false);
    const char *folded = text_fold(arena, text);
    fuzz_check_text(folded, true);
    if (folded != NULL) {
        const char *twice = text_fold(arena, str_of(folded));
        ASSERT(twice == NULL || strcmp(folded, twice) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;

    if (size == 0)
        return 0;
    arena_init(&arena, FUZZ_ARENA);
    struct str text = {(const char *)data + 1, size - 1};
    check_money(&arena, text, data[0] % (MONEY_DIGITS_MAX + 1));
    check_date(text);
    check_numbers(text);
    if (text.n > 0)
        check_character_sets(&arena, text);
    if (text_is_utf8(text))
        check_text(&arena, text);
    arena_free(&arena);
    return 0;
}
