
#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_redis_record_fields.h"


#define NGX_COMMERCE_REDIS_ID_MAX  41    /* two numbers of 64 bits */


static void ngx_commerce_redis_room_fields(ngx_pool_t *pool,
    redisReply *hash, ngx_commerce_room_t *room);
static void ngx_commerce_redis_room_key_field(redisReply *hash,
    ngx_commerce_room_t *room);
static ngx_uint_t ngx_commerce_redis_room_key_of_host(redisReply *hash,
    ngx_commerce_room_t *room);
static ngx_int_t ngx_commerce_redis_room_shelf(ngx_pool_t *pool,
    redisReply *list, ngx_commerce_room_t *room);
static ngx_uint_t ngx_commerce_redis_is_id(redisReply *reply);
static ngx_int_t ngx_commerce_redis_cue(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, redisReply *entry,
    ngx_commerce_cue_t *cue);


ngx_int_t
ngx_commerce_redis_record_room(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *reply, ngx_commerce_writer_t *w)
{
    size_t                i;
    redisReply          **part;
    ngx_commerce_room_t   room;

    part = reply->element;

    if (reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 5
        || !ngx_commerce_redis_is_hash(part[0])
        || part[1]->type != REDIS_REPLY_ARRAY
        || part[2]->type != REDIS_REPLY_ARRAY
        || part[3]->type != REDIS_REPLY_STRING
        || part[4]->type != REDIS_REPLY_ARRAY)
    {
        return NGX_ERROR;
    }

    ngx_memzero(&room, sizeof(ngx_commerce_room_t));

    room.name = *name;
    room.live.data = (u_char *) part[3]->str;
    room.live.len = ngx_min((size_t) part[3]->len, NGX_COMMERCE_TEXT_MAX);

    ngx_commerce_redis_room_fields(w->pool, part[0], &room);

    if (ngx_commerce_redis_room_shelf(w->pool, part[1], &room) != NGX_OK
        || ngx_commerce_redis_cues(tenant, w->pool, part[2], &room) != NGX_OK)
    {
        w->failed = 1;
        return NGX_ERROR;
    }

    for (i = 0; i < part[4]->elements; i++) {
        if (part[4]->element[i]->type == REDIS_REPLY_STRING) {
            ngx_commerce_redis_complain(tenant, NGX_COMMERCE_ROOM, name,
                                        "has a key of a wrong type:",
                                        part[4]->element[i]->str);
        }
    }

    ngx_commerce_write_room(w, &room);

    return NGX_OK;
}


static void
ngx_commerce_redis_room_fields(ngx_pool_t *pool, redisReply *hash,
    ngx_commerce_room_t *room)
{
    room->version = ngx_commerce_redis_number(hash, "version");
    room->title = ngx_commerce_redis_text(pool, hash, "title");
    room->visibility = ngx_commerce_redis_text(pool, hash, "visibility");
    room->state = ngx_commerce_redis_state(hash, ngx_commerce_room_states,
                                       NGX_COMMERCE_ROOM_STATE_CLOSED);

    room->show = (uint64_t) ngx_commerce_redis_number(hash, "show");

    if (!ngx_commerce_redis_field(hash, "host", &room->host)
        || !ngx_commerce_name_valid(NGX_COMMERCE_HOST, &room->host))
    {
        ngx_str_null(&room->host);
    }

    ngx_commerce_redis_room_key_field(hash, room);
}


static void
ngx_commerce_redis_room_key_field(redisReply *hash, ngx_commerce_room_t *room)
{
    ngx_int_t   n;
    ngx_str_t   text;
    ngx_uint_t  i;

    if (!ngx_commerce_redis_field(hash, "key", &text)
        || !ngx_commerce_name_valid(NGX_COMMERCE_KEY, &text)
        || !ngx_commerce_redis_room_key_of_host(hash, room))
    {
        return;
    }

    for (i = 0; i < sizeof(room->key); i++) {
        n = ngx_hextoi(text.data + 2 * i, 2);

        if (n == NGX_ERROR) {
            return;
        }

        room->key[i] = (u_char) n;
    }

    room->has_key = 1;
}


/*
 * A key that was given to another host than the present one opens nothing.
 * Whoever writes keys without saying to whom takes them back himself.
 */

static ngx_uint_t
ngx_commerce_redis_room_key_of_host(redisReply *hash,
    ngx_commerce_room_t *room)
{
    ngx_str_t  host;

    if (!ngx_commerce_redis_field(hash, "key_host", &host)) {
        return 1;
    }

    return host.len == room->host.len
           && ngx_memcmp(host.data, room->host.data, host.len) == 0;
}


static ngx_int_t
ngx_commerce_redis_room_shelf(ngx_pool_t *pool, redisReply *list,
    ngx_commerce_room_t *room)
{
    size_t      i;
    ngx_str_t  *id;

    room->shelf = ngx_palloc(pool, (list->elements + 1) * sizeof(ngx_str_t));
    if (room->shelf == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < list->elements; i++) {

        if (list->element[i]->type != REDIS_REPLY_STRING) {
            continue;
        }

        id = &room->shelf[room->nshelf];
        id->data = (u_char *) list->element[i]->str;
        id->len = list->element[i]->len;

        if (ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, id)) {
            room->nshelf++;
        }
    }

    return NGX_OK;
}


/* one that was added later never changes what was there before it */

ngx_int_t
ngx_commerce_redis_cues(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    redisReply *list, ngx_commerce_room_t *room)
{
    size_t               i;
    int64_t              last;
    ngx_commerce_cue_t  *cue;

    room->cues = ngx_pcalloc(pool, (list->elements + 1)
                                   * sizeof(ngx_commerce_cue_t));
    if (room->cues == NULL) {
        return NGX_ERROR;
    }

    last = 0;

    for (i = list->elements; i > 0; i--) {
        cue = &room->cues[room->ncues];

        if (ngx_commerce_redis_cue(tenant, pool, &room->name,
                                   list->element[i - 1], cue)
            != NGX_OK)
        {
            continue;
        }

        cue->at = ngx_max(cue->at, last + 1);
        last = cue->at;
        room->ncues++;
    }

    return NGX_OK;
}


/* as Redis gives to entries of a stream: it goes into playlists as it is */

static ngx_uint_t
ngx_commerce_redis_is_id(redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING
           && reply->len <= NGX_COMMERCE_REDIS_ID_MAX
           && strspn(reply->str, "0123456789-") == reply->len;
}


static ngx_int_t
ngx_commerce_redis_cue(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *room, redisReply *entry, ngx_commerce_cue_t *cue)
{
    redisReply  *fields;

    if (entry->type != REDIS_REPLY_ARRAY
        || entry->elements != 2
        || !ngx_commerce_redis_is_id(entry->element[0])
        || !ngx_commerce_redis_is_hash(entry->element[1]))
    {
        return NGX_DECLINED;
    }

    fields = entry->element[1];

    cue->id.data = (u_char *) entry->element[0]->str;
    cue->id.len = entry->element[0]->len;

    cue->at = ngx_commerce_redis_number(fields, "at");

    if (cue->at == 0) {
        ngx_commerce_redis_complain(tenant, NGX_COMMERCE_ROOM, room,
                                    "has a cue without a time in \"at\":",
                                    entry->element[0]->str);
        return NGX_DECLINED;
    }

    cue->show = (uint64_t) ngx_commerce_redis_number(fields, "show");

    ngx_commerce_redis_card(tenant, pool, fields, NGX_COMMERCE_ROOM, room,
                            &cue->card);

    if (!ngx_commerce_redis_field(fields, "product", &cue->card.product)
        || !ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT,
                                    &cue->card.product))
    {
        /* nothing is pinned */
        ngx_memzero(&cue->card, sizeof(ngx_commerce_card_t));
    }

    return NGX_OK;
}
