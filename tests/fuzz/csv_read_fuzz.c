/* Any bytes are a table or a problem. */
#include "formats/csv_read.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct problem problem;
    struct arena arena;
    struct csv_file file;

    arena_init(&arena, FUZZ_ARENA);
    problem_init(&problem, &arena);
    if (csv_read(&arena, (struct str){(const char *)data, size}, &file, &problem) != RC_OK) {
        fuzz_check_problem(&arena, problem.code, problem.args);
    } else {
        int line = 0;

        ASSERT(file.n_rows > 0 && file.n_rows <= CSV_ROWS_MAX);
        for (size_t i = 0; i < file.n_rows; i++) {
            const struct csv_row *row = &file.rows[i];

            ASSERT(row->line > line && row->n_cells > 0 && row->n_cells <= CSV_COLUMNS_MAX);
            line = row->line;
            for (size_t k = 0; k < row->n_cells; k++) {
                ASSERT(row->cells[k].n <= CSV_CELL_MAX && row->cells[k].p[row->cells[k].n] == '\0');
                ASSERT(text_is_utf8(row->cells[k]));
            }
            ASSERT(csv_cell(row, row->n_cells).n == 0);
        }
    }
    arena_free(&arena);
    return 0;
}
