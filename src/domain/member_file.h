/* What people write in a file of members: headings, legal forms, dates, in French or English, as
 * spreadsheets leave them. */
#ifndef DOMAIN_MEMBER_FILE_H
#define DOMAIN_MEMBER_FILE_H

#include "base/arena.h"
#include "base/base.h"

/* The member's field that a column heading means ("Raison sociale" is "name"), whatever its case,
 * accents and signs; NULL for a heading that means none of them. The answer is a constant. */
const char *member_file_field(struct arena *arena, struct str heading);

/* The headings understood, for the message that asks for them: "Nom, Forme juridique, SIRET, …". A
 * constant. */
const char *member_file_headings(void);

/* A cell as the field of that name takes it:
 * - legal_form: the code of a French or English word ("auto-entrepreneur" is sole_trader); another
 * word stays as it is, to be refused by the field;
 * - joined_on, left_on: YYYY-MM-DD of 31/12/2025, 31-12-2025, 31.12.2025 or 2025/12/31, a time of
 * midnight left out; no other order and no year of two digits is guessed;
 * - country: the code of the name of a neighbouring country; email: without "mailto:";
 * - postal_code: the leading zero that spreadsheets take away is given back to four digits where
 * the address is `french`;
 * - any: trimmed, without the apostrophe that our exports put before =, +, - and @.
 * Points into `cell`, into the arena, or to a constant. p is NULL only when the arena is full. */
struct str member_file_value(struct arena *arena, const char *field, struct str cell, bool french);

/* Whether a spreadsheet has rounded a long number ("7,32829E+13"): its digits are lost. */
bool member_file_rounded(struct str cell);

#endif
