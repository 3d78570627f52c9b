
#include "ngx_http_commerce_api_follower.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_http_commerce_answer.h"


static ngx_int_t ngx_http_commerce_api_follower_host(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_follower_write(
    ngx_http_commerce_api_t *api, const char *command,
    ngx_http_commerce_api_step_pt step);
static ngx_int_t ngx_http_commerce_api_follower_added(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_follower_removed(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_follower_answer(
    ngx_http_commerce_api_t *api, ngx_uint_t status, ngx_uint_t follows);


/* a host has followers in another slot than himself */

ngx_int_t
ngx_http_commerce_api_follower_add(ngx_http_commerce_api_t *api)
{
    ngx_array_t  *args;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "EXISTS");
    ngx_http_commerce_api_redis_push_record(api, args);

    return ngx_http_commerce_api_redis_command(api, args,
                                         ngx_http_commerce_api_follower_host);
}


static ngx_int_t
ngx_http_commerce_api_follower_host(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    if (reply->type != REDIS_REPLY_INTEGER) {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    if (reply->integer == 0) {
        return ngx_http_commerce_api_unknown(api, api->route->resource);
    }

    return ngx_http_commerce_api_follower_write(api, "SADD",
                                        ngx_http_commerce_api_follower_added);
}


ngx_int_t
ngx_http_commerce_api_follower_remove(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_follower_write(api, "SREM",
                                      ngx_http_commerce_api_follower_removed);
}


static ngx_int_t
ngx_http_commerce_api_follower_write(ngx_http_commerce_api_t *api,
    const char *command, ngx_http_commerce_api_step_pt step)
{
    ngx_str_t     key;
    ngx_array_t  *args;

    if (api->match.len || api->none_match.len) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "condition_wrong",
                                            "a follower has no version");
    }

    key = ngx_commerce_redis_followers_key(api->tenant, api->request->pool,
                                           &api->name, &api->member);
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, command);
    ngx_http_commerce_api_redis_push(args, &key);
    ngx_http_commerce_api_redis_push(args, &api->member);

    return ngx_http_commerce_api_redis_command(api, args, step);
}


static ngx_int_t
ngx_http_commerce_api_follower_added(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    if (reply->type != REDIS_REPLY_INTEGER) {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    return ngx_http_commerce_api_follower_answer(api,
                                       reply->integer ? NGX_HTTP_CREATED
                                                      : NGX_HTTP_OK, 1);
}


static ngx_int_t
ngx_http_commerce_api_follower_removed(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    if (reply->type != REDIS_REPLY_INTEGER) {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    return ngx_http_commerce_api_follower_answer(api, NGX_HTTP_OK, 0);
}


static ngx_int_t
ngx_http_commerce_api_follower_answer(ngx_http_commerce_api_t *api,
    ngx_uint_t status, ngx_uint_t follows)
{
    json_t  *json;

    json = json_object();
    json_object_set_new(json, "follows", json_boolean(follows));

    return ngx_http_commerce_send_value(api->request, status, json);
}
