
#include "ngx_commerce_redis_flush.h"


/* all is sent again that often, ms */

#define NGX_COMMERCE_FLUSH_SWEEP   600000

/* what was sent in the last hour goes first, s */

#define NGX_COMMERCE_FLUSH_RECENT  3600


static void ngx_commerce_redis_flush_again_start(
    ngx_commerce_redis_flush_t *flush, ngx_uint_t older);


/*
 * Redis may have gone back to an earlier state, with the counts and with what
 * of each cell is in them: the totals bring both up to date.
 */

void
ngx_commerce_redis_flush_again(ngx_commerce_redis_flush_t *flush,
    ngx_msec_t delay)
{
    flush->again.active = 0;
    flush->complete = 0;

    if (flush->holder && delay < NGX_COMMERCE_FLUSH_SWEEP) {
        flush->tenant->stats->complete = 0;
        ngx_commerce_ledger_resend(flush->ledger);
    }

    /* nodes that hear of one event are not to send all at once */

    flush->again_at = ngx_current_msec + delay / 2
                      + (ngx_msec_t) ngx_random() % delay;
}


void
ngx_commerce_redis_flush_resume(ngx_commerce_redis_flush_t *flush)
{
    ngx_uint_t  known;

    known = flush->run != 0 && flush->run == flush->tenant->stats->complete;

    /* who has no connection yet comes here again with it */

    ngx_commerce_redis_flush_again(flush, known || !flush->connected
                                          ? NGX_COMMERCE_FLUSH_SWEEP
                                          : NGX_COMMERCE_FLUSH_DELAY);
}


void
ngx_commerce_redis_flush_again_turn(ngx_commerce_redis_flush_t *flush)
{
    if (flush->complete && flush->calls == 0) {
        flush->complete = 0;
        flush->tenant->stats->complete = flush->run;
        ngx_commerce_ledger_resent(flush->ledger);
    }

    if (flush->round.active
        && ++flush->waited < NGX_COMMERCE_FLUSH_AGAIN_TURN)
    {
        /* what was never sent goes first */
        return;
    }

    flush->waited = 0;

    if (!flush->again.active) {

        if ((ngx_msec_int_t) (flush->again_at - ngx_current_msec) > 0) {
            return;
        }

        flush->rolled_back = 0;
        ngx_commerce_redis_flush_again_start(flush, 0);
    }

    ngx_commerce_redis_flush_slice(flush, &flush->again);

    if (flush->again.active) {
        return;
    }

    if (!flush->older) {
        ngx_commerce_redis_flush_again_start(flush, 1);
        return;
    }

    /* what was lost on the way may have been lost behind it, too */

    ngx_commerce_redis_flush_again(flush, flush->rolled_back
                                          ? NGX_COMMERCE_FLUSH_DELAY
                                          : NGX_COMMERCE_FLUSH_SWEEP);
    flush->complete = !flush->rolled_back;
}


static void
ngx_commerce_redis_flush_again_start(ngx_commerce_redis_flush_t *flush,
    ngx_uint_t older)
{
    time_t  now;

    now = ngx_time();

    flush->older = older;

    if (older) {
        ngx_commerce_redis_flush_walk_start(&flush->again, 0,
                                            now - NGX_COMMERCE_FLUSH_OLDEST,
                                            now - NGX_COMMERCE_FLUSH_RECENT);

    } else {
        ngx_commerce_redis_flush_walk_start(&flush->again, 0,
                                            now - NGX_COMMERCE_FLUSH_RECENT,
                                            NGX_MAX_UINT32_VALUE);
    }
}
