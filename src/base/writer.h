/* A bounded growing buffer with a sticky error, and JSON and CSV written onto it. */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/base.h"
#include <stdarg.h>

/* Owns `data` (malloc). After an allocation failure or past `limit` nothing more is written and
 * `failed` stays set: check once, at the end. */
struct writer {
    char *data;
    size_t size, capacity, limit;
    bool failed;
};

void writer_init(struct writer *writer, size_t limit);
/* Frees the bytes; NULL and a released writer are accepted. */
void writer_release(struct writer *writer);
void writer_bytes(struct writer *writer, const void *bytes, size_t size);
void writer_str(struct writer *writer, struct str text);
void writer_text(struct writer *writer, const char *text);
void writer_char(struct writer *writer, char c);
void writer_format(struct writer *writer, const char *format, ...) PRINTF_LIKE(2, 3);
/* A JSON string with its quotes; well-formed UTF-8 is expected, controls and U+2028/2029 are
 * escaped. */
void writer_json_string(struct writer *writer, struct str text);

enum csv_locale { CSV_PLAIN, CSV_FRENCH };

/* One CSV cell (RFC 4180), after the separator unless `first`. Cells beginning with = + - @ tab or
 * CR that are not plain numbers get a leading apostrophe so that no spreadsheet runs them.
 * CSV_FRENCH separates by ';'. */
void writer_csv_cell(struct writer *writer, enum csv_locale locale, bool first, struct str text);
void writer_csv_end(struct writer *writer);

#endif
