
#include "ngx_http_commerce_api.h"


ngx_array_t *
ngx_http_commerce_api_args(ngx_http_commerce_api_t *api)
{
    return ngx_array_create(api->request->pool, 32, sizeof(ngx_str_t));
}


void
ngx_http_commerce_api_push(ngx_array_t *args, ngx_str_t *text)
{
    ngx_str_t  *arg;

    if (args == NULL) {
        return;
    }

    arg = ngx_array_push(args);

    if (arg) {
        *arg = *text;
    } else {

        /* the array stays as it is but can't be sent any more */

        ((ngx_str_t *) args->elts)[0].data = NULL;
    }
}


void
ngx_http_commerce_api_push_literal(ngx_array_t *args, const char *text)
{
    ngx_str_t  arg;

    arg.data = (u_char *) text;
    arg.len = ngx_strlen(text);

    ngx_http_commerce_api_push(args, &arg);
}


void
ngx_http_commerce_api_push_number(ngx_array_t *args, int64_t n)
{
    ngx_str_t  arg;

    if (args == NULL) {
        return;
    }

    arg.len = NGX_INT64_LEN;
    arg.data = ngx_pnalloc(args->pool, NGX_INT64_LEN);

    if (arg.data) {
        arg.len = ngx_sprintf(arg.data, "%L", n) - arg.data;
    }

    ngx_http_commerce_api_push(args, &arg);
}


void
ngx_http_commerce_api_push_record(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    ngx_str_t  key;

    key = ngx_commerce_redis_record_name(api->tenant, api->request->pool,
                                         api->route->resource->kind,
                                         &api->name);

    ngx_http_commerce_api_push(args, &key);
}


void
ngx_http_commerce_api_push_part(ngx_http_commerce_api_t *api,
    ngx_array_t *args, const char *suffix)
{
    ngx_str_t  key;

    key = ngx_commerce_redis_room_key(api->tenant, api->request->pool,
                                      &api->name, suffix);

    ngx_http_commerce_api_push(args, &key);
}


void
ngx_http_commerce_api_push_channel(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    ngx_str_t  channel;

    channel = ngx_commerce_redis_channel(api->tenant, api->request->pool,
                                         api->route->resource->kind,
                                         &api->name);

    ngx_http_commerce_api_push(args, &channel);
}


void
ngx_http_commerce_api_push_conditions(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    ngx_http_commerce_api_push(args, &api->match);
    ngx_http_commerce_api_push(args, &api->none_match);
}


ngx_uint_t
ngx_http_commerce_api_complete(ngx_array_t *args)
{
    ngx_str_t   *arg;
    ngx_uint_t   i;

    if (args == NULL) {
        return 0;
    }

    arg = args->elts;

    for (i = 0; i < args->nelts; i++) {
        if (arg[i].data == NULL) {
            return 0;
        }
    }

    return 1;
}
