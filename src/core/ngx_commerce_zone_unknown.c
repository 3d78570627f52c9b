
/*
 * Look-ups of names that don't exist: answered from a small table, and
 * limited, so that guessing costs neither Redis nor good records.
 */

#include "ngx_commerce_zone.h"


/* loads of unknown names: a second, and at once */
#define NGX_COMMERCE_TOKENS_RATE   500
#define NGX_COMMERCE_TOKENS_BURST  1000

/* of them for hosts alone: guessing keeps nobody from going live */
#define NGX_COMMERCE_TOKENS_HOSTS  250

/* ms for which no record, or a failure, is believed */
#define NGX_COMMERCE_NEGATIVE_AGE  2000
#define NGX_COMMERCE_FAILED_AGE    1000


ngx_int_t
ngx_commerce_zone_negative(ngx_commerce_zone_t *zone,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    uint64_t                  hash;
    ngx_commerce_negative_t  *negative;

    hash = ngx_commerce_zone_hash64(zone, kind, name);
    negative = &zone->sh->negatives[hash & (NGX_COMMERCE_NEGATIVES - 1)];

    if (negative->hash == hash
        && (ngx_msec_int_t) (negative->expires - ngx_current_msec) > 0)
    {
        return negative->rc;
    }

    return NGX_OK;
}


void
ngx_commerce_zone_set_negative(ngx_commerce_zone_t *zone,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_int_t rc)
{
    uint64_t                  hash;
    ngx_commerce_negative_t  *negative;

    hash = ngx_commerce_zone_hash64(zone, kind, name);
    negative = &zone->sh->negatives[hash & (NGX_COMMERCE_NEGATIVES - 1)];

    if (rc != NGX_OK) {
        negative->hash = hash;
        negative->rc = rc;
        negative->expires = ngx_current_msec
                            + (rc == NGX_DECLINED ? NGX_COMMERCE_NEGATIVE_AGE
                                                  : NGX_COMMERCE_FAILED_AGE);

    } else if (negative->hash == hash) {
        negative->expires = ngx_current_msec;
    }
}


void
ngx_commerce_zone_fill_tokens(ngx_commerce_zone_t *zone)
{
    zone->sh->tokens = NGX_COMMERCE_TOKENS_BURST * 1000;
    zone->sh->tokens_at = ngx_current_msec;
}


ngx_int_t
ngx_commerce_zone_take_token(ngx_commerce_zone_t *zone, ngx_uint_t viewers)
{
    ngx_msec_t               now;
    ngx_uint_t               least;
    ngx_msec_int_t           ms;
    ngx_commerce_zone_sh_t  *sh;

    sh = zone->sh;
    now = ngx_current_msec;
    ms = (ngx_msec_int_t) (now - sh->tokens_at);

    if (ms > 0) {
        sh->tokens = ngx_min(sh->tokens
                             + (ngx_uint_t) ms * NGX_COMMERCE_TOKENS_RATE,
                             NGX_COMMERCE_TOKENS_BURST * 1000);
        sh->tokens_at = now;
    }

    least = viewers ? NGX_COMMERCE_TOKENS_HOSTS + 1 : 1;

    if (sh->tokens < least * 1000) {
        return NGX_BUSY;
    }

    sh->tokens -= 1000;

    return NGX_OK;
}


void
ngx_commerce_zone_return_token(ngx_commerce_zone_t *zone)
{
    zone->sh->tokens = ngx_min(zone->sh->tokens + 1000,
                               NGX_COMMERCE_TOKENS_BURST * 1000);
}
