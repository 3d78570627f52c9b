
#ifndef _NGX_COMMERCE_REDIS_FORMAT_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_FORMAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Formats a command of the arguments in lead and then those in argv: bytes
 * for ngx_free(), or NULL if out of memory.
 */
u_char *ngx_commerce_redis_format(ngx_uint_t nlead, ngx_str_t *lead,
    ngx_uint_t argc, ngx_str_t *argv, size_t *len);


#endif /* _NGX_COMMERCE_REDIS_FORMAT_H_INCLUDED_ */
