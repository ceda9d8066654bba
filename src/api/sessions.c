/* Signing in and out, one-time links, who am I. The sign-in is the one handler that runs
 * transactions of its own: the attempt is counted before the password is looked at, and a failure
 * is recorded though nothing else happens. */
#include "api/kernel.h"

#include "base/crypto.h"
#include "base/text.h"

enum { PASSWORD_MIN = 12, PASSWORD_MAX = 200 };

#define COOKIE_SET   "__Host-grenier=%s; Path=/; Secure; HttpOnly; SameSite=Strict"
#define COOKIE_CLEAR "__Host-grenier=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"

static const struct db_statement throttle_check = {"throttle_check",
                                                   "SELECT api.throttle_check($1, $2)"};
static const struct db_statement sign_in_throttled = {"sign_in_throttled",
                                                      "SELECT api.sign_in_throttled($1, $2)"};
static const struct db_statement sign_in_lookup = {
    "sign_in_lookup", "SELECT user_id, password_hash FROM api.sign_in_lookup($1)"};
static const struct db_statement sign_in_result = {
    "sign_in_result", "SELECT api.sign_in_result($1, $2, $3, $4::boolean)"};
static const struct db_statement session_create = {
    "session_create", "SELECT id, created_at, expires_at FROM api.session_create($1::uuid, "
                      "decode($2, 'hex'), $3, $4)"};
static const struct db_statement session_end = {"session_end",
                                                "SELECT api.session_end(decode($1, 'hex'))"};
static const struct db_statement session_list = {
    "session_list",
    "SELECT id, created_at, last_seen_at, expires_at, address, last_address, user_agent, current "
    "FROM api.session_list($1::uuid, $2::uuid)"};
static const struct db_statement session_revoke = {"session_revoke",
                                                   "SELECT api.session_revoke($1::uuid, $2::uuid)"};
static const struct db_statement my_organisations = {
    "my_organisations",
    "SELECT id, slug, name, currency, currency_digits, time_zone, language, roles, member_id "
    "FROM api.my_organisations($1::uuid, $2::uuid)"};
static const struct db_statement link_get = {
    "one_time_link_get", "SELECT purpose, user_name, user_email, language, expires_at FROM "
                         "api.one_time_link_get(decode($1, 'hex'))"};
static const struct db_statement link_use = {
    "one_time_link_use", "SELECT user_id, email, organisation_slug FROM "
                         "api.one_time_link_use(decode($1, 'hex'), $2, $3::jsonb)"};

const struct db_statement *const session_statements[] = {
    &throttle_check,   &sign_in_throttled, &sign_in_lookup, &sign_in_result,
    &session_create,   &session_end,       &session_list,   &session_revoke,
    &my_organisations, &link_get,          &link_use,       NULL};

static void hash_of(const char *secret, char hex[static SHA256_HEX_SIZE])
{
    unsigned char digest[SHA256_SIZE];
    crypto_sha256(secret, strlen(secret), digest);
    crypto_hex(digest, sizeof digest, hex);
}

static const char *user_agent(struct request *request)
{
    struct str header = http_header(request->exchange, "User-Agent");
    const char *text =
        header.p != NULL && text_is_utf8(header) ? arena_copy(request->arena, header) : NULL;
    return text;
}

static enum rc begin(struct request *request)
{
    const struct db_context context = {.actor = request->caller.actor,
                                       .roles = "",
                                       .request_id = request->exchange->request_id,
                                       .route = request->route->id,
                                       .address = request->exchange->address};
    return db_begin(request->db, TX_WRITE, &context, &request->problem);
}

/* The session of the cookie that came, if there is one, ends: inside the open transaction. */
static enum rc end_session(struct request *request)
{
    struct str cookie = http_cookie(request->exchange, "__Host-grenier");
    const char *secret = cookie.p == NULL ? NULL : arena_copy(request->arena, cookie);
    char hex[SHA256_HEX_SIZE];
    DB_ROWS *rows = NULL;
    if (secret == NULL)
        return RC_OK;
    hash_of(secret, hex);
    const char *const values[] = {hex};
    return request_query(request, &session_end, 1, values, &rows);
}

/* A session for a person whose password was just seen right, in the place of the browser's last:
 * inside the open transaction. */
static enum rc open_session(struct request *request, const char *user_id)
{
    char secret[SECRET_TEXT_SIZE], hex[SHA256_HEX_SIZE];
    TRY(end_session(request));
    crypto_secret(secret);
    hash_of(secret, hex);
    const char *const values[] = {user_id, hex, request->exchange->address, user_agent(request)};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &session_create, ARRAY_SIZE(values), values, &rows));
    http_reply_headerf(request->exchange, "Set-Cookie", COOKIE_SET, secret);
    return RC_OK;
}

/* ---- sign-in ---- */

/* An attempt that was not even looked at is seen by who looks after the installation. */
static enum rc record_refusal(struct request *request, const char *const values[static 2])
{
    DB_ROWS *rows = NULL;
    TRY(begin(request));
    TRY(request_query(request, &sign_in_throttled, 2, values, &rows));
    return db_commit(request->db, &request->problem);
}

static enum rc count_attempt(struct request *request, const char *email)
{
    const char *const values[] = {email, request->exchange->address};
    DB_ROWS *rows = NULL;
    TRY(begin(request));
    TRY(request_query(request, &throttle_check, 2, values, &rows));
    if (db_text(rows, 0, 0) == NULL)
        return db_commit(request->db, &request->problem);
    int wait = (int)db_int(rows, 0, 0);
    const char *text = arena_strdup(request->arena, db_text(rows, 0, 0));
    db_rollback(request->db);
    TRY(record_refusal(request, values));
    request->problem.retry_after_s = wait;
    return problem_set(&request->problem, PROBLEM_TOO_MANY_REQUESTS, text, NULL);
}

/* A hash that no password has, made once with the current parameters, so that an unknown address
 * takes as long. */
static const char *dummy_hash(void)
{
    return "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

static enum rc look_up(struct request *request, const char *email, const char *password,
                       const char **ret_user)
{
    const char *const values[] = {email};
    DB_ROWS *rows = NULL;
    *ret_user = NULL;
    TRY(request_query(request, &sign_in_lookup, 1, values, &rows));
    const char *hash = db_text(rows, 0, db_column(rows, "password_hash"));
    bool right = crypto_password_verify(str_of(password), hash != NULL ? hash : dummy_hash());
    if (right && hash != NULL)
        *ret_user = arena_strdup(request->arena, db_text(rows, 0, db_column(rows, "user_id")));
    return RC_OK;
}

static enum rc sign_in(struct request *request)
{
    const char *email = record_text(request->body, "email");
    const char *password = record_text(request->body, "password");
    const char *user = NULL;
    TRY(count_attempt(request, email));
    TRY(look_up(request, email, password, &user));
    const char *const values[] = {email, request->exchange->address, user_agent(request),
                                  user != NULL ? "true" : "false"};
    DB_ROWS *rows = NULL;
    TRY(begin(request));
    TRY(request_query(request, &sign_in_result, ARRAY_SIZE(values), values, &rows));
    if (user != NULL)
        TRY(open_session(request, user));
    TRY(db_commit(request->db, &request->problem));
    if (user == NULL)
        return problem_set(&request->problem, PROBLEM_SIGN_IN_REFUSED, NULL);
    writer_text(request->out, "{\"signed_in\":true}");
    return RC_OK;
}

static enum rc sign_out(struct request *request)
{
    TRY(end_session(request));
    reply_header(request, "Set-Cookie", COOKIE_CLEAR);
    return RC_OK;
}

/* ---- my sessions, me ---- */

static const struct field session_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Session", .fr = "Session"},
    {"created_at", F_INSTANT, F_REQUIRED, .en = "Signed in at", .fr = "Ouverte le"},
    {"last_seen_at", F_INSTANT, F_REQUIRED, .en = "Last seen at", .fr = "Dernière activité"},
    {"expires_at", F_INSTANT, F_REQUIRED, .en = "Ends at the latest", .fr = "Finit au plus tard"},
    {"address", F_STRING, F_NULLABLE, .en = "Address at sign-in", .fr = "Adresse à la connexion"},
    {"last_address", F_STRING, F_NULLABLE, .en = "Last address", .fr = "Dernière adresse"},
    {"user_agent", F_STRING, F_NULLABLE, .en = "Browser", .fr = "Navigateur"},
    {"current", F_BOOL, F_REQUIRED, .en = "This session", .fr = "Cette session"},
    {.type = F_END}};

static enum rc sessions_mine(struct request *request)
{
    const char *const values[] = {request->caller.user_id, request->caller.session_id};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &session_list, 2, values, &rows));
    reply_items(request, session_out, rows, ",\"next\":null");
    return RC_OK;
}

static enum rc session_revocation(struct request *request)
{
    const char *const values[] = {request->caller.user_id, record_text(request->path, "id")};
    DB_ROWS *rows = NULL;
    if (request->caller.user_id == NULL)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    return request_query(request, &session_revoke, 2, values, &rows);
}

static const struct field mine_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Organisation", .fr = "Association"},
    {"slug", F_SLUG, F_REQUIRED, .en = "Short name in addresses", .fr = "Nom court"},
    {"name", F_STRING, F_REQUIRED, .en = "Name", .fr = "Nom"},
    {"currency", F_STRING, F_REQUIRED, .en = "Currency (ISO 4217)", .fr = "Monnaie"},
    {"currency_digits", F_INT, F_REQUIRED, .en = "Digits of the currency", .fr = "Décimales"},
    {"time_zone", F_STRING, F_REQUIRED, .en = "Time zone", .fr = "Fuseau horaire"},
    {"language", F_STRING, F_REQUIRED, .en = "Language of its documents", .fr = "Langue"},
    {"roles", F_STRINGS, F_REQUIRED, .en = "My roles", .fr = "Mes rôles"},
    {"member_id", F_UUID, F_NULLABLE, .en = "The member I act for", .fr = "Adhérent représenté"},
    {.type = F_END}};

static enum rc query_mine(struct request *request, struct db_rows **ret_rows)
{
    const char *actor = request->caller.actor;
    const char *token = strncmp(actor, "token:", 6) == 0 ? actor + 6 : NULL;
    const char *const values[] = {request->caller.user_id, token};
    return request_query(request, &my_organisations, 2, values, ret_rows);
}

static enum rc organisations_mine(struct request *request)
{
    DB_ROWS *rows = NULL;
    TRY(query_mine(request, &rows));
    reply_items(request, mine_out, rows, ",\"next\":null");
    return RC_OK;
}

static const struct field me_out[] = {
    {"actor", F_STRING, F_REQUIRED, .en = "Who the audit log names", .fr = "Nom dans l’historique"},
    {"id", F_UUID, F_NULLABLE, .en = "User; null for an access key", .fr = "Personne"},
    {"name", F_STRING, F_NULLABLE, .en = "Name", .fr = "Nom"},
    {"email", F_EMAIL, F_NULLABLE, .en = "E-mail", .fr = "Adresse électronique"},
    {"organisations", F_LIST, F_REQUIRED, .of = mine_out, .en = "Where I have a role",
     .fr = "Mes associations"},
    {.type = F_END}};

static void text_or_null(struct writer *out, const char *text)
{
    if (text == NULL)
        writer_text(out, "null");
    else
        writer_json_string(out, str_of(text));
}

static enum rc me(struct request *request)
{
    const struct caller *caller = &request->caller;
    DB_ROWS *rows = NULL;
    TRY(query_mine(request, &rows));
    writer_text(request->out, "{\"actor\":");
    text_or_null(request->out, caller->actor);
    writer_text(request->out, ",\"id\":");
    text_or_null(request->out, caller->user_id);
    writer_text(request->out, ",\"name\":");
    text_or_null(request->out, caller->user_name);
    writer_text(request->out, ",\"email\":");
    text_or_null(request->out, caller->user_email);
    writer_text(request->out, ",\"organisations\":[");
    for (size_t row = 0; row < db_rows_count(rows); row++) {
        if (row > 0)
            writer_char(request->out, ',');
        reply_row(request, mine_out, rows, row);
    }
    writer_text(request->out, "]}");
    return RC_OK;
}

/* ---- one-time links ---- */

static const struct field link_out[] = {
    {"purpose", F_STRING, F_REQUIRED, .en = "password: choose one; setup: create the association",
     .fr = "Objet du lien"},
    {"user_name", F_STRING, F_NULLABLE, .en = "For whom", .fr = "Pour qui"},
    {"user_email", F_EMAIL, F_NULLABLE, .en = "E-mail", .fr = "Adresse électronique"},
    {"language", F_STRING, F_REQUIRED, .en = "Language", .fr = "Langue"},
    {"expires_at", F_INSTANT, F_REQUIRED, .en = "Valid until", .fr = "Valable jusqu’au"},
    {.type = F_END}};

static enum rc link_show(struct request *request)
{
    char hex[SHA256_HEX_SIZE];
    hash_of(record_text(request->path, "token"), hex);
    const char *const values[] = {hex};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &link_get, 1, values, &rows));
    reply_row(request, link_out, rows, 0);
    return RC_OK;
}

static const struct field link_in[] = {
    {"password", F_STRING, F_REQUIRED | F_SENSITIVE | F_EXACT, 1, PASSWORD_MAX,
     .en = "The password chosen", .fr = "Mot de passe choisi"},
    {"organisation_name", F_STRING, 0, 1, 200, .en = "setup: the association's name",
     .fr = "Nom de l’association"},
    {"slug", F_SLUG, 0, .en = "setup: its short name in addresses", .fr = "Nom court"},
    {"fiscal_year_starts_on", F_DATE, 0, .en = "setup: first day of the current fiscal year",
     .fr = "Début de l’exercice"},
    {"name", F_STRING, 0, 1, 200, .en = "setup: your name", .fr = "Votre nom"},
    {"email", F_EMAIL, F_SENSITIVE, .en = "setup: your e-mail", .fr = "Votre adresse électronique"},
    {.type = F_END}};

static const struct field link_used_out[] = {
    {"email", F_EMAIL, F_REQUIRED, .en = "Who signed in", .fr = "Qui s’est connecté"},
    {"organisation", F_SLUG, F_NULLABLE, .en = "setup: the association made",
     .fr = "Association créée"},
    {.type = F_END}};

/* Length is what counts (NIST SP 800-63B §5.1.1); one repeated character or the address itself is
 * no secret. */
static bool is_weak(const char *password, const char *email)
{
    ASSERT(password != NULL);
    size_t n = text_length(str_of(password));
    if (n < PASSWORD_MIN || (email != NULL && strcasecmp(password, email) == 0))
        return true;
    for (const char *p = password; *p != 0; p++)
        if (*p != password[0])
            return false;
    return true;
}

static enum rc check_setup(struct request *request)
{
    static const char *const needed[] = {"organisation_name", "slug", "fiscal_year_starts_on",
                                         "name", "email"};
    for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
        if (!record_has(request->body, needed[i]))
            problem_fault(&request->problem, arena_printf(request->arena, "/%s", needed[i]),
                          PROBLEM_FIELD_REQUIRED, NULL);
    return problem_check(&request->problem);
}

static enum rc link_work(struct request *request)
{
    char hex[SHA256_HEX_SIZE], encoded[PASSWORD_HASH_SIZE];
    const char *password = record_text(request->body, "password");
    hash_of(record_text(request->path, "token"), hex);
    const char *const key[] = {hex};
    DB_ROWS *link = NULL;
    TRY(request_query(request, &link_get, 1, key, &link));
    const char *email = db_text(link, 0, db_column(link, "user_email"));
    if (is_weak(password, email != NULL ? email : record_text(request->body, "email")))
        problem_fault(&request->problem, "/password", PROBLEM_PASSWORD_WEAK, NULL);
    if (strcmp(db_text(link, 0, db_column(link, "purpose")), "setup") == 0)
        TRY(check_setup(request));
    TRY(problem_check(&request->problem));
    if (!crypto_password_hash(str_of(password), encoded))
        return problem_set(&request->problem, PROBLEM_BUSY, NULL);
    const char *const values[] = {hex, encoded, request->body_json};
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &link_use, ARRAY_SIZE(values), values, &rows));
    TRY(open_session(request, db_text(rows, 0, db_column(rows, "user_id"))));
    writer_text(request->out, "{\"email\":");
    text_or_null(request->out, db_text(rows, 0, db_column(rows, "email")));
    writer_text(request->out, ",\"organisation\":");
    text_or_null(request->out, db_text(rows, 0, db_column(rows, "organisation_slug")));
    writer_char(request->out, '}');
    return RC_OK;
}

static const struct field sign_in_in[] = {
    {"email", F_EMAIL, F_REQUIRED | F_SENSITIVE, .en = "E-mail", .fr = "Adresse électronique"},
    {"password", F_STRING, F_REQUIRED | F_SENSITIVE | F_EXACT, 1, PASSWORD_MAX, .en = "Password",
     .fr = "Mot de passe"},
    {.type = F_END}};

static const struct field sign_in_out[] = {
    {"signed_in", F_BOOL, F_REQUIRED, .en = "Always true", .fr = "Connecté"}, {.type = F_END}};

const struct route session_routes[] = {
    {HTTP_POST, "/sessions", ROLE_ANYONE, TX_NONE, R_PASSWORD | R_NO_KEY, .in = sign_in_in,
     .out = sign_in_out, .handler = sign_in, .id = "session_create",
     .en = "Sign in; sets the session cookie"},
    {HTTP_DELETE, "/sessions/current", ROLE_SIGNED_IN, TX_WRITE, R_NO_CONTENT, .handler = sign_out,
     .id = "session_end", .en = "Sign out"},
    {HTTP_GET, "/sessions", ROLE_SIGNED_IN, TX_READ, 0, .out = session_out,
     .handler = sessions_mine, .id = "session_list", .en = "My open sessions"},
    {HTTP_POST, "/sessions/{id}/revocations", ROLE_SIGNED_IN, TX_WRITE, R_NO_CONTENT | R_NO_KEY,
     .handler = session_revocation, .id = "session_revoke", .en = "End one of my sessions"},
    {HTTP_GET, "/me", ROLE_SIGNED_IN, TX_READ, 0, .out = me_out, .handler = me, .id = "me",
     .en = "Who I am"},
    {HTTP_GET, "/organisations", ROLE_SIGNED_IN, TX_READ, 0, .out = mine_out,
     .handler = organisations_mine, .id = "organisation_list",
     .en = "The organisations where I have a role"},
    {HTTP_GET, "/one-time-links/{token}", ROLE_ANYONE, TX_READ, 0, .out = link_out,
     .handler = link_show, .id = "one_time_link_show", .en = "What a one-time link is for"},
    {HTTP_POST, "/one-time-links/{token}/uses", ROLE_ANYONE, TX_WRITE, R_PASSWORD | R_NO_KEY,
     .in = link_in, .out = link_used_out, .handler = link_work, .id = "one_time_link_use",
     .en = "Use a one-time link: choose a password, or set up the first association; signs in"},
    {.path = NULL}};
