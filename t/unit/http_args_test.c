
/*
 * What is secret in arguments is blanked, and put back, where it stands.
 */

/* links: src/http/ngx_http_commerce_args.c */


#include <stdlib.h>
#include "ngx_http_commerce_args.h"
#include "tap.h"


static ngx_str_t
copy(const char *text)
{
    ngx_str_t  s;

    s.len = strlen(text);
    s.data = malloc(s.len);
    memcpy(s.data, text, s.len);

    return s;
}


static void
blanks(const char *args, const char *wanted)
{
    ngx_str_t  s, original;

    s = copy(args);
    original = copy(args);

    ok(ngx_http_commerce_args_secret(&s) == (strcmp(args, wanted) != 0),
       "%s: is there any", args);

    ngx_http_commerce_args_blank(&s);
    is_text(s, wanted, "... blanked");

    ngx_http_commerce_args_restore(&s, &original);
    is_text(s, args, "... put back");

    free(s.data);
    free(original.data);
}


static void
blanks_uri(const char *uri, const char *wanted)
{
    ngx_str_t  s;

    s = copy(uri);
    ngx_http_commerce_args_blank_uri(&s);
    is_text(s, wanted, "%s", uri);
    free(s.data);
}


static void
restores(const char *args, const char *original, const char *wanted)
{
    ngx_str_t  s, o;

    s = copy(args);
    o = copy(original);
    ngx_http_commerce_args_restore(&s, &o);
    is_text(s, wanted, "%s of %s", args, original);
    free(s.data);
    free(o.data);
}


static void
keeps(const char *args, const char *others, const char *ours)
{
    u_char     buf[256];
    ngx_str_t  s, out;

    s = copy(args);
    out.data = buf;

    out.len = ngx_http_commerce_args_strip(&s, buf, 0) - buf;
    is_text(out, others, "%s: without ours", args);

    out.len = ngx_http_commerce_args_keep(&s, buf) - buf;
    is_text(out, ours, "... ours alone");

    free(s.data);
}


static void
drops(const char *args, ngx_uint_t also, const char *others)
{
    u_char     buf[256];
    ngx_str_t  s, out;

    s = copy(args);
    out.data = buf;
    out.len = ngx_http_commerce_args_strip(&s, buf, also) - buf;
    is_text(out, others, "%s: without others, too", args);
    free(s.data);
}


int
main(void)
{
    blanks("", "");
    blanks("viewer=a.b", "viewer=***");
    blanks("x=1&Viewer=abc&y=2&viewer=de", "x=1&Viewer=***&y=2&viewer=**");
    blanks("viewer=", "viewer=");
    blanks("viewer=&viewer=a", "viewer=&viewer=*");
    blanks("viewer", "viewer");
    blanks("viewers=a&xviewer=b&x=viewer=c", "viewers=a&xviewer=b&x=viewer=c");
    blanks("txSecret=f8&txTime=5C", "txSecret=**&txTime=5C");
    blanks("auth_key=1-2&volcSecret=a&volcTime=1",
           "auth_key=***&volcSecret=*&volcTime=1");
    blanks("a#viewer=b", "a#viewer=*");

    blanks_uri("/viewer=a&viewer=b", "/viewer=a&viewer=b");
    blanks_uri("/a&viewer=b?viewer=c", "/a&viewer=b?viewer=*");
    blanks_uri("GET /a?viewer=bc HTTP/1.1", "GET /a?viewer=** HTTP/1.1");
    blanks_uri("/a#viewer=b", "/a#viewer=*");
    blanks_uri("/a?", "/a?");

    restores("viewer=**", "viewer=ab", "viewer=ab");
    restores("viewer=**", "viewer=abc", "viewer=**");
    restores("viewer=**", "viewer=abc&viewer=de", "viewer=de");
    restores("auth_key=**", "viewer=ab", "auth_key=**");
    restores("x=**&viewer=*b", "viewer=ab", "x=**&viewer=*b");

    keeps("", "", "");
    keeps("a=b&viewer=c&txTime=1&d", "a=b&d", "viewer=c&txTime=1");
    keeps("viewer=c&&", "&", "viewer=c");

    drops("a&_HLS_skip=v2&viewer=c", NGX_HTTP_COMMERCE_ARGS_SKIP, "a");
    drops("_HLS_skip=YES&viewer=c", 0, "_HLS_skip=YES");
    drops("clip=1-0&a&clips=2", NGX_HTTP_COMMERCE_ARGS_CLIP, "a&clips=2");

    return tap_done();
}
