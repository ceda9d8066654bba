#include "base/text.h"

/* Length of the sequence that starts at p, 0 when it is not well-formed (Unicode 15, table 3-7). */
static size_t sequence(const unsigned char *p, size_t n)
{
    unsigned char c = p[0];
    if (c < 0x80)
        return c == 0 ? 0 : 1;
    size_t length = c >= 0xC2 && c <= 0xDF   ? 2
                    : c >= 0xE0 && c <= 0xEF ? 3
                    : c >= 0xF0 && c <= 0xF4 ? 4
                                             : 0;
    if (length == 0 || n < length)
        return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (c == 0xE0)
        low = 0xA0;
    else if (c == 0xED)
        high = 0x9F;
    else if (c == 0xF0)
        low = 0x90;
    else if (c == 0xF4)
        high = 0x8F;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return length;
}

bool text_is_utf8(struct str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    for (size_t i = 0; i < text.n;) {
        size_t n = sequence(p + i, text.n - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

size_t text_length(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return n;
}

bool text_has_control(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
            return true;
        if (c == 0xC2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xA0) /* C1 */
            return true;
    }
    return false;
}

/* Bytes of white space at p (ASCII, U+00A0, U+202F, U+FEFF), 0 when there is none. */
static size_t space_at(const char *p, size_t n)
{
    if (n >= 1 && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
        return 1;
    if (n >= 2 && memcmp(p, "\xC2\xA0", 2) == 0)
        return 2;
    if (n >= 3 && (memcmp(p, "\xE2\x80\xAF", 3) == 0 || memcmp(p, "\xEF\xBB\xBF", 3) == 0))
        return 3;
    return 0;
}

struct str text_trim(struct str text)
{
    for (size_t n; text.n > 0 && (n = space_at(text.p, text.n)) > 0;) {
        text.p += n;
        text.n -= n;
    }
    for (bool found = true; found && text.n > 0;) {
        found = false;
        for (size_t n = 1; n <= 3 && n <= text.n && !found; n++)
            if (space_at(text.p + text.n - n, n) == n) {
                text.n -= n;
                found = true;
            }
    }
    return text;
}

char *text_compact(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.n + 1);
    if (out == NULL)
        return NULL;
    size_t length = 0;
    for (size_t i = 0; i < text.n;) {
        size_t n = space_at(text.p + i, text.n - i);
        if (n > 0) {
            i += n;
            continue;
        }
        char c = text.p[i++];
        if (c == '.' || c == '-')
            continue;
        out[length++] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return out;
}

static size_t utf8_put(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | (c >> 6));
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | (c >> 12));
    out[1] = (char)(0x80 | ((c >> 6) & 0x3F));
    out[2] = (char)(0x80 | (c & 0x3F));
    return 3;
}

char *text_from_windows_1252(struct arena *arena, struct str bytes)
{
    /* 0x80 to 0x9F (unicode.org, MAPPINGS/VENDORS/MICSFT/WINDOWS/CP1252.TXT) */
    static const uint16_t high[32] = {
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178};
    if (bytes.n > (SIZE_MAX - 1) / 3) {
        arena->exhausted = true;
        return NULL;
    }
    size_t size = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        size += c < 0x80 ? 1 : c < 0xA0 ? (high[c - 0x80] < 0x800 ? 2 : 3) : 2;
    }
    char *out = arena_alloc(arena, size + 1);
    if (out == NULL)
        return NULL;
    size_t n = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned char c = (unsigned char)bytes.p[i];
        n += utf8_put(out + n, c >= 0x80 && c < 0xA0 ? high[c - 0x80] : c);
    }
    return out;
}

/* Folded letters of U+00C0 to U+017F: Latin-1 supplement and Latin extended A, the letters of
 * European names. */
static const char *fold_latin(uint32_t c)
{
    static const char *const latin1[64] = {
        "A", "A", "A", "A", "A", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I",  "I",
        "D", "N", "O", "O", "O", "O", "O",  " ", "O", "U", "U", "U", "U", "Y", "TH", "SS",
        "A", "A", "A", "A", "A", "A", "AE", "C", "E", "E", "E", "E", "I", "I", "I",  "I",
        "D", "N", "O", "O", "O", "O", "O",  " ", "O", "U", "U", "U", "U", "Y", "TH", "Y"};
    static const struct {
        uint16_t last;
        const char *letter;
    } extended[] = {{0x105, "A"}, {0x10D, "C"}, {0x111, "D"},  {0x11B, "E"},  {0x123, "G"},
                    {0x127, "H"}, {0x131, "I"}, {0x133, "IJ"}, {0x135, "J"},  {0x138, "K"},
                    {0x142, "L"}, {0x14B, "N"}, {0x151, "O"},  {0x153, "OE"}, {0x159, "R"},
                    {0x161, "S"}, {0x167, "T"}, {0x173, "U"},  {0x175, "W"},  {0x178, "Y"},
                    {0x17E, "Z"}, {0x17F, "S"}};
    if (c < 0x100)
        return latin1[c - 0xC0];
    for (size_t i = 0; i < ARRAY_SIZE(extended); i++)
        if (c <= extended[i].last)
            return extended[i].letter;
    return " ";
}

char *text_fold(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.n * 2 + 1);
    if (out == NULL)
        return NULL;
    size_t length = 0;
    const unsigned char *p = (const unsigned char *)text.p;
    for (size_t i = 0; i < text.n;) {
        size_t n = sequence(p + i, text.n - i);
        const char *letters = " ";
        char one[2] = {0};
        if (n <= 1) {
            unsigned char c = p[i];
            if (c >= 'a' && c <= 'z')
                one[0] = (char)(c - 'a' + 'A');
            else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
                one[0] = (char)c;
            if (one[0] != 0)
                letters = one;
        } else if (n == 2) {
            uint32_t c = ((uint32_t)(p[i] & 0x1F) << 6) | (p[i + 1] & 0x3F);
            if (c >= 0x300 && c < 0x370)
                letters = ""; /* combining accents */
            else if (c >= 0xC0 && c <= 0x17F)
                letters = fold_latin(c);
        }
        i += n == 0 ? 1 : n;
        for (; *letters != 0; letters++)
            if (*letters != ' ' || (length > 0 && out[length - 1] != ' '))
                out[length++] = *letters;
    }
    if (length > 0 && out[length - 1] == ' ')
        length--;
    out[length] = 0;
    return out;
}

bool text_starts(struct str text, struct str prefix)
{
    return text.n >= prefix.n && (prefix.n == 0 || memcmp(text.p, prefix.p, prefix.n) == 0);
}

bool text_to_int(struct str text, int64_t min, int64_t max, int64_t *ret_value)
{
    bool negative = text.n > 0 && text.p[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == text.n)
        return false;
    int64_t value = 0;
    for (; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        int digit = text.p[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) /* downwards: INT64_MIN fits */
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return false;
    if (value < min || value > max)
        return false;
    *ret_value = value;
    return true;
}
