
#include "ngx_http_commerce_api_record.h"
#include "ngx_http_commerce_api_event.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_key.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_commerce_redis_record.h"


/* a write on its way */

typedef struct {
    ngx_http_commerce_api_changes_t   changes;
    ngx_uint_t                        exists;    /* it has to, already */
    ngx_uint_t                        created;
    int64_t                           version;
    ngx_str_t                        *key;       /* new one's hash, or NULL */
    ngx_str_t                         lost;      /* hash of the one before */
} ngx_http_commerce_api_write_t;


static ngx_int_t ngx_http_commerce_api_record_read_done(
    ngx_http_commerce_api_t *api, redisReply *reply);
static void ngx_http_commerce_api_record_read_state(
    ngx_http_commerce_api_t *api, json_t *json);
static ngx_int_t ngx_http_commerce_api_record_write(
    ngx_http_commerce_api_t *api, ngx_uint_t replace);
static ngx_int_t ngx_http_commerce_api_record_ask_host(
    ngx_http_commerce_api_t *api, ngx_str_t *host);
static ngx_int_t ngx_http_commerce_api_record_check_host(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_record_write_key(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_record_send(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_record_written(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_record_write_keys(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_record_key_confirmed(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_record_unknown(
    ngx_http_commerce_api_t *api);
static void ngx_http_commerce_api_record_tell(ngx_http_commerce_api_t *api,
    redisReply *reply);
static ngx_int_t ngx_http_commerce_api_record_answer(
    ngx_http_commerce_api_t *api);


ngx_int_t
ngx_http_commerce_api_record_read(ngx_http_commerce_api_t *api)
{
    ngx_array_t                    *args;
    ngx_http_commerce_api_field_t  *field;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "HMGET");
    ngx_http_commerce_api_redis_push_record(api, args);

    for (field = api->route->resource->fields; field->name.len; field++) {
        ngx_http_commerce_api_redis_push(args, &field->name);
    }

    ngx_http_commerce_api_redis_push_literal(args, "version");

    return ngx_http_commerce_api_redis_command(api, args,
                                       ngx_http_commerce_api_record_read_done);
}


static ngx_int_t
ngx_http_commerce_api_record_read_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    size_t                             i;
    json_t                            *json;
    int64_t                            version;
    ngx_str_t                          text;
    ngx_uint_t                         known;
    ngx_http_commerce_api_field_t     *field;
    ngx_http_commerce_api_resource_t  *resource;

    resource = api->route->resource;
    known = 0;

    json = json_object();
    json_object_set_new(json, (char *) resource->name.data,
                        ngx_http_commerce_json_string(&api->name));

    for (i = 0, field = resource->fields; field->name.len; i++, field++) {
        text = ngx_http_commerce_api_redis_text(reply, i);

        if (text.len) {
            known = 1;
            json_object_set_new(json, (char *) field->name.data,
                               ngx_http_commerce_api_field_json(field, &text));
        }
    }

    text = ngx_http_commerce_api_redis_text(reply, i);

    if (!known && text.len == 0) {
        json_decref(json);
        return ngx_http_commerce_api_unknown(api, resource);
    }

    version = ngx_http_commerce_api_redis_number(reply, i);
    json_object_set_new(json, "version", json_integer(version));

    if (resource->kind == NGX_COMMERCE_HOST) {
        ngx_http_commerce_api_record_read_state(api, json);
    }

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}


/* the state that a host is in now, which a time changes, too */

static void
ngx_http_commerce_api_record_read_state(ngx_http_commerce_api_t *api,
    json_t *json)
{
    json_t               *state;
    ngx_int_t             n;
    ngx_str_t             word;
    ngx_commerce_host_t   host;

    ngx_memzero(&host, sizeof(ngx_commerce_host_t));

    state = json_object_get(json, "state");
    host.until = json_integer_value(json_object_get(json, "until"));

    if (state) {
        word.data = (u_char *) json_string_value(state);
        word.len = json_string_length(state);

        n = ngx_commerce_word(ngx_commerce_host_states, &word);

        if (n != NGX_ERROR) {
            host.state = n;
        }
    }

    n = ngx_commerce_host_state(&host, ngx_commerce_now(api->tenant));

    api->more = (n != (ngx_int_t) host.state);

    json_object_set_new(json, "in_force",
                 ngx_http_commerce_json_string(&ngx_commerce_host_states[n]));
}


ngx_int_t
ngx_http_commerce_api_record_put(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_record_write(api, 1);
}


ngx_int_t
ngx_http_commerce_api_record_patch(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_record_write(api, 0);
}


/*
 * A room's host has to be known.  A stream key is reserved for its room first,
 * so that no two rooms get the same; then the record is written; then the key
 * is confirmed, and the one before is given up.
 */

static ngx_int_t
ngx_http_commerce_api_record_write(ngx_http_commerce_api_t *api,
    ngx_uint_t replace)
{
    ngx_int_t                       rc;
    ngx_str_t                      *host;
    ngx_http_commerce_api_write_t  *write;

    write = ngx_pcalloc(api->request->pool,
                        sizeof(ngx_http_commerce_api_write_t));
    if (write == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_api_field_read_changes(api,
                       api->route->resource->fields, replace, &write->changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    write->exists = !replace;
    write->key = ngx_http_commerce_api_field_new_value(&write->changes, "key");

    api->data = write;

    host = ngx_http_commerce_api_field_new_value(&write->changes, "host");

    return host ? ngx_http_commerce_api_record_ask_host(api, host)
                : ngx_http_commerce_api_record_write_key(api);
}


static ngx_int_t
ngx_http_commerce_api_record_ask_host(ngx_http_commerce_api_t *api,
    ngx_str_t *host)
{
    ngx_str_t     key;
    ngx_array_t  *args;

    key = ngx_commerce_redis_record_name(api->tenant, api->request->pool,
                                         NGX_COMMERCE_HOST, host);
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "EXISTS");
    ngx_http_commerce_api_redis_push(args, &key);

    return ngx_http_commerce_api_redis_command(api, args,
                                      ngx_http_commerce_api_record_check_host);
}


static ngx_int_t
ngx_http_commerce_api_record_check_host(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    if (reply->type != REDIS_REPLY_INTEGER) {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    if (reply->integer == 0) {
        return ngx_http_commerce_api_unknown(api, &ngx_http_commerce_api_host);
    }

    return ngx_http_commerce_api_record_write_key(api);
}


static ngx_int_t
ngx_http_commerce_api_record_write_key(ngx_http_commerce_api_t *api)
{
    ngx_http_commerce_api_write_t  *write;

    write = api->data;

    if (write->key) {
        return ngx_http_commerce_api_key_reserve(api, write->key,
                                            ngx_http_commerce_api_record_send);
    }

    return ngx_http_commerce_api_record_send(api);
}


static ngx_int_t
ngx_http_commerce_api_record_send(ngx_http_commerce_api_t *api)
{
    ngx_str_t                        *text;
    ngx_uint_t                        i, nkeys;
    ngx_array_t                      *args;
    ngx_http_commerce_api_write_t    *write;
    ngx_http_commerce_api_changes_t  *changes;

    write = api->data;
    changes = &write->changes;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    nkeys = 1;

    if (api->route->resource->kind == NGX_COMMERCE_ROOM) {
        ngx_http_commerce_api_redis_push_part(api, args, ":cues");
        nkeys++;
    }

    ngx_http_commerce_api_redis_push_channel(api, args);
    ngx_http_commerce_api_redis_push_number(args, write->exists);
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push_number(args, changes->set.nelts / 2);

    text = changes->set.elts;

    for (i = 0; i < changes->set.nelts; i++) {
        ngx_http_commerce_api_redis_push(args, &text[i]);
    }

    text = changes->removed.elts;

    for (i = 0; i < changes->removed.nelts; i++) {
        ngx_http_commerce_api_redis_push(args, &text[i]);
    }

    return ngx_http_commerce_api_redis_eval(api,
                                        &ngx_commerce_redis_script_put,
                                        nkeys, args,
                                        ngx_http_commerce_api_record_written);
}


static ngx_int_t
ngx_http_commerce_api_record_written(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_int_t                       rc;
    ngx_str_t                       before;
    ngx_http_commerce_api_write_t  *write;

    static ngx_str_t  unknown = ngx_string("unknown");

    write = api->data;
    before = ngx_http_commerce_api_redis_text(reply, 0);

    if (write->key && ngx_http_commerce_api_same(&before, &unknown)) {
        return ngx_http_commerce_api_key_give_up(api, write->key,
                                         ngx_http_commerce_api_record_unknown);
    }

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 9);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    write->version = ngx_http_commerce_api_redis_number(reply, 1);
    write->created = ngx_http_commerce_api_redis_number(reply, 2) != 0;

    ngx_http_commerce_api_record_tell(api, reply);

    if (api->route->resource->kind == NGX_COMMERCE_ROOM) {
        return ngx_http_commerce_api_record_write_keys(api, reply);
    }

    return ngx_http_commerce_api_record_answer(api);
}


/* also of a key that the room keeps: so a hint that was lost is there again */

static ngx_int_t
ngx_http_commerce_api_record_write_keys(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_str_t                       key;
    ngx_http_commerce_api_write_t  *write;

    write = api->data;

    write->lost = ngx_http_commerce_api_redis_text(reply, 4);
    write->lost.data = ngx_pstrdup(api->request->pool, &write->lost);
    if (write->lost.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    key = ngx_http_commerce_api_redis_text(reply, 5);

    if (ngx_commerce_name_valid(NGX_COMMERCE_KEY, &key)) {
        return ngx_http_commerce_api_key_confirm(api, &key,
                                   ngx_http_commerce_api_record_key_confirmed);
    }

    return ngx_http_commerce_api_record_key_confirmed(api);
}


static ngx_int_t
ngx_http_commerce_api_record_key_confirmed(ngx_http_commerce_api_t *api)
{
    ngx_http_commerce_api_write_t  *write;

    write = api->data;

    if (ngx_commerce_name_valid(NGX_COMMERCE_KEY, &write->lost)) {
        return ngx_http_commerce_api_key_give_up(api, &write->lost,
                                          ngx_http_commerce_api_record_answer);
    }

    return ngx_http_commerce_api_record_answer(api);
}


static ngx_int_t
ngx_http_commerce_api_record_unknown(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_unknown(api, api->route->resource);
}


/* of changes of state, and of who sees a room */

static void
ngx_http_commerce_api_record_tell(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_str_t                       *state, *until, *reason, *seen,
                                     before, host, show, none;
    ngx_http_commerce_api_write_t   *write;
    ngx_http_commerce_api_changes_t *changes;

    write = api->data;
    changes = &write->changes;

    ngx_str_null(&none);

    state = ngx_http_commerce_api_field_new_value(changes, "state");
    until = ngx_http_commerce_api_field_new_value(changes, "until");
    reason = ngx_http_commerce_api_field_new_value(changes, "reason");

    before = ngx_http_commerce_api_redis_text(reply, 3);
    host = ngx_http_commerce_api_redis_text(reply, 6);
    show = ngx_http_commerce_api_redis_text(reply, 7);

    if (state && !ngx_http_commerce_api_same(state, &before)) {
        ngx_http_commerce_api_event(api, "state", "state", state,
                                    "before", &before,
                                    "until", until ? until : &none,
                                    "reason", reason ? reason : &none,
                                    "host", &host, "show", &show, NULL);
    }

    seen = ngx_http_commerce_api_field_new_value(changes, "visibility");
    before = ngx_http_commerce_api_redis_text(reply, 8);

    if (seen && !ngx_http_commerce_api_same(seen, &before)) {
        ngx_http_commerce_api_event(api, "visibility", "visibility", seen,
                                    "before", &before, "host", &host,
                                    "show", &show, NULL);
    }
}


static ngx_int_t
ngx_http_commerce_api_record_answer(ngx_http_commerce_api_t *api)
{
    json_t                         *json;
    ngx_http_commerce_api_write_t  *write;

    write = api->data;

    json = json_object();
    json_object_set_new(json, "version", json_integer(write->version));

    return ngx_http_commerce_api_answer(api, write->created ? NGX_HTTP_CREATED
                                                            : NGX_HTTP_OK,
                                        json, write->version);
}


/*
 * The product that goes onto a shelf or into the spotlight.  It is in another
 * slot than the room, so it is read on its own.
 */

ngx_int_t
ngx_http_commerce_api_record_ask_product(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_step_pt step)
{
    ngx_str_t     key;
    ngx_array_t  *args;

    key = ngx_commerce_redis_record_name(api->tenant, api->request->pool,
                                         NGX_COMMERCE_PRODUCT, &api->product);
    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_literal(args, "HGETALL");
    ngx_http_commerce_api_redis_push(args, &key);

    return ngx_http_commerce_api_redis_command(api, args, step);
}


ngx_int_t
ngx_http_commerce_api_record_read_product(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_commerce_product_t *product)
{
    if (ngx_commerce_redis_record_read_product(api->tenant, api->request->pool,
                                               &api->product, reply, product)
        != NGX_OK)
    {
        return ngx_http_commerce_api_redis_not_understood(api);
    }

    if (reply->elements == 0) {
        return ngx_http_commerce_api_unknown(api,
                                             &ngx_http_commerce_api_product);
    }

    return NGX_DECLINED;
}
