
#include "ngx_http_commerce_publisher.h"


void
ngx_http_commerce_publisher_prove(ngx_http_commerce_publisher_t *publisher,
    ngx_str_t *proof)
{
    u_char      *first, *second, *last;
    ngx_str_t   *place, begin;

    place = &publisher->key;

    last = proof->data + proof->len;
    first = ngx_strlchr(proof->data, last, '.');
    second = first ? ngx_strlchr(first + 1, last, '.') : NULL;

    /* EXPIRY.SUBJECT.MAC, or {"… in base64 */

    if (second) {
        begin.data = proof->data;
        begin.len = first - proof->data;

        if (ngx_commerce_number(&begin) >= 0) {
            place = &publisher->token;

        } else if (begin.len > 2 && ngx_strncmp(begin.data, "ey", 2) == 0) {
            place = &publisher->jwt;
        }
    }

    if (place->len == 0) {
        *place = *proof;
    }
}


ngx_int_t
ngx_http_commerce_publisher_decide(ngx_http_request_t *r,
    ngx_http_commerce_publisher_t *publisher, ngx_http_handler_pt handler,
    ngx_commerce_reason_e *reason)
{
    ngx_commerce_tenant_t    *tenant;
    ngx_commerce_question_t   q;

    tenant = ngx_http_commerce_tenant(r);

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &publisher->room)) {
        *reason = NGX_COMMERCE_BAD_NAME;
        return NGX_OK;
    }

    ngx_memzero(&q, sizeof(ngx_commerce_question_t));

    q.room_rc = ngx_http_commerce_get(r, NGX_COMMERCE_ROOM, &publisher->room,
                                      NGX_COMMERCE_FOR_HOSTS,
                                      (void **) &q.room,
                                      NGX_HTTP_COMMERCE_CONTENT, handler);
    if (q.room_rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    if (q.room_rc == NGX_OK) {
        q.host_rc = ngx_http_commerce_get(r, NGX_COMMERCE_HOST,
                                          &q.room->host,
                                          NGX_COMMERCE_FOR_HOSTS,
                                          (void **) &q.host,
                                          NGX_HTTP_COMMERCE_CONTENT, handler);
        if (q.host_rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }
    }

    q.action = NGX_COMMERCE_ACTION_PUBLISH;
    q.now = ngx_commerce_now(tenant);
    q.proofs = NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_TOKEN
               |NGX_COMMERCE_PROOF_JWT|NGX_COMMERCE_PROOF_URL;
    q.secrets = tenant->secrets;
    q.key = publisher->key;
    q.token = publisher->token;
    q.jwt_keys = tenant->jwt_keys;
    q.jwt = publisher->jwt;
    q.skew = (int64_t) tenant->skew;
    q.signed_urls = tenant->signed_urls;
    q.url = publisher->url;
    q.grant = &publisher->grant;
    q.grant->proof = 0;

    *reason = ngx_commerce_decide(&q);

    return NGX_OK;
}
