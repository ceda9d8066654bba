/* Field tables: one description of a resource's fields drives parsing, replies, CSV, OpenAPI,
 * TypeScript and forms. */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/arena.h"
#include "base/base.h"
#include "base/json.h"
#include "base/problem.h"
#include "base/writer.h"

enum ftype {
    F_END = 0, /* closes a table */
    F_STRING,  /* one line of text; min, max in code points; trimmed */
    F_TEXT,    /* several lines */
    F_MONEY,   /* decimal string on the wire, minor units inside; min, max in minor units */
    F_DATE,    /* YYYY-MM-DD */
    F_INSTANT, /* RFC 3339, UTC; replies only */
    F_BOOL,
    F_INT, /* min to max */
    F_UUID,
    F_ID,   /* bigint as decimal string */
    F_ENUM, /* one of `values` */
    F_SLUG, /* ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$, 2 to 40 */
    F_EMAIL,
    F_SIRET, /* checked: Luhn, or La Poste's rule; stored compact */
    F_SIREN,
    F_RNA,
    F_IBAN,    /* checked: country length and mod 97; stored compact, capitals */
    F_ACCOUNT, /* ledger account: ^[1-8][0-9]{0,7}$ */
    F_LIST,    /* of records described by `of`; min, max elements */
    F_OBJECT,  /* a record described by `of` */
    F_UUIDS,   /* list of UUID strings; min, max elements */
    F_IDS,     /* list of decimal strings */
    F_STRINGS, /* list of strings */
    F_ANY,     /* replies only: JSON from the database, copied as it is */
    F_FILE     /* multipart only: an upload */
};

/* Flags */
enum {
    F_REQUIRED = 1U << 0,  /* must be present (input) / is never absent (output) */
    F_NULLABLE = 1U << 1,  /* null is accepted, or answered */
    F_SENSITIVE = 1U << 2, /* never logged; left out of wide exports */
    F_NO_CSV = 1U << 3,    /* not a column of the CSV */
    F_LARGE = 1U << 4,     /* lists: up to `max` beyond the usual 500 */
    F_EXACT = 1U << 6,     /* F_STRING: kept as it came, white space at its ends too (passwords) */
    F_DECIMAL = 1U << 5    /* replies, F_MONEY: the column is a decimal string already (of another
                              currency perhaps) */
};

struct field {
    const char *name;
    enum ftype type;
    unsigned flags;
    int64_t min, max;          /* by type; 0, 0: the type's own limits */
    const char *const *values; /* F_ENUM, ended by NULL */
    const struct field *of;    /* F_LIST, F_OBJECT: ended by a row of type F_END */
    const char *en, *fr;       /* what it is: OpenAPI description, CSV heading in French */
};

enum value_kind { V_ABSENT = 0, V_NULL, V_TEXT, V_INT, V_BOOL, V_RECORD, V_LIST };

/* A parsed value. Money, F_INT: `integer`. Dates, ids, enums, texts: `text` (normalised,
 * terminated). */
struct value {
    enum value_kind kind;
    struct str text;
    int64_t integer;
    bool boolean;
    struct record *record;
    struct value *items; /* V_LIST, `count` of them */
    size_t count;
};

/* One value per row of `fields`, in their order. */
struct record {
    const struct field *fields;
    struct value *values;
};

struct field_context {
    struct arena *arena;
    struct problem *problem;
    int digits; /* of the currency */
};

/* Parses a JSON object by the table; every fault is added to the problem, unknown members too.
 * `pointer` is where `json` stands ("" at the top). Always answers a record unless the arena is
 * full (NULL); look at problem_check afterwards. */
struct record *field_parse_json(const struct field_context *context, const struct field *fields,
                                const struct json *json, const char *pointer);

struct field_pair {
    const char *name;
    struct str text;
};
/* The same from texts: query parameters, form parts, cells of a file. An empty text counts as
 * absent. `prefix` begins the pointers ("?" or "/"). */
struct record *field_parse_pairs(const struct field_context *context, const struct field *fields,
                                 const struct field_pair *pairs, size_t n_pairs,
                                 const char *prefix);

/* The value called `name`; the name must be in the table. Never NULL. */
const struct value *record_get(const struct record *record, const char *name);
/* Text of a value, or NULL when absent or null. */
const char *record_text(const struct record *record, const char *name);
int64_t record_int(const struct record *record, const char *name, int64_t otherwise);
bool record_bool(const struct record *record, const char *name, bool otherwise);
bool record_has(const struct record *record, const char *name);
/* Canonical JSON: members in the table's order, absent ones left out, money as an integer of minor
 * units. What SQL gets and what idempotency hashes. */
void record_write(struct writer *writer, const struct record *record);

/* Number of rows before F_END. */
size_t field_count(const struct field *fields);

#endif
