#include "formats/csv_read.h"

#include "base/text.h"
#include "formats/charset.h"
#include <strings.h>

struct reader {
    struct arena *arena;
    struct problem *problem;
    struct str text;
    size_t at;
    int line;
    char delimiter;
    struct str cells[CSV_COLUMNS_MAX];
    size_t n_cells;
    char *cell; /* the one being read, CSV_CELL_MAX bytes */
    size_t cell_size;
};

static enum rc memory(struct reader *reader)
{
    return problem_set(reader->problem, PROBLEM_CSV_MEMORY, NULL);
}

static enum rc problem_at(struct reader *reader, enum problem_code code, int line, int limit)
{
    char at[16], most[16];

    snprintf(at, sizeof(at), "%d", line);
    snprintf(most, sizeof(most), "%d", limit);
    return problem_set(reader->problem, code, at, most, NULL);
}

static bool at_line_end(const struct reader *reader)
{
    return reader->text.p[reader->at] == '\n' || reader->text.p[reader->at] == '\r';
}

/* Moves over one line end: CR LF, LF or CR. */
static void pass_line_end(struct reader *reader)
{
    if (reader->text.p[reader->at] == '\r' && reader->at + 1 < reader->text.n &&
        reader->text.p[reader->at + 1] == '\n')
        reader->at++;
    reader->at++;
    reader->line++;
}

static enum rc put(struct reader *reader, char c, int line)
{
    if (reader->cell_size == CSV_CELL_MAX)
        return problem_at(reader, PROBLEM_CSV_CELL, line, CSV_CELL_MAX);
    reader->cell[reader->cell_size++] = c;
    return RC_OK;
}

/* A cell that began with a quote, up to the next single one; doubled quotes are one, line ends are
 * line feeds. */
static enum rc read_quoted(struct reader *reader)
{
    const char *p = reader->text.p;
    size_t n = reader->text.n;
    int line = reader->line;

    for (reader->at++;;) {
        if (reader->at >= n)
            return problem_at(reader, PROBLEM_CSV_QUOTE, line, 0);
        if (at_line_end(reader)) {
            TRY(put(reader, '\n', line));
            pass_line_end(reader);
            continue;
        }
        if (p[reader->at] == '"' && !(reader->at + 1 < n && p[reader->at + 1] == '"'))
            break;
        reader->at += p[reader->at] == '"';
        TRY(put(reader, p[reader->at++], line));
    }
    reader->at++;
    if (reader->at < n && !at_line_end(reader) && p[reader->at] != reader->delimiter)
        return problem_at(reader, PROBLEM_CSV_QUOTE, line, 0);
    return RC_OK;
}

/* Adds a cell; *ret_blank stays what it is unless the cell holds something. */
static enum rc read_cell(struct reader *reader, bool *ret_blank)
{
    int line = reader->line;
    char *copy;

    reader->cell_size = 0;
    if (reader->at < reader->text.n && reader->text.p[reader->at] == '"') {
        TRY(read_quoted(reader));
    } else {
        while (reader->at < reader->text.n && !at_line_end(reader) &&
               reader->text.p[reader->at] != reader->delimiter)
            TRY(put(reader, reader->text.p[reader->at++], line));
    }
    if (reader->n_cells == CSV_COLUMNS_MAX)
        return problem_at(reader, PROBLEM_CSV_COLUMNS, line, CSV_COLUMNS_MAX);
    copy = arena_copy(reader->arena, (struct str){reader->cell, reader->cell_size});
    if (copy == NULL)
        return memory(reader);
    reader->cells[reader->n_cells++] = (struct str){copy, reader->cell_size};
    if (text_trim((struct str){copy, reader->cell_size}).n > 0)
        *ret_blank = false;
    return RC_OK;
}

/* One row into reader->cells; *ret_blank when none of its cells holds anything. */
static enum rc read_row(struct reader *reader, bool *ret_blank)
{
    reader->n_cells = 0;
    *ret_blank = true;
    for (;;) {
        TRY(read_cell(reader, ret_blank));
        if (reader->at >= reader->text.n)
            return RC_OK;
        if (reader->text.p[reader->at] != reader->delimiter) {
            pass_line_end(reader);
            return RC_OK;
        }
        reader->at++;
    }
}

/* How many cells the first row has with this delimiter; 0 when it cannot be read so. Without memory
 * that is not known. */
static enum rc count_columns(struct reader *reader, size_t first_row, char delimiter, size_t *ret_n)
{
    struct reader trial = *reader;
    struct arena_mark mark = arena_mark(reader->arena);
    struct problem problem;
    bool blank = true;
    enum rc rc;

    problem_init(&problem, reader->arena);
    trial.at = first_row;
    trial.problem = &problem;
    trial.delimiter = delimiter;
    rc = read_row(&trial, &blank);
    arena_reset(reader->arena, mark);
    if (problem.code == PROBLEM_CSV_MEMORY)
        return memory(reader);
    *ret_n = rc == RC_OK || problem.code == PROBLEM_CSV_COLUMNS ? trial.n_cells : 0;
    return RC_OK;
}

/* Where the first line begins that holds anything but delimiters and spaces; the end when there is
 * none. */
static size_t first_row(const struct reader *reader)
{
    size_t begin = reader->at;

    for (size_t i = reader->at; i < reader->text.n; i++) {
        if (reader->text.p[i] == '\n' || reader->text.p[i] == '\r')
            begin = i + 1;
        else if (strchr(" \t;,\"", reader->text.p[i]) == NULL)
            return begin;
    }
    return reader->text.n;
}

/* "sep=;" on the first line is Excel's own way to say it. */
static bool read_separator_line(struct reader *reader)
{
    const char *p = reader->text.p;

    if (reader->text.n < 5 || strncasecmp(p, "sep=", 4) != 0 ||
        (p[4] != ';' && p[4] != ',' && p[4] != '\t') ||
        (reader->text.n > 5 && p[5] != '\r' && p[5] != '\n'))
        return false;
    reader->delimiter = p[4];
    reader->at = 5;
    if (reader->at < reader->text.n)
        pass_line_end(reader);
    return true;
}

static enum rc guess_delimiter(struct reader *reader)
{
    static const char CANDIDATES[] = {';', '\t', ','};
    bool said = read_separator_line(reader);
    size_t best = 0, row = first_row(reader);

    if (row == reader->text.n)
        return problem_set(reader->problem, PROBLEM_CSV_EMPTY, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(CANDIDATES) && !said; i++) {
        size_t n = 0;

        TRY(count_columns(reader, row, CANDIDATES[i], &n));
        if (n > best) {
            best = n;
            reader->delimiter = CANDIDATES[i];
        }
    }
    return RC_OK;
}

static enum rc decode(struct reader *reader, struct str bytes, const char **ret_encoding)
{
    const char *text;

    if (bytes.n >= 3 && memcmp(bytes.p, "\xEF\xBB\xBF", 3) == 0)
        bytes = (struct str){bytes.p + 3, bytes.n - 3};
    if (charset_is_utf16(bytes)) {
        *ret_encoding = "UTF-16";
        return charset_from_utf16(reader->arena, bytes, &reader->text) ? RC_OK : memory(reader);
    }
    reader->text = bytes;
    *ret_encoding = charset_is_ascii(bytes) ? "ASCII" : "UTF-8";
    if (bytes.n > 0 && memchr(bytes.p, 0, bytes.n) != NULL)
        return problem_at(reader, PROBLEM_CSV_BINARY, charset_bad_line(bytes), 0);
    if (text_is_utf8(bytes))
        return RC_OK;
    *ret_encoding = "Windows-1252";
    text = text_from_windows_1252(reader->arena, bytes);
    if (text == NULL)
        return memory(reader);
    reader->text = str_of(text);
    return RC_OK;
}

static bool is_spreadsheet(struct str bytes)
{
    return bytes.n >= 4 &&
           (memcmp(bytes.p, "PK\003\004", 4) == 0 || memcmp(bytes.p, "\xD0\xCF\x11\xE0", 4) == 0);
}

/* Room for one more row; twice as much when it is full. What was is left to the arena: half of it
 * at most. */
static bool grow(struct reader *reader, struct csv_file *file, size_t *capacity)
{
    struct csv_row *rows;

    if (file->n_rows < *capacity)
        return true;
    *capacity = *capacity == 0 ? 64 : *capacity * 2;
    rows = ARENA_ARRAY(reader->arena, struct csv_row, *capacity);
    if (rows == NULL)
        return false;
    if (file->n_rows > 0)
        memcpy(rows, file->rows, file->n_rows * sizeof(*rows));
    file->rows = rows;
    return true;
}

static enum rc read_rows(struct reader *reader, struct csv_file *file)
{
    size_t capacity = 0;

    while (reader->at < reader->text.n) {
        int line = reader->line;
        struct str *cells;
        bool blank;

        TRY(read_row(reader, &blank));
        if (blank)
            continue;
        if (file->n_rows == CSV_ROWS_MAX)
            return problem_at(reader, PROBLEM_CSV_ROWS, line, CSV_ROWS_MAX);
        cells = ARENA_ARRAY(reader->arena, struct str, reader->n_cells);
        if (cells == NULL || !grow(reader, file, &capacity))
            return memory(reader);
        memcpy(cells, reader->cells, reader->n_cells * sizeof(*cells));
        file->rows[file->n_rows++] = (struct csv_row){line, cells, reader->n_cells};
    }
    return file->n_rows == 0 ? problem_set(reader->problem, PROBLEM_CSV_EMPTY, NULL)
                             : RC_OK; /* `"";""` */
}

enum rc csv_read(struct arena *arena, struct str bytes, struct csv_file *ret_file,
                 struct problem *problem)
{
    struct reader reader = {.arena = arena, .problem = problem, .line = 1, .delimiter = ';'};
    struct csv_file file = {.delimiter = ';', .encoding = "ASCII"};

    if (bytes.n > CSV_BYTES_MAX)
        return problem_at(&reader, PROBLEM_CSV_SIZE, 1, CSV_BYTES_MAX / (1024 * 1024));
    if (is_spreadsheet(bytes))
        return problem_set(problem, PROBLEM_CSV_SPREADSHEET, NULL);
    reader.cell = arena_alloc(arena, CSV_CELL_MAX);
    if (reader.cell == NULL)
        return memory(&reader);
    TRY(decode(&reader, bytes, &file.encoding));
    TRY(guess_delimiter(&reader));
    file.delimiter = reader.delimiter;
    TRY(read_rows(&reader, &file));
    *ret_file = file;
    return RC_OK;
}

struct str csv_cell(const struct csv_row *row, size_t column)
{
    return column < row->n_cells ? text_trim(row->cells[column]) : (struct str){"", 0};
}
