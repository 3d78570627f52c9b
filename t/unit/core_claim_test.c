
/*
 * Claims: made at the source, then by a seat; granted once, lost once.
 */

/* links: src/core/ngx_commerce_claim.c src/core/ngx_commerce_seat.c src/core/ngx_commerce_watch.c src/core/ngx_commerce_timer.c src/core/ngx_commerce.c */


#include "ngx_shim.h"
#include "ngx_commerce_claim.h"
#include "ngx_commerce_stats.h"
#include "ngx_commerce_store.h"
#include "tap.h"


typedef struct {
    ngx_commerce_claim_t  *claim;
    ngx_str_t             *said;      /* by the handler; NULL: nothing */
    ngx_uint_t             release;   /* when it is lost */
} session_t;


static void *source_claim(ngx_commerce_claim_t *claim);
static void source_release(void *sourced);


static ngx_commerce_source_t  source = { .claim = source_claim,
                                         .release = source_release };
static ngx_commerce_stats_t   stats = { .subscribed = 1 };
static ngx_commerce_tenant_t  tenant = { .name = ngx_string("test"),
                                         .node = ngx_string("edge"),
                                         .stats = &stats,
                                         .source = &source };
static ngx_str_t              name = ngx_string("demo");
static ngx_commerce_room_t    room;
static ngx_atomic_t           version;

static ngx_shm_zone_t         shm_zone;
static ngx_slab_pool_t        slab;
static ngx_uint_t             away, sourced;

ngx_module_t                  ngx_commerce_module;


/* a source that is told what to say by the test */

static void *
source_claim(ngx_commerce_claim_t *claim)
{
    sourced++;

    if (away) {
        ngx_commerce_claim_away(claim);
    }

    return &sourced;
}


static void
source_release(void *data)
{
    (*(ngx_uint_t *) data)--;
}


ngx_atomic_t *
ngx_commerce_store_counter(ngx_commerce_tenant_t *t, ngx_commerce_kind_e kind,
    ngx_str_t *n)
{
    return &version;
}


ngx_int_t
ngx_commerce_store_get(ngx_commerce_tenant_t *t, ngx_commerce_kind_e kind,
    ngx_str_t *n, ngx_commerce_purpose_e purpose, void **record,
    ngx_commerce_wait_t *wait)
{
    return NGX_ERROR;
}


ngx_int_t
ngx_commerce_store_recheck(ngx_commerce_tenant_t *t, ngx_commerce_kind_e kind,
    ngx_str_t *n)
{
    return NGX_OK;
}


ngx_int_t
ngx_commerce_store_held(ngx_commerce_tenant_t *t, ngx_commerce_kind_e kind,
    ngx_str_t *n, void **record)
{
    *record = &room;

    return NGX_OK;
}


/* shared memory that is shared by nobody */

ngx_shm_zone_t *
ngx_shared_memory_add(ngx_conf_t *cf, ngx_str_t *n, size_t size, void *tag)
{
    slab.mutex.spin = (ngx_uint_t) -1;
    (void) ngx_shmtx_create(&slab.mutex, &slab.lock, NULL);

    shm_zone.shm.addr = (u_char *) &slab;
    (void) ngx_shmtx_create(&slab.mutex, &slab.lock, NULL);

    return &shm_zone;
}


void *
ngx_slab_calloc(ngx_slab_pool_t *pool, size_t size)
{
    static u_char  memory[256 * 1024];

    return size <= sizeof(memory) ? memory : NULL;
}


static void
handler(void *data, ngx_commerce_reason_e reason)
{
    session_t *session = data;

    session->said = ngx_commerce_reason(reason);

    if (reason != NGX_COMMERCE_ALLOWED && session->release) {
        ngx_commerce_claim_release(session->claim);
        session->claim = NULL;
    }
}


static void
take(session_t *session)
{
    ngx_memzero(session, sizeof(session_t));

    session->claim = ngx_commerce_claim_take(&tenant, &name, 60000, handler,
                                             session);

    ok(session->claim != NULL && session->said == NULL,
       "a claim, of which nothing is said from within");
}


static void
turn(ngx_msec_t ms)
{
    ngx_current_msec += ms;

    ngx_event_expire_timers();
    ngx_event_move_posted_next((ngx_cycle_t *) ngx_cycle);
    ngx_event_process_posted((ngx_cycle_t *) ngx_cycle, &ngx_posted_events);
}


static void
says(session_t *session, const char *wanted, const char *what)
{
    ngx_str_t  none = ngx_string("nothing"), *said;

    said = session->said ? session->said : &none;
    session->said = NULL;

    is_text(*said, wanted, "%s", what);
}


static void
release(session_t *session)
{
    ngx_commerce_claim_release(session->claim);
    session->claim = NULL;
}


static void
test_source(void)
{
    session_t  a;

    take(&a);
    turn(100);
    says(&a, "nothing", "the source is waited for");
    ngx_commerce_claim_made(a.claim, 7, 1);
    says(&a, "allowed", "it was made");
    ngx_commerce_claim_made(a.claim, 8, 2);
    ngx_commerce_claim_away(a.claim);
    turn(2000);
    says(&a, "nothing", "what comes of it later is no news");
    ngx_commerce_claim_lost(a.claim, NGX_COMMERCE_REPLACED);
    says(&a, "replaced", "but that another has the room");
    ngx_commerce_claim_lost(a.claim, NGX_COMMERCE_REPLACED);
    says(&a, "nothing", "which is said once");
    release(&a);
    ok(sourced == 0, "the source is told of its end");

    take(&a);
    ngx_commerce_claim_lost(a.claim, NGX_COMMERCE_ROOM_TAKEN);
    says(&a, "room_taken", "it was refused");
    turn(2000);
    says(&a, "nothing", "for good");
    release(&a);

    take(&a);
    turn(1600);
    says(&a, "allowed", "a source that does not answer holds nobody up");
    release(&a);

    away = 1;
    take(&a);
    turn(0);
    says(&a, "allowed", "nor does one that is away");
    release(&a);
    away = 0;

    take(&a);
    release(&a);
    turn(2000);
    says(&a, "nothing", "who has left hears nothing");
}


static void
test_seat(void)
{
    session_t  a, b, c;

    take(&a);
    ngx_commerce_claim_made(a.claim, 1, 10000001);
    says(&a, "allowed", "one writes");

    take(&b);
    ngx_commerce_claim_made(b.claim, 2, 10000002);
    says(&b, "nothing", "the next one waits for him to leave");
    turn(0);
    says(&a, "replaced", "as he is told at once in the same worker");
    turn(100);
    says(&b, "nothing", "until he has left");
    release(&a);
    turn(0);
    says(&b, "allowed", "then it is his");

    take(&a);
    take(&c);
    ngx_commerce_claim_made(c.claim, 4, 10000004);
    ngx_commerce_claim_made(a.claim, 3, 10000003);
    says(&a, "replaced", "one that the source made earlier comes too late");
    release(&a);

    turn(100);
    says(&b, "replaced", "the writer is told");
    turn(1500);
    says(&c, "room_taken", "one who does not leave is not waited for for ever");
    release(&c);

    take(&c);
    ngx_commerce_claim_made(c.claim, 5, 10000005);
    b.release = 1;
    turn(100);
    says(&b, "nothing", "he has been told");
    release(&b);
    turn(100);
    says(&c, "allowed", "at last he leaves");

    c.release = 1;
    take(&a);
    ngx_commerce_claim_made(a.claim, 6, 10000006);
    turn(100);
    turn(0);
    says(&c, "replaced", "one who leaves when he is told");
    says(&a, "allowed", "is followed at once");
    release(&a);
    ok(sourced == 0, "all of them were given up at the source");
}


/* another node has the room: the record says so */

static void
test_room(void)
{
    session_t  a;

    take(&a);
    ngx_commerce_claim_made(a.claim, 20, 1);
    says(&a, "allowed", "the room is had here");

    room.version = 20;
    room.holder = a.claim->text;
    version++;
    turn(100);
    says(&a, "nothing", "as the record says");
    ok(a.claim->text.len == sizeof("edge/") - 1 + 16, "by node and seat");

    room.version = 19;
    ngx_str_set(&room.holder, "other/1");
    version++;
    turn(100);
    says(&a, "nothing", "an older record says nothing");

    room.version = 21;
    ngx_str_null(&room.holder);
    version++;
    turn(100);
    says(&a, "nothing", "nor does one without a holder");

    ngx_commerce_claim_away(a.claim);
    ngx_str_set(&room.holder, "other/1");
    version++;
    turn(100);
    says(&a, "nothing", "nor one of a source that lost the claim");

    ngx_commerce_claim_made(a.claim, 21, 2);
    version++;
    turn(100);
    says(&a, "replaced", "a later one with another holder does");
    release(&a);
}


int
main(void)
{
    ngx_conf_t   cf;
    ngx_pool_t  *pool;

    ngx_pid = getpid();
    ngx_cycle->log = &ngx_shim_log;
    ngx_shim_set_time(1795381328000);

    ngx_event_timer_init(&ngx_shim_log);
    ngx_queue_init(&ngx_posted_events);
    ngx_queue_init(&ngx_posted_next_events);

    pool = ngx_create_pool(1024, &ngx_shim_log);
    tenant.log = &ngx_shim_log;

    ngx_memzero(&cf, sizeof(ngx_conf_t));
    cf.pool = pool;

    if (ngx_commerce_seat_zone(&cf, &tenant) != NGX_CONF_OK
        || shm_zone.init(&shm_zone, NULL) != NGX_OK)
    {
        return 1;
    }

    test_source();
    test_seat();
    test_room();

    ngx_destroy_pool(pool);

    return tap_done();
}
