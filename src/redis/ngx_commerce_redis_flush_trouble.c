
#include "ngx_commerce_redis_flush.h"


#define NGX_COMMERCE_FLUSH_DELAY_MAX  30000    /* ms */
#define NGX_COMMERCE_FLUSH_FORGET     60000    /* a trouble without new ones */


void
ngx_commerce_redis_flush_pause(ngx_commerce_redis_flush_t *flush,
    const char *error)
{
    /* the other calls under way are refused alike */

    if (flush->pause
        && (ngx_msec_int_t) (flush->paused - ngx_current_msec) > 0)
    {
        return;
    }

    if (flush->pause == 0) {
        ngx_log_error(NGX_LOG_ERR, flush->tenant->log, 0,
                      "commerce: Redis takes no counts: %s", error);
    }

    flush->pause = flush->pause ? ngx_min(flush->pause * 2,
                                          NGX_COMMERCE_FLUSH_DELAY_MAX)
                                : NGX_COMMERCE_FLUSH_DELAY;

    flush->paused = ngx_current_msec + flush->pause;

    /* a master that became a replica may lose what it acknowledged */
    ngx_commerce_redis_flush_again(flush, flush->pause);
}


ngx_commerce_redis_trouble_t *
ngx_commerce_redis_flush_trouble(ngx_commerce_redis_flush_t *flush,
    u_char *room, size_t len, uint64_t show)
{
    ngx_uint_t                     i;
    ngx_commerce_redis_trouble_t  *trouble;

    trouble = flush->troubles;

    for (i = 0; i < flush->ntroubles; i++) {

        if (trouble[i].show == show
            && trouble[i].len == len
            && ngx_memcmp(trouble[i].room, room, len) == 0)
        {
            return &trouble[i];
        }
    }

    return NULL;
}


void
ngx_commerce_redis_flush_trouble_add(ngx_commerce_redis_flush_t *flush,
    u_char *room_name, size_t len, uint64_t show, const char *error)
{
    ngx_str_t                      room;
    ngx_commerce_redis_trouble_t  *trouble;

    trouble = ngx_commerce_redis_flush_trouble(flush, room_name, len, show);

    if (trouble == NULL) {

        if (flush->ntroubles == NGX_COMMERCE_FLUSH_TROUBLES
            || len > sizeof(trouble->room))
        {
            ngx_commerce_redis_flush_pause(flush, error);
            return;
        }

        trouble = &flush->troubles[flush->ntroubles++];

        ngx_memcpy(trouble->room, room_name, len);
        trouble->len = len;
        trouble->show = show;
        trouble->delay = NGX_COMMERCE_FLUSH_DELAY / 2;
        trouble->unsent = 0;

        room.len = len;
        room.data = room_name;

        ngx_log_error(NGX_LOG_ERR, flush->tenant->log, 0,
                      "commerce: Redis takes no counts of room \"%V\", show "
                      "%uL: %s", &room, show, error);

    } else if ((ngx_msec_int_t) (trouble->until - ngx_current_msec) > 0) {
        return;
    }

    trouble->delay = ngx_min(trouble->delay * 2, NGX_COMMERCE_FLUSH_DELAY_MAX);
    trouble->until = ngx_current_msec + trouble->delay;
    trouble->marked = 0;
}


void
ngx_commerce_redis_flush_trouble_end(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_redis_trouble_t *trouble)
{
    ngx_str_t  room;

    room.len = trouble->len;
    room.data = trouble->room;

    /* of what was left alone meanwhile, too */

    ngx_commerce_ledger_mark_room(flush->ledger, &room, trouble->show);

    ngx_log_error(NGX_LOG_NOTICE, flush->tenant->log, 0,
                  "commerce: Redis takes counts of room \"%V\", show %uL again",
                  &room, trouble->show);

    *trouble = flush->troubles[--flush->ntroubles];
}


ngx_uint_t
ngx_commerce_redis_flush_troubled(ngx_commerce_redis_flush_t *flush)
{
    ngx_uint_t  i;

    for (i = 0; i < flush->ntroubles; i++) {

        if (flush->troubles[i].unsent) {
            return 1;
        }
    }

    return 0;
}


void
ngx_commerce_redis_flush_retry(ngx_commerce_redis_flush_t *flush)
{
    ngx_str_t                      room;
    ngx_uint_t                     i;
    ngx_msec_int_t                 late;
    ngx_commerce_redis_trouble_t  *trouble;

    for (i = flush->ntroubles; i > 0; i--) {
        trouble = &flush->troubles[i - 1];
        late = (ngx_msec_int_t) (ngx_current_msec - trouble->until);

        room.len = trouble->len;
        room.data = trouble->room;

        if (late >= 0 && !trouble->marked) {
            ngx_commerce_ledger_mark_room(flush->ledger, &room, trouble->show);
            trouble->marked = 1;
        }

        if (late > NGX_COMMERCE_FLUSH_FORGET) {
            *trouble = flush->troubles[--flush->ntroubles];
        }
    }
}
