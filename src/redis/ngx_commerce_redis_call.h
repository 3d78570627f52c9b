
/*
 * A call: a command, or a script, and who is to have its answer.
 */


#ifndef _NGX_COMMERCE_REDIS_CALL_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CALL_H_INCLUDED_


#include "ngx_commerce_redis.h"


struct ngx_commerce_redis_call_s {
    ngx_queue_t                     queue;
    ngx_commerce_redis_node_t      *node;     /* that has it */
    ngx_commerce_redis_handler_pt   handler;  /* NULL: nobody wants to know */
    void                           *data;
    ngx_commerce_redis_script_t    *script;   /* as long as its SHA is used */
    ngx_uint_t                      nargs;    /* of EVALSHA or EVAL */

    u_char                         *bytes;    /* kept while needed again */
    size_t                          len;

    unsigned                        sent:1;
    unsigned                        ended:1;  /* its handler runs */
};


/* NULL: out of memory */
ngx_commerce_redis_call_t *ngx_commerce_redis_call_command(ngx_uint_t argc,
    ngx_str_t *argv, ngx_commerce_redis_handler_pt handler, void *data);

ngx_commerce_redis_call_t *ngx_commerce_redis_call_eval(
    ngx_commerce_redis_script_t *script, ngx_uint_t nkeys, ngx_uint_t argc,
    ngx_str_t *argv, ngx_commerce_redis_handler_pt handler, void *data);

void ngx_commerce_redis_call_free(ngx_commerce_redis_call_t *call);

/* its bytes were sent: they are kept only if they may be needed again */
void ngx_commerce_redis_call_sent(ngx_commerce_redis_call_t *call);

/* has a script's call be sent with the text next; NGX_OK, NGX_ERROR */
ngx_int_t ngx_commerce_redis_call_use_text(ngx_commerce_redis_call_t *call);


#endif /* _NGX_COMMERCE_REDIS_CALL_H_INCLUDED_ */
