#include "formats/bank_reader.h"

#include "base/identifier.h"
#include "base/text.h"
#include <stdarg.h>

enum { QUOTE_MAX = 60 };

void bank_reader_init(struct bank_reader *reader, struct arena *arena, struct bank_file *file,
                      struct problem *problem)
{
    *file = (struct bank_file){.version = "", .encoding = ""};
    *reader = (struct bank_reader){.arena = arena, .problem = problem, .file = file};
}

void bank_reader_release(struct bank_reader *reader)
{
    free(reader->statements.items);
    free(reader->entries.items);
    free(reader->details.items);
    free(reader->notes.items);
    free(reader->file_notes.items);
    free(reader->undated.items);
}

/* Room for one more element, zeroed, or NULL. */
static void *list_push(struct bank_list *list, size_t size)
{
    unsigned char *item;

    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2, bytes;
        void *items;

        if (__builtin_mul_overflow(capacity, size, &bytes))
            return NULL;
        items = realloc(list->items, bytes);
        if (items == NULL)
            return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    item = (unsigned char *)list->items + list->count++ * size;
    return memset(item, 0, size);
}

/* What the list holds, in the arena; the list is empty afterwards. NULL only when the arena is
 * full. */
static void *list_take(struct arena *arena, struct bank_list *list, size_t size)
{
    void *items = arena_array(arena, list->count, size);

    if (items != NULL && list->count > 0)
        memcpy(items, list->items, list->count * size);
    list->count = 0;
    return items;
}

enum rc bank_memory(struct bank_reader *reader)
{
    return problem_set(reader->problem, PROBLEM_BANK_FILE_MEMORY, NULL);
}

static const char *number_text(struct bank_reader *reader, size_t number)
{
    return arena_printf(reader->arena, "%zu", number);
}

const char *bank_quote(struct bank_reader *reader, struct str raw)
{
    const char *text = NULL;
    bool cut = raw.n > QUOTE_MAX;

    if (!text_is_utf8(raw))
        return "?";
    if (cut) {
        raw.n = QUOTE_MAX;
        while (raw.n > 0 && ((unsigned char)raw.p[raw.n] & 0xC0) == 0x80)
            raw.n--;
    }
    if (bank_text(reader, raw, &text) != RC_OK || text == NULL)
        return "";
    return cut ? arena_printf(reader->arena, "%s…", text) : text;
}

static enum rc value_problem(struct bank_reader *reader, enum problem_code code, int line,
                             const char *element, struct str raw, const char *more)
{
    const char *at = number_text(reader, (size_t)line), *value = bank_quote(reader, raw);

    if (at == NULL || value == NULL)
        return bank_memory(reader);
    return problem_set(reader->problem, code, at, element, value, more, NULL);
}

enum rc bank_missing(struct bank_reader *reader, int line, const char *element, const char *what)
{
    const char *at = number_text(reader, (size_t)line);

    if (at == NULL)
        return bank_memory(reader);
    return problem_set(reader->problem, PROBLEM_BANK_FILE_MISSING, at, element, what, NULL);
}

enum rc bank_broken(struct bank_reader *reader, int line, const char *near)
{
    const char *at = number_text(reader, (size_t)line);

    if (at == NULL)
        return bank_memory(reader);
    return problem_set(reader->problem, PROBLEM_BANK_FILE_BROKEN, at, near, NULL);
}

enum rc bank_truncated(struct bank_reader *reader, int line, const char *element, int began)
{
    const char *at = number_text(reader, (size_t)line), *from = number_text(reader, (size_t)began);

    if (at == NULL || from == NULL)
        return bank_memory(reader);
    return problem_set(reader->problem, PROBLEM_BANK_FILE_TRUNCATED, at, element, from, NULL);
}

enum rc bank_note(struct bank_reader *reader, enum problem_code code, ...)
{
    struct bank_note *note;
    va_list args;
    size_t n = 0;

    if ((reader->open ? reader->notes.count : reader->file_notes.count) == BANK_NOTES_MAX)
        return RC_OK;
    if (reader->open)
        note = list_push(&reader->notes, sizeof(*note));
    else
        note = list_push(&reader->file_notes, sizeof(*note));
    if (note == NULL)
        return bank_memory(reader);
    note->code = code;
    va_start(args, code);
    for (const char *arg; n < PROBLEM_ARGS_MAX && (arg = va_arg(args, const char *)) != NULL; n++)
        note->args[n] = arena_strdup(reader->arena, arg);
    va_end(args);
    return reader->arena->exhausted ? bank_memory(reader) : RC_OK;
}

/* A note whose only argument is how many. */
static enum rc note_count(struct bank_reader *reader, enum problem_code code, size_t count)
{
    char text[32];

    if (count == 0)
        return RC_OK;
    snprintf(text, sizeof(text), "%zu", count);
    return bank_note(reader, code, text, NULL);
}

/* Bytes of white space or of a control character at the start of `text`, 0 when there is none. */
static size_t blank_size(struct str text)
{
    const unsigned char *p = (const unsigned char *)text.p;

    if (p[0] <= 0x20 || p[0] == 0x7F)
        return 1;
    if (p[0] == 0xC2 && text.n >= 2 && p[1] <= 0xA0) /* C1 controls and U+00A0 */
        return 2;
    return 0;
}

enum rc bank_text(struct bank_reader *reader, struct str raw, const char **ret_text)
{
    struct str text = text_trim(raw);
    bool space = false;
    size_t n = 0;
    char *out;

    *ret_text = NULL;
    if (text.n == 0)
        return RC_OK;
    if (text.n > BANK_TEXT_MAX) {
        text.n = BANK_TEXT_MAX;
        while (text.n > 0 && ((unsigned char)text.p[text.n] & 0xC0) == 0x80)
            text.n--;
        reader->n_texts_cut++;
    }
    out = arena_alloc(reader->arena, text.n + 1);
    if (out == NULL)
        return bank_memory(reader);
    for (size_t i = 0; i < text.n;) {
        size_t blank = blank_size((struct str){text.p + i, text.n - i});

        if (blank > 0) {
            space = n > 0;
            i += blank;
            continue;
        }
        if (space)
            out[n++] = ' ';
        space = false;
        out[n++] = text.p[i++];
    }
    *ret_text = n > 0 ? out : NULL;
    return RC_OK;
}

enum rc bank_join(struct bank_reader *reader, const char *first, const char *between,
                  const char *second, const char **ret_text)
{
    const char *joined;

    if (first == NULL || second == NULL) {
        *ret_text = first != NULL ? first : second;
        return RC_OK;
    }
    joined = arena_printf(reader->arena, "%s%s%s", first, between, second);
    if (joined == NULL)
        return bank_memory(reader);
    return bank_text(reader, str_of(joined), ret_text);
}

enum rc bank_iban(struct bank_reader *reader, struct str raw, const char **ret_iban)
{
    char *iban;
    size_t n;

    *ret_iban = NULL;
    if (raw.n > BANK_TEXT_MAX)
        return RC_OK;
    iban = text_compact(reader->arena, raw);
    if (iban == NULL)
        return bank_memory(reader);
    n = strlen(iban);
    if (n < 15 || n >= IBAN_SIZE || strspn(iban, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < 2 ||
        strspn(iban + 2, "0123456789") < 2 ||
        strspn(iban, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != n)
        return RC_OK;
    *ret_iban = iban;
    return RC_OK;
}

enum rc bank_currency(struct bank_reader *reader, int line, const char *element, struct str raw,
                      char ret_code[static 4])
{
    struct str code = text_trim(raw);

    if (bank_currency_digits(code) < 0)
        return value_problem(reader, PROBLEM_BANK_FILE_CURRENCY, line, element, raw, NULL);
    memcpy(ret_code, code.p, 3);
    ret_code[3] = '\0';
    return RC_OK;
}

enum rc bank_amount(struct bank_reader *reader, int line, const char *element, struct str raw,
                    const char *currency, struct money *ret_amount)
{
    switch (money_parse_bank(text_trim(raw), bank_currency_digits(str_of(currency)), ret_amount)) {
    case MONEY_OK:
        return RC_OK;
    case MONEY_PRECISION:
        return value_problem(reader, PROBLEM_BANK_FILE_PRECISION, line, element, raw, currency);
    case MONEY_FORMAT:
    case MONEY_RANGE:
        break;
    }
    return value_problem(reader, PROBLEM_BANK_FILE_AMOUNT, line, element, raw, NULL);
}

bool bank_date_read(struct str raw, struct date *ret_date)
{
    struct str text = text_trim(raw);

    if (text.n >= 10 && text.p[4] == '-')
        return (text.n == 10 || text.p[10] == 'T' || text.p[10] == '+' || text.p[10] == '-' ||
                text.p[10] == 'Z' || text.p[10] == ' ') &&
               date_parse((struct str){text.p, 10}, ret_date);
    return date_parse_compact(text, ret_date);
}

enum rc bank_date(struct bank_reader *reader, int line, const char *element, struct str raw,
                  struct date *ret_date)
{
    if (!bank_date_read(raw, ret_date))
        return value_problem(reader, PROBLEM_BANK_FILE_DATE, line, element, raw, NULL);
    return RC_OK;
}

enum rc bank_statement_begin(struct bank_reader *reader, int line)
{
    char limit[16];

    if (reader->statements.count == BANK_STATEMENTS_MAX) {
        snprintf(limit, sizeof(limit), "%d", BANK_STATEMENTS_MAX);
        return problem_set(reader->problem, PROBLEM_BANK_FILE_STATEMENTS, limit, NULL);
    }
    reader->statement = (struct bank_statement){.digits = -1};
    reader->statement_line = line;
    reader->entries.count = reader->details.count = reader->notes.count = reader->undated.count = 0;
    reader->n_value_dates = 0;
    reader->open = true;
    return RC_OK;
}

static enum rc count_line(struct bank_reader *reader)
{
    char limit[16];

    if (++reader->n_lines <= BANK_ENTRIES_MAX)
        return RC_OK;
    snprintf(limit, sizeof(limit), "%d", BANK_ENTRIES_MAX);
    return problem_set(reader->problem, PROBLEM_BANK_FILE_ENTRIES, limit, NULL);
}

enum rc bank_detail_add(struct bank_reader *reader, const struct bank_detail *detail)
{
    struct bank_detail *kept;

    TRY(count_line(reader));
    kept = list_push(&reader->details, sizeof(*kept));
    if (kept == NULL)
        return bank_memory(reader);
    *kept = *detail;
    return RC_OK;
}

enum rc bank_entry_skip(struct bank_reader *reader)
{
    reader->details.count = 0;
    reader->statement.n_not_booked++;
    return count_line(reader);
}

enum rc bank_entry_add(struct bank_reader *reader, struct bank_entry *entry, bool has_date)
{
    struct bank_entry *kept;

    TRY(count_line(reader));
    entry->n_details = reader->details.count;
    entry->details = list_take(reader->arena, &reader->details, sizeof(struct bank_detail));
    if (entry->details == NULL)
        return bank_memory(reader);
    if (!has_date) {
        size_t *index = list_push(&reader->undated, sizeof(*index));

        if (index == NULL)
            return bank_memory(reader);
        *index = reader->entries.count;
    }
    kept = list_push(&reader->entries, sizeof(*kept));
    if (kept == NULL)
        return bank_memory(reader);
    *kept = *entry;
    return RC_OK;
}

/* An entry without any date bears the statement's day, where the statement is of one day only. */
static enum rc date_the_undated(struct bank_reader *reader)
{
    struct bank_statement *statement = &reader->statement;
    const struct bank_balance *opening = &statement->opening, *closing = &statement->closing;
    const size_t *undated = reader->undated.items;
    struct bank_entry *entries = reader->entries.items;
    char day_text[DATE_TEXT_MAX], date_arg[DATE_TEXT_MAX + 8], count[32];
    struct date day;

    if (reader->undated.count == 0)
        return RC_OK;
    if (statement->has_from && statement->has_to &&
        date_compare(statement->from, statement->to) == 0)
        day = statement->to;
    else if (closing->has_date && opening->has_date && date_compare(opening->on, closing->on) == 0)
        day = closing->on;
    else
        return bank_missing(reader, entries[undated[0]].line, "Ntry", "BookgDt");
    for (size_t i = 0; i < reader->undated.count; i++)
        entries[undated[i]].booked_on = day;
    snprintf(count, sizeof(count), "%zu", reader->undated.count);
    snprintf(date_arg, sizeof(date_arg), "date:%s", date_format(day, day_text));
    return bank_note(reader, PROBLEM_BANK_NOTE_NO_DATE, count, date_arg, NULL);
}

static void money_arg(char buffer[static 48], struct money money)
{
    snprintf(buffer, 48, "money:%lld", (long long)money.minor);
}

/* A balance in another currency is kept and said where it can be written beside the others, dropped
 * otherwise. */
static enum rc check_balance_currency(struct bank_reader *reader, struct bank_balance *balance,
                                      bool *ret_same)
{
    const struct bank_statement *statement = &reader->statement;

    if (!balance->present || strcmp(balance->currency, statement->currency) == 0)
        return RC_OK;
    *ret_same = false;
    if (bank_currency_digits(str_of(balance->currency)) != statement->digits)
        balance->present = false;
    return bank_note(reader, PROBLEM_BANK_NOTE_BALANCE_CURRENCY, balance->currency,
                     statement->currency, NULL);
}

/* Opening plus entries against closing: said, never repaired. */
static enum rc check_balances(struct bank_reader *reader)
{
    struct bank_statement *statement = &reader->statement;
    char opening[48], entries[48], closing[48], difference[48];
    struct money sum, expected, off;
    bool same_currency = true;

    TRY(check_balance_currency(reader, &statement->opening, &same_currency));
    TRY(check_balance_currency(reader, &statement->closing, &same_currency));
    if (!statement->opening.present || !statement->closing.present) {
        if (reader->file->format == BANK_FORMAT_CAMT_053)
            return bank_note(reader, PROBLEM_BANK_NOTE_NO_BALANCE, NULL);
        return RC_OK;
    }
    if (!money_add(statement->sum_in, statement->sum_out, &sum) ||
        !money_add(statement->opening.amount, sum, &expected) ||
        !money_subtract(statement->closing.amount, expected, &off))
        return bank_broken(reader, reader->statement_line, "Amt");
    statement->balanced = off.minor == 0 && same_currency ? BANK_BALANCED_YES : BANK_BALANCED_NO;
    if (off.minor == 0 || !same_currency)
        return RC_OK;
    money_arg(opening, statement->opening.amount);
    money_arg(entries, sum);
    money_arg(closing, statement->closing.amount);
    money_arg(difference, off);
    return bank_note(reader, PROBLEM_BANK_NOTE_UNBALANCED, opening, entries, closing, difference,
                     NULL);
}

static bool outside_period(const struct bank_statement *statement, struct date on)
{
    return (statement->has_from && date_compare(on, statement->from) < 0) ||
           (statement->has_to && date_compare(on, statement->to) > 0);
}

/* Sums, and what a look at all entries tells. */
static enum rc survey_entries(struct bank_reader *reader)
{
    struct bank_statement *statement = &reader->statement;
    struct bank_entry *entries = reader->entries.items;
    size_t n_foreign = 0, n_outside = 0;
    char count[32], from[DATE_TEXT_MAX], to[DATE_TEXT_MAX], from_arg[DATE_TEXT_MAX + 8],
        to_arg[DATE_TEXT_MAX + 8];

    for (size_t i = 0; i < reader->entries.count; i++) {
        struct bank_entry *entry = &entries[i];
        struct money *sum = entry->amount.minor < 0 ? &statement->sum_out : &statement->sum_in;

        if (entry->value_on.year == 0)
            entry->value_on = entry->booked_on;
        n_outside += outside_period(statement, entry->booked_on);
        if (strcmp(entry->currency, statement->currency) != 0)
            n_foreign++;
        else if (!money_add(*sum, entry->amount, sum))
            return bank_broken(reader, entry->line, "Amt");
    }
    TRY(note_count(reader, PROBLEM_BANK_NOTE_ENTRY_CURRENCY, n_foreign));
    TRY(note_count(reader, PROBLEM_BANK_NOTE_NOT_BOOKED, statement->n_not_booked));
    TRY(note_count(reader, PROBLEM_BANK_NOTE_VALUE_DATE, reader->n_value_dates));
    if (n_outside == 0 || !statement->has_from || !statement->has_to)
        return RC_OK;
    snprintf(count, sizeof(count), "%zu", n_outside);
    snprintf(from_arg, sizeof(from_arg), "date:%s", date_format(statement->from, from));
    snprintf(to_arg, sizeof(to_arg), "date:%s", date_format(statement->to, to));
    return bank_note(reader, PROBLEM_BANK_NOTE_OUTSIDE, count, from_arg, to_arg, NULL);
}

/* Banks write these where they have no reference. */
static bool says_nothing(const char *reference)
{
    static const char *const WORDS[] = {"NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF", "NONE"};

    if (reference == NULL)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++)
        if (strcmp(reference, WORDS[i]) == 0)
            return true;
    return false;
}

struct line_digest {
    unsigned char bytes[SHA256_SIZE];
    size_t index;
};

static int line_digest_compare(const void *left, const void *right)
{
    const struct line_digest *a = left, *b = right;
    int order = memcmp(a->bytes, b->bytes, SHA256_SIZE);

    if (order != 0)
        return order;
    return a->index < b->index ? -1 : a->index > b->index;
}

static bool hash_text(struct arena *arena, struct sha256 *sha, const char *text)
{
    char *folded = text_fold(arena, str_of(text));

    if (folded == NULL)
        return false;
    sha256_add(sha, folded, strlen(folded));
    sha256_add(sha, "\n", 1);
    return true;
}

/* What makes the line this line, but for its rank: see bank_file_parse. */
static bool hash_line(struct bank_reader *reader, const struct bank_entry *entry,
                      unsigned char ret_digest[static SHA256_SIZE])
{
    const struct bank_statement *statement = &reader->statement;
    bool camt = reader->file->format == BANK_FORMAT_CAMT_053, good = true;
    struct arena_mark mark = arena_mark(reader->arena);
    struct sha256 *sha = sha256_new();
    char head[512], day[DATE_TEXT_MAX];
    const char *texts[5];
    size_t n = 0;

    if (sha == NULL)
        return false;
    snprintf(head, sizeof(head), "grenier bank line 1\n%.200s\n%s\n%s\n%lld\n", statement->account,
             entry->currency, date_format(entry->booked_on, day), (long long)entry->amount.minor);
    sha256_add(sha, head, strlen(head));
    if (camt && !says_nothing(entry->bank_reference)) {
        texts[n++] = entry->bank_reference;
    } else {
        texts[n++] = entry->remittance;
        texts[n++] = entry->cheque_number;
        texts[n++] = camt ? entry->end_to_end_id : NULL;
        texts[n++] = camt ? entry->counterparty_name : NULL;
        texts[n++] = camt ? entry->counterparty_iban : NULL;
    }
    for (size_t i = 0; good && i < n; i++)
        good = hash_text(reader->arena, sha, texts[i] == NULL ? "" : texts[i]);
    sha256_finish(sha, ret_digest);
    if (good)
        arena_reset(reader->arena, mark);
    return good;
}

static enum rc fingerprint_entries(struct bank_reader *reader, struct bank_entry *entries, size_t n)
{
    struct line_digest *digests = malloc((n + 1) * sizeof(*digests));
    size_t rank = 0;
    bool good = digests != NULL;

    for (size_t i = 0; good && i < n; i++) {
        digests[i].index = i;
        good = hash_line(reader, &entries[i], digests[i].bytes);
    }
    if (good)
        qsort(digests, n, sizeof(*digests), line_digest_compare);
    for (size_t i = 0; good && i < n; i++) {
        unsigned char digest[SHA256_SIZE];
        char text[SHA256_HEX_SIZE + 32];

        rank = i > 0 && memcmp(digests[i].bytes, digests[i - 1].bytes, SHA256_SIZE) == 0 ? rank + 1
                                                                                         : 0;
        crypto_hex(digests[i].bytes, SHA256_SIZE, text);
        snprintf(text + SHA256_HEX_SIZE - 1, 32, "\n%zu", rank);
        crypto_sha256(text, strlen(text), digest);
        crypto_hex(digest, SHA256_SIZE, entries[digests[i].index].fingerprint);
    }
    free(digests);
    return good ? RC_OK : bank_memory(reader);
}

enum rc bank_statement_end(struct bank_reader *reader)
{
    struct bank_statement *statement = &reader->statement, *kept;

    ASSERT(statement->account != NULL && statement->account_number != NULL &&
           statement->digits >= 0);
    TRY(date_the_undated(reader));
    TRY(survey_entries(reader));
    TRY(check_balances(reader));
    statement->n_entries = reader->entries.count;
    statement->entries = list_take(reader->arena, &reader->entries, sizeof(struct bank_entry));
    statement->notes.count = reader->notes.count;
    statement->notes.items = list_take(reader->arena, &reader->notes, sizeof(struct bank_note));
    if (statement->entries == NULL || statement->notes.items == NULL)
        return bank_memory(reader);
    TRY(fingerprint_entries(reader, statement->entries, statement->n_entries));
    kept = list_push(&reader->statements, sizeof(*kept));
    if (kept == NULL)
        return bank_memory(reader);
    *kept = *statement;
    reader->open = false;
    return RC_OK;
}

enum rc bank_reader_finish(struct bank_reader *reader)
{
    struct bank_file *file = reader->file;
    char cut[32], limit[16];

    ASSERT(!reader->open);
    if (reader->n_texts_cut > 0) {
        snprintf(cut, sizeof(cut), "%zu", reader->n_texts_cut);
        snprintf(limit, sizeof(limit), "%d", BANK_TEXT_MAX);
        TRY(bank_note(reader, PROBLEM_BANK_NOTE_TEXT_CUT, cut, limit, NULL));
    }
    file->n_statements = reader->statements.count;
    file->statements = list_take(reader->arena, &reader->statements, sizeof(struct bank_statement));
    file->notes.count = reader->file_notes.count;
    file->notes.items = list_take(reader->arena, &reader->file_notes, sizeof(struct bank_note));
    if (file->statements == NULL || file->notes.items == NULL || reader->arena->exhausted)
        return bank_memory(reader);
    return RC_OK;
}
