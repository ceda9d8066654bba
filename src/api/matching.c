/* Lines of the bank: what they are, what they could be. Suggestions are computed by
 * src/domain/matching.c from what the books know at that moment; saying what a line is, undoing it
 * and explaining it later are functions of the database. */
#include "domain/matching.h"
#include "api/bank.h"
#include "base/date.h"
#include "base/json.h"
#include "base/money.h"
#include "domain/matching_text.h"

enum {
    LINKS_MAX = 200, /* contributions, entry lines or bank lines one match names */
    PARTS_MAX = 50,  /* parts one match creates */
    LABEL_MAX = 200,
    REASON_MAX = 500,
    TERMS_MAX = 500,
    DONOR_MAX = 200,
    CONTEXT_MEMORY_MAX = 64 * 1024 * 1024, /* what suggestions are made from */
    LINE_MEMORY_MAX = 4 * 1024 * 1024,     /* texts of one line's suggestions */
    TRANSFER_LINES_MAX = 2000 /* unmatched lines looked at for the other side of a transfer */
};

#define ORGANISATION "/organisations/{organisation}"

/* ---- what may be said of a line ---- */

static const char *const kinds[] = {"contribution",      "expense", "interest",
                                    "internal_transfer", "refund",  "returned",
                                    "third_party",       "unknown", NULL};
static const char *const all_kinds[] = {
    "entry_line", "contribution", "expense",     "interest", "internal_transfer",
    "refund",     "returned",     "third_party", "unknown",  NULL};
static const char *const natures[] = {"dues",
                                      "donation",
                                      "patronage",
                                      "sponsorship",
                                      "financial_contribution",
                                      "subsidy",
                                      "equity_without_return",
                                      "equity_with_return",
                                      "repayable",
                                      NULL};
static const char *const legal_forms[] = {"association",      "scop",    "scic",
                                          "sole_trader",      "company", "local_authority",
                                          "elected_official", "person",  NULL};
static const char *const means[] = {"transfer",     "cheque",   "cash", "card",
                                    "direct_debit", "platform", NULL};

static const struct field donor_part[] = {
    {"name", F_STRING, F_REQUIRED | F_SENSITIVE, 1, DONOR_MAX, .en = "Name of the donor"},
    {"legal_form", F_ENUM, F_REQUIRED, .values = legal_forms, .en = "What the donor is"},
    {.type = F_END}};

static const struct field part_in[] = {
    {"kind", F_ENUM, F_REQUIRED, .values = kinds,
     .en = "contribution, expense, interest, internal_transfer (between own accounts), refund (of "
           "an expense, or to a giver), "
           "returned (the bank takes a payment back), third_party (held for someone else), unknown "
           "(to be explained later)"},
    {"amount", F_MONEY, F_REQUIRED, -MONEY_MAX_MINOR, MONEY_MAX_MINOR,
     .en = "Signed as the bank line"},
    {"member_id", F_UUID, F_NULLABLE, .en = "The member that gives, or whom it concerns"},
    {"donor", F_OBJECT, F_NULLABLE, .of = donor_part,
     .en = "contribution: a giver who is no member"},
    {"nature", F_ENUM, F_NULLABLE, .values = natures, .en = "contribution: as what it is given"},
    {"category", F_STRING, F_NULLABLE, 1, 30,
     .en = "expense, or refund of one: see expense-categories"},
    {"contribution_id", F_UUID, F_NULLABLE, .en = "returned, or refund to a giver: the payment"},
    {"transaction_id", F_UUID, F_NULLABLE,
     .en = "internal_transfer: the other account's line, matched in the same act"},
    {"fund_id", F_UUID, F_NULLABLE,
     .en = "Fund; unless said by the nature of a contribution, else the general fund"},
    {"project_id", F_UUID, F_NULLABLE, .en = "Project"},
    {"label", F_STRING, F_NULLABLE, 1, LABEL_MAX, .en = "Label of its entry"},
    {"means", F_ENUM, F_NULLABLE, .values = means,
     .en = "contribution: how it came; transfer unless said"},
    {"agreement_signed_on", F_DATE, F_NULLABLE, .en = "contribution: signature of its agreement"},
    {"repayable_on", F_DATE, F_NULLABLE, .en = "repayable contribution: when it is owed back"},
    {"legal_basis", F_STRING, F_NULLABLE, 1, TERMS_MAX,
     .en = "repayable contribution: why it may be received"},
    {"accountant_note", F_STRING, F_NULLABLE, 1, TERMS_MAX,
     .en = "repayable contribution: the accountant's written advice"},
    {.type = F_END}};

static const struct field match_in[] = {
    {"contribution_ids", F_UUIDS, 0, 1, LINKS_MAX,
     .en = "Contributions recorded or awaited that came with this line"},
    {"entry_line_ids", F_IDS, 0, 1, LINKS_MAX,
     .en = "Lines of the books that the bank shows, or settles, with this line"},
    {"create", F_LIST, 0, 1, PARTS_MAX, .of = part_in,
     .en = "What was not recorded yet: booked and matched in this act"},
    {"transaction_ids", F_UUIDS, 0, 1, LINKS_MAX,
     .en = "Further lines of the same bank account that belong to it"},
    {.type = F_END}};

static const struct field clear_in[] = {
    {"position", F_INT, 0, 1, 1000, .en = "Which unknown part; the first unless said"},
    {"create", F_LIST, F_REQUIRED, 1, PARTS_MAX, .of = part_in,
     .en = "What it was; the amounts sum to the unknown part"},
    {.type = F_END}};

static const struct field reason_in[] = {
    {"reason", F_TEXT, 0, 1, REASON_MAX, .en = "Why, for the log"}, {.type = F_END}};

/* ---- matches ---- */

static const char *const acts[] = {"linked", "settled", "received", "created", NULL};
static const char *const match_states[] = {"active", "cancelled", NULL};

static const struct field part_out[] = {
    {"position", F_INT, F_REQUIRED, .en = "Rank in the match"},
    {"act", F_ENUM, F_REQUIRED, .values = acts,
     .en = "linked: it was in the books; settled: brought from where it waited; received: awaited "
           "before; created: booked now"},
    {"kind", F_ENUM, F_REQUIRED, .values = all_kinds, .en = "What it is"},
    {"amount", F_MONEY, F_REQUIRED, .en = "Signed as the bank line"},
    {"contribution_id", F_UUID, F_NULLABLE,
     .en = "The contribution, as it is now after corrections"},
    {"entry_id", F_UUID, F_NULLABLE, .en = "The entry this part wrote"},
    {"line_id", F_ID, F_NULLABLE, .en = "The line of the books it found"},
    {"line_entry_id", F_UUID, F_NULLABLE, .en = "The entry of that line"},
    {"line_label", F_STRING, F_NULLABLE, .en = "Its label"},
    {"category", F_STRING, F_NULLABLE, .en = "Kind of expense"},
    {"nature", F_STRING, F_NULLABLE, .en = "Nature of the contribution"},
    {"member_id", F_UUID, F_NULLABLE, .en = "Member"},
    {"member_name", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Its name"},
    {"giver_name", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Name of the member or the donor"},
    {"fund_id", F_UUID, F_NULLABLE, .en = "Fund"},
    {"fund_name", F_STRING, F_NULLABLE, .en = "Its name"},
    {"project_id", F_UUID, F_NULLABLE, .en = "Project"},
    {"label", F_STRING, F_NULLABLE, .en = "Label"},
    {"clears", F_INT, F_NULLABLE, .en = "The unknown part it takes back or explains"},
    {"cleared", F_BOOL, F_REQUIRED, .en = "An unknown part that was explained"},
    {.type = F_END}};

const struct field match_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Match", .fr = "Identifiant"},
    {"bank_account_id", F_UUID, F_REQUIRED | F_NO_CSV, .en = "Its bank account"},
    {"amount", F_MONEY, F_REQUIRED, .en = "Sum of its bank lines", .fr = "Montant"},
    {"date", F_DATE, F_REQUIRED,
     .en = "Accounting date of what it books: the day of the last of its bank lines", .fr = "Date"},
    {"status", F_ENUM, F_REQUIRED, .values = match_states, .en = "Active, or undone", .fr = "État"},
    {"transaction_ids", F_UUIDS, F_REQUIRED, .en = "Its bank lines"},
    {"statement_id", F_UUID, F_NULLABLE | F_NO_CSV,
     .en = "The statement whose opening balance it explains"},
    {"pair_id", F_UUID, F_NULLABLE | F_NO_CSV,
     .en = "The match of the other side of a transfer between own accounts"},
    {"parts", F_LIST, F_REQUIRED, .of = part_out, .en = "What the lines are"},
    {"entry_ids", F_UUIDS, F_REQUIRED, .en = "Entries it wrote"},
    {"matched_at", F_INSTANT, F_REQUIRED, .en = "When", .fr = "Rapproché le"},
    {"matched_by", F_STRING, F_REQUIRED, .en = "By whom", .fr = "Par"},
    {"matched_by_name", F_STRING, F_NULLABLE, .en = "By whom, by name", .fr = "Par (nom)"},
    {"cancelled_at", F_INSTANT, F_NULLABLE, .en = "When it was undone", .fr = "Défait le"},
    {"cancelled_by", F_STRING, F_NULLABLE, .en = "By whom", .fr = "Défait par"},
    {"cancelled_by_name", F_STRING, F_NULLABLE, .en = "By whom, by name", .fr = "Défait par (nom)"},
    {"cancel_reason", F_STRING, F_NULLABLE, .en = "Why", .fr = "Motif"},
    {"version", F_INT, F_REQUIRED | F_NO_CSV, .en = "Counts the acts on it"},
    {.type = F_END}};

static const struct field match_query[] = {
    {"status", F_ENUM, 0, .values = match_states, .en = "Only active, or only undone ones"},
    {"bank_account_id", F_UUID, 0, .en = "Only of this bank account"},
    {"transaction_id", F_UUID, 0, .en = "Only of this bank line"},
    {"statement_id", F_UUID, 0,
     .en = "Only the one that explains the opening balance of this statement"},
    {"unknown", F_BOOL, 0,
     .en = "Only those with a part nobody has explained yet, or only the others"},
    {"from", F_DATE, 0, .en = "From this day on"},
    {"to", F_DATE, 0, .en = "Up to and with this day"},
    {.type = F_END}};
static const struct filter match_filters[] = {
    {"status", "status = %s"},
    {"bank_account_id", "bank_account_id = %s::uuid"},
    {"transaction_id", "transaction_ids ? %s"},
    {"statement_id", "statement_id = %s::uuid"},
    {"unknown", "(id IN (SELECT u.match_id FROM api.bank_unknown u)) = %s::boolean"},
    {"from", "date >= %s::date"},
    {"to", "date <= %s::date"},
    {NULL, NULL}};
static const struct sort match_sorts[] = {{"-matched_at", "matched_at", "timestamptz"},
                                          {"-date", "date", "date"},
                                          {"date", "date", "date"},
                                          {NULL, NULL, NULL}};
static const struct collection match_list = {"bank_match", "uuid", match_filters, match_sorts,
                                             NULL};

/* ---- suggestions ---- */

static const struct field suggestion_part[] = {
    {"kind", F_ENUM, F_REQUIRED, .values = all_kinds, .en = "What it is"},
    {"amount", F_MONEY, F_REQUIRED, .en = "Signed as the bank line"},
    {"date", F_DATE, F_NULLABLE, .en = "When what it links was recorded or signed"},
    {"giver_name", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Member, donor, or label of the line"},
    {"member_id", F_UUID, F_NULLABLE, .en = "Member"},
    {"nature", F_STRING, F_NULLABLE, .en = "Nature of the contribution"},
    {"category", F_STRING, F_NULLABLE, .en = "Kind of expense"},
    {"contribution_id", F_UUID, F_NULLABLE, .en = "The contribution it links, returns or refunds"},
    {"line_id", F_ID, F_NULLABLE, .en = "The line of the books it links"},
    {"transaction_id", F_UUID, F_NULLABLE, .en = "The bank line of the other account"},
    {"fund_id", F_UUID, F_NULLABLE, .en = "Fund, where it is not the default"},
    {.type = F_END}};

static const struct field suggestion_out[] = {
    {"kind", F_ENUM, F_REQUIRED, .values = all_kinds, .en = "What the line probably is"},
    {"score", F_INT, F_REQUIRED, 0, 99, .en = "How sure, from 0 to 99"},
    {"reason", F_TEXT, F_REQUIRED, .en = "Why, in the reader's language"},
    {"reasons", F_STRINGS, F_REQUIRED, .en = "The same as codes"},
    {"parts", F_LIST, F_REQUIRED, .of = suggestion_part, .en = "The same to show, with names"},
    {"match", F_OBJECT, F_REQUIRED, .of = match_in, .en = "Ready to be sent to POST matches"},
    {.type = F_END}};

static const char *const line_states[] = {"unmatched", "matched", "not_bookable", NULL};

static const struct field transaction_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Bank line", .fr = "Identifiant"},
    {"bank_account_id", F_UUID, F_REQUIRED | F_NO_CSV, .en = "Its bank account"},
    {"bank_account_name", F_STRING, F_REQUIRED, .en = "Its name", .fr = "Compte bancaire"},
    {"booked_on", F_DATE, F_REQUIRED, .en = "Booked on", .fr = "Date"},
    {"value_on", F_DATE, F_REQUIRED, .en = "Value date", .fr = "Date de valeur"},
    {"amount", F_MONEY, F_REQUIRED | F_DECIMAL, .en = "In positive, out negative", .fr = "Montant"},
    {"currency", F_STRING, F_REQUIRED, .en = "ISO 4217", .fr = "Monnaie"},
    {"counterparty_name", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Who paid, or was paid",
     .fr = "Tiers"},
    {"counterparty_iban", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Their account", .fr = "IBAN"},
    {"ultimate_name", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "For whom", .fr = "Pour"},
    {"remittance", F_TEXT, F_REQUIRED | F_SENSITIVE, .en = "The text", .fr = "Libellé"},
    {"additional_text", F_TEXT, F_NULLABLE | F_SENSITIVE, .en = "The bank's own words",
     .fr = "Complément"},
    {"status", F_ENUM, F_REQUIRED, .values = line_states,
     .en = "not_bookable: a line of zero, or in another currency", .fr = "État"},
    {"match_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "Its match"},
    {"bank_reference", F_STRING, F_NULLABLE, .en = "The bank's reference", .fr = "Référence"},
    {"end_to_end_id", F_STRING, F_NULLABLE | F_NO_CSV, .en = "The payer's reference"},
    {"mandate_id", F_STRING, F_NULLABLE | F_NO_CSV, .en = "Mandate of a direct debit"},
    {"cheque_number", F_STRING, F_NULLABLE, .en = "Cheque", .fr = "Chèque"},
    {"type_code", F_STRING, F_NULLABLE | F_NO_CSV,
     .en = "The bank's code for the kind of operation"},
    {"return_reason", F_STRING, F_NULLABLE | F_NO_CSV, .en = "ISO code, where it is a return"},
    {"is_reversal", F_BOOL, F_REQUIRED | F_NO_CSV, .en = "Takes an earlier line back"},
    {"details", F_ANY, F_REQUIRED, .en = "Parts of a batch"},
    {"suggestions", F_LIST, F_REQUIRED, .of = suggestion_out,
     .en = "What it could be, best first; none once it is matched"},
    {"recorded_at", F_INSTANT, F_REQUIRED, .en = "Imported at", .fr = "Importée le"},
    {.type = F_END}};

static const struct field transaction_query[] = {
    {"status", F_ENUM, 0, .values = line_states, .en = "Only in this state"},
    {"bank_account_id", F_UUID, 0, .en = "Only of this bank account"},
    {"from", F_DATE, 0, .en = "From this day on"},
    {"to", F_DATE, 0, .en = "Up to and with this day"},
    {"q", F_STRING, 0, 0, 100, .en = "Words of the names and texts, an IBAN, an amount"},
    {"unknown", F_BOOL, 0,
     .en =
         "Only matched lines with a part nobody has explained yet, or only the other matched ones"},
    {.type = F_END}};
static const struct filter transaction_filters[] = {
    {"status", "status = %s"},
    {"unknown", "(match_id IN (SELECT u.match_id FROM api.bank_unknown u)) = %s::boolean"},
    {"bank_account_id", "bank_account_id = %s::uuid"},
    {"from", "booked_on >= %s::date"},
    {"to", "booked_on <= %s::date"},
    {"q", "searched LIKE (SELECT '%' || fund.fold(%s) || '%')"},
    {NULL, NULL}};
static const struct sort transaction_sorts[] = {{"-booked_on", "booked_on", "date"},
                                                {"booked_on", "booked_on", "date"},
                                                {"-amount", "amount_minor", "bigint"},
                                                {"amount", "amount_minor", "bigint"},
                                                {NULL, NULL, NULL}};
/* Lines of one day stand in the order in which the bank gave them. */
static const struct collection transaction_list = {
    "bank_transaction", "bigint", transaction_filters, transaction_sorts, "position"};

/* ---- what waits for the bank ---- */

static const char *const open_kinds[] = {"contribution", "entry_line", NULL};

static const struct field open_out[] = {
    {"id", F_STRING, F_REQUIRED | F_NO_CSV, .en = "The contribution or the entry line"},
    {"kind", F_ENUM, F_REQUIRED, .values = open_kinds, .en = "Which of the two", .fr = "Nature"},
    {"contribution_id", F_UUID, F_NULLABLE | F_NO_CSV,
     .en = "The contribution: for contribution_ids of a match"},
    {"line_id", F_ID, F_NULLABLE | F_NO_CSV,
     .en = "The line of the books: for entry_line_ids of a match"},
    {"amount", F_MONEY, F_REQUIRED, .en = "Signed as the bank line would have it", .fr = "Montant"},
    {"date", F_DATE, F_REQUIRED, .en = "Recorded, or signed, on", .fr = "Date"},
    {"awaited", F_BOOL, F_REQUIRED, .en = "An agreement whose money has not come", .fr = "Attendu"},
    {"giver_name", F_STRING, F_REQUIRED | F_SENSITIVE, .en = "Member, donor, or label of the line",
     .fr = "De"},
    {"member_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "Member"},
    {"nature", F_STRING, F_NULLABLE, .en = "Nature of the contribution",
     .fr = "Nature du versement"},
    {"means", F_STRING, F_NULLABLE, .en = "How it came, or where it waits", .fr = "Mode"},
    {.type = F_END}};

static const char *const directions[] = {"in", "out", NULL};
static const struct field open_query[] = {
    {"q", F_STRING, 0, 0, 100, .en = "Words of the name or label"},
    {"direction", F_ENUM, 0, .values = directions,
     .en = "Only what comes in, or only what goes out"},
    {"member_id", F_UUID, 0, .en = "Only of this member"},
    {.type = F_END}};
static const struct filter open_filters[] = {
    {"q", "position(fund.search_text(%s) IN fund.search_text(giver_name)) > 0"},
    {"direction", "(amount > 0) = (%s = 'in')"},
    {"member_id", "member_id = %s::uuid"},
    {NULL, NULL}};
static const struct sort open_sorts[] = {{"-date", "date", "date"},
                                         {"date", "date", "date"},
                                         {"-amount", "amount", "bigint"},
                                         {"amount", "amount", "bigint"},
                                         {NULL, NULL, NULL}};
static const struct collection open_list = {"bank_open_item", "text", open_filters, open_sorts,
                                            "id COLLATE \"C\""};

static const struct field category_out[] = {
    {"category", F_STRING, F_REQUIRED, .en = "Code", .fr = "Code"},
    {"account", F_ACCOUNT, F_REQUIRED, .en = "Account it is booked on", .fr = "Compte"},
    {"title", F_STRING, F_REQUIRED, .en = "In the organisation's language", .fr = "Dépense"},
    {"fr", F_STRING, F_REQUIRED | F_NO_CSV, .en = "In French"},
    {"en", F_STRING, F_REQUIRED | F_NO_CSV, .en = "In English"},
    {.type = F_END}};
static const struct sort category_sorts[] = {{"rank", "rank", "integer"}, {NULL, NULL, NULL}};
static const struct collection category_list = {"expense_category", "text", NULL, category_sorts,
                                                NULL};

/* ---- what suggestions are made from ---- */

#define DAYS(date) "(" date " - DATE '1970-01-01')"

static const struct db_statement own_organisation = {"matching_organisation",
                                                     "SELECT name FROM fund.organisation"};
static const struct db_statement own_accounts = {
    "matching_accounts", "SELECT id, name, iban FROM fund.bank_account WHERE confirmed_at IS NOT "
                         "NULL ORDER BY created_at, id"};
static const struct db_statement own_lines = {
    "matching_lines", "SELECT t.id, t.bank_account_id, t.amount_minor, " DAYS(
                          "t.booked_on") " AS day FROM api.bank_transaction t "
                                         "JOIN fund.bank_account a ON a.id = t.bank_account_id AND "
                                         "a.confirmed_at IS NOT NULL "
                                         "WHERE t.status = 'unmatched' ORDER BY t.booked_on DESC, "
                                         "t.id LIMIT $1::bigint"};
static const struct db_statement members = {
    "matching_members", "SELECT id, name, account_holder, contact_name, iban, legal_form, natures, "
                        "dues, \"left\" FROM api.matching_member "
                        "ORDER BY id LIMIT $1::bigint"};
static const struct db_statement open_items = {
    "matching_open", "SELECT is_contribution, awaited, id, member_id, name, amount, " DAYS(
                         "date") " AS day, means, nature FROM api.matching_open "
                                 "ORDER BY date DESC, id LIMIT $1::bigint"};
static const struct db_statement received = {
    "matching_received",
    "SELECT id, member_id, name, amount, " DAYS(
        "date") " AS day FROM api.matching_received ORDER BY date DESC, id LIMIT $1::bigint"};
static const struct db_statement past = {
    "matching_past",
    "SELECT match_id, line_amount, " DAYS(
        "date") " AS day, counterparty_name, counterparty_iban, ultimate_name, remittance, "
                "additional_text, kind, amount, category, nature, member_id, donor_name, "
                "donor_legal_form, fund_id, project_id, "
                "contribution_id FROM api.matching_past ORDER BY matched_at DESC, match_id, "
                "position LIMIT $1::bigint"};
static const struct db_statement categories = {"matching_categories",
                                               "SELECT category, fr, en FROM api.expense_category"};
static const struct db_statement transaction_matches = {
    "bank_transaction_matches",
    "SELECT id, bank_account_id, amount, date, status, transaction_ids, statement_id, pair_id, "
    "parts, entry_ids, matched_at, "
    "matched_by, matched_by_name, cancelled_at, cancelled_by, cancelled_by_name, cancel_reason, "
    "version FROM api.bank_match "
    "WHERE transaction_ids ? $1 AND ($2::uuid IS NULL OR id = $2::uuid) ORDER BY matched_at DESC"};
static const struct db_statement transaction_known = {
    "bank_transaction_known", "SELECT 1 FROM fund.bank_transaction WHERE id = $1::uuid"};
const struct db_statement *const matching_statements[] = {
    &own_organisation,    &own_accounts,      &own_lines, &members,
    &open_items,          &received,          &past,      &categories,
    &transaction_matches, &transaction_known, NULL};

struct category {
    const char *code, *text[2]; /* by enum language */
};

/* Kept from one line to the next, in the request's arena; its own arenas are freed with the
 * request. */
struct suggesting {
    struct arena arena, scratch;
    struct matching_context context;
    struct matching *matching;
    struct category *categories;
    size_t n_categories;
};

static void suggesting_free(void *data)
{
    struct suggesting *suggesting = data;
    arena_free(&suggesting->arena);
    arena_free(&suggesting->scratch);
}

struct reader {
    struct request *request;
    struct suggesting *suggesting;
    struct db_rows *rows;
};

/* The text of a cell by its column's name, kept in the arena. */
static const char *cell(const struct reader *reader, size_t row, const char *name)
{
    const char *text = db_text(reader->rows, row, db_column(reader->rows, name));
    return text == NULL ? NULL : arena_strdup(&reader->suggesting->arena, text);
}

static int64_t number(const struct reader *reader, size_t row, const char *name)
{
    return db_int(reader->rows, row, db_column(reader->rows, name));
}

static bool flag(const struct reader *reader, size_t row, const char *name)
{
    return db_bool(reader->rows, row, db_column(reader->rows, name));
}

static enum rc query(struct reader *reader, const struct db_statement *statement, int limit)
{
    const char *const values[] = {limit > 0 ? arena_printf(&reader->suggesting->arena, "%d", limit)
                                            : NULL};
    db_rows_free(reader->rows);
    reader->rows = NULL;
    return request_query(reader->request, statement, limit > 0 ? 1 : 0, values, &reader->rows);
}

static enum rc full(struct reader *reader)
{
    return problem_set(&reader->request->problem, PROBLEM_MEMORY, NULL);
}

static enum rc read_accounts(struct reader *reader)
{
    struct matching_context *context = &reader->suggesting->context;
    TRY(query(reader, &own_organisation, 0));
    context->organisation_name = db_rows_count(reader->rows) > 0 ? cell(reader, 0, "name") : NULL;
    TRY(query(reader, &own_accounts, 0));
    size_t n = db_rows_count(reader->rows);
    struct matching_account *accounts =
        ARENA_ARRAY(&reader->suggesting->arena, struct matching_account, n + 1);
    if (accounts == NULL)
        return full(reader);
    for (size_t i = 0; i < n; i++)
        accounts[i] = (struct matching_account){cell(reader, i, "id"), cell(reader, i, "name"),
                                                cell(reader, i, "iban")};
    context->accounts = accounts;
    context->n_accounts = n;
    if (n < 2)
        return RC_OK;
    TRY(query(reader, &own_lines, TRANSFER_LINES_MAX));
    n = db_rows_count(reader->rows);
    struct matching_line *lines =
        ARENA_ARRAY(&reader->suggesting->arena, struct matching_line, n + 1);
    if (lines == NULL)
        return full(reader);
    for (size_t i = 0; i < n; i++)
        lines[i] = (struct matching_line){.id = cell(reader, i, "id"),
                                          .account_id = cell(reader, i, "bank_account_id"),
                                          .amount = number(reader, i, "amount_minor"),
                                          .day = number(reader, i, "day")};
    context->lines = lines;
    context->n_lines = n;
    return RC_OK;
}

static unsigned natures_of(const char *list)
{
    unsigned bits = 0;
    for (const char *p = list; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, ",");
        for (int i = 0; i < NATURE_COUNT; i++)
            if (str_is((struct str){p, n}, matching_nature_name((enum matching_nature)i)))
                bits |= 1U << i;
        p += n + (p[n] == ',' ? 1 : 0);
    }
    return bits;
}

static enum rc read_members(struct reader *reader)
{
    struct matching_context *context = &reader->suggesting->context;
    TRY(query(reader, &members, MATCHING_MEMBERS_MAX));
    size_t n = db_rows_count(reader->rows);
    struct matching_member *list =
        ARENA_ARRAY(&reader->suggesting->arena, struct matching_member, n + 1);
    if (list == NULL)
        return full(reader);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct matching_member){.id = cell(reader, i, "id"),
                                           .name = cell(reader, i, "name"),
                                           .holder = cell(reader, i, "account_holder"),
                                           .contact = cell(reader, i, "contact_name"),
                                           .iban = cell(reader, i, "iban"),
                                           .legal_form = cell(reader, i, "legal_form"),
                                           .natures = natures_of(cell(reader, i, "natures")),
                                           .dues = number(reader, i, "dues"),
                                           .left = flag(reader, i, "left")};
    context->members = list;
    context->n_members = n;
    return RC_OK;
}

static enum matching_means means_of(const char *text)
{
    if (text == NULL || strcmp(text, "other") == 0)
        return MEANS_OTHER;
    if (strcmp(text, "cheque") == 0)
        return MEANS_CHEQUE;
    if (strcmp(text, "cash") == 0)
        return MEANS_CASH;
    return strcmp(text, "platform") == 0 || strcmp(text, "card") == 0 ? MEANS_PLATFORM
                                                                      : MEANS_TRANSFER;
}

static enum rc read_open(struct reader *reader)
{
    struct matching_context *context = &reader->suggesting->context;
    TRY(query(reader, &open_items, MATCHING_OPEN_MAX));
    size_t n = db_rows_count(reader->rows);
    struct matching_open *list =
        ARENA_ARRAY(&reader->suggesting->arena, struct matching_open, n + 1);
    if (list == NULL)
        return full(reader);
    for (size_t i = 0; i < n; i++)
        list[i] = (struct matching_open){.is_contribution = flag(reader, i, "is_contribution"),
                                         .awaited = flag(reader, i, "awaited"),
                                         .id = cell(reader, i, "id"),
                                         .member_id = cell(reader, i, "member_id"),
                                         .name = cell(reader, i, "name"),
                                         .amount = number(reader, i, "amount"),
                                         .day = number(reader, i, "day"),
                                         .means = means_of(cell(reader, i, "means")),
                                         .nature = matching_nature_of(cell(reader, i, "nature"))};
    context->open = list;
    context->n_open = n;
    TRY(query(reader, &received, MATCHING_OPEN_MAX));
    n = db_rows_count(reader->rows);
    struct matching_received *back =
        ARENA_ARRAY(&reader->suggesting->arena, struct matching_received, n + 1);
    if (back == NULL)
        return full(reader);
    for (size_t i = 0; i < n; i++)
        back[i] = (struct matching_received){cell(reader, i, "id"), cell(reader, i, "member_id"),
                                             cell(reader, i, "name"), number(reader, i, "amount"),
                                             number(reader, i, "day")};
    context->received = back;
    context->n_received = n;
    return RC_OK;
}

static bool read_past_line(struct reader *reader, size_t row, struct matching_past *line)
{
    struct matching_text text;
    const char *const rest[] = {cell(reader, row, "ultimate_name"), cell(reader, row, "remittance"),
                                cell(reader, row, "additional_text")};
    *line = (struct matching_past){.iban = cell(reader, row, "counterparty_iban"),
                                   .amount = number(reader, row, "line_amount"),
                                   .day = number(reader, row, "day")};
    if (!matching_text_init(&text, &reader->suggesting->arena,
                            cell(reader, row, "counterparty_name"), rest, ARRAY_SIZE(rest)))
        return false;
    line->signature = matching_signature(&reader->suggesting->arena, &text);
    return line->signature != NULL;
}

static void read_past_part(struct reader *reader, size_t row, struct matching_past *line)
{
    enum matching_kind kind;
    if (line->too_long || line->n_parts == MATCHING_PAST_PARTS_MAX ||
        !matching_kind_of(cell(reader, row, "kind"), &kind)) {
        line->too_long = true;
        line->n_parts = 0;
        return;
    }
    line->parts[line->n_parts++] =
        (struct matching_part){.kind = kind,
                               .amount = number(reader, row, "amount"),
                               .nature = matching_nature_of(cell(reader, row, "nature")),
                               .category = cell(reader, row, "category"),
                               .member_id = cell(reader, row, "member_id"),
                               .donor_name = cell(reader, row, "donor_name"),
                               .donor_form = cell(reader, row, "donor_legal_form"),
                               .fund_id = cell(reader, row, "fund_id"),
                               .project_id = cell(reader, row, "project_id"),
                               .contribution_id = cell(reader, row, "contribution_id")};
}

static enum rc read_past(struct reader *reader)
{
    struct matching_context *context = &reader->suggesting->context;
    TRY(query(reader, &past, MATCHING_PAST_MAX));
    size_t rows = db_rows_count(reader->rows), n = 0;
    struct matching_past *list =
        ARENA_ARRAY(&reader->suggesting->arena, struct matching_past, rows + 1);
    const char *last = "";
    if (list == NULL)
        return full(reader);
    for (size_t row = 0; row < rows; row++) {
        const char *match = cell(reader, row, "match_id");
        if (match == NULL)
            return full(reader);
        if (strcmp(match, last) != 0 && !read_past_line(reader, row, &list[n++]))
            return full(reader);
        last = match;
        read_past_part(reader, row, &list[n - 1]);
    }
    context->past = list;
    context->n_past = n;
    return RC_OK;
}

static enum rc read_categories(struct reader *reader)
{
    struct suggesting *suggesting = reader->suggesting;
    TRY(query(reader, &categories, 0));
    suggesting->n_categories = db_rows_count(reader->rows);
    suggesting->categories =
        ARENA_ARRAY(&suggesting->arena, struct category, suggesting->n_categories + 1);
    if (suggesting->categories == NULL)
        return full(reader);
    for (size_t i = 0; i < suggesting->n_categories; i++)
        suggesting->categories[i] = (struct category){
            cell(reader, i, "category"), {cell(reader, i, "fr"), cell(reader, i, "en")}};
    return RC_OK;
}

/* Reads the context at the first line that needs it. */
static enum rc prepare(struct request *request, struct suggesting **ret_suggesting)
{
    if (request->data != NULL) {
        *ret_suggesting = request->data;
        return RC_OK;
    }
    struct suggesting *suggesting = ARENA_NEW(request->arena, struct suggesting);
    if (suggesting == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    arena_init(&suggesting->arena, CONTEXT_MEMORY_MAX);
    arena_init(&suggesting->scratch, LINE_MEMORY_MAX);
    request->data = suggesting;
    request->release = suggesting_free;
    struct reader reader = {request, suggesting, NULL};
    suggesting->context.digits = request->caller.digits;
    enum rc rc = read_accounts(&reader);
    rc = rc == RC_OK ? read_members(&reader) : rc;
    rc = rc == RC_OK ? read_open(&reader) : rc;
    rc = rc == RC_OK ? read_past(&reader) : rc;
    rc = rc == RC_OK ? read_categories(&reader) : rc;
    db_rows_free(reader.rows);
    if (rc != RC_OK)
        return rc;
    suggesting->matching =
        suggesting->arena.exhausted ? NULL : matching_new(&suggesting->arena, &suggesting->context);
    if (suggesting->matching == NULL)
        return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
    *ret_suggesting = suggesting;
    return RC_OK;
}

/* ---- writing suggestions ---- */

static void member(struct writer *out, bool *first, const char *name)
{
    writer_format(out, "%s\"%s\":", *first ? "" : ",", name);
    *first = false;
}

static void text_member(struct writer *out, bool *first, const char *name, const char *text)
{
    if (text == NULL)
        return;
    member(out, first, name);
    writer_json_string(out, str_of(text));
}

static void null_or_text(struct writer *out, const char *name, const char *text)
{
    writer_format(out, ",\"%s\":", name);
    if (text == NULL)
        writer_text(out, "null");
    else
        writer_json_string(out, str_of(text));
}

static const char *sentence(struct request *request, struct suggesting *suggesting,
                            const struct matching_why *why)
{
    const char *args[PROBLEM_ARGS_MAX] = {why->args[0], why->args[1]};
    for (size_t a = 0; a < 2; a++)
        for (size_t i = 0; args[a] != NULL && strncmp(args[a], "category:", 9) == 0 &&
                           i < suggesting->n_categories;
             i++)
            if (strcmp(args[a] + 9, suggesting->categories[i].code) == 0) {
                args[a] = suggesting->categories[i].text[request->language];
                break;
            }
    return problem_sentence(&suggesting->scratch,
                            matching_reason_text(why->reason, request->language == LANGUAGE_FR),
                            args, request->language, request->caller.digits);
}

static const char *member_name(const struct suggesting *suggesting, const char *id)
{
    for (size_t i = 0; id != NULL && i < suggesting->context.n_members; i++)
        if (strcmp(suggesting->context.members[i].id, id) == 0)
            return suggesting->context.members[i].name;
    return NULL;
}

static void write_link(struct request *request, const struct suggesting *suggesting,
                       const struct matching_open *open)
{
    struct writer *out = request->out;
    char date[DATE_TEXT_MAX];
    const char *name = member_name(suggesting, open->member_id);
    writer_format(
        out, "{\"kind\":\"%s\",\"amount\":", open->is_contribution ? "contribution" : "entry_line");
    reply_money(out, open->amount, request->caller.digits);
    null_or_text(out, "date", date_format(date_from_days(open->day), date));
    null_or_text(out, "giver_name", name != NULL ? name : open->name);
    null_or_text(out, "member_id", open->member_id);
    null_or_text(out, "nature", matching_nature_name(open->nature));
    null_or_text(out, "category", NULL);
    null_or_text(out, "contribution_id", open->is_contribution ? open->id : NULL);
    null_or_text(out, "line_id", open->is_contribution ? NULL : open->id);
    null_or_text(out, "transaction_id", NULL);
    null_or_text(out, "fund_id", NULL);
    writer_char(out, '}');
}

static void write_part(struct request *request, const struct suggesting *suggesting,
                       const struct matching_part *part)
{
    struct writer *out = request->out;
    const char *name = member_name(suggesting, part->member_id);
    for (size_t i = 0;
         part->contribution_id != NULL && name == NULL && i < suggesting->context.n_received; i++)
        if (strcmp(suggesting->context.received[i].id, part->contribution_id) == 0)
            name = suggesting->context.received[i].name;
    writer_format(out, "{\"kind\":\"%s\",\"amount\":", matching_kind_name(part->kind));
    reply_money(out, part->amount, request->caller.digits);
    null_or_text(out, "date", NULL);
    null_or_text(out, "giver_name", name != NULL ? name : part->donor_name);
    null_or_text(out, "member_id", part->member_id);
    null_or_text(out, "nature", matching_nature_name(part->nature));
    null_or_text(out, "category", part->category);
    null_or_text(out, "contribution_id", part->contribution_id);
    null_or_text(out, "line_id", NULL);
    null_or_text(out, "transaction_id", part->transaction_id);
    null_or_text(out, "fund_id", part->fund_id);
    writer_char(out, '}');
}

/* Only what its kind takes: the database refuses the rest. */
static void write_create(struct request *request, const struct matching_part *part)
{
    struct writer *out = request->out;
    bool first = true;
    writer_char(out, '{');
    text_member(out, &first, "kind", matching_kind_name(part->kind));
    member(out, &first, "amount");
    reply_money(out, part->amount, request->caller.digits);
    if (part->kind == MATCHING_CONTRIBUTION) {
        text_member(out, &first, "nature", matching_nature_name(part->nature));
        if (part->member_id == NULL && part->donor_name != NULL) {
            bool start = true;
            member(out, &first, "donor");
            writer_char(out, '{');
            text_member(out, &start, "name", part->donor_name);
            text_member(out, &start, "legal_form", part->donor_form);
            writer_char(out, '}');
        }
    }
    if (part->kind == MATCHING_CONTRIBUTION || part->kind == MATCHING_EXPENSE ||
        part->kind == MATCHING_THIRD_PARTY)
        text_member(out, &first, "member_id", part->member_id);
    if (part->kind == MATCHING_EXPENSE || (part->kind == MATCHING_REFUND && part->amount > 0))
        text_member(out, &first, "category", part->category);
    if (part->kind == MATCHING_RETURNED || (part->kind == MATCHING_REFUND && part->amount < 0))
        text_member(out, &first, "contribution_id", part->contribution_id);
    if (part->kind == MATCHING_INTERNAL_TRANSFER)
        text_member(out, &first, "transaction_id", part->transaction_id);
    if (part->kind != MATCHING_RETURNED && part->kind != MATCHING_INTERNAL_TRANSFER)
        text_member(out, &first, "fund_id", part->fund_id);
    if (part->kind == MATCHING_CONTRIBUTION || part->kind == MATCHING_EXPENSE)
        text_member(out, &first, "project_id", part->project_id);
    writer_char(out, '}');
}

static void write_ids(struct writer *out, bool *first, const char *name,
                      const struct matching_suggestion *suggestion, bool contributions)
{
    bool start = true;
    for (size_t i = 0; i < suggestion->n_links; i++) {
        if (suggestion->links[i]->is_contribution != contributions)
            continue;
        if (start)
            member(out, first, name);
        writer_char(out, start ? '[' : ',');
        writer_json_string(out, str_of(suggestion->links[i]->id));
        start = false;
    }
    if (!start)
        writer_char(out, ']');
}

static void write_match(struct request *request, const struct matching_suggestion *suggestion)
{
    struct writer *out = request->out;
    bool first = true;
    writer_char(out, '{');
    write_ids(out, &first, "contribution_ids", suggestion, true);
    write_ids(out, &first, "entry_line_ids", suggestion, false);
    if (suggestion->n_parts > 0)
        member(out, &first, "create");
    for (size_t i = 0; i < suggestion->n_parts; i++) {
        writer_char(out, i == 0 ? '[' : ',');
        write_create(request, &suggestion->parts[i]);
    }
    writer_text(out, suggestion->n_parts > 0 ? "]}" : "}");
}

static void write_suggestion(struct request *request, struct suggesting *suggesting,
                             const struct matching_suggestion *suggestion)
{
    struct writer *out = request->out;
    const char *reason = "";
    for (size_t i = 0; i < suggestion->n_why; i++)
        reason = arena_printf(&suggesting->scratch, "%s%s%s", reason, i == 0 ? "" : " ",
                              sentence(request, suggesting, &suggestion->why[i]));
    writer_format(out,
                  "{\"kind\":\"%s\",\"score\":%d,\"reason\":", matching_kind_name(suggestion->kind),
                  suggestion->score);
    writer_json_string(out, str_of(reason == NULL ? "" : reason));
    writer_text(out, ",\"reasons\":[");
    for (size_t i = 0; i < suggestion->n_why; i++)
        writer_format(out, "%s\"%s\"", i == 0 ? "" : ",",
                      matching_reason_name(suggestion->why[i].reason));
    writer_text(out, "],\"parts\":[");
    for (size_t i = 0; i < suggestion->n_links; i++) {
        writer_text(out, i == 0 ? "" : ",");
        write_link(request, suggesting, suggestion->links[i]);
    }
    for (size_t i = 0; i < suggestion->n_parts; i++) {
        writer_text(out, i == 0 && suggestion->n_links == 0 ? "" : ",");
        write_part(request, suggesting, &suggestion->parts[i]);
    }
    writer_text(out, "],\"match\":");
    write_match(request, suggestion);
    writer_char(out, '}');
}

/* Amount of a detail as its JSON has it; false where it has none or another currency. */
static bool detail_amount(const struct request *request, const struct json *detail,
                          const char *currency, int64_t *ret_amount)
{
    struct money money;
    const char *amount = json_get_text(detail, "amount"), *own = json_get_text(detail, "currency");
    if (amount == NULL || own == NULL || strcmp(own, currency) != 0 ||
        money_parse(str_of(amount), request->caller.digits, &money) != MONEY_OK)
        return false;
    *ret_amount = money.minor;
    return true;
}

/* The payments of a batch, where the bank lists all of them with their amounts. */
static void read_details(struct request *request, struct suggesting *suggesting, const char *text,
                         const char *currency, struct matching_line *line)
{
    const struct json *list;
    struct problem ignored; /* what the database keeps is JSON; the arena may be full */
    problem_init(&ignored, &suggesting->scratch);
    if (json_parse(&suggesting->scratch, str_of(text), &list, &ignored) != RC_OK || list->count < 2)
        return;
    struct matching_line *details =
        ARENA_ARRAY(&suggesting->scratch, struct matching_line, list->count);
    size_t n = 0;
    for (const struct json *detail = list->first; detail != NULL && details != NULL;
         detail = detail->next) {
        struct matching_line *part = &details[n++];
        *part =
            (struct matching_line){.id = line->id,
                                   .account_id = line->account_id,
                                   .counterparty_name = json_get_text(detail, "counterparty_name"),
                                   .counterparty_iban = json_get_text(detail, "counterparty_iban"),
                                   .ultimate_name = json_get_text(detail, "ultimate_name"),
                                   .remittance = json_get_text(detail, "remittance"),
                                   .additional_text = json_get_text(detail, "additional_text"),
                                   .day = line->day};
        if (!detail_amount(request, detail, currency, &part->amount))
            return;
    }
    line->details = details;
    line->n_details = details == NULL ? 0 : n;
}

static bool transaction_cell(struct request *request, const struct field *field,
                             const struct db_rows *rows, size_t row)
{
    struct suggesting *suggesting = NULL;
    struct matching_suggestion suggestions[MATCHING_SUGGESTIONS_MAX];
    struct date date;
    if (field->of != suggestion_out)
        return false;
    const char *amount = db_text(rows, row, db_column(rows, "suggestions"));
    if (amount == NULL || prepare(request, &suggesting) != RC_OK) {
        writer_text(request->out, "[]");
        return true;
    }
    const struct arena_mark mark = arena_mark(&suggesting->scratch);
    struct matching_line line = {
        .id = db_text(rows, row, db_column(rows, "id")),
        .account_id = db_text(rows, row, db_column(rows, "bank_account_id")),
        .counterparty_name = db_text(rows, row, db_column(rows, "counterparty_name")),
        .counterparty_iban = db_text(rows, row, db_column(rows, "counterparty_iban")),
        .ultimate_name = db_text(rows, row, db_column(rows, "ultimate_name")),
        .remittance = db_text(rows, row, db_column(rows, "remittance")),
        .additional_text = db_text(rows, row, db_column(rows, "additional_text")),
        .return_reason = db_text(rows, row, db_column(rows, "return_reason"))};
    bool known = date_parse(str_of(db_text(rows, row, db_column(rows, "booked_on"))), &date);
    line.amount = db_int(rows, row, db_column(rows, "suggestions"));
    line.day = known ? date_to_days(date) : 0;
    read_details(request, suggesting, db_text(rows, row, db_column(rows, "details")),
                 db_text(rows, row, db_column(rows, "currency")), &line);
    size_t n = matching_suggest(suggesting->matching, &suggesting->scratch, &line, suggestions);
    writer_char(request->out, '[');
    for (size_t i = 0; i < n; i++) {
        writer_text(request->out, i == 0 ? "" : ",");
        write_suggestion(request, suggesting, &suggestions[i]);
    }
    writer_char(request->out, ']');
    arena_reset(&suggesting->scratch, mark);
    return true;
}

/* ---- matches of one line ---- */

static enum rc matches_of_line(struct request *request)
{
    const char *const values[] = {record_text(request->path, "id"), NULL};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &transaction_known, 1, values, &rows));
    if (db_rows_count(rows) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    DB_ROWS *matches = NULL;
    TRY(request_query(request, &transaction_matches, 2, values, &matches));
    reply_items(request, match_out, matches, ",\"next\":null");
    return RC_OK;
}

static enum rc match_of_line(struct request *request)
{
    const char *const values[] = {record_text(request->path, "id"),
                                  record_text(request->path, "match_id")};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &transaction_matches, 2, values, &rows));
    if (db_rows_count(rows) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    reply_row(request, match_out, rows, 0);
    return RC_OK;
}

#define TRANSACTION ORGANISATION "/bank-transactions/{id}"

const struct route matching_routes[] = {
    {HTTP_GET, ORGANISATION "/bank-transactions", ROLES_BOOKS, TX_READ, 0,
     .query = transaction_query, .out = transaction_out, .list = &transaction_list,
     .cell = transaction_cell, .id = "bank_transaction_list",
     .en = "Lines of the bank, with suggestions for those that nobody has matched"},
    {HTTP_GET, TRANSACTION, ROLES_BOOKS, TX_READ, 0, .out = transaction_out,
     .sql = "bank_transaction", .cell = transaction_cell, .id = "bank_transaction_show",
     .en = "One line of the bank"},
    {HTTP_GET, TRANSACTION "/matches", ROLES_BOOKS, TX_READ, R_EXPORT, .out = match_out,
     .handler = matches_of_line, .id = "bank_transaction_match_list",
     .en = "What was ever said of a line, undone matches included"},
    {HTTP_POST, TRANSACTION "/matches", ROLE_TREASURER, TX_WRITE, R_CREATED, .in = match_in,
     .out = match_out, .sql = "bank_match_create", .id = "bank_match_create",
     .en = "Say what a line is; books and matches in one act"},
    {HTTP_GET, TRANSACTION "/matches/{match_id}", ROLES_BOOKS, TX_READ, 0, .out = match_out,
     .handler = match_of_line, .id = "bank_match_show", .en = "One match"},
    {HTTP_POST, TRANSACTION "/matches/{match_id}/cancellations", ROLE_TREASURER, TX_WRITE, 0,
     .in = reason_in, .out = match_out, .sql = "bank_match_cancel", .id = "bank_match_cancel",
     .en = "Undo a match while its period is open"},
    {HTTP_POST, TRANSACTION "/matches/{match_id}/clearings", ROLE_TREASURER, TX_WRITE, 0,
     .in = clear_in, .out = match_out, .sql = "bank_match_clear", .id = "bank_match_clear",
     .en = "Explain an unknown part, also after its period was locked"},
    {HTTP_GET, ORGANISATION "/bank-matches", ROLES_BOOKS, TX_READ, 0, .query = match_query,
     .out = match_out, .list = &match_list, .id = "bank_match_list", .en = "Matches"},
    {HTTP_GET, ORGANISATION "/bank-matches/{id}", ROLES_BOOKS, TX_READ, 0, .out = match_out,
     .sql = "bank_match", .id = "bank_match_find", .en = "One match, by its own identifier"},
    {HTTP_GET, ORGANISATION "/bank-open-items", ROLES_BOOKS, TX_READ, 0, .query = open_query,
     .out = open_out, .list = &open_list, .id = "bank_open_item_list",
     .en = "What waits for the bank: contributions recorded or awaited, lines of entries"},
    {HTTP_GET, ORGANISATION "/expense-categories", ROLES_BOOKS, TX_READ, 0, .out = category_out,
     .list = &category_list, .id = "expense_category_list",
     .en = "What an expense can be, in plain words"},
    {.path = NULL}};
