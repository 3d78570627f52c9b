
#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_redis_record_fields.h"
#include "ngx_commerce_link.h"


static ngx_int_t ngx_commerce_redis_record_error(
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name,
    redisReply *reply);
static ngx_int_t ngx_commerce_redis_record_host(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *hash,
    ngx_commerce_writer_t *w);
static ngx_str_t ngx_commerce_redis_amount(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *hash,
    const char *field, const char *what);
static ngx_int_t ngx_commerce_redis_record_product(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *hash,
    ngx_commerce_writer_t *w);
static ngx_int_t ngx_commerce_redis_record_key(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *reply, ngx_commerce_writer_t *w);


const ngx_commerce_redis_kind_t
    ngx_commerce_redis_kinds[NGX_COMMERCE_KINDS] =
{
    [NGX_COMMERCE_ROOM] =
        { ngx_string(""), NULL, ngx_commerce_redis_record_room },
    [NGX_COMMERCE_HOST] =
        { ngx_string("host:"), "HGETALL", ngx_commerce_redis_record_host },
    [NGX_COMMERCE_PRODUCT] =
        { ngx_string("product:"), "HGETALL",
          ngx_commerce_redis_record_product },
    [NGX_COMMERCE_KEY] =
        { ngx_string("key:"), "GET", ngx_commerce_redis_record_key }
};


ngx_int_t
ngx_commerce_redis_record(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *reply,
    ngx_commerce_writer_t *w)
{
    ngx_int_t  rc;

    if (ngx_commerce_redis_reply_is_error(reply)) {
        return ngx_commerce_redis_record_error(tenant, kind, name, reply);
    }

    rc = ngx_commerce_redis_kinds[kind].parse(tenant, name, reply, w);

    if (w->failed) {
        return NGX_ERROR;
    }

    if (rc == NGX_ERROR) {
        ngx_commerce_redis_complain(tenant, kind, name, "is not understood",
                                    "");
    }

    return rc;
}


static ngx_int_t
ngx_commerce_redis_record_error(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *reply)
{
    ngx_commerce_redis_complain(tenant, kind, name, "can't be read:",
                                reply->str);

    return ngx_commerce_redis_error(reply) == NGX_COMMERCE_REDIS_WRONG_TYPE
           ? NGX_DECLINED : NGX_ERROR;
}


static ngx_int_t
ngx_commerce_redis_record_host(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *hash, ngx_commerce_writer_t *w)
{
    ngx_str_t            until;
    ngx_commerce_host_t  host;

    if (!ngx_commerce_redis_is_hash(hash)) {
        return NGX_ERROR;
    }

    if (hash->elements == 0) {
        return NGX_DECLINED;
    }

    ngx_memzero(&host, sizeof(ngx_commerce_host_t));

    host.version = ngx_commerce_redis_number(hash, "version");
    until = ngx_commerce_redis_amount(tenant, NGX_COMMERCE_HOST, name, hash,
                                      "until", "has a wrong \"until\":");
    host.until = until.len ? ngx_commerce_number(&until) : 0;
    host.reason = ngx_commerce_redis_text(w->pool, hash, "reason");
    host.state = ngx_commerce_redis_state(tenant, NGX_COMMERCE_HOST, name,
                                          hash, ngx_commerce_host_states,
                                          NGX_COMMERCE_HOST_STATE_APPLIED);

    ngx_commerce_write_host(w, &host);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_record_product(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *hash, ngx_commerce_writer_t *w)
{
    ngx_commerce_product_t  product;

    if (ngx_commerce_redis_product(tenant, w->pool, name, hash, &product)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (hash->elements == 0) {
        return NGX_DECLINED;
    }

    ngx_commerce_write_product(w, &product);

    return NGX_OK;
}


ngx_int_t
ngx_commerce_redis_product(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *name, redisReply *hash, ngx_commerce_product_t *product)
{
    if (!ngx_commerce_redis_is_hash(hash)) {
        return NGX_ERROR;
    }

    ngx_memzero(product, sizeof(ngx_commerce_product_t));

    product->name = *name;
    product->version = ngx_commerce_redis_number(hash, "version");
    product->state = ngx_commerce_redis_state(tenant, NGX_COMMERCE_PRODUCT,
                                         name, hash,
                                         ngx_commerce_product_states,
                                         NGX_COMMERCE_PRODUCT_STATE_APPLIED);

    ngx_commerce_redis_card(tenant, pool, hash, NGX_COMMERCE_PRODUCT, name,
                            &product->card);
    product->card.product = *name;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_record_key(ngx_commerce_tenant_t *tenant, ngx_str_t *name,
    redisReply *reply, ngx_commerce_writer_t *w)
{
    ngx_commerce_key_t  key;

    if (reply->type == REDIS_REPLY_NIL) {
        return NGX_DECLINED;
    }

    if (reply->type != REDIS_REPLY_STRING) {
        return NGX_ERROR;
    }

    key.room.data = (u_char *) reply->str;
    key.room.len = reply->len;

    if (!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &key.room)) {
        return NGX_DECLINED;
    }

    ngx_commerce_write_key(w, &key);

    return NGX_OK;
}


void
ngx_commerce_redis_card(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    redisReply *hash, ngx_commerce_kind_e kind, ngx_str_t *name,
    ngx_commerce_card_t *card)
{
    ngx_str_t  link;

    card->title = ngx_commerce_redis_text(pool, hash, "title");
    card->price = ngx_commerce_redis_amount(tenant, kind, name, hash, "price",
                                            "has a wrong \"price\":");
    card->currency = ngx_commerce_redis_text(pool, hash, "currency");
    card->stock = ngx_commerce_redis_amount(tenant, kind, name, hash, "stock",
                                            "has a wrong \"stock\":");
    card->version = ngx_commerce_redis_number(hash, "version");

    if (ngx_commerce_redis_field(hash, "link", &link) && link.len) {

        if (ngx_commerce_link_allowed(tenant, &link)) {
            card->link = ngx_commerce_text_clean(pool, &link);

        } else {
            ngx_commerce_redis_complain(tenant, kind, name,
                                        "has a link that may not be shown",
                                        "");
        }
    }

    if (ngx_commerce_redis_field(hash, "image", &link)
        && ngx_commerce_image_valid(&link))
    {
        card->image = ngx_commerce_text_clean(pool, &link);
    }
}


ngx_int_t
ngx_commerce_redis_state(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *hash,
    ngx_str_t *words, ngx_int_t otherwise)
{
    ngx_int_t  n;
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, "state", &value)) {
        return otherwise;
    }

    n = ngx_commerce_word(words, &value);

    if (n == NGX_ERROR) {
        ngx_commerce_redis_complain(tenant, kind, name,
                                    "has an unknown \"state\":",
                                    (char *) value.data);
        return otherwise;
    }

    return n;
}


/* what is no number is left out */

static ngx_str_t
ngx_commerce_redis_amount(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *hash,
    const char *field, const char *what)
{
    ngx_str_t  digits, value;

    digits = ngx_commerce_redis_digits(hash, field);

    if (digits.len == 0 && ngx_commerce_redis_field(hash, field, &value)
        && value.len)
    {
        ngx_commerce_redis_complain(tenant, kind, name, what,
                                    (char *) value.data);
    }

    return digits;
}
