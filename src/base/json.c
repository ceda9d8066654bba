#include "base/json.h"

#include "base/text.h"
#include <jansson.h>
#include <pthread.h>

/* jansson goes on where it had no memory for a character (lex_save ignores its buffer): the text
 * then lacks one, and nothing says so. Hence an allocator that remembers. */
static _Thread_local bool out_of_memory;

static void *remembering_malloc(size_t size)
{
    void *p = malloc(size);
    if (p == NULL)
        out_of_memory = true;
    return p;
}

static void use_remembering_malloc(void)
{
    json_set_alloc_funcs(remembering_malloc, free);
}

static void json_release(json_t **json)
{
    json_decref(*json);
}

static struct json *copy(struct arena *arena, const json_t *from, int depth);

static bool copy_children(struct arena *arena, const json_t *from, struct json *to, int depth)
{
    const struct json **tail = &to->first;
    if (json_is_array(from)) {
        for (size_t i = 0; i < json_array_size(from); i++) {
            struct json *child = copy(arena, json_array_get(from, i), depth + 1);
            if (child == NULL)
                return false;
            *tail = child;
            tail = &child->next;
            to->count++;
        }
        return true;
    }
    /* jansson's iterators take a non-const object though they do not change it */
    void *object = NULL;
    memcpy(&object, &from, sizeof object);
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        struct json *child = copy(arena, json_object_iter_value(i), depth + 1);
        if (child == NULL)
            return false;
        child->name = arena_strdup(arena, json_object_iter_key(i));
        if (child->name == NULL)
            return false;
        *tail = child;
        tail = &child->next;
        to->count++;
    }
    return true;
}

static struct json *copy(struct arena *arena, const json_t *from, int depth)
{
    struct json *to = ARENA_NEW(arena, struct json);
    if (to == NULL || depth > JSON_DEPTH_MAX)
        return NULL;
    switch (json_typeof(from)) {
    case JSON_NULL:
        to->type = JSON_NULL_;
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        to->type = JSON_BOOL;
        to->boolean = json_is_true(from);
        break;
    case JSON_INTEGER:
        to->type = JSON_INTEGER_;
        to->integer = json_integer_value(from);
        break;
    case JSON_REAL:
        to->type = JSON_REAL_;
        break;
    case JSON_STRING: {
        to->type = JSON_STRING_;
        struct str text = {json_string_value(from), json_string_length(from)};
        char *own = arena_copy(arena, text);
        if (own == NULL)
            return NULL;
        to->text = (struct str){own, text.n};
        break;
    }
    case JSON_ARRAY:
    case JSON_OBJECT:
        to->type = json_is_array(from) ? JSON_ARRAY_ : JSON_OBJECT_;
        if (!copy_children(arena, from, to, depth))
            return NULL;
        break;
    }
    return to;
}

/* How deep brackets nest outside strings, before jansson sees it: its own limit is 2048. */
static bool too_deep(struct str text)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if (c == ']' || c == '}') {
            depth--;
        }
    }
    return false;
}

enum rc json_parse(struct arena *arena, struct str text, const struct json **ret_json,
                   struct problem *problem)
{
    if (!text_is_utf8(text))
        return problem_set(problem, PROBLEM_BODY_UTF8, NULL);
    if (too_deep(text))
        return problem_set(problem, PROBLEM_BODY_JSON, "1", "1", "nested too deeply", NULL);
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    ASSERT(pthread_once(&once, use_remembering_malloc) == 0);
    out_of_memory = false;
    json_error_t error;
    CLEANUP(json_release)
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (out_of_memory)
        return problem_set(problem, PROBLEM_MEMORY, NULL);
    if (root == NULL) {
        char line[16], column[16];
        snprintf(line, sizeof line, "%d", error.line);
        snprintf(column, sizeof column, "%d", error.column);
        /* jansson quotes what it read so far, sometimes up to the middle of a character. */
        size_t n = strlen(error.text);
        while (!text_is_utf8((struct str){error.text, n}))
            n--;
        error.text[n] = 0;
        return problem_set(problem, PROBLEM_BODY_JSON, line, column, error.text, NULL);
    }
    *ret_json = copy(arena, root, 0);
    return *ret_json == NULL ? problem_set(problem, PROBLEM_MEMORY, NULL) : RC_OK;
}

const struct json *json_get(const struct json *json, const char *name)
{
    if (json == NULL || json->type != JSON_OBJECT_)
        return NULL;
    for (const struct json *member = json->first; member != NULL; member = member->next)
        if (strcmp(member->name, name) == 0)
            return member;
    return NULL;
}

const char *json_get_text(const struct json *json, const char *name)
{
    const struct json *member = json_get(json, name);
    return member != NULL && member->type == JSON_STRING_ ? member->text.p : NULL;
}
