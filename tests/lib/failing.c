#include "lib/failing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STANDS_BEFORE __attribute__((visibility("default")))

/* The allocator that is stood before. */
#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name
#else
#define REAL(name) __libc_##name
#endif

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *p, size_t size);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static bool armed, from_there_on;
static long wanted, count;

void failing_arm(long n, bool onwards)
{
    wanted = n;
    from_there_on = onwards;
    count = 0;
    armed = true;
}

long failing_disarm(void)
{
    armed = false;
    return count;
}

static bool fails(void)
{
    if (!armed)
        return false;
    count++;
    if (wanted == 0 || count < wanted || (count > wanted && !from_there_on))
        return false;
    errno = ENOMEM;
    return true;
}

STANDS_BEFORE void *malloc(size_t size)
{
    return fails() ? NULL : REAL(malloc)(size);
}

STANDS_BEFORE void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : REAL(calloc)(n, size);
}

STANDS_BEFORE void *realloc(void *p, size_t size)
{
    return fails() ? NULL : REAL(realloc)(p, size);
}

/* The sanitizer's own would pass by malloc. */
STANDS_BEFORE char *strndup(const char *text, size_t size)
{
    size_t n = strnlen(text, size);
    char *copy = malloc(n + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

STANDS_BEFORE char *strdup(const char *text)
{
    return strndup(text, strlen(text));
}
