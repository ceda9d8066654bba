/* Files built into a program (cmd/embed.cmake makes the tables). */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include "base/base.h"

/* One file. `path` is relative to its folder ("migrations/0001_kernel.sql", "index.html"); `bytes`
 * are followed by a NUL that `size` does not count. A table is sorted by path (byte order) and
 * closed by a row whose path is NULL. */
struct embedded_file {
    const char *path;
    const char *bytes;
    size_t size;
};

#endif
