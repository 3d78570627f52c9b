
#include "ngx_commerce_redis_media.h"


static void ngx_commerce_redis_media_answered(void *data, redisReply *reply);


void
ngx_commerce_redis_media(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_str_t *wrong, ngx_msec_t lasts)
{
    u_char       ms[NGX_INT64_LEN];
    ngx_str_t    argv[5];
    ngx_uint_t   argc;
    ngx_pool_t  *pool;

    pool = ngx_create_pool(512, tenant->log);
    if (pool == NULL) {
        return;
    }

    argv[1] = ngx_commerce_redis_room_key(tenant, pool, room, ":media");

    if (wrong) {
        ngx_str_set(&argv[0], "SET");
        argv[2] = *wrong;
        ngx_str_set(&argv[3], "PX");
        argv[4].data = ms;
        argv[4].len = ngx_sprintf(ms, "%M", lasts) - ms;
        argc = 5;

    } else {
        ngx_str_set(&argv[0], "DEL");
        argc = 2;
    }

    if (argv[1].data) {
        (void) ngx_commerce_redis_command(tenant, &argv[1], argc, argv,
                                          ngx_commerce_redis_media_answered,
                                          tenant);
    }

    ngx_destroy_pool(pool);
}


static void
ngx_commerce_redis_media_answered(void *data, redisReply *reply)
{
    ngx_commerce_redis_error_warn(data, reply, "what is wrong with a room's media");
}
