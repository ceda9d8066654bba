/* Numbers without gap: entries by journal and fiscal year against their counters, members. */
#include "grenier-check/check.h"

struct series {
    struct check *check;
    struct stream counters;
    bool more_counters;
    char year[UUID_TEXT], journal[16];
    int64_t last, recorded_us;
};

static const char *series_name(struct check *check, const char *year, const char *journal)
{
    size_t place = frames_year(&check->frames, year);
    const char *from = place == SIZE_MAX ? year : day(check, check->frames.years[place].starts_on);

    return named(check, "journal", "journal", arena_printf(&check->arena, "%s %s", journal, from));
}

static int compare_series(const struct stream *row, const char *year, const char *journal)
{
    int order = strcmp(stream_text(row, 0), year);

    return order != 0 ? order : strcmp(stream_text(row, 1), journal);
}

/* The counter of the series that ends, and those of series without any entry before it. */
static void end_series(struct series *series)
{
    struct check *check = series->check;
    struct stream *row = &series->counters;
    bool ended = series->year[0] == '\0';

    while (series->more_counters && !ended) {
        int order = compare_series(row, series->year, series->journal);

        if (order > 0)
            break;
        if (order < 0)
            differs(check, FOUND_COUNTER,
                    series_name(check, stream_text(row, 0), stream_text(row, 1)), NULL,
                    stream_text(row, 2));
        else if (stream_int(row, 2) != series->last)
            differs(check, FOUND_COUNTER, series_name(check, series->year, series->journal),
                    count(check, series->last), stream_text(row, 2));
        ended = order == 0;
        series->more_counters = stream_next(row);
    }
    if (!ended && !check->failed)
        differs(check, FOUND_COUNTER, series_name(check, series->year, series->journal),
                count(check, series->last), NULL);
}

static void take_number(struct series *series, const struct stream *row)
{
    struct check *check = series->check;
    int64_t number = stream_int(row, 2), recorded_us = stream_int(row, 3);

    if (compare_series(row, series->year, series->journal) != 0) {
        end_series(series);
        keep(series->year, sizeof(series->year), stream_text(row, 0));
        keep(series->journal, sizeof(series->journal), stream_text(row, 1));
        series->last = 0;
        series->recorded_us = NEVER;
    }
    if (number != series->last + 1)
        differs(check, FOUND_NUMBER, series_name(check, series->year, series->journal),
                count(check, series->last + 1), count(check, number));
    if (recorded_us < series->recorded_us)
        differs(check, FOUND_NUMBER_ORDER, named(check, "entry", "écriture", stream_text(row, 4)),
                count(check, series->recorded_us), count(check, recorded_us));
    series->last = number;
    series->recorded_us = recorded_us;
}

static void check_entry_numbers(struct check *check)
{
    struct series series = {.check = check};
    struct stream rows;

    stream_open(&series.counters, check,
                "SELECT c.fiscal_year_id, c.journal_code, c.last FROM fund.counter c "
                "ORDER BY c.fiscal_year_id, c.journal_code COLLATE \"C\"");
    series.more_counters = stream_next(&series.counters);
    stream_open(
        &rows, check,
        "SELECT e.fiscal_year_id, e.journal_code, e.number, " MICROSECONDS(
            "e.recorded_at") ", e.id FROM fund.entry e "
                             "ORDER BY e.fiscal_year_id, e.journal_code COLLATE \"C\", e.number");
    while (stream_next(&rows))
        take_number(&series, &rows);
    end_series(&series);
    while (series.more_counters) {
        differs(
            check, FOUND_COUNTER,
            series_name(check, stream_text(&series.counters, 0), stream_text(&series.counters, 1)),
            NULL, stream_text(&series.counters, 2));
        series.more_counters = stream_next(&series.counters);
    }
    stream_close(&rows);
    stream_close(&series.counters);
}

static void check_member_numbers(struct check *check)
{
    struct stream rows;
    int64_t last = 0;
    const char *given;

    stream_open(&rows, check, "SELECT m.number, m.id FROM fund.member m ORDER BY m.number");
    while (stream_next(&rows)) {
        if (stream_int(&rows, 0) != last + 1)
            differs(check, FOUND_MEMBER_NUMBER,
                    named(check, "member", "adhérent", stream_text(&rows, 1)),
                    count(check, last + 1), stream_text(&rows, 0));
        last = stream_int(&rows, 0);
    }
    stream_close(&rows);
    given = ask(check, "SELECT s.last FROM fund.serial s WHERE s.kind = 'member'", 0, NULL);
    if (!check->failed && !same(given == NULL ? "0" : given, count(check, last)))
        differs(check, FOUND_COUNTER, words(check, "members", "adhérents"), count(check, last),
                given);
}

void check_numbers(struct check *check)
{
    check_entry_numbers(check);
    check_member_numbers(check);
}
