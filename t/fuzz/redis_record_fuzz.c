
/*
 * The bytes come from a "Redis".  Each reply is taken for a record of each
 * kind; what comes of it is written, read back, and keeps what records
 * promise.
 */

/* links: src/redis/ngx_commerce_redis_re*.c src/redis/ngx_commerce_redis_out.c src/core/ngx_commerce_viewer.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_token.c src/redis/ngx_commerce_redis_fields.c src/redis/ngx_commerce_redis_cue.c src/redis/ngx_commerce_redis_hour.c src/redis/ngx_commerce_redis_period.c src/redis/ngx_commerce_redis_error.c src/core/ngx_commerce_record.c src/core/ngx_commerce_write.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_link.c src/core/ngx_commerce_timer.c */


#include "fuzz.h"
#include "ngx_commerce_link.h"
#include "ngx_commerce_redis_reader.h"
#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_viewer.h"


static ngx_commerce_host_name_t  host_names[] = {
    { ngx_string("shop.example.com"), NULL, NGX_COMMERCE_HOST_EXACT },
    { ngx_string(".example.net"), NULL, NGX_COMMERCE_HOST_BELOW },
    { ngx_string(".example.org"), NULL, NGX_COMMERCE_HOST_AT_OR_BELOW },
    { ngx_string("www."), NULL, NGX_COMMERCE_HOST_BEGINS }
};


static ngx_commerce_hosts_t  hosts = {
    { host_names, 4, sizeof(ngx_commerce_host_name_t), 4, NULL }
};


static ngx_commerce_tenant_t  tenant = {
    .name = ngx_string("default"),
    .product_hosts = &hosts,
    .log = &ngx_shim_log
};


static ngx_str_t  name = ngx_string("demo");


/* none of the names above is a regular expression */

ngx_int_t
ngx_regex_exec(ngx_regex_t *re, ngx_str_t *s, int *captures, ngx_uint_t size)
{
    abort();
}


static void
must_be_clean(ngx_str_t *text)
{
    size_t   n;
    u_char  *p, *last;

    must(text->len <= NGX_COMMERCE_TEXT_MAX);

    last = text->data + text->len;

    for (p = text->data; p < last; p += n) {
        n = ngx_commerce_utf8_len(p, last);
        must(n > 0 && *p >= ' ' && *p != '"' && *p != 0x7f);
    }
}


static void
must_be_a_card(ngx_commerce_card_t *card)
{
    must_be_clean(&card->title);
    must_be_clean(&card->currency);
    must_be_clean(&card->link);
    must_be_clean(&card->image);

    must(card->product.len == 0
         || ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, &card->product));
    must(card->price.len == 0 || ngx_commerce_number(&card->price) >= 0);
    must(card->stock.len == 0 || ngx_commerce_number(&card->stock) >= 0);
    must(card->link.len == 0
         || ngx_commerce_link_allowed(&tenant, &card->link));
    must(card->version >= 0);
}


static void
must_be_a_room(ngx_commerce_room_t *room)
{
    int64_t     last;
    ngx_uint_t  i;

    must_be_clean(&room->title);
    must(room->visibility < NGX_COMMERCE_VISIBILITIES);
    must(room->version >= 0);
    must(room->holder.len <= NGX_COMMERCE_TEXT_MAX);
    must(room->state <= NGX_COMMERCE_ROOM_STATE_BANNED);
    must(room->host.len == 0
         || ngx_commerce_name_valid(NGX_COMMERCE_HOST, &room->host));

    for (i = 0; i < room->nshelf; i++) {
        must(ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, &room->shelf[i]));
        must(ngx_commerce_room_has(room, &room->shelf[i]));
    }

    last = 0;

    for (i = 0; i < room->ncues; i++) {
        must(room->cues[i].at > last);
        must(room->cues[i].id.len <= 64);
        must_be_a_card(&room->cues[i].card);

        last = room->cues[i].at;
        must(ngx_commerce_room_cue(room, last) == &room->cues[i]);
    }
}


static void
must_be_out(ngx_commerce_out_t *out)
{
    ngx_uint_t              i;
    ngx_commerce_ousted_t  *viewer;

    must(out->version >= 0 && out->void_until >= 0);

    for (i = 0; i < out->nviewers; i++) {
        viewer = &out->viewers[i];

        must(ngx_commerce_viewer_valid(&viewer->subject));
        must(ngx_commerce_out_find(out, &viewer->subject) == viewer);
        must(viewer->until >= 0 && viewer->void_until >= 0);
    }
}


static void
write_again(ngx_commerce_kind_e kind, void *record, ngx_commerce_writer_t *w)
{
    ngx_commerce_host_t  *host;

    switch (kind) {

    case NGX_COMMERCE_ROOM:
        must_be_a_room(record);
        ngx_commerce_write_room(w, record);
        break;

    case NGX_COMMERCE_HOST:
        host = record;
        must_be_clean(&host->reason);
        must(host->state <= NGX_COMMERCE_HOST_STATE_BANNED);
        must(host->until >= 0 && host->version >= 0);
        ngx_commerce_write_host(w, host);
        break;

    case NGX_COMMERCE_PRODUCT:
        must_be_a_card(&((ngx_commerce_product_t *) record)->card);
        ngx_commerce_write_product(w, record);
        break;

    case NGX_COMMERCE_OUT:
        must_be_out(record);
        ngx_commerce_write_out(w, record);
        break;

    default: /* NGX_COMMERCE_KEY */
        must(ngx_commerce_name_valid(NGX_COMMERCE_ROOM,
                                     &((ngx_commerce_key_t *) record)->room));
        ngx_commerce_write_key(w, record);
        break;
    }
}


static void
check_record(ngx_commerce_kind_e kind, redisReply *reply)
{
    void                   *record;
    u_char                 *blob;
    size_t                  size;
    ngx_int_t               rc;
    ngx_commerce_writer_t   w, again;

    ngx_memzero(&w, sizeof(w));
    w.pool = ngx_create_pool(4096, &ngx_shim_log);
    again = w;

    rc = ngx_commerce_redis_record(&tenant, kind, &name, reply, &w);
    must(rc == NGX_OK || rc == NGX_DECLINED || rc == NGX_ERROR);

    if (rc == NGX_OK) {
        size = w.pos - w.start;
        blob = fuzz_copy(w.start, size);
        record = malloc(ngx_commerce_record_size(kind, blob));

        ngx_commerce_record_read(kind, &name, blob, record);
        write_again(kind, record, &again);

        must((size_t) (again.pos - again.start) == size);
        must(memcmp(again.start, blob, size) == 0);
        must(ngx_commerce_record_version(blob) >= 0);

        free(record);
        free(blob);
    }

    ngx_destroy_pool(w.pool);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char                       *copy;
    redisReply                   *reply;
    ngx_commerce_kind_e           kind;
    ngx_commerce_redis_reader_t   r;

    must(ngx_commerce_redis_reader_open(&r) == NGX_OK);

    copy = fuzz_copy(data, size);
    (void) ngx_commerce_redis_reader_feed(&r, copy, size);
    free(copy);

    while (ngx_commerce_redis_reader_next(&r, &reply) == NGX_OK) {

        for (kind = NGX_COMMERCE_ROOM; kind <= NGX_COMMERCE_KEY; kind++) {
            check_record(kind, reply);
        }

        freeReplyObject(reply);
    }

    ngx_commerce_redis_reader_close(&r);

    return 0;
}
