
#include "ngx_commerce_redis_flush.h"
#include "ngx_commerce_redis_scripts.h"


typedef struct {
    ngx_queue_t                      queue;
    ngx_commerce_redis_flush_t      *flush;
    ngx_commerce_redis_call_t       *call;
    u_char                           room[NGX_COMMERCE_LEDGER_KEY_MAX];
    size_t                           len;
    uint64_t                         show;
    ngx_uint_t                       round;    /* not again */
    ngx_uint_t                       n;
    ngx_commerce_ledger_receipt_t    receipts[1];
} ngx_commerce_redis_batch_t;


static void ngx_commerce_redis_flush_call(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_ledger_item_t **items, ngx_uint_t n, ngx_uint_t round);
static ngx_commerce_redis_call_t *ngx_commerce_redis_flush_eval(
    ngx_commerce_redis_flush_t *flush, ngx_commerce_redis_batch_t *batch,
    ngx_commerce_ledger_item_t **items);
static u_char *ngx_commerce_redis_flush_number(ngx_str_t *arg, u_char *p,
    uint64_t number);
static void ngx_commerce_redis_flush_done(void *data, redisReply *reply);
static void ngx_commerce_redis_flush_accepted(
    ngx_commerce_redis_batch_t *batch, ngx_uint_t raised, ngx_uint_t lost);
static void ngx_commerce_redis_flush_behind(ngx_commerce_redis_batch_t *batch,
    redisReply *reply);
static void ngx_commerce_redis_flush_taken(ngx_commerce_redis_batch_t *batch);
static void ngx_commerce_redis_flush_refused(ngx_commerce_redis_batch_t *batch,
    redisReply *reply);
static void ngx_commerce_redis_flush_unsent(ngx_commerce_redis_batch_t *batch);


void
ngx_commerce_redis_flush_send(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_redis_walk_t *walk)
{
    ngx_uint_t  n;

    n = ngx_commerce_redis_flush_walk_call(walk);

    ngx_commerce_redis_flush_call(flush, walk->sorted + walk->sent, n,
                                  walk->marked);
    walk->sent += n;
}


/* n cells of one room and show */

static void
ngx_commerce_redis_flush_call(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_ledger_item_t **items, ngx_uint_t n, ngx_uint_t round)
{
    ngx_uint_t                     i;
    ngx_commerce_redis_batch_t    *batch;
    ngx_commerce_redis_trouble_t  *trouble;

    trouble = ngx_commerce_redis_flush_trouble(flush, items[0]->key,
                                               items[0]->room_len,
                                               items[0]->show);

    if (trouble != NULL
        && (ngx_msec_int_t) (trouble->until - ngx_current_msec) > 0)
    {
        trouble->unsent |= round;
        return;
    }

    batch = ngx_alloc(offsetof(ngx_commerce_redis_batch_t, receipts)
                      + n * sizeof(ngx_commerce_ledger_receipt_t),
                      flush->tenant->log);
    if (batch == NULL) {

        /* they have no mark any more, but are found by looking */

        flush->failed = 1;
        return;
    }

    batch->flush = flush;
    batch->round = round;
    batch->show = items[0]->show;
    batch->len = items[0]->room_len;
    ngx_memcpy(batch->room, items[0]->key, batch->len);

    batch->n = n;

    for (i = 0; i < n; i++) {
        batch->receipts[i] = items[i]->receipt;
    }

    batch->call = ngx_commerce_redis_flush_eval(flush, batch, items);

    if (batch->call == NULL) {
        ngx_commerce_redis_flush_unsent(batch);
        ngx_free(batch);
        return;
    }

    ngx_queue_insert_tail(&flush->batches, &batch->queue);

    flush->calls++;
    flush->due += round;

    (void) ngx_atomic_fetch_add(&flush->tenant->stats->flush_calls, 1);
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_flush_eval(ngx_commerce_redis_flush_t *flush,
    ngx_commerce_redis_batch_t *batch, ngx_commerce_ledger_item_t **items)
{
    u_char                         *p;
    char                            suffix[NGX_INT64_LEN + sizeof("::counts")];
    ngx_str_t                       room, *arg;
    ngx_uint_t                      i;
    ngx_pool_t                     *pool;
    ngx_commerce_redis_call_t      *call;
    ngx_commerce_ledger_receipt_t  *receipt;

    pool = ngx_create_pool(512, flush->tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    room.len = batch->len;
    room.data = batch->room;

    ngx_sprintf((u_char *) suffix, ":%uL:counts%Z", batch->show);

    arg = flush->argv;
    *arg++ = ngx_commerce_redis_room_key(flush->tenant, pool, &room, suffix);

    ngx_str_set(arg, NGX_COMMERCE_FLUSH_KEEP);
    arg++;

    p = flush->text;

    for (i = 0; i < batch->n; i++) {
        receipt = &batch->receipts[i];

        arg->data = p;
        p = ngx_sprintf(p, "%016xL", receipt->generation);

        if (receipt->epoch == 0) {
            p = ngx_sprintf(p, "/%uD.%uD", receipt->id, receipt->id_life);
        }

        arg->len = p - arg->data;
        arg++;

        p = ngx_commerce_redis_flush_number(arg++, p, receipt->epoch);

        arg->data = items[i]->key + items[i]->room_len;
        arg->len = items[i]->field_len;
        arg++;

        p = ngx_commerce_redis_flush_number(arg++, p, receipt->total);
        p = ngx_commerce_redis_flush_number(arg++, p, items[i]->sent);
        p = ngx_commerce_redis_flush_number(arg++, p, items[i]->expired);
    }

    call = NULL;

    if (flush->argv[0].data != NULL) {
        call = ngx_commerce_redis_eval(flush->tenant,
                                       &ngx_commerce_redis_script_flush, 1,
                                       arg - flush->argv, flush->argv,
                                       ngx_commerce_redis_flush_done, batch);
    }

    ngx_destroy_pool(pool);

    return call;
}


static u_char *
ngx_commerce_redis_flush_number(ngx_str_t *arg, u_char *p, uint64_t number)
{
    arg->data = p;
    p = ngx_sprintf(p, "%uL", number);
    arg->len = p - arg->data;

    return p;
}


static void
ngx_commerce_redis_flush_done(void *data, redisReply *reply)
{
    ngx_commerce_redis_batch_t  *batch = data;

    ngx_commerce_redis_flush_t  *flush;

    flush = batch->flush;

    ngx_queue_remove(&batch->queue);

    flush->calls--;
    flush->due -= batch->round;

    if (reply != NULL
        && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 3
        && reply->element[0]->type == REDIS_REPLY_INTEGER
        && reply->element[1]->type == REDIS_REPLY_INTEGER)
    {
        ngx_commerce_redis_flush_accepted(batch, reply->element[0]->integer,
                                          reply->element[1]->integer);
        ngx_commerce_redis_flush_behind(batch, reply->element[2]);

    } else {
        ngx_commerce_redis_flush_refused(batch, reply);
    }

    if (batch->round) {
        ngx_commerce_redis_flush_round_end(flush);
    }

    ngx_free(batch);
}


static void
ngx_commerce_redis_flush_accepted(ngx_commerce_redis_batch_t *batch,
    ngx_uint_t raised, ngx_uint_t lost)
{
    ngx_uint_t                   i;
    ngx_commerce_redis_flush_t  *flush;

    flush = batch->flush;

    for (i = 0; i < batch->n; i++) {
        ngx_commerce_ledger_acknowledge(flush->ledger, &batch->receipts[i]);
    }

    (void) ngx_atomic_fetch_add(&flush->tenant->stats->flushed, batch->n);

    if (raised) {
        ngx_commerce_redis_flush_taken(batch);
    }

    if (lost == 0) {
        return;
    }

    flush->rolled_back = 1;
    flush->tenant->stats->complete = 0;
    ngx_commerce_ledger_resend(flush->ledger);

    if (!flush->again.active
        && (ngx_msec_int_t) (flush->again_at - ngx_current_msec)
           > 2 * NGX_COMMERCE_FLUSH_DELAY)
    {
        ngx_log_error(NGX_LOG_WARN, flush->tenant->log, 0,
                      "commerce: Redis has lost counts: all totals are sent "
                      "again");

        ngx_commerce_redis_flush_again(flush, NGX_COMMERCE_FLUSH_DELAY);
    }
}


/* cells of which Redis has more: number, epoch and total of each */

static void
ngx_commerce_redis_flush_behind(ngx_commerce_redis_batch_t *batch,
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
            ngx_commerce_ledger_behind(batch->flush->ledger,
                                       &batch->receipts[number->integer - 1],
                                       epoch->integer, total->integer);
        }
    }
}


/* something was written: a Redis that only answers may refuse that still */

static void
ngx_commerce_redis_flush_taken(ngx_commerce_redis_batch_t *batch)
{
    ngx_commerce_redis_flush_t    *flush;
    ngx_commerce_redis_trouble_t  *trouble;

    flush = batch->flush;

    trouble = ngx_commerce_redis_flush_trouble(flush, batch->room, batch->len,
                                               batch->show);
    if (trouble != NULL) {
        ngx_commerce_redis_flush_trouble_end(flush, trouble);
    }

    if (flush->pause) {
        flush->pause = 0;

        ngx_log_error(NGX_LOG_NOTICE, flush->tenant->log, 0,
                      "commerce: Redis takes counts again");
    }
}


static void
ngx_commerce_redis_flush_refused(ngx_commerce_redis_batch_t *batch,
    redisReply *reply)
{
    u_char                       buf[NGX_COMMERCE_REDIS_TEXT_MAX + 1];
    ngx_str_t                    text;
    const char                  *error;
    ngx_commerce_redis_flush_t  *flush;

    flush = batch->flush;

    ngx_commerce_redis_flush_unsent(batch);

    (void) ngx_atomic_fetch_add(&flush->tenant->stats->flush_errors, 1);

    if (!ngx_commerce_redis_reply_is_error(reply)) {

        /* the connection tells the log why */

        if (reply) {
            ngx_commerce_redis_reject_reply(flush->tenant);
        }

        return;
    }

    text = ngx_commerce_redis_error_text(reply, buf);
    buf[text.len] = '\0';
    error = (char *) buf;

    if (ngx_commerce_redis_error_of_all(ngx_commerce_redis_error(reply))) {
        ngx_commerce_redis_flush_pause(flush, error);

    } else {
        ngx_commerce_redis_flush_trouble_add(flush, batch->room, batch->len,
                                             batch->show, error);
    }
}


static void
ngx_commerce_redis_flush_unsent(ngx_commerce_redis_batch_t *batch)
{
    ngx_uint_t  i;

    batch->flush->failed = 1;

    for (i = 0; i < batch->n; i++) {
        ngx_commerce_ledger_mark(batch->flush->ledger,
                                 batch->receipts[i].bucket);
    }
}


void
ngx_commerce_redis_flush_forget(ngx_commerce_redis_flush_t *flush)
{
    ngx_queue_t                 *q;
    ngx_commerce_redis_batch_t  *batch;

    while (!ngx_queue_empty(&flush->batches)) {
        q = ngx_queue_head(&flush->batches);
        batch = ngx_queue_data(q, ngx_commerce_redis_batch_t, queue);

        ngx_commerce_redis_cancel(batch->call);

        ngx_queue_remove(q);
        ngx_free(batch);
    }

    flush->calls = 0;
    flush->due = 0;
}
