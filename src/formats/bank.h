/* Bank files: OFX 1.x and 2.x, camt.053 versions 02 to 08, recognised by what they hold. Pure: no
 * network, no entity, no I/O.
 *
 * A file holds statements, a statement holds the booked entries of one account. What accounting
 * needs and does not get (account, currency, dates, amounts) is a problem that names the line and
 * the element; what is merely odd (a balance that does not add up, a missing reference) is kept,
 * never fixed, and said in a note. */
#ifndef FORMATS_BANK_H
#define FORMATS_BANK_H

#include "base/arena.h"
#include "base/base.h"
#include "base/crypto.h"
#include "base/date.h"
#include "base/money.h"
#include "base/problem.h"

/* Limits of a file. Past one of them the file is refused (PROBLEM_BANK_FILE_LIMIT). */
enum {
    BANK_FILE_BYTES_MAX = 20 * 1024 * 1024,
    BANK_STATEMENTS_MAX = 1000,
    BANK_ENTRIES_MAX =
        100000,          /* entries of the file, pending ones and details (children) included */
    BANK_DEPTH_MAX = 64, /* elements inside each other */
    BANK_TEXT_MAX =
        4000, /* bytes of one text; what is longer is cut between two characters and said */
    BANK_NOTES_MAX = 100 /* notes kept of a file and of each statement */
};

enum bank_format { BANK_FORMAT_OFX_SGML, BANK_FORMAT_OFX_XML, BANK_FORMAT_CAMT_053 };

/* A remark for the reader: code of the registry (area bank, slugs "bank_note.…") with its
 * arguments, written by problem_sentence like any other. */
struct bank_note {
    enum problem_code code;
    const char *args[PROBLEM_ARGS_MAX];
};

struct bank_notes {
    struct bank_note *items;
    size_t count;
};

struct bank_balance {
    bool present;
    struct money amount; /* signed: what the association has is positive, an overdraft negative */
    char currency[4];    /* the statement's, or another of as many digits (noted; the statement then
                            does not balance) */
    bool has_date;
    struct date on;
};

/* Opening + booked entries = closing? Unknown where a balance is missing, as in every OFX file. */
enum bank_balanced { BANK_BALANCED_UNKNOWN, BANK_BALANCED_YES, BANK_BALANCED_NO };

/* One transaction inside an entry: the parts of a batch, or the only one. All texts UTF-8, NULL
 * when absent. */
struct bank_detail {
    bool has_amount;
    struct money amount; /* signed, in `currency` */
    char currency[4];    /* may differ from the account's: then it is not part of any sum */
    const char *counterparty_name; /* who pays us, or whom we pay */
    const char *counterparty_iban; /* compact, shaped like an IBAN; its check digits are the bank's
                                      affair */
    const char *ultimate_name;     /* for whom, where the file says it */
    const char *end_to_end_id;     /* NULL for NOTPROVIDED */
    const char *mandate_id;
    const char *bank_reference;
    const char *cheque_number;
    const char *creditor_reference; /* structured remittance (RF…, or national) */
    const char *remittance;         /* unstructured remittance, pieces joined by a space */
    const char *additional_text;
    const char *return_reason; /* ISO code (AC04, MS03…) where this is a return */
};

struct bank_entry {
    struct money
        amount; /* signed, in the account's currency: in is positive, out negative; 0 occurs */
    char currency[4]; /* the statement's, unless the file says otherwise for this entry (noted) */
    struct date booked_on;
    struct date value_on; /* booked_on where the file has none */
    const char
        *bank_reference; /* AcctSvcrRef or FITID as the bank gave it; may be missing or repeated */
    const char *end_to_end_id, *mandate_id, *cheque_number;
    const char *counterparty_name, *counterparty_iban, *ultimate_name;
    const char
        *remittance; /* the text to show and to search: never NULL, "" when the bank says nothing */
    const char *additional_text; /* the bank's own words where they say more (AddtlNtryInf, MEMO
                                    repeating NAME is left out) */
    const char *type_code;       /* "PMNT/RCDT/ESCT", a proprietary code, or the OFX TRNTYPE */
    const char *return_reason;
    bool is_reversal; /* RvslInd: it takes an earlier entry back; the sign is the entry's own
                         already */
    struct bank_detail
        *details; /* two or more for a batch; with a single one its facts are in the entry too */
    size_t n_details;
    int line; /* in the file, for messages */
    /* Which line of the bank's books this is, whatever file brings it: see bank_file_parse. */
    char fingerprint[SHA256_HEX_SIZE];
};

enum bank_account_type {
    BANK_ACCOUNT_UNSAID,
    BANK_ACCOUNT_CHECKING,
    BANK_ACCOUNT_SAVINGS,
    BANK_ACCOUNT_CREDIT_CARD
};

struct bank_statement {
    /* Compact text that names the account, never NULL: the IBAN where there is one, else bank,
     * branch and account joined by '/' ("10807/00010/01019640927"), else the account's number
     * alone. */
    const char *account;
    const char
        *iban; /* compact; NULL unless given, or known for sure from a French RIB (iban_derived) */
    bool iban_derived;
    bool iban_valid;     /* false where the bank's own IBAN fails its check (noted): samples, masked
                            files */
    const char *bank_id; /* BIC, or BANKID */
    const char *branch_id;
    const char *account_number; /* as the file gives it, never NULL: what people and other programs
                                   compare */
    const char *account_name, *owner_name;
    enum bank_account_type type;
    char currency[4];        /* ISO 4217 */
    int digits;              /* of that currency: how the amounts here are to be read */
    const char *id, *number; /* statement's identification and sequence number, NULL when absent */
    bool has_from, has_to;
    struct date from, to;
    struct bank_balance opening, closing;
    struct bank_entry *entries; /* booked ones only, in file order */
    size_t n_entries;
    size_t n_not_booked;          /* pending or informational entries left out (noted) */
    struct money sum_in, sum_out; /* of the entries: sum_in >= 0, sum_out <= 0 */
    enum bank_balanced balanced;
    struct bank_notes notes;
};

struct bank_file {
    enum bank_format format;
    const char
        *version; /* "camt.053.001.08", "OFX 102", "OFX 211", "OFX" where the file does not say */
    const char
        *encoding; /* what the bytes turned out to be: "UTF-8", "Windows-1252", "UTF-16", "ASCII" */
    const char *message_id;
    struct bank_statement *statements;
    size_t n_statements;
    struct bank_notes notes;
};

/* Reads a bank file. `file_name` only serves the messages (NULL is accepted); nothing is guessed
 * from it. On RC_PROBLEM nothing is to be used and `problem` says what is wrong and where.
 * Everything lives in the arena.
 *
 * Fingerprint: SHA-256, in hexadecimal, over the line's own digest, a line feed and a rank. That
 * digest is over "grenier bank line 1", the account, the currency, the booking date, the amount and
 * an identity. The identity of a camt entry is the bank's own reference (AcctSvcrRef), else its
 * end-to-end ids and texts; that of an OFX line is its texts and cheque number: French banks number
 * FITID by the position in the download, so that it changes from one file to the next. Texts are
 * folded first (capitals, no accents, single spaces), since the same line arrives in different
 * character sets. The rank counts equal lines of one statement (0, 1, …): two equal payments on a
 * day stay two, and the same or an overlapping file, in whatever order, adds nothing. */
enum rc bank_file_parse(struct arena *arena, struct str bytes, const char *file_name,
                        struct bank_file *ret_file, struct problem *problem) MUST_CHECK;

/* Minor-unit digits of an ISO 4217 currency (EUR 2, JPY 0, TND 3), or -1 when there is no such
 * code. */
int bank_currency_digits(struct str code);

#endif
