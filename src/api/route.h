/* Routes: one row says how an endpoint is reached, who may, what goes in and out, and what does the
 * work. */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "base/field.h"
#include "db/db.h"
#include "http/http.h"

struct request;

/* Roles in an organisation, as bits. */
enum {
    ROLE_TREASURER = 1U << 0,
    ROLE_BOARD = 1U << 1,
    ROLE_MEMBER = 1U << 2,
    ROLE_AUDITOR = 1U << 3,
    ROLE_ADMINISTRATOR = 1U << 4,
    ROLES_BOOKS = ROLE_TREASURER | ROLE_BOARD | ROLE_AUDITOR, /* read the books */
    ROLES_ALL = ROLES_BOOKS | ROLE_MEMBER | ROLE_ADMINISTRATOR,
    ROLE_SIGNED_IN = 1U << 8, /* outside organisations: anyone signed in */
    ROLE_ANYONE = 1U << 9     /* no sign-in needed */
};

enum {
    R_CREATED = 1U << 0,    /* 201 with Location (the collection's path and the reply's id) */
    R_MULTIPART = 1U << 1,  /* the body is multipart/form-data; `in` describes its parts */
    R_IF_MATCH = 1U << 2,   /* If-Match is required (PATCH, DELETE, PUT) */
    R_NO_CONTENT = 1U << 3, /* 204 */
    R_PASSWORD = 1U << 4,   /* runs on the password thread (Argon2id) */
    R_EXPORT =
        1U
        << 5, /* a handler that also answers CSV; with R_TEXT: a file, made on the export thread */
    R_PDF = 1U << 6,   /* also answers application/pdf */
    R_TEXT = 1U << 7,  /* answers text/plain only */
    R_NO_KEY = 1U << 8 /* an Idempotency-Key means nothing here (POST that writes nothing) */
};

/* A query parameter of a collection. `condition` is SQL over the view with %s where the value ($n)
 * stands; the value is cast there as needed: "status = %s", "date >= %s::date", "(name ILIKE '%%'
 * || %s || '%%')". The route's `query` table must have a row of the same name.
 *
 * A filter whose rows come in order from an index for each of a few ids says so: `each` selects
 * those ids, `each_column` is the view's column they stand in. A page is then cut from each id's
 * own page, instead of sorting all that the filter leaves ("account_id", "SELECT id FROM
 * fund.account WHERE number = %s"). */
struct filter {
    const char *name;
    const char *condition;
    const char *each_column, *each; /* NULL: the condition alone */
};

/* An order a collection can be asked for by ?sort=name (or "-name"). `column` is NOT NULL in the
 * view; ties go by id in the same direction. */
struct sort {
    const char *name;   /* "date", "-date" */
    const char *column; /* SQL */
    const char *
        type; /* its SQL type, for the cursor: "date", "text", "integer", "bigint", "timestamptz" */
};

struct collection {
    const char *view;             /* view of schema api; columns named as the route's `out` */
    const char *id_type;          /* "uuid" or "bigint": type of the column that breaks ties */
    const struct filter *filters; /* ended by {0}; may be NULL */
    const struct sort *sorts;     /* ended by {0}; the first is the default; at most 4 */
    const char *order_id;         /* column that breaks ties; NULL: "id" */
};

typedef enum rc handler_fn(struct request *request);
/* Writes the value of one member of a row itself (computed, or in the reader's language) and
 * answers true; false: as the table says. What goes wrong is set in request->problem. */
typedef bool cell_fn(struct request *request, const struct field *field, const struct db_rows *rows,
                     size_t row);

struct route {
    enum http_method method;
    const char *path; /* below /api/v1, "{organisation}" and "{id}" in braces:
                         "/organisations/{organisation}/funds/{id}" */
    unsigned roles;
    enum tx_mode tx;
    unsigned flags;
    const struct field *in; /* body, or parts with R_MULTIPART; NULL: no body */
    const struct field
        *query; /* query parameters besides limit, after, sort, format, locale; NULL: none */
    const struct field *out;       /* the resource answered (one element of a collection) */
    const struct collection *list; /* a collection: GET */
    const char *sql;     /* generic: GET one: the view ("fund": WHERE id = path id; see `sql_key`);
                            writes: the function ("fund_create") */
    handler_fn *handler; /* instead of the generic work */
    const char *id;      /* operationId, snake_case */
    const char *en;      /* one-line summary in English (OpenAPI, docs) */
    size_t body_limit;   /* bytes; 0: 64 KiB, or 20 MiB with R_MULTIPART */
    cell_fn *cell;       /* members of `out` that are computed; NULL: none */
};

/* Every table of routes, ended by NULL; each is ended by a row without path. An area of the API is
 * a file with `const struct route <area>_routes[]` and `const struct db_statement *const
 * <area>_statements[]` (NULL-ended; see request.h), whose name is added to AREAS in
 * src/api/routes.c. */
extern const struct route *const route_tables[];

#endif
