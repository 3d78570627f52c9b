
/* links: src/core/ngx_commerce_record.c src/core/ngx_commerce_write.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */

#include "ngx_commerce_write.h"
#include "tap.h"


static ngx_pool_t  *pool;
static ngx_log_t    test_log;


static ngx_str_t
text(const char *s)
{
    ngx_str_t  t;

    t.data = (u_char *) s;
    t.len = strlen(s);

    return t;
}


static void
names(void)
{
    size_t     i;
    ngx_str_t  name;

    static const char  *good[] = { "a", "0", "demo", "a-b_C9" };
    static const char  *bad[] = { "", "Demo", "-a", "_a", "a.b", "a/b", "a b",
                                  "a\nb", "../x", "\xc3\xa4", "{a}", "a:b" };

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        name = text(good[i]);
        ok(ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &name),
           "a room may be called \"%s\"", good[i]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        name = text(bad[i]);
        ok(!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &name),
           "no room has bad name %zu", i);
    }

    name.data = (u_char *) "a\0b";
    name.len = 3;
    ok(!ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, &name), "NUL in a name");

    name = text("0123456789012345678901234567890123456789012345678901234567890"
                "123");
    ok(ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &name), "64 bytes are fine");

    name = text("0123456789012345678901234567890123456789012345678901234567890"
                "1234");
    ok(!ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &name), "65 are too many");

    name = text("-P1_");
    ok(ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, &name),
       "a product may begin with a dash");

    name = text("5bb1d87c0b16a6b04381b15242f8b677d627b37ce3ef7044280740c84c4b"
                "237c");
    ok(ngx_commerce_name_valid(NGX_COMMERCE_KEY, &name), "a key's SHA-256");
    name.len--;
    ok(!ngx_commerce_name_valid(NGX_COMMERCE_KEY, &name), "a digit less");
    name = text("5bb1d87c0b16a6b04381b15242f8b677d627b37ce3ef7044280740c84c4b"
                "237g");
    ok(!ngx_commerce_name_valid(NGX_COMMERCE_KEY, &name), "no digit");
    name = text("5BB1D87C0B16A6B04381B15242F8B677D627B37CE3EF7044280740C84C4B"
                "237C");
    ok(!ngx_commerce_name_valid(NGX_COMMERCE_KEY, &name), "upper case");

    name = text("coupon_2");
    ok(ngx_commerce_count_kind_valid(&name), "a kind of count");
    name = text("2coupons");
    ok(!ngx_commerce_count_kind_valid(&name), "it begins with a letter");
}


static void
cleans(const char *in, const char *wanted, const char *what)
{
    ngx_str_t  t, clean;

    t = text(in);
    clean = ngx_commerce_text_clean(pool, &t);
    is_text(clean, wanted, "%s", what);
}


static void
texts(void)
{
    u_char     *p;
    ngx_str_t   t, clean;

    cleans("", "", "nothing stays nothing");
    cleans("tea, 100 g", "tea, 100 g", "plain text stays");
    cleans("\xe8\x8c\xb6 \xf0\x9f\x8d\xb5", "\xe8\x8c\xb6 \xf0\x9f\x8d\xb5",
           "Chinese and emoji stay");
    cleans("27\" screen", "27\xe2\x80\x9d screen", "a quote becomes U+201D");
    cleans("{a} ${b} {$c}{", "{a} ${b} \xef\xbd\x9b$c}{",
           "a variable of a playlist is none");
    cleans("a\r\nb\tc\x7f" "d\xc2\x85" "e", "a  b c d e",
           "control characters become spaces");
    cleans("\xff\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
           "what is not UTF-8 becomes U+FFFD");
    cleans("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
           "nor is a surrogate");
    cleans("a\xe8\x8c", "a\xef\xbf\xbd\xef\xbf\xbd", "nor half a character");

    p = ngx_palloc(pool, 65536);
    memset(p, 0x81, 65536);
    t.data = p;
    t.len = 65536;
    clean = ngx_commerce_text_clean(pool, &t);
    ok(clean.len <= NGX_COMMERCE_TEXT_MAX && clean.len % 3 == 0,
       "64 KB are cut between characters: %zu bytes", clean.len);

    memset(p, 'x', 65536);
    memcpy(p + 511, "\xe8\x8c\xb6", 3);
    clean = ngx_commerce_text_clean(pool, &t);
    ok(clean.len == 511, "a character that would not fit is left out");
}


static void
numbers(void)
{
    ngx_str_t  t;

    t = text("0");
    ok(ngx_commerce_number(&t) == 0, "0");
    t = text("999999999999999");
    ok(ngx_commerce_number(&t) == 999999999999999LL, "15 digits");
    t = text("1000000000000000");
    ok(ngx_commerce_number(&t) == NGX_ERROR, "16 digits are no number");
    t = text("-1");
    ok(ngx_commerce_number(&t) == NGX_ERROR, "nor is a sign");
    t = text("");
    ok(ngx_commerce_number(&t) == NGX_ERROR, "nor nothing");
    t = text("1e3");
    ok(ngx_commerce_number(&t) == NGX_ERROR, "nor an exponent");
}


static void *
reread(ngx_commerce_kind_e kind, ngx_commerce_writer_t *w)
{
    void      *record;
    u_char    *blob;
    size_t     size;

    static ngx_str_t  name = ngx_string("demo");

    /* exact sizes, for the sanitizer to see a byte too far */

    size = w->pos - w->start;
    blob = ngx_palloc(pool, size);
    memcpy(blob, w->start, size);

    record = ngx_pcalloc(pool, ngx_commerce_record_size(kind, blob));
    ngx_commerce_record_read(kind, &name, blob, record);

    return record;
}


static void
rooms(void)
{
    ngx_str_t              shelf[3], product;
    ngx_commerce_cue_t     cues[2];
    ngx_commerce_room_t    room, *read;
    ngx_commerce_writer_t  w;

    memset(&room, 0, sizeof(room));
    memset(cues, 0, sizeof(cues));
    memset(&w, 0, sizeof(w));
    w.pool = pool;

    room.version = 7;
    room.state = NGX_COMMERCE_ROOM_STATE_OPEN;
    room.host = text("anna");
    room.title = text("Tea evening");
    room.has_key = 1;
    memset(room.key, 0xab, sizeof(room.key));
    room.show = 3;
    room.holder = text("node/1/2/3");
    shelf[0] = text("pot");
    shelf[1] = text("cup");
    shelf[2] = text("tea");
    room.shelf = shelf;
    room.nshelf = 3;
    cues[0].id = text("1-0");
    cues[0].at = 1000;
    cues[0].show = 3;
    cues[0].card.product = text("cup");
    cues[0].card.title = text("A cup");
    cues[0].card.version = 2;
    cues[1].id = text("2-0");
    cues[1].at = 2000;
    room.cues = cues;
    room.ncues = 2;

    ngx_commerce_write_room(&w, &room);
    ok(!w.failed, "a room is written");
    ok(ngx_commerce_record_version(w.start) == 7,
       "its version is found unread");
    ok(ngx_commerce_record_held(NGX_COMMERCE_ROOM, w.start),
       "so is its being live");

    read = reread(NGX_COMMERCE_ROOM, &w);

    is_text(read->name, "demo", "name");
    is_text(read->host, "anna", "host");
    is_text(read->title, "Tea evening", "title");
    is_text(read->holder, "node/1/2/3", "live");
    ok(read->has_key && read->key[31] == 0xab, "key");
    ok(read->show == 3 && read->version == 7, "show and version");
    is_text(read->shelf[0], "pot", "the shelf keeps its order");
    is_text(*read->sorted[0], "cup", "and is sorted beside it");

    product = text("tea");
    ok(ngx_commerce_room_has(read, &product), "on the shelf");
    product = text("te");
    ok(!ngx_commerce_room_has(read, &product), "not on the shelf");
    product = text("zzz");
    ok(!ngx_commerce_room_has(read, &product), "nor this");

    ok(ngx_commerce_room_cue(read, 999) == NULL, "before the first cue");
    ok(ngx_commerce_room_cue(read, 1000) == &read->cues[0], "at the first");
    ok(ngx_commerce_room_cue(read, 1999) == &read->cues[0], "until the next");
    ok(ngx_commerce_room_cue(read, 9999) == &read->cues[1], "the last");
    is_text(read->cues[0].card.title, "A cup", "a cue has its card");
    ok(read->cues[0].card.version == 2, "and the product's version");
}


static void
empty_room(void)
{
    ngx_str_t              product;
    ngx_commerce_room_t    room, *read;
    ngx_commerce_writer_t  w;

    memset(&room, 0, sizeof(room));
    memset(&w, 0, sizeof(w));
    w.pool = pool;

    ngx_commerce_write_room(&w, &room);
    read = reread(NGX_COMMERCE_ROOM, &w);
    product = text("tea");

    ok(!read->has_key && read->nshelf == 0 && read->ncues == 0,
       "an empty room is read");
    ok(!ngx_commerce_room_has(read, &product), "its shelf has nothing");
    ok(ngx_commerce_room_cue(read, 1) == NULL, "nor is anything pinned");
}


static void
others(void)
{
    ngx_commerce_key_t      key, *rkey;
    ngx_commerce_host_t     host, *rhost;
    ngx_commerce_writer_t   w;
    ngx_commerce_product_t  product, *rproduct;

    memset(&w, 0, sizeof(w));
    w.pool = pool;
    memset(&host, 0, sizeof(host));
    host.state = NGX_COMMERCE_HOST_STATE_BANNED;
    host.until = 12345;
    host.reason = text("fakes");
    ngx_commerce_write_host(&w, &host);
    rhost = reread(NGX_COMMERCE_HOST, &w);
    ok(rhost->state == NGX_COMMERCE_HOST_STATE_BANNED && rhost->until == 12345,
       "a host is read");
    is_text(rhost->reason, "fakes", "with the reason");

    memset(&w, 0, sizeof(w));
    w.pool = pool;
    memset(&product, 0, sizeof(product));
    product.state = NGX_COMMERCE_PRODUCT_STATE_APPROVED;
    product.card.link = text("https://shop.example.com/cup");
    ngx_commerce_write_product(&w, &product);
    rproduct = reread(NGX_COMMERCE_PRODUCT, &w);
    ok(rproduct->state == NGX_COMMERCE_PRODUCT_STATE_APPROVED,
       "a product is read");
    is_text(rproduct->card.link, "https://shop.example.com/cup",
            "with its link");

    memset(&w, 0, sizeof(w));
    w.pool = pool;
    key.room = text("demo");
    ngx_commerce_write_key(&w, &key);
    rkey = reread(NGX_COMMERCE_KEY, &w);
    is_text(rkey->room, "demo", "a key is read");
}


int
main(void)
{
    pool = ngx_create_pool(4096, &test_log);

    names();
    texts();
    numbers();
    rooms();
    empty_room();
    others();

    ngx_destroy_pool(pool);

    return tap_done();
}
