/* What a handler has in its hands: the parsed request, who asks, the open transaction, and the
 * reply to write. */
#ifndef API_REQUEST_H
#define API_REQUEST_H

#include "api/route.h"
#include "base/writer.h"

struct caller {
    const char *actor;   /* "user:<uuid>", "token:<uuid>", "cli:<name>", "anonymous" */
    const char *user_id; /* NULL for tokens */
    const char *user_name, *user_email;
    const char *session_id;      /* NULL for tokens */
    const char *organisation_id; /* NULL outside organisations */
    const char *slug;
    const char *member_id;  /* set for the role member */
    unsigned roles;         /* ROLE_ bits in this organisation */
    const char *roles_text; /* the same as SQL wants them: comma separated */
    const char *currency;
    int digits; /* of the currency */
    enum language organisation_language;
};

enum reply_format { REPLY_JSON, REPLY_CSV, REPLY_PDF };

struct api_config;

struct request {
    struct http_exchange *exchange;
    const struct api_config *config;
    const struct route *route;
    struct arena *arena;
    struct problem problem; /* handlers: `return problem_set(&request->problem, PROBLEM_…, NULL)` */
    struct record *path;    /* texts of the braces in the path, as F_UUID etc. */
    struct record *query;   /* by route->query; NULL when the route has none */
    struct record *body;    /* by route->in; NULL when the route has none */
    const char *path_json, *body_json; /* canonical, as SQL functions take them */
    struct caller caller;
    struct db *db;          /* transaction open in route->tx mode with its context */
    enum language language; /* of texts in the reply */
    enum reply_format format;
    enum csv_locale csv_locale;
    struct writer *out;   /* the reply's body */
    int status;           /* set to 200 or 201 before the handler */
    const char *location; /* set by handlers with R_CREATED; generic writes do it themselves */
    const char *etag;     /* set by handlers of single resources; generic ones do it themselves */
    void *data;           /* what a route's `cell` keeps from one row to the next */
    void (*release)(void *data); /* frees it when the request, or a try of it, is over */
};

/* Runs `SELECT ... ` prepared under `statement` with n values inside the request's transaction. */
enum rc request_query(struct request *request, const struct db_statement *statement, size_t n,
                      const char *const *values, struct db_rows **ret_rows) MUST_CHECK;

/* Statements of handlers: each src/api file declares `static const struct db_statement x = {"name",
 * "SELECT …"};` and lists them in a NULL-ended table `const struct db_statement *const
 * <file>_statements[]` which src/api/routes.c collects: a connection prepares each where it first
 * runs it. */

/* Writes one row as a JSON object by the table: column names must be the field names. */
void reply_row(struct request *request, const struct field *fields, const struct db_rows *rows,
               size_t row);
/* Writes {"items": [rows…]<extra>} where `extra` is "" or ", \"total\": …" already in JSON. With
 * REPLY_CSV writes the rows as CSV and no extra. */
void reply_items(struct request *request, const struct field *fields, const struct db_rows *rows,
                 const char *extra);
typedef void stream_row_fn(struct request *request, void *data, const struct db_rows *row);
/* Runs a statement and lets `each` write every row (row 0 of `row`) to request->out, which is
 * spooled to an unlinked file as it fills: what was written before the call comes first. Nothing
 * may be written afterwards. */
enum rc reply_stream(struct request *request, const struct db_statement *statement, size_t n,
                     const char *const *values, stream_row_fn *each, void *data) MUST_CHECK;
/* JSON helpers for handlers that compute: name, colon, value; commas are the caller's. */
void reply_money(struct writer *out, int64_t minor, int digits);
/* The reply's media type when it is not the format's own. */
void reply_type(struct request *request, const char *media_type);
/* A header of the reply. */
void reply_header(struct request *request, const char *name, const char *value);

#endif
