#include "formats/bank.h"

#include "base/text.h"
#include "formats/bank_reader.h"
#include "formats/charset.h"
#include <strings.h>

enum { SNIFF_BYTES = 4096, NAME_MAX_BYTES = 40, CFONB_LINE = 120 /* banks cut or pad its lines */ };

/* Where `needle` stands in the first `limit` bytes, letters of either case; NULL when it does not.
 */
static const char *find(struct str text, const char *needle, size_t limit)
{
    size_t n = strlen(needle), end = text.n < limit ? text.n : limit;

    for (size_t i = 0; i + n <= end; i++)
        if (strncasecmp(text.p + i, needle, n) == 0)
            return text.p + i;
    return NULL;
}

static struct str skip_blank(struct str text)
{
    while (text.n > 0 && text.p[0] != '\0' && (unsigned char)text.p[0] <= ' ') {
        text.p++;
        text.n--;
    }
    return text;
}

static bool begins(struct str text, const char *prefix)
{
    size_t n = strlen(prefix);

    return text.n >= n && memcmp(text.p, prefix, n) == 0;
}

/* ---- character sets ---- */

enum charset {
    CHARSET_UNSAID,
    CHARSET_ASCII,
    CHARSET_UTF8,
    CHARSET_UTF16,
    CHARSET_1252,
    CHARSET_8859_15,
    CHARSET_OTHER
};

struct announced {
    enum charset charset;
    char name[NAME_MAX_BYTES];
};

static enum charset charset_of(const char *name)
{
    static const struct {
        const char *prefix;
        enum charset charset;
    } NAMES[] = {
        {"UTF-8", CHARSET_UTF8},        {"UTF8", CHARSET_UTF8},
        {"UTF-16", CHARSET_UTF16},      {"UNICODE", CHARSET_UTF16},
        {"USASCII", CHARSET_ASCII},     {"US-ASCII", CHARSET_ASCII},
        {"ASCII", CHARSET_ASCII},       {"1252", CHARSET_1252},
        {"WINDOWS-1252", CHARSET_1252}, {"CP1252", CHARSET_1252},
        {"ANSI", CHARSET_1252},         {"ISO-8859-15", CHARSET_8859_15},
        {"8859-15", CHARSET_8859_15},   {"LATIN-9", CHARSET_8859_15},
        {"LATIN9", CHARSET_8859_15},    {"ISO-8859-1", CHARSET_1252},
        {"ISO8859-1", CHARSET_1252},    {"8859-1", CHARSET_1252},
        {"LATIN-1", CHARSET_1252},      {"LATIN1", CHARSET_1252},
        {"NONE", CHARSET_UNSAID},
    };

    if (name[0] == '\0')
        return CHARSET_UNSAID;
    for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++)
        if (strncasecmp(name, NAMES[i].prefix, strlen(NAMES[i].prefix)) == 0)
            return NAMES[i].charset;
    return CHARSET_OTHER;
}

/* The value after `key` near the start of the file: ENCODING:USASCII, encoding="UTF-8". */
static struct announced announced_after(struct str head, const char *key)
{
    struct announced found = {.charset = CHARSET_UNSAID};
    const char *p = find(head, key, head.n), *end = head.p + head.n;
    size_t n = 0;

    if (p == NULL)
        return found;
    p += strlen(key);
    while (p < end && (*p == ' ' || *p == '"' || *p == '\'' || *p == '='))
        p++;
    while (p < end && n + 1 < sizeof(found.name) && *p > ' ' && *p < 0x7F &&
           strchr("\"'<>?", *p) == NULL)
        found.name[n++] = *p++;
    found.charset = charset_of(found.name);
    return found;
}

static struct announced announced_charset(struct str text, bool ofx)
{
    struct str head = {text.p, text.n < SNIFF_BYTES ? text.n : SNIFF_BYTES};
    struct announced found = {.charset = CHARSET_UNSAID}, encoding;
    const char *body = ofx ? find(head, "<OFX", head.n) : find(head, "?>", head.n);

    if (body == NULL)
        return found;
    head.n = (size_t)(body - head.p);
    if (ofx)
        found = announced_after(head, "CHARSET:");
    encoding = announced_after(head, ofx && find(head, "<?xml", head.n) == NULL ? "ENCODING:"
                                                                                : "encoding");
    /* CHARSET:1252 refines ENCODING:USASCII; ENCODING:UTF-8 stands whatever CHARSET says. */
    if (found.charset == CHARSET_UNSAID || found.charset == CHARSET_OTHER ||
        encoding.charset == CHARSET_UTF8)
        found = encoding;
    if (!ofx && found.charset == CHARSET_UNSAID)
        found = (struct announced){CHARSET_UTF8, "UTF-8"};
    return found;
}

static enum rc refuse_bytes(struct bank_reader *reader, struct str bytes, const char *charset)
{
    char line[16];

    snprintf(line, sizeof(line), "%d", charset_bad_line(bytes));
    return problem_set(reader->problem, PROBLEM_BANK_FILE_ENCODING, line, charset, NULL);
}

static enum rc note_charset(struct bank_reader *reader, const struct announced *announced,
                            const char *found)
{
    reader->file->encoding = found;
    return bank_note(reader, PROBLEM_BANK_NOTE_ENCODING, announced->name, found, NULL);
}

/* What is announced and what the bytes are often differ: well-formed UTF-8 with anything beyond
 * ASCII is no accident, and old character sets can hold any bytes. */
static enum rc decode(struct bank_reader *reader, struct str bytes, bool ofx, struct str *ret_text)
{
    struct announced announced = announced_charset(bytes, ofx);
    const char *text;

    *ret_text = bytes;
    if (text_is_utf8(bytes)) {
        reader->file->encoding = charset_is_ascii(bytes) ? "ASCII" : "UTF-8";
        if (!charset_is_ascii(bytes) && announced.charset != CHARSET_UTF8 &&
            announced.charset != CHARSET_UNSAID)
            return note_charset(reader, &announced, "UTF-8");
        return RC_OK;
    }
    if (memchr(bytes.p, 0, bytes.n) != NULL || announced.charset == CHARSET_OTHER ||
        announced.charset == CHARSET_UTF16)
        return refuse_bytes(reader, bytes, announced.name[0] == '\0' ? "UTF-8" : announced.name);
    if (announced.charset == CHARSET_8859_15) {
        reader->file->encoding = "ISO-8859-15";
        return charset_from_8859_15(reader->arena, bytes, ret_text) ? RC_OK : bank_memory(reader);
    }
    text = text_from_windows_1252(reader->arena, bytes);
    if (text == NULL)
        return bank_memory(reader);
    *ret_text = str_of(text);
    reader->file->encoding = "Windows-1252";
    if (announced.charset == CHARSET_UTF8 || announced.charset == CHARSET_ASCII)
        return note_charset(reader, &announced, "Windows-1252");
    return RC_OK;
}

/* ---- what the file is ---- */

static enum rc refuse_kind(struct bank_reader *reader, const char *kind)
{
    return problem_set(reader->problem, PROBLEM_BANK_FILE_KIND, kind, NULL);
}

/* Files that are no text at all. RC_OK when it is none of those. */
static enum rc refuse_binary(struct bank_reader *reader, struct str bytes)
{
    if (begins(bytes, "PK\003\004") && (find(bytes, "[Content_Types].xml", SNIFF_BYTES) != NULL ||
                                        find(bytes, "xl/", SNIFF_BYTES) != NULL))
        return refuse_kind(reader, "Excel");
    if (begins(bytes, "PK\003\004"))
        return problem_set(reader->problem, PROBLEM_BANK_FILE_ZIP, NULL);
    if (begins(bytes, "\x1F\x8B"))
        return problem_set(reader->problem, PROBLEM_BANK_FILE_ZIP, NULL);
    if (begins(bytes, "%PDF"))
        return refuse_kind(reader, "PDF");
    if (begins(bytes, "\xD0\xCF\x11\xE0"))
        return refuse_kind(reader, "Excel");
    return RC_OK;
}

static size_t count_in_first_line(struct str text, char c)
{
    size_t n = 0;

    for (size_t i = 0; i < text.n && text.p[i] != '\n' && text.p[i] != '\r'; i++)
        n += text.p[i] == c;
    return n;
}

/* Other text formats that banks offer: named, so that the right one can be asked for. */
static enum rc refuse_text(struct bank_reader *reader, struct str text)
{
    size_t line = 0;

    while (line < text.n && text.p[line] != '\n' && text.p[line] != '\r')
        line++;
    if (find(text, "!Type", 256) == text.p || find(text, "!Account", 256) == text.p ||
        find(text, "!Option", 256) == text.p || find(text, "\n^", SNIFF_BYTES) != NULL)
        return refuse_kind(reader, "QIF");
    if ((begins(text, "01") || begins(text, "04") || begins(text, "07")) &&
        line >= CFONB_LINE - 20 && line <= CFONB_LINE + 20)
        return refuse_kind(reader, "CFONB 120");
    if (begins(text, "{1:") || begins(text, ":20:") || find(text, "\n:20:", SNIFF_BYTES) != NULL)
        return refuse_kind(reader, "MT940");
    if (begins(text, "{\"") || begins(text, "[{"))
        return refuse_kind(reader, "JSON");
    if (count_in_first_line(text, ';') >= 2 || count_in_first_line(text, '\t') >= 2 ||
        count_in_first_line(text, ',') >= 2)
        return refuse_kind(reader, "CSV");
    return problem_set(reader->problem, PROBLEM_BANK_FILE_UNKNOWN, reader->file_name, NULL);
}

enum kind { KIND_OFX, KIND_XML, KIND_HTML, KIND_OTHER };

static enum kind recognise(struct str text)
{
    const char *ofx = find(text, "<OFX>", SNIFF_BYTES);

    if (find(text, "OFXHEADER", 512) != NULL || ofx != NULL ||
        find(text, "<?OFX", SNIFF_BYTES) != NULL)
        return KIND_OFX;
    if (find(text, "<!DOCTYPE html", 1024) != NULL || find(text, "<html", 1024) != NULL)
        return KIND_HTML;
    return begins(text, "<") ? KIND_XML : KIND_OTHER;
}

static enum rc parse(struct bank_reader *reader, struct str bytes)
{
    struct str text = bytes;
    enum kind kind;
    char limit[16];

    if (bytes.n > BANK_FILE_BYTES_MAX) {
        snprintf(limit, sizeof(limit), "%d", BANK_FILE_BYTES_MAX / (1024 * 1024));
        return problem_set(reader->problem, PROBLEM_BANK_FILE_SIZE, limit, NULL);
    }
    TRY(refuse_binary(reader, bytes));
    if (begins(text, "\xEF\xBB\xBF")) {
        text.p += 3;
        text.n -= 3;
    }
    if (begins(text, "\xFF\xFE") || begins(text, "\xFE\xFF")) {
        if (!charset_from_utf16(reader->arena, text, &text))
            return bank_memory(reader);
        reader->file->encoding = "UTF-16";
    }
    if (skip_blank(text).n == 0)
        return problem_set(reader->problem, PROBLEM_BANK_FILE_EMPTY, reader->file_name, NULL);
    kind = recognise(skip_blank(text));
    if (kind == KIND_OTHER)
        return refuse_text(reader, skip_blank(text));
    if (kind == KIND_HTML)
        return problem_set(reader->problem, PROBLEM_BANK_FILE_HTML, NULL);
    if (reader->file->encoding[0] == '\0')
        TRY(decode(reader, text, kind == KIND_OFX, &text));
    else if (!text_is_utf8(text))
        return refuse_bytes(reader, text, reader->file->encoding);
    TRY(kind == KIND_OFX ? ofx_parse(reader, text) : camt_parse(reader, text));
    return bank_reader_finish(reader);
}

enum rc bank_file_parse(struct arena *arena, struct str bytes, const char *file_name,
                        struct bank_file *ret_file, struct problem *problem)
{
    struct bank_reader reader;
    enum rc rc;

    bank_reader_init(&reader, arena, ret_file, problem);
    reader.file_name = file_name == NULL ? "?" : bank_quote(&reader, str_of(file_name));
    rc = reader.file_name == NULL ? bank_memory(&reader) : parse(&reader, bytes);
    bank_reader_release(&reader);
    return rc;
}
