
#include "ngx_commerce_redis_record.h"


/* ms between two log lines about the same record */
#define NGX_COMMERCE_COMPLAIN_INTERVAL  60000
#define NGX_COMMERCE_COMPLAINTS         64


static ngx_int_t ngx_commerce_redis_record_error(
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name,
    redisReply *reply);
static ngx_int_t ngx_commerce_redis_record_host(ngx_str_t *name,
    redisReply *hash, ngx_commerce_writer_t *w);
static ngx_int_t ngx_commerce_redis_record_product(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *hash,
    ngx_commerce_writer_t *w);
static ngx_int_t ngx_commerce_redis_record_key(redisReply *reply,
    ngx_commerce_writer_t *w);
static ngx_int_t ngx_commerce_redis_record_room(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *reply,
    ngx_commerce_writer_t *w);
static void ngx_commerce_redis_room_fields(ngx_pool_t *pool,
    redisReply *hash, ngx_commerce_room_t *room);
static void ngx_commerce_redis_room_key_field(redisReply *hash,
    ngx_commerce_room_t *room);
static ngx_int_t ngx_commerce_redis_room_shelf(ngx_pool_t *pool,
    redisReply *list, ngx_commerce_room_t *room);
static ngx_int_t ngx_commerce_redis_room_cues(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, redisReply *list, ngx_commerce_room_t *room);
static ngx_int_t ngx_commerce_redis_cue(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, redisReply *entry,
    ngx_commerce_cue_t *cue);
static void ngx_commerce_redis_card(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, redisReply *hash, ngx_commerce_kind_e kind,
    ngx_str_t *name, ngx_commerce_card_t *card);
static ngx_uint_t ngx_commerce_redis_field(redisReply *hash,
    const char *field, ngx_str_t *value);
static ngx_str_t ngx_commerce_redis_text(ngx_pool_t *pool, redisReply *hash,
    const char *field);
static ngx_str_t ngx_commerce_redis_digits(redisReply *hash,
    const char *field);
static int64_t ngx_commerce_redis_number(redisReply *hash,
    const char *field);
static ngx_int_t ngx_commerce_redis_state(redisReply *hash, ngx_str_t *words,
    ngx_int_t otherwise);
static void ngx_commerce_redis_complain(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, const char *what, char *why);


static const char  *ngx_commerce_kind_names[] = {
    "room", "host", "product", "stream key"
};


ngx_int_t
ngx_commerce_redis_record(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *reply,
    ngx_commerce_writer_t *w)
{
    ngx_int_t  rc;

    if (reply->type == REDIS_REPLY_ERROR) {
        return ngx_commerce_redis_record_error(tenant, kind, name, reply);
    }

    if (reply->type == REDIS_REPLY_NIL
        || (reply->type == REDIS_REPLY_ARRAY && reply->elements == 0))
    {
        return NGX_DECLINED;
    }

    switch (kind) {

    case NGX_COMMERCE_ROOM:
        rc = ngx_commerce_redis_record_room(tenant, name, reply, w);
        break;

    case NGX_COMMERCE_HOST:
        rc = ngx_commerce_redis_record_host(name, reply, w);
        break;

    case NGX_COMMERCE_PRODUCT:
        rc = ngx_commerce_redis_record_product(tenant, name, reply, w);
        break;

    default: /* NGX_COMMERCE_KEY */
        rc = ngx_commerce_redis_record_key(reply, w);
        break;
    }

    if (rc == NGX_OK && w->failed) {
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

    /* scripts put their own words around the error of a command */

    if (ngx_strstr(reply->str, "WRONGTYPE")) {
        return NGX_DECLINED;
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_commerce_redis_record_host(ngx_str_t *name, redisReply *hash,
    ngx_commerce_writer_t *w)
{
    ngx_commerce_host_t  host;

    if (hash->type != REDIS_REPLY_ARRAY) {
        return NGX_ERROR;
    }

    ngx_memzero(&host, sizeof(ngx_commerce_host_t));

    host.version = ngx_commerce_redis_number(hash, "version");
    host.until = ngx_commerce_redis_number(hash, "until");
    host.reason = ngx_commerce_redis_text(w->pool, hash, "reason");
    host.state = ngx_commerce_redis_state(hash, ngx_commerce_host_states,
                                      NGX_COMMERCE_HOST_STATE_APPLIED);

    ngx_commerce_write_host(w, &host);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_record_product(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *hash, ngx_commerce_writer_t *w)
{
    ngx_commerce_product_t  product;

    if (hash->type != REDIS_REPLY_ARRAY) {
        return NGX_ERROR;
    }

    ngx_memzero(&product, sizeof(ngx_commerce_product_t));

    product.version = ngx_commerce_redis_number(hash, "version");
    product.state = ngx_commerce_redis_state(hash,
                                         ngx_commerce_product_states,
                                         NGX_COMMERCE_PRODUCT_STATE_APPLIED);

    ngx_commerce_redis_card(tenant, w->pool, hash, NGX_COMMERCE_PRODUCT, name,
                            &product.card);
    product.card.product = *name;

    ngx_commerce_write_product(w, &product);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_record_key(redisReply *reply, ngx_commerce_writer_t *w)
{
    ngx_commerce_key_t  key;

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


static ngx_int_t
ngx_commerce_redis_record_room(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *reply, ngx_commerce_writer_t *w)
{
    size_t                i;
    redisReply          **part;
    ngx_commerce_room_t   room;

    part = reply->element;

    if (reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 5
        || part[0]->type != REDIS_REPLY_ARRAY
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
        || ngx_commerce_redis_room_cues(tenant, w->pool, part[2], &room)
           != NGX_OK)
    {
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
    int64_t  show;

    room->version = ngx_commerce_redis_number(hash, "version");
    room->title = ngx_commerce_redis_text(pool, hash, "title");
    room->visibility = ngx_commerce_redis_text(pool, hash, "visibility");
    room->state = ngx_commerce_redis_state(hash, ngx_commerce_room_states,
                                       NGX_COMMERCE_ROOM_STATE_CLOSED);

    show = ngx_commerce_redis_number(hash, "show");
    room->show = show > 0 ? (uint64_t) show : 0;

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
        || !ngx_commerce_name_valid(NGX_COMMERCE_KEY, &text))
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


/*
 * Cues come from the newest on.  In the room they ascend by at, one
 * millisecond apart at least: one that was added later never changes what
 * was there before it.
 */

static ngx_int_t
ngx_commerce_redis_room_cues(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
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


static ngx_int_t
ngx_commerce_redis_cue(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *room, redisReply *entry, ngx_commerce_cue_t *cue)
{
    int64_t      show;
    redisReply  *fields;

    if (entry->type != REDIS_REPLY_ARRAY
        || entry->elements != 2
        || entry->element[0]->type != REDIS_REPLY_STRING
        || entry->element[0]->len > 64
        || entry->element[1]->type != REDIS_REPLY_ARRAY)
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

    show = ngx_commerce_redis_number(fields, "show");
    cue->show = (uint64_t) show;

    ngx_commerce_redis_card(tenant, pool, fields, NGX_COMMERCE_ROOM, room,
                            &cue->card);

    cue->card.version = ngx_commerce_redis_number(fields, "version");

    if (!ngx_commerce_redis_field(fields, "product", &cue->card.product)
        || !ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT,
                                    &cue->card.product))
    {
        /* nothing is pinned */
        ngx_memzero(&cue->card, sizeof(ngx_commerce_card_t));
    }

    return NGX_OK;
}


static void
ngx_commerce_redis_card(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    redisReply *hash, ngx_commerce_kind_e kind, ngx_str_t *name,
    ngx_commerce_card_t *card)
{
    ngx_str_t  link;

    card->title = ngx_commerce_redis_text(pool, hash, "title");
    card->price = ngx_commerce_redis_digits(hash, "price");
    card->currency = ngx_commerce_redis_text(pool, hash, "currency");
    card->stock = ngx_commerce_redis_digits(hash, "stock");
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


/* of a flat list of names and values, as HGETALL and XRANGE give it */

static ngx_uint_t
ngx_commerce_redis_field(redisReply *hash, const char *field,
    ngx_str_t *value)
{
    size_t       i, len;
    redisReply  *name, *text;

    len = ngx_strlen(field);

    for (i = 0; i + 1 < hash->elements; i += 2) {
        name = hash->element[i];
        text = hash->element[i + 1];

        if (name->type == REDIS_REPLY_STRING
            && text->type == REDIS_REPLY_STRING
            && (size_t) name->len == len
            && ngx_memcmp(name->str, field, len) == 0)
        {
            value->data = (u_char *) text->str;
            value->len = text->len;

            return 1;
        }
    }

    return 0;
}


static ngx_str_t
ngx_commerce_redis_text(ngx_pool_t *pool, redisReply *hash,
    const char *field)
{
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, field, &value)) {
        ngx_str_null(&value);
        return value;
    }

    return ngx_commerce_text_clean(pool, &value);
}


static ngx_str_t
ngx_commerce_redis_digits(redisReply *hash, const char *field)
{
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, field, &value)
        || ngx_commerce_number(&value) < 0)
    {
        ngx_str_null(&value);
    }

    return value;
}


/* 0 if it is missing or no number */

static int64_t
ngx_commerce_redis_number(redisReply *hash, const char *field)
{
    int64_t    n;
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, field, &value)) {
        return 0;
    }

    n = ngx_commerce_number(&value);

    return n < 0 ? 0 : n;
}


static ngx_int_t
ngx_commerce_redis_state(redisReply *hash, ngx_str_t *words,
    ngx_int_t otherwise)
{
    ngx_int_t  n;
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, "state", &value)) {
        return otherwise;
    }

    n = ngx_commerce_word(words, &value);

    return n == NGX_ERROR ? otherwise : n;
}


/*
 * A record that is wrong is loaded again and again: one line a minute is
 * enough.  The table is a worker's own; names that share a slot only cost a
 * line.
 */

static void
ngx_commerce_redis_complain(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, const char *what, char *why)
{
    size_t        i;
    ngx_str_t     reason;
    ngx_msec_t   *last;
    ngx_uint_t    slot;

    static ngx_msec_t  told[NGX_COMMERCE_COMPLAINTS];

    slot = kind;

    for (i = 0; i < name->len; i++) {
        slot = ngx_hash(slot, name->data[i]);
    }

    for (i = 0; what[i]; i++) {
        slot = ngx_hash(slot, what[i]);
    }

    last = &told[slot % NGX_COMMERCE_COMPLAINTS];

    if (*last && ngx_current_msec - *last < NGX_COMMERCE_COMPLAIN_INTERVAL) {
        return;
    }

    *last = ngx_current_msec;

    reason.data = (u_char *) why;
    reason.len = ngx_min(ngx_strlen(why), 200);

    ngx_log_error(NGX_LOG_ERR, tenant->log, 0,
                  "commerce \"%V\": %s \"%V\" in redis %s %V",
                  &tenant->name, ngx_commerce_kind_names[kind], name, what,
                  &reason);
}
