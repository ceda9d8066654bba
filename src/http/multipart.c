#include "http/internal.h"

#include "base/text.h"

enum { BOUNDARY_MAX = 70 }; /* RFC 2046 5.1.1 */

const char *multipart_fault_text(enum multipart_fault fault)
{
    static const char *const texts[] = {
        [MULTIPART_OK] = "well-formed",
        [MULTIPART_BOUNDARY] = "the content type has no usable boundary",
        [MULTIPART_TRUNCATED] = "the multipart body has no end",
        [MULTIPART_SYNTAX] = "a part of the multipart body is malformed",
        [MULTIPART_NAME] = "a part of the multipart body has no usable name",
        [MULTIPART_ENCODING] = "a part of the multipart body has a transfer encoding",
        [MULTIPART_TOO_MANY] = "the multipart body has too many parts",
        [MULTIPART_MEMORY] = "the multipart body does not fit into memory",
    };
    ASSERT((size_t)fault < ARRAY_SIZE(texts));
    return texts[fault];
}

/* ---- Parameters: ; name=token or ; name="quoted" ---- */

/* Takes one parameter off `rest`. Backslashes in a quoted value are kept: browsers write them bare
 * in file names. False when there is none left; *ret_good says whether what was there is
 * well-formed. */
static bool next_parameter(struct str *rest, struct str *ret_name, struct str *ret_value,
                           bool *ret_good)
{
    *rest = http_trim(*rest);
    *ret_good = true;
    if (rest->n == 0)
        return false;
    *ret_good = rest->p[0] == ';';
    if (!*ret_good)
        return false;
    *rest = http_trim((struct str){rest->p + 1, rest->n - 1});
    if (rest->n == 0)
        return false;
    size_t i = 0;
    while (i < rest->n && rest->p[i] != '=' && rest->p[i] != ';')
        i++;
    *ret_name = (struct str){rest->p, i};
    *ret_good = i < rest->n && rest->p[i] == '=' && http_is_token(*ret_name);
    if (!*ret_good)
        return false;
    *rest = (struct str){rest->p + i + 1, rest->n - i - 1};
    if (rest->n > 0 && rest->p[0] == '"') {
        const char *end = memchr(rest->p + 1, '"', rest->n - 1);
        *ret_good = end != NULL;
        if (!*ret_good)
            return false;
        *ret_value = (struct str){rest->p + 1, (size_t)(end - rest->p) - 1};
        size_t used = ret_value->n + 2;
        *rest = (struct str){rest->p + used, rest->n - used};
    } else {
        struct str after = *rest;
        *ret_value = http_trim(http_take(&after, ';'));
        size_t used = (size_t)(ret_value->p + ret_value->n - rest->p);
        *rest = (struct str){rest->p + used, rest->n - used};
        *ret_good = http_is_token(*ret_value);
    }
    return *ret_good;
}

static bool boundary_is_allowed(struct str boundary)
{
    static const char others[] = "'()+_,-./:=? ";
    for (size_t i = 0; i < boundary.n; i++) {
        char c = boundary.p[i];
        bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alphanumeric && (c == 0 || strchr(others, c) == NULL))
            return false;
    }
    return boundary.n > 0 && boundary.n <= BOUNDARY_MAX && boundary.p[boundary.n - 1] != ' ';
}

static bool find_boundary(struct str content_type, struct str *ret_boundary)
{
    struct str name, value, boundary = {NULL, 0};
    bool good;
    struct str rest = content_type;
    struct str type = http_trim(http_take(&rest, ';'));
    if (!http_equal_nocase(type, STR("multipart/form-data")) || rest.n == 0)
        return false;
    rest = (struct str){rest.p - 1, rest.n + 1}; /* with its ';' */
    while (next_parameter(&rest, &name, &value, &good)) {
        if (!http_equal_nocase(name, STR("boundary")))
            continue;
        if (boundary.p != NULL)
            return false;
        boundary = value;
    }
    *ret_boundary = boundary;
    return good && boundary_is_allowed(boundary);
}

/* ---- One part ---- */

/* Undoes what browsers do to names (WHATWG: %22, %0D, %0A) and checks the result. */
static enum multipart_fault clean_name(struct arena *arena, struct str raw, struct str *ret_name)
{
    char *out = arena_alloc(arena, raw.n + 1);
    size_t n = 0;
    if (out == NULL)
        return MULTIPART_MEMORY;
    for (size_t i = 0; i < raw.n; i++) {
        bool quote = i + 2 < raw.n && memcmp(raw.p + i, "%22", 3) == 0;
        if (quote)
            i += 2;
        out[n] = raw.p[i];
        if (quote)
            out[n] = '"';
        n++;
    }
    struct str name = {out, n};
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)out[i] < ' ' || out[i] == 0x7f)
            return MULTIPART_NAME;
    if (!text_is_utf8(name))
        return MULTIPART_NAME;
    *ret_name = name;
    return MULTIPART_OK;
}

static enum multipart_fault parse_disposition(struct arena *arena, struct str value,
                                              struct http_part *part)
{
    struct str name, raw;
    bool good, has_name = false;
    struct str rest = value;
    struct str kind = http_trim(http_take(&rest, ';'));
    if (!http_equal_nocase(kind, STR("form-data")) || rest.n == 0)
        return MULTIPART_NAME;
    rest = (struct str){rest.p - 1, rest.n + 1};
    while (next_parameter(&rest, &name, &raw, &good)) {
        enum multipart_fault fault = MULTIPART_OK;
        if (http_equal_nocase(name, STR("name"))) {
            fault = has_name ? MULTIPART_NAME : clean_name(arena, raw, &part->name);
            has_name = true;
        } else if (http_equal_nocase(name, STR("filename"))) {
            fault = part->file_name.p != NULL ? MULTIPART_NAME
                                              : clean_name(arena, raw, &part->file_name);
        }
        if (fault != MULTIPART_OK)
            return fault;
    }
    return good && has_name && part->name.n > 0 ? MULTIPART_OK : MULTIPART_NAME;
}

static enum multipart_fault parse_part_header(struct arena *arena, struct str line,
                                              struct http_part *part)
{
    struct str value = line;
    struct str name = http_take(&value, ':');
    if (name.n == line.n || !http_is_token(name))
        return MULTIPART_SYNTAX;
    value = http_trim(value);
    if (http_equal_nocase(name, STR("Content-Disposition")))
        return part->name.p != NULL ? MULTIPART_NAME : parse_disposition(arena, value, part);
    if (http_equal_nocase(name, STR("Content-Type"))) {
        if (part->content_type.p != NULL)
            return MULTIPART_SYNTAX;
        part->content_type = value;
    } else if (http_equal_nocase(name, STR("Content-Transfer-Encoding"))) {
        if (!http_equal_nocase(value, STR("binary")) && !http_equal_nocase(value, STR("8bit")) &&
            !http_equal_nocase(value, STR("7bit")))
            return MULTIPART_ENCODING;
    }
    return MULTIPART_OK;
}

/* The headers of a part, up to and with the empty line; *at stands behind it afterwards. */
static enum multipart_fault parse_part_head(struct arena *arena, struct str body, size_t *at,
                                            struct http_part *part)
{
    size_t start = *at;
    for (;;) {
        size_t left = body.n - *at;
        size_t most = MULTIPART_PART_HEADERS_MAX - (*at - start);
        const char *end = memmem(body.p + *at, left < most ? left : most, "\r\n", 2);
        if (end == NULL)
            return left < most ? MULTIPART_TRUNCATED : MULTIPART_SYNTAX;
        struct str line = {body.p + *at, (size_t)(end - body.p) - *at};
        *at += line.n + 2;
        if (line.n == 0)
            return part->name.p == NULL ? MULTIPART_NAME : MULTIPART_OK;
        for (size_t i = 0; i < line.n; i++)
            if (((unsigned char)line.p[i] < ' ' && line.p[i] != '\t') || line.p[i] == 0x7f)
                return MULTIPART_SYNTAX;
        enum multipart_fault fault = parse_part_header(arena, line, part);
        if (fault != MULTIPART_OK)
            return fault;
    }
}

/* ---- The body ---- */

/* Behind a boundary: spaces and tabs, then "\r\n" (a part follows) or "--" (the end). */
static enum multipart_fault end_delimiter(struct str body, size_t *at, bool *ret_last)
{
    struct str rest = {body.p + *at, body.n - *at};
    *ret_last = rest.n >= 2 && rest.p[0] == '-' && rest.p[1] == '-';
    if (*ret_last)
        return MULTIPART_OK; /* what follows is an epilogue, to be ignored (RFC 2046) */
    size_t padding = 0;
    while (padding < rest.n && (rest.p[padding] == ' ' || rest.p[padding] == '\t'))
        padding++;
    if (rest.n - padding < 2)
        return MULTIPART_TRUNCATED;
    if (rest.p[padding] != '\r' || rest.p[padding + 1] != '\n')
        return MULTIPART_SYNTAX;
    *at += padding + 2;
    return MULTIPART_OK;
}

enum multipart_fault multipart_parse(struct arena *arena, struct str content_type, struct str body,
                                     size_t parts_max, const struct http_part **ret_parts,
                                     size_t *ret_n)
{
    struct str boundary;
    char delimiter[4 + BOUNDARY_MAX];
    size_t at, n = 0;
    bool last;
    if (!find_boundary(content_type, &boundary))
        return MULTIPART_BOUNDARY;
    memcpy(delimiter, "\r\n--", 4);
    memcpy(delimiter + 4, boundary.p, boundary.n);
    size_t size = boundary.n + 4;
    /* No preamble: nobody sends one, and skipping it would hide a wrong boundary. */
    if (body.n < size - 2 || memcmp(body.p, delimiter + 2, size - 2) != 0)
        return body.n < size - 2 ? MULTIPART_TRUNCATED : MULTIPART_SYNTAX;
    at = size - 2;
    struct http_part *parts = ARENA_ARRAY(arena, struct http_part, parts_max);
    if (parts == NULL)
        return MULTIPART_MEMORY;
    for (;;) {
        enum multipart_fault fault = end_delimiter(body, &at, &last);
        if (fault != MULTIPART_OK)
            return fault;
        if (last)
            break;
        if (n == parts_max)
            return MULTIPART_TOO_MANY;
        fault = parse_part_head(arena, body, &at, &parts[n]);
        if (fault != MULTIPART_OK)
            return fault;
        /* An empty part's delimiter begins with the end of its head. */
        const char *end = memmem(body.p + at - 2, body.n - at + 2, delimiter, size);
        if (end == NULL)
            return MULTIPART_TRUNCATED;
        size_t stop = (size_t)(end - body.p);
        parts[n].bytes = stop < at ? STR("") : (struct str){body.p + at, stop - at};
        at = stop + size;
        n++;
    }
    *ret_parts = parts;
    *ret_n = n;
    return MULTIPART_OK;
}
