/* Members: the record, the list, and changes to it. The import of a file is in member_import.c. */
#include "api/member_fields.h"
#include "api/request.h"

#define ORGANISATION "/organisations/{organisation}"

const char *const member_legal_forms[] = {"association",      "scop",    "scic",
                                          "sole_trader",      "company", "local_authority",
                                          "elected_official", "person",  NULL};
static const char *const statuses[] = {"current", "left", NULL};

static const struct field member_out[] = {
    {"id", F_UUID, F_REQUIRED, .en = "Member", .fr = "Identifiant"},
    {"number", F_INT, F_REQUIRED, .en = "Given by the association's counter", .fr = "N°"},
    {"name", F_STRING, F_REQUIRED | F_SENSITIVE, .en = "Name", .fr = "Nom"},
    {"legal_form", F_ENUM, F_REQUIRED, .values = member_legal_forms,
     .en = "What it is: decides what its money can be", .fr = "Forme juridique"},
    {"status", F_ENUM, F_REQUIRED, .values = statuses, .en = "current, or left from left_on on",
     .fr = "État"},
    {"siret", F_SIRET, F_NULLABLE, .en = "SIRET", .fr = "SIRET"},
    {"siren", F_SIREN, F_NULLABLE, .en = "SIREN", .fr = "SIREN"},
    {"rna", F_RNA, F_NULLABLE, .en = "RNA number", .fr = "Numéro RNA"},
    {"email", F_EMAIL, F_NULLABLE | F_SENSITIVE, .en = "E-mail", .fr = "Adresse électronique"},
    {"phone", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Telephone", .fr = "Téléphone"},
    {"street", F_TEXT, F_NULLABLE | F_SENSITIVE, .en = "Street", .fr = "Adresse"},
    {"postal_code", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Postal code", .fr = "Code postal"},
    {"city", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "City", .fr = "Commune"},
    {"country", F_STRING, F_REQUIRED, .en = "Country (ISO 3166-1)", .fr = "Pays"},
    {"iban", F_IBAN, F_NULLABLE | F_SENSITIVE, .en = "IBAN", .fr = "IBAN"},
    {"account_holder", F_STRING, F_NULLABLE | F_SENSITIVE,
     .en = "Holder of that account, where it is not the member's name",
     .fr = "Titulaire du compte"},
    {"contact_name", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "Who to speak to", .fr = "Contact"},
    {"contact_role", F_STRING, F_NULLABLE | F_SENSITIVE, .en = "In which role",
     .fr = "Fonction du contact"},
    {"joined_on", F_DATE, F_NULLABLE, .en = "Joined on; null where a list taken over does not say",
     .fr = "Adhésion"},
    {"left_on", F_DATE, F_NULLABLE, .en = "First day it is no longer a member", .fr = "Départ"},
    {"notes", F_TEXT, F_NULLABLE | F_SENSITIVE,
     .en = "The treasurer's notes; not shown to the member", .fr = "Notes"},
    {"contributed_this_year", F_MONEY, F_REQUIRED,
     .en = "Received from it in the current fiscal year, dues included",
     .fr = "Versé cet exercice"},
    {"contributed_total", F_MONEY, F_REQUIRED, .en = "Received from it in all, dues included",
     .fr = "Versé en tout"},
    {"last_contribution_on", F_DATE, F_NULLABLE, .en = "Last received on",
     .fr = "Dernier versement"},
    {"dues_paid_this_year", F_MONEY, F_REQUIRED, .en = "Dues received in the current fiscal year",
     .fr = "Cotisation versée cet exercice"},
    {"version", F_INT, F_REQUIRED | F_NO_CSV, .en = "Counts the changes"},
    {"created_at", F_INSTANT, F_REQUIRED, .en = "Made at", .fr = "Créé le"},
    {.type = F_END}};

/* What is required of a new member by hand, and of nobody when it changes. */
#define MEMBER_FIELDS(required)                                                                     \
    {"name", F_STRING, (required) | F_SENSITIVE, 1, 200, .en = "Name", .fr = "Nom"},                \
        {"legal_form",                                                                              \
         F_ENUM,                                                                                    \
         required,                                                                                  \
         .values = member_legal_forms,                                                              \
         .en = "What it is: decides what its money can be",                                         \
         .fr = "Forme juridique"},                                                                  \
        {"siret", F_SIRET, F_NULLABLE, .en = "SIRET; brings the SIREN with it", .fr = "SIRET"},     \
        {"siren", F_SIREN, F_NULLABLE, .en = "SIREN", .fr = "SIREN"},                               \
        {"rna", F_RNA, F_NULLABLE, .en = "RNA number", .fr = "Numéro RNA"},                         \
        {"email", F_EMAIL, F_NULLABLE | F_SENSITIVE, .en = "E-mail",                                \
         .fr = "Adresse électronique"},                                                             \
        {"phone", F_STRING, F_NULLABLE | F_SENSITIVE, 1, 40, .en = "Telephone", .fr = "Téléphone"}, \
        {"street", F_TEXT, F_NULLABLE | F_SENSITIVE, 1, 400, .en = "Street", .fr = "Adresse"},      \
        {"postal_code",       F_STRING,           F_NULLABLE | F_SENSITIVE, 1, 20,                  \
         .en = "Postal code", .fr = "Code postal"},                                                 \
        {"city", F_STRING, F_NULLABLE | F_SENSITIVE, 1, 200, .en = "City", .fr = "Commune"},        \
        {"country", F_STRING, 0, 2, 2, .en = "Country (ISO 3166-1), FR unless said", .fr = "Pays"}, \
        {"iban", F_IBAN, F_NULLABLE | F_SENSITIVE, .en = "IBAN", .fr = "IBAN"},                     \
        {"account_holder",                                                                          \
         F_STRING,                                                                                  \
         F_NULLABLE | F_SENSITIVE,                                                                  \
         1,                                                                                         \
         140,                                                                                       \
         .en = "Holder of that account, where it is not the member's name",                         \
         .fr = "Titulaire du compte"},                                                              \
        {"contact_name",          F_STRING,       F_NULLABLE | F_SENSITIVE, 1, 200,                 \
         .en = "Who to speak to", .fr = "Contact"},                                                 \
        {"contact_role",                                                                            \
         F_STRING,                                                                                  \
         F_NULLABLE | F_SENSITIVE,                                                                  \
         1,                                                                                         \
         200,                                                                                       \
         .en = "In which role",                                                                     \
         .fr = "Fonction du contact"},                                                              \
        {"joined_on", F_DATE, required, .en = "Joined on", .fr = "Adhésion"},                       \
        {"left_on", F_DATE, F_NULLABLE, .en = "First day it is no longer a member",                 \
         .fr = "Départ"},                                                                           \
    {                                                                                               \
        "notes", F_TEXT, F_NULLABLE | F_SENSITIVE, 1, 10000, .en = "The treasurer's notes",         \
                                                             .fr = "Notes"                          \
    }

static const struct field member_in[] = {MEMBER_FIELDS(F_REQUIRED), {.type = F_END}};
const struct field member_change[] = {MEMBER_FIELDS(0), {.type = F_END}};

static const struct field member_query[] = {
    {"q", F_STRING, 0, 0, 100,
     .en = "Part of the name, the number, the place, the contact, the e-mail or an identifier"},
    {"legal_form", F_ENUM, 0, .values = member_legal_forms, .en = "Only of this legal form"},
    {"status", F_ENUM, 0, .values = statuses, .en = "Only current members, or only those who left"},
    {.type = F_END}};
static const struct filter member_filters[] = {{"q", "searched LIKE '%' || fund.fold(%s) || '%'"},
                                               {"legal_form", "legal_form = %s"},
                                               {"status", "status = %s"},
                                               {NULL, NULL}};
static const struct sort member_sorts[] = {
    {"name", "name_folded", "text"},
    {"number", "number", "integer"},
    {"-joined_on", "coalesce(joined_on, DATE '0001-01-01')", "date"},
    {"-contributed_total", "contributed_total", "bigint"},
    {NULL, NULL, NULL}};
static const struct collection member_list = {"member", "uuid", member_filters, member_sorts, NULL};

const struct db_statement *const member_statements[] = {NULL};

const struct route member_routes[] = {
    {HTTP_GET, ORGANISATION "/members", ROLES_BOOKS | ROLE_MEMBER, TX_READ, 0,
     .query = member_query, .out = member_out, .list = &member_list, .id = "member_list",
     .en = "Members; a member sees itself"},
    {HTTP_POST, ORGANISATION "/members", ROLE_TREASURER, TX_WRITE, R_CREATED, .in = member_in,
     .out = member_out, .sql = "member_create", .id = "member_create", .en = "Make a member"},
    {HTTP_GET, ORGANISATION "/members/{id}", ROLES_BOOKS | ROLE_MEMBER, TX_READ, 0,
     .out = member_out, .sql = "member", .id = "member_show", .en = "One member"},
    {HTTP_PATCH, ORGANISATION "/members/{id}", ROLE_TREASURER, TX_WRITE, R_IF_MATCH,
     .in = member_change, .out = member_out, .sql = "member_update", .id = "member_update",
     .en = "Change a member"},
    {.path = NULL}};
