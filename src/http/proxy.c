/* Who the client is when proxies stand between. */
#include "http/internal.h"

#include <arpa/inet.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* IPv4 as ::ffff:a.b.c.d, so that one comparison serves both. */
static bool parse_address(struct str text, unsigned char ret_bytes[16], bool *ret_v4)
{
    char copy[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof copy || memchr(text.p, 0, text.n) != NULL)
        return false;
    memcpy(copy, text.p, text.n);
    copy[text.n] = 0;
    *ret_v4 = inet_pton(AF_INET, copy, ret_bytes + 12) == 1;
    if (*ret_v4) {
        memcpy(ret_bytes, mapped, sizeof mapped);
        return true;
    }
    if (inet_pton(AF_INET6, copy, ret_bytes) != 1)
        return false;
    *ret_v4 = memcmp(ret_bytes, mapped, sizeof mapped) == 0;
    return true;
}

bool http_network_parse(struct str text, struct http_network *ret_network)
{
    struct str rest = text;
    struct str address = http_take(&rest, '/');
    bool v4, has_bits = address.n < text.n;
    struct http_network network;
    if (!parse_address(address, network.bytes, &v4))
        return false;
    unsigned most = v4 ? 32 : 128, bits = 0;
    if (has_bits) {
        if (rest.n == 0 || rest.n > 3)
            return false;
        for (size_t i = 0; i < rest.n; i++) {
            if (rest.p[i] < '0' || rest.p[i] > '9')
                return false;
            bits = bits * 10 + (unsigned)(rest.p[i] - '0');
        }
        if (bits > most)
            return false;
    }
    network.bits = (has_bits ? bits : most) + (v4 ? 96 : 0);
    *ret_network = network;
    return true;
}

bool http_network_holds(const struct http_network *network, const unsigned char address[16])
{
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->bytes, address, whole) != 0)
        return false;
    return rest == 0 || (network->bytes[whole] ^ address[whole]) >> (8 - rest) == 0;
}

static bool is_trusted(const struct http_network *trusted, size_t n_trusted,
                       const unsigned char address[16])
{
    for (size_t i = 0; i < n_trusted; i++)
        if (http_network_holds(&trusted[i], address))
            return true;
    return false;
}

bool http_is_trusted(const struct http_network *trusted, size_t n_trusted, struct str peer)
{
    unsigned char bytes[16];
    bool v4;
    return parse_address(peer, bytes, &v4) && is_trusted(trusted, n_trusted, bytes);
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80": some proxies write the port. */
static bool parse_forwarded(struct str item, unsigned char ret_bytes[16], bool *ret_v4)
{
    if (item.n > 0 && item.p[0] == '[') {
        const char *end = memchr(item.p, ']', item.n);
        if (end == NULL)
            return false;
        return parse_address((struct str){item.p + 1, (size_t)(end - item.p) - 1}, ret_bytes,
                             ret_v4);
    }
    const char *colon = item.n == 0 ? NULL : memchr(item.p, ':', item.n);
    bool one =
        colon != NULL && memchr(colon + 1, ':', item.n - (size_t)(colon - item.p) - 1) == NULL;
    return parse_address(one ? (struct str){item.p, (size_t)(colon - item.p)} : item, ret_bytes,
                         ret_v4);
}

static void format_address(const unsigned char bytes[16], bool v4, char ret_text[HTTP_ADDRESS_MAX])
{
    if (v4)
        inet_ntop(AF_INET, bytes + 12, ret_text, HTTP_ADDRESS_MAX);
    else
        inet_ntop(AF_INET6, bytes, ret_text, HTTP_ADDRESS_MAX);
}

/* Takes the last item of a list off its end; an absent header is an empty list. */
static struct str take_last(struct str *list)
{
    if (list->p == NULL)
        return *list;
    size_t start = list->n;
    while (start > 0 && list->p[start - 1] != ',')
        start--;
    struct str item = {list->p + start, list->n - start};
    list->n = start > 0 ? start - 1 : 0;
    return http_trim(item);
}

void http_client_find(struct http_exchange *exchange, const struct http_network *trusted,
                      size_t n_trusted, const char *peer)
{
    unsigned char bytes[16];
    bool v4;
    snprintf(exchange->address, sizeof exchange->address, "%s", peer);
    exchange->is_secure = false;
    if (!parse_address(str_of(peer), bytes, &v4))
        return;
    format_address(bytes, v4, exchange->address);
    if (!is_trusted(trusted, n_trusted, bytes))
        return;
    struct str scheme = http_header(exchange, "X-Forwarded-Proto");
    exchange->is_secure = http_equal_nocase(take_last(&scheme), STR("https"));
    /* From the nearest hop outwards, as long as each is one of ours; headers of one name are one
     * list (RFC 9110 5.3). */
    for (size_t i = exchange->n_headers; i-- > 0;) {
        if (!http_equal_nocase(exchange->headers[i].name, STR("X-Forwarded-For")))
            continue;
        struct str list = exchange->headers[i].value;
        while (list.n > 0) {
            if (!parse_forwarded(take_last(&list), bytes, &v4))
                return;
            format_address(bytes, v4, exchange->address);
            if (!is_trusted(trusted, n_trusted, bytes))
                return;
        }
    }
}
