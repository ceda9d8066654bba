/* What the files of the bank share (bank.c, matching.c). */
#ifndef API_BANK_H
#define API_BANK_H

#include "api/request.h"

/* A match: what lines of the bank are. */
extern const struct field match_out[];

#endif
