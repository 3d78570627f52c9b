
#include "ngx_commerce_redis_pinned.h"
#include "ngx_commerce_store.h"


static ngx_uint_t ngx_commerce_redis_pinned_known(
    ngx_commerce_redis_pinned_t *pinned, ngx_str_t *product);
static ngx_commerce_redis_shown_e ngx_commerce_redis_pinned_judge(
    ngx_commerce_tenant_t *tenant, ngx_commerce_room_t *room,
    ngx_commerce_redis_shown_t *shown);


ngx_int_t
ngx_commerce_redis_pinned(ngx_commerce_redis_pinned_t *pinned,
    ngx_commerce_tenant_t *tenant, ngx_commerce_room_t *room,
    ngx_uint_t first)
{
    int64_t                      now;
    ngx_uint_t                   i, n, closed;
    ngx_pool_t                  *pool;
    ngx_commerce_cue_t          *cue;
    ngx_commerce_redis_shown_t  *shown, *list;

    pool = NULL;
    list = NULL;
    n = 0;

    now = ngx_commerce_now(tenant);
    closed = (room->state == NGX_COMMERCE_ROOM_STATE_CLOSED
              || room->state == NGX_COMMERCE_ROOM_STATE_BANNED);

    if (first < room->ncues) {

        pool = ngx_create_pool(512, tenant->log);
        if (pool == NULL) {
            return NGX_ERROR;
        }

        list = ngx_pcalloc(pool, (room->ncues - first)
                                 * sizeof(ngx_commerce_redis_shown_t));
        if (list == NULL) {
            goto failed;
        }
    }

    for (i = first; i < room->ncues; i++) {
        cue = &room->cues[i];

        if (cue->card.product.len == 0) {
            continue;
        }

        shown = &list[n++];

        shown->product.len = cue->card.product.len;
        shown->product.data = ngx_pstrdup(pool, &cue->card.product);
        shown->cue.len = cue->id.len;
        shown->cue.data = ngx_pstrdup(pool, &cue->id);

        if (shown->product.data == NULL || shown->cue.data == NULL) {
            goto failed;
        }

        shown->known = ngx_commerce_redis_pinned_known(pinned, &shown->product);
        shown->shown = ngx_commerce_redis_pinned_judge(tenant, room, shown);

        if (closed && cue->at > now) {
            shown->shown = NGX_COMMERCE_REDIS_SHOWN_NOT;
        }
    }

    if (pinned->pool) {
        ngx_destroy_pool(pinned->pool);
    }

    pinned->pool = pool;
    pinned->elts = list;
    pinned->n = n;

    return NGX_OK;

failed:

    ngx_destroy_pool(pool);

    return NGX_ERROR;
}


static ngx_uint_t
ngx_commerce_redis_pinned_known(ngx_commerce_redis_pinned_t *pinned,
    ngx_str_t *product)
{
    ngx_uint_t                   i;
    ngx_commerce_redis_shown_t  *shown;

    for (i = 0; i < pinned->n; i++) {
        shown = &pinned->elts[i];

        if (shown->known && shown->product.len == product->len
            && ngx_memcmp(shown->product.data, product->data, product->len)
               == 0)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * What was never a record, nor on the shelf, nobody has taken down: a cue may
 * be of something else.
 */

static ngx_commerce_redis_shown_e
ngx_commerce_redis_pinned_judge(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room, ngx_commerce_redis_shown_t *shown)
{
    void                    *record;
    ngx_int_t                rc;
    ngx_commerce_product_t  *product;

    shown->counter = ngx_commerce_store_counter(tenant, NGX_COMMERCE_PRODUCT,
                                                 &shown->product);
    shown->seen = *shown->counter;

    if (ngx_commerce_store_peek(tenant, NGX_COMMERCE_PRODUCT,
                                &shown->product, &record)
        != NGX_OK)
    {
        rc = ngx_commerce_store_get(tenant, NGX_COMMERCE_PRODUCT,
                                    &shown->product,
                                    NGX_COMMERCE_FOR_VIEWERS, &record, NULL);

        if (rc != NGX_DECLINED) {
            return NGX_COMMERCE_REDIS_SHOWN_UNKNOWN;
        }

        return shown->known || ngx_commerce_room_has(room, &shown->product)
               ? NGX_COMMERCE_REDIS_SHOWN_NOT
               : NGX_COMMERCE_REDIS_SHOWN;
    }

    product = record;
    shown->known = 1;

    if (product->state != NGX_COMMERCE_PRODUCT_STATE_APPROVED) {
        return NGX_COMMERCE_REDIS_SHOWN_NOT;
    }

    return ngx_commerce_room_has(room, &shown->product)
           ? NGX_COMMERCE_REDIS_SHOWN
           : NGX_COMMERCE_REDIS_SHOWN_IF_ON_SHELF;
}
