/* Documents to print and to send: A4, a title, paragraphs, tables, figures, bars, a footer with
 * page x of y. Written with cairo and pango, readable in black and white, tagged for screen
 * readers, with the document's properties set.
 *
 * A document is first described, block by block, then written at once: the number of pages is known
 * then. Texts and arrays are borrowed until pdf_write; "**" around a part of a text makes it bold.
 * Amounts come as texts already in the reader's figures, except in charts, which take minor units.
 */
#ifndef FORMATS_PDF_H
#define FORMATS_PDF_H

#include "base/arena.h"
#include "base/problem.h"
#include "base/writer.h"

enum {
    PDF_COLUMNS_MAX = 12,
    PDF_ROWS_MAX = 5000, /* of a table; longer lists are for CSV */
    PDF_FIGURES_MAX = 4,
    PDF_PARTS_MAX = 6,
    PDF_SERIES_MAX = 3,
    PDF_GROUPS_MAX = 36
};

struct pdf;

/* What stands at the top of the first page, in the footers and in the document's properties. */
struct pdf_about {
    enum language language;
    const char *organisation; /* footer, author */
    const char *above;        /* small line above the title; NULL: the organisation */
    const char *title;
    const char *lead;       /* the sentence that says it all, in large type; NULL: none */
    const char *note;       /* small print under it; NULL: none */
    const char *created_at; /* "2026-11-23T09:40:00Z"; the document's date: the same input gives the
                               same bytes */
};

/* NULL when the arena is full. */
struct pdf *pdf_new(struct arena *arena, const struct pdf_about *about);

/* Each adds a block. When the arena is full or a limit is passed the document fails as a whole: see
 * pdf_write. */
void pdf_heading(struct pdf *pdf, const char *text);
void pdf_paragraph(struct pdf *pdf, const char *text);
void pdf_small_print(struct pdf *pdf, const char *text);

enum pdf_align { PDF_LEFT, PDF_RIGHT };
enum pdf_row_kind {
    PDF_ROW,
    PDF_ROW_GROUP,    /* a title over the rows that follow; only the first cell is shown */
    PDF_ROW_SUBTOTAL, /* bold, a rule above */
    PDF_ROW_TOTAL     /* bold, a rule above, a double rule below */
};

struct pdf_column {
    const char *title;
    int share; /* of the width, relative to the others */
    enum pdf_align align;
};

struct pdf_row {
    enum pdf_row_kind kind;
    const char *const *cells; /* as many as columns; NULL cells are empty */
};

struct pdf_table {
    const struct pdf_column *columns;
    size_t n_columns;
    const struct pdf_row *rows;
    size_t n_rows;
};

/* The header is repeated on each page. */
void pdf_table(struct pdf *pdf, const struct pdf_table *table);

/* Two to four figures side by side. */
struct pdf_figure {
    const char *label, *value, *note; /* note may be NULL */
};
void pdf_figures(struct pdf *pdf, const struct pdf_figure *figures, size_t n_figures);

/* A bar in parts with its legend underneath as a small account: a first line, the parts, the
 * result. */
enum pdf_fill { PDF_FILL_DARK, PDF_FILL_HATCHED, PDF_FILL_DOTTED, PDF_FILL_LIGHT, PDF_FILL_WHITE };
struct pdf_part {
    const char *label, *value;
    int64_t amount; /* length of its part of the bar; nothing is drawn for 0 and less */
    enum pdf_fill fill;
    bool result; /* the last line of the account, with the double rule */
};
struct pdf_bar {
    const char *label, *value; /* first line of the account; label may be NULL */
    const struct pdf_part *parts;
    size_t n_parts;
};
void pdf_bar(struct pdf *pdf, const struct pdf_bar *bar);

/* Columns side by side and lines over time, with an axis in round figures. */
enum pdf_mark { PDF_MARK_COLUMN_DARK, PDF_MARK_COLUMN_HATCHED, PDF_MARK_LINE };
struct pdf_series {
    const char *label;
    enum pdf_mark mark;
    const int64_t *values; /* minor units, one per group */
};
struct pdf_chart {
    const char *const *labels; /* under each group, short ("janv.") */
    size_t n_groups;
    const struct pdf_series *series;
    size_t n_series;
    int digits;       /* of the currency */
    const char *unit; /* "€" */
};
void pdf_chart(struct pdf *pdf, const struct pdf_chart *chart);

/* Writes the whole document. False when something failed (memory, a limit, the writer's limit,
 * fonts): the writer then holds nothing to be used. Safe from several threads with a document each.
 */
bool pdf_write(const struct pdf *pdf, struct writer *writer) MUST_CHECK;

#endif
