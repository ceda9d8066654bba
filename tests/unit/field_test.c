/* Field tables: what is right is normalised, every fault is found at once, what goes to SQL is
 * canonical. */
#include "base/field.h"
#include "lib/check.h"

static const char *const COLOURS[] = {"red", "blue", NULL};
static const struct field LINE[] = {
    {"account", F_ACCOUNT, F_REQUIRED}, {"debit", F_MONEY, 0, 1, 1000}, {.type = F_END}};
static const struct field TABLE[] = {{"name", F_STRING, F_REQUIRED, 2, 10},
                                     {"notes", F_TEXT, F_NULLABLE, 0, 50},
                                     {"amount", F_MONEY, 0, 1, 0},
                                     {"on", F_DATE, 0},
                                     {"colour", F_ENUM, 0, .values = COLOURS},
                                     {"flag", F_BOOL, 0},
                                     {"count", F_INT, 0, 1, 9},
                                     {"siret", F_SIRET, F_NULLABLE},
                                     {"iban", F_IBAN, 0},
                                     {"email", F_EMAIL, 0},
                                     {"ids", F_UUIDS, 0, 1, 2},
                                     {"lines", F_LIST, 0, 1, 3, .of = LINE},
                                     {"line", F_OBJECT, 0, .of = LINE},
                                     {.type = F_END}};

static struct problem problem;
static struct arena arena;

/* The canonical text of a body, or its faults as "pointer slug" lines. */
static const char *parse(const char *text)
{
    const struct json *json = NULL;
    arena_free(&arena);
    arena_init(&arena, 256 * 1024);
    problem_init(&problem, &arena);
    if (json_parse(&arena, str_of(text), &json, &problem) != RC_OK)
        return "unreadable";
    const struct field_context context = {&arena, &problem, 2};
    struct record *record = field_parse_json(&context, TABLE, json, "");
    if (record == NULL)
        return "memory";
    const char *faults = "";
    for (size_t i = 0; i < problem.n_faults; i++)
        faults = arena_printf(&arena, "%s%s %s\n", faults, problem.faults[i].pointer,
                              problem_text(problem.faults[i].code)->slug);
    if (problem.n_faults > 0)
        return faults;
    struct writer writer;
    writer_init(&writer, 10000);
    record_write(&writer, record);
    const char *out = arena_copy(&arena, (struct str){writer.data, writer.size});
    writer_release(&writer);
    return out;
}

static void right(void)
{
    CHECK_TEXT(parse("{\"amount\":\"12.50\",\"name\":\"  Le Lavoir \"}"),
               "{\"name\":\"Le Lavoir\",\"amount\":1250}");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"notes\":null,\"siret\":\"732 829 320 00074\"}"),
               "{\"name\":\"ab\",\"notes\":null,\"siret\":\"73282932000074\"}");
    CHECK_TEXT(
        parse("{\"name\":\"ab\",\"on\":\"2026-03-12\",\"colour\":\"blue\",\"flag\":false,\"count\":"
              "9}"),
        "{\"name\":\"ab\",\"on\":\"2026-03-12\",\"colour\":\"blue\",\"flag\":false,\"count\":9}");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"iban\":\"fr14 2004 1010 0505 0001 3m02 "
                     "606\",\"email\":\"a@b.fr\"}"),
               "{\"name\":\"ab\",\"iban\":\"FR1420041010050500013M02606\",\"email\":\"a@b.fr\"}");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"lines\":[{\"account\":\"512\",\"debit\":\"10.00\"},{"
                     "\"account\":\"7561\"}]}"),
               "{\"name\":\"ab\",\"lines\":[{\"account\":\"512\",\"debit\":1000},{\"account\":"
               "\"7561\"}]}");
}

static void wrong(void)
{
    CHECK_TEXT(parse("{}"), "/name field.required\n");
    CHECK_TEXT(parse("{\"name\":null}"), "/name field.null\n");
    CHECK_TEXT(parse("{\"name\":\"   \"}"), "/name field.required\n");
    CHECK_TEXT(parse("{\"name\":\"ab\\u0001\"}"), "/name text.control\n");
    CHECK_TEXT(parse("{\"name\":\"a\\nb\"}"), "/name text.lines\n");
    CHECK_TEXT(parse("{\"name\":\"éééééééééé\"}"), "{\"name\":\"éééééééééé\"}");
    CHECK_TEXT(parse("{\"name\":\"ééééééééééé\"}"), "/name text.long\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"nom\":1}"), "/nom field.unknown\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"a/b~c\":1}"), "/a~1b~0c field.unknown\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"amount\":12.5}"), "/amount money.type\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"amount\":12}"), "/amount money.type\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"amount\":\"12.345\"}"), "/amount money.precision\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"amount\":\"-1.00\"}"), "/amount money.range\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"amount\":\"0.00\"}"), "/amount money.range\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"amount\":\"99999999999999999999.00\"}"),
               "/amount money.range\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"siret\":\"73282932000079\",\"iban\":"
                     "\"FR1420041010050500013M02607\"}"),
               "/siret siret.check\n/iban iban.check\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"email\":\"a@b\"}"), "/email email.format\n");
    CHECK_TEXT(
        parse(
            "{\"name\":\"ab\",\"ids\":[],\"lines\":[{},{\"account\":\"9\",\"debit\":\"11.00\"}]}"),
        "/ids list.short\n/lines/0/account field.required\n/lines/1/account account.format\n"
        "/lines/1/debit money.range\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"ids\":[\"x\"],\"line\":[]}"),
               "/ids/0 uuid.format\n/line field.type\n");
    CHECK_TEXT(parse("{\"name\":1,\"on\":\"2026-02-30\",\"colour\":\"green\",\"flag\":\"true\","
                     "\"count\":10}"),
               "/name field.type\n/on date.format\n/colour enum.value\n/flag field.type\n/count "
               "integer.range\n");
    CHECK_TEXT(parse("{\"name\":\"ab\",\"count\":1.5}"), "/count field.type\n");
}

static void pairs(void)
{
    const struct field_pair given[] = {
        {"name", STR("ab")}, {"amount", STR("1.00")}, {"flag", STR("true")}, {"on", STR("")}};
    const struct field_pair bad[] = {
        {"x", STR("1")}, {"name", STR("ab")}, {"name", STR("cd")}, {"count", STR("z")}};
    arena_free(&arena);
    arena_init(&arena, 256 * 1024);
    problem_init(&problem, &arena);
    const struct field_context context = {&arena, &problem, 2};
    struct record *record = field_parse_pairs(&context, TABLE, given, ARRAY_SIZE(given), "?");
    CHECK_INT(problem.n_faults, 0);
    CHECK_TEXT(record_text(record, "name"), "ab");
    CHECK_INT(record_int(record, "amount", -1), 100);
    CHECK(record_bool(record, "flag", false) && !record_has(record, "on") &&
          record_text(record, "on") == NULL);
    CHECK_INT(record_int(record, "count", 5), 5);
    field_parse_pairs(&context, TABLE, bad, ARRAY_SIZE(bad), "?");
    CHECK_INT(problem.n_faults, 3);
    CHECK_TEXT(problem.faults[0].pointer, "?x");
    CHECK_TEXT(problem.faults[1].pointer, "?name");
    CHECK_TEXT(problem.faults[2].pointer, "?count");
}

/* A body that does not fit the arena is said to, at every size. */
static void memory(void)
{
    static const char text[] =
        "{\"name\":\"ab\",\"lines\":[{\"account\":\"512\"},{\"account\":\"513\"}],\"x\":1}";
    bool survived = true;
    for (size_t limit = 64; limit < 4096; limit += 16) {
        struct arena small;
        const struct json *json = NULL;
        arena_init(&small, limit);
        problem_init(&problem, &small);
        const struct field_context context = {&small, &problem, 2};
        if (json_parse(&small, str_of(text), &json, &problem) == RC_OK &&
            field_parse_json(&context, TABLE, json, "") == NULL)
            survived = survived && small.exhausted;
        arena_free(&small);
    }
    CHECK_NAMED(survived, "no size of arena crashes the parser");
}

int main(void)
{
    arena_init(&arena, 1024);
    right();
    wrong();
    pairs();
    memory();
    arena_free(&arena);
    return check_done();
}
