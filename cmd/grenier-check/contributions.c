/* Contributions, in money and in kind, against the entries they wrote. */
#include "grenier-check/check.h"

enum column {
    ID,
    STATUS,
    AMOUNT,
    FUND,
    PROJECT,
    MEMBER,
    NATURE,
    LEGAL_FORM,
    MEANS,
    RECEIVED_ON,
    SIGNED_ON,
    INCOME,
    RECEIPT,
    RETURN,
    ENTRY,
    ENTRY_YEAR,
    ENTRY_DATE,
    ENTRY_RECORDED,
    ENTRY_REVERSED,
    LINE_AMOUNT,
    LINE_ACCOUNT,
    LINE_FUND,
    LINE_PROJECT,
    LINE_MEMBER
};

static const char contribution_sql[] =
    "SELECT c.id, c.status, c.amount, c.fund_id, c.project_id, c.member_id, c.nature, "
    "c.giver_legal_form, c.means, c.received_on, c.agreement_signed_on, c.entry_id, "
    "c.receipt_entry_id, c.return_entry_id, e.id, e.fiscal_year_id, e.date, " MICROSECONDS(
        "e.recorded_at") ", "
                         "(SELECT r.id FROM fund.entry r WHERE r.organisation_id = "
                         "e.organisation_id"
                         " AND r.reverses_entry_id = e.id LIMIT 1), "
                         "l.amount, a.number, l.fund_id, l.project_id, l.member_id "
                         "FROM fund.contribution c "
                         "LEFT JOIN fund.entry e ON e.organisation_id = c.organisation_id"
                         " AND e.source_kind = 'contribution' AND e.source_id = c.id "
                         "LEFT JOIN fund.line l ON l.organisation_id = e.organisation_id"
                         " AND l.entry_id = e.id "
                         "LEFT JOIN fund.account a ON a.organisation_id = l.organisation_id"
                         " AND a.id = l.account_id ORDER BY c.id, e.id, l.position";

/* An entry that a contribution names. */
struct own_entry {
    char id[UUID_TEXT]; /* "": it names none */
    bool found, reversed, axes_right;
    size_t year;
    int64_t date, recorded_us, debit;
    char debited[NUMBER_TEXT], credited[NUMBER_TEXT];
};

enum role { ROLE_INCOME, ROLE_RECEIPT, ROLE_RETURN, ROLE_COUNT };

struct contribution {
    char id[UUID_TEXT], status[16], nature[32], legal_form[32], means[16];
    char fund[UUID_TEXT], project[UUID_TEXT], member[UUID_TEXT];
    int64_t amount, received_on, signed_on;
    int64_t money; /* what its entries hold in class 5 */
    struct own_entry entries[ROLE_COUNT];
};

static void begin(struct contribution *c, const struct stream *row)
{
    *c = (struct contribution){.amount = stream_int(row, AMOUNT),
                               .received_on = stream_day(row, RECEIVED_ON),
                               .signed_on = stream_day(row, SIGNED_ON)};
    keep(c->id, sizeof(c->id), stream_text(row, ID));
    keep(c->status, sizeof(c->status), stream_text(row, STATUS));
    keep(c->nature, sizeof(c->nature), stream_text(row, NATURE));
    keep(c->legal_form, sizeof(c->legal_form), stream_text(row, LEGAL_FORM));
    keep(c->means, sizeof(c->means), stream_text(row, MEANS));
    keep(c->fund, sizeof(c->fund), stream_text(row, FUND));
    keep(c->project, sizeof(c->project), stream_text(row, PROJECT));
    keep(c->member, sizeof(c->member), stream_text(row, MEMBER));
    for (size_t role = 0; role < ROLE_COUNT; role++)
        keep(c->entries[role].id, UUID_TEXT, stream_text(row, INCOME + (int)role));
}

static bool axis(const char *own, const char *of_line)
{
    return strcmp(own, of_line == NULL ? "" : of_line) == 0;
}

static void take_line(const struct frames *frames, struct contribution *c, const struct stream *row)
{
    const char *entry = stream_text(row, ENTRY), *account = stream_text(row, LINE_ACCOUNT);
    int64_t value = stream_int(row, LINE_AMOUNT);

    if (account != NULL && account[0] == '5')
        add(&c->money, value);
    for (size_t role = 0; role < ROLE_COUNT && entry != NULL; role++) {
        struct own_entry *own = &c->entries[role];

        if (strcmp(own->id, entry) != 0)
            continue;
        if (!own->found) {
            own->found = own->axes_right = true;
            own->reversed = stream_text(row, ENTRY_REVERSED) != NULL;
            own->year = frames_year(frames, stream_text(row, ENTRY_YEAR));
            own->date = stream_day(row, ENTRY_DATE);
            own->recorded_us = stream_int(row, ENTRY_RECORDED);
        }
        if (value > 0)
            add(&own->debit, value);
        keep(value > 0 ? own->debited : own->credited, NUMBER_TEXT, account);
        own->axes_right =
            own->axes_right && axis(c->fund, stream_text(row, LINE_FUND)) &&
            (role == ROLE_RETURN || (axis(c->project, stream_text(row, LINE_PROJECT)) &&
                                     axis(c->member, stream_text(row, LINE_MEMBER))));
    }
}

static void contribution_differs(struct check *check, const struct contribution *c,
                                 enum finding finding, const char *expected, const char *found)
{
    differs(check, finding, named(check, "contribution", "versement", c->id), expected, found);
}

static bool starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Where money is on the day it comes, by its means; a bank account always may. */
static bool money_account(const char *means, const char *account)
{
    static const struct {
        const char *means, *account;
    } places[] = {{"cheque", "5112"}, {"cash", "530"}, {"card", "517"}, {"platform", "517"}};

    for (size_t i = 0; i < ARRAY_SIZE(places); i++)
        if (same(means, places[i].means) && same(account, places[i].account))
            return true;
    return starts(account, "512");
}

static void judge_accounts(struct check *check, const struct contribution *c)
{
    const struct own_entry *income = &c->entries[ROLE_INCOME], *receipt = &c->entries[ROLE_RECEIPT];
    const struct nature *rule;
    bool agreement;

    if (!income->found || income->year == SIZE_MAX)
        return;
    rule = frames_nature(&check->frames, c->nature, c->legal_form, income->year);
    if (rule == NULL) {
        contribution_differs(
            check, c, FOUND_CONTRIBUTION_ACCOUNT,
            words(check, "a nature this giver can have", "une nature que ce donateur peut avoir"),
            c->nature);
        return;
    }
    agreement = rule->agreement[0] != '\0' && c->signed_on != NEVER;
    if (!same(income->credited, rule->account) && !same(income->credited, rule->counterpart))
        contribution_differs(check, c, FOUND_CONTRIBUTION_ACCOUNT, rule->account, income->credited);
    if (agreement ? !same(income->debited, rule->agreement)
                  : !money_account(c->means, income->debited))
        contribution_differs(check, c, FOUND_CONTRIBUTION_ACCOUNT,
                             agreement ? rule->agreement : c->means, income->debited);
    if (receipt->found && !money_account(c->means, receipt->debited))
        contribution_differs(check, c, FOUND_CONTRIBUTION_ACCOUNT, c->means, receipt->debited);
    if (receipt->found && !same(receipt->credited, income->debited))
        contribution_differs(check, c, FOUND_CONTRIBUTION_ACCOUNT, income->debited,
                             receipt->credited);
}

/* An entry bears the day of the fact, or a later one where that day could no longer be posted. */
static void judge_date(struct check *check, const struct contribution *c,
                       const struct own_entry *entry, int64_t fact)
{
    if (!entry->found || entry->date == fact)
        return;
    if (fact == NEVER || entry->date < fact ||
        frames_open(&check->frames, fact, entry->recorded_us))
        contribution_differs(check, c, FOUND_CONTRIBUTION_DATE, day(check, fact),
                             day(check, entry->date));
}

/* Which of its entries stand, by its status: 1 must stand, 0 must be taken back. */
static void judge_status(struct check *check, const struct contribution *c)
{
    bool undone = same(c->status, "cancelled") || same(c->status, "corrected");
    bool returned = c->entries[ROLE_RETURN].id[0] != '\0';

    for (size_t role = 0; role < ROLE_COUNT; role++) {
        const struct own_entry *entry = &c->entries[role];
        /* A payment that the bank took back is taken back by the return, not by a reversal. */
        bool reversed = undone && (role == ROLE_INCOME || (role == ROLE_RECEIPT && !returned));

        if (entry->found && entry->reversed != reversed)
            contribution_differs(
                check, c, FOUND_CONTRIBUTION_STATUS, c->status,
                entry->reversed
                    ? words(check, "its entry is reversed", "son écriture est contre-passée")
                    : words(check, "its entry stands", "son écriture est en vigueur"));
    }
    if (returned != (same(c->status, "returned") || (undone && returned)))
        contribution_differs(check, c, FOUND_CONTRIBUTION_STATUS, c->status,
                             words(check, "a return", "un retour"));
}

static void judge(struct check *check, const struct contribution *c)
{
    int64_t money = same(c->status, "recorded") ? c->amount : 0;
    bool claim;

    if (c->id[0] == '\0' || check->failed)
        return;
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        const struct own_entry *entry = &c->entries[role];

        if (!entry->found && (entry->id[0] != '\0' || role == ROLE_INCOME)) {
            contribution_differs(check, c, FOUND_CONTRIBUTION_ENTRY, entry->id, NULL);
            continue;
        }
        if (entry->found && entry->debit != c->amount)
            contribution_differs(check, c, FOUND_CONTRIBUTION_AMOUNT, amount(check, c->amount),
                                 amount(check, entry->debit));
        if (entry->found && !entry->axes_right)
            contribution_differs(check, c, FOUND_CONTRIBUTION_AXES, c->fund,
                                 words(check, "others", "d’autres"));
    }
    claim = !starts(c->entries[ROLE_INCOME].debited, "5");
    judge_accounts(check, c);
    judge_date(check, c, &c->entries[ROLE_INCOME], claim ? c->signed_on : c->received_on);
    judge_date(check, c, &c->entries[ROLE_RECEIPT], c->received_on);
    judge_status(check, c);
    if (c->money != money)
        contribution_differs(check, c, FOUND_CONTRIBUTION_MONEY, amount(check, money),
                             amount(check, c->money));
}

static void check_money(struct check *check)
{
    struct contribution c = {0};
    struct stream rows;

    stream_open(&rows, check, contribution_sql);
    while (stream_next(&rows)) {
        if (!same(c.id, stream_text(&rows, ID))) {
            judge(check, &c);
            begin(&c, &rows);
        }
        take_line(&check->frames, &c, &rows);
    }
    judge(check, &c);
    stream_close(&rows);
}

static void check_corrections(struct check *check)
{
    struct stream rows;

    stream_open(&rows, check,
                "SELECT c.id, c.status, c.corrects_id, o.corrected_by_id, c.corrected_by_id, "
                "n.corrects_id FROM fund.contribution c "
                "LEFT JOIN fund.contribution o ON o.organisation_id = c.organisation_id"
                " AND o.id = c.corrects_id "
                "LEFT JOIN fund.contribution n ON n.organisation_id = c.organisation_id"
                " AND n.id = c.corrected_by_id "
                "WHERE c.corrects_id IS NOT NULL OR c.corrected_by_id IS NOT NULL "
                "OR c.status = 'corrected' ORDER BY c.id");
    while (stream_next(&rows)) {
        const char *id = stream_text(&rows, 0);
        const char *name = named(check, "contribution", "versement", id);

        if (stream_text(&rows, 2) != NULL && !same(stream_text(&rows, 3), id))
            differs(check, FOUND_CONTRIBUTION_CORRECTION, name, id, stream_text(&rows, 3));
        else if (same(stream_text(&rows, 1), "corrected") && !same(stream_text(&rows, 5), id))
            differs(check, FOUND_CONTRIBUTION_CORRECTION, name, id, stream_text(&rows, 5));
    }
    stream_close(&rows);
}

static bool in_kind_accounts(const char *kind, const char *debited, const char *credited)
{
    static const struct {
        const char *kind, *debited, *credited;
    } accounts[] = {{"volunteer_time", "864", "875"},
                    {"goods", "860", "870"},
                    {"premises", "861", "871"},
                    {"services", "862", "871"}};

    for (size_t i = 0; i < ARRAY_SIZE(accounts); i++)
        if (same(kind, accounts[i].kind))
            return same(debited, accounts[i].debited) && same(credited, accounts[i].credited);
    return false;
}

static void judge_in_kind(struct check *check, const struct stream *row)
{
    const char *name = named(check, "contribution in kind", "don en nature", stream_text(row, 0));
    bool cancelled = same(stream_text(row, 1), "cancelled");

    if (!same(stream_text(row, 5), stream_text(row, 0)) || !same(stream_text(row, 6), "in_kind"))
        differs(check, FOUND_IN_KIND, name, stream_text(row, 4), NULL);
    else if (stream_int(row, 2) != stream_int(row, 7))
        differs(check, FOUND_IN_KIND, name, amount(check, stream_int(row, 2)),
                amount(check, stream_int(row, 7)));
    else if (!same(stream_text(row, 3), stream_text(row, 8)))
        differs(check, FOUND_IN_KIND, name, stream_text(row, 3), stream_text(row, 8));
    else if (cancelled != (stream_text(row, 9) != NULL))
        differs(check, FOUND_IN_KIND, name, stream_text(row, 1),
                cancelled
                    ? words(check, "its entry stands", "son écriture est en vigueur")
                    : words(check, "its entry is reversed", "son écriture est contre-passée"));
    else if (!in_kind_accounts(stream_text(row, 10), stream_text(row, 11), stream_text(row, 12)))
        differs(check, FOUND_IN_KIND, name, stream_text(row, 10), stream_text(row, 11));
}

static void check_in_kind(struct check *check)
{
    struct stream rows;

    stream_open(
        &rows, check,
        "SELECT k.id, k.status, k.value, k.given_on, k.entry_id, e.source_id, e.source_kind, "
        "d.amount, e.date, (SELECT r.id FROM fund.entry r"
        " WHERE r.organisation_id = k.organisation_id AND r.reverses_entry_id = k.entry_id LIMIT "
        "1), "
        "k.kind, a.number, b.number FROM fund.in_kind_contribution k "
        "LEFT JOIN fund.entry e ON e.organisation_id = k.organisation_id AND e.id = k.entry_id "
        "LEFT JOIN fund.line d ON d.organisation_id = e.organisation_id AND d.entry_id = e.id"
        " AND d.position = 1 "
        "LEFT JOIN fund.line c ON c.organisation_id = e.organisation_id AND c.entry_id = e.id"
        " AND c.position = 2 "
        "LEFT JOIN fund.account a ON a.organisation_id = d.organisation_id AND a.id = d.account_id "
        "LEFT JOIN fund.account b ON b.organisation_id = c.organisation_id AND b.id = c.account_id "
        "ORDER BY k.id");
    while (stream_next(&rows))
        judge_in_kind(check, &rows);
    stream_close(&rows);
}

/* Every entry that was not written by hand has what wrote it. */
static void check_sources(struct check *check)
{
    struct stream rows;

    stream_open(&rows, check,
                "SELECT e.id, e.source_kind, e.source_id, c.id, k.id, m.id FROM fund.entry e "
                "LEFT JOIN fund.contribution c ON c.organisation_id = e.organisation_id"
                " AND c.id = e.source_id "
                "LEFT JOIN fund.in_kind_contribution k ON k.organisation_id = e.organisation_id"
                " AND k.id = e.source_id "
                "LEFT JOIN fund.match m ON m.organisation_id = e.organisation_id"
                " AND m.id = e.source_id WHERE e.source_kind <> 'manual' ORDER BY e.id");
    while (stream_next(&rows)) {
        const char *kind = stream_text(&rows, 1);
        int column = same(kind, "contribution") ? 3 : same(kind, "in_kind") ? 4 : 5;

        if (stream_text(&rows, column) == NULL)
            differs(check, FOUND_ENTRY_SOURCE,
                    named(check, "entry", "écriture", stream_text(&rows, 0)),
                    named(check, kind, kind, or_nothing(check, stream_text(&rows, 2))), NULL);
    }
    stream_close(&rows);
}

void check_contributions(struct check *check)
{
    check_money(check);
    check_corrections(check);
    check_in_kind(check);
    check_sources(check);
}
