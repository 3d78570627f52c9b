
/*
 * The hints that lead from stream keys to rooms.  The room's own key decides:
 * a hint to a room that it doesn't open, as a write leaves it that comes to
 * pass in part, counts for nothing.
 */

#include "ngx_http_commerce_api.h"


struct ngx_http_commerce_api_key_s {
    ngx_str_t                          hash;
    ngx_str_t                          holder;  /* room that a hint names */
    ngx_http_commerce_api_handler_pt   next;
};


static ngx_int_t ngx_http_commerce_api_key_start(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);
static ngx_int_t ngx_http_commerce_api_key_claim(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_key_claimed(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_holder(
    ngx_http_commerce_api_t *api, ngx_str_t *holder);
static ngx_int_t ngx_http_commerce_api_key_held(ngx_http_commerce_api_t *api,
    redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_taken(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_key_dropped(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_hint(ngx_http_commerce_api_t *api,
    ngx_str_t *added, ngx_str_t *dropped, ngx_http_commerce_api_step_pt step);


static ngx_str_t  ngx_http_commerce_api_key_none = ngx_string("");


ngx_int_t
ngx_http_commerce_api_claim_key(ngx_http_commerce_api_t *api, ngx_str_t *hash,
    ngx_http_commerce_api_handler_pt next)
{
    if (ngx_http_commerce_api_key_start(api, hash, next) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_api_key_claim(api);
}


ngx_int_t
ngx_http_commerce_api_drop_key(ngx_http_commerce_api_t *api, ngx_str_t *hash,
    ngx_http_commerce_api_handler_pt next)
{
    if (ngx_http_commerce_api_key_start(api, hash, next) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_api_key_hint(api, &ngx_http_commerce_api_key_none,
                                          hash,
                                          ngx_http_commerce_api_key_dropped);
}


static ngx_int_t
ngx_http_commerce_api_key_start(ngx_http_commerce_api_t *api, ngx_str_t *hash,
    ngx_http_commerce_api_handler_pt next)
{
    api->key = ngx_palloc(api->request->pool,
                          sizeof(ngx_http_commerce_api_key_t));
    if (api->key == NULL) {
        return NGX_ERROR;
    }

    api->key->hash = *hash;
    api->key->holder = ngx_http_commerce_api_key_none;
    api->key->next = next;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_api_key_claim(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_key_hint(api, &api->key->hash,
                                          &ngx_http_commerce_api_key_none,
                                          ngx_http_commerce_api_key_claimed);
}


static ngx_int_t
ngx_http_commerce_api_key_claimed(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_int_t  rc;
    ngx_str_t  word, holder;

    static ngx_str_t  taken = ngx_string("key_taken");

    word = ngx_http_commerce_api_text(reply, 0);

    if (ngx_http_commerce_api_same(&word, &taken)) {

        if (api->key->holder.len) {
            /* another room has it since that one was asked */
            return ngx_http_commerce_api_key_taken(api);
        }

        holder = ngx_http_commerce_api_text(reply, 1);

        return ngx_http_commerce_api_key_holder(api, &holder);
    }

    rc = ngx_http_commerce_api_verdict(api, reply, 1);

    return (rc == NGX_DECLINED) ? api->key->next(api) : rc;
}


static ngx_int_t
ngx_http_commerce_api_key_holder(ngx_http_commerce_api_t *api,
    ngx_str_t *holder)
{
    u_char       *name;
    ngx_str_t     key;
    ngx_array_t  *args;

    name = ngx_pstrdup(api->request->pool, holder);
    if (name == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    api->key->holder.data = name;
    api->key->holder.len = holder->len;

    key = ngx_commerce_redis_room_key(api->tenant, api->request->pool,
                                      &api->key->holder, "");
    args = ngx_http_commerce_api_args(api);

    ngx_http_commerce_api_push_literal(args, "HMGET");
    ngx_http_commerce_api_push(args, &key);
    ngx_http_commerce_api_push_literal(args, "key");

    return ngx_http_commerce_api_command(api, args,
                                         ngx_http_commerce_api_key_held);
}


static ngx_int_t
ngx_http_commerce_api_key_held(ngx_http_commerce_api_t *api, redisReply *reply)
{
    ngx_str_t  hash;

    hash = ngx_http_commerce_api_text(reply, 0);

    return ngx_http_commerce_api_same(&hash, &api->key->hash)
           ? ngx_http_commerce_api_key_taken(api)
           : ngx_http_commerce_api_key_claim(api);
}


static ngx_int_t
ngx_http_commerce_api_key_taken(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_refuse(api, NGX_HTTP_CONFLICT, "key_taken",
                                        "the key opens another room");
}


static ngx_int_t
ngx_http_commerce_api_key_dropped(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    return api->key->next(api);
}


static ngx_int_t
ngx_http_commerce_api_key_hint(ngx_http_commerce_api_t *api, ngx_str_t *added,
    ngx_str_t *dropped, ngx_http_commerce_api_step_pt step)
{
    ngx_str_t     key;
    ngx_array_t  *args;

    key = ngx_commerce_redis_key(api->tenant, api->request->pool, "keys",
                                 NULL);
    args = ngx_http_commerce_api_args(api);

    ngx_http_commerce_api_push(args, &key);
    ngx_http_commerce_api_push(args, &api->name);
    ngx_http_commerce_api_push(args, added);
    ngx_http_commerce_api_push(args, dropped);
    ngx_http_commerce_api_push(args, &api->key->holder);

    return ngx_http_commerce_api_eval(api,
                                      &ngx_commerce_redis_script_key_hint, 1,
                                      args, step);
}
