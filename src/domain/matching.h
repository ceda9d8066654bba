/* What a line of the bank probably is: suggestions with a score and a reason. Pure, deterministic,
 * integers only.
 *
 * Nothing is ever booked from a suggestion without a person's act; the score orders them and says
 * how sure they are (0 to 99, never 100). How it works and how well is written in docs/matching.md.
 * Amounts are signed minor units as the bank line has them: in positive, out negative. Days count
 * from 1970-01-01. Strings live as long as the context. */
#ifndef DOMAIN_MATCHING_H
#define DOMAIN_MATCHING_H

#include "base/arena.h"
#include "base/base.h"

enum {
    MATCHING_SUGGESTIONS_MAX = 4, /* kept per line, best first */
    MATCHING_SCORE_MIN = 25,      /* below, nothing is suggested */
    MATCHING_LINKS_MAX = 60,      /* open items one suggestion may settle */
    MATCHING_PARTS_MAX = 40,      /* parts one suggestion may create */
    MATCHING_PAST_PARTS_MAX = 8,  /* parts of an earlier answer that may be repeated */
    MATCHING_OPEN_MAX = 3000,     /* open items looked at */
    MATCHING_PAST_MAX = 2000,     /* earlier accepted lines looked at */
    MATCHING_MEMBERS_MAX = 20000,
    MATCHING_SUBSET_ITEMS_MAX = 40,   /* open items tried in sums */
    MATCHING_SUBSET_STEPS_MAX = 20000 /* steps of the search for a sum */
};

enum matching_kind {
    MATCHING_ENTRY_LINE,
    MATCHING_CONTRIBUTION,
    MATCHING_EXPENSE,
    MATCHING_INTEREST,
    MATCHING_INTERNAL_TRANSFER,
    MATCHING_REFUND,
    MATCHING_RETURNED,
    MATCHING_THIRD_PARTY,
    MATCHING_UNKNOWN
};
/* "entry_line", "contribution", …: as the API and the database call it. */
const char *matching_kind_name(enum matching_kind kind);
/* False when there is no such kind. */
bool matching_kind_of(const char *name, enum matching_kind *ret_kind);

/* Natures of contributions, in the order of matching_natures. */
enum matching_nature {
    NATURE_NONE = -1,
    NATURE_DUES,
    NATURE_DONATION,
    NATURE_PATRONAGE,
    NATURE_SPONSORSHIP,
    NATURE_FINANCIAL_CONTRIBUTION,
    NATURE_SUBSIDY,
    NATURE_EQUITY_WITHOUT_RETURN,
    NATURE_EQUITY_WITH_RETURN,
    NATURE_REPAYABLE,
    NATURE_COUNT
};
const char *matching_nature_name(enum matching_nature nature);
enum matching_nature matching_nature_of(const char *name);

struct matching_member {
    const char *id, *name;
    const char *holder;  /* name of the account's holder, or NULL */
    const char *contact; /* a person who may pay for it, or NULL */
    const char *iban;    /* compact, or NULL */
    const char *legal_form;
    unsigned natures; /* bit per enum matching_nature: what it may give */
    int64_t dues;     /* its last dues, 0 when there are none */
    bool left;
};

enum matching_means { MEANS_TRANSFER, MEANS_CHEQUE, MEANS_CASH, MEANS_PLATFORM, MEANS_OTHER };

/* Something in the books that waits for the bank: a contribution recorded or awaited, or a line on
 * 512, 401, 467… */
struct matching_open {
    bool is_contribution; /* else an entry line */
    bool awaited;
    const char *id;
    const char *member_id; /* NULL: no member */
    const char *name;      /* donor or label, for likeness; may be NULL */
    int64_t amount;        /* as the bank line would have it */
    int64_t day;
    enum matching_means means;
    enum matching_nature nature;
};

/* A contribution that came through the bank and could come back. */
struct matching_received {
    const char *id, *member_id, *name;
    int64_t amount, day;
};

struct matching_part {
    enum matching_kind kind;
    int64_t amount;
    enum matching_nature nature;
    const char *category;
    const char *member_id, *donor_name, *donor_form;
    const char *fund_id, *project_id;
    const char *contribution_id; /* refund, returned */
    const char *transaction_id;  /* internal transfer: the other account's line, or NULL */
};

/* A line accepted earlier, with what it was. */
struct matching_past {
    const char *iban;      /* of the counterparty, or NULL */
    const char *signature; /* matching_signature of its text */
    int64_t amount, day;
    struct matching_part parts[MATCHING_PAST_PARTS_MAX];
    size_t n_parts;
    bool too_long; /* more parts than that: not repeated, n_parts is 0 */
};

/* Another account of the association. */
struct matching_account {
    const char *id, *name, *iban; /* iban may be NULL */
};

/* A line of the bank. */
struct matching_line {
    const char *id, *account_id;
    const char *counterparty_name, *counterparty_iban, *ultimate_name, *remittance,
        *additional_text, *return_reason;
    int64_t amount, day;
    const struct matching_line
        *details; /* parts of a batch, whose amounts sum to the line; else none */
    size_t n_details;
};

struct matching_context {
    const char *organisation_name;
    int digits; /* of the currency, to read amounts in texts */
    const struct matching_member *members;
    size_t n_members;
    const struct matching_open *open;
    size_t n_open;
    const struct matching_received *received;
    size_t n_received;
    const struct matching_past *past; /* newest first */
    size_t n_past;
    const struct matching_account *accounts;
    size_t n_accounts;
    const struct matching_line
        *lines; /* unmatched lines of all own accounts: the other side of transfers */
    size_t n_lines;
};

/* Why; each has a sentence in both languages (matching_reason_text) with arguments %1 and %2. */
enum matching_reason {
    REASON_NONE = 0,
    REASON_IBAN,         /* %1 name: the IBAN is this member's */
    REASON_IBAN_SEEN,    /* %1 name: it paid from this account before */
    REASON_NAME,         /* %1 name, %2 likeness */
    REASON_SAME_AMOUNT,  /* %1 date: same amount, recorded on */
    REASON_ONLY_AMOUNT,  /* %1 date: the only open item of this amount */
    REASON_AWAITED,      /* %1 date of the agreement */
    REASON_SUM,          /* %1 how many: together they make the amount */
    REASON_ALL_CHEQUES,  /* %1 how many: all cheques not yet deposited */
    REASON_ALL_PAYMENTS, /* %1 how many: all payments the platform holds */
    REASON_FEE,          /* %1 money: the platform keeps a fee */
    REASON_BATCH,        /* %1 how many: each payment of the batch is recognised */
    REASON_WORDS_DUES,
    REASON_WORDS_FUND,
    REASON_WORDS_GIFT,
    REASON_WORDS_SUBSIDY,
    REASON_WORDS_PATRONAGE,
    REASON_WORDS_SPONSORSHIP,
    REASON_WORDS_EQUITY,
    REASON_SAME_DUES,     /* same amount as its last dues */
    REASON_USUAL_DUES,    /* %1 money: what members usually pay as dues */
    REASON_TEXT_AMOUNTS,  /* the text gives both amounts */
    REASON_REST_TO_FUND,  /* %1 money dues, the rest for the fund */
    REASON_WORDS_EXPENSE, /* %1 category: the text says so */
    REASON_WORDS_INTEREST,
    REASON_WORDS_RETURNED,
    REASON_WORDS_REFUND,
    REASON_WORDS_THIRD_PARTY,
    REASON_WORDS_INTERNAL,
    REASON_OWN_IBAN,   /* %1 account: the IBAN is your account's */
    REASON_OTHER_SIDE, /* %1 account, %2 date: same amount the other way */
    REASON_PAID_TWICE,
    REASON_BEFORE_IBAN, /* %1 date: what you answered for this account */
    REASON_BEFORE_TEXT, /* %1 date: what you answered for this text */
    REASON_COUNT
};
/* Template with %1, %2 (see problem_sentence); `french` or English. */
const char *matching_reason_text(enum matching_reason reason, bool french);
/* "iban", "same_amount", …: for programs. */
const char *matching_reason_name(enum matching_reason reason);

enum { MATCHING_REASONS_MAX = 4 };

struct matching_why {
    enum matching_reason reason;
    const char *args[2]; /* plain text, "money:…", "date:…" or "category:…" */
};

struct matching_suggestion {
    enum matching_kind kind;
    int score;
    struct matching_why why[MATCHING_REASONS_MAX];
    size_t n_why;
    const struct matching_open *links[MATCHING_LINKS_MAX];
    size_t n_links;
    struct matching_part
        parts[MATCHING_PARTS_MAX]; /* what it would create; amounts and links sum to the line */
    size_t n_parts;
};

struct matching;

/* Prepares a context: names folded, words indexed, usual dues found. NULL when the arena is full.
 * The context must stay as it is while the result is used. */
struct matching *matching_new(struct arena *arena, const struct matching_context *context);
/* Suggestions for a line, best first; at most MATCHING_SUGGESTIONS_MAX, each a different answer.
 * Answers their number. Their texts live in `scratch`, which the caller may reset between lines;
 * one line at a time per matching. */
size_t matching_suggest(struct matching *matching, struct arena *scratch,
                        const struct matching_line *line,
                        struct matching_suggestion suggestions[static MATCHING_SUGGESTIONS_MAX]);

/* Finds items (positive amounts) that sum to `target`, at most `k` of them, within
 * MATCHING_SUBSET_STEPS_MAX steps. Answers how many different sums were found, 0, 1 or 2 (2: more
 * than one way); `chosen` gets the first one. */
int matching_subset(const int64_t *amounts, size_t n, int64_t target, size_t k, size_t *chosen,
                    size_t *ret_n);

#endif
