/* Every foreign key of the organisation's tables, as the catalogue lists them: what triggers that
 * were off would have let through. */
#include "grenier-check/check.h"

#include <stdio.h>

enum { SQL_MAX = 4096, KEYS_MAX = 256, NAME_TEXT = 80 };

struct key {
    char name[NAME_TEXT], child[NAME_TEXT];
    char sql[SQL_MAX];
};

/* Rows whose columns are all there and name nothing, as text. */
static bool read_key(struct check *check, struct stream *rows, struct key *ret_key)
{
    int size;

    if (!stream_next(rows) || check->failed)
        return false;
    keep(ret_key->name, sizeof(ret_key->name), stream_text(rows, 0));
    keep(ret_key->child, sizeof(ret_key->child), stream_text(rows, 1));
    size = snprintf(ret_key->sql, sizeof(ret_key->sql),
                    "SELECT concat_ws(' ', %s) FROM %s c WHERE (%s) IS NOT NULL AND NOT EXISTS "
                    "(SELECT FROM %s p WHERE %s)",
                    stream_text(rows, 3), stream_text(rows, 1), stream_text(rows, 4),
                    stream_text(rows, 2), stream_text(rows, 5));
    ASSERT(size > 0 && size < SQL_MAX);
    return true;
}

void check_references(struct check *check)
{
    struct stream keys;
    struct key key;

    stream_open(
        &keys, check,
        "SELECT k.conname, k.conrelid::regclass, k.confrelid::regclass, "
        "string_agg('c.' || quote_ident(a.attname), ', ' ORDER BY u.place)"
        " FILTER (WHERE a.attname <> 'organisation_id'), "
        "'ROW(' || string_agg('c.' || quote_ident(a.attname), ', ' ORDER BY u.place) || ')', "
        "string_agg('p.' || quote_ident(b.attname) || ' = c.' || quote_ident(a.attname), ' AND '"
        " ORDER BY u.place) "
        "FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace "
        "CROSS JOIN LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (own, other, place) "
        "JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own "
        "JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = u.other "
        "WHERE k.contype = 'f' AND n.nspname IN ('fund', 'audit') GROUP BY k.oid "
        "HAVING bool_or(a.attname <> 'organisation_id') ORDER BY 2, 1");
    while (read_key(check, &keys, &key)) {
        struct stream orphans;

        stream_open(&orphans, check, key.sql);
        while (stream_next(&orphans))
            differs(check, FOUND_REFERENCE,
                    arena_printf(&check->arena, "%s, %s", key.child, key.name),
                    stream_text(&orphans, 0), NULL);
        stream_close(&orphans);
    }
    stream_close(&keys);
}
