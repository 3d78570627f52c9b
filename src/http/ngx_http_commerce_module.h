
/*
 * What the HTTP features share: which tenant and room a request is about,
 * waiting for a record, the reason of what came of it.
 */


#ifndef _NGX_HTTP_COMMERCE_MODULE_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_commerce_tenant.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_stats.h"


/* notes the place of a directive that needs a tenant, for its setter to call */
void ngx_http_commerce_needs_tenant(ngx_conf_t *cf);

/*
 * The tenant of a location, for a feature's merge function to call when the
 * feature is on.  An undefined one is an [emerg] of the place of
 * commerce_tenant or, without it, of what needs one.  NULL: error, logged.
 */
ngx_commerce_tenant_t *ngx_http_commerce_use_tenant(ngx_conf_t *cf);

/* for merge functions: 1 if the location has a commerce_room */
ngx_uint_t ngx_http_commerce_has_room(ngx_conf_t *cf);

/* the tenant of the request's location; set if a feature is on there */
ngx_commerce_tenant_t *ngx_http_commerce_tenant(ngx_http_request_t *r);

/*
 * Evaluates commerce_room.  NGX_OK; NGX_DECLINED if it is not set, empty or
 * breaks the rules for names; NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_room_name(ngx_http_request_t *r, ngx_str_t *room);

/*
 * Sets $commerce_reason and, unless the reason is ALLOWED, logs it once at
 * level.
 */
void ngx_http_commerce_set_reason(ngx_http_request_t *r,
    ngx_commerce_reason_e reason, ngx_uint_t level);

/* $commerce_reason alone; the text is not copied */
void ngx_http_commerce_set_reason_text(ngx_http_request_t *r,
    const char *reason);


typedef enum {
    NGX_HTTP_COMMERCE_CONTENT = 0,    /* return NGX_DONE after NGX_AGAIN */
    NGX_HTTP_COMMERCE_PHASE           /* return NGX_AGAIN after NGX_AGAIN */
} ngx_http_commerce_where_e;

/*
 * Looks a record up for a content handler or an access-like phase handler:
 * as ngx_commerce_store_get(), but on NGX_AGAIN the request is kept, and goes
 * on once when the outcome is there; if it goes away first, the wait is
 * cancelled.
 *
 * With CONTENT: after NGX_AGAIN the caller returns NGX_DONE; later
 * `handler(r)` is called and its result given to ngx_http_finalize_request().
 * The reference (r->main->count) is taken here.
 * With PHASE: after NGX_AGAIN the caller returns NGX_AGAIN; later the phase
 * engine runs its handler again; handler may be NULL.
 */
ngx_int_t ngx_http_commerce_get(ngx_http_request_t *r,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_purpose_e purpose,
    void **record, ngx_http_commerce_where_e where,
    ngx_http_handler_pt handler);

/* the same for ngx_commerce_follow_get() */
ngx_int_t ngx_http_commerce_follows(ngx_http_request_t *r, ngx_str_t *host,
    ngx_str_t *subject, ngx_http_commerce_where_e where,
    ngx_http_handler_pt handler);


extern ngx_module_t  ngx_http_commerce_module;


#endif /* _NGX_HTTP_COMMERCE_MODULE_H_INCLUDED_ */
