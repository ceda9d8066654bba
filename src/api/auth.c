#include "api/kernel.h"

#include "base/crypto.h"
#include "base/log.h"

/* The names of app.membership.role, by bit. */
static const struct {
    const char *name;
    unsigned bit;
} role_names[] = {{"treasurer", ROLE_TREASURER},
                  {"board", ROLE_BOARD},
                  {"member", ROLE_MEMBER},
                  {"auditor", ROLE_AUDITOR},
                  {"administrator", ROLE_ADMINISTRATOR}};

static const struct db_statement authenticate = {
    "authenticate",
    "SELECT problem, actor, user_id, user_name, user_email, array_to_string(roles, ',') AS roles, "
    "organisation_id, "
    "organisation_slug, currency, currency_digits, organisation_language, member_id, session_id "
    "FROM api.authenticate($1, decode($2, 'hex'), $3, $4)"};

const struct db_statement *const auth_statements[] = {&authenticate, NULL};

static unsigned roles_of(const char *text)
{
    unsigned roles = 0;
    for (struct str rest = str_of(text); rest.n > 0;) {
        const char *comma = memchr(rest.p, ',', rest.n);
        size_t n = comma == NULL ? rest.n : (size_t)(comma - rest.p);
        for (size_t i = 0; i < ARRAY_SIZE(role_names); i++)
            if (str_is((struct str){rest.p, n}, role_names[i].name))
                roles |= role_names[i].bit;
        size_t skip = comma == NULL ? rest.n : n + 1;
        rest = (struct str){rest.p + skip, rest.n - skip};
    }
    return roles;
}

static const char *keep(struct arena *arena, const struct db_rows *rows, const char *column)
{
    const char *text = db_text(rows, 0, db_column(rows, column));
    return text == NULL ? NULL : arena_strdup(arena, text);
}

static const char *slug_of(const struct kernel_request *kernel)
{
    for (size_t i = 0; kernel->compiled->variables[i].type != F_END; i++)
        if (strcmp(kernel->compiled->variables[i].name, "organisation") == 0)
            return kernel->variables[i].p; /* decoded, terminated */
    return NULL;
}

/* Values of the statement `authenticate`; false without a secret. */
struct credentials {
    char digest[SHA256_HEX_SIZE];
    const char *values[4];
};

static bool read_credentials(const struct kernel_request *kernel, struct credentials *ret)
{
    const char *secret = kernel->bearer != NULL ? kernel->bearer : kernel->session_cookie;
    unsigned char digest[SHA256_SIZE];
    if (secret == NULL)
        return false;
    crypto_sha256(secret, strlen(secret), digest);
    crypto_hex(digest, sizeof digest, ret->digest);
    ret->values[0] = kernel->bearer != NULL ? "token" : "session";
    ret->values[1] = ret->digest;
    ret->values[2] = slug_of(kernel);
    ret->values[3] = kernel->request.exchange->address;
    return true;
}

static enum rc take_caller(struct kernel_request *kernel, const struct db_rows *rows)
{
    struct request *request = &kernel->request;
    struct caller *caller = &request->caller;
    ASSERT(db_rows_count(rows) == 1);
    const char *problem = db_text(rows, 0, db_column(rows, "problem"));
    if (problem != NULL) {
        enum problem_code code = problem_by_slug(str_of(problem));
        ASSERT(code != PROBLEM_NONE);
        return problem_set(&request->problem, code, NULL);
    }
    struct arena *arena = request->arena;
    caller->actor = keep(arena, rows, "actor");
    caller->user_id = keep(arena, rows, "user_id");
    caller->user_name = keep(arena, rows, "user_name");
    caller->user_email = keep(arena, rows, "user_email");
    caller->session_id = keep(arena, rows, "session_id");
    caller->organisation_id = keep(arena, rows, "organisation_id");
    caller->slug = keep(arena, rows, "organisation_slug");
    caller->member_id = keep(arena, rows, "member_id");
    caller->currency = keep(arena, rows, "currency");
    caller->digits = (int)db_int(rows, 0, db_column(rows, "currency_digits"));
    const char *language = db_text(rows, 0, db_column(rows, "organisation_language"));
    caller->organisation_language =
        language != NULL && strcmp(language, "en") == 0 ? LANGUAGE_EN : LANGUAGE_FR;
    caller->roles_text = keep(arena, rows, "roles");
    caller->roles = caller->roles_text == NULL ? 0 : roles_of(caller->roles_text);
    return arena->exhausted ? problem_set(&request->problem, PROBLEM_MEMORY, NULL) : RC_OK;
}

static const struct caller anonymous = {.actor = "anonymous", .roles_text = "", .digits = 2};

/* Whether the caller, once known, may. */
static enum rc admit(struct kernel_request *kernel)
{
    struct request *request = &kernel->request;
    unsigned wanted = request->route->roles;
    if (wanted & ROLES_ALL && (request->caller.roles & wanted) == 0) {
        log_line(LOG_WARN, "not allowed", "req", request->exchange->request_id, "actor",
                 request->caller.actor, "roles", request->caller.roles_text, "route",
                 request->route->id, NULL);
        return problem_set(&request->problem, PROBLEM_FORBIDDEN, NULL);
    }
    kernel->authorised = true;
    return RC_OK;
}

enum rc request_authorise(struct kernel_request *kernel, struct db *db)
{
    struct request *request = &kernel->request;
    struct credentials credentials;
    request->caller = anonymous;
    if (!(request->route->roles & ROLE_ANYONE)) {
        DB_ROWS *rows = NULL;
        if (!read_credentials(kernel, &credentials))
            return problem_set(&request->problem, PROBLEM_UNAUTHENTICATED, NULL);
        TRY(db_run(db, &authenticate, ARRAY_SIZE(credentials.values), credentials.values, &rows,
                   &request->problem));
        TRY(take_caller(kernel, rows));
    }
    return admit(kernel);
}

void request_authorise_all(struct kernel_request *const kernels[], size_t n, struct db *db)
{
    struct credentials credentials[GROUP_MAX];
    struct db_call calls[GROUP_MAX];
    struct kernel_request *asking[GROUP_MAX];
    size_t n_calls = 0, broken;
    ASSERT(n <= GROUP_MAX);
    for (size_t i = 0; i < n; i++) {
        struct kernel_request *kernel = kernels[i];
        if (kernel->authorised || kernel->request.route->roles & ROLE_ANYONE ||
            !read_credentials(kernel, &credentials[n_calls]))
            continue;
        calls[n_calls] = (struct db_call){&authenticate, ARRAY_SIZE(credentials[0].values),
                                          credentials[n_calls].values, NULL};
        asking[n_calls++] = kernel;
    }
    if (n_calls == 0)
        return;
    struct problem *problem = &asking[0]->request.problem;
    if (db_pipeline(db, false, calls, n_calls, &broken, problem) != RC_OK) {
        problem_init(problem, asking[0]->request.arena);
        return;
    }
    for (size_t i = 0; i < n_calls; i++) {
        asking[i]->request.caller = anonymous;
        enum rc rc = take_caller(asking[i], calls[i].rows);
        if (rc == RC_OK)
            rc = admit(asking[i]);
        ASSERT(rc == RC_OK || problem_check(&asking[i]->request.problem) != RC_OK);
        db_rows_free(calls[i].rows);
    }
}
