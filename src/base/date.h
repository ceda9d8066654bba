/* Civil dates (proleptic Gregorian) without any time zone. */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/base.h"

struct date {
    int year, month, day; /* year 1900 to 2999 where it comes from outside */
};

enum { DATE_TEXT_MAX = 16 };

/* Parses YYYY-MM-DD strictly, a day that exists, year 1900 to 2999. */
bool date_parse(struct str text, struct date *ret_date);
/* Parses YYYYMMDD at the start of `text` (what follows is not looked at). */
bool date_parse_compact(struct str text, struct date *ret_date);
bool date_exists(struct date date);
char *date_format(struct date date, char buffer[static DATE_TEXT_MAX]);
/* Days since 1970-01-01, for differences. */
int64_t date_to_days(struct date date);
struct date date_from_days(int64_t days);
int date_compare(struct date a, struct date b);

#endif
