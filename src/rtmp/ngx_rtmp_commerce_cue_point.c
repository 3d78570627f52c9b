
#include "ngx_rtmp_commerce_cue_point.h"


#define NGX_RTMP_COMMERCE_CUE_POINT_NAME_MAX  63    /* of a message */
#define NGX_RTMP_COMMERCE_CUE_POINT_FIELDS    5     /* that may say a product */
#define NGX_RTMP_COMMERCE_CUE_POINT_MISSING   0xff  /* no text begins with it */


static ngx_int_t ngx_rtmp_commerce_cue_point_name(
    ngx_rtmp_commerce_ctx_t *ctx, ngx_chain_t *in, ngx_uint_t *wrapped);
static ngx_int_t ngx_rtmp_commerce_cue_point_product(ngx_rtmp_session_t *s,
    ngx_chain_t *in, ngx_uint_t wrapped, ngx_str_t *product);


/* those that nginx-rtmp itself reads are the stream's metadata */

static ngx_str_t  ngx_rtmp_commerce_cue_point_taken[] = {
    ngx_string("@setDataFrame"),
    ngx_string("onMetaData"),
    ngx_null_string
};


char *
ngx_rtmp_commerce_cue_point_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_rtmp_commerce_app_conf_t *cacf = conf;

    ngx_str_t   *value, *name, *taken;
    ngx_uint_t   i, j;

    if (cacf->cue_points != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    cacf->cue_points = ngx_array_create(cf->pool, cf->args->nelts,
                                        sizeof(ngx_str_t));
    if (cacf->cue_points == NULL) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        return NGX_CONF_OK;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (value[i].len == 0
            || value[i].len > NGX_RTMP_COMMERCE_CUE_POINT_NAME_MAX
            || ngx_strcmp(value[i].data, "off") == 0)
        {
            goto invalid;
        }

        for (taken = ngx_rtmp_commerce_cue_point_taken; taken->len; taken++) {
            if (ngx_strcmp(value[i].data, taken->data) == 0) {
                goto invalid;
            }
        }

        for (j = 1; j < i; j++) {
            if (ngx_strcmp(value[i].data, value[j].data) == 0) {
                goto invalid;
            }
        }

        name = ngx_array_push(cacf->cue_points);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive",
                       &value[i], &cmd->name);
    return NGX_CONF_ERROR;
}


ngx_int_t
ngx_rtmp_commerce_cue_point_read(ngx_rtmp_commerce_ctx_t *ctx, ngx_chain_t *in,
    ngx_str_t *product)
{
    ngx_uint_t  wrapped;

    if (ctx->conf->cue_points == NULL
        || ngx_rtmp_commerce_cue_point_name(ctx, in, &wrapped) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    ngx_str_null(product);

    return ngx_rtmp_commerce_cue_point_product(ctx->session, in, wrapped,
                                               product);
}


/* NGX_OK if it is a cue; whether its name comes after @setDataFrame */

static ngx_int_t
ngx_rtmp_commerce_cue_point_name(ngx_rtmp_commerce_ctx_t *ctx, ngx_chain_t *in,
    ngx_uint_t *wrapped)
{
    static u_char  first[NGX_RTMP_COMMERCE_CUE_POINT_NAME_MAX + 2],
                   second[NGX_RTMP_COMMERCE_CUE_POINT_NAME_MAX + 2];

    static ngx_rtmp_amf_elt_t  elts[] = {
        { NGX_RTMP_AMF_STRING, ngx_null_string, first, sizeof(first) },
        { NGX_RTMP_AMF_STRING|NGX_RTMP_AMF_OPTIONAL, ngx_null_string,
          second, sizeof(second) }
    };

    u_char      *name;
    ngx_str_t   *names;
    ngx_uint_t   i;

    ngx_memzero(first, sizeof(first));
    ngx_memzero(second, sizeof(second));

    if (ngx_rtmp_receive_amf(ctx->session, in, elts, 2) != NGX_OK) {
        return NGX_DECLINED;
    }

    *wrapped = (ngx_strcmp(first, "@setDataFrame") == 0);
    name = *wrapped ? second : first;
    names = ctx->conf->cue_points->elts;

    for (i = 0; i < ctx->conf->cue_points->nelts; i++) {
        if (ngx_strcmp(name, names[i].data) == 0) {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* one of an object's fields, of which the first counts, or a text alone */

static ngx_int_t
ngx_rtmp_commerce_cue_point_product(ngx_rtmp_session_t *s, ngx_chain_t *in,
    ngx_uint_t wrapped, ngx_str_t *product)
{
    static u_char  texts[NGX_RTMP_COMMERCE_CUE_POINT_FIELDS]
                        [NGX_COMMERCE_NAME_MAX + 2];

#define ngx_rtmp_commerce_cue_point_field(name, i)                            \
    { NGX_RTMP_AMF_STRING, name, texts[i], sizeof(texts[i]) }

    static ngx_rtmp_amf_elt_t  parameters[] = {
        ngx_rtmp_commerce_cue_point_field(ngx_string("product"), 0)
    };

    static ngx_rtmp_amf_elt_t  object[] = {
        { NGX_RTMP_AMF_OBJECT, ngx_string("parameters"),
          parameters, sizeof(parameters) },
        ngx_rtmp_commerce_cue_point_field(ngx_string("product"), 1),
        ngx_rtmp_commerce_cue_point_field(ngx_string("text"), 2),
        ngx_rtmp_commerce_cue_point_field(ngx_string("name"), 3)
    };

    static ngx_rtmp_amf_elt_t  as_object[] = {
        { NGX_RTMP_AMF_STRING, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_STRING, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_OBJECT, ngx_null_string, object, sizeof(object) }
    };

    static ngx_rtmp_amf_elt_t  as_text[] = {
        { NGX_RTMP_AMF_STRING, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_STRING, ngx_null_string, NULL, 0 },
        ngx_rtmp_commerce_cue_point_field(ngx_null_string, 4)
    };

    ngx_str_t   text;
    ngx_uint_t  i, skip;

    for (i = 0; i < NGX_RTMP_COMMERCE_CUE_POINT_FIELDS; i++) {
        texts[i][0] = NGX_RTMP_COMMERCE_CUE_POINT_MISSING;
    }

    skip = wrapped ? 0 : 1;

    (void) ngx_rtmp_receive_amf(s, in, as_object + skip, 3 - skip);
    (void) ngx_rtmp_receive_amf(s, in, as_text + skip, 3 - skip);

    /* that a cue point has no name says nothing */

    if (texts[3][0] == '\0') {
        texts[3][0] = NGX_RTMP_COMMERCE_CUE_POINT_MISSING;
    }

    i = 0;

    while (texts[i][0] == NGX_RTMP_COMMERCE_CUE_POINT_MISSING) {

        if (++i == NGX_RTMP_COMMERCE_CUE_POINT_FIELDS) {
            return NGX_ERROR;
        }
    }

    text.data = texts[i];
    text.len = ngx_strlen(texts[i]);

    if (text.len
        && !ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, &text))
    {
        return NGX_ERROR;
    }

    *product = text;

    return NGX_OK;
}
