
/*
 * What a client presents when it publishes: a stream name and arguments, one
 * field in RTMP, split by nginx-rtmp at the '?'.
 */


#ifndef _NGX_RTMP_COMMERCE_ARGS_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_ARGS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_RTMP_COMMERCE_FIELD  256   /* NGX_RTMP_MAX_NAME, with its NUL */


typedef struct {
    ngx_str_t   name;
    ngx_str_t   key;                   /* data NULL: not presented */
    ngx_str_t   token;
    u_char      buf[2 * NGX_RTMP_COMMERCE_FIELD];  /* what they point into */
} ngx_rtmp_commerce_args_t;


/*
 * Reads name and args, as ngx_rtmp_cmd_fill_args() leaves them, and takes
 * the arguments key and token out of args.
 *
 * NGX_OK; NGX_DECLINED if the name is empty, holds a NUL, or is so long that
 * it was cut.
 */
ngx_int_t ngx_rtmp_commerce_args_read(ngx_rtmp_commerce_args_t *presented,
    u_char name[NGX_RTMP_COMMERCE_FIELD],
    u_char args[NGX_RTMP_COMMERCE_FIELD]);

/* leaves nothing of what was presented in memory */
void ngx_rtmp_commerce_args_wipe(ngx_rtmp_commerce_args_t *presented);


#endif /* _NGX_RTMP_COMMERCE_ARGS_H_INCLUDED_ */
