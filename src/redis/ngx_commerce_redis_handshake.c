
#include "ngx_commerce_redis_handshake.h"
#include "ngx_commerce_redis_conn_io.h"


/* bytes of a password, if it is so long, by which an echo of it is known */
#define NGX_COMMERCE_REDIS_REPEATED  4


typedef struct {
    ngx_uint_t  (*needed)(ngx_commerce_redis_conn_t *conn);
    ngx_int_t   (*send)(ngx_commerce_redis_conn_t *conn);
    ngx_int_t   (*reply)(ngx_commerce_redis_conn_t *conn, redisReply *reply);
} ngx_commerce_redis_handshake_step_t;


static ngx_uint_t ngx_commerce_redis_handshake_needs_auth(
    ngx_commerce_redis_conn_t *conn);
static ngx_uint_t ngx_commerce_redis_handshake_needs_select(
    ngx_commerce_redis_conn_t *conn);
static ngx_uint_t ngx_commerce_redis_handshake_needs_schema(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_handshake_send_auth(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_handshake_send_select(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_handshake_send_info(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_handshake_send_ping(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_handshake_send_schema(
    ngx_commerce_redis_conn_t *conn);
static ngx_int_t ngx_commerce_redis_handshake_auth_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
static ngx_uint_t ngx_commerce_redis_handshake_repeats(redisReply *reply,
    ngx_str_t *secret);
static ngx_int_t ngx_commerce_redis_handshake_select_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
static ngx_int_t ngx_commerce_redis_handshake_info_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
static ngx_int_t ngx_commerce_redis_handshake_ping_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
static ngx_int_t ngx_commerce_redis_handshake_schema_reply(
    ngx_commerce_redis_conn_t *conn, redisReply *reply);
static ngx_int_t ngx_commerce_redis_handshake_refused(
    ngx_commerce_redis_conn_t *conn, const char *command, redisReply *reply);


/*
 * All are sent at once; the answers come in the same order.  The last one may
 * send more, and get more than one.
 */

static ngx_commerce_redis_handshake_step_t
    ngx_commerce_redis_handshake_steps[] =
{

    { ngx_commerce_redis_handshake_needs_auth,
      ngx_commerce_redis_handshake_send_auth,
      ngx_commerce_redis_handshake_auth_reply },

    { ngx_commerce_redis_handshake_needs_select,
      ngx_commerce_redis_handshake_send_select,
      ngx_commerce_redis_handshake_select_reply },

    { NULL,
      ngx_commerce_redis_handshake_send_info,
      ngx_commerce_redis_handshake_info_reply },

    { NULL,
      ngx_commerce_redis_handshake_send_ping,
      ngx_commerce_redis_handshake_ping_reply },

    { ngx_commerce_redis_handshake_needs_schema,
      ngx_commerce_redis_handshake_send_schema,
      ngx_commerce_redis_handshake_schema_reply },

    { NULL, NULL, NULL }
};


ngx_int_t
ngx_commerce_redis_handshake_start(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_handshake_step_t  *step;

    conn->step = 0;
    conn->run_id.len = 0;
    conn->run_id.data = conn->run_id_buf;

    for (step = ngx_commerce_redis_handshake_steps; step->send; step++) {

        if (step->needed && !step->needed(conn)) {
            continue;
        }

        if (step->send(conn) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_commerce_redis_handshake_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_int_t                             rc;
    ngx_commerce_redis_handshake_step_t  *step;

    step = &ngx_commerce_redis_handshake_steps[conn->step];

    while (step->needed && !step->needed(conn)) {
        step++;
    }

    rc = step->reply(conn, reply);

    if (rc != NGX_OK) {
        return rc;
    }

    do {
        step++;
    } while (step->needed && !step->needed(conn));

    conn->step = step - ngx_commerce_redis_handshake_steps;

    return step->send ? NGX_AGAIN : NGX_OK;
}


static ngx_uint_t
ngx_commerce_redis_handshake_needs_auth(ngx_commerce_redis_conn_t *conn)
{
    return conn->conf->password.len != 0;
}


static ngx_uint_t
ngx_commerce_redis_handshake_needs_select(ngx_commerce_redis_conn_t *conn)
{
    return conn->conf->db != 0;
}


static ngx_uint_t
ngx_commerce_redis_handshake_needs_schema(ngx_commerce_redis_conn_t *conn)
{
    return conn->owner->data;
}


static ngx_int_t
ngx_commerce_redis_handshake_send_auth(ngx_commerce_redis_conn_t *conn)
{
    ngx_str_t   argv[3];
    ngx_uint_t  argc;

    argc = 0;
    ngx_str_set(&argv[argc], "AUTH");
    argc++;

    if (conn->conf->user.len) {
        argv[argc++] = conn->conf->user;
    }

    argv[argc++] = conn->conf->password;

    return ngx_commerce_redis_conn_io_command(conn, argc, argv);
}


static ngx_int_t
ngx_commerce_redis_handshake_send_select(ngx_commerce_redis_conn_t *conn)
{
    u_char     db[NGX_INT_T_LEN];
    ngx_str_t  argv[2];

    ngx_str_set(&argv[0], "SELECT");
    argv[1].data = db;
    argv[1].len = ngx_sprintf(db, "%ui", conn->conf->db) - db;

    return ngx_commerce_redis_conn_io_command(conn, 2, argv);
}


static ngx_int_t
ngx_commerce_redis_handshake_send_info(ngx_commerce_redis_conn_t *conn)
{
    ngx_str_t  argv[2];

    ngx_str_set(&argv[0], "INFO");
    ngx_str_set(&argv[1], "server");

    return ngx_commerce_redis_conn_io_command(conn, 2, argv);
}


static ngx_int_t
ngx_commerce_redis_handshake_send_ping(ngx_commerce_redis_conn_t *conn)
{
    ngx_str_t  argv[1];

    ngx_str_set(&argv[0], "PING");

    return ngx_commerce_redis_conn_io_command(conn, 1, argv);
}


static ngx_int_t
ngx_commerce_redis_handshake_auth_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    if (ngx_commerce_redis_reply_is_text(reply)) {
        return NGX_OK;
    }

    if (ngx_commerce_redis_handshake_repeats(reply, &conn->conf->password)) {
        ngx_snprintf(conn->reason, sizeof(conn->reason),
                     "AUTH answered with an error%Z");
        return NGX_ERROR;
    }

    return ngx_commerce_redis_handshake_refused(conn, "AUTH", reply);
}


/*
 * Of a command that it doesn't know, as AUTH if it was renamed, Redis quotes
 * the arguments, cut somewhere: a few bytes of a secret are as much as may be
 * told.
 */

static ngx_uint_t
ngx_commerce_redis_handshake_repeats(redisReply *reply, ngx_str_t *secret)
{
    size_t  i, len;

    if (!ngx_commerce_redis_reply_is_error(reply)) {
        return 0;
    }

    len = ngx_min(secret->len, NGX_COMMERCE_REDIS_REPEATED);

    for (i = 0; i + len <= (size_t) reply->len; i++) {
        if (ngx_memcmp(reply->str + i, secret->data, len) == 0) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_commerce_redis_handshake_select_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    if (!ngx_commerce_redis_reply_is_text(reply)) {
        return ngx_commerce_redis_handshake_refused(conn, "SELECT", reply);
    }

    return NGX_OK;
}


/* an ACL may forbid INFO: then a restart is seen by its reconnect alone */

static ngx_int_t
ngx_commerce_redis_handshake_info_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    char    *p;
    size_t   len;

    if (!ngx_commerce_redis_reply_is_text(reply)) {
        return ngx_commerce_redis_reply_is_error(reply) ? NGX_OK : NGX_ERROR;
    }

    p = strstr(reply->str, "\nrun_id:");
    if (p == NULL) {
        return NGX_OK;
    }

    p += sizeof("\nrun_id:") - 1;
    len = strcspn(p, "\r\n");

    conn->run_id.len = ngx_min(len, sizeof(conn->run_id_buf));
    ngx_memcpy(conn->run_id_buf, p, conn->run_id.len);

    return NGX_OK;
}


/* LOADING, MASTERDOWN, NOAUTH: connected, but of no use yet */

static ngx_int_t
ngx_commerce_redis_handshake_ping_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    if (ngx_commerce_redis_reply_is_text(reply)
        || ngx_commerce_redis_error(reply) == NGX_COMMERCE_REDIS_FORBIDDEN)
    {
        return NGX_OK;
    }

    return ngx_commerce_redis_handshake_refused(conn, "PING", reply);
}


static ngx_int_t
ngx_commerce_redis_handshake_send_schema(ngx_commerce_redis_conn_t *conn)
{
    ngx_commerce_redis_schema_start(&conn->schema, &conn->tenant->prefix);

    return ngx_commerce_redis_conn_io_command(conn, conn->schema.argc,
                                              conn->schema.argv);
}


static ngx_int_t
ngx_commerce_redis_handshake_schema_reply(ngx_commerce_redis_conn_t *conn,
    redisReply *reply)
{
    ngx_uint_t  known;

    known = conn->schema.other;

    switch (ngx_commerce_redis_schema_answer(&conn->schema, reply)) {

    case NGX_OK:
        return NGX_OK;

    case NGX_AGAIN:

        /* who has many keys is given time as long as he answers */

        ngx_commerce_timer_start(&conn->timer, conn->conf->connect_timeout);

        return ngx_commerce_redis_conn_io_command(conn, conn->schema.argc,
                                                  conn->schema.argv)
               == NGX_OK ? NGX_AGAIN : NGX_ERROR;

    default: /* NGX_ERROR */

        if (!known) {
            /* that Redis was away before is another matter */
            conn->reported = 0;
        }

        ngx_snprintf(conn->reason, sizeof(conn->reason), "%s%Z",
                     conn->schema.reason);
        return NGX_ERROR;
    }
}


static ngx_int_t
ngx_commerce_redis_handshake_refused(ngx_commerce_redis_conn_t *conn,
    const char *command, redisReply *reply)
{
    u_char     buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t  text;

    if (ngx_commerce_redis_reply_is_error(reply)) {
        text = ngx_commerce_redis_error_text(reply, buf);
        ngx_snprintf(conn->reason, sizeof(conn->reason),
                     "%s answered \"%V\"%Z", command, &text);
    }

    return NGX_ERROR;
}
