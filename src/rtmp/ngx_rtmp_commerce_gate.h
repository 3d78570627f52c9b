
/*
 * Keeps what is sent without an approval from other modules.
 */


#ifndef _NGX_RTMP_COMMERCE_GATE_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_GATE_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/* called when all modules have been configured */
ngx_int_t ngx_rtmp_commerce_gate(ngx_conf_t *cf);


#endif /* _NGX_RTMP_COMMERCE_GATE_H_INCLUDED_ */
