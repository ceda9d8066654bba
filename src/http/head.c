#include "http/internal.h"

static bool malformed(struct http_exchange *exchange, enum http_refusal *ret_refusal,
                      const char *detail)
{
    *ret_refusal = HTTP_REFUSAL_MALFORMED;
    exchange->refusal_detail = detail;
    return false;
}

/* Tabs and obs-text are allowed, other controls are not (RFC 9110 5.5). */
static bool value_is_clean(struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool check_fields(struct http_exchange *exchange, const struct http_limits *limits,
                         enum http_refusal *ret_refusal)
{
    size_t size = 0;
    for (size_t i = 0; i < exchange->n_headers; i++) {
        const struct http_pair *header = &exchange->headers[i];
        if (!http_is_token(header->name))
            return malformed(exchange, ret_refusal, "a header's name is not a token");
        if (!value_is_clean(header->value))
            return malformed(exchange, ret_refusal, "a header's value holds a control character");
        size += header->name.n + header->value.n;
    }
    if (exchange->n_headers > (size_t)limits->head_count || size > (size_t)limits->head_size) {
        *ret_refusal = HTTP_REFUSAL_HEAD_TOO_LARGE;
        return false;
    }
    return true;
}

/* Content-Length is digits only; a list, even of equal numbers, is refused. */
static bool parse_length(struct str text, int64_t *ret_length)
{
    int64_t length = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        if (__builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, text.p[i] - '0', &length))
            return false;
    }
    *ret_length = length;
    return text.n > 0;
}

static bool check_framing(struct http_exchange *exchange, enum http_refusal *ret_refusal)
{
    size_t lengths = http_header_count(exchange, "Content-Length");
    size_t codings = http_header_count(exchange, "Transfer-Encoding");
    if (lengths > 1 || codings > 1 || (lengths == 1 && codings == 1))
        return malformed(exchange, ret_refusal, "the length of the body is said twice");
    if (codings == 1) {
        if (!http_equal_nocase(http_header(exchange, "Transfer-Encoding"), STR("chunked"))) {
            *ret_refusal = HTTP_REFUSAL_NOT_IMPLEMENTED;
            exchange->refusal_detail = "transfer coding";
            return false;
        }
        exchange->declared_length = -1;
    }
    if (lengths == 1 &&
        !parse_length(http_header(exchange, "Content-Length"), &exchange->declared_length))
        return malformed(exchange, ret_refusal, "Content-Length is not a number");
    return true;
}

/* uri-host [ ":" port ] (RFC 9110 7.2) by its characters: none that ends a host in an address, or
 * hides another before an '@'. */
static bool host_is_plain(struct str host)
{
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || strchr("-._~%!$&'()*+,;=:[]", c) == NULL))
            return false;
    }
    return true;
}

bool http_head_check(struct http_exchange *exchange, const struct http_limits *limits,
                     enum http_refusal *ret_refusal)
{
    if (!check_fields(exchange, limits, ret_refusal) || !check_framing(exchange, ret_refusal))
        return false;
    if (http_header_count(exchange, "Host") > 1)
        return malformed(exchange, ret_refusal, "there is more than one Host");
    if (!host_is_plain(http_header(exchange, "Host")))
        return malformed(exchange, ret_refusal, "the Host is not a host");
    struct str coding = http_header(exchange, "Content-Encoding");
    if (coding.n > 0 && !http_equal_nocase(coding, STR("identity"))) {
        *ret_refusal = HTTP_REFUSAL_CONTENT_CODING;
        return false;
    }
    return true;
}
