/* Exact money: the wire's form, banks' forms, figures for people, sums that refuse to wrap. */
#include "base/money.h"
#include "lib/check.h"

static void wire_form(void)
{
    static const struct {
        const char *text;
        int digits;
        enum money_fault fault;
        int64_t minor;
    } cases[] = {
        {"1250.00", 2, MONEY_OK, 125000},
        {"0.00", 2, MONEY_OK, 0},
        {"-0.05", 2, MONEY_OK, -5},
        {"12", 0, MONEY_OK, 12},
        {"1.234", 3, MONEY_OK, 1234},
        {"9999999999999.99", 2, MONEY_OK, MONEY_MAX_MINOR},
        {"10000000000000.00", 2, MONEY_RANGE, 0},
        {"99999999999999999999999999.00", 2, MONEY_RANGE, 0},
        {"12.345", 2, MONEY_PRECISION, 0},
        {"12.3", 2, MONEY_PRECISION, 0},
        {"12", 2, MONEY_PRECISION, 0},
        {"12.5", 0, MONEY_PRECISION, 0},
        {"", 2, MONEY_FORMAT, 0},
        {"-", 2, MONEY_FORMAT, 0},
        {".50", 2, MONEY_FORMAT, 0},
        {"12.", 2, MONEY_FORMAT, 0},
        {"1,50", 2, MONEY_FORMAT, 0},
        {"+1.50", 2, MONEY_FORMAT, 0},
        {"1e2", 2, MONEY_FORMAT, 0},
        {"1 250.00", 2, MONEY_FORMAT, 0},
        {"007.00", 2, MONEY_FORMAT, 0},
        {"1.2.3", 2, MONEY_FORMAT, 0},
        {"NaN", 2, MONEY_FORMAT, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct money money = {-77};
        enum money_fault fault = money_parse(str_of(cases[i].text), cases[i].digits, &money);
        CHECK_INT(fault, cases[i].fault);
        CHECK_INT(money.minor, cases[i].fault == MONEY_OK ? cases[i].minor : -77);
    }
}

static void bank_form(void)
{
    static const struct {
        const char *text;
        enum money_fault fault;
        int64_t minor;
    } cases[] = {
        {"-15,50", MONEY_OK, -1550},   {"+2.5", MONEY_OK, 250},
        {"8.850", MONEY_OK, 885},      {"8.8500000", MONEY_OK, 885},
        {"8.855", MONEY_PRECISION, 0}, {"200000", MONEY_OK, 20000000},
        {"1.234,56", MONEY_FORMAT, 0}, {"", MONEY_FORMAT, 0},
        {".", MONEY_FORMAT, 0},        {",5", MONEY_OK, 50},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct money money = {-77};
        CHECK_INT(money_parse_bank(str_of(cases[i].text), 2, &money), cases[i].fault);
        CHECK_INT(money.minor, cases[i].fault == MONEY_OK ? cases[i].minor : -77);
    }
}

static void figures(void)
{
    struct arena arena;
    char text[MONEY_TEXT_MAX];
    arena_init(&arena, 4096);
    CHECK_TEXT(money_format((struct money){-5}, 2, text), "-0.05");
    CHECK_TEXT(money_format((struct money){125050}, 2, text), "1250.50");
    CHECK_TEXT(money_format((struct money){7}, 0, text), "7");
    CHECK_TEXT(money_format((struct money){INT64_MIN}, 2, text), "-92233720368547758.08");
    CHECK_TEXT(money_format_fr(&arena, (struct money){123456789}, 2), "1\u202F234\u202F567,89");
    CHECK_TEXT(money_format_fr(&arena, (struct money){-99900}, 2), "\u2212999,00");
    CHECK_TEXT(money_format_en(&arena, (struct money){100000}, 2), "1,000.00");
    arena_free(&arena);
}

static void sums(void)
{
    struct money sum = {1};
    CHECK(money_add((struct money){2}, (struct money){3}, &sum) && sum.minor == 5);
    CHECK(!money_add((struct money){INT64_MAX}, (struct money){1}, &sum) && sum.minor == 5);
    CHECK(!money_subtract((struct money){INT64_MIN}, (struct money){1}, &sum) && sum.minor == 5);
    CHECK(money_subtract((struct money){2}, (struct money){3}, &sum) && sum.minor == -1);
}

/* What is written is read again, for every number of digits. */
static void round_trip(void)
{
    uint64_t state = 20261123;
    for (int i = 0; i < 20000; i++) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        struct money money = {(int64_t)(state >> 14) % MONEY_MAX_MINOR}, back = {0};
        if (state & 1)
            money.minor = -money.minor;
        char text[MONEY_TEXT_MAX];
        int digits = i % (MONEY_DIGITS_MAX + 1);
        money_format(money, digits, text);
        if (money_parse(str_of(text), digits, &back) != MONEY_OK || back.minor != money.minor) {
            CHECK_TEXT(text, "a round trip");
            return;
        }
    }
    CHECK(true);
}

int main(void)
{
    wire_form();
    bank_form();
    figures();
    sums();
    round_trip();
    return check_done();
}
