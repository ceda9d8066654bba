#include "base/date.h"

enum { YEAR_MIN = 1900, YEAR_MAX = 2999 };

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

bool date_exists(struct date date)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.year < YEAR_MIN || date.year > YEAR_MAX || date.month < 1 || date.month > 12 ||
        date.day < 1)
        return false;
    return date.day <= days[date.month - 1] + (date.month == 2 && leap(date.year));
}

static bool number(const char *p, size_t n, int *ret_number)
{
    int value = 0;
    for (size_t i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        value = value * 10 + (p[i] - '0');
    }
    *ret_number = value;
    return true;
}

bool date_parse(struct str text, struct date *ret_date)
{
    struct date date;
    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' || !number(text.p, 4, &date.year) ||
        !number(text.p + 5, 2, &date.month) || !number(text.p + 8, 2, &date.day) ||
        !date_exists(date))
        return false;
    *ret_date = date;
    return true;
}

bool date_parse_compact(struct str text, struct date *ret_date)
{
    struct date date;
    if (text.n < 8 || !number(text.p, 4, &date.year) || !number(text.p + 4, 2, &date.month) ||
        !number(text.p + 6, 2, &date.day) || !date_exists(date))
        return false;
    *ret_date = date;
    return true;
}

char *date_format(struct date date, char buffer[static DATE_TEXT_MAX])
{
    ASSERT(date_exists(date));
    snprintf(buffer, DATE_TEXT_MAX, "%04d-%02d-%02d", date.year % 10000, date.month % 100,
             date.day % 100);
    return buffer;
}

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": days_from_civil and
 * civil_from_days. */
int64_t date_to_days(struct date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date date_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct date date = {.day = (int)(of_year - (153 * month + 2) / 5 + 1),
                        .month = (int)(month < 10 ? month + 3 : month - 9)};
    date.year = (int)(year + era * 400 + (date.month <= 2));
    return date;
}

int date_compare(struct date a, struct date b)
{
    int64_t difference = date_to_days(a) - date_to_days(b);
    return difference < 0 ? -1 : difference > 0;
}
