/* What a member's record takes: shared by the form and by the import of a file, so that both check
 * the same. */
#ifndef API_MEMBER_FIELDS_H
#define API_MEMBER_FIELDS_H

#include "base/field.h"

/* Every field that can be written, none of them required. Ended by a row of type F_END. */
extern const struct field member_change[];
extern const char *const member_legal_forms[];

#endif
