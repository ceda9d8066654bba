/* Matches: what the bank says, what the books say, and what a person said the one is of the other.
 */
#include "grenier-check/check.h"

enum column {
    ID,
    ACCOUNT,
    NUMBER,
    AMOUNT,
    DATE,
    CANCELLED,
    STATEMENT,
    OPENING,
    PAIR,
    PAIR_PAIR,
    PAIR_CANCELLED,
    PAIR_ACCOUNT
};

static const char match_sql[] =
    "SELECT m.id, m.bank_account_id, b.account_number, m.amount, m.date, m.cancelled_at, "
    "m.statement_id, coalesce(s.opening, s.closing - s.sum_in - s.sum_out), m.pair_id, p.pair_id, "
    "p.cancelled_at, p.bank_account_id FROM fund.match m "
    "LEFT JOIN fund.bank_account b ON b.organisation_id = m.organisation_id"
    " AND b.id = m.bank_account_id "
    "LEFT JOIN fund.bank_statement s ON s.organisation_id = m.organisation_id"
    " AND s.id = m.statement_id "
    "LEFT JOIN fund.match p ON p.organisation_id = m.organisation_id AND p.id = m.pair_id "
    "ORDER BY m.id";
static const char transaction_sql[] =
    "SELECT x.match_id, x.cancelled_at, t.amount, t.booked_on, t.bank_account_id "
    "FROM fund.match_transaction x LEFT JOIN fund.bank_transaction t"
    " ON t.organisation_id = x.organisation_id AND t.id = x.bank_transaction_id "
    "ORDER BY x.match_id, t.id";
static const char line_sql[] =
    "SELECT x.match_id, x.cancelled_at, l.amount, a.number FROM fund.line_match x "
    "LEFT JOIN fund.line l ON l.organisation_id = x.organisation_id AND l.id = x.line_id "
    "LEFT JOIN fund.account a ON a.organisation_id = l.organisation_id AND a.id = l.account_id "
    "ORDER BY x.match_id, a.number";
static const char part_sql[] =
    "SELECT p.match_id, p.position, p.act, p.amount, l.amount, "
    "EXISTS (SELECT FROM fund.line_match x WHERE x.organisation_id = p.organisation_id"
    " AND x.match_id = p.match_id AND x.line_id = p.line_id), p.line_id FROM fund.match_part p "
    "LEFT JOIN fund.line l ON l.organisation_id = p.organisation_id AND l.id = p.line_id "
    "ORDER BY p.match_id, p.position";

/* The four streams, in the order of matches. */
struct pass {
    struct check *check;
    struct stream matches, transactions, lines, parts;
    bool more_transactions, more_lines, more_parts;
};

static void match_differs(struct pass *pass, enum finding finding, const char *expected,
                          const char *found)
{
    differs(pass->check, finding,
            named(pass->check, "match", "rapprochement", stream_text(&pass->matches, ID)), expected,
            found);
}

/* Whether a row belongs to the match the pass is at; rows of no match are passed over, they are
 * said as references to nothing. */
static bool belongs(struct pass *pass, struct stream *rows, bool *more)
{
    const char *id = stream_text(&pass->matches, ID);

    while (*more && strcmp(stream_text(rows, 0), id) < 0)
        *more = stream_next(rows);
    return *more && same(stream_text(rows, 0), id);
}

static void judge_transactions(struct pass *pass)
{
    struct check *check = pass->check;
    struct stream *rows = &pass->transactions;
    bool cancelled = stream_text(&pass->matches, CANCELLED) != NULL;
    int64_t sum = 0, last = NEVER, wanted = stream_int(&pass->matches, AMOUNT);

    for (; belongs(pass, rows, &pass->more_transactions);
         pass->more_transactions = stream_next(rows)) {
        if ((stream_text(rows, 1) != NULL) != cancelled)
            match_differs(pass, FOUND_MATCH_CANCELLED, stream_text(&pass->matches, CANCELLED),
                          stream_text(rows, 1));
        if (!same(stream_text(rows, 4), stream_text(&pass->matches, ACCOUNT)))
            match_differs(pass, FOUND_MATCH_ACCOUNT, stream_text(&pass->matches, ACCOUNT),
                          stream_text(rows, 4));
        add(&sum, stream_int(rows, 2));
        if (stream_day(rows, 3) > last)
            last = stream_day(rows, 3);
    }
    if (stream_text(&pass->matches, STATEMENT) != NULL) {
        if (wanted != stream_int(&pass->matches, OPENING))
            match_differs(pass, FOUND_MATCH_OPENING,
                          amount(check, stream_int(&pass->matches, OPENING)),
                          amount(check, wanted));
        return;
    }
    if (sum != wanted)
        match_differs(pass, FOUND_MATCH_TRANSACTIONS, amount(check, wanted), amount(check, sum));
    if (last != stream_day(&pass->matches, DATE))
        match_differs(pass, FOUND_MATCH_DATE, day(check, last), stream_text(&pass->matches, DATE));
}

/* Accounts follow each other: what waited on one of them is nil once the match settles it. */
static void end_account(struct pass *pass, const char *number, int64_t *sum)
{
    if (number[0] != '\0' && *sum != 0)
        match_differs(pass, FOUND_MATCH_WAITING, amount(pass->check, 0), amount(pass->check, *sum));
    *sum = 0;
}

static void judge_lines(struct pass *pass)
{
    struct check *check = pass->check;
    struct stream *rows = &pass->lines;
    bool cancelled = stream_text(&pass->matches, CANCELLED) != NULL;
    const char *bank = stream_text(&pass->matches, NUMBER);
    int64_t at_bank = 0, waiting = 0, wanted = stream_int(&pass->matches, AMOUNT);
    char number[NUMBER_TEXT] = "";

    for (; belongs(pass, rows, &pass->more_lines); pass->more_lines = stream_next(rows)) {
        if (cancelled) {
            if (stream_text(rows, 1) == NULL)
                match_differs(pass, FOUND_MATCH_CANCELLED, stream_text(&pass->matches, CANCELLED),
                              NULL);
            continue;
        }
        if (stream_text(rows, 1) != NULL) {
            match_differs(pass, FOUND_MATCH_CANCELLED, NULL, stream_text(rows, 1));
            continue;
        }
        if (same(stream_text(rows, 3), bank)) {
            add(&at_bank, stream_int(rows, 2));
            continue;
        }
        if (!same(stream_text(rows, 3), number))
            end_account(pass, number, &waiting);
        keep(number, sizeof(number), stream_text(rows, 3));
        add(&waiting, stream_int(rows, 2));
    }
    end_account(pass, number, &waiting);
    if (!cancelled && at_bank != wanted)
        match_differs(pass, FOUND_MATCH_LINES, amount(check, wanted), amount(check, at_bank));
}

static void judge_parts(struct pass *pass)
{
    struct check *check = pass->check;
    struct stream *rows = &pass->parts;
    int64_t sum = 0, wanted = stream_int(&pass->matches, AMOUNT), position = 0;

    for (; belongs(pass, rows, &pass->more_parts); pass->more_parts = stream_next(rows)) {
        add(&sum, stream_int(rows, 3));
        if (stream_int(rows, 1) != ++position)
            match_differs(pass, FOUND_MATCH_PARTS, count(check, position), stream_text(rows, 1));
        position = stream_int(rows, 1);
        if (stream_text(rows, 6) == NULL)
            continue;
        if (stream_int(rows, 3) != stream_int(rows, 4))
            match_differs(pass, FOUND_MATCH_PART, amount(check, stream_int(rows, 3)),
                          amount(check, stream_int(rows, 4)));
        else if (!stream_bool(rows, 5))
            match_differs(pass, FOUND_MATCH_PART,
                          named(check, "line", "ligne", stream_text(rows, 6)), NULL);
    }
    if (sum != wanted)
        match_differs(pass, FOUND_MATCH_PARTS, amount(check, wanted), amount(check, sum));
}

static void judge_pair(struct pass *pass)
{
    const struct stream *row = &pass->matches;

    if (stream_text(row, PAIR) == NULL || stream_text(row, CANCELLED) != NULL)
        return;
    if (!same(stream_text(row, PAIR_PAIR), stream_text(row, ID)) ||
        stream_text(row, PAIR_CANCELLED) != NULL)
        match_differs(pass, FOUND_MATCH_PAIR, stream_text(row, ID), stream_text(row, PAIR_PAIR));
    else if (same(stream_text(row, PAIR_ACCOUNT), stream_text(row, ACCOUNT)))
        match_differs(pass, FOUND_MATCH_PAIR,
                      words(pass->check, "another account", "un autre compte"),
                      stream_text(row, PAIR_ACCOUNT));
}

static void check_sums(struct check *check)
{
    struct pass pass = {.check = check};

    stream_open(&pass.matches, check, match_sql);
    stream_open(&pass.transactions, check, transaction_sql);
    stream_open(&pass.lines, check, line_sql);
    stream_open(&pass.parts, check, part_sql);
    pass.more_transactions = stream_next(&pass.transactions);
    pass.more_lines = stream_next(&pass.lines);
    pass.more_parts = stream_next(&pass.parts);
    while (stream_next(&pass.matches) && !check->failed) {
        judge_transactions(&pass);
        judge_lines(&pass);
        judge_parts(&pass);
        judge_pair(&pass);
    }
    stream_close(&pass.parts);
    stream_close(&pass.lines);
    stream_close(&pass.transactions);
    stream_close(&pass.matches);
}

/* What the parts of a match wrote on the bank's account is what they say they are. */
static void check_entries(struct check *check)
{
    struct stream rows;
    char entry[UUID_TEXT] = "";
    int64_t parts = 0, lines = 0;
    bool more;

    stream_open(&rows, check,
                "SELECT x.entry, x.side, x.amount FROM ("
                " SELECT p.entry_id AS entry, 0 AS side, p.amount FROM fund.match_part p"
                " WHERE p.entry_id IS NOT NULL"
                " UNION ALL SELECT l.entry_id, 1, l.amount FROM (SELECT DISTINCT p.organisation_id,"
                " p.entry_id, b.account_number FROM fund.match_part p"
                " JOIN fund.match m ON m.organisation_id = p.organisation_id AND m.id = p.match_id"
                " JOIN fund.bank_account b ON b.organisation_id = m.organisation_id"
                " AND b.id = m.bank_account_id WHERE p.entry_id IS NOT NULL) q"
                " JOIN fund.line l ON l.organisation_id = q.organisation_id"
                " AND l.entry_id = q.entry_id"
                " JOIN fund.account a ON a.organisation_id = l.organisation_id"
                " AND a.id = l.account_id AND a.number = q.account_number) x ORDER BY x.entry");
    do {
        more = stream_next(&rows);
        if (entry[0] != '\0' && (!more || !same(stream_text(&rows, 0), entry))) {
            if (parts != lines && !check->failed)
                differs(check, FOUND_MATCH_ENTRY, named(check, "entry", "écriture", entry),
                        amount(check, parts), amount(check, lines));
            parts = lines = 0;
        }
        if (more) {
            keep(entry, sizeof(entry), stream_text(&rows, 0));
            add(stream_int(&rows, 1) == 0 ? &parts : &lines, stream_int(&rows, 2));
        }
    } while (more);
    stream_close(&rows);
}

/* What a match booked of itself stands as long as the match does. */
static void check_reversed(struct check *check)
{
    struct stream rows;

    stream_open(&rows, check,
                "SELECT DISTINCT e.id, m.cancelled_at, r.id FROM fund.match_part p "
                "JOIN fund.match m ON m.organisation_id = p.organisation_id AND m.id = p.match_id "
                "JOIN fund.entry e ON e.organisation_id = p.organisation_id AND e.id = p.entry_id "
                "LEFT JOIN fund.entry r ON r.organisation_id = e.organisation_id"
                " AND r.reverses_entry_id = e.id WHERE e.source_kind = 'match' ORDER BY e.id");
    while (stream_next(&rows)) {
        bool cancelled = stream_text(&rows, 1) != NULL, reversed = stream_text(&rows, 2) != NULL;

        if (cancelled != reversed)
            differs(check, FOUND_MATCH_ENTRY,
                    named(check, "entry", "écriture", stream_text(&rows, 0)),
                    cancelled ? words(check, "reversed", "contre-passée")
                              : words(check, "in force", "en vigueur"),
                    reversed ? words(check, "reversed", "contre-passée")
                             : words(check, "in force", "en vigueur"));
    }
    stream_close(&rows);
}

static void check_once(struct check *check, const char *sql, enum finding finding, const char *en,
                       const char *fr)
{
    char last[UUID_TEXT] = "";
    struct stream rows;

    stream_open(&rows, check, sql);
    while (stream_next(&rows)) {
        if (same(last, stream_text(&rows, 0)))
            differs(check, finding, named(check, en, fr, last), words(check, "one", "un"),
                    words(check, "another one", "un autre"));
        keep(last, sizeof(last), stream_text(&rows, 0));
    }
    stream_close(&rows);
}

void check_matches(struct check *check)
{
    check_sums(check);
    check_entries(check);
    check_reversed(check);
    check_once(check,
               "SELECT x.line_id FROM fund.line_match x WHERE x.cancelled_at IS NULL "
               "ORDER BY x.line_id",
               FOUND_LINE_TWICE, "line", "ligne");
    check_once(check,
               "SELECT x.bank_transaction_id FROM fund.match_transaction x "
               "WHERE x.cancelled_at IS NULL ORDER BY x.bank_transaction_id",
               FOUND_TRANSACTION_TWICE, "bank line", "ligne de relevé");
}
