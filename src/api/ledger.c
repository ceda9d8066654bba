/* The ledger: funds, projects, accounts, journals, fiscal years, entries and their lines, the trial
 * balance, the journal for hledger and ledger. */
#include "api/request.h"
#include "base/money.h"
#include "formats/ledger_journal.h"

enum { ENTRY_LINES_MAX = 500, ENTRY_BODY_MAX = 256 * 1024, LABEL_MAX = 200, REASON_MAX = 500 };

#define ORGANISATION "/organisations/{organisation}"

/* ---- funds and projects ---- */

static const char *const fund_kinds[] = {"general", "solidarity", "designated", "restricted", NULL};

static const struct field fund_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Fund", .fr = "Identifiant"},
    {"name", F_STRING, F_REQUIRED, .en = "Name", .fr = "Nom"},
    {"kind", F_ENUM, F_REQUIRED, .values = fund_kinds,
     .en = "Running the association, solidarity, designated by the board, restricted by a funder",
     .fr = "Nature"},
    {"floor", F_MONEY, F_REQUIRED, .en = "What the board wants to keep", .fr = "Minimum à garder"},
    {"is_default", F_BOOL, F_REQUIRED, .en = "Where money of its kind goes when nothing is said",
     .fr = "Par défaut"},
    {"version", F_INT, F_REQUIRED | F_NO_CSV, .en = "Counts the changes"},
    {"created_at", F_INSTANT, F_REQUIRED, .en = "Made at", .fr = "Créé le"},
    {.type = F_END}};

static const struct field fund_in[] = {
    {"name", F_STRING, F_REQUIRED, 1, 100, .en = "Name"},
    {"kind", F_ENUM, F_REQUIRED, .values = fund_kinds, .en = "Kind; it does not change later"},
    {"floor", F_MONEY, 0, 0, MONEY_MAX_MINOR, .en = "What the board wants to keep; 0 unless said"},
    {.type = F_END}};

static const struct field fund_change[] = {
    {"name", F_STRING, 0, 1, 100, .en = "Name"},
    {"floor", F_MONEY, 0, 0, MONEY_MAX_MINOR, .en = "What the board wants to keep"},
    {.type = F_END}};

static const struct field fund_query[] = {
    {"kind", F_ENUM, 0, .values = fund_kinds, .en = "Only of this kind"}, {.type = F_END}};
static const struct filter fund_filters[] = {{"kind", "kind = %s"}, {NULL, NULL}};
static const struct sort fund_sorts[] = {{"created_at", "created_at", "timestamptz"},
                                         {"name", "fund.search_text(name)", "text"},
                                         {NULL, NULL, NULL}};
static const struct collection fund_list = {"fund", "uuid", fund_filters, fund_sorts, NULL};

static const struct field project_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Project", .fr = "Identifiant"},
    {"code", F_STRING, F_NULLABLE, .en = "Short code", .fr = "Code"},
    {"name", F_STRING, F_REQUIRED, .en = "Name", .fr = "Nom"},
    {"version", F_INT, F_REQUIRED | F_NO_CSV, .en = "Counts the changes"},
    {.type = F_END}};

static const struct field project_in[] = {
    {"name", F_STRING, F_REQUIRED, 1, 200, .en = "Name"},
    {"code", F_STRING, F_NULLABLE, 1, 20, .en = "Short code, unique"},
    {.type = F_END}};

static const struct field project_change[] = {
    {"name", F_STRING, 0, 1, 200, .en = "Name"},
    {"code", F_STRING, F_NULLABLE, 1, 20, .en = "Short code, unique; null removes it"},
    {.type = F_END}};

static const struct field project_query[] = {
    {"q", F_STRING, 0, 0, 100, .en = "Words of the name or the code"}, {.type = F_END}};
static const struct filter project_filters[] = {
    {"q", "position(fund.search_text(%s) IN fund.search_text(concat_ws(' ', code, name))) > 0"},
    {NULL, NULL}};
static const struct sort project_sorts[] = {{"name", "fund.search_text(name)", "text"},
                                            {NULL, NULL, NULL}};
static const struct collection project_list = {"project", "uuid", project_filters, project_sorts,
                                               NULL};

/* ---- accounts and journals ---- */

static const char *const account_kinds[] = {"asset",  "liability",  "expense",
                                            "income", "contingent", NULL};

static const struct field account_out[] = {
    {"id", F_STRING, F_REQUIRED | F_NO_CSV,
     .en = "Number and first day of validity: \"512@2020-01-01\""},
    {"number", F_ACCOUNT, F_REQUIRED, .en = "Number", .fr = "Compte"},
    {"title", F_STRING, F_REQUIRED, .en = "Official title", .fr = "Intitulé"},
    {"kind", F_ENUM, F_REQUIRED, .values = account_kinds,
     .en = "What becomes of it at the end of a year", .fr = "Nature"},
    {"own", F_BOOL, F_REQUIRED, .en = "A sub-account of the association's own",
     .fr = "Sous-compte propre"},
    {"used", F_BOOL, F_REQUIRED, .en = "Opened in the books; the others open at first use",
     .fr = "Ouvert"},
    {"valid_from", F_DATE, F_REQUIRED, .en = "For fiscal years opened from this day on",
     .fr = "Du"},
    {"valid_to", F_DATE, F_NULLABLE, .en = "For fiscal years opened up to this day", .fr = "Au"},
    {.type = F_END}};

static const struct field account_in[] = {
    {"number", F_STRING, F_REQUIRED, 2, 8, .en = "Begins with the number of an existing account"},
    {"title", F_STRING, F_REQUIRED, 1, LABEL_MAX, .en = "Title"},
    {"fiscal_year_id", F_UUID, 0, .en = "In the chart of this year; of the latest one unless said"},
    {.type = F_END}};

static const struct field account_query[] = {
    {"q", F_STRING, 0, 0, 100, .en = "Beginning of the number, or words of the title"},
    {"class", F_INT, 0, 1, 8, .en = "Only of this class"},
    {"on", F_DATE, 0, .en = "Only of the chart in force for the fiscal year around this date"},
    {"used", F_BOOL, 0, .en = "Only those opened in the books, or only the others"},
    {"own", F_BOOL, 0, .en = "Only sub-accounts of the association's own, or only the others"},
    {.type = F_END}};
static const struct filter account_filters[] = {
    {"q",
     "(number LIKE %s || '%' OR position(fund.search_text(%s) IN fund.search_text(title)) > 0)"},
    {"class", "number LIKE %s || '%'"},
    {"on", "api.chart_covers(valid_from, valid_to, %s::date)"},
    {"used", "used = %s::boolean"},
    {"own", "own = %s::boolean"},
    {NULL, NULL}};
static const struct sort account_sorts[] = {{"number", "number COLLATE \"C\"", "text"},
                                            {NULL, NULL, NULL}};
static const struct collection account_list = {"account", "text", account_filters, account_sorts,
                                               "id COLLATE \"C\""};

static const struct db_statement account_one = {
    "account_show", "SELECT id, number, title, kind, own, used, valid_from, valid_to FROM "
                    "api.account WHERE id = $1"};

static enum rc account_show(struct request *request)
{
    const char *const values[] = {record_text(request->path, "account")};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &account_one, ARRAY_SIZE(values), values, &rows));
    if (db_rows_count(rows) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    reply_row(request, account_out, rows, 0);
    return RC_OK;
}

static const struct field journal_out[] = {
    {"code", F_STRING, F_REQUIRED, .en = "Code", .fr = "Code"},
    {"name", F_STRING, F_REQUIRED, .en = "Name", .fr = "Nom"},
    {.type = F_END}};
static const struct sort journal_sorts[] = {{"code", "code", "text"}, {NULL, NULL, NULL}};
static const struct collection journal_list = {"journal", "text", NULL, journal_sorts, NULL};

/* ---- fiscal years ---- */

static const char *const year_states[] = {"open", "closed", NULL};

static const struct field year_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Fiscal year", .fr = "Identifiant"},
    {"starts_on", F_DATE, F_REQUIRED, .en = "First day", .fr = "Du"},
    {"ends_on", F_DATE, F_REQUIRED, .en = "Last day", .fr = "Au"},
    {"locked_through", F_DATE, F_NULLABLE, .en = "Nothing is posted on or before this day",
     .fr = "Clos jusqu’au"},
    {"state", F_ENUM, F_REQUIRED, .values = year_states, .en = "Open, or closed for good",
     .fr = "État"},
    {"version", F_INT, F_REQUIRED | F_NO_CSV, .en = "Counts the changes"},
    {.type = F_END}};

static const struct field year_in[] = {
    {"starts_on", F_DATE, F_REQUIRED,
     .en = "First day: the day after the last year, unless it ends before the first"},
    {"ends_on", F_DATE, F_REQUIRED, .en = "Last day, 1 to 24 months later"},
    {.type = F_END}};

static const struct field lock_in[] = {
    {"through", F_DATE, F_REQUIRED, .en = "The end of a month of the year"},
    {"reason", F_TEXT, F_REQUIRED, 1, REASON_MAX, .en = "Why, for the log"},
    {.type = F_END}};

static const struct field unlock_in[] = {
    {"through", F_DATE, F_REQUIRED | F_NULLABLE,
     .en = "The earlier month's end that stays locked; null: nothing stays locked"},
    {"reason", F_TEXT, F_REQUIRED, 1, REASON_MAX, .en = "Why, for the log"},
    {.type = F_END}};

static const struct sort year_sorts[] = {
    {"-starts_on", "starts_on", "date"}, {"starts_on", "starts_on", "date"}, {NULL, NULL, NULL}};
static const struct collection year_list = {"fiscal_year", "uuid", NULL, year_sorts, NULL};

/* ---- entries ---- */

static const char *const entry_states[] = {"draft", "validated", NULL};

static const struct field entry_line_part[] = {
    {"id", F_ID, F_NULLABLE, .en = "Line; null in a draft"},
    {"account", F_ACCOUNT, F_REQUIRED, .en = "Account number"},
    {"title", F_STRING, F_NULLABLE, .en = "Its title"},
    {"debit", F_MONEY, F_NULLABLE, .en = "Debit, null where it is a credit"},
    {"credit", F_MONEY, F_NULLABLE, .en = "Credit, null where it is a debit"},
    {"fund_id", F_UUID, F_REQUIRED, .en = "Fund"},
    {"fund_name", F_STRING, F_NULLABLE, .en = "Its name"},
    {"project_id", F_UUID, F_NULLABLE, .en = "Project"},
    {"member_id", F_UUID, F_NULLABLE, .en = "Member"},
    {"member_name", F_STRING, F_NULLABLE, .en = "Its name"},
    {"label", F_STRING, F_NULLABLE, .en = "Label of the line"},
    {.type = F_END}};

static const struct field entry_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Entry", .fr = "Identifiant"},
    {"status", F_ENUM, F_REQUIRED, .values = entry_states,
     .en = "A draft can change; a validated entry never", .fr = "État"},
    {"journal", F_STRING, F_REQUIRED, .en = "Journal", .fr = "Journal"},
    {"number", F_INT, F_NULLABLE,
     .en = "Number in journal and fiscal year, without gap; null in a draft", .fr = "Numéro"},
    {"date", F_DATE, F_REQUIRED, .en = "Accounting date", .fr = "Date"},
    {"label", F_STRING, F_REQUIRED, .en = "Label", .fr = "Libellé"},
    {"total", F_MONEY, F_REQUIRED, .en = "Sum of the debits", .fr = "Total"},
    {"lines", F_LIST, F_REQUIRED, .of = entry_line_part, .en = "Lines"},
    {"source_kind", F_STRING, F_REQUIRED, .en = "What wrote it: manual, contribution, match…",
     .fr = "Origine"},
    {"source_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The object of that kind"},
    {"reverses_entry_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The entry it takes back"},
    {"reversed_by_entry_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The entry that takes it back"},
    {"reason", F_STRING, F_NULLABLE, .en = "Why it takes the other back", .fr = "Motif"},
    {"fiscal_year_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "Fiscal year; null in a draft"},
    {"recorded_at", F_INSTANT, F_NULLABLE, .en = "When it was validated", .fr = "Enregistrée le"},
    {"recorded_by", F_STRING, F_REQUIRED, .en = "Who validated it, or wrote the draft",
     .fr = "Par"},
    {"recorded_by_name", F_STRING, F_NULLABLE, .en = "The same by name", .fr = "Par (nom)"},
    {"version", F_INT, F_REQUIRED | F_NO_CSV, .en = "Counts the changes"},
    {.type = F_END}};

static const struct field entry_line_in[] = {
    {"account", F_STRING, F_REQUIRED, 1, 20, .en = "Account number; opened at first use"},
    {"debit", F_MONEY, F_NULLABLE, 0, MONEY_MAX_MINOR,
     .en = "Debit: one of the two, the other absent, null or zero"},
    {"credit", F_MONEY, F_NULLABLE, 0, MONEY_MAX_MINOR, .en = "Credit"},
    {"fund_id", F_UUID, F_NULLABLE,
     .en = "Fund; unless said the only one the other lines name, else the general fund"},
    {"project_id", F_UUID, F_NULLABLE, .en = "Project"},
    {"member_id", F_UUID, F_NULLABLE, .en = "Member"},
    {"label", F_STRING, F_NULLABLE, 1, LABEL_MAX,
     .en = "Label of the line, where it differs from the entry's"},
    {.type = F_END}};

static const struct field entry_in[] = {
    {"journal", F_STRING, F_REQUIRED, 1, 6, .en = "Code of a journal"},
    {"date", F_DATE, F_REQUIRED, .en = "Accounting date, in an open period"},
    {"label", F_STRING, F_REQUIRED, 1, LABEL_MAX, .en = "Label"},
    {"lines", F_LIST, F_REQUIRED, 1, ENTRY_LINES_MAX, .of = entry_line_in,
     .en = "Lines; a draft need not balance yet"},
    {.type = F_END}};

static const struct field entry_change[] = {
    {"journal", F_STRING, 0, 1, 6, .en = "Code of a journal"},
    {"date", F_DATE, 0, .en = "Accounting date, in an open period"},
    {"label", F_STRING, 0, 1, LABEL_MAX, .en = "Label"},
    {"lines", F_LIST, 0, 1, ENTRY_LINES_MAX, .of = entry_line_in,
     .en = "Lines, replaced as a whole"},
    {.type = F_END}};

static const struct field reversal_in[] = {
    {"date", F_DATE, F_REQUIRED,
     .en = "Date of the reversal: not before the entry's, in an open period"},
    {"reason", F_TEXT, F_REQUIRED, 1, REASON_MAX, .en = "Why; it stays beside the entry"},
    {.type = F_END}};

static const struct field entry_query[] = {
    {"status", F_ENUM, 0, .values = entry_states, .en = "Only drafts, or only validated entries"},
    {"journal", F_STRING, 0, 1, 6, .en = "Only in this journal"},
    {"account", F_ACCOUNT, 0, .en = "Only with a line on an account that begins like this"},
    {"fund_id", F_UUID, 0, .en = "Only with a line of this fund"},
    {"member_id", F_UUID, 0, .en = "Only with a line about this member"},
    {"project_id", F_UUID, 0, .en = "Only with a line of this project"},
    {"fiscal_year_id", F_UUID, 0, .en = "Only in this fiscal year (no drafts)"},
    {"source_kind", F_STRING, 0, 1, 30, .en = "Only written by this kind of operation"},
    {"from", F_DATE, 0, .en = "From this day on"},
    {"to", F_DATE, 0, .en = "Up to and with this day"},
    {"q", F_STRING, 0, 0, 100, .en = "Words of the label, or journal and number (BQ-12)"},
    {.type = F_END}};
static const struct filter entry_filters[] = {
    {"status", "status = %s"},
    {"journal", "journal = %s"},
    {"account",
     "EXISTS (SELECT FROM unnest(accounts) AS a (number) WHERE a.number LIKE %s || '%')"},
    {"fund_id", "%s::uuid = ANY (fund_ids)"},
    {"member_id", "%s::uuid = ANY (member_ids)"},
    {"project_id", "%s::uuid = ANY (project_ids)"},
    {"fiscal_year_id", "fiscal_year_id = %s::uuid"},
    {"source_kind", "source_kind = %s"},
    {"from", "date >= %s::date"},
    {"to", "date <= %s::date"},
    {"q", "(position(fund.search_text(%s) IN fund.search_text(label)) > 0 OR journal || '-' || "
          "number = upper(%s))"},
    {NULL, NULL}};
static const struct sort entry_sorts[] = {{"-date", "date", "date"},
                                          {"date", "date", "date"},
                                          {"-number", "coalesce(number, 0)", "integer"},
                                          {NULL, NULL, NULL}};
static const struct collection entry_list = {"entry", "uuid", entry_filters, entry_sorts, NULL};

/* ---- lines: what every figure of a report opens ---- */

static const struct field line_out[] = {
    {"id", F_ID, F_REQUIRED, .en = "Line", .fr = "Ligne"},
    {"entry_id", F_UUID, F_REQUIRED | F_NO_CSV, .en = "Its entry"},
    {"date", F_DATE, F_REQUIRED, .en = "Accounting date", .fr = "Date"},
    {"journal", F_STRING, F_REQUIRED, .en = "Journal", .fr = "Journal"},
    {"number", F_INT, F_REQUIRED, .en = "Number of the entry", .fr = "Numéro"},
    {"entry_label", F_STRING, F_REQUIRED, .en = "Label of the entry", .fr = "Libellé"},
    {"label", F_STRING, F_NULLABLE, .en = "Label of the line", .fr = "Libellé de la ligne"},
    {"account", F_ACCOUNT, F_REQUIRED, .en = "Account number", .fr = "Compte"},
    {"title", F_STRING, F_REQUIRED, .en = "Its title", .fr = "Intitulé"},
    {"debit", F_MONEY, F_NULLABLE, .en = "Debit", .fr = "Débit"},
    {"credit", F_MONEY, F_NULLABLE, .en = "Credit", .fr = "Crédit"},
    {"fund_id", F_UUID, F_REQUIRED | F_NO_CSV, .en = "Fund"},
    {"fund_name", F_STRING, F_REQUIRED, .en = "Its name", .fr = "Fonds"},
    {"member_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "Member"},
    {"member_name", F_STRING, F_NULLABLE, .en = "Its name", .fr = "Adhérent"},
    {"project_id", F_UUID, F_NULLABLE, .en = "Project", .fr = "Projet"},
    {"matched", F_BOOL, F_REQUIRED, .en = "Matched with a bank line", .fr = "Rapprochée"},
    {"match_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The match"},
    {"recorded_at", F_INSTANT, F_REQUIRED, .en = "When the entry was validated",
     .fr = "Enregistrée le"},
    {.type = F_END}};

static const struct field line_query[] = {
    {"account", F_ACCOUNT, 0, .en = "Only on accounts that begin like this"},
    {"account_number", F_ACCOUNT, 0,
     .en = "Only on this very account: what a line of the trial balance sums"},
    {"fund_id", F_UUID, 0, .en = "Only of this fund"},
    {"member_id", F_UUID, 0, .en = "Only about this member"},
    {"project_id", F_UUID, 0, .en = "Only of this project"},
    {"fiscal_year_id", F_UUID, 0, .en = "Only in this fiscal year"},
    {"entry_id", F_UUID, 0, .en = "Only of this entry"},
    {"from", F_DATE, 0, .en = "From this accounting date on"},
    {"as_of", F_DATE, 0, .en = "Up to and with this accounting date"},
    {"known_at", F_INSTANT, 0, .en = "Recorded by this instant"},
    {"matched", F_BOOL, 0, .en = "Only matched with the bank, or only not"},
    {"matched_at", F_INSTANT, 0,
     .en = "Only matched with the bank at this instant: what a report as known then counted"},
    {"unmatched_at", F_INSTANT, 0, .en = "Only not matched with the bank at this instant"},
    {.type = F_END}};
static const struct filter line_filters[] = {
    {"account", "account LIKE %s || '%'", "account_id",
     "SELECT id FROM fund.account WHERE number LIKE %s || '%'"},
    {"account_number", "account = %s", "account_id",
     "SELECT id FROM fund.account WHERE number = %s"},
    {"fund_id", "fund_id = %s::uuid"},
    {"member_id", "member_id = %s::uuid"},
    {"project_id", "project_id = %s::uuid"},
    {"fiscal_year_id", "fiscal_year_id = %s::uuid"},
    {"entry_id", "entry_id = %s::uuid"},
    {"from", "date >= %s::date"},
    {"as_of", "date <= %s::date"},
    {"known_at", "recorded_at <= %s::timestamptz"},
    {"matched", "matched = %s::boolean"},
    {"matched_at", "api.line_matched_at(id, %s::timestamptz)"},
    {"unmatched_at", "NOT api.line_matched_at(id, %s::timestamptz)"},
    {NULL, NULL}};
static const struct sort line_sorts[] = {
    {"-date", "date", "date"}, {"date", "date", "date"}, {NULL, NULL, NULL}};
static const struct collection line_list = {"entry_line", "bigint", line_filters, line_sorts, NULL};

static const struct field line_totals_out[] = {
    {"count", F_INT, F_REQUIRED, .en = "Number of lines"},
    {"debit", F_MONEY, F_REQUIRED, .en = "Sum of their debits"},
    {"credit", F_MONEY, F_REQUIRED, .en = "Sum of their credits"},
    {"balance", F_MONEY, F_REQUIRED,
     .en = "Debit − credit, signed: the figure these lines are behind"},
    {.type = F_END}};

/* The values of line_filters, in their order. */
static const struct db_statement line_totals = {
    "entry_line_totals",
    "SELECT count::integer, debit, credit, debit - credit AS balance FROM "
    "api.line_totals($1::text, "
    "$2::text, $3::uuid, $4::uuid, $5::uuid, $6::uuid, $7::uuid, $8::date, $9::date, "
    "$10::timestamptz, $11::boolean, $12::timestamptz, $13::timestamptz)"};

static enum rc entry_line_totals(struct request *request)
{
    const char *values[ARRAY_SIZE(line_filters) - 1];
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        const struct value *value = record_get(request->query, line_filters[i].name);
        values[i] = value->kind == V_BOOL   ? (value->boolean ? "true" : "false")
                    : value->kind == V_TEXT ? value->text.p
                                            : NULL;
    }
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &line_totals, ARRAY_SIZE(values), values, &rows));
    reply_row(request, line_totals_out, rows, 0);
    return RC_OK;
}

/* ---- trial balance ---- */

static const struct field balance_item[] = {
    {"account", F_ACCOUNT, F_REQUIRED, .en = "Account number", .fr = "Compte"},
    {"title", F_STRING, F_REQUIRED, .en = "Its title in that vintage of the chart",
     .fr = "Intitulé"},
    {"kind", F_ENUM, F_REQUIRED | F_NO_CSV, .values = account_kinds,
     .en = "What becomes of it at the end of a year"},
    {"opening", F_MONEY, F_NULLABLE,
     .en = "With a fiscal year: what the account stood at before it", .fr = "À nouveau"},
    {"debit", F_MONEY, F_REQUIRED, .en = "Sum of the debits", .fr = "Débit"},
    {"credit", F_MONEY, F_REQUIRED, .en = "Sum of the credits", .fr = "Crédit"},
    {"balance", F_MONEY, F_REQUIRED, .en = "Debit − credit, signed", .fr = "Solde de la période"},
    {"closing", F_MONEY, F_NULLABLE, .en = "With a fiscal year: opening + balance", .fr = "Solde"},
    {.type = F_END}};

static const struct field balance_out[] = {
    {"items", F_LIST, F_REQUIRED, .of = balance_item, .en = "Accounts with movements"},
    {"total_debit", F_MONEY, F_REQUIRED, .en = "Sum of the debits"},
    {"total_credit", F_MONEY, F_REQUIRED,
     .en = "Sum of the credits, equal to it unless one fund is asked for"},
    {"as_of", F_DATE, F_REQUIRED, .en = "Accounting date up to which lines are summed"},
    {"known_at", F_INSTANT, F_REQUIRED,
     .en = "Instant up to which entries were recorded: ask with it to get the same again"},
    {"fiscal_year_id", F_UUID, F_NULLABLE, .en = "The fiscal year asked for"},
    {.type = F_END}};

static const struct field balance_query[] = {
    {"as_of", F_DATE, 0,
     .en = "Up to and with this date; today, or the end of the fiscal year, unless said"},
    {"known_at", F_INSTANT, 0, .en = "As known at this instant; now unless said"},
    {"fiscal_year_id", F_UUID, 0,
     .en = "This year only, with an opening for assets and liabilities; all lines unless said"},
    {"fund_id", F_UUID, 0, .en = "This fund only"},
    {.type = F_END}};

static const struct db_statement balance_frame = {
    "trial_balance_frame",
    "SELECT as_of, known_at, to_char(known_at AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS known_text, "
    "fiscal_year_id, year_starts_on "
    "FROM api.trial_balance_frame($1::date, $2::timestamptz, $3::uuid, $4::uuid)"};
static const struct db_statement balance_rows = {
    "trial_balance", "SELECT account, title, kind, opening, debit, credit, balance, closing "
                     "FROM api.trial_balance($1::date, $2::timestamptz, $3::date, $4::uuid)"};

static bool sum_column(const struct db_rows *rows, const char *name, struct money *ret_sum)
{
    size_t column = db_column(rows, name);
    struct money sum = {0};
    for (size_t row = 0; row < db_rows_count(rows); row++)
        if (!money_add(sum, (struct money){db_int(rows, row, column)}, &sum))
            return false;
    *ret_sum = sum;
    return true;
}

static enum rc trial_balance(struct request *request)
{
    const char *const asked[] = {
        record_text(request->query, "as_of"), record_text(request->query, "known_at"),
        record_text(request->query, "fiscal_year_id"), record_text(request->query, "fund_id")};
    DB_ROWS *frame = NULL;
    TRY(request_query(request, &balance_frame, ARRAY_SIZE(asked), asked, &frame));
    const char *as_of = db_text(frame, 0, db_column(frame, "as_of"));
    const char *known_at = db_text(frame, 0, db_column(frame, "known_at"));
    const char *year = db_text(frame, 0, db_column(frame, "fiscal_year_id"));
    const char *const values[] = {as_of, known_at,
                                  db_text(frame, 0, db_column(frame, "year_starts_on")), asked[3]};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &balance_rows, ARRAY_SIZE(values), values, &rows));
    struct money debit, credit;
    char debit_text[MONEY_TEXT_MAX], credit_text[MONEY_TEXT_MAX];
    if (!sum_column(rows, "debit", &debit) || !sum_column(rows, "credit", &credit))
        return problem_set(&request->problem, PROBLEM_MONEY_SUM, NULL);
    money_format(debit, request->caller.digits, debit_text);
    money_format(credit, request->caller.digits, credit_text);
    const char *extra = arena_printf(
        request->arena,
        ",\"total_debit\":\"%s\",\"total_credit\":\"%s\",\"as_of\":\"%s\",\"known_at\":\"%s\","
        "\"fiscal_year_id\":%s%s%s",
        debit_text, credit_text, as_of, db_text(frame, 0, db_column(frame, "known_text")),
        year == NULL ? "null" : "\"", year == NULL ? "" : year, year == NULL ? "" : "\"");
    if (extra == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    reply_items(request, balance_item, rows, extra);
    return RC_OK;
}

/* ---- validating and reversing: the answer is an entry, so its place is that of entries ---- */

#define ENTRY_COLUMNS                                                                              \
    "id, status, journal, number, date, label, total, lines, source_kind, source_id, "             \
    "reverses_entry_id, "                                                                          \
    "reversed_by_entry_id, reason, fiscal_year_id, recorded_at, recorded_by, recorded_by_name, "   \
    "version"
static const struct db_statement entry_validate = {
    "entry_validate", "SELECT " ENTRY_COLUMNS " FROM api.entry_validate($1::jsonb, $2::jsonb)"};
static const struct db_statement entry_reverse = {
    "entry_reverse", "SELECT " ENTRY_COLUMNS " FROM api.entry_reverse($1::jsonb, $2::jsonb)"};

static enum rc entry_event(struct request *request, const struct db_statement *statement)
{
    const char *const values[] = {request->path_json, request->body_json};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, statement, ARRAY_SIZE(values), values, &rows));
    reply_row(request, entry_out, rows, 0);
    request->etag =
        arena_printf(request->arena, "\"v%s\"", db_text(rows, 0, db_column(rows, "version")));
    request->location = arena_printf(request->arena, "/api/v1/organisations/%s/entries/%s",
                                     request->caller.slug, db_text(rows, 0, db_column(rows, "id")));
    return RC_OK;
}

static enum rc validation(struct request *request)
{
    return entry_event(request, &entry_validate);
}

static enum rc reversal(struct request *request)
{
    return entry_event(request, &entry_reverse);
}

/* ---- the journal for hledger and ledger ---- */

static const struct field journal_query[] = {
    {"as_of", F_DATE, 0, .en = "Up to and with this date; all entries unless said"},
    {"known_at", F_INSTANT, 0, .en = "As known at this instant; now unless said"},
    {.type = F_END}};

static const struct db_statement journal_accounts = {
    "ledger_journal_accounts", "SELECT account, title FROM api.ledger_journal_accounts()"};
static const struct db_statement journal_lines = {
    "ledger_journal",
    "SELECT entry_id, date, journal, number, label, reverses_entry_id, reason, account, title, "
    "amount, "
    "line_label, fund, project, member FROM api.ledger_journal($1::date, $2::timestamptz)"};

const struct db_statement *const ledger_statements[] = {
    &account_one,    &balance_frame, &balance_rows,
    &entry_validate, &entry_reverse, &journal_accounts,
    &journal_lines,  &line_totals,   NULL};

static struct str cell(const struct db_rows *row, const char *name)
{
    return str_of(db_text(row, 0, db_column(row, name)));
}

static void journal_line(struct request *request, void *data, const struct db_rows *row)
{
    (void)request;
    const struct ledger_journal_line line = {
        .entry_id = cell(row, "entry_id"),
        .date = cell(row, "date"),
        .journal = cell(row, "journal"),
        .number = cell(row, "number"),
        .label = cell(row, "label"),
        .reverses = cell(row, "reverses_entry_id"),
        .reason = cell(row, "reason"),
        .account = cell(row, "account"),
        .title = cell(row, "title"),
        .amount = {db_int(row, 0, db_column(row, "amount"))},
        .fund = cell(row, "fund"),
        .project = cell(row, "project"),
        .member = cell(row, "member"),
        .line_label = cell(row, "line_label"),
    };
    ledger_journal_line(data, &line);
}

static enum rc ledger_journal(struct request *request)
{
    struct ledger_journal journal;
    DB_ROWS *accounts = NULL;
    const char *const values[] = {record_text(request->query, "as_of"),
                                  record_text(request->query, "known_at")};
    TRY(request_query(request, &journal_accounts, 0, NULL, &accounts));
    ledger_journal_begin(&journal, request->out, str_of(request->caller.currency),
                         request->caller.digits, str_of(request->caller.slug));
    for (size_t row = 0; row < db_rows_count(accounts); row++)
        ledger_journal_account(&journal, str_of(db_text(accounts, row, 0)),
                               str_of(db_text(accounts, row, 1)));
    reply_type(request, "text/plain; charset=utf-8");
    return reply_stream(request, &journal_lines, ARRAY_SIZE(values), values, journal_line,
                        &journal);
}

/* ---- routes ---- */

const struct route ledger_routes[] = {
    {HTTP_GET, ORGANISATION "/funds", ROLES_ALL, TX_READ, 0, .query = fund_query, .out = fund_out,
     .list = &fund_list, .id = "fund_list", .en = "Funds"},
    {HTTP_POST, ORGANISATION "/funds", ROLE_TREASURER, TX_WRITE, R_CREATED, .in = fund_in,
     .out = fund_out, .sql = "fund_create", .id = "fund_create", .en = "Make a fund"},
    {HTTP_GET, ORGANISATION "/funds/{id}", ROLES_ALL, TX_READ, 0, .out = fund_out, .sql = "fund",
     .id = "fund_show", .en = "A fund"},
    {HTTP_PATCH, ORGANISATION "/funds/{id}", ROLE_TREASURER, TX_WRITE, R_IF_MATCH,
     .in = fund_change, .out = fund_out, .sql = "fund_update", .id = "fund_update",
     .en = "Change the name or the floor of a fund"},

    {HTTP_GET, ORGANISATION "/projects", ROLES_ALL, TX_READ, 0, .query = project_query,
     .out = project_out, .list = &project_list, .id = "project_list", .en = "Projects"},
    {HTTP_POST, ORGANISATION "/projects", ROLE_TREASURER, TX_WRITE, R_CREATED, .in = project_in,
     .out = project_out, .sql = "project_create", .id = "project_create", .en = "Make a project"},
    {HTTP_GET, ORGANISATION "/projects/{id}", ROLES_ALL, TX_READ, 0, .out = project_out,
     .sql = "project", .id = "project_show", .en = "A project"},
    {HTTP_PATCH, ORGANISATION "/projects/{id}", ROLE_TREASURER, TX_WRITE, R_IF_MATCH,
     .in = project_change, .out = project_out, .sql = "project_update", .id = "project_update",
     .en = "Change a project"},

    {HTTP_GET, ORGANISATION "/accounts", ROLES_BOOKS, TX_READ, 0, .query = account_query,
     .out = account_out, .list = &account_list, .id = "account_list",
     .en = "Accounts that can be booked on, in both vintages of the chart"},
    {HTTP_POST, ORGANISATION "/accounts", ROLE_TREASURER, TX_WRITE, R_CREATED, .in = account_in,
     .out = account_out, .sql = "account_create", .id = "account_create",
     .en = "Open a sub-account"},
    {HTTP_GET, ORGANISATION "/accounts/{account}", ROLES_BOOKS, TX_READ, 0, .out = account_out,
     .handler = account_show, .id = "account_show",
     .en = "An account, by number and first day of validity"},
    {HTTP_GET, ORGANISATION "/journals", ROLES_BOOKS, TX_READ, 0, .out = journal_out,
     .list = &journal_list, .id = "journal_list", .en = "Journals"},

    {HTTP_GET, ORGANISATION "/fiscal-years", ROLES_BOOKS, TX_READ, 0, .out = year_out,
     .list = &year_list, .id = "fiscal_year_list", .en = "Fiscal years"},
    {HTTP_POST, ORGANISATION "/fiscal-years", ROLE_TREASURER, TX_WRITE, R_CREATED, .in = year_in,
     .out = year_out, .sql = "fiscal_year_create", .id = "fiscal_year_create",
     .en = "Open a fiscal year"},
    {HTTP_GET, ORGANISATION "/fiscal-years/{id}", ROLES_BOOKS, TX_READ, 0, .out = year_out,
     .sql = "fiscal_year", .id = "fiscal_year_show", .en = "A fiscal year"},
    {HTTP_POST, ORGANISATION "/fiscal-years/{id}/locks", ROLE_TREASURER, TX_WRITE, 0, .in = lock_in,
     .out = year_out, .sql = "fiscal_year_lock", .id = "fiscal_year_lock",
     .en = "Lock a year up to the end of a month"},
    {HTTP_POST, ORGANISATION "/fiscal-years/{id}/unlocks", ROLE_TREASURER, TX_WRITE, 0,
     .in = unlock_in, .out = year_out, .sql = "fiscal_year_unlock", .id = "fiscal_year_unlock",
     .en = "Bring the lock of a year back"},

    {HTTP_GET, ORGANISATION "/entries", ROLES_BOOKS, TX_READ, 0, .query = entry_query,
     .out = entry_out, .list = &entry_list, .id = "entry_list", .en = "Entries and drafts"},
    {HTTP_POST, ORGANISATION "/entries", ROLE_TREASURER, TX_WRITE, R_CREATED, .in = entry_in,
     .out = entry_out, .sql = "entry_create", .id = "entry_create", .en = "Write a draft",
     .body_limit = ENTRY_BODY_MAX},
    {HTTP_GET, ORGANISATION "/entries/{id}", ROLES_BOOKS, TX_READ, 0, .out = entry_out,
     .sql = "entry", .id = "entry_show", .en = "An entry or a draft"},
    {HTTP_PATCH, ORGANISATION "/entries/{id}", ROLE_TREASURER, TX_WRITE, R_IF_MATCH,
     .in = entry_change, .out = entry_out, .sql = "entry_update", .id = "entry_update",
     .en = "Change a draft", .body_limit = ENTRY_BODY_MAX},
    {HTTP_DELETE, ORGANISATION "/entries/{id}", ROLE_TREASURER, TX_WRITE, R_IF_MATCH | R_NO_CONTENT,
     .sql = "entry_delete", .id = "entry_delete", .en = "Delete a draft"},
    {HTTP_POST, ORGANISATION "/entries/{id}/validations", ROLE_TREASURER, TX_WRITE, R_CREATED,
     .out = entry_out, .handler = validation, .id = "entry_validate",
     .en = "Post a draft: it gets its number and never changes again"},
    {HTTP_POST, ORGANISATION "/entries/{id}/reversals", ROLE_TREASURER, TX_WRITE, R_CREATED,
     .in = reversal_in, .out = entry_out, .handler = reversal, .id = "entry_reverse",
     .en = "Take a manual entry back by its opposite"},
    {HTTP_GET, ORGANISATION "/entry-lines", ROLES_BOOKS, TX_READ, 0, .query = line_query,
     .out = line_out, .list = &line_list, .id = "entry_line_list",
     .en = "Lines of validated entries"},
    {HTTP_GET, ORGANISATION "/reports/entry-line-totals", ROLES_BOOKS, TX_READ, 0,
     .query = line_query, .out = line_totals_out, .handler = entry_line_totals,
     .id = "entry_line_totals",
     .en = "What lines of validated entries sum to, by the filters of entry-lines"},

    {HTTP_GET, ORGANISATION "/reports/trial-balance", ROLES_BOOKS, TX_READ, R_EXPORT,
     .query = balance_query, .out = balance_out, .handler = trial_balance, .id = "trial_balance",
     .en = "Trial balance"},
    {HTTP_GET, ORGANISATION "/exports/ledger-journal", ROLES_BOOKS, TX_READ_LOGGED,
     R_EXPORT | R_TEXT, .query = journal_query, .handler = ledger_journal, .id = "ledger_journal",
     .en = "All validated entries as text for hledger and ledger"},
    {.path = NULL}};
