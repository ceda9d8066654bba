/* Any bytes are a bank file or a problem; what is read keeps what its header promises. */
#include "formats/bank.h"
#include "fuzz/fuzz.h"

static void check_entry(const struct bank_statement *statement, const struct bank_entry *entry)
{
    ASSERT(entry->remittance != NULL && strlen(entry->remittance) <= 3 * BANK_TEXT_MAX);
    ASSERT(date_exists(entry->booked_on) && date_exists(entry->value_on));
    ASSERT(bank_currency_digits(str_of(entry->currency)) >= 0);
    ASSERT(entry->amount.minor <= MONEY_MAX_MINOR && entry->amount.minor >= -MONEY_MAX_MINOR);
    ASSERT(strlen(entry->fingerprint) == SHA256_HEX_SIZE - 1);
    ASSERT(entry->line > 0 && statement->digits >= 0);
    const char *texts[] = {
        entry->bank_reference, entry->end_to_end_id,     entry->mandate_id,
        entry->cheque_number,  entry->counterparty_name, entry->counterparty_iban,
        entry->ultimate_name,  entry->remittance,        entry->additional_text,
        entry->type_code,      entry->return_reason};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        fuzz_check_text(texts[i], true);
    for (size_t i = 0; i < entry->n_details; i++) {
        fuzz_check_text(entry->details[i].remittance, true);
        fuzz_check_text(entry->details[i].counterparty_name, true);
    }
}

static void check_statement(struct arena *arena, const struct bank_statement *statement)
{
    struct money sum = {0};

    ASSERT(statement->account != NULL && statement->account_number != NULL);
    ASSERT(bank_currency_digits(str_of(statement->currency)) == statement->digits);
    ASSERT(!statement->opening.has_date || date_exists(statement->opening.on));
    fuzz_check_text(statement->account, true);
    fuzz_check_text(statement->account_name, true);
    for (size_t i = 0; i < statement->n_entries; i++) {
        const struct bank_entry *entry = &statement->entries[i];

        check_entry(statement, entry);
        if (strcmp(entry->currency, statement->currency) == 0)
            sum.minor += entry->amount.minor;
        for (size_t k = 0; k < i && i < 50; k++)
            ASSERT(strcmp(entry->fingerprint, statement->entries[k].fingerprint) != 0);
    }
    ASSERT(sum.minor == statement->sum_in.minor + statement->sum_out.minor);
    for (size_t i = 0; i < statement->notes.count; i++)
        fuzz_check_problem(arena, statement->notes.items[i].code, statement->notes.items[i].args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct problem problem;
    struct arena arena;
    struct bank_file file;

    arena_init(&arena, FUZZ_ARENA);
    problem_init(&problem, &arena);
    if (bank_file_parse(&arena, (struct str){(const char *)data, size}, "releve", &file,
                        &problem) != RC_OK) {
        fuzz_check_problem(&arena, problem.code, problem.args);
    } else {
        ASSERT(file.n_statements > 0 && problem.code == PROBLEM_NONE);
        for (size_t i = 0; i < file.n_statements; i++)
            check_statement(&arena, &file.statements[i]);
        for (size_t i = 0; i < file.notes.count; i++)
            fuzz_check_problem(&arena, file.notes.items[i].code, file.notes.items[i].args);
    }
    arena_free(&arena);
    return 0;
}
