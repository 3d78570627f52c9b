
/*
 * Rooms whose playlists passed have a place each, until there are too many:
 * then the one that was seen longest ago goes.
 */

/* links: src/core/ngx_commerce_passed.c src/core/ngx_commerce_hash.c */


#include "ngx_commerce_passed.h"
#include "tap.h"


static ngx_commerce_passed_t  passed;


static void
add(const char *room, ngx_commerce_hls_outcome_e outcome, ngx_msec_t now)
{
    ngx_str_t  name;

    name.data = (u_char *) room;
    name.len = strlen(room);

    ngx_commerce_passed_add(&passed, &name, outcome, now);
}


/* how many of a room; its place is the only one of that name */

static ngx_uint_t
count(const char *name, ngx_commerce_hls_outcome_e outcome)
{
    ngx_uint_t                  i, n, places;
    ngx_commerce_passed_room_t  room;

    n = 0;
    places = 0;

    for (i = 0; i < NGX_COMMERCE_PASSED_ROOMS; i++) {

        if (ngx_commerce_passed_get(&passed, i, &room) == NGX_OK
            && room.len == strlen(name)
            && memcmp(room.name, name, room.len) == 0)
        {
            n = room.counts[outcome];
            places++;
        }
    }

    return places > 1 ? 1000000 : n;
}


int
main(void)
{
    char         name[100];
    ngx_msec_t   now;
    ngx_uint_t   i;

    now = 5000;

    ok(count("demo", NGX_COMMERCE_HLS_ENCODED) == 0, "nothing at first");

    add("demo", NGX_COMMERCE_HLS_ENCODED, now);
    add("demo", NGX_COMMERCE_HLS_ENCODED, now);
    add("demo", NGX_COMMERCE_HLS_NO_CLOCK, now);
    add("dem", NGX_COMMERCE_HLS_ENCODED, now);

    ok(count("demo", NGX_COMMERCE_HLS_ENCODED) == 2, "a room");
    ok(count("demo", NGX_COMMERCE_HLS_NO_CLOCK) == 1, "... for another reason");
    ok(count("dem", NGX_COMMERCE_HLS_ENCODED) == 1, "another room");

    memset(name, 'x', sizeof(name) - 1);
    name[NGX_COMMERCE_NAME_MAX] = '\0';
    add(name, NGX_COMMERCE_HLS_ENCODED, now);
    ok(count(name, NGX_COMMERCE_HLS_ENCODED) == 1, "the longest name");

    memset(name, 'y', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    add(name, NGX_COMMERCE_HLS_ENCODED, now);
    add("", NGX_COMMERCE_HLS_ENCODED, now);
    ok(count(name, NGX_COMMERCE_HLS_ENCODED) == 0
       && count("", NGX_COMMERCE_HLS_ENCODED) == 0, "no names");

    for (i = 0; i < NGX_COMMERCE_PASSED_ROOMS; i++) {
        sprintf(name, "n%u", (unsigned) i);
        add(name, NGX_COMMERCE_HLS_ENCODED, now + 1);
    }

    ok(count("demo", NGX_COMMERCE_HLS_ENCODED) == 2,
       "many more at once: who was there stays");
    ok(count("n0", NGX_COMMERCE_HLS_ENCODED) == 1, "... with those that fit");

    sprintf(name, "n%u", NGX_COMMERCE_PASSED_ROOMS - 1);
    ok(count(name, NGX_COMMERCE_HLS_ENCODED) == 0, "... and no others");

    now += NGX_COMMERCE_PASSED_KEPT;
    add("dem", NGX_COMMERCE_HLS_ENCODED, now);
    add("new", NGX_COMMERCE_HLS_TOO_LARGE, now);

    ok(count("new", NGX_COMMERCE_HLS_TOO_LARGE) == 1, "later: a new one");
    ok(count("new", NGX_COMMERCE_HLS_ENCODED) == 0, "... begins at nothing");
    ok(count("demo", NGX_COMMERCE_HLS_ENCODED) == 0,
       "... in place of the one that was seen longest ago");
    ok(count("dem", NGX_COMMERCE_HLS_ENCODED) == 2, "who was seen stays");

    add("demo", NGX_COMMERCE_HLS_ENCODED, now + 1);
    ok(count("demo", NGX_COMMERCE_HLS_ENCODED) == 1, "and comes back anew");

    return tap_done();
}
