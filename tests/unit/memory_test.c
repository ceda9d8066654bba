/* Each allocation fails in turn: what is read, written or answered is whole, or there is a problem.
 * Linked with
 * --wrap=malloc,--wrap=realloc: the wrappers below stand before those of the libraries under test.
 */
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/writer.h"
#include "lib/check.h"

/* The linker's names. NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);

static int fails_in; /* the allocation that fails; 0: none */
static bool failed;

static bool fails(void)
{
    failed = failed || fails_in == 1;
    return fails_in > 0 && --fails_in == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}

/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#define LONG_NAME "Réseau d’entraide des coopératives du Grand Ouest et des environs"
#define DOCUMENT                                                                                   \
    "{\"name\":\"" LONG_NAME                                                                       \
    "\",\"amount\":\"123456789012345.67\",\"lines\":[{\"account\":\"512\",\"label\":\"" LONG_NAME  \
    "\"},{\"account\":\"7561\",\"label\":\"\\u00e9\\u00e8 " LONG_NAME "\"}]}"

static bool is_whole(const struct json *json)
{
    const struct json *lines = json_get(json, "lines");
    return strcmp(json_get_text(json, "name"), LONG_NAME) == 0 &&
           strcmp(json_get_text(json, "amount"), "123456789012345.67") == 0 && lines->count == 2 &&
           strcmp(json_get_text(lines->first, "label"), LONG_NAME) == 0 &&
           strcmp(json_get_text(lines->first->next, "label"), "éè " LONG_NAME) == 0;
}

static void json_is_whole(void)
{
    int refused = 0;
    bool more = true;
    for (int n = 1; more; n++) {
        struct arena arena;
        struct problem problem;
        const struct json *json = NULL;
        arena_init(&arena, 1024 * 1024);
        problem_init(&problem, &arena);
        failed = false;
        fails_in = n;
        enum rc rc = json_parse(&arena, STR(DOCUMENT), &json, &problem);
        fails_in = 0;
        more = failed;
        if (rc == RC_OK) {
            CHECK(is_whole(json));
        } else {
            CHECK_INT(problem.code, PROBLEM_MEMORY);
            refused++;
        }
        arena_free(&arena);
    }
    CHECK(refused > 20);
}

static void writer_says_so(void)
{
    bool more = true;
    for (int n = 1; more; n++) {
        struct writer writer;
        writer_init(&writer, 64 * 1024);
        failed = false;
        fails_in = n;
        for (int i = 0; i < 200; i++)
            writer_json_string(&writer, STR(LONG_NAME));
        fails_in = 0;
        more = failed;
        CHECK(writer.failed == failed);
        CHECK(failed || writer.size == 200 * (strlen(LONG_NAME) + 2));
        writer_release(&writer);
    }
}

static void arena_says_so(void)
{
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    fails_in = 1;
    CHECK(arena_alloc(&arena, 10) == NULL && arena.exhausted);
    CHECK(arena_alloc(&arena, 10) == NULL); /* sticky, though there is memory again */
    arena_free(&arena);
    CHECK(arena_printf(&arena, "%d", 12) != NULL && !arena.exhausted);
    arena_free(&arena);
}

int main(void)
{
    json_is_whole();
    writer_says_so();
    arena_says_so();
    return check_done();
}
