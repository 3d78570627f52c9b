
#include "ngx_commerce_passed.h"
#include "ngx_commerce_hash.h"


/* the key of a place that is nobody's, or that is being written */
#define NGX_COMMERCE_PASSED_NOBODY  0


static ngx_uint_t ngx_commerce_passed_find(ngx_commerce_passed_t *passed,
    ngx_atomic_uint_t key, ngx_str_t *room);
static ngx_uint_t ngx_commerce_passed_take(ngx_commerce_passed_t *passed,
    ngx_atomic_uint_t key, ngx_str_t *room, ngx_msec_t now);


void
ngx_commerce_passed_add(ngx_commerce_passed_t *passed, ngx_str_t *room,
    ngx_commerce_hls_outcome_e outcome, ngx_msec_t now)
{
    ngx_uint_t         i;
    ngx_atomic_uint_t  key;

    if (room->len == 0 || room->len > NGX_COMMERCE_NAME_MAX) {
        return;
    }

    key = (ngx_atomic_uint_t) ngx_commerce_hash(room->data, room->len, 0) | 1;

    i = ngx_commerce_passed_find(passed, key, room);

    if (i == NGX_COMMERCE_PASSED_ROOMS) {
        i = ngx_commerce_passed_take(passed, key, room, now);
    }

    if (i == NGX_COMMERCE_PASSED_ROOMS) {
        return;
    }

    passed->seen[i] = now;

    (void) ngx_atomic_fetch_add(&passed->rooms[i].counts[outcome], 1);
}


static ngx_uint_t
ngx_commerce_passed_find(ngx_commerce_passed_t *passed, ngx_atomic_uint_t key,
    ngx_str_t *room)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_COMMERCE_PASSED_ROOMS; i++) {

        if (passed->keys[i] == key
            && passed->rooms[i].len == room->len
            && ngx_memcmp(passed->rooms[i].name, room->data, room->len) == 0)
        {
            break;
        }
    }

    return i;
}


static ngx_uint_t
ngx_commerce_passed_take(ngx_commerce_passed_t *passed, ngx_atomic_uint_t key,
    ngx_str_t *room, ngx_msec_t now)
{
    ngx_uint_t                   i, oldest;
    ngx_atomic_uint_t            seen;
    ngx_commerce_passed_room_t  *place;

    oldest = 0;

    for (i = 1; i < NGX_COMMERCE_PASSED_ROOMS; i++) {

        if ((ngx_atomic_int_t) (passed->seen[i] - passed->seen[oldest]) < 0) {
            oldest = i;
        }
    }

    seen = passed->seen[oldest];

    /*
     * Of several that want it one gets it: what it was seen at changes.  If
     * that one dies before it has written the key, the place is nobody's, and
     * is taken when it has become the oldest again.
     */

    if ((seen != 0
         && (ngx_atomic_int_t) (now - seen) < NGX_COMMERCE_PASSED_KEPT)
        || !ngx_atomic_cmp_set(&passed->seen[oldest], seen, now))
    {
        return NGX_COMMERCE_PASSED_ROOMS;
    }

    passed->keys[oldest] = NGX_COMMERCE_PASSED_NOBODY;
    ngx_memory_barrier();

    place = &passed->rooms[oldest];

    place->len = room->len;
    ngx_memcpy(place->name, room->data, room->len);
    ngx_memzero((void *) place->counts, sizeof(place->counts));

    ngx_memory_barrier();
    passed->keys[oldest] = key;

    return oldest;
}


ngx_int_t
ngx_commerce_passed_get(ngx_commerce_passed_t *passed, ngx_uint_t i,
    ngx_commerce_passed_room_t *room)
{
    ngx_atomic_uint_t  key;

    key = passed->keys[i];
    ngx_memory_barrier();

    *room = passed->rooms[i];

    ngx_memory_barrier();

    if (key == NGX_COMMERCE_PASSED_NOBODY || passed->keys[i] != key
        || room->len > NGX_COMMERCE_NAME_MAX)
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}
