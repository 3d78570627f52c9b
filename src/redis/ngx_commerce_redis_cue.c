
#include "ngx_commerce_redis_cue.h"
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_link.h"


#define NGX_COMMERCE_REDIS_ID_MAX  41    /* two numbers of 64 bits */


static ngx_uint_t ngx_commerce_redis_cue_is_id(redisReply *reply);


ngx_int_t
ngx_commerce_redis_cue_list(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, redisReply *list,
    ngx_commerce_cue_t **cues, ngx_uint_t *ncues)
{
    size_t               i;
    ngx_uint_t           n;
    ngx_commerce_cue_t  *cue;

    *ncues = 0;

    cue = ngx_pcalloc(pool, (list->elements + 1) * sizeof(ngx_commerce_cue_t));
    if (cue == NULL) {
        return NGX_ERROR;
    }

    n = 0;

    for (i = 0; i < list->elements; i++) {
        ngx_memzero(&cue[n], sizeof(ngx_commerce_cue_t));

        if (ngx_commerce_redis_cue(tenant, pool, room, list->element[i],
                                          &cue[n])
            == NGX_OK)
        {
            n++;
        }
    }

    *cues = cue;
    *ncues = n;

    return NGX_OK;
}


ngx_int_t
ngx_commerce_redis_cue(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *room, redisReply *entry, ngx_commerce_cue_t *cue)
{
    redisReply  *fields;

    if (entry->type != REDIS_REPLY_ARRAY
        || entry->elements != 2
        || !ngx_commerce_redis_cue_is_id(entry->element[0])
        || !ngx_commerce_redis_fields_valid(entry->element[1]))
    {
        return NGX_DECLINED;
    }

    fields = entry->element[1];

    cue->id.data = (u_char *) entry->element[0]->str;
    cue->id.len = entry->element[0]->len;

    cue->at = ngx_commerce_redis_fields_number(fields, "at");

    if (cue->at == 0) {
        ngx_commerce_redis_fields_complain(tenant, NGX_COMMERCE_ROOM, room,
                                      "has a cue without a time in \"at\":",
                                      entry->element[0]->str);
        return NGX_DECLINED;
    }

    cue->show = (uint64_t) ngx_commerce_redis_fields_number(fields, "show");

    ngx_commerce_redis_cue_card(tenant, pool, fields, NGX_COMMERCE_ROOM,
                                   room, &cue->card);

    if (!ngx_commerce_redis_fields_get(fields, "product", &cue->card.product)
        || !ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT,
                                    &cue->card.product))
    {
        /* nothing is pinned */
        ngx_memzero(&cue->card, sizeof(ngx_commerce_card_t));
    }

    return NGX_OK;
}


/* as Redis gives to entries of a stream: it goes into playlists as it is */

static ngx_uint_t
ngx_commerce_redis_cue_is_id(redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING
           && reply->len <= NGX_COMMERCE_REDIS_ID_MAX
           && strspn(reply->str, "0123456789-") == reply->len;
}


void
ngx_commerce_redis_cue_card(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    redisReply *hash, ngx_commerce_kind_e kind, ngx_str_t *name,
    ngx_commerce_card_t *card)
{
    ngx_str_t  link;

    card->title = ngx_commerce_redis_fields_text(pool, hash, "title");
    card->price = ngx_commerce_redis_fields_amount(tenant, kind, name, hash,
                                               "price",
                                               "has a wrong \"price\":");
    card->currency = ngx_commerce_redis_fields_text(pool, hash, "currency");
    card->stock = ngx_commerce_redis_fields_amount(tenant, kind, name, hash,
                                               "stock",
                                               "has a wrong \"stock\":");
    card->version = ngx_commerce_redis_fields_number(hash, "version");

    if (ngx_commerce_redis_fields_get(hash, "link", &link) && link.len) {

        if (ngx_commerce_link_allowed(tenant, &link)) {
            card->link = ngx_commerce_text_clean(pool, &link);

        } else {
            ngx_commerce_redis_fields_complain(tenant, kind, name,
                                          "has a link that may not be shown",
                                          "");
        }
    }

    if (ngx_commerce_redis_fields_get(hash, "image", &link)
        && ngx_commerce_image_valid(&link))
    {
        card->image = ngx_commerce_text_clean(pool, &link);
    }
}
