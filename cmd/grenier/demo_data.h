/* The invented network of the demonstration: who its members are, what they give, what it pays. */
#ifndef GRENIER_DEMO_DATA_H
#define GRENIER_DEMO_DATA_H

#include "base/base.h"

/* Times are counted from the month that runs, so that the demonstration always shows the last
 * months: `ago` months before it, on `day` (1 to 28). What would be later than today does not
 * happen. */
enum { DEMO_MONTHS = 9, DEMO_MEMBERS = 25 };

struct demo_member {
    const char *name, *legal_form; /* legal_form as the API has it */
    const char *street, *postal_code, *city;
    const char *email, *contact, *role;
    const char *joined_on;
    const char *left_on; /* NULL: still a member */
};

/* Money that came in. Transfers also stand on the bank's statement. */
struct demo_receipt {
    int ago, day;
    int member; /* index into demo_members, or -1: `donor` */
    const char *donor, *donor_form;
    const char *amount; /* as the API has it */
    const char *means, *nature;
    const char *label; /* NULL: what the API makes of it */
};

/* A line of the bank's statement that is not a receipt above. */
struct demo_bank_line {
    int ago, day; /* ago -1: every month */
    const char *amount;
    const char *name, *memo;
    const char *kind;     /* of the match to make; NULL: left for the visitor */
    const char *category; /* of an expense; NULL otherwise */
};

extern const struct demo_member demo_members[DEMO_MEMBERS];
extern const struct demo_receipt demo_receipts[];     /* ended by an amount of NULL */
extern const struct demo_bank_line demo_bank_lines[]; /* ended by an amount of NULL */

#endif
