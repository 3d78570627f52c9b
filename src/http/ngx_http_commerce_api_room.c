
#include "ngx_http_commerce_api_room.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_commerce_redis_record.h"


#define NGX_HTTP_COMMERCE_API_SHOWS      20     /* the last ones told of */
#define NGX_HTTP_COMMERCE_API_SHOWS_MAX  200


/* the elements of the answer of shows_read for a show */

enum {
    NGX_HTTP_COMMERCE_API_SHOW_STARTED = 0,
    NGX_HTTP_COMMERCE_API_SHOW_ENDED,
    NGX_HTTP_COMMERCE_API_SHOW_COUNTS,
    NGX_HTTP_COMMERCE_API_SHOW_ELEMENTS
};


static ngx_int_t ngx_http_commerce_api_room_read_done(
    ngx_http_commerce_api_t *api, redisReply *reply);
static int64_t ngx_http_commerce_api_room_fields(ngx_http_commerce_api_t *api,
    json_t *json, redisReply *fields);
static json_t *ngx_http_commerce_api_room_media(redisReply *reply);
static json_t *ngx_http_commerce_api_room_shelf(redisReply *reply);
static json_t *ngx_http_commerce_api_room_cue(ngx_http_commerce_api_t *api,
    redisReply *reply);
static ngx_int_t ngx_http_commerce_api_room_read_shows(
    ngx_http_commerce_api_t *api, int64_t current);
static ngx_int_t ngx_http_commerce_api_room_show_limit(
    ngx_http_commerce_api_t *api, ngx_int_t *limit);
static ngx_int_t ngx_http_commerce_api_room_shows_done(
    ngx_http_commerce_api_t *api, redisReply *reply);
static json_t *ngx_http_commerce_api_room_counts_json(redisReply *counts);


ngx_int_t
ngx_http_commerce_api_room_read(ngx_http_commerce_api_t *api)
{
    ngx_int_t  rc, *limit;

    limit = ngx_palloc(api->request->pool, sizeof(ngx_int_t));
    if (limit == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_api_room_show_limit(api, limit);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    api->data = limit;

    return ngx_http_commerce_api_room_ask(api,
                                         ngx_http_commerce_api_room_read_done);
}


ngx_int_t
ngx_http_commerce_api_room_ask(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_step_pt step)
{
    ngx_uint_t                      i;
    ngx_array_t                    *args;
    ngx_http_commerce_api_field_t  *field;

    static const char  *parts[] = { "", ":shelf", ":cues", ":live", ":shows",
                                    ":media", NULL };

    args = ngx_http_commerce_api_redis_args(api);

    for (i = 0; parts[i]; i++) {
        ngx_http_commerce_api_redis_push_part(api, args, parts[i]);
    }

    ngx_http_commerce_api_redis_push_number(args, NGX_COMMERCE_REDIS_CUES_MAX);
    ngx_http_commerce_api_redis_push_literal(args, "version");
    ngx_http_commerce_api_redis_push_literal(args, "show");

    for (field = ngx_http_commerce_api_room.fields; field->name.len; field++) {
        if (!ngx_http_commerce_api_field_is_secret(field)) {
            ngx_http_commerce_api_redis_push(args, &field->name);
        }
    }

    return ngx_http_commerce_api_redis_eval(api,
                                       &ngx_commerce_redis_script_room_read, i,
                                       args, step);
}


static ngx_int_t
ngx_http_commerce_api_room_read_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t       *json;
    int64_t       show;
    ngx_int_t     rc;
    redisReply  **part;

    rc = ngx_http_commerce_api_redis_verdict(api, reply,
                                          NGX_HTTP_COMMERCE_API_ROOM_ELEMENTS);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    part = reply->element;
    json = json_object();

    api->answer = json;

    show = ngx_http_commerce_api_room_fields(api, json,
                                     part[NGX_HTTP_COMMERCE_API_ROOM_FIELDS]);

    json_object_set_new(json, "live",
            json_boolean(part[NGX_HTTP_COMMERCE_API_ROOM_LIVE]->integer));
    json_object_set_new(json, "media",
            ngx_http_commerce_api_room_media(
                                     part[NGX_HTTP_COMMERCE_API_ROOM_MEDIA]));
    json_object_set_new(json, "shelf",
            ngx_http_commerce_api_room_shelf(
                                     part[NGX_HTTP_COMMERCE_API_ROOM_SHELF]));
    json_object_set_new(json, "cue",
            ngx_http_commerce_api_room_cue(api, reply));

    return ngx_http_commerce_api_room_read_shows(api, show);
}


/* returns the number of the room's show */

static int64_t
ngx_http_commerce_api_room_fields(ngx_http_commerce_api_t *api, json_t *json,
    redisReply *fields)
{
    size_t                          i;
    int64_t                         show;
    ngx_str_t                       text;
    ngx_http_commerce_api_field_t  *field;

    show = ngx_http_commerce_api_redis_number(fields, 1);

    json_object_set_new(json, "room",
                        ngx_http_commerce_json_string(&api->name));

    i = 2;

    for (field = ngx_http_commerce_api_room.fields; field->name.len; field++) {

        if (ngx_http_commerce_api_field_is_secret(field)) {
            continue;
        }

        text = ngx_http_commerce_api_redis_text(fields, i++);

        if (text.len) {
            json_object_set_new(json, (char *) field->name.data,
                               ngx_http_commerce_api_field_json(field, &text));
        }
    }

    json_object_set_new(json, "show", json_integer(show));
    json_object_set_new(json, "version",
                  json_integer(ngx_http_commerce_api_redis_number(fields, 0)));

    return show;
}


/* what is wrong with what the publisher sends; null: nothing */

static json_t *
ngx_http_commerce_api_room_media(redisReply *reply)
{
    ngx_str_t  text;

    if (reply->type != REDIS_REPLY_STRING) {
        return json_null();
    }

    text.data = (u_char *) reply->str;
    text.len = reply->len;

    return ngx_http_commerce_json_string(&text);
}


static json_t *
ngx_http_commerce_api_room_shelf(redisReply *reply)
{
    size_t      i;
    json_t     *shelf;
    ngx_str_t   text;

    shelf = json_array();

    for (i = 0; i < reply->elements; i++) {
        text = ngx_http_commerce_api_redis_text(reply, i);
        json_array_append_new(shelf, ngx_http_commerce_json_string(&text));
    }

    return shelf;
}


/* the one in force */

static json_t *
ngx_http_commerce_api_room_cue(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_uint_t           coming;
    ngx_commerce_room_t  room;

    if (ngx_http_commerce_api_room_cues(api, reply, &room, &coming) != NGX_OK) {
        return NULL;
    }

    return coming ? ngx_http_commerce_json_cue(&room.cues[coming - 1])
                  : json_null();
}


ngx_int_t
ngx_http_commerce_api_room_cues(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_commerce_room_t *room, ngx_uint_t *coming)
{
    int64_t               ended;
    ngx_commerce_cue_t   *cue;

    ngx_memzero(room, sizeof(ngx_commerce_room_t));
    room->name = api->name;

    ended = ngx_http_commerce_api_redis_number(reply,
                                             NGX_HTTP_COMMERCE_API_ROOM_ENDED);

    if (ngx_commerce_redis_record_read_cues(api->tenant, api->request->pool,
                          reply->element[NGX_HTTP_COMMERCE_API_ROOM_CUES],
                          ended, room)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    cue = ngx_commerce_room_cue(room, ngx_commerce_now(api->tenant));

    *coming = cue ? cue - room->cues + 1 : 0;

    return NGX_OK;
}


/*
 * The last shows, down to 0, to which is counted what happens before the
 * first.
 */

static ngx_int_t
ngx_http_commerce_api_room_read_shows(ngx_http_commerce_api_t *api,
    int64_t current)
{
    u_char       *p, suffix[sizeof("::counts") + NGX_INT64_LEN];
    int64_t       n, last;
    ngx_int_t    *limit;
    ngx_uint_t    nkeys;
    ngx_array_t  *args;

    limit = api->data;
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_part(api, args, ":shows");

    nkeys = 1;
    last = current - *limit;

    for (n = current; n >= 0 && n > last; n--) {
        p = ngx_sprintf(suffix, ":%L:counts", n);
        *p = '\0';

        ngx_http_commerce_api_redis_push_part(api, args, (char *) suffix);
        nkeys++;
    }

    for (n = current; n >= 0 && n > last; n--) {
        ngx_http_commerce_api_redis_push_number(args, n);
    }

    api->show = current;
    api->more = 1;

    return ngx_http_commerce_api_redis_eval(api,
                                        &ngx_commerce_redis_script_shows_read,
                                        nkeys, args,
                                        ngx_http_commerce_api_room_shows_done);
}


/* NGX_DECLINED: go on; how many shows the request asks for */

static ngx_int_t
ngx_http_commerce_api_room_show_limit(ngx_http_commerce_api_t *api,
    ngx_int_t *limit)
{
    ngx_str_t  value;

    if (ngx_http_arg(api->request, (u_char *) "shows", sizeof("shows") - 1,
                     &value)
        != NGX_OK)
    {
        *limit = NGX_HTTP_COMMERCE_API_SHOWS;
        return NGX_DECLINED;
    }

    *limit = ngx_atoi(value.data, value.len);

    if (*limit < 1 || *limit > NGX_HTTP_COMMERCE_API_SHOWS_MAX) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "argument_wrong",
                                            "?shows has to be a whole number "
                                            "from 1 to %d",
                                            NGX_HTTP_COMMERCE_API_SHOWS_MAX);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_api_room_shows_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    size_t       i;
    json_t      *shows, *show, *counts, *answer;
    int64_t      n, started, ended, version;
    redisReply  *element;

    shows = json_array();

    for (i = 0; i < reply->elements; i++) {
        element = reply->element[i];

        if (element->elements < NGX_HTTP_COMMERCE_API_SHOW_ELEMENTS) {
            continue;
        }

        started = ngx_http_commerce_api_redis_number(element,
                                          NGX_HTTP_COMMERCE_API_SHOW_STARTED);
        ended = ngx_http_commerce_api_redis_number(element,
                                          NGX_HTTP_COMMERCE_API_SHOW_ENDED);

        n = api->show - (int64_t) i;
        counts = ngx_http_commerce_api_room_counts_json(
                         element->element[NGX_HTTP_COMMERCE_API_SHOW_COUNTS]);

        /* nothing need have been counted before the first show */

        if (n == 0 && json_object_size(counts) == 0) {
            json_decref(counts);
            continue;
        }

        show = json_object();

        json_object_set_new(show, "show", json_integer(n));
        json_object_set_new(show, "started",
                            started ? json_integer(started) : json_null());
        json_object_set_new(show, "ended",
                            ended ? json_integer(ended) : json_null());
        json_object_set_new(show, "counts", counts);

        json_array_append_new(shows, show);
    }

    json_object_set_new(api->answer, "shows", shows);

    answer = api->answer;
    api->answer = NULL;

    version = json_integer_value(json_object_get(answer, "version"));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, answer, version);
}


/* c:KIND:PRODUCT and totals become {"KIND": {"PRODUCT": total}} */

static json_t *
ngx_http_commerce_api_room_counts_json(redisReply *counts)
{
    size_t      i;
    u_char     *colon, *last;
    json_t     *json, *products;
    ngx_str_t   field, total, kind, product;

    json = json_object();

    for (i = 0; i + 1 < counts->elements; i += 2) {
        field = ngx_http_commerce_api_redis_text(counts, i);
        total = ngx_http_commerce_api_redis_text(counts, i + 1);

        if (field.len < sizeof("c:") - 1) {
            continue;
        }

        last = field.data + field.len;
        kind.data = field.data + sizeof("c:") - 1;

        colon = ngx_strlchr(kind.data, last, ':');
        if (colon == NULL) {
            continue;
        }

        kind.len = colon - kind.data;
        product.data = colon + 1;
        product.len = last - product.data;

        if (!ngx_commerce_count_kind_valid(&kind)
            || !ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, &product))
        {
            continue;
        }

        /* hiredis's texts end with a zero, and the colon may become one */

        *colon = '\0';

        products = json_object_get(json, (char *) kind.data);

        if (products == NULL) {
            products = json_object();
            json_object_set_new(json, (char *) kind.data, products);
        }

        json_object_set_new(products, (char *) product.data,
                            ngx_http_commerce_json_number(&total));
    }

    return json;
}
