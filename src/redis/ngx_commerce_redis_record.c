
#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_redis_cue.h"
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_redis_hour.h"
#include "ngx_commerce_redis_out.h"
#include "ngx_commerce_redis_period.h"
#include "ngx_commerce_login.h"



/* ms, in the year 2001: an ID with less was made up */
#define NGX_COMMERCE_REDIS_FIRST   1000000000000


static ngx_int_t ngx_commerce_redis_record_error(
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name,
    redisReply *reply);
static ngx_int_t ngx_commerce_redis_record_room(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *reply,
    ngx_commerce_writer_t *w);
static void ngx_commerce_redis_record_room_fields(
    ngx_commerce_tenant_t *tenant, ngx_pool_t *pool, redisReply *hash,
    ngx_commerce_room_t *room);
static void ngx_commerce_redis_record_cut(redisReply *hash,
    ngx_commerce_room_t *room);
static ngx_commerce_visibility_e ngx_commerce_redis_record_visibility(
    ngx_commerce_tenant_t *tenant, redisReply *hash,
    ngx_commerce_room_t *room);
static void ngx_commerce_redis_record_key_field(redisReply *hash,
    ngx_commerce_room_t *room);
static ngx_uint_t ngx_commerce_redis_record_key_of_host(redisReply *hash,
    ngx_commerce_room_t *room);
static ngx_int_t ngx_commerce_redis_record_shelf(ngx_pool_t *pool,
    redisReply *list, ngx_commerce_room_t *room);
static int64_t ngx_commerce_redis_record_cue_added(ngx_commerce_cue_t *cue);
static void ngx_commerce_redis_record_cue_insert(ngx_commerce_room_t *room,
    ngx_commerce_cue_t *cue, int64_t added);
static ngx_int_t ngx_commerce_redis_record_host(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *hash,
    ngx_commerce_writer_t *w);
static ngx_int_t ngx_commerce_redis_record_product(
    ngx_commerce_tenant_t *tenant, ngx_str_t *name, redisReply *hash,
    ngx_commerce_writer_t *w);
static ngx_int_t ngx_commerce_redis_record_key(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *reply, ngx_commerce_writer_t *w);


const ngx_commerce_redis_kind_t
    ngx_commerce_redis_kinds[NGX_COMMERCE_KINDS] =
{
    [NGX_COMMERCE_ROOM] =
        { ngx_string(""), ngx_string(""), ngx_string(""),
          NULL, ngx_commerce_redis_record_room },
    [NGX_COMMERCE_HOST] =
        { ngx_string("host:"), ngx_string(""), ngx_string("host:"),
          "HGETALL", ngx_commerce_redis_record_host },
    [NGX_COMMERCE_PRODUCT] =
        { ngx_string("product:"), ngx_string(""), ngx_string("product:"),
          "HGETALL", ngx_commerce_redis_record_product },
    [NGX_COMMERCE_KEY] =
        { ngx_string("key:"), ngx_string(""), ngx_string(""),
          "GET", ngx_commerce_redis_record_key },
    [NGX_COMMERCE_OUT] =
        { ngx_string(""), ngx_string(":out"), ngx_string("out:"),
          "HGETALL", ngx_commerce_redis_out },
    [NGX_COMMERCE_HOUR] =
        { ngx_string(""), ngx_string(""), ngx_string(""),
          NULL, ngx_commerce_redis_hour }
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
        ngx_commerce_redis_fields_complain(tenant, kind, name,
                                           "is not understood", "");
    }

    return rc;
}


static ngx_int_t
ngx_commerce_redis_record_error(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *reply)
{
    ngx_commerce_redis_fields_complain(tenant, kind, name, "can't be read:",
                                       reply->str);

    return ngx_commerce_redis_error(reply) == NGX_COMMERCE_REDIS_WRONG_TYPE
           ? NGX_DECLINED : NGX_ERROR;
}


static ngx_int_t
ngx_commerce_redis_record_room(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *reply, ngx_commerce_writer_t *w)
{
    size_t                i;
    int64_t               ended;
    ngx_str_t             text;
    redisReply          **part;
    ngx_commerce_room_t   room;

    if (reply->type == REDIS_REPLY_NIL) {
        return NGX_DECLINED;
    }

    part = reply->element;

    if (reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 8
        || !ngx_commerce_redis_fields_valid(part[0])
        || part[1]->type != REDIS_REPLY_ARRAY
        || part[2]->type != REDIS_REPLY_ARRAY
        || part[3]->type != REDIS_REPLY_STRING
        || part[4]->type != REDIS_REPLY_ARRAY
        || part[5]->type != REDIS_REPLY_STRING
        || part[6]->type != REDIS_REPLY_ARRAY
        || part[7]->type != REDIS_REPLY_STRING)
    {
        return NGX_ERROR;
    }

    ngx_memzero(&room, sizeof(ngx_commerce_room_t));

    room.name = *name;
    room.holder.data = (u_char *) part[3]->str;
    room.holder.len = ngx_min((size_t) part[3]->len, NGX_COMMERCE_TEXT_MAX);

    room.unkept.data = (u_char *) part[7]->str;
    room.unkept.len = part[7]->len;

    text.data = (u_char *) part[5]->str;
    text.len = part[5]->len;
    ended = ngx_commerce_number(&text);

    ngx_commerce_redis_record_room_fields(tenant, w->pool, part[0], &room);

    if (ngx_commerce_redis_record_shelf(w->pool, part[1], &room) != NGX_OK
        || ngx_commerce_redis_record_read_cues(tenant, w->pool, part[2],
                                               ngx_max(ended, 0), &room)
           != NGX_OK
        || ngx_commerce_redis_period_read(w->pool, part[6], &room) != NGX_OK)
    {
        w->failed = 1;
        return NGX_ERROR;
    }

    if (part[2]->elements >= NGX_COMMERCE_REDIS_CUES_MAX && room.ncues) {
        room.cues_from = room.cues[0].at;
    }

    for (i = 0; i < part[4]->elements; i++) {
        if (part[4]->element[i]->type == REDIS_REPLY_STRING) {
            ngx_commerce_redis_fields_complain(tenant, NGX_COMMERCE_ROOM, name,
                                               "has a key of a wrong type:",
                                               part[4]->element[i]->str);
        }
    }

    ngx_commerce_write_room(w, &room);

    return NGX_OK;
}


static void
ngx_commerce_redis_record_room_fields(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, redisReply *hash, ngx_commerce_room_t *room)
{
    room->version = ngx_commerce_redis_fields_number(hash, "version");
    room->title = ngx_commerce_redis_fields_text(pool, hash, "title");
    room->visibility = ngx_commerce_redis_record_visibility(tenant, hash,
                                                            room);
    room->starts = ngx_commerce_redis_fields_number(hash, "starts");
    room->state = ngx_commerce_redis_fields_state(tenant, NGX_COMMERCE_ROOM,
                                     &room->name, hash,
                                     ngx_commerce_room_states,
                                     NGX_COMMERCE_ROOM_STATE_CLOSED);

    room->show = (uint64_t) ngx_commerce_redis_fields_number(hash, "show");

    ngx_commerce_redis_record_cut(hash, room);

    if (!ngx_commerce_redis_fields_get(hash, "host", &room->host)
        || !ngx_commerce_name_valid(NGX_COMMERCE_HOST, &room->host))
    {
        ngx_str_null(&room->host);
    }

    ngx_commerce_redis_record_key_field(hash, room);
}


/* the claim that was taken away, and why, as publisher_cut.lua writes it */

static void
ngx_commerce_redis_record_cut(redisReply *hash, ngx_commerce_room_t *room)
{
    ngx_str_t   why;
    ngx_str_t  *ended;

    room->cut_reason = NGX_COMMERCE_KICKED;

    if (!ngx_commerce_redis_fields_get(hash, "cut", &room->cut)) {
        ngx_str_null(&room->cut);
        return;
    }

    room->cut.len = ngx_min(room->cut.len, NGX_COMMERCE_TEXT_MAX);

    ended = ngx_commerce_reason(NGX_COMMERCE_SHOW_ENDED);

    if (ngx_commerce_redis_fields_get(hash, "cut_reason", &why)
        && why.len == ended->len
        && ngx_memcmp(why.data, ended->data, why.len) == 0)
    {
        room->cut_reason = NGX_COMMERCE_SHOW_ENDED;
    }
}


/* a word that is not known shows nobody what was to be hidden */

static ngx_commerce_visibility_e
ngx_commerce_redis_record_visibility(ngx_commerce_tenant_t *tenant,
    redisReply *hash, ngx_commerce_room_t *room)
{
    ngx_int_t  n;
    ngx_str_t  word;

    if (!ngx_commerce_redis_fields_get(hash, "visibility", &word)
        || word.len == 0)
    {
        return NGX_COMMERCE_VISIBILITY_PUBLIC;
    }

    n = ngx_commerce_word(ngx_commerce_visibilities, &word);

    if (n == NGX_ERROR) {
        ngx_commerce_redis_fields_complain(tenant, NGX_COMMERCE_ROOM,
                                           &room->name,
                                           "has an unknown \"visibility\":",
                                           (char *) word.data);
        return NGX_COMMERCE_VISIBILITY_UNLISTED;
    }

    return n;
}


static void
ngx_commerce_redis_record_key_field(redisReply *hash, ngx_commerce_room_t *room)
{
    ngx_int_t   n;
    ngx_str_t   text;
    ngx_uint_t  i;

    if (!ngx_commerce_redis_fields_get(hash, "key", &text)
        || !ngx_commerce_name_valid(NGX_COMMERCE_KEY, &text)
        || !ngx_commerce_redis_record_key_of_host(hash, room))
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

    if (ngx_commerce_redis_fields_get(hash, "key_auth", &text)
        && text.len == NGX_COMMERCE_LOGIN_AUTH)
    {
        room->key_auth = text;
    }
}


/*
 * A key that was given to another host than the present one opens nothing.
 * Whoever writes keys without saying to whom takes them back himself.
 */

static ngx_uint_t
ngx_commerce_redis_record_key_of_host(redisReply *hash,
    ngx_commerce_room_t *room)
{
    ngx_str_t  host;

    if (!ngx_commerce_redis_fields_get(hash, "key_host", &host)) {
        return 1;
    }

    return host.len == room->host.len
           && ngx_memcmp(host.data, room->host.data, host.len) == 0;
}


static ngx_int_t
ngx_commerce_redis_record_shelf(ngx_pool_t *pool, redisReply *list,
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
 * What has begun may stand in playlists: nothing that is added later changes
 * it.  So a cue begins after those that had begun when it was added, and before
 * those that were to come then.  When it was added its ID says.  What was to
 * come when the show ended does not begin.
 */

ngx_int_t
ngx_commerce_redis_record_read_cues(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, redisReply *list, int64_t ended,
    ngx_commerce_room_t *room)
{
    size_t               i;
    int64_t              added;
    ngx_commerce_cue_t   cue;

    room->cues = ngx_pcalloc(pool, (list->elements + 1)
                                   * sizeof(ngx_commerce_cue_t));
    if (room->cues == NULL) {
        return NGX_ERROR;
    }

    for (i = list->elements; i > 0; i--) {
        ngx_memzero(&cue, sizeof(ngx_commerce_cue_t));

        if (ngx_commerce_redis_cue(tenant, pool, &room->name,
                                          list->element[i - 1], &cue)
            != NGX_OK)
        {
            continue;
        }

        added = ngx_commerce_redis_record_cue_added(&cue);

        if (added <= ended
            && cue.at > ngx_max(added, ended) + NGX_COMMERCE_REDIS_SKEW)
        {
            continue;
        }

        ngx_commerce_redis_record_cue_insert(room, &cue, added);
    }

    return NGX_OK;
}


/* ms */

static int64_t
ngx_commerce_redis_record_cue_added(ngx_commerce_cue_t *cue)
{
    u_char     *dash;
    int64_t     added;
    ngx_str_t   digits;

    digits = cue->id;
    dash = ngx_strlchr(digits.data, digits.data + digits.len, '-');

    if (dash) {
        digits.len = dash - digits.data;
    }

    added = ngx_commerce_number(&digits);

    return ngx_max(added, 0);
}


static void
ngx_commerce_redis_record_cue_insert(ngx_commerce_room_t *room,
    ngx_commerce_cue_t *cue, int64_t added)
{
    int64_t     begun;
    ngx_uint_t  i;

    /* with an ID that is no time, it follows whatever was there */

    begun = (added < NGX_COMMERCE_REDIS_FIRST) ? INT64_MAX
                                               : added
                                                 + NGX_COMMERCE_REDIS_SKEW;

    cue->coming = (cue->at > begun);

    for (i = room->ncues; i > 0; i--) {
        if (room->cues[i - 1].at <= ngx_max(begun, cue->at)) {
            break;
        }
    }

    /*
     * i - 1 is the last one that had begun or begins no later.  If the cue was
     * to come itself, both are the same.
     */

    if (i > 0 && room->cues[i - 1].at >= cue->at) {
        cue->at = room->cues[i - 1].at + 1;
    }

    for ( /* void */ ; i < room->ncues; i++) {

        if (room->cues[i].at > cue->at) {
            break;
        }

        cue->at = room->cues[i].at + 1;
    }

    ngx_memmove(&room->cues[i + 1], &room->cues[i],
                (room->ncues - i) * sizeof(ngx_commerce_cue_t));

    room->cues[i] = *cue;
    room->ncues++;
}


static ngx_int_t
ngx_commerce_redis_record_host(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *hash, ngx_commerce_writer_t *w)
{
    ngx_str_t            until;
    ngx_commerce_host_t  host;

    if (!ngx_commerce_redis_fields_valid(hash)) {
        return NGX_ERROR;
    }

    if (hash->elements == 0) {
        return NGX_DECLINED;
    }

    ngx_memzero(&host, sizeof(ngx_commerce_host_t));

    host.version = ngx_commerce_redis_fields_number(hash, "version");
    until = ngx_commerce_redis_fields_amount(tenant, NGX_COMMERCE_HOST, name,
                                             hash, "until",
                                             "has a wrong \"until\":");
    host.until = until.len ? ngx_commerce_number(&until) : 0;
    host.reason = ngx_commerce_redis_fields_text(w->pool, hash, "reason");
    host.state = ngx_commerce_redis_fields_state(tenant,
                                     NGX_COMMERCE_HOST, name, hash,
                                     ngx_commerce_host_states,
                                     NGX_COMMERCE_HOST_STATE_APPLIED);

    ngx_commerce_write_host(w, &host);

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_record_product(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *hash, ngx_commerce_writer_t *w)
{
    ngx_commerce_product_t  product;

    if (ngx_commerce_redis_record_read_product(tenant, w->pool, name, hash,
                                               &product)
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
ngx_commerce_redis_record_read_product(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *name, redisReply *hash,
    ngx_commerce_product_t *product)
{
    if (!ngx_commerce_redis_fields_valid(hash)) {
        return NGX_ERROR;
    }

    ngx_memzero(product, sizeof(ngx_commerce_product_t));

    product->name = *name;
    product->version = ngx_commerce_redis_fields_number(hash, "version");
    product->state = ngx_commerce_redis_fields_state(tenant,
                                     NGX_COMMERCE_PRODUCT, name, hash,
                                     ngx_commerce_product_states,
                                     NGX_COMMERCE_PRODUCT_STATE_APPLIED);

    ngx_commerce_redis_cue_card(tenant, pool, hash, NGX_COMMERCE_PRODUCT,
                                   name, &product->card);
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
