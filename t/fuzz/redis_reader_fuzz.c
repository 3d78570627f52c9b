
/*
 * The bytes come from a "Redis".  Fed at once or in pieces they give the same
 * replies and end in the same way.
 */

/* links: src/redis/ngx_commerce_redis_re[ap]*.c src/redis/ngx_commerce_redis_error.c src/core/ngx_commerce_text.c */


#include "fuzz.h"
#include "ngx_commerce_redis_error.h"
#include "ngx_commerce_redis_reader.h"
#include "ngx_commerce_redis_reply.h"


typedef struct {
    uint64_t    hash;      /* of all replies */
    ngx_uint_t  replies;
    ngx_uint_t  failed;
} outcome_t;


static void
add(outcome_t *outcome, const void *data, size_t size)
{
    size_t         i;
    const u_char  *p = data;

    for (i = 0; i < size; i++) {
        outcome->hash = (outcome->hash ^ p[i]) * 1099511628211u;
    }
}


static void
add_reply(outcome_t *outcome, redisReply *reply)
{
    size_t     i;
    u_char    *buf;
    ngx_str_t  text;

    add(outcome, &reply->type, sizeof(reply->type));
    add(outcome, &reply->integer, sizeof(reply->integer));

    if (reply->str) {
        add(outcome, reply->str, reply->len);
        must(reply->str[reply->len] == '\0');
    }

    if (ngx_commerce_redis_reply_is_error(reply)) {
        (void) ngx_commerce_redis_error(reply);

        buf = malloc(NGX_COMMERCE_REDIS_TEXT_MAX);
        text = ngx_commerce_redis_error_text(reply, buf);

        for (i = 0; i < text.len; i++) {
            must(text.data[i] >= ' ');
        }

        free(buf);
    }

    for (i = 0; i < reply->elements; i++) {
        add_reply(outcome, reply->element[i]);
    }
}


static void
read_replies(ngx_commerce_redis_reader_t *r, outcome_t *outcome)
{
    ngx_int_t    rc;
    redisReply  *reply;

    while ((rc = ngx_commerce_redis_reader_next(r, &reply)) == NGX_OK) {
        outcome->replies++;
        add_reply(outcome, reply);
        freeReplyObject(reply);
    }

    if (rc == NGX_ERROR) {
        must(r->error && r->error[0]);
        outcome->failed = 1;
    }
}


static outcome_t
feed(const uint8_t *data, size_t size, size_t piece)
{
    size_t                       n;
    u_char                      *copy;
    outcome_t                    outcome;
    ngx_commerce_redis_reader_t  r;

    ngx_memzero(&outcome, sizeof(outcome));
    must(ngx_commerce_redis_reader_open(&r) == NGX_OK);

    for ( /* void */ ; size && !outcome.failed; data += n, size -= n) {
        n = ngx_min(piece, size);

        copy = fuzz_copy(data, n);
        must(ngx_commerce_redis_reader_feed(&r, copy, n) == NGX_OK);
        free(copy);

        read_replies(&r, &outcome);
    }

    ngx_commerce_redis_reader_close(&r);

    return outcome;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    outcome_t  whole, pieces;

    if (size == 0) {
        return 0;
    }

    whole = feed(data, size, size);
    pieces = feed(data, size, 1 + size % 7);

    must(whole.hash == pieces.hash);
    must(whole.replies == pieces.replies);
    must(whole.failed == pieces.failed);

    return 0;
}
