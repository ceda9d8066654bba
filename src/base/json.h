/* JSON in: jansson parses (duplicates, NUL and bad UTF-8 refused), the tree is copied into the
 * arena. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/base.h"
#include "base/problem.h"

enum json_type {
    JSON_NULL_,
    JSON_BOOL,
    JSON_INTEGER_,
    JSON_REAL_,
    JSON_STRING_,
    JSON_ARRAY_,
    JSON_OBJECT_
};

struct json {
    enum json_type type;
    bool boolean;
    int64_t integer;
    struct str text;          /* JSON_STRING_, terminated */
    const char *name;         /* of this member inside an object */
    const struct json *first; /* elements or members, in order */
    const struct json *next;
    size_t count;
};

enum { JSON_DEPTH_MAX = 32 };

/* Parses a whole document; on RC_PROBLEM `problem` says what is wrong and where (line, column). */
enum rc json_parse(struct arena *arena, struct str text, const struct json **ret_json,
                   struct problem *problem) MUST_CHECK;
/* The member called `name`, or NULL (also when `json` is NULL or no object). */
const struct json *json_get(const struct json *json, const char *name);
/* The member's text, or NULL when it is absent or no string. */
const char *json_get_text(const struct json *json, const char *name);

#endif
