
#include "ngx_commerce_redis_keep.h"
#include "ngx_commerce_redis_scripts.h"


/* the room, its cues, its shows */
#define NGX_COMMERCE_REDIS_KEEP_KEYS  3


static ngx_int_t ngx_commerce_redis_keep_shows(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, redisReply *shows, ngx_str_t *keys);
static ngx_int_t ngx_commerce_redis_keep_cues(ngx_pool_t *pool,
    ngx_commerce_room_t *room, ngx_str_t *argv);


ngx_commerce_redis_call_t *
ngx_commerce_redis_keep(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room, redisReply *shows,
    ngx_commerce_redis_handler_pt handler, void *data)
{
    ngx_str_t                  *argv, *arg;
    ngx_uint_t                  nkeys;
    ngx_pool_t                 *pool;
    ngx_commerce_redis_call_t  *call;

    static const char          *suffix[] = { "", ":cues", ":shows" };

    pool = ngx_create_pool(4096, tenant->log);
    if (pool == NULL) {
        return NULL;
    }

    call = NULL;
    nkeys = NGX_COMMERCE_REDIS_KEEP_KEYS + (shows ? shows->elements : 0);

    argv = ngx_palloc(pool, (nkeys + 1 + 2 * room->ncues) * sizeof(ngx_str_t));

    if (argv == NULL
        || ngx_commerce_redis_room_keys(tenant, pool, &room->name, suffix,
                                        NGX_COMMERCE_REDIS_KEEP_KEYS, argv)
           != NGX_OK
        || ngx_commerce_redis_keep_shows(tenant, pool, &room->name, shows,
                                         &argv[NGX_COMMERCE_REDIS_KEEP_KEYS])
           != NGX_OK)
    {
        goto done;
    }

    arg = &argv[nkeys];
    *arg++ = room->unkept;

    if (ngx_commerce_redis_keep_cues(pool, room, arg) == NGX_OK) {
        call = ngx_commerce_redis_eval(tenant,
                                       &ngx_commerce_redis_script_cues_keep,
                                       nkeys, nkeys + 1 + 2 * room->ncues,
                                       argv, handler, data);
    }

done:

    ngx_destroy_pool(pool);

    return call;
}


static ngx_int_t
ngx_commerce_redis_keep_shows(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *room, redisReply *shows, ngx_str_t *keys)
{
    size_t  i;

    for (i = 0; shows && i < shows->elements; i++) {

        if (shows->element[i]->type != REDIS_REPLY_INTEGER) {
            return NGX_ERROR;
        }

        keys[i] = ngx_commerce_redis_keep_key(tenant, pool, room,
                                              shows->element[i]->integer);
        if (keys[i].data == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_keep_cues(ngx_pool_t *pool, ngx_commerce_room_t *room,
    ngx_str_t *argv)
{
    u_char      *p;
    ngx_uint_t   i;

    p = ngx_pnalloc(pool, room->ncues * NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < room->ncues; i++) {
        *argv++ = room->cues[i].id;

        argv->data = p;
        p = ngx_sprintf(p, "%L", room->cues[i].at);
        argv->len = p - argv->data;
        argv++;
    }

    return NGX_OK;
}


ngx_str_t
ngx_commerce_redis_keep_key(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *room, int64_t show)
{
    char  suffix[sizeof("::cues") + NGX_INT64_LEN];

    ngx_sprintf((u_char *) suffix, ":%L:cues%Z", show);

    return ngx_commerce_redis_room_key(tenant, pool, room, suffix);
}
