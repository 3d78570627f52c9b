
/*
 * What a node knows of itself: its Redis, memory, ledger and counters.
 */

#include "ngx_commerce_ledger.h"
#include "ngx_commerce_redis.h"
#include "ngx_commerce_zone.h"
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_json.h"


static ngx_int_t ngx_http_commerce_status_request(ngx_http_request_t *r);
static json_t *ngx_http_commerce_status_redis(ngx_commerce_tenant_t *tenant);
static json_t *ngx_http_commerce_status_zone(
    ngx_commerce_zone_usage_t *usage);
static json_t *ngx_http_commerce_status_ledger(ngx_commerce_tenant_t *tenant);
static json_t *ngx_http_commerce_status_flush(ngx_commerce_stats_t *stats);
static json_t *ngx_http_commerce_status_counts(ngx_commerce_stats_t *stats);
static json_t *ngx_http_commerce_status_publish(ngx_commerce_stats_t *stats);
static json_t *ngx_http_commerce_status_reasons(ngx_atomic_t *counters);
static json_t *ngx_http_commerce_status_playlists(
    ngx_commerce_stats_t *stats);


static ngx_command_t  ngx_http_commerce_status_commands[] = {

    { ngx_string("commerce_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_commerce_set_handler,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_status_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_status_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_handler_conf, /* create location configuration */
    ngx_http_commerce_merge_handler_conf   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_status_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_status_module_ctx,  /* module context */
    ngx_http_commerce_status_commands,     /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static const char  *ngx_http_commerce_status_hls[] = {
    [NGX_COMMERCE_HLS_INJECTED]     = "injected",
    [NGX_COMMERCE_HLS_NO_ROOM]      = "no_room",
    [NGX_COMMERCE_HLS_NOT_PARSED]   = "not_parsed",
    [NGX_COMMERCE_HLS_TOO_LARGE]    = "too_large",
    [NGX_COMMERCE_HLS_ENCODED]      = "encoded",
    [NGX_COMMERCE_HLS_MULTIVARIANT] = "multivariant",
    [NGX_COMMERCE_HLS_NO_CLOCK]     = "no_clock",
    [NGX_COMMERCE_HLS_HAS_CUES]     = "has_cues"
};


static ngx_int_t
ngx_http_commerce_status_request(ngx_http_request_t *r)
{
    json_t                     *json;
    ngx_commerce_tenant_t      *tenant;
    ngx_commerce_zone_usage_t   usage;

    static ngx_str_t  methods = ngx_string("GET, HEAD");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_commerce_not_allowed(r, &methods,
                                         "the status is read by GET or HEAD");
    }

    tenant = ngx_http_commerce_tenant(r);

    ngx_commerce_zone_usage(tenant, &usage);

    json = json_object();

    json_object_set_new(json, "tenant",
                        ngx_http_commerce_json_string(&tenant->name));
    json_object_set_new(json, "node",
                        ngx_http_commerce_json_string(&tenant->node));
    json_object_set_new(json, "redis",
                        ngx_http_commerce_status_redis(tenant));
    json_object_set_new(json, "zone", ngx_http_commerce_status_zone(&usage));
    json_object_set_new(json, "ledger",
                        ngx_http_commerce_status_ledger(tenant));
    json_object_set_new(json, "flush",
                        ngx_http_commerce_status_flush(tenant->stats));
    json_object_set_new(json, "counts",
                        ngx_http_commerce_status_counts(tenant->stats));
    json_object_set_new(json, "publish",
                        ngx_http_commerce_status_publish(tenant->stats));
    json_object_set_new(json, "playlists",
                        ngx_http_commerce_status_playlists(tenant->stats));

    return ngx_http_commerce_json_answer(r, NGX_HTTP_OK, json);
}


/* "connected" is of the worker that answers, the rest is of the node */

static json_t *
ngx_http_commerce_status_redis(ngx_commerce_tenant_t *tenant)
{
    json_t                *json;
    ngx_commerce_stats_t  *stats;

    stats = tenant->stats;
    json = json_object();

    json_object_set_new(json, "connected",
                        json_boolean(ngx_commerce_redis_ready(tenant, NULL)));
    json_object_set_new(json, "subscribed", json_boolean(stats->subscribed));
    json_object_set_new(json, "latency_us", json_integer(stats->latency));
    json_object_set_new(json, "clock_offset_ms",
                        json_integer((int64_t) stats->clock_offset));
    json_object_set_new(json, "reconnects", json_integer(stats->reconnects));
    json_object_set_new(json, "loads", json_integer(stats->loads));
    json_object_set_new(json, "notices", json_integer(stats->notices));

    return json;
}


static json_t *
ngx_http_commerce_status_zone(ngx_commerce_zone_usage_t *usage)
{
    json_t  *json;

    json = json_object();

    json_object_set_new(json, "rooms",
                        json_integer(usage->held[NGX_COMMERCE_ROOM]));
    json_object_set_new(json, "hosts",
                        json_integer(usage->held[NGX_COMMERCE_HOST]));
    json_object_set_new(json, "products",
                        json_integer(usage->held[NGX_COMMERCE_PRODUCT]));
    json_object_set_new(json, "keys",
                        json_integer(usage->held[NGX_COMMERCE_KEY]));
    json_object_set_new(json, "evicted", json_integer(usage->evicted));
    json_object_set_new(json, "used_bytes",
                        json_integer(usage->size - usage->free));
    json_object_set_new(json, "total_bytes", json_integer(usage->size));

    return json;
}


static json_t *
ngx_http_commerce_status_ledger(ngx_commerce_tenant_t *tenant)
{
    json_t      *json;
    ngx_uint_t   used, cells;

    if (tenant->ledger == NULL) {
        return json_null();
    }

    ngx_commerce_ledger_usage(tenant->ledger, &used, &cells);

    json = json_object();

    json_object_set_new(json, "used_cells", json_integer(used));
    json_object_set_new(json, "total_cells", json_integer(cells));

    return json;
}


static json_t *
ngx_http_commerce_status_flush(ngx_commerce_stats_t *stats)
{
    json_t  *json;

    json = json_object();

    json_object_set_new(json, "lag_ms", json_integer(stats->flush_lag));
    json_object_set_new(json, "calls", json_integer(stats->flush_calls));
    json_object_set_new(json, "cells", json_integer(stats->flushed));
    json_object_set_new(json, "errors", json_integer(stats->flush_errors));

    return json;
}


static json_t *
ngx_http_commerce_status_counts(ngx_commerce_stats_t *stats)
{
    json_t  *json;

    json = json_object();

    json_object_set_new(json, "accepted", json_integer(stats->counted));
    json_object_set_new(json, "refused",
                    ngx_http_commerce_status_reasons(stats->count_refused));

    return json;
}


static json_t *
ngx_http_commerce_status_publish(ngx_commerce_stats_t *stats)
{
    json_t  *json;

    json = json_object();

    json_object_set_new(json, "admitted",
                     json_integer(stats->published[NGX_COMMERCE_ALLOWED]));
    json_object_set_new(json, "refused",
                     ngx_http_commerce_status_reasons(stats->published));
    json_object_set_new(json, "ended",
                     json_integer(stats->publish_ended[NGX_COMMERCE_ALLOWED]));
    json_object_set_new(json, "cut",
                     ngx_http_commerce_status_reasons(stats->publish_ended));

    return json;
}


/* those that occurred */

static json_t *
ngx_http_commerce_status_reasons(ngx_atomic_t *counters)
{
    json_t      *json;
    ngx_uint_t   i;

    json = json_object();

    for (i = NGX_COMMERCE_ALLOWED + 1; i < NGX_COMMERCE_REASONS; i++) {

        if (counters[i]) {
            json_object_set_new(json, (char *) ngx_commerce_reason(i)->data,
                                json_integer(counters[i]));
        }
    }

    return json;
}


static json_t *
ngx_http_commerce_status_playlists(ngx_commerce_stats_t *stats)
{
    json_t      *json;
    ngx_uint_t   i;

    json = json_object();

    for (i = 0; i < NGX_COMMERCE_HLS_OUTCOMES; i++) {
        json_object_set_new(json, ngx_http_commerce_status_hls[i],
                            json_integer(stats->playlists[i]));
    }

    return json;
}
