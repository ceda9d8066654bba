#include "formats/charset.h"

#include "base/text.h"

size_t charset_put_utf8(char *out, uint32_t code)
{
    if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        code = 0xFFFD;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

bool charset_is_ascii(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] >= 0x80)
            return false;
    return true;
}

bool charset_is_utf16(struct str bytes)
{
    return bytes.n >= 2 &&
           (memcmp(bytes.p, "\xFF\xFE", 2) == 0 || memcmp(bytes.p, "\xFE\xFF", 2) == 0);
}

static uint32_t unit(const unsigned char *p, bool big)
{
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

bool charset_from_utf16(struct arena *arena, struct str bytes, struct str *ret_text)
{
    const unsigned char *p = (const unsigned char *)bytes.p;
    bool big = p[0] == 0xFE;
    char *out = arena_alloc(arena, bytes.n / 2 * 3 + 1);
    size_t n = 0;

    if (out == NULL)
        return false;
    for (size_t i = 2; i + 1 < bytes.n; i += 2) {
        uint32_t code = unit(p + i, big);
        uint32_t low = i + 3 < bytes.n ? unit(p + i + 2, big) : 0;

        if (code >= 0xD800 && code <= 0xDBFF && low >= 0xDC00 && low <= 0xDFFF) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            i += 2;
        }
        n += charset_put_utf8(out + n, code);
    }
    *ret_text = (struct str){out, n};
    return true;
}

bool charset_from_8859_15(struct arena *arena, struct str bytes, struct str *ret_text)
{
    /* Latin-1 but for eight characters. */
    static const struct {
        unsigned char byte;
        uint16_t code;
    } CHANGED[] = {{0xA4, 0x20AC}, {0xA6, 0x160}, {0xA8, 0x161}, {0xB4, 0x17D},
                   {0xB8, 0x17E},  {0xBC, 0x152}, {0xBD, 0x153}, {0xBE, 0x178}};
    char *out = arena_array(arena, bytes.n + 1, 3);
    size_t n = 0;

    if (out == NULL)
        return false;
    for (size_t i = 0; i < bytes.n; i++) {
        uint32_t code = (unsigned char)bytes.p[i];

        for (size_t k = 0; k < ARRAY_SIZE(CHANGED); k++)
            if (CHANGED[k].byte == (unsigned char)bytes.p[i])
                code = CHANGED[k].code;
        n += charset_put_utf8(out + n, code);
    }
    *ret_text = (struct str){out, n};
    return true;
}

int charset_bad_line(struct str bytes)
{
    int line = 1;

    /* Line by line: a line feed is never part of a longer sequence. */
    for (size_t from = 0; from < bytes.n; line++) {
        const char *end = memchr(bytes.p + from, '\n', bytes.n - from);
        size_t size = end == NULL ? bytes.n - from : (size_t)(end - bytes.p) - from;

        if (!text_is_utf8((struct str){bytes.p + from, size}) || end == NULL)
            return line;
        from += size + 1;
    }
    return line;
}
