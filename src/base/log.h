/* logfmt lines on standard error. Never personal data, bodies, tokens, URLs. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above `level` are dropped. Call before threads start. */
void log_init(enum log_level level);
/* `event` is a short lower-case phrase; then pairs of texts (key, value), ended by NULL; values are
 * quoted where needed. */
void log_line(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
