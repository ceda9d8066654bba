/* Bank statements against the lines they say. */
#include "grenier-check/check.h"

#include <stdlib.h>

struct sums {
    int64_t lines, in, out;
};

static void statement_differs(struct check *check, const struct stream *row, enum finding finding,
                              const char *expected, const char *found)
{
    differs(check, finding, named(check, "statement", "relevé", stream_text(row, 0)), expected,
            found);
}

static void judge_statement(struct check *check, const struct stream *row, const struct sums *sums)
{
    int64_t end = stream_int(row, 4);

    if (stream_int(row, 1) != sums->lines)
        statement_differs(check, row, FOUND_STATEMENT_COUNT, stream_text(row, 1),
                          count(check, sums->lines));
    if (stream_int(row, 2) != sums->in)
        statement_differs(check, row, FOUND_STATEMENT_SUMS, amount(check, stream_int(row, 2)),
                          amount(check, sums->in));
    if (stream_int(row, 3) != sums->out)
        statement_differs(check, row, FOUND_STATEMENT_SUMS, amount(check, stream_int(row, 3)),
                          amount(check, sums->out));
    if (stream_text(row, 4) == NULL || stream_text(row, 5) == NULL) {
        if (stream_text(row, 6) != NULL)
            statement_differs(check, row, FOUND_STATEMENT_BALANCED, NULL, stream_text(row, 6));
        return;
    }
    add(&end, sums->in);
    add(&end, sums->out);
    if (stream_bool(row, 6) != (end == stream_int(row, 5)))
        statement_differs(check, row, FOUND_STATEMENT_BALANCED, amount(check, end),
                          amount(check, stream_int(row, 5)));
}

static void check_statements(struct check *check)
{
    struct stream statements, lines;
    bool more;

    stream_open(
        &statements, check,
        "SELECT s.id, s.transactions, s.sum_in, s.sum_out, s.opening, s.closing, s.balanced "
        "FROM fund.bank_statement s ORDER BY s.id");
    stream_open(&lines, check,
                "SELECT x.bank_statement_id, t.amount FROM fund.bank_statement_transaction x "
                "LEFT JOIN fund.bank_transaction t ON t.organisation_id = x.organisation_id"
                " AND t.id = x.bank_transaction_id ORDER BY x.bank_statement_id");
    more = stream_next(&lines);
    while (stream_next(&statements)) {
        const char *id = stream_text(&statements, 0);
        struct sums sums = {0};

        /* Lines of no statement come before: they are said as references to nothing. */
        while (more && strcmp(stream_text(&lines, 0), id) <= 0) {
            int64_t value = stream_int(&lines, 1);

            if (same(stream_text(&lines, 0), id)) {
                sums.lines++;
                add(value > 0 ? &sums.in : &sums.out, value);
            }
            more = stream_next(&lines);
        }
        if (!check->failed)
            judge_statement(check, &statements, &sums);
    }
    stream_close(&lines);
    stream_close(&statements);
}

/* The lines that the statements of an account say they brought are the account's lines. */
static void check_new_lines(struct check *check)
{
    struct stream rows;
    char account[UUID_TEXT] = "";
    int64_t brought = 0, lines = 0;
    bool more;

    stream_open(&rows, check,
                "SELECT x.account, x.side, x.n FROM ("
                " SELECT s.bank_account_id AS account, 0 AS side, s.new_transactions AS n"
                " FROM fund.bank_statement s"
                " UNION ALL SELECT t.bank_account_id, 1, 1 FROM fund.bank_transaction t) x "
                "ORDER BY x.account, x.side");
    do {
        more = stream_next(&rows);
        if (account[0] != '\0' && (!more || !same(stream_text(&rows, 0), account))) {
            if (brought != lines && !check->failed)
                differs(check, FOUND_STATEMENT_NEW,
                        named(check, "bank account", "compte bancaire", account),
                        count(check, brought), count(check, lines));
            brought = lines = 0;
        }
        if (more) {
            keep(account, sizeof(account), stream_text(&rows, 0));
            add(stream_int(&rows, 1) == 0 ? &brought : &lines, stream_int(&rows, 2));
        }
    } while (more);
    stream_close(&rows);
}

static void check_unsaid(struct check *check)
{
    struct stream rows;

    stream_open(&rows, check,
                "SELECT t.id FROM fund.bank_transaction t "
                "WHERE NOT EXISTS (SELECT FROM fund.bank_statement_transaction x"
                " WHERE x.organisation_id = t.organisation_id AND x.bank_transaction_id = t.id) "
                "ORDER BY t.id");
    while (stream_next(&rows))
        differs(check, FOUND_TRANSACTION_UNSAID,
                named(check, "bank line", "ligne de relevé", stream_text(&rows, 0)),
                words(check, "a statement", "un relevé"), NULL);
    stream_close(&rows);
}

void check_bank(struct check *check)
{
    check_statements(check);
    check_new_lines(check);
    check_unsaid(check);
}
