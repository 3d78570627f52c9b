
/*
 * A token goes into each URI of the playlist's own host, and into no other.
 */

#include "hls_test.h"
#include "ngx_commerce_hls_token.h"
#include "ngx_shim.h"


#define HEAD  "#EXTM3U\n"


static ngx_uint_t
allowed(void *data, ngx_str_t *host)
{
    return host->len == 15 && memcmp(host->data, "cdn.example.com", 15) == 0;
}


static ngx_commerce_hls_token_t  viewer = {
    .argument = ngx_string("viewer=T"),
    .host = ngx_string("live.example.com"),
    .scheme = NGX_COMMERCE_HLS_SCHEME_HTTPS,
    .allowed = allowed
};


/* with text and output fenced; the caller frees out */

static ngx_int_t
put(ngx_commerce_hls_token_t *token, const char *text, ngx_str_t *out)
{
    size_t        size;
    u_char       *to;
    ngx_int_t     rc;
    ngx_str_t     in, name;
    ngx_pool_t   *pool;
    ngx_array_t   places;

    pool = ngx_create_pool(4096, &ngx_shim_log);
    ngx_array_init(&places, pool, 4, sizeof(ngx_commerce_hls_place_t));

    in.len = strlen(text);
    in.data = fenced(in.len);
    memcpy(in.data, text, in.len);

    name = TEXT("viewer");
    rc = ngx_commerce_hls_token_find(&in, &name, &places);

    if (rc == NGX_OK) {
        size = ngx_commerce_hls_token_size(token, &in, places.nelts);
        to = fenced(size);

        out->len = ngx_commerce_hls_token_write(token, &in, places.elts,
                                                places.nelts, to)
                   - to;
        out->data = malloc(out->len + 1);
        memcpy(out->data, to, out->len);
        out->data[out->len] = '\0';

        fenced_free(to, size);
    }

    fenced_free(in.data, in.len);
    ngx_destroy_pool(pool);

    return rc;
}


static void
gives(const char *text, const char *expected, const char *what)
{
    ngx_str_t  out, again;

    if (!ok(put(&viewer, text, &out) == NGX_OK, "%s: a playlist", what)) {
        return;
    }

    is_text(out, expected, "%s", what);

    if (ok(put(&viewer, (char *) out.data, &again) == NGX_OK, "... again")) {
        is_text(again, expected, "... once is enough");
        free(again.data);
    }

    free(out.data);
}


/* one URI as a line and as an attribute */

static void
uri(const char *from, const char *to)
{
    char  text[1024], expected[1024];

    static const char  both[] = HEAD "#EXT-X-KEY:METHOD=AES-128,URI=\"%s\","
                                "IV=0x1\n#EXTINF:4,\n%s\n";

    snprintf(text, sizeof(text), both, from, from);
    snprintf(expected, sizeof(expected), both, to, to);

    gives(text, expected, from);
}


static void
stays(const char *from)
{
    uri(from, from);
}


static void
test_own_uris(void)
{
    uri("a.ts", "a.ts?viewer=T");
    uri("../b/a.ts", "../b/a.ts?viewer=T");
    uri("/live/a.ts", "/live/a.ts?viewer=T");
    uri("?a=b", "?a=b&viewer=T");
    uri("1763841600000.ts", "1763841600000.ts?viewer=T");
    uri("00:01.ts", "00:01.ts?viewer=T");
    uri("./a:b.ts", "./a:b.ts?viewer=T");
    uri("a.ts#t=1?2", "a.ts?viewer=T#t=1?2");
    uri("with a blank.ts", "with a blank.ts?viewer=T");
    uri("https://live.example.com/a.ts",
        "https://live.example.com/a.ts?viewer=T");
    uri("HTTPS://Live.Example.COM/a.ts",
        "HTTPS://Live.Example.COM/a.ts?viewer=T");
    uri("https://live.example.com:443/a.ts",
        "https://live.example.com:443/a.ts?viewer=T");
    uri("http://live.example.com:80/a.ts",
        "http://live.example.com:80/a.ts?viewer=T");
    uri("https://live.example.com", "https://live.example.com?viewer=T");
    uri("//live.example.com/a.ts", "//live.example.com/a.ts?viewer=T");
    uri("//live.example.com:443/a.ts", "//live.example.com:443/a.ts?viewer=T");
    uri("https://cdn.example.com:8443/a.ts?x",
        "https://cdn.example.com:8443/a.ts?x&viewer=T");
}


static void
test_queries(void)
{
    uri("a.ts?", "a.ts?viewer=T");
    uri("a.ts?a=b", "a.ts?a=b&viewer=T");
    uri("a.ts?a=b&", "a.ts?a=b&viewer=T");
    uri("a.ts?&&", "a.ts?&&viewer=T");
    uri("a.ts?a=b?c#d", "a.ts?a=b?c&viewer=T#d");
    uri("a.ts?a=%26viewer=1", "a.ts?a=%26viewer=1&viewer=T");
    uri("a.ts?viewer=old", "a.ts?viewer=T");
    uri("a.ts?viewer=", "a.ts?viewer=T");
    uri("a.ts?Viewer=old#f", "a.ts?viewer=T#f");
    uri("a.ts?viewer=old&a=b", "a.ts?a=b&viewer=T");
    uri("a.ts?a=b&viewer=old", "a.ts?a=b&viewer=T");
    uri("a.ts?viewer=1&viewer=2&a=b&viewer=3", "a.ts?a=b&viewer=T");
    uri("a.ts?viewers=1", "a.ts?viewers=1&viewer=T");
    uri("a.ts?aviewer=1", "a.ts?aviewer=1&viewer=T");
    uri("a.ts?viewer", "a.ts?viewer&viewer=T");
}


static void
test_others(void)
{
    stays("https://other.example.com/a.ts");
    stays("https://other.example.com/a.ts?viewer=theirs");
    stays("//other.example.com/a.ts");
    stays("https://live.example.com:8443/a.ts");
    stays("http://live.example.com:443/a.ts");
    stays("https://live.example.com.evil.example/a.ts");
    stays("https://live.example.com@evil.example/a.ts");
    stays("https://evil.example\\@live.example.com/a.ts");
    stays("/\\evil.example/a.ts");
    stays("/\t/evil.example/a.ts");
    stays("https:a.ts");
    stays("https:///a.ts");
    stays("///a.ts");
    stays("//:80/a.ts");
    stays("data:text/plain,abc");
    stays("skd://key");
    stays("blob:https://live.example.com/a");
    stays("urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed");
    stays("#fragment");
    stays("{$base}/a.ts");
    stays("{$scheme}://live.example.com/a.ts");
    stays("/{$base}/a.ts");
    stays("https://{$host}/a.ts");
    stays("https://[::1]/a.ts");

    uri("a/{$name}.ts", "a/{$name}.ts?viewer=T");
    uri("a.ts?{$query}", "a.ts?{$query}&viewer=T");
}


static void
test_tags(void)
{
    gives(HEAD "#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"720@0\"\n"
          "#EXT-X-PART:DURATION=1,URI=\"p1.mp4\",INDEPENDENT=YES\n"
          "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"p2.mp4?x=1\"\n"
          "#EXT-X-RENDITION-REPORT:URI=\"../b/i.m3u8\",LAST-MSN=7\n",
          HEAD "#EXT-X-MAP:URI=\"init.mp4?viewer=T\",BYTERANGE=\"720@0\"\n"
          "#EXT-X-PART:DURATION=1,URI=\"p1.mp4?viewer=T\",INDEPENDENT=YES\n"
          "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"p2.mp4?x=1&viewer=T\"\n"
          "#EXT-X-RENDITION-REPORT:URI=\"../b/i.m3u8?viewer=T\",LAST-MSN=7\n",
          "a low latency media playlist");

    gives(HEAD "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\"\n"
          "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"/k\"\n"
          "#EXT-X-SESSION-DATA:DATA-ID=\"a\",URI=\"d.json\"\n"
          "#EXT-X-CONTENT-STEERING:SERVER-URI=\"/s?a\",PATHWAY-ID=\"A\"\n"
          "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a,URI=b\",URI=\"a.m3u8\"\n"
          "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8\"\n"
          "#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO=\"a,URI=b\"\nv.m3u8\n",
          HEAD "#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\"\n"
          "#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"/k?viewer=T\"\n"
          "#EXT-X-SESSION-DATA:DATA-ID=\"a\",URI=\"d.json?viewer=T\"\n"
          "#EXT-X-CONTENT-STEERING:SERVER-URI=\"/s?a&viewer=T\","
          "PATHWAY-ID=\"A\"\n"
          "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a,URI=b\","
          "URI=\"a.m3u8?viewer=T\"\n"
          "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"i.m3u8?viewer=T\"\n"
          "#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO=\"a,URI=b\"\nv.m3u8?viewer=T\n",
          "a multivariant playlist");

    gives(HEAD "#EXT-X-DATERANGE:ID=\"a\",X-ASSET-URI=\"/ad.m3u8\","
          "X-ASSET-LIST=\"/l.json\",URI=\"/x\"\n"
          "# URI=\"a comment\"\n#EXT-X-CUE-OUT:30\n#EXT-X-ENDLIST\n"
          "#EXT-OTHER:URI=\"a\"\n#EXT-X-KEY\n#EXT-X-KEY:METHOD=NONE\n"
          "#EXT-X-KEY:URI=\"not ended\n",
          HEAD "#EXT-X-DATERANGE:ID=\"a\",X-ASSET-URI=\"/ad.m3u8\","
          "X-ASSET-LIST=\"/l.json\",URI=\"/x\"\n"
          "# URI=\"a comment\"\n#EXT-X-CUE-OUT:30\n#EXT-X-ENDLIST\n"
          "#EXT-OTHER:URI=\"a\"\n#EXT-X-KEY\n#EXT-X-KEY:METHOD=NONE\n"
          "#EXT-X-KEY:URI=\"not ended\n",
          "what has no URI of ours");
}


static void
test_lines(void)
{
    gives("#EXTM3U\r\n#EXTINF:4,\r\na.ts\r\n\r\n#EXTINF:4,\r\nb.ts",
          "#EXTM3U\r\n#EXTINF:4,\r\na.ts?viewer=T\r\n\r\n#EXTINF:4,\r\n"
          "b.ts?viewer=T", "lines that end with CR LF, or not at all");

    gives(HEAD " \ta.ts \n", HEAD " \ta.ts?viewer=T \n", "blanks around");

    gives("\xef\xbb\xbf\n#EXTM3U\na.ts\n",
          "\xef\xbb\xbf\n#EXTM3U\na.ts?viewer=T\n",
          "a byte order mark and a blank line before all");

    gives(HEAD, HEAD, "nothing");
    gives("#EXTM3U", "#EXTM3U", "nothing at all");
}


static void
test_no_playlists(void)
{
    ngx_str_t  out;

    ok(put(&viewer, "", &out) == NGX_DECLINED, "empty");
    ok(put(&viewer, "<html>", &out) == NGX_DECLINED, "a page");
    ok(put(&viewer, "#EXTM3U8\na.ts\n", &out) == NGX_DECLINED, "#EXTM3U8");
    ok(put(&viewer, "\n<html>\n#EXTM3U\n", &out) == NGX_DECLINED,
       "a page that begins with a blank line");
}


static void
test_hosts(void)
{
    ngx_str_t                  out;
    ngx_commerce_hls_token_t   token;

    token = viewer;
    token.host = TEXT("localhost:8080");
    token.scheme = NGX_COMMERCE_HLS_SCHEME_HTTP;
    token.allowed = NULL;

    put(&token, HEAD "http://localhost:8080/a\n//LOCALHOST:8080/b\n"
        "http://localhost/c\nhttps://cdn.example.com/d\n"
        "http://localhost:80/e\n", &out);
    is_text(out, HEAD "http://localhost:8080/a?viewer=T\n"
            "//LOCALHOST:8080/b?viewer=T\nhttp://localhost/c\n"
            "https://cdn.example.com/d\nhttp://localhost:80/e\n",
            "a port is part of a host");
    free(out.data);

    token.host = TEXT("[::1]:8080");

    put(&token, HEAD "http://[::1]:8080/a\nhttp://[::1]/b\n", &out);
    is_text(out, HEAD "http://[::1]:8080/a?viewer=T\nhttp://[::1]/b\n",
            "an address");
    free(out.data);

    token.host = TEXT("live.example.com");

    put(&token, HEAD "https://live.example.com/a\n"
        "http://live.example.com/b\n//live.example.com:443/c\n", &out);
    is_text(out, HEAD "https://live.example.com/a?viewer=T\n"
            "http://live.example.com/b?viewer=T\n//live.example.com:443/c\n",
            "behind a proxy that speaks TLS");
    free(out.data);

    token.host = TEXT("");

    put(&token, HEAD "http://localhost/a\nb\n", &out);
    is_text(out, HEAD "http://localhost/a\nb?viewer=T\n", "no host is known");
    free(out.data);
}


int
main(void)
{
    test_own_uris();
    test_queries();
    test_others();
    test_tags();
    test_lines();
    test_no_playlists();
    test_hosts();

    return tap_done();
}
