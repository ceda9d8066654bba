/* The web interface: files of the program, answered from its memory. */
#include "http/internal.h"

struct entry {
    const struct http_asset *asset;
};

struct http_assets {
    size_t n;
    const struct http_asset *index; /* the page of every address, or NULL */
    struct entry sorted[];          /* by path */
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *first = a, *second = b;
    return strcmp(first->asset->path, second->asset->path);
}

static const struct http_asset *find(const struct http_assets *assets, struct str path)
{
    size_t low = 0, high = assets->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct http_asset *asset = assets->sorted[middle].asset;
        size_t size = strlen(asset->path), shorter = size < path.n ? size : path.n;
        int order = memcmp(path.p, asset->path, shorter);
        if (order == 0)
            order = (path.n > size) - (path.n < size);
        if (order == 0)
            return asset;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct http_assets *http_assets_new(const struct http_asset *table, size_t n)
{
    struct http_assets *assets = malloc(sizeof *assets + n * sizeof(struct entry));
    ASSERT(assets != NULL);
    assets->n = n;
    for (size_t i = 0; i < n; i++) {
        ASSERT(table[i].path[0] == '/' && table[i].etag[0] == '"');
        assets->sorted[i].asset = &table[i];
    }
    qsort(assets->sorted, n, sizeof(struct entry), compare_entries);
    for (size_t i = 1; i < n; i++)
        ASSERT(compare_entries(&assets->sorted[i - 1], &assets->sorted[i]) != 0);
    assets->index = find(assets, STR("/index.html"));
    return assets;
}

void http_assets_free(struct http_assets *assets)
{
    free(assets);
}

static bool is_below(struct str path, struct str folder)
{
    return path.n >= folder.n && memcmp(path.p, folder.p, folder.n) == 0 &&
           (path.n == folder.n || path.p[folder.n] == '/');
}

/* An address of the interface, which its own router understands. */
static bool is_page(const struct http_exchange *exchange)
{
    static const struct str others[] = {{"/api", 4}, {"/metrics", 8}, {"/assets", 7}};
    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (is_below(exchange->path, others[i]))
            return false;
    return str_is(exchange->path, "/") || http_accepts_explicitly(exchange, "text/html");
}

static void answer(struct http_exchange *exchange, const struct http_asset *asset)
{
    bool gzip = asset->gzip.p != NULL && http_accepts_coding(exchange, "gzip");
    char etag[80];
    /* The two forms are different bytes, so they have different strong tags (RFC 9110 8.8.3.3). */
    int n = snprintf(etag, sizeof etag, "%.*s%s\"", (int)strlen(asset->etag) - 1, asset->etag,
                     gzip ? "-gzip" : "");
    ASSERT(n > 0 && (size_t)n < sizeof etag);
    bool known = http_etag_listed(http_header(exchange, "If-None-Match"), str_of(etag), true);
    http_reply_begin(exchange, known ? 304 : 200);
    http_reply_header(exchange, "ETag", etag);
    http_reply_header(exchange, "Cache-Control",
                      asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    http_reply_header(exchange, "Vary", "Accept-Encoding");
    if (known)
        return;
    http_reply_header(exchange, "Content-Type", asset->content_type);
    if (gzip)
        http_reply_header(exchange, "Content-Encoding", "gzip");
    exchange->reply.constant = gzip ? asset->gzip : asset->bytes;
}

bool http_assets_answer(const struct http_assets *assets, struct http_exchange *exchange)
{
    const struct http_asset *asset = find(assets, exchange->path);
    const char *route = "assets";
    if (asset == NULL && assets->index != NULL && exchange->method == HTTP_GET &&
        is_page(exchange)) {
        asset = assets->index;
        route = "page";
    }
    if (asset == NULL)
        return false;
    exchange->route = route;
    if (exchange->method == HTTP_GET) {
        answer(exchange, asset);
        return true;
    }
    http_reply_begin(exchange, 405);
    http_reply_header(exchange, "Allow", "GET, HEAD");
    http_reply_header(exchange, "Content-Type", "text/plain; charset=utf-8");
    exchange->reply.constant = STR("method not allowed");
    return true;
}
