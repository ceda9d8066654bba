#include "base/uuid.h"

#include "base/crypto.h"

struct uuid uuid_new(void)
{
    struct uuid uuid;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    crypto_random(uuid.bytes, sizeof uuid.bytes);
    for (int i = 0; i < 6; i++)
        uuid.bytes[i] = (unsigned char)(ms >> (40 - 8 * i));
    /* Method 3 of RFC 9562, section 6.2: the 12 bits after the version are the fraction of the
     * millisecond. */
    uint32_t fraction = (uint32_t)(now.tv_nsec % 1000000) * 4096 / 1000000;
    uuid.bytes[6] = (unsigned char)(0x70 | (fraction >> 8));
    uuid.bytes[7] = (unsigned char)(fraction & 0xFF);
    uuid.bytes[8] = (unsigned char)(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}

static bool dash_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

char *uuid_format(struct uuid uuid, char buffer[static UUID_TEXT_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    size_t n = 0;
    for (size_t i = 0; i < 16; i++) {
        if (dash_at(n))
            buffer[n++] = '-';
        buffer[n++] = hex[uuid.bytes[i] >> 4];
        buffer[n++] = hex[uuid.bytes[i] & 15];
    }
    buffer[n] = 0;
    return buffer;
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool uuid_parse(struct str text, struct uuid *ret_uuid)
{
    struct uuid uuid = {0};
    size_t byte = 0;
    if (text.n != 36)
        return false;
    for (size_t i = 0; i < 36;) {
        if (dash_at(i)) {
            if (text.p[i++] != '-')
                return false;
            continue;
        }
        int high = nibble(text.p[i]), low = nibble(text.p[i + 1]);
        if (high < 0 || low < 0)
            return false;
        uuid.bytes[byte++] = (unsigned char)(high << 4 | low);
        i += 2;
    }
    *ret_uuid = uuid;
    return true;
}
