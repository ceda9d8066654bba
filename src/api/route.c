#include "api/kernel.h"

#include "base/text.h"

#define PREFIX "/api/v1"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool url_decode(struct arena *arena, struct str text, bool form, struct str *ret_text)
{
    char *out = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    if (out == NULL)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            int high = i + 2 < text.n ? hex_value(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? hex_value(text.p[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        out[n++] = c;
    }
    *ret_text = (struct str){out, n};
    return text_is_utf8(*ret_text);
}

/* Cuts "/a/b/c" at the slashes; 0 when there are too many parts or an empty one. */
static size_t cut(struct str path, struct str parts[PATH_PARTS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < path.n;) {
        if (path.p[i] != '/' || n == PATH_PARTS_MAX)
            return 0;
        size_t start = ++i;
        while (i < path.n && path.p[i] != '/')
            i++;
        if (i == start)
            return 0;
        parts[n++] = (struct str){path.p + start, i - start};
    }
    return n;
}

static bool is_variable(struct str part)
{
    return part.n > 2 && part.p[0] == '{' && part.p[part.n - 1] == '}';
}

const struct compiled_route *route_find(const struct api *api, enum http_method method,
                                        struct str path, struct arena *arena,
                                        struct str variables[PATH_VARIABLES_MAX],
                                        const char **ret_allow)
{
    struct str parts[PATH_PARTS_MAX];
    size_t n = cut(path, parts);
    const struct compiled_route *other = NULL;
    *ret_allow = NULL;
    for (size_t r = 0; r < api->n_routes && n > 0; r++) {
        const struct compiled_route *compiled = &api->routes[r];
        bool fits = compiled->n_parts == n;
        for (size_t i = 0; i < n && fits; i++)
            fits = is_variable(compiled->parts[i]) || str_equal(compiled->parts[i], parts[i]);
        if (!fits)
            continue;
        if (compiled->route->method != method) {
            other = compiled;
            const char *name = http_method_name(compiled->route->method);
            *ret_allow =
                *ret_allow == NULL ? name : arena_printf(arena, "%s, %s", *ret_allow, name);
            continue;
        }
        size_t v = 0;
        for (size_t i = 0; i < n; i++)
            if (is_variable(compiled->parts[i]) &&
                !url_decode(arena, parts[i], false, &variables[v++]))
                return NULL;
        return compiled;
    }
    if (other == NULL)
        *ret_allow = NULL;
    return NULL;
}

/* The table knows a variable by its name: the organisation's slug, a link's token, an account, a
 * line's number, UUIDs. */
static struct field variable_field(struct arena *arena, struct str part)
{
    const char *name = arena_copy(arena, (struct str){part.p + 1, part.n - 2});
    ASSERT(name != NULL);
    struct field field = {.name = name, .type = F_UUID, .flags = F_REQUIRED};
    if (strcmp(name, "organisation") == 0)
        field.type = F_SLUG;
    else if (strcmp(name, "token") == 0 || strcmp(name, "account") == 0)
        field.type = F_STRING;
    else if (strcmp(name, "line_id") == 0)
        field.type = F_ID;
    return field;
}

static void check_collection(const struct route *route)
{
    const struct collection *list = route->list;
    size_t sorts = 0, filters = 0;
    while (list->sorts != NULL && list->sorts[sorts].name != NULL)
        sorts++;
    ASSERT(sorts >= 1 && sorts <= SORTS_MAX);
    for (; list->filters != NULL && list->filters[filters].name != NULL; filters++) {
        bool found = false;
        for (size_t i = 0; route->query != NULL && route->query[i].type != F_END; i++)
            found = found || strcmp(route->query[i].name, list->filters[filters].name) == 0;
        ASSERT(found);
    }
    ASSERT(filters <= FILTERS_MAX && route->out != NULL);
}

static const struct db_statement *add_statement(struct api *api, const char *name, const char *sql)
{
    ASSERT(name != NULL && sql != NULL);
    struct db_statement *statement = &api->statements[api->n_statements++];
    *statement = (struct db_statement){name, sql};
    return statement;
}

/* The same write under its own context and in a subtransaction of its own (sql/api/90_tried.sql).
 */
static const char *tried_sql(struct arena *arena, const struct route *route)
{
    const char *columns = DB_TRIED_COLUMNS;
    for (size_t i = 0; route->out != NULL && route->out[i].type != F_END; i++)
        columns = arena_printf(arena, "%s, (answer).%s", columns, route->out[i].name);
    return arena_printf(arena,
                        "SELECT %s FROM api.%s_tried($1::uuid, $2::uuid, $3, $4, $5::uuid, $6, $7, "
                        "$8, decode($9, 'hex'), $10, $11::jsonb, $12::jsonb)",
                        columns, route->sql);
}

/* A list's statement is written for what is asked of it: here with everything at once, and cut by
 * each filter that can, so that api_fits_schema sees all the SQL there is. */
static void compile_list(struct api *api, const struct route *route)
{
    const struct collection *list = route->list;
    struct arena *arena = &api->arena;
    for (size_t s = 0; list->sorts[s].name != NULL; s++) {
        struct list_shape shape = {.after = true};
        size_t n = 0;
        for (; list->filters != NULL && list->filters[n].name != NULL; n++)
            shape.given[n] = true;
        add_statement(api, arena_printf(arena, "%s %s all", route->id, list->sorts[s].name),
                      list_sql(arena, route, &list->sorts[s], &shape));
        shape.paged = true;
        for (size_t i = 0; i < n; i++)
            if (list->filters[i].each != NULL) {
                add_statement(api,
                              arena_printf(arena, "%s %s by %s", route->id, list->sorts[s].name,
                                           list->filters[i].name),
                              list_sql(arena, route, &list->sorts[s], &shape));
                shape.given[i] = false;
            }
    }
}

static void compile_statements(struct api *api, struct compiled_route *compiled)
{
    const struct route *route = compiled->route;
    struct arena *arena = &api->arena;
    if (route->handler != NULL)
        return;
    if (route->list != NULL) {
        check_collection(route);
        compile_list(api, route);
    } else if (route->sql != NULL && route->method == HTTP_GET) {
        /* the organisation itself has no id in its path: its view has one row */
        bool by_id = false;
        for (size_t i = 0; compiled->variables[i].type != F_END; i++)
            by_id = by_id || strcmp(compiled->variables[i].name, "id") == 0;
        compiled->one = add_statement(api, route->id,
                                      arena_printf(arena, "SELECT %s FROM api.%s%s",
                                                   columns_sql(arena, route->out), route->sql,
                                                   by_id ? " WHERE id = $1::uuid" : ""));
    } else if (route->sql != NULL) {
        compiled->one = add_statement(
            api, route->id,
            arena_printf(arena, "SELECT %s FROM api.%s($1::jsonb, $2::jsonb)",
                         route->out == NULL ? "1" : columns_sql(arena, route->out), route->sql));
        if (route->tx == TX_WRITE)
            compiled->tried = add_statement(api, arena_printf(arena, "%s tried", route->id),
                                            tried_sql(arena, route));
    }
}

extern const struct db_statement *const *const statement_tables[];

void routes_compile(struct api *api)
{
    size_t n = 0, n_own = 0;
    for (size_t t = 0; route_tables[t] != NULL; t++)
        for (const struct route *route = route_tables[t]; route->path != NULL; route++)
            n++;
    for (size_t t = 0; statement_tables[t] != NULL; t++)
        for (size_t i = 0; statement_tables[t][i] != NULL; i++)
            n_own++;
    api->routes = ARENA_ARRAY(&api->arena, struct compiled_route, n);
    api->statements =
        ARENA_ARRAY(&api->arena, struct db_statement, n * SORTS_MAX * LIST_FORMS_MAX + n_own);
    ASSERT(api->routes != NULL && api->statements != NULL);
    for (size_t t = 0; route_tables[t] != NULL; t++)
        for (const struct route *route = route_tables[t]; route->path != NULL; route++) {
            struct compiled_route *compiled = &api->routes[api->n_routes++];
            compiled->route = route;
            bool root = strcmp(route->path, "/metrics") == 0;
            compiled->template =
                root ? route->path : arena_printf(&api->arena, PREFIX "%s", route->path);
            ASSERT(compiled->template != NULL);
            compiled->n_parts = cut(str_of(compiled->template), compiled->parts);
            ASSERT(compiled->n_parts > 0);
            size_t v = 0;
            for (size_t i = 0; i < compiled->n_parts; i++)
                if (is_variable(compiled->parts[i])) {
                    ASSERT(v < PATH_VARIABLES_MAX);
                    compiled->variables[v++] = variable_field(&api->arena, compiled->parts[i]);
                }
            compile_statements(api, compiled);
        }
    for (size_t t = 0; statement_tables[t] != NULL; t++)
        for (size_t i = 0; statement_tables[t][i] != NULL; i++)
            add_statement(api, statement_tables[t][i]->name, statement_tables[t][i]->sql);
    /* Literal paths win over variables: {id} must not swallow a sibling. */
    for (size_t a = 0; a < api->n_routes; a++)
        for (size_t b = a + 1; b < api->n_routes; b++)
            ASSERT(api->routes[a].route->method != api->routes[b].route->method ||
                   strcmp(api->routes[a].template, api->routes[b].template) != 0);
}
