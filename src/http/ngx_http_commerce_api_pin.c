
/*
 * The spotlight: what is pinned now, or will be.
 */

#include "ngx_http_commerce_api_pin.h"
#include "ngx_http_commerce_api_event.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_record.h"
#include "ngx_http_commerce_api_redis.h"
#include "ngx_http_commerce_api_room.h"
#include "ngx_http_commerce_api_show.h"
#include "ngx_commerce_redis_pin.h"


#define NGX_HTTP_COMMERCE_API_AT_RANGE  86400000 /* ms around the present */

/* the place of the show's cues among the keys of pin_cancel */
#define NGX_HTTP_COMMERCE_API_CANCEL_SHOW  2


static ngx_int_t ngx_http_commerce_api_pin_product(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_commerce_redis_pin_t *ngx_http_commerce_api_pin_cue(
    ngx_http_commerce_api_t *api, int64_t at, ngx_uint_t asked,
    ngx_str_t *product);
static ngx_int_t ngx_http_commerce_api_pin_send_cue(
    ngx_http_commerce_api_t *api, ngx_commerce_redis_pin_t *pin);
static ngx_int_t ngx_http_commerce_api_pin_send(ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_pin_cue_set(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_pin_read_done(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_pin_send_cancel(
    ngx_http_commerce_api_t *api, ngx_array_t *args);
static ngx_int_t ngx_http_commerce_api_pin_cancelled(
    ngx_http_commerce_api_t *api, redisReply *reply);


ngx_int_t
ngx_http_commerce_api_pin(ngx_http_commerce_api_t *api)
{
    int64_t                           at;
    ngx_int_t                         rc;
    ngx_str_t                        *text;
    ngx_http_commerce_api_changes_t   changes;

    rc = ngx_http_commerce_api_field_read_changes(api,
                                ngx_http_commerce_api_pin_fields, 1, &changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    api->product = *ngx_http_commerce_api_field_new_value(&changes, "product");

    at = ngx_commerce_now(api->tenant);
    text = ngx_http_commerce_api_field_new_value(&changes, "at");

    if (text) {
        if (llabs(ngx_commerce_number(text) - at)
            > NGX_HTTP_COMMERCE_API_AT_RANGE)
        {
            return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                                "field_wrong",
                                                "/at has to be within "
                                                "24 hours, in ms since 1970");
        }

        at = ngx_commerce_number(text);
    }

    api->data = ngx_http_commerce_api_pin_cue(api, at, text != NULL,
                                              &api->product);
    if (api->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_api_record_ask_product(api,
                                            ngx_http_commerce_api_pin_product);
}


static ngx_int_t
ngx_http_commerce_api_pin_product(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_int_t                  rc;
    ngx_commerce_product_t     product;
    ngx_commerce_redis_pin_t  *pin;

    rc = ngx_http_commerce_api_record_read_product(api, reply, &product);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (product.state != NGX_COMMERCE_PRODUCT_STATE_APPROVED) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_CONFLICT,
                                            "product_not_approved",
                                            "the product is not approved");
    }

    pin = api->data;
    pin->card = &product.card;

    return ngx_http_commerce_api_pin_send_cue(api, pin);
}


ngx_int_t
ngx_http_commerce_api_pin_clear(ngx_http_commerce_api_t *api)
{
    ngx_str_t  none;

    ngx_str_set(&none, "");

    return ngx_http_commerce_api_pin_send_cue(api,
              ngx_http_commerce_api_pin_cue(api, ngx_commerce_now(api->tenant),
                                             0, &none));
}


static ngx_commerce_redis_pin_t *
ngx_http_commerce_api_pin_cue(ngx_http_commerce_api_t *api, int64_t at,
    ngx_uint_t asked, ngx_str_t *product)
{
    ngx_commerce_redis_pin_t  *pin;

    pin = ngx_pcalloc(api->request->pool, sizeof(ngx_commerce_redis_pin_t));
    if (pin == NULL) {
        return NULL;
    }

    pin->room = api->name;
    pin->match = api->match;
    pin->none_match = api->none_match;
    pin->at = at;
    pin->asked = asked;
    pin->product = *product;
    pin->show = ngx_http_commerce_api_show_next(api);

    return pin;
}


static ngx_int_t
ngx_http_commerce_api_pin_send_cue(ngx_http_commerce_api_t *api,
    ngx_commerce_redis_pin_t *pin)
{
    api->data = pin ? ngx_commerce_redis_pin_args(api->tenant,
                                                  api->request->pool, pin)
                    : NULL;

    return ngx_http_commerce_api_pin_send(api);
}


static ngx_int_t
ngx_http_commerce_api_pin_send(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_redis_eval(api,
                                        &ngx_commerce_redis_script_pin,
                                        NGX_COMMERCE_REDIS_PIN_KEYS + 1,
                                        api->data,
                                        ngx_http_commerce_api_pin_cue_set);
}


static ngx_int_t
ngx_http_commerce_api_pin_cue_set(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t     *json;
    int64_t     version;
    ngx_int_t   rc;
    ngx_str_t   id, at, host, show;

    if (ngx_http_commerce_api_show_other(api, reply, api->data,
                                         NGX_COMMERCE_REDIS_PIN_KEYS))
    {
        return ngx_http_commerce_api_pin_send(api);
    }

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 2);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    id = ngx_http_commerce_api_redis_text(reply, 2);
    at = ngx_http_commerce_api_redis_text(reply, 3);
    host = ngx_http_commerce_api_redis_text(reply, 4);
    show = ngx_http_commerce_api_redis_text(reply, 5);

    json = json_object();

    if (id.len) {
        json_object_set_new(json, "id", ngx_http_commerce_json_string(&id));
        json_object_set_new(json, "at", ngx_http_commerce_json_number(&at));

        ngx_http_commerce_api_event(api, api->product.len ? "pinned"
                                                          : "unpinned",
                                    "host", &host, "show", &show,
                                    "product", &api->product, "cue", &id,
                                    "begins", &at, NULL);
    }

    version = ngx_http_commerce_api_redis_number(reply, 1);
    json_object_set_new(json, "version", json_integer(version));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}


ngx_int_t
ngx_http_commerce_api_pin_read(ngx_http_commerce_api_t *api)
{
    return ngx_http_commerce_api_room_ask(api,
                                          ngx_http_commerce_api_pin_read_done);
}


static ngx_int_t
ngx_http_commerce_api_pin_read_done(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t               *json, *pins;
    int64_t               version;
    ngx_int_t             rc;
    ngx_uint_t            i;
    ngx_commerce_room_t   room;

    rc = ngx_http_commerce_api_redis_verdict(api, reply,
                                          NGX_HTTP_COMMERCE_API_ROOM_ELEMENTS);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_commerce_api_room_cues(api, reply, &room, &i) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    pins = json_array();

    for ( /* void */ ; i < room.ncues; i++) {
        json_array_append_new(pins,
                              ngx_http_commerce_json_coming(&room.cues[i]));
    }

    version = ngx_http_commerce_api_redis_number(
                       reply->element[NGX_HTTP_COMMERCE_API_ROOM_FIELDS], 0);

    json = json_object();
    json_object_set_new(json, "pins", pins);
    json_object_set_new(json, "version", json_integer(version));

    /* they become fewer as time goes on */
    api->more = 1;

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}


ngx_int_t
ngx_http_commerce_api_pin_cancel(ngx_http_commerce_api_t *api)
{
    ngx_array_t  *args;

    args = ngx_http_commerce_api_redis_args(api);

    ngx_http_commerce_api_redis_push_record(api, args);
    ngx_http_commerce_api_redis_push_part(api, args, ":cues");
    ngx_http_commerce_api_show_push(api, args);
    ngx_http_commerce_api_redis_push_channel(api, args);
    ngx_http_commerce_api_redis_push_conditions(api, args);
    ngx_http_commerce_api_redis_push(args, &api->member);

    return ngx_http_commerce_api_pin_send_cancel(api, args);
}


static ngx_int_t
ngx_http_commerce_api_pin_send_cancel(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    api->data = args;

    return ngx_http_commerce_api_redis_eval(api,
                                      &ngx_commerce_redis_script_pin_cancel, 3,
                                      args,
                                      ngx_http_commerce_api_pin_cancelled);
}


static ngx_int_t
ngx_http_commerce_api_pin_cancelled(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    json_t     *json;
    int64_t     version;
    ngx_int_t   rc;
    ngx_str_t   host, show;

    if (ngx_http_commerce_api_show_other(api, reply, api->data,
                                         NGX_HTTP_COMMERCE_API_CANCEL_SHOW))
    {
        return ngx_http_commerce_api_pin_send_cancel(api, api->data);
    }

    rc = ngx_http_commerce_api_redis_verdict(api, reply, 4);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    host = ngx_http_commerce_api_redis_text(reply, 2);
    show = ngx_http_commerce_api_redis_text(reply, 3);

    ngx_http_commerce_api_event(api, "pin_cancelled", "host", &host,
                                "show", &show, "cue", &api->member, NULL);

    version = ngx_http_commerce_api_redis_number(reply, 1);

    json = json_object();
    json_object_set_new(json, "version", json_integer(version));

    return ngx_http_commerce_api_answer(api, NGX_HTTP_OK, json, version);
}
