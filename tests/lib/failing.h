/* Allocations that fail on demand, for the whole program: this malloc stands before that of the C
 * library (or of the sanitizer) for our code and for every library it is linked with. */
#ifndef LIB_FAILING_H
#define LIB_FAILING_H

#include <stdbool.h>

/* From now on the nth allocation fails (n >= 1), and with `onwards` every later one too; n = 0:
 * none does. Counting starts anew. For one thread. */
void failing_arm(long n, bool onwards);

/* Lets everything succeed again; the number of allocations since failing_arm. */
long failing_disarm(void);

#endif
