
#include "ngx_commerce_cache.h"


/*
 * Buckets: one for so many bytes of the zone, a power of two, so that most
 * copies are the first on theirs.
 */
#define NGX_COMMERCE_CACHE_SHARE  2048

/* ms between two looks at when a record was checked */
#define NGX_COMMERCE_CACHE_LOOK   100


static ngx_commerce_copy_t **ngx_commerce_cache_find(
    ngx_commerce_cache_t *cache, ngx_commerce_kind_e kind, ngx_str_t *name,
    uint32_t hash);
static ngx_commerce_copy_t *ngx_commerce_cache_take(
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name,
    uint32_t hash);
static ngx_commerce_copy_t *ngx_commerce_cache_block(
    ngx_commerce_cache_t *cache, ngx_commerce_node_t *node);
static void ngx_commerce_cache_look(ngx_commerce_tenant_t *tenant,
    ngx_commerce_copy_t *copy);
static ngx_msec_t ngx_commerce_cache_own_age(ngx_commerce_tenant_t *tenant,
    ngx_commerce_copy_t *copy);
static void ngx_commerce_cache_evict(ngx_commerce_cache_t *cache,
    ngx_commerce_copy_t *but);
static void ngx_commerce_cache_drop(ngx_commerce_copy_t **place);
static void ngx_commerce_cache_reap(ngx_event_t *ev);
static void ngx_commerce_cache_release(void *data);
static void ngx_commerce_cache_free(void *data);
static void ngx_commerce_cache_free_queue(ngx_queue_t *queue);


ngx_commerce_copy_t *
ngx_commerce_cache_get(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, uint32_t hash)
{
    u_char                *mark;
    ngx_commerce_copy_t   *copy, **place;

    place = ngx_commerce_cache_find(tenant->cache, kind, name, hash);
    copy = *place;

    if (copy && copy->seen != *copy->version) {
        ngx_commerce_cache_drop(place);
        copy = NULL;
    }

    if (copy == NULL) {
        return ngx_commerce_cache_take(tenant, kind, name, hash);
    }

    copy->used = 1;

    mark = ngx_commerce_zone_mark(tenant->zone, hash);

    if (*mark == 0) {
        *mark = 1;
    }

    return copy;
}


static ngx_commerce_copy_t **
ngx_commerce_cache_find(ngx_commerce_cache_t *cache, ngx_commerce_kind_e kind,
    ngx_str_t *name, uint32_t hash)
{
    ngx_commerce_copy_t  *copy, **place;

    place = &cache->buckets[hash & cache->mask];

    for (copy = *place; copy; copy = *place) {

        if (copy->hash == hash
            && copy->kind == kind
            && copy->name.len == name->len
            && ngx_memcmp(copy->name.data, name->data, name->len) == 0)
        {
            break;
        }

        place = &copy->next;
    }

    return place;
}


/* takes a copy from the zone, of whose lock it is no business to read it */

static ngx_commerce_copy_t *
ngx_commerce_cache_take(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, uint32_t hash)
{
    ngx_commerce_copy_t   *copy, **bucket;
    ngx_commerce_node_t   *node;
    ngx_commerce_cache_t  *cache;

    cache = tenant->cache;

    ngx_commerce_zone_read_lock(tenant);

    node = ngx_commerce_zone_find(tenant->zone, hash, kind, name);
    copy = node ? ngx_commerce_cache_block(cache, node) : NULL;

    if (copy) {
        copy->version = ngx_commerce_zone_version(tenant->zone, hash);
        copy->seen = *copy->version;
    }

    ngx_commerce_zone_unlock(tenant);

    if (copy == NULL) {
        return NULL;
    }

    ngx_commerce_record_read(kind, &copy->name,
                             copy->name.data + copy->name.len,
                             ngx_commerce_copy_record(copy));

    *ngx_commerce_zone_mark(tenant->zone, hash) = 1;

    ngx_queue_insert_tail(&cache->ring, &copy->queue);
    bucket = &cache->buckets[hash & cache->mask];
    copy->next = *bucket;
    *bucket = copy;
    cache->size += copy->size;

    ngx_commerce_cache_evict(cache, copy);

    return copy;
}


/*
 * Second chance, not the order of use: a hit then changes nothing but the copy
 * that it is about anyway, where its neighbours in a queue would have to be
 * fetched from memory.
 */

static void
ngx_commerce_cache_evict(ngx_commerce_cache_t *cache, ngx_commerce_copy_t *but)
{
    ngx_queue_t          *q;
    ngx_commerce_copy_t  *copy;

    while (cache->size > cache->max_size) {
        q = ngx_queue_head(&cache->ring);
        copy = ngx_queue_data(q, ngx_commerce_copy_t, queue);

        if (copy == but && q == ngx_queue_last(&cache->ring)) {
            return;
        }

        if (copy->used || copy == but) {
            copy->used = 0;
            ngx_queue_remove(q);
            ngx_queue_insert_tail(&cache->ring, q);
            continue;
        }

        ngx_commerce_cache_drop(ngx_commerce_cache_find(cache, copy->kind,
                                                        &copy->name,
                                                        copy->hash));
    }
}


static ngx_commerce_copy_t *
ngx_commerce_cache_block(ngx_commerce_cache_t *cache,
    ngx_commerce_node_t *node)
{
    size_t                size, record;
    ngx_commerce_copy_t  *copy;

    static uint64_t       serial;

    record = ngx_commerce_record_size(node->kind,
                                      ngx_commerce_zone_head(node));
    size = sizeof(ngx_commerce_copy_t) + record + node->len + node->size;

    copy = ngx_alloc(size, cache->log);
    if (copy == NULL) {
        return NULL;
    }

    ngx_memzero(copy, sizeof(ngx_commerce_copy_t) + record);

    copy->cache = cache;
    copy->size = size;
    copy->serial = ++serial;
    copy->hash = (uint32_t) node->node.key;
    copy->kind = node->kind;
    copy->checked = node->checked;
    copy->looked = ngx_current_msec;
    copy->unconfirmed = node->unconfirmed;

    copy->name.len = node->len;
    copy->name.data = (u_char *) (copy + 1) + record;

    ngx_commerce_zone_copy(node, ngx_cpymem(copy->name.data, node->name,
                                            node->len));

    return copy;
}


/*
 * A copy that goes may be in use until the event handler that got it
 * returns, so it is freed by a posted event.
 */

static void
ngx_commerce_cache_drop(ngx_commerce_copy_t **place)
{
    ngx_commerce_copy_t   *copy;
    ngx_commerce_cache_t  *cache;

    copy = *place;
    cache = copy->cache;

    *place = copy->next;
    cache->size -= copy->size;
    copy->dead = 1;

    ngx_queue_remove(&copy->queue);
    ngx_queue_insert_tail(&cache->dead, &copy->queue);

    ngx_post_event(&cache->reap, &ngx_posted_events);
}


static void
ngx_commerce_cache_reap(ngx_event_t *ev)
{
    ngx_queue_t           *q, *next;
    ngx_commerce_copy_t   *copy;
    ngx_commerce_cache_t  *cache;

    cache = ev->data;

    for (q = ngx_queue_head(&cache->dead);
         q != ngx_queue_sentinel(&cache->dead);
         q = next)
    {
        next = ngx_queue_next(q);
        copy = ngx_queue_data(q, ngx_commerce_copy_t, queue);

        if (copy->refs == 0) {
            ngx_queue_remove(q);
            ngx_free(copy);
        }
    }
}


ngx_int_t
ngx_commerce_cache_hold(ngx_commerce_copy_t *copy, ngx_pool_t *pool)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    copy->refs++;

    cln->handler = ngx_commerce_cache_release;
    cln->data = copy;

    return NGX_OK;
}


static void
ngx_commerce_cache_release(void *data)
{
    ngx_commerce_copy_t *copy = data;

    copy->refs--;

    if (copy->dead && copy->refs == 0) {
        ngx_post_event(&copy->cache->reap, &ngx_posted_events);
    }
}


ngx_msec_t
ngx_commerce_cache_age(ngx_commerce_tenant_t *tenant,
    ngx_commerce_copy_t *copy, ngx_uint_t now)
{
    ngx_msec_t  age;

    age = ngx_commerce_cache_own_age(tenant, copy);

    if (age > tenant->fresh
        && (now || ngx_current_msec - copy->looked >= NGX_COMMERCE_CACHE_LOOK))
    {
        ngx_commerce_cache_look(tenant, copy);
        age = ngx_commerce_cache_own_age(tenant, copy);
    }

    return age;
}


/* the counter is as it was: what the zone holds is what the copy was made of */

static void
ngx_commerce_cache_look(ngx_commerce_tenant_t *tenant,
    ngx_commerce_copy_t *copy)
{
    ngx_commerce_node_t  *node;

    copy->looked = ngx_current_msec;

    ngx_commerce_zone_read_lock(tenant);

    node = ngx_commerce_zone_find(tenant->zone, copy->hash, copy->kind,
                                  &copy->name);

    if (node && copy->seen == *copy->version) {
        copy->checked = node->checked;
        copy->unconfirmed = node->unconfirmed;
    }

    ngx_commerce_zone_unlock(tenant);
}


static ngx_msec_t
ngx_commerce_cache_own_age(ngx_commerce_tenant_t *tenant,
    ngx_commerce_copy_t *copy)
{
    ngx_msec_t      age;
    ngx_msec_int_t  own;

    if (ngx_commerce_kinds[copy->kind].lasting) {
        return 0;
    }

    own = (ngx_msec_int_t) (ngx_current_msec - copy->checked);

    if (own < 0) {
        own = 0;
    }

    if (!ngx_commerce_kinds[copy->kind].told || copy->unconfirmed) {
        /* nobody tells, or what was told may not have been learned */
        return (ngx_msec_t) own;
    }

    age = ngx_commerce_zone_age(tenant->zone);

    return ngx_min(age, (ngx_msec_t) own);
}


ngx_int_t
ngx_commerce_cache_init_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    size_t                 buckets;
    ngx_uint_t             i;
    ngx_pool_cleanup_t    *cln;
    ngx_commerce_cache_t  *cache;

    cln = ngx_pool_cleanup_add(cycle->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cache = ngx_pcalloc(cycle->pool, sizeof(ngx_commerce_cache_t));
    if (cache == NULL) {
        return NGX_ERROR;
    }

    buckets = 1;

    while (buckets * NGX_COMMERCE_CACHE_SHARE < tenant->zone_size) {
        buckets *= 2;
    }

    cache->mask = (uint32_t) (buckets - 1);
    cache->buckets = ngx_pcalloc(cycle->pool,
                                 buckets * sizeof(ngx_commerce_copy_t *));
    if (cache->buckets == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_init(&cache->ring);
    ngx_queue_init(&cache->dead);
    ngx_queue_init(&cache->order);

    for (i = 0; i < NGX_COMMERCE_CACHE_LOADS; i++) {
        ngx_queue_init(&cache->loads[i]);
    }

    cache->max_size = tenant->zone_size;
    cache->log = cycle->log;

    cache->reap.handler = ngx_commerce_cache_reap;
    cache->reap.data = cache;
    cache->reap.log = cycle->log;

    cln->handler = ngx_commerce_cache_free;
    cln->data = cache;

    tenant->cache = cache;

    return NGX_OK;
}


/* the worker ends, and with it the requests that hold copies */

static void
ngx_commerce_cache_free(void *data)
{
    ngx_commerce_cache_t *cache = data;

    ngx_commerce_cache_free_queue(&cache->ring);
    ngx_commerce_cache_free_queue(&cache->dead);
}


static void
ngx_commerce_cache_free_queue(ngx_queue_t *queue)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(queue)) {
        q = ngx_queue_head(queue);
        ngx_queue_remove(q);
        ngx_free(ngx_queue_data(q, ngx_commerce_copy_t, queue));
    }
}
