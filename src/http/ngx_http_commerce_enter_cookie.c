
/*
 * The cookie that a session travels in: RFC 6265, and what browsers have added
 * to it (SameSite, Partitioned).
 */

#include "ngx_http_commerce_enter.h"
#include "ngx_http_commerce_answer.h"


typedef struct {
    ngx_str_t    domain;
    ngx_str_t    path;
    ngx_str_t    same_site;
    ngx_str_t    secure;
    ngx_uint_t   partitioned;
} ngx_http_commerce_enter_cookie_t;


typedef struct {
    ngx_str_t    name;                    /* with its '=' */
    size_t       offset;
    ngx_str_t   *words;                   /* NULL: any */
} ngx_http_commerce_enter_parameter_t;


static char *ngx_http_commerce_enter_cookie_parameter(ngx_conf_t *cf,
    ngx_http_commerce_enter_cookie_t *cookie, ngx_str_t *text);
static ngx_uint_t ngx_http_commerce_enter_cookie_valid(ngx_str_t *value,
    ngx_str_t *words);
static char *ngx_http_commerce_enter_cookie_attributes(ngx_conf_t *cf,
    ngx_http_commerce_enter_conf_t *ecf,
    ngx_http_commerce_enter_cookie_t *cookie);


static ngx_str_t  ngx_http_commerce_enter_same_sites[] = {
    ngx_string("lax"),
    ngx_string("strict"),
    ngx_string("none"),
    ngx_null_string
};


static ngx_str_t  ngx_http_commerce_enter_secures[] = {
    ngx_string("on"),
    ngx_string("auto"),
    ngx_null_string
};


static ngx_http_commerce_enter_parameter_t
    ngx_http_commerce_enter_parameters[] =
{
    { ngx_string("domain="),
      offsetof(ngx_http_commerce_enter_cookie_t, domain), NULL },

    { ngx_string("path="),
      offsetof(ngx_http_commerce_enter_cookie_t, path), NULL },

    { ngx_string("samesite="),
      offsetof(ngx_http_commerce_enter_cookie_t, same_site),
      ngx_http_commerce_enter_same_sites },

    { ngx_string("secure="),
      offsetof(ngx_http_commerce_enter_cookie_t, secure),
      ngx_http_commerce_enter_secures },

    { ngx_null_string, 0, NULL }
};


char *
ngx_http_commerce_enter_cookie_conf(ngx_conf_t *cf,
    ngx_http_commerce_enter_conf_t *ecf)
{
    char                              *rv;
    ngx_str_t                         *value;
    ngx_uint_t                         i;
    ngx_http_commerce_enter_cookie_t   cookie;

    ngx_memzero(&cookie, sizeof(ngx_http_commerce_enter_cookie_t));

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        rv = ngx_http_commerce_enter_cookie_parameter(cf, &cookie, &value[i]);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    ecf->secure = (cookie.secure.len == 2);

    /* browsers drop such a cookie if it isn't secure */

    if (!ecf->secure
        && (cookie.partitioned
            || (cookie.same_site.len == 4
                && ngx_strcmp(cookie.same_site.data, "none") == 0)))
    {
        return "needs \"secure=on\" with \"samesite=none\" or \"partitioned\"";
    }

    return ngx_http_commerce_enter_cookie_attributes(cf, ecf, &cookie);
}


static char *
ngx_http_commerce_enter_cookie_parameter(ngx_conf_t *cf,
    ngx_http_commerce_enter_cookie_t *cookie, ngx_str_t *text)
{
    ngx_str_t                            *value;
    ngx_http_commerce_enter_parameter_t  *parameter;

    if (ngx_strcmp(text->data, "partitioned") == 0) {
        cookie->partitioned = 1;
        return NGX_CONF_OK;
    }

    for (parameter = ngx_http_commerce_enter_parameters;
         parameter->name.len;
         parameter++)
    {
        if (text->len < parameter->name.len
            || ngx_strncmp(text->data, parameter->name.data,
                           parameter->name.len)
               != 0)
        {
            continue;
        }

        value = (ngx_str_t *) ((u_char *) cookie + parameter->offset);

        if (value->len) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate parameter \"%V\"", text);
            return NGX_CONF_ERROR;
        }

        value->data = text->data + parameter->name.len;
        value->len = text->len - parameter->name.len;

        if (!ngx_http_commerce_enter_cookie_valid(value, parameter->words)) {
            break;
        }

        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", text);

    return NGX_CONF_ERROR;
}


static ngx_uint_t
ngx_http_commerce_enter_cookie_valid(ngx_str_t *value, ngx_str_t *words)
{
    size_t  i;

    if (words) {
        for ( /* void */ ; words->len; words++) {
            if (value->len == words->len
                && ngx_strncmp(value->data, words->data, words->len) == 0)
            {
                return 1;
            }
        }

        return 0;
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] <= ' ' || value->data[i] >= 0x7f
            || value->data[i] == ';')
        {
            return 0;
        }
    }

    return value->len != 0;
}


static char *
ngx_http_commerce_enter_cookie_attributes(ngx_conf_t *cf,
    ngx_http_commerce_enter_conf_t *ecf,
    ngx_http_commerce_enter_cookie_t *cookie)
{
    u_char  *p;

    if (cookie->path.len == 0) {
        ngx_str_set(&cookie->path, "/");
    }

    if (cookie->same_site.len == 0) {
        cookie->same_site = ngx_http_commerce_enter_same_sites[0];
    }

    p = ngx_pnalloc(cf->pool, cookie->path.len + cookie->same_site.len
                              + cookie->domain.len
                              + sizeof("; Path=; HttpOnly; SameSite=; Domain="
                                       "; Partitioned"));
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    ecf->attributes.data = p;

    p = ngx_sprintf(p, "; Path=%V; HttpOnly; SameSite=%V", &cookie->path,
                    &cookie->same_site);

    if (cookie->domain.len) {
        p = ngx_sprintf(p, "; Domain=%V", &cookie->domain);
    }

    if (cookie->partitioned) {
        p = ngx_cpymem(p, "; Partitioned", sizeof("; Partitioned") - 1);
    }

    ecf->attributes.len = p - ecf->attributes.data;

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_commerce_enter_cookie_set(ngx_http_request_t *r, ngx_str_t *room,
    ngx_str_t *token, int64_t lasts)
{
    u_char                          *p;
    ngx_str_t                        cookie;
    ngx_uint_t                       secure;
    ngx_http_commerce_enter_conf_t  *ecf;

    ecf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_enter_module);

    secure = ecf->secure;

#if (NGX_HTTP_SSL)
    if (r->connection->ssl) {
        secure = 1;
    }
#endif

    p = ngx_pnalloc(r->pool, sizeof(NGX_HTTP_COMMERCE_VIEWER_COOKIE)
                             + room->len + token->len
                             + sizeof("; Max-Age=") + NGX_INT64_LEN
                             + ecf->attributes.len + sizeof("; Secure"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    cookie.data = p;
    cookie.len = ngx_sprintf(p, "%s%V=%V; Max-Age=%L%V%s",
                             NGX_HTTP_COMMERCE_VIEWER_COOKIE, room, token,
                             lasts / 1000, &ecf->attributes,
                             secure ? "; Secure" : "")
                 - p;

    return ngx_http_commerce_add_header(r, "Set-Cookie", &cookie);
}
