/* multipart/form-data (RFC 7578): a strict, bounded, pure parser; parts point into the body. */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include "base/arena.h"
#include "base/base.h"

/* One part. `name` and `file_name` are well-formed UTF-8 without controls, with %22 turned back
 * into the quote that browsers made it of, terminated, in the arena; file_name.p is NULL where the
 * part has none (a plain field). A file name is a label only: never a path to open. `bytes` points
 * into the body. content_type.p NULL: none given. */
struct http_part {
    struct str name, file_name, content_type, bytes;
};

enum multipart_fault {
    MULTIPART_OK = 0,
    MULTIPART_BOUNDARY,  /* no boundary in the content type, or not one that RFC 2046 allows */
    MULTIPART_TRUNCATED, /* the closing delimiter is missing */
    MULTIPART_SYNTAX,    /* a delimiter line or a part's headers are not as they must be */
    MULTIPART_NAME,      /* a part without a name, with two, or with one that is not clean UTF-8 */
    MULTIPART_ENCODING,  /* a Content-Transfer-Encoding other than 7bit, 8bit, binary */
    MULTIPART_TOO_MANY,  /* more parts than asked for */
    MULTIPART_MEMORY     /* the arena is full */
};

enum { MULTIPART_PART_HEADERS_MAX = 2048 };

/* Splits `body`. `content_type` is the request's header. *ret_parts has *ret_n elements terminated,
 * in the arena; both are set only for MULTIPART_OK. */
enum multipart_fault multipart_parse(struct arena *arena, struct str content_type, struct str body,
                                     size_t parts_max, const struct http_part **ret_parts,
                                     size_t *ret_n) MUST_CHECK;
/* A short phrase for the log and the answer, in English. */
const char *multipart_fault_text(enum multipart_fault fault);

#endif
