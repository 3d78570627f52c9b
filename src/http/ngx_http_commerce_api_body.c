
#include "ngx_http_commerce_api_body.h"
#include "ngx_http_commerce_body.h"


static ngx_uint_t ngx_http_commerce_api_body_is_json(ngx_http_request_t *r,
    ngx_uint_t patch);


ngx_int_t
ngx_http_commerce_api_body_expect(ngx_http_commerce_api_t *api)
{
    ngx_http_request_t            *r;
    ngx_http_commerce_api_body_e   body;

    r = api->request;
    body = api->route->body;

    if (r->headers_in.content_length_n > NGX_HTTP_COMMERCE_API_BODY_MAX) {
        return ngx_http_commerce_api_body_too_large(api);
    }

    if (body == NGX_HTTP_COMMERCE_API_NO_BODY
        || (body == NGX_HTTP_COMMERCE_API_MAY_HAVE_BODY
            && r->headers_in.content_length_n <= 0
            && !r->headers_in.chunked))
    {
        return NGX_DECLINED;
    }

    if (!ngx_http_commerce_api_body_is_json(r,
                                          body == NGX_HTTP_COMMERCE_API_PATCH))
    {
        return ngx_http_commerce_api_refuse(api,
                                            NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                            "not_json",
                                            "Content-Type has to be "
                                            "application/json");
    }

    return NGX_DECLINED;
}


/* RFC 7396 has a media type of its own */

static ngx_uint_t
ngx_http_commerce_api_body_is_json(ngx_http_request_t *r, ngx_uint_t patch)
{
    return ngx_http_commerce_body_is(r, "application/json")
           || (patch
               && ngx_http_commerce_body_is(r,
                                            "application/merge-patch+json"));
}


ngx_int_t
ngx_http_commerce_api_body_parse(ngx_http_commerce_api_t *api)
{
    char         *near;
    ngx_int_t     rc;
    ngx_str_t     text;
    json_error_t  error;

    if (api->route->body == NGX_HTTP_COMMERCE_API_NO_BODY) {
        return NGX_DECLINED;
    }

    rc = ngx_http_commerce_body_collect(api->request,
                                        NGX_HTTP_COMMERCE_API_BODY_MAX, &text);

    if (rc == NGX_DECLINED) {
        return ngx_http_commerce_api_body_too_large(api);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (text.len == 0
        && api->route->body == NGX_HTTP_COMMERCE_API_MAY_HAVE_BODY)
    {
        return NGX_DECLINED;
    }

    api->body = json_loadb((char *) text.data, text.len,
                           JSON_REJECT_DUPLICATES|JSON_DECODE_ANY, &error);

    if (api->body == NULL) {

        /* what it was near to in the text may be a key */

        near = strstr(error.text, " near ");

        if (near) {
            *near = '\0';
        }

        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "json_invalid",
                                            "line %d, column %d: %s",
                                            error.line, error.column,
                                            error.text);
    }

    if (!json_is_object(api->body)) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "json_invalid",
                                            "an object is expected");
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_commerce_api_body_too_large(ngx_http_commerce_api_t *api)
{
    off_t                      most;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(api->request, ngx_http_core_module);

    most = NGX_HTTP_COMMERCE_API_BODY_MAX;

    if (clcf->client_max_body_size) {
        most = ngx_min(most, clcf->client_max_body_size);
    }

    return ngx_http_commerce_api_refuse(api, NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                        "body_too_large",
                                        "a body has at most %O bytes", most);
}
