/* Bars and charts. Amounts stay integers: what is computed from them are lengths on paper, in parts
 * of 10,000. */
#include "base/money.h"
#include "formats/pdf_page.h"

enum { PARTS = 10000, TICKS_MAX = 6 };

/* amount / whole in parts of PARTS, without overflow. */
static int part_of(int64_t amount, int64_t whole)
{
    while (amount > INT64_MAX / PARTS || amount < -(INT64_MAX / PARTS)) {
        amount /= 2;
        whole /= 2;
    }
    return whole <= 0 ? 0 : (int)(amount * PARTS / whole);
}

static double length_of(double full, int64_t amount, int64_t whole)
{
    return full * part_of(amount, whole) / PARTS;
}

/* ---- the bar and its account ---- */

static const double BAR_HEIGHT = 26.0, SWATCH = 9.0;

static int64_t positive_sum(const struct pdf_bar *bar)
{
    int64_t sum = 0;

    for (size_t i = 0; i < bar->n_parts; i++)
        if (bar->parts[i].amount > 0 && __builtin_add_overflow(sum, bar->parts[i].amount, &sum))
            return INT64_MAX;
    return sum;
}

static void draw_parts(struct page *page, const struct pdf_bar *bar)
{
    int64_t whole = positive_sum(bar);
    double x = MARGIN;

    page_tag_begin(page, "Figure");
    for (size_t i = 0; i < bar->n_parts; i++) {
        double width =
            bar->parts[i].amount <= 0 ? 0 : length_of(CONTENT_WIDTH, bar->parts[i].amount, whole);

        if (width <= 0)
            continue;
        page_fill(page, x, page->y, width, BAR_HEIGHT, bar->parts[i].fill);
        if (x > MARGIN)
            page_rule(page, x, 0.01, page->y, BAR_HEIGHT, 1.0);
        x += width;
    }
    cairo_set_source_rgb(page->cairo, 0.1, 0.1, 0.1);
    cairo_set_line_width(page->cairo, 0.8);
    cairo_rectangle(page->cairo, MARGIN, page->y, CONTENT_WIDTH, BAR_HEIGHT);
    cairo_stroke(page->cairo);
    page_tag_end(page, "Figure");
    page->y += BAR_HEIGHT + 8;
}

static void draw_account_line(struct page *page, const char *label, const char *value,
                              const struct pdf_part *part)
{
    bool result = part != NULL && part->result;
    enum pdf_style style = result ? STYLE_CELL_BOLD : STYLE_CELL;
    double width = CONTENT_WIDTH * 0.62, indent = part == NULL ? 0 : SWATCH + 6, height;
    PangoLayout *left = page_text(page, style, label, width - 96 - indent, PDF_LEFT);
    PangoLayout *right = page_text(page, style, value, 92, PDF_RIGHT);

    height = page_text_height(left) + 7.5;
    page_need(page, height + 4);
    if (result)
        page_rule(page, MARGIN, width, page->y, 0.8, 0.1);
    page_tag_begin(page, "TR");
    if (part != NULL) {
        page_fill(page, MARGIN, page->y + 4.5, SWATCH, SWATCH, part->fill);
        cairo_set_source_rgb(page->cairo, 0.2, 0.2, 0.2);
        cairo_set_line_width(page->cairo, 0.5);
        cairo_rectangle(page->cairo, MARGIN, page->y + 4.5, SWATCH, SWATCH);
        cairo_stroke(page->cairo);
    }
    page_draw(page, left, MARGIN + indent, page->y + 3.6, "TD");
    page_draw(page, right, MARGIN + width - 94, page->y + 3.6, "TD");
    page_tag_end(page, "TR");
    page->y += height;
    if (result)
        page_double_rule(page, MARGIN, width, page->y);
    else
        page_rule(page, MARGIN, width, page->y, 0.4, 0.7);
}

void page_bar(struct page *page, const struct pdf_bar *bar)
{
    page_need(page, BAR_HEIGHT + 30 + 20 * (double)bar->n_parts);
    draw_parts(page, bar);
    page_tag_begin(page, "Table");
    if (bar->label != NULL)
        draw_account_line(page, bar->label, bar->value, NULL);
    for (size_t i = 0; i < bar->n_parts; i++)
        draw_account_line(page, bar->parts[i].label, bar->parts[i].value, &bar->parts[i]);
    page_tag_end(page, "Table");
    page->y += 16;
}

/* ---- the chart ---- */

static const double CHART_HEIGHT = 150.0, AXIS_WIDTH = 52.0, LEGEND_HEIGHT = 16.0;

struct scale {
    int64_t low, high, step; /* multiples of step around all values and 0 */
    double top, height;
};

/* The next of 1, 2, 5, 10, 20, 50… */
static int64_t next_step(int64_t step)
{
    int64_t unit = 1;

    while (step / 10 >= unit)
        unit *= 10;
    return step / unit == 1 ? unit * 2 : step / unit == 2 ? unit * 5 : unit * 10;
}

/* Far beyond any amount that is accepted, a value is drawn at the edge: steps and lengths stay in
 * range. */
static int64_t drawn(int64_t value)
{
    return value > MONEY_MAX_MINOR    ? MONEY_MAX_MINOR
           : value < -MONEY_MAX_MINOR ? -MONEY_MAX_MINOR
                                      : value;
}

static struct scale scale_of(const struct pdf_chart *chart, double top)
{
    struct scale scale = {.step = 1, .top = top, .height = CHART_HEIGHT};
    int64_t low = 0, high = 1;

    for (size_t s = 0; s < chart->n_series; s++)
        for (size_t i = 0; i < chart->n_groups; i++) {
            int64_t value = drawn(chart->series[s].values[i]);

            low = value < low ? value : low;
            high = value > high ? value : high;
        }
    /* Whole units of the currency at least. */
    for (int i = 0; i < chart->digits; i++)
        scale.step *= 10;
    while (high / scale.step - low / scale.step >= TICKS_MAX - 1)
        scale.step = next_step(scale.step);
    scale.low = low < 0 ? (low / scale.step - (low % scale.step != 0)) * scale.step : 0;
    scale.high = (high / scale.step + (high % scale.step != 0)) * scale.step;
    return scale;
}

static double y_of(const struct scale *scale, int64_t value)
{
    return scale->top + scale->height -
           length_of(scale->height, value - scale->low, scale->high - scale->low);
}

static void draw_grid(struct page *page, const struct pdf_chart *chart, const struct scale *scale)
{
    int64_t units = 1;

    for (int i = 0; i < chart->digits; i++)
        units *= 10;
    for (int64_t tick = scale->low; tick <= scale->high; tick += scale->step) {
        double y = y_of(scale, tick);
        struct arena arena;
        const char *figure;
        char *label;

        arena_init(&arena, 1024);
        figure = page->about->language == LANGUAGE_FR
                     ? money_format_fr(&arena, (struct money){tick / units}, 0)
                     : money_format_en(&arena, (struct money){tick / units}, 0);
        label = g_strdup_printf("%s\u00a0%s", figure == NULL ? "" : figure, chart->unit);
        page_draw(page, page_text(page, STYLE_AXIS, label, AXIS_WIDTH - 6, PDF_RIGHT), MARGIN,
                  y - 5, NULL);
        page_rule(page, MARGIN + AXIS_WIDTH, CONTENT_WIDTH - AXIS_WIDTH, y, tick == 0 ? 0.8 : 0.3,
                  tick == 0 ? 0.2 : 0.75);
        g_free(label);
        arena_free(&arena);
    }
}

static size_t count_columns(const struct pdf_chart *chart)
{
    size_t n = 0;

    for (size_t s = 0; s < chart->n_series; s++)
        n += chart->series[s].mark != PDF_MARK_LINE;
    return n;
}

static void draw_columns(struct page *page, const struct pdf_chart *chart,
                         const struct scale *scale)
{
    double group = (CONTENT_WIDTH - AXIS_WIDTH) / (double)chart->n_groups, zero = y_of(scale, 0);
    size_t n_columns = count_columns(chart), column = 0;
    double width = n_columns == 0 ? 0 : group * 0.72 / (double)n_columns;

    if (width > 16)
        width = 16;
    for (size_t s = 0; s < chart->n_series; s++) {
        const struct pdf_series *series = &chart->series[s];
        enum pdf_fill fill =
            series->mark == PDF_MARK_COLUMN_DARK ? PDF_FILL_DARK : PDF_FILL_HATCHED;

        if (series->mark == PDF_MARK_LINE)
            continue;
        for (size_t i = 0; i < chart->n_groups; i++) {
            double middle = MARGIN + AXIS_WIDTH + group * ((double)i + 0.5);
            double x = middle + width * ((double)column - (double)n_columns / 2),
                   y = y_of(scale, drawn(series->values[i]));

            if (series->values[i] != 0)
                page_fill(page, x, y < zero ? y : zero, width - 1, y < zero ? zero - y : y - zero,
                          fill);
        }
        column++;
    }
}

static void draw_line(struct page *page, const struct pdf_chart *chart, const struct scale *scale,
                      const int64_t *values)
{
    double group = (CONTENT_WIDTH - AXIS_WIDTH) / (double)chart->n_groups;

    cairo_set_source_rgb(page->cairo, 0, 0, 0);
    cairo_set_line_width(page->cairo, 1.4);
    cairo_set_line_join(page->cairo, CAIRO_LINE_JOIN_ROUND);
    for (size_t i = 0; i < chart->n_groups; i++)
        cairo_line_to(page->cairo, MARGIN + AXIS_WIDTH + group * ((double)i + 0.5),
                      y_of(scale, drawn(values[i])));
    cairo_stroke(page->cairo);
    for (size_t i = 0; i < chart->n_groups; i++) {
        cairo_new_sub_path(page->cairo);
        cairo_arc(page->cairo, MARGIN + AXIS_WIDTH + group * ((double)i + 0.5),
                  y_of(scale, drawn(values[i])), 2.3, 0, 2 * G_PI);
    }
    cairo_fill(page->cairo);
}

static void draw_legend(struct page *page, const struct pdf_chart *chart)
{
    double x = MARGIN + AXIS_WIDTH;

    for (size_t s = 0; s < chart->n_series; s++) {
        PangoLayout *label = page_text(page, STYLE_NOTE, chart->series[s].label, 200, PDF_LEFT);
        double width = page_text_width(label), y = page->y + 2;

        if (chart->series[s].mark == PDF_MARK_LINE) {
            page_rule(page, x, SWATCH + 3, y + SWATCH / 2, 1.4, 0);
            cairo_arc(page->cairo, x + (SWATCH + 3) / 2, y + SWATCH / 2, 2.3, 0, 2 * G_PI);
            cairo_fill(page->cairo);
        } else {
            page_fill(page, x, y, SWATCH, SWATCH,
                      chart->series[s].mark == PDF_MARK_COLUMN_DARK ? PDF_FILL_DARK
                                                                    : PDF_FILL_HATCHED);
        }
        page_draw(page, label, x + SWATCH + 6, page->y, NULL);
        x += width + SWATCH + 24;
    }
    page->y += LEGEND_HEIGHT;
}

void page_chart(struct page *page, const struct pdf_chart *chart)
{
    double group = (CONTENT_WIDTH - AXIS_WIDTH) / (double)chart->n_groups;
    struct scale scale;

    page_need(page, LEGEND_HEIGHT + CHART_HEIGHT + 40);
    page_tag_begin(page, "Figure");
    draw_legend(page, chart);
    scale = scale_of(chart, page->y + 4);
    draw_grid(page, chart, &scale);
    draw_columns(page, chart, &scale);
    for (size_t s = 0; s < chart->n_series; s++)
        if (chart->series[s].mark == PDF_MARK_LINE)
            draw_line(page, chart, &scale, chart->series[s].values);
    for (size_t i = 0; i < chart->n_groups; i++) {
        PangoLayout *label = page_text(page, STYLE_AXIS, chart->labels[i], group, PDF_LEFT);

        pango_layout_set_alignment(label, PANGO_ALIGN_CENTER);
        page_draw(page, label, MARGIN + AXIS_WIDTH + group * (double)i,
                  scale.top + CHART_HEIGHT + 4, NULL);
    }
    page_tag_end(page, "Figure");
    page->y = scale.top + CHART_HEIGHT + 28;
}
