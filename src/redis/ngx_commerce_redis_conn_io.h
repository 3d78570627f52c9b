
/*
 * The bytes of a connection: replies are read, commands are sent.
 */


#ifndef _NGX_COMMERCE_REDIS_CONN_IO_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_CONN_IO_H_INCLUDED_


#include "ngx_commerce_redis_conn.h"


/*
 * Reads what there is, and passes each reply on.  NGX_OK; NGX_ERROR: the
 * connection is of no use any more, conn->err and conn->reason say why.
 */
ngx_int_t ngx_commerce_redis_conn_io_read(ngx_commerce_redis_conn_t *conn,
    ngx_int_t (*handler)(ngx_commerce_redis_conn_t *conn, redisReply *reply));

/* adds to what is to be sent; NGX_OK or NGX_ERROR: out of memory */
ngx_int_t ngx_commerce_redis_conn_io_add(ngx_commerce_redis_conn_t *conn,
    u_char *data, size_t len);

/* the same of a command */
ngx_int_t ngx_commerce_redis_conn_io_command(ngx_commerce_redis_conn_t *conn,
    ngx_uint_t argc, ngx_str_t *argv);

/* sends as much as goes; NGX_OK or NGX_ERROR, as reading */
ngx_int_t ngx_commerce_redis_conn_io_send(ngx_commerce_redis_conn_t *conn);


#endif /* _NGX_COMMERCE_REDIS_CONN_IO_H_INCLUDED_ */
