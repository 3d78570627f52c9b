
/*
 * What a page needs of a room, from memory.
 */

#include <ngx_md5.h>
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_handler.h"
#include "ngx_http_commerce_json.h"
#include "ngx_http_commerce_shelf_cache.h"


typedef struct {
    ngx_http_commerce_shelf_cache_t   *cache;     /* NULL: nowhere on */
} ngx_http_commerce_shelf_main_conf_t;


static ngx_int_t ngx_http_commerce_shelf_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_shelf_answer(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_shelf_get(ngx_http_request_t *r,
    ngx_commerce_room_t *room, ngx_http_commerce_shelf_output_t *output);
static ngx_int_t ngx_http_commerce_shelf_ask(ngx_http_request_t *r,
    ngx_commerce_room_t *room);
static void ngx_http_commerce_shelf_look_up(
    ngx_http_commerce_shelf_source_t *source);
static ngx_int_t ngx_http_commerce_shelf_write(ngx_http_request_t *r,
    ngx_http_commerce_shelf_source_t *source,
    ngx_http_commerce_shelf_output_t *output);
static void ngx_http_commerce_shelf_wait(ngx_http_request_t *r,
    ngx_commerce_room_t *room, ngx_uint_t asked);
static json_t *ngx_http_commerce_shelf_room(
    ngx_http_commerce_shelf_source_t *source);
static json_t *ngx_http_commerce_shelf_cards(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room);
static ngx_int_t ngx_http_commerce_shelf_tag(ngx_pool_t *pool,
    ngx_http_commerce_shelf_output_t *output);
static ngx_int_t ngx_http_commerce_shelf_send(ngx_http_request_t *r,
    ngx_http_commerce_shelf_output_t *output);
static void *ngx_http_commerce_shelf_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_commerce_shelf_merge_conf(ngx_conf_t *cf, void *parent,
    void *child);


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

    ngx_http_commerce_shelf_create_main_conf, /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_handler_conf, /* create location configuration */
    ngx_http_commerce_shelf_merge_conf     /* merge location configuration */
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
    ngx_int_t                          rc;
    ngx_str_t                          name;
    ngx_commerce_room_t               *room;
    ngx_http_commerce_shelf_output_t   output;

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
                         ngx_commerce_decide_outcome(NGX_COMMERCE_ROOM, rc),
                         NULL);
    }

    if (room->state == NGX_COMMERCE_ROOM_STATE_BANNED) {
        return ngx_http_commerce_refuse(r, NGX_COMMERCE_ROOM_BANNED, NULL);
    }

    rc = ngx_http_commerce_shelf_get(r, room, &output);

    if (rc == NGX_AGAIN) {
        return NGX_DONE;
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_shelf_send(r, &output);
}


/*
 * NGX_OK: the output is kept, or what was kept is still true; NGX_AGAIN: a
 * product is waited for; NGX_ERROR.
 */

static ngx_int_t
ngx_http_commerce_shelf_get(ngx_http_request_t *r, ngx_commerce_room_t *room,
    ngx_http_commerce_shelf_output_t *output)
{
    ngx_int_t                             rc;
    ngx_http_commerce_shelf_source_t      source;
    ngx_http_commerce_shelf_main_conf_t  *smcf;

    smcf = ngx_http_get_module_main_conf(r, ngx_http_commerce_shelf_module);

    source.tenant = ngx_http_commerce_tenant(r);
    source.room = room;
    source.cue = ngx_commerce_room_cue(room, ngx_commerce_now(source.tenant));

    rc = ngx_http_commerce_shelf_cache_find(smcf->cache, &source, r->pool,
                                            output);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_commerce_shelf_ask(r, room) == NGX_AGAIN) {
        return NGX_AGAIN;
    }

    source.products = ngx_palloc(r->pool,
                     room->nshelf * sizeof(ngx_http_commerce_shelf_product_t));
    if (source.products == NULL) {
        return NGX_ERROR;
    }

    ngx_http_commerce_shelf_look_up(&source);

    rc = ngx_http_commerce_shelf_cache_same(smcf->cache, &source, r->pool,
                                            output);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (ngx_http_commerce_shelf_write(r, &source, output) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_commerce_shelf_cache_add(smcf->cache, &source, output);

    return NGX_OK;
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


/* a counter is read first: what changes meanwhile is seen the next time */

static void
ngx_http_commerce_shelf_look_up(ngx_http_commerce_shelf_source_t *source)
{
    void                               *record;
    ngx_str_t                          *name;
    ngx_uint_t                          i;
    ngx_http_commerce_shelf_product_t  *product;

    for (i = 0; i < source->room->nshelf; i++) {
        name = &source->room->shelf[i];
        product = &source->products[i];

        product->counter = ngx_commerce_store_counter(source->tenant,
                                                      NGX_COMMERCE_PRODUCT,
                                                      name);
        product->seen = *product->counter;

        ngx_memory_barrier();

        product->serial = ngx_commerce_store_held(source->tenant,
                                                  NGX_COMMERCE_PRODUCT, name,
                                                  &record)
                          == NGX_OK
                          ? ngx_commerce_store_serial(record)
                          : 0;
    }
}


static ngx_int_t
ngx_http_commerce_shelf_write(ngx_http_request_t *r,
    ngx_http_commerce_shelf_source_t *source,
    ngx_http_commerce_shelf_output_t *output)
{
    if (ngx_http_commerce_json_text(r->pool,
                                    ngx_http_commerce_shelf_room(source),
                                    &output->text)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_commerce_shelf_tag(r->pool, output);
}


static json_t *
ngx_http_commerce_shelf_room(ngx_http_commerce_shelf_source_t *source)
{
    json_t               *json;
    ngx_commerce_cue_t   *cue;
    ngx_commerce_room_t  *room;

    room = source->room;
    cue = source->cue;

    json = json_object();

    json_object_set_new(json, "room",
                        ngx_http_commerce_json_string(&room->name));
    json_object_set_new(json, "state",
        ngx_http_commerce_json_string(&ngx_commerce_room_states[room->state]));
    ngx_http_commerce_json_add(json, "title", &room->title);
    json_object_set_new(json, "live", json_boolean(room->holder.len));
    json_object_set_new(json, "show", json_integer(room->show));
    json_object_set_new(json, "shelf",
                        ngx_http_commerce_shelf_cards(source->tenant, room));
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
ngx_http_commerce_shelf_tag(ngx_pool_t *pool,
    ngx_http_commerce_shelf_output_t *output)
{
    u_char     digest[16];
    ngx_md5_t  md5;

    output->etag.len = 2 * sizeof(digest) + sizeof("\"\"") - 1;
    output->etag.data = ngx_pnalloc(pool, output->etag.len);

    if (output->etag.data == NULL) {
        return NGX_ERROR;
    }

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, output->text.data, output->text.len);
    ngx_md5_final(digest, &md5);

    output->etag.data[0] = '"';
    *ngx_hex_dump(output->etag.data + 1, digest, sizeof(digest)) = '"';

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_shelf_send(ngx_http_request_t *r,
    ngx_http_commerce_shelf_output_t *output)
{
    static ngx_str_t  type = ngx_string("application/json");
    static ngx_str_t  no_cache = ngx_string("no-cache");

    if (ngx_http_commerce_set_etag(r, &output->etag) != NGX_OK
        || ngx_http_commerce_add_header(r, "Cache-Control", &no_cache)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_send_json(r, NGX_HTTP_OK, &type, &output->text,
                                       0);
}


static void *
ngx_http_commerce_shelf_create_main_conf(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_shelf_main_conf_t));
}


static char *
ngx_http_commerce_shelf_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_handler_conf_t *conf = child;

    char                                 *rv;
    ngx_http_commerce_shelf_main_conf_t  *smcf;

    rv = ngx_http_commerce_merge_room_handler_conf(cf, parent, child);

    if (rv != NGX_CONF_OK || conf->handler == NULL) {
        return rv;
    }

    smcf = ngx_http_conf_get_module_main_conf(cf,
                                              ngx_http_commerce_shelf_module);

    if (smcf->cache == NULL) {
        smcf->cache = ngx_http_commerce_shelf_cache_create(cf->pool);
    }

    return smcf->cache ? NGX_CONF_OK : NGX_CONF_ERROR;
}
