
#include "ngx_commerce_redis_flush_send.h"
#include "ngx_commerce_redis_scripts.h"
#include "ngx_commerce_timer.h"


/* us of work in a turn, so short that requests don't notice */

#define NGX_COMMERCE_FLUSH_TURN        500

/*
 * Calls under way at a time, so few that others whom Redis serves need not
 * wait.  What was sent before waits for what is new; but where there is always
 * something new, so many more may be under way for it.
 */

#define NGX_COMMERCE_FLUSH_CALLS       16
#define NGX_COMMERCE_FLUSH_MORE_CALLS  4

/* ms for which Redis keeps a show's counts when something new came */

#define NGX_COMMERCE_FLUSH_KEEP        "7776000000"

#define NGX_COMMERCE_FLUSH_DELAY_MAX   30000    /* ms */
#define NGX_COMMERCE_FLUSH_FORGET      60000    /* a trouble without new ones */


typedef struct {
    ngx_queue_t                       queue;
    ngx_commerce_redis_flush_send_t  *send;
    ngx_commerce_redis_call_t        *call;
    u_char                            room[NGX_COMMERCE_LEDGER_KEY_MAX];
    size_t                            len;
    uint64_t                          show;
    ngx_uint_t                        due;      /* with something new */
    ngx_uint_t                        n;
    ngx_commerce_ledger_receipt_t     receipts[1];
} ngx_commerce_redis_flush_batch_t;


static void ngx_commerce_redis_flush_send_cells(
    ngx_commerce_redis_flush_send_t *send, ngx_commerce_ledger_item_t **items,
    ngx_uint_t n, ngx_uint_t due);
static ngx_commerce_redis_call_t *ngx_commerce_redis_flush_send_call(
    ngx_commerce_redis_flush_batch_t *batch,
    ngx_commerce_ledger_item_t **items);
static ngx_str_t *ngx_commerce_redis_flush_send_args(ngx_str_t *arg,
    u_char **text, ngx_commerce_ledger_item_t *item);
static ngx_str_t *ngx_commerce_redis_flush_send_number(ngx_str_t *arg,
    u_char **text, uint64_t number);
static void ngx_commerce_redis_flush_send_done(void *data, redisReply *reply);
static void ngx_commerce_redis_flush_send_accepted(
    ngx_commerce_redis_flush_batch_t *batch, ngx_uint_t raised);
static void ngx_commerce_redis_flush_send_behind(
    ngx_commerce_redis_flush_batch_t *batch, redisReply *reply);
static void ngx_commerce_redis_flush_send_refused(
    ngx_commerce_redis_flush_batch_t *batch, redisReply *reply);
static void ngx_commerce_redis_flush_send_unsent(
    ngx_commerce_redis_flush_batch_t *batch);
static void ngx_commerce_redis_flush_send_pause(
    ngx_commerce_redis_flush_send_t *send, const char *error);

static ngx_commerce_redis_flush_trouble_t *
    ngx_commerce_redis_flush_send_trouble(
    ngx_commerce_redis_flush_send_t *send, u_char *room, size_t len,
    uint64_t show);
static void ngx_commerce_redis_flush_send_add_trouble(
    ngx_commerce_redis_flush_batch_t *batch, const char *error);
static void ngx_commerce_redis_flush_send_end_trouble(
    ngx_commerce_redis_flush_batch_t *batch);


void
ngx_commerce_redis_flush_send_init(ngx_commerce_redis_flush_send_t *send,
    ngx_commerce_tenant_t *tenant)
{
    send->tenant = tenant;
    send->ledger = tenant->ledger;

    ngx_queue_init(&send->batches);
}


void
ngx_commerce_redis_flush_send_turn(ngx_commerce_redis_flush_send_t *send,
    ngx_commerce_redis_flush_walk_t *walk)
{
    int64_t                       end;
    ngx_uint_t                    n, calls;
    ngx_commerce_ledger_item_t  **items;

    end = ngx_commerce_timer_steady() + NGX_COMMERCE_FLUSH_TURN;

    calls = NGX_COMMERCE_FLUSH_CALLS;

    if (!walk->marked) {
        calls += NGX_COMMERCE_FLUSH_MORE_CALLS;
    }

    do {
        if (walk->sent < walk->n) {

            if (send->calls >= calls) {
                return;
            }

            n = ngx_commerce_redis_flush_walk_call(walk, &items);

            ngx_commerce_redis_flush_send_cells(send, items, n, walk->marked);

        } else if (ngx_commerce_redis_flush_walk_next(walk, send->ledger)
                   == NGX_DONE)
        {
            return;
        }

    } while (ngx_commerce_timer_steady() < end);
}


/* n cells of one room and show */

static void
ngx_commerce_redis_flush_send_cells(ngx_commerce_redis_flush_send_t *send,
    ngx_commerce_ledger_item_t **items, ngx_uint_t n, ngx_uint_t due)
{
    ngx_uint_t                           i;
    ngx_commerce_redis_flush_batch_t    *batch;
    ngx_commerce_redis_flush_trouble_t  *trouble;

    trouble = ngx_commerce_redis_flush_send_trouble(send, items[0]->key,
                                                    items[0]->room_len,
                                                    items[0]->show);

    if (trouble != NULL
        && (ngx_msec_int_t) (trouble->until - ngx_current_msec) > 0)
    {
        trouble->unsent |= due;
        return;
    }

    batch = ngx_alloc(offsetof(ngx_commerce_redis_flush_batch_t, receipts)
                      + n * sizeof(ngx_commerce_ledger_receipt_t),
                      send->tenant->log);
    if (batch == NULL) {

        /* they have no mark any more, but are found by looking */

        send->unsent = 1;
        return;
    }

    batch->send = send;
    batch->due = due;
    batch->show = items[0]->show;
    batch->len = items[0]->room_len;
    ngx_memcpy(batch->room, items[0]->key, batch->len);

    batch->n = n;

    for (i = 0; i < n; i++) {
        batch->receipts[i] = items[i]->receipt;
    }

    batch->call = ngx_commerce_redis_flush_send_call(batch, items);

    if (batch->call == NULL) {
        ngx_commerce_redis_flush_send_unsent(batch);
        ngx_free(batch);
        return;
    }

    ngx_queue_insert_tail(&send->batches, &batch->queue);

    send->calls++;
    send->due += due;

    (void) ngx_atomic_fetch_add(&send->tenant->stats->flush_calls, 1);
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_flush_send_call(ngx_commerce_redis_flush_batch_t *batch,
    ngx_commerce_ledger_item_t **items)
{
    u_char                           *text;
    char                              suffix[NGX_INT64_LEN
                                             + sizeof("::counts")];
    ngx_str_t                         room, *arg;
    ngx_uint_t                        i;
    ngx_pool_t                       *pool;
    ngx_commerce_redis_call_t        *call;
    ngx_commerce_redis_flush_send_t  *send;

    send = batch->send;

    pool = ngx_create_pool(512, send->tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    room.len = batch->len;
    room.data = batch->room;

    ngx_sprintf((u_char *) suffix, ":%uL:counts%Z", batch->show);

    arg = send->argv;
    *arg++ = ngx_commerce_redis_room_key(send->tenant, pool, &room, suffix);

    ngx_str_set(arg, NGX_COMMERCE_FLUSH_KEEP);
    arg++;

    text = send->text;

    for (i = 0; i < batch->n; i++) {
        arg = ngx_commerce_redis_flush_send_args(arg, &text, items[i]);
    }

    call = NULL;

    if (send->argv[0].data != NULL) {
        call = ngx_commerce_redis_eval(send->tenant,
                                       &ngx_commerce_redis_script_flush, 1,
                                       arg - send->argv, send->argv,
                                       ngx_commerce_redis_flush_send_done,
                                       batch);
    }

    ngx_destroy_pool(pool);

    return call;
}


/* six of them for each cell, as scripts/flush.lua has them */

static ngx_str_t *
ngx_commerce_redis_flush_send_args(ngx_str_t *arg, u_char **text,
    ngx_commerce_ledger_item_t *item)
{
    u_char                         *p;
    ngx_commerce_ledger_receipt_t  *receipt;

    receipt = &item->receipt;

    p = ngx_sprintf(*text, "%016xL", receipt->generation);

    if (receipt->epoch == 0) {
        p = ngx_sprintf(p, "/%uD.%uD", receipt->id, receipt->id_life);
    }

    arg->data = *text;
    arg->len = p - *text;
    arg++;

    *text = p;

    arg = ngx_commerce_redis_flush_send_number(arg, text, receipt->epoch);

    arg->data = item->key + item->room_len;
    arg->len = item->field_len;
    arg++;

    arg = ngx_commerce_redis_flush_send_number(arg, text, receipt->total);
    arg = ngx_commerce_redis_flush_send_number(arg, text, item->sent);

    return ngx_commerce_redis_flush_send_number(arg, text, item->expired);
}


static ngx_str_t *
ngx_commerce_redis_flush_send_number(ngx_str_t *arg, u_char **text,
    uint64_t number)
{
    u_char  *p;

    p = ngx_sprintf(*text, "%uL", number);

    arg->data = *text;
    arg->len = p - *text;

    *text = p;

    return arg + 1;
}


static void
ngx_commerce_redis_flush_send_done(void *data, redisReply *reply)
{
    ngx_commerce_redis_flush_batch_t  *batch = data;

    ngx_commerce_redis_flush_send_t  *send;

    send = batch->send;

    ngx_queue_remove(&batch->queue);

    send->calls--;
    send->due -= batch->due;

    if (reply != NULL
        && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 3
        && reply->element[0]->type == REDIS_REPLY_INTEGER
        && reply->element[1]->type == REDIS_REPLY_INTEGER)
    {
        if (reply->element[1]->integer) {
            ngx_commerce_ledger_resend(send->ledger);
            send->lacking = 1;
        }

        ngx_commerce_redis_flush_send_accepted(batch,
                                               reply->element[0]->integer);
        ngx_commerce_redis_flush_send_behind(batch, reply->element[2]);

    } else {
        ngx_commerce_redis_flush_send_refused(batch, reply);
    }

    ngx_free(batch);
}


static void
ngx_commerce_redis_flush_send_accepted(ngx_commerce_redis_flush_batch_t *batch,
    ngx_uint_t raised)
{
    ngx_uint_t                        i;
    ngx_commerce_redis_flush_send_t  *send;

    send = batch->send;

    for (i = 0; i < batch->n; i++) {
        ngx_commerce_ledger_acknowledge(send->ledger, &batch->receipts[i]);
    }

    (void) ngx_atomic_fetch_add(&send->tenant->stats->flushed, batch->n);

    /* a Redis that only answers may refuse what is new still */

    if (raised == 0) {
        return;
    }

    ngx_commerce_redis_flush_send_end_trouble(batch);

    if (send->pause) {
        send->pause = 0;

        ngx_log_error(NGX_LOG_NOTICE, send->tenant->log, 0,
                      "commerce: Redis takes counts again");
    }
}


/* cells of which Redis has more: number, epoch and total of each */

static void
ngx_commerce_redis_flush_send_behind(ngx_commerce_redis_flush_batch_t *batch,
    redisReply *reply)
{
    size_t       i;
    redisReply  *number, *epoch, *total;

    if (reply->type != REDIS_REPLY_ARRAY) {
        return;
    }

    for (i = 0; i + 2 < reply->elements; i += 3) {
        number = reply->element[i];
        epoch = reply->element[i + 1];
        total = reply->element[i + 2];

        if (number->type == REDIS_REPLY_INTEGER
            && epoch->type == REDIS_REPLY_INTEGER
            && total->type == REDIS_REPLY_INTEGER
            && number->integer >= 1
            && (ngx_uint_t) number->integer <= batch->n)
        {
            ngx_commerce_ledger_behind(batch->send->ledger,
                                       &batch->receipts[number->integer - 1],
                                       epoch->integer, total->integer);
        }
    }
}


static void
ngx_commerce_redis_flush_send_refused(ngx_commerce_redis_flush_batch_t *batch,
    redisReply *reply)
{
    u_char                            buf[NGX_COMMERCE_REDIS_TEXT_MAX + 1];
    ngx_str_t                         text;
    const char                       *error;
    ngx_commerce_redis_flush_send_t  *send;

    send = batch->send;

    ngx_commerce_redis_flush_send_unsent(batch);

    (void) ngx_atomic_fetch_add(&send->tenant->stats->flush_errors, 1);

    if (!ngx_commerce_redis_reply_is_error(reply)) {

        /* the connection tells the log why */

        if (reply) {
            ngx_commerce_redis_reject_reply(send->tenant);
        }

        return;
    }

    text = ngx_commerce_redis_error_text(reply, buf);
    buf[text.len] = '\0';
    error = (char *) buf;

    if (ngx_commerce_redis_error_of_all(ngx_commerce_redis_error(reply))) {
        ngx_commerce_redis_flush_send_pause(send, error);

    } else {
        ngx_commerce_redis_flush_send_add_trouble(batch, error);
    }
}


static void
ngx_commerce_redis_flush_send_unsent(ngx_commerce_redis_flush_batch_t *batch)
{
    ngx_uint_t  i;

    batch->send->unsent = 1;

    for (i = 0; i < batch->n; i++) {
        ngx_commerce_ledger_mark(batch->send->ledger,
                                 batch->receipts[i].bucket);
    }
}


void
ngx_commerce_redis_flush_send_cancel(ngx_commerce_redis_flush_send_t *send)
{
    ngx_queue_t                       *q;
    ngx_commerce_redis_flush_batch_t  *batch;

    while (!ngx_queue_empty(&send->batches)) {
        q = ngx_queue_head(&send->batches);
        batch = ngx_queue_data(q, ngx_commerce_redis_flush_batch_t, queue);

        ngx_commerce_redis_cancel(batch->call);

        ngx_queue_remove(q);
        ngx_free(batch);
    }

    send->calls = 0;
    send->due = 0;
}


static void
ngx_commerce_redis_flush_send_pause(ngx_commerce_redis_flush_send_t *send,
    const char *error)
{
    /* the other calls under way are refused alike */

    if (ngx_commerce_redis_flush_send_paused(send)) {
        return;
    }

    if (send->pause == 0) {
        ngx_log_error(NGX_LOG_ERR, send->tenant->log, 0,
                      "commerce: Redis takes no counts: %s", error);
    }

    send->pause = send->pause ? ngx_min(send->pause * 2,
                                        NGX_COMMERCE_FLUSH_DELAY_MAX)
                              : NGX_COMMERCE_FLUSH_DELAY;

    send->paused = ngx_current_msec + send->pause;
}


ngx_uint_t
ngx_commerce_redis_flush_send_paused(ngx_commerce_redis_flush_send_t *send)
{
    return send->pause
           && (ngx_msec_int_t) (send->paused - ngx_current_msec) > 0;
}


void
ngx_commerce_redis_flush_send_try(ngx_commerce_redis_flush_send_t *send)
{
    /* what was told already is told when it is over */
    send->paused = ngx_current_msec;
}


static ngx_commerce_redis_flush_trouble_t *
ngx_commerce_redis_flush_send_trouble(ngx_commerce_redis_flush_send_t *send,
    u_char *room, size_t len, uint64_t show)
{
    ngx_uint_t                           i;
    ngx_commerce_redis_flush_trouble_t  *trouble;

    trouble = send->troubles;

    for (i = 0; i < send->ntroubles; i++) {

        if (trouble[i].show == show
            && trouble[i].len == len
            && ngx_memcmp(trouble[i].room, room, len) == 0)
        {
            return &trouble[i];
        }
    }

    return NULL;
}


static void
ngx_commerce_redis_flush_send_add_trouble(
    ngx_commerce_redis_flush_batch_t *batch, const char *error)
{
    ngx_str_t                            room;
    ngx_commerce_redis_flush_send_t     *send;
    ngx_commerce_redis_flush_trouble_t  *trouble;

    send = batch->send;

    trouble = ngx_commerce_redis_flush_send_trouble(send, batch->room,
                                                    batch->len, batch->show);

    if (trouble == NULL) {

        if (send->ntroubles == NGX_COMMERCE_FLUSH_TROUBLES
            || batch->len > sizeof(trouble->room))
        {
            ngx_commerce_redis_flush_send_pause(send, error);
            return;
        }

        trouble = &send->troubles[send->ntroubles++];

        ngx_memcpy(trouble->room, batch->room, batch->len);
        trouble->len = batch->len;
        trouble->show = batch->show;
        trouble->delay = NGX_COMMERCE_FLUSH_DELAY / 2;
        trouble->unsent = 0;

        room.len = batch->len;
        room.data = batch->room;

        ngx_log_error(NGX_LOG_ERR, send->tenant->log, 0,
                      "commerce: Redis takes no counts of room \"%V\", show "
                      "%uL: %s", &room, batch->show, error);

    } else if ((ngx_msec_int_t) (trouble->until - ngx_current_msec) > 0) {
        return;
    }

    trouble->delay = ngx_min(trouble->delay * 2, NGX_COMMERCE_FLUSH_DELAY_MAX);
    trouble->until = ngx_current_msec + trouble->delay;
    trouble->marked = 0;
}


/* what was left alone meanwhile is sent, too */

static void
ngx_commerce_redis_flush_send_end_trouble(
    ngx_commerce_redis_flush_batch_t *batch)
{
    ngx_str_t                            room;
    ngx_commerce_redis_flush_send_t     *send;
    ngx_commerce_redis_flush_trouble_t  *trouble;

    send = batch->send;

    trouble = ngx_commerce_redis_flush_send_trouble(send, batch->room,
                                                    batch->len, batch->show);
    if (trouble == NULL) {
        return;
    }

    room.len = trouble->len;
    room.data = trouble->room;

    ngx_commerce_ledger_mark_room(send->ledger, &room, trouble->show);

    ngx_log_error(NGX_LOG_NOTICE, send->tenant->log, 0,
                  "commerce: Redis takes counts of room \"%V\", show %uL again",
                  &room, trouble->show);

    *trouble = send->troubles[--send->ntroubles];
}


ngx_uint_t
ngx_commerce_redis_flush_send_troubled(ngx_commerce_redis_flush_send_t *send)
{
    ngx_uint_t  i;

    for (i = 0; i < send->ntroubles; i++) {

        if (send->troubles[i].unsent) {
            return 1;
        }
    }

    return 0;
}


void
ngx_commerce_redis_flush_send_retry(ngx_commerce_redis_flush_send_t *send)
{
    ngx_str_t                            room;
    ngx_uint_t                           i;
    ngx_msec_int_t                       late;
    ngx_commerce_redis_flush_trouble_t  *trouble;

    for (i = send->ntroubles; i > 0; i--) {
        trouble = &send->troubles[i - 1];
        late = (ngx_msec_int_t) (ngx_current_msec - trouble->until);

        room.len = trouble->len;
        room.data = trouble->room;

        if (late >= 0 && !trouble->marked) {
            ngx_commerce_ledger_mark_room(send->ledger, &room, trouble->show);
            trouble->marked = 1;
        }

        if (late > NGX_COMMERCE_FLUSH_FORGET) {
            *trouble = send->troubles[--send->ntroubles];
        }
    }
}
