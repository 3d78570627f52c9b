
/*
 * The product that goes onto a shelf or into the spotlight.  It is in another
 * slot than the room, so it is read on its own.
 */

#include "ngx_http_commerce_api.h"
#include "ngx_commerce_redis_record.h"


ngx_int_t
ngx_http_commerce_api_ask_product(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_step_pt step)
{
    ngx_str_t     key;
    ngx_array_t  *args;

    key = ngx_commerce_redis_record_name(api->tenant, api->request->pool,
                                         NGX_COMMERCE_PRODUCT, &api->product);
    args = ngx_http_commerce_api_args(api);

    ngx_http_commerce_api_push_literal(args, "HGETALL");
    ngx_http_commerce_api_push(args, &key);

    return ngx_http_commerce_api_command(api, args, step);
}


ngx_int_t
ngx_http_commerce_api_read_product(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_commerce_product_t *product)
{
    if (ngx_commerce_redis_record_read_product(api->tenant, api->request->pool,
                                               &api->product, reply, product)
        != NGX_OK)
    {
        return ngx_http_commerce_api_not_understood(api);
    }

    if (reply->elements == 0) {
        return ngx_http_commerce_api_unknown(api,
                                             &ngx_http_commerce_api_product);
    }

    return NGX_DECLINED;
}
