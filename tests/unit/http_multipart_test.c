/* multipart/form-data: what is accepted, what each fault is called, and that no cut or changed byte
 * does harm. */
#include "http/internal.h"
#include "lib/check.h"

#define TYPE "multipart/form-data; boundary=b"
/* Constant, unlike STR: for tables. */
#define BYTES(literal)                                                                             \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define PART "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"

struct parsed {
    struct arena arena;
    const struct http_part *parts;
    size_t n;
    enum multipart_fault fault;
};

/* The input is copied to the heap at its exact size, so that the sanitizer sees a byte read too
 * far. */
static struct parsed parse(const char *type, struct str body, size_t parts_max)
{
    static char *copies[2];
    struct parsed parsed = {.n = 0};
    arena_init(&parsed.arena, 1 << 20);
    free(copies[0]);
    free(copies[1]);
    copies[0] = malloc(strlen(type) + 1);
    copies[1] = malloc(body.n + 1);
    if (copies[0] == NULL || copies[1] == NULL)
        abort();
    copies[1] = realloc(copies[1], body.n == 0 ? 1 : body.n);
    memcpy(copies[0], type, strlen(type));
    copies[0] = realloc(copies[0], strlen(type) == 0 ? 1 : strlen(type));
    if (body.n > 0)
        memcpy(copies[1], body.p, body.n);
    parsed.fault =
        multipart_parse(&parsed.arena, (struct str){copies[0], strlen(type)},
                        (struct str){copies[1], body.n}, parts_max, &parsed.parts, &parsed.n);
    return parsed;
}

static void accepted_bodies(void)
{
    struct parsed parsed = parse(
        "Multipart/Form-Data; charset=utf-8 ; Boundary=\"----x y\"",
        STR("------x y\r\nContent-Disposition: form-data; "
            "name=\"note\"\r\n\r\n\xc3\xa9t\xc3\xa9\r\n"
            "------x y  \r\ncontent-type: text/csv\r\nCONTENT-DISPOSITION: form-data; name=file; "
            "filename=\"C:\\a %22b%22.csv\"\r\nX-Other: y\r\n\r\n1;2\r\n--\r\n-----\r\n\r\n"
            "------x y\r\nContent-Disposition: form-data; name=empty; "
            "filename=\"\"\r\n\r\n\r\n------x y--\r\nepilogue"),
        3);
    CHECK_INT(parsed.fault, MULTIPART_OK);
    CHECK_INT(parsed.n, 3);
    CHECK(str_is(parsed.parts[0].name, "note"));
    CHECK(parsed.parts[0].file_name.p == NULL && parsed.parts[0].content_type.p == NULL);
    CHECK(str_is(parsed.parts[0].bytes, "\xc3\xa9t\xc3\xa9"));
    CHECK(str_is(parsed.parts[1].name, "file"));
    CHECK_TEXT(parsed.parts[1].file_name.p, "C:\\a \"b\".csv");
    CHECK(str_is(parsed.parts[1].content_type, "text/csv"));
    CHECK(str_is(parsed.parts[1].bytes, "1;2\r\n--\r\n-----\r\n"));
    CHECK(parsed.parts[2].file_name.p != NULL && parsed.parts[2].file_name.n == 0);
    CHECK_INT(parsed.parts[2].bytes.n, 0);
    arena_free(&parsed.arena);
    parsed = parse(TYPE, STR("--b--"), 1);
    CHECK_INT(parsed.fault, MULTIPART_OK);
    CHECK_INT(parsed.n, 0);
    arena_free(&parsed.arena);
}

static void empty_part_without_line(void)
{
    /* The delimiter's CRLF is the end of the head: some write an empty part so. */
    struct parsed parsed = parse(TYPE, STR(PART "--b--"), 1);
    CHECK_INT(parsed.fault, MULTIPART_OK);
    CHECK_INT(parsed.n, 1);
    CHECK_INT(parsed.parts[0].bytes.n, 0);
    arena_free(&parsed.arena);
}

static void faults(void)
{
    static const struct {
        const char *type;
        struct str body;
        enum multipart_fault fault;
    } cases[] = {
        {"", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data;", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/mixed; boundary=b", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data; boundary=", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data; boundary=\"\"", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data; boundary=\"b", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data; boundary=b; boundary=c", BYTES(PART "x\r\n--b--"),
         MULTIPART_BOUNDARY},
        {"multipart/form-data; boundary=\"b \"", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data; boundary=\"b\r\"", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data; boundary=b c", BYTES(PART "x\r\n--b--"), MULTIPART_BOUNDARY},
        {"multipart/form-data; "
         "boundary=012345678901234567890123456789012345678901234567890123456789"
         "01234567890",
         BYTES("x"), MULTIPART_BOUNDARY},
        {TYPE, BYTES(""), MULTIPART_TRUNCATED},
        {TYPE, BYTES("--"), MULTIPART_TRUNCATED},
        {TYPE, BYTES("--b"), MULTIPART_TRUNCATED},
        {TYPE, BYTES("--b\r"), MULTIPART_TRUNCATED},
        {TYPE, BYTES("--b\r\n"), MULTIPART_TRUNCATED},
        {TYPE, BYTES(PART), MULTIPART_TRUNCATED},
        {TYPE, BYTES(PART "x"), MULTIPART_TRUNCATED},
        {TYPE, BYTES(PART "x\r\n--b"), MULTIPART_TRUNCATED},
        {TYPE, BYTES(PART "x\r\n--b-"), MULTIPART_TRUNCATED},
        {TYPE, BYTES(PART "x\n--b--"), MULTIPART_TRUNCATED},
        {TYPE, BYTES("preamble\r\n" PART "x\r\n--b--"), MULTIPART_SYNTAX},
        {TYPE, BYTES("--c\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--c--"),
         MULTIPART_SYNTAX},
        {TYPE, BYTES(PART "x\r\n--bc\r\n"), MULTIPART_SYNTAX},
        {TYPE, BYTES("--b\r\nContent-Disposition form-data\r\n\r\nx\r\n--b--"), MULTIPART_SYNTAX},
        {TYPE, BYTES("--b\r\n: x\r\n\r\nx\r\n--b--"), MULTIPART_SYNTAX},
        {TYPE, BYTES("--b\r\nX y: x\r\n\r\nx\r\n--b--"), MULTIPART_SYNTAX},
        {TYPE, BYTES("--b\r\nX: x\n y\r\n\r\nx\r\n--b--"), MULTIPART_SYNTAX},
        {TYPE, BYTES("--b\r\nX: \0\r\n\r\nx\r\n--b--"), MULTIPART_SYNTAX},
        {TYPE, BYTES("--b\r\nContent-Type: a/b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--"),
         MULTIPART_SYNTAX},
        {TYPE, BYTES("--b\r\n\r\nx\r\n--b--"), MULTIPART_NAME},
        {TYPE, BYTES("--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"), MULTIPART_NAME},
        {TYPE, BYTES("--b\r\nContent-Disposition: form-data;\r\n\r\nx\r\n--b--"), MULTIPART_NAME},
        {TYPE, BYTES("--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"),
         MULTIPART_NAME},
        {TYPE, BYTES("--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b--"),
         MULTIPART_NAME},
        {TYPE, BYTES("--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--b--"),
         MULTIPART_NAME},
        {TYPE, BYTES("--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--"),
         MULTIPART_NAME},
        {TYPE, BYTES("--b\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\nx\r\n--b--"),
         MULTIPART_NAME},
        {TYPE,
         BYTES("--b\r\nContent-Disposition: form-data; name=a; "
               "filename=\"\xc0\xaf\"\r\n\r\nx\r\n--b--"),
         MULTIPART_NAME},
        {TYPE,
         BYTES("--b\r\nContent-Disposition: form-data; name=a; filename=b; "
               "filename=c\r\n\r\nx\r\n--b--"),
         MULTIPART_NAME},
        {TYPE,
         BYTES("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
               "name=a\r\n\r\n"
               "x\r\n--b--"),
         MULTIPART_NAME},
        {TYPE,
         BYTES("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
               "base64\r\n\r\nx\r\n"
               "--b--"),
         MULTIPART_ENCODING},
        {TYPE, BYTES(PART "x\r\n" PART "x\r\n" PART "x\r\n--b--"), MULTIPART_TOO_MANY},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char name[64];
        struct parsed parsed = parse(cases[i].type, cases[i].body, 2);
        snprintf(name, sizeof name, "fault %zu: %s", i, multipart_fault_text(cases[i].fault));
        CHECK_INT_NAMED(parsed.fault, cases[i].fault, name);
        arena_free(&parsed.arena);
    }
}

static void long_heads(void)
{
    char body[MULTIPART_PART_HEADERS_MAX + 200];
    for (int over = 0; over < 2; over++) {
        const int size = MULTIPART_PART_HEADERS_MAX - 100 + over * 200;
        int n =
            snprintf(body, sizeof body,
                     "--b\r\nContent-Disposition: form-data; name=a\r\nX: %0*d\r\n\r\nx\r\n--b--",
                     size - 47, 0);
        struct parsed parsed = parse(TYPE, (struct str){body, (size_t)n}, 1);
        CHECK_INT_NAMED(parsed.fault, over ? MULTIPART_SYNTAX : MULTIPART_OK,
                        "length of a part's head");
        arena_free(&parsed.arena);
    }
}

static void full_arena(void)
{
    struct arena arena;
    const struct http_part *parts;
    size_t n, limit = 0;
    enum multipart_fault fault;
    do {
        arena_init(&arena, limit);
        fault = multipart_parse(&arena, STR(TYPE), STR(PART "x\r\n--b--"), 2, &parts, &n);
        arena_free(&arena);
        limit += 16;
    } while (fault == MULTIPART_MEMORY && limit < 10000);
    CHECK_INT(fault, MULTIPART_OK);
    CHECK(limit > 100);
}

/* Every truncation, and every byte replaced by each of a few: any verdict, but never a part outside
 * the body. */
static void broken_bytes(void)
{
    static const char body[] =
        PART "value\r\n--b\r\nContent-Disposition: form-data; name=f; filename=\"x\"\r\n"
             "Content-Type: a/b\r\n\r\nbytes\r\n--b--\r\n";
    static const char evil[] = {0, '\r', '\n', '-', '"', ';', ':', '\xff', ' ', 'b'};
    const size_t size = sizeof body - 1;
    char copy[sizeof body];
    int good = 0;
    for (size_t i = 0; i <= size; i++) {
        struct parsed parsed = parse(TYPE, (struct str){body, i}, 4);
        good += parsed.fault == MULTIPART_OK ? 1 : 0;
        arena_free(&parsed.arena);
        for (size_t j = 0; i < size && j < sizeof evil; j++) {
            memcpy(copy, body, sizeof body);
            copy[i] = evil[j];
            parsed = parse(TYPE, (struct str){copy, size}, 4);
            for (size_t k = 0; parsed.fault == MULTIPART_OK && k < parsed.n; k++)
                if (parsed.parts[k].bytes.n > size || parsed.parts[k].name.n == 0)
                    CHECK_NAMED(false, "a part lies in the body");
            arena_free(&parsed.arena);
        }
    }
    CHECK_INT_NAMED(good, 3, "a body is whole with its closing delimiter, not before");
}

int main(void)
{
    accepted_bodies();
    empty_part_without_line();
    faults();
    long_heads();
    full_arena();
    broken_bytes();
    return check_done();
}
