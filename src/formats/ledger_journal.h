/* Writer of the plain-text journal that both hledger (1.25) and ledger (3.3) read: our figures
 * checked by programs that are not ours. One transaction per entry, real amounts, accounts named
 * "512 Banques", the axes as tags. */
#ifndef FORMATS_LEDGER_JOURNAL_H
#define FORMATS_LEDGER_JOURNAL_H

#include "base/money.h"
#include "base/writer.h"

/* One line of a validated entry; lines of an entry follow each other. Texts may be empty ({NULL,
 * 0}) where noted. */
struct ledger_journal_line {
    struct str entry_id, date; /* YYYY-MM-DD */
    struct str journal, number, label;
    struct str reverses, reason; /* may be empty: not a reversal */
    struct str account, title;
    struct money amount; /* debit positive */
    struct str fund;
    struct str project, member, line_label; /* may be empty */
};

struct ledger_journal {
    struct writer *out;
    struct str currency; /* ISO 4217, capital letters */
    int digits;
    char entry_id[40]; /* of the transaction being written; "" before the first */
};

/* Begins with a comment line for people and the currency's declaration. `out` and `currency`
 * outlive the journal. */
void ledger_journal_begin(struct ledger_journal *journal, struct writer *out, struct str currency,
                          int digits, struct str heading);
/* Declares an account, so that strict readers (hledger check -s, ledger --pedantic) know it; before
 * the first line. */
void ledger_journal_account(struct ledger_journal *journal, struct str number, struct str title);
/* Writes a line; the transaction's head comes first where the entry is another than the last
 * line's. */
void ledger_journal_line(struct ledger_journal *journal, const struct ledger_journal_line *line);

#endif
