
/*
 * What a page needs of a room, from memory.
 */

#include <ngx_md5.h>
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_json.h"


static ngx_int_t ngx_http_commerce_shelf_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_shelf_answer(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_shelf_ask(ngx_http_request_t *r,
    ngx_commerce_room_t *room);
static void ngx_http_commerce_shelf_wait(ngx_http_request_t *r,
    ngx_commerce_room_t *room, ngx_uint_t asked);
static json_t *ngx_http_commerce_shelf_room(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room);
static json_t *ngx_http_commerce_shelf_cards(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room);
static ngx_int_t ngx_http_commerce_shelf_etag(ngx_http_request_t *r,
    ngx_str_t *text);


static ngx_command_t  ngx_http_commerce_shelf_commands[] = {

    { ngx_string("commerce_shelf"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_commerce_set_handler,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_shelf_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_shelf_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_handler_conf, /* create location configuration */
    ngx_http_commerce_merge_room_handler_conf /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_shelf_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_shelf_module_ctx,   /* module context */
    ngx_http_commerce_shelf_commands,      /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_int_t
ngx_http_commerce_shelf_request(ngx_http_request_t *r)
{
    ngx_int_t  rc;

    static ngx_str_t  methods = ngx_string("GET, HEAD");

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "http commerce shelf handler");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_commerce_not_allowed(r, &methods,
                                             "a room is read by GET or HEAD");
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    return ngx_http_commerce_shelf_answer(r);
}


/*
 * Begins anew after each wait, since a record is good only until the event
 * handler returns; what was waited for is known then.
 */

static ngx_int_t
ngx_http_commerce_shelf_answer(ngx_http_request_t *r)
{
    ngx_int_t             rc;
    ngx_str_t             name, text;
    ngx_commerce_room_t  *room;

    static ngx_str_t  type = ngx_string("application/json");
    static ngx_str_t  no_cache = ngx_string("no-cache");

    rc = ngx_http_commerce_room_name(r, &name);

    if (rc == NGX_DECLINED) {
        return ngx_http_commerce_refuse(r, NGX_COMMERCE_BAD_NAME, NULL);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_commerce_get(r, NGX_COMMERCE_ROOM, &name,
                               NGX_COMMERCE_FOR_VIEWERS, (void **) &room,
                               NGX_HTTP_COMMERCE_CONTENT,
                               ngx_http_commerce_shelf_answer);

    if (rc == NGX_AGAIN) {
        return NGX_DONE;
    }

    if (rc != NGX_OK) {
        return ngx_http_commerce_refuse(r,
                             ngx_commerce_outcome(NGX_COMMERCE_ROOM, rc), NULL);
    }

    if (ngx_http_commerce_shelf_ask(r, room) == NGX_AGAIN) {
        return NGX_DONE;
    }

    if (ngx_http_commerce_json_text(r->pool,
                  ngx_http_commerce_shelf_room(ngx_http_commerce_tenant(r),
                                               room),
                  &text)
        != NGX_OK
        || ngx_http_commerce_shelf_etag(r, &text) != NGX_OK
        || ngx_http_commerce_add_header(r, "Cache-Control", &no_cache)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_send_json(r, NGX_HTTP_OK, &type, &text, 0);
}


/*
 * Asks for the shelf's products: NGX_OK or NGX_AGAIN.  Each is waited for
 * once: that one can't be learned may be forgotten until the next one is known.
 */

static ngx_int_t
ngx_http_commerce_shelf_ask(ngx_http_request_t *r, ngx_commerce_room_t *room)
{
    ngx_int_t                rc;
    ngx_uint_t               i, *asked;
    ngx_commerce_product_t  *product;

    asked = ngx_http_get_module_ctx(r, ngx_http_commerce_shelf_module);

    for (i = asked ? *asked : 0; i < room->nshelf; i++) {

        rc = ngx_http_commerce_get(r, NGX_COMMERCE_PRODUCT, &room->shelf[i],
                                   NGX_COMMERCE_FOR_VIEWERS,
                                   (void **) &product,
                                   NGX_HTTP_COMMERCE_CONTENT,
                                   ngx_http_commerce_shelf_answer);

        if (rc == NGX_AGAIN) {
            ngx_http_commerce_shelf_wait(r, room, i + 1);
            return NGX_AGAIN;
        }
    }

    return NGX_OK;
}


/* has the rest loaded meanwhile, so that a new shelf is waited for but once */

static void
ngx_http_commerce_shelf_wait(ngx_http_request_t *r, ngx_commerce_room_t *room,
    ngx_uint_t asked)
{
    void        *product;
    ngx_uint_t   i, *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_shelf_module);

    if (ctx == NULL) {
        ctx = ngx_palloc(r->pool, sizeof(ngx_uint_t));
        if (ctx == NULL) {
            return;
        }

        ngx_http_set_ctx(r, ctx, ngx_http_commerce_shelf_module);

        for (i = asked; i < room->nshelf; i++) {
            (void) ngx_commerce_store_get(ngx_http_commerce_tenant(r),
                                          NGX_COMMERCE_PRODUCT,
                                          &room->shelf[i],
                                          NGX_COMMERCE_FOR_VIEWERS, &product,
                                          NULL);
        }
    }

    *ctx = asked;
}


static json_t *
ngx_http_commerce_shelf_room(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room)
{
    json_t              *json;
    ngx_commerce_cue_t  *cue;

    cue = ngx_commerce_room_cue(room, ngx_commerce_now(tenant));

    json = json_object();

    json_object_set_new(json, "room",
                        ngx_http_commerce_json_string(&room->name));
    json_object_set_new(json, "state",
        ngx_http_commerce_json_string(&ngx_commerce_room_states[room->state]));
    ngx_http_commerce_json_add(json, "title", &room->title);
    json_object_set_new(json, "live", json_boolean(room->live.len));
    json_object_set_new(json, "show", json_integer(room->show));
    json_object_set_new(json, "shelf",
                        ngx_http_commerce_shelf_cards(tenant, room));
    json_object_set_new(json, "cue",
                        cue ? ngx_http_commerce_json_cue(cue) : json_null());
    json_object_set_new(json, "version", json_integer(room->version));

    return json;
}


/* a product that can't be learned now is left out, as one not approved */

static json_t *
ngx_http_commerce_shelf_cards(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room)
{
    json_t                  *cards;
    ngx_uint_t               i;
    ngx_commerce_product_t  *product;

    cards = json_array();

    for (i = 0; i < room->nshelf; i++) {

        if (ngx_commerce_store_held(tenant, NGX_COMMERCE_PRODUCT,
                                    &room->shelf[i], (void **) &product)
            == NGX_OK
            && product->state == NGX_COMMERCE_PRODUCT_STATE_APPROVED)
        {
            json_array_append_new(cards,
                                  ngx_http_commerce_json_card(&product->card));
        }
    }

    return cards;
}


/* of the text: whatever makes a difference makes another tag */

static ngx_int_t
ngx_http_commerce_shelf_etag(ngx_http_request_t *r, ngx_str_t *text)
{
    u_char            digest[16];
    ngx_md5_t         md5;
    ngx_table_elt_t  *etag;

    etag = ngx_list_push(&r->headers_out.headers);
    if (etag == NULL) {
        return NGX_ERROR;
    }

    etag->hash = 1;
#if (nginx_version >= 1023000)
    etag->next = NULL;
#endif
    ngx_str_set(&etag->key, "ETag");

    etag->value.len = 2 * sizeof(digest) + sizeof("\"\"") - 1;
    etag->value.data = ngx_pnalloc(r->pool, etag->value.len);

    if (etag->value.data == NULL) {
        etag->hash = 0;
        return NGX_ERROR;
    }

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, text->data, text->len);
    ngx_md5_final(digest, &md5);

    etag->value.data[0] = '"';
    *ngx_hex_dump(etag->value.data + 1, digest, sizeof(digest)) = '"';

    r->headers_out.etag = etag;

    return NGX_OK;
}
