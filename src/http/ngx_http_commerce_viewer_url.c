
#include "ngx_http_commerce_viewer_url.h"
#include "ngx_http_commerce_args_module.h"
#include "ngx_commerce_sight.h"
#include "ngx_commerce_token.h"
#include "ngx_commerce_viewer.h"


/* so much of a player's name tells it from others behind the same address */
#define NGX_HTTP_COMMERCE_VIEWER_PLAYER  256


static ngx_int_t ngx_http_commerce_viewer_url_name(ngx_http_request_t *r,
    ngx_str_t *secret, ngx_str_t *room, ngx_str_t *args, ngx_str_t *subject);


ngx_int_t
ngx_http_commerce_viewer_url(ngx_http_request_t *r,
    ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_claims_t *claims, ngx_commerce_reason_e *reason)
{
    u_char              *end;
    int64_t              now;
    ngx_str_t            path;
    ngx_commerce_url_t   url;

    if (ngx_http_commerce_args_get(r, &url.args) != NGX_OK) {
        return NGX_ERROR;
    }

    path = r->unparsed_uri;
    end = ngx_strlchr(path.data, path.data + path.len, '?');

    if (end) {
        path.len = end - path.data;
    }

    url.stream = *room;
    url.app = ngx_commerce_url_app(&path, &url.stream);

    now = ngx_commerce_now(tenant);

    *reason = ngx_commerce_url_verify(tenant->signed_urls, &url,
                                      NGX_COMMERCE_ACTION_VIEW, now, claims);

    if (*reason != NGX_COMMERCE_ALLOWED || tenant->secrets == NULL) {
        return NGX_OK;
    }

    if (ngx_http_commerce_viewer_url_name(r, tenant->secrets->elts, room,
                                          &url.args, &claims->subject)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    claims->issued = ngx_commerce_sight(tenant, room, &claims->subject, now,
                                        (int64_t) tenant->session);
    return NGX_OK;
}


/* nobody makes it who doesn't know the secret */

static ngx_int_t
ngx_http_commerce_viewer_url_name(ngx_http_request_t *r,
    ngx_str_t *secret, ngx_str_t *room, ngx_str_t *args, ngx_str_t *subject)
{
    size_t      len;
    u_char     *p;
    ngx_str_t   text, player;

    ngx_str_null(&player);

    if (r->headers_in.user_agent) {
        player = r->headers_in.user_agent->value;
        player.len = ngx_min(player.len, NGX_HTTP_COMMERCE_VIEWER_PLAYER);
    }

    len = sizeof("seen\n\n\n\n") - 1 + room->len + args->len
          + r->connection->addr_text.len + player.len;

    text.data = ngx_pnalloc(r->pool, len);
    subject->data = ngx_pnalloc(r->pool, NGX_COMMERCE_VIEWER_ANONYMOUS);

    if (text.data == NULL || subject->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(text.data, "seen\n%V\n", room);
    p = ngx_http_commerce_args_keep(args, p);
    p = ngx_sprintf(p, "\n%V\n%V", &r->connection->addr_text, &player);
    text.len = p - text.data;

    subject->data[0] = '~';
    subject->len = NGX_COMMERCE_VIEWER_ANONYMOUS;

    return ngx_commerce_token_sign(secret, &text, subject->data + 1);
}
