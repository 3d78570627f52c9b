
#include "ngx_commerce_sight.h"
#include "ngx_commerce_hash.h"
#include "ngx_commerce_zone.h"


/* places that a subject may have */
#define NGX_COMMERCE_SIGHT_WAYS  8


int64_t
ngx_commerce_sight(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_str_t *subject, int64_t now, int64_t max)
{
    uint64_t                hash;
    ngx_uint_t              i;
    ngx_commerce_sight_t   *set, *oldest;
    ngx_commerce_zone_sh_t *sh;

    sh = tenant->zone->sh;

    hash = ngx_commerce_hash(room->data, room->len, sh->seed);
    hash = ngx_commerce_hash(subject->data, subject->len, hash);

    set = &sh->sights[hash % NGX_COMMERCE_SIGHTS
                      / NGX_COMMERCE_SIGHT_WAYS * NGX_COMMERCE_SIGHT_WAYS];
    oldest = set;

    for (i = 0; i < NGX_COMMERCE_SIGHT_WAYS; i++) {

        if (set[i].hash == hash && now - set[i].at <= max) {
            return set[i].at;
        }

        if (set[i].at < oldest->at) {
            oldest = &set[i];
        }
    }

    /*
     * Of two workers that see him at the same time, one is late by what lies
     * between them; nobody is taken for somebody else.
     */

    oldest->hash = 0;
    ngx_memory_barrier();

    oldest->at = now;
    ngx_memory_barrier();

    oldest->hash = hash;

    return now;
}
