
#include "ngx_http_commerce_api.h"


/* the card's fields, in the order that they are asked for */

typedef enum {
    NGX_HTTP_COMMERCE_API_CARD_TEXT = 0,
    NGX_HTTP_COMMERCE_API_CARD_NUMBER,
    NGX_HTTP_COMMERCE_API_CARD_LINK
} ngx_http_commerce_api_card_e;


static ngx_int_t ngx_http_commerce_api_pin_product(
    ngx_http_commerce_api_t *api, redisReply *reply);
static ngx_int_t ngx_http_commerce_api_push_card(ngx_http_commerce_api_t *api,
    ngx_array_t *args, redisReply *reply);
static ngx_array_t *ngx_http_commerce_api_cue(ngx_http_commerce_api_t *api,
    int64_t at, ngx_uint_t asked, ngx_str_t *product);
static ngx_int_t ngx_http_commerce_api_send_cue(ngx_http_commerce_api_t *api,
    ngx_array_t *args);
static ngx_int_t ngx_http_commerce_api_cue_set(ngx_http_commerce_api_t *api,
    redisReply *reply);


static struct {
    ngx_str_t                     name;
    ngx_http_commerce_api_card_e  type;
} ngx_http_commerce_api_card[] = {
    { ngx_string("title"),    NGX_HTTP_COMMERCE_API_CARD_TEXT },
    { ngx_string("price"),    NGX_HTTP_COMMERCE_API_CARD_NUMBER },
    { ngx_string("currency"), NGX_HTTP_COMMERCE_API_CARD_TEXT },
    { ngx_string("link"),     NGX_HTTP_COMMERCE_API_CARD_LINK },
    { ngx_string("image"),    NGX_HTTP_COMMERCE_API_CARD_TEXT },
    { ngx_string("version"),  NGX_HTTP_COMMERCE_API_CARD_NUMBER },
    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_commerce_api_pin(ngx_http_commerce_api_t *api)
{
    int64_t                           at;
    ngx_int_t                         rc;
    ngx_str_t                        *text, key;
    ngx_uint_t                        i;
    ngx_array_t                      *args;
    ngx_http_commerce_api_changes_t   changes;

    rc = ngx_http_commerce_api_read_changes(api,
                                ngx_http_commerce_api_pin_fields, 1, &changes);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    api->product = *ngx_http_commerce_api_changed(&changes, "product");

    at = ngx_commerce_now(api->tenant);
    text = ngx_http_commerce_api_changed(&changes, "at");

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

    api->data = ngx_http_commerce_api_cue(api, at, text != NULL,
                                          &api->product);
    if (api->data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    key = ngx_commerce_redis_key(api->tenant, api->request->pool, "product",
                                 &api->product);
    args = ngx_http_commerce_api_args(api);

    ngx_http_commerce_api_push_literal(args, "HMGET");
    ngx_http_commerce_api_push(args, &key);
    ngx_http_commerce_api_push_literal(args, "state");

    for (i = 0; ngx_http_commerce_api_card[i].name.len; i++) {
        ngx_http_commerce_api_push(args, &ngx_http_commerce_api_card[i].name);
    }

    return ngx_http_commerce_api_command(api, args,
                                         ngx_http_commerce_api_pin_product);
}


static ngx_int_t
ngx_http_commerce_api_pin_product(ngx_http_commerce_api_t *api,
    redisReply *reply)
{
    ngx_int_t  state;
    ngx_str_t  text;

    text = ngx_http_commerce_api_text(reply, 0);

    if (text.len == 0) {
        return ngx_http_commerce_api_unknown(api,
                                             &ngx_http_commerce_api_product);
    }

    state = ngx_commerce_word(ngx_commerce_product_states, &text);

    if (state != NGX_COMMERCE_PRODUCT_STATE_APPROVED) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_CONFLICT,
                                            "product_not_approved",
                                            "the product is not approved");
    }

    if (ngx_http_commerce_api_push_card(api, api->data, reply) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_api_send_cue(api, api->data);
}


/*
 * The product may have been written by others: what is not fit for a card
 * stays out of the cue.
 */

static ngx_int_t
ngx_http_commerce_api_push_card(ngx_http_commerce_api_t *api,
    ngx_array_t *args, redisReply *reply)
{
    ngx_str_t   text;
    ngx_uint_t  i;

    for (i = 0; ngx_http_commerce_api_card[i].name.len; i++) {
        text = ngx_http_commerce_api_text(reply, i + 1);

        switch (ngx_http_commerce_api_card[i].type) {

        case NGX_HTTP_COMMERCE_API_CARD_TEXT:

            text = ngx_commerce_text_clean(api->request->pool, &text);
            if (text.data == NULL) {
                return NGX_ERROR;
            }

            break;

        case NGX_HTTP_COMMERCE_API_CARD_NUMBER:

            if (ngx_commerce_number(&text) == NGX_ERROR) {
                text.len = 0;
            }

            break;

        case NGX_HTTP_COMMERCE_API_CARD_LINK:

            if (text.len > NGX_COMMERCE_TEXT_MAX
                || !ngx_commerce_link_allowed(api->tenant, &text))
            {
                text.len = 0;
            }

            break;
        }

        if (text.len) {
            ngx_http_commerce_api_push(args,
                                       &ngx_http_commerce_api_card[i].name);
            ngx_http_commerce_api_push(args, &text);
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_commerce_api_unpin(ngx_http_commerce_api_t *api)
{
    ngx_str_t  none;

    ngx_str_set(&none, "");

    return ngx_http_commerce_api_send_cue(api,
               ngx_http_commerce_api_cue(api, ngx_commerce_now(api->tenant),
                                         0, &none));
}


static ngx_array_t *
ngx_http_commerce_api_cue(ngx_http_commerce_api_t *api, int64_t at,
    ngx_uint_t asked, ngx_str_t *product)
{
    ngx_array_t  *args;

    args = ngx_http_commerce_api_args(api);

    ngx_http_commerce_api_push_record(api, args);
    ngx_http_commerce_api_push_part(api, args, ":shelf");
    ngx_http_commerce_api_push_part(api, args, ":cues");
    ngx_http_commerce_api_push_channel(api, args);
    ngx_http_commerce_api_push_number(args, at);
    ngx_http_commerce_api_push_number(args, asked);
    ngx_http_commerce_api_push(args, product);

    return args;
}


static ngx_int_t
ngx_http_commerce_api_send_cue(ngx_http_commerce_api_t *api,
    ngx_array_t *args)
{
    return ngx_http_commerce_api_eval(api, &ngx_commerce_redis_script_pin, 3,
                                      args, ngx_http_commerce_api_cue_set);
}


static ngx_int_t
ngx_http_commerce_api_cue_set(ngx_http_commerce_api_t *api, redisReply *reply)
{
    json_t     *json;
    ngx_int_t   rc;
    ngx_str_t   id, at;

    rc = ngx_http_commerce_api_verdict(api, reply, 2);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    id = ngx_http_commerce_api_text(reply, 2);
    at = ngx_http_commerce_api_text(reply, 3);

    json = json_object();

    if (id.len) {
        json_object_set_new(json, "id", ngx_http_commerce_json_string(&id));
        json_object_set_new(json, "at", ngx_http_commerce_json_number(&at));
    }

    json_object_set_new(json, "version",
                   json_integer(ngx_http_commerce_api_number(reply, 1)));

    return ngx_http_commerce_json_answer(api->request, NGX_HTTP_OK, json);
}
