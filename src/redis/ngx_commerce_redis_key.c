
#include "ngx_commerce_redis_key.h"
#include "ngx_commerce_redis_scripts.h"


static void ngx_commerce_redis_key_confirmed(void *data, redisReply *reply);


void
ngx_commerce_redis_key_confirm(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room)
{
    u_char       hex[2 * sizeof(room->key)];
    ngx_str_t    name, argv[2];
    ngx_pool_t  *pool;

    pool = ngx_create_pool(512, tenant->log);
    if (pool == NULL) {
        return;
    }

    name.data = hex;
    name.len = ngx_hex_dump(hex, room->key, sizeof(room->key)) - hex;

    argv[0] = ngx_commerce_redis_record_name(tenant, pool, NGX_COMMERCE_KEY,
                                             &name);
    argv[1] = room->name;

    if (argv[0].data) {
        (void) ngx_commerce_redis_eval(tenant,
                                       &ngx_commerce_redis_script_key_confirm,
                                       1, 2, argv,
                                       ngx_commerce_redis_key_confirmed,
                                       tenant);
    }

    ngx_destroy_pool(pool);
}


/* a hint to another room is that one's who is given the key at this moment */

static void
ngx_commerce_redis_key_confirmed(void *data, redisReply *reply)
{
    ngx_commerce_redis_error_warn(data, reply, "to keep a stream key's room");
}
