/* What differs, one line each, in the reader's language. */
#include "base/date.h"
#include "base/money.h"
#include "grenier-check/check.h"

#include <stdio.h>

static const struct {
    const char *code, *en, *fr;
} findings[] = {
#define FINDING(name, code, en, fr) {code, en, fr},
#include "findings.def"
#undef FINDING
};

const char *words(const struct check *check, const char *en, const char *fr)
{
    return check->french ? fr : en;
}

bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

void keep(char *target, size_t size, const char *text)
{
    size_t n = text == NULL ? 0 : strnlen(text, size - 1);

    if (n > 0)
        memcpy(target, text, n);
    target[n] = '\0';
}

void add(int64_t *sum, int64_t value)
{
    if (__builtin_add_overflow(*sum, value, sum))
        *sum = value > 0 ? INT64_MAX : INT64_MIN;
}

/* What an arena without memory gives: the finding is said all the same. */
static const char *text_or_mark(const char *text)
{
    return text == NULL ? "?" : text;
}

const char *named(struct check *check, const char *en, const char *fr, const char *id)
{
    return text_or_mark(
        arena_printf(&check->arena, "%s %s", words(check, en, fr), text_or_mark(id)));
}

const char *amount(struct check *check, int64_t minor)
{
    struct money money = {minor};

    return text_or_mark(check->french ? money_format_fr(&check->arena, money, check->digits)
                                      : money_format_en(&check->arena, money, check->digits));
}

const char *count(struct check *check, int64_t n)
{
    return text_or_mark(arena_printf(&check->arena, "%lld", (long long)n));
}

const char *day(struct check *check, int64_t days)
{
    char text[DATE_TEXT_MAX];

    if (days == NEVER)
        return or_nothing(check, NULL);
    return text_or_mark(arena_strdup(&check->arena, date_format(date_from_days(days), text)));
}

const char *or_nothing(const struct check *check, const char *text)
{
    return text == NULL ? words(check, "nothing", "rien") : text;
}

void differs(struct check *check, enum finding finding, const char *object, const char *expected,
             const char *found)
{
    const char *colon = words(check, ":", "\u00A0:");

    printf("%s%s %s%s %s%s %s%s %s %s, %s %s\n", check->slug, colon, findings[finding].code, colon,
           text_or_mark(object), colon, words(check, findings[finding].en, findings[finding].fr),
           colon, words(check, "expected", "attendu"), or_nothing(check, expected),
           words(check, "found", "trouvé"), or_nothing(check, found));
    check->differences++;
    arena_free(&check->arena);
}
