/* What a request says, read from an exchange; and its life without a socket. */
#include "http/internal.h"

#include <unistd.h>

/* ---- Characters ---- */

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

bool http_equal_nocase(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i]))
            return false;
    return true;
}

bool http_is_token(struct str text)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
        if (!alphanumeric && (c == 0 || strchr(others, c) == NULL))
            return false;
    }
    return text.n > 0;
}

struct str http_trim(struct str text)
{
    while (text.n > 0 && (text.p[0] == ' ' || text.p[0] == '\t'))
        text = (struct str){text.p + 1, text.n - 1};
    while (text.n > 0 && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t'))
        text.n--;
    return text;
}

struct str http_take(struct str *rest, char separator)
{
    struct str item = *rest;
    const char *end = rest->n == 0 ? NULL : memchr(rest->p, separator, rest->n);
    if (end == NULL) {
        *rest = (struct str){rest->p, 0};
        return item;
    }
    item.n = (size_t)(end - item.p);
    *rest = (struct str){end + 1, rest->n - item.n - 1};
    return item;
}

/* ---- Names ---- */

const char *http_method_name(enum http_method method)
{
    static const char *const names[] = {
        [HTTP_GET] = "GET",       [HTTP_POST] = "POST",     [HTTP_PUT] = "PUT",
        [HTTP_PATCH] = "PATCH",   [HTTP_DELETE] = "DELETE", [HTTP_OPTIONS] = "OPTIONS",
        [HTTP_METHOD_COUNT] = "-"};
    ASSERT((size_t)method < ARRAY_SIZE(names));
    return names[method];
}

bool http_method_parse(struct str word, enum http_method *ret_method, bool *ret_head_only)
{
    *ret_head_only = str_is(word, "HEAD");
    if (*ret_head_only) {
        *ret_method = HTTP_GET;
        return true;
    }
    for (int i = 0; i < HTTP_METHOD_COUNT; i++) {
        if (str_is(word, http_method_name((enum http_method)i))) {
            *ret_method = (enum http_method)i;
            return true;
        }
    }
    return false;
}

const char *http_lane_name(enum http_lane lane)
{
    static const char *const names[] = {[HTTP_LANE_WRITER] = "writer",
                                        [HTTP_LANE_READER] = "reader",
                                        [HTTP_LANE_EXPORT] = "export",
                                        [HTTP_LANE_PASSWORD] = "password"};
    ASSERT((size_t)lane < ARRAY_SIZE(names));
    return names[lane];
}

static const struct {
    int status;
    const char *text;
} refusals[HTTP_REFUSAL_COUNT] = {
    [HTTP_REFUSAL_MALFORMED] = {400, "malformed request"},
    [HTTP_REFUSAL_TOO_LARGE] = {413, "content too large"},
    [HTTP_REFUSAL_TARGET_TOO_LONG] = {414, "target too long"},
    [HTTP_REFUSAL_CONTENT_CODING] = {415, "content coding not supported"},
    [HTTP_REFUSAL_HEAD_TOO_LARGE] = {431, "header fields too large"},
    [HTTP_REFUSAL_NOT_IMPLEMENTED] = {501, "not implemented"},
    [HTTP_REFUSAL_BUSY] = {503, "too busy"},
    [HTTP_REFUSAL_LATE] = {503, "waited too long"},
    [HTTP_REFUSAL_STOPPING] = {503, "stopping"},
    [HTTP_REFUSAL_STORAGE] = {503, "no room for the body"},
    [HTTP_REFUSAL_INTERNAL] = {500, "internal error"},
};

int http_refusal_status(enum http_refusal refusal)
{
    ASSERT((size_t)refusal < ARRAY_SIZE(refusals));
    return refusals[refusal].status;
}

const char *http_refusal_text(enum http_refusal refusal)
{
    ASSERT((size_t)refusal < ARRAY_SIZE(refusals));
    return refusals[refusal].text;
}

uint64_t http_key(struct str text)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < text.n; i++)
        hash = (hash ^ (unsigned char)text.p[i]) * 1099511628211U;
    return hash;
}

/* ---- Headers ---- */

static const struct http_pair *find_header(const struct http_exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->n_headers; i++)
        if (http_equal_nocase(exchange->headers[i].name, str_of(name)))
            return &exchange->headers[i];
    return NULL;
}

struct str http_header(const struct http_exchange *exchange, const char *name)
{
    const struct http_pair *header = find_header(exchange, name);
    return header == NULL ? (struct str){NULL, 0} : header->value;
}

size_t http_header_count(const struct http_exchange *exchange, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < exchange->n_headers; i++)
        count += http_equal_nocase(exchange->headers[i].name, str_of(name)) ? 1 : 0;
    return count;
}

struct str http_cookie(const struct http_exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->n_headers; i++) {
        if (!http_equal_nocase(exchange->headers[i].name, STR("Cookie")))
            continue;
        struct str rest = exchange->headers[i].value;
        while (rest.n > 0) {
            struct str value = http_trim(http_take(&rest, ';'));
            if (memchr(value.n == 0 ? "" : value.p, '=', value.n) == NULL)
                continue;
            struct str found = http_trim(http_take(&value, '='));
            value = http_trim(value);
            if (!str_is(found, name))
                continue;
            if (value.n >= 2 && value.p[0] == '"' && value.p[value.n - 1] == '"')
                value = (struct str){value.p + 1, value.n - 2};
            return value;
        }
    }
    return (struct str){NULL, 0};
}

const struct http_part *http_part(const struct http_exchange *exchange, const char *name)
{
    for (size_t i = 0; i < exchange->n_parts; i++)
        if (str_is(exchange->parts[i].name, name))
            return &exchange->parts[i];
    return NULL;
}

const char *http_content_type(struct http_exchange *exchange)
{
    struct str value = http_header(exchange, "Content-Type");
    struct str type = http_trim(http_take(&value, ';'));
    struct str rest = type;
    struct str major = http_take(&rest, '/');
    if (!http_is_token(major) || !http_is_token(rest))
        return "";
    char *text = arena_copy(&exchange->arena, type);
    if (text == NULL)
        return "";
    for (char *p = text; *p != 0; p++)
        *p = lower(*p);
    return text;
}

/* ---- Negotiation ---- */

/* The value of ";q=" in thousandths; 1000 without one, -1 when malformed. */
static int quality(struct str parameters)
{
    while (parameters.n > 0) {
        struct str parameter = http_trim(http_take(&parameters, ';'));
        if (parameter.n < 2 || lower(parameter.p[0]) != 'q' || parameter.p[1] != '=')
            continue;
        struct str digits = {parameter.p + 2, parameter.n - 2};
        if (digits.n < 1 || digits.n > 5 || (digits.n > 1 && digits.p[1] != '.') ||
            (digits.p[0] != '0' && digits.p[0] != '1'))
            return -1;
        int value = 0;
        for (size_t i = 0; i < 5; i++) {
            if (i == 1)
                continue;
            int digit = i < digits.n ? digits.p[i] - '0' : 0;
            if (digit < 0 || digit > 9)
                return -1;
            value = value * 10 + digit;
        }
        return value <= 1000 ? value : -1;
    }
    return 1000;
}

/* How closely a range fits: 3 the type itself, 2 its major type, 1 everything, 0 not at all. */
static int closeness(struct str range, struct str wanted)
{
    if (http_equal_nocase(range, wanted))
        return 3;
    if (str_is(range, "*/*") || str_is(range, "*"))
        return 1;
    struct str major = wanted;
    major = http_take(&major, '/');
    bool of_major = range.n == major.n + 2 && range.p[range.n - 1] == '*' &&
                    range.p[range.n - 2] == '/' &&
                    http_equal_nocase((struct str){range.p, major.n}, major);
    return of_major ? 2 : 0;
}

/* The quality that the closest range of all headers `name` gives to `wanted`, looking at ranges of
 * at least `from` closeness; -1 when none fits. */
static int accepted(const struct http_exchange *exchange, const char *name, const char *wanted,
                    int from)
{
    int best = 0, best_quality = -1;
    for (size_t i = 0; i < exchange->n_headers; i++) {
        if (!http_equal_nocase(exchange->headers[i].name, str_of(name)))
            continue;
        struct str rest = exchange->headers[i].value;
        while (rest.n > 0) {
            struct str parameters = http_take(&rest, ',');
            struct str range = http_trim(http_take(&parameters, ';'));
            int close = closeness(range, str_of(wanted)), q = quality(parameters);
            if (close >= from && close > best && q >= 0) {
                best = close;
                best_quality = q;
            }
        }
    }
    return best_quality;
}

int http_accepts(const struct http_exchange *exchange, const char *media_type)
{
    if (http_header_count(exchange, "Accept") == 0)
        return 1000;
    int q = accepted(exchange, "Accept", media_type, 1);
    return q < 0 ? 0 : q;
}

bool http_accepts_explicitly(const struct http_exchange *exchange, const char *media_type)
{
    return accepted(exchange, "Accept", media_type, 2) > 0;
}

bool http_accepts_coding(const struct http_exchange *exchange, const char *coding)
{
    return accepted(exchange, "Accept-Encoding", coding, 1) > 0;
}

static struct str opaque_tag(struct str tag, bool *ret_weak)
{
    *ret_weak = tag.n >= 2 && tag.p[0] == 'W' && tag.p[1] == '/';
    return *ret_weak ? (struct str){tag.p + 2, tag.n - 2} : tag;
}

bool http_etag_listed(struct str list, struct str etag, bool weak)
{
    bool etag_weak, item_weak;
    struct str wanted = opaque_tag(etag, &etag_weak);
    if (str_is(http_trim(list), "*"))
        return true;
    /* A tag may hold a comma: split at quotes, not at commas. */
    while (list.n > 0) {
        list = http_trim(list);
        if (list.n > 0 && list.p[0] == ',') {
            list = (struct str){list.p + 1, list.n - 1};
            continue;
        }
        size_t start = list.n >= 2 && list.p[0] == 'W' && list.p[1] == '/' ? 2 : 0;
        if (list.n < start + 2 || list.p[start] != '"')
            return false;
        const char *end = memchr(list.p + start + 1, '"', list.n - start - 1);
        if (end == NULL)
            return false;
        size_t size = (size_t)(end - list.p) + 1;
        struct str item = opaque_tag((struct str){list.p, size}, &item_weak);
        if (str_equal(item, wanted) && (weak || (!item_weak && !etag_weak)))
            return true;
        list = (struct str){list.p + size, list.n - size};
    }
    return false;
}

/* ---- Percent-encoding ---- */

static int hexadecimal(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool http_decode(struct arena *arena, struct str text, bool form, struct str *ret_text)
{
    char *out = text.n == SIZE_MAX ? NULL : arena_alloc(arena, text.n + 1);
    size_t n = 0;
    if (out == NULL)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '%') {
            int high = i + 2 < text.n ? hexadecimal(text.p[i + 1]) : -1;
            int low = high < 0 ? -1 : hexadecimal(text.p[i + 2]);
            if (low < 0 || (high == 0 && low == 0))
                return false;
            out[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[n] = text.p[i];
            if (form && out[n] == '+')
                out[n] = ' ';
            n++;
        }
    }
    *ret_text = (struct str){out, n};
    return true;
}

bool http_query_next(struct str *query, struct str *ret_name, struct str *ret_value)
{
    while (query->n > 0) {
        struct str pair = http_take(query, '&');
        if (pair.n == 0)
            continue;
        *ret_name = http_take(&pair, '=');
        *ret_value = pair;
        return true;
    }
    return false;
}

/* ---- Life ---- */

void http_exchange_init(struct http_exchange *exchange, const struct http_limits *limits)
{
    memset(exchange, 0, sizeof *exchange);
    arena_init(&exchange->arena, (size_t)limits->arena_size);
    uuid_format(uuid_new(), exchange->request_id);
    exchange->method = HTTP_GET;
    exchange->path = STR("/");
    exchange->query = STR("");
    exchange->body = STR("");
    memcpy(exchange->address, "127.0.0.1", sizeof "127.0.0.1");
    exchange->deadline_ms = limits->deadline_ms;
    exchange->step = HTTP_STEP_BODY;
    exchange->refusal = -1;
    exchange->reply.fd = -1;
    writer_init(&exchange->reply.body, (size_t)limits->reply_size);
}

void http_exchange_release(struct http_exchange *exchange)
{
    if (exchange->reply.fd >= 0)
        close(exchange->reply.fd);
    exchange->reply.fd = -1;
    writer_release(&exchange->reply.body);
    arena_free(&exchange->arena);
}

/* Splits "/path?query"; of the absolute form ("http://host/path", RFC 9112 3.2.2) only what follows
 * the host. */
static bool split_target(struct http_exchange *exchange, struct str target)
{
    static const struct str schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
        struct str scheme = schemes[i];
        if (target.n < scheme.n || !http_equal_nocase((struct str){target.p, scheme.n}, scheme))
            continue;
        struct str rest = {target.p + scheme.n, target.n - scheme.n};
        size_t host = 0;
        while (host < rest.n && rest.p[host] != '/' && rest.p[host] != '?')
            host++;
        if (host == 0 || (host < rest.n && rest.p[host] == '?'))
            return false;
        target = host == rest.n ? STR("/") : (struct str){rest.p + host, rest.n - host};
    }
    if (target.n == 0 || target.p[0] != '/')
        return false;
    struct str query = target;
    exchange->path = http_take(&query, '?');
    exchange->query = query;
    return true;
}

/* Visible ASCII, and each '%' with its two digits. */
static bool target_is_clean(struct str target)
{
    for (size_t i = 0; i < target.n; i++) {
        unsigned char c = (unsigned char)target.p[i];
        if (c <= ' ' || c >= 0x7f || c == '#')
            return false;
        if (c == '%' && (i + 2 >= target.n || hexadecimal(target.p[i + 1]) < 0 ||
                         hexadecimal(target.p[i + 2]) < 0))
            return false;
    }
    return true;
}

bool http_exchange_target(struct http_exchange *exchange, struct str method, struct str target)
{
    if (!http_method_parse(method, &exchange->method, &exchange->head_only))
        return false;
    const char *copy = arena_copy(&exchange->arena, target);
    struct str owned = {copy, target.n};
    return copy != NULL && target_is_clean(owned) && split_target(exchange, owned);
}

void http_exchange_header(struct http_exchange *exchange, struct str name, struct str value)
{
    size_t n = exchange->n_headers;
    struct http_pair *headers = ARENA_ARRAY(&exchange->arena, struct http_pair, n + 1);
    const char *owned_name = arena_copy(&exchange->arena, name);
    struct str trimmed = http_trim(value);
    const char *owned_value = arena_copy(&exchange->arena, trimmed);
    if (headers == NULL || owned_name == NULL || owned_value == NULL)
        return;
    if (n > 0)
        memcpy(headers, exchange->headers, n * sizeof *headers);
    headers[n] = (struct http_pair){{owned_name, name.n}, {owned_value, trimmed.n}};
    exchange->headers = headers;
    exchange->n_headers = n + 1;
}
