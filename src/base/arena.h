/* Bounded memory of a request: everything a handler allocates goes at once. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"
#include <stdarg.h>

struct arena_chunk;

/* Grows in chunks up to `limit` bytes; past it (or when the system has none) allocations answer
 * NULL and `exhausted` stays set until a reset: callers may check once, at the end. */
struct arena {
    struct arena_chunk *chunk;
    size_t used, limit;
    bool exhausted;
};

struct arena_mark {
    struct arena_chunk *chunk;
    size_t chunk_used, used;
};

/* Prepares an empty arena of at most `limit` bytes; nothing is allocated yet. */
void arena_init(struct arena *arena, size_t limit);
/* Frees everything; the arena may be used again. NULL is accepted. */
void arena_free(struct arena *arena);
/* `size` zeroed bytes aligned for any type, or NULL when the limit is reached. */
void *arena_alloc(struct arena *arena, size_t size);
/* `count` zeroed elements; overflow counts as exhaustion. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A terminated copy, or NULL. */
char *arena_copy(struct arena *arena, struct str text);
char *arena_strdup(struct arena *arena, const char *text);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *format, va_list args) PRINTF_LIKE(2, 0);
/* Remembers a point; reset frees all that came after it and clears `exhausted`. */
struct arena_mark arena_mark(const struct arena *arena);
void arena_reset(struct arena *arena, struct arena_mark mark);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))

#endif
