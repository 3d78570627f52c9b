
#include "ngx_commerce_redis_conn.h"


#define NGX_COMMERCE_REDIS_READS      64         /* before others' turn */
#define NGX_COMMERCE_REDIS_READ_SIZE  16384
#define NGX_COMMERCE_REDIS_OUT_KEEP   65536


static void ngx_commerce_redis_conn_read(ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_conn_flush(ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_conn_replies(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_conn_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply);
static ngx_int_t ngx_commerce_redis_conn_reserve(
    ngx_commerce_redis_conn_t *conn, size_t len);


void
ngx_commerce_redis_conn_read_handler(ngx_event_t *rev)
{
    ngx_connection_t           *c;
    ngx_commerce_redis_conn_t  *conn;

    c = rev->data;
    conn = c->data;

    if (conn->state == NGX_COMMERCE_REDIS_CONNECTING) {
        ngx_commerce_redis_conn_test(conn);
        return;
    }

    ngx_commerce_redis_conn_read(conn);
}


void
ngx_commerce_redis_conn_write_handler(ngx_event_t *wev)
{
    ngx_connection_t           *c;
    ngx_commerce_redis_conn_t  *conn;

    c = wev->data;
    conn = c->data;

    if (conn->state == NGX_COMMERCE_REDIS_CONNECTING) {
        ngx_commerce_redis_conn_test(conn);
        return;
    }

    ngx_commerce_redis_conn_flush(conn);
}


static void
ngx_commerce_redis_conn_read(ngx_commerce_redis_conn_t *conn)
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
                ngx_commerce_redis_conn_fail(conn, 0, "event failed");
            }

            return;
        }

        if (n == 0 || n == NGX_ERROR) {
            err = (n == 0) ? 0 : ngx_socket_errno;
            ngx_commerce_redis_conn_fail(conn, err, "closed by redis");
            return;
        }

        if (ngx_commerce_redis_reader_feed(&conn->reader, buf, n) != NGX_OK) {
            ngx_commerce_redis_conn_fail(conn, 0, conn->reader.error);
            return;
        }

        if (ngx_commerce_redis_conn_replies(conn) != NGX_OK) {
            ngx_commerce_redis_conn_fail(conn, 0,
                                         conn->reason[0]
                                         ? (const char *) conn->reason
                                         : "unexpected reply");
            return;
        }
    }

    ngx_post_event(c->read, &ngx_posted_next_events);
}


/* NGX_OK, or NGX_ERROR: conn->reason says why */

static ngx_int_t
ngx_commerce_redis_conn_replies(ngx_commerce_redis_conn_t *conn)
{
    ngx_int_t    rc;
    redisReply  *reply;

    for ( ;; ) {
        rc = ngx_commerce_redis_reader_next(&conn->reader, &reply);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_ERROR) {
            ngx_snprintf(conn->reason, sizeof(conn->reason), "%s%Z",
                         conn->reader.error);

            return NGX_ERROR;
        }

        rc = ngx_commerce_redis_conn_reply(conn, reply);

        freeReplyObject(reply);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }
}


static ngx_int_t
ngx_commerce_redis_conn_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_int_t  rc;

    conn->reason[0] = '\0';

    if (conn->state == NGX_COMMERCE_REDIS_READY) {
        return conn->owner->reply(conn, reply);
    }

    rc = ngx_commerce_redis_handshake_reply(conn, reply);

    if (rc == NGX_OK) {
        ngx_commerce_redis_conn_ready(conn);
    }

    return (rc == NGX_AGAIN) ? NGX_OK : rc;
}


ngx_int_t
ngx_commerce_redis_conn_command(ngx_commerce_redis_conn_t *conn,
    ngx_uint_t argc, ngx_str_t *argv)
{
    size_t      len;
    u_char     *data;
    ngx_int_t   rc;

    data = ngx_commerce_redis_format(0, NULL, argc, argv, &len);
    if (data == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_commerce_redis_conn_send(conn, data, len);

    ngx_free(data);

    return rc;
}


ngx_int_t
ngx_commerce_redis_conn_send(ngx_commerce_redis_conn_t *conn, u_char *data,
    size_t len)
{
    if (ngx_commerce_redis_conn_reserve(conn, len) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(conn->out + conn->out_len, data, len);
    conn->out_len += len;

    ngx_post_event(&conn->flush, &ngx_posted_events);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_conn_reserve(ngx_commerce_redis_conn_t *conn, size_t len)
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


void
ngx_commerce_redis_conn_flush_handler(ngx_event_t *ev)
{
    ngx_commerce_redis_conn_flush(ev->data);
}


static void
ngx_commerce_redis_conn_flush(ngx_commerce_redis_conn_t *conn)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = conn->connection;

    while (conn->out_pos < conn->out_len) {

        n = c->send(c, conn->out + conn->out_pos,
                    conn->out_len - conn->out_pos);

        if (n == NGX_ERROR) {
            ngx_commerce_redis_conn_fail(conn, ngx_socket_errno,
                                         "send() failed");
            return;
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
        ngx_commerce_redis_conn_fail(conn, 0, "event failed");
    }
}
