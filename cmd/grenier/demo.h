/* The demonstration organisation. */
#ifndef GRENIER_DEMO_H
#define GRENIER_DEMO_H

#include "grenier/session.h"

/* What the demonstration's treasurer signs in with. */
#define DEMO_SLUG  "demo"
#define DEMO_EMAIL "tresoriere@demo.example"

/* Makes the organisation "demo" with its members, its year of money and its bank, through the API's
 * own requests; does nothing when it is there already. The session must be connected. */
MUST_CHECK enum exit_code demo_make(struct session *session);

#endif
