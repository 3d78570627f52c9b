
/*
 * Flushing: what the ledger counts is sent to Redis by the one worker that
 * holds the node's duties.
 *
 *     ngx_commerce_redis_flush.c          when: turns, rounds of what is new
 *     ngx_commerce_redis_flush_again.c    when Redis may have lost something
 *     ngx_commerce_redis_flush_walk.c     what: through the ledger in slices
 *     ngx_commerce_redis_flush_send.c     how: calls and answers
 *     ngx_commerce_redis_flush_trouble.c  what Redis does not take
 */


#ifndef _NGX_COMMERCE_REDIS_FLUSH_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_FLUSH_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_ledger.h"
#include "ngx_commerce_stats.h"


/*
 * Work is done in turns, so short that requests don't notice, and with pauses
 * so long that neither they nor others whom Redis serves have to wait: us of
 * work, ms between two turns, and script calls under way at a time.
 */

#define NGX_COMMERCE_FLUSH_TURN      500
#define NGX_COMMERCE_FLUSH_PAUSE     10
#define NGX_COMMERCE_FLUSH_CALLS     16

/*
 * What was sent before waits for what is new; but where a round has no end it
 * gets one turn of so many, in which so many calls more may be under way.
 */

#define NGX_COMMERCE_FLUSH_AGAIN_TURN   4
#define NGX_COMMERCE_FLUSH_AGAIN_CALLS  4

/* cells in a script call, and cells taken from the ledger in one go, at most */

#define NGX_COMMERCE_FLUSH_CELLS     200
#define NGX_COMMERCE_FLUSH_SLICE     512

/* rooms that are left alone for a while; with more of them all are */

#define NGX_COMMERCE_FLUSH_TROUBLES  64

/* ms until what was refused is tried again, doubled from then on */

#define NGX_COMMERCE_FLUSH_DELAY     1000

/*
 * Counts of a show are kept for 90 days after something new came, ms; what is
 * about to go is not sent again, s
 */

#define NGX_COMMERCE_FLUSH_KEEP      "7776000000"
#define NGX_COMMERCE_FLUSH_OLDEST    (89 * 86400)


/* a way through the ledger that goes on where it stopped */

typedef struct {
    ngx_commerce_ledger_filter_t   filter;
    uint64_t                       marks;     /* left of 64 buckets */
    uint32_t                       first;     /* the bucket after these */
    uint32_t                       next;      /* cell in its bucket */
    unsigned                       marked:1;  /* only marked buckets */
    unsigned                       active:1;

    ngx_uint_t                     n;         /* cells taken, by room */
    ngx_uint_t                     sent;      /* of these */
    ngx_commerce_ledger_item_t    *sorted[NGX_COMMERCE_FLUSH_SLICE];
    ngx_commerce_ledger_item_t     items[NGX_COMMERCE_FLUSH_SLICE];
} ngx_commerce_redis_walk_t;


/* a room and show whose counts Redis doesn't take, e.g. of a wrong type */

typedef struct {
    u_char                         room[NGX_COMMERCE_NAME_MAX];
    size_t                         len;
    uint64_t                       show;
    ngx_msec_t                     until;
    ngx_msec_t                     delay;
    unsigned                       marked:1;  /* to be tried again */
    unsigned                       unsent:1;  /* something new was left */
} ngx_commerce_redis_trouble_t;


typedef struct {
    ngx_commerce_tenant_t         *tenant;
    ngx_commerce_ledger_t         *ledger;
    ngx_msec_t                     interval;
    ngx_event_t                    timer;

    ngx_commerce_redis_walk_t      round;
    ngx_msec_t                     started;   /* of the round */
    ngx_msec_t                     clean;     /* all until then was sent */
    ngx_uint_t                     due;       /* calls of the round */
    uint32_t                       looked;    /* buckets, for lost marks */

    ngx_commerce_redis_walk_t      again;     /* sends what was sent before */
    ngx_msec_t                     again_at;
    ngx_uint_t                     waited;    /* turns, for the round */
    uint32_t                       run;       /* hash of Redis's; 0: unknown */
    ngx_msec_t                     deadline;  /* of an exiting worker */

    ngx_queue_t                    batches;   /* calls under way */
    ngx_uint_t                     calls;

    ngx_msec_t                     paused;    /* until then */
    ngx_msec_t                     pause;     /* how long; 0: all is well */
    ngx_commerce_redis_trouble_t   troubles[NGX_COMMERCE_FLUSH_TROUBLES];
    ngx_uint_t                     ntroubles;

    ngx_str_t                      argv[2 + 6 * NGX_COMMERCE_FLUSH_CELLS];
    u_char                         text[128 * NGX_COMMERCE_FLUSH_CELLS];

    unsigned                       holder:1;  /* of the node's duties */
    unsigned                       open:1;    /* the round has not ended */
    unsigned                       failed:1;  /* it has not sent all */
    unsigned                       last:1;    /* the worker is exiting */
    unsigned                       hurry:1;   /* a round is due at once */
    unsigned                       rolled_back:1; /* again: counts lacked */
    unsigned                       older:1;   /* again: the second pass */
    unsigned                       complete:1;  /* again: all was sent */
    unsigned                       connected:1; /* has been, once */
} ngx_commerce_redis_flush_t;


/* puts a walk at the ledger's beginning */
void ngx_commerce_redis_flush_walk_start(ngx_commerce_redis_walk_t *walk,
    ngx_uint_t marked, time_t from, time_t to);

/* goes on with a walk, sending what is wanted, for a turn at most */
void ngx_commerce_redis_flush_slice(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_redis_walk_t *walk);

/* how many of the cells that come next go into one call */
ngx_uint_t ngx_commerce_redis_flush_walk_call(ngx_commerce_redis_walk_t *walk);

/* marks what lost its mark with the process that was about to set it */
void ngx_commerce_redis_flush_look(ngx_commerce_redis_flush_t *flush);


/* sends what comes next of the cells taken, in one call */
void ngx_commerce_redis_flush_send(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_redis_walk_t *walk);

/* nothing is sent for a while: Redis takes no counts at all */
void ngx_commerce_redis_flush_pause(ngx_commerce_redis_flush_t *flush,
    const char *error);

/* the trouble with a room and show, or NULL; one more; no more of it */
ngx_commerce_redis_trouble_t *ngx_commerce_redis_flush_trouble(
    ngx_commerce_redis_flush_t *flush, u_char *room, size_t len,
    uint64_t show);
void ngx_commerce_redis_flush_trouble_add(ngx_commerce_redis_flush_t *flush,
    u_char *room_name, size_t len, uint64_t show, const char *error);
void ngx_commerce_redis_flush_trouble_end(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_redis_trouble_t *trouble);

/* 1 if something was not sent because of a trouble */
ngx_uint_t ngx_commerce_redis_flush_troubled(
    ngx_commerce_redis_flush_t *flush);

/* lets rooms that were left alone be tried again when it is time */
void ngx_commerce_redis_flush_retry(ngx_commerce_redis_flush_t *flush);

/* no answer is of interest any more */
void ngx_commerce_redis_flush_forget(ngx_commerce_redis_flush_t *flush);


/* to be called when the round's last call may have ended */
void ngx_commerce_redis_flush_round_end(ngx_commerce_redis_flush_t *flush);

/* all totals are to be sent again, within about delay ms */
void ngx_commerce_redis_flush_again(ngx_commerce_redis_flush_t *flush,
    ngx_msec_t delay);

/*
 * Goes on where another worker left off.  After a reload that need not be
 * sending all again.
 */
void ngx_commerce_redis_flush_resume(ngx_commerce_redis_flush_t *flush);

/* sends some of them again, if it is time */
void ngx_commerce_redis_flush_again_turn(ngx_commerce_redis_flush_t *flush);


extern ngx_module_t  ngx_commerce_redis_flush_module;


#endif /* _NGX_COMMERCE_REDIS_FLUSH_H_INCLUDED_ */
