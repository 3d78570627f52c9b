
/*
 * Live claims of a node: one writer a room.
 */

/* links: src/core/ngx_commerce_live.c */


#include "ngx_shim.h"
#include "ngx_commerce_live.h"
#include "ngx_commerce_zone.h"
#include "tap.h"


static ngx_commerce_zone_sh_t  sh;
static ngx_commerce_zone_t     zone = { .sh = &sh };
static ngx_commerce_tenant_t   tenant = { .zone = &zone };
static ngx_str_t               room = ngx_string("room");


void
ngx_commerce_zone_lock(ngx_commerce_tenant_t *t)
{
}


void
ngx_commerce_zone_unlock(ngx_commerce_tenant_t *t)
{
}


static void
test_one_session(void)
{
    ngx_commerce_claim_t  claim;

    claim = ngx_commerce_live_claim();

    ok(ngx_commerce_live_take(&tenant, &room, claim) == NGX_OK,
       "a room that nobody has");
    ok(ngx_commerce_live_check(&tenant, &room, claim) == NGX_OK, "is kept");

    ngx_commerce_live_leave(&tenant, &room, claim);
    ngx_commerce_live_leave(&tenant, &room, claim);
}


static void
test_replacing(void)
{
    ngx_atomic_uint_t     changes;
    ngx_commerce_claim_t  a, b, c;

    a = ngx_commerce_live_claim();
    b = ngx_commerce_live_claim();
    c = ngx_commerce_live_claim();
    ok(a != b && b != c, "claims differ within a millisecond");

    (void) ngx_commerce_live_take(&tenant, &room, a);
    changes = ngx_commerce_live_changes(&tenant);

    ok(ngx_commerce_live_take(&tenant, &room, b) == NGX_AGAIN,
       "the next one waits");
    ok(ngx_commerce_live_changes(&tenant) != changes, "which can be seen");
    ok(ngx_commerce_live_check(&tenant, &room, a) == NGX_DECLINED,
       "the first has lost the room");
    ok(ngx_commerce_live_take(&tenant, &room, c) == NGX_AGAIN,
       "a third waits");
    ok(ngx_commerce_live_check(&tenant, &room, b) == NGX_DECLINED,
       "in place of the second");

    ngx_commerce_live_leave(&tenant, &room, b);
    ok(ngx_commerce_live_check(&tenant, &room, c) == NGX_AGAIN,
       "whose leaving changes nothing");

    ngx_commerce_live_leave(&tenant, &room, a);
    ok(ngx_commerce_live_check(&tenant, &room, c) == NGX_OK,
       "when the first has left the third writes");

    ngx_commerce_live_leave(&tenant, &room, c);
}


static void
test_giving_up(void)
{
    ngx_commerce_claim_t  a, b, c;

    a = ngx_commerce_live_claim();
    b = ngx_commerce_live_claim();
    c = ngx_commerce_live_claim();

    (void) ngx_commerce_live_take(&tenant, &room, a);
    (void) ngx_commerce_live_take(&tenant, &room, b);

    ngx_commerce_live_leave(&tenant, &room, b);
    ok(ngx_commerce_live_check(&tenant, &room, a) == NGX_OK,
       "who waits and leaves gives the room back");

    (void) ngx_commerce_live_take(&tenant, &room, b);
    ngx_commerce_live_leave(&tenant, &room, b);
    ok(ngx_commerce_live_take(&tenant, &room, c) == NGX_AGAIN,
       "but the writer is still waited for");

    ngx_commerce_live_leave(&tenant, &room, a);
    ngx_commerce_live_leave(&tenant, &room, c);
}


static void
test_the_dead(void)
{
    pid_t                 pid;
    ngx_commerce_claim_t  a, b;

    pid = fork();

    if (pid == 0) {
        _exit(0);
    }

    (void) waitpid(pid, NULL, 0);

    ngx_pid = pid;
    a = ngx_commerce_live_claim();
    ngx_pid = getpid();

    (void) ngx_commerce_live_take(&tenant, &room, a);
    b = ngx_commerce_live_claim();
    ok(ngx_commerce_live_take(&tenant, &room, b) == NGX_OK,
       "a dead process is not waited for");

    a = ngx_commerce_live_claim();
    ok(ngx_commerce_live_take(&tenant, &room, a) == NGX_AGAIN,
       "a living one is");

    ngx_current_msec += 16000;
    ok(ngx_commerce_live_check(&tenant, &room, a) == NGX_OK,
       "unless it gave no sign for long");

    ngx_commerce_live_leave(&tenant, &room, a);
}


static void
test_many(void)
{
    u_char                text[16];
    ngx_str_t             name;
    ngx_uint_t            i, n;
    ngx_commerce_claim_t  claims[1000];

    name.data = text;
    n = 0;

    for (i = 0; i < 1000; i++) {
        name.len = ngx_sprintf(text, "room-%ui", i) - text;
        claims[i] = ngx_commerce_live_claim();
        n += ngx_commerce_live_take(&tenant, &name, claims[i]) == NGX_OK;
    }

    for (i = 0; i < 1000; i++) {
        name.len = ngx_sprintf(text, "room-%ui", i) - text;
        n += ngx_commerce_live_check(&tenant, &name, claims[i]) == NGX_OK;
        ngx_commerce_live_leave(&tenant, &name, claims[i]);
    }

    ok(n == 2000, "a thousand rooms have one each");
}


int
main(void)
{
    ngx_pid = getpid();
    ngx_shim_set_time(1795381328000);

    test_one_session();
    test_replacing();
    test_giving_up();
    test_the_dead();
    test_many();

    return tap_done();
}
