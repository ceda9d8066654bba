/* Documents fail as a whole, never half: limits, memory, threads. What the pages look like is in
 * pdf.test.mjs. */
#include "formats/pdf.h"
#include "lib/check.h"
#include <pthread.h>

/* fontconfig loses 288 bytes, once, while it reads its configuration (2.14, Debian 12). */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

static const struct pdf_about ABOUT = {.language = LANGUAGE_EN,
                                       .organisation = "Organisation",
                                       .title = "Title",
                                       .lead = "**odd marks** and **one open",
                                       .created_at = "2026-11-23T09:40:00Z"};
static const struct pdf_column COLUMNS[] = {{"A", 1, PDF_LEFT}, {"B", 1, PDF_RIGHT}};
static const char *const CELLS[] = {"x", NULL};

static bool write_table(size_t arena_limit, size_t writer_limit, size_t n_rows,
                        struct writer *ret_writer)
{
    struct arena arena, rows_arena;
    struct pdf_row *rows;
    struct pdf *pdf;
    bool good = false;

    arena_init(&rows_arena, 16 * 1024 * 1024);
    rows = ARENA_ARRAY(&rows_arena, struct pdf_row, n_rows);
    for (size_t i = 0; rows != NULL && i < n_rows; i++)
        rows[i] = (struct pdf_row){PDF_ROW, CELLS};
    arena_init(&arena, arena_limit);
    writer_init(ret_writer, writer_limit);
    pdf = pdf_new(&arena, &ABOUT);
    if (pdf != NULL) {
        pdf_heading(pdf, "Heading");
        pdf_table(pdf, &(struct pdf_table){COLUMNS, ARRAY_SIZE(COLUMNS), rows, n_rows});
        good = pdf_write(pdf, ret_writer);
    }
    arena_free(&arena);
    arena_free(&rows_arena);
    return good;
}

static bool write_and_forget(size_t arena_limit, size_t writer_limit, size_t n_rows)
{
    struct writer writer;
    bool good = write_table(arena_limit, writer_limit, n_rows, &writer);

    writer_release(&writer);
    return good;
}

static void test_limits(void)
{
    int written = 0;

    CHECK(write_and_forget(1 << 20, 1 << 24, 1));
    CHECK(write_and_forget(1 << 20, 1 << 24, 0));
    CHECK(!write_and_forget(1 << 20, 1 << 24, PDF_ROWS_MAX + 1));
    CHECK_NAMED(!write_and_forget(1 << 20, 3000, 1),
                "a document larger than the writer may hold fails");
    for (size_t limit = 0; limit < 200; limit += 16)
        written += write_and_forget(limit, 1 << 24, 1);
    CHECK_INT_NAMED(written, 0, "a document whose description does not fit fails");
}

/* Amounts at the edge of what is accepted, and beyond: lengths stay on the paper. */
static void test_extremes(void)
{
    static const int64_t VALUES[] = {INT64_MAX, INT64_MIN, 0, 1, -1};
    static const char *const LABELS[] = {"a", "b", "c", "d", "e"};
    static const struct pdf_series SERIES[] = {{"s", PDF_MARK_COLUMN_DARK, VALUES},
                                               {"l", PDF_MARK_LINE, VALUES}};
    static const struct pdf_part PARTS[] = {{"a", "1", INT64_MAX, PDF_FILL_DARK, false},
                                            {"b", "2", INT64_MAX, PDF_FILL_DOTTED, false},
                                            {"c", "3", INT64_MIN, PDF_FILL_WHITE, true}};
    static const struct pdf_part NOTHING[] = {{"a", "0", 0, PDF_FILL_LIGHT, true}};
    struct writer writer;
    struct arena arena;
    struct pdf *pdf;

    arena_init(&arena, 1 << 20);
    writer_init(&writer, 1 << 24);
    pdf = pdf_new(&arena, &ABOUT);
    if (CHECK_NAMED(pdf != NULL, "a document begins")) {
        for (int digits = 0; digits <= 4; digits += 2)
            pdf_chart(pdf, &(struct pdf_chart){LABELS, ARRAY_SIZE(LABELS), SERIES,
                                               ARRAY_SIZE(SERIES), digits, "€"});
        pdf_bar(pdf, &(struct pdf_bar){"x", "y", PARTS, ARRAY_SIZE(PARTS)});
        pdf_bar(pdf, &(struct pdf_bar){NULL, NULL, NOTHING, ARRAY_SIZE(NOTHING)});
        CHECK_NAMED(pdf_write(pdf, &writer), "amounts at the edge are drawn");
    }
    writer_release(&writer);
    arena_free(&arena);
}

static void *write_in_thread(void *data)
{
    struct writer *writer = data;

    return write_table(1 << 20, 1 << 24, 200, writer) ? writer : NULL;
}

static void test_threads(void)
{
    enum { THREADS = 4 };
    struct writer writers[THREADS];
    pthread_t threads[THREADS];
    int same = 0;

    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, write_in_thread, &writers[i]) != 0)
            abort();
    for (int i = 0; i < THREADS; i++) {
        void *good = NULL;

        pthread_join(threads[i], &good);
        same += good != NULL && writers[i].size == writers[0].size &&
                memcmp(writers[i].data, writers[0].data, writers[0].size) == 0;
    }
    CHECK_INT_NAMED(same, THREADS,
                    "the same input gives the same bytes, in several threads at once");
    for (int i = 0; i < THREADS; i++)
        writer_release(&writers[i]);
}

int main(void)
{
    test_limits();
    test_extremes();
    test_threads();
    return check_done();
}
