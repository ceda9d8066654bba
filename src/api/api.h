/* The API as an application of the HTTP server: routes, permissions, transactions, replies. */
#ifndef API_API_H
#define API_API_H

#include "base/writer.h"
#include "http/http.h"

struct api;

struct api_config {
    const char *conninfo;         /* libpq, as the role grenier_server */
    const char *public_origin;    /* "https://example.org", or NULL: what the Host header says
                                     (loopback only) */
    int schema_version;           /* number of the program's last migration: /ready compares */
    struct http_metrics *metrics; /* the server's own figures for /metrics; NULL: none */
};

/* Compiles the route tables. The configuration is copied; its strings must outlive the API. Stops
 * the program when a table contradicts itself (two routes of one address, a filter without its
 * query field, more than four sorts). */
struct api *api_new(const struct api_config *config);
void api_free(struct api *api);
/* The callbacks for http_server_start and http_exchange_run. Valid as long as the API. */
struct http_app api_application(struct api *api);

/* Does every statement of the routes fit the database? A server prepares each at its first use; the
 * tests ask for all of them here. What does not fit is logged. */
bool api_fits_schema(const struct api *api);

/* Removes what is past its time (sessions, keys, throttles: api.purge) on a connection of its own;
 * for the program's hourly round. A failure is logged and tried again next time. */
void api_housekeeping(const struct api *api);

/* The OpenAPI 3.1 document of all routes, as /api/v1/openapi.json answers it. */
void api_openapi(struct writer *writer);
/* The TypeScript types of the same tables, for the web interface (src/web/src/api.ts). */
void api_typescript(struct writer *writer);
/* Every problem with its status and texts, as Markdown (docs/errors.md). */
void api_errors_markdown(struct writer *writer);
/* Every route with its permission and fields, as Markdown (docs/api.md). */
void api_routes_markdown(struct writer *writer);

#endif
