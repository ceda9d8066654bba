/* Reversals: each the opposite, line by line, of one entry that is none. */
#include "grenier-check/check.h"

static void check_pairs(struct check *check)
{
    char original[UUID_TEXT] = "";
    struct stream rows;

    stream_open(&rows, check,
                "SELECT r.id, r.reverses_entry_id, o.id, o.reverses_entry_id, r.date, o.date, "
                "r.source_kind, o.source_kind, r.source_id, o.source_id, r.journal_code, "
                "o.journal_code FROM fund.entry r LEFT JOIN fund.entry o "
                "ON o.organisation_id = r.organisation_id AND o.id = r.reverses_entry_id "
                "WHERE r.reverses_entry_id IS NOT NULL ORDER BY r.reverses_entry_id, r.id");
    while (stream_next(&rows)) {
        const char *name = named(check, "entry", "écriture", stream_text(&rows, 0));

        if (same(stream_text(&rows, 1), original)) {
            differs(check, FOUND_REVERSAL_TWICE, named(check, "entry", "écriture", original),
                    words(check, "one reversal", "une contre-passation"),
                    words(check, "another one", "une autre"));
            continue;
        }
        keep(original, sizeof(original), stream_text(&rows, 1));
        if (stream_text(&rows, 2) == NULL)
            continue; /* said as a reference to nothing */
        if (stream_text(&rows, 3) != NULL)
            differs(check, FOUND_REVERSAL_PAIR, name, words(check, "an entry", "une écriture"),
                    words(check, "a reversal", "une contre-passation"));
        else if (stream_day(&rows, 4) < stream_day(&rows, 5))
            differs(check, FOUND_REVERSAL_PAIR, name, stream_text(&rows, 5), stream_text(&rows, 4));
        else if (!same(stream_text(&rows, 6), stream_text(&rows, 7)) ||
                 !same(stream_text(&rows, 8), stream_text(&rows, 9)))
            differs(check, FOUND_REVERSAL_PAIR, name, stream_text(&rows, 7), stream_text(&rows, 6));
        else if (!same(stream_text(&rows, 10), stream_text(&rows, 11)))
            differs(check, FOUND_REVERSAL_PAIR, name, stream_text(&rows, 11),
                    stream_text(&rows, 10));
    }
    stream_close(&rows);
}

enum { VALUE_MAX = 2048 };

/* A line of a reversal and the line it takes back follow each other: position, then side. */
struct pairing {
    struct check *check;
    char reversal[UUID_TEXT];
    bool waiting, wrong; /* a line of the reversal waits for its opposite; already said */
    int64_t position, amount;
    char axes[VALUE_MAX]; /* account, fund, project, member and label of the line that waits */
};

static void unequal(struct pairing *pairing, const char *expected, const char *found)
{
    if (!pairing->wrong)
        differs(pairing->check, FOUND_REVERSAL_LINES,
                named(pairing->check, "entry", "écriture", pairing->reversal), expected, found);
    pairing->wrong = true;
    pairing->waiting = false;
}

static void take_side(struct pairing *pairing, const struct stream *row)
{
    struct check *check = pairing->check;
    bool original = stream_int(row, 2) == 1;
    int64_t value = stream_int(row, 3);

    if (!original) {
        if (pairing->waiting)
            unequal(pairing, NULL, amount(check, pairing->amount));
        pairing->waiting = true;
        pairing->position = stream_int(row, 1);
        pairing->amount = value;
        keep(pairing->axes, sizeof(pairing->axes), stream_text(row, 4));
        return;
    }
    if (!pairing->waiting || pairing->position != stream_int(row, 1))
        unequal(pairing, amount(check, -value), NULL);
    else if (pairing->amount != -value)
        unequal(pairing, amount(check, -value), amount(check, pairing->amount));
    else if (!same(pairing->axes, stream_text(row, 4)))
        unequal(pairing, stream_text(row, 4), pairing->axes);
    pairing->waiting = false;
}

static void end_pairing(struct pairing *pairing)
{
    if (pairing->waiting)
        unequal(pairing, NULL, amount(pairing->check, pairing->amount));
}

static void check_lines(struct check *check)
{
    struct pairing pairing = {.check = check};
    struct stream rows;

    stream_open(
        &rows, check,
        "SELECT x.reversal, l.position, x.side, l.amount, "
        "(l.account_id, l.fund_id, l.project_id, l.member_id, l.label)::text FROM ("
        " SELECT r.organisation_id, r.id AS reversal, r.id AS entry, 0 AS side"
        " FROM fund.entry r WHERE r.reverses_entry_id IS NOT NULL"
        " UNION ALL SELECT r.organisation_id, r.id, r.reverses_entry_id, 1"
        " FROM fund.entry r WHERE r.reverses_entry_id IS NOT NULL) x "
        "JOIN fund.line l ON l.organisation_id = x.organisation_id AND l.entry_id = x.entry "
        "ORDER BY x.reversal, l.position, x.side");
    while (stream_next(&rows)) {
        if (!same(pairing.reversal, stream_text(&rows, 0))) {
            end_pairing(&pairing);
            pairing = (struct pairing){.check = check};
            keep(pairing.reversal, sizeof(pairing.reversal), stream_text(&rows, 0));
        }
        take_side(&pairing, &rows);
    }
    end_pairing(&pairing);
    stream_close(&rows);
}

void check_reversals(struct check *check)
{
    check_pairs(check);
    check_lines(check);
}
