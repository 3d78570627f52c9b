
#include "ngx_commerce_redis_conn_io.h"
#include "ngx_commerce_redis_format.h"


#define NGX_COMMERCE_REDIS_READS      64         /* before others' turn */
#define NGX_COMMERCE_REDIS_READ_SIZE  16384
#define NGX_COMMERCE_REDIS_OUT_KEEP   65536


static ngx_int_t ngx_commerce_redis_conn_io_replies(
    ngx_commerce_redis_conn_t *conn,
    ngx_int_t (*handler)(ngx_commerce_redis_conn_t *conn, redisReply *reply));
static ngx_int_t ngx_commerce_redis_conn_io_reserve(
    ngx_commerce_redis_conn_t *conn, size_t len);
static ngx_int_t ngx_commerce_redis_conn_io_failed(
    ngx_commerce_redis_conn_t *conn, ngx_err_t err, const char *why);


ngx_int_t
ngx_commerce_redis_conn_io_read(ngx_commerce_redis_conn_t *conn,
    ngx_int_t (*handler)(ngx_commerce_redis_conn_t *conn, redisReply *reply))
{
    ssize_t            n;
    ngx_err_t          err;
    ngx_uint_t         i;
    ngx_connection_t  *c;
    u_char             buf[NGX_COMMERCE_REDIS_READ_SIZE];

    c = conn->connection;

    for (i = 0; i < NGX_COMMERCE_REDIS_READS; i++) {

        n = c->recv(c, buf, sizeof(buf));

        if (n == NGX_AGAIN) {

            if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
                return ngx_commerce_redis_conn_io_failed(conn, 0,
                                                         "event failed");
            }

            return NGX_OK;
        }

        if (n == 0 || n == NGX_ERROR) {
            err = (n == 0) ? 0 : ngx_socket_errno;
            return ngx_commerce_redis_conn_io_failed(conn, err,
                                                     "closed by redis");
        }

        if (ngx_commerce_redis_reader_feed(&conn->reader, buf, n) != NGX_OK) {
            return ngx_commerce_redis_conn_io_failed(conn, 0,
                                                     conn->reader.error);
        }

        if (ngx_commerce_redis_conn_io_replies(conn, handler) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_post_event(c->read, &ngx_posted_next_events);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_conn_io_replies(ngx_commerce_redis_conn_t *conn,
    ngx_int_t (*handler)(ngx_commerce_redis_conn_t *conn, redisReply *reply))
{
    ngx_int_t    rc;
    redisReply  *reply;

    for ( ;; ) {
        rc = ngx_commerce_redis_reader_next(&conn->reader, &reply);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_ERROR) {
            return ngx_commerce_redis_conn_io_failed(conn, 0,
                                                     conn->reader.error);
        }

        conn->err = 0;
        conn->reason[0] = '\0';

        rc = handler(conn, reply);

        freeReplyObject(reply);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }
}


static ngx_int_t
ngx_commerce_redis_conn_io_failed(ngx_commerce_redis_conn_t *conn,
    ngx_err_t err, const char *why)
{
    conn->err = err;
    ngx_snprintf(conn->reason, sizeof(conn->reason), "%s%Z", why);

    return NGX_ERROR;
}


ngx_int_t
ngx_commerce_redis_conn_io_command(ngx_commerce_redis_conn_t *conn,
    ngx_uint_t argc, ngx_str_t *argv)
{
    size_t      len;
    u_char     *data;
    ngx_int_t   rc;

    data = ngx_commerce_redis_format(0, NULL, argc, argv, &len);
    if (data == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_commerce_redis_conn_io_add(conn, data, len);

    ngx_free(data);

    return rc;
}


ngx_int_t
ngx_commerce_redis_conn_io_add(ngx_commerce_redis_conn_t *conn, u_char *data,
    size_t len)
{
    if (ngx_commerce_redis_conn_io_reserve(conn, len) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(conn->out + conn->out_len, data, len);
    conn->out_len += len;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_conn_io_reserve(ngx_commerce_redis_conn_t *conn, size_t len)
{
    size_t   size, rest;
    u_char  *out;

    if (conn->out_size - conn->out_len >= len) {
        return NGX_OK;
    }

    rest = conn->out_len - conn->out_pos;
    size = ngx_max(2 * rest + len, NGX_COMMERCE_REDIS_READ_SIZE);

    out = ngx_alloc(size, conn->tenant->log);
    if (out == NULL) {
        return NGX_ERROR;
    }

    if (conn->out) {
        ngx_memcpy(out, conn->out + conn->out_pos, rest);
        ngx_free(conn->out);
    }

    conn->out = out;
    conn->out_size = size;
    conn->out_pos = 0;
    conn->out_len = rest;

    return NGX_OK;
}


ngx_int_t
ngx_commerce_redis_conn_io_send(ngx_commerce_redis_conn_t *conn)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = conn->connection;

    while (conn->out_pos < conn->out_len) {

        n = c->send(c, conn->out + conn->out_pos,
                    conn->out_len - conn->out_pos);

        if (n == NGX_ERROR) {
            return ngx_commerce_redis_conn_io_failed(conn, ngx_socket_errno,
                                                     "send() failed");
        }

        if (n == NGX_AGAIN) {
            break;
        }

        conn->out_pos += n;
    }

    if (conn->out_pos == conn->out_len) {
        conn->out_pos = 0;
        conn->out_len = 0;

        if (conn->out_size > NGX_COMMERCE_REDIS_OUT_KEEP) {
            ngx_free(conn->out);
            conn->out = NULL;
            conn->out_size = 0;
        }
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        return ngx_commerce_redis_conn_io_failed(conn, 0, "event failed");
    }

    return NGX_OK;
}
