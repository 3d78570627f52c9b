
#include "ngx_commerce_redis_conn.h"
#include "ngx_commerce_redis_conn_io.h"
#include "ngx_commerce_redis_handshake.h"
#include "ngx_commerce_stats.h"
#include <ngx_event_connect.h>


#define NGX_COMMERCE_REDIS_BACKOFF_MIN  50     /* ms */
#define NGX_COMMERCE_REDIS_BACKOFF_MAX  500    /* ms */


static void ngx_commerce_redis_conn_connect(ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_conn_read_handler(ngx_event_t *rev);
static void ngx_commerce_redis_conn_write_handler(ngx_event_t *wev);
static void ngx_commerce_redis_conn_flush_handler(ngx_event_t *ev);
static void ngx_commerce_redis_conn_test(ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_conn_connected(ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_conn_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply);
static void ngx_commerce_redis_conn_ready(ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_conn_timer_handler(void *data);
static void ngx_commerce_redis_conn_end(ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_conn_reset(ngx_commerce_redis_conn_t *conn);
static void ngx_commerce_redis_conn_retry(ngx_commerce_redis_conn_t *conn);


void
ngx_commerce_redis_conn_open(ngx_commerce_redis_conn_t *conn)
{
    /*
     * nginx logs each refused connect() by itself: here a loss is logged
     * once, however many attempts follow
     */

    conn->log = *conn->tenant->log;
    conn->log.log_level = NGX_LOG_ALERT;

    ngx_commerce_timer_init(&conn->timer, conn->tenant->log,
                            ngx_commerce_redis_conn_timer_handler, conn);

    conn->flush.handler = ngx_commerce_redis_conn_flush_handler;
    conn->flush.data = conn;
    conn->flush.log = conn->tenant->log;

    ngx_commerce_redis_conn_connect(conn);
}


void
ngx_commerce_redis_conn_close(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_conn_reset(conn);

    if (conn->out) {
        ngx_free(conn->out);
        conn->out = NULL;
        conn->out_size = 0;
    }

    conn->state = NGX_COMMERCE_REDIS_CLOSED;
    conn->failures = 0;
    conn->away = 0;
    conn->steady = 0;
    conn->known = 0;
    conn->reported = 0;
}


static void
ngx_commerce_redis_conn_connect(ngx_commerce_redis_conn_t *conn)
{
    ngx_err_t               err;
    ngx_int_t               rc;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t   peer;

    addr = &conn->conf->addrs[conn->addr++ % conn->conf->naddrs];

    ngx_log_debug2(NGX_LOG_DEBUG_EVENT, conn->tenant->log, 0,
                   "commerce redis %s connect to %V",
                   conn->owner->name, &addr->name);

    conn->state = NGX_COMMERCE_REDIS_CONNECTING;

    if (ngx_commerce_redis_reader_open(&conn->reader) != NGX_OK) {
        ngx_commerce_redis_conn_fail(conn, 0, conn->reader.error);
        return;
    }

    ngx_memzero(&peer, sizeof(ngx_peer_connection_t));

    peer.sockaddr = addr->sockaddr;
    peer.socklen = addr->socklen;
    peer.name = &addr->name;
    peer.get = ngx_event_get_peer;
    peer.log = &conn->log;
    peer.log_error = NGX_ERROR_ERR;

    rc = ngx_event_connect_peer(&peer);
    err = ngx_socket_errno;

    if (rc == NGX_ERROR || rc == NGX_DECLINED) {
        ngx_commerce_redis_conn_fail(conn, err, "connect() failed");
        return;
    }

    c = peer.connection;

    c->data = conn;
    c->log = &conn->log;
    c->read->handler = ngx_commerce_redis_conn_read_handler;
    c->write->handler = ngx_commerce_redis_conn_write_handler;

    conn->connection = c;

    ngx_commerce_timer_start(&conn->timer, conn->conf->connect_timeout);

    if (addr->sockaddr->sa_family != AF_UNIX && ngx_tcp_nodelay(c) != NGX_OK) {
        ngx_commerce_redis_conn_fail(conn, 0, "setsockopt() failed");
        return;
    }

    if (rc == NGX_OK) {
        ngx_commerce_redis_conn_connected(conn);
    }
}


static void
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

    if (ngx_commerce_redis_conn_io_read(conn, ngx_commerce_redis_conn_reply)
        != NGX_OK)
    {
        ngx_commerce_redis_conn_fail(conn, conn->err,
                                     conn->reason[0]
                                     ? (const char *) conn->reason
                                     : "unexpected reply");
    }
}


static void
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

    ngx_commerce_redis_conn_flush_handler(&conn->flush);
}


static void
ngx_commerce_redis_conn_flush_handler(ngx_event_t *ev)
{
    ngx_commerce_redis_conn_t  *conn;

    conn = ev->data;

    if (ngx_commerce_redis_conn_io_send(conn) != NGX_OK) {
        ngx_commerce_redis_conn_fail(conn, conn->err, (char *) conn->reason);
    }
}


static void
ngx_commerce_redis_conn_test(ngx_commerce_redis_conn_t *conn)
{
    int        err;
    socklen_t  len;

    err = 0;
    len = sizeof(int);

    if (getsockopt(conn->connection->fd, SOL_SOCKET, SO_ERROR, (void *) &err,
                   &len)
        == -1)
    {
        err = ngx_socket_errno;
    }

    if (err) {
        ngx_commerce_redis_conn_fail(conn, err, "connect() failed");
        return;
    }

    ngx_commerce_redis_conn_connected(conn);
}


static void
ngx_commerce_redis_conn_connected(ngx_commerce_redis_conn_t *conn)
{
    conn->state = NGX_COMMERCE_REDIS_HANDSHAKE;
    conn->refusals = 0;

    if (ngx_commerce_redis_handshake_start(conn) != NGX_OK) {
        ngx_commerce_redis_conn_fail(conn, 0, "out of memory");
        return;
    }

    ngx_post_event(&conn->flush, &ngx_posted_events);
}


static ngx_int_t
ngx_commerce_redis_conn_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_int_t  rc;

    if (conn->state == NGX_COMMERCE_REDIS_READY) {
        return conn->owner->reply(conn, reply);
    }

    rc = ngx_commerce_redis_handshake_reply(conn, reply);

    if (rc == NGX_OK) {
        ngx_commerce_redis_conn_ready(conn);
    }

    return (rc == NGX_AGAIN) ? NGX_OK : rc;
}


static void
ngx_commerce_redis_conn_ready(ngx_commerce_redis_conn_t *conn)
{
    ngx_log_debug1(NGX_LOG_DEBUG_EVENT, conn->tenant->log, 0,
                   "commerce redis %s ready", conn->owner->name);

    ngx_commerce_timer_stop(&conn->timer);

    if (conn->known && conn->tenant->stats) {
        (void) ngx_atomic_fetch_add(&conn->tenant->stats->reconnects, 1);
    }

    conn->state = NGX_COMMERCE_REDIS_READY;
    conn->since = ngx_current_msec;
    conn->away = 0;
    conn->known = 1;

    conn->owner->ready(conn);
}


void
ngx_commerce_redis_conn_proved(ngx_commerce_redis_conn_t *conn)
{
    if (conn->steady
        || ngx_current_msec - conn->since < conn->conf->heartbeat / 2)
    {
        return;
    }

    conn->steady = 1;
    conn->failures = 0;

    if (conn->reported) {
        conn->reported = 0;

        ngx_log_error(NGX_LOG_NOTICE, conn->tenant->log, 0,
                      "commerce \"%V\": %s to redis %V is restored",
                      &conn->tenant->name, conn->owner->name,
                      &conn->conf->address);
    }
}


ngx_int_t
ngx_commerce_redis_conn_send(ngx_commerce_redis_conn_t *conn, u_char *data,
    size_t len)
{
    if (ngx_commerce_redis_conn_io_add(conn, data, len) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_post_event(&conn->flush, &ngx_posted_events);

    return NGX_OK;
}


ngx_int_t
ngx_commerce_redis_conn_command(ngx_commerce_redis_conn_t *conn,
    ngx_uint_t argc, ngx_str_t *argv)
{
    if (ngx_commerce_redis_conn_io_command(conn, argc, argv) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_post_event(&conn->flush, &ngx_posted_events);

    return NGX_OK;
}


void
ngx_commerce_redis_conn_expect(ngx_commerce_redis_conn_t *conn,
    ngx_msec_t deadline)
{
    ngx_msec_int_t  ms;

    conn->expects = 1;
    conn->deadline = deadline;

    ms = (ngx_msec_int_t) (deadline - ngx_current_msec);

    ngx_commerce_timer_start(&conn->timer, (ngx_msec_t) ngx_max(ms, 0));
}


void
ngx_commerce_redis_conn_expect_nothing(ngx_commerce_redis_conn_t *conn)
{
    /* the timer stays: another command often follows soon */

    conn->expects = 0;
}


void
ngx_commerce_redis_conn_keep(ngx_commerce_redis_conn_t *conn, ngx_uint_t keep)
{
    conn->timer.event.cancelable = !keep;
}


static void
ngx_commerce_redis_conn_timer_handler(void *data)
{
    ngx_commerce_redis_conn_t *conn = data;

    ngx_msec_int_t  ms;

    switch (conn->state) {

    case NGX_COMMERCE_REDIS_WAITING:
        ngx_commerce_redis_conn_connect(conn);
        return;

    case NGX_COMMERCE_REDIS_CONNECTING:
        ngx_commerce_redis_conn_fail(conn, 0, "connect() timed out");
        return;

    case NGX_COMMERCE_REDIS_HANDSHAKE:
        ngx_commerce_redis_conn_fail(conn, 0, "no answer");
        return;

    case NGX_COMMERCE_REDIS_READY:

        if (!conn->expects) {
            return;
        }

        /* nginx lets a timer be, if the new time is not much later */

        ms = (ngx_msec_int_t) (conn->deadline - ngx_current_msec);

        if (ms > 0) {
            ngx_commerce_timer_start(&conn->timer, (ngx_msec_t) ms);
            return;
        }

        /* it hangs: more callers shouldn't wait for it */

        conn->steady = 0;

        ngx_commerce_redis_conn_fail(conn, 0, "no answer");
        return;

    default: /* NGX_COMMERCE_REDIS_CLOSED */
        return;
    }
}


void
ngx_commerce_redis_conn_fail(ngx_commerce_redis_conn_t *conn, ngx_err_t err,
    const char *why)
{
    ngx_log_debug2(NGX_LOG_DEBUG_EVENT, conn->tenant->log, err,
                   "commerce redis %s: %s", conn->owner->name, why);

    if (conn->state == NGX_COMMERCE_REDIS_CONNECTING
        && ++conn->refusals < conn->conf->naddrs)
    {
        /* the name has another address: "localhost" often has an IPv6 one */

        ngx_commerce_redis_conn_reset(conn);
        conn->state = NGX_COMMERCE_REDIS_WAITING;
        ngx_commerce_timer_start(&conn->timer, 1);
        return;
    }

    conn->refusals = 0;

    if (!conn->reported) {
        conn->reported = 1;

        ngx_log_error(NGX_LOG_ERR, conn->tenant->log, err,
                      "commerce \"%V\": %s to redis %V %s: %s",
                      &conn->tenant->name, conn->owner->name,
                      &conn->conf->address,
                      conn->known ? "is lost" : "can't be made", why);
    }

    ngx_commerce_redis_conn_end(conn);
}


static void
ngx_commerce_redis_conn_end(ngx_commerce_redis_conn_t *conn)
{
    ngx_uint_t  again;

    /* a connection that was good is made anew at once: a restart is quick */

    again = conn->steady;

    ngx_commerce_redis_conn_reset(conn);

    conn->steady = 0;

    if (again) {
        conn->state = NGX_COMMERCE_REDIS_WAITING;
        ngx_commerce_timer_start(&conn->timer, 1);

    } else {
        conn->away = 1;
        ngx_commerce_redis_conn_retry(conn);
    }

    conn->owner->lost(conn);
}


static void
ngx_commerce_redis_conn_reset(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_timer_stop(&conn->timer);

    if (conn->flush.posted) {
        ngx_delete_posted_event(&conn->flush);
    }

    if (conn->connection) {
        ngx_close_connection(conn->connection);
        conn->connection = NULL;
    }

    ngx_commerce_redis_reader_close(&conn->reader);

    conn->expects = 0;
    conn->out_pos = 0;
    conn->out_len = 0;
}


/*
 * Waits before the next attempt, twice as long each time but never so long
 * that Redis could be back for a second unnoticed; at random, so that not all
 * workers of all nodes come at once.
 */

static void
ngx_commerce_redis_conn_retry(ngx_commerce_redis_conn_t *conn)
{
    ngx_msec_t  ms;

    ms = NGX_COMMERCE_REDIS_BACKOFF_MIN << ngx_min(conn->failures, 8);
    ms = ngx_min(ms, NGX_COMMERCE_REDIS_BACKOFF_MAX);
    ms = ms / 2 + ngx_random() % (ms / 2 + 1);

    conn->failures++;
    conn->state = NGX_COMMERCE_REDIS_WAITING;

    ngx_commerce_timer_start(&conn->timer, ms);
}
