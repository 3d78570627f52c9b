
/*
 * What Redis answers of an hour: whatever it is, nothing is taken from it that
 * was not looked at.
 */

/* links: src/redis/ngx_commerce_redis_hour.c src/redis/ngx_commerce_redis_cue.c src/redis/ngx_commerce_redis_fields.c src/redis/ngx_commerce_redis_period.c src/core/ngx_commerce_record.c src/core/ngx_commerce_write.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_timer.c */


#include "ngx_commerce_redis_hour.h"
#include "ngx_commerce_link.h"
#include "tap.h"


static ngx_pool_t             *pool;
static ngx_log_t               test_log;
static ngx_commerce_tenant_t   tenant;


#define CUE(at, product)                                                      \
    "*2\r\n$15\r\n1763841600000-0\r\n*4\r\n"                                  \
    "$2\r\nat\r\n$13\r\n" at "\r\n$7\r\nproduct\r\n$3\r\n" product "\r\n"

#define HEAD  "*5\r\n$13\r\n1763849999999\r\n$13\r\n1763841600002\r\n"


/* where links may lead is another test's matter */

ngx_uint_t
ngx_commerce_link_allowed(ngx_commerce_tenant_t *t, ngx_str_t *link)
{
    return 1;
}


ngx_uint_t
ngx_commerce_image_valid(ngx_str_t *image)
{
    return 1;
}


static ngx_int_t
parse(const char *resp, ngx_commerce_hour_t **hour)
{
    void                   *reply;
    size_t                  size;
    u_char                 *blob;
    ngx_int_t               rc;
    ngx_str_t               name;
    redisReader            *reader;
    ngx_commerce_writer_t   w;

    ngx_str_set(&name, "demo/489955");

    memset(&w, 0, sizeof(w));
    w.pool = pool;

    reader = redisReaderCreate();
    redisReaderFeed(reader, resp, strlen(resp));

    reply = NULL;

    if (redisReaderGetReply(reader, &reply) != REDIS_OK || reply == NULL) {
        redisReaderFree(reader);
        return NGX_ABORT;
    }

    rc = ngx_commerce_redis_hour(&tenant, &name, reply, &w);

    if (rc == NGX_OK) {
        size = w.pos - w.start;
        blob = ngx_palloc(pool, size);
        memcpy(blob, w.start, size);
        *hour = ngx_pcalloc(pool, ngx_commerce_record_size(NGX_COMMERCE_HOUR,
                                                           blob));
        ngx_commerce_record_read(NGX_COMMERCE_HOUR, &name, blob, *hour);
    }

    freeReplyObject(reply);
    redisReaderFree(reader);

    return rc;
}


static void
right(void)
{
    ngx_commerce_hour_t  *hour;

    ok(parse("$-1\r\n", &hour) == NGX_DECLINED, "no room");

    ok(parse(HEAD "*2\r\n" CUE("1763841600001", "cup")
             CUE("1763841600002", "tea")
             "*1\r\n$55\r\n7 1763841600000 1763841600000 1763841600000 "
             "60000 33   \r\n:0\r\n", &hour)
       == NGX_OK, "an hour");
    ok(hour->version == 1763849999999 && hour->cues_until == 1763841600002,
       "its times");
    ok(hour->ncues == 2, "its cues");
    ok(hour->cues[1].at == 1763841600002, "when they begin");
    is_text(hour->cues[1].card.product, "tea", "and what they are of");

    ok(parse(HEAD "*0\r\n*1\r\n$53\r\n7 1763841600000 1763841600000 "
             "1763841600000 -6000 33 \r\n:0\r\n", &hour) == NGX_OK,
       "a period that is none");
    ok(hour->nperiods == 0, "is left out");

    ok(parse(HEAD "*0\r\n*1\r\n$52\r\n7 1763841600000 1763841600000 "
             "1763841600000 -6000 33\r\n:0\r\n", &hour) == NGX_OK
       && hour->nperiods == 1 && hour->periods[0].shift == -6000,
       "one that is one is there");
}


static void
wrong(void)
{
    size_t                i;
    ngx_commerce_hour_t  *hour;

    static const char    *bad[] = {
        ":1\r\n",
        "*0\r\n",
        "*4\r\n$1\r\n1\r\n$1\r\n1\r\n*0\r\n*0\r\n",
        "*5\r\n:1\r\n$1\r\n1\r\n*0\r\n*0\r\n:0\r\n",
        "*5\r\n$1\r\n1\r\n:1\r\n*0\r\n*0\r\n:0\r\n",
        "*5\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n*0\r\n:0\r\n",
        "*5\r\n$1\r\n1\r\n$1\r\n1\r\n*0\r\n$-1\r\n:0\r\n",
        "*5\r\n$1\r\n1\r\n$1\r\n1\r\n*0\r\n*0\r\n$1\r\n0\r\n"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ok(parse(bad[i], &hour) == NGX_ERROR, "no hour: %zu", i);
    }

    ok(parse(HEAD "*4\r\n:1\r\n*0\r\n*2\r\n$1\r\nx\r\n*0\r\n"
             CUE("1763841600001", "cup") "*2\r\n:1\r\n*0\r\n:0\r\n", &hour)
       == NGX_OK && hour->ncues == 1 && hour->nperiods == 0,
       "what is no cue or period in it is left out");
}


int
main(void)
{
    ngx_pagesize = 4096;
    pool = ngx_create_pool(4096, &test_log);
    tenant.log = &test_log;

    right();
    wrong();

    ngx_destroy_pool(pool);

    return tap_done();
}
