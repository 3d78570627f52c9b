
#include "ngx_http_commerce_api_body.h"


static ngx_uint_t ngx_http_commerce_api_body_is_json(ngx_str_t *type,
    ngx_uint_t patch);
static ngx_int_t ngx_http_commerce_api_body_collect(ngx_http_request_t *r,
    ngx_str_t *text);


ngx_int_t
ngx_http_commerce_api_body_expect(ngx_http_commerce_api_t *api)
{
    ngx_table_elt_t               *type;
    ngx_http_request_t            *r;
    ngx_http_commerce_api_body_e   body;

    static ngx_str_t  none = ngx_null_string;

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

    type = r->headers_in.content_type;

    if (!ngx_http_commerce_api_body_is_json(type ? &type->value : &none,
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


static ngx_uint_t
ngx_http_commerce_api_body_is_json(ngx_str_t *type, ngx_uint_t patch)
{
    u_char  *p, *last;
    size_t   len;

    p = type->data;
    last = ngx_strlchr(p, p + type->len, ';');

    if (last == NULL) {
        last = p + type->len;
    }

    while (last > p && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    len = last - p;

    if (len == sizeof("application/json") - 1) {
        return ngx_strncasecmp(p, (u_char *) "application/json", len) == 0;
    }

    /* RFC 7396 */

    if (patch && len == sizeof("application/merge-patch+json") - 1) {
        return ngx_strncasecmp(p, (u_char *) "application/merge-patch+json",
                               len)
               == 0;
    }

    return 0;
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

    rc = ngx_http_commerce_api_body_collect(api->request, &text);

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


/*
 * The whole body in memory, wherever nginx has put it.  NGX_OK; NGX_DECLINED
 * if it is too large, which is not known beforehand of a chunked one;
 * NGX_ERROR.
 */

static ngx_int_t
ngx_http_commerce_api_body_collect(ngx_http_request_t *r, ngx_str_t *text)
{
    off_t         size;
    u_char       *p;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = r->request_body ? r->request_body->bufs : NULL;
         cl;
         cl = cl->next)
    {
        size += ngx_buf_size(cl->buf);
    }

    if (size > NGX_HTTP_COMMERCE_API_BODY_MAX) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = size;

    for (cl = r->request_body ? r->request_body->bufs : NULL;
         cl;
         cl = cl->next)
    {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);

        } else if (b->in_file) {
            n = ngx_read_file(b->file, p, b->file_last - b->file_pos,
                              b->file_pos);

            if (n != b->file_last - b->file_pos) {
                return NGX_ERROR;
            }

            p += n;
        }

        /* else it only marks the end of a chunked body */
    }

    return NGX_OK;
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
