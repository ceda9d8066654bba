#include "base/money.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Appends a digit; false past the range, and then it is not called again: ten times the range is
 * far from the end of an int64_t. */
static bool push(int64_t *minor, int digit)
{
    *minor = *minor * 10 + digit;
    return *minor <= MONEY_MAX_MINOR;
}

enum money_fault money_parse(struct str text, int digits, struct money *ret_money)
{
    ASSERT(digits >= 0 && digits <= MONEY_DIGITS_MAX);
    size_t i = 0;
    bool negative = text.n > 0 && text.p[0] == '-';
    if (negative)
        i++;
    size_t whole = i, fraction = 0;
    bool point = false;
    int64_t minor = 0;
    bool in_range = true;
    for (; i < text.n; i++) {
        if (text.p[i] == '.' && !point && i > whole) {
            point = true;
            continue;
        }
        if (!is_digit(text.p[i]))
            return MONEY_FORMAT;
        fraction += point;
        in_range = in_range && push(&minor, text.p[i] - '0');
    }
    if (i == whole || (point && fraction == 0))
        return MONEY_FORMAT;
    if (text.n - whole > 1 && text.p[whole] == '0' && is_digit(text.p[whole + 1]))
        return MONEY_FORMAT; /* 007.00 */
    if (fraction != (size_t)digits)
        return MONEY_PRECISION;
    if (!in_range)
        return MONEY_RANGE;
    ret_money->minor = negative ? -minor : minor;
    return MONEY_OK;
}

enum money_fault money_parse_bank(struct str text, int digits, struct money *ret_money)
{
    ASSERT(digits >= 0 && digits <= MONEY_DIGITS_MAX);
    size_t i = 0;
    bool negative = text.n > 0 && text.p[0] == '-';
    if (negative || (text.n > 0 && text.p[0] == '+'))
        i++;
    bool any = false, point = false, in_range = true, precise = true;
    int fraction = 0;
    int64_t minor = 0;
    for (; i < text.n; i++) {
        if ((text.p[i] == '.' || text.p[i] == ',') && !point) {
            point = true;
            continue;
        }
        if (!is_digit(text.p[i]))
            return MONEY_FORMAT;
        any = true;
        if (point && fraction == digits) {
            precise = precise && text.p[i] == '0';
            continue;
        }
        fraction += point;
        in_range = in_range && push(&minor, text.p[i] - '0');
    }
    if (!any)
        return MONEY_FORMAT;
    if (!precise)
        return MONEY_PRECISION;
    for (; fraction < digits; fraction++)
        in_range = in_range && push(&minor, 0);
    if (!in_range)
        return MONEY_RANGE;
    ret_money->minor = negative ? -minor : minor;
    return MONEY_OK;
}

/* Digits of |minor| with the point, group separator and sign asked for; buffer is large enough for
 * all. */
static size_t format(int64_t minor, int digits, const char *group, const char *point,
                     const char *minus, char *out)
{
    char reversed[24];
    size_t n = 0;
    uint64_t value = minor < 0 ? 0 - (uint64_t)minor : (uint64_t)minor;
    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || n <= (size_t)digits);
    size_t length = 0;
    if (minor < 0)
        for (const char *p = minus; *p != 0; p++)
            out[length++] = *p;
    while (n > 0) {
        out[length++] = reversed[--n];
        if (n == (size_t)digits && n > 0)
            for (const char *p = point; *p != 0; p++)
                out[length++] = *p;
        else if (n > (size_t)digits && (n - (size_t)digits) % 3 == 0)
            for (const char *p = group; *p != 0; p++)
                out[length++] = *p;
    }
    out[length] = 0;
    return length;
}

enum { FORMATTED_MAX = 64 };

char *money_format(struct money money, int digits, char buffer[static MONEY_TEXT_MAX])
{
    char out[FORMATTED_MAX];
    size_t n = format(money.minor, digits, "", ".", "-", out);
    ASSERT(n < MONEY_TEXT_MAX);
    return memcpy(buffer, out, n + 1);
}

char *money_format_fr(struct arena *arena, struct money money, int digits)
{
    char out[FORMATTED_MAX];
    format(money.minor, digits, "\u202F", ",", "\u2212", out);
    return arena_strdup(arena, out);
}

char *money_format_en(struct arena *arena, struct money money, int digits)
{
    char out[FORMATTED_MAX];
    format(money.minor, digits, ",", ".", "\u2212", out);
    return arena_strdup(arena, out);
}

bool money_add(struct money a, struct money b, struct money *ret_sum)
{
    int64_t sum;
    if (__builtin_add_overflow(a.minor, b.minor, &sum))
        return false;
    ret_sum->minor = sum;
    return true;
}

bool money_subtract(struct money a, struct money b, struct money *ret_difference)
{
    int64_t difference;
    if (__builtin_sub_overflow(a.minor, b.minor, &difference))
        return false;
    ret_difference->minor = difference;
    return true;
}
