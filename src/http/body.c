#include "http/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BODY_FIRST_CAPACITY = 4096 };

int http_temporary_file(const char *directory)
{
    if (directory == NULL)
        directory = "/tmp";
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    /* File systems without O_TMPFILE: a name for a moment. */
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/grenier-XXXXXX", directory);
    if (n < 0 || (size_t)n >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

void http_body_init(struct http_body *body, const char *directory)
{
    *body = (struct http_body){.fd = -1, .directory = directory};
}

static enum http_body_result open_file(struct http_body *body)
{
    body->fd = http_temporary_file(body->directory);
    return body->fd < 0 ? HTTP_BODY_STORAGE : HTTP_BODY_OK;
}

static enum http_body_result grow(struct http_body *body, struct arena *arena, size_t capacity)
{
    char *memory = arena_alloc(arena, capacity);
    if (memory == NULL)
        return HTTP_BODY_MEMORY;
    if (body->size > 0)
        memcpy(memory, body->memory, body->size);
    body->memory = memory;
    body->capacity = capacity;
    return HTTP_BODY_OK;
}

enum http_body_result http_body_start(struct http_body *body, struct arena *arena, int64_t declared,
                                      int64_t limit)
{
    body->limit = limit;
    if (declared > limit)
        return HTTP_BODY_TOO_LARGE;
    if (declared > HTTP_BODY_MEMORY_MAX)
        return open_file(body);
    return declared > 0 ? grow(body, arena, (size_t)declared) : HTTP_BODY_OK;
}

static enum http_body_result append_file(struct http_body *body, const char *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = write(body->fd, bytes + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return HTTP_BODY_STORAGE;
        done += (size_t)n;
    }
    return HTTP_BODY_OK;
}

enum http_body_result http_body_add(struct http_body *body, struct arena *arena, const char *bytes,
                                    size_t size)
{
    enum http_body_result result = HTTP_BODY_OK;
    if (size > SIZE_MAX - body->size || body->limit < 0 ||
        body->size + size > (uint64_t)body->limit)
        return HTTP_BODY_TOO_LARGE;
    size_t total = body->size + size;
    if (body->fd < 0 && total > HTTP_BODY_MEMORY_MAX) {
        result = open_file(body);
        if (result == HTTP_BODY_OK && body->size > 0)
            result = append_file(body, body->memory, body->size);
    }
    if (result == HTTP_BODY_OK && body->fd >= 0) {
        result = append_file(body, bytes, size);
    } else if (result == HTTP_BODY_OK) {
        size_t capacity = body->capacity == 0 ? BODY_FIRST_CAPACITY : body->capacity;
        while (capacity < total)
            capacity *= 2;
        if (capacity > body->capacity)
            result = grow(body, arena, capacity);
        if (result == HTTP_BODY_OK && size > 0)
            memcpy(body->memory + body->size, bytes, size);
    }
    if (result == HTTP_BODY_OK)
        body->size = total;
    return result;
}

enum http_body_result http_body_finish(struct http_body *body, struct str *ret_body)
{
    if (body->fd < 0) {
        *ret_body = body->size == 0 ? STR("") : (struct str){body->memory, body->size};
        return HTTP_BODY_OK;
    }
    void *map = mmap(NULL, body->size, PROT_READ, MAP_PRIVATE, body->fd, 0);
    if (map == MAP_FAILED)
        return HTTP_BODY_STORAGE;
    body->map = map;
    *ret_body = (struct str){map, body->size};
    return HTTP_BODY_OK;
}

void http_body_release(struct http_body *body)
{
    if (body->map != NULL)
        munmap(body->map, body->size);
    if (body->fd >= 0)
        close(body->fd);
    body->map = NULL;
    body->fd = -1;
}
