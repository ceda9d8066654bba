/* OFX 1.x (SGML) and 2.x (XML), by one tolerant reader: real files mix closed and unclosed tags
 * whatever their header says. A tag followed by text is a value, closed or not; a tag followed by a
 * tag is a group where its name is that of a group, an empty value otherwise. */
#include "base/identifier.h"
#include "base/text.h"
#include "formats/bank_reader.h"
#include "formats/charset.h"
#include <strings.h>

enum { NAME_SIZE = 34, TAG_MAX = 256, HELD_MAX = 6 };

/* The groups that decide what a value belongs to. Others are transparent. */
enum group {
    G_NONE = 0,
    G_OFX,
    G_MESSAGES,   /* BANKMSGSRSV1 and its like */
    G_INVESTMENT, /* its transactions are not of a bank account */
    G_RESPONSE,   /* STMTTRNRS, CCSTMTTRNRS */
    G_STATEMENT,
    G_ACCOUNT,
    G_LIST,
    G_TRANSACTION,
    G_PAYEE,
    G_COUNTERPARTY,
    G_CURRENCY,
    G_LEDGER_BALANCE,
    G_OTHER /* groups whose values must not be taken for those around them */
};

static const struct {
    const char *name;
    enum group group;
} GROUPS[] = {
    {"AVAILBAL", G_OTHER},
    {"BAL", G_OTHER},
    {"BALLIST", G_OTHER},
    {"BANKACCTFROM", G_ACCOUNT},
    {"BANKACCTTO", G_COUNTERPARTY},
    {"BANKMSGSRSV1", G_MESSAGES},
    {"BANKTRANLIST", G_LIST},
    {"BANKTRANLISTP", G_OTHER},
    {"CCACCTFROM", G_ACCOUNT},
    {"CCACCTTO", G_COUNTERPARTY},
    {"CCSTMTRS", G_STATEMENT},
    {"CCSTMTTRNRS", G_RESPONSE},
    {"CREDITCARDMSGSRSV1", G_MESSAGES},
    {"CURRENCY", G_CURRENCY},
    {"FI", G_OTHER},
    {"INVSTMTMSGSRSV1", G_INVESTMENT},
    {"LEDGERBAL", G_LEDGER_BALANCE},
    {"OFX", G_OFX},
    {"ORIGCURRENCY", G_OTHER},
    {"PAYEE", G_PAYEE},
    {"SIGNONMSGSRSV1", G_OTHER},
    {"SONRS", G_OTHER},
    {"STATUS", G_OTHER},
    {"STMTRS", G_STATEMENT},
    {"STMTTRN", G_TRANSACTION},
    {"STMTTRNP", G_OTHER},
    {"STMTTRNRS", G_RESPONSE},
};

struct open_group {
    enum group group;
    int line;
    char name[NAME_SIZE];
};

/* A transaction as the file spells it. */
struct transaction {
    int line, amount_line, date_line;
    struct str amount, posted, available, user_date;
    const char *type, *fitid, *cheque, *name, *payee, *memo, *iban, *currency;
};

struct ofx {
    struct bank_reader *reader;
    struct str text;
    size_t at;
    int line;
    struct open_group open[BANK_DEPTH_MAX];
    size_t depth;
    struct transaction transaction;
    bool credit_card;
    const char *bank_id, *branch_id, *account_id, *account_key, *account_type;
    struct str balance, balance_date;
    int balance_line;
    bool has_balance;
    char currency[4];
    char held[HELD_MAX]
             [NAME_SIZE]; /* message sets seen, for the message when there is no statement */
    size_t n_held;
};

static enum group group_of(const char *name)
{
    for (size_t i = 0; i < ARRAY_SIZE(GROUPS); i++)
        if (strcmp(GROUPS[i].name, name) == 0)
            return GROUPS[i].group;
    return G_NONE;
}

static enum group current(const struct ofx *ofx)
{
    return ofx->depth == 0 ? G_NONE : ofx->open[ofx->depth - 1].group;
}

static bool inside(const struct ofx *ofx, enum group group)
{
    for (size_t i = 0; i < ofx->depth; i++)
        if (ofx->open[i].group == group)
            return true;
    return false;
}

/* ---- text ---- */

/* Reads "&#233;" or "&#xE9;" at p (n bytes); answers its length, 0 when it is none. */
static size_t numeric_reference(const char *p, size_t n, unsigned long *ret_code)
{
    bool hexadecimal = n > 3 && (p[2] == 'x' || p[2] == 'X');
    size_t i = hexadecimal ? 3 : 2, first = i;
    unsigned long code = 0;

    for (; i < n && i < first + 8 && p[i] != ';'; i++) {
        int digit = p[i] >= '0' && p[i] <= '9'                  ? p[i] - '0'
                    : hexadecimal && p[i] >= 'a' && p[i] <= 'f' ? p[i] - 'a' + 10
                    : hexadecimal && p[i] >= 'A' && p[i] <= 'F' ? p[i] - 'A' + 10
                                                                : -1;
        if (digit < 0)
            return 0;
        code = code * (hexadecimal ? 16 : 10) + (unsigned long)digit;
    }
    if (i == first || i >= n || p[i] != ';')
        return 0;
    *ret_code = code;
    return i + 1;
}

/* Reads a reference at p; what is none (an ampersand that the bank did not write as &amp;) answers
 * 0. */
static size_t reference(const char *p, size_t n, char *out, size_t *ret_size)
{
    static const struct {
        const char *name, *text;
    } NAMED[] = {{"&amp;", "&"},   {"&lt;", "<"},   {"&gt;", ">"},
                 {"&quot;", "\""}, {"&apos;", "'"}, {"&nbsp;", " "}};
    unsigned long code = 0;
    size_t length;

    for (size_t i = 0; i < ARRAY_SIZE(NAMED); i++) {
        length = strlen(NAMED[i].name);
        if (n >= length && strncasecmp(p, NAMED[i].name, length) == 0) {
            out[0] = NAMED[i].text[0];
            *ret_size = 1;
            return length;
        }
    }
    length = n > 3 && p[1] == '#' ? numeric_reference(p, n, &code) : 0;
    if (length > 0)
        *ret_size = charset_put_utf8(out, code > UINT32_MAX ? UINT32_MAX : (uint32_t)code);
    return length;
}

static bool is_name_character(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == ':';
}

/* Whether a tag, a comment or a declaration starts at `at`: a '<' that people typed is text. */
static bool tag_starts(const struct ofx *ofx, size_t at)
{
    const char *p = ofx->text.p + at;
    size_t n = ofx->text.n - at, i = 1;

    if (n < 2 || p[0] != '<')
        return false;
    if (p[1] == '!' || p[1] == '?')
        return true;
    i += p[1] == '/';
    if (i == n || !((p[i] >= 'A' && p[i] <= 'Z') || (p[i] >= 'a' && p[i] <= 'z')))
        return false;
    while (i < n && is_name_character(p[i]))
        i++;
    while (i < n && i < TAG_MAX && p[i] != '>' && p[i] != '<')
        i++;
    return i < n && p[i] == '>';
}

static void advance(struct ofx *ofx, size_t to)
{
    for (; ofx->at < to; ofx->at++)
        ofx->line += ofx->text.p[ofx->at] == '\n';
}

static bool looking_at(const struct ofx *ofx, const char *word)
{
    size_t n = strlen(word);

    return ofx->text.n - ofx->at >= n && strncasecmp(ofx->text.p + ofx->at, word, n) == 0;
}

/* Where `word` next ends, or the end of the text when it does not occur. */
static size_t after(const struct ofx *ofx, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = ofx->at; i + n <= ofx->text.n; i++)
        if (memcmp(ofx->text.p + i, word, n) == 0)
            return i + n;
    return ofx->text.n;
}

/* The text up to the next tag, references resolved, <BR> a space, CDATA as it is. */
static enum rc read_text(struct ofx *ofx, struct str *ret_text)
{
    size_t end = ofx->at, n = 0;
    char *out;

    /* One pass to know how much room the text needs at most. */
    while (end < ofx->text.n && !tag_starts(ofx, end))
        end++;
    out = arena_alloc(ofx->reader->arena, end - ofx->at + 1);
    if (out == NULL)
        return bank_memory(ofx->reader);
    while (ofx->at < end) {
        size_t size = 0, length = 0;

        if (ofx->text.p[ofx->at] == '&')
            length = reference(ofx->text.p + ofx->at, end - ofx->at, out + n, &size);
        if (length == 0) {
            out[n++] = ofx->text.p[ofx->at];
            advance(ofx, ofx->at + 1);
            continue;
        }
        n += size;
        advance(ofx, ofx->at + length);
    }
    *ret_text = (struct str){out, n};
    return RC_OK;
}

static bool at_break(const struct ofx *ofx)
{
    return looking_at(ofx, "<BR>") || looking_at(ofx, "<BR/>") || looking_at(ofx, "<BR />") ||
           looking_at(ofx, "</BR>");
}

/* A value: its pieces around breaks, comments and CDATA sections joined. */
static enum rc read_value(struct ofx *ofx, struct str *ret_value)
{
    struct bank_reader *reader = ofx->reader;
    struct str value = {NULL, 0}, piece = {NULL, 0};

    for (;;) {
        if (looking_at(ofx, "<![CDATA[")) {
            size_t from = ofx->at + strlen("<![CDATA["), to = after(ofx, "]]>");

            if (to < from + 3)
                return bank_truncated(reader, ofx->line, "<![CDATA[", ofx->line);
            piece = (struct str){ofx->text.p + from, to - 3 - from};
            advance(ofx, to);
        } else if (at_break(ofx)) {
            advance(ofx, after(ofx, ">"));
            piece = STR(" ");
        } else if (looking_at(ofx, "<!--")) {
            advance(ofx, after(ofx, "-->"));
            continue;
        } else if (ofx->at < ofx->text.n && !tag_starts(ofx, ofx->at)) {
            TRY(read_text(ofx, &piece));
        } else {
            break;
        }
        if (value.n == 0) {
            value = piece;
        } else if (piece.n > 0 && value.n < BANK_FILE_BYTES_MAX) {
            char *joined = arena_alloc(reader->arena, value.n + piece.n + 1);

            if (joined == NULL)
                return bank_memory(reader);
            memcpy(joined, value.p, value.n);
            memcpy(joined + value.n, piece.p, piece.n);
            value = (struct str){joined, value.n + piece.n};
        }
    }
    *ret_value = text_trim(value);
    return RC_OK;
}

/* ---- statements ---- */

static enum bank_account_type account_type(const struct ofx *ofx)
{
    if (ofx->credit_card)
        return BANK_ACCOUNT_CREDIT_CARD;
    if (ofx->account_type == NULL)
        return BANK_ACCOUNT_UNSAID;
    if (strcmp(ofx->account_type, "SAVINGS") == 0 || strcmp(ofx->account_type, "MONEYMRKT") == 0)
        return BANK_ACCOUNT_SAVINGS;
    return strcmp(ofx->account_type, "CHECKING") == 0 ? BANK_ACCOUNT_CHECKING : BANK_ACCOUNT_UNSAID;
}

/* The IBAN of a French account, where the file gives the whole RIB and its key, if given, fits. */
static enum rc derive_iban(struct ofx *ofx)
{
    struct bank_statement *statement = &ofx->reader->statement;
    char iban[IBAN_SIZE];
    const char *key = ofx->account_key;

    TRY(bank_iban(ofx->reader, str_of(ofx->account_id), &statement->iban));
    if (statement->iban != NULL) {
        statement->iban_valid = iban_check(str_of(statement->iban), iban) == IDENTIFIER_OK;
        /* An account number that only looks like an IBAN is a number. */
        if (!statement->iban_valid)
            statement->iban = NULL;
        return RC_OK;
    }
    if (ofx->credit_card || strcmp(ofx->currency, "EUR") != 0 || ofx->bank_id == NULL ||
        ofx->branch_id == NULL || strlen(ofx->bank_id) != 5 || strlen(ofx->branch_id) != 5 ||
        strlen(ofx->account_id) != 11 ||
        iban_from_rib(str_of(ofx->bank_id), str_of(ofx->branch_id), str_of(ofx->account_id),
                      iban) != IDENTIFIER_OK)
        return RC_OK;
    if (key != NULL && strlen(key) == 2 && strcmp(key, iban + 25) != 0)
        return RC_OK;
    statement->iban = arena_strdup(ofx->reader->arena, iban);
    statement->iban_valid = statement->iban_derived = true;
    return statement->iban == NULL ? bank_memory(ofx->reader) : RC_OK;
}

static enum rc name_account(struct ofx *ofx)
{
    struct bank_statement *statement = &ofx->reader->statement;
    const char *where = NULL;

    statement->bank_id = ofx->bank_id;
    statement->branch_id = ofx->branch_id;
    statement->account_number = ofx->account_id;
    statement->type = account_type(ofx);
    TRY(derive_iban(ofx));
    if (statement->iban != NULL) {
        statement->account = statement->iban;
        return RC_OK;
    }
    TRY(bank_join(ofx->reader, ofx->bank_id, "/", ofx->branch_id, &where));
    return bank_join(ofx->reader, where, "/", ofx->account_id, &statement->account);
}

static enum rc close_balance(struct ofx *ofx)
{
    struct bank_reader *reader = ofx->reader;
    struct bank_balance *closing = &reader->statement.closing;
    char line[16];

    if (!ofx->has_balance)
        return RC_OK;
    if (text_trim(ofx->balance).n == 0) {
        snprintf(line, sizeof(line), "%d", ofx->balance_line);
        return bank_note(reader, PROBLEM_BANK_NOTE_BALANCE_EMPTY, line, NULL);
    }
    TRY(bank_amount(reader, ofx->balance_line, "BALAMT", ofx->balance, ofx->currency,
                    &closing->amount));
    memcpy(closing->currency, ofx->currency, sizeof(closing->currency));
    closing->present = true;
    closing->has_date = bank_date_read(ofx->balance_date, &closing->on);
    return RC_OK;
}

static enum rc begin_statement(struct ofx *ofx, bool credit_card)
{
    ofx->credit_card = credit_card;
    ofx->bank_id = ofx->branch_id = ofx->account_id = ofx->account_key = ofx->account_type = NULL;
    ofx->has_balance = false;
    ofx->balance = ofx->balance_date = (struct str){NULL, 0};
    ofx->currency[0] = '\0';
    return bank_statement_begin(ofx->reader, ofx->line);
}

static enum rc end_statement(struct ofx *ofx)
{
    struct bank_statement *statement = &ofx->reader->statement;
    const char *name = ofx->credit_card ? "CCSTMTRS" : "STMTRS";
    int line = ofx->reader->statement_line;

    if (ofx->currency[0] == '\0')
        return bank_missing(ofx->reader, line, name, "CURDEF");
    if (ofx->account_id == NULL)
        return bank_missing(ofx->reader, line, name, "ACCTID");
    memcpy(statement->currency, ofx->currency, sizeof(statement->currency));
    statement->digits = bank_currency_digits(str_of(ofx->currency));
    TRY(name_account(ofx));
    TRY(close_balance(ofx));
    return bank_statement_end(ofx->reader);
}

/* NAME is the label's first 32 characters or the payee, MEMO the rest or the whole again: each word
 * once. */
static enum rc join_texts(struct ofx *ofx, const char *name, const char *memo,
                          const char **ret_text)
{
    struct arena *arena = ofx->reader->arena;
    char *folded_name, *folded_memo;

    if (name == NULL || memo == NULL) {
        *ret_text = name != NULL ? name : memo != NULL ? memo : "";
        return RC_OK;
    }
    folded_name = text_fold(arena, str_of(name));
    folded_memo = text_fold(arena, str_of(memo));
    if (folded_name == NULL || folded_memo == NULL)
        return bank_memory(ofx->reader);
    if (text_starts(str_of(folded_memo), str_of(folded_name))) {
        *ret_text = memo;
        return RC_OK;
    }
    if (text_starts(str_of(folded_name), str_of(folded_memo))) {
        *ret_text = name;
        return RC_OK;
    }
    return bank_join(ofx->reader, name, " ", memo, ret_text);
}

static enum rc end_transaction(struct ofx *ofx)
{
    struct bank_reader *reader = ofx->reader;
    const struct transaction *said = &ofx->transaction;
    struct bank_entry entry = {.line = said->line};
    const char *name = said->payee != NULL ? said->payee : said->name;

    if (ofx->currency[0] == '\0')
        return bank_missing(reader, reader->statement_line,
                            ofx->credit_card ? "CCSTMTRS" : "STMTRS", "CURDEF");
    if (said->amount_line == 0)
        return bank_missing(reader, said->line, "STMTTRN", "TRNAMT");
    if (said->date_line == 0 || said->posted.n == 0)
        return bank_missing(reader, said->line, "STMTTRN", "DTPOSTED");
    memcpy(entry.currency, ofx->currency, sizeof(entry.currency));
    if (said->currency != NULL)
        TRY(bank_currency(reader, said->line, "CURSYM", str_of(said->currency), entry.currency));
    TRY(bank_amount(reader, said->amount_line, "TRNAMT", said->amount, entry.currency,
                    &entry.amount));
    TRY(bank_date(reader, said->date_line, "DTPOSTED", said->posted, &entry.booked_on));
    if (!bank_date_read(said->available, &entry.value_on))
        entry.value_on = entry.booked_on;
    entry.bank_reference = said->fitid;
    entry.cheque_number = said->cheque;
    entry.type_code = said->type;
    entry.counterparty_name = name;
    entry.counterparty_iban = said->iban;
    TRY(join_texts(ofx, name, said->memo, &entry.remittance));
    return bank_entry_add(reader, &entry, true);
}

/* ---- groups ---- */

static enum rc close_group(struct ofx *ofx)
{
    struct open_group closed = ofx->open[--ofx->depth];

    if (closed.group == G_TRANSACTION && ofx->reader->open)
        return end_transaction(ofx);
    if (closed.group == G_STATEMENT && ofx->reader->open)
        return end_statement(ofx);
    return RC_OK;
}

/* Groups that cannot stand inside what is open close it first: banks forget </STMTTRN>. */
static bool must_close(enum group open, enum group next)
{
    switch (next) {
    case G_TRANSACTION:
        return open >= G_TRANSACTION && open != G_LEDGER_BALANCE;
    case G_LEDGER_BALANCE:
        return open == G_TRANSACTION || open == G_PAYEE || open == G_COUNTERPARTY ||
               open == G_CURRENCY || open == G_LIST || open == G_ACCOUNT;
    case G_LIST:
        return open == G_ACCOUNT || open == G_LIST || open == G_TRANSACTION;
    case G_STATEMENT:
        return open >= G_STATEMENT;
    case G_NONE:
    case G_OFX:
    case G_MESSAGES:
    case G_INVESTMENT:
    case G_RESPONSE:
    case G_ACCOUNT:
    case G_PAYEE:
    case G_COUNTERPARTY:
    case G_CURRENCY:
    case G_OTHER:
        return false;
    }
    return false;
}

static enum rc open_group(struct ofx *ofx, const char *name, enum group group)
{
    struct open_group *opened;
    char limit[16], line[16];

    while (ofx->depth > 0 && must_close(current(ofx), group))
        TRY(close_group(ofx));
    if (ofx->depth == BANK_DEPTH_MAX) {
        snprintf(line, sizeof(line), "%d", ofx->line);
        snprintf(limit, sizeof(limit), "%d", BANK_DEPTH_MAX);
        return problem_set(ofx->reader->problem, PROBLEM_BANK_FILE_DEPTH, line, limit, NULL);
    }
    opened = &ofx->open[ofx->depth++];
    opened->group = group;
    opened->line = ofx->line;
    snprintf(opened->name, sizeof(opened->name), "%s", name);
    if (group == G_STATEMENT)
        return begin_statement(ofx, name[0] == 'C');
    if (strcmp(name, "STMTTRNP") == 0 && ofx->reader->open)
        return bank_entry_skip(ofx->reader);
    if (group == G_TRANSACTION) {
        if (!ofx->reader->open && !inside(ofx, G_INVESTMENT))
            return bank_broken(ofx->reader, ofx->line, "STMTTRN");
        ofx->transaction = (struct transaction){.line = ofx->line};
    }
    return RC_OK;
}

static enum rc end_group(struct ofx *ofx, const char *name)
{
    size_t at = ofx->depth;

    while (at > 0 && strcmp(ofx->open[at - 1].name, name) != 0)
        at--;
    if (at == 0)
        return bank_broken(ofx->reader, ofx->line, name);
    while (ofx->depth >= at)
        TRY(close_group(ofx));
    return RC_OK;
}

/* ---- values ---- */

static enum rc take_text(struct ofx *ofx, struct str value, const char **text)
{
    if (*text != NULL)
        return RC_OK;
    return bank_text(ofx->reader, value, text);
}

/* Twice in one transaction: two transactions have run into one, and none of them may be lost. */
static enum rc take_once(struct ofx *ofx, const char *name, struct str value, struct str *kept,
                         int *line)
{
    if (*line != 0)
        return bank_broken(ofx->reader, ofx->line, name);
    *kept = value;
    *line = ofx->line;
    return RC_OK;
}

static enum rc take_transaction_value(struct ofx *ofx, const char *name, struct str value)
{
    struct transaction *said = &ofx->transaction;
    const char *more = NULL;

    if (strcmp(name, "TRNAMT") == 0)
        return take_once(ofx, name, value, &said->amount, &said->amount_line);
    if (strcmp(name, "DTPOSTED") == 0)
        return take_once(ofx, name, value, &said->posted, &said->date_line);
    if (strcmp(name, "DTAVAIL") == 0)
        said->available = value;
    else if (strcmp(name, "TRNTYPE") == 0)
        return take_text(ofx, value, &said->type);
    else if (strcmp(name, "FITID") == 0)
        return take_text(ofx, value, &said->fitid);
    else if (strcmp(name, "CHECKNUM") == 0)
        return take_text(ofx, value, &said->cheque);
    else if (strcmp(name, "NAME") == 0)
        return take_text(ofx, value, &said->name);
    else if (strcmp(name, "EXTDNAME") == 0)
        return take_text(ofx, value, &said->payee);
    else if (strcmp(name, "MEMO") == 0) {
        TRY(bank_text(ofx->reader, value, &more));
        return bank_join(ofx->reader, said->memo, " ", more, &said->memo);
    }
    return RC_OK;
}

static enum rc take_account_value(struct ofx *ofx, const char *name, struct str value)
{
    if (strcmp(name, "BANKID") == 0)
        return take_text(ofx, value, &ofx->bank_id);
    if (strcmp(name, "BRANCHID") == 0)
        return take_text(ofx, value, &ofx->branch_id);
    if (strcmp(name, "ACCTID") == 0)
        return take_text(ofx, value, &ofx->account_id);
    if (strcmp(name, "ACCTTYPE") == 0)
        return take_text(ofx, value, &ofx->account_type);
    if (strcmp(name, "ACCTKEY") == 0)
        return take_text(ofx, value, &ofx->account_key);
    return RC_OK;
}

/* The period: several lists in a statement widen it. A date that is none leaves the period open. */
static void take_period(struct ofx *ofx, const char *name, struct str value)
{
    struct bank_statement *statement = &ofx->reader->statement;
    struct date on;

    if (!bank_date_read(value, &on))
        return;
    if (strcmp(name, "DTSTART") == 0 &&
        (!statement->has_from || date_compare(on, statement->from) < 0)) {
        statement->from = on;
        statement->has_from = true;
    }
    if (strcmp(name, "DTEND") == 0 && (!statement->has_to || date_compare(on, statement->to) > 0)) {
        statement->to = on;
        statement->has_to = true;
    }
}

static enum rc take_value(struct ofx *ofx, const char *name, struct str value)
{
    if (!ofx->reader->open)
        return RC_OK;
    switch (current(ofx)) {
    case G_STATEMENT:
        if (strcmp(name, "CURDEF") == 0)
            return bank_currency(ofx->reader, ofx->line, name, value, ofx->currency);
        return RC_OK;
    case G_ACCOUNT:
        return take_account_value(ofx, name, value);
    case G_LIST:
        take_period(ofx, name, value);
        return RC_OK;
    case G_TRANSACTION:
        return take_transaction_value(ofx, name, value);
    case G_PAYEE:
        return strcmp(name, "NAME") == 0 ? take_text(ofx, value, &ofx->transaction.payee) : RC_OK;
    case G_COUNTERPARTY:
        return strcmp(name, "ACCTID") == 0 && inside(ofx, G_TRANSACTION)
                   ? bank_iban(ofx->reader, value, &ofx->transaction.iban)
                   : RC_OK;
    case G_CURRENCY:
        return strcmp(name, "CURSYM") == 0 ? take_text(ofx, value, &ofx->transaction.currency)
                                           : RC_OK;
    case G_LEDGER_BALANCE:
        if (strcmp(name, "BALAMT") == 0) {
            ofx->balance = value;
            ofx->balance_line = ofx->line;
            ofx->has_balance = true;
        } else if (strcmp(name, "DTASOF") == 0) {
            ofx->balance_date = value;
        }
        return RC_OK;
    case G_NONE:
    case G_OFX:
    case G_MESSAGES:
    case G_INVESTMENT:
    case G_RESPONSE:
    case G_OTHER:
        return RC_OK;
    }
    return RC_OK;
}

static void remember_messages(struct ofx *ofx, const char *name)
{
    size_t n = strlen(name);

    if (n < 9 || strstr(name, "MSGSRSV1") == NULL || strcmp(name, "SIGNONMSGSRSV1") == 0 ||
        ofx->n_held == HELD_MAX)
        return;
    snprintf(ofx->held[ofx->n_held++], NAME_SIZE, "%s", name);
}

/* ---- tags ---- */

/* Comments, instructions, declarations. RC_OK with *ret_done when one was read. */
static enum rc skip_markup(struct ofx *ofx, bool *ret_done)
{
    char line[16];

    *ret_done = true;
    if (looking_at(ofx, "<!--")) {
        advance(ofx, after(ofx, "-->"));
        return RC_OK;
    }
    if (looking_at(ofx, "<?")) {
        advance(ofx, after(ofx, "?>"));
        return RC_OK;
    }
    if (looking_at(ofx, "<!") && !looking_at(ofx, "<![CDATA[")) {
        snprintf(line, sizeof(line), "%d", ofx->line);
        return problem_set(ofx->reader->problem, PROBLEM_BANK_FILE_DTD, line, NULL);
    }
    if (looking_at(ofx, "<![CDATA[")) {
        advance(ofx, after(ofx, "]]>"));
        return RC_OK;
    }
    *ret_done = false;
    return RC_OK;
}

/* Reads a tag's name in capitals and moves behind its '>'. */
static void read_tag(struct ofx *ofx, char name[static NAME_SIZE], bool *ret_closing,
                     bool *ret_empty)
{
    size_t n = 0, end = ofx->at + 1;

    *ret_closing = ofx->text.p[end] == '/';
    end += *ret_closing;
    for (; end < ofx->text.n && is_name_character(ofx->text.p[end]); end++) {
        char c = ofx->text.p[end];

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (n + 1 < NAME_SIZE)
            name[n++] = c;
    }
    name[n] = '\0';
    while (ofx->text.p[end] != '>') /* there is one: tag_starts */
        end++;
    *ret_empty = ofx->text.p[end - 1] == '/';
    advance(ofx, end + 1);
}

static enum rc read_element(struct ofx *ofx)
{
    char name[NAME_SIZE];
    bool closing = false, empty = false;
    struct str value = {NULL, 0};
    enum group group;

    read_tag(ofx, name, &closing, &empty);
    group = group_of(name);
    if (closing)
        return group == G_NONE ? RC_OK : end_group(ofx, name);
    if (group == G_OFX && ofx->depth > 0)
        return bank_broken(ofx->reader, ofx->line, name);
    remember_messages(ofx, name);
    if (group != G_NONE) {
        TRY(open_group(ofx, name, group));
        return empty ? end_group(ofx, name) : RC_OK;
    }
    if (empty)
        return RC_OK;
    TRY(read_value(ofx, &value));
    return take_value(ofx, name, value);
}

/* The header's version: VERSION:102, or VERSION="211" in <?OFX. */
static enum rc read_version(struct ofx *ofx)
{
    const char *p = NULL;
    size_t end = ofx->text.n < 2048 ? ofx->text.n : 2048;
    int digits = 0;

    ofx->reader->file->format = BANK_FORMAT_OFX_SGML;
    ofx->reader->file->version = "OFX";
    for (size_t i = 0; i + 8 < end && p == NULL; i++) {
        if (strncasecmp(ofx->text.p + i, "<?OFX", 5) == 0 ||
            strncasecmp(ofx->text.p + i, "<?xml", 5) == 0)
            ofx->reader->file->format = BANK_FORMAT_OFX_XML;
        if (memcmp(ofx->text.p + i, "VERSION", 7) == 0)
            p = ofx->text.p + i + 7;
        else if (strncasecmp(ofx->text.p + i, "<OFX>", 5) == 0)
            break;
    }
    while (p != NULL && p < ofx->text.p + end && (*p == ':' || *p == '=' || *p == '"' || *p == ' '))
        p++;
    while (p != NULL && p + digits < ofx->text.p + end && digits < 3 && p[digits] >= '0' &&
           p[digits] <= '9')
        digits++;
    if (digits == 3)
        ofx->reader->file->version = arena_printf(ofx->reader->arena, "OFX %.3s", p);
    return ofx->reader->file->version == NULL ? bank_memory(ofx->reader) : RC_OK;
}

static enum rc refuse_without_statement(struct ofx *ofx)
{
    const char *held = NULL;

    for (size_t i = 0; i < ofx->n_held; i++)
        TRY(bank_join(ofx->reader, held, ", ", ofx->held[i], &held));
    return problem_set(ofx->reader->problem, PROBLEM_BANK_FILE_NO_STATEMENT,
                       ofx->reader->file->version, held == NULL ? "OFX" : held, NULL);
}

enum rc ofx_parse(struct bank_reader *reader, struct str text)
{
    struct ofx ofx = {.reader = reader, .text = text, .line = 1};
    bool done;

    TRY(read_version(&ofx));
    while (ofx.at < ofx.text.n) {
        if (!tag_starts(&ofx, ofx.at)) {
            advance(&ofx, ofx.at + 1);
            continue;
        }
        TRY(skip_markup(&ofx, &done));
        if (!done)
            TRY(read_element(&ofx));
    }
    if (ofx.depth > 0)
        return bank_truncated(reader, ofx.line, ofx.open[ofx.depth - 1].name,
                              ofx.open[ofx.depth - 1].line);
    if (reader->statements.count == 0)
        return refuse_without_statement(&ofx);
    return RC_OK;
}
