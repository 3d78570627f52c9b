
/*
 * The clocks of commerce_hls_clock: where playlists without dates take their
 * time from.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_CLOCK_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_CLOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_commerce_hls_inject.h"


/* a clock as it was configured; what has the same address is the same one */

typedef struct ngx_http_commerce_hls_clock_s  ngx_http_commerce_hls_clock_t;


/*
 * Setters of directives: a clock, a pointer that is NULL at first; and how late
 * dates are, an ngx_msec_int_t of ms that is NGX_CONF_UNSET at first.
 */
char *ngx_http_commerce_hls_clock_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_commerce_hls_clock_offset(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Has the injection of a request's playlist go by the clock; NULL: by none.
 * NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_hls_clock_use(ngx_http_request_t *r,
    ngx_http_commerce_hls_clock_t *clock,
    ngx_commerce_hls_injection_t *injection);


#endif /* _NGX_HTTP_COMMERCE_HLS_CLOCK_H_INCLUDED_ */
