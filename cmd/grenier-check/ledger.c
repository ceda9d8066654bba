/* Entries with their lines, in one pass over both; the kept balances from the same pass. */
#include "base/crypto.h"
#include "base/date.h"
#include "base/writer.h"
#include "grenier-check/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { CANONICAL_MAX = 64 * 1024, SLOTS_FIRST = 1024, HASH_TEXT = SHA256_HEX_SIZE };

/* ------------------------------------------------------------------------------------------------
 * Balances by year, account, fund and month, and by year alone (month NEVER): as many as the kept
 * ones, never as many as lines
 * ------------------------------------------------------------------------------------------------
 */

struct balance {
    bool used, kept; /* kept: fund.balance has it too */
    int64_t account, month;
    size_t year, fund;
    int64_t debit, credit, lines;
};

struct balances {
    struct balance *slots;
    size_t size, used; /* size: a power of two */
};

static size_t place_of(const struct balances *balances, const struct balance *key)
{
    uint64_t hash = (uint64_t)key->account * UINT64_C(0x9E3779B97F4A7C15);
    size_t at;

    hash ^= (uint64_t)key->month * UINT64_C(0xC2B2AE3D27D4EB4F) + (hash >> 29);
    hash ^= ((uint64_t)key->year << 32 | key->fund) * UINT64_C(0x165667B19E3779F9) + (hash >> 32);
    hash *= UINT64_C(0x9E3779B97F4A7C15);
    for (at = (size_t)(hash >> 20) & (balances->size - 1); balances->slots[at].used;
         at = (at + 1) & (balances->size - 1)) {
        const struct balance *other = &balances->slots[at];

        if (other->account == key->account && other->month == key->month &&
            other->year == key->year && other->fund == key->fund)
            break;
    }
    return at;
}

static void grow(struct balances *balances)
{
    struct balances larger = {.size = balances->size == 0 ? SLOTS_FIRST : balances->size * 2,
                              .used = balances->used};

    larger.slots = calloc(larger.size, sizeof(*larger.slots));
    ASSERT(larger.slots != NULL);
    for (size_t i = 0; i < balances->size; i++)
        if (balances->slots[i].used)
            larger.slots[place_of(&larger, &balances->slots[i])] = balances->slots[i];
    free(balances->slots);
    *balances = larger;
}

static struct balance *balance_of(struct balances *balances, const struct balance *key)
{
    size_t at;

    if (balances->used * 4 >= balances->size * 3)
        grow(balances);
    at = place_of(balances, key);
    if (!balances->slots[at].used) {
        balances->slots[at] = *key;
        balances->slots[at].used = true;
        balances->used++;
    }
    return &balances->slots[at];
}

static int64_t month_of(int64_t on)
{
    struct date date = date_from_days(on);

    date.day = 1;
    return date_to_days(date);
}

static const char *balance_name(struct check *check, const struct balance *balance)
{
    const struct frames *frames = &check->frames;
    const struct account *account = frames_account(frames, balance->account);
    const char *from = balance->month != NEVER     ? day(check, balance->month)
                       : balance->year == SIZE_MAX ? "?"
                                                   : frames->years[balance->year].id;
    const char *text = arena_printf(
        &check->arena, "%s, %s %s, %s %s", account == NULL ? "?" : account->number,
        words(check, "fund", "fonds"),
        balance->fund == SIZE_MAX ? "?" : frames->funds[balance->fund].id,
        balance->month != NEVER ? words(check, "month", "mois") : words(check, "year", "exercice"),
        from);

    return named(check, "account", "compte", text);
}

static const char *figures(struct check *check, int64_t debit, int64_t credit, int64_t lines)
{
    const char *left = amount(check, debit), *right = amount(check, credit);

    return arena_printf(&check->arena, "%s / %s / %lld", left, right, (long long)lines);
}

static void compare_balances(struct check *check, struct balances *balances)
{
    struct stream rows;

    stream_open(
        &rows, check,
        "SELECT b.fiscal_year_id, b.account_id, b.fund_id, b.month, b.debit, b.credit, b.lines "
        "FROM fund.balance b UNION ALL SELECT y.fiscal_year_id, y.account_id, y.fund_id, "
        "NULL::date, y.debit, y.credit, y.lines FROM fund.year_balance y");
    while (stream_next(&rows)) {
        struct balance key = {.year = frames_year(&check->frames, stream_text(&rows, 0)),
                              .account = stream_int(&rows, 1),
                              .fund = frames_fund(&check->frames, stream_text(&rows, 2)),
                              .month = stream_day(&rows, 3)};
        struct balance *sum = balance_of(balances, &key);
        int64_t debit = stream_int(&rows, 4), credit = stream_int(&rows, 5),
                lines = stream_int(&rows, 6);

        if (sum->debit != debit || sum->credit != credit || sum->lines != lines)
            differs(check, FOUND_BALANCE_KEPT, balance_name(check, sum),
                    figures(check, sum->debit, sum->credit, sum->lines),
                    figures(check, debit, credit, lines));
        sum->kept = true;
    }
    stream_close(&rows);
    for (size_t i = 0; i < balances->size && !check->failed; i++) {
        const struct balance *sum = &balances->slots[i];

        if (sum->used && !sum->kept)
            differs(check, FOUND_BALANCE_KEPT, balance_name(check, sum),
                    figures(check, sum->debit, sum->credit, sum->lines), NULL);
    }
}

/* ------------------------------------------------------------------------------------------------
 * Entries
 * ------------------------------------------------------------------------------------------------
 */

enum entry_column {
    ENTRY_ID,
    ENTRY_YEAR,
    ENTRY_JOURNAL,
    ENTRY_NUMBER,
    ENTRY_DATE,
    ENTRY_LABEL,
    ENTRY_LINE_COUNT,
    ENTRY_TOTAL,
    ENTRY_SOURCE_KIND,
    ENTRY_SOURCE_ID,
    ENTRY_REVERSES,
    ENTRY_REASON,
    ENTRY_RECORDED,
    ENTRY_BY,
    ENTRY_HASH,
    ENTRY_ORGANISATION
};
enum line_column {
    LINE_ENTRY,
    LINE_POSITION,
    LINE_ACCOUNT,
    LINE_AMOUNT,
    LINE_FUND,
    LINE_PROJECT,
    LINE_MEMBER,
    LINE_LABEL,
    LINE_ID,
    LINE_DATE
};

static const char entry_sql[] =
    "SELECT e.id, e.fiscal_year_id, e.journal_code, e.number, e.date, e.label, e.line_count, "
    "e.total, e.source_kind, e.source_id, e.reverses_entry_id, e.reason, " MICROSECONDS(
        "e.recorded_at") ", e.recorded_by, encode(e.hash, 'hex'), e.organisation_id "
                         "FROM fund.entry e ORDER BY e.id";
static const char line_sql[] =
    "SELECT l.entry_id, l.position, l.account_id, l.amount, l.fund_id, l.project_id, l.member_id, "
    "l.label, l.id, l.date FROM fund.line l ORDER BY l.entry_id, l.date, l.position";

/* What one pass holds of the entry it is at. */
struct pass {
    struct check *check;
    struct stream entries, lines;
    bool more_lines;
    struct balances balances;
    int64_t *fund_sums; /* one for each fund, nil between entries */
    struct writer canonical;
    struct sha256 *sha;
    char entry[UUID_TEXT];
    size_t year;
    int64_t date, sum, debit, n_lines;
    bool manual, reversal, positions_right;
};

/* A value as a JSON array of PostgreSQL writes it (decision 12): the text of a jsonb. */
static void canonical_text(struct writer *writer, const char *text)
{
    if (text == NULL) {
        writer_text(writer, "null");
        return;
    }
    writer_char(writer, '"');
    for (; *text != '\0'; text++)
        switch (*text) {
        case '"':
        case '\\':
            writer_char(writer, '\\');
            writer_char(writer, *text);
            break;
        case '\b':
            writer_text(writer, "\\b");
            break;
        case '\f':
            writer_text(writer, "\\f");
            break;
        case '\n':
            writer_text(writer, "\\n");
            break;
        case '\r':
            writer_text(writer, "\\r");
            break;
        case '\t':
            writer_text(writer, "\\t");
            break;
        default:
            if ((unsigned char)*text < ' ')
                writer_format(writer, "\\u%04x", (unsigned)*text);
            else
                writer_char(writer, *text);
        }
    writer_char(writer, '"');
}

/* One row as a JSON array and a line feed into the running digest: `columns` in order, numbers (a
 * '#' in `kinds`) bare, texts (a 't') quoted. */
static void canonical_row(struct pass *pass, const struct stream *row, const char *kinds,
                          const int *columns)
{
    struct writer *writer = &pass->canonical;

    writer->size = 0;
    for (size_t i = 0; kinds[i] != '\0'; i++) {
        const char *text = stream_text(row, columns[i]);

        writer_text(writer, i == 0 ? "[" : ", ");
        if (kinds[i] == '#')
            writer_text(writer, text == NULL ? "null" : text);
        else
            canonical_text(writer, text);
    }
    writer_text(writer, "]\n");
    ASSERT(!writer->failed);
    sha256_add(pass->sha, writer->data, writer->size);
}

static void canonical_entry(struct pass *pass)
{
    static const int columns[] = {
        ENTRY_ORGANISATION, ENTRY_ID,       ENTRY_YEAR,       ENTRY_JOURNAL,  ENTRY_NUMBER,
        ENTRY_DATE,         ENTRY_LABEL,    ENTRY_LINE_COUNT, ENTRY_TOTAL,    ENTRY_SOURCE_KIND,
        ENTRY_SOURCE_ID,    ENTRY_REVERSES, ENTRY_REASON,     ENTRY_RECORDED, ENTRY_BY};

    canonical_row(pass, &pass->entries, "tttt#tt##tttt#t", columns);
}

static void canonical_line(struct pass *pass)
{
    static const int columns[] = {LINE_POSITION, LINE_ACCOUNT, LINE_AMOUNT, LINE_FUND,
                                  LINE_PROJECT,  LINE_MEMBER,  LINE_LABEL};

    canonical_row(pass, &pass->lines, "###tttt", columns);
}

static const char *entry_name(const struct pass *pass)
{
    const char *text = arena_printf(&pass->check->arena, "%s (%s %s)", pass->entry,
                                    stream_text(&pass->entries, ENTRY_JOURNAL),
                                    stream_text(&pass->entries, ENTRY_NUMBER));

    return named(pass->check, "entry", "écriture", text);
}

static void entry_differs(const struct pass *pass, enum finding finding, const char *expected,
                          const char *found)
{
    differs(pass->check, finding, entry_name(pass), expected, found);
}

static void line_orphan(struct pass *pass)
{
    struct check *check = pass->check;

    differs(check, FOUND_LINE_ORPHAN,
            named(check, "line", "ligne", stream_text(&pass->lines, LINE_ID)),
            stream_text(&pass->lines, LINE_ENTRY), NULL);
}

static void account_in_force(const struct pass *pass)
{
    const struct frames *frames = &pass->check->frames;
    const struct account *account = frames_account(frames, stream_int(&pass->lines, LINE_ACCOUNT));
    int64_t on;

    /* A reversal names the accounts of what it takes back, whatever the chart says by then. */
    if (account == NULL || pass->reversal || pass->year == SIZE_MAX)
        return;
    on = frames_chart_day(frames, pass->year);
    if (account->valid_from > on || (account->valid_to != NEVER && account->valid_to < on))
        entry_differs(pass, FOUND_ENTRY_ACCOUNT, day(pass->check, on), account->number);
}

static void add_to_balance(struct balances *balances, const struct balance *key, int64_t value)
{
    struct balance *balance = balance_of(balances, key);

    balance->lines++;
    if (value > 0)
        add(&balance->debit, value);
    else
        add(&balance->credit, -value);
}

static void take_line(struct pass *pass)
{
    const struct frames *frames = &pass->check->frames;
    int64_t value = stream_int(&pass->lines, LINE_AMOUNT);
    struct balance key = {.year = pass->year,
                          .fund = frames_fund(frames, stream_text(&pass->lines, LINE_FUND)),
                          .account = stream_int(&pass->lines, LINE_ACCOUNT),
                          .month = month_of(pass->date)};

    add_to_balance(&pass->balances, &key, value);
    key.month = NEVER;
    add_to_balance(&pass->balances, &key, value);
    pass->check->lines++;
    pass->n_lines++;
    add(&pass->sum, value);
    if (value > 0)
        add(&pass->debit, value);
    if (key.fund != SIZE_MAX)
        add(&pass->fund_sums[key.fund], value);
    if (stream_int(&pass->lines, LINE_POSITION) != pass->n_lines)
        pass->positions_right = false;
    if (stream_day(&pass->lines, LINE_DATE) != pass->date)
        entry_differs(pass, FOUND_LINE_DATE, day(pass->check, pass->date),
                      stream_text(&pass->lines, LINE_DATE));
    canonical_line(pass);
    account_in_force(pass);
}

static void judge_lines(struct pass *pass)
{
    struct check *check = pass->check;
    int64_t announced = stream_int(&pass->entries, ENTRY_LINE_COUNT),
            total = stream_int(&pass->entries, ENTRY_TOTAL);

    if (pass->sum != 0)
        entry_differs(pass, FOUND_ENTRY_SUM, amount(check, 0), amount(check, pass->sum));
    if (pass->debit != total)
        entry_differs(pass, FOUND_ENTRY_TOTAL, amount(check, total), amount(check, pass->debit));
    if (pass->n_lines != announced || pass->n_lines < 2)
        entry_differs(pass, FOUND_ENTRY_LINES, count(check, announced),
                      count(check, pass->n_lines));
    else if (!pass->positions_right)
        entry_differs(pass, FOUND_ENTRY_POSITION, words(check, "1, 2, 3…", "1, 2, 3…"),
                      words(check, "another order", "un autre ordre"));
    for (size_t i = 0; i < check->frames.n_funds; i++) {
        if (pass->fund_sums[i] != 0 && !pass->manual)
            entry_differs(pass, FOUND_ENTRY_FUND, amount(check, 0),
                          amount(check, pass->fund_sums[i]));
        pass->fund_sums[i] = 0;
    }
}

static void judge_hash(struct pass *pass)
{
    unsigned char digest[SHA256_SIZE];
    char hex[HASH_TEXT];

    sha256_finish(pass->sha, digest);
    pass->sha = NULL;
    crypto_hex(digest, sizeof(digest), hex);
    if (!same(hex, stream_text(&pass->entries, ENTRY_HASH)))
        entry_differs(pass, FOUND_ENTRY_HASH, hex, stream_text(&pass->entries, ENTRY_HASH));
}

static void judge_period(struct pass *pass)
{
    struct check *check = pass->check;
    const struct frames *frames = &check->frames;
    int64_t recorded_us = stream_int(&pass->entries, ENTRY_RECORDED), locked;
    const struct year *year;

    if (recorded_us > frames->last_recorded_us)
        entry_differs(pass, FOUND_ENTRY_RECORDED, count(check, frames->last_recorded_us),
                      count(check, recorded_us));
    if (pass->year == SIZE_MAX)
        return; /* said as a reference to nothing */
    year = &frames->years[pass->year];
    if (pass->date < year->starts_on || pass->date > year->ends_on) {
        const char *from = day(check, year->starts_on), *to = day(check, year->ends_on);

        entry_differs(pass, FOUND_ENTRY_YEAR, arena_printf(&check->arena, "%s – %s", from, to),
                      day(check, pass->date));
    }
    locked = frames_locked(frames, pass->year, recorded_us);
    if (locked != NEVER && pass->date <= locked)
        entry_differs(pass, FOUND_ENTRY_LOCKED, day(check, locked + 1), day(check, pass->date));
    if (year->closed_us != NEVER && recorded_us >= year->closed_us)
        entry_differs(pass, FOUND_ENTRY_CLOSED, count(check, year->closed_us),
                      count(check, recorded_us));
}

static void take_entry(struct pass *pass)
{
    const char *kind = stream_text(&pass->entries, ENTRY_SOURCE_KIND);
    bool reversal = stream_text(&pass->entries, ENTRY_REVERSES) != NULL;

    keep(pass->entry, sizeof(pass->entry), stream_text(&pass->entries, ENTRY_ID));
    pass->year = frames_year(&pass->check->frames, stream_text(&pass->entries, ENTRY_YEAR));
    pass->date = stream_day(&pass->entries, ENTRY_DATE);
    pass->sum = pass->debit = pass->n_lines = 0;
    pass->manual = same(kind, "manual");
    pass->reversal = reversal;
    pass->positions_right = true;
    pass->check->entries++;
    pass->sha = sha256_new();
    canonical_entry(pass);
    while (pass->more_lines && strcmp(stream_text(&pass->lines, LINE_ENTRY), pass->entry) < 0) {
        line_orphan(pass);
        pass->more_lines = stream_next(&pass->lines);
    }
    while (pass->more_lines && same(stream_text(&pass->lines, LINE_ENTRY), pass->entry)) {
        take_line(pass);
        pass->more_lines = stream_next(&pass->lines);
    }
    if (pass->check->failed) {
        sha256_free(pass->sha);
        return;
    }
    judge_lines(pass);
    judge_hash(pass);
    judge_period(pass);
}

void check_ledger(struct check *check)
{
    struct pass pass = {.check = check};

    grow(&pass.balances);
    pass.fund_sums = calloc(check->frames.n_funds + 1, sizeof(*pass.fund_sums));
    ASSERT(pass.fund_sums != NULL);
    writer_init(&pass.canonical, CANONICAL_MAX);
    stream_open(&pass.entries, check, entry_sql);
    stream_open(&pass.lines, check, line_sql);
    pass.more_lines = stream_next(&pass.lines);
    while (stream_next(&pass.entries))
        take_entry(&pass);
    while (pass.more_lines) {
        line_orphan(&pass);
        pass.more_lines = stream_next(&pass.lines);
    }
    stream_close(&pass.lines);
    stream_close(&pass.entries);
    compare_balances(check, &pass.balances);
    writer_release(&pass.canonical);
    free(pass.fund_sums);
    free(pass.balances.slots);
}
