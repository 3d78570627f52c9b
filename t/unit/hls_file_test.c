
/*
 * What a file had is found again by its stamp, once that is believed, and by
 * nothing less.
 */

/* links: src/hls/ngx_commerce_hls_file.c src/hls/ngx_commerce_hls_hash.c */

#include "hls_test.h"
#include "ngx_commerce_hls_file.h"
#include "ngx_shim.h"


#define NOW   ((ngx_msec_t) 1000000)
#define TICK  NGX_COMMERCE_HLS_FILE_TICK


static ngx_pool_t                *pool;
static ngx_commerce_hls_files_t  *files;


static ngx_commerce_hls_stamp_t
stamp(int64_t inode, int64_t changed)
{
    ngx_commerce_hls_stamp_t  s;

    memset(&s, 0, sizeof(s));

    s.device = 7;
    s.inode = inode;
    s.changed = changed;
    s.size = 100;
    s.last = 100;

    return s;
}


static void
note(ngx_commerce_hls_stamp_t s, const char *text, ngx_msec_t now)
{
    ngx_commerce_hls_file_t  file;

    file.text = TEXT(text);
    ngx_commerce_hls_file_note(files, &s, &file, now);
}


static ngx_commerce_hls_file_t *
find(ngx_commerce_hls_stamp_t s)
{
    return ngx_commerce_hls_file_find(files, &s);
}


static void
test_believed(void)
{
    u_char                     hash[NGX_COMMERCE_HLS_HASH_LEN];
    ngx_str_t                  text = TEXT("one");
    ngx_commerce_hls_file_t   *file;
    ngx_commerce_hls_stamp_t   s;

    s = stamp(1, 5);

    ok(find(s) == NULL, "nothing at first");
    note(s, "one", NOW);
    ok(find(s) == NULL, "not believed at once");
    note(s, "one", NOW + TICK - 1);
    ok(find(s) == NULL, "... nor within a tick");
    note(s, "one", NOW + TICK);

    file = find(s);

    if (!ok(file != NULL, "... but then")) {
        return;
    }

    is_text(file->text, "one", "what it has");

    ngx_commerce_hls_hash(&text, hash);
    ok(memcmp(file->hash, hash, sizeof(hash)) == 0, "and its hash");
}


static void
test_twice_in_a_tick(void)
{
    ngx_commerce_hls_file_t   *file;
    ngx_commerce_hls_stamp_t   s;

    s = stamp(2, 5);

    note(s, "one", NOW);
    note(s, "two", NOW + 1);
    note(s, "two", NOW + TICK);
    ok(find(s) == NULL, "written twice in a tick: it waits anew");

    note(s, "two", NOW + 1 + TICK);
    file = find(s);

    if (ok(file != NULL, "... and is believed then")) {
        is_text(file->text, "two", "... as what it has");
    }

    s = stamp(3, 6 * (int64_t) 1000000000);

    note(s, "one", NOW);
    note(s, "one", NOW + TICK);
    ok(find(s) == NULL, "where only seconds are counted, it takes longer");
    note(s, "one", NOW + NGX_COMMERCE_HLS_FILE_SECOND);
    ok(find(s) != NULL, "... but not for ever");
}


static void
test_other_stamps(void)
{
    ngx_uint_t                 i;
    ngx_commerce_hls_stamp_t   s, other;

    static const struct {
        const char  *what;
        size_t       offset;
    } fields[] = {
        { "device", offsetof(ngx_commerce_hls_stamp_t, device) },
        { "inode", offsetof(ngx_commerce_hls_stamp_t, inode) },
        { "time it was modified",
          offsetof(ngx_commerce_hls_stamp_t, modified) },
        { "time it was changed", offsetof(ngx_commerce_hls_stamp_t, changed) },
        { "size", offsetof(ngx_commerce_hls_stamp_t, size) },
        { "beginning", offsetof(ngx_commerce_hls_stamp_t, pos) },
        { "end", offsetof(ngx_commerce_hls_stamp_t, last) }
    };

    s = stamp(4, 5);
    note(s, "one", NOW);
    note(s, "one", NOW + TICK);
    ok(find(s) != NULL, "known");

    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        other = s;
        *((uint64_t *) ((u_char *) &other + fields[i].offset)) += 1;

        ok(find(other) == NULL, "another %s", fields[i].what);
    }

    other = stamp(4, 6);
    note(other, "two", NOW + TICK);
    ok(find(other) == NULL, "changed: waits anew");
}


static void
test_bounds(void)
{
    char                      *text;
    ngx_int_t                  i;
    ngx_str_t                  large;
    ngx_pool_t                *request;
    ngx_commerce_hls_file_t   *held;
    ngx_commerce_hls_stamp_t   s;

    large.len = NGX_COMMERCE_HLS_FILE_SIZE;
    large.data = malloc(large.len);
    memset(large.data, 'x', large.len);

    s = stamp(5, 5);
    text = (char *) large.data;
    text[NGX_COMMERCE_HLS_FILE_SIZE - 1] = '\0';
    note(s, text, NOW);
    note(s, text, NOW + TICK);
    ok(find(s) == NULL, "too large");

    s = stamp(6, 5);
    note(s, "held", NOW);
    note(s, "held", NOW + TICK);
    held = find(s);
    request = ngx_create_pool(1024, &ngx_shim_log);
    ok(held && ngx_commerce_hls_file_hold(held, request) == NGX_OK, "held");

    text[NGX_COMMERCE_HLS_FILE_SIZE / 2] = '\0';

    for (i = 100; i < 140; i++) {
        note(stamp(i, 5), text, NOW);
        note(stamp(i, 5), text, NOW + TICK);
    }

    ok(find(s) == NULL, "who was used longest ago is gone");
    ok(find(stamp(100, 5)) == NULL, "... and many more");
    ok(find(stamp(139, 5)) != NULL, "the last one is there");
    is_text(held->text, "held", "what is held is there, too");

    ngx_destroy_pool(request);
    free(large.data);
}


int
main(void)
{
    pool = ngx_create_pool(4096, &ngx_shim_log);
    files = ngx_commerce_hls_files_create(pool);

    test_believed();
    test_twice_in_a_tick();
    test_other_stamps();
    test_bounds();

    ngx_destroy_pool(pool);

    return tap_done();
}
