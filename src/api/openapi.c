/* The API described from its own tables: OpenAPI 3.1, TypeScript types, Markdown. */
#include "api/kernel.h"

#include "base/money.h"

enum { NAME_MAX_ = 80 };

/* ---- names ---- */

static const struct route *route_at(size_t index)
{
    for (size_t t = 0; route_tables[t] != NULL; t++)
        for (const struct route *route = route_tables[t]; route->path != NULL; route++)
            if (index-- == 0)
                return route;
    return NULL;
}

/* "bank_account_list" gives "BankAccount" (without its verb) or "BankAccountList". */
static const char *camel(const char *id, bool verb, char name[static NAME_MAX_])
{
    const char *last = strrchr(id, '_');
    size_t n = verb || last == NULL ? strlen(id) : (size_t)(last - id);
    size_t length = 0;
    bool capital = true;
    for (size_t i = 0; i < n && length < NAME_MAX_ - 8; i++) {
        if (id[i] == '_') {
            capital = true;
            continue;
        }
        name[length++] = capital && id[i] >= 'a' ? (char)(id[i] - 32) : id[i];
        capital = false;
    }
    name[length] = 0;
    return name;
}

/* A table is named after the first route that answers with it. */
static const char *schema_name(const struct field *out, char name[static NAME_MAX_])
{
    const struct route *route;
    for (size_t i = 0; (route = route_at(i)) != NULL; i++)
        if (route->out == out)
            return camel(route->id, false, name);
    return NULL;
}

static bool first_with(const struct route *route, size_t index)
{
    const struct route *other;
    for (size_t i = 0; i < index && (other = route_at(i)) != NULL; i++)
        if (other->out == route->out)
            return false;
    return route->out != NULL;
}

/* Two tables must not take one name: the later takes its verb too. */
static const char *unique_name(const struct field *out, char name[static NAME_MAX_])
{
    char other_name[NAME_MAX_];
    const struct route *route, *own = NULL;
    for (size_t i = 0; (route = route_at(i)) != NULL && own == NULL; i++)
        if (route->out == out)
            own = route;
    ASSERT(own != NULL);
    camel(own->id, false, name);
    for (size_t i = 0; (route = route_at(i)) != NULL && route != own; i++)
        if (route->out != NULL && route->out != out &&
            strcmp(schema_name(route->out, other_name), name) == 0)
            return camel(own->id, true, name);
    return name;
}

static bool is_items(const struct route *route)
{
    size_t n = strlen(route->id);
    return route->list != NULL || (n > 5 && strcmp(route->id + n - 5, "_list") == 0);
}

/* ---- OpenAPI ---- */

static void text_member(struct writer *out, const char *name, const char *text)
{
    writer_format(out, ",\"%s\":", name);
    writer_json_string(out, str_of(text));
}

static void schema_object(struct writer *out, const struct field *fields, bool reply);

static void string_schema(struct writer *out, const struct field *field)
{
    static const struct {
        enum ftype type;
        const char *keywords;
    } kinds[] = {
        {F_MONEY, ",\"pattern\":\"^-?[0-9]+(\\\\.[0-9]+)?$\""},
        {F_DATE, ",\"format\":\"date\""},
        {F_INSTANT, ",\"format\":\"date-time\""},
        {F_UUID, ",\"format\":\"uuid\""},
        {F_ID, ",\"pattern\":\"^[1-9][0-9]*$\""},
        {F_EMAIL, ",\"format\":\"email\",\"maxLength\":254"},
        {F_SLUG,
         ",\"pattern\":\"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$\",\"minLength\":2,\"maxLength\":40"},
        {F_ACCOUNT, ",\"pattern\":\"^[1-8][0-9]{0,7}$\""},
        {F_FILE, ",\"contentMediaType\":\"application/octet-stream\""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (kinds[i].type == field->type)
            writer_text(out, kinds[i].keywords);
    if (field->type == F_STRING || field->type == F_TEXT) {
        if (field->min > 0)
            writer_format(out, ",\"minLength\":%lld", (long long)field->min);
        if (field->max > 0)
            writer_format(out, ",\"maxLength\":%lld", (long long)field->max);
    }
    if (field->type == F_ENUM) {
        writer_text(out, ",\"enum\":[");
        for (size_t i = 0; field->values[i] != NULL; i++) {
            writer_text(out, i == 0 ? "" : ",");
            writer_json_string(out, str_of(field->values[i]));
        }
        writer_text(out, field->flags & F_NULLABLE ? ",null]" : "]");
    }
}

static void schema(struct writer *out, const struct field *field, bool reply)
{
    const char *type = "string";
    if (field->type == F_OBJECT && field->of != NULL) {
        writer_text(out, "{\"anyOf\":[");
        schema_object(out, field->of, reply);
        writer_text(out, field->flags & F_NULLABLE ? ",{\"type\":\"null\"}]" : "]");
        if (field->en != NULL)
            text_member(out, "description", field->en);
        writer_char(out, '}');
        return;
    }
    if (field->type == F_BOOL)
        type = "boolean";
    else if (field->type == F_INT)
        type = "integer";
    else if (field->type == F_LIST || field->type == F_UUIDS || field->type == F_IDS ||
             field->type == F_STRINGS)
        type = "array";
    else if (field->type == F_OBJECT)
        type = "object";
    writer_char(out, '{');
    if (field->type == F_ANY)
        writer_text(out, "\"$comment\":\"any JSON\"");
    else if (field->flags & F_NULLABLE)
        writer_format(out, "\"type\":[\"%s\",\"null\"]", type);
    else
        writer_format(out, "\"type\":\"%s\"", type);
    if (strcmp(type, "string") == 0 && field->type != F_ANY)
        string_schema(out, field);
    if (field->type == F_INT && field->max != 0)
        writer_format(out, ",\"minimum\":%lld,\"maximum\":%lld", (long long)field->min,
                      (long long)field->max);
    if (strcmp(type, "array") == 0) {
        writer_text(out, ",\"items\":");
        if (field->type == F_LIST && field->of != NULL)
            schema_object(out, field->of, reply);
        else
            writer_text(out, field->type == F_UUIDS  ? "{\"type\":\"string\",\"format\":\"uuid\"}"
                             : field->type == F_LIST ? "{}"
                                                     : "{\"type\":\"string\"}");
        if (field->min > 0)
            writer_format(out, ",\"minItems\":%lld", (long long)field->min);
        if (field->max > 0)
            writer_format(out, ",\"maxItems\":%lld", (long long)field->max);
    }
    if (field->en != NULL)
        text_member(out, "description", field->en);
    writer_char(out, '}');
}

/* Replies hold every field; requests the required ones at least. */
static void schema_object(struct writer *out, const struct field *fields, bool reply)
{
    writer_text(out, "{\"type\":\"object\",\"properties\":{");
    for (size_t i = 0; fields[i].type != F_END; i++) {
        writer_text(out, i == 0 ? "" : ",");
        writer_json_string(out, str_of(fields[i].name));
        writer_char(out, ':');
        schema(out, &fields[i], reply);
    }
    writer_text(out, "},\"required\":[");
    bool first = true;
    for (size_t i = 0; fields[i].type != F_END; i++) {
        if (!(fields[i].flags & F_REQUIRED))
            continue;
        writer_text(out, first ? "" : ",");
        writer_json_string(out, str_of(fields[i].name));
        first = false;
    }
    writer_text(out, reply ? "]}" : "],\"additionalProperties\":false}");
}

static const struct {
    unsigned bit;
    const char *name;
} roles[] = {{ROLE_TREASURER, "treasurer"},
             {ROLE_BOARD, "board"},
             {ROLE_MEMBER, "member"},
             {ROLE_AUDITOR, "auditor"},
             {ROLE_ADMINISTRATOR, "administrator"},
             {ROLE_SIGNED_IN, "signed in"},
             {ROLE_ANYONE, "anyone"}};

static void parameters(struct writer *out, const struct route *route)
{
    bool first = true;
    writer_text(out, ",\"parameters\":[");
    for (const char *brace = strchr(route->path, '{'); brace != NULL;
         brace = strchr(brace + 1, '{')) {
        size_t n = strcspn(brace + 1, "}");
        writer_format(out,
                      "%s{\"name\":\"%.*s\",\"in\":\"path\",\"required\":true,\"schema\":{\"type\":"
                      "\"string\"}}",
                      first ? "" : ",", (int)n, brace + 1);
        first = false;
    }
    for (size_t i = 0; route->query != NULL && route->query[i].type != F_END; i++) {
        writer_format(out, "%s{\"name\":\"%s\",\"in\":\"query\",\"required\":%s,\"schema\":",
                      first ? "" : ",", route->query[i].name,
                      route->query[i].flags & F_REQUIRED ? "true" : "false");
        schema(out, &route->query[i], false);
        writer_char(out, '}');
        first = false;
    }
    if (route->list != NULL) {
        writer_format(
            out,
            "%s{\"name\":\"limit\",\"in\":\"query\",\"schema\":{\"type\":\"integer\",\"minimum\":1,"
            "\"maximum\":500,"
            "\"default\":50}},{\"name\":\"after\",\"in\":\"query\",\"schema\":{\"type\":\"string\"}"
            "},"
            "{\"name\":\"sort\",\"in\":\"query\",\"schema\":{\"type\":\"string\",\"enum\":[",
            first ? "" : ",");
        for (size_t i = 0; route->list->sorts[i].name != NULL; i++)
            writer_format(out, "%s\"%s\"", i == 0 ? "" : ",", route->list->sorts[i].name);
        writer_format(out, "],\"default\":\"%s\"}}", route->list->sorts[0].name);
        first = false;
    }
    if (route->flags & R_IF_MATCH) {
        writer_format(out,
                      "%s{\"name\":\"If-Match\",\"in\":\"header\",\"required\":true,\"schema\":{"
                      "\"type\":\"string\"}}",
                      first ? "" : ",");
        first = false;
    }
    if (route->method == HTTP_POST && !(route->flags & R_NO_KEY))
        writer_format(out,
                      "%s{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"schema\":{\"type\":"
                      "\"string\",\"maxLength\":200}}",
                      first ? "" : ",");
    writer_char(out, ']');
}

static void replies(struct writer *out, const struct route *route)
{
    char name[NAME_MAX_];
    const char *status = route->flags & R_CREATED      ? "201"
                         : route->flags & R_NO_CONTENT ? "204"
                                                       : "200";
    writer_format(out, ",\"responses\":{\"%s\":{\"description\":\"Done\"", status);
    if (route->flags & R_TEXT) {
        writer_text(out, ",\"content\":{\"text/plain\":{\"schema\":{\"type\":\"string\"}}}");
    } else if (route->out != NULL && !(route->flags & R_NO_CONTENT)) {
        writer_text(out, ",\"content\":{\"application/json\":{\"schema\":");
        unique_name(route->out, name);
        if (is_items(route))
            writer_format(
                out,
                "{\"type\":\"object\",\"properties\":{\"items\":{\"type\":\"array\",\"items\":"
                "{\"$ref\":\"#/components/schemas/"
                "%s\"}},\"next\":{\"type\":[\"string\",\"null\"]}},"
                "\"required\":[\"items\"]}}",
                name);
        else
            writer_format(out, "{\"$ref\":\"#/components/schemas/%s\"}}", name);
        if (route->list != NULL || (route->method == HTTP_GET && route->flags & R_EXPORT))
            writer_text(out, ",\"text/csv\":{\"schema\":{\"type\":\"string\"}}");
        if (route->flags & R_PDF)
            writer_text(out, ",\"application/pdf\":{\"schema\":{\"type\":\"string\"}}");
        writer_char(out, '}');
    } else if (route->method == HTTP_GET) {
        writer_text(out, ",\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\"}}}");
    }
    writer_text(out, "},\"4XX\":{\"$ref\":\"#/components/responses/Problem\"},"
                     "\"5XX\":{\"$ref\":\"#/components/responses/Problem\"}}");
}

static void operation(struct writer *out, const struct route *route)
{
    static const char *const methods[HTTP_METHOD_COUNT] = {
        [HTTP_GET] = "get",     [HTTP_POST] = "post",     [HTTP_PUT] = "put",
        [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete", [HTTP_OPTIONS] = "options"};
    writer_format(out, "\"%s\":{\"operationId\":\"%s\"", methods[route->method], route->id);
    text_member(out, "summary", route->en);
    writer_text(out, ",\"x-roles\":[");
    bool first = true;
    for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
        if (route->roles & roles[i].bit) {
            writer_format(out, "%s\"%s\"", first ? "" : ",", roles[i].name);
            first = false;
        }
    writer_char(out, ']');
    if (route->roles & ROLE_ANYONE)
        writer_text(out, ",\"security\":[]");
    parameters(out, route);
    if (route->in != NULL) {
        const char *type = route->flags & R_MULTIPART ? "multipart/form-data" : "application/json";
        writer_format(out,
                      ",\"requestBody\":{\"required\":true,\"content\":{\"%s\":{\"schema\":", type);
        schema_object(out, route->in, false);
        writer_text(out, "}}}");
    }
    replies(out, route);
    writer_char(out, '}');
}

static void paths(struct writer *out)
{
    const struct route *route, *other;
    bool first = true;
    writer_text(out, "\"paths\":{");
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        bool seen = strcmp(route->path, "/metrics") == 0; /* outside /api/v1 */
        for (size_t k = 0; k < i && !seen && (other = route_at(k)) != NULL; k++)
            seen = strcmp(other->path, route->path) == 0;
        if (seen)
            continue;
        writer_text(out, first ? "" : ",");
        first = false;
        writer_json_string(out, str_of(route->path));
        writer_text(out, ":{");
        operation(out, route);
        for (size_t k = i + 1; (other = route_at(k)) != NULL; k++)
            if (strcmp(other->path, route->path) == 0) {
                writer_char(out, ',');
                operation(out, other);
            }
        writer_char(out, '}');
    }
    writer_char(out, '}');
}

void api_openapi(struct writer *out)
{
    const struct route *route;
    char name[NAME_MAX_];
    writer_text(
        out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Grenier\",\"version\":\"" GRENIER_VERSION
             "\","
             "\"description\":\"The books of a solidarity fund. Amounts are decimal strings with "
             "exactly the "
             "currency's digits; dates are YYYY-MM-DD; errors are RFC 9457 problems.\","
             "\"license\":{\"name\":\"AGPL-3.0-or-later\",\"identifier\":\"AGPL-3.0-or-later\"}},"
             "\"servers\":[{\"url\":\"/api/v1\"}],\"security\":[{\"session\":[]},{\"token\":[]}],");
    paths(out);
    writer_text(
        out,
        ",\"components\":{\"securitySchemes\":{\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\","
        "\"name\":\"__Host-grenier\"},\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"}},"
        "\"responses\":{\"Problem\":{\"description\":\"What is wrong (RFC 9457)\",\"content\":"
        "{\"application/problem+json\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}},"
        "\"schemas\":{\"Problem\":{\"type\":\"object\",\"properties\":{\"type\":{\"type\":"
        "\"string\"},"
        "\"title\":{\"type\":\"string\"},\"status\":{\"type\":\"integer\"},\"detail\":{\"type\":"
        "\"string\"},"
        "\"instance\":{\"type\":\"string\"},\"request_id\":{\"type\":\"string\"},\"errors\":{"
        "\"type\":\"array\","
        "\"items\":{\"type\":\"object\",\"properties\":{\"pointer\":{\"type\":\"string\"},\"code\":"
        "{\"type\":\"string\"},\"title\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}}"
        ","
        "\"required\":[\"type\",\"title\",\"status\"]}");
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (!first_with(route, i))
            continue;
        writer_format(out, ",\"%s\":", unique_name(route->out, name));
        schema_object(out, route->out, true);
    }
    writer_text(out, "}}}");
}

/* ---- TypeScript ---- */

static void ts_object(struct writer *out, const struct field *fields, int indent, bool reply);

static void ts_type(struct writer *out, const struct field *field, int indent, bool reply)
{
    switch (field->type) {
    case F_BOOL:
        writer_text(out, "boolean");
        break;
    case F_INT:
        writer_text(out, "number");
        break;
    case F_ENUM:
        for (size_t i = 0; field->values[i] != NULL; i++)
            writer_format(out, "%s\"%s\"", i == 0 ? "" : " | ", field->values[i]);
        break;
    case F_LIST:
        if (field->of == NULL) {
            writer_text(out, "unknown[]");
            break;
        }
        ts_object(out, field->of, indent, reply);
        writer_text(out, "[]");
        break;
    case F_OBJECT:
        ts_object(out, field->of, indent, reply);
        break;
    case F_UUIDS:
    case F_IDS:
    case F_STRINGS:
        writer_text(out, "string[]");
        break;
    case F_ANY:
        writer_text(out, "unknown");
        break;
    case F_FILE:
        writer_text(out, "File");
        break;
    case F_STRING:
    case F_TEXT:
    case F_MONEY:
    case F_DATE:
    case F_INSTANT:
    case F_UUID:
    case F_ID:
    case F_SLUG:
    case F_EMAIL:
    case F_SIRET:
    case F_SIREN:
    case F_RNA:
    case F_IBAN:
    case F_ACCOUNT:
        writer_text(out, "string");
        break;
    case F_END:
        ASSERT(field->type != F_END);
    }
    if (field->flags & F_NULLABLE)
        writer_text(out, " | null");
}

static void ts_object(struct writer *out, const struct field *fields, int indent, bool reply)
{
    writer_text(out, "{\n");
    for (size_t i = 0; fields[i].type != F_END; i++) {
        if (fields[i].en != NULL)
            writer_format(out, "%*s/** %s */\n", indent + 2, "", fields[i].en);
        bool optional = !reply && !(fields[i].flags & F_REQUIRED);
        writer_format(out, "%*s%s%s: ", indent + 2, "", fields[i].name, optional ? "?" : "");
        ts_type(out, &fields[i], indent + 2, reply);
        writer_text(out, ";\n");
    }
    writer_format(out, "%*s}", indent, "");
}

static void ts_limits(struct writer *out, const struct route *route)
{
    writer_format(out, "  %s: {", route->id);
    bool first = true;
    for (size_t i = 0; route->in[i].type != F_END; i++) {
        const struct field *field = &route->in[i];
        bool length = (field->type == F_STRING || field->type == F_TEXT) && field->max > 0;
        if (!length && !(field->flags & F_REQUIRED))
            continue;
        writer_format(out, "%s%s: {", first ? " " : ", ", field->name);
        if (length)
            writer_format(out, " max: %lld", (long long)field->max);
        if (field->flags & F_REQUIRED)
            writer_format(out, "%s required: true", length ? "," : "");
        writer_text(out, " }");
        first = false;
    }
    writer_text(out, first ? "},\n" : " },\n");
}

void api_typescript(struct writer *out)
{
    const struct route *route;
    char name[NAME_MAX_];
    writer_text(
        out,
        "// Made by `grenier openapi --typescript` from the tables of the API: do not edit.\n\n"
        "/** A page of a collection. */\nexport interface Page<T> {\n  items: T[];\n  next: string "
        "| null;\n}\n");
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (!first_with(route, i))
            continue;
        writer_format(out, "\nexport interface %s ", unique_name(route->out, name));
        ts_object(out, route->out, 0, true);
        writer_char(out, '\n');
    }
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        if (route->in == NULL)
            continue;
        writer_format(out, "\n/** Body of %s: %s. */\nexport interface %sInput ", route->id,
                      route->en, camel(route->id, true, name));
        ts_object(out, route->in, 0, false);
        writer_char(out, '\n');
    }
    writer_text(
        out, "\n/** What forms may hold, as the server checks it. */\nexport const limits = {\n");
    for (size_t i = 0; (route = route_at(i)) != NULL; i++)
        if (route->in != NULL)
            ts_limits(out, route);
    writer_text(out, "} as const;\n");
}

/* ---- Markdown ---- */

void api_errors_markdown(struct writer *out)
{
    writer_text(out, "# Problems\n\nMade by `grenier openapi --errors` from the registry "
                     "(`src/base/problems/`): do not edit.\n"
                     "`type` is `urn:grenier:problem:` and the code; a fault of one field has the "
                     "same codes under `errors`.\n\n"
                     "| code | status | English | français |\n|---|---|---|---|\n");
    for (int code = 1; code < PROBLEM_COUNT; code++) {
        const struct problem_text *text = problem_text((enum problem_code)code);
        writer_format(out, "| `%s` | %d | **%s.** %s | **%s.** %s |\n", text->slug, text->status,
                      text->title[LANGUAGE_EN], text->detail[LANGUAGE_EN], text->title[LANGUAGE_FR],
                      text->detail[LANGUAGE_FR]);
    }
}

static const char *type_word(const struct field *field)
{
    static const char *const words[] = {[F_END] = "",
                                        [F_STRING] = "text",
                                        [F_TEXT] = "text, lines",
                                        [F_MONEY] = "money",
                                        [F_DATE] = "date",
                                        [F_INSTANT] = "instant",
                                        [F_BOOL] = "boolean",
                                        [F_INT] = "integer",
                                        [F_UUID] = "UUID",
                                        [F_ID] = "number as text",
                                        [F_ENUM] = "choice",
                                        [F_SLUG] = "short name",
                                        [F_EMAIL] = "e-mail",
                                        [F_SIRET] = "SIRET",
                                        [F_SIREN] = "SIREN",
                                        [F_RNA] = "RNA",
                                        [F_IBAN] = "IBAN",
                                        [F_ACCOUNT] = "account",
                                        [F_LIST] = "list",
                                        [F_OBJECT] = "object",
                                        [F_UUIDS] = "UUIDs",
                                        [F_IDS] = "numbers as text",
                                        [F_STRINGS] = "texts",
                                        [F_ANY] = "JSON",
                                        [F_FILE] = "file"};
    return words[field->type];
}

static void markdown_fields(struct writer *out, const char *title, const struct field *fields)
{
    if (fields == NULL || fields[0].type == F_END)
        return;
    writer_format(out, "\n%s: ", title);
    for (size_t i = 0; fields[i].type != F_END; i++) {
        writer_format(out, "%s`%s`%s (%s", i == 0 ? "" : ", ", fields[i].name,
                      fields[i].flags & F_REQUIRED ? "" : "?", type_word(&fields[i]));
        for (size_t v = 0; fields[i].type == F_ENUM && fields[i].values[v] != NULL; v++)
            writer_format(out, "%s%s", v == 0 ? ": " : " ", fields[i].values[v]);
        writer_char(out, ')');
    }
    writer_text(out, ".\n");
}

void api_routes_markdown(struct writer *out)
{
    const struct route *route;
    writer_text(out, "# Endpoints\n\nMade by `grenier openapi --markdown` from the route tables: "
                     "do not edit. Paths are below "
                     "`/api/v1`; a `?` marks what may be left out.\n");
    for (size_t i = 0; (route = route_at(i)) != NULL; i++) {
        writer_format(out, "\n## %s %s\n\n%s. For:", http_method_name(route->method), route->path,
                      route->en);
        bool first = true;
        for (size_t r = 0; r < ARRAY_SIZE(roles); r++)
            if (route->roles & roles[r].bit) {
                writer_format(out, "%s %s", first ? "" : ",", roles[r].name);
                first = false;
            }
        writer_format(out, ".%s%s%s\n", route->flags & R_IF_MATCH ? " Needs `If-Match`." : "",
                      route->flags & R_CREATED ? " Answers 201." : "",
                      route->flags & R_PDF ? " Also as PDF." : "");
        markdown_fields(out, "Query", route->query);
        markdown_fields(out, route->flags & R_MULTIPART ? "Parts" : "Body", route->in);
        markdown_fields(out, is_items(route) ? "Items" : "Reply", route->out);
    }
}
