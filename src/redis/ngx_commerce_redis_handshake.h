
/*
 * What is said first on a connection: AUTH, SELECT, INFO, PING, as far as they
 * are needed, and which schema the data are of.
 */


#ifndef _NGX_COMMERCE_REDIS_HANDSHAKE_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_HANDSHAKE_H_INCLUDED_


#include "ngx_commerce_redis_conn.h"


/* NGX_OK or NGX_ERROR: out of memory */
ngx_int_t ngx_commerce_redis_handshake_start(ngx_commerce_redis_conn_t *conn);

/*
 * NGX_OK: it is over; NGX_AGAIN; NGX_ERROR: refused, conn->reason says why.
 */
ngx_int_t ngx_commerce_redis_handshake_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply);


#endif /* _NGX_COMMERCE_REDIS_HANDSHAKE_H_INCLUDED_ */
