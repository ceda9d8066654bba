/* JSON in: any bytes are a document or a problem; what is read is well-formed and within the depth.
 */
#include "base/json.h"
#include "fuzz/fuzz.h"

static void check(const struct json *json, int depth)
{
    size_t count = 0;

    ASSERT(depth <= JSON_DEPTH_MAX);
    if (json->type == JSON_STRING_)
        ASSERT(text_is_utf8(json->text) && json->text.p[json->text.n] == '\0');
    for (const struct json *child = json->first; child != NULL; child = child->next, count++) {
        ASSERT((json->type == JSON_OBJECT_) == (child->name != NULL));
        if (child->name != NULL)
            ASSERT(json_get(json, child->name) == child);
        check(child, depth + 1);
    }
    ASSERT(count == json->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct problem problem;
    const struct json *json = NULL;
    struct arena arena;

    arena_init(&arena, FUZZ_ARENA);
    problem_init(&problem, &arena);
    if (json_parse(&arena, (struct str){(const char *)data, size}, &json, &problem) != RC_OK)
        fuzz_check_problem(&arena, problem.code, problem.args);
    else
        check(json, 0);
    arena_free(&arena);
    return 0;
}
