
/*
 * Who was seen first stays so, among others too, until there are too many.
 */

/* links: src/core/ngx_commerce_sight.c src/core/ngx_commerce_hash.c */


#include "ngx_commerce_sight.h"
#include "ngx_commerce_zone.h"
#include "tap.h"


#define DAY  (24 * 3600 * 1000)


static ngx_commerce_zone_sh_t  shared;
static ngx_commerce_zone_t     zone = { .sh = &shared };
static ngx_commerce_tenant_t   tenant = { .zone = &zone };


static int64_t
sight(const char *room, const char *subject, int64_t now)
{
    ngx_str_t  r, s;

    r.data = (u_char *) room;
    r.len = strlen(room);
    s.data = (u_char *) subject;
    s.len = strlen(subject);

    return ngx_commerce_sight(&tenant, &r, &s, now, DAY);
}


int
main(void)
{
    char        name[16];
    int64_t     now;
    ngx_uint_t  i, known;

    now = 1795374000000;

    ok(sight("demo", "u1", now) == now, "at first sight: now");
    ok(sight("demo", "u1", now + 1) == now, "later: the first");
    ok(sight("demo", "u1", now + DAY) == now, "... for as long as asked for");
    ok(sight("demo", "u2", now + 2) == now + 2, "another one");
    ok(sight("demo2", "u1", now + 3) == now + 3, "in another room");
    ok(sight("dem", "ou1", now + 4) == now + 4, "what ends otherwise");
    ok(sight("demo", "u1", now + 5) == now, "the first is there still");

    ok(sight("demo", "u1", now + DAY + 1) == now + DAY + 1,
       "after that time: now");
    ok(sight("demo", "u1", now + DAY + 2) == now + DAY + 1, "... and that stays");

    now += 10 * DAY;

    for (i = 0; i < NGX_COMMERCE_SIGHTS / 2; i++) {
        sprintf(name, "n%u", (unsigned) i);
        (void) sight("demo", name, now + i);
    }

    known = 0;

    for (i = 0; i < NGX_COMMERCE_SIGHTS / 2; i++) {
        sprintf(name, "n%u", (unsigned) i);
        known += (sight("demo", name, now + DAY) == now + (int64_t) i);
    }

    ok(known > NGX_COMMERCE_SIGHTS / 2 * 90 / 100,
       "half as many as there may be: %u known", (unsigned) known);

    for (i = 0; i < 4 * NGX_COMMERCE_SIGHTS; i++) {
        sprintf(name, "m%u", (unsigned) i);
        (void) sight("demo", name, now + DAY);
    }

    ok(sight("demo", "n1", now + DAY) == now + DAY,
       "many more: it is not known any more");

    return tap_done();
}
