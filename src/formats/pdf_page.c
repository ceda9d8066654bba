#include "formats/pdf_page.h"

/* The families by name, then whatever the machine has: Debian's fonts-noto-core or
 * fonts-dejavu-core. */
#define SERIF "Noto Serif, DejaVu Serif, serif"
#define SANS  "Noto Sans, DejaVu Sans, sans-serif"

static const struct {
    const char *family;
    double size, grey;
    float line;
    bool bold;
} STYLES[] = {
    [STYLE_ABOVE] = {SANS, 8.5, 0.25, 1.1F, false},
    [STYLE_TITLE] = {SERIF, 18.5, 0.0, 1.15F, true},
    [STYLE_LEAD] = {SERIF, 11.5, 0.0, 1.25F, false},
    [STYLE_NOTE] = {SANS, 8.0, 0.25, 1.15F, false},
    [STYLE_HEADING] = {SERIF, 11.5, 0.0, 1.15F, true},
    [STYLE_BODY] = {SANS, 9.2, 0.0, 1.25F, false},
    [STYLE_COLUMN] = {SANS, 7.6, 0.1, 1.05F, true},
    [STYLE_CELL] = {SANS, 8.6, 0.0, 1.1F, false},
    [STYLE_CELL_BOLD] = {SANS, 8.6, 0.0, 1.1F, true},
    [STYLE_GROUP] = {SERIF, 9.6, 0.0, 1.1F, true},
    [STYLE_FIGURE] = {SERIF, 14.0, 0.0, 1.1F, true},
    [STYLE_AXIS] = {SANS, 6.8, 0.25, 1.0F, false},
    [STYLE_FOOTER] = {SANS, 7.2, 0.2, 1.0F, false},
};

/* "a **b** c" as "a b c" with b bold; an odd "**" stays as it is typed. */
static void set_marked_text(PangoLayout *layout, PangoAttrList *attributes, const char *text)
{
    size_t size = strlen(text), n = 0, from = 0;
    char *plain = g_malloc(size + 1);
    bool bold = false;

    for (size_t i = 0; i < size; i++) {
        bool mark =
            text[i] == '*' && text[i + 1] == '*' && (bold || strstr(text + i + 2, "**") != NULL);

        if (!mark) {
            plain[n++] = text[i];
            continue;
        }
        if (bold) {
            PangoAttribute *attribute = pango_attr_weight_new(PANGO_WEIGHT_BOLD);

            attribute->start_index = (guint)from;
            attribute->end_index = (guint)n;
            pango_attr_list_insert(attributes, attribute);
        }
        bold = !bold;
        from = n;
        i++;
    }
    plain[n] = '\0';
    pango_layout_set_text(layout, plain, (int)n);
    g_free(plain);
}

static int to_pango(double points)
{
    return (int)(points * PANGO_SCALE + 0.5);
}

PangoLayout *page_text(struct page *page, enum pdf_style style, const char *text, double width,
                       enum pdf_align align)
{
    PangoLayout *layout = pango_layout_new(page->text);
    PangoFontDescription *font = pango_font_description_new();
    PangoAttrList *attributes = pango_attr_list_new();
    guint16 grey = (guint16)(STYLES[style].grey * 65535);

    pango_font_description_set_family_static(font, STYLES[style].family);
    pango_font_description_set_size(font, to_pango(STYLES[style].size));
    if (STYLES[style].bold)
        pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_attr_list_insert(attributes, pango_attr_foreground_new(grey, grey, grey));
    pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1, lnum=1"));
    set_marked_text(layout, attributes, text);
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_width(layout, to_pango(width));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_line_spacing(layout, STYLES[style].line);
    pango_layout_set_alignment(layout, align == PDF_RIGHT ? PANGO_ALIGN_RIGHT : PANGO_ALIGN_LEFT);
    return layout;
}

double page_text_height(PangoLayout *layout)
{
    int height;

    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

double page_text_width(PangoLayout *layout)
{
    int width;

    pango_layout_get_size(layout, &width, NULL);
    return (double)width / PANGO_SCALE;
}

void page_tag_begin(struct page *page, const char *tag)
{
    if (tag != NULL)
        cairo_tag_begin(page->cairo, tag, "");
}

void page_tag_end(struct page *page, const char *tag)
{
    if (tag != NULL)
        cairo_tag_end(page->cairo, tag);
}

void page_draw(struct page *page, PangoLayout *layout, double x, double y, const char *tag)
{
    page_tag_begin(page, tag);
    cairo_move_to(page->cairo, x, y);
    pango_cairo_show_layout(page->cairo, layout);
    page_tag_end(page, tag);
    g_object_unref(layout);
}

static void draw_footer(struct page *page)
{
    const char *of = page->about->language == LANGUAGE_FR ? "sur" : "of";
    char *left = g_strdup_printf("%s · %s", page->about->organisation, page->about->title),
         number[48];
    PangoLayout *layout = page_text(page, STYLE_FOOTER, left, CONTENT_WIDTH - 90, PDF_LEFT);

    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    page_draw(page, layout, MARGIN, PAGE_HEIGHT - 38, NULL);
    snprintf(number, sizeof(number), "page %d %s %d", page->number, of, page->total);
    page_draw(page, page_text(page, STYLE_FOOTER, number, 90, PDF_RIGHT), PAGE_WIDTH - MARGIN - 90,
              PAGE_HEIGHT - 38, NULL);
    g_free(left);
}

void page_end(struct page *page)
{
    draw_footer(page);
    cairo_show_page(page->cairo);
}

bool page_need(struct page *page, double height)
{
    if (page->y <= MARGIN_TOP || page->y + height <= CONTENT_END)
        return false;
    page_end(page);
    page->number++;
    page->y = MARGIN_TOP;
    return true;
}

/* Line by line where the paragraph is longer than what is left of the page. */
void page_paragraph(struct page *page, enum pdf_style style, const char *text, const char *tag)
{
    PangoLayout *layout = page_text(page, style, text, CONTENT_WIDTH, PDF_LEFT);
    PangoLayoutIter *line = pango_layout_get_iter(layout);
    double from = 0;

    page_need(page, page_text_height(layout) < 60 ? page_text_height(layout) : 30);
    page_tag_begin(page, tag);
    do {
        PangoRectangle box;
        double top, bottom, base = (double)pango_layout_iter_get_baseline(line) / PANGO_SCALE;
        int line_top, line_bottom;

        pango_layout_iter_get_line_extents(line, NULL, &box);
        pango_layout_iter_get_line_yrange(line, &line_top, &line_bottom);
        top = (double)line_top / PANGO_SCALE;
        bottom = (double)line_bottom / PANGO_SCALE;
        if (page->y + bottom - from > CONTENT_END && page->y > MARGIN_TOP) {
            page_tag_end(page, tag);
            page_need(page, PAGE_HEIGHT);
            page_tag_begin(page, tag);
            from = top;
        }
        cairo_move_to(page->cairo, MARGIN + (double)box.x / PANGO_SCALE, page->y + base - from);
        pango_cairo_show_layout_line(page->cairo, pango_layout_iter_get_line_readonly(line));
    } while (pango_layout_iter_next_line(line));
    page_tag_end(page, tag);
    page->y += page_text_height(layout) - from + 2;
    pango_layout_iter_free(line);
    g_object_unref(layout);
}

void page_rule(struct page *page, double x, double width, double y, double thickness, double grey)
{
    cairo_set_source_rgb(page->cairo, grey, grey, grey);
    cairo_set_line_width(page->cairo, thickness);
    cairo_move_to(page->cairo, x, y);
    cairo_line_to(page->cairo, x + width, y);
    cairo_stroke(page->cairo);
}

void page_double_rule(struct page *page, double x, double width, double y)
{
    page_rule(page, x, width, y, 0.7, 0.0);
    page_rule(page, x, width, y + 2.2, 0.7, 0.0);
}

static const double HATCH_STEP = 4.2, DOT_STEP = 5.2;

static void hatch(cairo_t *cairo, double x, double y, double width, double height)
{
    int lines = (int)((width + height) / HATCH_STEP) + 1;

    cairo_set_source_rgb(cairo, 0.45, 0.45, 0.45);
    cairo_set_line_width(cairo, 1.6);
    for (int i = 0; i < lines; i++) {
        double from = x - height + HATCH_STEP * i;

        cairo_move_to(cairo, from, y + height);
        cairo_line_to(cairo, from + height, y);
    }
    cairo_stroke(cairo);
}

static void dot(cairo_t *cairo, double x, double y, double width, double height)
{
    int columns = (int)(width / DOT_STEP) + 2, rows = (int)(height / DOT_STEP * 2) + 1;

    cairo_set_source_rgb(cairo, 0.5, 0.5, 0.5);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            double shift = row % 2 == 0 ? 0 : DOT_STEP / 2;

            cairo_new_sub_path(cairo);
            cairo_arc(cairo, x + column * DOT_STEP + shift, y + (row + 0.5) * DOT_STEP / 2, 0.75, 0,
                      2 * G_PI);
        }
    cairo_fill(cairo);
}

void page_fill(struct page *page, double x, double y, double width, double height,
               enum pdf_fill fill)
{
    static const double GROUNDS[] = {[PDF_FILL_DARK] = 0.24,
                                     [PDF_FILL_HATCHED] = 0.9,
                                     [PDF_FILL_DOTTED] = 0.93,
                                     [PDF_FILL_LIGHT] = 0.82,
                                     [PDF_FILL_WHITE] = 1.0};
    cairo_t *cairo = page->cairo;

    cairo_save(cairo);
    cairo_rectangle(cairo, x, y, width, height);
    cairo_clip(cairo);
    cairo_set_source_rgb(cairo, GROUNDS[fill], GROUNDS[fill], GROUNDS[fill]);
    cairo_paint(cairo);
    if (fill == PDF_FILL_HATCHED)
        hatch(cairo, x, y, width, height);
    else if (fill == PDF_FILL_DOTTED)
        dot(cairo, x, y, width, height);
    cairo_restore(cairo);
}
