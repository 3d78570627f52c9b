
#include "ngx_http_commerce_enter.h"
#include "ngx_commerce_code.h"
#include "ngx_commerce_redis_scripts.h"


static ngx_array_t *ngx_http_commerce_enter_code_args(
    ngx_http_commerce_enter_t *enter, ngx_str_t *room, ngx_str_t *subject);
static void ngx_http_commerce_enter_code_answered(void *data,
    redisReply *reply);
static ngx_int_t ngx_http_commerce_enter_code_reply(
    ngx_http_commerce_enter_t *enter, redisReply *reply);


ngx_int_t
ngx_http_commerce_enter_code_ask(ngx_http_commerce_enter_t *enter,
    ngx_str_t *room, ngx_str_t *subject,
    ngx_int_t (*next)(ngx_http_request_t *r, ngx_int_t rc))
{
    ngx_array_t         *args;
    ngx_http_request_t  *r;

    r = enter->request;

    args = ngx_http_commerce_enter_code_args(enter, room, subject);
    if (args == NULL) {
        return NGX_ERROR;
    }

    enter->call = ngx_commerce_redis_eval(enter->tenant,
                                    &ngx_commerce_redis_script_code_enter,
                                    enter->tenant->secrets->nelts + 1,
                                    args->nelts, args->elts,
                                    ngx_http_commerce_enter_code_answered,
                                    enter);
    if (enter->call == NULL) {
        return NGX_ERROR;
    }

    enter->next = next;

    r->read_event_handler = ngx_http_test_reading;
    r->main->count++;

    return NGX_DONE;
}


/* the code has a name by each of the secrets; NULL: an error */

static ngx_array_t *
ngx_http_commerce_enter_code_args(ngx_http_commerce_enter_t *enter,
    ngx_str_t *room, ngx_str_t *subject)
{
    char          suffix[sizeof(":code:") + NGX_COMMERCE_TOKEN_MAC];
    u_char       *p;
    ngx_str_t    *arg, *secret, name;
    ngx_uint_t    i, n;
    ngx_pool_t   *pool;
    ngx_array_t  *args;

    pool = enter->request->pool;
    secret = enter->tenant->secrets->elts;
    n = enter->tenant->secrets->nelts;

    args = ngx_array_create(pool, 2 * n + 2, sizeof(ngx_str_t));
    p = ngx_pnalloc(pool, (n + 1) * NGX_COMMERCE_TOKEN_MAC);

    if (args == NULL || p == NULL) {
        return NULL;
    }

    arg = ngx_array_push_n(args, 2 * n + 2);

    arg[0] = ngx_commerce_redis_room_key(enter->tenant, pool, room, ":codes");

    if (arg[0].data == NULL
        || ngx_commerce_code_entrant(secret, room, subject, p) != NGX_OK)
    {
        return NULL;
    }

    arg[n + 1].data = p;
    arg[n + 1].len = NGX_COMMERCE_TOKEN_MAC;

    for (i = 0; i < n; i++) {
        p += NGX_COMMERCE_TOKEN_MAC;

        if (ngx_commerce_code_name(&secret[i], room, &enter->code, p)
            != NGX_OK)
        {
            return NULL;
        }

        name.data = p;
        name.len = NGX_COMMERCE_TOKEN_MAC;

        ngx_sprintf((u_char *) suffix, ":code:%V%Z", &name);

        arg[i + 1] = ngx_commerce_redis_room_key(enter->tenant, pool, room,
                                                 suffix);
        if (arg[i + 1].data == NULL) {
            return NULL;
        }

        arg[n + 2 + i] = name;
    }

    return args;
}


static void
ngx_http_commerce_enter_code_answered(void *data, redisReply *reply)
{
    ngx_http_commerce_enter_t *enter = data;

    ngx_int_t            rc;
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = enter->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    enter->call = NULL;
    r->read_event_handler = ngx_http_block_reading;

    rc = ngx_http_commerce_enter_code_reply(enter, reply);

    ngx_http_finalize_request(r, enter->next(r, rc));

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_commerce_enter_code_reply(ngx_http_commerce_enter_t *enter,
    redisReply *reply)
{
    u_char     buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t  text;

    if (reply == NULL) {
        return NGX_ERROR;
    }

    if (ngx_commerce_redis_reply_is_error(reply)) {
        text = ngx_commerce_redis_error_text(reply, buf);

        ngx_log_error(NGX_LOG_ERR, enter->request->connection->log, 0,
                      "commerce_enter: Redis refused: \"%V\"", &text);
        return NGX_ERROR;
    }

    if (reply->type != REDIS_REPLY_INTEGER) {
        ngx_log_error(NGX_LOG_ERR, enter->request->connection->log, 0,
                      "commerce_enter: Redis gave an answer that "
                      "can't be understood");

        ngx_commerce_redis_reject_reply(enter->tenant);
        return NGX_ERROR;
    }

    return reply->integer == 1 ? NGX_OK : NGX_DECLINED;
}
