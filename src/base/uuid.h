/* UUIDs (RFC 9562), version 7 when we make them: ordered by time. */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/base.h"

enum { UUID_TEXT_SIZE = 37 };

struct uuid {
    unsigned char bytes[16];
};

/* A new version 7 UUID: 48 bits of milliseconds, 12 bits of their fraction, 62 bits of the system's
 * random source. */
struct uuid uuid_new(void);
char *uuid_format(struct uuid uuid, char buffer[static UUID_TEXT_SIZE]);
/* The 36-character form, any version, either case. */
bool uuid_parse(struct str text, struct uuid *ret_uuid);

#endif
