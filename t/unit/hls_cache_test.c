
/*
 * What is kept is found by all that it was made of, and by nothing less; it
 * never is more than it may be.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_cache.h"
#include "ngx_shim.h"


#define BASE  ((int64_t) 1763841600000)    /* 2025-11-22T20:00:00Z */


static ngx_pool_t                *pool;
static ngx_commerce_hls_cache_t  *cache;


static void
start(void)
{
    pool = ngx_create_pool(4096, &ngx_shim_log);
    cache = ngx_commerce_hls_cache_create(pool);
}


static void
end(void)
{
    ngx_destroy_pool(pool);
}


static ngx_commerce_hls_injection_t
injection(const char *text, uint64_t serial, ngx_uint_t clock,
    ngx_uint_t attributes)
{
    ngx_commerce_hls_injection_t  i;

    memset(&i, 0, sizeof(i));

    i.text = TEXT(text);
    i.serial = serial;
    i.clock = clock;
    i.attributes = attributes;

    return i;
}


static void
add(ngx_commerce_hls_injection_t i, const char *text)
{
    ngx_commerce_hls_output_t  output;

    memset(&output, 0, sizeof(output));

    output.text = TEXT(text);
    ngx_commerce_hls_hash(&output.text, output.hash);

    ok(ngx_commerce_hls_cache_find(cache, &i) == NULL, "not there before");
    ngx_commerce_hls_cache_add(cache, &i, &output);
}


static void
has(ngx_commerce_hls_injection_t i, const char *text, const char *what)
{
    u_char                      hash[NGX_COMMERCE_HLS_HASH_LEN];
    ngx_str_t                   wanted;
    ngx_commerce_hls_output_t  *output;

    output = ngx_commerce_hls_cache_find(cache, &i);

    if (text == NULL) {
        ok(output == NULL, "%s", what);
        return;
    }

    wanted = TEXT(text);
    ngx_commerce_hls_hash(&wanted, hash);

    ok(output
       && output->text.len == wanted.len
       && memcmp(output->text.data, wanted.data, wanted.len) == 0
       && memcmp(output->hash, hash, sizeof(hash)) == 0,
       "%s", what);
}


static void
test_what_it_was_made_of(void)
{
    char  text[] = "#EXTM3U\na\n", output[] = "#EXTM3U\ncue\na\n";

    start();

    add(injection(text, 1, 0, 2), output);

    has(injection("#EXTM3U\na\n", 1, 0, 2), "#EXTM3U\ncue\na\n", "the same");
    has(injection("#EXTM3U\nb\n", 1, 0, 2), NULL, "other text of that length");
    has(injection("#EXTM3U\na\n\n", 1, 0, 2), NULL, "more text");
    has(injection("#EXTM3U\na", 1, 0, 2), NULL, "less text");
    has(injection("", 1, 0, 2), NULL, "no text");
    has(injection(text, 2, 0, 2), NULL, "another copy of the room");
    has(injection(text, 1 + 1024, 0, 2), NULL, "... in the same place");
    has(injection(text, 1, 1, 2), NULL, "another clock");
    has(injection(text, 1, 0, 3), NULL, "other attributes");

    add(injection(text, 2, 0, 2), "two");
    add(injection(text, 1, 1, 2), "three");
    add(injection(text, 1 + 1024, 0, 2), "four");

    memset(text, 'x', sizeof(text) - 1);
    memset(output, 'x', sizeof(output) - 1);

    has(injection("#EXTM3U\na\n", 1, 0, 2), "#EXTM3U\ncue\na\n",
        "it has bytes of its own");
    has(injection("#EXTM3U\na\n", 2, 0, 2), "two", "the second");
    has(injection("#EXTM3U\na\n", 1, 1, 2), "three", "the third");
    has(injection("#EXTM3U\na\n", 1 + 1024, 0, 2), "four", "the fourth");

    end();
}


/* what a playlist of a room is after a cue, from the cache or not */

static void
test_a_cue(void)
{
    u_char                         out[4096];
    ngx_uint_t                     n;
    test_room_t                    room;
    ngx_commerce_hls_output_t      output;
    ngx_commerce_hls_injection_t   i;

    start();

    i = injection("#EXTM3U\n#EXTINF:4,\n1763841600000.ts\n", 0,
                  NGX_COMMERCE_HLS_CLOCK_NAME, 0);

    room_init(&room, 2, (int64_t[]) { BASE + 1000, BASE + 2000 });

    i.pool = pool;
    i.room = room.room.name;
    i.cues = room.cues;

    for (n = 0; n <= 2; n++) {
        i.ncues = n;
        i.serial = n + 1;

        ok(ngx_commerce_hls_cache_find(cache, &i) == NULL, "%u cues are news",
           (unsigned) n);

        ok(ngx_commerce_hls_prepare(&i) == NGX_OK
           && ngx_commerce_hls_plan(&i) == NGX_OK,
           "... put in");

        memset(&output, 0, sizeof(output));
        output.text.data = out;
        output.text.len = ngx_commerce_hls_inject(&i, out) - out;
        ngx_commerce_hls_hash(&output.text, output.hash);
        ngx_commerce_hls_cache_add(cache, &i, &output);

        out[output.text.len] = '\0';
        has(i, (char *) out, "... and kept");
    }

    end();
}


/* for tokens it is kept with their places, and what came of its cues */

static void
test_tokens(void)
{
    ngx_commerce_hls_place_t       places[2];
    ngx_commerce_hls_output_t      output, *kept;
    ngx_commerce_hls_injection_t   i;

    start();

    memset(places, 0, sizeof(places));
    places[0].offset = 9;
    places[1].offset = 11;
    places[1].put = 1;

    memset(&output, 0, sizeof(output));
    output.outcome = NGX_COMMERCE_HLS_MULTIVARIANT;
    output.text = TEXT("#EXTM3U\na\n");
    output.places = places;
    output.nplaces = 2;

    i = injection("#EXTM3U\na\n", 1, 0, 2);
    i.tokens = 1;

    ok(ngx_commerce_hls_cache_find(cache, &i) == NULL, "not there before");
    ngx_commerce_hls_cache_add(cache, &i, &output);

    memset(places, 0xff, sizeof(places));

    kept = ngx_commerce_hls_cache_find(cache, &i);

    if (ok(kept != NULL, "kept for tokens")) {
        ok(kept->outcome == NGX_COMMERCE_HLS_MULTIVARIANT, "... its outcome");
        ok(kept->nplaces == 2 && kept->places[0].offset == 9
           && kept->places[1].offset == 11 && kept->places[1].put,
           "... its places");
        is_text(kept->text, "#EXTM3U\na\n", "... its text");
    }

    i.tokens = 0;
    ok(ngx_commerce_hls_cache_find(cache, &i) == NULL, "not without tokens");

    end();
}


static void
test_how_much(void)
{
    char                         *text;
    size_t                        len;
    ngx_uint_t                    i, n, kept;
    ngx_commerce_hls_injection_t  large;

    start();

    len = NGX_COMMERCE_HLS_CACHE_ENTRY / 2;
    text = malloc(len + 1);
    memset(text, 'x', len);
    text[len] = '\0';

    add(injection(text, 1, 0, 0), text);
    has(injection(text, 1, 0, 0), NULL, "too large together");

    large = injection(text, 1, 0, 0);
    large.text.data = fenced(NGX_COMMERCE_HLS_CACHE_ENTRY + 1);
    large.text.len = NGX_COMMERCE_HLS_CACHE_ENTRY + 1;

    ok(ngx_commerce_hls_cache_find(cache, &large) == NULL, "too large alone");

    fenced_free(large.text.data, large.text.len);

    /* more than fit; the first is used all the time */

    text[len - 1024] = '\0';

    for (i = 1; i <= 100; i++) {
        add(injection(text, i, 0, 0), text);
        has(injection(text, 1, 0, 0), text, "what is used stays");
    }

    kept = 0;
    n = 0;

    for (i = 1; i <= 100; i++) {
        large = injection(text, i, 0, 0);

        if (ngx_commerce_hls_cache_find(cache, &large)) {
            kept++;

        } else {
            n = i;
        }
    }

    ok(kept >= NGX_COMMERCE_HLS_CACHE_SIZE / NGX_COMMERCE_HLS_CACHE_ENTRY - 1
       && kept * 2 * (len - 1024) <= NGX_COMMERCE_HLS_CACHE_SIZE,
       "as much as may be: %u", (unsigned) kept);
    ok(n == 101 - kept, "... the newest");

    free(text);
    end();
}


static void
test_no_memory(void)
{
    ngx_uint_t  n;

    pool = ngx_create_pool(4096, &ngx_shim_log);

    for (n = 1; ; n++) {
        ngx_shim_fail_alloc(n);
        cache = ngx_commerce_hls_cache_create(pool);
        ngx_shim_fail_alloc(0);

        if (cache) {
            break;
        }
    }

    ok(n > 1, "no cache without memory");

    ngx_shim_fail_alloc(1);
    add(injection("a", 1, 0, 0), "b");
    ngx_shim_fail_alloc(0);

    has(injection("a", 1, 0, 0), NULL, "without memory it is not kept");

    add(injection("a", 1, 0, 0), "b");
    has(injection("a", 1, 0, 0), "b", "... later it is");

    end();
}


int
main(void)
{
    test_what_it_was_made_of();
    test_a_cue();
    test_tokens();
    test_how_much();
    test_no_memory();

    return tap_done();
}
