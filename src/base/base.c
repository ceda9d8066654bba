#include "base/base.h"

void assert_failed(const char *expression, const char *file, int line)
{
    fprintf(stderr, "level=error event=\"assertion failed\" file=%s line=%d expression=\"%s\"\n",
            file, line, expression);
    abort();
}
