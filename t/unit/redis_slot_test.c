
/*
 * Keys of one slot, by their hash tags as the specification of Redis Cluster
 * has them.
 */

/* links: src/redis/ngx_commerce_redis_keys.c src/core/ngx_commerce.c */


#include "ngx_commerce_redis.h"
#include "tap.h"


static struct {
    const char  *one;
    const char  *two;
    ngx_uint_t   same;
} cases[] = {
    { "c:{demo}",        "c:{demo}:shelf",      1 },
    { "c:{demo}",        "c:host:{demo}",       1 },
    { "c:{demo}",        "c:{demo2}",           0 },
    { "c:host:{anna}",   "c:product:{tea}",     0 },
    { "foo",             "foo",                 1 },
    { "foo",             "bar",                 0 },
    { "{}foo",           "{}bar",               0 },
    { "foo{}{bar}",      "foo{}{bar}",          1 },
    { "foo{}{bar}",      "{bar}",               0 },
    { "foo{{bar}}zap",   "{{bar}",              1 },
    { "foo{{bar}}zap",   "{bar}",               0 },
    { "foo{bar}{zap}",   "{bar}",               1 },
    { "foo{bar",         "{bar}",               0 }
};


int
main(void)
{
    ngx_str_t   keys[3];
    ngx_uint_t  i, n;

    n = sizeof(cases) / sizeof(cases[0]);

    for (i = 0; i < n; i++) {
        keys[0].data = (u_char *) cases[i].one;
        keys[0].len = ngx_strlen(cases[i].one);
        keys[1].data = (u_char *) cases[i].two;
        keys[1].len = ngx_strlen(cases[i].two);

        ok(ngx_commerce_redis_same_slot(keys, 2) == cases[i].same,
           "\"%s\" and \"%s\"", cases[i].one, cases[i].two);

        keys[2] = keys[1];
        keys[1] = keys[0];

        ok(ngx_commerce_redis_same_slot(keys, 3) == cases[i].same,
           "... as the third");
    }

    ok(ngx_commerce_redis_same_slot(keys, 0), "no key");
    ok(ngx_commerce_redis_same_slot(keys, 1), "a single key");

    return tap_done();
}
