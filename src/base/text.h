/* UTF-8 text: checking, trimming, comparing, character sets of old files. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/base.h"

/* Whether the bytes are well-formed UTF-8 (no overlong form, no surrogate, nothing past U+10FFFF)
 * without NUL. */
bool text_is_utf8(struct str text);
/* Number of code points of well-formed UTF-8. */
size_t text_length(struct str text);
/* Whether there is a control character other than tab, line feed, carriage return. */
bool text_has_control(struct str text);
/* Without ASCII white space, U+00A0 and U+202F at both ends; points into `text`. */
struct str text_trim(struct str text);
/* The text without spaces, U+00A0, U+202F, '.', '-' inside, in ASCII capitals: how identifiers are
 * compared. NULL when the arena is full. */
char *text_compact(struct arena *arena, struct str text);
/* Windows-1252 to UTF-8 (undefined bytes become U+FFFD), terminated, or NULL when the arena is
 * full. */
char *text_from_windows_1252(struct arena *arena, struct str bytes);
/* Capitals without accents, everything but letters and digits as single spaces: "Épicerie d’Aspre"
 * gives "EPICERIE D ASPRE". For likeness, never for storing. */
char *text_fold(struct arena *arena, struct str text);
/* Whether `text` begins with `prefix`. */
bool text_starts(struct str text, struct str prefix);
/* A decimal integer of digits only in [min, max]; false otherwise. */
bool text_to_int(struct str text, int64_t min, int64_t max, int64_t *ret_value);

#endif
