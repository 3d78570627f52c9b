
#include "ngx_http_commerce_hls_session.h"
#include "ngx_http_commerce_args_module.h"
#include "ngx_http_commerce_viewer.h"
#include "ngx_commerce_sight.h"
#include "ngx_commerce_token.h"
#include "ngx_commerce_viewer.h"


#define NGX_HTTP_COMMERCE_HLS_ARGUMENT  NGX_HTTP_COMMERCE_ARGS_VIEWER "="

/* so much of a player's name tells it from others behind the same address */
#define NGX_HTTP_COMMERCE_HLS_PLAYER    256


static ngx_int_t ngx_http_commerce_hls_session_begin(ngx_http_request_t *r,
    ngx_commerce_claims_t *claims, ngx_str_t *token);
static ngx_int_t ngx_http_commerce_hls_session_name(ngx_http_request_t *r,
    ngx_str_t *room, ngx_str_t *subject);


/* what may keep a response, or say for how long */

static ngx_str_t  ngx_http_commerce_hls_cache_headers[] = {
    ngx_string("Cache-Control"),
    ngx_string("Expires"),
    ngx_string("Surrogate-Control"),
    ngx_string("CDN-Cache-Control"),
    ngx_null_string
};


ngx_int_t
ngx_http_commerce_hls_session(ngx_http_request_t *r, ngx_str_t *argument)
{
    u_char                 *p;
    ngx_int_t               rc;
    ngx_str_t               token;
    ngx_commerce_claims_t  *claims;

    claims = ngx_http_commerce_viewer_claims(r);

    if (claims == NULL) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, sizeof(NGX_HTTP_COMMERCE_HLS_ARGUMENT) - 1
                             + NGX_COMMERCE_VIEWER_TOKEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    token.data = ngx_cpymem(p, NGX_HTTP_COMMERCE_HLS_ARGUMENT,
                            sizeof(NGX_HTTP_COMMERCE_HLS_ARGUMENT) - 1);

    if (claims->token.len) {
        /* it stays the same with another secret to sign, too */
        token.len = claims->token.len;
        ngx_memcpy(token.data, claims->token.data, token.len);

    } else {
        rc = ngx_http_commerce_hls_session_begin(r, claims, &token);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    argument->data = p;
    argument->len = token.data + token.len - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_session_begin(ngx_http_request_t *r,
    ngx_commerce_claims_t *claims, ngx_str_t *token)
{
    ngx_int_t               rc;
    ngx_str_t               room;
    ngx_commerce_claims_t   session;
    ngx_commerce_tenant_t  *tenant;

    rc = ngx_http_commerce_room_name(r, &room);

    if (rc != NGX_OK) {
        return rc;
    }

    tenant = ngx_http_commerce_tenant(r);
    session = *claims;

    if (session.subject.len == 0) {
        rc = ngx_http_commerce_hls_session_name(r, &room, &session.subject);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (session.issued <= 0) {
        session.issued = ngx_commerce_sight(tenant, &room, &session.subject,
                                            ngx_commerce_now(tenant),
                                            tenant->session);
    }

    return ngx_commerce_viewer_mint(tenant->secrets, &room, &session,
                                    tenant->session, token);
}


/* the same on all nodes, and nobody makes it who doesn't know the secret */

static ngx_int_t
ngx_http_commerce_hls_session_name(ngx_http_request_t *r, ngx_str_t *room,
    ngx_str_t *subject)
{
    size_t                  len;
    u_char                 *p;
    ngx_str_t               args, text, player;
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    if (tenant->secrets == NULL || tenant->secrets->nelts == 0) {
        return NGX_DECLINED;
    }

    if (ngx_http_commerce_args_get(r, &args) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_str_null(&player);

    if (r->headers_in.user_agent) {
        player = r->headers_in.user_agent->value;
        player.len = ngx_min(player.len, NGX_HTTP_COMMERCE_HLS_PLAYER);
    }

    len = sizeof("seen\n\n\n\n") - 1 + room->len + args.len
          + r->connection->addr_text.len + player.len;

    text.data = ngx_pnalloc(r->pool, len);
    subject->data = ngx_pnalloc(r->pool, NGX_COMMERCE_VIEWER_ANONYMOUS);

    if (text.data == NULL || subject->data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(text.data, "seen\n%V\n", room);
    p = ngx_http_commerce_args_keep(&args, p);
    p = ngx_sprintf(p, "\n%V\n%V", &r->connection->addr_text, &player);
    text.len = p - text.data;

    subject->data[0] = '~';
    subject->len = NGX_COMMERCE_VIEWER_ANONYMOUS;

    return ngx_commerce_token_sign(tenant->secrets->elts, &text,
                                   subject->data + 1);
}


ngx_int_t
ngx_http_commerce_hls_private(ngx_http_request_t *r)
{
    ngx_str_t        *name;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {

        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            for (name = ngx_http_commerce_hls_cache_headers; name->len; name++)
            {
                if (header[i].key.len == name->len
                    && ngx_strncasecmp(header[i].key.data, name->data,
                                       name->len)
                       == 0)
                {
                    header[i].hash = 0;
                }
            }
        }
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    ngx_str_set(&h->key, "Cache-Control");
    ngx_str_set(&h->value, "private, no-store");

    return NGX_OK;
}
