
#ifndef _NGX_COMMERCE_REDIS_PUSH_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_PUSH_H_INCLUDED_


#include "ngx_commerce_redis_conn.h"


/* what Redis sends on a subscription; see ngx_commerce_redis_owner_t */
ngx_int_t ngx_commerce_redis_push_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply);


#endif /* _NGX_COMMERCE_REDIS_PUSH_H_INCLUDED_ */
