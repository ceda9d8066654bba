#include "http/limits.h"

#include <inttypes.h>

struct limit {
    const char *name;
    size_t offset;
    int64_t initial, min, max;
    const char *help;
};

static const struct limit table[] = {
#define X(name, initial, min, max, help)                                                           \
    {#name, offsetof(struct http_limits, name), initial, min, max, help},
    HTTP_LIMITS(X)
#undef X
};

static int64_t *value_of(struct http_limits *limits, const struct limit *limit)
{
    return (int64_t *)(void *)((char *)limits + limit->offset);
}

struct http_limits http_limits_default(void)
{
    struct http_limits limits = {0};
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        *value_of(&limits, &table[i]) = table[i].initial;
    return limits;
}

static bool named(const char *name, struct str given)
{
    if (strlen(name) != given.n)
        return false;
    for (size_t i = 0; i < given.n; i++)
        if (name[i] != (given.p[i] == '-' ? '_' : given.p[i]))
            return false;
    return true;
}

bool http_limits_set(struct http_limits *limits, struct str name, int64_t value)
{
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        if (!named(table[i].name, name))
            continue;
        if (value < table[i].min || value > table[i].max)
            return false;
        *value_of(limits, &table[i]) = value;
        return true;
    }
    return false;
}

const char *http_limits_fault(const struct http_limits *limits)
{
    struct http_limits copy = *limits;
    for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
        int64_t value = *value_of(&copy, &table[i]);
        if (value < table[i].min || value > table[i].max)
            return table[i].name;
    }
    return NULL;
}

void http_limits_describe(struct writer *writer)
{
    writer_text(writer, "| Limit | Default | Range | What it bounds |\n|---|---|---|---|\n");
    for (size_t i = 0; i < ARRAY_SIZE(table); i++)
        writer_format(writer, "| `%s` | %" PRId64 " | %" PRId64 " to %" PRId64 " | %s |\n",
                      table[i].name, table[i].initial, table[i].min, table[i].max, table[i].help);
}
