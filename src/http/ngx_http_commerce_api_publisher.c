
#include "ngx_http_commerce_api_publisher.h"
#include "ngx_http_commerce_api_event.h"
#include "ngx_http_commerce_api_redis.h"


static ngx_int_t ngx_http_commerce_api_publisher_cut(
    ngx_http_commerce_api_t *api, ngx_commerce_reason_e reason,
    const char *event);
static ngx_int_t ngx_http_commerce_api_publisher_gone(
    ngx_http_commerce_api_t *api, redisReply *reply);


ngx_int_t
ngx_http_commerce_api_publisher_kick(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_publisher_cut(api, NGX_COMMERCE_KICKED,
                                               "publisher_kicked");
}


ngx_int_t
ngx_http_commerce_api_publisher_end(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_publisher_cut(api, NGX_COMMERCE_SHOW_ENDED,
                                               "show_ended");
}


static ngx_int_t
ngx_http_commerce_api_publisher_cut(ngx_http_commerce_api_t *api,
    ngx_commerce_reason_e reason, const char *event)
{
    ngx_array_t  *args;

    api->data = (void *) event;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":live");
    ngx_http_commerce_api_redis_push_part(api, args, ":shows");
    ngx_http_commerce_api_redis_push_channel(api, args);
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push(args, ngx_commerce_reason(reason));

    return ngx_http_commerce_api_redis_eval(api,
                                   &ngx_commerce_redis_script_publisher_cut, 3,
                                   args, ngx_http_commerce_api_publisher_gone);
}


static ngx_int_t
ngx_http_commerce_api_publisher_gone(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t     *json;
    int64_t     version;
    ngx_int_t   rc;
    ngx_str_t   host, show;

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 4);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    host = ngx_http_commerce_api_redis_text(reply, 2);
    show = ngx_http_commerce_api_redis_text(reply, 3);

    ngx_http_commerce_api_event(api, api->data, "host", &host, "show", &show,
                                NULL);

    version = ngx_http_commerce_api_redis_number(reply, 1);

    json = json_object();
    json_object_set_new(json, "version", json_integer(version));
    json_object_set_new(json, "show", ngx_http_commerce_json_number(&show));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}
