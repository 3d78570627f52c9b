
#include "ngx_commerce_hls_cache.h"


#define NGX_COMMERCE_HLS_CACHE_BUCKETS  1024


typedef struct ngx_commerce_hls_entry_s  ngx_commerce_hls_entry_t;

struct ngx_commerce_hls_entry_s {
    ngx_commerce_hls_entry_t   *next;        /* in its bucket */
    ngx_queue_t                 queue;       /* by last use */
    size_t                      size;        /* bytes, of all of it */

    u_char                      key[NGX_COMMERCE_HLS_HASH_LEN];
    uint64_t                    serial;
    ngx_uint_t                  clock;
    void                       *clock_id;
    time_t                      modified;
    int64_t                     offset;
    ngx_uint_t                  dates;
    ngx_uint_t                  attributes;
    ngx_uint_t                  tokens;
    ngx_uint_t                  delta;
    ngx_str_t                   clip;
    ngx_uint_t                  chapters;
    ngx_str_t                   data;        /* URIs, one after the other */
    ngx_str_t                   text;

    ngx_uint_t                  holders;     /* of the output */
    ngx_uint_t                  removed;     /* 1: the last of them frees */
    ngx_commerce_hls_output_t   output;
};


struct ngx_commerce_hls_cache_s {
    ngx_pool_t                 *pool;
    ngx_queue_t                 used;        /* the last used first */
    size_t                      size;
    ngx_commerce_hls_entry_t   *buckets[NGX_COMMERCE_HLS_CACHE_BUCKETS];
};


static ngx_commerce_hls_entry_t **ngx_commerce_hls_cache_bucket(
    ngx_commerce_hls_cache_t *cache, u_char *key, uint64_t serial);
static ngx_uint_t ngx_commerce_hls_cache_same(ngx_commerce_hls_entry_t *entry,
    ngx_commerce_hls_injection_t *injection);
static ngx_uint_t ngx_commerce_hls_cache_same_data(
    ngx_commerce_hls_entry_t *entry, ngx_commerce_hls_injection_t *injection);
static void ngx_commerce_hls_cache_shrink(ngx_commerce_hls_cache_t *cache,
    size_t size);
static void ngx_commerce_hls_cache_release(void *data);
static void ngx_commerce_hls_cache_cleanup(void *data);


ngx_commerce_hls_cache_t *
ngx_commerce_hls_cache_create(ngx_pool_t *pool)
{
    ngx_pool_cleanup_t        *cln;
    ngx_commerce_hls_cache_t  *cache;

    cache = ngx_pcalloc(pool, sizeof(ngx_commerce_hls_cache_t));
    if (cache == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_commerce_hls_cache_cleanup;
    cln->data = cache;

    cache->pool = pool;
    ngx_queue_init(&cache->used);

    return cache;
}


ngx_commerce_hls_output_t *
ngx_commerce_hls_cache_find(ngx_commerce_hls_cache_t *cache,
    ngx_commerce_hls_injection_t *injection)
{
    ngx_commerce_hls_entry_t  *entry;

    if (injection->text.len > NGX_COMMERCE_HLS_CACHE_ENTRY) {
        return NULL;
    }

    if (injection->hash) {
        ngx_memcpy(injection->key, injection->hash, sizeof(injection->key));

    } else {
        ngx_commerce_hls_hash(&injection->text, injection->key);
    }

    entry = *ngx_commerce_hls_cache_bucket(cache, injection->key,
                                           injection->serial);

    while (entry && !ngx_commerce_hls_cache_same(entry, injection)) {
        entry = entry->next;
    }

    if (entry == NULL) {
        return NULL;
    }

    ngx_queue_remove(&entry->queue);
    ngx_queue_insert_head(&cache->used, &entry->queue);

    return &entry->output;
}


static ngx_commerce_hls_entry_t **
ngx_commerce_hls_cache_bucket(ngx_commerce_hls_cache_t *cache, u_char *key,
    uint64_t serial)
{
    uint64_t  n;

    /* an old playlist may be asked for with ever new copies of its room */

    n = ((uint64_t) key[0] << 8 | key[1]) + serial;

    return &cache->buckets[n % NGX_COMMERCE_HLS_CACHE_BUCKETS];
}


static ngx_uint_t
ngx_commerce_hls_cache_same(ngx_commerce_hls_entry_t *entry,
    ngx_commerce_hls_injection_t *injection)
{
    return entry->serial == injection->serial
           && entry->clock == injection->clock
           && entry->clock_id == injection->clock_id
           && entry->modified == injection->modified
           && entry->offset == injection->offset
           && entry->dates == injection->dates
           && entry->attributes == injection->attributes
           && entry->tokens == injection->tokens
           && entry->delta == injection->delta
           && entry->chapters == injection->chapters
           && entry->clip.len == injection->clip.len
           && (entry->clip.len == 0
               || ngx_memcmp(entry->clip.data, injection->clip.data,
                             entry->clip.len)
                  == 0)
           && ngx_commerce_hls_cache_same_data(entry, injection)
           && entry->text.len == injection->text.len
           && ngx_memcmp(entry->key, injection->key, sizeof(entry->key)) == 0
           && ngx_memcmp(entry->text.data, injection->text.data,
                         entry->text.len)
              == 0;
}


/* which URI is whose is told by their lengths: each has an end of its own */

static ngx_uint_t
ngx_commerce_hls_cache_same_data(ngx_commerce_hls_entry_t *entry,
    ngx_commerce_hls_injection_t *injection)
{
    u_char      *p, *last;
    ngx_str_t   *uri;
    ngx_uint_t   i;

    p = entry->data.data;
    last = p + entry->data.len;

    for (i = 0; i < injection->ndata; i++) {
        uri = &injection->data[i].uri;

        if ((size_t) (last - p) < uri->len + 1
            || (uri->len && ngx_memcmp(p, uri->data, uri->len) != 0)
            || p[uri->len] != '\0')
        {
            return 0;
        }

        p += uri->len + 1;
    }

    return p == last;
}


ngx_commerce_hls_output_t *
ngx_commerce_hls_cache_add(ngx_commerce_hls_cache_t *cache,
    ngx_commerce_hls_injection_t *injection, ngx_commerce_hls_output_t *output)
{
    size_t                      size;
    u_char                     *p;
    ngx_uint_t                  i;
    ngx_commerce_hls_entry_t   *entry, **bucket;

    size = sizeof(ngx_commerce_hls_entry_t)
           + output->nplaces * sizeof(ngx_commerce_hls_place_t)
           + injection->text.len + injection->clip.len + output->text.len;

    for (i = 0; i < injection->ndata; i++) {
        size += injection->data[i].uri.len + 1;
    }

    if (size > NGX_COMMERCE_HLS_CACHE_ENTRY || output->passing) {
        return NULL;
    }

    ngx_commerce_hls_cache_shrink(cache, NGX_COMMERCE_HLS_CACHE_SIZE - size);

    entry = ngx_alloc(size, cache->pool->log);
    if (entry == NULL) {
        return NULL;
    }

    entry->size = size;
    ngx_memcpy(entry->key, injection->key, sizeof(entry->key));
    entry->serial = injection->serial;
    entry->clock = injection->clock;
    entry->clock_id = injection->clock_id;
    entry->modified = injection->modified;
    entry->offset = injection->offset;
    entry->dates = injection->dates;
    entry->attributes = injection->attributes;
    entry->tokens = injection->tokens;
    entry->delta = injection->delta;
    entry->clip = injection->clip;
    entry->chapters = injection->chapters;
    entry->text = injection->text;
    entry->holders = 0;
    entry->removed = 0;
    entry->output = *output;

    p = (u_char *) (entry + 1);

    if (output->places) {
        entry->output.places = (ngx_commerce_hls_place_t *) p;
        p = ngx_cpymem(p, output->places,
                       output->nplaces * sizeof(ngx_commerce_hls_place_t));
    }

    entry->text.data = p;
    p = ngx_cpymem(p, injection->text.data, injection->text.len);

    if (injection->clip.len) {
        entry->clip.data = p;
        p = ngx_cpymem(p, injection->clip.data, injection->clip.len);
    }

    entry->data.data = p;

    for (i = 0; i < injection->ndata; i++) {
        p = ngx_sprintf(p, "%V%Z", &injection->data[i].uri);
    }

    entry->data.len = p - entry->data.data;

    entry->output.text.data = p;
    ngx_memcpy(p, output->text.data, output->text.len);

    bucket = ngx_commerce_hls_cache_bucket(cache, entry->key, entry->serial);
    entry->next = *bucket;
    *bucket = entry;

    ngx_queue_insert_head(&cache->used, &entry->queue);
    cache->size += size;

    return &entry->output;
}


static void
ngx_commerce_hls_cache_shrink(ngx_commerce_hls_cache_t *cache, size_t size)
{
    ngx_queue_t                *q;
    ngx_commerce_hls_entry_t   *entry, **place;

    while (cache->size > size) {
        q = ngx_queue_last(&cache->used);
        entry = ngx_queue_data(q, ngx_commerce_hls_entry_t, queue);

        place = ngx_commerce_hls_cache_bucket(cache, entry->key,
                                              entry->serial);

        while (*place != entry) {
            place = &(*place)->next;
        }

        *place = entry->next;
        ngx_queue_remove(q);
        cache->size -= entry->size;

        if (entry->holders) {
            entry->removed = 1;

        } else {
            ngx_free(entry);
        }
    }
}


ngx_int_t
ngx_commerce_hls_cache_hold(ngx_commerce_hls_output_t *output,
    ngx_pool_t *pool)
{
    ngx_pool_cleanup_t        *cln;
    ngx_commerce_hls_entry_t  *entry;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    entry = (ngx_commerce_hls_entry_t *)
                ((u_char *) output
                 - offsetof(ngx_commerce_hls_entry_t, output));

    entry->holders++;

    cln->handler = ngx_commerce_hls_cache_release;
    cln->data = entry;

    return NGX_OK;
}


static void
ngx_commerce_hls_cache_release(void *data)
{
    ngx_commerce_hls_entry_t *entry = data;

    entry->holders--;

    if (entry->holders == 0 && entry->removed) {
        ngx_free(entry);
    }
}


static void
ngx_commerce_hls_cache_cleanup(void *data)
{
    ngx_commerce_hls_cache_shrink(data, 0);
}
