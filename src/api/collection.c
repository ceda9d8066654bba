#include "api/kernel.h"

#include "base/date.h"
#include "base/text.h"
#include "base/uuid.h"
#include <unistd.h>

/* A cursor holds a name of 200 characters, which folding to capitals may make three times as long.
 */
enum { LIMIT_DEFAULT = 50, LIMIT_MAX = 500, FLUSH_SIZE = 64 * 1024, CURSOR_MAX = 2500 };

const char *columns_sql(struct arena *arena, const struct field *fields)
{
    const char *sql = NULL;
    for (size_t i = 0; fields[i].type != F_END; i++)
        sql = i == 0 ? arena_strdup(arena, fields[i].name)
                     : arena_printf(arena, "%s, %s", sql, fields[i].name);
    ASSERT(sql != NULL);
    return sql;
}

static const char *order_id(const struct collection *list)
{
    return list->order_id != NULL ? list->order_id : "id";
}

/* The condition of a filter with its value as $n. */
static const char *with_place(struct arena *arena, const char *text, size_t n)
{
    const char *condition = arena_strdup(arena, "");
    for (const char *at; (at = strstr(text, "%s")) != NULL; text = at + 2)
        condition = arena_printf(arena, "%s%.*s$%zu", condition, (int)(at - text), text, n);
    condition = arena_printf(arena, "%s%s", condition, text);
    ASSERT(condition != NULL);
    return condition;
}

/* The filter that cuts the list into short ones, each in order: the first given of those that can.
 */
static const struct filter *cutting(const struct collection *list, const struct list_shape *shape)
{
    for (size_t i = 0; shape->paged && list->filters != NULL && list->filters[i].name != NULL; i++)
        if (shape->given[i] && list->filters[i].each != NULL)
            return &list->filters[i];
    return NULL;
}

const char *list_sql(struct arena *arena, const struct route *route, const struct sort *sort,
                     const struct list_shape *shape)
{
    const struct collection *list = route->list;
    const char *id = order_id(list);
    const char *down = sort->name[0] == '-' ? " DESC" : "";
    const struct filter *cut = cutting(list, shape);
    const char *each = NULL;
    const char *sql = arena_printf(arena,
                                   "SELECT %s, %s AS \"~by\", (%s)::text AS \"~sort\", "
                                   "%s AS \"~tie\", (%s)::text AS \"~id\" FROM api.%s WHERE true",
                                   columns_sql(arena, route->out), sort->column, sort->column, id,
                                   id, list->view);
    size_t n = 0;
    for (size_t i = 0; list->filters != NULL && list->filters[i].name != NULL; i++)
        if (shape->given[i] && &list->filters[i] == cut)
            each = with_place(arena, cut->each, ++n);
        else if (shape->given[i])
            sql = arena_printf(arena, "%s AND (%s)", sql,
                               with_place(arena, list->filters[i].condition, ++n));
    if (each != NULL)
        sql = arena_printf(arena, "%s AND %s = \"~each\".id", sql, cut->each_column);
    if (shape->after) {
        sql = arena_printf(arena, "%s AND (%s, %s) %s ($%zu::text::%s, $%zu::text::%s)", sql,
                           sort->column, id, *down == 0 ? ">" : "<", n + 1, sort->type, n + 2,
                           list->id_type);
        n += 2;
    }
    sql = arena_printf(arena, "%s ORDER BY %s%s, %s%s", sql, sort->column, down, id, down);
    if (shape->paged)
        sql = arena_printf(arena, "%s LIMIT $%zu::bigint", sql, ++n);
    if (each != NULL)
        sql = arena_printf(
            arena,
            "SELECT \"~page\".* FROM (%s) AS \"~each\" (id) CROSS JOIN LATERAL (%s) AS "
            "\"~page\" ORDER BY \"~by\"%s, \"~tie\"%s LIMIT $%zu::bigint",
            each, sql, down, down, n);
    ASSERT(sql != NULL);
    return sql;
}

/* The cursor is the sort's name, value and id, in hexadecimal: opaque to callers, checked when it
 * comes back. */
static const char *cursor_write(struct arena *arena, const char *sort, const char *value,
                                const char *id)
{
    const char *plain = arena_printf(arena, "%s\n%s\n%s", sort, id, value);
    char *hex = plain == NULL ? NULL : arena_alloc(arena, strlen(plain) * 2 + 1);
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; hex != NULL && plain[i] != 0; i++) {
        hex[2 * i] = digits[(unsigned char)plain[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)plain[i] & 15];
    }
    return hex;
}

static bool cursor_read(struct arena *arena, struct str hex, const char *sort,
                        const char **ret_value, const char **ret_id)
{
    if (hex.n % 2 != 0 || hex.n > 2 * CURSOR_MAX)
        return false;
    char *escaped = arena_alloc(arena, hex.n / 2 * 3 + 1);
    struct str plain;
    for (size_t i = 0; escaped != NULL && i < hex.n / 2; i++) {
        escaped[3 * i] = '%';
        memcpy(escaped + 3 * i + 1, hex.p + 2 * i, 2);
    }
    if (escaped == NULL || !url_decode(arena, str_of(escaped), false, &plain))
        return false;
    const char *first = memchr(plain.p, '\n', plain.n);
    const char *second =
        first == NULL ? NULL : memchr(first + 1, '\n', plain.n - (size_t)(first + 1 - plain.p));
    if (second == NULL || !str_is((struct str){plain.p, (size_t)(first - plain.p)}, sort))
        return false;
    *ret_id = arena_copy(arena, (struct str){first + 1, (size_t)(second - first - 1)});
    *ret_value =
        arena_copy(arena, (struct str){second + 1, plain.n - (size_t)(second + 1 - plain.p)});
    return *ret_id != NULL && *ret_value != NULL;
}

/* A day as a view sorts by it: one of ours, or the one that stands for none. */
static bool is_day(struct str text)
{
    struct date date;
    return date_parse(text, &date) || str_is(text, "0001-01-01");
}

static bool is_number_at(struct str text, size_t at, int64_t max)
{
    int64_t number;
    return at + 2 <= text.n && text_to_int((struct str){text.p + at, 2}, 0, max, &number);
}

/* As PostgreSQL writes an instant in UTC: "2026-11-23 10:00:00.123456+00". */
static bool is_moment(struct str text)
{
    if (text.n < 22 || text.n > 29 || text.n == 23 || !is_day((struct str){text.p, 10}) ||
        text.p[10] != ' ' || !is_number_at(text, 11, 23) || text.p[13] != ':' ||
        !is_number_at(text, 14, 59) || text.p[16] != ':' || !is_number_at(text, 17, 59) ||
        memcmp(text.p + text.n - 3, "+00", 3) != 0)
        return false;
    int64_t fraction;
    return text.n == 22 ||
           (text.p[19] == '.' && text.p[20] != '-' &&
            text_to_int((struct str){text.p + 20, text.n - 23}, 0, 999999, &fraction));
}

/* Whether a value read back from a cursor can be cast to its type, so that a forged one is a 400
 * and not a 500. */
static bool cursor_fits(const char *value, const char *type)
{
    struct str text = str_of(value);
    int64_t number;
    struct uuid uuid;
    if (strcmp(type, "text") == 0)
        return true;
    if (strcmp(type, "integer") == 0)
        return text_to_int(text, INT32_MIN, INT32_MAX, &number);
    if (strcmp(type, "bigint") == 0)
        return text_to_int(text, INT64_MIN, INT64_MAX, &number);
    if (strcmp(type, "uuid") == 0)
        return uuid_parse(text, &uuid);
    if (strcmp(type, "date") == 0)
        return is_day(text);
    ASSERT(strcmp(type, "timestamptz") == 0);
    return is_moment(text);
}

void collection_parse(struct kernel_request *kernel, const struct field_context *context)
{
    const struct collection *list = kernel->request.route->list;
    struct problem *problem = context->problem;
    struct str after = {NULL, 0};
    kernel->limit = LIMIT_DEFAULT;
    for (size_t i = 0; i < kernel->n_pairs; i++) {
        struct str value = kernel->pairs[i].text;
        if (strcmp(kernel->pairs[i].name, "limit") == 0 &&
            !text_to_int(value, 1, LIMIT_MAX, &kernel->limit))
            problem_fault(problem, "?limit", PROBLEM_INTEGER_RANGE, "1", "500", NULL);
        if (strcmp(kernel->pairs[i].name, "after") == 0)
            after = value;
        if (strcmp(kernel->pairs[i].name, "sort") == 0) {
            const char *names = "";
            size_t s = 0;
            for (; list->sorts[s].name != NULL && !str_is(value, list->sorts[s].name); s++)
                names = arena_printf(context->arena, "%s%s%s", names, s == 0 ? "" : ", ",
                                     list->sorts[s].name);
            if (list->sorts[s].name == NULL)
                problem_fault(problem, "?sort", PROBLEM_QUERY_SORT, names, NULL);
            else
                kernel->sort = s;
        }
    }
    if (after.n == 0)
        return;
    const struct sort *sort = &list->sorts[kernel->sort];
    if (!cursor_read(context->arena, after, sort->name, &kernel->after_value, &kernel->after_id) ||
        !cursor_fits(kernel->after_value, sort->type) ||
        !cursor_fits(kernel->after_id, list->id_type))
        problem_fault(problem, "?after", PROBLEM_QUERY_CURSOR, NULL);
}

/* ---- many rows, to an unlinked file: memory does not grow with them, and a failure is no
 * truncated 200 ---- */

struct stream {
    struct request *request;
    stream_row_fn *each;
    void *data;
    int fd;
    uint64_t size;
};

static enum rc flush(struct stream *stream)
{
    struct writer *out = stream->request->out;
    if (out->failed)
        return problem_set(&stream->request->problem, PROBLEM_MEMORY, NULL);
    for (size_t done = 0; done < out->size;) {
        ssize_t n = write(stream->fd, out->data + done, out->size - done);
        if (n < 0)
            return problem_set(&stream->request->problem, PROBLEM_BUSY,
                               NULL); /* the disk is full */
        done += (size_t)n;
    }
    stream->size += out->size;
    out->size = 0;
    return RC_OK;
}

static enum rc stream_row(void *data, const struct db_rows *row, struct problem *problem)
{
    struct stream *stream = data;
    (void)problem;
    stream->each(stream->request, stream->data, row);
    return stream->request->out->size >= FLUSH_SIZE ? flush(stream) : RC_OK;
}

enum rc reply_stream(struct request *request, const struct db_statement *statement, size_t n,
                     const char *const *values, stream_row_fn *each, void *data)
{
    struct stream stream = {request, each, data, http_temporary_file("/tmp"), 0};
    if (stream.fd < 0)
        return problem_set(&request->problem, PROBLEM_BUSY, NULL);
    enum rc rc =
        db_stream(request->db, statement, n, values, stream_row, &stream, &request->problem);
    if (rc == RC_OK)
        rc = flush(&stream);
    if (rc != RC_OK) {
        close(stream.fd);
        return rc;
    }
    http_reply_file(request->exchange, stream.fd, stream.size);
    return RC_OK;
}

static void collection_row(struct request *request, void *data, const struct db_rows *row)
{
    (void)data;
    csv_row(request, request->route->out, row, 0);
}

/* The statement for what was asked, and its values. Its name tells what is given, so that a
 * connection prepares each of the few forms in use once; a file's is planned for what it is. */
static struct db_statement list_statement(struct kernel_request *kernel, const char **values,
                                          size_t *ret_n)
{
    struct request *request = &kernel->request;
    const struct collection *list = request->route->list;
    const struct sort *sort = &list->sorts[kernel->sort];
    struct list_shape shape = {.paged = request->format != REPLY_CSV};
    unsigned given = 0;
    size_t n = 0;
    for (size_t i = 0; list->filters != NULL && list->filters[i].name != NULL; i++) {
        const struct value *value = record_get(request->query, list->filters[i].name);
        const char *text = value->kind == V_TEXT   ? value->text.p
                           : value->kind == V_BOOL ? (value->boolean ? "true" : "false")
                           : value->kind == V_INT
                               ? arena_printf(request->arena, "%lld", (long long)value->integer)
                               : NULL;
        shape.given[i] = text != NULL;
        given |= (text != NULL ? 1U : 0U) << i;
        if (text != NULL)
            values[n++] = text;
    }
    shape.after = shape.paged && kernel->after_value != NULL;
    if (shape.after) {
        values[n++] = kernel->after_value;
        values[n++] = kernel->after_id;
    }
    if (shape.paged)
        values[n++] = arena_printf(request->arena, "%lld", (long long)kernel->limit + 1);
    *ret_n = n;
    return (struct db_statement){.name = shape.paged ? arena_printf(request->arena, "%s %s %x%s",
                                                                    request->route->id, sort->name,
                                                                    given, shape.after ? "+" : "")
                                                     : NULL,
                                 .sql = list_sql(request->arena, request->route, sort, &shape)};
}

enum rc generic_list(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    const struct collection *list = request->route->list;
    const char *values[FILTERS_MAX + 3] = {NULL};
    size_t n;
    struct db_statement statement = list_statement(kernel, values, &n);
    if (request->format == REPLY_CSV) {
        csv_head(request, request->route->out);
        return reply_stream(request, &statement, n, values, collection_row, NULL);
    }
    DB_ROWS *rows = NULL;
    TRY(db_run(request->db, &statement, n, values, &rows, &request->problem));
    size_t count = db_rows_count(rows);
    bool more = count > (size_t)kernel->limit;
    writer_text(request->out, "{\"items\":[");
    for (size_t row = 0; row < (more ? (size_t)kernel->limit : count); row++) {
        if (row > 0)
            writer_char(request->out, ',');
        reply_row(request, request->route->out, rows, row);
    }
    writer_text(request->out, "],\"next\":");
    if (more) {
        size_t last = (size_t)kernel->limit - 1;
        const char *cursor = cursor_write(request->arena, list->sorts[kernel->sort].name,
                                          db_text(rows, last, db_column(rows, "~sort")),
                                          db_text(rows, last, db_column(rows, "~id")));
        if (cursor == NULL)
            return problem_set(&request->problem, PROBLEM_MEMORY, NULL);
        writer_json_string(request->out, str_of(cursor));
    } else {
        writer_text(request->out, "null");
    }
    writer_char(request->out, '}');
    return RC_OK;
}

/* The version column is the entity tag; without one the kernel takes a digest of the reply. */
static void tag(struct request *request, const struct db_rows *rows)
{
    for (size_t i = 0; request->route->out[i].type != F_END; i++)
        if (strcmp(request->route->out[i].name, "version") == 0)
            request->etag = arena_printf(request->arena, "\"v%s\"",
                                         db_text(rows, 0, db_column(rows, "version")));
}

enum rc generic_one(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    bool by_id = strstr(kernel->compiled->one->sql, "$1") != NULL;
    const char *const values[] = {by_id ? record_text(request->path, "id") : NULL};
    DB_ROWS *rows = NULL;
    TRY(db_run(request->db, kernel->compiled->one, by_id ? 1 : 0, values, &rows,
               &request->problem));
    if (db_rows_count(rows) == 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    reply_row(request, request->route->out, rows, 0);
    tag(request, rows);
    return RC_OK;
}

enum rc written_reply(struct kernel_request *kernel, const struct db_rows *rows, bool written)
{
    struct request *request = &kernel->request;
    if (request->route->out == NULL)
        return RC_OK;
    if (!written)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    reply_row(request, request->route->out, rows, 0);
    tag(request, rows);
    if (request->route->flags & R_CREATED)
        request->location =
            arena_printf(request->arena, "%.*s/%s", (int)request->exchange->path.n,
                         request->exchange->path.p, db_text(rows, 0, db_column(rows, "id")));
    return RC_OK;
}

enum rc generic_write(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    const char *const values[] = {request->path_json, request->body_json};
    DB_ROWS *rows = NULL;
    TRY(db_run(request->db, kernel->compiled->one, 2, values, &rows, &request->problem));
    return written_reply(kernel, rows, db_rows_count(rows) > 0);
}
