
/*
 * Seats: one writer a room on a node.
 */

/* links: src/core/ngx_commerce_seat.c src/core/ngx_commerce.c */


#include "ngx_shim.h"
#include "ngx_commerce_seat.h"
#include "tap.h"


static ngx_commerce_tenant_t   tenant = { .name = ngx_string("test") };
static ngx_shm_zone_t          shm_zone;
static ngx_slab_pool_t         slab;
static ngx_str_t               room = ngx_string("room");

ngx_module_t                   ngx_commerce_module;


ngx_shm_zone_t *
ngx_shared_memory_add(ngx_conf_t *cf, ngx_str_t *name, size_t size, void *tag)
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


/* the tenant of a configuration; the zone is kept if there was one before */

static ngx_int_t
configure(ngx_pool_t *pool)
{
    void        *former;
    ngx_conf_t   cf = { .pool = pool };

    former = shm_zone.data;

    if (ngx_commerce_seat_zone(&cf, &tenant) != NGX_CONF_OK) {
        return NGX_ERROR;
    }

    return shm_zone.init(&shm_zone, former);
}


static void
test_one_session(void)
{
    ngx_commerce_seat_id_t  claim;

    claim = ngx_commerce_seat_id();

    ok(ngx_commerce_seat_take(&tenant, &room, claim, 0) == NGX_OK,
       "a room that nobody has");
    ok(ngx_commerce_seat_check(&tenant, &room, claim) == NGX_OK, "is kept");

    ngx_commerce_seat_leave(&tenant, &room, claim);
    ngx_commerce_seat_leave(&tenant, &room, claim);
}


static void
test_replacing(void)
{
    ngx_atomic_t          *counter;
    ngx_atomic_uint_t      changes;
    ngx_commerce_seat_id_t  a, b, c;

    a = ngx_commerce_seat_id();
    b = ngx_commerce_seat_id();
    c = ngx_commerce_seat_id();
    ok(a != b && b != c, "claims differ within a millisecond");

    (void) ngx_commerce_seat_take(&tenant, &room, a, 0);
    counter = ngx_commerce_seat_changes(&tenant, &room);
    changes = *counter;

    ok(ngx_commerce_seat_take(&tenant, &room, b, 0) == NGX_AGAIN,
       "the next one waits");
    ok(*counter != changes, "which can be seen");
    ok(ngx_commerce_seat_check(&tenant, &room, a) == NGX_DECLINED,
       "the first has lost the room");
    ok(ngx_commerce_seat_take(&tenant, &room, c, 0) == NGX_AGAIN,
       "a third waits");
    ok(ngx_commerce_seat_check(&tenant, &room, b) == NGX_DECLINED,
       "in place of the second");

    ngx_commerce_seat_leave(&tenant, &room, b);
    ok(ngx_commerce_seat_check(&tenant, &room, c) == NGX_AGAIN,
       "whose leaving changes nothing");

    changes = *counter;
    ngx_commerce_seat_leave(&tenant, &room, a);
    ok(*counter != changes, "the first leaves, which can be seen");
    ok(ngx_commerce_seat_check(&tenant, &room, c) == NGX_OK,
       "and the third writes");

    ngx_commerce_seat_leave(&tenant, &room, c);
}


static void
test_giving_up(void)
{
    ngx_commerce_seat_id_t  a, b, c;

    a = ngx_commerce_seat_id();
    b = ngx_commerce_seat_id();
    c = ngx_commerce_seat_id();

    (void) ngx_commerce_seat_take(&tenant, &room, a, 0);
    (void) ngx_commerce_seat_take(&tenant, &room, b, 0);

    ngx_commerce_seat_leave(&tenant, &room, b);
    ok(ngx_commerce_seat_check(&tenant, &room, a) == NGX_OK,
       "who waits and leaves gives the room back");

    (void) ngx_commerce_seat_take(&tenant, &room, b, 0);
    ngx_commerce_seat_leave(&tenant, &room, b);
    ok(ngx_commerce_seat_take(&tenant, &room, c, 0) == NGX_AGAIN,
       "but the writer is still waited for");

    ngx_commerce_seat_leave(&tenant, &room, a);
    ngx_commerce_seat_leave(&tenant, &room, c);
}


/* Redis made the claims in one order, its answers came in another */

static void
test_order(void)
{
    ngx_commerce_seat_id_t  a, b, c, d;

    a = ngx_commerce_seat_id();
    b = ngx_commerce_seat_id();
    c = ngx_commerce_seat_id();
    d = ngx_commerce_seat_id();

    (void) ngx_commerce_seat_take(&tenant, &room, a, 20000002);

    ok(ngx_commerce_seat_take(&tenant, &room, b, 20000001) == NGX_DECLINED,
       "a claim made before the owner's is too late");
    ok(ngx_commerce_seat_check(&tenant, &room, a) == NGX_OK,
       "and the owner stays");
    ok(ngx_commerce_seat_take(&tenant, &room, b, 20000003) == NGX_AGAIN,
       "one made after it takes the room");
    ok(ngx_commerce_seat_take(&tenant, &room, c, 1) == NGX_AGAIN,
       "so does one made by a clock that was set back");
    ok(ngx_commerce_seat_take(&tenant, &room, d, 0) == NGX_AGAIN,
       "and one that the source knows nothing of");

    ngx_commerce_seat_leave(&tenant, &room, a);
    ngx_commerce_seat_leave(&tenant, &room, d);

    ok(ngx_commerce_seat_take(&tenant, &room, a, 1) == NGX_OK,
       "who has left is not compared with");
    ngx_commerce_seat_leave(&tenant, &room, a);
}


static void
test_reload(ngx_pool_t *pool)
{
    ngx_commerce_seat_id_t  a, b;

    a = ngx_commerce_seat_id();
    b = ngx_commerce_seat_id();

    (void) ngx_commerce_seat_take(&tenant, &room, a, 0);

    ok(configure(pool) == NGX_OK, "configured anew");
    ok(ngx_commerce_seat_take(&tenant, &room, b, 0) == NGX_AGAIN,
       "who wrote before still writes");

    ngx_commerce_seat_leave(&tenant, &room, a);
    ngx_commerce_seat_leave(&tenant, &room, b);
}


/* from now on claims are those of a process that is dead */

static void
die(void)
{
    pid_t  pid;

    pid = fork();

    if (pid == 0) {
        _exit(0);
    }

    (void) waitpid(pid, NULL, 0);

    ngx_pid = pid;
}


static void
test_the_dead(void)
{
    ngx_commerce_seat_id_t  a, b;

    die();
    a = ngx_commerce_seat_id();
    ngx_pid = getpid();

    (void) ngx_commerce_seat_take(&tenant, &room, a, 0);
    b = ngx_commerce_seat_id();
    ok(ngx_commerce_seat_take(&tenant, &room, b, 0) == NGX_OK,
       "a dead process is not waited for");

    a = ngx_commerce_seat_id();
    ok(ngx_commerce_seat_take(&tenant, &room, a, 0) == NGX_AGAIN,
       "a living one is");

    ngx_current_msec += 16000;
    ok(ngx_commerce_seat_check(&tenant, &room, a) == NGX_OK,
       "unless it gave no sign for long");

    ngx_commerce_seat_leave(&tenant, &room, a);
}


static void
test_many(void)
{
    u_char                text[16];
    ngx_str_t             name;
    ngx_uint_t            i, n;
    ngx_commerce_seat_id_t  claims[2048], more;

    name.data = text;
    n = 0;

    for (i = 0; i < 2048; i++) {
        name.len = ngx_sprintf(text, "room-%ui", i) - text;
        claims[i] = ngx_commerce_seat_id();
        n += ngx_commerce_seat_take(&tenant, &name, claims[i], 0) == NGX_OK;
    }

    ok(n == 2048, "two thousand rooms have one each");

    more = ngx_commerce_seat_id();
    ok(ngx_commerce_seat_take(&tenant, &room, more, 0) == NGX_OK
       && ngx_commerce_seat_check(&tenant, &room, more) == NGX_OK,
       "one more is let in");
    ok(strstr(ngx_shim_logged(), "no seat for another room") != NULL,
       "and the log says so");
    ngx_commerce_seat_leave(&tenant, &room, more);

    /* the last of them is left to somebody who dies */

    ngx_commerce_seat_leave(&tenant, &name, claims[2047]);
    die();
    claims[2047] = ngx_commerce_seat_id();
    ngx_pid = getpid();
    (void) ngx_commerce_seat_take(&tenant, &name, claims[2047], 0);

    ok(ngx_commerce_seat_take(&tenant, &room, more, 0) == NGX_OK
       && ngx_commerce_seat_check(&tenant, &name, claims[2047]) == NGX_OK
       && ngx_commerce_seat_take(&tenant, &room, claims[0], 0) == NGX_AGAIN,
       "who died leaves his place to another room");

    ngx_commerce_seat_leave(&tenant, &room, claims[0]);
    ngx_commerce_seat_leave(&tenant, &room, more);

    claims[2047] = ngx_commerce_seat_id();
    (void) ngx_commerce_seat_take(&tenant, &name, claims[2047], 0);

    for (i = 0; i < 2048; i++) {
        name.len = ngx_sprintf(text, "room-%ui", i) - text;
        n += ngx_commerce_seat_check(&tenant, &name, claims[i]) == NGX_OK;
        ngx_commerce_seat_leave(&tenant, &name, claims[i]);
    }

    ok(n == 4096, "they keep them");
}


int
main(void)
{
    ngx_pool_t  *pool;

    ngx_pid = getpid();
    ngx_shim_set_time(1795381328000);
    ngx_cycle->log = &ngx_shim_log;

    pool = ngx_create_pool(1024, &ngx_shim_log);
    tenant.log = &ngx_shim_log;

    if (configure(pool) != NGX_OK) {
        return 1;
    }

    test_one_session();
    test_replacing();
    test_giving_up();
    test_order();
    test_reload(pool);
    test_the_dead();
    test_many();

    ngx_destroy_pool(pool);

    return tap_done();
}
