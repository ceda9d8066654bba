#include "api/kernel.h"

#include "base/crypto.h"
#include "base/money.h"
#include "base/text.h"

/* ---- JSON ---- */

void reply_money(struct writer *out, int64_t minor, int digits)
{
    char text[MONEY_TEXT_MAX];
    writer_format(out, "\"%s\"", money_format((struct money){minor}, digits, text));
}

/* PostgreSQL's "2026-11-23 10:00:00.123+00" as RFC 3339; the session's zone is UTC. */
static const char *instant(const char *text, char buffer[static 48])
{
    size_t n = strlen(text);
    ASSERT(n > 13 && n < 46 && strcmp(text + n - 3, "+00") == 0);
    memcpy(buffer, text, n - 3);
    buffer[10] = 'T';
    buffer[n - 3] = 'Z';
    buffer[n - 2] = 0;
    return buffer;
}

static int64_t minor_of(const char *text)
{
    int64_t minor = 0;
    ASSERT(text_to_int(str_of(text), INT64_MIN, INT64_MAX, &minor));
    return minor;
}

static void write_cell(struct writer *out, const struct field *field, const char *text, int digits)
{
    char buffer[48];
    if (text == NULL) {
        writer_text(out, "null");
        return;
    }
    switch (field->type) {
    case F_MONEY:
        if (field->flags & F_DECIMAL)
            writer_json_string(out, str_of(text));
        else
            reply_money(out, minor_of(text), digits);
        break;
    case F_BOOL:
        writer_text(out, text[0] == 't' ? "true" : "false");
        break;
    case F_INT:
    case F_LIST:
    case F_OBJECT:
    case F_UUIDS:
    case F_IDS:
    case F_STRINGS:
    case F_ANY:
        writer_text(out, text);
        break;
    case F_INSTANT:
        writer_json_string(out, str_of(instant(text, buffer)));
        break;
    case F_STRING:
    case F_TEXT:
    case F_DATE:
    case F_UUID:
    case F_ID:
    case F_ENUM:
    case F_SLUG:
    case F_EMAIL:
    case F_SIRET:
    case F_SIREN:
    case F_RNA:
    case F_IBAN:
    case F_ACCOUNT:
        writer_json_string(out, str_of(text));
        break;
    case F_END:
    case F_FILE:
        ASSERT(false && "a field of replies");
    }
}

void reply_row(struct request *request, const struct field *fields, const struct db_rows *rows,
               size_t row)
{
    writer_char(request->out, '{');
    for (size_t i = 0; fields[i].type != F_END; i++) {
        if (i > 0)
            writer_char(request->out, ',');
        writer_json_string(request->out, str_of(fields[i].name));
        writer_char(request->out, ':');
        if (fields != request->route->out || request->route->cell == NULL ||
            !request->route->cell(request, &fields[i], rows, row))
            write_cell(request->out, &fields[i],
                       db_text(rows, row, db_column(rows, fields[i].name)), request->caller.digits);
    }
    writer_char(request->out, '}');
}

/* ---- CSV ---- */

static bool is_column(const struct field *field)
{
    return !(field->flags & F_NO_CSV) && field->type != F_LIST && field->type != F_OBJECT &&
           field->type != F_ANY && field->type != F_UUIDS && field->type != F_IDS &&
           field->type != F_STRINGS;
}

void csv_head(struct request *request, const struct field *fields)
{
    bool french = request->csv_locale == CSV_FRENCH, first = true;
    if (french)
        writer_text(request->out, "\xEF\xBB\xBF");
    for (size_t i = 0; fields[i].type != F_END; i++) {
        if (!is_column(&fields[i]))
            continue;
        const char *name = french && fields[i].fr != NULL ? fields[i].fr : fields[i].name;
        writer_csv_cell(request->out, request->csv_locale, first, str_of(name));
        first = false;
    }
    writer_csv_end(request->out);
}

static const char *csv_text(struct request *request, const struct field *field, const char *text,
                            char buffer[static 48])
{
    bool french = request->csv_locale == CSV_FRENCH;
    if (text == NULL)
        return "";
    if (field->type == F_MONEY) {
        if (field->flags & F_DECIMAL)
            snprintf(buffer, 48, "%s", text);
        else
            money_format((struct money){minor_of(text)}, request->caller.digits, buffer);
        char *point = french ? strchr(buffer, '.') : NULL;
        if (point != NULL)
            *point = ',';
        return buffer;
    }
    if (field->type == F_BOOL)
        return french ? (text[0] == 't' ? "oui" : "non") : (text[0] == 't' ? "true" : "false");
    if (field->type == F_INSTANT)
        return instant(text, buffer);
    if (field->type == F_DATE && french && strlen(text) == 10) {
        snprintf(buffer, 48, "%.2s/%.2s/%.4s", text + 8, text + 5, text);
        return buffer;
    }
    return text;
}

void csv_row(struct request *request, const struct field *fields, const struct db_rows *rows,
             size_t row)
{
    bool first = true;
    for (size_t i = 0; fields[i].type != F_END; i++) {
        char buffer[48];
        if (!is_column(&fields[i]))
            continue;
        const char *text = csv_text(request, &fields[i],
                                    db_text(rows, row, db_column(rows, fields[i].name)), buffer);
        writer_csv_cell(request->out, request->csv_locale, first, str_of(text));
        first = false;
    }
    writer_csv_end(request->out);
}

void reply_items(struct request *request, const struct field *fields, const struct db_rows *rows,
                 const char *extra)
{
    bool csv = request->format == REPLY_CSV;
    if (csv)
        csv_head(request, fields);
    else
        writer_text(request->out, "{\"items\":[");
    for (size_t row = 0; row < db_rows_count(rows); row++) {
        if (csv) {
            csv_row(request, fields, rows, row);
            continue;
        }
        if (row > 0)
            writer_char(request->out, ',');
        reply_row(request, fields, rows, row);
    }
    if (!csv) {
        writer_char(request->out, ']');
        writer_text(request->out, extra);
        writer_char(request->out, '}');
    }
}

void reply_type(struct request *request, const char *media_type)
{
    http_reply_header(request->exchange, "Content-Type", media_type);
}

void reply_header(struct request *request, const char *name, const char *value)
{
    http_reply_header(request->exchange, name, value);
}

/* ---- problems ---- */

enum language language_of(const struct http_exchange *exchange)
{
    struct str header = http_header(exchange, "Accept-Language");
    int best = -1;
    enum language language = LANGUAGE_FR;
    for (size_t i = 0; i < header.n;) {
        size_t end = i;
        while (end < header.n && header.p[end] != ',')
            end++;
        struct str range = text_trim((struct str){header.p + i, end - i});
        int quality = 1000;
        const char *semicolon = range.n == 0 ? NULL : memchr(range.p, ';', range.n);
        if (semicolon != NULL) {
            struct str rest = {semicolon + 1, range.n - (size_t)(semicolon + 1 - range.p)};
            int64_t tenth = 0;
            rest = text_trim(rest);
            /* q=0.8: one decimal is enough to tell two languages apart */
            if (rest.n >= 5 && text_starts(rest, STR("q=0.")) &&
                text_to_int((struct str){rest.p + 4, 1}, 0, 9, &tenth))
                quality = (int)tenth * 100;
            else if (text_starts(rest, STR("q=0")))
                quality = 0;
        }
        bool fr = range.n >= 2 && (range.p[0] | 0x20) == 'f' && (range.p[1] | 0x20) == 'r';
        bool en = range.n >= 2 && (range.p[0] | 0x20) == 'e' && (range.p[1] | 0x20) == 'n';
        if ((fr || en) && quality > best) {
            best = quality;
            language = fr ? LANGUAGE_FR : LANGUAGE_EN;
        }
        i = end + 1;
    }
    return language;
}

static void member(struct writer *out, const char *name, const char *text)
{
    writer_format(out, ",\"%s\":", name);
    writer_json_string(out, str_of(text == NULL ? "" : text));
}

void reply_problem_bare(struct http_exchange *exchange, struct arena *arena,
                        const struct problem *problem, enum language language, int digits)
{
    const struct problem_text *text = problem_text(problem->code);
    struct writer *out = &exchange->reply.body;
    writer_text(out, "{\"type\":");
    writer_json_string(out, str_of(arena_printf(arena, "urn:grenier:problem:%s", text->slug)));
    member(out, "title", text->title[language]);
    writer_format(out, ",\"status\":%d", exchange->reply.status);
    member(out, "detail",
           problem_sentence(arena, text->detail[language], problem->args, language, digits));
    writer_text(out, ",\"instance\":");
    writer_json_string(out, text_is_utf8(exchange->path) ? exchange->path : STR("/"));
    member(out, "request_id", exchange->request_id);
    if (problem->n_faults > 0) {
        writer_text(out, ",\"errors\":[");
        for (size_t i = 0; i < problem->n_faults; i++) {
            const struct fault *fault = &problem->faults[i];
            const struct problem_text *what = problem_text(fault->code);
            writer_text(out, i == 0 ? "{\"pointer\":" : ",{\"pointer\":");
            writer_json_string(out, str_of(fault->pointer));
            member(out, "code", what->slug);
            member(out, "title", what->title[language]);
            member(out, "detail",
                   problem_sentence(arena, what->detail[language], fault->args, language, digits));
            writer_char(out, '}');
        }
        writer_char(out, ']');
    }
    writer_char(out, '}');
    http_reply_header(exchange, "Content-Type", "application/problem+json");
    http_reply_header(exchange, "Content-Language", language == LANGUAGE_FR ? "fr" : "en");
}

void reply_problem(struct kernel_request *kernel, const struct problem *problem)
{
    struct request *request = &kernel->request;
    struct http_exchange *exchange = request->exchange;
    int status = problem_text(problem->code)->status;
    /* Where memory ran out a field may be missing that was sent, a name unknown that is known. */
    struct problem memory;
    if (request->arena->exhausted && status < 500 && status != 413) {
        problem_init(&memory, request->arena);
        problem_set(&memory, PROBLEM_MEMORY, NULL);
        problem = &memory;
        status = problem_text(problem->code)->status;
    }
    http_reply_begin(exchange, status);
    if (problem->retry_after_s > 0)
        http_reply_headerf(exchange, "Retry-After", "%d", problem->retry_after_s);
    else if (status == 503)
        http_reply_header(exchange, "Retry-After", "2");
    if (status == 401)
        http_reply_header(exchange, "WWW-Authenticate", "Bearer");
    /* What filled the request's arena must not keep us from saying so. */
    struct arena arena;
    arena_init(&arena, 1024 * 1024);
    reply_problem_bare(exchange, &arena, problem, request->language, request->caller.digits);
    arena_free(&arena);
}
