
#include "ngx_commerce_redis_follow.h"
#include "ngx_commerce_redis.h"
#include "ngx_commerce_redis_fields.h"


static void ngx_commerce_redis_follow_answered(void *data, redisReply *reply);
static void ngx_commerce_redis_follow_complain(ngx_commerce_follow_t *follow,
    redisReply *reply);


ngx_int_t
ngx_commerce_redis_follow(ngx_commerce_tenant_t *tenant,
    ngx_commerce_follow_t *follow)
{
    ngx_str_t                   argv[3];
    ngx_pool_t                 *pool;
    ngx_commerce_redis_call_t  *call;

    pool = ngx_create_pool(512, tenant->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    call = NULL;

    ngx_str_set(&argv[0], "SISMEMBER");
    argv[1] = ngx_commerce_redis_followers_key(tenant, pool, &follow->host,
                                               &follow->subject);
    argv[2] = follow->subject;

    if (argv[1].data) {
        call = ngx_commerce_redis_command(tenant, &argv[1], 3, argv,
                                          ngx_commerce_redis_follow_answered,
                                          follow);
    }

    ngx_destroy_pool(pool);

    return call ? NGX_OK : NGX_ERROR;
}


static void
ngx_commerce_redis_follow_answered(void *data, redisReply *reply)
{
    ngx_commerce_follow_t *follow = data;

    ngx_int_t  answer;

    answer = NGX_ERROR;

    if (ngx_commerce_redis_reply_is_error(reply)) {
        ngx_commerce_redis_follow_complain(follow, reply);

    } else if (reply && reply->type == REDIS_REPLY_INTEGER) {
        answer = reply->integer ? NGX_OK : NGX_DECLINED;

    } else if (reply) {
        ngx_commerce_redis_reject_reply(follow->tenant);
    }

    ngx_commerce_follow_answered(follow, answer);
}


/*
 * Nothing is known of who would be in a key that can't be read: nobody is told
 * that he does not follow.
 */

static void
ngx_commerce_redis_follow_complain(ngx_commerce_follow_t *follow,
    redisReply *reply)
{
    ngx_commerce_redis_fields_complain(follow->tenant, NGX_COMMERCE_HOST,
                                       &follow->host,
                                       "has followers that can't be read:",
                                       reply->str);
}
