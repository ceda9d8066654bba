/* The files that cmd/embed.cmake puts into every program. */
#ifndef COMMON_EMBEDDED_H
#define COMMON_EMBEDDED_H

#include "base/embed.h"

/* sql/ of the source tree, for migrations. */
extern const struct embedded_file embedded_sql[];
/* The built web interface; empty when the build says GRENIER_WEB=OFF. */
extern const struct embedded_file embedded_web[];

#endif
