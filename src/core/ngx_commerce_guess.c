
#include "ngx_commerce_guess.h"


/* places that an address may have in the table */
#define NGX_COMMERCE_GUESS_PLACES  4

/*
 * A place holds the rest of an address's hash, and until when what it has
 * guessed is paid for (the generic cell rate algorithm), in ms.
 */
#define NGX_COMMERCE_GUESS_BITS    40
#define NGX_COMMERCE_GUESS_TIME    ((1ULL << NGX_COMMERCE_GUESS_BITS) - 1)


static ngx_atomic_t *ngx_commerce_guess_place(ngx_atomic_t *places,
    uint64_t tag, uint64_t now);


ngx_msec_t
ngx_commerce_guess_wrong(ngx_atomic_t *guesses, ngx_str_t *address,
    ngx_msec_t now)
{
    uint32_t           hash;
    uint64_t           tag, time, until;
    ngx_atomic_t      *place;
    ngx_atomic_uint_t  held;

    hash = ngx_murmur_hash2(address->data, address->len);
    tag = hash / (NGX_COMMERCE_GUESSES / NGX_COMMERCE_GUESS_PLACES);

    guesses += hash % (NGX_COMMERCE_GUESSES / NGX_COMMERCE_GUESS_PLACES)
               * NGX_COMMERCE_GUESS_PLACES;

    time = (uint64_t) now & NGX_COMMERCE_GUESS_TIME;

    for ( ;; ) {
        place = ngx_commerce_guess_place(guesses, tag, time);
        held = *place;

        until = held & NGX_COMMERCE_GUESS_TIME;

        if (held >> NGX_COMMERCE_GUESS_BITS != tag || until < time) {
            until = time;
        }

        until += NGX_COMMERCE_GUESS_PERIOD;

        if (until
            > time + NGX_COMMERCE_GUESS_BURST * NGX_COMMERCE_GUESS_PERIOD)
        {
            return until - time
                   - NGX_COMMERCE_GUESS_BURST * NGX_COMMERCE_GUESS_PERIOD;
        }

        if (ngx_atomic_cmp_set(place, held,
                               tag << NGX_COMMERCE_GUESS_BITS | until))
        {
            return 0;
        }
    }
}


/* its own, or that of the address which is paid for first */

static ngx_atomic_t *
ngx_commerce_guess_place(ngx_atomic_t *places, uint64_t tag, uint64_t now)
{
    uint64_t            until, least;
    ngx_uint_t          i;
    ngx_atomic_t       *place;
    ngx_atomic_uint_t   held;

    place = places;
    least = NGX_COMMERCE_GUESS_TIME;

    for (i = 0; i < NGX_COMMERCE_GUESS_PLACES; i++) {
        held = places[i];
        until = held & NGX_COMMERCE_GUESS_TIME;

        if (held >> NGX_COMMERCE_GUESS_BITS == tag && until > now) {
            return &places[i];
        }

        if (until < least) {
            least = until;
            place = &places[i];
        }
    }

    return place;
}
