/* What the parser makes of bank files: one line of JSON per file named on the command line. */
#include "base/writer.h"
#include "formats/bank.h"

enum { ARENA_BYTES = 512 * 1024 * 1024, READ_MAX = BANK_FILE_BYTES_MAX + 4096 };

static void text(struct writer *writer, const char *name, const char *value)
{
    writer_format(writer, ",\"%s\":", name);
    if (value == NULL)
        writer_text(writer, "null");
    else
        writer_json_string(writer, str_of(value));
}

static void money(struct writer *writer, const char *name, struct money amount, int digits)
{
    char buffer[MONEY_TEXT_MAX];

    text(writer, name, money_format(amount, digits, buffer));
}

static void date(struct writer *writer, const char *name, bool has, struct date on)
{
    char buffer[DATE_TEXT_MAX];

    text(writer, name, has ? date_format(on, buffer) : NULL);
}

static void sentence(struct writer *writer, struct arena *arena, enum problem_code code,
                     const char *const args[PROBLEM_ARGS_MAX], int digits)
{
    const struct problem_text *said = problem_text(code);

    writer_format(writer, "{\"code\":\"%s\"", said->slug);
    text(writer, "en",
         problem_sentence(arena, said->detail[LANGUAGE_EN], args, LANGUAGE_EN, digits));
    text(writer, "fr",
         problem_sentence(arena, said->detail[LANGUAGE_FR], args, LANGUAGE_FR, digits));
    writer_char(writer, '}');
}

static void notes(struct writer *writer, struct arena *arena, struct bank_notes said, int digits)
{
    writer_text(writer, ",\"notes\":[");
    for (size_t i = 0; i < said.count; i++) {
        if (i > 0)
            writer_char(writer, ',');
        sentence(writer, arena, said.items[i].code, said.items[i].args, digits);
    }
    writer_char(writer, ']');
}

static void detail(struct writer *writer, const struct bank_detail *said)
{
    writer_format(writer, "{\"currency\":\"%s\"", said->currency);
    if (said->has_amount)
        money(writer, "amount", said->amount, bank_currency_digits(str_of(said->currency)));
    text(writer, "counterparty_name", said->counterparty_name);
    text(writer, "counterparty_iban", said->counterparty_iban);
    text(writer, "ultimate_name", said->ultimate_name);
    text(writer, "end_to_end_id", said->end_to_end_id);
    text(writer, "mandate_id", said->mandate_id);
    text(writer, "bank_reference", said->bank_reference);
    text(writer, "cheque_number", said->cheque_number);
    text(writer, "creditor_reference", said->creditor_reference);
    text(writer, "remittance", said->remittance);
    text(writer, "additional_text", said->additional_text);
    text(writer, "return_reason", said->return_reason);
    writer_char(writer, '}');
}

static void entry(struct writer *writer, const struct bank_entry *said)
{
    writer_format(writer, "{\"line\":%d,\"currency\":\"%s\",\"is_reversal\":%s", said->line,
                  said->currency, said->is_reversal ? "true" : "false");
    money(writer, "amount", said->amount, bank_currency_digits(str_of(said->currency)));
    date(writer, "booked_on", true, said->booked_on);
    date(writer, "value_on", true, said->value_on);
    text(writer, "bank_reference", said->bank_reference);
    text(writer, "end_to_end_id", said->end_to_end_id);
    text(writer, "mandate_id", said->mandate_id);
    text(writer, "cheque_number", said->cheque_number);
    text(writer, "counterparty_name", said->counterparty_name);
    text(writer, "counterparty_iban", said->counterparty_iban);
    text(writer, "ultimate_name", said->ultimate_name);
    text(writer, "remittance", said->remittance);
    text(writer, "additional_text", said->additional_text);
    text(writer, "type_code", said->type_code);
    text(writer, "return_reason", said->return_reason);
    text(writer, "fingerprint", said->fingerprint);
    writer_text(writer, ",\"details\":[");
    for (size_t i = 0; i < said->n_details; i++) {
        if (i > 0)
            writer_char(writer, ',');
        detail(writer, &said->details[i]);
    }
    writer_text(writer, "]}");
}

static void balance(struct writer *writer, const char *name, const struct bank_balance *said,
                    int digits)
{
    char amount[32], on[32];

    snprintf(amount, sizeof(amount), "%s_balance", name);
    snprintf(on, sizeof(on), "%s_on", name);
    if (said->present)
        money(writer, amount, said->amount, digits);
    else
        text(writer, amount, NULL);
    date(writer, on, said->has_date, said->on);
}

static void statement(struct writer *writer, struct arena *arena, const struct bank_statement *said)
{
    static const char *const BALANCED[] = {"null", "true", "false"};
    static const char *const TYPES[] = {"unsaid", "checking", "savings", "credit_card"};

    writer_format(
        writer,
        "{\"digits\":%d,\"currency\":\"%s\",\"balanced\":%s,\"iban_derived\":%s,\"iban_valid\":%s",
        said->digits, said->currency, BALANCED[said->balanced],
        said->iban_derived ? "true" : "false", said->iban_valid ? "true" : "false");
    text(writer, "account", said->account);
    text(writer, "iban", said->iban);
    text(writer, "bank_id", said->bank_id);
    text(writer, "branch_id", said->branch_id);
    text(writer, "account_number", said->account_number);
    text(writer, "account_name", said->account_name);
    text(writer, "owner_name", said->owner_name);
    text(writer, "type", TYPES[said->type]);
    text(writer, "id", said->id);
    text(writer, "number", said->number);
    date(writer, "from", said->has_from, said->from);
    date(writer, "to", said->has_to, said->to);
    balance(writer, "opening", &said->opening, said->digits);
    balance(writer, "closing", &said->closing, said->digits);
    money(writer, "sum_in", said->sum_in, said->digits);
    money(writer, "sum_out", said->sum_out, said->digits);
    writer_format(writer, ",\"not_booked\":%zu", said->n_not_booked);
    notes(writer, arena, said->notes, said->digits);
    writer_text(writer, ",\"entries\":[");
    for (size_t i = 0; i < said->n_entries; i++) {
        if (i > 0)
            writer_char(writer, ',');
        entry(writer, &said->entries[i]);
    }
    writer_text(writer, "]}");
}

static void dump(struct writer *writer, struct arena *arena, struct str bytes, const char *name)
{
    static struct problem problem;
    struct bank_file file;

    problem_init(&problem, arena);
    writer_text(writer, "{\"file\":");
    writer_json_string(writer, str_of(name));
    if (bank_file_parse(arena, bytes, name, &file, &problem) != RC_OK) {
        writer_text(writer, ",\"problem\":");
        sentence(writer, arena, problem.code, problem.args, 2);
        writer_text(writer, "}\n");
        return;
    }
    text(writer, "version", file.version);
    text(writer, "encoding", file.encoding);
    text(writer, "message_id", file.message_id);
    notes(writer, arena, file.notes, 2);
    writer_text(writer, ",\"statements\":[");
    for (size_t i = 0; i < file.n_statements; i++) {
        if (i > 0)
            writer_char(writer, ',');
        statement(writer, arena, &file.statements[i]);
    }
    writer_text(writer, "]}\n");
}

static struct str read_file(const char *path, char *buffer)
{
    FILE *file = fopen(path, "rb");
    size_t n;

    if (file == NULL) {
        perror(path);
        exit(2);
    }
    n = fread(buffer, 1, READ_MAX, file);
    fclose(file);
    return (struct str){buffer, n};
}

int main(int argc, char **argv)
{
    char *buffer = malloc(READ_MAX);

    if (buffer == NULL)
        return 2;
    for (int i = 1; i < argc; i++) {
        struct arena arena;
        struct writer writer;
        struct str bytes = read_file(argv[i], buffer);
        char *exact = malloc(bytes.n + 1); /* so that a sanitizer sees a read past the end */

        if (exact == NULL)
            return 2;
        memcpy(exact, bytes.p, bytes.n);
        exact = realloc(exact, bytes.n == 0 ? 1 : bytes.n);
        arena_init(&arena, ARENA_BYTES);
        writer_init(&writer, ARENA_BYTES);
        dump(&writer, &arena, (struct str){exact, bytes.n}, argv[i]);
        fwrite(writer.data, 1, writer.size, stdout);
        writer_release(&writer);
        arena_free(&arena);
        free(exact);
    }
    free(buffer);
    return 0;
}
