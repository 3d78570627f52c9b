
/*
 * The arguments of a request that are for us: a viewer's token, and what the
 * clouds sign URLs with.  They are found as nginx finds arguments: NAME=VALUE
 * in any case of letters, not decoded.
 */


#ifndef _NGX_HTTP_COMMERCE_ARGS_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_ARGS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the argument that a viewer's token travels as */
#define NGX_HTTP_COMMERCE_ARGS_VIEWER  "viewer"


/* those that are for us only where a location says so */
#define NGX_HTTP_COMMERCE_ARGS_SKIP    0x02    /* _HLS_skip, of players */
#define NGX_HTTP_COMMERCE_ARGS_CLIP    0x04    /* clip */
#define NGX_HTTP_COMMERCE_ARGS_CHAPTERS  0x08  /* chapters */


/*
 * Writes the arguments (a=b&c=d) without ours and, also, those of the bits
 * above; the others byte by byte and in their order.  Returns the end: at most
 * args->len bytes.
 */
u_char *ngx_http_commerce_args_strip(ngx_str_t *args, u_char *p,
    ngx_uint_t also);

/* the same with ours alone */
u_char *ngx_http_commerce_args_keep(ngx_str_t *args, u_char *p);

/* 1 if there is a value that is secret among the arguments */
ngx_uint_t ngx_http_commerce_args_secret(ngx_str_t *args);

/* overwrites those with '*' */
void ngx_http_commerce_args_blank(ngx_str_t *args);

/* the same in a URI, or a request line: behind the first '?' or '#' */
void ngx_http_commerce_args_blank_uri(ngx_str_t *uri);

/*
 * Puts back into arguments, or what follows a URI's '?', what was blanked: a
 * value of '*' becomes the one of the same name and length in original, the
 * arguments as they were.
 */
void ngx_http_commerce_args_restore(ngx_str_t *args, ngx_str_t *original);


#endif /* _NGX_HTTP_COMMERCE_ARGS_H_INCLUDED_ */
