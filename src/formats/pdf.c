#include "formats/pdf.h"

#include "formats/pdf_page.h"
#include <cairo-pdf.h>

/* What is kept until the document is written. */
enum block_kind {
    BLOCK_HEADING,
    BLOCK_PARAGRAPH,
    BLOCK_SMALL_PRINT,
    BLOCK_TABLE,
    BLOCK_FIGURES,
    BLOCK_BAR,
    BLOCK_CHART
};

struct block {
    enum block_kind kind;
    const char *text;
    struct pdf_table table;
    const struct pdf_figure *figures;
    size_t n_figures;
    struct pdf_bar bar;
    struct pdf_chart chart;
    struct block *next;
};

struct pdf {
    struct arena *arena;
    struct pdf_about about;
    struct block *first, *last;
    bool failed;
};

struct pdf *pdf_new(struct arena *arena, const struct pdf_about *about)
{
    struct pdf *pdf = ARENA_NEW(arena, struct pdf);

    if (pdf != NULL)
        *pdf = (struct pdf){.arena = arena, .about = *about};
    return pdf;
}

/* A block at the end; a block that nobody reads when there is no room for one. */
static struct block *add_block(struct pdf *pdf, enum block_kind kind)
{
    struct block *block = ARENA_NEW(pdf->arena, struct block);

    if (block == NULL) {
        pdf->failed = true;
        return NULL;
    }
    block->kind = kind;
    if (pdf->last != NULL)
        pdf->last->next = block;
    else
        pdf->first = block;
    pdf->last = block;
    return block;
}

static void add_text(struct pdf *pdf, enum block_kind kind, const char *text)
{
    struct block *block = add_block(pdf, kind);

    if (block != NULL)
        block->text = text;
}

void pdf_heading(struct pdf *pdf, const char *text)
{
    add_text(pdf, BLOCK_HEADING, text);
}

void pdf_paragraph(struct pdf *pdf, const char *text)
{
    add_text(pdf, BLOCK_PARAGRAPH, text);
}

void pdf_small_print(struct pdf *pdf, const char *text)
{
    add_text(pdf, BLOCK_SMALL_PRINT, text);
}

void pdf_table(struct pdf *pdf, const struct pdf_table *table)
{
    struct block *block = add_block(pdf, BLOCK_TABLE);

    if (block != NULL)
        block->table = *table;
    if (table->n_columns == 0 || table->n_columns > PDF_COLUMNS_MAX || table->n_rows > PDF_ROWS_MAX)
        pdf->failed = true;
}

void pdf_figures(struct pdf *pdf, const struct pdf_figure *figures, size_t n_figures)
{
    struct block *block = add_block(pdf, BLOCK_FIGURES);

    if (block != NULL) {
        block->figures = figures;
        block->n_figures = n_figures;
    }
    if (n_figures == 0 || n_figures > PDF_FIGURES_MAX)
        pdf->failed = true;
}

void pdf_bar(struct pdf *pdf, const struct pdf_bar *bar)
{
    struct block *block = add_block(pdf, BLOCK_BAR);

    if (block != NULL)
        block->bar = *bar;
    if (bar->n_parts == 0 || bar->n_parts > PDF_PARTS_MAX)
        pdf->failed = true;
}

void pdf_chart(struct pdf *pdf, const struct pdf_chart *chart)
{
    struct block *block = add_block(pdf, BLOCK_CHART);

    if (block != NULL)
        block->chart = *chart;
    if (chart->n_groups == 0 || chart->n_groups > PDF_GROUPS_MAX || chart->n_series == 0 ||
        chart->n_series > PDF_SERIES_MAX)
        pdf->failed = true;
}

/* ---- tables ---- */

static const double CELL_PAD_X = 5.0, CELL_PAD_Y = 3.6;

struct grid {
    const struct pdf_table *table;
    double x[PDF_COLUMNS_MAX], width[PDF_COLUMNS_MAX];
};

static struct grid grid_of(const struct pdf_table *table)
{
    struct grid grid = {.table = table};
    double x = MARGIN;
    int shares = 0;

    for (size_t i = 0; i < table->n_columns; i++)
        shares += table->columns[i].share > 0 ? table->columns[i].share : 1;
    for (size_t i = 0; i < table->n_columns; i++) {
        int share = table->columns[i].share > 0 ? table->columns[i].share : 1;

        grid.x[i] = x;
        grid.width[i] = CONTENT_WIDTH * share / shares;
        x += grid.width[i];
    }
    return grid;
}

/* Sets the cells of a row; answers its height. The layouts are the caller's. */
static double set_row(struct page *page, const struct grid *grid, enum pdf_style style,
                      const char *const *texts, size_t n_shown,
                      PangoLayout *ret_cells[PDF_COLUMNS_MAX])
{
    double height = 0;

    for (size_t i = 0; i < grid->table->n_columns; i++) {
        const char *text = i < n_shown && texts[i] != NULL ? texts[i] : "";
        /* A group's title has the whole width. */
        double width = n_shown == 1 ? CONTENT_WIDTH : grid->width[i];

        ret_cells[i] =
            page_text(page, style, text, width - 2 * CELL_PAD_X, grid->table->columns[i].align);
        if (i < n_shown && page_text_height(ret_cells[i]) > height)
            height = page_text_height(ret_cells[i]);
    }
    return height + 2 * CELL_PAD_Y;
}

static void draw_row(struct page *page, const struct grid *grid,
                     PangoLayout *cells[PDF_COLUMNS_MAX], const char *tag)
{
    page_tag_begin(page, "TR");
    for (size_t i = 0; i < grid->table->n_columns; i++)
        page_draw(page, cells[i], grid->x[i] + CELL_PAD_X, page->y + CELL_PAD_Y, tag);
    page_tag_end(page, "TR");
}

static void draw_header(struct page *page, const struct grid *grid)
{
    PangoLayout *cells[PDF_COLUMNS_MAX];
    const char *titles[PDF_COLUMNS_MAX];
    double height;

    for (size_t i = 0; i < grid->table->n_columns; i++)
        titles[i] = grid->table->columns[i].title;
    height = set_row(page, grid, STYLE_COLUMN, titles, grid->table->n_columns, cells);
    cairo_set_source_rgb(page->cairo, 0.94, 0.945, 0.93);
    cairo_rectangle(page->cairo, MARGIN, page->y, CONTENT_WIDTH, height);
    cairo_fill(page->cairo);
    page_rule(page, MARGIN, CONTENT_WIDTH, page->y, 0.8, 0.1);
    draw_row(page, grid, cells, "TH");
    page->y += height;
    page_rule(page, MARGIN, CONTENT_WIDTH, page->y, 0.8, 0.1);
}

static void begin_table(struct page *page, const struct grid *grid)
{
    page_tag_begin(page, "Table");
    draw_header(page, grid);
}

static void draw_table_row(struct page *page, const struct grid *grid, const struct pdf_row *row)
{
    bool group = row->kind == PDF_ROW_GROUP,
         bold = row->kind == PDF_ROW_SUBTOTAL || row->kind == PDF_ROW_TOTAL;
    enum pdf_style style = group ? STYLE_GROUP : bold ? STYLE_CELL_BOLD : STYLE_CELL;
    PangoLayout *cells[PDF_COLUMNS_MAX];
    double height =
        set_row(page, grid, style, row->cells, group ? 1 : grid->table->n_columns, cells);
    double above = group ? 7 : 0;
    /* A group's title does not stay alone at the foot of a page, nor does a total. */
    double needed = above + height + (group ? 20 : 0) + (row->kind == PDF_ROW_TOTAL ? 4 : 0);

    if (page->y + needed > CONTENT_END && page->y > MARGIN_TOP + 40) {
        page_tag_end(page, "Table");
        page_need(page, PAGE_HEIGHT);
        begin_table(page, grid);
        above = 0;
    }
    page->y += above;
    if (bold)
        page_rule(page, MARGIN, CONTENT_WIDTH, page->y, 0.8, 0.1);
    draw_row(page, grid, cells, "TD");
    page->y += height;
    if (row->kind == PDF_ROW_TOTAL)
        page_double_rule(page, MARGIN, CONTENT_WIDTH, page->y);
    else
        page_rule(page, MARGIN, CONTENT_WIDTH, page->y, 0.4, 0.7);
}

static void draw_table(struct page *page, const struct pdf_table *table)
{
    struct grid grid = grid_of(table);

    page_need(page, 70);
    begin_table(page, &grid);
    for (size_t i = 0; i < table->n_rows; i++)
        draw_table_row(page, &grid, &table->rows[i]);
    page_tag_end(page, "Table");
    page->y += 14;
}

/* ---- other blocks ---- */

static void draw_figures(struct page *page, const struct pdf_figure *figures, size_t n)
{
    double width = CONTENT_WIDTH / (double)n, height = 0;

    page_need(page, 62);
    for (size_t i = 0; i < n; i++) {
        const char *const texts[] = {figures[i].label, figures[i].value, figures[i].note};
        static const enum pdf_style STYLES[] = {STYLE_NOTE, STYLE_FIGURE, STYLE_NOTE};
        double y = page->y;

        for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
            PangoLayout *layout;
            double text_height;

            if (texts[k] == NULL)
                continue;
            layout = page_text(page, STYLES[k], texts[k], width - 12, PDF_LEFT);
            text_height = page_text_height(layout);
            page_draw(page, layout, MARGIN + width * (double)i, y, "P");
            y += text_height + 1;
        }
        if (y - page->y > height)
            height = y - page->y;
    }
    page->y += height + 12;
}

static void draw_head(struct page *page)
{
    const struct pdf_about *about = page->about;

    page_paragraph(page, STYLE_ABOVE, about->above != NULL ? about->above : about->organisation,
                   "P");
    page_paragraph(page, STYLE_TITLE, about->title, "H1");
    if (about->lead != NULL)
        page_paragraph(page, STYLE_LEAD, about->lead, "P");
    if (about->note != NULL)
        page_paragraph(page, STYLE_NOTE, about->note, "P");
    page->y += 6;
    page_double_rule(page, MARGIN, CONTENT_WIDTH, page->y);
    page->y += 14;
}

static void draw_block(struct page *page, const struct block *block)
{
    switch (block->kind) {
    case BLOCK_HEADING:
        page_need(page, 90);
        page->y += page->y > MARGIN_TOP ? 6 : 0;
        page_paragraph(page, STYLE_HEADING, block->text, "H2");
        page->y += 3;
        return;
    case BLOCK_PARAGRAPH:
        page_paragraph(page, STYLE_BODY, block->text, "P");
        page->y += 6;
        return;
    case BLOCK_SMALL_PRINT:
        page_paragraph(page, STYLE_NOTE, block->text, "P");
        page->y += 6;
        return;
    case BLOCK_TABLE:
        draw_table(page, &block->table);
        return;
    case BLOCK_FIGURES:
        draw_figures(page, block->figures, block->n_figures);
        return;
    case BLOCK_BAR:
        page_bar(page, &block->bar);
        return;
    case BLOCK_CHART:
        page_chart(page, &block->chart);
        return;
    }
}

/* ---- writing ---- */

static cairo_status_t to_writer(void *data, const unsigned char *bytes, unsigned size)
{
    struct writer *writer = data;

    writer_bytes(writer, bytes, size);
    return writer->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static cairo_status_t to_nowhere(void *data, const unsigned char *bytes, unsigned size)
{
    (void)data;
    (void)bytes;
    (void)size;
    return CAIRO_STATUS_SUCCESS;
}

/* The lead without its marks. */
static void set_subject(cairo_surface_t *surface, const char *lead)
{
    char **pieces = g_strsplit(lead, "**", -1), *plain = g_strjoinv("", pieces);

    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, plain);
    g_free(plain);
    g_strfreev(pieces);
}

static void set_properties(cairo_surface_t *surface, const struct pdf_about *about)
{
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, about->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, about->organisation);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Grenier " GRENIER_VERSION);
    if (about->lead != NULL)
        set_subject(surface, about->lead);
    if (about->created_at != NULL) {
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, about->created_at);
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, about->created_at);
    }
}

/* Draws all pages; answers how many, 0 when it failed. `total` is what the footers say, 0 while
 * counting. */
static int draw_document(const struct pdf *pdf, PangoFontMap *fonts, struct writer *writer,
                         int total)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        writer == NULL ? to_nowhere : to_writer, writer, PAGE_WIDTH, PAGE_HEIGHT);
    struct page page = {.about = &pdf->about, .y = MARGIN_TOP, .number = 1, .total = total};

    page.cairo = cairo_create(surface);
    page.text = pango_font_map_create_context(fonts);
    pango_cairo_context_set_resolution(page.text, 72);
    pango_context_set_language(
        page.text, pango_language_from_string(pdf->about.language == LANGUAGE_FR ? "fr" : "en"));
    pango_context_set_round_glyph_positions(page.text, FALSE);
    set_properties(surface, &pdf->about);
    page_tag_begin(&page, "Document");
    draw_head(&page);
    for (const struct block *block = pdf->first; block != NULL; block = block->next)
        draw_block(&page, block);
    page_tag_end(&page, "Document");
    page_end(&page);
    cairo_surface_finish(surface);
    if (cairo_status(page.cairo) != CAIRO_STATUS_SUCCESS ||
        cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
        page.number = 0;
    g_object_unref(page.text);
    cairo_destroy(page.cairo);
    cairo_surface_destroy(surface);
    return page.number;
}

bool pdf_write(const struct pdf *pdf, struct writer *writer)
{
    PangoFontMap *fonts;
    int pages;

    if (pdf == NULL || pdf->failed)
        return false;
    fonts = pango_cairo_font_map_new();
    if (fonts == NULL)
        return false;
    /* Twice: the first time to count the pages that the footers speak of. */
    pages = draw_document(pdf, fonts, NULL, 0);
    if (pages > 0 && draw_document(pdf, fonts, writer, pages) != pages)
        pages = 0;
    g_object_unref(fonts);
    return pages > 0 && !writer->failed;
}
