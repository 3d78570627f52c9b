
/*
 * Look-ups of names that nobody knows.
 */

/* links: src/core/ngx_commerce_zone_unknown.c src/core/ngx_commerce_zone.c src/core/ngx_commerce_hash.c */


#include "ngx_shim.h"
#include "ngx_commerce_zone.h"
#include "tap.h"


static ngx_commerce_zone_sh_t  sh;
static ngx_commerce_zone_t     zone = { .sh = &sh };


/* how many of so many look-ups at once are let through */

static ngx_uint_t
lookups(ngx_uint_t n, ngx_uint_t viewers)
{
    ngx_uint_t  taken;

    for (taken = 0; n > 0; n--) {
        taken += ngx_commerce_zone_take_token(&zone, viewers) == NGX_OK;
    }

    return taken;
}


static void
test_limit(void)
{
    ngx_commerce_zone_fill_tokens(&zone);

    ok(lookups(2000, 1) == 750, "viewers who guess are stopped");
    ok(lookups(2000, 0) == 250, "hosts have some look-ups left even then");
    ok(lookups(1, 0) == 0, "but not for ever");

    ngx_current_msec += 100;
    ok(lookups(100, 1) == 0, "the first that come anew are for hosts");
    ok(lookups(100, 0) == 50, "as many as the time makes");

    ngx_current_msec += 1000;
    ok(lookups(2000, 1) == 250, "then viewers have some again");

    ngx_current_msec += 100000;
    ok(lookups(2000, 0) == 1000, "rest makes no more than there were");

    ngx_commerce_zone_return_token(&zone);
    ok(lookups(2, 0) == 1, "what is given back can be taken");
}


static void
test_negative(void)
{
    ngx_str_t  room = ngx_string("room");

    ok(ngx_commerce_zone_negative(&zone, NGX_COMMERCE_ROOM, &room) == NGX_OK,
       "nothing is known of a room");

    ngx_commerce_zone_set_negative(&zone, NGX_COMMERCE_ROOM, &room,
                                   NGX_DECLINED);
    ok(ngx_commerce_zone_negative(&zone, NGX_COMMERCE_ROOM, &room)
       == NGX_DECLINED, "that there is none is remembered");
    ok(ngx_commerce_zone_negative(&zone, NGX_COMMERCE_HOST, &room) == NGX_OK,
       "of a room, not of a host");

    ngx_current_msec += 3000;
    ok(ngx_commerce_zone_negative(&zone, NGX_COMMERCE_ROOM, &room) == NGX_OK,
       "for a moment");

    ngx_commerce_zone_set_negative(&zone, NGX_COMMERCE_ROOM, &room, NGX_ERROR);
    ok(ngx_commerce_zone_negative(&zone, NGX_COMMERCE_ROOM, &room)
       == NGX_ERROR, "that it can't be learned, too");

    ngx_commerce_zone_set_negative(&zone, NGX_COMMERCE_ROOM, &room, NGX_OK);
    ok(ngx_commerce_zone_negative(&zone, NGX_COMMERCE_ROOM, &room) == NGX_OK,
       "until something is known");
}


int
main(void)
{
    ngx_shim_set_time(1795381328000);

    test_limit();
    test_negative();

    return tap_done();
}
