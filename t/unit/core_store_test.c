
/*
 * The store, with a source that the test answers for: what is loaded when, who
 * is told, and what is left when a process dies under the zone's lock.
 */

/* links: src/core/ngx_commerce_zone*.c src/core/ngx_commerce_store.c src/core/ngx_commerce_timer.c src/core/ngx_commerce_load.c src/core/ngx_commerce_cache.c src/core/ngx_commerce_record.c src/core/ngx_commerce_write.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_hash.c */


#include "ngx_shim.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_cache.h"
#include "tap.h"


#define SIZE  (4 * 1024 * 1024)


static ngx_commerce_zone_t    zone;
static ngx_commerce_tenant_t  tenant;
static ngx_shm_zone_t         shm_zone;
static ngx_cycle_t            cycle;
static ngx_pool_t            *pool;
static ngx_uint_t             loads;       /* that the source was asked for */
static ngx_uint_t             woken;

static ngx_str_t              room = ngx_string("r1");
static ngx_str_t              product = ngx_string("p1");


static ngx_int_t
load(ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name)
{
    loads++;

    return NGX_OK;
}


static ngx_commerce_source_t  source = { .load = load };


/* what is lost when records are thrown away was the slab pool's */

int
__lsan_is_turned_off(void)
{
    return 1;
}


void
ngx_slab_init(ngx_slab_pool_t *slab)
{
    slab->pfree = SIZE / 4096;
}


void *
ngx_slab_alloc(ngx_slab_pool_t *slab, size_t size)
{
    return malloc(size);
}


void *
ngx_slab_calloc(ngx_slab_pool_t *slab, size_t size)
{
    return calloc(1, size);
}


static void
wake(void *data)
{
    woken++;
}


static void
start(void)
{
    ngx_slab_pool_t  *sp;

    ngx_pagesize = 4096;
    ngx_queue_init(&ngx_posted_events);
    ngx_cycle = &cycle;
    ngx_current_msec = 1000000;

    pool = ngx_create_pool(4096, &ngx_shim_log);
    cycle.pool = pool;
    cycle.log = &ngx_shim_log;

    shm_zone.shm.addr = calloc(1, SIZE);
    shm_zone.shm.size = SIZE;
    shm_zone.shm.log = &ngx_shim_log;
    shm_zone.data = &tenant;

    sp = (ngx_slab_pool_t *) shm_zone.shm.addr;
    (void) ngx_shmtx_create(&sp->mutex, &sp->lock, NULL);
    ngx_slab_init(sp);

    ngx_str_set(&tenant.name, "t");
    tenant.zone = &zone;
    tenant.zone_size = SIZE;
    tenant.log = &ngx_shim_log;
    tenant.source = &source;
    tenant.fresh = 2500;
    tenant.stale_hosts = 60000;
    tenant.stale_viewers = 60000;

    ok(ngx_commerce_zone_init(&shm_zone, NULL) == NGX_OK
       && ngx_commerce_cache_init_worker(&tenant, &cycle) == NGX_OK, "a zone");
}


/* the source answers with a room of this version and title */

static void
answer(int64_t version, const char *title)
{
    ngx_commerce_room_t    r;
    ngx_commerce_writer_t  w;

    ngx_memzero(&r, sizeof(ngx_commerce_room_t));
    ngx_memzero(&w, sizeof(ngx_commerce_writer_t));

    r.version = version;
    r.title.data = (u_char *) title;
    r.title.len = ngx_strlen(title);
    w.pool = pool;

    ngx_commerce_write_room(&w, &r);
    ngx_commerce_load_done(&tenant, NGX_COMMERCE_ROOM, &room, NGX_OK,
                           w.start, w.pos - w.start);
}


static ngx_int_t
get(ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_wait_t *wait,
    void **record)
{
    return ngx_commerce_store_get(&tenant, kind, name,
                                  NGX_COMMERCE_FOR_VIEWERS, record, wait);
}


static ngx_atomic_uint_t
counter(void)
{
    return *ngx_commerce_zone_version(&zone,
                   ngx_commerce_zone_hash(&zone, NGX_COMMERCE_ROOM, &room));
}


static ngx_int_t
notice(int64_t version)
{
    return ngx_commerce_store_notice(&tenant, NGX_COMMERCE_ROOM, &room,
                                     version);
}


static void
test_load(void)
{
    void                 *record;
    ngx_atomic_uint_t     before;
    ngx_commerce_wait_t   wait;

    ngx_memzero(&wait, sizeof(ngx_commerce_wait_t));
    wait.handler = wake;

    ok(get(NGX_COMMERCE_ROOM, &room, &wait, &record) == NGX_AGAIN
       && loads == 1, "a room is loaded");

    answer(1, "one");
    ok(woken == 1 && get(NGX_COMMERCE_ROOM, &room, &wait, &record) == NGX_OK
       && ((ngx_commerce_room_t *) record)->version == 1, "and held");

    /* what is not told is not current for ever */

    ngx_current_msec += 5000;
    before = counter();

    ok(ngx_commerce_store_peek(&tenant, NGX_COMMERCE_ROOM, &room, &record)
       == NGX_DECLINED, "after a while it may not be current");

    (void) ngx_commerce_store_recheck(&tenant, NGX_COMMERCE_ROOM, &room);
    answer(1, "one");

    ok(counter() == before, "a load that changes nothing is told to nobody");

    ngx_current_msec += 100;
    ok(ngx_commerce_store_peek(&tenant, NGX_COMMERCE_ROOM, &room, &record)
       == NGX_OK, "but who has a copy learns that it was checked");

    (void) ngx_commerce_store_recheck(&tenant, NGX_COMMERCE_ROOM, &room);
    answer(2, "two");
    ok(counter() != before, "one that does is told");
}


static void
test_notices(void)
{
    loads = 0;
    ngx_current_msec += 1000;

    ok(notice(3) == NGX_OK && loads == 1, "a notice has the room loaded");
    ok(notice(3) == NGX_OK && loads == 1, "another joins that load");

    answer(3, "three");
    ok(loads == 1, "which has brought that version: it is not loaded again");
    ok(notice(3) == NGX_OK && loads == 1, "nor by a notice that comes late");

    ok(notice(4) == NGX_OK && loads == 2, "the next version is loaded");
    (void) notice(5);
    answer(4, "four");
    ok(loads == 3, "and once more, if it brought less than was told of");
    answer(5, "five");
    ok(loads == 3, "but not for ever");

    ok(notice(2) == NGX_OK && loads == 4, "a lower version is news");
    (void) notice(2);
    answer(2, "rolled back");
    ok(loads == 5, "of which a load that is under way may know nothing");
    answer(2, "rolled back");

    ngx_current_msec += 1000;
    ok(notice(2) == NGX_OK && loads == 6,
       "the same version, later, may be a room that was made anew");
    answer(2, "anew");

    ok(notice(0) == NGX_OK && loads == 7, "so may be whatever has none");
    answer(2, "anew");

    tenant.stats->subscribed = 1;
    ngx_commerce_store_wrote(&tenant, NGX_COMMERCE_ROOM, &room, 3);
    ok(loads == 7, "what this node wrote is loaded when that is told");

    tenant.stats->subscribed = 0;
    ngx_commerce_store_wrote(&tenant, NGX_COMMERCE_ROOM, &room, 3);
    ok(loads == 8, "at once, if nothing is told");
    answer(3, "written");
}


static void
test_loaded_until(void)
{
    ngx_msec_t  then;

    then = ngx_current_msec;
    ok(ngx_commerce_load_done_until(&tenant, then), "no load, all ended");

    (void) ngx_commerce_store_recheck(&tenant, NGX_COMMERCE_ROOM, &room);
    ngx_current_msec += 10;
    ok(!ngx_commerce_load_done_until(&tenant, then), "one has not ended");
    ok(ngx_commerce_load_done_until(&tenant, then - 1),
       "which was begun later than then");

    answer(3, "written");
    ok(ngx_commerce_load_done_until(&tenant, then), "it has ended");
}


/* of one request that needs both */

static void
test_wait(void)
{
    void                 *record;
    ngx_commerce_wait_t   wait;

    ngx_memzero(&wait, sizeof(ngx_commerce_wait_t));
    wait.handler = wake;

    ok(get(NGX_COMMERCE_ROOM, &room, &wait, &record) == NGX_OK
       && get(NGX_COMMERCE_PRODUCT, &product, &wait, &record) == NGX_AGAIN,
       "a room is held, its product is loaded");

    (void) ngx_commerce_store_recheck(&tenant, NGX_COMMERCE_ROOM, &room);
    ngx_commerce_load_done(&tenant, NGX_COMMERCE_ROOM, &room, NGX_DECLINED,
                           NULL, 0);
    ngx_commerce_zone_set_negative(&zone, NGX_COMMERCE_ROOM, &room, NGX_OK);

    ngx_commerce_load_done(&tenant, NGX_COMMERCE_PRODUCT, &product,
                           NGX_DECLINED, NULL, 0);

    loads = 0;
    ok(get(NGX_COMMERCE_ROOM, &room, &wait, &record) == NGX_AGAIN
       && loads == 1, "what came of the product says nothing of the room");

    answer(1, "again");
    ok(get(NGX_COMMERCE_ROOM, &room, &wait, &record) == NGX_OK,
       "the room says that itself");
}


/* as nginx does when a process is gone that had the lock */

static void
die(void)
{
    (void) ngx_shmtx_force_unlock(&zone.shpool->mutex, ngx_pid);
}


static ngx_uint_t
held(void)
{
    ngx_commerce_zone_usage_t  usage;

    ngx_commerce_zone_usage(&tenant, &usage);

    return usage.held[NGX_COMMERCE_ROOM];
}


static void
test_death(void)
{
    ngx_atomic_uint_t  before;

    before = counter();

    ngx_commerce_zone_read_lock(&tenant);
    die();
    ok(held() == 1 && counter() == before,
       "a process that died while it read has spoilt nothing");

    ngx_commerce_zone_lock(&tenant);
    die();
    ok(held() == 0 && counter() != before,
       "one that died while it changed records: they are loaded anew");
    ok(ngx_strstr(ngx_shim_logged(), "died while it changed the zone"),
       "which is logged");

    (void) get(NGX_COMMERCE_ROOM, &room, NULL, &(void *) { NULL });
    answer(1, "one");
    ok(held() == 1, "and all goes on");
}


int
main(void)
{
    ngx_pid = 4711;

    start();
    test_load();
    test_notices();
    test_loaded_until();
    test_wait();
    test_death();

    return tap_done();
}
