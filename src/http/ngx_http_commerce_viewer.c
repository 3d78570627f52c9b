
#include "ngx_http_commerce_viewer.h"
#include "ngx_http_commerce_viewer_url.h"
#include "ngx_commerce_url.h"
#include "ngx_commerce_viewer.h"


static ngx_http_commerce_viewer_t *ngx_http_commerce_viewer_find(
    ngx_http_request_t *r);
static ngx_http_commerce_viewer_t *ngx_http_commerce_viewer_create(
    ngx_http_request_t *r);
static void ngx_http_commerce_viewer_mark(void *data);
static ngx_int_t ngx_http_commerce_viewer_proved(
    ngx_http_commerce_viewer_t *viewer, ngx_commerce_reason_e reason);
static ngx_int_t ngx_http_commerce_viewer_look_up(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_commerce_question_t *q,
    ngx_http_commerce_where_e where, ngx_http_handler_pt handler);


ngx_int_t
ngx_http_commerce_viewer_judge(ngx_http_request_t *r,
    ngx_http_commerce_where_e where, ngx_http_handler_pt handler,
    ngx_http_commerce_viewer_t **viewer)
{
    ngx_int_t                    rc;
    ngx_str_t                    name;
    ngx_http_commerce_viewer_t  *v;

    v = ngx_http_commerce_viewer_find(r);

    if (v == NULL) {
        v = ngx_http_commerce_viewer_create(r);
        if (v == NULL) {
            return NGX_ERROR;
        }
    }

    *viewer = v;

    rc = ngx_http_commerce_room_name(r, &name);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        ngx_str_null(&name);
    }

    if (v->tenant != ngx_http_commerce_tenant(r)
        || v->name.len != name.len
        || ngx_memcmp(v->name.data, name.data, name.len) != 0)
    {
        ngx_http_commerce_viewer_init(r, v, &name);

        if (name.len == 0) {
            v->reason = NGX_COMMERCE_BAD_NAME;
            v->judged = 1;

        } else if (ngx_http_commerce_viewer_collect(r, v) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return v->judged ? NGX_OK
                     : ngx_http_commerce_viewer_decide(r, v, where, handler);
}


ngx_commerce_claims_t *
ngx_http_commerce_viewer_claims(ngx_http_request_t *r)
{
    ngx_str_t                    name;
    ngx_http_commerce_viewer_t  *viewer;

    viewer = ngx_http_commerce_viewer_find(r);

    /* whoever was let into one room may have been redirected to another */

    if (viewer == NULL
        || viewer->claim == NULL
        || viewer->tenant != ngx_http_commerce_tenant(r)
        || ngx_http_commerce_room_name(r, &name) != NGX_OK
        || viewer->name.len != name.len
        || ngx_memcmp(viewer->name.data, name.data, name.len) != 0)
    {
        return NULL;
    }

    return viewer->claim;
}


/* an internal redirect clears contexts, but the mark in the pool remains */

static ngx_http_commerce_viewer_t *
ngx_http_commerce_viewer_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_commerce_viewer_t  *viewer;

    viewer = ngx_http_get_module_ctx(r->main, ngx_http_commerce_viewer_module);

    if (viewer || !r->main->internal) {
        return viewer;
    }

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler == ngx_http_commerce_viewer_mark) {
            ngx_http_set_ctx(r->main, cln->data,
                             ngx_http_commerce_viewer_module);
            return cln->data;
        }
    }

    return NULL;
}


static ngx_http_commerce_viewer_t *
ngx_http_commerce_viewer_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t          *cln;
    ngx_http_commerce_viewer_t  *viewer;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_commerce_viewer_t));
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_commerce_viewer_mark;

    viewer = cln->data;
    viewer->tenant = NULL;       /* the rest is set when the room is known */
    viewer->claim = NULL;

    ngx_http_set_ctx(r->main, viewer, ngx_http_commerce_viewer_module);

    return viewer;
}


static void
ngx_http_commerce_viewer_mark(void *data)
{
    /* nothing is to be cleaned up */
}


void
ngx_http_commerce_viewer_init(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_str_t *name)
{
    ngx_memzero(viewer, sizeof(ngx_http_commerce_viewer_t));

    viewer->name = *name;
    viewer->tenant = ngx_http_commerce_tenant(r);
    ngx_commerce_tenant_times(viewer->tenant, &viewer->times);
    viewer->no_claims = NGX_COMMERCE_PROOF_MISSING;
}


ngx_int_t
ngx_http_commerce_viewer_collect(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer)
{
    ngx_uint_t                         i;
    ngx_commerce_reason_e              reason;
    ngx_http_commerce_viewer_proofs_t  proofs;

    if (ngx_http_commerce_viewer_places_find(r,
                                             ngx_http_commerce_viewer_conf(r),
                                             &viewer->name, &proofs)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < proofs.n; i++) {
        if (ngx_http_commerce_viewer_prove(r, viewer, &proofs.text[i])
            == NGX_ERROR)
        {
            return NGX_ERROR;
        }
    }

    if (viewer->tenant->signed_urls == NULL
        || viewer->nclaims == NGX_HTTP_COMMERCE_VIEWER_PROOFS)
    {
        return NGX_OK;
    }

    if (ngx_http_commerce_viewer_url(r, viewer->tenant, &viewer->name,
                                     &viewer->claims[viewer->nclaims],
                                     &reason)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    (void) ngx_http_commerce_viewer_proved(viewer, reason);

    return NGX_OK;
}


ngx_int_t
ngx_http_commerce_viewer_prove(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_str_t *proof)
{
    ngx_commerce_jwt_t     *jwt;
    ngx_commerce_claims_t  *claims;
    ngx_commerce_reason_e   reason;

    if (viewer->nclaims == NGX_HTTP_COMMERCE_VIEWER_PROOFS) {
        return NGX_OK;
    }

    claims = &viewer->claims[viewer->nclaims];

    /* a viewer's token begins with a letter and a dot, a JWT can't */

    if (proof->len > 1 && proof->data[1] != '.') {
        jwt = ngx_palloc(r->pool, sizeof(ngx_commerce_jwt_t));
        if (jwt == NULL) {
            return NGX_ERROR;
        }

        reason = ngx_commerce_jwt_verify(viewer->tenant->jwt_keys, proof,
                                         NGX_COMMERCE_ACTION_VIEW,
                                         &viewer->name, &viewer->times, jwt);
        *claims = jwt->claims;

    } else {
        reason = ngx_commerce_viewer_verify(viewer->tenant->secrets, proof,
                                            &viewer->name, &viewer->times,
                                            claims);
    }

    return ngx_http_commerce_viewer_proved(viewer, reason);
}


ngx_int_t
ngx_http_commerce_viewer_prove_url(ngx_http_commerce_viewer_t *viewer,
    ngx_commerce_url_t *url)
{
    if (viewer->nclaims == NGX_HTTP_COMMERCE_VIEWER_PROOFS) {
        return NGX_OK;
    }

    return ngx_http_commerce_viewer_proved(viewer,
              ngx_commerce_url_verify(viewer->tenant->signed_urls, url,
                                      NGX_COMMERCE_ACTION_VIEW,
                                      viewer->times.now,
                                      &viewer->claims[viewer->nclaims]));
}


/* of those that prove nothing the first is told */

static ngx_int_t
ngx_http_commerce_viewer_proved(ngx_http_commerce_viewer_t *viewer,
    ngx_commerce_reason_e reason)
{
    if (reason == NGX_COMMERCE_ALLOWED) {
        viewer->nclaims++;
        return NGX_OK;
    }

    if (viewer->no_claims == NGX_COMMERCE_PROOF_MISSING) {
        viewer->no_claims = reason;
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_commerce_viewer_decide(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_http_commerce_where_e where,
    ngx_http_handler_pt handler)
{
    ngx_commerce_question_t  q;

    ngx_memzero(&q, sizeof(ngx_commerce_question_t));

    q.action = NGX_COMMERCE_ACTION_VIEW;
    q.now = viewer->times.now;
    q.claims = viewer->claims;
    q.nclaims = viewer->nclaims;
    q.no_claims = viewer->no_claims;
    q.follows = NGX_AGAIN;

    if (ngx_http_commerce_viewer_look_up(r, viewer, &q, where, handler)
        == NGX_AGAIN)
    {
        return NGX_AGAIN;
    }

    viewer->reason = ngx_commerce_decide(&q);

    if (q.asks_follows) {
        q.follows = ngx_http_commerce_follows(r, &q.room->host,
                                              &q.claim->subject, where,
                                              handler);

        if (q.follows == NGX_AGAIN) {
            return NGX_AGAIN;
        }

        viewer->reason = ngx_commerce_decide(&q);
        viewer->followed = (viewer->reason == NGX_COMMERCE_ALLOWED);
    }

    viewer->claim = (viewer->reason == NGX_COMMERCE_ALLOWED) ? q.claim : NULL;
    viewer->best = q.claim;
    viewer->starts = (q.room_rc == NGX_OK) ? q.room->starts : 0;
    viewer->judged = 1;

    return NGX_OK;
}


/*
 * Begins with the room after each wait: a record is good only until the event
 * handler returns.  What the decision comes to without is not asked for, so
 * that without a proof a room that is not public takes as long as none.
 */

static ngx_int_t
ngx_http_commerce_viewer_look_up(ngx_http_request_t *r,
    ngx_http_commerce_viewer_t *viewer, ngx_commerce_question_t *q,
    ngx_http_commerce_where_e where, ngx_http_handler_pt handler)
{
    q->room_rc = ngx_http_commerce_get(r, NGX_COMMERCE_ROOM, &viewer->name,
                                       NGX_COMMERCE_FOR_VIEWERS,
                                       (void **) &q->room, where, handler);

    if (q->room_rc == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    q->host_rc = NGX_DECLINED;
    q->out_rc = NGX_DECLINED;

    if (q->room_rc != NGX_OK
        || (q->nclaims == 0
            && q->room->visibility != NGX_COMMERCE_VISIBILITY_PUBLIC))
    {
        return NGX_OK;
    }

    if (q->room->host.len) {
        q->host_rc = ngx_http_commerce_get(r, NGX_COMMERCE_HOST,
                                           &q->room->host,
                                           NGX_COMMERCE_FOR_VIEWERS,
                                           (void **) &q->host, where, handler);

        if (q->host_rc == NGX_AGAIN) {
            return NGX_AGAIN;
        }
    }

    if (q->nclaims) {
        q->out_rc = ngx_http_commerce_get(r, NGX_COMMERCE_OUT, &viewer->name,
                                          NGX_COMMERCE_FOR_VIEWERS,
                                          (void **) &q->out, where, handler);
    }

    return q->out_rc == NGX_AGAIN ? NGX_AGAIN : NGX_OK;
}
