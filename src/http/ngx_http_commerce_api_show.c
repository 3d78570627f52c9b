
#include "ngx_http_commerce_api_show.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_commerce_redis_cue.h"
#include "ngx_commerce_redis_keep.h"


#define NGX_HTTP_COMMERCE_API_SHOW_CUES   500   /* of an answer */

/* times that a script is told of another show before it makes no sense */
#define NGX_HTTP_COMMERCE_API_SHOW_AGAIN  4


/* the elements of the answer of show_cues */

enum {
    NGX_HTTP_COMMERCE_API_SHOW_VERSION = 1,
    NGX_HTTP_COMMERCE_API_SHOW_CUE_LIST,
    NGX_HTTP_COMMERCE_API_SHOW_NEXT,
    NGX_HTTP_COMMERCE_API_SHOW_CUE_ELEMENTS
};


static ngx_int_t ngx_http_commerce_api_show_cues_done(
    ngx_http_commerce_api_t *api, redisReply *reply);


ngx_int_t
ngx_http_commerce_api_show_cues(ngx_http_commerce_api_t *api)
{
    ngx_str_t     key, from;
    ngx_array_t  *args;

    if (ngx_http_arg(api->request, (u_char *) "from", sizeof("from") - 1,
                     &from)
        != NGX_OK)
    {
        ngx_str_set(&from, "0");

    } else if (ngx_commerce_number(&from) == NGX_ERROR) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "argument_wrong",
                                            "?from has to be the \"next\" of "
                                            "another answer");
    }

    key = ngx_commerce_redis_keep_key(api->tenant, api->request->pool,
                                      &api->name,
                                      ngx_commerce_number(&api->member));

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":shows");
    ngx_http_commerce_api_redis_push(args, &key);
    ngx_http_commerce_api_redis_push_number(args,
                                            ngx_commerce_number(&api->member));
    ngx_http_commerce_api_redis_push(args, &from);
    ngx_http_commerce_api_redis_push_number(args,
                                            NGX_HTTP_COMMERCE_API_SHOW_CUES);

    /* those of a show that goes on become more */
    api->more = 1;

    return ngx_http_commerce_api_redis_eval(api,
                                       &ngx_commerce_redis_script_show_cues, 3,
                                       args,
                                       ngx_http_commerce_api_show_cues_done);
}


static ngx_int_t
ngx_http_commerce_api_show_cues_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t              *json, *list;
    int64_t              version;
    ngx_int_t            rc;
    ngx_str_t            next;
    ngx_uint_t           i, n;
    redisReply          *entries;
    ngx_commerce_cue_t  *cues;

    rc = ngx_http_commerce_api_redis_verdict(api, reply,
                                      NGX_HTTP_COMMERCE_API_SHOW_CUE_ELEMENTS);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    entries = reply->element[NGX_HTTP_COMMERCE_API_SHOW_CUE_LIST];

    if (ngx_commerce_redis_cue_list(api->tenant, api->request->pool,
                                    &api->name, entries, &cues, &n)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    list = json_array();

    for (i = 0; i < n; i++) {
        json_array_append_new(list, ngx_http_commerce_json_coming(&cues[i]));
    }

    next = ngx_http_commerce_api_redis_text(reply,
                                            NGX_HTTP_COMMERCE_API_SHOW_NEXT);
    version = ngx_http_commerce_api_redis_number(reply,
                                           NGX_HTTP_COMMERCE_API_SHOW_VERSION);

    json = json_object();
    json_object_set_new(json, "cues", list);
    json_object_set_new(json, "next",
                        next.len ? ngx_http_commerce_json_number(&next)
                                 : json_null());
    json_object_set_new(json, "version", json_integer(version));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}


int64_t
ngx_http_commerce_api_show_next(ngx_http_commerce_api_t *api)
{
    void                 *record;
    ngx_commerce_room_t  *room;

    if (ngx_commerce_store_held(api->tenant, NGX_COMMERCE_ROOM, &api->name,
                                &record)
        != NGX_OK)
    {
        return 1;
    }

    room = record;

    /* between two shows it is the next one's */

    return (int64_t) room->show + (room->holder.len == 0 || room->show == 0);
}


void
ngx_http_commerce_api_show_push(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    ngx_str_t  key;

    key = ngx_commerce_redis_keep_key(api->tenant, api->request->pool,
                                      &api->name,
                                      ngx_http_commerce_api_show_next(api));

    ngx_http_commerce_api_redis_push(args, &key);
}


ngx_uint_t
ngx_http_commerce_api_show_other(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_array_t *args, ngx_uint_t n)
{
    ngx_str_t  word, *arg;

    static ngx_str_t  other = ngx_string("show");

    word = ngx_http_commerce_api_redis_text(reply, 0);

    if (!ngx_http_commerce_api_same(&word, &other)
        || api->again++ == NGX_HTTP_COMMERCE_API_SHOW_AGAIN)
    {
        return 0;
    }

    arg = args->elts;
    arg[n] = ngx_commerce_redis_keep_key(api->tenant, api->request->pool,
                                 &api->name,
                                 ngx_http_commerce_api_redis_number(reply, 1));

    return 1;
}
