/* The server of both programs: the API and the web interface on one address. */
#ifndef COMMON_SERVER_H
#define COMMON_SERVER_H

#include "common/options.h"

#include <stdint.h>

enum { PORT_DEFAULT = 8080 };

struct server_settings {
    const char *conninfo;   /* as the role grenier_server */
    const char *listen;     /* numeric address; NULL: 127.0.0.1 */
    int64_t port;           /* 0: any free one */
    const char *public_url; /* "https://books.example.org"; NULL: the loopback address itself */
    const char *trusted_proxies; /* addresses or prefixes, separated by commas; NULL: none */
    const char *tmp;             /* folder for uploads and exports */
};

struct server;

/* Rows that both programs have; `serve` and `grenierd` list them among their own. */
#define SERVER_OPTIONS                                                                             \
    {.name = "port",                                                                               \
     .type = OPTION_INT,                                                                           \
     .min = 0,                                                                                     \
     .max = 65535,                                                                                 \
     .argument = "N",                                                                              \
     .en = "port (default 8080; 0: any free one)",                                                 \
     .fr = "port (défaut 8080 ; 0 : un port libre)"},                                              \
        {.name = "listen",                                                                         \
         .type = OPTION_TEXT,                                                                      \
         .argument = "ADDR",                                                                       \
         .en =                                                                                     \
             "address to listen on (default 127.0.0.1); another one needs --public-url https://…", \
         .fr = "adresse d’écoute (défaut 127.0.0.1) ; une autre exige --public-url https://…"},    \
        {.name = "public-url",                                                                     \
         .type = OPTION_TEXT,                                                                      \
         .argument = "URL",                                                                        \
         .en = "how people reach the server: https://books.example.org",                           \
         .fr = "l’adresse par laquelle on l’atteint : https://livres.example.org"},                \
    {                                                                                              \
        .name = "trusted-proxy", .type = OPTION_TEXT, .argument = "ADDR[,…]",                      \
        .en = "proxies whose X-Forwarded-For is believed: addresses or prefixes",                  \
        .fr = "mandataires dont on croit l’en-tête X-Forwarded-For : adresses ou préfixes"    \
    }

/* Checks --listen and --public-url together and fills the settings that come from options (not
 * conninfo, not tmp). */
MUST_CHECK enum exit_code server_settings_read(const struct options *options,
                                               struct server_settings *ret_settings);
/* Blocks the signals that end the program (INT, TERM, HUP) and CHLD, ignores PIPE: before any
 * thread. */
void server_block_signals(void);
/* Starts it. NULL after having said why it cannot. The settings' strings must outlive it. */
struct server *server_start(const struct server_settings *settings);
/* The address people use, with a slash at its end: the public one or http://127.0.0.1:N/. */
const char *server_url(const struct server *server);
/* Answers what runs, refuses the rest, frees. NULL is accepted. */
void server_stop(struct server *server);
/* The hourly round (what is past its time goes), when an hour has passed since the last; call it
 * now and then. */
void server_tend(struct server *server);
/* Waits until one of the blocked signals arrives, or `ms` passed (0). */
int server_wait(int64_t ms);

/* Tells systemd (Type=notify) a state, "READY=1"; nothing where there is no systemd. */
void server_notify(const char *state);

/* A connection string as the role grenier_server, with that role's limits, from --database (where
 * the login may be another role that is a member of it). Allocated; NULL after having said why not.
 */
char *server_conninfo(const char *database);

#endif
