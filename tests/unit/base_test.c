/* The primitives: arenas, text, dates, UUIDs, JSON in, writers out, problems. */
#include "base/arena.h"
#include "base/crypto.h"
#include "base/date.h"
#include "base/json.h"
#include "base/problem.h"
#include "base/text.h"
#include "base/uuid.h"
#include "base/writer.h"
#include "lib/check.h"

static void arenas(void)
{
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    struct arena_mark start = arena_mark(&arena);
    char *text = arena_printf(&arena, "%s-%d", "a", 7);
    CHECK_TEXT(text, "a-7");
    struct arena_mark mark = arena_mark(&arena);
    CHECK(arena_alloc(&arena, 40 * 1024) != NULL);
    CHECK(arena_alloc(&arena, 40 * 1024) == NULL && arena.exhausted);
    CHECK(arena_alloc(&arena, 1) == NULL); /* sticky */
    arena_reset(&arena, mark);
    CHECK(!arena.exhausted && arena_alloc(&arena, 1) != NULL);
    CHECK_TEXT(text, "a-7");
    CHECK(arena_array(&arena, SIZE_MAX / 2, 3) == NULL && arena.exhausted);
    arena_reset(&arena, start);
    CHECK_INT(arena.used, 0);
    arena_free(&arena);
    arena_free(NULL);
}

static void texts(void)
{
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    static const struct {
        const char *bytes;
        bool good;
    } utf8[] = {{"é", true},
                {"\xC3", false},
                {"\xC0\xAF", false},
                {"\xED\xA0\x80", false},
                {"\xF4\x90\x80\x80", false},
                {"\xF0\x9F\x8C\xBE", true},
                {"\xE2\x82", false},
                {"", true},
                {"\xFF", false}};
    for (size_t i = 0; i < ARRAY_SIZE(utf8); i++)
        CHECK(text_is_utf8(str_of(utf8[i].bytes)) == utf8[i].good);
    CHECK(!text_is_utf8((struct str){"a\0b", 3}));
    struct str trimmed = text_trim(STR(" \t\u00A0Le Lavoir\u202F\n"));
    CHECK(str_is(trimmed, "Le Lavoir"));
    CHECK_INT(text_trim(STR(" \u00A0 ")).n, 0);
    CHECK_INT(text_length(STR("Épicerie")), 8);
    CHECK_TEXT(text_fold(&arena, STR("  Épicerie d’Aspre — œuvre n°3 ")),
               "EPICERIE D ASPRE OEUVRE N 3");
    CHECK_TEXT(text_fold(&arena, STR("E\u0301cole")), "ECOLE");
    CHECK_TEXT(text_compact(&arena, STR("fr76 3000\u00A06000-01")), "FR763000600001");
    CHECK_TEXT(text_from_windows_1252(&arena, (struct str){"caf\xE9 \x80 \x81", 8}),
               "café € \uFFFD");
    CHECK(text_has_control(STR("a\x01")) && text_has_control(STR("a\xC2\x85")) &&
          !text_has_control(STR("a\tb\r\n")));
    int64_t number = 0;
    CHECK(text_to_int(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &number) &&
          number == INT64_MIN);
    CHECK(!text_to_int(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &number));
    CHECK(!text_to_int(STR(""), 0, 9, &number) && !text_to_int(STR("-"), -9, 9, &number));
    CHECK(!text_to_int(STR("1 "), 0, 9, &number) && !text_to_int(STR("10"), 0, 9, &number));
    arena_free(&arena);
}

static void dates(void)
{
    struct date date;
    char text[DATE_TEXT_MAX];
    CHECK(date_parse(STR("2024-02-29"), &date) && date.day == 29);
    CHECK(!date_parse(STR("2026-02-29"), &date) && !date_parse(STR("1900-02-29"), &date));
    CHECK(date_parse(STR("2000-02-29"), &date));
    static const char *const wrong[] = {"",           "2026-1-01",  "2026-13-01",  "2026-00-10",
                                        "2026-04-31", "2026/04/30", "2026-04-30 ", "1899-12-31",
                                        "3000-01-01", "20260430"};
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
        CHECK_NAMED(!date_parse(str_of(wrong[i]), &date), wrong[i]);
    CHECK(date_parse_compact(STR("20260430120000[0:GMT]"), &date) && date.month == 4);
    CHECK_INT(date_to_days((struct date){1970, 1, 1}), 0);
    CHECK_INT(date_to_days((struct date){2026, 11, 23}), 20780);
    bool all = true;
    for (int64_t day = date_to_days((struct date){1900, 1, 1});
         day <= date_to_days((struct date){2999, 12, 31}); day++) {
        struct date there = date_from_days(day), back;
        all =
            all && date_parse(str_of(date_format(there, text)), &back) && date_to_days(back) == day;
    }
    CHECK_NAMED(all, "every day from 1900 to 2999 goes there and back");
    CHECK(date_compare((struct date){2026, 1, 2}, (struct date){2026, 1, 1}) > 0);
}

static void uuids(void)
{
    char one[UUID_TEXT_SIZE], two[UUID_TEXT_SIZE];
    struct uuid uuid, back;
    uuid = uuid_new();
    uuid_format(uuid, one);
    CHECK_INT(one[14], '7');
    CHECK(strchr("89ab", one[19]) != NULL);
    CHECK(uuid_parse(str_of(one), &back) && memcmp(&uuid, &back, sizeof uuid) == 0);
    CHECK(strcmp(one, uuid_format(uuid_new(), two)) != 0);
    bool ordered = true;
    for (int i = 0; ordered && i < 1000; i++) {
        struct timespec pause = {.tv_nsec = 1000};
        uuid_format(uuid_new(), one);
        nanosleep(&pause, NULL);
        ordered = strcmp(one, uuid_format(uuid_new(), two)) < 0;
    }
    CHECK_NAMED(ordered, "later by a microsecond sorts later");
    CHECK(uuid_parse(STR("01975F36-6F5B-7D5A-8A3F-2B6C1D0E9F11"), &back));
    CHECK(!uuid_parse(STR("01975F36-6F5B-7D5A-8A3F-2B6C1D0E9F1"), &back));
    CHECK(!uuid_parse(STR("01975F366-F5B-7D5A-8A3F-2B6C1D0E9F11"), &back));
    CHECK(!uuid_parse(STR("01975G36-6F5B-7D5A-8A3F-2B6C1D0E9F11"), &back));
}

static enum problem_code json_fault(const char *text, size_t n)
{
    struct arena arena;
    static struct problem problem;
    const struct json *json;
    arena_init(&arena, 1024 * 1024);
    problem_init(&problem, &arena);
    enum rc rc = json_parse(&arena, (struct str){text, n}, &json, &problem);
    enum problem_code code = rc == RC_OK ? PROBLEM_NONE : problem.code;
    arena_free(&arena);
    return code;
}

static void json_in(void)
{
    static const struct {
        const char *text;
        enum problem_code code;
    } cases[] = {
        {"{\"a\":[1,-2,\"é\",null,true,{\"b\":1.5}]}", PROBLEM_NONE},
        {"\"text\"", PROBLEM_NONE},
        {"", PROBLEM_BODY_JSON},
        {"{\"a\":1,\"a\":2}", PROBLEM_BODY_JSON},
        {"{\"a\":\"\\u0000\"}", PROBLEM_BODY_JSON},
        {"{\"a\":\"\\ud800\"}", PROBLEM_BODY_JSON},
        {"{\"a\":1} x", PROBLEM_BODY_JSON},
        {"{\"a\":99999999999999999999}", PROBLEM_BODY_JSON},
        {"{'a':1}", PROBLEM_BODY_JSON},
        {"{\"a\":\"\xC3\x28\"}", PROBLEM_BODY_UTF8},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
         PROBLEM_BODY_JSON},
        {"\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"", PROBLEM_NONE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        CHECK_INT_NAMED(json_fault(cases[i].text, strlen(cases[i].text)), cases[i].code,
                        cases[i].text);
    struct arena arena;
    static struct problem problem;
    const struct json *json = NULL;
    arena_init(&arena, 4096);
    problem_init(&problem, &arena);
    CHECK(json_parse(&arena, STR("{\"n\":{\"t\":\"x\"},\"l\":[1,2]}"), &json, &problem) == RC_OK);
    CHECK_TEXT(json_get_text(json_get(json, "n"), "t"), "x");
    CHECK_INT(json_get(json, "l")->count, 2);
    CHECK(json_get(json, "absent") == NULL && json_get(NULL, "x") == NULL &&
          json_get_text(json, "l") == NULL);
    arena_free(&arena);
    /* The arena is full: said, not crashed. */
    arena_init(&arena, 64);
    problem_init(&problem, &arena);
    CHECK(json_parse(&arena, STR("[1,2,3,4,5,6,7,8,9]"), &json, &problem) == RC_PROBLEM);
    CHECK_INT(problem.code, PROBLEM_MEMORY);
    arena_free(&arena);
}

static void writers(void)
{
    struct writer writer;
    writer_init(&writer, 1000);
    writer_json_string(&writer, STR("a\"b\\c\n\x01\u2028é"));
    CHECK_TEXT(writer.data, "\"a\\\"b\\\\c\\n\\u0001\\u2028é\"");
    writer_release(&writer);
    static const struct {
        const char *text, *cell;
    } cells[] = {{"plain", "plain"},
                 {"a,b", "\"a,b\""},
                 {"a\"b", "\"a\"\"b\""},
                 {"=1+1", "\"'=1+1\""},
                 {"@SUM(A1)", "\"'@SUM(A1)\""},
                 {"-12.50", "-12.50"},
                 {"+33 6", "\"'+33 6\""},
                 {"-", "\"'-\""},
                 {"a\nb", "\"a\nb\""},
                 {"", ""},
                 {"a;b", "a;b"}};
    for (size_t i = 0; i < ARRAY_SIZE(cells); i++) {
        writer_init(&writer, 1000);
        writer_csv_cell(&writer, CSV_PLAIN, true, str_of(cells[i].text));
        CHECK_TEXT(writer.data == NULL ? "" : writer.data, cells[i].cell);
        writer_release(&writer);
    }
    writer_init(&writer, 10);
    writer_text(&writer, "0123456789");
    CHECK(!writer.failed);
    writer_char(&writer, 'x');
    CHECK(writer.failed && writer.size == 10);
    writer_release(&writer);
    writer_release(NULL);
}

static void problems(void)
{
    struct arena arena;
    static struct problem problem;
    arena_init(&arena, 64 * 1024);
    problem_init(&problem, &arena);
    CHECK_INT(problem_check(&problem), RC_OK);
    problem_fault(&problem, "/amount", PROBLEM_MONEY_PRECISION, "2", "1250.00", NULL);
    CHECK_INT(problem_check(&problem), RC_PROBLEM);
    CHECK_INT(problem.code, PROBLEM_MONEY_PRECISION); /* the only one speaks for the whole */
    CHECK_INT(problem_set(&problem, PROBLEM_INTERNAL, NULL), RC_PROBLEM);
    CHECK_INT(problem.code, PROBLEM_MONEY_PRECISION); /* the first one stays */
    problem_init(&problem, &arena);
    problem_fault(&problem, "/amount", PROBLEM_MONEY_PRECISION, "2", "1250.00", NULL);
    problem_fault(&problem, "/name", PROBLEM_FIELD_REQUIRED, NULL);
    CHECK(problem_check(&problem) == RC_PROBLEM && problem.code == PROBLEM_INVALID);
    problem_init(&problem, &arena);
    problem_fault(&problem, "/member_id", PROBLEM_NOT_FOUND, NULL);
    CHECK(problem_check(&problem) == RC_PROBLEM && problem.code == PROBLEM_NOT_FOUND);
    const char *args[PROBLEM_ARGS_MAX] = {"money:125050", "date:2026-03-01", NULL, NULL};
    CHECK_TEXT(problem_sentence(&arena, "%1 le %2, %3 % 5", args, LANGUAGE_FR, 2),
               "1\u202F250,50 le 1er mars 2026,  % 5");
    CHECK_TEXT(problem_sentence(&arena, "%1 on %2", args, LANGUAGE_EN, 2),
               "1,250.50 on 1 March 2026");
    for (int code = 1; code < PROBLEM_COUNT; code++) {
        const struct problem_text *text = problem_text((enum problem_code)code);
        /* notes on an import that went well have status 200 */
        bool complete =
            (text->status == 200 || text->status >= 400) && text->status < 600 && *text->slug != 0;
        for (int language = 0; language < 2; language++)
            complete = complete && *text->title[language] != 0 && *text->detail[language] != 0;
        if (!complete || problem_by_slug(str_of(text->slug)) != (enum problem_code)code)
            CHECK_TEXT(text->slug, "complete, and its slug its own");
    }
    CHECK_INT(problem_by_slug(STR("no.such")), PROBLEM_NONE);
    for (size_t i = 0; problem_constraint_at(i) != NULL; i++) {
        const char *pointer = NULL;
        if (problem_by_constraint(str_of(problem_constraint_at(i)), &pointer) == PROBLEM_NONE ||
            pointer == NULL)
            CHECK_TEXT(problem_constraint_at(i), "a constraint with its problem");
    }
    arena_free(&arena);
}

static void secrets(void)
{
    char one[SECRET_TEXT_SIZE], two[SECRET_TEXT_SIZE], encoded[PASSWORD_HASH_SIZE];
    crypto_secret(one);
    crypto_secret(two);
    CHECK_INT(strlen(one), 43);
    CHECK(strcmp(one, two) != 0);
    CHECK(crypto_password_hash(STR("correct horse battery"), encoded));
    CHECK(crypto_password_verify(STR("correct horse battery"), encoded));
    CHECK(!crypto_password_verify(STR("correct horse batterz"), encoded));
    CHECK(strncmp(encoded, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0);
    unsigned char digest[SHA256_SIZE], again[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    crypto_sha256("abc", 3, digest);
    crypto_hex(digest, sizeof digest, hex);
    CHECK_TEXT(hex,
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); /* FIPS 180-4 */
    struct sha256 *sha = sha256_new();
    sha256_add(sha, "a", 1);
    sha256_add(sha, "bc", 2);
    sha256_finish(sha, again);
    CHECK(crypto_equal(digest, again, sizeof digest));
    unsigned char bytes[16];
    size_t size = 0;
    CHECK(crypto_base64_decode(STR("Z3Jlbmllcg=="), bytes, &size) && size == 7 &&
          memcmp(bytes, "grenier", 7) == 0);
    CHECK(!crypto_base64_decode(STR("Z3J"), bytes, &size) &&
          !crypto_base64_decode(STR("Z3J!"), bytes, &size));
}

int main(void)
{
    crypto_init();
    arenas();
    texts();
    dates();
    uuids();
    json_in();
    writers();
    problems();
    secrets();
    return check_done();
}
