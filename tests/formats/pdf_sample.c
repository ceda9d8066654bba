/* Writes a document with every kind of block to standard output: `pdf_sample [rows]`, rows of its
 * long table. */
#include "formats/pdf.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

static const char *const MONTHS[] = {"déc.", "janv.", "févr.", "mars",  "avril", "mai",
                                     "juin", "juil.", "août",  "sept.", "oct.",  "nov."};
static const int64_t MONEY_IN[] = {120000, 450000, 80000, 230050, 0,      150000,
                                   60000,  0,      0,     910000, 410000, 265000};
static const int64_t MONEY_OUT[] = {41000, 52000, 41000, 241000, 41000, 61550,
                                    41000, 41000, 41000, 72400,  55000, 61200};
static const int64_t AVAILABLE[] = {-50000, 348000, 387000, 376050,  335050,  423500,
                                    442500, 401500, 360500, 1198100, 1553100, 1756900};

static void add_account(struct pdf *pdf)
{
    static const struct pdf_part PARTS[] = {
        {"tenu pour d’autres", "−250,00 €", 25000, PDF_FILL_HATCHED, false},
        {"réservé à un projet par un financeur", "−2 500,00 €", 250000, PDF_FILL_DOTTED, false},
        {"minimum à garder", "−3 000,00 €", 300000, PDF_FILL_LIGHT, false},
        {"Disponible", "17 569,00 €", 1756900, PDF_FILL_DARK, true},
    };
    static const struct pdf_figure FIGURES[] = {
        {"Chèques pas encore en banque", "105,00 €", "2 chèques"},
        {"Plateformes", "0,00 €", NULL},
        {"Lignes du relevé à expliquer", "35,00 €",
         "1 ligne ; ce n’est compté nulle part ailleurs"},
    };

    pdf_bar(pdf, &(struct pdf_bar){"En banque", "23 319,00 €", PARTS, ARRAY_SIZE(PARTS)});
    pdf_figures(pdf, FIGURES, ARRAY_SIZE(FIGURES));
}

static void add_chart(struct pdf *pdf)
{
    static const struct pdf_series SERIES[] = {
        {"Entrées", PDF_MARK_COLUMN_DARK, MONEY_IN},
        {"Sorties", PDF_MARK_COLUMN_HATCHED, MONEY_OUT},
        {"Disponible en fin de mois", PDF_MARK_LINE, AVAILABLE}};

    pdf_chart(pdf,
              &(struct pdf_chart){MONTHS, ARRAY_SIZE(MONTHS), SERIES, ARRAY_SIZE(SERIES), 2, "€"});
}

static void add_table(struct pdf *pdf, struct arena *arena, size_t n)
{
    static const struct pdf_column COLUMNS[] = {{"Date", 2, PDF_LEFT},
                                                {"Mouvement", 7, PDF_LEFT},
                                                {"Entrée", 2, PDF_RIGHT},
                                                {"Sortie", 2, PDF_RIGHT}};
    static const char *const GROUP[] = {"Entrées", NULL, NULL, NULL};
    static const char *const SUB[] = {"", "Sous-total", "1 000,00", ""};
    static const char *const TOTAL[] = {"", "Total", "1 000,00 €", "−12,00 €"};
    struct pdf_row *rows = ARENA_ARRAY(arena, struct pdf_row, n + 3);

    if (rows == NULL)
        return;
    rows[0] = (struct pdf_row){PDF_ROW_GROUP, GROUP};
    for (size_t i = 0; i < n; i++) {
        const char **cells = ARENA_ARRAY(arena, const char *, ARRAY_SIZE(COLUMNS));

        if (cells == NULL)
            return;
        cells[0] = arena_printf(arena, "%02zu/11/2026", i % 30 + 1);
        cells[1] = i % 7 == 3 ? "Cotisation et contribution au fonds de solidarité de la Maison "
                                "des familles du Val "
                                "d’Ombrette, reçues en un seul virement"
                              : arena_printf(arena, "Versement n° %zu", i + 1);
        cells[2] = "1 250,50";
        rows[i + 1] = (struct pdf_row){PDF_ROW, cells};
    }
    rows[n + 1] = (struct pdf_row){PDF_ROW_SUBTOTAL, SUB};
    rows[n + 2] = (struct pdf_row){PDF_ROW_TOTAL, TOTAL};
    pdf_table(pdf, &(struct pdf_table){COLUMNS, ARRAY_SIZE(COLUMNS), rows, n + 3});
}

/* fontconfig loses 288 bytes, once, while it reads its configuration (2.14, Debian 12). */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig\n";
}

int main(int argc, char **argv)
{
    const struct pdf_about about = {
        .language = LANGUAGE_FR,
        .organisation = "Le Grenier d’Ovrance",
        .above = "Le Grenier d’Ovrance, fonds de solidarité",
        .title = "Situation du fonds au 23 novembre 2026",
        .lead =
            "Le fonds a **23 319,00 €** en banque. Il peut promettre **17 569,00 €** aujourd’hui.",
        .note = "Telle que connue le 23 novembre 2026 à 9 h 40.",
        .created_at = "2026-11-23T09:40:00Z",
    };
    struct arena arena;
    struct writer writer;
    struct pdf *pdf;
    bool good;

    arena_init(&arena, ARENA_BYTES);
    writer_init(&writer, ARENA_BYTES);
    pdf = pdf_new(&arena, &about);
    if (pdf == NULL)
        return 2;
    pdf_heading(pdf, "1. De la banque au disponible");
    add_account(pdf);
    pdf_heading(pdf, "2. Douze mois");
    add_chart(pdf);
    pdf_paragraph(
        pdf,
        "Ce que le fonds peut promettre est ce qu’il a en banque, moins ce qu’il tient pour "
        "d’autres, "
        "moins ce qui est promis ou réservé, moins le minimum à garder. **Aucune aide n’est encore "
        "suivie ici.**");
    pdf_heading(pdf, "3. Mouvements");
    add_table(pdf, &arena, argc > 1 ? strtoul(argv[1], NULL, 10) : 60);
    pdf_small_print(pdf, "Les chèques, les plateformes et les espèces ne sont pas comptés tant que "
                         "la banque ne les a "
                         "pas vus.");
    good = pdf_write(pdf, &writer);
    if (good)
        fwrite(writer.data, 1, writer.size, stdout);
    writer_release(&writer);
    arena_free(&arena);
    return good ? 0 : 1;
}
