
/*
 * What Redis has about a viewer lies with rooms, hosts and codes, each in a slot
 * of its own.  So the names of all keys are looked through, some at a time;
 * those that may have something are asked one after the other.  A request does
 * as much of that as takes a second, and its answer says where the next one goes
 * on.
 */

#include "ngx_http_commerce_api_erase.h"
#include "ngx_http_commerce_api_event.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_out.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_commerce_code.h"


#define NGX_HTTP_COMMERCE_API_ERASE_PAGE  "1000"   /* names, or a few more */
#define NGX_HTTP_COMMERCE_API_ERASE_TIME  1000     /* ms */


typedef struct {
    ngx_pool_t                       *page;       /* of a page's names */
    ngx_str_t                        *names;
    ngx_uint_t                        nnames;
    ngx_uint_t                        next;       /* name to look at */
    ngx_str_t                         cursor;     /* Redis's: the next page */
    u_char                            buf[NGX_INT64_LEN];
    ngx_msec_t                        begun;
    int64_t                           erased;
} ngx_http_commerce_api_erase_t;


static ngx_http_commerce_api_erase_t *ngx_http_commerce_api_erase_begin(
    ngx_http_commerce_api_t *api);
static void ngx_http_commerce_api_erase_cleanup(void *data);
static ngx_int_t ngx_http_commerce_api_erase_events(
    ngx_http_commerce_api_t *api, ngx_str_t *until);
static ngx_int_t ngx_http_commerce_api_erase_events_read(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_uint_t ngx_http_commerce_api_erase_is_his(
    ngx_http_commerce_api_t *api, redisReply *entry);
static ngx_int_t ngx_http_commerce_api_erase_event_gone(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_erase_scan(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_erase_page(ngx_http_commerce_api_t *api,
    redisReply *reply);
static ngx_int_t ngx_http_commerce_api_erase_next(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_erase_key(ngx_http_commerce_api_t *api,
    ngx_str_t *key);
static ngx_int_t ngx_http_commerce_api_erase_out(ngx_http_commerce_api_t *api,
    ngx_str_t *room);
static ngx_int_t ngx_http_commerce_api_erase_entrant(
    ngx_http_commerce_api_t *api, ngx_str_t *key, ngx_str_t *room);
static ngx_int_t ngx_http_commerce_api_erase_follower(
    ngx_http_commerce_api_t *api, ngx_str_t *key);
static ngx_int_t ngx_http_commerce_api_erase_gone(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_erase_answer(
    ngx_http_commerce_api_t *api);


ngx_int_t
ngx_http_commerce_api_erase(ngx_http_commerce_api_t *api)
{
    ngx_str_t                       from;
    ngx_http_commerce_api_erase_t  *erase;

    if (api->match.len || api->none_match.len) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "condition_wrong",
                                            "a viewer has no version");
    }

    erase = ngx_http_commerce_api_erase_begin(api);
    if (erase == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_arg(api->request, (u_char *) "from", sizeof("from") - 1,
                     &from)
        != NGX_OK)
    {
        ngx_str_set(&from, "+");
        return ngx_http_commerce_api_erase_events(api, &from);
    }

    if (ngx_commerce_number(&from) == NGX_ERROR) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "argument_wrong",
                                            "?from has to be the \"next\" of "
                                            "the answer before");
    }

    ngx_memcpy(erase->buf, from.data, from.len);
    erase->cursor.len = from.len;

    return ngx_http_commerce_api_erase_scan(api);
}


static ngx_http_commerce_api_erase_t *
ngx_http_commerce_api_erase_begin(ngx_http_commerce_api_t *api)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_commerce_api_erase_t  *erase;

    erase = ngx_pcalloc(api->request->pool,
                        sizeof(ngx_http_commerce_api_erase_t));
    if (erase == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(api->request->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    erase->page = ngx_create_pool(4096, api->request->connection->log);
    if (erase->page == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_commerce_api_erase_cleanup;
    cln->data = erase;

    erase->begun = ngx_current_msec;
    erase->cursor.data = erase->buf;
    erase->cursor.len = 1;
    erase->buf[0] = '0';

    api->data = erase;

    return erase;
}


static void
ngx_http_commerce_api_erase_cleanup(void *data)
{
    ngx_http_commerce_api_erase_t  *erase = data;

    ngx_destroy_pool(erase->page);
}


/* the audit's entries about him, from the last one on; it is short */

static ngx_int_t
ngx_http_commerce_api_erase_events(ngx_http_commerce_api_t *api,
    ngx_str_t *until)
{
    ngx_str_t     key;
    ngx_array_t  *args;

    key = ngx_commerce_redis_key(api->tenant, api->request->pool, "events");
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "XREVRANGE");
    ngx_http_commerce_api_redis_push(args, &key);
    ngx_http_commerce_api_redis_push(args, until);
    ngx_http_commerce_api_redis_push_literal(args, "-");
    ngx_http_commerce_api_redis_push_literal(args, "COUNT");
    ngx_http_commerce_api_redis_push_literal(args,
                                             NGX_HTTP_COMMERCE_API_ERASE_PAGE);

    return ngx_http_commerce_api_redis_command(api, args,
                                      ngx_http_commerce_api_erase_events_read);
}


/* takes out those of a page, and goes on behind it */

static ngx_int_t
ngx_http_commerce_api_erase_events_read(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    size_t                          i;
    ngx_str_t                       key, id;
    ngx_array_t                    *args;
    ngx_http_commerce_api_erase_t  *erase;

    erase = api->data;

    if (reply->type != REDIS_REPLY_ARRAY) {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    if (reply->elements == 0) {
        return ngx_http_commerce_api_erase_scan(api);
    }

    id = ngx_http_commerce_api_redis_text(reply->element[reply->elements - 1],
                                          0);

    /* "(" before an ID is what comes behind it */

    ngx_reset_pool(erase->page);

    erase->names = ngx_palloc(erase->page, sizeof(ngx_str_t));
    if (erase->names == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    erase->names->data = ngx_pnalloc(erase->page, id.len + 1);
    if (erase->names->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    erase->names->data[0] = '(';
    ngx_memcpy(erase->names->data + 1, id.data, id.len);
    erase->names->len = id.len + 1;

    key = ngx_commerce_redis_key(api->tenant, api->request->pool, "events");
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "XDEL");
    ngx_http_commerce_api_redis_push(args, &key);

    for (i = 0; i < reply->elements; i++) {
        if (ngx_http_commerce_api_erase_is_his(api, reply->element[i])) {
            id = ngx_http_commerce_api_redis_text(reply->element[i], 0);
            ngx_http_commerce_api_redis_push(args, &id);
        }
    }

    if (args && args->nelts == 2) {
        return ngx_http_commerce_api_erase_events(api, erase->names);
    }

    return ngx_http_commerce_api_redis_command(api, args,
                                      ngx_http_commerce_api_erase_event_gone);
}


static ngx_uint_t
ngx_http_commerce_api_erase_is_his(ngx_http_commerce_api_t *api,
    redisReply *entry)
{
    size_t       i;
    ngx_str_t    name, value;
    redisReply  *fields;

    static ngx_str_t  viewer = ngx_string("viewer");

    if (entry->type != REDIS_REPLY_ARRAY || entry->elements != 2) {
        return 0;
    }

    fields = entry->element[1];

    for (i = 0; i + 1 < fields->elements; i += 2) {
        name = ngx_http_commerce_api_redis_text(fields, i);
        value = ngx_http_commerce_api_redis_text(fields, i + 1);

        if (ngx_http_commerce_api_same(&name, &viewer)
            && ngx_http_commerce_api_same(&value, &api->name))
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_commerce_api_erase_event_gone(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_http_commerce_api_erase_t  *erase;

    erase = api->data;

    if (reply->type == REDIS_REPLY_INTEGER) {
        erase->erased += reply->integer;
    }

    return ngx_http_commerce_api_erase_events(api, erase->names);
}


static ngx_int_t
ngx_http_commerce_api_erase_scan(ngx_http_commerce_api_t *api)
{
    u_char                         *p;
    ngx_str_t                       pattern;
    ngx_array_t                    *args;
    ngx_http_commerce_api_erase_t  *erase;

    erase = api->data;

    ngx_reset_pool(erase->page);

    pattern.len = api->tenant->prefix.len + sizeof("*{*}:*") - 1;
    pattern.data = ngx_pnalloc(erase->page, pattern.len);
    if (pattern.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_cpymem(pattern.data, api->tenant->prefix.data,
                   api->tenant->prefix.len);
    ngx_memcpy(p, "*{*}:*", sizeof("*{*}:*") - 1);

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "SCAN");
    ngx_http_commerce_api_redis_push(args, &erase->cursor);
    ngx_http_commerce_api_redis_push_literal(args, "MATCH");
    ngx_http_commerce_api_redis_push(args, &pattern);
    ngx_http_commerce_api_redis_push_literal(args, "COUNT");
    ngx_http_commerce_api_redis_push_literal(args,
                                             NGX_HTTP_COMMERCE_API_ERASE_PAGE);

    return ngx_http_commerce_api_redis_command(api, args,
                                             ngx_http_commerce_api_erase_page);
}


static ngx_int_t
ngx_http_commerce_api_erase_page(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    size_t                          i;
    ngx_str_t                       text, *name;
    redisReply                     *names;
    ngx_http_commerce_api_erase_t  *erase;

    erase = api->data;
    text = ngx_http_commerce_api_redis_text(reply, 0);

    if (ngx_commerce_number(&text) == NGX_ERROR
        || reply->elements != 2
        || reply->element[1]->type != REDIS_REPLY_ARRAY)
    {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    ngx_memcpy(erase->buf, text.data, text.len);
    erase->cursor.len = text.len;

    names = reply->element[1];

    ngx_reset_pool(erase->page);

    erase->nnames = 0;
    erase->next = 0;
    erase->names = ngx_palloc(erase->page,
                              (names->elements + 1) * sizeof(ngx_str_t));
    if (erase->names == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for (i = 0; i < names->elements; i++) {
        text = ngx_http_commerce_api_redis_text(names, i);
        name = &erase->names[erase->nnames];

        name->len = text.len;
        name->data = ngx_pstrdup(erase->page, &text);
        if (name->data == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        erase->nnames++;
    }

    return ngx_http_commerce_api_erase_next(api);
}


static ngx_int_t
ngx_http_commerce_api_erase_next(ngx_http_commerce_api_t *api)
{
    ngx_int_t                       rc;
    ngx_http_commerce_api_erase_t  *erase;

    erase = api->data;

    while (erase->next < erase->nnames) {
        rc = ngx_http_commerce_api_erase_key(api,
                                             &erase->names[erase->next++]);
        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    if ((erase->cursor.len == 1 && erase->cursor.data[0] == '0')
        || ngx_current_msec - erase->begun >= NGX_HTTP_COMMERCE_API_ERASE_TIME)
    {
        return ngx_http_commerce_api_erase_answer(api);
    }

    return ngx_http_commerce_api_erase_scan(api);
}


/* NGX_DECLINED: there can be nothing of him in there */

static ngx_int_t
ngx_http_commerce_api_erase_key(ngx_http_commerce_api_t *api, ngx_str_t *key)
{
    u_char     *p, *last;
    ngx_str_t   room, part;

    p = key->data + api->tenant->prefix.len;
    last = key->data + key->len;

    if (*p != '{') {
        return ngx_http_commerce_api_erase_follower(api, key);
    }

    room.data = p + 1;
    p = ngx_strlchr(room.data, last, '}');

    if (p == NULL) {
        return NGX_DECLINED;
    }

    room.len = p - room.data;
    part.data = p + 1;
    part.len = last - part.data;

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &room)) {
        return NGX_DECLINED;
    }

    if (part.len == sizeof(":out") - 1
        && ngx_memcmp(part.data, ":out", part.len) == 0)
    {
        return ngx_http_commerce_api_erase_out(api, &room);
    }

    if (part.len > sizeof(":code:") - 1
        && ngx_memcmp(part.data, ":code:", sizeof(":code:") - 1) == 0)
    {
        return ngx_http_commerce_api_erase_entrant(api, key, &room);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_api_erase_out(ngx_http_commerce_api_t *api, ngx_str_t *room)
{
    ngx_str_t      key[4];
    ngx_array_t   *args;
    ngx_pool_t    *pool;

    pool = api->request->pool;
    args = ngx_http_commerce_api_redis_args(api);

    key[0] = ngx_commerce_redis_room_key(api->tenant, pool, room, ":out");
    key[1] = ngx_commerce_redis_room_key(api->tenant, pool, room,
                                         ":out:ends");
    key[2] = ngx_commerce_redis_room_key(api->tenant, pool, room,
                                         ":out:changes");
    key[3] = ngx_commerce_redis_channel(api->tenant, pool, NGX_COMMERCE_OUT,
                                        room);

    ngx_http_commerce_api_redis_push(args, &key[0]);
    ngx_http_commerce_api_redis_push(args, &key[1]);
    ngx_http_commerce_api_redis_push(args, &key[2]);
    ngx_http_commerce_api_redis_push(args, &key[3]);
    ngx_http_commerce_api_redis_push(args, &api->name);
    ngx_http_commerce_api_redis_push_number(args,
                                ngx_http_commerce_api_out_lasts(api->tenant));

    return ngx_http_commerce_api_redis_eval(api,
                                      &ngx_commerce_redis_script_out_forget, 3,
                                      args, ngx_http_commerce_api_erase_gone);
}


/* who has entered is there by the secret that was the first then */

static ngx_int_t
ngx_http_commerce_api_erase_entrant(ngx_http_commerce_api_t *api,
    ngx_str_t *key, ngx_str_t *room)
{
    ngx_str_t    entrant, *secret;
    ngx_uint_t   i;
    ngx_array_t  *args;

    if (api->tenant->secrets == NULL) {
        return NGX_DECLINED;
    }

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "SREM");
    ngx_http_commerce_api_redis_push(args, key);

    secret = api->tenant->secrets->elts;

    for (i = 0; i < api->tenant->secrets->nelts; i++) {
        entrant.len = NGX_COMMERCE_TOKEN_MAC;
        entrant.data = ngx_pnalloc(api->request->pool, entrant.len);

        if (entrant.data == NULL
            || ngx_commerce_code_entrant(&secret[i], room, &api->name,
                                         entrant.data)
               != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        ngx_http_commerce_api_redis_push(args, &entrant);
    }

    return ngx_http_commerce_api_redis_command(api, args,
                                             ngx_http_commerce_api_erase_gone);
}


/* of a host's many parts one may have him */

static ngx_int_t
ngx_http_commerce_api_erase_follower(ngx_http_commerce_api_t *api,
    ngx_str_t *key)
{
    u_char                         *p, *last;
    ngx_str_t                       host, his;
    ngx_array_t                    *args;
    ngx_http_commerce_api_erase_t  *erase;

    static ngx_str_t  prefix = ngx_string("host:{");

    erase = api->data;

    p = key->data + api->tenant->prefix.len;
    last = key->data + key->len;

    if ((size_t) (last - p) < prefix.len
        || ngx_memcmp(p, prefix.data, prefix.len) != 0)
    {
        return NGX_DECLINED;
    }

    host.data = p + prefix.len;
    p = ngx_strlchr(host.data, last, '.');

    if (p == NULL) {
        return NGX_DECLINED;
    }

    host.len = p - host.data;

    if (!ngx_commerce_name_valid(NGX_COMMERCE_HOST, &host)) {
        return NGX_DECLINED;
    }

    his = ngx_commerce_redis_followers_key(api->tenant, erase->page, &host,
                                           &api->name);
    if (his.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!ngx_http_commerce_api_same(&his, key)) {
        return NGX_DECLINED;
    }

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "SREM");
    ngx_http_commerce_api_redis_push(args, key);
    ngx_http_commerce_api_redis_push(args, &api->name);

    return ngx_http_commerce_api_redis_command(api, args,
                                             ngx_http_commerce_api_erase_gone);
}


static ngx_int_t
ngx_http_commerce_api_erase_gone(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_http_commerce_api_erase_t  *erase;

    erase = api->data;

    if (reply->type != REDIS_REPLY_INTEGER) {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    erase->erased += reply->integer;

    return ngx_http_commerce_api_erase_next(api);
}


static ngx_int_t
ngx_http_commerce_api_erase_answer(ngx_http_commerce_api_t *api)
{
    json_t                         *json;
    ngx_uint_t                      status;
    ngx_http_commerce_api_erase_t  *erase;

    erase = api->data;

    json = json_object();
    json_object_set_new(json, "erased", json_integer(erase->erased));

    if (erase->cursor.len == 1 && erase->cursor.data[0] == '0') {
        status = NGX_HTTP_OK;
        json_object_set_new(json, "next", json_null());

        ngx_http_commerce_api_event(api, "viewer_erased", NULL);

    } else {
        status = NGX_HTTP_ACCEPTED;
        json_object_set_new(json, "next",
                            ngx_http_commerce_json_number(&erase->cursor));
    }

    return ngx_http_commerce_send_value(api->request, status, json);
}
