/* grenier-check: the books computed again from the tables, by code of its own. */
#ifndef GRENIER_CHECK_CHECK_H
#define GRENIER_CHECK_CHECK_H

#include "base/arena.h"
#include "base/base.h"

#include <libpq-fe.h>

enum { UUID_TEXT = 37, NUMBER_TEXT = 12, SLUG_TEXT = 64 };

/* Days since 1970-01-01, or microseconds since then, where there is none. */
#define NEVER INT64_MIN

struct year {
    char id[UUID_TEXT];
    int64_t starts_on, ends_on; /* days */
    int64_t made_us, closed_us;
};

/* From `at_us` on, nothing could be posted in the year through `through` (NEVER: no lock). */
struct lock {
    size_t year;
    int64_t at_us, through;
};

struct account {
    int64_t id;
    char number[NUMBER_TEXT];
    int64_t valid_from, valid_to;
};

struct fund {
    char id[UUID_TEXT];
};

struct nature {
    char name[32], legal_form[32];
    int64_t valid_from, valid_to;
    char account[NUMBER_TEXT], counterpart[NUMBER_TEXT], agreement[NUMBER_TEXT]; /* "": none */
};

/* What is small and asked for again and again: frames of an organisation's books. */
struct frames {
    struct year *years;
    struct lock *locks;
    struct account *accounts; /* by id */
    struct fund *funds;       /* by id */
    struct nature *natures;
    size_t n_years, n_locks, n_accounts, n_funds, n_natures;
    int64_t last_recorded_us;
};

struct check {
    PGconn *db;
    bool french;
    bool failed;        /* the database could not be asked: nothing more is */
    struct arena arena; /* texts of one finding */
    unsigned streams;   /* cursors made, for their names */
    char slug[SLUG_TEXT];
    int digits; /* of the organisation's currency */
    struct frames frames;
    int64_t organisations, entries, lines, differences;
};

/* ---- asking the database (source.c) ---- */

/* The rows of a query, a bounded number at a time. Values live until the next stream_next. After an
 * error nothing more comes and check->failed is set. */
struct stream {
    struct check *check;
    PGresult *rows;
    int row, count;
    bool ended;
    char name[24];
};

void stream_open(struct stream *stream, struct check *check, const char *sql);
bool stream_next(struct stream *stream);
void stream_close(struct stream *stream);
const char *stream_text(const struct stream *stream, int column); /* NULL: null */
int64_t stream_int(const struct stream *stream, int column);      /* 0 for null */
int64_t stream_or_never(const struct stream *stream, int column); /* a number, NEVER for null */
int64_t stream_day(const struct stream *stream, int column);      /* a date; NEVER for null */
bool stream_bool(const struct stream *stream, int column);

/* One statement of which only success matters. */
bool run(struct check *check, const char *sql);
/* One row of one column, copied into the arena; NULL for none or null. At most five values. */
const char *ask(struct check *check, const char *sql, int n, const char *const *values);

/* A column holding an instant as microseconds since 1970, null for none or infinity. */
#define MICROSECONDS(column)                                                                       \
    "CASE WHEN isfinite(" column ") THEN (extract(epoch FROM " column ") * 1000000)::bigint END"

/* ---- saying what differs (finding.c) ---- */

enum finding {
#define FINDING(name, code, en, fr) FOUND_##name,
#include "findings.def"
#undef FINDING
    FOUND_COUNT
};

/* One line on standard output, one more in check->differences; the arena is emptied. */
void differs(struct check *check, enum finding finding, const char *object, const char *expected,
             const char *found);
const char *words(const struct check *check, const char *en, const char *fr);
/* Texts in the arena: "entry 0190…", an amount for the reader, a number, a day, an instant. */
const char *named(struct check *check, const char *en, const char *fr, const char *id);
const char *amount(struct check *check, int64_t minor);
const char *count(struct check *check, int64_t n);
const char *day(struct check *check, int64_t days);
/* `text`, or "nothing". */
const char *or_nothing(const struct check *check, const char *text);

bool same(const char *a, const char *b); /* NULL is the same as NULL only */
/* A copy cut at `size`; NULL becomes "". */
void keep(char *target, size_t size, const char *text);
/* Sums stop at the end of the range instead of wrapping: such a sum is wrong anyway. */
void add(int64_t *sum, int64_t value);

/* ---- frames of the books (frames.c) ---- */

void frames_load(struct check *check);
void frames_free(struct frames *frames);
/* Positions in the arrays; SIZE_MAX for none. */
size_t frames_year(const struct frames *frames, const char *id);
size_t frames_year_of_day(const struct frames *frames, int64_t on);
size_t frames_fund(const struct frames *frames, const char *id);
const struct account *frames_account(const struct frames *frames, int64_t id);
const struct nature *frames_nature(const struct frames *frames, const char *name,
                                   const char *legal_form, size_t year);
/* Whether something could be posted on that day at that instant. */
bool frames_open(const struct frames *frames, int64_t on, int64_t at_us);
/* Last day locked in a year at an instant; NEVER for none. */
int64_t frames_locked(const struct frames *frames, size_t year, int64_t at_us);
/* The day at which the chart is read for a year. */
int64_t frames_chart_day(const struct frames *frames, size_t year);

/* ---- what is checked, of the organisation entered ---- */

void check_ledger(struct check *check);        /* ledger.c: entries, lines, kept balances */
void check_numbers(struct check *check);       /* numbers.c: entries, counters, members */
void check_reversals(struct check *check);     /* reversals.c */
void check_contributions(struct check *check); /* contributions.c: money and in kind */
void check_bank(struct check *check);          /* bank.c: statements and their lines */
void check_matches(struct check *check);       /* matches.c */
void check_history(struct check *check);       /* history.c: commitments, rows against them */
void check_references(struct check *check);    /* references.c: foreign keys */

#endif
