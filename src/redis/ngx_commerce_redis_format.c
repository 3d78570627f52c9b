
#include "ngx_commerce_redis_format.h"


static u_char *ngx_commerce_redis_format_args(u_char *p, ngx_uint_t argc,
    ngx_str_t *argv);


/* a command is an array of bulk strings (RESP2) */

u_char *
ngx_commerce_redis_format(ngx_uint_t nlead, ngx_str_t *lead, ngx_uint_t argc,
    ngx_str_t *argv, size_t *len)
{
    size_t       size;
    u_char      *start, *p;
    ngx_uint_t   i;

    size = sizeof("*" CRLF) + NGX_INT_T_LEN
           + (nlead + argc) * (sizeof("$" CRLF CRLF) + NGX_SIZE_T_LEN);

    for (i = 0; i < nlead; i++) {
        size += lead[i].len;
    }

    for (i = 0; i < argc; i++) {
        size += argv[i].len;
    }

    start = ngx_alloc(size, ngx_cycle->log);
    if (start == NULL) {
        return NULL;
    }

    p = ngx_sprintf(start, "*%ui" CRLF, nlead + argc);
    p = ngx_commerce_redis_format_args(p, nlead, lead);
    p = ngx_commerce_redis_format_args(p, argc, argv);

    *len = p - start;

    return start;
}


static u_char *
ngx_commerce_redis_format_args(u_char *p, ngx_uint_t argc, ngx_str_t *argv)
{
    ngx_uint_t  i;

    for (i = 0; i < argc; i++) {
        p = ngx_sprintf(p, "$%uz" CRLF, argv[i].len);

        if (argv[i].len) {
            p = ngx_cpymem(p, argv[i].data, argv[i].len);
        }

        *p++ = CR;
        *p++ = LF;
    }

    return p;
}
