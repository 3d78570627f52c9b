
#include "ngx_http_commerce_api_shelf.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_record.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_commerce_redis_record.h"


static ngx_int_t ngx_http_commerce_api_shelf_product(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_shelf_added(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_shelf_removed(
    ngx_http_commerce_api_t *api, redisReply *reply);


ngx_int_t
ngx_http_commerce_api_shelf_add(ngx_http_commerce_api_t *api)
{
    ngx_int_t                         rc;
    ngx_http_commerce_api_changes_t  *changes;

    changes = ngx_palloc(api->request->pool,
                         sizeof(ngx_http_commerce_api_changes_t));
    if (changes == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_api_field_read_changes(api,
                              ngx_http_commerce_api_shelf_fields, 0, changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    api->data = changes;
    api->product = api->member;

    return ngx_http_commerce_api_record_ask_product(api,
                                        ngx_http_commerce_api_shelf_product);
}


static ngx_int_t
ngx_http_commerce_api_shelf_product(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_int_t                rc;
    ngx_str_t               *position;
    ngx_array_t             *args;
    ngx_commerce_product_t   product;

    rc = ngx_http_commerce_api_record_read_product(api, reply, &product);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (product.card.link.len == 0) {
        return ngx_http_commerce_api_refuse(api, 422, "link_not_allowed",
                                            "the product's link has to lead "
                                            "to one of product_hosts by "
                                            "http or https");
    }

    position = ngx_http_commerce_api_field_new_value(api->data, "position");

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":shelf");
    ngx_http_commerce_api_redis_push_channel(api, args);
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push(args, &api->product);

    if (position) {
        ngx_http_commerce_api_redis_push(args, position);

    } else {
        ngx_http_commerce_api_redis_push_literal(args, "");
    }

    ngx_http_commerce_api_redis_push_number(args,
                                            NGX_COMMERCE_REDIS_SHELF_MAX);

    return ngx_http_commerce_api_redis_eval(api,
                                      &ngx_commerce_redis_script_shelf_add, 2,
                                      args, ngx_http_commerce_api_shelf_added);
}


static ngx_int_t
ngx_http_commerce_api_shelf_added(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t      *json;
    int64_t      version;
    ngx_int_t    rc;
    ngx_str_t    position;
    ngx_uint_t   status;

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 4);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    status = ngx_http_commerce_api_redis_number(reply, 2) ? NGX_HTTP_CREATED
                                                          : NGX_HTTP_OK;
    position = ngx_http_commerce_api_redis_text(reply, 3);

    version = ngx_http_commerce_api_redis_number(reply, 1);

    json = json_object();
    json_object_set_new(json, "version", json_integer(version));
    json_object_set_new(json, "position",
                        ngx_http_commerce_json_number(&position));

    return ngx_http_commerce_api_answer(api, status, json, version);
}


ngx_int_t
ngx_http_commerce_api_shelf_remove(ngx_http_commerce_api_t *api)
{
    ngx_array_t  *args;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":shelf");
    ngx_http_commerce_api_redis_push_channel(api, args);
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push(args, &api->member);

    return ngx_http_commerce_api_redis_eval(api,
                                   &ngx_commerce_redis_script_shelf_remove, 2,
                                   args, ngx_http_commerce_api_shelf_removed);
}


static ngx_int_t
ngx_http_commerce_api_shelf_removed(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t     *json;
    int64_t     version;
    ngx_int_t   rc;

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 2);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    version = ngx_http_commerce_api_redis_number(reply, 1);

    json = json_object();
    json_object_set_new(json, "version", json_integer(version));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}
