
#include "ngx_http_commerce_hls_hours.h"
#include "ngx_commerce_hour.h"


/* hours of a playlist: ten days; of a longer one the last */
#define NGX_HTTP_COMMERCE_HLS_HOURS  240

/* of them, those that are asked for before it is their turn */
#define NGX_HTTP_COMMERCE_HLS_AHEAD  4

/* ms after it was loaded within which an hour is not loaded anew */
#define NGX_HTTP_COMMERCE_HLS_NEW    1000

/* ms after a period began within which Redis is told of it */
#define NGX_HTTP_COMMERCE_HLS_TOLD   5000


/* ms, each until when hours are needed; 0: the room has all */

typedef struct {
    int64_t                       start;      /* of the playlist */
    int64_t                       cues;
    int64_t                       periods;
} ngx_http_commerce_hls_need_t;


static ngx_uint_t ngx_http_commerce_hls_hours_need(
    ngx_commerce_room_t *room, ngx_commerce_hls_injection_t *injection,
    ngx_http_commerce_hls_need_t *need);
static ngx_int_t ngx_http_commerce_hls_hours_wait(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_http_commerce_hls_need_t *need);
static ngx_int_t ngx_http_commerce_hls_hours_get(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_http_commerce_hls_need_t *need, int64_t n);
static ngx_commerce_hour_t *ngx_http_commerce_hls_hour(ngx_http_request_t *r,
    ngx_commerce_room_t *room, int64_t n);
static ngx_uint_t ngx_http_commerce_hls_hour_complete(
    ngx_commerce_tenant_t *tenant, ngx_commerce_hour_t *hour,
    ngx_http_commerce_hls_need_t *need, int64_t n);
static ngx_int_t ngx_http_commerce_hls_hours_join(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_http_commerce_hls_need_t *need,
    ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_output_t *output);
static ngx_int_t ngx_http_commerce_hls_join_cues(ngx_array_t *list,
    ngx_commerce_cue_t *cues, ngx_uint_t n, int64_t until);
static ngx_int_t ngx_http_commerce_hls_join_periods(ngx_array_t *list,
    ngx_commerce_period_t *periods, ngx_uint_t n, int64_t until);
static uint64_t ngx_http_commerce_hls_hours_mix(uint64_t serial,
    ngx_commerce_hour_t *hour);
static void ngx_http_commerce_hls_hours_loaded(void *data);
static void ngx_http_commerce_hls_hours_cleanup(void *data);


ngx_int_t
ngx_http_commerce_hls_hours(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection, ngx_commerce_hls_output_t *output)
{
    ngx_http_commerce_hls_need_t  need;

    injection->cues = room->cues;
    injection->ncues = room->ncues;
    injection->periods = room->periods;
    injection->nperiods = room->nperiods;

    if (!ngx_http_commerce_hls_hours_need(room, injection, &need)) {
        return NGX_OK;
    }

    if (ngx_http_commerce_hls_hours_wait(r, ctx, room, &need) == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    return ngx_http_commerce_hls_hours_join(r, ctx, room, &need, injection,
                                            output);
}


/*
 * Dates of a playlist that were made before it came here lack the host's gaps,
 * so that its times are later than it says: by what the last period says, for
 * what periods take from dates only grows while they matter.
 */

static ngx_uint_t
ngx_http_commerce_hls_hours_need(ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection, ngx_http_commerce_hls_need_t *need)
{
    int64_t     end, shift;
    ngx_uint_t  i;

    shift = 0;

    for (i = 0; i < room->nperiods && !injection->timeline.made; i++) {
        shift = ngx_max(shift, room->periods[i].shift);
    }

    need->start = ngx_max(injection->timeline.start / 1000, 0);
    end = (injection->timeline.end + 999) / 1000 + shift;

    need->cues = 0;
    need->periods = 0;

    if (need->start < room->cues_from) {
        need->cues = ngx_min(end, room->cues_from);
    }

    if (room->nperiods && room->periods[0].number > 0
        && need->start < room->periods[0].at)
    {
        need->periods = ngx_min(end, room->periods[0].at);
    }

    return need->cues > need->start || need->periods > need->start;
}


/*
 * One after the other is waited for, while some more are on their way: whoever
 * asks for very many must not keep Redis from others.  One that can't be learned
 * is done without.
 */

static ngx_int_t
ngx_http_commerce_hls_hours_wait(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_http_commerce_hls_need_t *need)
{
    int64_t  n, first, last;

    last = (ngx_max(need->cues, need->periods) - 1) / NGX_COMMERCE_HOUR_MS;
    first = need->start / NGX_COMMERCE_HOUR_MS;
    first = ngx_max(first, last - NGX_HTTP_COMMERCE_HLS_HOURS + 1);

    if (ctx->nhours == 0) {
        ctx->hour = first;
        ctx->next_hour = first;
    }

    ctx->nhours = last - ctx->hour + 1;

    while (ctx->next_hour <= last) {

        for (n = ctx->next_hour + 1;
             n <= ngx_min(last, ctx->next_hour + NGX_HTTP_COMMERCE_HLS_AHEAD);
             n++)
        {
            (void) ngx_http_commerce_hls_hour(r, room, n);
        }

        if (ngx_http_commerce_hls_hours_get(r, ctx, room, need, ctx->next_hour)
            == NGX_AGAIN)
        {
            return NGX_AGAIN;
        }

        ctx->next_hour++;
        ctx->renewed = 0;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_hours_get(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_http_commerce_hls_need_t *need, int64_t n)
{
    void                   *record;
    u_char                  buf[NGX_COMMERCE_RECORD_NAME_MAX];
    ngx_int_t               rc;
    ngx_str_t               name;
    ngx_pool_cleanup_t     *cln;
    ngx_commerce_tenant_t  *tenant;

    if (ctx->wait.pending) {
        /* the request was written to for another reason */
        return NGX_AGAIN;
    }

    if (ctx->wait.handler == NULL) {
        cln = ngx_pool_cleanup_add(r->pool, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_http_commerce_hls_hours_cleanup;
        cln->data = ctx;

        ctx->wait.handler = ngx_http_commerce_hls_hours_loaded;
        ctx->wait.data = r;
    }

    tenant = ngx_http_commerce_tenant(r);
    name = ngx_commerce_hour_name(buf, &room->name, n);

    rc = ngx_commerce_store_get(tenant, NGX_COMMERCE_HOUR, &name,
                                NGX_COMMERCE_FOR_VIEWERS, &record, &ctx->wait);

    if (rc == NGX_OK && !ctx->renewed
        && !ngx_http_commerce_hls_hour_complete(tenant, record, need, n))
    {
        ctx->renewed = 1;
        rc = ngx_commerce_store_refresh(tenant, NGX_COMMERCE_HOUR, &name,
                                        &ctx->wait);
    }

    return rc;
}


static ngx_commerce_hour_t *
ngx_http_commerce_hls_hour(ngx_http_request_t *r, ngx_commerce_room_t *room,
    int64_t n)
{
    void       *record;
    u_char      buf[NGX_COMMERCE_RECORD_NAME_MAX];
    ngx_str_t   name;

    name = ngx_commerce_hour_name(buf, &room->name, n);

    return ngx_commerce_store_get(ngx_http_commerce_tenant(r),
                                  NGX_COMMERCE_HOUR, &name,
                                  NGX_COMMERCE_FOR_VIEWERS, &record, NULL)
           == NGX_OK ? record : NULL;
}


/* no hour is so that is loaded every time: that would be another Redis */

static ngx_uint_t
ngx_http_commerce_hls_hour_complete(ngx_commerce_tenant_t *tenant,
    ngx_commerce_hour_t *hour, ngx_http_commerce_hls_need_t *need, int64_t n)
{
    int64_t  ends;

    ends = (n + 1) * NGX_COMMERCE_HOUR_MS;

    return (hour->cues_until >= ngx_min(ends, need->cues)
            && hour->version - NGX_HTTP_COMMERCE_HLS_TOLD
               >= ngx_min(ends, need->periods))
           || llabs(ngx_commerce_now(tenant) - hour->version)
              < NGX_HTTP_COMMERCE_HLS_NEW;
}


static ngx_int_t
ngx_http_commerce_hls_hours_join(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_http_commerce_hls_need_t *need,
    ngx_commerce_hls_injection_t *injection, ngx_commerce_hls_output_t *output)
{
    int64_t               n;
    ngx_array_t           cues, periods;
    ngx_commerce_hour_t  *hour;

    if (ngx_array_init(&cues, r->pool, room->ncues + 64,
                       sizeof(ngx_commerce_cue_t))
        != NGX_OK
        || ngx_array_init(&periods, r->pool, room->nperiods + 8,
                          sizeof(ngx_commerce_period_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    output->hour = ctx->hour;
    output->nhours = ctx->nhours;

    for (n = ctx->hour; n < ctx->hour + (int64_t) ctx->nhours; n++) {

        hour = ngx_http_commerce_hls_hour(r, room, n);

        output->hours = ngx_http_commerce_hls_hours_mix(output->hours, hour);

        if (hour == NULL) {
            output->passing = 1;
            continue;
        }

        if (ngx_commerce_store_hold(hour, r->pool) != NGX_OK
            || (need->cues
                && ngx_http_commerce_hls_join_cues(&cues, hour->cues,
                                                   hour->ncues,
                                                   room->cues_from)
                   != NGX_OK)
            || (need->periods
                && ngx_http_commerce_hls_join_periods(&periods, hour->periods,
                                                      hour->nperiods,
                                                      room->periods[0].at)
                   != NGX_OK))
        {
            return NGX_ERROR;
        }
    }

    if (ngx_http_commerce_hls_join_cues(&cues, room->cues, room->ncues,
                                        INT64_MAX)
        != NGX_OK
        || ngx_http_commerce_hls_join_periods(&periods, room->periods,
                                              room->nperiods,
                                              INT64_MAX)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    injection->cues = cues.elts;
    injection->ncues = cues.nelts;
    injection->periods = periods.elts;
    injection->nperiods = periods.nelts;

    return NGX_OK;
}


/* each hour begins with a cue that an hour before it has, too */

static ngx_int_t
ngx_http_commerce_hls_join_cues(ngx_array_t *list, ngx_commerce_cue_t *cues,
    ngx_uint_t n, int64_t until)
{
    int64_t              last;
    ngx_uint_t           i;
    ngx_commerce_cue_t  *cue;

    cue = list->elts;
    last = list->nelts ? cue[list->nelts - 1].at : -1;

    for (i = 0; i < n; i++) {

        if (cues[i].at <= last || cues[i].at >= until) {
            continue;
        }

        cue = ngx_array_push(list);
        if (cue == NULL) {
            return NGX_ERROR;
        }

        *cue = cues[i];
        last = cue->at;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_join_periods(ngx_array_t *list,
    ngx_commerce_period_t *periods, ngx_uint_t n, int64_t until)
{
    int64_t                 last;
    ngx_uint_t              i;
    ngx_commerce_period_t  *period;

    period = list->elts;
    last = list->nelts ? period[list->nelts - 1].at : -1;

    for (i = 0; i < n; i++) {

        if (periods[i].at <= last || periods[i].at >= until) {
            continue;
        }

        period = ngx_array_push(list);
        if (period == NULL) {
            return NGX_ERROR;
        }

        *period = periods[i];
        last = period->at;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_commerce_hls_hours_same(ngx_http_request_t *r,
    ngx_commerce_room_t *room, ngx_commerce_hls_output_t *output)
{
    int64_t     n;
    uint64_t    serial;

    serial = 0;

    for (n = output->hour; n < output->hour + (int64_t) output->nhours; n++) {
        serial = ngx_http_commerce_hls_hours_mix(serial,
                                     ngx_http_commerce_hls_hour(r, room, n));
    }

    return serial == output->hours;
}


static uint64_t
ngx_http_commerce_hls_hours_mix(uint64_t serial, ngx_commerce_hour_t *hour)
{
    return serial * 1099511628211ULL
           + (hour ? ngx_commerce_store_serial(hour) + 1 : 0);
}


/* never called from within the request, which goes on as if it were writable */

static void
ngx_http_commerce_hls_hours_loaded(void *data)
{
    ngx_http_request_t *r = data;

    ngx_post_event(r->connection->write, &ngx_posted_events);
}


static void
ngx_http_commerce_hls_hours_cleanup(void *data)
{
    ngx_http_commerce_hls_ctx_t *ctx = data;

    ngx_commerce_load_leave(&ctx->wait);
}
