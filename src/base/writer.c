#include "base/writer.h"

enum { FIRST_CAPACITY = 1024 };

void writer_init(struct writer *writer, size_t limit)
{
    *writer = (struct writer){.limit = limit};
}

void writer_release(struct writer *writer)
{
    if (writer == NULL)
        return;
    free(writer->data);
    *writer = (struct writer){.limit = writer->limit};
}

/* Room for `size` more bytes and a terminator. */
static bool reserve(struct writer *writer, size_t size)
{
    if (writer->failed || size > writer->limit || writer->size > writer->limit - size) {
        writer->failed = true;
        return false;
    }
    size_t needed = writer->size + size + 1;
    if (needed <= writer->capacity)
        return true;
    size_t capacity = writer->capacity == 0 ? FIRST_CAPACITY : writer->capacity;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(writer->data, capacity);
    if (data == NULL) {
        writer->failed = true;
        return false;
    }
    writer->data = data;
    writer->capacity = capacity;
    return true;
}

void writer_bytes(struct writer *writer, const void *bytes, size_t size)
{
    if (!reserve(writer, size))
        return;
    if (size > 0)
        memcpy(writer->data + writer->size, bytes, size);
    writer->size += size;
    writer->data[writer->size] = 0;
}

void writer_str(struct writer *writer, struct str text)
{
    writer_bytes(writer, text.p, text.n);
}

void writer_text(struct writer *writer, const char *text)
{
    writer_bytes(writer, text, strlen(text));
}

void writer_char(struct writer *writer, char c)
{
    writer_bytes(writer, &c, 1);
}

void writer_format(struct writer *writer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    ASSERT(n >= 0);
    if (reserve(writer, (size_t)n)) {
        vsnprintf(writer->data + writer->size, (size_t)n + 1, format, args);
        writer->size += (size_t)n;
    }
    va_end(args);
}

void writer_json_string(struct writer *writer, struct str text)
{
    writer_char(writer, '"');
    size_t start = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        const char *escape = NULL;
        char buffer[8];
        size_t width = 1;
        if (c == '"') {
            escape = "\\\"";
        } else if (c == '\\') {
            escape = "\\\\";
        } else if (c == '\n') {
            escape = "\\n";
        } else if (c < 0x20 || c == 0x7F) {
            snprintf(buffer, sizeof buffer, "\\u%04x", c);
            escape = buffer;
        } else if (c == 0xE2 && i + 2 < text.n && (unsigned char)text.p[i + 1] == 0x80 &&
                   ((unsigned char)text.p[i + 2] | 1) == 0xA9) {
            escape = (unsigned char)text.p[i + 2] == 0xA8 ? "\\u2028"
                                                          : "\\u2029"; /* line ends in scripts */
            width = 3;
        }
        if (escape == NULL)
            continue;
        writer_bytes(writer, text.p + start, i - start);
        writer_text(writer, escape);
        i += width - 1;
        start = i + 1;
    }
    if (text.n > start)
        writer_bytes(writer, text.p + start, text.n - start);
    writer_char(writer, '"');
}

/* Digits with at most one point or comma and a sign in front: a number no spreadsheet takes for a
 * formula. */
static bool is_number(struct str text)
{
    size_t i = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+') ? 1 : 0;
    bool digit = false, point = false;
    for (; i < text.n; i++) {
        if (text.p[i] >= '0' && text.p[i] <= '9')
            digit = true;
        else if ((text.p[i] == '.' || text.p[i] == ',') && !point)
            point = true;
        else
            return false;
    }
    return digit;
}

void writer_csv_cell(struct writer *writer, enum csv_locale locale, bool first, struct str text)
{
    char separator = locale == CSV_FRENCH ? ';' : ',';
    if (!first)
        writer_char(writer, separator);
    /* CWE-1236: a cell that a spreadsheet would run is written as text */
    bool armed = text.n > 0 && strchr("=+-@\t\r", text.p[0]) != NULL && !is_number(text);
    bool quote = armed;
    for (size_t i = 0; i < text.n && !quote; i++)
        quote =
            text.p[i] == separator || text.p[i] == '"' || text.p[i] == '\n' || text.p[i] == '\r';
    if (!quote) {
        writer_str(writer, text);
        return;
    }
    writer_char(writer, '"');
    if (armed)
        writer_char(writer, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"')
            writer_char(writer, '"');
        writer_char(writer, text.p[i]);
    }
    writer_char(writer, '"');
}

void writer_csv_end(struct writer *writer)
{
    writer_text(writer, "\r\n");
}
