/* What a fund can promise: the board's figure, and nothing else decides it. */
#ifndef DOMAIN_POSITION_H
#define DOMAIN_POSITION_H

#include "base/money.h"

/* The layers of a fund, in minor units. Only `held` adds; every other layer is 0 or more.
 * held             cash cleared at the bank (validated lines on bank accounts that the bank
 * confirmed) held_for_others  third parties' money and debts that must be given back promised aid
 * decided, not yet paid reserved         received from a funder for a defined use, not yet spent
 * floor            what the board wants to keep */
struct position {
    struct money held, held_for_others, promised, reserved, floor;
};

/* held - held_for_others - promised - reserved - floor; negative when the fund lacks money. False
 * when the sum leaves 64 bits; *ret_available is then untouched. Source: the product's definition
 * of the fund; restricted money is counted from allocations, never from accounts 19x, which move at
 * closing only (ANC 2018-06, art. 132-1). */
MUST_CHECK bool position_available(const struct position *position, struct money *ret_available);

#endif
