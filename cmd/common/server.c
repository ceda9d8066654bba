#include "common/server.h"

#include "api/api.h"
#include "base/crypto.h"
#include "common/embedded.h"
#include "db/migrate.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    ASSETS_MAX = 64,
    PROXIES_MAX = 16,
    URL_MAX = 256,
    ETAG_SIZE = 40,
    PATH_MAX_BYTES = 128,
    ROUND_S = 3600
};

struct server {
    struct http_asset assets[ASSETS_MAX];
    size_t n_assets;
    char paths[ASSETS_MAX][PATH_MAX_BYTES];
    char etags[ASSETS_MAX][ETAG_SIZE];
    char *proxies; /* the option, cut at its commas */
    const char *proxy[PROXIES_MAX];
    size_t n_proxies;
    char url[URL_MAX + 1]; /* with a slash at its end */
    char origin[URL_MAX];  /* of public_url, without it */
    struct http_metrics *metrics;
    struct api *api;
    struct http_app app;
    struct http_server *http;
    int64_t tended_s; /* monotonic, of the last round; 0: none yet */
};

/* ------------------------------------------------------------------------------------------------------------------
 * Settings
 * -----------------------------------------------------------------------------------------------
 */

static bool is_loopback(const char *address)
{
    struct in_addr four;
    struct in6_addr six;

    if (inet_pton(AF_INET, address, &four) == 1)
        return ntohl(four.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, address, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool is_address(const char *address)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

/* scheme://host[:port] with nothing behind but a slash; http only where the host is this machine.
 */
static bool is_public_url(const char *url)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
    const char *host;
    size_t length;

    if (strncmp(url, "https://", 8) == 0)
        host = url + 8;
    else if (strncmp(url, "http://127.0.0.1", 16) == 0 || strncmp(url, "http://localhost", 16) == 0)
        host = url + 7;
    else
        return false;
    length = strspn(host, letters);
    return length > 0 && strlen(url) < URL_MAX - 1 &&
           (host[length] == '\0' || strcmp(host + length, "/") == 0);
}

enum exit_code server_settings_read(const struct options *options,
                                    struct server_settings *ret_settings)
{
    *ret_settings = (struct server_settings){
        .listen = option_text(options, "listen"),
        .port = option_int(options, "port", PORT_DEFAULT),
        .public_url = option_text(options, "public-url"),
        .trusted_proxies = option_text(options, "trusted-proxy"),
    };
    if (ret_settings->listen != NULL && !is_address(ret_settings->listen)) {
        say_error("--listen %s: a numeric address is expected",
                  "--listen %s : une adresse numérique est attendue", ret_settings->listen);
        return EXIT_USAGE;
    }
    if (ret_settings->public_url != NULL && !is_public_url(ret_settings->public_url)) {
        say_error("--public-url %s: https://HOST is expected, without a path",
                  "--public-url %s : https://HÔTE est attendu, sans chemin",
                  ret_settings->public_url);
        return EXIT_USAGE;
    }
    if (ret_settings->listen != NULL && !is_loopback(ret_settings->listen) &&
        (ret_settings->public_url == NULL ||
         strncmp(ret_settings->public_url, "https://", 8) != 0)) {
        say_error("--listen %s: beyond this machine people must come by https: say --public-url "
                  "https://… (the "
                  "certificate is the proxy's)",
                  "--listen %s : hors de cette machine, on doit passer par https : indiquez "
                  "--public-url https://… "
                  "(le certificat est celui du mandataire)",
                  ret_settings->listen);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Connection strings
 * -----------------------------------------------------------------------------------------------
 */

/* The role's own settings count only for who logs in as it; --database may log in as another. */
#define SERVER_SETTINGS                                                                            \
    "-c role=grenier_server -c search_path=pg_catalog -c timezone=UTC -c statement_timeout=30s "   \
    "-c lock_timeout=10s -c idle_in_transaction_session_timeout=15s"

static bool percent_encode(const char *text, char *ret_text, size_t size)
{
    size_t used = 0;

    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || *text == '-' || *text == '_' || *text == '.';
        int written =
            snprintf(ret_text + used, size - used, plain ? "%c" : "%%%02X", (unsigned char)*text);

        if (written < 0 || (size_t)written >= size - used)
            return false;
        used += (size_t)written;
    }
    return true;
}

char *server_conninfo(const char *database)
{
    char *conninfo = NULL, encoded[1024];
    int written;

    if (strstr(database, "options=") != NULL) {
        say_error("--database: options= is set by grenier itself",
                  "--database : options= est fixé par grenier");
        return NULL;
    }
    if (strstr(database, "://") == NULL) {
        written = asprintf(&conninfo, "%s options='" SERVER_SETTINGS "'", database);
    } else {
        bool fits = percent_encode(SERVER_SETTINGS, encoded, sizeof(encoded));

        ASSERT(fits);
        written = asprintf(&conninfo, "%s%coptions=%s", database,
                           strchr(database, '?') == NULL ? '?' : '&', encoded);
    }
    ASSERT(written > 0);
    return conninfo;
}

/* ------------------------------------------------------------------------------------------------------------------
 * The web interface
 * -----------------------------------------------------------------------------------------------
 */

static const char *content_type(const char *path)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".woff2", "font/woff2"},
        {".json", "application/json"},
        {".txt", "text/plain; charset=utf-8"},
        {".webmanifest", "application/manifest+json"},
    };
    size_t length = strlen(path);

    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        size_t ending = strlen(types[i].ending);

        if (length > ending && strcmp(path + length - ending, types[i].ending) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

static bool ends_with_gz(const char *path)
{
    size_t length = strlen(path);

    return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

/* The compressed twin of a file, or an empty string. */
static struct str twin_of(const struct embedded_file *files, const char *path)
{
    char name[PATH_MAX_BYTES];

    snprintf(name, sizeof(name), "%s.gz", path);
    for (; files->path != NULL; files++)
        if (strcmp(files->path, name) == 0)
            return (struct str){files->bytes, files->size};
    return (struct str){NULL, 0};
}

/* The build puts a hash of the content into every name but the page's own: name.HASH.ext. */
static bool has_hash(const char *path)
{
    const char *first = strchr(path, '.');

    return first != NULL && strchr(first + 1, '.') != NULL;
}

static void add_asset(struct server *server, const struct embedded_file *file)
{
    size_t at = server->n_assets++;
    unsigned char digest[SHA256_SIZE];

    ASSERT(at < ASSETS_MAX && strlen(file->path) + 2 < PATH_MAX_BYTES);
    snprintf(server->paths[at], PATH_MAX_BYTES, "/%s", file->path);
    crypto_sha256(file->bytes, file->size, digest);
    server->etags[at][0] = '"';
    crypto_hex(digest, 16, server->etags[at] + 1);
    server->etags[at][33] = '"';
    server->etags[at][34] = '\0';
    server->assets[at] = (struct http_asset){
        .path = server->paths[at],
        .content_type = content_type(file->path),
        .bytes = {file->bytes, file->size},
        .gzip = twin_of(embedded_web, file->path),
        .etag = server->etags[at],
        .immutable = has_hash(file->path),
    };
}

/* ------------------------------------------------------------------------------------------------------------------
 * Starting and stopping
 * -----------------------------------------------------------------------------------------------
 */

static sigset_t signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    return set;
}

void server_block_signals(void)
{
    sigset_t set = signals();
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigprocmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

int server_wait(int64_t ms)
{
    sigset_t set = signals();
    struct timespec limit = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    int number = sigtimedwait(&set, NULL, &limit);

    return number > 0 ? number : 0;
}

void server_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof(address.sun_path))
        return;
    memcpy(address.sun_path, path, strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    /* Whoever asked for it is gone, or full: serving goes on. */
    (void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
    close(fd);
}

static bool cut_proxies(struct server *server, const char *list)
{
    char *rest, *part;

    if (list == NULL)
        return true;
    server->proxies = rest = strdup(list);
    ASSERT(rest != NULL);
    while ((part = strsep(&rest, ",")) != NULL) {
        if (server->n_proxies == PROXIES_MAX || part[0] == '\0') {
            say_error("--trusted-proxy %s: 1 to %d addresses are expected",
                      "--trusted-proxy %s : 1 à %d adresses attendues", list, PROXIES_MAX);
            return false;
        }
        server->proxy[server->n_proxies++] = part;
    }
    return true;
}

static void write_url(struct server *server, const struct server_settings *settings)
{
    const char *listen = settings->listen == NULL ? "127.0.0.1" : settings->listen;
    bool six = strchr(listen, ':') != NULL;

    if (settings->public_url != NULL)
        snprintf(server->url, sizeof(server->url), "%s/", server->origin);
    else
        snprintf(server->url, sizeof(server->url), "http://%s%s%s:%u/", six ? "[" : "", listen,
                 six ? "]" : "", http_server_port(server->http));
}

static bool start_http(struct server *server, const struct server_settings *settings)
{
    char error[HTTP_ERROR_MAX] = "";
    struct http_config config = {
        .address = settings->listen,
        .port = (uint16_t)settings->port,
        .trusted_proxies = server->proxy,
        .n_trusted_proxies = server->n_proxies,
        .temporary_directory = settings->tmp,
        .limits = http_limits_default(),
        .assets = server->assets,
        .n_assets = server->n_assets,
        .metrics = server->metrics,
    };

    server->app = api_application(server->api);
    server->http = http_server_start(&config, &server->app, error);
    if (server->http == NULL) {
        say_error("the server cannot start on port %u: %s",
                  "le serveur ne peut démarrer sur le port %u : %s", (unsigned)settings->port,
                  error);
        return false;
    }
    return true;
}

struct server *server_start(const struct server_settings *settings)
{
    struct server *server = calloc(1, sizeof(*server));
    struct api_config config;

    ASSERT(server != NULL);
    for (const struct embedded_file *file = embedded_web; file->path != NULL; file++)
        if (!ends_with_gz(file->path))
            add_asset(server, file);
    if (settings->public_url != NULL) {
        snprintf(server->origin, URL_MAX, "%s", settings->public_url);
        if (server->origin[strlen(server->origin) - 1] == '/')
            server->origin[strlen(server->origin) - 1] = '\0';
    }
    server->metrics = http_metrics_new();
    config = (struct api_config){
        .conninfo = settings->conninfo,
        .public_origin = settings->public_url == NULL ? NULL : server->origin,
        .schema_version = migrate_version(embedded_sql),
        .metrics = server->metrics,
    };
    server->api = api_new(&config);
    if (!cut_proxies(server, settings->trusted_proxies) || !start_http(server, settings)) {
        server_stop(server);
        return NULL;
    }
    write_url(server, settings);
    return server;
}

static int64_t now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

void server_tend(struct server *server)
{
    if (server->tended_s != 0 && now_s() - server->tended_s < ROUND_S)
        return;
    server->tended_s = now_s();
    api_housekeeping(server->api);
}

const char *server_url(const struct server *server)
{
    return server->url;
}

void server_stop(struct server *server)
{
    if (server == NULL)
        return;
    http_server_stop(server->http);
    api_free(server->api);
    http_metrics_free(server->metrics);
    free(server->proxies);
    free(server);
}
