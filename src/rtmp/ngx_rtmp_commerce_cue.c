
#include "ngx_rtmp_commerce_cue.h"
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_rtmp_commerce_cue_point.h"
#include "ngx_rtmp_commerce_period.h"
#include "ngx_commerce_redis_pin.h"
#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_redis_scripts.h"


#define NGX_RTMP_COMMERCE_CUES  8    /* that wait for those before them */


/* why a cue is not taken; words as the API's */

typedef enum {
    NGX_RTMP_COMMERCE_CUE_NO_PRODUCT = 0,
    NGX_RTMP_COMMERCE_CUE_PRODUCT_UNKNOWN,
    NGX_RTMP_COMMERCE_CUE_NOT_APPROVED,
    NGX_RTMP_COMMERCE_CUE_NOT_ON_SHELF,
    NGX_RTMP_COMMERCE_CUE_TOO_MANY,
    NGX_RTMP_COMMERCE_CUE_ROOM_UNKNOWN,
    NGX_RTMP_COMMERCE_CUE_STORE_AWAY,
    NGX_RTMP_COMMERCE_CUE_STORE_ERROR,
    NGX_RTMP_COMMERCE_CUE_WRONGS
} ngx_rtmp_commerce_cue_wrong_e;


static ngx_str_t
    ngx_rtmp_commerce_cue_wrongs[NGX_RTMP_COMMERCE_CUE_WRONGS] =
{
    ngx_string("product_missing"),
    ngx_string("product_unknown"),
    ngx_string("product_not_approved"),
    ngx_string("product_not_on_shelf"),
    ngx_string("too_many_pins"),
    ngx_string("room_unknown"),
    ngx_string("store_away"),
    ngx_string("store_error")
};


/* of a session, from a pool of its own until Redis has answered */

typedef struct {
    ngx_queue_t                 queue;     /* in the order that they came */
    ngx_pool_t                 *pool;
    ngx_rtmp_commerce_ctx_t    *ctx;
    ngx_commerce_redis_call_t  *call;      /* NULL: it is not its turn */
    ngx_commerce_redis_pin_t    pin;
    ngx_commerce_product_t      product;
} ngx_rtmp_commerce_cue_t;


static void ngx_rtmp_commerce_cue_add(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_str_t *product, int64_t at);
static void ngx_rtmp_commerce_cue_next(ngx_rtmp_commerce_ctx_t *ctx);
static ngx_commerce_redis_call_t *ngx_rtmp_commerce_cue_ask(
    ngx_rtmp_commerce_cue_t *cue);
static void ngx_rtmp_commerce_cue_product(void *data, redisReply *reply);
static ngx_commerce_redis_call_t *ngx_rtmp_commerce_cue_pin(
    ngx_rtmp_commerce_cue_t *cue);
static void ngx_rtmp_commerce_cue_pinned(void *data, redisReply *reply);
static ngx_rtmp_commerce_cue_wrong_e ngx_rtmp_commerce_cue_verdict(
    redisReply *reply);
static void ngx_rtmp_commerce_cue_done(ngx_rtmp_commerce_cue_t *cue);
static void ngx_rtmp_commerce_cue_refuse(ngx_rtmp_commerce_cue_t *cue,
    ngx_rtmp_commerce_cue_wrong_e wrong);
static void ngx_rtmp_commerce_cue_free(ngx_rtmp_commerce_cue_t *cue);
static void ngx_rtmp_commerce_cue_say(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_commerce_cue_wrong_e wrong, ngx_str_t *product);


ngx_uint_t
ngx_rtmp_commerce_cue_data(ngx_rtmp_commerce_ctx_t *ctx, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    ngx_int_t  rc;
    ngx_str_t  product;

    rc = ngx_rtmp_commerce_cue_point_read(ctx, in, &product);

    if (rc == NGX_DECLINED) {
        return 0;
    }

    /* in a dry run it may be published by whoever has no right to */

    if (ctx->claim == NULL) {
        return 1;
    }

    if (rc == NGX_ERROR) {
        ngx_rtmp_commerce_cue_say(ctx, NGX_RTMP_COMMERCE_CUE_NO_PRODUCT,
                                  &product);
        return 1;
    }

    ngx_rtmp_commerce_cue_add(ctx, &product,
                              ngx_rtmp_commerce_period_date(ctx,
                                                            h->timestamp));

    return 1;
}


/* one after the other, so that none overtakes the one before it */

static void
ngx_rtmp_commerce_cue_add(ngx_rtmp_commerce_ctx_t *ctx, ngx_str_t *product,
    int64_t at)
{
    ngx_pool_t               *pool;
    ngx_rtmp_commerce_cue_t  *cue;

    if (ctx->ncues == NGX_RTMP_COMMERCE_CUES) {
        ngx_rtmp_commerce_cue_say(ctx, NGX_RTMP_COMMERCE_CUE_TOO_MANY, product);
        return;
    }

    pool = ngx_create_pool(2048, ctx->tenant->log);
    if (pool == NULL) {
        return;
    }

    cue = ngx_pcalloc(pool, sizeof(ngx_rtmp_commerce_cue_t));
    if (cue == NULL) {
        goto failed;
    }

    cue->pool = pool;
    cue->ctx = ctx;
    cue->pin.room = ctx->room;
    cue->pin.at = at;
    cue->pin.product.len = product->len;
    cue->pin.product.data = ngx_pstrdup(pool, product);

    if (cue->pin.product.data == NULL) {
        goto failed;
    }

    if (ctx->ncues++ == 0) {
        ngx_queue_init(&ctx->cues);
    }

    ngx_queue_insert_tail(&ctx->cues, &cue->queue);

    if (ctx->ncues == 1) {
        ngx_rtmp_commerce_cue_next(ctx);
    }

    return;

failed:

    ngx_destroy_pool(pool);
}


static void
ngx_rtmp_commerce_cue_next(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_cue_t  *cue;

    while (ctx->ncues) {
        cue = ngx_queue_data(ngx_queue_head(&ctx->cues),
                             ngx_rtmp_commerce_cue_t, queue);

        cue->call = cue->pin.product.len ? ngx_rtmp_commerce_cue_ask(cue)
                                         : ngx_rtmp_commerce_cue_pin(cue);
        if (cue->call) {
            return;
        }

        ngx_rtmp_commerce_cue_say(ctx, NGX_RTMP_COMMERCE_CUE_STORE_AWAY,
                                  &cue->pin.product);
        ngx_rtmp_commerce_cue_free(cue);
    }
}


static ngx_commerce_redis_call_t *
ngx_rtmp_commerce_cue_ask(ngx_rtmp_commerce_cue_t *cue)
{
    ngx_str_t               argv[2];
    ngx_commerce_tenant_t  *tenant;

    tenant = cue->ctx->tenant;

    ngx_str_set(&argv[0], "HGETALL");
    argv[1] = ngx_commerce_redis_record_name(tenant, cue->pool,
                                             NGX_COMMERCE_PRODUCT,
                                             &cue->pin.product);
    if (argv[1].data == NULL) {
        return NULL;
    }

    return ngx_commerce_redis_command(tenant, &argv[1], 2, argv,
                                      ngx_rtmp_commerce_cue_product, cue);
}


static void
ngx_rtmp_commerce_cue_product(void *data, redisReply *reply)
{
    ngx_rtmp_commerce_cue_t *cue = data;

    if (reply == NULL) {
        ngx_rtmp_commerce_cue_refuse(cue, NGX_RTMP_COMMERCE_CUE_STORE_AWAY);
        return;
    }

    if (ngx_commerce_redis_record_read_product(cue->ctx->tenant, cue->pool,
                                               &cue->pin.product, reply,
                                               &cue->product)
        != NGX_OK)
    {
        ngx_rtmp_commerce_cue_refuse(cue, NGX_RTMP_COMMERCE_CUE_STORE_ERROR);
        return;
    }

    if (reply->elements == 0) {
        ngx_rtmp_commerce_cue_refuse(cue,
                                     NGX_RTMP_COMMERCE_CUE_PRODUCT_UNKNOWN);
        return;
    }

    if (cue->product.state != NGX_COMMERCE_PRODUCT_STATE_APPROVED) {
        ngx_rtmp_commerce_cue_refuse(cue, NGX_RTMP_COMMERCE_CUE_NOT_APPROVED);
        return;
    }

    cue->pin.card = &cue->product.card;
    cue->call = ngx_rtmp_commerce_cue_pin(cue);

    if (cue->call == NULL) {
        ngx_rtmp_commerce_cue_refuse(cue, NGX_RTMP_COMMERCE_CUE_STORE_AWAY);
    }
}


static ngx_commerce_redis_call_t *
ngx_rtmp_commerce_cue_pin(ngx_rtmp_commerce_cue_t *cue)
{
    ngx_array_t            *args;
    ngx_commerce_tenant_t  *tenant;

    tenant = cue->ctx->tenant;

    args = ngx_commerce_redis_pin_args(tenant, cue->pool, &cue->pin);
    if (args == NULL) {
        return NULL;
    }

    return ngx_commerce_redis_eval(tenant, &ngx_commerce_redis_script_pin,
                                   NGX_COMMERCE_REDIS_PIN_KEYS, args->nelts,
                                   args->elts, ngx_rtmp_commerce_cue_pinned,
                                   cue);
}


static void
ngx_rtmp_commerce_cue_pinned(void *data, redisReply *reply)
{
    ngx_rtmp_commerce_cue_t *cue = data;

    ngx_str_t                      id, at;
    ngx_rtmp_commerce_cue_wrong_e  wrong;

    wrong = ngx_rtmp_commerce_cue_verdict(reply);

    if (wrong != NGX_RTMP_COMMERCE_CUE_WRONGS) {
        ngx_rtmp_commerce_cue_refuse(cue, wrong);
        return;
    }

    /* without these nothing was pinned anyway */

    if (reply->elements >= 4
        && ngx_commerce_redis_reply_is_text(reply->element[2])
        && ngx_commerce_redis_reply_is_text(reply->element[3]))
    {
        id.data = (u_char *) reply->element[2]->str;
        id.len = reply->element[2]->len;
        at.data = (u_char *) reply->element[3]->str;
        at.len = reply->element[3]->len;

        ngx_rtmp_commerce_audit_pin(cue->ctx, &cue->pin.product, &id, &at);
    }

    ngx_rtmp_commerce_cue_done(cue);
}


/* what the script says is wrong; NGX_RTMP_COMMERCE_CUE_WRONGS: nothing */

static ngx_rtmp_commerce_cue_wrong_e
ngx_rtmp_commerce_cue_verdict(redisReply *reply)
{
    size_t       len;
    char        *word;
    ngx_str_t   *wrong;
    ngx_uint_t   i;

    if (reply == NULL) {
        return NGX_RTMP_COMMERCE_CUE_STORE_AWAY;
    }

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0
        || !ngx_commerce_redis_reply_is_text(reply->element[0]))
    {
        return NGX_RTMP_COMMERCE_CUE_STORE_ERROR;
    }

    word = reply->element[0]->str;
    len = reply->element[0]->len;

    if (len == 2 && ngx_strncmp(word, "ok", 2) == 0) {
        return NGX_RTMP_COMMERCE_CUE_WRONGS;
    }

    for (i = 0; i < NGX_RTMP_COMMERCE_CUE_WRONGS; i++) {
        wrong = &ngx_rtmp_commerce_cue_wrongs[i];

        if (wrong->len == len && ngx_memcmp(wrong->data, word, len) == 0) {
            return i;
        }
    }

    return NGX_RTMP_COMMERCE_CUE_STORE_ERROR;
}


static void
ngx_rtmp_commerce_cue_refuse(ngx_rtmp_commerce_cue_t *cue,
    ngx_rtmp_commerce_cue_wrong_e wrong)
{
    ngx_rtmp_commerce_cue_say(cue->ctx, wrong, &cue->pin.product);
    ngx_rtmp_commerce_cue_done(cue);
}


static void
ngx_rtmp_commerce_cue_done(ngx_rtmp_commerce_cue_t *cue)
{
    ngx_rtmp_commerce_ctx_t  *ctx;

    ctx = cue->ctx;

    ngx_rtmp_commerce_cue_free(cue);
    ngx_rtmp_commerce_cue_next(ctx);
}


static void
ngx_rtmp_commerce_cue_free(ngx_rtmp_commerce_cue_t *cue)
{
    cue->ctx->ncues--;

    ngx_queue_remove(&cue->queue);
    ngx_destroy_pool(cue->pool);
}


void
ngx_rtmp_commerce_cue_stop(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_cue_t  *cue;

    while (ctx->ncues) {
        cue = ngx_queue_data(ngx_queue_head(&ctx->cues),
                             ngx_rtmp_commerce_cue_t, queue);

        if (cue->call) {
            ngx_commerce_redis_cancel(cue->call);
        }

        ngx_rtmp_commerce_cue_free(cue);
    }

    ctx->cue_wrongs = 0;
}


/* each of a publish once */

static void
ngx_rtmp_commerce_cue_say(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_commerce_cue_wrong_e wrong, ngx_str_t *product)
{
    if (ctx->cue_wrongs & (1 << wrong)) {
        return;
    }

    ctx->cue_wrongs |= 1 << wrong;

    ngx_log_error(NGX_LOG_WARN, ctx->session->connection->log, 0,
                  "commerce: a cue of the encoder of room \"%V\" is not taken: "
                  "%V, product \"%V\"; others like it are not told of",
                  &ctx->room, &ngx_rtmp_commerce_cue_wrongs[wrong], product);
}
