/* CSV as people send it: RFC 4180 and what spreadsheets make of it. Pure. */
#ifndef FORMATS_CSV_READ_H
#define FORMATS_CSV_READ_H

#include "base/arena.h"
#include "base/base.h"
#include "base/problem.h"

/* Limits; past one of them the file is refused with a problem that names it. */
enum {
    CSV_BYTES_MAX = 10 * 1024 * 1024,
    CSV_ROWS_MAX = 50000, /* the header included */
    CSV_COLUMNS_MAX = 200,
    CSV_CELL_MAX = 32 * 1024 /* bytes of one cell */
};

struct csv_row {
    int line;                /* of the file, where the row begins; from 1 */
    const struct str *cells; /* unquoted, not trimmed, terminated, well-formed UTF-8 */
    size_t n_cells;
};

struct csv_file {
    char delimiter;       /* ';', ',' or tab: whichever splits the first row most */
    const char *encoding; /* "ASCII", "UTF-8", "UTF-16" or "Windows-1252" (anything that is not
                             UTF-8: say so) */
    struct csv_row *rows; /* rows without any text are left out; the first is the header */
    size_t n_rows;
};

/* Reads a whole file. Quoted cells may hold delimiters, doubled quotes and line ends; CR LF, LF and
 * CR end rows; a byte order mark and Excel's line "sep=;" are obeyed. Rows may have different
 * numbers of cells: what is missing is the caller's to judge. On RC_PROBLEM nothing is to be used.
 * Everything lives in the arena. */
enum rc csv_read(struct arena *arena, struct str bytes, struct csv_file *ret_file,
                 struct problem *problem) MUST_CHECK;

/* The cell at `column`, trimmed; empty when the row is shorter. */
struct str csv_cell(const struct csv_row *row, size_t column);

#endif
