
/*
 * Entering a room: a viewer comes with proofs in the usual places, with a code,
 * or with nothing, and gets a session.
 *
 * enter_module has the directive and goes from step to step; enter_body reads
 * what was posted, enter_code asks Redis for a code, enter_session answers,
 * enter_cookie writes the cookie.
 * Functions return what a content handler returns; or NGX_DECLINED, where their
 * comment says so: nothing was refused, go on.
 */


#ifndef _NGX_HTTP_COMMERCE_ENTER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_ENTER_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_viewer.h"
#include "ngx_http_commerce_handler.h"
#include "ngx_http_commerce_viewer.h"


#define NGX_HTTP_COMMERCE_ENTER_BODY_MAX  4096   /* bytes */
#define NGX_HTTP_COMMERCE_ENTER_ID_MIN    16     /* so that nobody guesses it */


typedef struct {
    ngx_http_commerce_handler_conf_t   handler;
    ngx_str_t                          attributes;  /* of the cookie, but for
                                                       those of a request */
    ngx_uint_t                         secure;      /* 1: also without TLS */
} ngx_http_commerce_enter_conf_t;


typedef struct {
    ngx_http_request_t                *request;
    ngx_commerce_tenant_t             *tenant;

    ngx_str_t                          code;        /* empty: none */
    ngx_str_t                          id;          /* made up by the client */

    ngx_http_commerce_viewer_t         viewer;      /* as he is by entering */
    ngx_commerce_reason_e              otherwise;   /* why he is refused if that
                                                       does not let him in;
                                                       ALLOWED: as it says */
    unsigned                           enters:1;    /* these are set */

    u_char                             subject[NGX_COMMERCE_VIEWER_ANONYMOUS];

    ngx_commerce_redis_call_t         *call;        /* not answered yet */
    ngx_int_t                        (*next)(ngx_http_request_t *r,
                                             ngx_int_t rc);
} ngx_http_commerce_enter_t;


/*
 * Before the body is read, whether it may be one; then reads code and id.
 * NGX_DECLINED: go on.
 */
ngx_int_t ngx_http_commerce_enter_body_expect(ngx_http_request_t *r);
ngx_int_t ngx_http_commerce_enter_body_read(ngx_http_commerce_enter_t *enter);

/*
 * Asks Redis whether the code lets the subject in, which counts him.  NGX_DONE:
 * next is called, and its result is the request's: with NGX_OK, NGX_DECLINED,
 * or NGX_ERROR, Redis can't tell.  Or NGX_ERROR at once.
 */
ngx_int_t ngx_http_commerce_enter_code_ask(ngx_http_commerce_enter_t *enter,
    ngx_str_t *room, ngx_str_t *subject,
    ngx_int_t (*next)(ngx_http_request_t *r, ngx_int_t rc));

/* answers with the session of the claims, which have a subject and a time */
ngx_int_t ngx_http_commerce_enter_session_answer(
    ngx_http_commerce_enter_t *enter, ngx_str_t *room,
    ngx_commerce_claims_t *claims);

/* reads the directive's parameters; NGX_CONF_OK or an error */
char *ngx_http_commerce_enter_cookie_conf(ngx_conf_t *cf,
    ngx_http_commerce_enter_conf_t *ecf);

/* adds the cookie, which lasts for so many ms, to the answer */
ngx_int_t ngx_http_commerce_enter_cookie_set(ngx_http_request_t *r,
    ngx_str_t *room, ngx_str_t *token, int64_t lasts);


extern ngx_module_t  ngx_http_commerce_enter_module;


#endif /* _NGX_HTTP_COMMERCE_ENTER_H_INCLUDED_ */
