/* Character sets of files from elsewhere, all to UTF-8. Windows-1252 is in base/text.h. */
#ifndef FORMATS_CHARSET_H
#define FORMATS_CHARSET_H

#include "base/arena.h"
#include "base/base.h"

/* Writes a code point as UTF-8 (1 to 4 bytes); what is none (0, surrogates, past U+10FFFF) becomes
 * U+FFFD. */
size_t charset_put_utf8(char *out, uint32_t code);
bool charset_is_ascii(struct str text);
/* Whether the bytes begin with the mark of UTF-16, either order. */
bool charset_is_utf16(struct str bytes);
/* UTF-16 with its mark to UTF-8; lone surrogates become U+FFFD. False when the arena is full. */
bool charset_from_utf16(struct arena *arena, struct str bytes, struct str *ret_text) MUST_CHECK;
/* ISO 8859-15 (Latin-9) to UTF-8. False when the arena is full. */
bool charset_from_8859_15(struct arena *arena, struct str bytes, struct str *ret_text) MUST_CHECK;
/* The line (from 1) of the first byte that is not UTF-8, or of the first NUL. */
int charset_bad_line(struct str bytes);

#endif
