#include "base/arena.h"

#include <stdalign.h>

enum { CHUNK_MIN = 16 * 1024 };

struct arena_chunk {
    struct arena_chunk *previous;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *arena, size_t limit)
{
    *arena = (struct arena){.limit = limit};
}

static void free_until(struct arena *arena, const struct arena_chunk *keep)
{
    while (arena->chunk != keep) {
        struct arena_chunk *chunk = arena->chunk;
        arena->chunk = chunk->previous;
        free(chunk);
    }
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    free_until(arena, NULL);
    arena->used = 0;
    arena->exhausted = false;
}

static bool grow(struct arena *arena, size_t size)
{
    size_t wanted = size > CHUNK_MIN ? size : CHUNK_MIN;
    struct arena_chunk *chunk = malloc(sizeof *chunk + wanted);
    if (chunk == NULL)
        return false;
    *chunk = (struct arena_chunk){.previous = arena->chunk, .size = wanted};
    arena->chunk = chunk;
    return true;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    size = size > SIZE_MAX - align ? SIZE_MAX
           : size == 0             ? align
                                   : (size + align - 1) / align * align;
    bool fits = !arena->exhausted && size <= arena->limit && arena->used <= arena->limit - size;
    bool room = fits && arena->chunk != NULL && arena->chunk->size - arena->chunk->used >= size;
    if (!fits || (!room && !grow(arena, size))) {
        arena->exhausted = true;
        return NULL;
    }
    void *p = arena->chunk->bytes + arena->chunk->used;
    arena->chunk->used += size;
    arena->used += size;
    return memset(p, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        arena->exhausted = true;
        return NULL;
    }
    return arena_alloc(arena, bytes);
}

char *arena_copy(struct arena *arena, struct str text)
{
    char *copy = text.n == SIZE_MAX ? NULL : arena_alloc(arena, text.n + 1);
    if (copy != NULL && text.n > 0)
        memcpy(copy, text.p, text.n);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_copy(arena, str_of(text));
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ASSERT(n >= 0);
    char *text = arena_alloc(arena, (size_t)n + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)n + 1, format, args);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->chunk, arena->chunk == NULL ? 0 : arena->chunk->used,
                               arena->used};
}

void arena_reset(struct arena *arena, struct arena_mark mark)
{
    free_until(arena, mark.chunk);
    if (arena->chunk != NULL)
        arena->chunk->used = mark.chunk_used;
    arena->used = mark.used;
    arena->exhausted = false;
}
