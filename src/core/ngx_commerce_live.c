
#include "ngx_commerce_live.h"
#include "ngx_commerce_zone.h"


/*
 * A claim is the process's number in the high bits and, in the rest, the
 * time when it was made (ms since the epoch, good until the year 2109) or
 * the next number that this process has not used.
 */

#define NGX_COMMERCE_CLAIM_TIME_BITS  42

/* ms without a sign of life, after which a writer is taken for dead */
#define NGX_COMMERCE_LIVE_DEAD        15000

#define NGX_COMMERCE_LIVE_BLOCK       (4 * 4096)


/*
 * Nothing here is wrong when a process dies between two writes: a place is
 * in use when its owner is not 0, which is written last.
 */

typedef struct {
    uint64_t                     owner;     /* claim; 0: a free place */
    uint64_t                     writer;    /* claim; 0: nobody writes */
    ngx_msec_t                   seen;      /* ngx_current_msec, of writer */
    u_char                       len;
    u_char                       name[NGX_COMMERCE_NAME_MAX];
} ngx_commerce_live_place_t;


typedef struct ngx_commerce_live_block_s  ngx_commerce_live_block_t;

struct ngx_commerce_live_block_s {
    ngx_commerce_live_block_t   *next;
    ngx_atomic_t                 changes;   /* the first block's counts */
    ngx_uint_t                   n;
    ngx_commerce_live_place_t    places[1];
};


static ngx_commerce_live_place_t *ngx_commerce_live_find(
    ngx_commerce_zone_t *zone, ngx_str_t *room);
static ngx_commerce_live_place_t *ngx_commerce_live_add(
    ngx_commerce_zone_t *zone, ngx_str_t *room);
static ngx_commerce_live_block_t *ngx_commerce_live_add_block(
    ngx_commerce_zone_t *zone);
static void ngx_commerce_live_own(ngx_commerce_zone_t *zone,
    ngx_commerce_live_place_t *place, ngx_commerce_claim_t claim);
static ngx_int_t ngx_commerce_live_write(ngx_commerce_live_place_t *place,
    ngx_commerce_claim_t claim);
static ngx_uint_t ngx_commerce_live_dead(ngx_commerce_live_place_t *place);


ngx_commerce_claim_t
ngx_commerce_live_claim(void)
{
    uint64_t         time;
    ngx_time_t      *tp;

    static uint64_t  last;

    tp = ngx_timeofday();
    time = (uint64_t) tp->sec * 1000 + tp->msec;

    last = (time > last) ? time : last + 1;

    return ((uint64_t) ngx_pid << NGX_COMMERCE_CLAIM_TIME_BITS)
           | (last & (((uint64_t) 1 << NGX_COMMERCE_CLAIM_TIME_BITS) - 1));
}


ngx_int_t
ngx_commerce_live_take(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_claim_t claim)
{
    ngx_int_t                   rc;
    ngx_commerce_zone_t        *zone;
    ngx_commerce_live_place_t  *place;

    zone = tenant->zone;

    ngx_commerce_zone_lock(tenant);

    place = ngx_commerce_live_find(zone, room);

    if (place == NULL) {
        place = ngx_commerce_live_add(zone, room);
    }

    if (place) {
        ngx_commerce_live_own(zone, place, claim);
        rc = ngx_commerce_live_write(place, claim);

    } else {
        rc = NGX_OK;
    }

    ngx_commerce_zone_unlock(tenant);

    if (place == NULL) {

        /* a full table must not keep a host out: the source's claim holds */

        ngx_log_error(NGX_LOG_ERR, tenant->log, 0,
                      "commerce \"%V\": no space for another live claim",
                      &tenant->name);
    }

    return rc;
}


ngx_int_t
ngx_commerce_live_check(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_claim_t claim)
{
    ngx_int_t                   rc;
    ngx_commerce_live_place_t  *place;

    ngx_commerce_zone_lock(tenant);

    place = ngx_commerce_live_find(tenant->zone, room);

    if (place == NULL) {
        rc = NGX_OK;

    } else if (place->owner != claim) {
        rc = NGX_DECLINED;

    } else {
        rc = ngx_commerce_live_write(place, claim);
    }

    ngx_commerce_zone_unlock(tenant);

    return rc;
}


void
ngx_commerce_live_leave(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_claim_t claim)
{
    ngx_commerce_live_place_t  *place;

    ngx_commerce_zone_lock(tenant);

    place = ngx_commerce_live_find(tenant->zone, room);

    if (place) {

        if (place->writer == claim) {
            place->writer = 0;
        }

        /*
         * A former owner still on its way out keeps the place: its leaving
         * has to be waited for by whoever comes next.
         */

        if (place->owner == claim && place->writer == 0) {
            place->owner = 0;

        } else if (place->owner == claim) {
            place->owner = place->writer;
        }
    }

    ngx_commerce_zone_unlock(tenant);
}


ngx_atomic_uint_t
ngx_commerce_live_changes(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_live_block_t  *block;

    block = tenant->zone->sh->live;

    return block ? block->changes : 0;
}


static ngx_commerce_live_place_t *
ngx_commerce_live_find(ngx_commerce_zone_t *zone, ngx_str_t *room)
{
    ngx_uint_t                  i;
    ngx_commerce_live_block_t  *block;
    ngx_commerce_live_place_t  *place;

    for (block = zone->sh->live; block; block = block->next) {

        for (i = 0; i < block->n; i++) {
            place = &block->places[i];

            if (place->owner
                && place->len == room->len
                && ngx_memcmp(place->name, room->data, room->len) == 0)
            {
                return place;
            }
        }
    }

    return NULL;
}


/* a free place, with the name in it; it is in use once it has an owner */

static ngx_commerce_live_place_t *
ngx_commerce_live_add(ngx_commerce_zone_t *zone, ngx_str_t *room)
{
    ngx_uint_t                  i;
    ngx_commerce_live_block_t  *block;
    ngx_commerce_live_place_t  *place;

    for (block = zone->sh->live; ; block = block->next) {

        if (block == NULL) {
            block = ngx_commerce_live_add_block(zone);

            if (block == NULL) {
                return NULL;
            }
        }

        for (i = 0; i < block->n; i++) {
            place = &block->places[i];

            if (place->owner == 0) {
                place->writer = 0;
                place->len = (u_char) room->len;
                ngx_memcpy(place->name, room->data, room->len);

                return place;
            }
        }
    }
}


static ngx_commerce_live_block_t *
ngx_commerce_live_add_block(ngx_commerce_zone_t *zone)
{
    ngx_commerce_live_block_t  *block, *last;

    block = ngx_slab_calloc_locked(zone->shpool, NGX_COMMERCE_LIVE_BLOCK);

    if (block == NULL) {
        return NULL;
    }

    block->n = (NGX_COMMERCE_LIVE_BLOCK
                - offsetof(ngx_commerce_live_block_t, places))
               / sizeof(ngx_commerce_live_place_t);

    ngx_memory_barrier();

    if (zone->sh->live == NULL) {
        zone->sh->live = block;
        return block;
    }

    for (last = zone->sh->live; last->next; last = last->next) {
        /* void */
    }

    last->next = block;

    return block;
}


static void
ngx_commerce_live_own(ngx_commerce_zone_t *zone,
    ngx_commerce_live_place_t *place, ngx_commerce_claim_t claim)
{
    ngx_commerce_live_block_t  *first;

    ngx_memory_barrier();

    place->owner = claim;

    first = zone->sh->live;
    (void) ngx_atomic_fetch_add(&first->changes, 1);
}


static ngx_int_t
ngx_commerce_live_write(ngx_commerce_live_place_t *place,
    ngx_commerce_claim_t claim)
{
    if (place->writer != claim
        && place->writer != 0
        && !ngx_commerce_live_dead(place))
    {
        return NGX_AGAIN;
    }

    place->seen = ngx_current_msec;
    place->writer = claim;

    return NGX_OK;
}


static ngx_uint_t
ngx_commerce_live_dead(ngx_commerce_live_place_t *place)
{
    pid_t  pid;

    pid = (pid_t) (place->writer >> NGX_COMMERCE_CLAIM_TIME_BITS);

    if (kill(pid, 0) == -1 && ngx_errno == NGX_ESRCH) {
        return 1;
    }

    /* the number may have gone to another process */

    return (ngx_msec_int_t) (ngx_current_msec - place->seen)
           > NGX_COMMERCE_LIVE_DEAD;
}
