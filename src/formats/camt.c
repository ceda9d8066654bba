/* ISO 20022 camt.053 (bank to customer statement), versions 02 to 08. Expat reads the markup;
 * document types, entities and anything outside the file are refused. The parts of a statement
 * (account, balances, entries) are kept as a small tree each, read when they end, and forgotten:
 * memory does not grow with the file. */
#include "base/identifier.h"
#include "base/text.h"
#include "formats/bank_reader.h"
#include <expat.h>

enum {
    FEED_BYTES = 64 * 1024,
    PART_BYTES_MAX = 64 * 1024 * 1024,
    NAME_SIZE = 64,
    REMITTANCE_JOINED_MAX = 400
};

/* An element of the part being read. Names are without prefix or namespace. */
struct node {
    const char *name;
    struct str text; /* of an element without children */
    const char *currency;
    struct node *parent, *first, *last, *next;
    int line;
};

struct camt {
    struct bank_reader *reader;
    XML_Parser parser;
    struct arena part; /* nodes of the part being read */
    struct node *node; /* where we are in it; NULL between parts */
    char *text;        /* of the innermost element so far */
    size_t text_size, text_capacity;
    enum rc rc;
    int depth, statement_depth; /* 0 outside */
    struct {
        char name[NAME_SIZE];
        int line;
    } open[BANK_DEPTH_MAX];
    bool is_camt;
    char root[NAME_SIZE];
    /* of the open statement */
    bool has_account;
    int opening_rank, closing_rank; /* see balance_rank */
};

static int line_now(const struct camt *camt)
{
    return (int)XML_GetCurrentLineNumber(camt->parser);
}

static void stop(struct camt *camt, enum rc rc)
{
    camt->rc = rc;
    XML_StopParser(camt->parser, XML_FALSE);
}

/* A name for messages, cut between two characters where it is too long. */
static void copy_name(char ret_name[static NAME_SIZE], const char *name)
{
    size_t n = strnlen(name, NAME_SIZE);

    if (n == NAME_SIZE)
        n--;
    while (n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80)
        n--;
    memcpy(ret_name, name, n);
    ret_name[n] = '\0';
}

/* ---- looking things up ---- */

static const struct node *child(const struct node *node, const char *name)
{
    for (const struct node *c = node == NULL ? NULL : node->first; c != NULL; c = c->next)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

/* The element at a path like "Tp/CdOrPrtry/Cd", the first of each name; NULL when there is none. */
static const struct node *at(const struct node *node, const char *path)
{
    while (node != NULL && *path != '\0') {
        char name[NAME_SIZE];
        size_t n = strcspn(path, "/");

        ASSERT(n < sizeof(name));
        memcpy(name, path, n);
        name[n] = '\0';
        node = child(node, name);
        path += n + (path[n] == '/');
    }
    return node;
}

static struct str text_of(const struct node *node)
{
    return node == NULL ? (struct str){NULL, 0} : node->text;
}

static bool says(const struct node *node, const char *word)
{
    return node != NULL && str_is(text_trim(node->text), word);
}

static enum rc text_at(struct camt *camt, const struct node *node, const char *path,
                       const char **ret_text)
{
    return bank_text(camt->reader, text_of(at(node, path)), ret_text);
}

/* The first of several paths that holds anything. */
static enum rc text_at_any(struct camt *camt, const struct node *node, const char *const *paths,
                           size_t n, const char **ret_text)
{
    *ret_text = NULL;
    for (size_t i = 0; i < n && *ret_text == NULL; i++)
        TRY(text_at(camt, node, paths[i], ret_text));
    return RC_OK;
}

/* An identification that says nothing is none. */
static enum rc reference_at(struct camt *camt, const struct node *node, const char *path,
                            const char **ret_text)
{
    TRY(text_at(camt, node, path, ret_text));
    if (*ret_text != NULL &&
        (strcmp(*ret_text, "NOTPROVIDED") == 0 || strcmp(*ret_text, "NOT PROVIDED") == 0))
        *ret_text = NULL;
    return RC_OK;
}

/* Amount with its currency; negative where `sign` says DBIT. */
static enum rc amount_of(struct camt *camt, const struct node *amount, const struct node *sign,
                         struct money *ret_amount, char ret_currency[static 4])
{
    struct bank_reader *reader = camt->reader;
    const char *currency = amount->currency;

    if (currency == NULL)
        return bank_missing(reader, amount->line, "Amt", "Ccy");
    TRY(bank_currency(reader, amount->line, "Ccy", str_of(currency), ret_currency));
    TRY(bank_amount(reader, amount->line, "Amt", amount->text, ret_currency, ret_amount));
    if (says(sign, "DBIT"))
        ret_amount->minor = -ret_amount->minor;
    return RC_OK;
}

static enum rc indicator_problem(struct camt *camt, const struct node *indicator)
{
    const char *value = NULL;
    char line[16];

    snprintf(line, sizeof(line), "%d", indicator->line);
    TRY(bank_text(camt->reader, indicator->text, &value));
    return problem_set(camt->reader->problem, PROBLEM_BANK_FILE_INDICATOR, line, "CdtDbtInd",
                       value == NULL ? "" : value, NULL);
}

static bool is_indicator(const struct node *indicator)
{
    return says(indicator, "CRDT") || says(indicator, "DBIT");
}

/* The date in a choice of Dt and DtTm. RC_OK with *ret_has false when there is none. */
static enum rc date_at(struct camt *camt, const struct node *node, const char *element,
                       bool *ret_has, struct date *ret_date)
{
    const struct node *date = child(node, "Dt");

    if (date == NULL)
        date = child(node, "DtTm");
    *ret_has = date != NULL;
    return date == NULL ? RC_OK
                        : bank_date(camt->reader, date->line, element, date->text, ret_date);
}

/* ---- account and balances ---- */

static enum rc read_account(struct camt *camt, const struct node *account)
{
    struct bank_statement *statement = &camt->reader->statement;
    const struct node *iban = at(account, "Id/IBAN"), *currency = child(account, "Ccy");
    const struct node *number = iban != NULL ? iban : at(account, "Id/Othr/Id");
    static const char *const BANKS[] = {"Svcr/FinInstnId/BICFI", "Svcr/FinInstnId/BIC",
                                        "Svcr/FinInstnId/ClrSysMmbId/MmbId",
                                        "Svcr/FinInstnId/Othr/Id"};
    static const char *const TYPES[] = {"Tp/Cd", "Tp/Prtry"};
    char compact[IBAN_SIZE];
    const char *type = NULL;

    TRY(bank_text(camt->reader, text_of(number), &statement->account_number));
    if (statement->account_number == NULL)
        return bank_missing(camt->reader, account->line, "Acct", "Id");
    TRY(bank_iban(camt->reader, number->text, &statement->iban));
    statement->iban_valid =
        statement->iban != NULL && iban_check(str_of(statement->iban), compact) == IDENTIFIER_OK;
    if (iban == NULL && !statement->iban_valid)
        statement->iban = NULL; /* a number that only looks like an IBAN */
    statement->account = statement->iban != NULL ? statement->iban : statement->account_number;
    if (statement->iban != NULL && !statement->iban_valid)
        TRY(bank_note(camt->reader, PROBLEM_BANK_NOTE_IBAN, statement->iban, NULL));
    if (currency != NULL)
        TRY(bank_currency(camt->reader, currency->line, "Acct/Ccy", currency->text,
                          statement->currency));
    TRY(text_at(camt, account, "Nm", &statement->account_name));
    TRY(text_at(camt, account, "Ownr/Nm", &statement->owner_name));
    TRY(text_at_any(camt, account, BANKS, ARRAY_SIZE(BANKS), &statement->bank_id));
    TRY(text_at(camt, account, "Svcr/BrnchId/Id", &statement->branch_id));
    TRY(text_at_any(camt, account, TYPES, ARRAY_SIZE(TYPES), &type));
    if (type != NULL && strcmp(type, "SVGS") == 0)
        statement->type = BANK_ACCOUNT_SAVINGS;
    else if (type != NULL && strcmp(type, "CACC") == 0)
        statement->type = BANK_ACCOUNT_CHECKING;
    camt->has_account = true;
    return RC_OK;
}

/* Which of the two balances that matter this is, and how good a witness: the day's booked balance
 * (3), the one carried over (2), an interim one, of the pages of a statement (1). 0: neither
 * opening nor closing. */
static int balance_rank(const struct camt *camt, const struct node *code, bool *ret_opens)
{
    *ret_opens = says(code, "OPBD") || says(code, "PRCD") ||
                 (says(code, "ITBD") && !camt->reader->statement.opening.present);
    if (says(code, "OPBD") || says(code, "CLBD"))
        return 3;
    return says(code, "PRCD") ? 2 : says(code, "ITBD") ? 1 : 0;
}

static enum rc read_balance(struct camt *camt, const struct node *node)
{
    struct bank_statement *statement = &camt->reader->statement;
    const struct node *amount = child(node, "Amt"), *indicator = child(node, "CdtDbtInd");
    struct bank_balance balance = {.present = true}, *kept;
    int rank, *kept_rank;
    char line[16];
    bool opens;

    rank = balance_rank(camt, at(node, "Tp/CdOrPrtry/Cd"), &opens);
    if (rank == 0)
        return RC_OK;
    if (amount == NULL)
        return bank_missing(camt->reader, node->line, "Bal", "Amt");
    if (indicator != NULL && !is_indicator(indicator))
        return indicator_problem(camt, indicator);
    TRY(amount_of(camt, amount, indicator, &balance.amount, balance.currency));
    TRY(date_at(camt, child(node, "Dt"), "Bal/Dt", &balance.has_date, &balance.on));
    if (indicator == NULL) {
        snprintf(line, sizeof(line), "%d", node->line);
        TRY(bank_note(camt->reader, PROBLEM_BANK_NOTE_BALANCE_SIGN, line, NULL));
    }
    if (statement->currency[0] == '\0')
        memcpy(statement->currency, balance.currency, sizeof(balance.currency));
    if (strcmp(balance.currency, statement->currency) != 0)
        rank -= 10; /* the same balance told in another currency, kept where there is no other */
    kept = opens ? &statement->opening : &statement->closing;
    kept_rank = opens ? &camt->opening_rank : &camt->closing_rank;
    /* Of interim balances the first opens and the last closes. */
    if (kept->present && (rank < *kept_rank || (rank == *kept_rank && (opens || rank != 1))))
        return RC_OK;
    *kept = balance;
    *kept_rank = rank;
    return RC_OK;
}

static enum rc read_period(struct camt *camt, const struct node *node)
{
    struct bank_statement *statement = &camt->reader->statement;
    const struct node *from = child(node, "FrDtTm"), *to = child(node, "ToDtTm");

    if (from == NULL)
        from = child(node, "FrDt");
    if (to == NULL)
        to = child(node, "ToDt");
    if (from != NULL)
        TRY(bank_date(camt->reader, from->line, "FrToDt", from->text, &statement->from));
    if (to != NULL)
        TRY(bank_date(camt->reader, to->line, "FrToDt", to->text, &statement->to));
    statement->has_from = from != NULL;
    statement->has_to = to != NULL;
    return RC_OK;
}

/* ---- details ---- */

/* All texts of the children of that name, joined by a space. */
static enum rc join_children(struct camt *camt, const struct node *node, const char *name,
                             const char **ret_text)
{
    *ret_text = NULL;
    for (const struct node *c = node == NULL ? NULL : node->first; c != NULL; c = c->next) {
        const char *piece = NULL;

        if (strcmp(c->name, name) != 0)
            continue;
        TRY(bank_text(camt->reader, c->text, &piece));
        TRY(bank_join(camt->reader, *ret_text, " ", piece, ret_text));
    }
    return RC_OK;
}

static enum rc read_remittance(struct camt *camt, const struct node *node,
                               struct bank_detail *detail)
{
    TRY(join_children(camt, node, "Ustrd", &detail->remittance));
    for (const struct node *c = node == NULL ? NULL : node->first; c != NULL; c = c->next) {
        const char *reference = NULL, *more = NULL;

        if (strcmp(c->name, "Strd") != 0)
            continue;
        TRY(text_at(camt, c, "CdtrRefInf/Ref", &reference));
        TRY(bank_join(camt->reader, detail->creditor_reference, " ", reference,
                      &detail->creditor_reference));
        TRY(join_children(camt, c, "AddtlRmtInf", &more));
        TRY(bank_join(camt->reader, detail->remittance, " ", more, &detail->remittance));
    }
    return RC_OK;
}

struct party {
    const char *name, *iban, *ultimate;
};

static enum rc read_party(struct camt *camt, const struct node *parties, bool debtor,
                          struct party *ret)
{
    static const char *const NAMES[] = {"Nm", "Pty/Nm", "Agt/FinInstnId/Nm", "FinInstnId/Nm"};
    const struct node *party = child(parties, debtor ? "Dbtr" : "Cdtr");
    const struct node *ultimate = child(parties, debtor ? "UltmtDbtr" : "UltmtCdtr");
    const struct node *account = child(parties, debtor ? "DbtrAcct" : "CdtrAcct");
    const struct node *iban = at(account, "Id/IBAN");

    *ret = (struct party){NULL, NULL, NULL};
    TRY(text_at_any(camt, party, NAMES, ARRAY_SIZE(NAMES), &ret->name));
    TRY(text_at_any(camt, ultimate, NAMES, ARRAY_SIZE(NAMES), &ret->ultimate));
    return bank_iban(camt->reader, text_of(iban != NULL ? iban : at(account, "Id/Othr/Id")),
                     &ret->iban);
}

/* Who is on the other side: the debtor of a credit, the creditor of a debit; banks that keep the
 * roles of the first payment in its return are recognised by our own account standing there. */
static enum rc read_counterparty(struct camt *camt, const struct node *parties, bool credit,
                                 struct bank_detail *detail)
{
    const char *own = camt->reader->statement.iban;
    struct party party, other;

    TRY(read_party(camt, parties, credit, &party));
    TRY(read_party(camt, parties, !credit, &other));
    if ((party.name == NULL && party.iban == NULL && party.ultimate == NULL) ||
        (own != NULL && party.iban != NULL && strcmp(party.iban, own) == 0)) {
        bool other_is_us = own != NULL && other.iban != NULL && strcmp(other.iban, own) == 0;

        party = other_is_us ? (struct party){NULL, NULL, NULL} : other;
    }
    detail->counterparty_name = party.name != NULL ? party.name : party.ultimate;
    detail->counterparty_iban = party.iban;
    detail->ultimate_name = party.name != NULL ? party.ultimate : NULL;
    return RC_OK;
}

static enum rc read_detail(struct camt *camt, const struct node *node,
                           const struct bank_entry *entry)
{
    static const char *const AMOUNTS[] = {"Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"};
    static const char *const REASONS[] = {"RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Cd"};
    const struct node *amount = NULL, *indicator = child(node, "CdtDbtInd");
    struct bank_detail detail = {.has_amount = false};
    bool credit = entry->amount.minor >= 0;

    for (size_t i = 0; i < ARRAY_SIZE(AMOUNTS) && amount == NULL; i++)
        amount = at(node, AMOUNTS[i]);
    if (indicator != NULL && !is_indicator(indicator))
        return indicator_problem(camt, indicator);
    if (indicator != NULL)
        credit = says(indicator, "CRDT");
    if (amount != NULL) {
        TRY(amount_of(camt, amount, NULL, &detail.amount, detail.currency));
        if (!credit)
            detail.amount.minor = -detail.amount.minor;
        detail.has_amount = true;
    }
    TRY(read_counterparty(camt, child(node, "RltdPties"), credit, &detail));
    TRY(reference_at(camt, node, "Refs/EndToEndId", &detail.end_to_end_id));
    TRY(reference_at(camt, node, "Refs/MndtId", &detail.mandate_id));
    TRY(reference_at(camt, node, "Refs/AcctSvcrRef", &detail.bank_reference));
    TRY(reference_at(camt, node, "Refs/ChqNb", &detail.cheque_number));
    TRY(read_remittance(camt, child(node, "RmtInf"), &detail));
    TRY(text_at(camt, node, "AddtlTxInf", &detail.additional_text));
    TRY(text_at_any(camt, node, REASONS, ARRAY_SIZE(REASONS), &detail.return_reason));
    return bank_detail_add(camt->reader, &detail);
}

/* ---- entries ---- */

/* "PMNT/RCDT/ESCT", or the bank's own code. */
static enum rc read_code(struct camt *camt, const struct node *code, const char **ret_code)
{
    const char *family = NULL, *sub_family = NULL;

    TRY(text_at(camt, code, "Domn/Cd", ret_code));
    if (*ret_code == NULL)
        return text_at(camt, code, "Prtry/Cd", ret_code);
    TRY(text_at(camt, code, "Domn/Fmly/Cd", &family));
    TRY(text_at(camt, code, "Domn/Fmly/SubFmlyCd", &sub_family));
    TRY(bank_join(camt->reader, *ret_code, "/", family, ret_code));
    return bank_join(camt->reader, *ret_code, "/", sub_family, ret_code);
}

/* What a batch says in one line: the remittances of its parts, each once, as far as they fit. */
static enum rc join_remittances(struct camt *camt, const char **ret_text)
{
    const struct bank_detail *details = camt->reader->details.items;
    const char *joined = NULL;

    for (size_t i = 0; i < camt->reader->details.count; i++) {
        const char *piece = details[i].remittance;

        if (joined != NULL && strlen(joined) > REMITTANCE_JOINED_MAX)
            break;
        if (piece != NULL && (joined == NULL || strstr(joined, piece) == NULL))
            TRY(bank_join(camt->reader, joined, " / ", piece, &joined));
    }
    *ret_text = joined;
    return RC_OK;
}

/* The facts of the only transaction are the entry's; those of a batch stay in its details. */
static enum rc describe_entry(struct camt *camt, const char *additional, struct bank_entry *entry)
{
    const struct bank_detail *details = camt->reader->details.items;
    const char *text = NULL;

    if (camt->reader->details.count == 1) {
        entry->end_to_end_id = details->end_to_end_id;
        entry->mandate_id = details->mandate_id;
        entry->cheque_number = details->cheque_number;
        entry->counterparty_name = details->counterparty_name;
        entry->counterparty_iban = details->counterparty_iban;
        entry->ultimate_name = details->ultimate_name;
        entry->return_reason = details->return_reason;
        if (entry->bank_reference == NULL)
            entry->bank_reference = details->bank_reference;
        text = details->remittance != NULL           ? details->remittance
               : details->creditor_reference != NULL ? details->creditor_reference
                                                     : details->additional_text;
        if (additional == NULL && text != details->additional_text)
            additional = details->additional_text;
    } else if (additional == NULL) {
        TRY(join_remittances(camt, &text));
    }
    entry->remittance = text != NULL ? text : additional != NULL ? additional : "";
    entry->additional_text =
        text != NULL && additional != NULL && strcmp(text, additional) != 0 ? additional : NULL;
    return RC_OK;
}

/* The parts of a batch against the whole: noted where they differ. */
static enum rc check_details(struct camt *camt, const struct bank_entry *entry)
{
    const struct bank_detail *details = camt->reader->details.items;
    struct money sum = {0};
    char line[16], sum_text[48], amount[48];

    if (camt->reader->details.count < 2)
        return RC_OK;
    for (size_t i = 0; i < camt->reader->details.count; i++) {
        if (!details[i].has_amount || strcmp(details[i].currency, entry->currency) != 0)
            return RC_OK;
        if (!money_add(sum, details[i].amount, &sum))
            return bank_broken(camt->reader, entry->line, "TxDtls");
    }
    if (sum.minor == entry->amount.minor)
        return RC_OK;
    snprintf(line, sizeof(line), "%d", entry->line);
    snprintf(sum_text, sizeof(sum_text), "money:%lld", (long long)sum.minor);
    snprintf(amount, sizeof(amount), "money:%lld", (long long)entry->amount.minor);
    return bank_note(camt->reader, PROBLEM_BANK_NOTE_DETAILS, line, sum_text, amount, NULL);
}

/* Booked, or said nothing about: a statement holds booked entries. */
static bool is_booked(const struct node *entry)
{
    const struct node *status = child(entry, "Sts"), *code = child(status, "Cd");

    if (code == NULL)
        code = status;
    return code == NULL || text_trim(code->text).n == 0 || says(code, "BOOK");
}

static enum rc date_entry(struct camt *camt, const struct node *node, struct bank_entry *entry,
                          bool *ret_dated)
{
    bool has_booking, has_value;

    TRY(date_at(camt, child(node, "BookgDt"), "BookgDt", &has_booking, &entry->booked_on));
    TRY(date_at(camt, child(node, "ValDt"), "ValDt", &has_value, &entry->value_on));
    if (!has_booking && has_value) {
        entry->booked_on = entry->value_on;
        camt->reader->n_value_dates++;
    }
    *ret_dated = has_booking || has_value;
    return RC_OK;
}

static enum rc read_entry(struct camt *camt, const struct node *node)
{
    const struct node *amount = child(node, "Amt"), *indicator = child(node, "CdtDbtInd");
    struct bank_entry entry = {.line = node->line};
    const char *additional = NULL;
    bool dated = false;

    if (!is_booked(node))
        return bank_entry_skip(camt->reader);
    if (amount == NULL)
        return bank_missing(camt->reader, node->line, "Ntry", "Amt");
    if (indicator == NULL)
        return bank_missing(camt->reader, node->line, "Ntry", "CdtDbtInd");
    if (!is_indicator(indicator))
        return indicator_problem(camt, indicator);
    TRY(amount_of(camt, amount, indicator, &entry.amount, entry.currency));
    TRY(date_entry(camt, node, &entry, &dated));
    entry.is_reversal = says(child(node, "RvslInd"), "true") || says(child(node, "RvslInd"), "1");
    TRY(reference_at(camt, node, "AcctSvcrRef", &entry.bank_reference));
    TRY(read_code(camt, child(node, "BkTxCd"), &entry.type_code));
    TRY(text_at(camt, node, "AddtlNtryInf", &additional));
    for (const struct node *group = node->first; group != NULL; group = group->next)
        for (const struct node *c = strcmp(group->name, "NtryDtls") == 0 ? group->first : NULL;
             c != NULL; c = c->next)
            if (strcmp(c->name, "TxDtls") == 0)
                TRY(read_detail(camt, c, &entry));
    TRY(check_details(camt, &entry));
    TRY(describe_entry(camt, additional, &entry));
    return bank_entry_add(camt->reader, &entry, dated);
}

/* ---- statements ---- */

static enum rc end_statement(struct camt *camt)
{
    struct bank_statement *statement = &camt->reader->statement;
    const struct bank_entry *entries = camt->reader->entries.items;

    if (!camt->has_account)
        return bank_missing(camt->reader, camt->reader->statement_line, "Stmt", "Acct");
    if (statement->currency[0] == '\0' && camt->reader->entries.count > 0)
        memcpy(statement->currency, entries[0].currency, sizeof(statement->currency));
    if (statement->currency[0] == '\0')
        return bank_missing(camt->reader, camt->reader->statement_line, "Stmt", "Acct/Ccy");
    statement->digits = bank_currency_digits(str_of(statement->currency));
    return bank_statement_end(camt->reader);
}

/* One finished child of Stmt. */
static enum rc read_part(struct camt *camt, const struct node *part)
{
    struct bank_statement *statement = &camt->reader->statement;

    if (strcmp(part->name, "Ntry") == 0)
        return read_entry(camt, part);
    if (strcmp(part->name, "Bal") == 0)
        return read_balance(camt, part);
    if (strcmp(part->name, "Acct") == 0)
        return camt->has_account ? RC_OK : read_account(camt, part);
    if (strcmp(part->name, "FrToDt") == 0)
        return read_period(camt, part);
    if (strcmp(part->name, "Id") == 0)
        return bank_text(camt->reader, part->text, &statement->id);
    if (strcmp(part->name, "ElctrncSeqNb") == 0 ||
        (strcmp(part->name, "LglSeqNb") == 0 && statement->number == NULL))
        return bank_text(camt->reader, part->text, &statement->number);
    return RC_OK;
}

/* ---- markup ---- */

/* "camt.053.001.08" from the namespace, or nothing. */
static const char *message_of(const char *namespace)
{
    static const char PREFIX[] = "urn:iso:std:iso:20022:tech:xsd:";

    return strncmp(namespace, PREFIX, sizeof(PREFIX) - 1) == 0 ? namespace + sizeof(PREFIX) - 1
                                                               : "";
}

static enum rc refuse_other(struct camt *camt, const char *message, const char *element)
{
    struct problem *problem = camt->reader->problem;
    char cut[NAME_SIZE];
    const char *name;

    if (strncmp(message, "camt.052", 8) == 0 || strcmp(element, "BkToCstmrAcctRpt") == 0)
        return problem_set(problem, PROBLEM_BANK_FILE_CAMT_052,
                           message[0] != '\0' ? message : "camt.052", NULL);
    if (strncmp(message, "camt.054", 8) == 0 || strcmp(element, "BkToCstmrDbtCdtNtfctn") == 0)
        return problem_set(problem, PROBLEM_BANK_FILE_CAMT_054,
                           message[0] != '\0' ? message : "camt.054", NULL);
    copy_name(cut, message[0] != '\0' ? message : element);
    name = arena_printf(camt->reader->arena, "XML (%s)", cut);
    if (name == NULL)
        return bank_memory(camt->reader);
    return problem_set(problem, PROBLEM_BANK_FILE_KIND, name, NULL);
}

/* The message's own element, BkToCstmrStmt where it is one of ours. */
static enum rc begin_message(struct camt *camt, const char *namespace, const char *element)
{
    char message[NAME_SIZE];
    struct bank_file *file = camt->reader->file;
    size_t n = strlen("camt.053.001.");
    int version;

    copy_name(message, message_of(namespace));
    if (strcmp(element, "BkToCstmrStmt") != 0)
        return refuse_other(camt, message, element);
    camt->is_camt = true;
    file->format = BANK_FORMAT_CAMT_053;
    file->version = message[0] == '\0' ? "camt.053" : arena_strdup(camt->reader->arena, message);
    if (file->version == NULL)
        return bank_memory(camt->reader);
    if (strncmp(message, "camt.053.001.", n) != 0 || strlen(message) != n + 2)
        return bank_note(camt->reader, PROBLEM_BANK_NOTE_VERSION, file->version, NULL);
    version = (message[n] - '0') * 10 + (message[n + 1] - '0');
    if (version < 2)
        return problem_set(camt->reader->problem, PROBLEM_BANK_FILE_CAMT_VERSION, file->version,
                           NULL);
    if (version > 8)
        return bank_note(camt->reader, PROBLEM_BANK_NOTE_VERSION, file->version, NULL);
    return RC_OK;
}

static const char *local_name(const char *name)
{
    const char *mark = strrchr(name, '\n');

    return mark == NULL ? name : mark + 1;
}

static struct node *add_node(struct camt *camt, const char *name, const char **attributes)
{
    struct node *node = ARENA_NEW(&camt->part, struct node), *parent = camt->node;

    if (node == NULL)
        return NULL;
    node->name = arena_strdup(&camt->part, name);
    node->line = line_now(camt);
    node->parent = parent;
    for (; *attributes != NULL; attributes += 2)
        if (strcmp(attributes[0], "Ccy") == 0)
            node->currency = arena_strdup(&camt->part, attributes[1]);
    if (parent != NULL && parent->last != NULL)
        parent->last->next = node;
    else if (parent != NULL)
        parent->first = node;
    if (parent != NULL)
        parent->last = node;
    return camt->part.exhausted ? NULL : node;
}

static enum rc begin_element(struct camt *camt, const char *full_name, const char **attributes)
{
    const char *name = local_name(full_name);
    const char *parent = camt->depth > 1 ? camt->open[camt->depth - 2].name : "";
    char namespace[NAME_SIZE * 2];

    camt->text_size = 0;
    if (camt->statement_depth > 0) {
        camt->node = add_node(camt, name, attributes);
        return camt->node == NULL ? bank_memory(camt->reader) : RC_OK;
    }
    if (strcmp(name, "BkToCstmrStmt") == 0 || strcmp(parent, "Document") == 0) {
        snprintf(namespace, sizeof(namespace), "%.*s",
                 (int)(name == full_name ? 0 : name - full_name - 1), full_name);
        return begin_message(camt, namespace, name);
    }
    if (strcmp(name, "Stmt") != 0 || strcmp(parent, "BkToCstmrStmt") != 0)
        return RC_OK;
    camt->statement_depth = camt->depth;
    camt->has_account = false;
    camt->opening_rank = camt->closing_rank = 0;
    return bank_statement_begin(camt->reader, line_now(camt));
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct camt *camt = data;
    char line[16], limit[16];
    enum rc rc;

    if (camt->rc != RC_OK)
        return;
    if (camt->depth == BANK_DEPTH_MAX) {
        snprintf(line, sizeof(line), "%d", line_now(camt));
        snprintf(limit, sizeof(limit), "%d", BANK_DEPTH_MAX);
        stop(camt, problem_set(camt->reader->problem, PROBLEM_BANK_FILE_DEPTH, line, limit, NULL));
        return;
    }
    copy_name(camt->open[camt->depth].name, local_name(name));
    camt->open[camt->depth].line = line_now(camt);
    if (camt->depth++ == 0)
        copy_name(camt->root, local_name(name));
    rc = begin_element(camt, name, attributes);
    if (rc != RC_OK)
        stop(camt, rc);
}

static enum rc end_node(struct camt *camt)
{
    struct node *node = camt->node;
    enum rc rc;

    if (node->first == NULL) {
        node->text = (struct str){
            arena_copy(&camt->part, (struct str){camt->text, camt->text_size}), camt->text_size};
        if (node->text.p == NULL)
            return bank_memory(camt->reader);
    }
    camt->node = node->parent;
    if (camt->node != NULL)
        return RC_OK;
    rc = read_part(camt, node);
    arena_free(&camt->part);
    return rc;
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
    struct camt *camt = data;
    enum rc rc = RC_OK;

    if (camt->rc != RC_OK)
        return;
    if (camt->node != NULL) {
        rc = end_node(camt);
    } else if (camt->depth == camt->statement_depth) {
        camt->statement_depth = 0;
        rc = end_statement(camt);
    } else if (camt->is_camt && camt->reader->file->message_id == NULL &&
               strcmp(local_name(name), "MsgId") == 0) {
        rc = bank_text(camt->reader, (struct str){camt->text, camt->text_size},
                       &camt->reader->file->message_id);
    }
    camt->depth--;
    if (rc != RC_OK)
        stop(camt, rc);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int size)
{
    struct camt *camt = data;
    size_t wanted = camt->text_size + (size_t)size;

    if (camt->rc != RC_OK)
        return;
    if (wanted > camt->text_capacity) {
        size_t capacity = wanted * 2;
        char *grown = realloc(camt->text, capacity);

        if (grown == NULL) {
            stop(camt, bank_memory(camt->reader));
            return;
        }
        camt->text = grown;
        camt->text_capacity = capacity;
    }
    memcpy(camt->text + camt->text_size, text, (size_t)size);
    camt->text_size = wanted;
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int has_internal_subset)
{
    struct camt *camt = data;
    char line[16];

    (void)name;
    (void)system;
    (void)public;
    (void)has_internal_subset;
    snprintf(line, sizeof(line), "%d", line_now(camt));
    stop(camt, problem_set(camt->reader->problem, PROBLEM_BANK_FILE_DTD, line, NULL));
}

static enum rc markup_problem(struct camt *camt, bool at_end)
{
    enum XML_Error error = XML_GetErrorCode(camt->parser);
    int innermost = camt->depth - 1;
    char line[16], column[24];

    if (camt->rc != RC_OK)
        return camt->rc;
    if (error == XML_ERROR_NO_MEMORY)
        return bank_memory(camt->reader);
    if (at_end && (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
                   error == XML_ERROR_UNCLOSED_CDATA_SECTION || error == XML_ERROR_PARTIAL_CHAR))
        return bank_truncated(camt->reader, line_now(camt),
                              innermost < 0 ? "XML" : camt->open[innermost].name,
                              innermost < 0 ? 1 : camt->open[innermost].line);
    snprintf(line, sizeof(line), "%d", line_now(camt));
    snprintf(column, sizeof(column), "%lu",
             (unsigned long)XML_GetCurrentColumnNumber(camt->parser) + 1);
    return problem_set(camt->reader->problem, PROBLEM_BANK_FILE_XML, line, column, NULL);
}

static enum rc feed(struct camt *camt, struct str text)
{
    for (size_t at = 0;;) {
        size_t size = text.n - at < FEED_BYTES ? text.n - at : FEED_BYTES;
        bool final = at + size == text.n;

        if (XML_Parse(camt->parser, text.p + at, (int)size, final) != XML_STATUS_OK)
            return markup_problem(camt, final);
        at += size;
        if (final)
            break;
    }
    if (!camt->is_camt)
        return refuse_other(camt, "", camt->root);
    if (camt->reader->statements.count == 0)
        return problem_set(camt->reader->problem, PROBLEM_BANK_FILE_NO_STATEMENT,
                           camt->reader->file->version, "BkToCstmrStmt", NULL);
    return RC_OK;
}

enum rc camt_parse(struct bank_reader *reader, struct str text)
{
    struct camt camt = {.reader = reader, .rc = RC_OK};
    enum rc rc;

    /* The text is UTF-8 by now, whatever its declaration says. */
    camt.parser = XML_ParserCreateNS("UTF-8", '\n');
    if (camt.parser == NULL)
        return bank_memory(reader);
    arena_init(&camt.part, PART_BYTES_MAX);
    XML_SetUserData(camt.parser, &camt);
    XML_SetElementHandler(camt.parser, on_start, on_end);
    XML_SetCharacterDataHandler(camt.parser, on_text);
    XML_SetStartDoctypeDeclHandler(camt.parser, on_doctype);
    rc = feed(&camt, text);
    XML_ParserFree(camt.parser);
    arena_free(&camt.part);
    free(camt.text);
    return rc;
}
