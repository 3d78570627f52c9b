
#include "ngx_commerce_live.h"


/*
 * A claim is the process's number in the high bits and, in the rest, the
 * time when it was made (ms since the epoch, good until the year 2109) or
 * the next number that this process has not used.
 */

#define NGX_COMMERCE_CLAIM_TIME_BITS  42

/* ms without a sign of life, after which a writer is taken for dead */
#define NGX_COMMERCE_LIVE_DEAD        15000

/*
 * us: claims that were made within may come in another order; what is further
 * apart is a source's clock that was set
 */
#define NGX_COMMERCE_LIVE_AT_ONCE     5000000

/* rooms that a node may have live */
#define NGX_COMMERCE_LIVE_PLACES      2048


/*
 * Nothing here is wrong when a process dies between two writes: a place is
 * in use when its owner is not 0, which is written last.
 */

typedef struct {
    uint64_t                     owner;     /* claim; 0: a free place */
    uint64_t                     order;     /* of the owner; 0: not known */
    uint64_t                     writer;    /* claim; 0: nobody writes */
    ngx_msec_t                   seen;      /* ngx_current_msec, of writer */
    u_char                       len;
    u_char                       name[NGX_COMMERCE_NAME_MAX];
} ngx_commerce_live_place_t;


typedef struct {
    ngx_atomic_t                 changes;
    ngx_uint_t                   n;         /* places that ever were in use */
    ngx_commerce_live_place_t    places[NGX_COMMERCE_LIVE_PLACES];
} ngx_commerce_live_sh_t;


struct ngx_commerce_live_s {
    ngx_commerce_live_sh_t      *sh;
    ngx_slab_pool_t             *shpool;    /* its mutex is the lock */
};


static ngx_int_t ngx_commerce_live_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_commerce_live_place_t *ngx_commerce_live_find(
    ngx_commerce_live_sh_t *sh, ngx_str_t *room);
static ngx_commerce_live_place_t *ngx_commerce_live_add(
    ngx_commerce_live_sh_t *sh, ngx_str_t *room);
static ngx_int_t ngx_commerce_live_own(ngx_commerce_live_sh_t *sh,
    ngx_commerce_live_place_t *place, ngx_commerce_claim_t claim,
    uint64_t order);
static ngx_int_t ngx_commerce_live_write(ngx_commerce_live_place_t *place,
    ngx_commerce_claim_t claim);
static ngx_uint_t ngx_commerce_live_left(ngx_commerce_live_place_t *place);
static ngx_uint_t ngx_commerce_live_dead(ngx_commerce_live_place_t *place);
static ngx_uint_t ngx_commerce_live_gone(ngx_commerce_claim_t claim);


char *
ngx_commerce_live_zone(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant)
{
    size_t           size;
    ngx_str_t        name;
    ngx_shm_zone_t  *shm_zone;

    tenant->live = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_live_t));
    if (tenant->live == NULL) {
        return NGX_CONF_ERROR;
    }

    name.len = sizeof("commerce_live:") - 1 + tenant->name.len;
    name.data = ngx_pnalloc(cf->pool, name.len);
    if (name.data == NULL) {
        return NGX_CONF_ERROR;
    }

    (void) ngx_sprintf(name.data, "commerce_live:%V", &tenant->name);

    size = ngx_align(sizeof(ngx_commerce_live_sh_t), ngx_pagesize)
           + 8 * ngx_pagesize;

    shm_zone = ngx_shared_memory_add(cf, &name, size, &ngx_commerce_module);
    if (shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    shm_zone->init = ngx_commerce_live_init_zone;
    shm_zone->data = tenant->live;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_commerce_live_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_commerce_live_t  *live, *former;

    live = shm_zone->data;
    former = data;

    if (former) {
        *live = *former;
        return NGX_OK;
    }

    live->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
    live->sh = ngx_slab_calloc(live->shpool, sizeof(ngx_commerce_live_sh_t));

    return live->sh ? NGX_OK : NGX_ERROR;
}


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
    ngx_commerce_claim_t claim, uint64_t order)
{
    ngx_int_t                   rc;
    ngx_commerce_live_sh_t     *sh;
    ngx_commerce_live_place_t  *place;

    sh = tenant->live->sh;

    ngx_shmtx_lock(&tenant->live->shpool->mutex);

    place = ngx_commerce_live_find(sh, room);

    if (place == NULL) {
        place = ngx_commerce_live_add(sh, room);
    }

    rc = place ? ngx_commerce_live_own(sh, place, claim, order) : NGX_OK;

    ngx_shmtx_unlock(&tenant->live->shpool->mutex);

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

    ngx_shmtx_lock(&tenant->live->shpool->mutex);

    place = ngx_commerce_live_find(tenant->live->sh, room);

    if (place == NULL) {
        rc = NGX_OK;

    } else if (place->owner != claim) {
        rc = NGX_DECLINED;

    } else {
        rc = ngx_commerce_live_write(place, claim);
    }

    ngx_shmtx_unlock(&tenant->live->shpool->mutex);

    return rc;
}


void
ngx_commerce_live_leave(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_claim_t claim)
{
    ngx_commerce_live_place_t  *place;

    ngx_shmtx_lock(&tenant->live->shpool->mutex);

    place = ngx_commerce_live_find(tenant->live->sh, room);

    if (place) {

        if (place->writer == claim) {
            place->writer = 0;
        }

        /*
         * A former owner still on its way out keeps the place: its leaving
         * has to be waited for by whoever comes next.
         */

        if (place->owner == claim) {
            place->order = 0;
            place->owner = place->writer;
        }
    }

    ngx_shmtx_unlock(&tenant->live->shpool->mutex);
}


ngx_atomic_uint_t
ngx_commerce_live_changes(ngx_commerce_tenant_t *tenant)
{
    return tenant->live->sh->changes;
}


static ngx_commerce_live_place_t *
ngx_commerce_live_find(ngx_commerce_live_sh_t *sh, ngx_str_t *room)
{
    ngx_uint_t                  i;
    ngx_commerce_live_place_t  *place;

    for (i = 0; i < sh->n; i++) {
        place = &sh->places[i];

        if (place->owner
            && place->len == room->len
            && ngx_memcmp(place->name, room->data, room->len) == 0)
        {
            return place;
        }
    }

    return NULL;
}


/*
 * A place for the name, which is in it; it is in use once it has an owner.
 * Where none is free, one is looked for whose processes died.
 */

static ngx_commerce_live_place_t *
ngx_commerce_live_add(ngx_commerce_live_sh_t *sh, ngx_str_t *room)
{
    ngx_uint_t                  i;
    ngx_commerce_live_place_t  *place;

    for (i = 0; i < NGX_COMMERCE_LIVE_PLACES; i++) {
        if (sh->places[i].owner == 0) {
            goto found;
        }
    }

    for (i = 0; i < NGX_COMMERCE_LIVE_PLACES; i++) {
        if (ngx_commerce_live_left(&sh->places[i])) {
            goto found;
        }
    }

    return NULL;

found:

    place = &sh->places[i];
    place->owner = 0;

    ngx_memory_barrier();

    sh->n = ngx_max(sh->n, i + 1);

    place->order = 0;
    place->writer = 0;
    place->len = (u_char) room->len;
    ngx_memcpy(place->name, room->data, room->len);

    return place;
}


/* 1 if nobody is there any more who would give the place back */

static ngx_uint_t
ngx_commerce_live_left(ngx_commerce_live_place_t *place)
{
    if (place->writer && !ngx_commerce_live_dead(place)) {
        return 0;
    }

    return place->owner == place->writer
           || ngx_commerce_live_gone(place->owner);
}


static ngx_int_t
ngx_commerce_live_own(ngx_commerce_live_sh_t *sh,
    ngx_commerce_live_place_t *place, ngx_commerce_claim_t claim,
    uint64_t order)
{
    if (order
        && order < place->order
        && place->order - order < NGX_COMMERCE_LIVE_AT_ONCE)
    {
        return NGX_DECLINED;
    }

    place->order = order;

    ngx_memory_barrier();

    place->owner = claim;

    (void) ngx_atomic_fetch_add(&sh->changes, 1);

    return ngx_commerce_live_write(place, claim);
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
    if (ngx_commerce_live_gone(place->writer)) {
        return 1;
    }

    /* the number may have gone to another process */

    return (ngx_msec_int_t) (ngx_current_msec - place->seen)
           > NGX_COMMERCE_LIVE_DEAD;
}


static ngx_uint_t
ngx_commerce_live_gone(ngx_commerce_claim_t claim)
{
    pid_t  pid;

    pid = (pid_t) (claim >> NGX_COMMERCE_CLAIM_TIME_BITS);

    return kill(pid, 0) == -1 && ngx_errno == NGX_ESRCH;
}
