
/*
 * The bytes are a playlist.  A token is put in: the lines are as many as
 * before, what is not changed is the same, a second token takes the place of
 * the first, and whatever a place is in is of a host where tokens may go.
 */

/* links: src/hls/ngx_commerce_hls_*.c */


#include "fuzz.h"
#include "ngx_shim.h"
#include "ngx_commerce_hls_token.h"


#define TEXT(s)  { sizeof(s) - 1, (u_char *) s }

#define FIRST    "viewer=s.1795381200.1795374000123.u42.Pszer66OsAQVYQhyj8t31Q"
#define SECOND   "viewer=short"


static ngx_str_t   name = TEXT("viewer");


static ngx_uint_t
allowed(void *data, ngx_str_t *host)
{
    must(host->len);

    return host->data[0] == 'c';
}


static ngx_commerce_hls_token_t  first = {
    .argument = TEXT(FIRST),
    .host = TEXT("live.example.com:8080"),
    .allowed = allowed
};


static ngx_commerce_hls_token_t  second = {
    .argument = TEXT(SECOND),
    .host = TEXT("live.example.com:8080"),
    .allowed = allowed
};


/* text.data is NULL if there is no playlist; the caller frees it */

static ngx_str_t
put(ngx_commerce_hls_token_t *token, ngx_str_t *text)
{
    size_t        size;
    u_char       *p;
    ngx_str_t     out;
    ngx_pool_t   *pool;
    ngx_array_t   places;

    out.len = 0;
    out.data = NULL;

    pool = ngx_create_pool(4096, &ngx_shim_log);
    ngx_array_init(&places, pool, 1, sizeof(ngx_commerce_hls_place_t));

    if (ngx_commerce_hls_token_find(text, &name, &places) == NGX_OK) {
        size = ngx_commerce_hls_token_size(token, text, places.nelts);
        p = malloc(size);

        out.len = ngx_commerce_hls_token_write(token, text, places.elts,
                                               places.nelts, p)
                  - p;
        must(out.len <= size);

        out.data = fuzz_copy(p, out.len);
        free(p);
    }

    ngx_destroy_pool(pool);

    return out;
}


static u_char *
line_end(u_char *p, u_char *last)
{
    u_char  *eol;

    eol = memchr(p, '\n', last - p);

    return eol ? eol + 1 : last;
}


/* a line that differs has the token; one that has a foreign scheme doesn't */

static void
must_be_right(ngx_str_t *from, ngx_str_t *to)
{
    u_char  *p, *eol, *q, *end, *last;

    p = from->data;
    last = from->data + from->len;
    q = to->data;

    for ( /* void */ ; p < last; p = eol, q = end) {
        eol = line_end(p, last);
        end = line_end(q, to->data + to->len);

        if (eol - p == end - q && memcmp(p, q, eol - p) == 0) {
            continue;
        }

        must(memmem(q, end - q, FIRST, sizeof(FIRST) - 1));

        must(end - q < 5 || strncasecmp((char *) q, "data:", 5) != 0);
        must(end - q < 4 || strncasecmp((char *) q, "skd:", 4) != 0);
        must(end - q < 17 || memcmp(q, "#EXT-X-DATERANGE:", 17) != 0);
        must(end - q < 9 || memcmp(q, "https://", 8) != 0
             || q[8] == 'c' || q[8] == 'l' || q[8] == 'L');
    }

    must(q == to->data + to->len);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_str_t  text, with_first, again, both, with_second;

    text.data = fuzz_copy(data, size);
    text.len = size;

    with_first = put(&first, &text);

    if (with_first.data) {
        must_be_right(&text, &with_first);

        again = put(&first, &with_first);
        must(again.len == with_first.len);
        must(memcmp(again.data, with_first.data, again.len) == 0);
        free(again.data);

        both = put(&second, &with_first);
        with_second = put(&second, &text);
        must(both.len == with_second.len);
        must(memcmp(both.data, with_second.data, both.len) == 0);
        free(both.data);
        free(with_second.data);
    }

    free(with_first.data);
    free(text.data);

    return 0;
}
