
#include "ngx_http_commerce_hls_data.h"


typedef struct {
    ngx_str_t   name;         /* of the parameter */
    ngx_str_t   id;
} ngx_http_commerce_hls_datum_t;


static ngx_http_commerce_hls_datum_t
    ngx_http_commerce_hls_data_parameters[NGX_HTTP_COMMERCE_HLS_DATA] =
{
    { ngx_string("shelf="), ngx_string("nginx-commerce.shelf") },
    { ngx_string("chapters="), ngx_string("com.apple.hls.chapters") }
};


static ngx_http_complex_value_t *ngx_http_commerce_hls_data_value(
    ngx_conf_t *cf, ngx_str_t *value);


char *
ngx_http_commerce_hls_data_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                           *value, uri;
    ngx_uint_t                           i, k;
    ngx_http_commerce_hls_datum_t       *parameter;
    ngx_http_commerce_hls_data_conf_t  **field, *data;

    field = (ngx_http_commerce_hls_data_conf_t **)
                ((u_char *) conf + cmd->offset);

    if (*field) {
        return "is duplicate";
    }

    data = ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_hls_data_conf_t));
    if (data == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        for (k = 0; k < NGX_HTTP_COMMERCE_HLS_DATA; k++) {
            parameter = &ngx_http_commerce_hls_data_parameters[k];

            if (value[i].len > parameter->name.len
                && ngx_strncmp(value[i].data, parameter->name.data,
                               parameter->name.len)
                   == 0)
            {
                break;
            }
        }

        if (k == NGX_HTTP_COMMERCE_HLS_DATA || data->uri[k]) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "%s parameter \"%V\" of \"%V\" directive",
                               k == NGX_HTTP_COMMERCE_HLS_DATA ? "invalid"
                                                               : "duplicate",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }

        uri.data = value[i].data + parameter->name.len;
        uri.len = value[i].len - parameter->name.len;

        data->uri[k] = ngx_http_commerce_hls_data_value(cf, &uri);

        if (data->uri[k] == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    *field = data;

    return NGX_CONF_OK;
}


static ngx_http_complex_value_t *
ngx_http_commerce_hls_data_value(ngx_conf_t *cf, ngx_str_t *value)
{
    ngx_http_complex_value_t          *uri;
    ngx_http_compile_complex_value_t   ccv;

    uri = ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (uri == NULL) {
        return NULL;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = uri;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? uri : NULL;
}


ngx_commerce_hls_data_t *
ngx_http_commerce_hls_data(ngx_http_request_t *r,
    ngx_http_commerce_hls_data_conf_t *conf)
{
    ngx_uint_t                i;
    ngx_commerce_hls_data_t  *data;

    data = ngx_pcalloc(r->pool, NGX_HTTP_COMMERCE_HLS_DATA
                                * sizeof(ngx_commerce_hls_data_t));
    if (data == NULL) {
        return NULL;
    }

    for (i = 0; i < NGX_HTTP_COMMERCE_HLS_DATA; i++) {

        data[i].id = ngx_http_commerce_hls_data_parameters[i].id;

        if (conf->uri[i] == NULL) {
            continue;
        }

        if (ngx_http_complex_value(r, conf->uri[i], &data[i].uri) != NGX_OK) {
            return NULL;
        }

        if (!ngx_commerce_hls_data_valid(&data[i].uri)) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "commerce_hls_session_data: \"%V\" is no URI",
                          &data[i].uri);
            data[i].uri.len = 0;
        }
    }

    return data;
}
