/* Cursors: whatever the size of the books, a few thousand rows are held at a time. */
#include "base/date.h"
#include "base/text.h"
#include "grenier-check/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_AT_A_TIME = 2000, SQL_MAX = 8192 };

static void cannot(struct check *check)
{
    if (!check->failed)
        fprintf(stderr, "grenier-check%s %s", words(check, ":", "\u00A0:"),
                PQerrorMessage(check->db));
    check->failed = true;
}

/* NULL after an error, which is said once. */
static PGresult *execute(struct check *check, const char *sql, int n, const char *const *values)
{
    PGresult *result;
    ExecStatusType status;

    if (check->failed)
        return NULL;
    result = PQexecParams(check->db, sql, n, NULL, values, NULL, NULL, 0);
    status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        cannot(check);
        PQclear(result);
        return NULL;
    }
    return result;
}

bool run(struct check *check, const char *sql)
{
    PGresult *result = execute(check, sql, 0, NULL);

    PQclear(result);
    return result != NULL;
}

const char *ask(struct check *check, const char *sql, int n, const char *const *values)
{
    PGresult *result = execute(check, sql, n, values);
    const char *answer = NULL;

    if (result != NULL && PQntuples(result) > 0 && !PQgetisnull(result, 0, 0))
        answer = arena_strdup(&check->arena, PQgetvalue(result, 0, 0));
    PQclear(result);
    return answer;
}

void stream_open(struct stream *stream, struct check *check, const char *sql)
{
    char statement[SQL_MAX];
    int size;

    *stream = (struct stream){.check = check};
    snprintf(stream->name, sizeof(stream->name), "s%u", ++check->streams);
    size = snprintf(statement, sizeof(statement), "DECLARE %s NO SCROLL CURSOR FOR %s",
                    stream->name, sql);
    ASSERT(size > 0 && size < SQL_MAX);
    stream->ended = !run(check, statement);
}

bool stream_next(struct stream *stream)
{
    char statement[64];

    if (stream->rows != NULL && ++stream->row < stream->count)
        return true;
    PQclear(stream->rows);
    stream->rows = NULL;
    if (stream->ended)
        return false;
    snprintf(statement, sizeof(statement), "FETCH %d FROM %s", ROWS_AT_A_TIME, stream->name);
    stream->rows = execute(stream->check, statement, 0, NULL);
    stream->row = 0;
    stream->count = stream->rows == NULL ? 0 : PQntuples(stream->rows);
    stream->ended = stream->count < ROWS_AT_A_TIME;
    return stream->count > 0;
}

void stream_close(struct stream *stream)
{
    char statement[64];

    PQclear(stream->rows);
    stream->rows = NULL;
    snprintf(statement, sizeof(statement), "CLOSE %s", stream->name);
    (void)run(stream->check, statement);
}

const char *stream_text(const struct stream *stream, int column)
{
    return PQgetisnull(stream->rows, stream->row, column)
               ? NULL
               : PQgetvalue(stream->rows, stream->row, column);
}

int64_t stream_int(const struct stream *stream, int column)
{
    const char *text = stream_text(stream, column);

    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

int64_t stream_or_never(const struct stream *stream, int column)
{
    return stream_text(stream, column) == NULL ? NEVER : stream_int(stream, column);
}

int64_t stream_day(const struct stream *stream, int column)
{
    const char *text = stream_text(stream, column);
    struct date date;

    return date_parse(str_of(text), &date) ? date_to_days(date) : NEVER;
}

bool stream_bool(const struct stream *stream, int column)
{
    const char *text = stream_text(stream, column);

    return text != NULL && text[0] == 't';
}
