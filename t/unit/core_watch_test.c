
/*
 * Watches: handlers that are called when what they watch has changed, and begin
 * and end watches meanwhile.
 */

/* links: src/core/ngx_commerce_watch.c src/core/ngx_commerce_timer.c src/core/ngx_commerce.c */


#include "ngx_shim.h"
#include <ngx_event.h>
#include "ngx_commerce_stats.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_watch.h"
#include "tap.h"


#define WATCHES  4


typedef struct {
    ngx_commerce_watch_t  watch;
    ngx_uint_t            calls;
    void                (*then)(void);     /* what the handler does besides */
} watcher_t;


static ngx_commerce_stats_t   stats;
static ngx_commerce_tenant_t  tenant = { .name = ngx_string("test"),
                                         .stats = &stats };
static ngx_str_t              demo = ngx_string("demo");
static ngx_str_t              shop = ngx_string("shop");

static ngx_atomic_t           counters[3];
static watcher_t              w[WATCHES];
static ngx_uint_t             got, rechecked;


/* the store: demo and shop, the room, share a counter, others have one */

ngx_atomic_t *
ngx_commerce_store_counter(ngx_commerce_tenant_t *t, ngx_commerce_kind_e kind,
    ngx_str_t *name)
{
    return &counters[kind == NGX_COMMERCE_ROOM ? 0 : 1];
}


ngx_int_t
ngx_commerce_store_get(ngx_commerce_tenant_t *t, ngx_commerce_kind_e kind,
    ngx_str_t *name, ngx_commerce_purpose_e purpose, void **record,
    ngx_commerce_wait_t *wait)
{
    got++;

    return NGX_ERROR;
}


ngx_int_t
ngx_commerce_store_recheck(ngx_commerce_tenant_t *t, ngx_commerce_kind_e kind,
    ngx_str_t *name)
{
    rechecked++;

    return NGX_OK;
}


static void
called(void *data)
{
    watcher_t *watcher = data;

    watcher->calls++;

    if (watcher->then) {
        watcher->then();
    }
}


/* one turn of the event loop, so many ms later */

static void
turn(ngx_msec_t ms)
{
    ngx_current_msec += ms;

    ngx_event_expire_timers();
    ngx_event_move_posted_next((ngx_cycle_t *) ngx_cycle);
    ngx_event_process_posted((ngx_cycle_t *) ngx_cycle, &ngx_posted_events);
}


static void
begin(ngx_uint_t i, ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_memzero(&w[i], sizeof(watcher_t));

    w[i].watch.handler = called;
    w[i].watch.data = &w[i];

    ok(ngx_commerce_watch_record(&w[i].watch, &tenant, kind, name) == NGX_OK,
       "watch %u begins", (unsigned) i);
}


static void
end_all(void)
{
    ngx_uint_t  i;

    for (i = 0; i < WATCHES; i++) {
        ngx_commerce_watch_end(&w[i].watch);
    }
}


/* so many calls of each since the last time */

static void
are_called(ngx_uint_t a, ngx_uint_t b, ngx_uint_t c, ngx_uint_t d,
    const char *what)
{
    ngx_uint_t  i, wanted[WATCHES] = { a, b, c, d };

    for (i = 0; i < WATCHES; i++) {
        if (w[i].calls != wanted[i]) {
            break;
        }
    }

    ok(i == WATCHES, "%s: %u %u %u %u", what, (unsigned) w[0].calls,
       (unsigned) w[1].calls, (unsigned) w[2].calls, (unsigned) w[3].calls);

    for (i = 0; i < WATCHES; i++) {
        w[i].calls = 0;
    }
}


static void
test_changes(void)
{
    ngx_str_t  bad = ngx_string("no name");

    begin(0, NGX_COMMERCE_ROOM, &demo);
    begin(1, NGX_COMMERCE_ROOM, &demo);
    begin(2, NGX_COMMERCE_HOST, &demo);
    are_called(0, 0, 0, 0, "nobody is called from within");

    turn(100);
    are_called(1, 1, 1, 0, "each is called when it has begun");

    turn(100);
    are_called(0, 0, 0, 0, "and not again when nothing changes");

    counters[0]++;
    turn(100);
    are_called(1, 1, 0, 0, "a change calls those who watch it");

    counters[0]++;
    counters[0]++;
    turn(50);
    are_called(0, 0, 0, 0, "within a tenth of a second");
    turn(50);
    are_called(1, 1, 0, 0, "once for two changes");

    counters[1]++;
    ngx_commerce_watch_soon();
    turn(0);
    are_called(0, 0, 1, 0, "at once when this worker says so");

    ngx_commerce_watch_end(&w[0].watch);
    ngx_commerce_watch_end(&w[0].watch);
    counters[0]++;
    turn(100);
    are_called(0, 1, 0, 0, "who has ended is not called");

    ok(ngx_commerce_watch_record(&w[0].watch, &tenant, NGX_COMMERCE_ROOM, &bad)
       == NGX_ERROR, "a name that breaks the rules is not watched");

    ngx_shim_fail_alloc(1);
    ok(ngx_commerce_watch_record(&w[0].watch, &tenant, NGX_COMMERCE_ROOM,
                                 &shop)
       == NGX_ERROR, "nor one without memory");
    ngx_commerce_watch_end(&w[0].watch);

    end_all();
}


static void
test_counters(void)
{
    ngx_memzero(&w[0], sizeof(watcher_t));

    w[0].watch.handler = called;
    w[0].watch.data = &w[0];

    ok(ngx_commerce_watch_counter(&w[0].watch, &counters[2]) == NGX_OK,
       "a counter that is no record's");
    turn(100);
    are_called(1, 0, 0, 0, "begins alike");

    counters[2]++;
    turn(100);
    are_called(1, 0, 0, 0, "its changes are told");

    end_all();
}


static void
end_both(void)
{
    ngx_commerce_watch_end(&w[0].watch);
    ngx_commerce_watch_end(&w[1].watch);
}


static void
begin_again(void)
{
    ngx_commerce_watch_end(&w[0].watch);
    (void) ngx_commerce_watch_record(&w[0].watch, &tenant, NGX_COMMERCE_ROOM,
                                     &demo);
}


static void
begin_another(void)
{
    if (w[2].watch.watched == NULL) {
        w[2].watch.handler = called;
        w[2].watch.data = &w[2];
        (void) ngx_commerce_watch_record(&w[2].watch, &tenant,
                                         NGX_COMMERCE_ROOM, &demo);
    }
}


static void
change(void)
{
    counters[0]++;
}


static void
test_handlers(void)
{
    begin(0, NGX_COMMERCE_ROOM, &demo);
    begin(1, NGX_COMMERCE_ROOM, &demo);
    turn(100);
    are_called(1, 1, 0, 0, "two watch a room");

    w[0].then = end_both;
    counters[0]++;
    turn(100);
    are_called(1, 0, 0, 0, "one ends both while they are called");
    counters[0]++;
    turn(100);
    are_called(0, 0, 0, 0, "nobody is left");
    ok(ngx_event_no_timers_left() == NGX_OK
       && ngx_event_timer_rbtree.root == ngx_event_timer_rbtree.sentinel,
       "nor the timer");

    begin(0, NGX_COMMERCE_ROOM, &demo);
    begin(1, NGX_COMMERCE_ROOM, &demo);
    turn(100);
    are_called(1, 1, 0, 0, "two watch it");

    w[0].then = begin_again;
    counters[0]++;
    turn(100);
    are_called(1, 1, 0, 0, "one that begins anew when called");
    turn(100);
    are_called(1, 0, 0, 0, "is called once a turn, not for ever in one");
    w[0].then = NULL;
    turn(100);
    are_called(1, 0, 0, 0, "and then no more");
    turn(100);
    are_called(0, 0, 0, 0, "when it stops that");

    ngx_memzero(&w[2], sizeof(watcher_t));
    w[1].then = begin_another;
    counters[0]++;
    turn(100);
    are_called(1, 1, 0, 0, "one begins another");
    turn(100);
    are_called(0, 0, 1, 0, "which is called the next time");
    w[1].then = NULL;

    w[0].then = change;
    counters[0]++;
    turn(100);
    are_called(1, 1, 1, 0, "a change while they are called");
    w[0].then = NULL;
    turn(100);
    are_called(1, 1, 1, 0, "is told the next time");

    end_all();
}


static void
test_refreshing(void)
{
    begin(0, NGX_COMMERCE_ROOM, &demo);
    begin(1, NGX_COMMERCE_ROOM, &demo);
    begin(2, NGX_COMMERCE_ROOM, &shop);
    turn(100);

    stats.subscribed = 1;
    got = 0;
    rechecked = 0;
    turn(900);
    ok(got == 2 && rechecked == 0,
       "each second a record is used, once for all who watch it");

    stats.subscribed = 0;
    turn(500);
    ok(rechecked == 0, "not sooner");
    turn(500);
    ok(got == 2 && rechecked == 2, "without a subscription it is loaded anew");

    end_all();
}


int
main(void)
{
    ngx_shim_set_time(1795381328000);

    ngx_cycle->log = &ngx_shim_log;

    ngx_event_timer_init(&ngx_shim_log);
    ngx_queue_init(&ngx_posted_events);
    ngx_queue_init(&ngx_posted_next_events);

    test_changes();
    test_counters();
    test_handlers();
    test_refreshing();

    return tap_done();
}
