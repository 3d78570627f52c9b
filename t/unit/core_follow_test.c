
/*
 * Who follows whom: equal questions are asked once, how long answers are held,
 * and who leaves while he waits.
 */

/* links: src/core/ngx_commerce_follow.c src/core/ngx_commerce_load.c src/core/ngx_commerce_hash.c src/core/ngx_commerce.c */


#include "ngx_shim.h"
#include <ngx_event.h>
#include "ngx_commerce_follow.h"
#include "ngx_commerce_zone.h"
#include "tap.h"


typedef struct {
    ngx_commerce_wait_t      wait;
    ngx_str_t                subject;
    ngx_int_t                rc;
    ngx_uint_t               calls;
    ngx_commerce_wait_t     *leaves;     /* whom the handler has leave */
} asker_t;


static ngx_commerce_zone_sh_t   sh = { .seed = 7 };
static ngx_commerce_zone_t      zone = { .sh = &sh };
static ngx_commerce_tenant_t    tenant = { .zone = &zone,
                                           .log = &ngx_shim_log };
static ngx_commerce_follow_t   *asked[8];
static ngx_uint_t               nasked, away;
static ngx_str_t                anna = ngx_string("anna");


static ngx_int_t
follows(ngx_commerce_tenant_t *t, ngx_commerce_follow_t *follow)
{
    if (away) {
        return NGX_ERROR;
    }

    asked[nasked++ % 8] = follow;

    return NGX_OK;
}


static ngx_commerce_source_t  source = { .follows = follows };


static ngx_int_t
ask(asker_t *asker)
{
    asker->rc = ngx_commerce_follow_get(&tenant, &anna, &asker->subject,
                                        &asker->wait);

    return asker->rc;
}


static void
wake(void *data)
{
    asker_t *asker = data;

    asker->calls++;
    (void) ask(asker);

    if (asker->leaves) {
        ngx_commerce_load_leave(asker->leaves);
    }
}


static void
start(asker_t *asker, const char *subject)
{
    ngx_memzero(asker, sizeof(asker_t));

    asker->subject.data = (u_char *) subject;
    asker->subject.len = ngx_strlen(subject);
    asker->wait.handler = wake;
    asker->wait.data = asker;
}


static void
answers(void)
{
    asker_t  one, two, other;

    start(&one, "u1");
    start(&two, "u1");
    start(&other, "u2");

    ok(ask(&one) == NGX_AGAIN && ask(&two) == NGX_AGAIN && nasked == 1,
       "two ask the same: it is asked once");
    ok(ask(&other) == NGX_AGAIN && nasked == 2, "another question is another");

    ngx_commerce_follow_answered(asked[0], NGX_OK);
    ok(one.rc == NGX_OK && one.calls == 1 && two.rc == NGX_OK
       && two.calls == 1 && other.calls == 0,
       "both are told, within the handler's call");

    ngx_commerce_follow_answered(asked[1], NGX_DECLINED);
    ok(other.rc == NGX_DECLINED && other.calls == 1, "he does not follow");

    ngx_current_msec += NGX_COMMERCE_FOLLOW_NO - 1;
    ok(ask(&other) == NGX_DECLINED && nasked == 2, "a no is held");

    ngx_current_msec += 1;
    ok(ask(&other) == NGX_AGAIN && nasked == 3, "... for a second");

    ngx_commerce_follow_answered(asked[2], NGX_OK);
    ok(other.rc == NGX_OK, "he follows now");

    ngx_current_msec += NGX_COMMERCE_FOLLOW_YES - NGX_COMMERCE_FOLLOW_NO - 1;
    ok(ask(&one) == NGX_OK && nasked == 3, "a yes is held");

    ngx_current_msec += 1;
    ok(ask(&one) == NGX_AGAIN && nasked == 4, "... for a minute");

    ngx_commerce_follow_answered(asked[3], NGX_ERROR);
    ok(one.rc == NGX_ERROR && ask(&one) == NGX_ERROR && nasked == 4,
       "that it can't be told is held, too");

    ngx_current_msec += NGX_COMMERCE_FOLLOW_NO;
    ok(ask(&one) == NGX_AGAIN && nasked == 5, "... for a second");
    ngx_commerce_follow_answered(asked[4], NGX_OK);
}


static void
refused(void)
{
    asker_t     one;
    ngx_uint_t  n;
    ngx_str_t   bad = ngx_string("an:na");

    n = nasked;

    start(&one, "~AAAAAAAAAAAAAAAAAAAAAA");
    ok(ask(&one) == NGX_DECLINED && nasked == n,
       "who was named by an edge follows nobody");

    start(&one, "");
    ok(ask(&one) == NGX_DECLINED && nasked == n, "nor does nobody");

    ok(ngx_commerce_follow_get(&tenant, &bad, &anna, &one.wait)
       == NGX_DECLINED && nasked == n, "no host has such a name");

    away = 1;
    start(&one, "u3");
    ok(ask(&one) == NGX_ERROR && !one.wait.pending, "the source is away");

    away = 0;
    ok(ask(&one) == NGX_AGAIN && nasked == n + 1,
       "... which is held by whoever knows it");

    ngx_commerce_follow_answered(asked[n % 8], NGX_OK);
    ok(one.rc == NGX_OK, "it is there");
}


static void
leaving(void)
{
    asker_t     one, two, three;
    ngx_uint_t  n;

    n = nasked;

    start(&one, "u4");
    start(&two, "u4");
    start(&three, "u4");

    (void) ask(&one);
    (void) ask(&two);
    (void) ask(&three);

    ngx_commerce_load_leave(&one.wait);
    two.leaves = &three.wait;

    ngx_commerce_follow_answered(asked[n % 8], NGX_OK);
    ok(one.calls == 0 && two.calls == 1 && three.calls == 0
       && !three.wait.pending,
       "who has left is not told, also if another's handler has him leave");

    start(&one, "u5");
    (void) ask(&one);
    ngx_commerce_load_leave(&one.wait);
    ngx_commerce_follow_answered(asked[(n + 1) % 8], NGX_OK);
    ok(one.calls == 0 && ask(&one) == NGX_OK && nasked == n + 2,
       "an answer that nobody waits for is held");
}


static void
bound(void)
{
    char        name[16];
    asker_t     one;
    ngx_uint_t  i, n, wrong;

    wrong = 0;

    for (i = 0; i < NGX_COMMERCE_FOLLOW_MAX + 2; i++) {
        snprintf(name, sizeof(name), "v%d", (int) i);
        start(&one, name);

        n = nasked;
        wrong += (ask(&one) != NGX_AGAIN);
        ngx_commerce_follow_answered(asked[n % 8], NGX_OK);
        wrong += (one.rc != NGX_OK);

        start(&one, "v0");
        wrong += (ask(&one) != NGX_OK);
    }

    ok(wrong == 0, "more viewers than are kept");

    n = nasked;
    start(&one, "v3");
    ok(ask(&one) == NGX_OK && nasked == n, "one that was asked lately is");

    start(&one, "v1");
    ok(ask(&one) == NGX_AGAIN && nasked == n + 1, "... and not the first one");

    ngx_commerce_follow_exit_worker(&tenant);
    ok(!one.wait.pending && one.calls == 0 && tenant.follows == NULL,
       "the worker exits: who waits is not told");
}


int
main(void)
{
    ngx_current_msec = 1000;
    tenant.source = &source;

    answers();
    refused();
    leaving();
    bound();

    return tap_done();
}
