
/*
 * The tenant's stream of events, for the audit.
 */

#include "ngx_commerce_redis.h"


#define NGX_COMMERCE_REDIS_EVENTS  "10000"   /* are kept, or a few more */


static void ngx_commerce_redis_event_answered(void *data, redisReply *reply);


void
ngx_commerce_redis_event(ngx_commerce_tenant_t *tenant, ngx_str_t *fields,
    ngx_uint_t n)
{
    ngx_str_t   *argv, *arg;
    ngx_pool_t  *pool;
    u_char       at[NGX_INT64_LEN];

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return;
    }

    argv = ngx_palloc(pool, (6 + n + 4) * sizeof(ngx_str_t));
    if (argv == NULL) {
        goto done;
    }

    ngx_str_set(&argv[0], "XADD");
    argv[1] = ngx_commerce_redis_key(tenant, pool, "events");
    ngx_str_set(&argv[2], "MAXLEN");
    ngx_str_set(&argv[3], "~");
    ngx_str_set(&argv[4], NGX_COMMERCE_REDIS_EVENTS);
    ngx_str_set(&argv[5], "*");

    ngx_memcpy(&argv[6], fields, n * sizeof(ngx_str_t));

    arg = &argv[6 + n];

    ngx_str_set(&arg[0], "node");
    arg[1] = tenant->node;
    ngx_str_set(&arg[2], "at");
    arg[3].data = at;
    arg[3].len = ngx_sprintf(at, "%L", ngx_commerce_now(tenant)) - at;

    if (argv[1].data) {
        (void) ngx_commerce_redis_command(tenant, &argv[1], 6 + n + 4, argv,
                                          ngx_commerce_redis_event_answered,
                                          tenant);
    }

done:

    ngx_destroy_pool(pool);
}


static void
ngx_commerce_redis_event_answered(void *data, redisReply *reply)
{
    ngx_commerce_redis_error_warn(data, reply, "an event");
}
