/* CSV as spreadsheets write it, and as they should not. */
#include "base/writer.h"
#include "formats/csv_read.h"
#include "lib/check.h"

static struct arena arena;
static struct problem problem;
static struct csv_file file;

static const char *read_bytes(struct str bytes)
{
    char *exact = malloc(bytes.n == 0 ? 1 : bytes.n);
    enum rc rc;

    if (exact == NULL)
        abort();
    if (bytes.n > 0)
        memcpy(exact, bytes.p, bytes.n);
    arena_free(&arena);
    arena_init(&arena, 128 * 1024 * 1024);
    problem_init(&problem, &arena);
    rc = csv_read(&arena, (struct str){exact, bytes.n}, &file, &problem);
    free(exact);
    return rc == RC_OK ? "" : problem_text(problem.code)->slug;
}

static const char *read_text(const char *text)
{
    return read_bytes(str_of(text));
}

/* Rows as "line:cell|cell", one after another. */
static const char *shape(void)
{
    static struct writer writer;

    writer_release(&writer);
    writer_init(&writer, 4096);
    for (size_t i = 0; i < file.n_rows; i++) {
        writer_format(&writer, "%s%d:", i > 0 ? " " : "", file.rows[i].line);
        for (size_t k = 0; k < file.rows[i].n_cells; k++) {
            writer_text(&writer, k > 0 ? "|" : "");
            writer_str(&writer, file.rows[i].cells[k]);
        }
    }
    writer_char(&writer, '\0');
    return writer.data;
}

static void test_shapes(void)
{
    static const struct {
        const char *text, *shape;
        char delimiter;
    } CASES[] = {
        {"a;b\n1;2\n", "1:a|b 2:1|2", ';'},
        {"a;b\r\n1;2", "1:a|b 2:1|2", ';'},
        {"a;b\r1;2\r", "1:a|b 2:1|2", ';'},
        {"a,b\n1,2\n", "1:a|b 2:1|2", ','},
        {"a\tb\n1\t2\n", "1:a|b 2:1|2", '\t'},
        {"Nom, prénom;Ville\nDupont, Luc;Paris", "1:Nom, prénom|Ville 2:Dupont, Luc|Paris", ';'},
        {"\"Nom; prénom\",Ville\nx,y", "1:Nom; prénom|Ville 2:x|y", ','},
        {"sep=,\r\na;b,c\r\n", "2:a;b|c", ','},
        {"\xEF\xBB\xBF"
         "a;b\n",
         "1:a|b", ';'},
        {"seul\nx\n", "1:seul 2:x", ';'},
        {"a;b;\n1;;\n", "1:a|b| 2:1||", ';'},
        {"a;b\n\n \n;\n1;2\n", "1:a|b 5:1|2", ';'},
        {"a;b\n\"deux\nlignes\";2\n3;4\n", "1:a|b 2:deux\nlignes|2 4:3|4", ';'},
        {"a;b\n\"x\r\ny\";2\r\n3;4\n", "1:a|b 2:x\ny|2 4:3|4", ';'},
        {"a;b\n\"dit \"\"oui\"\"\";2\n", "1:a|b 2:dit \"oui\"|2", ';'},
        {"a;b\n\"\";\"\"\"\"\n", "1:a|b 2:|\"", ';'},
        {"a;b\nl'\"Étoile\";2\n", "1:a|b 2:l'\"Étoile\"|2", ';'},
        {"a;b\n1;2;3\n1\n", "1:a|b 2:1|2|3 3:1", ';'},
    };

    for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
        char name[32];

        snprintf(name, sizeof(name), "shape %zu", i + 1);
        CHECK_TEXT_NAMED(read_text(CASES[i].text), "", name);
        CHECK_TEXT_NAMED(shape(), CASES[i].shape, name);
        CHECK_INT_NAMED(file.delimiter, CASES[i].delimiter, name);
    }
    CHECK_TEXT(read_text("a;b\n \xC2\xA0x \t;2"), "");
    CHECK(str_is(csv_cell(&file.rows[1], 0), "x"));
    CHECK(str_is(csv_cell(&file.rows[1], 9), ""));
}

static void test_charsets(void)
{
    static const char UTF16[] = "\xFF\xFE"
                                "a\0;\0\xE9\0\n\0"
                                "1\0;\0002\0";

    CHECK_TEXT(read_text("nom;ville\n\xC9t\xE9;Orl\xE9"
                         "ans \x80\n"),
               "");
    CHECK_TEXT(file.encoding, "Windows-1252");
    CHECK_TEXT(shape(), "1:nom|ville 2:Été|Orléans €");
    CHECK_TEXT(read_text("nom;ville\nÉté;Orléans\n"), "");
    CHECK_TEXT(file.encoding, "UTF-8");
    CHECK_TEXT(read_text("nom;ville\n"), "");
    CHECK_TEXT(file.encoding, "ASCII");
    CHECK_TEXT(read_bytes((struct str){UTF16, sizeof(UTF16) - 1}), "");
    CHECK_TEXT(file.encoding, "UTF-16");
    CHECK_TEXT(shape(), "1:a|é 2:1|2");
}

static void test_refused(void)
{
    struct writer writer;

    CHECK_TEXT(read_text(""), "csv.empty");
    CHECK_TEXT(read_text("\n;;\n \n"), "csv.empty");
    CHECK_TEXT(read_text("a;b\n1;2\n\"jamais fermé;2\n3;4\n"), "csv.quote");
    CHECK_TEXT(problem.args[0], "3");
    CHECK_TEXT(read_text("a;b\n\"x\"y;2\n"), "csv.quote");
    CHECK_TEXT(problem.args[0], "2");
    CHECK_TEXT(read_text("\"\";\"\"\n"), "csv.empty");
    CHECK_TEXT(read_bytes(STR("a;b\n1;\0\n")), "csv.binary");
    CHECK_TEXT(read_text("PK\003\004xxxx"), "csv.spreadsheet");

    writer_init(&writer, 64 * 1024 * 1024);
    for (int i = 0; i < CSV_COLUMNS_MAX; i++)
        writer_text(&writer, "x;");
    CHECK_TEXT(read_bytes((struct str){writer.data, writer.size}), "csv.columns");
    writer.size--;
    CHECK_TEXT(read_bytes((struct str){writer.data, writer.size}), "");
    writer.size = 0;
    for (int i = 0; i < CSV_ROWS_MAX; i++)
        writer_text(&writer, "x;y\n");
    CHECK_TEXT(read_bytes((struct str){writer.data, writer.size}), "");
    writer_text(&writer, "x;y\n");
    CHECK_TEXT(read_bytes((struct str){writer.data, writer.size}), "csv.rows");
    writer.size = 0;
    for (int i = 0; i < CSV_CELL_MAX; i++)
        writer_char(&writer, 'x');
    CHECK_TEXT(read_bytes((struct str){writer.data, writer.size}), "");
    writer_char(&writer, 'x');
    CHECK_TEXT(read_bytes((struct str){writer.data, writer.size}), "csv.cell");
    while (writer.size <= CSV_BYTES_MAX)
        writer_text(&writer, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
    CHECK_TEXT(read_bytes((struct str){writer.data, writer.size}), "csv.size");
    writer_release(&writer);
}

static void test_memory(void)
{
    int others = 0, memory = 0;

    for (size_t limit = 0; limit < 40000; limit += 64) {
        enum rc rc;

        arena_free(&arena);
        arena_init(&arena, limit);
        problem_init(&problem, &arena);
        rc = csv_read(&arena, STR("a;b\n\"x\ny\";2\nl\xE9;4\n"), &file, &problem);
        memory += rc == RC_PROBLEM && problem.code == PROBLEM_CSV_MEMORY;
        others += rc == RC_PROBLEM && problem.code != PROBLEM_CSV_MEMORY;
    }
    CHECK_INT(others, 0);
    CHECK(memory > 10);
}

int main(void)
{
    test_shapes();
    test_charsets();
    test_refused();
    test_memory();
    arena_free(&arena);
    return check_done();
}
