/* What the files of the API kernel share; resources need request.h only. */
#ifndef API_KERNEL_H
#define API_KERNEL_H

#include "api/api.h"
#include "api/request.h"

enum {
    PATH_PARTS_MAX = 16,
    PATH_VARIABLES_MAX = 4,
    SORTS_MAX = 4,
    FILTERS_MAX = 20,
    LIST_FORMS_MAX = 3 /* a list's statements by sort, as api_fits_schema sees them */
};

/* A route with its path cut at the slashes and the names of its statements. */
struct compiled_route {
    const struct route *route;
    const char *template; /* "/api/v1/organisations/{organisation}/funds" */
    struct str parts[PATH_PARTS_MAX];
    size_t n_parts;
    struct field variables[PATH_VARIABLES_MAX + 1]; /* path parameters, ended by F_END */
    const struct db_statement *one;                 /* generic single read or write */
    const struct db_statement *tried;               /* generic write in a batch; NULL: none */
};

struct api {
    struct api_config config;
    struct arena arena; /* all that is compiled */
    struct compiled_route *routes;
    size_t n_routes;
    struct db_statement *statements; /* all, as db_open wants them */
    size_t n_statements;
};

/* The request with what the kernel alone needs. `request` comes first: handlers get a pointer to
 * it. */
struct kernel_request {
    struct request request;
    const struct compiled_route *compiled;
    struct str variables[PATH_VARIABLES_MAX]; /* path parameters as received, decoded */
    struct field_pair *pairs;                 /* query parameters, decoded */
    size_t n_pairs;
    bool authorised;
    bool parsed;
    bool outcome_unknown; /* a COMMIT with it was sent and never answered */
    struct problem input; /* what is wrong with path, query and body: told after 401, 403 and 404 */
    const char *session_cookie; /* value, or NULL */
    const char *bearer;         /* token, or NULL */
    const char *idempotency_key;
    const char *idempotency_hash; /* hexadecimal */
    const char *if_match;
    /* collections */
    int64_t limit;
    const char *after_value, *after_id; /* cursor */
    size_t sort;                        /* index into the collection's sorts */
};

/* route.c: finding routes. NULL when no path fits; *ret_allow is then NULL, or the Allow header
 * when only the method does not fit. */
const struct compiled_route *route_find(const struct api *api, enum http_method method,
                                        struct str path, struct arena *arena,
                                        struct str variables[PATH_VARIABLES_MAX],
                                        const char **ret_allow);
void routes_compile(struct api *api);
/* Percent-decoding of a path segment or a query's name or value ('+' is a space when `form`). False
 * when it is malformed or no UTF-8. */
bool url_decode(struct arena *arena, struct str text, bool form, struct str *ret_text);

/* reply.c */
void reply_problem(struct kernel_request *kernel, const struct problem *problem);
/* A problem without a request behind it (refusals of the server). */
void reply_problem_bare(struct http_exchange *exchange, struct arena *arena,
                        const struct problem *problem, enum language language, int digits);
enum language language_of(const struct http_exchange *exchange);
void csv_head(struct request *request, const struct field *fields);
void csv_row(struct request *request, const struct field *fields, const struct db_rows *rows,
             size_t row);

/* collection.c: the generic work */
enum rc generic_list(struct kernel_request *kernel);
enum rc generic_one(struct kernel_request *kernel);
enum rc generic_write(struct kernel_request *kernel);
/* The reply of a generic write whose row 0 is the resource, if it wrote one. */
enum rc written_reply(struct kernel_request *kernel, const struct db_rows *rows, bool written);
/* limit, after and sort from the query. */
void collection_parse(struct kernel_request *kernel, const struct field_context *context);
/* "a, b, c": the columns of a table of fields. */
const char *columns_sql(struct arena *arena, const struct field *fields);
/* What a list is asked for. */
struct list_shape {
    bool given[FILTERS_MAX]; /* by filter of the collection */
    bool after;              /* beyond a cursor */
    bool paged;              /* a page, else all of it */
};
/* The statement of a list: the values of the filters given are $1 on, as text; then the cursor's
 * value and id, then the limit. Only what is given stands in it: its plan, made once, fits. */
const char *list_sql(struct arena *arena, const struct route *route, const struct sort *sort,
                     const struct list_shape *shape);

/* endpoint.c */
/* Parses path, query and body of the request into request.path, .query and .body, the reply's
 * format and the cursor; what is wrong with them goes to kernel->input. The route is found and the
 * digits of the organisation's currency are known. Without database. */
void request_prepare(struct kernel_request *kernel);

/* What the transaction knows of the request. */
struct db_context request_context(const struct kernel_request *kernel);
/* Makes ready for a try: status, an empty reply, nothing of the try before. */
void request_try(struct kernel_request *kernel);
/* A request alone, from who asks to its reply, with as many tries as that takes. */
void request_run(struct kernel_request *kernel, struct db *db);
/* Replies its problem, or that nobody knows: see outcome_unknown. */
void request_refuse(struct kernel_request *kernel);
/* Completes the reply of a request that is done and committed. */
void request_finish(struct kernel_request *kernel);

/* batch.c: group commit */
/* Of a group at most: PostgreSQL keeps as many subtransactions of a backend at hand. */
enum { GROUP_MAX = 64 };
/* Requests for one writer, n <= GROUP_MAX: the simple writes among them in one transaction, the
 * others one by one. Each has its reply when this returns. */
void batch_run(struct db *db, struct kernel_request *const kernels[], size_t n);
/* api.set_context, for the list of statements. */
extern const struct db_statement batch_set_context;

/* auth.c */
/* Who asks, and whether they may: fills request.caller. */
enum rc request_authorise(struct kernel_request *kernel, struct db *db);
/* The same for many in one round trip. Those it could not ask about are left as they were, not
 * authorised and without a problem: request_authorise will say why. */
void request_authorise_all(struct kernel_request *const kernels[], size_t n, struct db *db);

#endif
