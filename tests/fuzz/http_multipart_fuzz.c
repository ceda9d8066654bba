/* multipart/form-data: the first line is the content type, the rest the body. Parts lie in the
 * body, in order, apart from each other; names are clean. */
#include "fuzz/fuzz.h"
#include "http/multipart.h"

enum { PARTS_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size == 0 ? NULL : memchr(text, '\n', size);
    size_t line = end == NULL ? size : (size_t)(end - text);
    struct str body = {text + line, size - line};
    const struct http_part *parts = NULL;
    struct arena arena;
    size_t n = 0;

    if (body.n > 0)
        body = (struct str){body.p + 1, body.n - 1};
    arena_init(&arena, FUZZ_ARENA);
    enum multipart_fault fault =
        multipart_parse(&arena, (struct str){text, line}, body, PARTS_MAX, &parts, &n);
    ASSERT(multipart_fault_text(fault) != NULL);
    ASSERT(n <= PARTS_MAX && (fault == MULTIPART_OK || n == 0));
    const char *last = body.p;
    for (size_t i = 0; i < n; i++) {
        ASSERT(parts[i].name.n > 0 && text_is_utf8(parts[i].name));
        fuzz_check_text(parts[i].name.p, true);
        fuzz_check_text(parts[i].file_name.p, true);
        if (parts[i].bytes.n == 0)
            continue;
        ASSERT(parts[i].bytes.p > last && parts[i].bytes.p + parts[i].bytes.n < body.p + body.n);
        last = parts[i].bytes.p + parts[i].bytes.n;
    }
    arena_free(&arena);
    return 0;
}
