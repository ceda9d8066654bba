/* Money in: contributions of members and other donors, what is awaited, cancelled and corrected,
 * which natures there are, and what is given in kind. The rules stand in
 * sql/migrations/0003_members.sql (reference.nature, fund.contribution_*). */
#include "api/request.h"
#include "base/money.h"

enum { LABEL_MAX = 200, REASON_MAX = 500, TERMS_MAX = 500, DONOR_MAX = 200 };

#define ORGANISATION "/organisations/{organisation}"

static const char *const legal_forms[] = {"association",      "scop",    "scic",
                                          "sole_trader",      "company", "local_authority",
                                          "elected_official", "person",  NULL};
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
static const char *const means[] = {"transfer",     "cheque",   "cash", "card",
                                    "direct_debit", "platform", NULL};
static const char *const statuses[] = {"recorded",  "awaited",  "cancelled",
                                       "corrected", "returned", NULL};

/* ---- contributions ---- */

static const struct field donor_part[] = {{"name", F_STRING, F_REQUIRED | F_SENSITIVE, 1, DONOR_MAX,
                                           .en = "Name of the donor", .fr = "Nom"},
                                          {"legal_form", F_ENUM, F_REQUIRED, .values = legal_forms,
                                           .en = "What the donor is", .fr = "Forme juridique"},
                                          {.type = F_END}};

static const struct field contribution_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Contribution", .fr = "Identifiant"},
    {"date", F_DATE, F_REQUIRED, .en = "Day of receipt or, while it is awaited, of the agreement",
     .fr = "Date"},
    {"member_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The member that gives"},
    {"member_number", F_INT, F_NULLABLE, .en = "Its number", .fr = "N° d’adhérent"},
    {"member_name", F_STRING, F_NULLABLE | F_SENSITIVE | F_NO_CSV, .en = "Its name"},
    {"donor", F_OBJECT, F_NULLABLE, .of = donor_part, .en = "The donor, where it is no member"},
    {"giver_name", F_STRING, F_REQUIRED | F_SENSITIVE, .en = "Name of the member or the donor",
     .fr = "Reçu de"},
    {"giver_legal_form", F_ENUM, F_REQUIRED, .values = legal_forms, .en = "Its legal form",
     .fr = "Forme juridique"},
    {"amount", F_MONEY, F_REQUIRED, .en = "Amount", .fr = "Montant"},
    {"received_on", F_DATE, F_NULLABLE,
     .en = "The day the money or the cheque came; null while it is awaited", .fr = "Reçu le"},
    {"means", F_ENUM, F_NULLABLE, .values = means, .en = "How it came, or is announced to come",
     .fr = "Mode de paiement"},
    {"nature", F_ENUM, F_REQUIRED, .values = natures, .en = "As what it was given", .fr = "Nature"},
    {"fund_id", F_UUID, F_REQUIRED | F_NO_CSV, .en = "The fund that gets it"},
    {"fund_name", F_STRING, F_REQUIRED, .en = "Its name", .fr = "Pour"},
    {"project_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "Project"},
    {"project_name", F_STRING, F_NULLABLE, .en = "Its name", .fr = "Projet"},
    {"label", F_STRING, F_NULLABLE, .en = "Label", .fr = "Libellé"},
    {"agreement_signed_on", F_DATE, F_NULLABLE,
     .en = "Signature of the agreement, notification of the subsidy", .fr = "Convention signée le"},
    {"repayable_on", F_DATE, F_NULLABLE, .en = "Date at which a repayable amount is owed back",
     .fr = "À rembourser le"},
    {"legal_basis", F_STRING, F_NULLABLE, .en = "Why the association may receive repayable money",
     .fr = "Base légale"},
    {"accountant_note", F_STRING, F_NULLABLE, .en = "Reference of the accountant's written advice",
     .fr = "Avis de l’expert-comptable"},
    {"status", F_ENUM, F_REQUIRED, .values = statuses,
     .en = "recorded: the money is here; awaited: an agreement is booked; cancelled, corrected: "
           "taken back; returned: the bank "
           "took the money back",
     .fr = "État"},
    {"entry_id", F_UUID, F_REQUIRED | F_NO_CSV,
     .en = "Entry of the income: at signature where an agreement was booked"},
    {"receipt_entry_id", F_UUID, F_NULLABLE | F_NO_CSV,
     .en = "Entry that settles an agreement booked before"},
    {"return_entry_id", F_UUID, F_NULLABLE | F_NO_CSV,
     .en = "Entry by which returned money left again"},
    {"reversal_entry_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "Entry that takes entry_id back"},
    {"corrects_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The contribution it replaces"},
    {"corrected_by_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The contribution that replaces it"},
    {"reason", F_STRING, F_NULLABLE, .en = "Why it was cancelled, corrected or returned",
     .fr = "Motif"},
    {"matched", F_BOOL, F_REQUIRED, .en = "Matched with a line of the bank", .fr = "Rapproché"},
    {"notes", F_STRINGS, F_REQUIRED,
     .en = "Worth a look: before_joining, after_leaving, "
           "patronage_without_agreement, to_repay"},
    {"recorded_at", F_INSTANT, F_REQUIRED, .en = "Recorded at", .fr = "Enregistré le"},
    {"recorded_by", F_STRING, F_REQUIRED, .en = "By whom", .fr = "Par"},
    {.type = F_END}};

static const struct field contribution_in[] = {
    {"member_id", F_UUID, F_NULLABLE, .en = "The member that gives; else donor"},
    {"donor", F_OBJECT, F_NULLABLE, .of = donor_part,
     .en = "A giver who is no member; else member_id"},
    {"amount", F_MONEY, F_REQUIRED, 1, MONEY_MAX_MINOR, .en = "Amount"},
    {"received_on", F_DATE, F_NULLABLE,
     .en = "The day it came; absent only with agreement_signed_on"},
    {"means", F_ENUM, F_NULLABLE, .values = means,
     .en = "How it came; absent only while it is awaited"},
    {"bank_account_id", F_UUID, F_NULLABLE,
     .en = "The bank account a transfer or direct debit came to; the first one unless said"},
    {"nature", F_ENUM, F_REQUIRED, .values = natures,
     .en = "As what it is given: see contribution-natures"},
    {"fund_id", F_UUID, F_NULLABLE,
     .en = "Unless said, the general fund for dues, the solidarity fund for all else"},
    {"project_id", F_UUID, F_NULLABLE, .en = "Project"},
    {"agreement_signed_on", F_DATE, F_NULLABLE,
     .en = "Signature of the agreement or notification of the subsidy: the income "
           "of some natures is booked then"},
    {"repayable_on", F_DATE, F_NULLABLE, .en = "Required for repayable: when it is owed back"},
    {"legal_basis", F_STRING, F_NULLABLE, 1, TERMS_MAX,
     .en = "Required for repayable: why it may be received"},
    {"accountant_note", F_STRING, F_NULLABLE, 1, TERMS_MAX,
     .en = "Required for repayable from persons and companies: reference of the accountant's "
           "written advice on an isolated loan"},
    {"label", F_STRING, F_NULLABLE, 1, LABEL_MAX,
     .en = "Label of its entries; nature and giver unless said"},
    {.type = F_END}};

static const struct field correction_in[] = {
    {"reason", F_TEXT, F_REQUIRED, 1, REASON_MAX, .en = "Why"},
    {"member_id", F_UUID, F_NULLABLE, .en = "Another member"},
    {"donor", F_OBJECT, F_NULLABLE, .of = donor_part, .en = "A donor instead"},
    {"amount", F_MONEY, 0, 1, MONEY_MAX_MINOR, .en = "Another amount"},
    {"received_on", F_DATE, F_NULLABLE, .en = "Another day of receipt; null: not received yet"},
    {"means", F_ENUM, F_NULLABLE, .values = means, .en = "Another means"},
    {"bank_account_id", F_UUID, F_NULLABLE,
     .en = "The bank account a transfer or direct debit came to; the first one unless said"},
    {"nature", F_ENUM, 0, .values = natures, .en = "Another nature"},
    {"fund_id", F_UUID, F_NULLABLE, .en = "Another fund; a default one follows the nature"},
    {"project_id", F_UUID, F_NULLABLE, .en = "Another project, or none"},
    {"agreement_signed_on", F_DATE, F_NULLABLE, .en = "Another date of the agreement, or none"},
    {"repayable_on", F_DATE, F_NULLABLE, .en = "Another date of repayment"},
    {"legal_basis", F_STRING, F_NULLABLE, 1, TERMS_MAX, .en = "Another legal basis"},
    {"accountant_note", F_STRING, F_NULLABLE, 1, TERMS_MAX,
     .en = "Another reference of the accountant's advice"},
    {"label", F_STRING, F_NULLABLE, 1, LABEL_MAX, .en = "Another label, or the default"},
    {.type = F_END}};

static const struct field cancellation_in[] = {
    {"reason", F_TEXT, F_REQUIRED, 1, REASON_MAX, .en = "Why"},
    {"date", F_DATE, 0,
     .en = "Accounting date; unless said its own while that period is open, else today"},
    {.type = F_END}};

static const struct field receipt_in[] = {
    {"received_on", F_DATE, F_REQUIRED, .en = "The day the money came"},
    {"means", F_ENUM, 0, .values = means, .en = "How; as announced unless said"},
    {"bank_account_id", F_UUID, F_NULLABLE,
     .en = "The bank account a transfer or direct debit came to; the first one unless said"},
    {.type = F_END}};

static const struct field contribution_query[] = {
    {"member_id", F_UUID, 0, .en = "Only of this member"},
    {"nature", F_ENUM, 0, .values = natures, .en = "Only of this nature"},
    {"means", F_ENUM, 0, .values = means, .en = "Only by this means"},
    {"status", F_ENUM, 0, .values = statuses, .en = "Only in this status"},
    {"fund_id", F_UUID, 0, .en = "Only for this fund"},
    {"project_id", F_UUID, 0, .en = "Only for this project"},
    {"matched", F_BOOL, 0, .en = "Only those matched with the bank, or only the others"},
    {"from", F_DATE, 0, .en = "From this day on"},
    {"to", F_DATE, 0, .en = "Up to and with this day"},
    {"q", F_STRING, 0, 0, 100, .en = "Part of the giver's name or number, or of the label"},
    {.type = F_END}};
static const struct filter contribution_filters[] = {
    {"member_id", "member_id = %s::uuid"},
    {"nature", "nature = %s"},
    {"means", "means = %s"},
    {"status", "status = %s"},
    {"fund_id", "fund_id = %s::uuid"},
    {"project_id", "project_id = %s::uuid"},
    {"matched", "matched = %s::boolean"},
    {"from", "date >= %s::date"},
    {"to", "date <= %s::date"},
    {"q", "searched LIKE '%' || fund.fold(%s) || '%'"},
    {NULL, NULL}};
static const struct sort contribution_sorts[] = {{"-received_on", "date", "date"},
                                                 {"received_on", "date", "date"},
                                                 {"-amount", "amount", "bigint"},
                                                 {"-recorded_at", "recorded_at", "timestamptz"},
                                                 {NULL, NULL, NULL}};
static const struct collection contribution_list = {"contribution", "uuid", contribution_filters,
                                                    contribution_sorts, NULL};

/* The correction answers another contribution than the one in the path: its address is its own. */
static const struct db_statement contribution_correct = {
    "contribution_correct", "SELECT id, date, member_id, member_number, member_name, donor, "
                            "giver_name, giver_legal_form, amount, received_on, means, "
                            "nature, fund_id, fund_name, project_id, project_name, label, "
                            "agreement_signed_on, repayable_on, legal_basis, "
                            "accountant_note, status, entry_id, receipt_entry_id, return_entry_id, "
                            "reversal_entry_id, corrects_id, corrected_by_id, "
                            "reason, matched, notes, recorded_at, recorded_by FROM "
                            "api.contribution_correct($1::jsonb, $2::jsonb)"};
const struct db_statement *const contribution_statements[] = {&contribution_correct, NULL};

static enum rc correct(struct request *request)
{
    const char *const values[] = {request->path_json, request->body_json};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &contribution_correct, 2, values, &rows));
    reply_row(request, contribution_out, rows, 0);
    request->location = arena_printf(request->arena, "/api/v1/organisations/%s/contributions/%s",
                                     request->caller.slug, db_text(rows, 0, db_column(rows, "id")));
    return RC_OK;
}

/* ---- previews and natures ---- */

static const struct field preview_line[] = {{"account", F_ACCOUNT, F_REQUIRED, .en = "Account"},
                                            {"title", F_STRING, F_REQUIRED, .en = "Its title"},
                                            {"debit", F_MONEY, F_NULLABLE, .en = "Debit"},
                                            {"credit", F_MONEY, F_NULLABLE, .en = "Credit"},
                                            {"fund_id", F_UUID, F_REQUIRED, .en = "Fund"},
                                            {"fund_name", F_STRING, F_REQUIRED, .en = "Its name"},
                                            {.type = F_END}};

static const struct field preview_entry[] = {
    {"date", F_DATE, F_REQUIRED, .en = "Accounting date"},
    {"journal", F_STRING, F_REQUIRED, .en = "Journal"},
    {"label", F_STRING, F_REQUIRED, .en = "Label"},
    {"lines", F_LIST, F_REQUIRED, .of = preview_line, .en = "Lines"},
    {.type = F_END}};

static const struct field preview_out[] = {
    {"entries", F_LIST, F_REQUIRED, .of = preview_entry, .en = "The entries that would be written"},
    {"fund_id", F_UUID, F_REQUIRED, .en = "The fund that would get it"},
    {"fund_name", F_STRING, F_REQUIRED, .en = "Its name"},
    {"status", F_ENUM, F_REQUIRED, .values = statuses, .en = "recorded or awaited"},
    {"notes", F_STRINGS, F_REQUIRED, .en = "As in a contribution"},
    {.type = F_END}};

static const char *const fund_kinds[] = {"general", "solidarity", NULL};

static const struct field nature_out[] = {
    {"id", F_STRING, F_REQUIRED | F_NO_CSV, .en = "Legal form and nature"},
    {"legal_form", F_ENUM, F_REQUIRED, .values = legal_forms, .en = "Who gives",
     .fr = "Forme juridique"},
    {"nature", F_ENUM, F_REQUIRED, .values = natures, .en = "As what", .fr = "Nature"},
    {"account", F_ACCOUNT, F_REQUIRED, .en = "Account credited", .fr = "Compte"},
    {"agreement_account", F_ACCOUNT, F_NULLABLE,
     .en = "Claim booked when an agreement is signed; null: only the receipt is booked",
     .fr = "Compte à la signature"},
    {"default_fund_kind", F_ENUM, F_REQUIRED, .values = fund_kinds,
     .en = "Kind of the fund it goes to unless said", .fr = "Fonds"},
    {"default_fund_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "That fund"},
    {"needs", F_STRINGS, F_REQUIRED, .en = "Fields without which it is refused"},
    {"lendable", F_BOOL, F_REQUIRED, .en = "False: owed back, never counted in what can be lent",
     .fr = "Peut être prêté"},
    {"source", F_STRING, F_REQUIRED, .en = "Article the rule comes from", .fr = "Source"},
    {.type = F_END}};

static const struct field nature_query[] = {
    {"legal_form", F_ENUM, 0, .values = legal_forms, .en = "Only for this legal form"},
    {"nature", F_ENUM, 0, .values = natures, .en = "Only of this nature"},
    {.type = F_END}};
static const struct filter nature_filters[] = {
    {"legal_form", "legal_form = %s"}, {"nature", "nature = %s"}, {NULL, NULL}};
static const struct sort nature_sorts[] = {{"legal_form", "legal_form", "text"},
                                           {NULL, NULL, NULL}};
static const struct collection nature_list = {"contribution_nature", "text", nature_filters,
                                              nature_sorts, NULL};

/* ---- in kind ---- */

static const char *const kinds[] = {"volunteer_time", "goods", "premises", "services", NULL};
static const char *const in_kind_statuses[] = {"recorded", "cancelled", NULL};

static const struct field in_kind_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Gift in kind", .fr = "Identifiant"},
    {"given_on", F_DATE, F_REQUIRED, .en = "Given on", .fr = "Donné le"},
    {"kind", F_ENUM, F_REQUIRED, .values = kinds, .en = "What was given", .fr = "Nature"},
    {"value", F_MONEY, F_REQUIRED, .en = "What it is worth", .fr = "Valeur"},
    {"hours", F_STRING, F_NULLABLE, .en = "Hours of volunteer time, as a decimal string",
     .fr = "Heures"},
    {"member_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The member that gives"},
    {"member_number", F_INT, F_NULLABLE, .en = "Its number", .fr = "N° d’adhérent"},
    {"member_name", F_STRING, F_NULLABLE | F_SENSITIVE | F_NO_CSV, .en = "Its name"},
    {"donor", F_OBJECT, F_NULLABLE, .of = donor_part, .en = "The donor, where it is no member"},
    {"giver_name", F_STRING, F_REQUIRED | F_SENSITIVE, .en = "Name of the member or the donor",
     .fr = "Donné par"},
    {"project_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "Project"},
    {"project_name", F_STRING, F_NULLABLE, .en = "Its name", .fr = "Projet"},
    {"label", F_STRING, F_NULLABLE, .en = "Label", .fr = "Libellé"},
    {"status", F_ENUM, F_REQUIRED, .values = in_kind_statuses, .en = "recorded or cancelled",
     .fr = "État"},
    {"entry_id", F_UUID, F_REQUIRED | F_NO_CSV, .en = "Its entry in classes 86 and 87"},
    {"reversal_entry_id", F_UUID, F_NULLABLE | F_NO_CSV, .en = "The entry that takes it back"},
    {"reason", F_STRING, F_NULLABLE, .en = "Why it was cancelled", .fr = "Motif"},
    {"recorded_at", F_INSTANT, F_REQUIRED, .en = "Recorded at", .fr = "Enregistré le"},
    {"recorded_by", F_STRING, F_REQUIRED, .en = "By whom", .fr = "Par"},
    {.type = F_END}};

static const struct field in_kind_in[] = {
    {"member_id", F_UUID, F_NULLABLE, .en = "The member that gives; else donor"},
    {"donor", F_OBJECT, F_NULLABLE, .of = donor_part,
     .en = "A giver who is no member; else member_id"},
    {"kind", F_ENUM, F_REQUIRED, .values = kinds,
     .en = "What is given: booked on 864/875, 860/870, 861/871 or 862/871"},
    {"value", F_MONEY, F_REQUIRED, 1, MONEY_MAX_MINOR, .en = "What it is worth"},
    {"given_on", F_DATE, F_REQUIRED, .en = "Given on"},
    {"hours", F_STRING, F_NULLABLE, 1, 10,
     .en = "Hours of volunteer time, as a decimal string: \"12.50\""},
    {"project_id", F_UUID, F_NULLABLE, .en = "Project"},
    {"label", F_STRING, F_NULLABLE, 1, LABEL_MAX, .en = "Label of its entry"},
    {.type = F_END}};

static const struct field in_kind_query[] = {
    {"member_id", F_UUID, 0, .en = "Only of this member"},
    {"kind", F_ENUM, 0, .values = kinds, .en = "Only of this kind"},
    {"status", F_ENUM, 0, .values = in_kind_statuses, .en = "Only in this status"},
    {"from", F_DATE, 0, .en = "From this day on"},
    {"to", F_DATE, 0, .en = "Up to and with this day"},
    {.type = F_END}};
static const struct filter in_kind_filters[] = {{"member_id", "member_id = %s::uuid"},
                                                {"kind", "kind = %s"},
                                                {"status", "status = %s"},
                                                {"from", "given_on >= %s::date"},
                                                {"to", "given_on <= %s::date"},
                                                {NULL, NULL}};
static const struct sort in_kind_sorts[] = {
    {"-given_on", "given_on", "date"}, {"given_on", "given_on", "date"}, {NULL, NULL, NULL}};
static const struct collection in_kind_list = {"in_kind_contribution", "uuid", in_kind_filters,
                                               in_kind_sorts, NULL};

const struct route contribution_routes[] = {
    {HTTP_GET, ORGANISATION "/contributions", ROLES_BOOKS | ROLE_MEMBER, TX_READ, 0,
     .query = contribution_query, .out = contribution_out, .list = &contribution_list,
     .id = "contribution_list", .en = "Money in"},
    {HTTP_POST, ORGANISATION "/contributions", ROLE_TREASURER, TX_WRITE, R_CREATED,
     .in = contribution_in, .out = contribution_out, .sql = "contribution_create",
     .id = "contribution_create",
     .en = "Record money in, or a signed agreement; its validated entry is written in the same "
           "transaction"},
    {HTTP_GET, ORGANISATION "/contributions/{id}", ROLES_BOOKS | ROLE_MEMBER, TX_READ, 0,
     .out = contribution_out, .sql = "contribution", .id = "contribution_show",
     .en = "One contribution"},
    {HTTP_POST, ORGANISATION "/contributions/{id}/receipts", ROLE_TREASURER, TX_WRITE, 0,
     .in = receipt_in, .out = contribution_out, .sql = "contribution_receive",
     .id = "contribution_receive", .en = "The money of an awaited contribution came"},
    {HTTP_POST, ORGANISATION "/contributions/{id}/cancellations", ROLE_TREASURER, TX_WRITE, 0,
     .in = cancellation_in, .out = contribution_out, .sql = "contribution_cancel",
     .id = "contribution_cancel", .en = "Take a contribution back: its entries are reversed"},
    {HTTP_POST, ORGANISATION "/contributions/{id}/corrections", ROLE_TREASURER, TX_WRITE, R_CREATED,
     .in = correction_in, .out = contribution_out, .handler = correct, .id = "contribution_correct",
     .en = "Correct a contribution in one act: reversal and new entry; answers the one that "
           "replaces it"},
    {HTTP_POST, ORGANISATION "/contribution-previews", ROLE_TREASURER, TX_READ, R_NO_KEY,
     .in = contribution_in, .out = preview_out, .sql = "contribution_preview",
     .id = "contribution_preview", .en = "The entries a contribution would write; writes nothing"},
    {HTTP_GET, ORGANISATION "/contribution-natures", ROLES_BOOKS | ROLE_MEMBER, TX_READ, 0,
     .query = nature_query, .out = nature_out, .list = &nature_list,
     .id = "contribution_nature_list",
     .en = "Which natures of contribution each legal form can have today, and how they are booked"},
    {HTTP_GET, ORGANISATION "/in-kind-contributions", ROLES_BOOKS | ROLE_MEMBER, TX_READ, 0,
     .query = in_kind_query, .out = in_kind_out, .list = &in_kind_list,
     .id = "in_kind_contribution_list", .en = "What was given in kind"},
    {HTTP_POST, ORGANISATION "/in-kind-contributions", ROLE_TREASURER, TX_WRITE, R_CREATED,
     .in = in_kind_in, .out = in_kind_out, .sql = "in_kind_contribution_create",
     .id = "in_kind_contribution_create",
     .en = "Record volunteer time, goods, premises or services given: no money, classes 86 and 87"},
    {HTTP_GET, ORGANISATION "/in-kind-contributions/{id}", ROLES_BOOKS | ROLE_MEMBER, TX_READ, 0,
     .out = in_kind_out, .sql = "in_kind_contribution", .id = "in_kind_contribution_show",
     .en = "One gift in kind"},
    {HTTP_POST, ORGANISATION "/in-kind-contributions/{id}/cancellations", ROLE_TREASURER, TX_WRITE,
     0, .in = cancellation_in, .out = in_kind_out, .sql = "in_kind_contribution_cancel",
     .id = "in_kind_contribution_cancel", .en = "Take a gift in kind back: its entry is reversed"},
    {.path = NULL}};
