
/*
 * The zone as the subscription sees it: which records to listen for, and
 * since when all of them are known to be current.
 */

#include "ngx_commerce_zone.h"


static ngx_uint_t ngx_commerce_zone_copy_name(ngx_commerce_node_t *node,
    ngx_commerce_subscribe_t *out);


static ngx_uint_t
ngx_commerce_zone_copy_name(ngx_commerce_node_t *node,
    ngx_commerce_subscribe_t *out)
{
    out->kind = node->kind;
    out->len = node->len;
    ngx_memcpy(out->name, node->name, node->len);

    return 1;
}


ngx_uint_t
ngx_commerce_zone_unsubscribed(ngx_commerce_tenant_t *tenant,
    ngx_commerce_subscribe_t *out, ngx_uint_t max)
{
    ngx_uint_t            n;
    ngx_queue_t          *q, *queue;
    ngx_commerce_node_t  *node;

    queue = &tenant->zone->sh->records.unsubscribed;

    ngx_commerce_zone_lock(tenant);

    for (n = 0; n < max && !ngx_queue_empty(queue); /* void */ ) {
        q = ngx_queue_head(queue);
        node = ngx_queue_data(q, ngx_commerce_node_t, unsubscribed);

        ngx_queue_remove(q);
        node->waiting = 0;

        n += ngx_commerce_zone_copy_name(node, &out[n]);
    }

    ngx_commerce_zone_unlock(tenant);

    return n;
}


/* rooms whose show runs come first */

void
ngx_commerce_zone_resubscribe(ngx_commerce_tenant_t *tenant)
{
    ngx_queue_t             *q;
    ngx_commerce_node_t     *node;
    ngx_commerce_records_t  *records;

    records = &tenant->zone->sh->records;

    ngx_commerce_zone_lock(tenant);

    for (q = ngx_queue_head(&records->ring);
         q != ngx_queue_sentinel(&records->ring);
         q = ngx_queue_next(q))
    {
        node = ngx_queue_data(q, ngx_commerce_node_t, queue);

        if (!node->waiting && ngx_commerce_kinds[node->kind].told) {
            node->waiting = 1;
            ngx_queue_insert_tail(&records->unsubscribed, &node->unsubscribed);
        }
    }

    for (q = ngx_queue_head(&records->running);
         q != ngx_queue_sentinel(&records->running);
         q = ngx_queue_next(q))
    {
        node = ngx_queue_data(q, ngx_commerce_node_t, queue);

        if (node->waiting) {
            ngx_queue_remove(&node->unsubscribed);
        }

        node->waiting = 1;
        ngx_queue_insert_head(&records->unsubscribed, &node->unsubscribed);
    }

    ngx_commerce_zone_unlock(tenant);
}


ngx_uint_t
ngx_commerce_zone_running(ngx_commerce_tenant_t *tenant,
    ngx_commerce_subscribe_t *out, ngx_uint_t max, uint64_t *after)
{
    ngx_uint_t            n;
    ngx_queue_t          *q, *running;
    ngx_commerce_node_t  *node;

    n = 0;
    node = NULL;
    running = &tenant->zone->sh->records.running;

    ngx_commerce_zone_read_lock(tenant);

    for (q = ngx_queue_head(running);
         n < max && q != ngx_queue_sentinel(running);
         q = ngx_queue_next(q))
    {
        node = ngx_queue_data(q, ngx_commerce_node_t, queue);

        if (node->turn > *after) {
            n += ngx_commerce_zone_copy_name(node, &out[n]);
        }
    }

    *after = (q != ngx_queue_sentinel(running)) ? node->turn : 0;

    ngx_commerce_zone_unlock(tenant);

    return n;
}


void
ngx_commerce_zone_ended(ngx_commerce_tenant_t *tenant, ngx_str_t *room)
{
    uint32_t              hash;
    ngx_commerce_node_t  *node;

    hash = ngx_commerce_zone_hash(tenant->zone, NGX_COMMERCE_ROOM, room);

    ngx_commerce_zone_lock(tenant);

    node = ngx_commerce_zone_find(tenant->zone, hash, NGX_COMMERCE_ROOM, room);

    if (node) {
        ngx_commerce_zone_set_running(tenant->zone, node,
                      ngx_commerce_record_held(NGX_COMMERCE_ROOM,
                                               ngx_commerce_zone_head(node)));
    }

    ngx_commerce_zone_unlock(tenant);
}


void
ngx_commerce_zone_fresh(ngx_commerce_tenant_t *tenant)
{
    /* zero means never */
    tenant->zone->sh->fresh = ngx_current_msec ? ngx_current_msec : 1;
}


ngx_msec_t
ngx_commerce_zone_age(ngx_commerce_zone_t *zone)
{
    ngx_msec_t      fresh;
    ngx_msec_int_t  age;

    fresh = (ngx_msec_t) zone->sh->fresh;

    if (fresh == 0) {
        return NGX_MAX_INT32_VALUE;
    }

    /* another process's clock reading may be a little ahead */
    age = (ngx_msec_int_t) (ngx_current_msec - fresh);

    return age > 0 ? (ngx_msec_t) age : 0;
}


void
ngx_commerce_zone_usage(ngx_commerce_tenant_t *tenant,
    ngx_commerce_zone_usage_t *usage)
{
    ngx_uint_t            i;
    ngx_commerce_zone_t  *zone;

    zone = tenant->zone;

    ngx_commerce_zone_read_lock(tenant);

    for (i = 0; i < NGX_COMMERCE_KINDS; i++) {
        usage->held[i] = zone->sh->records.held[i];
    }

    usage->evicted = zone->sh->records.evicted;
    usage->size = zone->pool->end - (u_char *) zone->pool;
    usage->free = zone->pool->pfree * ngx_pagesize;

    ngx_commerce_zone_unlock(tenant);
}
