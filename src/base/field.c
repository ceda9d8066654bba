#include "base/field.h"

#include "base/date.h"
#include "base/identifier.h"
#include "base/money.h"
#include "base/text.h"
#include "base/uuid.h"

enum { STRING_MAX = 200, TEXT_MAX = 4000, LIST_MAX = 500 };

/* What stands at one place of the input, whichever way it came. */
struct source {
    const struct json *json; /* NULL: `text` came from a pair */
    struct str text;
};

static bool parse_value(const struct field_context *context, const struct field *field,
                        struct source source, const char *pointer, struct value *ret_value);

size_t field_count(const struct field *fields)
{
    size_t n = 0;
    while (fields[n].type != F_END)
        n++;
    return n;
}

static const char *number_text(struct arena *arena, int64_t number)
{
    const char *text = arena_printf(arena, "%lld", (long long)number);
    return text == NULL ? "" : text;
}

static bool set_text(const struct field_context *context, struct value *value, struct str text)
{
    char *own = arena_copy(context->arena, text);
    if (own == NULL)
        return false;
    value->kind = V_TEXT;
    value->text = (struct str){own, text.n};
    return true;
}

static bool wrong(const struct field_context *context, const char *pointer, enum problem_code code)
{
    problem_fault(context->problem, pointer, code, NULL);
    return false;
}

static bool wrong_with(const struct field_context *context, const char *pointer,
                       enum problem_code code, const char *a)
{
    problem_fault(context->problem, pointer, code, a, NULL);
    return false;
}

/* ---- kinds of text ---- */

static bool parse_string(const struct field_context *context, const struct field *field,
                         struct str text, const char *pointer, struct value *value)
{
    bool lines = field->type == F_TEXT;
    int64_t max = field->max > 0 ? field->max : lines ? TEXT_MAX : STRING_MAX;
    int64_t min = field->min > 0 ? field->min : field->flags & F_REQUIRED ? 1 : 0;
    if (!text_is_utf8(text))
        return wrong(context, pointer, PROBLEM_BODY_UTF8);
    if (!(field->flags & F_EXACT))
        text = text_trim(text);
    if (text_has_control(text))
        return wrong(context, pointer, PROBLEM_TEXT_CONTROL);
    if (!lines && (memchr(text.p, '\n', text.n) != NULL || memchr(text.p, '\r', text.n) != NULL))
        return wrong(context, pointer, PROBLEM_TEXT_LINES);
    int64_t length = (int64_t)text_length(text);
    if (length < min)
        return length == 0 ? wrong(context, pointer, PROBLEM_FIELD_REQUIRED)
                           : wrong_with(context, pointer, PROBLEM_TEXT_SHORT,
                                        number_text(context->arena, min));
    if (length > max)
        return wrong_with(context, pointer, PROBLEM_TEXT_LONG, number_text(context->arena, max));
    return set_text(context, value, text);
}

static bool parse_money(const struct field_context *context, const struct field *field,
                        struct str text, const char *pointer, struct value *value)
{
    struct money money = {0};
    char digits[2] = {(char)('0' + context->digits), 0};
    char example[MONEY_TEXT_MAX];
    int64_t unit = 1;
    for (int i = 0; i < context->digits; i++)
        unit *= 10;
    money_format((struct money){1250 * unit}, context->digits, example);
    switch (money_parse(text, context->digits, &money)) {
    case MONEY_FORMAT:
        problem_fault(context->problem, pointer, PROBLEM_MONEY_FORMAT, digits, example, NULL);
        return false;
    case MONEY_PRECISION:
        problem_fault(context->problem, pointer, PROBLEM_MONEY_PRECISION, digits, example, NULL);
        return false;
    case MONEY_RANGE:
        money.minor = INT64_MAX;
        break;
    case MONEY_OK:
        break;
    }
    bool limited = field->min != 0 || field->max != 0;
    int64_t min = limited ? field->min : -MONEY_MAX_MINOR;
    int64_t max = field->max != 0 ? field->max : MONEY_MAX_MINOR;
    if (money.minor < min || money.minor > max) {
        const char *low = arena_printf(context->arena, "money:%lld", (long long)min);
        const char *high = arena_printf(context->arena, "money:%lld", (long long)max);
        if (low != NULL && high != NULL)
            problem_fault(context->problem, pointer, PROBLEM_MONEY_RANGE, low, high, NULL);
        return false;
    }
    value->kind = V_INT;
    value->integer = money.minor;
    return true;
}

static bool parse_integer(const struct field_context *context, const struct field *field,
                          bool is_integer, int64_t integer, const char *pointer,
                          struct value *value)
{
    int64_t max = field->max != 0 || field->min != 0 ? field->max : INT64_C(9007199254740991);
    if (!is_integer)
        return wrong_with(context, pointer, PROBLEM_FIELD_TYPE, "integer");
    if (integer < field->min || integer > max) {
        problem_fault(context->problem, pointer, PROBLEM_INTEGER_RANGE,
                      number_text(context->arena, field->min), number_text(context->arena, max),
                      NULL);
        return false;
    }
    value->kind = V_INT;
    value->integer = integer;
    return true;
}

static bool parse_enum(const struct field_context *context, const struct field *field,
                       struct str text, const char *pointer, struct value *value)
{
    const char *choices = "";
    for (size_t i = 0; field->values[i] != NULL; i++) {
        if (str_is(text, field->values[i]))
            return set_text(context, value, text);
        choices =
            arena_printf(context->arena, "%s%s%s", choices, i == 0 ? "" : ", ", field->values[i]);
        if (choices == NULL)
            return false;
    }
    return wrong_with(context, pointer, PROBLEM_ENUM_VALUE, choices);
}

static bool is_slug(struct str text)
{
    if (text.n < 2 || text.n > 40 || text.p[0] == '-' || text.p[text.n - 1] == '-')
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (!((text.p[i] >= 'a' && text.p[i] <= 'z') || (text.p[i] >= '0' && text.p[i] <= '9') ||
              text.p[i] == '-'))
            return false;
    return true;
}

/* One @ with something on both sides, a dot in the domain, no spaces or controls, 254 bytes at most
 * (RFC 5321 §4.5.3.1). */
static bool is_email(struct str text)
{
    const char *at = text.n == 0 ? NULL : memchr(text.p, '@', text.n);
    if (at == NULL || at == text.p || text.n > 254)
        return false;
    size_t domain = text.n - (size_t)(at - text.p) - 1;
    const char *dot = domain == 0 ? NULL : memchr(at + 1, '.', domain);
    if (dot == NULL || dot == at + 1 || text.p[text.n - 1] == '.' ||
        memchr(at + 1, '@', domain) != NULL)
        return false;
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ' || strchr("<>()[],;:\\\"", text.p[i]) != NULL)
            return false;
    return text_is_utf8(text);
}

static bool digits_at(struct str text, size_t at, size_t n, int max)
{
    int64_t number;
    return at + n <= text.n && text_to_int((struct str){text.p + at, n}, 0, max, &number);
}

/* RFC 3339 §5.6: "2026-01-31T23:59:59Z", up to nine decimals, "Z" or "+01:00". */
static bool is_instant(struct str text)
{
    struct date date;
    if (text.n < 20 || !date_parse((struct str){text.p, 10}, &date) || text.p[10] != 'T' ||
        !digits_at(text, 11, 2, 23) || text.p[13] != ':' || !digits_at(text, 14, 2, 59) ||
        text.p[16] != ':' || !digits_at(text, 17, 2, 59))
        return false;
    size_t i = 19;
    if (text.p[i] == '.') {
        size_t start = ++i;
        while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
            i++;
        if (i == start || i - start > 9)
            return false;
    }
    if (i + 1 == text.n)
        return text.p[i] == 'Z';
    return i + 6 == text.n && (text.p[i] == '+' || text.p[i] == '-') &&
           digits_at(text, i + 1, 2, 14) && text.p[i + 3] == ':' && digits_at(text, i + 4, 2, 59);
}

static bool is_account(struct str text)
{
    if (text.n < 1 || text.n > 8 || text.p[0] < '1' || text.p[0] > '8')
        return false;
    for (size_t i = 1; i < text.n; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return true;
}

static bool is_id(struct str text)
{
    int64_t ignored;
    return text_to_int(text, 1, INT64_MAX, &ignored) && text.p[0] != '0';
}

static bool parse_identifier(const struct field_context *context, const struct field *field,
                             struct str text, const char *pointer, struct value *value)
{
    char compact[IBAN_SIZE] = "";
    enum identifier_fault fault = IDENTIFIER_OK;
    enum problem_code format = PROBLEM_NONE, key = PROBLEM_NONE;
    if (field->type == F_SIREN) {
        fault = siren_check(text, compact);
        format = PROBLEM_SIREN_FORMAT;
        key = PROBLEM_SIREN_CHECK;
    } else if (field->type == F_SIRET) {
        fault = siret_check(text, compact);
        format = PROBLEM_SIRET_FORMAT;
        key = PROBLEM_SIRET_CHECK;
    } else if (field->type == F_RNA) {
        fault = rna_check(text, compact);
        format = key = PROBLEM_RNA_FORMAT;
    } else {
        fault = iban_check(text, compact);
        format = PROBLEM_IBAN_FORMAT;
        key = PROBLEM_IBAN_CHECK;
    }
    if (fault == IDENTIFIER_KEY)
        return wrong(context, pointer, key);
    if (fault != IDENTIFIER_OK)
        return wrong(context, pointer, format);
    return set_text(context, value, str_of(compact));
}

static bool parse_text_type(const struct field_context *context, const struct field *field,
                            struct str text, const char *pointer, struct value *value)
{
    struct date date;
    struct uuid uuid;
    char buffer[UUID_TEXT_SIZE];
    switch (field->type) {
    case F_STRING:
    case F_TEXT:
        return parse_string(context, field, text, pointer, value);
    case F_MONEY:
        return parse_money(context, field, text, pointer, value);
    case F_DATE:
        return date_parse(text, &date) ? set_text(context, value, text)
                                       : wrong(context, pointer, PROBLEM_DATE_FORMAT);
    case F_INSTANT:
        return is_instant(text) ? set_text(context, value, text)
                                : wrong(context, pointer, PROBLEM_INSTANT_FORMAT);
    case F_UUID:
        return uuid_parse(text, &uuid) ? set_text(context, value, str_of(uuid_format(uuid, buffer)))
                                       : wrong(context, pointer, PROBLEM_UUID_FORMAT);
    case F_ID:
        return is_id(text) ? set_text(context, value, text)
                           : wrong(context, pointer, PROBLEM_ID_FORMAT);
    case F_ENUM:
        return parse_enum(context, field, text, pointer, value);
    case F_SLUG:
        return is_slug(text) ? set_text(context, value, text)
                             : wrong(context, pointer, PROBLEM_SLUG_FORMAT);
    case F_EMAIL:
        text = text_trim(text);
        return is_email(text) ? set_text(context, value, text)
                              : wrong(context, pointer, PROBLEM_EMAIL_FORMAT);
    case F_ACCOUNT:
        return is_account(text) ? set_text(context, value, text)
                                : wrong(context, pointer, PROBLEM_ACCOUNT_FORMAT);
    case F_SIRET:
    case F_SIREN:
    case F_RNA:
    case F_IBAN:
        return parse_identifier(context, field, text, pointer, value);
    case F_END:
    case F_BOOL:
    case F_INT:
    case F_LIST:
    case F_OBJECT:
    case F_UUIDS:
    case F_IDS:
    case F_STRINGS:
    case F_ANY:
    case F_FILE:
        break;
    }
    ASSERT(false && "a field of text");
    return false;
}

static bool is_list(enum ftype type)
{
    return type == F_LIST || type == F_UUIDS || type == F_IDS || type == F_STRINGS;
}

/* ---- composed values ---- */

static bool parse_list(const struct field_context *context, const struct field *field,
                       const struct json *json, const char *pointer, struct value *value)
{
    if (json->type != JSON_ARRAY_)
        return wrong_with(context, pointer, PROBLEM_FIELD_TYPE, "array");
    int64_t max = field->max > 0 ? field->max : LIST_MAX;
    if ((int64_t)json->count < field->min)
        return wrong_with(context, pointer, PROBLEM_LIST_SHORT,
                          number_text(context->arena, field->min));
    if ((int64_t)json->count > max)
        return wrong_with(context, pointer, PROBLEM_LIST_LONG, number_text(context->arena, max));
    struct value *items = ARENA_ARRAY(context->arena, struct value, json->count);
    if (items == NULL)
        return false;
    const struct field element = {.name = field->name,
                                  .type = field->type == F_UUIDS  ? F_UUID
                                          : field->type == F_IDS  ? F_ID
                                          : field->type == F_LIST ? F_OBJECT
                                                                  : F_STRING,
                                  .flags = F_REQUIRED,
                                  .of = field->of};
    bool right = true;
    size_t i = 0;
    for (const struct json *child = json->first; child != NULL; child = child->next, i++) {
        const char *place = arena_printf(context->arena, "%s/%zu", pointer, i);
        if (place == NULL)
            return false;
        right = parse_value(context, &element, (struct source){.json = child}, place, &items[i]) &&
                right;
    }
    value->kind = V_LIST;
    value->items = items;
    value->count = json->count;
    return right;
}

static bool parse_value(const struct field_context *context, const struct field *field,
                        struct source source, const char *pointer, struct value *value)
{
    const struct json *json = source.json;
    if (json != NULL && json->type == JSON_NULL_) {
        if (!(field->flags & F_NULLABLE))
            return wrong(context, pointer, PROBLEM_FIELD_NULL);
        value->kind = V_NULL;
        return true;
    }
    int64_t integer = 0;
    bool whole;
    switch (field->type) {
    case F_BOOL:
        if (json != NULL ? json->type != JSON_BOOL
                         : !str_is(source.text, "true") && !str_is(source.text, "false"))
            return wrong_with(context, pointer, PROBLEM_FIELD_TYPE, "true, false");
        value->kind = V_BOOL;
        value->boolean = json != NULL ? json->boolean : str_is(source.text, "true");
        return true;
    case F_INT:
        if (json != NULL)
            return parse_integer(context, field, json->type == JSON_INTEGER_, json->integer,
                                 pointer, value);
        whole = text_to_int(source.text, INT64_MIN, INT64_MAX,
                            &integer); /* before its argument is read */
        return parse_integer(context, field, whole, integer, pointer, value);
    case F_OBJECT: {
        if (json == NULL || json->type != JSON_OBJECT_)
            return wrong_with(context, pointer, PROBLEM_FIELD_TYPE, "object");
        size_t before = context->problem->n_faults;
        value->kind = V_RECORD;
        value->record = field_parse_json(context, field->of, json, pointer);
        return value->record != NULL && context->problem->n_faults == before;
    }
    case F_LIST:
    case F_UUIDS:
    case F_IDS:
    case F_STRINGS:
        if (json == NULL)
            return wrong_with(context, pointer, PROBLEM_FIELD_TYPE, "array");
        return parse_list(context, field, json, pointer, value);
    case F_END:
    case F_ANY:
    case F_FILE:
        return wrong(context, pointer, PROBLEM_FIELD_UNKNOWN);
    case F_STRING:
    case F_TEXT:
    case F_MONEY:
    case F_DATE:
    case F_INSTANT:
    case F_UUID:
    case F_ID:
    case F_ENUM:
    case F_SLUG:
    case F_EMAIL:
    case F_SIRET:
    case F_SIREN:
    case F_RNA:
    case F_IBAN:
    case F_ACCOUNT:
        break;
    }
    if (json != NULL && json->type != JSON_STRING_)
        return field->type == F_MONEY ? wrong(context, pointer, PROBLEM_MONEY_TYPE)
                                      : wrong_with(context, pointer, PROBLEM_FIELD_TYPE, "string");
    return parse_text_type(context, field, json != NULL ? json->text : source.text, pointer, value);
}

/* ---- records ---- */

static struct record *record_new(struct arena *arena, const struct field *fields)
{
    struct record *record = ARENA_NEW(arena, struct record);
    struct value *values = ARENA_ARRAY(arena, struct value, field_count(fields));
    if (record == NULL || values == NULL)
        return NULL;
    *record = (struct record){fields, values};
    return record;
}

static size_t index_of(const struct field *fields, const char *name)
{
    size_t i = 0;
    while (fields[i].type != F_END && strcmp(fields[i].name, name) != 0)
        i++;
    return i;
}

static void check_required(const struct field_context *context, const struct record *record,
                           const char *prefix, const bool *seen)
{
    for (size_t i = 0; record->fields[i].type != F_END; i++) {
        const struct field *field = &record->fields[i];
        if (seen[i] || !(field->flags & F_REQUIRED))
            continue;
        const char *place = arena_printf(context->arena, "%s%s", prefix, field->name);
        if (place == NULL)
            return;
        if (field->type == F_FILE)
            problem_fault(context->problem, place, PROBLEM_FILE_MISSING, field->name, NULL);
        else
            problem_fault(context->problem, place, PROBLEM_FIELD_REQUIRED, NULL);
    }
}

/* A member's name as a part of an RFC 6901 pointer: '~' and '/' are written ~0 and ~1. NULL when
 * the arena is full. */
static const char *pointer_part(struct arena *arena, const char *name)
{
    size_t n = strlen(name);
    if (strpbrk(name, "~/") == NULL)
        return name;
    char *out = arena_alloc(arena, 2 * n + 1);
    size_t length = 0;
    for (size_t i = 0; out != NULL && i < n; i++) {
        bool escaped = name[i] == '~' || name[i] == '/';
        out[length++] = escaped ? '~' : name[i];
        if (escaped)
            out[length++] = name[i] == '~' ? '0' : '1';
    }
    return out;
}

struct record *field_parse_json(const struct field_context *context, const struct field *fields,
                                const struct json *json, const char *pointer)
{
    struct record *record = record_new(context->arena, fields);
    bool *seen = ARENA_ARRAY(context->arena, bool, field_count(fields));
    if (record == NULL || seen == NULL)
        return NULL;
    for (const struct json *member = json->first; member != NULL; member = member->next) {
        size_t i = index_of(fields, member->name);
        const char *part = pointer_part(context->arena, member->name);
        const char *place =
            part == NULL ? NULL : arena_printf(context->arena, "%s/%s", pointer, part);
        if (place == NULL)
            return NULL;
        if (fields[i].type == F_END) {
            problem_fault(context->problem, place, PROBLEM_FIELD_UNKNOWN, member->name, NULL);
            continue;
        }
        seen[i] = true;
        if (!parse_value(context, &fields[i], (struct source){.json = member}, place,
                         &record->values[i]))
            record->values[i] = (struct value){.kind = V_ABSENT};
    }
    const char *prefix = arena_printf(context->arena, "%s/", pointer);
    if (prefix == NULL)
        return NULL;
    check_required(context, record, prefix, seen);
    return record;
}

struct record *field_parse_pairs(const struct field_context *context, const struct field *fields,
                                 const struct field_pair *pairs, size_t n_pairs, const char *prefix)
{
    struct record *record = record_new(context->arena, fields);
    bool *seen = ARENA_ARRAY(context->arena, bool, field_count(fields));
    if (record == NULL || seen == NULL)
        return NULL;
    for (size_t p = 0; p < n_pairs; p++) {
        size_t i = index_of(fields, pairs[p].name);
        const char *place = arena_printf(context->arena, "%s%s", prefix, pairs[p].name);
        if (place == NULL)
            return NULL;
        if (fields[i].type == F_END || seen[i] || is_list(fields[i].type)) {
            problem_fault(context->problem, place, PROBLEM_FIELD_UNKNOWN, pairs[p].name, NULL);
            continue;
        }
        if (fields[i].type == F_FILE) {
            seen[i] = true;
            continue; /* the bytes stay with the exchange's parts */
        }
        if (text_trim(pairs[p].text).n == 0)
            continue;
        seen[i] = true;
        if (!parse_value(context, &fields[i], (struct source){.text = pairs[p].text}, place,
                         &record->values[i]))
            record->values[i] = (struct value){.kind = V_ABSENT};
    }
    check_required(context, record, prefix, seen);
    return record;
}

const struct value *record_get(const struct record *record, const char *name)
{
    size_t i = index_of(record->fields, name);
    ASSERT(record->fields[i].type != F_END);
    return &record->values[i];
}

const char *record_text(const struct record *record, const char *name)
{
    const struct value *value = record_get(record, name);
    return value->kind == V_TEXT ? value->text.p : NULL;
}

int64_t record_int(const struct record *record, const char *name, int64_t otherwise)
{
    const struct value *value = record_get(record, name);
    return value->kind == V_INT ? value->integer : otherwise;
}

bool record_bool(const struct record *record, const char *name, bool otherwise)
{
    const struct value *value = record_get(record, name);
    return value->kind == V_BOOL ? value->boolean : otherwise;
}

bool record_has(const struct record *record, const char *name)
{
    enum value_kind kind = record_get(record, name)->kind;
    return kind != V_ABSENT && kind != V_NULL;
}

static void write_value(struct writer *writer, const struct value *value)
{
    switch (value->kind) {
    case V_ABSENT:
    case V_NULL:
        writer_text(writer, "null");
        break;
    case V_TEXT:
        writer_json_string(writer, value->text);
        break;
    case V_INT:
        writer_format(writer, "%lld", (long long)value->integer);
        break;
    case V_BOOL:
        writer_text(writer, value->boolean ? "true" : "false");
        break;
    case V_RECORD:
        record_write(writer, value->record);
        break;
    case V_LIST:
        writer_char(writer, '[');
        for (size_t i = 0; i < value->count; i++) {
            if (i > 0)
                writer_char(writer, ',');
            write_value(writer, &value->items[i]);
        }
        writer_char(writer, ']');
        break;
    }
}

void record_write(struct writer *writer, const struct record *record)
{
    bool first = true;
    writer_char(writer, '{');
    for (size_t i = 0; record->fields[i].type != F_END; i++) {
        if (record->values[i].kind == V_ABSENT)
            continue;
        if (!first)
            writer_char(writer, ',');
        first = false;
        writer_json_string(writer, str_of(record->fields[i].name));
        writer_char(writer, ':');
        write_value(writer, &record->values[i]);
    }
    writer_char(writer, '}');
}
