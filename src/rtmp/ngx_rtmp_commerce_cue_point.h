
/*
 * What an encoder says by a data message: that it is a cue, and which product
 * that is of.
 */


#ifndef _NGX_RTMP_COMMERCE_CUE_POINT_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_CUE_POINT_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/* commerce_cue_point */
char *ngx_rtmp_commerce_cue_point_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Reads an AMF0 data message.  NGX_OK, and a product, or an empty one; it stays
 * until the next one is read.  NGX_ERROR, and an empty one: it is a cue of no
 * product.  NGX_DECLINED: it is no cue.
 */
ngx_int_t ngx_rtmp_commerce_cue_point_read(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_chain_t *in, ngx_str_t *product);


#endif /* _NGX_RTMP_COMMERCE_CUE_POINT_H_INCLUDED_ */
