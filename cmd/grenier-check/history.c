/* The history: its commitments against the values it keeps, and its last word on every row against
 * the row. */
#include "base/crypto.h"
#include "grenier-check/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { COLUMN_TEXT = 64, COLUMNS_MAX = 64, LENGTH_BYTES = 8, BROKEN_TEXT = 1024 };

/* ------------------------------------------------------------------------------------------------
 * Commitments
 * ------------------------------------------------------------------------------------------------
 */

/* 00 for none; 01, the length in 8 bytes, big-endian, and the bytes. */
static void commit(struct sha256 *sha, const char *value)
{
    unsigned char head[1 + LENGTH_BYTES] = {value != NULL};
    size_t size = value == NULL ? 0 : strlen(value);

    if (value == NULL) {
        sha256_add(sha, head, 1);
        return;
    }
    for (size_t i = 0; i < LENGTH_BYTES; i++)
        head[LENGTH_BYTES - i] = (unsigned char)((uint64_t)size >> (8 * i));
    sha256_add(sha, head, sizeof(head));
    sha256_add(sha, value, size);
}

/* Bytes of a hexadecimal text; what is not hexadecimal ends them. */
static size_t unhex(const char *text, unsigned char *bytes, size_t size)
{
    size_t n = 0;

    for (; n < size && text != NULL && text[2 * n] != '\0' && text[2 * n + 1] != '\0'; n++) {
        char pair[] = {text[2 * n], text[2 * n + 1], '\0'};

        bytes[n] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return n;
}

static void commitment(const struct stream *detail, char hex[static SHA256_HEX_SIZE])
{
    unsigned char salt[SHA256_SIZE], digest[SHA256_SIZE];
    struct sha256 *sha = sha256_new();

    sha256_add(sha, salt, unhex(stream_text(detail, 4), salt, sizeof(salt)));
    commit(sha, stream_text(detail, 2));
    commit(sha, stream_text(detail, 3));
    sha256_finish(sha, digest);
    crypto_hex(digest, sizeof(digest), hex);
}

static const char *event_name(struct check *check, const char *id, const char *column)
{
    return named(check, "event", "événement", arena_printf(&check->arena, "%s %s", id, column));
}

/* A value may be gone only if an erasure of its subject says so; the value of a whole row ("*")
 * goes when one of its columns is erased. */
static void judge_absent(struct check *check, const struct stream *event)
{
    const char *values[] = {stream_text(event, 3), stream_text(event, 4), stream_text(event, 0),
                            stream_text(event, 1)};

    if (ask(check,
            "SELECT x.id FROM audit.event x JOIN audit.event e ON e.id = $3::bigint "
            "WHERE x.action = 'erase' AND x.subject_kind = $1 AND x.subject_id = $2 AND x.id > "
            "e.id "
            "AND ($4 = ANY (x.columns) OR ($4 = '*' AND x.columns && e.columns)) LIMIT 1",
            ARRAY_SIZE(values), values) == NULL &&
        !check->failed)
        differs(check, FOUND_HISTORY_DETAIL,
                event_name(check, stream_text(event, 0), stream_text(event, 1)),
                stream_text(event, 2), NULL);
}

/* Event and column of both streams: the order in which they come. */
static int compare(const struct stream *event, const struct stream *detail)
{
    int64_t a = stream_int(event, 0), b = stream_int(detail, 0);

    return a != b ? (a > b) - (a < b) : strcmp(stream_text(event, 1), stream_text(detail, 1));
}

static void judge_extra(struct check *check, const struct stream *detail)
{
    differs(check, FOUND_HISTORY_EXTRA,
            event_name(check, stream_text(detail, 0), stream_text(detail, 1)), NULL,
            stream_text(detail, 3));
}

/* Events whose values are not what they commit to: nothing is read from them afterwards. */
struct broken {
    char ids[BROKEN_TEXT]; /* "1,2,3" */
    bool too_many;
};

static void add_broken(struct broken *broken, const char *id)
{
    size_t n = strlen(broken->ids);
    int size = snprintf(broken->ids + n, sizeof(broken->ids) - n, "%s%s", n == 0 ? "" : ",", id);

    if (size < 0 || (size_t)size >= sizeof(broken->ids) - n) {
        broken->ids[n] = '\0';
        broken->too_many = true;
    }
}

static void judge_commitment(struct check *check, const struct stream *event,
                             const struct stream *detail, struct broken *broken)
{
    char hex[SHA256_HEX_SIZE];

    commitment(detail, hex);
    if (same(hex, stream_text(event, 2)))
        return;
    add_broken(broken, stream_text(event, 0));
    differs(check, FOUND_HISTORY_COMMITMENT,
            event_name(check, stream_text(event, 0), stream_text(event, 1)), hex,
            stream_text(event, 2));
}

static void check_commitments(struct check *check, struct broken *broken)
{
    struct stream events, details;
    bool more_events, more_details;

    stream_open(&events, check,
                "SELECT e.id, c.key, c.value, e.subject_kind, e.subject_id FROM audit.event e "
                "CROSS JOIN LATERAL jsonb_each_text(e.commitments) c "
                "ORDER BY e.id, c.key COLLATE \"C\"");
    stream_open(&details, check,
                "SELECT d.event_id, d.column_name, d.before, d.after, encode(d.salt, 'hex') "
                "FROM audit.detail d ORDER BY d.event_id, d.column_name COLLATE \"C\"");
    more_events = stream_next(&events);
    more_details = stream_next(&details);
    while ((more_events || more_details) && !check->failed) {
        int order = !more_events ? 1 : !more_details ? -1 : compare(&events, &details);

        if (order < 0)
            judge_absent(check, &events);
        else if (order > 0)
            judge_extra(check, &details);
        else
            judge_commitment(check, &events, &details, broken);
        if (order <= 0)
            more_events = stream_next(&events);
        if (order >= 0)
            more_details = stream_next(&details);
    }
    stream_close(&details);
    stream_close(&events);
}

/* An event of a change commits to each of its columns; one of a row that came or went to the row,
 * and to nothing but columns it names. */
static void check_columns(struct check *check)
{
    struct stream rows;

    stream_open(
        &rows, check,
        "SELECT e.id, CASE e.action WHEN 'update' THEN "
        "(SELECT string_agg(c, ',' ORDER BY c COLLATE \"C\") FROM unnest(e.columns) c) END, "
        "(SELECT string_agg(k, ',' ORDER BY k COLLATE \"C\") "
        "FROM jsonb_object_keys(e.commitments) k WHERE e.action = 'update' "
        "OR (k <> '*' AND k <> ALL (e.columns))) FROM audit.event e "
        "WHERE e.action IN ('insert', 'update', 'delete') ORDER BY e.id");
    while (stream_next(&rows))
        if (!same(stream_text(&rows, 1), stream_text(&rows, 2)))
            differs(check, FOUND_HISTORY_EXTRA,
                    named(check, "event", "événement", stream_text(&rows, 0)),
                    stream_text(&rows, 1), stream_text(&rows, 2));
    stream_close(&rows);
}

/* ------------------------------------------------------------------------------------------------
 * Rows against the last word of the history
 * ------------------------------------------------------------------------------------------------
 */

/* Tables whose rows have a history of their own; columns that are in none, besides organisation_id,
 * id and version. */
static const struct subject {
    const char *table, *left_out, *condition;
} subjects[] = {
    {"organisation", "last_recorded_at,created_at", ""},
    {"fund", "created_at", ""},
    {"project", "created_at", ""},
    {"fiscal_year", "created_at", ""},
    {"account", "", " WHERE t.own"},
    {"entry",
     "fiscal_year_id,date,label,line_count,total,source_kind,source_id,reverses_entry_id,reason,"
     "recorded_at,recorded_by",
     ""},
    {"draft", "created_at,created_by", ""},
    {"member", "created_at,name_folded,email_folded", ""},
    {"contribution", "recorded_at,recorded_by", ""},
    {"in_kind_contribution", "recorded_at,recorded_by", ""},
    {"bank_account", "created_at", ""},
    {"bank_statement", "recorded_at,recorded_by", ""},
    {"match", "matched_at,matched_by,cancelled_at,cancelled_by", ""},
};

enum { SQL_MAX = 4096, ID_TEXT = 64 };

struct value {
    char column[COLUMN_TEXT];
    char *text; /* in the arena of the rows; NULL: none */
    bool known; /* false: erased from the history, or not to be believed: nothing to compare with */
};

/* Both sides of one subject, gathered. */
struct state {
    struct arena arena;
    char id[ID_TEXT];
    struct value row[COLUMNS_MAX], history[COLUMNS_MAX];
    size_t n_row, n_history;
    bool removed; /* the history's last word: deleted */
};

static struct value *value_of(struct value *values, size_t n, const char *column)
{
    for (size_t i = 0; i < n; i++)
        if (same(values[i].column, column))
            return &values[i];
    return NULL;
}

static struct value *add_value(struct state *state, struct value *values, size_t *n,
                               const char *column, const char *text)
{
    struct value *value = value_of(values, *n, column);

    if (value == NULL) {
        ASSERT(*n < COLUMNS_MAX);
        value = &values[(*n)++];
        keep(value->column, sizeof(value->column), column);
    }
    value->text = text == NULL ? NULL : arena_strdup(&state->arena, text);
    value->known = true;
    return value;
}

static void judge_columns(struct check *check, const char *table, struct state *state)
{
    for (size_t i = 0; i < state->n_row; i++) {
        const struct value *now = &state->row[i];
        const struct value *last = value_of(state->history, state->n_history, now->column);

        if (last == NULL || (last->known && !same(last->text, now->text)))
            differs(check, FOUND_HISTORY_VALUE,
                    arena_printf(&check->arena, "%s %s, %s", table, state->id, now->column),
                    last == NULL ? NULL : last->text, now->text);
    }
    for (size_t i = 0; i < state->n_history; i++) {
        const struct value *last = &state->history[i];

        if (last->known && last->text != NULL &&
            value_of(state->row, state->n_row, last->column) == NULL)
            differs(check, FOUND_HISTORY_VALUE,
                    arena_printf(&check->arena, "%s %s, %s", table, state->id, last->column),
                    last->text, NULL);
    }
}

static void judge_state(struct check *check, const char *table, struct state *state)
{
    const char *name = arena_printf(&check->arena, "%s %s", table, state->id);

    if (state->n_history == 0)
        differs(check, FOUND_HISTORY_MISSING, name, words(check, "an event", "un événement"), NULL);
    else if (state->n_row == 0 && !state->removed)
        differs(check, FOUND_HISTORY_ROW, name, words(check, "a row", "une ligne"), NULL);
    else if (state->n_row != 0 && state->removed)
        differs(check, FOUND_HISTORY_ROW, name, NULL, words(check, "a row", "une ligne"));
    else if (state->n_row != 0)
        judge_columns(check, table, state);
    arena_free(&state->arena);
    state->n_row = state->n_history = 0;
    state->removed = false;
}

static void open_subject(struct check *check, const struct subject *subject,
                         const struct broken *broken, struct stream *rows, struct stream *history)
{
    char sql[SQL_MAX];
    int size = snprintf(sql, sizeof(sql),
                        "SELECT t.id::text, k.key, k.value FROM fund.%s t "
                        "CROSS JOIN LATERAL jsonb_each_text(to_jsonb(t) - string_to_array("
                        "'organisation_id,id,version,%s', ',')) k%s%s k.value IS NOT NULL "
                        "ORDER BY t.id::text COLLATE \"C\"",
                        subject->table, subject->left_out, subject->condition,
                        subject->condition[0] == '\0' ? " WHERE" : " AND");

    ASSERT(size > 0 && size < SQL_MAX);
    stream_open(rows, check, sql);
    /* The values of a row that came stand together under the name "*", but for those that can be
     * erased alone. */
    size = snprintf(
        sql, sizeof(sql),
        "SELECT e.subject_id, c, d.event_id IS NOT NULL OR coalesce(w.after::jsonb ? c, false), "
        "CASE WHEN d.event_id IS NOT NULL THEN d.after ELSE w.after::jsonb ->> c END, e.action "
        "FROM audit.event e CROSS JOIN LATERAL unnest(e.columns) c "
        "LEFT JOIN audit.detail d ON d.organisation_id = e.organisation_id"
        " AND d.event_id = e.id AND d.column_name = c "
        "LEFT JOIN audit.detail w ON w.organisation_id = e.organisation_id"
        " AND w.event_id = e.id AND w.column_name = '*' AND w.event_id <> ALL ('{%s}') "
        "WHERE e.subject_kind = '%s' AND e.action IN ('insert', 'update', 'delete') "
        "ORDER BY e.subject_id COLLATE \"C\", e.id",
        broken->ids, subject->table);
    ASSERT(size > 0 && size < SQL_MAX);
    stream_open(history, check, sql);
}

static void check_subject(struct check *check, const struct subject *subject,
                          const struct broken *broken)
{
    struct state state = {.n_row = 0};
    struct stream rows, history;
    bool more_rows, more_history;

    arena_init(&state.arena, (size_t)64 * 1024 * 1024);
    open_subject(check, subject, broken, &rows, &history);
    more_rows = stream_next(&rows);
    more_history = stream_next(&history);
    while ((more_rows || more_history) && !check->failed) {
        const char *row = more_rows ? stream_text(&rows, 0) : NULL,
                   *event = more_history ? stream_text(&history, 0) : NULL;

        keep(state.id, sizeof(state.id),
             event == NULL || (row != NULL && strcmp(row, event) < 0) ? row : event);
        for (; more_rows && same(stream_text(&rows, 0), state.id); more_rows = stream_next(&rows))
            add_value(&state, state.row, &state.n_row, stream_text(&rows, 1),
                      stream_text(&rows, 2));
        for (; more_history && same(stream_text(&history, 0), state.id);
             more_history = stream_next(&history)) {
            add_value(&state, state.history, &state.n_history, stream_text(&history, 1),
                      stream_text(&history, 3))
                ->known = stream_bool(&history, 2);
            state.removed = same(stream_text(&history, 4), "delete");
        }
        if (!check->failed)
            judge_state(check, subject->table, &state);
    }
    arena_free(&state.arena);
    stream_close(&history);
    stream_close(&rows);
}

void check_history(struct check *check)
{
    struct broken broken = {.too_many = false};

    check_commitments(check, &broken);
    check_columns(check);
    for (size_t i = 0; i < ARRAY_SIZE(subjects) && !broken.too_many; i++)
        check_subject(check, &subjects[i], &broken);
}
