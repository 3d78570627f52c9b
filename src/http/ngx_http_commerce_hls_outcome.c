
#include "ngx_http_commerce_hls_outcome.h"
#include "ngx_commerce_timer.h"
#include "ngx_commerce_zone.h"


#define NGX_HTTP_COMMERCE_HLS_TOLD  60000


typedef struct {
    const char  *name;       /* in the status */
    const char  *sentence;   /* what an operator should know; NULL: usual */
} ngx_http_commerce_hls_row_t;


static void ngx_http_commerce_hls_tell(ngx_http_request_t *r, ngx_str_t *room,
    const char *sentence, ngx_http_commerce_hls_told_t *told);
static void ngx_http_commerce_hls_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static void ngx_http_commerce_hls_status_rooms(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);


static ngx_http_commerce_hls_row_t
    ngx_http_commerce_hls_rows[NGX_COMMERCE_HLS_OUTCOMES] =
{
    [NGX_COMMERCE_HLS_INJECTED] = { "injected", NULL },
    [NGX_COMMERCE_HLS_NO_ROOM] = { "no_room", NULL },
    [NGX_COMMERCE_HLS_NOT_PARSED] = { "not_parsed",
        "is passed on without cues: it is not understood" },
    [NGX_COMMERCE_HLS_TOO_LARGE] = { "too_large",
        "is passed on without cues: it is larger than commerce_hls_max_size" },
    [NGX_COMMERCE_HLS_ENCODED] = { "encoded",
        "is passed on without cues: it came with a Content-Encoding" },
    [NGX_COMMERCE_HLS_MULTIVARIANT] = { "multivariant", NULL },
    [NGX_COMMERCE_HLS_NO_CLOCK] = { "no_clock",
        "is passed on without cues: its segments have no time" },
    [NGX_COMMERCE_HLS_HAS_CUES] = { "has_cues", NULL },
    [NGX_COMMERCE_HLS_REPAIRED] = { "repaired",
        "has dates by EXTINF: not all of its segments' times can be" }
};


static ngx_commerce_status_part_t  ngx_http_commerce_hls_part = {
    "playlists", ngx_http_commerce_hls_status
};


void
ngx_http_commerce_hls_count(ngx_http_request_t *r,
    ngx_commerce_hls_outcome_e outcome, ngx_http_commerce_hls_told_t *told)
{
    ngx_str_t               room;
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    (void) ngx_atomic_fetch_add(&tenant->stats->playlists[outcome], 1);

    if (ngx_http_commerce_hls_rows[outcome].sentence == NULL
        || ngx_http_commerce_room_name(r, &room) != NGX_OK)
    {
        return;
    }

    ngx_commerce_passed_add(&tenant->zone->sh->passed, &room, outcome,
                            ngx_current_msec);

    ngx_http_commerce_hls_tell(r, &room,
                               ngx_http_commerce_hls_rows[outcome].sentence,
                               &told[outcome]);
}


static void
ngx_http_commerce_hls_tell(ngx_http_request_t *r, ngx_str_t *room,
    const char *sentence, ngx_http_commerce_hls_told_t *told)
{
    told->n++;

    if (!ngx_commerce_timer_once(&told->last, NGX_HTTP_COMMERCE_HLS_TOLD)) {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "commerce_hls: a playlist of room \"%V\" %s; "
                  "%ui since this process last said so",
                  room, sentence, told->n);

    told->n = 0;
}


static void
ngx_http_commerce_hls_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_COMMERCE_HLS_OUTCOMES; i++) {
        ngx_commerce_status_number(status, ngx_http_commerce_hls_rows[i].name,
                                   tenant->stats->playlists[i]);
    }

    ngx_commerce_status_list(status, "passed");

    ngx_http_commerce_hls_status_rooms(tenant, status);
}


static void
ngx_http_commerce_hls_status_rooms(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_str_t                    name;
    ngx_uint_t                   i, k;
    ngx_commerce_passed_room_t   room;

    for (i = 0; i < NGX_COMMERCE_PASSED_ROOMS; i++) {

        if (ngx_commerce_passed_get(&tenant->zone->sh->passed, i, &room)
            != NGX_OK)
        {
            continue;
        }

        name.data = room.name;
        name.len = room.len;

        for (k = 0; k < NGX_COMMERCE_HLS_OUTCOMES; k++) {

            if (room.counts[k]) {
                ngx_commerce_status_room(status, "passed", &name,
                                         ngx_http_commerce_hls_rows[k].name,
                                         room.counts[k]);
            }
        }
    }
}


ngx_int_t
ngx_http_commerce_hls_outcome_add(ngx_conf_t *cf)
{
    return ngx_commerce_status_add(cf, &ngx_http_commerce_hls_part);
}
