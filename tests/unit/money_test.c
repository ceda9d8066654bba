/* Exact money: the wire's form, banks' forms, figures for people, sums that refuse to wrap. */
#include "base/money.h"
#include "lib/check.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
        {"0", 0, MONEY_OK, 0},
        {"9", 0, MONEY_OK, 9},
        {"05", 0, MONEY_FORMAT, 0},
        {"-0.00", 2, MONEY_OK, 0},
        {"0.0001", 4, MONEY_OK, 1},
        {"1:00", 2, MONEY_FORMAT, 0},
        {"1/00", 2, MONEY_FORMAT, 0},
        {"9:00.00", 2, MONEY_FORMAT, 0},
        {"999999999999999", 0, MONEY_OK, MONEY_MAX_MINOR},
        {"1000000000000000", 0, MONEY_RANGE, 0},
        {"-9999999999999.99", 2, MONEY_OK, -MONEY_MAX_MINOR},
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
        {"-15,50", MONEY_OK, -1550},
        {"+2.5", MONEY_OK, 250},
        {"8.850", MONEY_OK, 885},
        {"8.8500000", MONEY_OK, 885},
        {"8.855", MONEY_PRECISION, 0},
        {"200000", MONEY_OK, 20000000},
        {"1.234,56", MONEY_FORMAT, 0},
        {"", MONEY_FORMAT, 0},
        {".", MONEY_FORMAT, 0},
        {",5", MONEY_OK, 50},
        {"-", MONEY_FORMAT, 0},
        {"+", MONEY_FORMAT, 0},
        {"1-2", MONEY_FORMAT, 0},
        {"9999999999999,99", MONEY_OK, MONEY_MAX_MINOR},
        {"9999999999999", MONEY_OK, INT64_C(999999999999900)},
        {"10000000000000", MONEY_RANGE, 0},
        {"999999999999999", MONEY_RANGE, 0}, /* in range until the digits it does not write */
        {"99999999999999999999999999", MONEY_RANGE, 0},
        {"1.001", MONEY_PRECISION, 0},
        {"1.2,3", MONEY_FORMAT, 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct money money = {-77};
        CHECK_INT(money_parse_bank(str_of(cases[i].text), 2, &money), cases[i].fault);
        CHECK_INT(money.minor, cases[i].fault == MONEY_OK ? cases[i].minor : -77);
    }
}

/* What is read ends where it is said to end, whatever follows in memory; nothing at all is no
 * amount. */
static void bounds(void)
{
    struct money money = {-77};
    CHECK_INT(money_parse((struct str){NULL, 0}, 2, &money), MONEY_FORMAT);
    CHECK_INT(money_parse_bank((struct str){NULL, 0}, 2, &money), MONEY_FORMAT);
    CHECK_INT(money_parse((struct str){"05", 1}, 0, &money), MONEY_OK);
    CHECK_INT(money.minor, 0);
    money.minor = -77;
    CHECK_INT(money_parse((struct str){"-05", 2}, 0, &money), MONEY_OK);
    CHECK_INT(money.minor, 0);
}

/* Every currency's digits, from none to four; what is asked beyond stops the program. */
static void digits_of_currencies(void)
{
    static const char *const written[] = {"-1234567", "-123456.7", "-12345.67", "-1234.567",
                                          "-123.4567"};
    static const char *const french[] = {"\u22121\u202F234\u202F567", "\u2212123\u202F456,7",
                                         "\u221212\u202F345,67", "\u22121\u202F234,567",
                                         "\u2212123,4567"};
    struct arena arena;
    char text[MONEY_TEXT_MAX];
    struct money money = {-1234567}, back;
    arena_init(&arena, 4096);
    for (int digits = 0; digits <= MONEY_DIGITS_MAX; digits++) {
        CHECK_TEXT(money_format(money, digits, text), written[digits]);
        CHECK_TEXT(money_format_fr(&arena, money, digits), french[digits]);
        CHECK_INT(money_parse(str_of(text), digits, &back), MONEY_OK);
        CHECK_INT(back.minor, money.minor);
        CHECK_INT(money_parse_bank(str_of(text), digits, &back), MONEY_OK);
        CHECK_INT(back.minor, money.minor);
    }
    CHECK_TEXT(money_format((struct money){0}, 0, text), "0");
    CHECK_TEXT(money_format((struct money){0}, 2, text), "0.00");
    CHECK_TEXT(money_format_en(&arena, (struct money){0}, 3), "0.000");
    CHECK_TEXT(money_format_en(&arena, (struct money){100}, 0), "100");
    CHECK_TEXT(money_format_en(&arena, (struct money){INT64_MAX}, 0), "9,223,372,036,854,775,807");
    CHECK_TEXT(money_format((struct money){INT64_MIN}, 0, text), "-9223372036854775808");
    arena_free(&arena);
}

/* A number of digits that no currency has is a programmer's error: the program stops. */
static void impossible_digits(void)
{
    static const int digits[] = {-1, MONEY_DIGITS_MAX + 1};
    for (size_t i = 0; i < ARRAY_SIZE(digits) * 2; i++) {
        int status = 0;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            struct money money;
            struct rlimit none = {0, 0};
            setrlimit(RLIMIT_CORE, &none);
            (void)!freopen("/dev/null", "w", stderr);
            (void)(i < ARRAY_SIZE(digits) ? money_parse(STR("1"), digits[i], &money)
                                          : money_parse_bank(STR("1"), digits[i - 2], &money));
            _exit(0);
        }
        CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status));
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
    bounds();
    digits_of_currencies();
    impossible_digits();
    sums();
    round_trip();
    return check_done();
}
