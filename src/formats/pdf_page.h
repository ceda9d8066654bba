/* The page under the pen: text, rules and where we are on it. Private to pdf*.c. Lengths are
 * points, from the top. */
#ifndef FORMATS_PDF_PAGE_H
#define FORMATS_PDF_PAGE_H

#include "formats/pdf.h"
#include <pango/pangocairo.h>

#define PAGE_WIDTH    595.276
#define PAGE_HEIGHT   841.890
#define MARGIN        45.0
#define MARGIN_TOP    46.0
#define CONTENT_WIDTH (PAGE_WIDTH - 2 * MARGIN)
#define CONTENT_END   (PAGE_HEIGHT - 58.0)

enum pdf_style {
    STYLE_ABOVE,
    STYLE_TITLE,
    STYLE_LEAD,
    STYLE_NOTE,
    STYLE_HEADING,
    STYLE_BODY,
    STYLE_COLUMN,
    STYLE_CELL,
    STYLE_CELL_BOLD,
    STYLE_GROUP,
    STYLE_FIGURE,
    STYLE_AXIS,
    STYLE_FOOTER
};

struct page {
    cairo_t *cairo;
    PangoContext *text;
    const struct pdf_about *about;
    double y;
    int number, total; /* total 0 while they are counted */
};

/* A paragraph set in a style; `width` in points. page_draw frees it. */
PangoLayout *page_text(struct page *page, enum pdf_style style, const char *text, double width,
                       enum pdf_align align);
double page_text_height(PangoLayout *layout);
double page_text_width(PangoLayout *layout);
/* Draws it with its top left corner there; frees it. `tag` of the structure, NULL for none. */
void page_draw(struct page *page, PangoLayout *layout, double x, double y, const char *tag);
/* Sets and draws at the current height over the whole width, moves below. */
void page_paragraph(struct page *page, enum pdf_style style, const char *text, const char *tag);
/* A new page where less than `height` is left, except at the top of one. True when there was one.
 */
bool page_need(struct page *page, double height);
/* The footer, and the page is done. */
void page_end(struct page *page);
void page_rule(struct page *page, double x, double width, double y, double thickness, double grey);
void page_double_rule(struct page *page, double x, double width, double y);
/* Fills a rectangle so that it can be told apart in black and white. */
void page_fill(struct page *page, double x, double y, double width, double height,
               enum pdf_fill fill);
void page_tag_begin(struct page *page, const char *tag);
void page_tag_end(struct page *page, const char *tag);

/* pdf_chart.c */
void page_bar(struct page *page, const struct pdf_bar *bar);
void page_chart(struct page *page, const struct pdf_chart *chart);

#endif
