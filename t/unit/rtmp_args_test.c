
/*
 * What a client presents when it publishes.
 */

/* links: src/rtmp/ngx_rtmp_commerce_args.c */


#include "ngx_shim.h"
#include "ngx_rtmp_commerce_args.h"
#include "tap.h"


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

    return ngx_rtmp_commerce_args_read(&presented, name, args);
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
    ok(presented.buf[0] == '\0' && presented.key.data == NULL,
       "nothing is left when it is wiped");
}


int
main(void)
{
    test_arguments();
    test_fields_that_are_not_whole();

    return tap_done();
}
