
/*
 * What is secret in a request's arguments is blanked as soon as the request's
 * header was read, so that it is in no log, and reaches no origin: in
 * $request, $request_uri, $args, $arg_NAME, the Referer, and nginx's own lines
 * in the error log.  Whoever verifies it gets it from here.
 */


#ifndef _NGX_HTTP_COMMERCE_ARGS_MODULE_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_ARGS_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_http_commerce_args.h"


/*
 * For merge functions of what takes proofs out of requests: has the arguments
 * blanked in this server.  Others are left alone.
 */
void ngx_http_commerce_args_hide(ngx_conf_t *cf);

/*
 * For merge functions of locations: $commerce_args of this one is without
 * those that NGX_HTTP_COMMERCE_ARGS_* says, too.
 */
void ngx_http_commerce_args_drop(ngx_conf_t *cf, ngx_uint_t bits);

/*
 * The request's arguments with what was blanked put back: those of the moment,
 * after whatever rewrites; often r->args itself.  It is good as long as the
 * request.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_args_get(ngx_http_request_t *r, ngx_str_t *args);


extern ngx_module_t  ngx_http_commerce_args_module;


#endif /* _NGX_HTTP_COMMERCE_ARGS_MODULE_H_INCLUDED_ */
