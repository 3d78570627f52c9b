
/*
 * The rooms whose playlists passed as they came, by outcome: those that were
 * seen last, as many as there are places.  Words in the zone, without a lock.
 */


#ifndef _NGX_COMMERCE_PASSED_H_INCLUDED_
#define _NGX_COMMERCE_PASSED_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_stats.h"


#define NGX_COMMERCE_PASSED_ROOMS  64

/* ms for which a room keeps its place, whoever else comes */
#define NGX_COMMERCE_PASSED_KEPT   1000


typedef struct {
    size_t        len;
    u_char        name[NGX_COMMERCE_NAME_MAX];
    ngx_atomic_t  counts[NGX_COMMERCE_HLS_OUTCOMES];
} ngx_commerce_passed_room_t;


/* zeroed at first */

typedef struct {
    ngx_atomic_t                keys[NGX_COMMERCE_PASSED_ROOMS];
    ngx_atomic_t                seen[NGX_COMMERCE_PASSED_ROOMS];
    ngx_commerce_passed_room_t  rooms[NGX_COMMERCE_PASSED_ROOMS];
} ngx_commerce_passed_t;


/*
 * Counts an outcome of a room at a time (ngx_current_msec).  The room that was
 * seen longest ago gives its place to a new one; if all were seen just now,
 * the new one is left out.  A count that comes while a place changes hands may
 * go to the wrong one.
 */
void ngx_commerce_passed_add(ngx_commerce_passed_t *passed, ngx_str_t *room,
    ngx_commerce_hls_outcome_e outcome, ngx_msec_t now);

/*
 * Copies the room of a place, a number below NGX_COMMERCE_PASSED_ROOMS.
 * NGX_OK; NGX_DECLINED: there is none.
 */
ngx_int_t ngx_commerce_passed_get(ngx_commerce_passed_t *passed, ngx_uint_t i,
    ngx_commerce_passed_room_t *room);


#endif /* _NGX_COMMERCE_PASSED_H_INCLUDED_ */
