
/*
 * The hints that lead from stream keys to rooms.  The room's own key decides.
 *
 * A hint and its room are in two slots of Redis, so that no write changes both
 * at once.  A hint is reserved, for a time; the room is written; the hint is
 * confirmed, for good.  A hint whose key the room has no longer is given a
 * short time before the room is looked at: so whoever gives the room that key
 * again meanwhile, and confirms it, finds it there, before or after.
 */

#include "ngx_http_commerce_api_key.h"
#include "ngx_http_commerce_api_redis.h"


/* longer than a write can take; and than it takes to look at the room */
#define NGX_HTTP_COMMERCE_API_KEY_RESERVED  30000  /* ms */
#define NGX_HTTP_COMMERCE_API_KEY_GIVEN_UP  3000   /* ms */


struct ngx_http_commerce_api_key_s {
    ngx_str_t                          hash;
    ngx_str_t                          holder;  /* room that a hint names */
    ngx_http_commerce_api_handler_pt   next;
};


static ngx_int_t ngx_http_commerce_api_key_start(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);
static ngx_int_t ngx_http_commerce_api_key_send_reserve(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_key_reserved(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_holder(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_send_confirm(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_step_pt step);
static ngx_int_t ngx_http_commerce_api_key_confirmed(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_given_up(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_looked_at(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_done(ngx_http_commerce_api_t *api,
    redisReply *reply);
static ngx_uint_t ngx_http_commerce_api_key_is_taken(redisReply *reply);
static ngx_int_t ngx_http_commerce_api_key_taken(
    ngx_http_commerce_api_t *api);
static ngx_array_t *ngx_http_commerce_api_key_args(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_key_of_room(
    ngx_http_commerce_api_t *api, ngx_str_t *room,
    ngx_http_commerce_api_step_pt step);


ngx_int_t
ngx_http_commerce_api_key_reserve(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next)
{
    if (ngx_http_commerce_api_key_start(api, hash, next) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_api_key_send_reserve(api);
}


ngx_int_t
ngx_http_commerce_api_key_confirm(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next)
{
    if (ngx_http_commerce_api_key_start(api, hash, next) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_api_key_send_confirm(api,
                                         ngx_http_commerce_api_key_confirmed);
}


ngx_int_t
ngx_http_commerce_api_key_give_up(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next)
{
    ngx_array_t  *args;

    if (ngx_http_commerce_api_key_start(api, hash, next) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    args = ngx_http_commerce_api_key_args(api);
    ngx_http_commerce_api_redis_push_number(args,
                                           NGX_HTTP_COMMERCE_API_KEY_GIVEN_UP);

    return ngx_http_commerce_api_redis_eval(api,
                                        &ngx_commerce_redis_script_key_give_up,
                                        1, args,
                                        ngx_http_commerce_api_key_given_up);
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

    api->key->hash.len = hash->len;
    api->key->hash.data = ngx_pstrdup(api->request->pool, hash);
    if (api->key->hash.data == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&api->key->holder, "");
    api->key->next = next;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_api_key_send_reserve(ngx_http_commerce_api_t *api)
{
    ngx_array_t  *args;

    args = ngx_http_commerce_api_key_args(api);

    ngx_http_commerce_api_redis_push_number(args,
                                           NGX_HTTP_COMMERCE_API_KEY_RESERVED);
    ngx_http_commerce_api_redis_push(args, &api->key->holder);
    ngx_http_commerce_api_redis_push_number(args,
                                           NGX_HTTP_COMMERCE_API_KEY_GIVEN_UP);

    return ngx_http_commerce_api_redis_eval(api,
                                        &ngx_commerce_redis_script_key_reserve,
                                        1, args,
                                        ngx_http_commerce_api_key_reserved);
}


/* of a key that another room is said to have, that room is asked */

static ngx_int_t
ngx_http_commerce_api_key_reserved(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    u_char     *name;
    ngx_str_t   holder;

    if (!ngx_http_commerce_api_key_is_taken(reply)) {
        return ngx_http_commerce_api_key_done(api, reply);
    }

    if (api->key->holder.len) {
        /* it is reserved, or another room has it since that one was asked */
        return ngx_http_commerce_api_key_taken(api);
    }

    holder = ngx_http_commerce_api_redis_text(reply, 1);

    name = ngx_pstrdup(api->request->pool, &holder);
    if (name == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    api->key->holder.data = name;
    api->key->holder.len = holder.len;

    return ngx_http_commerce_api_key_of_room(api, &api->key->holder,
                                             ngx_http_commerce_api_key_holder);
}


static ngx_int_t
ngx_http_commerce_api_key_holder(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_str_t  hash;

    hash = ngx_http_commerce_api_redis_text(reply, 0);

    return ngx_http_commerce_api_same(&hash, &api->key->hash)
           ? ngx_http_commerce_api_key_taken(api)
           : ngx_http_commerce_api_key_send_reserve(api);
}


static ngx_int_t
ngx_http_commerce_api_key_send_confirm(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_step_pt step)
{
    return ngx_http_commerce_api_redis_eval(api,
                                        &ngx_commerce_redis_script_key_confirm,
                                        1, ngx_http_commerce_api_key_args(api),
                                        step);
}


static ngx_int_t
ngx_http_commerce_api_key_confirmed(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    return ngx_http_commerce_api_key_is_taken(reply)
           ? ngx_http_commerce_api_key_taken(api)
           : ngx_http_commerce_api_key_done(api, reply);
}


static ngx_int_t
ngx_http_commerce_api_key_given_up(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    return ngx_http_commerce_api_key_of_room(api, &api->name,
                                         ngx_http_commerce_api_key_looked_at);
}


static ngx_int_t
ngx_http_commerce_api_key_looked_at(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_str_t  hash;

    hash = ngx_http_commerce_api_redis_text(reply, 0);

    if (ngx_http_commerce_api_same(&hash, &api->key->hash)) {

        /* it was given to the room again */

        return ngx_http_commerce_api_key_send_confirm(api,
                                              ngx_http_commerce_api_key_done);
    }

    return ngx_http_commerce_api_key_done(api, reply);
}


static ngx_int_t
ngx_http_commerce_api_key_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    return api->key->next(api);
}


static ngx_uint_t
ngx_http_commerce_api_key_is_taken(redisReply *reply)
{
    ngx_str_t  word;

    static ngx_str_t  taken = ngx_string("key_taken");

    word = ngx_http_commerce_api_redis_text(reply, 0);

    return ngx_http_commerce_api_same(&word, &taken);
}


static ngx_int_t
ngx_http_commerce_api_key_taken(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_refuse(api, NGX_HTTP_CONFLICT, "key_taken",
                                        "the key opens another room");
}


static ngx_array_t *
ngx_http_commerce_api_key_args(ngx_http_commerce_api_t *api)
{
    ngx_str_t     hint;
    ngx_array_t  *args;

    hint = ngx_commerce_redis_record_name(api->tenant, api->request->pool,
                                          NGX_COMMERCE_KEY, &api->key->hash);
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push(args, &hint);
    ngx_http_commerce_api_redis_push(args, &api->name);

    return args;
}


static ngx_int_t
ngx_http_commerce_api_key_of_room(ngx_http_commerce_api_t *api,
    ngx_str_t *room, ngx_http_commerce_api_step_pt step)
{
    ngx_str_t     key;
    ngx_array_t  *args;

    key = ngx_commerce_redis_room_key(api->tenant, api->request->pool, room,
                                      "");
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "HMGET");
    ngx_http_commerce_api_redis_push(args, &key);
    ngx_http_commerce_api_redis_push_literal(args, "key");

    return ngx_http_commerce_api_redis_command(api, args, step);
}
