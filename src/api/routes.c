/* The one list of what there is. An area is a file of this folder with `const struct route
 * <area>_routes[]`, ended by a row without path, and `const struct db_statement *const
 * <area>_statements[]`, ended by NULL (only NULL where its routes need no statement of their own):
 * its name stands here. */
#include "api/kernel.h"

#define AREAS(X)                                                                                   \
    X(bank)                                                                                        \
    X(contribution)                                                                                \
    X(ledger)                                                                                      \
    X(matching)                                                                                    \
    X(member)                                                                                      \
    X(member_import)                                                                               \
    X(position)                                                                                    \
    X(session)                                                                                     \
    X(settings)
#define KERNEL_AREAS(X) X(auth) X(endpoint)

#define X(area) extern const struct route area##_routes[];
AREAS(X)
#undef X
#define X(area) extern const struct db_statement *const area##_statements[];
AREAS(X)
KERNEL_AREAS(X)
#undef X

extern const struct db_statement *const *const statement_tables[];

#define X(area) area##_routes,
const struct route *const route_tables[] = {AREAS(X) NULL};
#undef X

#define X(area) area##_statements,
const struct db_statement *const *const statement_tables[] = {KERNEL_AREAS(X) AREAS(X) NULL};
#undef X
