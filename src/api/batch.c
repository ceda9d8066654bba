/* Group commit: the simple writes that wait for one writer go to the database together, in three
 * round trips and one commit, each in a subtransaction of its own (sql/api/90_tried.sql), so that
 * one that is refused leaves the others alone. Whatever goes wrong with the whole (a connection
 * lost, a deadlock, a full disk, an unknown outcome), each is run again alone under the same
 * request id, and endpoint.c knows how: the write functions answer again what they stored. */
#include "api/kernel.h"

#include <stdlib.h>

enum {
    CONTEXT_VALUES = 10,
    VALUES = CONTEXT_VALUES + 2,
    PLAIN_BREAKS_MAX = 1, /* broken batches without subtransactions */
    BREAKS_MAX = 3,       /* broken batches before all that is left is run alone */
    ALONE_MAX_S = 25      /* no request is begun alone so long after its batch began to break */
};

struct group {
    struct db *db;
    struct kernel_request *kernels[GROUP_MAX];
    struct arena_mark marks[GROUP_MAX]; /* before its first try */
    enum rc outcomes[GROUP_MAX];
    size_t n;
};

static bool is_simple(const struct kernel_request *kernel)
{
    return kernel->compiled->tried != NULL;
}

/* Two servers that lock organisations in different orders would wait for each other. Within an
 * organisation the order of arrival stays. */
static void sort_by_organisation(struct group *group)
{
    for (size_t i = 1; i < group->n; i++) {
        struct kernel_request *kernel = group->kernels[i];
        size_t at = i;
        for (; at > 0 && strcmp(group->kernels[at - 1]->request.caller.organisation_id,
                                kernel->request.caller.organisation_id) > 0;
             at--)
            group->kernels[at] = group->kernels[at - 1];
        group->kernels[at] = kernel;
    }
}

static void forget_try(struct group *group, size_t i)
{
    struct request *request = &group->kernels[i]->request;
    arena_reset(request->arena, group->marks[i]);
    problem_init(&request->problem, request->arena);
}

static void take_out(struct group *group, size_t i)
{
    for (group->n--; i < group->n; i++) {
        group->kernels[i] = group->kernels[i + 1];
        group->marks[i] = group->marks[i + 1];
    }
}

const struct db_statement batch_set_context = {
    "set_context", "SELECT api.set_context($1::uuid, $2::uuid, $3, $4, $5::uuid, $6, $7, $8, "
                   "decode($9, 'hex'), $10)"};

/* What a write answered, or why it was refused. RC_RETRY: its reply does not fit into memory, and a
 * write must not be done and refused. */
static enum rc take_answer(struct kernel_request *kernel, bool apart, const struct db_rows *rows)
{
    struct request *request = &kernel->request;
    bool written = db_rows_count(rows) > 0;
    enum rc rc = RC_OK;
    request_try(kernel);
    if (apart)
        rc = db_tried(rows, kernel->compiled->tried, &written, &request->problem);
    if (rc == RC_OK)
        rc = written_reply(kernel, rows, written);
    if (request->out->failed || request->arena->exhausted)
        return RC_RETRY;
    return rc;
}

/* One transaction with all of the group; `apart`: each in a subtransaction. RC_OK: committed, and
 * each has its outcome. Otherwise nothing is known to be done, and *ret_broken is the one that
 * stands in the way of the others (group->n: none of them does). */
static enum rc run_group(struct group *group, bool apart, size_t *ret_broken,
                         struct problem *problem)
{
    const char *values[GROUP_MAX][VALUES];
    struct db_call calls[2 * GROUP_MAX];
    size_t each = apart ? 1 : 2; /* calls of a request; the last of them answers */
    for (size_t i = 0; i < group->n; i++) {
        const struct kernel_request *kernel = group->kernels[i];
        const struct compiled_route *compiled = kernel->compiled;
        const struct db_context known = request_context(kernel);
        const char *const one[VALUES] = {
            known.organisation_id, known.member_id,           known.actor,
            known.roles,           known.request_id,          known.route,
            known.address,         known.idempotency_key,     known.idempotency_hash,
            known.if_match,        kernel->request.path_json, kernel->request.body_json};
        memcpy(values[i], one, sizeof one);
        struct db_call *call = &calls[i * each];
        if (apart) {
            *call = (struct db_call){compiled->tried, VALUES, values[i], NULL};
            continue;
        }
        call[0] = (struct db_call){&batch_set_context, CONTEXT_VALUES, values[i], NULL};
        call[1] = (struct db_call){compiled->one, 2, values[i] + CONTEXT_VALUES, NULL};
    }
    enum rc rc = db_pipeline(group->db, true, calls, group->n * each, ret_broken, problem);
    *ret_broken /= each;
    TRY(rc);
    for (size_t i = 0; i < group->n; i++) {
        if (rc == RC_OK)
            group->outcomes[i] =
                take_answer(group->kernels[i], apart, calls[(i + 1) * each - 1].rows);
        if (rc == RC_OK && group->outcomes[i] == RC_RETRY) {
            rc = RC_RETRY;
            *ret_broken = i;
        }
    }
    for (size_t i = 0; i < group->n * each; i++)
        db_rows_free(calls[i].rows);
    if (rc == RC_OK) {
        *ret_broken = group->n;
        rc = db_commit(group->db, problem);
    }
    if (rc != RC_OK)
        db_rollback(group->db);
    return rc;
}

static void reply_all(struct group *group)
{
    for (size_t i = 0; i < group->n; i++) {
        struct kernel_request *kernel = group->kernels[i];
        if (group->outcomes[i] == RC_OK)
            request_finish(kernel);
        else
            reply_problem(kernel, &kernel->request.problem);
    }
}

static void run_alone(struct kernel_request *kernel, struct db *db, time_t since)
{
    struct problem *problem = &kernel->request.problem;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec - since <= ALONE_MAX_S) {
        request_run(kernel, db);
        return;
    }
    problem_set(problem, PROBLEM_CONFLICT_RETRY, NULL);
    request_refuse(kernel);
}

/* Commits the group, with fewer and fewer of it as long as single requests break it. */
static void commit_group(struct group *group)
{
    struct kernel_request *alone[GROUP_MAX];
    size_t n_alone = 0;
    struct arena arena;
    struct problem *problem = calloc(1, sizeof *problem);
    struct timespec began;
    clock_gettime(CLOCK_MONOTONIC, &began);
    arena_init(&arena, 64 * 1024);
    for (size_t i = 0; i < group->n; i++)
        group->marks[i] = arena_mark(group->kernels[i]->request.arena);
    for (int breaks = 0; group->n > 0;) {
        size_t broken = group->n;
        if (problem != NULL) {
            problem_init(problem, &arena);
            if (run_group(group, breaks >= PLAIN_BREAKS_MAX, &broken, problem) == RC_OK)
                break;
        }
        bool unknown = problem != NULL && problem->code == PROBLEM_OUTCOME_UNKNOWN;
        for (size_t i = 0; i < group->n; i++) {
            forget_try(group, i);
            group->kernels[i]->outcome_unknown = unknown;
        }
        if (problem == NULL || broken == group->n || ++breaks > BREAKS_MAX)
            for (; group->n > 0; take_out(group, 0))
                alone[n_alone++] = group->kernels[0];
        else {
            alone[n_alone++] = group->kernels[broken];
            take_out(group, broken);
        }
    }
    reply_all(group);
    for (size_t i = 0; i < n_alone; i++)
        run_alone(alone[i], group->db, began.tv_sec);
    arena_free(&arena);
    free(problem);
}

void batch_run(struct db *db, struct kernel_request *const kernels[], size_t n)
{
    struct group group = {.db = db};
    struct kernel_request *others[GROUP_MAX];
    size_t n_others = 0;
    ASSERT(n <= GROUP_MAX);
    struct arena arena;
    struct problem *problem = calloc(1, sizeof *problem);
    arena_init(&arena, 16 * 1024);
    if (problem != NULL)
        problem_init(problem, &arena);
    if (problem != NULL && db_reconnect(db, problem) == RC_OK && (n > 1 || is_simple(kernels[0])))
        request_authorise_all(kernels, n, db);
    arena_free(&arena);
    free(problem);
    for (size_t i = 0; i < n; i++) {
        struct kernel_request *kernel = kernels[i];
        struct request *request = &kernel->request;
        if (problem_check(&request->problem) != RC_OK) {
            reply_problem(kernel, &request->problem);
            continue;
        }
        if (kernel->authorised && !kernel->parsed)
            request_prepare(kernel);
        if (kernel->authorised && problem_check(&kernel->input) != RC_OK)
            reply_problem(kernel, &kernel->input);
        else if (kernel->authorised && is_simple(kernel) && db_alive(db))
            group.kernels[group.n++] = kernel;
        else
            others[n_others++] = kernel;
    }
    sort_by_organisation(&group);
    if (group.n > 0)
        commit_group(&group);
    for (size_t i = 0; i < n_others; i++)
        request_run(others[i], db);
}
