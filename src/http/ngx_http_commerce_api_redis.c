
#include "ngx_http_commerce_api_redis.h"
#include "ngx_http_commerce_answer.h"


static ngx_int_t ngx_http_commerce_api_redis_wait(ngx_http_commerce_api_t *api,
    ngx_commerce_redis_call_t *call, ngx_http_commerce_api_step_pt step);
static ngx_int_t ngx_http_commerce_api_redis_away(ngx_http_commerce_api_t *api,
    const char *why);
static void ngx_http_commerce_api_redis_answered(
    void *data, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_redis_error(
    ngx_http_commerce_api_t *api, redisReply *reply);


/* what a script may answer but "ok" */

typedef struct {
    ngx_str_t    reason;
    ngx_uint_t   status;
    const char  *detail;
} ngx_http_commerce_api_verdict_t;

static ngx_http_commerce_api_verdict_t  ngx_http_commerce_api_verdicts[] = {

    { ngx_string("room_unknown"), NGX_HTTP_NOT_FOUND,
      "there is no such room" },

    { ngx_string("product_not_on_shelf"), NGX_HTTP_NOT_FOUND,
      "the product is not on the room's shelf" },

    { ngx_string("shelf_full"), NGX_HTTP_CONFLICT,
      "the shelf can't hold more products" },

    { ngx_string("cue_later"), NGX_HTTP_CONFLICT,
      "a later cue has begun already" },

    { ngx_string("cues_full"), NGX_HTTP_CONFLICT,
      "no more cues to come can be held" },

    { ngx_string("too_many_pins"), NGX_HTTP_TOO_MANY_REQUESTS,
      "a room takes five pins a second" },

    { ngx_string("cue_unknown"), NGX_HTTP_NOT_FOUND,
      "there is no such cue" },

    { ngx_string("cue_begun"), NGX_HTTP_CONFLICT,
      "the cue has begun, or does within a second" },

    { ngx_string("codes_full"), NGX_HTTP_CONFLICT,
      "the room can't have more codes" },

    { ngx_string("code_unknown"), NGX_HTTP_NOT_FOUND,
      "the room has no such code" },

    { ngx_string("room_not_live"), NGX_HTTP_NOT_FOUND,
      "nobody publishes the room" },

    { ngx_string("out_full"), NGX_HTTP_CONFLICT,
      "no more can be put out of the room" },

    { ngx_string("viewer_not_banned"), NGX_HTTP_NOT_FOUND,
      "the viewer is not banned from the room" },

    { ngx_null_string, 0, NULL }
};


/* what is answered to an error of Redis */

static struct {
    ngx_uint_t   status;
    const char  *reason;
} ngx_http_commerce_api_errors[NGX_COMMERCE_REDIS_ERRORS] = {

    [NGX_COMMERCE_REDIS_WRONG_TYPE] =
        { NGX_HTTP_CONFLICT, "wrong_type" },
    [NGX_COMMERCE_REDIS_WRONG_VALUE] =
        { NGX_HTTP_CONFLICT, "wrong_type" },
    [NGX_COMMERCE_REDIS_KEY_FORBIDDEN] =
        { NGX_HTTP_BAD_GATEWAY, "store_forbids" },
    [NGX_COMMERCE_REDIS_MOVED] =
        { NGX_HTTP_BAD_GATEWAY, "store_error" },

    [NGX_COMMERCE_REDIS_FORBIDDEN] =
        { NGX_HTTP_BAD_GATEWAY, "store_forbids" },
    [NGX_COMMERCE_REDIS_NO_LOGIN] =
        { NGX_HTTP_BAD_GATEWAY, "store_forbids" },
    [NGX_COMMERCE_REDIS_READ_ONLY] =
        { NGX_HTTP_SERVICE_UNAVAILABLE, "store_read_only" },
    [NGX_COMMERCE_REDIS_NO_WRITES] =
        { NGX_HTTP_SERVICE_UNAVAILABLE, "store_read_only" },
    [NGX_COMMERCE_REDIS_FULL] =
        { NGX_HTTP_SERVICE_UNAVAILABLE, "store_full" },
    [NGX_COMMERCE_REDIS_NOT_READY] =
        { NGX_HTTP_SERVICE_UNAVAILABLE, "store_away" },

    [NGX_COMMERCE_REDIS_NO_SCRIPT] =
        { NGX_HTTP_BAD_GATEWAY, "store_error" },
    [NGX_COMMERCE_REDIS_OTHER_ERROR] =
        { NGX_HTTP_BAD_GATEWAY, "store_error" },
};


ngx_array_t *
ngx_http_commerce_api_redis_args(ngx_http_commerce_api_t *api)
{
    return ngx_array_create(api->request->pool, 32, sizeof(ngx_str_t));
}


void
ngx_http_commerce_api_redis_push(ngx_array_t *args, ngx_str_t *text)
{
    ngx_str_t  *arg;

    if (args == NULL) {
        return;
    }

    arg = ngx_array_push(args);

    if (arg) {
        *arg = *text;
    } else {

        /* the array stays as it is but can't be sent any more */

        ((ngx_str_t *) args->elts)[0].data = NULL;
    }
}


void
ngx_http_commerce_api_redis_push_literal(ngx_array_t *args, const char *text)
{
    ngx_str_t  arg;

    arg.data = (u_char *) text;
    arg.len = ngx_strlen(text);

    ngx_http_commerce_api_redis_push(args, &arg);
}


void
ngx_http_commerce_api_redis_push_number(ngx_array_t *args, int64_t n)
{
    ngx_str_t  arg;

    if (args == NULL) {
        return;
    }

    arg.len = NGX_INT64_LEN;
    arg.data = ngx_pnalloc(args->pool, NGX_INT64_LEN);

    if (arg.data) {
        arg.len = ngx_sprintf(arg.data, "%L", n) - arg.data;
    }

    ngx_http_commerce_api_redis_push(args, &arg);
}


void
ngx_http_commerce_api_redis_push_record(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    ngx_str_t  key;

    key = ngx_commerce_redis_record_name(api->tenant, api->request->pool,
                                         api->route->resource->kind,
                                         &api->name);

    ngx_http_commerce_api_redis_push(args, &key);
}


void
ngx_http_commerce_api_redis_push_part(ngx_http_commerce_api_t *api,
    ngx_array_t *args, const char *suffix)
{
    ngx_str_t  key;

    key = ngx_commerce_redis_room_key(api->tenant, api->request->pool,
                                      &api->name, suffix);

    ngx_http_commerce_api_redis_push(args, &key);
}


void
ngx_http_commerce_api_redis_push_channel(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    ngx_str_t  channel;

    channel = ngx_commerce_redis_channel(api->tenant, api->request->pool,
                                         api->route->resource->kind,
                                         &api->name);

    ngx_http_commerce_api_redis_push(args, &channel);
}


void
ngx_http_commerce_api_redis_push_conditions(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    ngx_http_commerce_api_redis_push(args, &api->match);
    ngx_http_commerce_api_redis_push(args, &api->none_match);
}


ngx_uint_t
ngx_http_commerce_api_redis_args_complete(ngx_array_t *args)
{
    ngx_str_t   *arg;
    ngx_uint_t   i;

    if (args == NULL) {
        return 0;
    }

    arg = args->elts;

    for (i = 0; i < args->nelts; i++) {
        if (arg[i].data == NULL) {
            return 0;
        }
    }

    return 1;
}


ngx_int_t
ngx_http_commerce_api_redis_command(ngx_http_commerce_api_t *api,
    ngx_array_t *args, ngx_http_commerce_api_step_pt step)
{
    ngx_str_t                  *argv;
    ngx_commerce_redis_call_t  *call;

    if (!ngx_http_commerce_api_redis_args_complete(args)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    argv = args->elts;

    call = ngx_commerce_redis_command(api->tenant, &argv[1], args->nelts, argv,
                                    ngx_http_commerce_api_redis_answered, api);

    return ngx_http_commerce_api_redis_wait(api, call, step);
}


ngx_int_t
ngx_http_commerce_api_redis_eval(ngx_http_commerce_api_t *api,
    ngx_commerce_redis_script_t *script, ngx_uint_t nkeys, ngx_array_t *args,
    ngx_http_commerce_api_step_pt step)
{
    ngx_commerce_redis_call_t  *call;

    if (!ngx_http_commerce_api_redis_args_complete(args)) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    call = ngx_commerce_redis_eval(api->tenant, script, nkeys, args->nelts,
                              args->elts, ngx_http_commerce_api_redis_answered,
                                   api);

    return ngx_http_commerce_api_redis_wait(api, call, step);
}


static ngx_int_t
ngx_http_commerce_api_redis_wait(ngx_http_commerce_api_t *api,
    ngx_commerce_redis_call_t *call, ngx_http_commerce_api_step_pt step)
{
    if (call == NULL) {
        return ngx_http_commerce_api_redis_away(api,
                                                "Redis can't be asked now");
    }

    api->call = call;
    api->step = step;

    return NGX_DONE;
}


static ngx_int_t
ngx_http_commerce_api_redis_away(ngx_http_commerce_api_t *api, const char *why)
{
    if (ngx_commerce_redis_foreign(api->tenant)) {
        return ngx_http_commerce_api_refuse(api,
                                            NGX_HTTP_SERVICE_UNAVAILABLE,
                                            "store_schema",
                                            "the data in Redis are of another "
                                            "schema than this edge needs");
    }

    return ngx_http_commerce_refuse(api->request, NGX_COMMERCE_STORE_AWAY,
                                    why);
}


static void
ngx_http_commerce_api_redis_answered(void *data, redisReply *reply)
{
    ngx_http_commerce_api_t *api = data;

    ngx_int_t            rc;
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = api->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    api->call = NULL;

    if (reply == NULL) {
        rc = ngx_http_commerce_api_redis_away(api,
                                        "Redis did not answer; a change may "
                                        "have been made nevertheless");

    } else if (ngx_commerce_redis_reply_is_error(reply)) {
        rc = ngx_http_commerce_api_redis_error(api, reply);

    } else {
        rc = api->step(api, reply);
    }

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
ngx_http_commerce_api_redis_error(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    u_char                      buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t                   text;
    ngx_commerce_redis_error_e  error;

    text = ngx_commerce_redis_error_text(reply, buf);

    ngx_log_error(NGX_LOG_ERR, api->request->connection->log, 0,
                  "commerce_api: Redis refused: \"%V\"", &text);

    error = ngx_commerce_redis_error(reply);

    return ngx_http_commerce_api_refuse(api,
                                    ngx_http_commerce_api_errors[error].status,
                                    ngx_http_commerce_api_errors[error].reason,
                                    "Redis refused: %V", &text);
}


ngx_int_t
ngx_http_commerce_api_redis_verdict(ngx_http_commerce_api_t *api,
    redisReply *reply, size_t n)
{
    ngx_str_t                         word;
    ngx_http_commerce_api_verdict_t  *verdict;

    static ngx_str_t  later = ngx_string("1");
    static ngx_str_t  differs = ngx_string("version_differs");

    word = ngx_http_commerce_api_redis_text(reply, 0);

    if (word.len == 2 && ngx_memcmp(word.data, "ok", 2) == 0) {

        if (api->route->method != NGX_HTTP_GET) {
            /* this node need not take it for unknown any longer */
            ngx_commerce_store_wrote(api->tenant, api->route->resource->kind,
                                     &api->name,
                                 ngx_http_commerce_api_redis_number(reply, 1));
        }

        return reply->elements < n
               ? ngx_http_commerce_api_redis_not_understood(api)
               : NGX_DECLINED;
    }

    if (word.len == 7 && ngx_memcmp(word.data, "unknown", 7) == 0) {
        return ngx_http_commerce_api_unknown(api, api->route->resource);
    }

    if (ngx_http_commerce_api_same(&word, &differs)) {
        word = ngx_http_commerce_api_redis_text(reply, 1);

        return ngx_http_commerce_api_differs(api, word.len
                                 ? ngx_http_commerce_api_redis_number(reply, 1)
                                 : -1);
    }

    for (verdict = ngx_http_commerce_api_verdicts;
         verdict->reason.len;
         verdict++)
    {
        if (!ngx_http_commerce_api_same(&word, &verdict->reason)) {
            continue;
        }

        if (verdict->status == NGX_HTTP_TOO_MANY_REQUESTS
            && ngx_http_commerce_add_header(api->request, "Retry-After",
                                            &later)
               != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        return ngx_http_commerce_api_refuse(api, verdict->status,
                                            (char *) verdict->reason.data,
                                            "%s", verdict->detail);
    }

    return ngx_http_commerce_api_redis_not_understood(api);
}


ngx_int_t
ngx_http_commerce_api_redis_not_understood(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_GATEWAY,
                                        "store_error",
                                        "Redis gave an answer that "
                                        "can't be understood");
}


ngx_str_t
ngx_http_commerce_api_redis_text(redisReply *reply, size_t i)
{
    ngx_str_t    text;
    redisReply  *element;

    ngx_str_set(&text, "");

    if (reply->type != REDIS_REPLY_ARRAY || i >= reply->elements) {
        return text;
    }

    element = reply->element[i];

    if (element->type == REDIS_REPLY_STRING
        || element->type == REDIS_REPLY_STATUS)
    {
        text.data = (u_char *) element->str;
        text.len = element->len;
    }

    return text;
}


int64_t
ngx_http_commerce_api_redis_number(redisReply *reply, size_t i)
{
    int64_t    n;
    ngx_str_t  text;

    if (reply->type == REDIS_REPLY_ARRAY && i < reply->elements
        && reply->element[i]->type == REDIS_REPLY_INTEGER)
    {
        return reply->element[i]->integer;
    }

    text = ngx_http_commerce_api_redis_text(reply, i);
    n = ngx_commerce_number(&text);

    return (n == NGX_ERROR) ? 0 : n;
}
