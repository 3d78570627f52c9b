
/*
 * Hours of a room's past: their names, and their records.
 */

/* links: src/core/ngx_commerce_record.c src/core/ngx_commerce_write.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_hour.c */


#include "ngx_commerce_hour.h"
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
    size_t      i;
    u_char      buf[NGX_COMMERCE_RECORD_NAME_MAX];
    int64_t     hour;
    ngx_str_t   name, room;

    static const char  *good[] = { "demo/0", "a/489955", "d-1_A/999999999" };
    static const char  *bad[] = { "", "demo", "demo/", "/1", "Demo/1",
                                  "demo/x", "demo/-1", "demo/1 ", "a/b/1",
                                  "demo/1/2", "demo/1234567890" };

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        name = text(good[i]);
        ok(ngx_commerce_name_valid(NGX_COMMERCE_HOUR, &name),
           "an hour may be called \"%s\"", good[i]);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        name = text(bad[i]);
        ok(!ngx_commerce_name_valid(NGX_COMMERCE_HOUR, &name),
           "no hour is called \"%s\"", bad[i]);
    }

    room = text("0123456789012345678901234567890123456789012345678901234567890"
                "123");
    name = ngx_commerce_hour_name(buf, &room, 999999999);

    ok(name.len == NGX_COMMERCE_RECORD_NAME_MAX, "the longest name fits");
    ok(ngx_commerce_name_valid(NGX_COMMERCE_HOUR, &name), "and is one");

    ngx_commerce_hour_split(&name, &room, &hour);

    ok(room.len == NGX_COMMERCE_NAME_MAX && room.data == buf, "its room");
    ok(hour == 999999999, "its hour");
}


/* exact sizes, for the sanitizer to see a byte too far */

static ngx_commerce_hour_t *
reread(ngx_commerce_writer_t *w)
{
    u_char               *blob;
    size_t                size;
    ngx_str_t             name;
    ngx_commerce_hour_t  *hour;

    name = text("demo/489955");
    size = w->pos - w->start;
    blob = ngx_palloc(pool, size);
    memcpy(blob, w->start, size);

    hour = ngx_pcalloc(pool, ngx_commerce_record_size(NGX_COMMERCE_HOUR,
                                                      blob));
    ngx_commerce_record_read(NGX_COMMERCE_HOUR, &name, blob, hour);

    return hour;
}


static void
records(void)
{
    ngx_commerce_cue_t      cues[2];
    ngx_commerce_hour_t     hour, *read;
    ngx_commerce_period_t   period;
    ngx_commerce_writer_t   w;

    memset(&hour, 0, sizeof(hour));
    memset(cues, 0, sizeof(cues));
    memset(&w, 0, sizeof(w));
    w.pool = pool;

    hour.version = 1763841600123;
    hour.cues_until = 1763841599999;
    cues[0].id = text("1-0");
    cues[0].at = 1000;
    cues[0].card.product = text("cup");
    cues[1].id = text("2-0");
    cues[1].at = 2000;
    cues[1].show = 3;
    hour.cues = cues;
    hour.ncues = 2;
    period.number = 7;
    period.at = 900;
    period.began = 890;
    period.epoch = 100;
    period.shift = -20;
    period.frame = 33;
    hour.periods = &period;
    hour.nperiods = 1;

    ngx_commerce_write_hour(&w, &hour);
    ok(!w.failed, "an hour is written");
    ok(ngx_commerce_record_version(w.start) == 1763841600123,
       "its version is found unread");
    ok(!ngx_commerce_record_held(NGX_COMMERCE_HOUR, w.start),
       "nobody holds it");

    read = reread(&w);

    is_text(read->name, "demo/489955", "name");
    ok(read->cues_until == 1763841599999, "until when its cues are complete");
    ok(read->ncues == 2 && read->cues[1].at == 2000 && read->cues[1].show == 3,
       "its cues");
    is_text(read->cues[0].card.product, "cup", "with their cards");
    ok(read->nperiods == 1 && read->periods[0].number == 7
       && read->periods[0].shift == -20 && read->periods[0].frame == 33,
       "its periods");

    memset(&hour, 0, sizeof(hour));
    memset(&w, 0, sizeof(w));
    w.pool = pool;
    ngx_commerce_write_hour(&w, &hour);
    read = reread(&w);

    ok(read->ncues == 0 && read->nperiods == 0, "an hour may have nothing");
}


int
main(void)
{
    ngx_pagesize = 4096;
    pool = ngx_create_pool(4096, &test_log);

    names();
    records();

    ngx_destroy_pool(pool);

    return tap_done();
}
