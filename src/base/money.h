/* Exact money: integers in the smallest unit of the organisation's currency. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/arena.h"
#include "base/base.h"

struct money {
    int64_t minor;
};

/* Amounts accepted from outside: 15 digits in minor units, far below what sums of millions of lines
 * overflow. */
#define MONEY_MAX_MINOR INT64_C(999999999999999)
enum { MONEY_DIGITS_MAX = 4, MONEY_TEXT_MAX = 32 };

enum money_fault {
    MONEY_OK = 0,
    MONEY_FORMAT,    /* not digits, or signs, exponents, separators where none makes sense */
    MONEY_PRECISION, /* more digits after the point than the currency has, or fewer */
    MONEY_RANGE      /* beyond MONEY_MAX_MINOR */
};

/* Parses the wire form: optional '-', digits, '.', exactly `digits` digits ("1250.00"). `digits` 0
 * to 4. */
enum money_fault money_parse(struct str text, int digits, struct money *ret_money);
/* Parses what a bank file holds: '+' or '-', comma or point, any number of digits after it provided
 * those beyond `digits` are zeros. */
enum money_fault money_parse_bank(struct str text, int digits, struct money *ret_money);
/* Writes the wire form into `buffer` (MONEY_TEXT_MAX bytes at least); returns it. */
char *money_format(struct money money, int digits, char buffer[static MONEY_TEXT_MAX]);
/* French figures for people and documents: U+202F between thousands, comma, U+2212 for minus ("1
 * 250,50"). */
char *money_format_fr(struct arena *arena, struct money money, int digits);
/* English figures ("1,250.50"). */
char *money_format_en(struct arena *arena, struct money money, int digits);
/* Sums that refuse to wrap: false on overflow, *ret_sum untouched. */
MUST_CHECK bool money_add(struct money a, struct money b, struct money *ret_sum);
MUST_CHECK bool money_subtract(struct money a, struct money b, struct money *ret_difference);

#endif
