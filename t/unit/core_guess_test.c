
/* links: src/core/ngx_commerce_guess.c */

#include "ngx_commerce_guess.h"
#include "tap.h"


static ngx_atomic_t  guesses[NGX_COMMERCE_GUESSES];


static ngx_msec_t
wrong(uint32_t address, ngx_msec_t now)
{
    ngx_str_t  text;

    text.data = (u_char *) &address;
    text.len = sizeof(address);

    return ngx_commerce_guess_wrong(guesses, &text, now);
}


static void
test_bound(void)
{
    int         i;
    ngx_msec_t  now;

    now = 123456789;

    for (i = 0; i < NGX_COMMERCE_GUESS_BURST; i++) {
        ok(wrong(1, now) == 0, "wrong guess %d", i);
    }

    ok(wrong(1, now) == NGX_COMMERCE_GUESS_PERIOD, "one too many");
    ok(wrong(1, now) == NGX_COMMERCE_GUESS_PERIOD, "which costs nothing more");
    ok(wrong(2, now) == 0, "of another address");

    now += NGX_COMMERCE_GUESS_PERIOD - 1;
    ok(wrong(1, now) == 1, "a moment too early");

    now++;
    ok(wrong(1, now) == 0, "one more");
    ok(wrong(1, now) == NGX_COMMERCE_GUESS_PERIOD, "and no other");

    now += NGX_COMMERCE_GUESS_PERIOD * NGX_COMMERCE_GUESS_BURST * 10;

    for (i = 0; i < NGX_COMMERCE_GUESS_BURST; i++) {
        ok(wrong(1, now) == 0, "long afterwards, guess %d", i);
    }

    ok(wrong(1, now) != 0, "and no more");
}


/* many addresses make those be forgotten that have guessed least */

static void
test_many(void)
{
    int         i, forgotten;
    ngx_msec_t  now;

    now = 987654321;
    forgotten = 0;

    for (i = 0; i < NGX_COMMERCE_GUESS_BURST; i++) {
        wrong(7, now);
    }

    for (i = 1000; i < 100000; i++) {
        forgotten += (wrong(i, now) != 0);
    }

    ok(forgotten == 0, "the first guess of each is its own");
    ok(wrong(7, now) != 0, "who has guessed much is remembered");
}


int
main(void)
{
    test_bound();
    test_many();

    return tap_done();
}
