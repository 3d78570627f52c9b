
/*
 * nginx without its event loop, as far as unit tests need it: t/unit/nginx says
 * which files of nginx's own are linked; ngx_shim.c has what these call.
 */


#ifndef _NGX_SHIM_H_INCLUDED_
#define _NGX_SHIM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a log whose text is kept: ngx_shim_logged() is the last line, or "" */

extern ngx_log_t   ngx_shim_log;

const char *ngx_shim_logged(void);

/* sets what ngx_timeofday() and ngx_time() give, in ms since the epoch */

void ngx_shim_set_time(int64_t ms);

/* the n-th allocation from now on fails, once; 0: none does */

void ngx_shim_fail_alloc(ngx_uint_t n);


#endif /* _NGX_SHIM_H_INCLUDED_ */
