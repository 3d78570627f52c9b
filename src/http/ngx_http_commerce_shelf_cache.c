
#include "ngx_http_commerce_shelf_cache.h"


/* a tenant and a room of his */

#define NGX_HTTP_COMMERCE_SHELF_CACHE_KEY                                     \
    (sizeof(ngx_commerce_tenant_t *) + NGX_COMMERCE_NAME_MAX)


typedef struct {
    ngx_str_node_t                      node;     /* by key */
    ngx_queue_t                         queue;    /* by last use */
    ngx_http_commerce_shelf_cache_t    *cache;
    size_t                              size;     /* bytes, of all of it */
    ngx_uint_t                          refs;     /* requests that send it */

    uint64_t                            serial;   /* of the room */
    ngx_commerce_cue_t                 *cue;
    ngx_msec_t                          checked;
    ngx_http_commerce_shelf_product_t  *products;
    ngx_uint_t                          nproducts;

    ngx_http_commerce_shelf_output_t    output;
    u_char                              key[NGX_HTTP_COMMERCE_SHELF_CACHE_KEY];

    unsigned                            dead:1;   /* for the last request */
} ngx_http_commerce_shelf_entry_t;


struct ngx_http_commerce_shelf_cache_s {
    ngx_rbtree_t                        tree;
    ngx_rbtree_node_t                   sentinel;
    ngx_queue_t                         used;     /* the last used first */
    size_t                              size;
    ngx_pool_t                         *pool;
};


static ngx_http_commerce_shelf_entry_t *ngx_http_commerce_shelf_cache_entry(
    ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source);
static void ngx_http_commerce_shelf_cache_key(
    ngx_http_commerce_shelf_source_t *source, u_char *buf, ngx_str_t *key);
static ngx_int_t ngx_http_commerce_shelf_cache_use(
    ngx_http_commerce_shelf_entry_t *entry, ngx_pool_t *pool,
    ngx_http_commerce_shelf_output_t *output);
static void ngx_http_commerce_shelf_cache_used(void *data);
static void ngx_http_commerce_shelf_cache_remove(
    ngx_http_commerce_shelf_entry_t *entry);
static void ngx_http_commerce_shelf_cache_shrink(
    ngx_http_commerce_shelf_cache_t *cache, size_t size);
static void ngx_http_commerce_shelf_cache_cleanup(void *data);


ngx_http_commerce_shelf_cache_t *
ngx_http_commerce_shelf_cache_create(ngx_pool_t *pool)
{
    ngx_pool_cleanup_t               *cln;
    ngx_http_commerce_shelf_cache_t  *cache;

    cln = ngx_pool_cleanup_add(pool, sizeof(ngx_http_commerce_shelf_cache_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_commerce_shelf_cache_cleanup;

    cache = cln->data;
    cache->size = 0;
    cache->pool = pool;

    ngx_rbtree_init(&cache->tree, &cache->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&cache->used);

    return cache;
}


ngx_int_t
ngx_http_commerce_shelf_cache_find(ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source, ngx_pool_t *pool,
    ngx_http_commerce_shelf_output_t *output)
{
    ngx_uint_t                        i;
    ngx_http_commerce_shelf_entry_t  *entry;

    entry = ngx_http_commerce_shelf_cache_entry(cache, source);

    if (entry == NULL
        || ngx_current_msec - entry->checked
           >= NGX_HTTP_COMMERCE_SHELF_CACHE_TIME)
    {
        return NGX_DECLINED;
    }

    for (i = 0; i < entry->nproducts; i++) {
        if (*entry->products[i].counter != entry->products[i].seen) {
            return NGX_DECLINED;
        }
    }

    return ngx_http_commerce_shelf_cache_use(entry, pool, output);
}


ngx_int_t
ngx_http_commerce_shelf_cache_same(ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source, ngx_pool_t *pool,
    ngx_http_commerce_shelf_output_t *output)
{
    ngx_uint_t                        i;
    ngx_http_commerce_shelf_entry_t  *entry;

    entry = ngx_http_commerce_shelf_cache_entry(cache, source);

    if (entry == NULL) {
        return NGX_DECLINED;
    }

    for (i = 0; i < entry->nproducts; i++) {
        if (entry->products[i].serial != source->products[i].serial) {
            return NGX_DECLINED;
        }
    }

    ngx_memcpy(entry->products, source->products,
               entry->nproducts * sizeof(ngx_http_commerce_shelf_product_t));
    entry->checked = ngx_current_msec;

    return ngx_http_commerce_shelf_cache_use(entry, pool, output);
}


/* the entry of the room, if it was made of the same copy and cue */

static ngx_http_commerce_shelf_entry_t *
ngx_http_commerce_shelf_cache_entry(ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source)
{
    u_char                            buf[NGX_HTTP_COMMERCE_SHELF_CACHE_KEY];
    ngx_str_t                         key;
    ngx_http_commerce_shelf_entry_t  *entry;

    ngx_http_commerce_shelf_cache_key(source, buf, &key);

    entry = (ngx_http_commerce_shelf_entry_t *)
                ngx_str_rbtree_lookup(&cache->tree, &key,
                                      ngx_crc32_short(key.data, key.len));

    if (entry == NULL
        || entry->serial != ngx_commerce_store_serial(source->room)
        || entry->cue != source->cue)
    {
        return NULL;
    }

    return entry;
}


/* buf has NGX_HTTP_COMMERCE_SHELF_CACHE_KEY bytes */

static void
ngx_http_commerce_shelf_cache_key(ngx_http_commerce_shelf_source_t *source,
    u_char *buf, ngx_str_t *key)
{
    u_char  *p;

    p = ngx_cpymem(buf, &source->tenant, sizeof(ngx_commerce_tenant_t *));
    p = ngx_cpymem(p, source->room->name.data, source->room->name.len);

    key->data = buf;
    key->len = p - buf;
}


static ngx_int_t
ngx_http_commerce_shelf_cache_use(ngx_http_commerce_shelf_entry_t *entry,
    ngx_pool_t *pool, ngx_http_commerce_shelf_output_t *output)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_commerce_shelf_cache_used;
    cln->data = entry;
    entry->refs++;

    ngx_queue_remove(&entry->queue);
    ngx_queue_insert_head(&entry->cache->used, &entry->queue);

    *output = entry->output;

    return NGX_OK;
}


static void
ngx_http_commerce_shelf_cache_used(void *data)
{
    ngx_http_commerce_shelf_entry_t  *entry = data;

    if (--entry->refs == 0 && entry->dead) {
        ngx_free(entry);
    }
}


void
ngx_http_commerce_shelf_cache_add(ngx_http_commerce_shelf_cache_t *cache,
    ngx_http_commerce_shelf_source_t *source,
    ngx_http_commerce_shelf_output_t *output)
{
    size_t                            size, products;
    u_char                           *p, buf[NGX_HTTP_COMMERCE_SHELF_CACHE_KEY];
    ngx_str_t                         key;
    ngx_http_commerce_shelf_entry_t  *entry;

    ngx_http_commerce_shelf_cache_key(source, buf, &key);

    entry = (ngx_http_commerce_shelf_entry_t *)
                ngx_str_rbtree_lookup(&cache->tree, &key,
                                      ngx_crc32_short(key.data, key.len));
    if (entry) {
        ngx_http_commerce_shelf_cache_remove(entry);
    }

    products = source->room->nshelf * sizeof(ngx_http_commerce_shelf_product_t);
    size = sizeof(ngx_http_commerce_shelf_entry_t) + products
           + output->text.len + output->etag.len;

    if (size > NGX_HTTP_COMMERCE_SHELF_CACHE_ENTRY) {
        return;
    }

    ngx_http_commerce_shelf_cache_shrink(cache,
                                   NGX_HTTP_COMMERCE_SHELF_CACHE_SIZE - size);

    entry = ngx_alloc(size, cache->pool->log);
    if (entry == NULL) {
        return;
    }

    ngx_memzero(entry, sizeof(ngx_http_commerce_shelf_entry_t));

    entry->cache = cache;
    entry->size = size;
    entry->serial = ngx_commerce_store_serial(source->room);
    entry->cue = source->cue;
    entry->checked = ngx_current_msec;

    entry->nproducts = source->room->nshelf;
    entry->products = (void *) (entry + 1);
    p = ngx_cpymem(entry->products, source->products, products);

    entry->output.text.data = p;
    entry->output.text.len = output->text.len;
    p = ngx_cpymem(p, output->text.data, output->text.len);

    entry->output.etag.data = p;
    entry->output.etag.len = output->etag.len;
    ngx_memcpy(p, output->etag.data, output->etag.len);

    ngx_memcpy(entry->key, key.data, key.len);
    entry->node.str.data = entry->key;
    entry->node.str.len = key.len;
    entry->node.node.key = ngx_crc32_short(key.data, key.len);

    ngx_rbtree_insert(&cache->tree, &entry->node.node);
    ngx_queue_insert_head(&cache->used, &entry->queue);
    cache->size += size;
}


static void
ngx_http_commerce_shelf_cache_remove(ngx_http_commerce_shelf_entry_t *entry)
{
    ngx_rbtree_delete(&entry->cache->tree, &entry->node.node);
    ngx_queue_remove(&entry->queue);
    entry->cache->size -= entry->size;

    if (entry->refs) {
        entry->dead = 1;
        return;
    }

    ngx_free(entry);
}


static void
ngx_http_commerce_shelf_cache_shrink(ngx_http_commerce_shelf_cache_t *cache,
    size_t size)
{
    while (cache->size > size) {
        ngx_http_commerce_shelf_cache_remove(
                            ngx_queue_data(ngx_queue_last(&cache->used),
                                           ngx_http_commerce_shelf_entry_t,
                                           queue));
    }
}


static void
ngx_http_commerce_shelf_cache_cleanup(void *data)
{
    ngx_http_commerce_shelf_cache_shrink(data, 0);
}
