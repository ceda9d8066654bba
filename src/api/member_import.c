/* POST member-imports: a file of members, line by line what it would do, then all of it or nothing.
 *
 * The cells of a line go through the same table as the form (member_change); who each line is
 * about, and what would change, is for the database to say (api.member_import_plan). A dry run
 * stops there. */
#include "api/member_fields.h"
#include "api/request.h"
#include "base/json.h"
#include "domain/member_file.h"
#include "formats/csv_read.h"

enum {
    IMPORT_BYTES_MAX = 2 * 1024 * 1024,
    IMPORT_LINES_MAX = 2000,
    IMPORT_SQL_MAX = 16 * 1024 * 1024
};

#define ORGANISATION "/organisations/{organisation}"

static const struct db_statement import_plan = {"member_import_plan",
                                                "SELECT api.member_import_plan($1::jsonb)"};
static const struct db_statement import_write = {
    "member_import",
    "SELECT items FROM api.member_import('{}', jsonb_build_object('lines', $1::jsonb))"};
const struct db_statement *const member_import_statements[] = {&import_plan, &import_write, NULL};

/* A line of the file as it was read. */
struct line {
    int number;
    struct record *record;
    const struct fault *faults; /* of its cells; pointers are "/field" */
    size_t n_faults;
};

struct import {
    struct request *request;
    bool dry_run;
    struct csv_file file;
    const char *fields[CSV_COLUMNS_MAX]; /* by column; NULL: not used */
    size_t n_columns;
    struct line *lines;
    size_t n_lines;
    const struct json *items; /* what the database says, one for each line */
    size_t created, updated, unchanged, refused;
};

static const char *number(struct request *request, size_t n)
{
    return arena_printf(request->arena, "%zu", n);
}

/* ---- reading ---- */

/* A workbook is a ZIP archive or an OLE2 file: said before its bytes are called unreadable. */
static enum rc refuse_workbook(struct request *request, struct str bytes)
{
    const char *kind = bytes.n >= 4 && memcmp(bytes.p, "PK\3\4", 4) == 0             ? "XLSX / ODS"
                       : bytes.n >= 4 && memcmp(bytes.p, "\xD0\xCF\x11\xE0", 4) == 0 ? "XLS"
                                                                                     : NULL;
    if (kind != NULL)
        return problem_set(&request->problem, PROBLEM_MEMBER_IMPORT_SPREADSHEET, kind, NULL);
    return RC_OK;
}

static enum rc read_headings(struct import *import)
{
    struct request *request = import->request;
    const struct csv_row *head = &import->file.rows[0];
    const char *found = "";
    bool named = false;
    import->n_columns = head->n_cells;
    for (size_t i = 0; i < head->n_cells; i++) {
        struct str heading = csv_cell(head, i);
        const char *field = import->fields[i] = member_file_field(request->arena, heading);
        found = arena_printf(request->arena, "%s%s%.*s", found, i == 0 ? "" : ", ", (int)heading.n,
                             heading.p);
        for (size_t j = 0; field != NULL && j < i; j++)
            if (import->fields[j] != NULL && strcmp(import->fields[j], field) == 0)
                return problem_set(&request->problem, PROBLEM_MEMBER_IMPORT_COLUMN_TWICE,
                                   csv_cell(head, j).p, heading.p, field, NULL);
        named = named || (field != NULL && strcmp(field, "name") == 0);
    }
    if (!named)
        return problem_set(&request->problem, PROBLEM_MEMBER_IMPORT_HEADING, found,
                           member_file_headings(), NULL);
    return RC_OK;
}

/* An address is French unless its line says another country. */
static bool is_french(const struct import *import, const struct csv_row *row)
{
    for (size_t i = 0; i < import->n_columns; i++)
        if (import->fields[i] != NULL && strcmp(import->fields[i], "country") == 0) {
            struct str country = csv_cell(row, i);
            return country.n == 0 ||
                   str_is(member_file_value(import->request->arena, "country", country, true),
                          "FR");
        }
    return true;
}

static bool is_number_field(const char *field)
{
    return strcmp(field, "siret") == 0 || strcmp(field, "siren") == 0;
}

static enum rc read_line(struct import *import, const struct csv_row *row, struct line *line)
{
    struct arena *arena = import->request->arena;
    struct problem problem;
    struct field_pair pairs[CSV_COLUMNS_MAX];
    size_t n = 0;
    bool french = is_french(import, row);
    problem_init(&problem, arena);
    for (size_t i = 0; i < row->n_cells; i++) {
        const char *field = i < import->n_columns ? import->fields[i] : NULL;
        struct str cell = csv_cell(row, i);
        if (i >= import->n_columns && cell.n > 0) {
            problem_fault(&problem, "", PROBLEM_MEMBER_IMPORT_CELLS,
                          number(import->request, row->n_cells),
                          number(import->request, import->n_columns), NULL);
            break;
        }
        if (field == NULL)
            continue;
        if (is_number_field(field) && member_file_rounded(cell)) {
            problem_fault(&problem, arena_printf(arena, "/%s", field),
                          PROBLEM_MEMBER_IMPORT_ROUNDED, cell.p, NULL);
            continue;
        }
        pairs[n++] = (struct field_pair){field, member_file_value(arena, field, cell, french)};
    }
    const struct field_context context = {arena, &problem, import->request->caller.digits};
    line->number = row->line;
    line->record = field_parse_pairs(&context, member_change, pairs, n, "/");
    struct fault *faults = ARENA_ARRAY(arena, struct fault, problem.n_faults);
    if (line->record == NULL || arena->exhausted)
        return problem_set(&import->request->problem, PROBLEM_MEMORY, NULL);
    if (problem.n_faults > 0)
        memcpy(faults, problem.faults, problem.n_faults * sizeof *faults);
    line->faults = faults;
    line->n_faults = problem.n_faults;
    return RC_OK;
}

static enum rc read_file(struct import *import)
{
    struct request *request = import->request;
    const struct http_part *part = http_part(request->exchange, "file");
    ASSERT(part != NULL); /* the table requires it */
    TRY(refuse_workbook(request, part->bytes));
    TRY(csv_read(request->arena, part->bytes, &import->file, &request->problem));
    TRY(read_headings(import));
    import->n_lines = import->file.n_rows - 1;
    if (import->n_lines == 0)
        return problem_set(&request->problem, PROBLEM_MEMBER_IMPORT_EMPTY, NULL);
    if (import->n_lines > IMPORT_LINES_MAX)
        return problem_set(&request->problem, PROBLEM_MEMBER_IMPORT_LINES,
                           number(request, IMPORT_LINES_MAX), NULL);
    import->lines = ARENA_ARRAY(request->arena, struct line, import->n_lines);
    if (import->lines == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    for (size_t i = 0; i < import->n_lines; i++)
        TRY(read_line(import, &import->file.rows[i + 1], &import->lines[i]));
    return RC_OK;
}

/* ---- asking the database ---- */

/* [{"line": 2, "refused": true, "member": {…}}, …] */
static const char *lines_json(const struct import *import)
{
    struct writer writer;
    writer_init(&writer, IMPORT_SQL_MAX);
    for (size_t i = 0; i < import->n_lines; i++) {
        const struct line *line = &import->lines[i];
        writer_format(&writer, "%c{\"line\":%d,\"refused\":%s,\"member\":", i == 0 ? '[' : ',',
                      line->number, line->n_faults > 0 ? "true" : "false");
        record_write(&writer, line->record);
        writer_char(&writer, '}');
    }
    writer_char(&writer, ']');
    const char *text =
        writer.failed ? NULL
                      : arena_copy(import->request->arena, (struct str){writer.data, writer.size});
    writer_release(&writer);
    return text;
}

static bool action_is(const struct json *item, const char *action)
{
    const char *text = json_get_text(item, "action");
    return text != NULL && strcmp(text, action) == 0;
}

static enum rc ask(struct import *import, const struct db_statement *statement, const char *lines)
{
    struct request *request = import->request;
    const char *const values[] = {lines};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, statement, 1, values, &rows));
    TRY(json_parse(request->arena, str_of(db_text(rows, 0, 0)), &import->items, &request->problem));
    ASSERT(import->items->count == import->n_lines);
    import->created = import->updated = import->unchanged = import->refused = 0;
    for (const struct json *item = import->items->first; item != NULL; item = item->next) {
        import->created += action_is(item, "create");
        import->updated += action_is(item, "update");
        import->unchanged += action_is(item, "unchanged");
        import->refused += action_is(item, "refused");
    }
    return RC_OK;
}

/* ---- answering ---- */

static void member(struct writer *out, const char *name, const char *text)
{
    writer_format(out, ",\"%s\":", name);
    if (text == NULL)
        writer_text(out, "null");
    else
        writer_json_string(out, str_of(text));
}

static void write_error(struct import *import, bool first, const char *pointer,
                        enum problem_code code, const char *const args[PROBLEM_ARGS_MAX])
{
    struct request *request = import->request;
    const struct problem_text *text = problem_text(code);
    writer_text(request->out, first ? "{\"field\":" : ",{\"field\":");
    if (pointer[0] == '/')
        writer_json_string(request->out, str_of(pointer + 1));
    else
        writer_text(request->out, "null");
    member(request->out, "code", text->slug);
    member(request->out, "title", text->title[request->language]);
    member(request->out, "detail",
           problem_sentence(request->arena, text->detail[request->language], args,
                            request->language, request->caller.digits));
    writer_char(request->out, '}');
}

static void write_errors(struct import *import, const struct line *line, const struct json *faults)
{
    bool first = true;
    for (size_t i = 0; i < line->n_faults; i++, first = false)
        write_error(import, first, line->faults[i].pointer, line->faults[i].code,
                    line->faults[i].args);
    for (const struct json *fault = faults == NULL ? NULL : faults->first; fault != NULL;
         fault = fault->next) {
        const char *args[PROBLEM_ARGS_MAX] = {NULL};
        const struct json *list = json_get(fault, "args");
        size_t n = 0;
        for (const struct json *arg = list == NULL ? NULL : list->first;
             arg != NULL && n < PROBLEM_ARGS_MAX; arg = arg->next)
            args[n++] = arg->text.p;
        enum problem_code code = problem_by_slug(str_of(json_get_text(fault, "code")));
        ASSERT(code != PROBLEM_NONE);
        write_error(import, first, json_get_text(fault, "pointer"), code, args);
        first = false;
    }
}

static void write_changes(struct writer *out, const struct json *changes)
{
    bool first = true;
    for (const struct json *change = changes == NULL ? NULL : changes->first; change != NULL;
         change = change->next) {
        writer_text(out, first ? "{\"field\":" : ",{\"field\":");
        writer_json_string(out, str_of(json_get_text(change, "field")));
        member(out, "before", json_get_text(change, "before"));
        member(out, "after", json_get_text(change, "after"));
        writer_char(out, '}');
        first = false;
    }
}

static void write_item(struct import *import, const struct json *item, const struct line *line)
{
    struct writer *out = import->request->out;
    const struct json *given = json_get(item, "number");
    writer_format(out, "{\"line\":%d", line->number);
    member(out, "action", json_get_text(item, "action"));
    member(out, "name", json_get_text(item, "name"));
    member(out, "member_id", json_get_text(item, "member_id"));
    if (given != NULL && given->type == JSON_INTEGER_)
        writer_format(out, ",\"number\":%lld", (long long)given->integer);
    else
        writer_text(out, ",\"number\":null");
    member(out, "identified_by", json_get_text(item, "identified_by"));
    writer_text(out, ",\"errors\":[");
    write_errors(import, line, json_get(item, "faults"));
    writer_text(out, "],\"changes\":[");
    write_changes(out, json_get(item, "changes"));
    writer_text(out, "]}");
}

static void write_reply(struct import *import, bool written)
{
    struct writer *out = import->request->out;
    const char delimiter[2] = {import->file.delimiter, 0};
    writer_format(out, "\"dry_run\":%s,\"written\":%s", import->dry_run ? "true" : "false",
                  written ? "true" : "false");
    member(out, "encoding", import->file.encoding);
    member(out, "delimiter", delimiter);
    writer_text(out, ",\"columns\":[");
    for (size_t i = 0; i < import->n_columns; i++) {
        writer_text(out, i == 0 ? "{\"heading\":" : ",{\"heading\":");
        writer_json_string(out, csv_cell(&import->file.rows[0], i));
        member(out, "field", import->fields[i]);
        writer_char(out, '}');
    }
    writer_format(out,
                  "],\"lines\":%zu,\"created\":%zu,\"updated\":%zu,\"unchanged\":%zu,\"refused\":%"
                  "zu,\"items\":[",
                  import->n_lines, import->created, import->updated, import->unchanged,
                  import->refused);
    size_t i = 0;
    for (const struct json *item = import->items->first; item != NULL; item = item->next, i++) {
        if (i > 0)
            writer_char(out, ',');
        write_item(import, item, &import->lines[i]);
    }
    writer_text(out, "]}");
}

/* A problem (RFC 9457) that carries what the preview says as well, so that a page shows the same
 * lines. Nothing was written in this transaction: it may commit. */
static enum rc reply_refused(struct import *import)
{
    struct request *request = import->request;
    const struct problem_text *text = problem_text(PROBLEM_MEMBER_IMPORT_REFUSED);
    const char *const args[PROBLEM_ARGS_MAX] = {number(request, import->refused),
                                                number(request, import->n_lines)};
    request->status = text->status;
    reply_type(request, "application/problem+json");
    reply_header(request, "Content-Language", request->language == LANGUAGE_FR ? "fr" : "en");
    writer_text(request->out, "{\"type\":");
    writer_json_string(request->out,
                       str_of(arena_printf(request->arena, "urn:grenier:problem:%s", text->slug)));
    member(request->out, "title", text->title[request->language]);
    writer_format(request->out, ",\"status\":%d", text->status);
    member(request->out, "detail",
           problem_sentence(request->arena, text->detail[request->language], args,
                            request->language, request->caller.digits));
    writer_text(request->out, ",\"instance\":");
    writer_json_string(request->out, request->exchange->path);
    member(request->out, "request_id", request->exchange->request_id);
    writer_char(request->out, ',');
    write_reply(import, false);
    return RC_OK;
}

static enum rc import_members(struct request *request)
{
    struct import import = {.request = request,
                            .dry_run = record_bool(request->query, "dry_run", false)};
    TRY(read_file(&import));
    const char *lines = lines_json(&import);
    if (lines == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    TRY(ask(&import, &import_plan, lines));
    if (import.refused > 0 && !import.dry_run)
        return reply_refused(&import);
    if (!import.dry_run)
        TRY(ask(&import, &import_write, lines));
    writer_char(request->out, '{');
    write_reply(&import, !import.dry_run);
    return RC_OK;
}

/* ---- tables ---- */

static const char *const actions[] = {"create", "update", "unchanged", "refused", NULL};
static const char *const identifiers[] = {"siret", "rna", "iban", "email", "name", NULL};

static const struct field error_part[] = {
    {"field", F_STRING, F_NULLABLE, .en = "Field of the member; null: the line"},
    {"code", F_STRING, F_REQUIRED, .en = "Problem, as in docs/errors.md"},
    {"title", F_STRING, F_REQUIRED, .en = "In short"},
    {"detail", F_STRING, F_REQUIRED, .en = "What is wrong and what to do"},
    {.type = F_END}};

static const struct field change_part[] = {
    {"field", F_STRING, F_REQUIRED, .en = "Field of the member"},
    {"before", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "As it is; null for a new member"},
    {"after", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "As it would be"},
    {.type = F_END}};

static const struct field column_part[] = {
    {"heading", F_STRING, F_REQUIRED, .en = "As in the file"},
    {"field", F_STRING, F_NULLABLE, .en = "What it is read as; null: not used"},
    {.type = F_END}};

static const struct field item_part[] = {
    {"line", F_INT, F_REQUIRED, .en = "Line of the file, the headings are line 1"},
    {"action", F_ENUM, F_REQUIRED, .values = actions, .en = "What the line does, or would do"},
    {"name", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Name of the member"},
    {"member_id", F_UUID, F_NULLABLE, .en = "The member; null for one not made"},
    {"number", F_INT, F_NULLABLE, .en = "Its number"},
    {"identified_by", F_ENUM, F_NULLABLE, .values = identifiers,
     .en = "What told that the line is about this member"},
    {"errors", F_LIST, F_REQUIRED, .of = error_part, .en = "Why it is refused"},
    {"changes", F_LIST, F_REQUIRED, .of = change_part,
     .en = "What it changes; an empty cell changes nothing"},
    {.type = F_END}};

static const struct field import_out[] = {
    {"dry_run", F_BOOL, F_REQUIRED, .en = "Only a preview was asked for"},
    {"written", F_BOOL, F_REQUIRED, .en = "Whether the members were changed"},
    {"encoding", F_STRING, F_REQUIRED,
     .en = "Character set the file was read in: UTF-8, Windows-1252…"},
    {"delimiter", F_STRING, F_REQUIRED, .en = "What separates its cells"},
    {"columns", F_LIST, F_REQUIRED, .of = column_part, .en = "What the columns are read as"},
    {"lines", F_INT, F_REQUIRED, .en = "Lines below the headings"},
    {"created", F_INT, F_REQUIRED, .en = "Of which create"},
    {"updated", F_INT, F_REQUIRED, .en = "Of which update"},
    {"unchanged", F_INT, F_REQUIRED, .en = "Of which unchanged"},
    {"refused", F_INT, F_REQUIRED, .en = "Of which refused; if there is one, nothing is written"},
    {"items", F_LIST, F_REQUIRED, .of = item_part, .en = "Line by line"},
    {.type = F_END}};

static const struct field import_in[] = {
    {"file", F_FILE, F_REQUIRED,
     .en = "CSV with headings in French or English; UTF-8 or Windows-1252; at most 2,000 lines"},
    {.type = F_END}};

static const struct field import_query[] = {
    {"dry_run", F_BOOL, 0, .en = "true: say what would happen, write nothing"}, {.type = F_END}};

const struct route member_import_routes[] = {
    {HTTP_POST, ORGANISATION "/member-imports", ROLE_TREASURER, TX_WRITE, R_MULTIPART,
     .in = import_in, .query = import_query, .out = import_out, .handler = import_members,
     .id = "member_import",
     .en =
         "Import members from a CSV file, all lines or none; ?dry_run=true shows what would happen",
     .body_limit = IMPORT_BYTES_MAX},
    {.path = NULL}};
