
/*
 * What the tests of the playlist library share: a room with cues, memory
 * with a fence behind it.
 */


#ifndef _HLS_TEST_H_INCLUDED_
#define _HLS_TEST_H_INCLUDED_


#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "ngx_commerce_hls_daterange.h"
#include "ngx_commerce_hls_inject.h"
#include "ngx_commerce_hls_playlist.h"
#include "ngx_commerce_hls_time.h"
#include "ngx_shim.h"
#include "tap.h"


#define ROOM_CUES_MAX  16

#define TEXT(s)  (ngx_str_t) { strlen(s), (u_char *) (s) }


/* a room "demo" whose n-th cue begins at ats[n - 1] and shows product p-n */

typedef struct {
    ngx_commerce_room_t  room;
    ngx_commerce_cue_t   cues[ROOM_CUES_MAX];
    char                 ids[ROOM_CUES_MAX][16];
    char                 products[ROOM_CUES_MAX][16];
} test_room_t;


static inline void
room_init(test_room_t *t, ngx_uint_t n, int64_t *ats)
{
    ngx_uint_t  i;

    memset(t, 0, sizeof(test_room_t));

    t->room.name = TEXT("demo");
    t->room.cues = t->cues;
    t->room.ncues = n;

    for (i = 0; i < n; i++) {
        snprintf(t->ids[i], sizeof(t->ids[i]), "%u-0", (unsigned) i + 1);
        snprintf(t->products[i], sizeof(t->products[i]), "p-%u",
                 (unsigned) i + 1);

        t->cues[i].at = ats[i];
        t->cues[i].id = TEXT(t->ids[i]);
        t->cues[i].card.product = TEXT(t->products[i]);
    }
}


/*
 * Memory whose end is the end of a page that nobody may touch beyond, so that
 * a read or write too far is a crash.
 */

static inline u_char *
fenced(size_t len)
{
    size_t   page, size;
    u_char  *p;

    page = sysconf(_SC_PAGESIZE);
    size = (len + page - 1) / page * page + page;

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1,
             0);
    if (p == MAP_FAILED || mprotect(p + size - page, page, PROT_NONE) != 0) {
        perror("mmap");
        exit(1);
    }

    return p + size - page - len;
}


static inline void
fenced_free(u_char *p, size_t len)
{
    size_t  page, size;

    page = sysconf(_SC_PAGESIZE);
    size = (len + page - 1) / page * page + page;

    munmap(p + len + page - size, size);
}


/*
 * Injects with both text and output fenced; *out is the caller's to free.
 */

static inline ngx_commerce_hls_outcome_e
inject(ngx_commerce_room_t *room, const void *text, size_t len,
    ngx_uint_t clock, ngx_uint_t attributes, ngx_str_t *out)
{
    u_char                        *in, *to;
    ngx_pool_t                    *pool;
    ngx_commerce_hls_injection_t   injection;

    in = fenced(len);
    memcpy(in, text, len);

    memset(&injection, 0, sizeof(injection));

    pool = ngx_create_pool(4096, &ngx_shim_log);

    injection.pool = pool;
    injection.text.data = in;
    injection.text.len = len;
    injection.room = room->name;
    injection.clock = clock;
    injection.attributes = attributes;
    injection.cues = room->cues;
    injection.ncues = room->ncues;
    injection.periods = room->periods;
    injection.nperiods = room->nperiods;

    if (ngx_commerce_hls_prepare(&injection) == NGX_OK
        && ngx_commerce_hls_plan(&injection) == NGX_OK)
    {

        to = fenced(injection.size);

        out->len = ngx_commerce_hls_inject(&injection, to) - to;
        out->data = malloc(out->len + 1);
        memcpy(out->data, to, out->len);
        out->data[out->len] = '\0';

        fenced_free(to, injection.size);

    } else {
        out->len = 0;
        out->data = malloc(1);
    }

    fenced_free(in, len);
    ngx_destroy_pool(pool);

    return injection.outcome;
}


#endif /* _HLS_TEST_H_INCLUDED_ */
