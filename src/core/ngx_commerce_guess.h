
/*
 * How often an address guessed wrong of late: a table of a fixed size in the
 * zone, of atomics, which forgets by itself.
 */


#ifndef _NGX_COMMERCE_GUESS_H_INCLUDED_
#define _NGX_COMMERCE_GUESS_H_INCLUDED_


#include "ngx_commerce.h"


/* wrong guesses that an address has at once, and the time until one more, ms */
#define NGX_COMMERCE_GUESS_BURST   20
#define NGX_COMMERCE_GUESS_PERIOD  3000

/*
 * Addresses that are remembered: 32 KB.  Of more than these at a time, those
 * are forgotten that have guessed least of late.
 */
#define NGX_COMMERCE_GUESSES       4096


/*
 * Notes a wrong guess, at now, ngx_current_msec.  0, or if the address has no
 * more of them, ms until it has.
 */
ngx_msec_t ngx_commerce_guess_wrong(ngx_atomic_t *guesses, ngx_str_t *address,
    ngx_msec_t now);


#endif /* _NGX_COMMERCE_GUESS_H_INCLUDED_ */
