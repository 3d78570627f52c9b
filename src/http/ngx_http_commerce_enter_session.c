
#include "ngx_http_commerce_enter.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_json.h"


static ngx_int_t ngx_http_commerce_enter_session_mint(
    ngx_http_commerce_enter_t *enter, ngx_str_t *room,
    ngx_commerce_claims_t *claims, ngx_str_t *token);
static json_t *ngx_http_commerce_enter_session_json(
    ngx_http_commerce_enter_t *enter, ngx_str_t *name,
    ngx_commerce_claims_t *claims, ngx_str_t *token);


ngx_int_t
ngx_http_commerce_enter_session_answer(ngx_http_commerce_enter_t *enter,
    ngx_str_t *room, ngx_commerce_claims_t *claims)
{
    ngx_int_t               rc;
    ngx_str_t               token;
    ngx_commerce_claims_t   session;

    session = *claims;

    rc = ngx_http_commerce_enter_session_mint(enter, room, &session, &token);

    if (rc == NGX_DECLINED) {
        return ngx_http_commerce_refuse(enter->request,
                                        NGX_COMMERCE_STORE_AWAY,
                                        "the session has ended, and can't be "
                                        "renewed now");
    }

    if (rc != NGX_OK
        || ngx_http_commerce_enter_cookie_set(enter->request, room, &token,
                         session.expires - ngx_commerce_now(enter->tenant))
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    (void) ngx_atomic_fetch_add(
               &enter->tenant->stats->entered[NGX_COMMERCE_ALLOWED], 1);

    return ngx_http_commerce_send_value(enter->request, NGX_HTTP_OK,
                 ngx_http_commerce_enter_session_json(enter, room, &session,
                                                      &token));
}


/*
 * The session of claims is the same whenever it is asked for, for the first
 * half of its time; then it is a new one, issued now.  That is right only if it
 * is known now that they are not void: who is signed out while Redis is away
 * would get away with a session that is issued later.
 *
 * NGX_OK; NGX_DECLINED: it is over, and there can be no new one; NGX_ERROR.
 */

static ngx_int_t
ngx_http_commerce_enter_session_mint(ngx_http_commerce_enter_t *enter,
    ngx_str_t *room, ngx_commerce_claims_t *claims, ngx_str_t *token)
{
    void     *out;
    int64_t   now, session;

    now = ngx_commerce_now(enter->tenant);
    session = enter->tenant->session;

    if (claims->issued + session / 2 <= now
        && ngx_commerce_store_peek(enter->tenant, NGX_COMMERCE_OUT, room, &out)
           == NGX_OK)
    {
        claims->issued = now;
    }

    claims->expires = (claims->issued + session) / 1000 * 1000;

    if (claims->expires <= now) {
        return NGX_DECLINED;
    }

    token->data = ngx_pnalloc(enter->request->pool,
                              NGX_COMMERCE_VIEWER_TOKEN);
    if (token->data == NULL) {
        return NGX_ERROR;
    }

    return ngx_commerce_viewer_mint(enter->tenant->secrets, room, claims,
                                    session, token) == NGX_OK
           ? NGX_OK : NGX_ERROR;
}


static json_t *
ngx_http_commerce_enter_session_json(ngx_http_commerce_enter_t *enter,
    ngx_str_t *name, ngx_commerce_claims_t *claims, ngx_str_t *token)
{
    json_t               *json;
    void                 *record;
    ngx_commerce_room_t  *room;

    json = json_object();

    json_object_set_new(json, "room", ngx_http_commerce_json_string(name));
    json_object_set_new(json, "viewer",
                        ngx_http_commerce_json_string(&claims->subject));
    json_object_set_new(json, "token", ngx_http_commerce_json_string(token));
    json_object_set_new(json, "issued", json_integer(claims->issued));
    json_object_set_new(json, "expires", json_integer(claims->expires));

    if (ngx_commerce_store_held(enter->tenant, NGX_COMMERCE_ROOM, name,
                                &record)
        == NGX_OK)
    {
        room = record;

        json_object_set_new(json, "state",
             ngx_http_commerce_json_string(
                                    &ngx_commerce_room_states[room->state]));

        if (room->state == NGX_COMMERCE_ROOM_STATE_SCHEDULED && room->starts) {
            json_object_set_new(json, "starts", json_integer(room->starts));
        }
    }

    return json;
}
