
#include "ngx_http_commerce_auth.h"


static ngx_int_t ngx_http_commerce_auth_view(ngx_http_request_t *r,
    ngx_http_commerce_auth_t *auth, ngx_http_handler_pt handler,
    ngx_commerce_reason_e *reason);
static ngx_int_t ngx_http_commerce_auth_view_proofs(ngx_http_request_t *r,
    ngx_http_commerce_auth_t *auth);
static void ngx_http_commerce_auth_publish_proofs(
    ngx_http_commerce_auth_t *auth);
static ngx_uint_t ngx_http_commerce_auth_arg(
    ngx_http_commerce_auth_asked_t *asked, const char *name,
    ngx_str_t *value);


ngx_int_t
ngx_http_commerce_auth_decide(ngx_http_request_t *r,
    ngx_http_commerce_auth_t *auth, ngx_http_handler_pt handler,
    ngx_commerce_reason_e *reason)
{
    if (auth->asked.action == NGX_COMMERCE_ACTION_VIEW) {
        return ngx_http_commerce_auth_view(r, auth, handler, reason);
    }

    if (!auth->collected) {
        ngx_http_commerce_auth_publish_proofs(auth);
        auth->collected = 1;
    }

    return ngx_http_commerce_publisher_decide(r, &auth->publisher, handler,
                                              reason);
}


static ngx_int_t
ngx_http_commerce_auth_view(ngx_http_request_t *r,
    ngx_http_commerce_auth_t *auth, ngx_http_handler_pt handler,
    ngx_commerce_reason_e *reason)
{
    ngx_int_t  rc;

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM,
                                 &auth->asked.url.stream))
    {
        *reason = NGX_COMMERCE_BAD_NAME;
        return NGX_OK;
    }

    if (!auth->collected) {

        if (ngx_http_commerce_auth_view_proofs(r, auth) != NGX_OK) {
            return NGX_ERROR;
        }

        auth->collected = 1;
    }

    rc = ngx_http_commerce_viewer_decide(r, &auth->viewer,
                                         NGX_HTTP_COMMERCE_CONTENT, handler);
    *reason = auth->viewer.reason;

    return rc;
}


static ngx_int_t
ngx_http_commerce_auth_view_proofs(ngx_http_request_t *r,
    ngx_http_commerce_auth_t *auth)
{
    ngx_str_t   proofs[4];
    ngx_uint_t  i, n;

    ngx_http_commerce_viewer_init(r, &auth->viewer, &auth->asked.url.stream);

    n = 0;

    n += ngx_http_commerce_auth_arg(&auth->asked, "viewer", &proofs[n]);
    n += ngx_http_commerce_auth_arg(&auth->asked, "jwt", &proofs[n]);

    for (i = 0; i < 2; i++) {

        if (auth->asked.credentials[i].len) {
            proofs[n++] = auth->asked.credentials[i];
        }
    }

    for (i = 0; i < n; i++) {

        if (ngx_http_commerce_viewer_prove(r, &auth->viewer, &proofs[i])
            == NGX_ERROR)
        {
            return NGX_ERROR;
        }
    }

    (void) ngx_http_commerce_viewer_prove_url(&auth->viewer, &auth->asked.url);

    return NGX_OK;
}


static void
ngx_http_commerce_auth_publish_proofs(ngx_http_commerce_auth_t *auth)
{
    ngx_str_t   proof;
    ngx_uint_t  i;

    auth->publisher.room = auth->asked.url.stream;
    auth->publisher.url = auth->asked.url;

    (void) ngx_http_commerce_auth_arg(&auth->asked, "key",
                                      &auth->publisher.key);
    (void) ngx_http_commerce_auth_arg(&auth->asked, "token",
                                      &auth->publisher.token);
    (void) ngx_http_commerce_auth_arg(&auth->asked, "jwt",
                                      &auth->publisher.jwt);

    for (i = 0; i < 2; i++) {
        proof = auth->asked.credentials[i];

        if (proof.len) {
            ngx_http_commerce_publisher_prove(&auth->publisher, &proof);
        }
    }
}


/* of the stream's name, or of the server's URL */

static ngx_uint_t
ngx_http_commerce_auth_arg(ngx_http_commerce_auth_asked_t *asked,
    const char *name, ngx_str_t *value)
{
    return ngx_http_commerce_auth_body_arg(&asked->url.args, name, value)
           || ngx_http_commerce_auth_body_arg(&asked->server_args, name,
                                              value);
}
