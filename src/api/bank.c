/* The bank: accounts, statements and their import. What a line of the bank is stands in matching.c.
 */
#include "api/bank.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"
#include "base/uuid.h"
#include "formats/bank.h"

enum {
    NAME_LENGTH_MAX = 100,
    REASON_MAX = 500,
    IMPORT_SQL_MAX = 256 * 1024 * 1024,
    OPENING_LINES_MAX = 100
};

#define ORGANISATION "/organisations/{organisation}"

/* ---- accounts ---- */

static const char *const account_states[] = {"confirmed", "unconfirmed", "other_currency", NULL};

static const struct field gap_part[] = {
    {"statement_id", F_UUID, F_REQUIRED, .en = "The statement before which something is missing"},
    {"from_on", F_DATE, F_REQUIRED, .en = "Last day of the statement before"},
    {"to_on", F_DATE, F_REQUIRED, .en = "First day of the statement"},
    {"previous_closing", F_MONEY, F_REQUIRED, .en = "Balance at the end of the one before"},
    {"opening", F_MONEY, F_REQUIRED, .en = "Balance at the beginning of this one"},
    {"missing", F_MONEY, F_REQUIRED,
     .en = "By how much the balance moved that no statement explains"},
    {.type = F_END}};

static const struct field account_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Bank account", .fr = "Identifiant"},
    {"name", F_STRING, F_REQUIRED, .en = "Name", .fr = "Nom"},
    {"iban", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "IBAN, as the bank gives it", .fr = "IBAN"},
    {"identifier", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Another number that names it",
     .fr = "Numéro"},
    {"currency", F_STRING, F_REQUIRED, .en = "ISO 4217", .fr = "Monnaie"},
    {"account", F_ACCOUNT, F_NULLABLE,
     .en = "Its account of the ledger; null until it is confirmed", .fr = "Compte comptable"},
    {"status", F_ENUM, F_REQUIRED, .values = account_states,
     .en = "unconfirmed: found by an import, not to be booked from yet; other_currency: read only",
     .fr = "État"},
    {"bank_balance", F_MONEY, F_NULLABLE | F_DECIMAL,
     .en = "What the bank says there was at the end of balance_on", .fr = "Solde banque"},
    {"balance_on", F_DATE, F_NULLABLE,
     .en = "as_of, or the last day of its statements if that is earlier", .fr = "Au"},
    {"ledger_balance", F_MONEY, F_NULLABLE | F_DECIMAL,
     .en = "What the books say at the end of the same day", .fr = "Solde comptes"},
    {"difference", F_MONEY, F_NULLABLE | F_DECIMAL, .en = "Bank − books", .fr = "Écart"},
    {"agrees", F_BOOL, F_NULLABLE, .en = "Whether they are equal", .fr = "D’accord"},
    {"unmatched_count", F_INT, F_REQUIRED, .en = "Bank lines nobody has matched",
     .fr = "Lignes à rapprocher"},
    {"unmatched_amount", F_MONEY, F_REQUIRED | F_DECIMAL, .en = "Their sum", .fr = "Leur somme"},
    {"ledger_unmatched_count", F_INT, F_REQUIRED, .en = "Lines of the books the bank has not shown",
     .fr = "Lignes des comptes pas vues en banque"},
    {"ledger_unmatched_amount", F_MONEY, F_REQUIRED | F_DECIMAL, .en = "Their sum",
     .fr = "Leur somme (comptes)"},
    {"statements", F_INT, F_REQUIRED, .en = "Statements imported", .fr = "Relevés"},
    {"last_imported_at", F_INSTANT, F_NULLABLE, .en = "When the last one came",
     .fr = "Dernier import"},
    {"gaps", F_LIST, F_REQUIRED, .of = gap_part, .en = "Where statements are missing"},
    {"confirmed_at", F_INSTANT, F_NULLABLE, .en = "When a person said that it is the association's",
     .fr = "Confirmé le"},
    {"version", F_INT, F_REQUIRED | F_NO_CSV, .en = "Counts the changes"},
    {"created_at", F_INSTANT, F_REQUIRED, .en = "Made at", .fr = "Créé le"},
    {.type = F_END}};

static const struct field account_in[] = {
    {"name", F_STRING, F_REQUIRED, 1, NAME_LENGTH_MAX, .en = "Name"},
    {"iban", F_IBAN, F_SENSITIVE, .en = "IBAN; else identifier"},
    {"identifier", F_STRING, F_SENSITIVE, 1, NAME_LENGTH_MAX,
     .en = "Another number that names it; else iban"},
    {.type = F_END}};

static const struct field account_change[] = {
    {"name", F_STRING, 0, 1, NAME_LENGTH_MAX, .en = "Name"}, {.type = F_END}};

static const struct field account_query[] = {
    {"as_of", F_DATE, 0,
     .en = "Balances at the end of this day; as far as the statements go unless said"},
    {.type = F_END}};

static const struct db_statement accounts_on = {
    "bank_accounts_on", "SELECT id, name, iban, identifier, currency, account, status, "
                        "bank_balance, balance_on, ledger_balance, difference, agrees, "
                        "unmatched_count, unmatched_amount, ledger_unmatched_count, "
                        "ledger_unmatched_amount, statements, last_imported_at, gaps, "
                        "confirmed_at, version, created_at FROM api.bank_account_list($1::date)"};

static enum rc list_accounts(struct request *request)
{
    const char *const values[] = {record_text(request->query, "as_of")};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &accounts_on, 1, values, &rows));
    reply_items(request, account_out, rows, ",\"next\":null");
    return RC_OK;
}

/* ---- notes: codes with arguments, written for the reader ---- */

static const struct field note_part[] = {
    {"code", F_STRING, F_REQUIRED, .en = "Code, as in docs/errors.md"},
    {"detail", F_STRING, F_REQUIRED, .en = "The sentence, in the reader's language"},
    {.type = F_END}};

static void write_note(struct request *request, const struct json *note, bool first)
{
    const char *args[PROBLEM_ARGS_MAX] = {NULL};
    const struct json *list = json_get(note, "args");
    size_t n = 0;
    for (const struct json *arg = list == NULL ? NULL : list->first;
         arg != NULL && n < PROBLEM_ARGS_MAX; arg = arg->next)
        args[n++] = arg->text.p;
    enum problem_code code = problem_by_slug(str_of(json_get_text(note, "code")));
    const char *sentence =
        code == PROBLEM_NONE
            ? NULL
            : problem_sentence(request->arena, problem_text(code)->detail[request->language], args,
                               request->language, request->caller.digits);
    writer_text(request->out, first ? "{\"code\":" : ",{\"code\":");
    writer_json_string(request->out, str_of(json_get_text(note, "code")));
    writer_text(request->out, ",\"detail\":");
    writer_json_string(request->out, str_of(sentence == NULL ? "" : sentence));
    writer_char(request->out, '}');
}

static void write_notes(struct request *request, const struct json *notes)
{
    writer_char(request->out, '[');
    for (const struct json *note = notes->first; note != NULL; note = note->next)
        write_note(request, note, note == notes->first);
    writer_char(request->out, ']');
}

static bool statement_cell(struct request *request, const struct field *field,
                           const struct db_rows *rows, size_t row)
{
    const struct json *notes;
    if (field->of != note_part)
        return false;
    if (json_parse(request->arena, str_of(db_text(rows, row, db_column(rows, "notes"))), &notes,
                   &request->problem) != RC_OK)
        return false;
    write_notes(request, notes);
    return true;
}

/* ---- statements ---- */

static const char *const formats[] = {"ofx", "camt.053", NULL};

static const struct field statement_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Statement", .fr = "Identifiant"},
    {"bank_account_id", F_UUID, F_REQUIRED | F_NO_CSV, .en = "Its bank account"},
    {"bank_account_name", F_STRING, F_REQUIRED, .en = "Its name", .fr = "Compte bancaire"},
    {"account_status", F_ENUM, F_REQUIRED | F_NO_CSV, .values = account_states,
     .en = "Whether it can be booked from"},
    {"account", F_STRING, F_REQUIRED | F_SENSITIVE, .en = "The account as the file names it",
     .fr = "Compte (fichier)"},
    {"iban", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Its IBAN", .fr = "IBAN"},
    {"currency", F_STRING, F_REQUIRED, .en = "ISO 4217", .fr = "Monnaie"},
    {"format", F_ENUM, F_REQUIRED, .values = formats, .en = "Format of the file", .fr = "Format"},
    {"file_name", F_STRING, F_NULLABLE, .en = "Its name", .fr = "Fichier"},
    {"file_sha256", F_STRING, F_REQUIRED | F_NO_CSV, .en = "Its digest"},
    {"reference", F_STRING, F_NULLABLE, .en = "The bank's identification of the statement",
     .fr = "Référence"},
    {"number", F_STRING, F_NULLABLE, .en = "Its number", .fr = "Numéro"},
    {"from_on", F_DATE, F_NULLABLE, .en = "First day", .fr = "Du"},
    {"to_on", F_DATE, F_NULLABLE, .en = "Last day", .fr = "Au"},
    {"opening_balance", F_MONEY, F_NULLABLE | F_DECIMAL,
     .en = "Balance before; null where the file does not say", .fr = "Solde d’ouverture"},
    {"closing_balance", F_MONEY, F_NULLABLE | F_DECIMAL, .en = "Balance after",
     .fr = "Solde de clôture"},
    {"closing_on", F_DATE, F_NULLABLE, .en = "Day of the balance after", .fr = "Solde au"},
    {"sum_in", F_MONEY, F_REQUIRED | F_DECIMAL, .en = "Sum of what came in", .fr = "Entrées"},
    {"sum_out", F_MONEY, F_REQUIRED | F_DECIMAL, .en = "Sum of what went out, negative",
     .fr = "Sorties"},
    {"transactions", F_INT, F_REQUIRED, .en = "Booked entries", .fr = "Lignes"},
    {"new_transactions", F_INT, F_REQUIRED, .en = "Those no earlier import had brought",
     .fr = "Nouvelles"},
    {"balanced", F_BOOL, F_NULLABLE,
     .en = "Opening + entries = closing; null where a balance is missing", .fr = "Soldes justes"},
    {"gap", F_BOOL, F_REQUIRED, .en = "Something is missing before it", .fr = "Trou avant"},
    {"notes", F_LIST, F_REQUIRED, .of = note_part, .en = "What is worth knowing about it"},
    {"recorded_at", F_INSTANT, F_REQUIRED, .en = "Imported at", .fr = "Importé le"},
    {"recorded_by", F_STRING, F_REQUIRED, .en = "By whom", .fr = "Par"},
    {.type = F_END}};

static const struct field statement_query[] = {
    {"bank_account_id", F_UUID, 0, .en = "Only of this bank account"},
    {"from", F_DATE, 0, .en = "Ending on this day or later"},
    {"to", F_DATE, 0, .en = "Ending on this day or earlier"},
    {.type = F_END}};
static const struct filter statement_filters[] = {{"bank_account_id", "bank_account_id = %s::uuid"},
                                                  {"from", "sorted_on >= %s::date"},
                                                  {"to", "sorted_on <= %s::date"},
                                                  {NULL, NULL}};
static const struct sort statement_sorts[] = {{"-to_on", "sorted_on", "date"},
                                              {"to_on", "sorted_on", "date"},
                                              {"-recorded_at", "recorded_at", "timestamptz"},
                                              {NULL, NULL, NULL}};
static const struct collection statement_list = {"bank_statement", "uuid", statement_filters,
                                                 statement_sorts, NULL};

/* ---- importing ---- */

static const struct field import_in[] = {
    {"file", F_FILE, F_REQUIRED, .en = "OFX 1.x or 2.x, or camt.053 version 02 to 08"},
    {.type = F_END}};

static const struct field import_out[] = {{"items", F_LIST, F_REQUIRED, .of = statement_out,
                                           .en = "The statements of the file, in its order"},
                                          {.type = F_END}};

/* A file of BANK_ENTRIES_MAX lines on a slow machine: longer than the server's statements otherwise
 * may take. */
static const struct db_statement import_patience = {
    "bank_import_patience", "SELECT set_config('statement_timeout', '120s', true)"};
static const struct db_statement import_write = {
    "bank_import", "SELECT items FROM api.bank_import('{}', $1::jsonb)"};
const struct db_statement *const bank_statements[] = {&accounts_on, &import_patience, &import_write,
                                                      NULL};

static void key(struct writer *out, bool *first, const char *name)
{
    writer_format(out, "%s\"%s\":", *first ? "" : ",", name);
    *first = false;
}

static void text_key(struct writer *out, bool *first, const char *name, const char *text)
{
    if (text == NULL)
        return;
    key(out, first, name);
    writer_json_string(out, str_of(text));
}

static void date_key(struct writer *out, bool *first, const char *name, struct date date)
{
    char text[DATE_TEXT_MAX];
    key(out, first, name);
    writer_format(out, "\"%s\"", date_format(date, text));
}

static void minor_key(struct writer *out, bool *first, const char *name, struct money money)
{
    key(out, first, name);
    writer_format(out, "%lld", (long long)money.minor);
}

/* [{"code": …, "args": […]}]; amounts of a currency with other digits than the books' are written
 * out here. */
static void notes_key(struct writer *out, bool *first, const struct bank_notes *notes,
                      const struct bank_notes *more, int digits, int book_digits)
{
    bool first_note = true;
    key(out, first, "notes");
    writer_char(out, '[');
    for (size_t i = 0; i < notes->count + more->count; i++) {
        const struct bank_note *note =
            i < notes->count ? &notes->items[i] : &more->items[i - notes->count];
        writer_format(out, "%s{\"code\":\"%s\",\"args\":[", first_note ? "" : ",",
                      problem_text(note->code)->slug);
        for (size_t a = 0; a < PROBLEM_ARGS_MAX && note->args[a] != NULL; a++) {
            char text[MONEY_TEXT_MAX];
            int64_t minor = 0;
            struct str arg = str_of(note->args[a]);
            bool other =
                digits != book_digits && text_starts(arg, STR("money:")) &&
                text_to_int((struct str){arg.p + 6, arg.n - 6}, INT64_MIN, INT64_MAX, &minor);
            writer_text(out, a == 0 ? "" : ",");
            writer_json_string(
                out, other ? str_of(money_format((struct money){minor}, digits, text)) : arg);
        }
        writer_text(out, "]}");
        first_note = false;
    }
    writer_char(out, ']');
}

static void write_details(struct writer *out, bool *first, const struct bank_entry *entry)
{
    key(out, first, "details");
    writer_char(out, '[');
    for (size_t i = 0; i < entry->n_details; i++) {
        const struct bank_detail *detail = &entry->details[i];
        bool start = true;
        char text[MONEY_TEXT_MAX];
        int digits = bank_currency_digits(str_of(detail->currency));
        writer_text(out, i == 0 ? "{" : ",{");
        if (detail->has_amount)
            text_key(out, &start, "amount",
                     money_format(detail->amount, digits < 0 ? 2 : digits, text));
        if (detail->has_amount)
            text_key(out, &start, "currency", detail->currency);
        text_key(out, &start, "counterparty_name", detail->counterparty_name);
        text_key(out, &start, "counterparty_iban", detail->counterparty_iban);
        text_key(out, &start, "ultimate_name", detail->ultimate_name);
        text_key(out, &start, "remittance", detail->remittance);
        text_key(out, &start, "creditor_reference", detail->creditor_reference);
        text_key(out, &start, "end_to_end_id", detail->end_to_end_id);
        text_key(out, &start, "mandate_id", detail->mandate_id);
        text_key(out, &start, "bank_reference", detail->bank_reference);
        text_key(out, &start, "cheque_number", detail->cheque_number);
        text_key(out, &start, "additional_text", detail->additional_text);
        text_key(out, &start, "return_reason", detail->return_reason);
        writer_char(out, '}');
    }
    writer_char(out, ']');
}

/* Names, texts, IBAN and amount in one folded text: what ?q= looks in. */
static const char *searched(struct arena *arena, const struct bank_entry *entry, int digits)
{
    char amount[MONEY_TEXT_MAX];
    struct money size = {entry->amount.minor < 0 ? -entry->amount.minor : entry->amount.minor};
    const char *const parts[] = {entry->ultimate_name, entry->remittance, entry->additional_text,
                                 entry->counterparty_iban, money_format(size, digits, amount)};
    const char *plain = entry->counterparty_name == NULL ? "" : entry->counterparty_name;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        if (parts[i] != NULL)
            plain = arena_printf(arena, "%s %s", plain, parts[i]);
    return plain == NULL ? NULL : text_fold(arena, str_of(plain));
}

static void write_entry(struct request *request, struct writer *out, const struct bank_entry *entry,
                        int digits)
{
    bool first = true;
    char id[UUID_TEXT_SIZE];
    writer_char(out, '{');
    text_key(out, &first, "id", uuid_format(uuid_new(), id));
    text_key(out, &first, "searched", searched(request->arena, entry, digits));
    text_key(out, &first, "fingerprint", entry->fingerprint);
    minor_key(out, &first, "amount", entry->amount);
    text_key(out, &first, "currency", entry->currency);
    date_key(out, &first, "booked_on", entry->booked_on);
    date_key(out, &first, "value_on", entry->value_on);
    text_key(out, &first, "counterparty_name", entry->counterparty_name);
    text_key(out, &first, "counterparty_iban", entry->counterparty_iban);
    text_key(out, &first, "ultimate_name", entry->ultimate_name);
    text_key(out, &first, "remittance", entry->remittance);
    text_key(out, &first, "additional_text", entry->additional_text);
    text_key(out, &first, "bank_reference", entry->bank_reference);
    text_key(out, &first, "end_to_end_id", entry->end_to_end_id);
    text_key(out, &first, "mandate_id", entry->mandate_id);
    text_key(out, &first, "cheque_number", entry->cheque_number);
    text_key(out, &first, "type_code", entry->type_code);
    text_key(out, &first, "return_reason", entry->return_reason);
    key(out, &first, "is_reversal");
    writer_text(out, entry->is_reversal ? "true" : "false");
    if (entry->n_details > 0)
        write_details(out, &first, entry);
    writer_char(out, '}');
}

/* First and last day of a statement: what the file says, else its balances, else its entries. */
static void write_period(struct writer *out, bool *first, const struct bank_statement *statement)
{
    bool has_from = statement->has_from, has_to = statement->has_to;
    struct date from = statement->from, to = statement->to;
    if (!has_from && statement->opening.has_date) {
        has_from = true;
        from = statement->opening.on;
    }
    for (size_t i = 0; i < statement->n_entries; i++) {
        struct date on = statement->entries[i].booked_on;
        if (!statement->has_from && (!has_from || date_compare(on, from) < 0)) {
            has_from = true;
            from = on;
        }
        if (!statement->has_to && (!has_to || date_compare(on, to) > 0)) {
            has_to = true;
            to = on;
        }
    }
    struct date closing = to;
    bool has_closing = has_to;
    if (statement->closing.has_date) {
        closing = statement->closing.on;
        has_closing = true;
        if (!has_to) {
            to = closing;
            has_to = true;
        }
    }
    if (has_from)
        date_key(out, first, "from_on", from);
    if (has_to)
        date_key(out, first, "to_on", to);
    if (statement->opening.present)
        minor_key(out, first, "opening", statement->opening.amount);
    if (statement->closing.present && has_closing) {
        minor_key(out, first, "closing", statement->closing.amount);
        date_key(out, first, "closing_on", closing);
    }
}

static void write_statement(struct request *request, struct writer *out,
                            const struct bank_file *file, const struct bank_statement *statement)
{
    bool first = true;
    writer_char(out, '{');
    text_key(out, &first, "account", statement->account);
    text_key(out, &first, "account_number", statement->account_number);
    text_key(out, &first, "number_alone",
             text_compact(request->arena, str_of(statement->account_number)));
    text_key(out, &first, "iban", statement->iban);
    text_key(out, &first, "account_name", statement->account_name);
    text_key(out, &first, "currency", statement->currency);
    key(out, &first, "digits");
    writer_format(out, "%d", statement->digits);
    text_key(out, &first, "reference", statement->id);
    text_key(out, &first, "number", statement->number);
    write_period(out, &first, statement);
    minor_key(out, &first, "sum_in", statement->sum_in);
    minor_key(out, &first, "sum_out", statement->sum_out);
    if (statement->balanced != BANK_BALANCED_UNKNOWN) {
        key(out, &first, "balanced");
        writer_text(out, statement->balanced == BANK_BALANCED_YES ? "true" : "false");
    }
    notes_key(out, &first, &file->notes, &statement->notes, statement->digits,
              request->caller.digits);
    key(out, &first, "entries");
    for (size_t i = 0; i < statement->n_entries; i++) {
        writer_char(out, i == 0 ? '[' : ',');
        write_entry(request, out, &statement->entries[i], statement->digits);
    }
    writer_text(out, statement->n_entries == 0 ? "[]}" : "]}");
}

static void write_file(struct request *request, struct writer *out, const struct bank_file *file,
                       const struct http_part *part)
{
    unsigned char digest[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];
    bool first = true;
    crypto_sha256(part->bytes.p, part->bytes.n, digest);
    crypto_hex(digest, sizeof digest, hex);
    writer_char(out, '{');
    text_key(out, &first, "sha256", hex);
    if (part->file_name.n > 0) {
        key(out, &first, "file_name");
        writer_json_string(out, part->file_name);
    }
    text_key(out, &first, "format", file->format == BANK_FORMAT_CAMT_053 ? "camt.053" : "ofx");
    text_key(out, &first, "version", file->version);
    key(out, &first, "statements");
    for (size_t i = 0; i < file->n_statements; i++) {
        writer_char(out, i == 0 ? '[' : ',');
        write_statement(request, out, file, &file->statements[i]);
    }
    writer_text(out, file->n_statements == 0 ? "[]}" : "]}");
    writer_char(out, '\0');
}

/* The statements as the database answers them: JSON in wire form but for the notes. */
static void write_item(struct request *request, const struct json *item)
{
    struct writer *out = request->out;
    writer_char(out, '{');
    for (size_t i = 0; statement_out[i].type != F_END; i++) {
        const struct json *value = json_get(item, statement_out[i].name);
        writer_text(out, i == 0 ? "" : ",");
        writer_json_string(out, str_of(statement_out[i].name));
        writer_char(out, ':');
        ASSERT(value != NULL);
        if (statement_out[i].of == note_part)
            write_notes(request, value);
        else if (value->type == JSON_STRING_)
            writer_json_string(out, value->text);
        else if (value->type == JSON_INTEGER_)
            writer_format(out, "%lld", (long long)value->integer);
        else
            writer_text(out, value->type == JSON_NULL_ ? "null"
                             : value->boolean          ? "true"
                                                       : "false");
    }
    writer_char(out, '}');
}

static enum rc import_file(struct request *request)
{
    const struct http_part *part = http_part(request->exchange, "file");
    ASSERT(part != NULL); /* the table requires it */
    struct bank_file file;
    CLEANUP(writer_release) struct writer body;
    writer_init(&body, IMPORT_SQL_MAX);
    TRY(bank_file_parse(request->arena, part->bytes,
                        part->file_name.n == 0 ? NULL : arena_copy(request->arena, part->file_name),
                        &file, &request->problem));
    write_file(request, &body, &file, part);
    if (body.failed)
        return problem_set(&request->problem, PROBLEM_BANK_FILE_MEMORY, NULL);
    const char *const values[] = {body.data};
    DB_ROWS *patience = NULL;
    DB_ROWS *plans = NULL;
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &import_patience, 0, NULL, &patience));
    /* Plans this connection made while the tables were small read them whole: the check of a
     * foreign key, run for every line, took a minute for 20,000 of them. */
    TRY(db_sql(request->db, "DISCARD PLANS", 0, NULL, &plans, &request->problem));
    TRY(request_query(request, &import_write, 1, values, &rows));
    const struct json *items;
    TRY(json_parse(request->arena, str_of(db_text(rows, 0, 0)), &items, &request->problem));
    writer_text(request->out, "{\"items\":[");
    for (const struct json *item = items->first; item != NULL; item = item->next) {
        writer_text(request->out, item == items->first ? "" : ",");
        write_item(request, item);
    }
    writer_text(request->out, "]}");
    return RC_OK;
}

/* ---- what was there before the books began ---- */

static const struct field opening_in[] = {
    {"entry_line_ids", F_IDS, F_REQUIRED, 1, OPENING_LINES_MAX,
     .en =
         "Lines on the account of the ledger that make the opening balance of its first statement"},
    {.type = F_END}};

static const struct field reason_in[] = {
    {"reason", F_TEXT, 0, 1, REASON_MAX, .en = "Why, for the log"}, {.type = F_END}};

const struct route bank_routes[] = {
    {HTTP_GET, ORGANISATION "/bank-accounts", ROLES_BOOKS, TX_READ, R_EXPORT,
     .query = account_query, .out = account_out, .handler = list_accounts,
     .id = "bank_account_list", .en = "Bank accounts: what the bank says, what the books say"},
    {HTTP_POST, ORGANISATION "/bank-accounts", ROLE_TREASURER, TX_WRITE, R_CREATED,
     .in = account_in, .out = account_out, .sql = "bank_account_create",
     .id = "bank_account_create", .en = "Make a bank account, confirmed at once"},
    {HTTP_GET, ORGANISATION "/bank-accounts/{id}", ROLES_BOOKS, TX_READ, 0, .out = account_out,
     .sql = "bank_account", .id = "bank_account_show", .en = "One bank account"},
    {HTTP_PATCH, ORGANISATION "/bank-accounts/{id}", ROLE_TREASURER, TX_WRITE, R_IF_MATCH,
     .in = account_change, .out = account_out, .sql = "bank_account_update",
     .id = "bank_account_update", .en = "Rename a bank account"},
    {HTTP_POST, ORGANISATION "/bank-accounts/{id}/confirmations", ROLE_TREASURER, TX_WRITE, 0,
     .in = account_change, .out = account_out, .sql = "bank_account_confirm",
     .id = "bank_account_confirm",
     .en = "Say that an account found by an import is the association's: its lines can be matched "
           "then"},
    {HTTP_GET, ORGANISATION "/bank-statements", ROLES_BOOKS, TX_READ, 0, .query = statement_query,
     .out = statement_out, .list = &statement_list, .cell = statement_cell,
     .id = "bank_statement_list", .en = "Imported statements"},
    {HTTP_POST, ORGANISATION "/bank-statements", ROLE_TREASURER, TX_WRITE, R_MULTIPART | R_CREATED,
     .in = import_in, .out = import_out, .handler = import_file, .id = "bank_statement_import",
     .en = "Import a bank file: the same or an overlapping one adds nothing twice"},
    {HTTP_GET, ORGANISATION "/bank-statements/{id}", ROLES_BOOKS, TX_READ, 0, .out = statement_out,
     .sql = "bank_statement", .cell = statement_cell, .id = "bank_statement_show",
     .en = "One statement"},
    {HTTP_POST, ORGANISATION "/bank-statements/{id}/opening-matches", ROLE_TREASURER, TX_WRITE,
     R_CREATED, .in = opening_in, .out = match_out, .sql = "bank_opening_match",
     .id = "bank_opening_match",
     .en = "Say which entries are the opening balance of an account's first statement"},
    {HTTP_POST, ORGANISATION "/bank-statements/{id}/opening-matches/{match_id}/cancellations",
     ROLE_TREASURER, TX_WRITE, 0, .in = reason_in, .out = match_out, .sql = "bank_opening_cancel",
     .id = "bank_opening_cancel", .en = "Undo the match of an opening balance"},
    {.path = NULL}};
