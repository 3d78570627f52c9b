
/*
 * What other servers ask before they let somebody publish or play, each in its
 * own form.  Bodies are read without nginx's event loop.
 *
 * nginx-rtmp     a form, of on_publish, on_play and on_update
 * srs            JSON, of SRS's http_hooks
 * mediamtx       JSON, of MediaMTX's authHTTPAddress
 * oven           JSON, of OvenMediaEngine's AdmissionWebhooks
 */


#ifndef _NGX_HTTP_COMMERCE_AUTH_BODY_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_AUTH_BODY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "ngx_commerce_url.h"


/* bytes of a body: a JWT of 4 KB may come in it more than once */
#define NGX_HTTP_COMMERCE_AUTH_BODY_MAX  65536


typedef enum {
    NGX_HTTP_COMMERCE_AUTH_NGINX_RTMP = 0,
    NGX_HTTP_COMMERCE_AUTH_SRS,
    NGX_HTTP_COMMERCE_AUTH_MEDIAMTX,
    NGX_HTTP_COMMERCE_AUTH_OVEN,
    NGX_HTTP_COMMERCE_AUTH_REQUEST       /* auth_request: there is no body */
} ngx_http_commerce_auth_form_e;


typedef struct {
    ngx_uint_t              told;        /* it is told, not asked: nothing is
                                            to be decided */
    ngx_commerce_action_e   action;
    ngx_commerce_url_t      url;         /* its stream is the room */
    ngx_str_t               server_args; /* of the server's URL */
    ngx_str_t               credentials[2];  /* of no form: a key, or a token;
                                                empty: none */
} ngx_http_commerce_auth_asked_t;


/*
 * Reads a body, which has a NUL behind it; texts are from the pool or point
 * into the body.  NGX_OK; NGX_DECLINED if it is not of its form: *wrong says
 * why, without a word of the body; NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_commerce_auth_body_read(ngx_http_commerce_auth_form_e form,
    ngx_str_t *body, ngx_pool_t *pool, ngx_http_commerce_auth_asked_t *asked,
    const char **wrong);

/*
 * An argument's value as it came, of args as "a=1&b=2"; the first of several.
 * 1 if it is there.
 */
ngx_uint_t ngx_http_commerce_auth_body_arg(ngx_str_t *args, const char *name,
    ngx_str_t *value);


#endif /* _NGX_HTTP_COMMERCE_AUTH_BODY_H_INCLUDED_ */
