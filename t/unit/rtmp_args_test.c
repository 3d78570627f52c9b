
/*
 * What a client presents when it publishes.
 */

/* links: src/rtmp/ngx_rtmp_commerce_args.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_text.c */


#include "ngx_shim.h"
#include "ngx_rtmp_commerce_args.h"
#include "../../src/core/ngx_commerce_url.c"
#include "tap.h"


static ngx_commerce_signed_url_t  tencent = {
    &ngx_commerce_clouds[0], NGX_COMMERCE_ACTION_PUBLISH, NULL, 0
};

static ngx_array_t               signed_urls = {
    &tencent, 1, sizeof(ngx_commerce_signed_url_t), 1, NULL
};

static ngx_array_t              *taken;    /* signed_urls, or none */
static u_char                    name[NGX_RTMP_COMMERCE_FIELD];
static u_char                    args[NGX_RTMP_COMMERCE_FIELD];
static ngx_rtmp_commerce_args_t  presented;


/* as nginx-rtmp receives a field and splits it */

static ngx_int_t
read_field(const char *field, size_t len)
{
    u_char  *p;

    ngx_memzero(name, sizeof(name));
    ngx_memzero(args, sizeof(args));

    ngx_memcpy(name, field, ngx_min(len, sizeof(name) - 1));

    p = (u_char *) strchr((char *) name, '?');

    if (p) {
        *p++ = '\0';
        ngx_cpystrn(args, p, sizeof(args));
    }

    return ngx_rtmp_commerce_args_read(&presented, taken, name, args);
}


#define read_text(text)  read_field(text, sizeof(text) - 1)


static void
test_arguments(void)
{
    ok(read_text("room") == NGX_OK, "a name alone");
    is_text(presented.name, "room", "is the name");
    ok(presented.key.data == NULL && presented.token.data == NULL,
       "nothing is presented with it");

    ok(read_text("room?key=a=b&x=1&token=1.h.m&y") == NGX_OK, "arguments");
    is_text(presented.name, "room", "the name");
    is_text(presented.key, "a=b", "the key, up to the next '&'");
    is_text(presented.token, "1.h.m", "the token");
    ok(strcmp((char *) args, "x=1&y") == 0, "others are left: \"%s\"", args);

    read_text("room?key=a&key=b");
    is_text(presented.key, "a", "of two keys the first");
    ok(args[0] == '\0', "but none is left");

    read_text("room?key=");
    ok(presented.key.data && presented.key.len == 0, "an empty key");

    read_text("room?xkey=a&keys=b&KEY=c&mytoken=d");
    ok(presented.key.data == NULL && presented.token.data == NULL,
       "names that only look like ours");
    ok(strcmp((char *) args, "xkey=a&keys=b&KEY=c&mytoken=d") == 0,
       "are left");

    ok(read_text("room?") == NGX_OK, "a '?' alone");
    ok(read_text("room?&&") == NGX_OK, "and ampersands");
}


static void
test_fields_that_are_not_whole(void)
{
    char  text[1024];

    ok(read_text("") == NGX_DECLINED, "an empty name");
    ok(read_text("?key=a") == NGX_DECLINED, "an empty name with a key");
    ok(read_text("ro\0om") == NGX_DECLINED, "a NUL in the name");
    ok(read_text("room\0?key=a") == NGX_DECLINED, "a NUL at its end");
    ok(read_text("room?key=a\0&b") == NGX_DECLINED, "a NUL in the arguments");

    memset(text, 'a', sizeof(text));
    ok(read_field(text, 254) == NGX_OK, "the longest name");
    ok(presented.name.len == 254, "is whole");
    ok(read_field(text, 255) == NGX_DECLINED, "one that may have been cut");
    ok(read_field(text, 1024) == NGX_DECLINED, "one that was");

    memcpy(text, "room?key=", 9);
    ok(read_field(text, 254) == NGX_OK, "the longest key");
    ok(presented.key.len == 245, "is whole");
    ok(args[0] == '\0', "and taken out");
    ok(read_field(text, 255) == NGX_DECLINED, "one that may have been cut");

    ngx_rtmp_commerce_args_wipe(&presented);
    ok(presented.name_text[0] == '\0' && presented.key_text[0] == '\0'
       && presented.key.data == NULL,
       "nothing is left when it is wiped");
}


static void
test_what_was_pasted(void)
{
    read_text(" \troom ?key= a.b \r\n&token=\n1.h.m");
    is_text(presented.name, "room", "a name without white space");
    is_text(presented.key, "a.b", "a key");
    is_text(presented.token, "1.h.m", "a token");

    ok(read_text(" \t?key=a") == NGX_DECLINED, "white space is no name");

    read_text("mp4:room?key=a");
    is_text(presented.name, "room", "a name without mp4:");
    read_text(" flv:room");
    is_text(presented.name, "room", "a name without flv:");
    read_text("mp3:room");
    is_text(presented.name, "mp3:room", "other prefixes stay");
    read_text("mp4:");
    is_text(presented.name, "mp4:", "a prefix alone is a name");
}


#define MAC  "0123456789abcdefABCD-_"

static void
test_a_token_as_the_name(void)
{
    read_text("room.1763841600.h1." MAC);
    is_text(presented.name, "room", "the room");
    is_text(presented.token, "1763841600.h1." MAC, "the token");

    read_text("mp4:room.1.h." MAC " ?x=1");
    is_text(presented.name, "room", "the room, of a name with a prefix");
    is_text(presented.token, "1.h." MAC, "the token");

    read_text("room.1763841600.h1." MAC "x");
    is_text(presented.name, "room.1763841600.h1." MAC "x",
            "what is too long for a token is a name");
    read_text("room..h1." MAC);
    ok(presented.token.data == NULL, "so is what has no expiry");
    read_text("room.17x.h1." MAC);
    ok(presented.token.data == NULL, "or a wrong one");
    read_text("a.key.with.dots");
    ok(presented.token.data == NULL, "or is a key");
    read_text("room.");
    ok(presented.token.data == NULL, "or ends with the dot");
}


static u_char *
take_url(const char *text)
{
    static u_char  url[NGX_RTMP_COMMERCE_FIELD];

    ngx_memzero(url, sizeof(url));
    ngx_cpystrn(url, (u_char *) text, sizeof(url));

    ngx_memzero(&presented, sizeof(presented));
    ngx_rtmp_commerce_args_take_url(&presented, taken, url);

    return url;
}


#define left_of(text, left, what)                                             \
    ok(strcmp((char *) take_url(text), left) == 0, what)

static void
test_urls(void)
{
    left_of("rtmp://h/live?key=k", "rtmp://h/live", "a URL without the key");
    is_text(presented.key, "k", "which is taken");

    left_of("rtmp://h/live?x=1&token=1.h.m&y", "rtmp://h/live?x=1&y",
            "other arguments stay");
    is_text(presented.token, "1.h.m", "a token is taken");

    left_of("rtmp://h/live?jwt=a.b.c", "rtmp://h/live", "or without the JWT");
    is_text(presented.jwt, "a.b.c", "which is taken");
    ok(ngx_rtmp_commerce_args_any(&presented), "as a proof");

    left_of("rtmp://room:secret@h:1935/live", "rtmp://h:1935/live",
            "a user and his password are left out");
    left_of("rtmp://h/live/a@b", "rtmp://h/live/a@b", "not other signs like it");
    left_of("rtmp://h?a@b", "rtmp://h?a@b", "nor those of arguments");
    left_of("rtmp://h", "rtmp://h", "a host alone");
    left_of("", "", "nothing");
}


static void
test_what_the_connect_brought(void)
{
    ngx_rtmp_commerce_args_t  brought;

    take_url("rtmp://h/live?key=a&token=b");
    brought = presented;
    ngx_memzero(&brought.name, sizeof(ngx_str_t));
    brought.key.data = brought.key_text;
    brought.token.data = brought.token_text;

    read_text("room");
    ngx_rtmp_commerce_args_copy(&presented, &brought);
    is_text(presented.name, "room", "the name of the publish");
    is_text(presented.key, "a", "the key of the connect");
    is_text(presented.token, "b", "the token of the connect");
    ok(presented.key.data == presented.key_text, "a copy of it");
}


static void
test_signed_urls(void)
{
    ngx_rtmp_commerce_args_t  brought;

    read_text("room?txSecret=a&txTime=b");
    ok(presented.url.data == NULL && !ngx_rtmp_commerce_args_any(&presented)
       && strcmp((char *) args, "txSecret=a&txTime=b") == 0,
       "where no URLs are taken, they are somebody else's");

    taken = &signed_urls;

    ok(read_text("room?txSecret=a&x=1&txTime=b \r\n&auth_key=1") == NGX_OK
       && ngx_rtmp_commerce_args_any(&presented), "a signed URL");
    is_text(presented.url, "txSecret=a&txTime=b", "what signs it");
    ok(strcmp((char *) args, "x=1&auth_key=1") == 0, "others are left: \"%s\"",
       args);

    read_text("room?txTime=1&txTime=2&txSecret");
    is_text(presented.url, "txTime=1&txTime=2", "what is there twice");
    ok(strcmp((char *) args, "txSecret") == 0, "a name without a value is left");

    left_of("rtmp://h/live?txTime=1&txSecret=2", "rtmp://h/live", "of a URL");
    is_text(presented.url, "txTime=1&txSecret=2", "it is taken");
    brought = presented;
    brought.url.data = brought.url_text;

    ngx_rtmp_commerce_args_take(&presented, taken, args);
    ngx_cpystrn(args, (u_char *) "txTime=3&y", sizeof(args));
    ngx_rtmp_commerce_args_take(&presented, taken, args);
    is_text(presented.url, "txTime=1&txSecret=2", "the first of several counts");
    ok(strcmp((char *) args, "y") == 0, "and none is left");

    read_text("room");
    ngx_rtmp_commerce_args_copy(&presented, &brought);
    is_text(presented.url, "txTime=1&txSecret=2", "of the connect");
    ok(presented.url.data == presented.url_text, "a copy of it");

    ngx_rtmp_commerce_args_wipe(&presented);
    ok(presented.url_text[0] == '\0', "which can be wiped");
}


int
main(void)
{
    test_arguments();
    test_fields_that_are_not_whole();
    test_what_was_pasted();
    test_a_token_as_the_name();
    test_urls();
    test_what_the_connect_brought();
    test_signed_urls();

    return tap_done();
}
