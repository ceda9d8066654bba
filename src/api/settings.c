/* The organisation's settings, the audit log, and the state of the service. */
#include "api/kernel.h"

/* ---- settings ---- */

#define SETTINGS(flags_required)                                                                   \
    {"name", F_STRING, flags_required, 1, 200, .en = "Name", .fr = "Nom"},                         \
        {"siret", F_SIRET, F_NULLABLE, .en = "SIRET", .fr = "SIRET"},                              \
        {"rna", F_RNA, F_NULLABLE, .en = "RNA number", .fr = "Numéro RNA"},                        \
        {"email", F_EMAIL, F_NULLABLE, .en = "E-mail", .fr = "Adresse électronique"},              \
        {"street", F_TEXT, F_NULLABLE, 0, 400, .en = "Street", .fr = "Adresse"},                   \
        {"postal_code", F_STRING, F_NULLABLE, 0, 20, .en = "Postal code", .fr = "Code postal"},    \
        {"city", F_STRING, F_NULLABLE, 0, 100, .en = "City", .fr = "Commune"},                     \
    {                                                                                              \
        "dues_with_counterpart", F_BOOL, flags_required,                                           \
            .en = "Dues buy something (services, access): booked on 7562 instead of 7561 (ANC "    \
                  "2018-06, art. 142-1)",                                                          \
            .fr = "Les cotisations donnent droit à quelque chose"                                 \
    }

static const struct field organisation_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Organisation", .fr = "Association"},
    {"slug", F_SLUG, F_REQUIRED, .en = "Short name in addresses", .fr = "Nom court"},
    SETTINGS(F_REQUIRED),
    {"currency", F_STRING, F_REQUIRED, .en = "Currency (ISO 4217)", .fr = "Monnaie"},
    {"currency_digits", F_INT, F_REQUIRED, .en = "Digits of the currency", .fr = "Décimales"},
    {"time_zone", F_STRING, F_REQUIRED, .en = "Time zone", .fr = "Fuseau horaire"},
    {"language", F_STRING, F_REQUIRED, .en = "Language of its documents", .fr = "Langue"},
    {"version", F_INT, F_REQUIRED, .en = "Counts the changes", .fr = "Version"},
    {"created_at", F_INSTANT, F_REQUIRED, .en = "Created at", .fr = "Créée le"},
    {.type = F_END}};

static const struct field organisation_in[] = {SETTINGS(0), {.type = F_END}};

/* ---- audit log ---- */

static const struct field audit_out[] = {
    {"id", F_ID, F_REQUIRED, .en = "Event", .fr = "Événement"},
    {"at", F_INSTANT, F_REQUIRED, .en = "When", .fr = "Quand"},
    {"actor", F_STRING, F_REQUIRED, .en = "Who, as an identifier", .fr = "Qui"},
    {"actor_name", F_STRING, F_NULLABLE, .en = "Who, by name", .fr = "Nom"},
    {"roles", F_STRINGS, F_NULLABLE, .en = "With which roles", .fr = "Rôles"},
    {"action", F_STRING, F_REQUIRED, .en = "insert, update, delete, read, sign_in…",
     .fr = "Action"},
    {"subject_kind", F_STRING, F_NULLABLE, .en = "What kind of thing", .fr = "Objet"},
    {"subject_id", F_STRING, F_NULLABLE, .en = "Which one", .fr = "Identifiant"},
    {"route", F_STRING, F_NULLABLE, .en = "Through which operation", .fr = "Opération"},
    {"request_id", F_STRING, F_NULLABLE, .en = "In which request", .fr = "Requête"},
    {"columns", F_STRINGS, F_NULLABLE, .en = "What changed", .fr = "Champs modifiés"},
    {"changes", F_ANY, F_NULLABLE, .en = "Before and after", .fr = "Avant et après"},
    {"reason", F_STRING, F_NULLABLE, .en = "Why", .fr = "Motif"},
    {.type = F_END}};

static const char *const audit_kinds[] = {"changes", "access", NULL};

static const struct field audit_query[] = {
    {"what", F_ENUM, 0, .values = audit_kinds,
     .en = "Only changes of what is kept, or only who came and read"},
    {"subject_kind", F_STRING, 0, 0, 60, .en = "Only about this kind of thing"},
    {"subject_id", F_STRING, 0, 0, 60, .en = "Only about this one"},
    {"actor", F_STRING, 0, 0, 60, .en = "Only by this actor"},
    {"action", F_STRING, 0, 0, 40, .en = "Only this action"},
    {"request_id", F_UUID, 0, .en = "Only in this request"},
    {"from", F_DATE, 0, .en = "From this day on"},
    {"to", F_DATE, 0, .en = "Up to and with this day"},
    {.type = F_END}};

static const struct filter audit_filters[] = {
    {"what", "(action IN ('insert', 'update', 'delete', 'erase')) = (%s = 'changes')"},
    {"subject_kind", "subject_kind = %s"},
    {"subject_id", "subject_id = %s"},
    {"actor", "actor = %s"},
    {"action", "action = %s"},
    {"request_id", "request_id = %s::uuid"},
    {"from", "at >= %s::date"},
    {"to", "at < %s::date + 1"},
    {NULL, NULL}};
static const struct sort audit_sorts[] = {
    {"-at", "at", "timestamptz"}, {"at", "at", "timestamptz"}, {NULL, NULL, NULL}};
static const struct collection audit_list = {"audit_event", "bigint", audit_filters, audit_sorts,
                                             "id::bigint"};

/* ---- the service ---- */

static const struct db_statement schema_version = {"schema_version", "SELECT api.schema_version()"};
const struct db_statement *const settings_statements[] = {&schema_version, NULL};

static enum rc health(struct request *request)
{
    writer_text(request->out, "{\"status\":\"ok\",\"version\":\"" GRENIER_VERSION "\"}");
    return RC_OK;
}

static enum rc ready(struct request *request)
{
    DB_ROWS *rows = NULL;
    TRY(request_query(request, &schema_version, 0, NULL, &rows));
    if (db_int(rows, 0, 0) != request->config->schema_version)
        return problem_set(&request->problem, PROBLEM_SCHEMA, NULL);
    writer_text(request->out, "{\"status\":\"ready\"}");
    return RC_OK;
}

static enum rc openapi(struct request *request)
{
    api_openapi(request->out);
    return RC_OK;
}

static enum rc metrics(struct request *request)
{
    const char *address = request->exchange->address;
    if (strncmp(address, "127.", 4) != 0 && strcmp(address, "::1") != 0)
        return problem_set(&request->problem, PROBLEM_NOT_FOUND, NULL);
    if (request->config->metrics != NULL)
        http_metrics_write(request->config->metrics, request->out);
    writer_text(request->out,
                "# HELP grenier_info Version of the program.\n# TYPE grenier_info gauge\n"
                "grenier_info{version=\"" GRENIER_VERSION "\"} 1\n");
    reply_type(request, "text/plain; version=0.0.4; charset=utf-8");
    return RC_OK;
}

static const struct field status_out[] = {{"status", F_STRING, F_REQUIRED, .en = "ok or ready"},
                                          {.type = F_END}};

const struct route settings_routes[] = {
    {HTTP_GET, "/organisations/{organisation}", ROLES_ALL, TX_READ, 0, .out = organisation_out,
     .sql = "organisation", .id = "organisation_show", .en = "The organisation and its settings"},
    {HTTP_PATCH, "/organisations/{organisation}", ROLE_ADMINISTRATOR, TX_WRITE, R_IF_MATCH,
     .in = organisation_in, .out = organisation_out, .sql = "organisation_update",
     .id = "organisation_update", .en = "Change settings"},
    {HTTP_GET, "/organisations/{organisation}/audit-events", ROLES_BOOKS | ROLE_ADMINISTRATOR,
     TX_READ_LOGGED, 0, .query = audit_query, .out = audit_out, .list = &audit_list,
     .id = "audit_event_list", .en = "What changed, by whom, when and why"},
    {HTTP_GET, "/health", ROLE_ANYONE, TX_NONE, 0, .out = status_out, .handler = health,
     .id = "health", .en = "The program runs"},
    {HTTP_GET, "/ready", ROLE_ANYONE, TX_READ, 0, .out = status_out, .handler = ready,
     .id = "ready", .en = "The database answers and has the program's schema"},
    {HTTP_GET, "/openapi.json", ROLE_ANYONE, TX_NONE, 0, .handler = openapi, .id = "openapi",
     .en = "This document"},
    {HTTP_GET, "/metrics", ROLE_ANYONE, TX_NONE, R_TEXT, .handler = metrics, .id = "metrics",
     .en = "Figures for Prometheus; from this machine only"},
    {.path = NULL}};
