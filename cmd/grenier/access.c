/* The operator takes access away: token list, token revoke, user end. */
#include "base/text.h"
#include "grenier/command.h"
#include "grenier/session.h"

#include <stdio.h>

static const char *const roles[] = {"treasurer", "board",         "member",
                                    "auditor",   "administrator", NULL};

#define OPTION_ORGANISATION                                                                        \
    {                                                                                              \
        .name = "organisation", .type = OPTION_SLUG, .required = true, .argument = "SLUG",         \
        .en = "where it is valid", .fr = "où il est valable"                                      \
    }

const struct option token_list_options[] = {
    OPTION_ORGANISATION, OPTION_DATA_DIR, OPTION_DATABASE_URL, {.type = OPTION_END}};
const struct option token_revoke_options[] = {
    OPTION_ORGANISATION,
    {.name = "id",
     .type = OPTION_UUID,
     .required = true,
     .argument = "ID",
     .en = "which one, as token list shows it",
     .fr = "lequel, comme token list le montre"},
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};
const struct option user_end_options[] = {
    {.name = "organisation",
     .type = OPTION_SLUG,
     .required = true,
     .argument = "SLUG",
     .en = "where the role ends",
     .fr = "où le rôle prend fin"},
    {.name = "email",
     .type = OPTION_TEXT,
     .required = true,
     .argument = "EMAIL",
     .en = "whose role",
     .fr = "de qui"},
    {.name = "role",
     .type = OPTION_CHOICES,
     .choices = roles,
     .argument = "ROLE[,ROLE]",
     .en = "only these (default: all) of:",
     .fr = "seulement ceux-ci (défaut : tous) parmi :"},
    OPTION_DATA_DIR,
    OPTION_DATABASE_URL,
    {.type = OPTION_END},
};

/* One transaction of one statement; its rows are the caller's. */
static enum exit_code run(struct session *session, const char *sql, size_t n,
                          const char *const *values, struct db_rows **ret_rows)
{
    enum exit_code code = session_begin(session);

    if (code == EXIT_DONE)
        code = session_query(session, sql, n, values, ret_rows);
    if (code == EXIT_DONE)
        code = session_commit(session);
    return code;
}

typedef enum exit_code work_fn(struct session *session, const struct options *options);

static enum exit_code with_session(const struct options *options, work_fn *work)
{
    struct session session;
    enum exit_code code = session_open(options, SESSION_EXISTING, &session);

    if (code == EXIT_DONE)
        code = session_connect(&session);
    if (code == EXIT_DONE)
        code = work(&session, options);
    session_close(&session);
    return code;
}

static enum exit_code list_tokens(struct session *session, const struct options *options)
{
    const char *values[] = {option_text(options, "organisation")};
    DB_ROWS *rows = NULL;
    enum exit_code code =
        run(session,
            "SELECT t.id, t.role, CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN "
            "t.expires_at <= now() THEN 'expired' ELSE 'valid' END, t.created_at::date, "
            "t.expires_at::date, COALESCE(t.last_seen_at::date::text, '-'), t.name FROM app.token "
            "t WHERE t.organisation_id = app.organisation_by_slug($1) ORDER BY t.created_at, t.id",
            ARRAY_SIZE(values), values, &rows);

    if (code != EXIT_DONE)
        return code;
    say_note("id, role, state, made, expires, last seen, name",
             "identifiant, rôle, état, création, expiration, dernier usage, nom");
    for (size_t row = 0; row < db_rows_count(rows); row++)
        say_result("%s %s %s %s %s %s %s", "%s %s %s %s %s %s %s", db_text(rows, row, 0),
                   db_text(rows, row, 1), db_text(rows, row, 2), db_text(rows, row, 3),
                   db_text(rows, row, 4), db_text(rows, row, 5), db_text(rows, row, 6));
    return EXIT_DONE;
}

static enum exit_code revoke_token(struct session *session, const struct options *options)
{
    const char *values[] = {option_text(options, "organisation"), option_text(options, "id"),
                            session->actor};
    DB_ROWS *rows = NULL;
    enum exit_code code = run(session, "SELECT app.token_revoke($1, $2::uuid, $3)",
                              ARRAY_SIZE(values), values, &rows);

    if (code == EXIT_DONE)
        say_result("%s is valid no more", "%s n’est plus valable", db_text(rows, 0, 0));
    return code;
}

static enum exit_code end_roles(struct session *session, const struct options *options)
{
    const char *email = option_text(options, "email");
    const char *values[] = {option_text(options, "organisation"), email,
                            option_text(options, "role"), session->actor};
    DB_ROWS *rows = NULL;
    enum exit_code code =
        run(session, "SELECT app.membership_end($1, $2, string_to_array($3, ','), $4)",
            ARRAY_SIZE(values), values, &rows);

    if (code != EXIT_DONE)
        return code;
    if (db_rows_count(rows) == 0) {
        say_error("%s has no such role there", "%s n’y a pas ce rôle", email);
        return EXIT_FAILED;
    }
    for (size_t row = 0; row < db_rows_count(rows); row++)
        say_result("%s is %s no more", "%s n’est plus %s", email, db_text(rows, row, 0));
    return EXIT_DONE;
}

enum exit_code token_list_run(const struct options *options)
{
    return with_session(options, list_tokens);
}

enum exit_code token_revoke_run(const struct options *options)
{
    return with_session(options, revoke_token);
}

enum exit_code user_end_run(const struct options *options)
{
    return with_session(options, end_roles);
}
