
#include "ngx_commerce_seat.h"


/*
 * An id is the process's number in the high bits and, in the rest, the time
 * when it was made (ms since the epoch, good until the year 2109) or the next
 * number that this process has not used.
 */

#define NGX_COMMERCE_SEAT_TIME_BITS  42

/* ms without a sign of life, after which a writer is taken for dead */
#define NGX_COMMERCE_SEAT_DEAD        15000

/*
 * us: claims that were made within may come in another order; what is further
 * apart is a source's clock that was set
 */
#define NGX_COMMERCE_SEAT_AT_ONCE     5000000

/* rooms that may be published on a node */
#define NGX_COMMERCE_SEATS            2048

/* raised whenever seats change: as NGX_COMMERCE_ZONE_LAYOUT */
#define NGX_COMMERCE_SEAT_LAYOUT      1


/*
 * Nothing here is wrong when a process dies between two writes: a seat is
 * in use when its owner is not 0, which is written last.
 */

typedef struct {
    uint64_t                     owner;     /* id; 0: a free seat */
    uint64_t                     order;     /* of the owner; 0: not known */
    uint64_t                     writer;    /* id; 0: nobody writes */
    ngx_msec_t                   seen;      /* ngx_current_msec, of writer */
    ngx_atomic_t                 changes;   /* of owner, or the writer left */
    u_char                       len;
    u_char                       name[NGX_COMMERCE_NAME_MAX];
} ngx_commerce_seat_t;


typedef struct {
    ngx_uint_t                   n;         /* seats that ever were in use */
    ngx_commerce_seat_t          seats[NGX_COMMERCE_SEATS];
} ngx_commerce_seats_sh_t;


struct ngx_commerce_seats_s {
    ngx_commerce_seats_sh_t     *sh;
    ngx_slab_pool_t             *shpool;    /* its mutex is the lock */
};


static ngx_int_t ngx_commerce_seat_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_commerce_seat_t *ngx_commerce_seat_find(
    ngx_commerce_seats_sh_t *sh, ngx_str_t *room);
static ngx_commerce_seat_t *ngx_commerce_seat_add(
    ngx_commerce_seats_sh_t *sh, ngx_str_t *room);
static ngx_int_t ngx_commerce_seat_own(ngx_commerce_seat_t *seat,
    ngx_commerce_seat_id_t id, uint64_t order);
static ngx_int_t ngx_commerce_seat_write(ngx_commerce_seat_t *seat,
    ngx_commerce_seat_id_t id);
static ngx_uint_t ngx_commerce_seat_left(ngx_commerce_seat_t *seat);
static ngx_uint_t ngx_commerce_seat_dead(ngx_commerce_seat_t *seat);
static ngx_uint_t ngx_commerce_seat_gone(ngx_commerce_seat_id_t id);


char *
ngx_commerce_seat_zone(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant)
{
    size_t           size;
    ngx_str_t        name;
    ngx_shm_zone_t  *shm_zone;

    tenant->seats = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_seats_t));
    if (tenant->seats == NULL) {
        return NGX_CONF_ERROR;
    }

    name.data = ngx_pnalloc(cf->pool, sizeof("commerce_seats::")
                                      + tenant->name.len + NGX_INT_T_LEN);
    if (name.data == NULL) {
        return NGX_CONF_ERROR;
    }

    name.len = ngx_sprintf(name.data, "commerce_seats:%V:%d", &tenant->name,
                           NGX_COMMERCE_SEAT_LAYOUT)
               - name.data;

    size = ngx_align(sizeof(ngx_commerce_seats_sh_t), ngx_pagesize)
           + 8 * ngx_pagesize;

    shm_zone = ngx_shared_memory_add(cf, &name, size, &ngx_commerce_module);
    if (shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    shm_zone->init = ngx_commerce_seat_init_zone;
    shm_zone->data = tenant->seats;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_commerce_seat_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_commerce_seats_t  *seats, *former;

    seats = shm_zone->data;
    former = data;

    if (former) {
        *seats = *former;
        return NGX_OK;
    }

    seats->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;
    seats->sh = ngx_slab_calloc(seats->shpool, sizeof(ngx_commerce_seats_sh_t));

    return seats->sh ? NGX_OK : NGX_ERROR;
}


ngx_commerce_seat_id_t
ngx_commerce_seat_id(void)
{
    uint64_t         time;
    ngx_time_t      *tp;

    static uint64_t  last;

    tp = ngx_timeofday();
    time = (uint64_t) tp->sec * 1000 + tp->msec;

    last = (time > last) ? time : last + 1;

    return ((uint64_t) ngx_pid << NGX_COMMERCE_SEAT_TIME_BITS)
           | (last & (((uint64_t) 1 << NGX_COMMERCE_SEAT_TIME_BITS) - 1));
}


ngx_int_t
ngx_commerce_seat_take(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t id, uint64_t order)
{
    ngx_int_t                 rc;
    ngx_commerce_seat_t      *seat;
    ngx_commerce_seats_sh_t  *sh;

    sh = tenant->seats->sh;

    ngx_shmtx_lock(&tenant->seats->shpool->mutex);

    seat = ngx_commerce_seat_find(sh, room);

    if (seat == NULL) {
        seat = ngx_commerce_seat_add(sh, room);
    }

    rc = seat ? ngx_commerce_seat_own(seat, id, order) : NGX_OK;

    ngx_shmtx_unlock(&tenant->seats->shpool->mutex);

    if (seat == NULL) {

        /* a full table must not keep a host out: the source's claim holds */

        ngx_log_error(NGX_LOG_ERR, tenant->log, 0,
                      "commerce \"%V\": no seat for another room",
                      &tenant->name);
    }

    return rc;
}


ngx_int_t
ngx_commerce_seat_check(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t id)
{
    ngx_int_t             rc;
    ngx_commerce_seat_t  *seat;

    ngx_shmtx_lock(&tenant->seats->shpool->mutex);

    seat = ngx_commerce_seat_find(tenant->seats->sh, room);

    if (seat == NULL) {
        rc = NGX_OK;

    } else if (seat->owner != id) {
        rc = NGX_DECLINED;

    } else {
        rc = ngx_commerce_seat_write(seat, id);
    }

    ngx_shmtx_unlock(&tenant->seats->shpool->mutex);

    return rc;
}


void
ngx_commerce_seat_leave(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t id)
{
    ngx_commerce_seat_t  *seat;

    ngx_shmtx_lock(&tenant->seats->shpool->mutex);

    seat = ngx_commerce_seat_find(tenant->seats->sh, room);

    if (seat) {

        if (seat->writer == id) {
            seat->writer = 0;
        }

        /*
         * A former owner still on its way out keeps the seat: its leaving
         * has to be waited for by whoever comes next.
         */

        if (seat->owner == id) {
            seat->order = 0;
            seat->owner = seat->writer;
        }

        (void) ngx_atomic_fetch_add(&seat->changes, 1);
    }

    ngx_shmtx_unlock(&tenant->seats->shpool->mutex);
}


/*
 * As long as anybody has a room's seat the room keeps it; the counter goes on
 * with the next room.
 */

ngx_atomic_t *
ngx_commerce_seat_changes(ngx_commerce_tenant_t *tenant, ngx_str_t *room)
{
    ngx_commerce_seat_t  *seat;

    ngx_shmtx_lock(&tenant->seats->shpool->mutex);

    seat = ngx_commerce_seat_find(tenant->seats->sh, room);

    ngx_shmtx_unlock(&tenant->seats->shpool->mutex);

    return seat ? &seat->changes : NULL;
}


static ngx_commerce_seat_t *
ngx_commerce_seat_find(ngx_commerce_seats_sh_t *sh, ngx_str_t *room)
{
    ngx_uint_t            i;
    ngx_commerce_seat_t  *seat;

    for (i = 0; i < sh->n; i++) {
        seat = &sh->seats[i];

        if (seat->owner
            && seat->len == room->len
            && ngx_memcmp(seat->name, room->data, room->len) == 0)
        {
            return seat;
        }
    }

    return NULL;
}


/*
 * A seat for the name, which is in it; it is in use once it has an owner.
 * Where none is free, one is looked for whose processes died.
 */

static ngx_commerce_seat_t *
ngx_commerce_seat_add(ngx_commerce_seats_sh_t *sh, ngx_str_t *room)
{
    ngx_uint_t            i;
    ngx_commerce_seat_t  *seat;

    for (i = 0; i < NGX_COMMERCE_SEATS; i++) {
        if (sh->seats[i].owner == 0) {
            goto found;
        }
    }

    for (i = 0; i < NGX_COMMERCE_SEATS; i++) {
        if (ngx_commerce_seat_left(&sh->seats[i])) {
            goto found;
        }
    }

    return NULL;

found:

    seat = &sh->seats[i];
    seat->owner = 0;

    ngx_memory_barrier();

    sh->n = ngx_max(sh->n, i + 1);

    seat->order = 0;
    seat->writer = 0;
    seat->len = (u_char) room->len;
    ngx_memcpy(seat->name, room->data, room->len);

    return seat;
}


/* 1 if nobody is there any more who would give the seat back */

static ngx_uint_t
ngx_commerce_seat_left(ngx_commerce_seat_t *seat)
{
    if (seat->writer && !ngx_commerce_seat_dead(seat)) {
        return 0;
    }

    return seat->owner == seat->writer
           || ngx_commerce_seat_gone(seat->owner);
}


static ngx_int_t
ngx_commerce_seat_own(ngx_commerce_seat_t *seat, ngx_commerce_seat_id_t id,
    uint64_t order)
{
    if (order
        && order < seat->order
        && seat->order - order < NGX_COMMERCE_SEAT_AT_ONCE)
    {
        return NGX_DECLINED;
    }

    seat->order = order;

    ngx_memory_barrier();

    seat->owner = id;

    (void) ngx_atomic_fetch_add(&seat->changes, 1);

    return ngx_commerce_seat_write(seat, id);
}


static ngx_int_t
ngx_commerce_seat_write(ngx_commerce_seat_t *seat,
    ngx_commerce_seat_id_t id)
{
    if (seat->writer != id
        && seat->writer != 0
        && !ngx_commerce_seat_dead(seat))
    {
        return NGX_AGAIN;
    }

    seat->seen = ngx_current_msec;
    seat->writer = id;

    return NGX_OK;
}


static ngx_uint_t
ngx_commerce_seat_dead(ngx_commerce_seat_t *seat)
{
    if (ngx_commerce_seat_gone(seat->writer)) {
        return 1;
    }

    /* the number may have gone to another process */

    return (ngx_msec_int_t) (ngx_current_msec - seat->seen)
           > NGX_COMMERCE_SEAT_DEAD;
}


static ngx_uint_t
ngx_commerce_seat_gone(ngx_commerce_seat_id_t id)
{
    return ngx_commerce_process_gone(
                               (ngx_pid_t) (id >> NGX_COMMERCE_SEAT_TIME_BITS));
}
