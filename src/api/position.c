/* Reports for the board: what each fund can promise (JSON, CSV, PDF), and what waits to be done. */
#include "domain/position.h"
#include "api/request.h"
#include "base/money.h"
#include "formats/pdf.h"

#define ORGANISATION "/organisations/{organisation}"

enum { MONTHS = 12, PDF_BYTES_MAX = 8 * 1024 * 1024 };

/* ---- statements ---- */

#define KNOWN "to_char(known_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

static const struct db_statement frame_sql = {
    "position_frame", "SELECT as_of, known_at, " KNOWN " AS known_text, "
                      "to_char(known_at AT TIME ZONE o.time_zone, 'YYYY-MM-DD HH24:MI') AS "
                      "known_local, organisation_name, "
                      "f.currency FROM api.position_frame($1::date, $2::timestamptz, $3::uuid) f, "
                      "api.organisation o"};
static const struct db_statement funds_sql = {
    "fund_position", "SELECT fund_id, name, kind, held, held_for_others, promised, reserved, "
                     "floor, cheques, platforms, cash, "
                     "unmatched FROM api.fund_position($1::date, $2::timestamptz)"};
static const struct db_statement months_sql = {
    "fund_months", "SELECT to_char(month, 'YYYY-MM') AS month, ends_on, money_in, money_out, held, "
                   "held_for_others, promised, "
                   "reserved, floor FROM api.fund_months($1::date, $2::timestamptz, $3::uuid)"};
static const struct db_statement to_do_sql = {
    "to_do", "SELECT kind, count, amount, oldest_on FROM api.to_do()"};
static const struct db_statement agreement_sql = {
    "bank_agreement", "SELECT agrees, difference, balance_on FROM api.bank_agreement()"};

const struct db_statement *const position_statements[] = {&frame_sql, &funds_sql,     &months_sql,
                                                          &to_do_sql, &agreement_sql, NULL};

/* ---- fields ---- */

static const char *const fund_kinds[] = {"general", "solidarity", "designated", "restricted", NULL};

static const struct field fund_fields[] = {
    {"fund_id", F_UUID, F_REQUIRED, .en = "Fund", .fr = "Identifiant"},
    {"name", F_STRING, F_REQUIRED, .en = "Its name", .fr = "Fonds"},
    {"kind", F_ENUM, F_REQUIRED, .values = fund_kinds, .en = "Its kind", .fr = "Nature"},
    {"held", F_MONEY, F_REQUIRED,
     .en = "In the bank: validated lines on 512 that are matched to a bank line",
     .fr = "En banque"},
    {"held_for_others", F_MONEY, F_REQUIRED,
     .en = "Of which others': credit balances on 467, 468, 471, and money to be given back (1681)",
     .fr = "Tenu pour d’autres"},
    {"promised", F_MONEY, F_REQUIRED, .en = "Promised, not yet paid",
     .fr = "Promis, pas encore versé"},
    {"reserved", F_MONEY, F_REQUIRED, .en = "Reserved to a project by a funder",
     .fr = "Réservé à un projet"},
    {"floor", F_MONEY, F_REQUIRED, .en = "What the board wants to keep", .fr = "Minimum à garder"},
    {"available", F_MONEY, F_REQUIRED, .en = "What the fund can promise",
     .fr = "Disponible pour aider"},
    {"cheques", F_MONEY, F_REQUIRED,
     .en = "Beside, never counted: cheques not yet at the bank (5112)",
     .fr = "Chèques pas encore en banque"},
    {"platforms", F_MONEY, F_REQUIRED,
     .en = "Beside, never counted: cards and platforms not yet paid out (517)",
     .fr = "Plateformes et cartes"},
    {"cash", F_MONEY, F_REQUIRED, .en = "Beside, never counted: cash (53)", .fr = "Caisse"},
    {"unmatched", F_MONEY, F_REQUIRED,
     .en = "Beside, never counted: lines on 512 that the bank has not confirmed",
     .fr = "Pas encore rapproché"},
    {.type = F_END}};

static const struct field month_fields[] = {
    {"month", F_STRING, F_REQUIRED, .en = "Month, YYYY-MM"},
    {"ends_on", F_DATE, F_REQUIRED, .en = "Its last day, or the day asked for"},
    {"in", F_MONEY, F_REQUIRED, .en = "Money in at the bank"},
    {"out", F_MONEY, F_REQUIRED, .en = "Money out at the bank"},
    {"held", F_MONEY, F_REQUIRED, .en = "In the bank at its end"},
    {"held_for_others", F_MONEY, F_REQUIRED, .en = "Of which others'"},
    {"promised", F_MONEY, F_REQUIRED, .en = "Promised, not yet paid"},
    {"reserved", F_MONEY, F_REQUIRED, .en = "Reserved to a project"},
    {"floor", F_MONEY, F_REQUIRED, .en = "What the board wants to keep"},
    {"available", F_MONEY, F_REQUIRED, .en = "What could be promised at its end"},
    {.type = F_END}};

static const struct field position_out[] = {
    {"items", F_LIST, F_REQUIRED, .of = fund_fields, .en = "Funds, solidarity first"},
    {"months", F_LIST, F_REQUIRED, .of = month_fields,
     .en = "Twelve months of the solidarity funds, or of the fund asked for"},
    {"as_of", F_DATE, F_REQUIRED, .en = "Accounting date"},
    {"known_at", F_INSTANT, F_REQUIRED, .en = "As known at: ask with it to get the same again"},
    {"currency", F_STRING, F_REQUIRED, .en = "Currency (ISO 4217)"},
    {"not_yet", F_STRINGS, F_REQUIRED,
     .en = "Layers that are 0 because what fills them is not built yet: promised, reserved, "
           "debts_due"},
    {.type = F_END}};

static const struct field position_query[] = {
    {"as_of", F_DATE, 0, .en = "On this day; today unless said"},
    {"known_at", F_INSTANT, 0, .en = "As known at this instant; now unless said"},
    {"fund_id", F_UUID, 0, .en = "Months of this fund"},
    {.type = F_END}};

/* ---- figures ---- */

/* A fund or a month: its layers in the order of `layers`, and what they leave. */
struct standing {
    const struct db_rows *rows;
    size_t row;
    struct position position;
    struct money available;
};

static struct money figure(const struct db_rows *rows, size_t row, const char *column)
{
    return (struct money){db_int(rows, row, db_column(rows, column))};
}

static enum rc stand(struct request *request, const struct db_rows *rows, size_t row,
                     struct standing *ret_standing)
{
    struct standing standing = {
        .rows = rows,
        .row = row,
        .position = {.held = figure(rows, row, "held"),
                     .held_for_others = figure(rows, row, "held_for_others"),
                     .promised = figure(rows, row, "promised"),
                     .reserved = figure(rows, row, "reserved"),
                     .floor = figure(rows, row, "floor")}};
    if (!position_available(&standing.position, &standing.available))
        return problem_set(&request->problem, PROBLEM_MONEY_SUM, NULL);
    *ret_standing = standing;
    return RC_OK;
}

/* The report's figures, all within one snapshot. */
struct report {
    struct db_rows *frame, *funds, *months;
    struct standing *standings, *ends; /* one per fund, one per month */
    size_t n_funds;
};

static void report_release(struct report *report)
{
    db_rows_free(report->frame);
    db_rows_free(report->funds);
    db_rows_free(report->months);
}

static enum rc report_read(struct request *request, struct report *report)
{
    const char *const asked[] = {record_text(request->query, "as_of"),
                                 record_text(request->query, "known_at"),
                                 record_text(request->query, "fund_id")};
    TRY(request_query(request, &frame_sql, ARRAY_SIZE(asked), asked, &report->frame));
    const char *const values[] = {db_text(report->frame, 0, db_column(report->frame, "as_of")),
                                  db_text(report->frame, 0, db_column(report->frame, "known_at")),
                                  asked[2]};
    TRY(request_query(request, &funds_sql, 2, values, &report->funds));
    TRY(request_query(request, &months_sql, 3, values, &report->months));
    report->n_funds = db_rows_count(report->funds);
    ASSERT(db_rows_count(report->months) == MONTHS);
    report->standings = ARENA_ARRAY(request->arena, struct standing, report->n_funds);
    report->ends = ARENA_ARRAY(request->arena, struct standing, MONTHS);
    if (report->standings == NULL || report->ends == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    for (size_t i = 0; i < report->n_funds; i++)
        TRY(stand(request, report->funds, i, &report->standings[i]));
    for (size_t i = 0; i < MONTHS; i++)
        TRY(stand(request, report->months, i, &report->ends[i]));
    return RC_OK;
}

static const char *frame_text(const struct report *report, const char *column)
{
    return db_text(report->frame, 0, db_column(report->frame, column));
}

/* ---- JSON and CSV ---- */

/* The column of the database for a field: months call them money_in and money_out, since `in` is a
 * word of SQL. */
static const char *column_of(const char *field)
{
    return strcmp(field, "in") == 0 ? "money_in" : strcmp(field, "out") == 0 ? "money_out" : field;
}

static void write_standing(struct request *request, const struct field *fields,
                           const struct standing *standing)
{
    struct writer *out = request->out;
    for (size_t i = 0; fields[i].type != F_END; i++) {
        writer_format(out, "%s\"%s\":", i == 0 ? "{" : ",", fields[i].name);
        if (strcmp(fields[i].name, "available") == 0)
            reply_money(out, standing->available.minor, request->caller.digits);
        else if (fields[i].type == F_MONEY)
            reply_money(out, figure(standing->rows, standing->row, column_of(fields[i].name)).minor,
                        request->caller.digits);
        else
            writer_json_string(out, str_of(db_text(standing->rows, standing->row,
                                                   db_column(standing->rows, fields[i].name))));
    }
    writer_char(out, '}');
}

static void write_json(struct request *request, const struct report *report)
{
    struct writer *out = request->out;
    writer_text(out, "{\"items\":[");
    for (size_t i = 0; i < report->n_funds; i++) {
        writer_text(out, i == 0 ? "" : ",");
        write_standing(request, fund_fields, &report->standings[i]);
    }
    writer_text(out, "],\"months\":[");
    for (size_t i = 0; i < MONTHS; i++) {
        writer_text(out, i == 0 ? "" : ",");
        write_standing(request, month_fields, &report->ends[i]);
    }
    writer_format(out,
                  "],\"as_of\":\"%s\",\"known_at\":\"%s\",\"currency\":\"%s\",\"not_yet\":["
                  "\"promised\",\"reserved\",\"debts_due\"]}",
                  frame_text(report, "as_of"), frame_text(report, "known_text"),
                  frame_text(report, "currency"));
}

static void write_csv(struct request *request, const struct report *report)
{
    bool french = request->csv_locale == CSV_FRENCH;
    struct writer *out = request->out;
    writer_text(out, french ? "\xEF\xBB\xBF" : "");
    for (size_t i = 0; fund_fields[i].type != F_END; i++)
        writer_csv_cell(out, request->csv_locale, i == 0,
                        str_of(french ? fund_fields[i].fr : fund_fields[i].name));
    writer_csv_end(out);
    for (size_t f = 0; f < report->n_funds; f++) {
        const struct standing *standing = &report->standings[f];
        for (size_t i = 0; fund_fields[i].type != F_END; i++) {
            char text[MONEY_TEXT_MAX];
            const char *name = fund_fields[i].name;
            if (fund_fields[i].type != F_MONEY) {
                const char *cell = db_text(standing->rows, f, db_column(standing->rows, name));
                writer_csv_cell(out, request->csv_locale, i == 0, str_of(cell));
                continue;
            }
            struct money money = strcmp(name, "available") == 0 ? standing->available
                                                                : figure(standing->rows, f, name);
            money_format(money, request->caller.digits, text);
            char *point = french ? strchr(text, '.') : NULL;
            if (point != NULL)
                *point = ',';
            writer_csv_cell(out, request->csv_locale, i == 0, str_of(text));
        }
        writer_csv_end(out);
    }
}

/* ---- PDF ---- */

struct words {
    const char *title, *can, *cannot, *note, *held, *cheques, *platforms, *unmatched, *months,
        *month, *in, *out, *available, *funds, *fund, *not_yet, *beside;
    const char *layers[5]; /* others, promised, reserved, floor, available */
    const char *month_names[12], *short_names[12];
};

static const struct words words[] = {
    [LANGUAGE_FR] = {"Situation du fonds",
                     "Le fonds peut promettre **%1** au %2.",
                     "Il manque **%1** au fonds au %2.",
                     "Situation telle qu’on la connaissait le %1. Seul compte l’argent que la "
                     "banque a confirmé.",
                     "En banque",
                     "Chèques pas encore en banque",
                     "Plateformes et caisse",
                     "Pas encore rapproché",
                     "Douze mois",
                     "Mois",
                     "Entrées",
                     "Sorties",
                     "Disponible",
                     "Tous les fonds",
                     "Fonds",
                     "« Promis », « réservé » et les dettes à payer restent à zéro tant que les "
                     "aides, les subventions obtenues et les "
                     "dépenses à régler ne sont pas suivies ici.",
                     "À côté, jamais compté",
                     {"tenu pour d’autres", "promis, pas encore versé", "réservé à un projet",
                      "minimum à garder", "Disponible pour aider"},
                     {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
                      "septembre", "octobre", "novembre", "décembre"},
                     {"janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.",
                      "oct.", "nov.", "déc."}},
    [LANGUAGE_EN] = {
        "Position of the fund",
        "The fund can promise **%1** on %2.",
        "The fund lacks **%1** on %2.",
        "As it was known on %1. Only money that the bank has confirmed counts.",
        "In the bank",
        "Cheques not yet at the bank",
        "Platforms and cash",
        "Not yet matched",
        "Twelve months",
        "Month",
        "In",
        "Out",
        "Available",
        "All funds",
        "Fund",
        "“Promised”, “reserved” and debts due stay at zero until aid, awards and expenses are kept "
        "here.",
        "Beside, never counted",
        {"held for others", "promised, not yet paid", "reserved to a project", "floor to keep",
         "Available to help"},
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"},
        {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}}};

static const char *sum_text(const struct request *request, struct money money)
{
    return request->language == LANGUAGE_FR
               ? money_format_fr(request->arena, money, request->caller.digits)
               : money_format_en(request->arena, money, request->caller.digits);
}

static const char *unit_of(const struct report *report)
{
    const char *currency = frame_text(report, "currency");
    return strcmp(currency, "EUR") == 0 ? "€" : currency;
}

static const char *amount_text(const struct request *request, const struct report *report,
                               struct money money)
{
    return arena_printf(request->arena, "%s\u00A0%s", sum_text(request, money), unit_of(report));
}

/* "2026-11-23" or "2026-11-23 10:40" as people write it. */
static const char *day_text(const struct request *request, const char *iso)
{
    const struct words *w = &words[request->language];
    int month = (iso[5] - '0') * 10 + (iso[6] - '0'), day = (iso[8] - '0') * 10 + (iso[9] - '0');
    const char *first = request->language == LANGUAGE_FR && day == 1 ? "er" : "";
    const char *at = iso[10] == 0 ? "" : request->language == LANGUAGE_FR ? " à " : " at ";
    return arena_printf(request->arena, "%d%s\u00A0%s\u00A0%.4s%s%s", day, first,
                        w->month_names[month - 1], iso, at, iso[10] == 0 ? "" : iso + 11);
}

/* All solidarity funds together, as the months have them; the first fund where there is none. */
static enum rc together(struct request *request, const struct report *report,
                        struct standing *ret_sum)
{
    *ret_sum = report->ends[MONTHS - 1];
    return position_available(&ret_sum->position, &ret_sum->available)
               ? RC_OK
               : problem_set(&request->problem, PROBLEM_MONEY_SUM, NULL);
}

static void pdf_ladder(struct request *request, struct pdf *pdf, const struct report *report,
                       const struct standing *sum)
{
    const struct words *w = &words[request->language];
    const struct money layers[] = {sum->position.held_for_others, sum->position.promised,
                                   sum->position.reserved, sum->position.floor, sum->available};
    static const enum pdf_fill fills[] = {PDF_FILL_WHITE, PDF_FILL_HATCHED, PDF_FILL_DOTTED,
                                          PDF_FILL_LIGHT, PDF_FILL_DARK};
    struct pdf_part *parts = ARENA_ARRAY(request->arena, struct pdf_part, ARRAY_SIZE(layers));
    for (size_t i = 0; parts != NULL && i < ARRAY_SIZE(layers); i++) {
        bool last = i + 1 == ARRAY_SIZE(layers);
        struct money shown = {last ? layers[i].minor : -layers[i].minor};
        parts[i] = (struct pdf_part){w->layers[i], amount_text(request, report, shown),
                                     layers[i].minor, fills[i], last};
    }
    if (parts != NULL)
        pdf_bar(pdf, &(struct pdf_bar){w->held, amount_text(request, report, sum->position.held),
                                       parts, ARRAY_SIZE(layers)});
}

/* What the solidarity funds have beside the bank. */
static enum rc pdf_beside(struct request *request, struct pdf *pdf, const struct report *report)
{
    const struct words *w = &words[request->language];
    struct money cheques = {0}, platforms = {0}, unmatched = {0};
    bool right = true;
    for (size_t i = 0; i < report->n_funds; i++) {
        if (strcmp(db_text(report->funds, i, db_column(report->funds, "kind")), "solidarity") != 0)
            continue;
        right = right && money_add(cheques, figure(report->funds, i, "cheques"), &cheques) &&
                money_add(platforms, figure(report->funds, i, "platforms"), &platforms) &&
                money_add(platforms, figure(report->funds, i, "cash"), &platforms) &&
                money_add(unmatched, figure(report->funds, i, "unmatched"), &unmatched);
    }
    if (!right)
        return problem_set(&request->problem, PROBLEM_MONEY_SUM, NULL);
    struct pdf_figure *figures = ARENA_ARRAY(request->arena, struct pdf_figure, 3);
    if (figures == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    figures[0] = (struct pdf_figure){w->cheques, amount_text(request, report, cheques), NULL};
    figures[1] = (struct pdf_figure){w->platforms, amount_text(request, report, platforms), NULL};
    figures[2] = (struct pdf_figure){w->unmatched, amount_text(request, report, unmatched), NULL};
    pdf_heading(pdf, w->beside);
    pdf_figures(pdf, figures, 3);
    return RC_OK;
}

static enum rc pdf_months(struct request *request, struct pdf *pdf, const struct report *report)
{
    const struct words *w = &words[request->language];
    struct arena *arena = request->arena;
    const char **labels = ARENA_ARRAY(arena, const char *, MONTHS);
    int64_t *values = ARENA_ARRAY(arena, int64_t, (size_t)3 * MONTHS);
    struct pdf_series *series = ARENA_ARRAY(arena, struct pdf_series, 3);
    const char **cells = ARENA_ARRAY(arena, const char *, (size_t)4 * MONTHS);
    struct pdf_row *rows = ARENA_ARRAY(arena, struct pdf_row, MONTHS);
    struct pdf_column *columns = ARENA_ARRAY(arena, struct pdf_column, 4);
    if (labels == NULL || values == NULL || series == NULL || cells == NULL || rows == NULL ||
        columns == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    for (size_t i = 0; i < MONTHS; i++) {
        const char *month = db_text(report->months, i, db_column(report->months, "month"));
        size_t index = (size_t)((month[5] - '0') * 10 + (month[6] - '0') - 1);
        struct money in = figure(report->months, i, "money_in"),
                     out = figure(report->months, i, "money_out");
        labels[i] = w->short_names[index];
        values[i] = in.minor;
        values[MONTHS + i] = out.minor;
        values[2 * MONTHS + i] = report->ends[i].available.minor;
        cells[4 * i] = arena_printf(arena, "%s %.4s", w->month_names[index], month);
        cells[4 * i + 1] = sum_text(request, in);
        cells[4 * i + 2] = sum_text(request, out);
        cells[4 * i + 3] = sum_text(request, report->ends[i].available);
        rows[i] = (struct pdf_row){PDF_ROW, &cells[4 * i]};
    }
    series[0] = (struct pdf_series){w->in, PDF_MARK_COLUMN_DARK, values};
    series[1] = (struct pdf_series){w->out, PDF_MARK_COLUMN_HATCHED, values + MONTHS};
    series[2] = (struct pdf_series){w->available, PDF_MARK_LINE, values + 2 * MONTHS};
    columns[0] = (struct pdf_column){w->month, 4, PDF_LEFT};
    columns[1] = (struct pdf_column){w->in, 2, PDF_RIGHT};
    columns[2] = (struct pdf_column){w->out, 2, PDF_RIGHT};
    columns[3] = (struct pdf_column){w->available, 2, PDF_RIGHT};
    pdf_heading(pdf, w->months);
    pdf_chart(pdf, &(struct pdf_chart){labels, MONTHS, series, 3, request->caller.digits,
                                       unit_of(report)});
    pdf_table(pdf, &(struct pdf_table){columns, 4, rows, MONTHS});
    return RC_OK;
}

static enum rc pdf_funds(struct request *request, struct pdf *pdf, const struct report *report)
{
    static const char *const shown[] = {"held", "held_for_others", "promised", "reserved", "floor"};
    const struct words *w = &words[request->language];
    enum { COLUMNS = ARRAY_SIZE(shown) + 2 };
    struct arena *arena = request->arena;
    const char **cells = ARENA_ARRAY(arena, const char *, COLUMNS * report->n_funds);
    struct pdf_row *rows = ARENA_ARRAY(arena, struct pdf_row, report->n_funds);
    struct pdf_column *columns = ARENA_ARRAY(arena, struct pdf_column, COLUMNS);
    if (cells == NULL || rows == NULL || columns == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    columns[0] = (struct pdf_column){w->fund, 5, PDF_LEFT};
    columns[1] = (struct pdf_column){w->held, 3, PDF_RIGHT};
    for (size_t i = 1; i < ARRAY_SIZE(shown); i++)
        columns[i + 1] = (struct pdf_column){w->layers[i - 1], 3, PDF_RIGHT};
    columns[COLUMNS - 1] = (struct pdf_column){w->available, 3, PDF_RIGHT};
    for (size_t f = 0; f < report->n_funds; f++) {
        const char **row = &cells[COLUMNS * f];
        row[0] = db_text(report->funds, f, db_column(report->funds, "name"));
        for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
            row[i + 1] = sum_text(request, figure(report->funds, f, shown[i]));
        row[COLUMNS - 1] = sum_text(request, report->standings[f].available);
        rows[f] = (struct pdf_row){PDF_ROW, row};
    }
    pdf_heading(pdf, w->funds);
    pdf_table(pdf, &(struct pdf_table){columns, COLUMNS, rows, report->n_funds});
    return RC_OK;
}

static enum rc write_pdf(struct request *request, const struct report *report)
{
    const struct words *w = &words[request->language];
    struct standing sum;
    TRY(together(request, report, &sum));
    bool lacks = sum.available.minor < 0;
    struct money told = {lacks ? -sum.available.minor : sum.available.minor};
    const char *amount = amount_text(request, report, told),
               *day = day_text(request, frame_text(report, "as_of"));
    const char *known = day_text(request, frame_text(report, "known_local"));
    /* the templates are constants of the table above, filled as problems are */
    const char *lead = problem_sentence(request->arena, lacks ? w->cannot : w->can,
                                        (const char *const[]){amount, day, NULL, NULL},
                                        request->language, request->caller.digits);
    const char *note =
        problem_sentence(request->arena, w->note, (const char *const[]){known, NULL, NULL, NULL},
                         request->language, request->caller.digits);
    struct pdf *pdf = pdf_new(
        request->arena, &(struct pdf_about){.language = request->language,
                                            .organisation = frame_text(report, "organisation_name"),
                                            .title = w->title,
                                            .lead = lead,
                                            .note = note,
                                            .created_at = frame_text(report, "known_text")});
    if (pdf == NULL || lead == NULL || note == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    pdf_ladder(request, pdf, report, &sum);
    TRY(pdf_beside(request, pdf, report));
    TRY(pdf_months(request, pdf, report));
    TRY(pdf_funds(request, pdf, report));
    pdf_small_print(pdf, w->not_yet);
    if (!pdf_write(pdf, request->out))
        return problem_set(&request->problem, PROBLEM_INTERNAL, NULL);
    return RC_OK;
}

static enum rc fund_position(struct request *request)
{
    CLEANUP(report_release) struct report report = {0};
    TRY(report_read(request, &report));
    switch (request->format) {
    case REPLY_JSON:
        write_json(request, &report);
        break;
    case REPLY_CSV:
        write_csv(request, &report);
        break;
    case REPLY_PDF:
        TRY(write_pdf(request, &report));
        reply_header(request, "Content-Disposition", "inline; filename=\"fund-position.pdf\"");
        break;
    }
    return RC_OK;
}

/* ---- what waits ---- */

static const struct field to_do_item[] = {
    {"kind", F_STRING, F_REQUIRED,
     .en = "unmatched_transactions, unconfirmed_accounts, unknown, drafts, "
           "awaited_contributions, undeposited_cheques, statement_gaps"},
    {"count", F_INT, F_REQUIRED, .en = "How many"},
    {"amount", F_MONEY, F_NULLABLE, .en = "How much, where that says something"},
    {"oldest_on", F_DATE, F_NULLABLE, .en = "Since when"},
    {.type = F_END}};

static const struct field agreement_fields[] = {
    {"agrees", F_BOOL, F_REQUIRED, .en = "Bank and books agree on every confirmed account"},
    {"difference", F_MONEY, F_REQUIRED, .en = "What the bank has more"},
    {"on", F_DATE, F_NULLABLE, .en = "At the last statement's day; null before any"},
    {.type = F_END}};

static const struct field to_do_out[] = {
    {"items", F_LIST, F_REQUIRED, .of = to_do_item, .en = "What waits, by kind"},
    {"bank", F_OBJECT, F_REQUIRED, .of = agreement_fields, .en = "Do bank and books agree"},
    {.type = F_END}};

static enum rc to_do(struct request *request)
{
    DB_ROWS *rows = NULL;
    DB_ROWS *bank = NULL;
    TRY(request_query(request, &to_do_sql, 0, NULL, &rows));
    TRY(request_query(request, &agreement_sql, 0, NULL, &bank));
    char difference[MONEY_TEXT_MAX];
    const char *on = db_text(bank, 0, db_column(bank, "balance_on"));
    money_format(figure(bank, 0, "difference"), request->caller.digits, difference);
    const char *extra = arena_printf(
        request->arena, ",\"bank\":{\"agrees\":%s,\"difference\":\"%s\",\"on\":%s%s%s}",
        db_bool(bank, 0, db_column(bank, "agrees")) ? "true" : "false", difference,
        on == NULL ? "null" : "\"", on == NULL ? "" : on, on == NULL ? "" : "\"");
    if (extra == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    reply_items(request, to_do_item, rows, extra);
    return RC_OK;
}

const struct route position_routes[] = {
    {HTTP_GET, ORGANISATION "/reports/fund-position", ROLES_BOOKS, TX_READ, R_EXPORT | R_PDF,
     .query = position_query, .out = position_out, .handler = fund_position, .id = "fund_position",
     .en = "What each fund holds and can promise"},
    {HTTP_GET, ORGANISATION "/reports/to-do", ROLES_BOOKS, TX_READ, 0, .out = to_do_out,
     .handler = to_do, .id = "to_do",
     .en = "What waits to be done, and whether bank and books agree"},
    {.path = NULL}};
