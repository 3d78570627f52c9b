
/*
 * A record's blob in the zone: a chain of chunks that need not lie side by
 * side, of a page at most.
 */

#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_CHUNK                                                    \
    (ngx_pagesize - offsetof(ngx_commerce_chunk_t, data))


ngx_commerce_chunk_t *
ngx_commerce_zone_write(ngx_commerce_zone_t *zone, u_char *blob, size_t size)
{
    size_t                 n;
    ngx_commerce_chunk_t  *first, *chunk, **place;

    first = NULL;
    place = &first;

    do {
        n = ngx_min(size, NGX_COMMERCE_CHUNK);

        chunk = ngx_commerce_zone_alloc(zone,
                                     offsetof(ngx_commerce_chunk_t, data) + n);
        if (chunk == NULL) {
            ngx_commerce_zone_free(zone, first);
            return NULL;
        }

        chunk->next = NULL;
        ngx_memcpy(chunk->data, blob, n);

        *place = chunk;
        place = &chunk->next;

        blob += n;
        size -= n;

    } while (size);

    return first;
}


void
ngx_commerce_zone_free(ngx_commerce_zone_t *zone, ngx_commerce_chunk_t *chunk)
{
    ngx_commerce_chunk_t  *next;

    for ( /* void */ ; chunk; chunk = next) {
        next = chunk->next;
        ngx_slab_free_locked(zone->pool, chunk);
    }
}


void
ngx_commerce_zone_copy(ngx_commerce_node_t *node, u_char *out)
{
    size_t                 n, size;
    ngx_commerce_chunk_t  *chunk;

    size = node->size;

    for (chunk = node->blob; chunk; chunk = chunk->next) {
        n = ngx_min(size, NGX_COMMERCE_CHUNK);
        out = ngx_cpymem(out, chunk->data, n);
        size -= n;
    }
}


ngx_uint_t
ngx_commerce_zone_same(ngx_commerce_node_t *node, u_char *blob, size_t size)
{
    size_t                 n;
    ngx_commerce_chunk_t  *chunk;

    if (node->size != size) {
        return 0;
    }

    for (chunk = node->blob; chunk; chunk = chunk->next) {
        n = ngx_min(size, NGX_COMMERCE_CHUNK);

        if (ngx_memcmp(chunk->data, blob, n) != 0) {
            return 0;
        }

        blob += n;
        size -= n;
    }

    return 1;
}
