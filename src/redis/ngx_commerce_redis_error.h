
/*
 * What an error of Redis means.  Redis tells errors apart by the words that
 * they begin with; only this file knows these words.
 */


#ifndef _NGX_COMMERCE_REDIS_ERROR_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <hiredis/hiredis.h>
#include "ngx_commerce_tenant.h"


typedef enum {
    NGX_COMMERCE_REDIS_NO_ERROR = 0,
    NGX_COMMERCE_REDIS_NO_ANSWER,      /* no reply: away, slow, a wrong one */

    NGX_COMMERCE_REDIS_WRONG_TYPE,     /* the key has another type */
    NGX_COMMERCE_REDIS_WRONG_VALUE,    /* or a value that is not understood */
    NGX_COMMERCE_REDIS_KEY_FORBIDDEN,  /* the ACL lacks the key or channel */
    NGX_COMMERCE_REDIS_MOVED,          /* another node has the key */

    NGX_COMMERCE_REDIS_FORBIDDEN,      /* the ACL lacks the command */
    NGX_COMMERCE_REDIS_NO_LOGIN,
    NGX_COMMERCE_REDIS_READ_ONLY,      /* a replica */
    NGX_COMMERCE_REDIS_NO_WRITES,      /* a master that takes none now */
    NGX_COMMERCE_REDIS_FULL,
    NGX_COMMERCE_REDIS_NOT_READY,      /* it starts, or something keeps it */

    NGX_COMMERCE_REDIS_NO_SCRIPT,
    NGX_COMMERCE_REDIS_OTHER_ERROR,

    NGX_COMMERCE_REDIS_ERRORS
} ngx_commerce_redis_error_e;


/* what kind of error a reply is; NULL is NGX_COMMERCE_REDIS_NO_ANSWER */
ngx_commerce_redis_error_e ngx_commerce_redis_error(redisReply *reply);

/* 1 if other keys get the same answer; 0: this key, or this call, is wrong */
ngx_uint_t ngx_commerce_redis_error_of_all(ngx_commerce_redis_error_e error);

/*
 * The text of an error reply as it may stand in a log line: cut, control
 * bytes replaced.  buf is the caller's.
 */
#define NGX_COMMERCE_REDIS_TEXT_MAX  200

ngx_str_t ngx_commerce_redis_error_text(redisReply *reply, u_char *buf);

/*
 * For a handler of what nobody waits for: if the reply is an error, a warning
 * that Redis refused "what" of the tenant
 */
void ngx_commerce_redis_error_warn(ngx_commerce_tenant_t *tenant,
    redisReply *reply, const char *what);


#endif /* _NGX_COMMERCE_REDIS_ERROR_H_INCLUDED_ */
