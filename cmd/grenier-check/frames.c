/* Fiscal years with their locks, accounts, funds, rules of natures: a few hundred rows at most. */
#include "base/date.h"
#include "grenier-check/check.h"

#include <stdlib.h>

/* Room for one more element of an array that doubles; the memory of frames must be there. */
static void *grown(void *array, size_t n, size_t size)
{
    void *larger = array;

    if ((n & (n - 1)) == 0)
        larger = reallocarray(array, n == 0 ? 1 : n * 2, size);
    ASSERT(larger != NULL);
    return larger;
}

static void load_years(struct check *check, struct frames *frames)
{
    struct stream rows;

    stream_open(&rows, check,
                "SELECT y.id, y.starts_on, y.ends_on, " MICROSECONDS(
                    "y.closed_at") ", "
                                   "(SELECT " MICROSECONDS(
                                       "e.at") " FROM audit.event e"
                                               " WHERE e.organisation_id = y.organisation_id AND "
                                               "e.subject_kind = 'fiscal_year'"
                                               " AND e.subject_id = y.id::text AND e.action = "
                                               "'insert' ORDER BY e.id LIMIT 1) "
                                               "FROM fund.fiscal_year y ORDER BY y.starts_on");
    while (stream_next(&rows)) {
        struct year *year;

        frames->years = grown(frames->years, frames->n_years, sizeof(*year));
        year = &frames->years[frames->n_years++];
        keep(year->id, sizeof(year->id), stream_text(&rows, 0));
        year->starts_on = stream_day(&rows, 1);
        year->ends_on = stream_day(&rows, 2);
        year->closed_us = stream_or_never(&rows, 3);
        year->made_us = stream_or_never(&rows, 4);
        if (frames->n_years > 1 && year[-1].ends_on + 1 != year->starts_on)
            differs(check, FOUND_YEAR_GAP, named(check, "fiscal year", "exercice", year->id),
                    day(check, year[-1].ends_on + 1), day(check, year->starts_on));
    }
    stream_close(&rows);
}

static void load_locks(struct check *check, struct frames *frames)
{
    struct stream rows;

    stream_open(
        &rows, check,
        "SELECT e.subject_id, " MICROSECONDS(
            "e.at") ", d.after FROM audit.event e "
                    "JOIN audit.detail d ON d.organisation_id = e.organisation_id AND d.event_id = "
                    "e.id "
                    "WHERE e.subject_kind = 'fiscal_year' AND d.column_name = 'locked_through' "
                    "ORDER BY e.at, e.id");
    while (stream_next(&rows)) {
        struct lock *lock;

        frames->locks = grown(frames->locks, frames->n_locks, sizeof(*lock));
        lock = &frames->locks[frames->n_locks++];
        lock->year = frames_year(frames, stream_text(&rows, 0));
        lock->at_us = stream_int(&rows, 1);
        lock->through = stream_day(&rows, 2);
    }
    stream_close(&rows);
}

static void load_accounts(struct check *check, struct frames *frames)
{
    struct stream rows;

    stream_open(
        &rows, check,
        "SELECT a.id, a.number, a.valid_from, a.valid_to FROM fund.account a ORDER BY a.id");
    while (stream_next(&rows)) {
        struct account *account;

        frames->accounts = grown(frames->accounts, frames->n_accounts, sizeof(*account));
        account = &frames->accounts[frames->n_accounts++];
        account->id = stream_int(&rows, 0);
        keep(account->number, sizeof(account->number), stream_text(&rows, 1));
        account->valid_from = stream_day(&rows, 2);
        account->valid_to = stream_day(&rows, 3);
    }
    stream_close(&rows);
}

static void load_funds(struct check *check, struct frames *frames)
{
    struct stream rows;

    stream_open(&rows, check,
                "SELECT f.id, (f.name, f.kind, f.floor)::text, "
                "(SELECT (s.name, s.kind, s.floor)::text FROM fund.fund_setting s"
                " WHERE s.organisation_id = f.organisation_id AND s.fund_id = f.id"
                " ORDER BY s.recorded_at DESC, s.id DESC LIMIT 1) FROM fund.fund f ORDER BY f.id");
    while (stream_next(&rows)) {
        struct fund *fund;

        frames->funds = grown(frames->funds, frames->n_funds, sizeof(*fund));
        fund = &frames->funds[frames->n_funds++];
        keep(fund->id, sizeof(fund->id), stream_text(&rows, 0));
        if (!same(stream_text(&rows, 1), stream_text(&rows, 2)))
            differs(check, FOUND_FUND_SETTING, named(check, "fund", "fonds", fund->id),
                    stream_text(&rows, 1), stream_text(&rows, 2));
    }
    stream_close(&rows);
}

static void load_natures(struct check *check, struct frames *frames)
{
    struct stream rows;

    stream_open(&rows, check,
                "SELECT n.nature, n.legal_form, n.valid_from, n.valid_to, n.account, "
                "n.counterpart_account, n.agreement_account FROM reference.nature n "
                "WHERE n.account IS NOT NULL ORDER BY n.nature, n.legal_form, n.valid_from");
    while (stream_next(&rows)) {
        struct nature *nature;

        frames->natures = grown(frames->natures, frames->n_natures, sizeof(*nature));
        nature = &frames->natures[frames->n_natures++];
        keep(nature->name, sizeof(nature->name), stream_text(&rows, 0));
        keep(nature->legal_form, sizeof(nature->legal_form), stream_text(&rows, 1));
        nature->valid_from = stream_day(&rows, 2);
        nature->valid_to = stream_day(&rows, 3);
        keep(nature->account, NUMBER_TEXT, stream_text(&rows, 4));
        keep(nature->counterpart, NUMBER_TEXT, stream_text(&rows, 5));
        keep(nature->agreement, NUMBER_TEXT, stream_text(&rows, 6));
    }
    stream_close(&rows);
}

void frames_load(struct check *check)
{
    struct frames *frames = &check->frames;
    struct stream rows;

    *frames = (struct frames){.last_recorded_us = NEVER};
    stream_open(&rows, check,
                "SELECT o.currency_digits, o.slug, " MICROSECONDS(
                    "o.last_recorded_at") " "
                                          "FROM fund.organisation o");
    if (stream_next(&rows)) {
        check->digits = (int)stream_int(&rows, 0);
        if (!same(stream_text(&rows, 1), check->slug))
            differs(check, FOUND_SLUG, check->slug, check->slug, stream_text(&rows, 1));
        frames->last_recorded_us = stream_or_never(&rows, 2);
    }
    stream_close(&rows);
    load_years(check, frames);
    load_locks(check, frames);
    load_accounts(check, frames);
    load_funds(check, frames);
    load_natures(check, frames);
}

void frames_free(struct frames *frames)
{
    free(frames->years);
    free(frames->locks);
    free(frames->accounts);
    free(frames->funds);
    free(frames->natures);
    *frames = (struct frames){0};
}

size_t frames_year(const struct frames *frames, const char *id)
{
    for (size_t i = 0; i < frames->n_years; i++)
        if (same(frames->years[i].id, id))
            return i;
    return SIZE_MAX;
}

size_t frames_year_of_day(const struct frames *frames, int64_t on)
{
    for (size_t i = 0; i < frames->n_years; i++)
        if (on >= frames->years[i].starts_on && on <= frames->years[i].ends_on)
            return i;
    return SIZE_MAX;
}

static int compare_fund(const void *id, const void *fund)
{
    return strcmp(id, ((const struct fund *)fund)->id);
}

size_t frames_fund(const struct frames *frames, const char *id)
{
    const struct fund *fund = frames->n_funds == 0 ? NULL
                                                   : bsearch(id, frames->funds, frames->n_funds,
                                                             sizeof(*fund), compare_fund);

    return fund == NULL ? SIZE_MAX : (size_t)(fund - frames->funds);
}

static int compare_account(const void *key, const void *account)
{
    int64_t id = *(const int64_t *)key, other = ((const struct account *)account)->id;

    return (id > other) - (id < other);
}

const struct account *frames_account(const struct frames *frames, int64_t id)
{
    return frames->n_accounts == 0 ? NULL
                                   : bsearch(&id, frames->accounts, frames->n_accounts,
                                             sizeof(struct account), compare_account);
}

int64_t frames_chart_day(const struct frames *frames, size_t year)
{
    static const struct date first_vintage = {2020, 1, 1};
    int64_t first = date_to_days(first_vintage), starts_on = frames->years[year].starts_on;

    return starts_on > first ? starts_on : first;
}

const struct nature *frames_nature(const struct frames *frames, const char *name,
                                   const char *legal_form, size_t year)
{
    int64_t on = frames_chart_day(frames, year);

    for (size_t i = 0; i < frames->n_natures; i++) {
        const struct nature *nature = &frames->natures[i];

        if (same(nature->name, name) && same(nature->legal_form, legal_form) &&
            nature->valid_from <= on && (nature->valid_to == NEVER || on <= nature->valid_to))
            return nature;
    }
    return NULL;
}

int64_t frames_locked(const struct frames *frames, size_t year, int64_t at_us)
{
    int64_t through = NEVER;

    for (size_t i = 0; i < frames->n_locks && frames->locks[i].at_us < at_us; i++)
        if (frames->locks[i].year == year)
            through = frames->locks[i].through;
    return through;
}

bool frames_open(const struct frames *frames, int64_t on, int64_t at_us)
{
    size_t year = frames_year_of_day(frames, on);
    int64_t closed_us;

    if (year == SIZE_MAX || frames->years[year].made_us > at_us)
        return false;
    closed_us = frames->years[year].closed_us;
    return (closed_us == NEVER || closed_us > at_us) && frames_locked(frames, year, at_us) < on;
}
