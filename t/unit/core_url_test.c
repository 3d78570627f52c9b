
/*
 * URLs as the clouds sign them.  What the clouds' documentation shows is named
 * so; the other MACs are md5sum's and sha256sum's.
 */

/* links: src/core/ngx_commerce_claims.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */


#include "ngx_shim.h"
#include "../../src/core/ngx_commerce_url.c"
#include "tap.h"


#define PUSH  NGX_COMMERCE_ACTION_PUBLISH
#define PLAY  NGX_COMMERCE_ACTION_VIEW

#define MD5    "f85a2ab363fe4deaffef9754d79da6fe"
#define UPPER  "F85A2AB363FE4DEAFFEF9754D79DA6FE"
#define SHA    "2fe51d13bff48deaddd7e4e086265e69d5a04a64db9a2cbc737bd585c472fd07"

#define FOR_EVER  99999999999000LL


/* the keys of documentation: Tencent's, Aliyun's, Volcengine's */

static ngx_str_t  tencent_keys[] = {
    ngx_string("a-backup-key"), ngx_string("e12c46f2612d5106e2034781ab261ca3")
};

static ngx_str_t  push_keys[] = { ngx_string("the-key-to-push") };
static ngx_str_t  aliyun_keys[] = { ngx_string("aliyuncdnexp1234") };
static ngx_str_t  volcengine_keys[] = { ngx_string("A1B2C3d4e5f6") };

static ngx_array_t  tencent = { tencent_keys, 2, sizeof(ngx_str_t), 2, NULL };
static ngx_array_t  push = { push_keys, 1, sizeof(ngx_str_t), 1, NULL };
static ngx_array_t  aliyun = { aliyun_keys, 1, sizeof(ngx_str_t), 1, NULL };
static ngx_array_t  volcengine = { volcengine_keys, 1, sizeof(ngx_str_t), 1,
                                   NULL };

static ngx_commerce_signed_url_t  all[] = {
    { &ngx_commerce_clouds[0], PUSH, &push, 0 },
    { &ngx_commerce_clouds[0], PLAY, &tencent, 300000 },
    { &ngx_commerce_clouds[1], PUSH, &aliyun, 60000 },
    { &ngx_commerce_clouds[1], PLAY, &aliyun, 1800000 },
    { &ngx_commerce_clouds[2], PUSH, &volcengine, 0 },
    { &ngx_commerce_clouds[2], PLAY, &volcengine, 0 }
};

static ngx_array_t  signed_urls = { all, 6, sizeof(ngx_commerce_signed_url_t),
                                    6, NULL };

static ngx_commerce_claims_t  claims;


static ngx_str_t
copy(const char *text, size_t len)
{
    ngx_str_t  str;

    str.len = len;
    str.data = malloc(len ? len : 1);
    memcpy(str.data, text, len);

    return str;
}


static ngx_commerce_reason_e
verify_args(const char *app, const char *stream, const char *args, size_t len,
    ngx_commerce_action_e action, int64_t now)
{
    ngx_commerce_url_t     url;
    ngx_commerce_reason_e  reason;

    url.app = copy(app, strlen(app));
    url.stream = copy(stream, strlen(stream));
    url.args = copy(args, len);

    reason = ngx_commerce_url_verify(&signed_urls, &url, action, now, &claims);

    if (reason == NGX_COMMERCE_ALLOWED) {
        ok(claims.room.data == url.stream.data
           && claims.room.len == url.stream.len
           && claims.subject.len == 0 && claims.issued == 0
           && claims.action == action && !claims.session
           && claims.proof == NGX_COMMERCE_PROOF_URL,
           "the room is proved, and nobody in particular");
    }

    free(url.app.data);
    free(url.stream.data);
    free(url.args.data);

    return reason;
}


static ngx_commerce_reason_e
verify(const char *app, const char *stream, const char *args,
    ngx_commerce_action_e action, int64_t now)
{
    return verify_args(app, stream, args, strlen(args), action, now);
}


static void
documented(void)
{
    ok(verify("live", "test", "txSecret=" MD5 "&txTime=5C271099", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "Tencent's documentation");
    ok(claims.expires == 1546064025000 + 300000,
       "to be played until the time and the validity");

    ok(verify("video/standard", "1K.html",
              "auth_key=1444435200-0-0-80cd3862d699b7118eed99103f2a3a4f",
              PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "Aliyun's documentation");
    ok(claims.expires == 1444435200000 + 1800000, "with its validity");

    ok(verify("live", "livestream", "volcTime=1653632422"
              "&volcSecret=e5bb77201cbaa2f9ccdd316fcda4c212", PUSH, 0)
       == NGX_COMMERCE_ALLOWED, "Volcengine's documentation");
    ok(claims.expires == 1653632422000, "at its time");
}


static void
tencent_forms(void)
{
    ok(verify("any", "test", "txSecret=" SHA "&txTime=5C271099", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "SHA-256, and any application");
    ok(verify("", "test", "a=b&txTime=1546064025&c&txSecret="
              "ce6b9eea97285cdf914ac6df0030ce28&", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "a decimal time, among other arguments");
    ok(claims.expires == 1546064025000 + 300000, "it is the same time");
    ok(verify("live", "test", "txSecret=9603387445825a481e6b7496aced5746"
              "&txTime=5c271099", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "a time in lower case, as signed");
    ok(verify("live", "test", "txSecret=9603387445825a481e6b7496aced5746"
              "&txTime=5C271099", PLAY, 0)
       == NGX_COMMERCE_PROOF_WRONG, "but not in upper case then");

    ok(verify("live", "test", "txSecret=" MD5 "&txTime=5C271099", PUSH, 0)
       == NGX_COMMERCE_PROOF_OTHER_ACTION, "who may play may not push");
    ok(verify("live", "test", "txSecret=" MD5 "&txTime=5C271099", PLAY,
              1546064025000 + 299999)
       == NGX_COMMERCE_ALLOWED, "until its last millisecond");
    ok(verify("live", "test", "txSecret=" MD5 "&txTime=5C271099", PLAY,
              1546064025000 + 300000)
       == NGX_COMMERCE_PROOF_EXPIRED, "and no longer");
    ok(verify("live", "test", "txSecret=d41d8cd98f00b204e9800998ecf8427e"
              "&txTime=5C271099", PLAY, FOR_EVER)
       == NGX_COMMERCE_PROOF_WRONG, "what is wrong is not told its time");

    /* the key to push, test, 5C271099 */

    ok(verify("live", "test", "txSecret=4280a953d85829e2bbb4454fcd13ff30"
              "&txTime=5C271099", PLAY, 0)
       == NGX_COMMERCE_PROOF_OTHER_ACTION, "who may push may not play");
}


static void
tencent_two_ways(void)
{
    /* KEY demo 1795381200 */

    ok(verify("live", "demo", "txSecret=d7cc1b4ae6796c29373d575f81be598d"
              "&txTime=1795381200", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "a room and a decimal time");
    ok(verify("live", "demo17", "txSecret=d7cc1b4ae6796c29373d575f81be598d"
              "&txTime=95381200", PLAY, 0)
       == NGX_COMMERCE_PROOF_WRONG, "are not another room and a hex time");
}


static void
aliyun_forms(void)
{
    ok(verify("live", "demo", "auth_key=1795381200-0-0-"
              "a40b7c397af9f7e840d79ef1872320ce", PUSH, 0)
       == NGX_COMMERCE_ALLOWED, "a stream to be pushed");
    ok(claims.expires == 1795381200000 + 60000, "for another validity");
    ok(verify("live", "demo", "auth_key=1795381200-0-0-"
              "7ffa1f84408cbb966050d66b38a49efc", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "a playlist");
    ok(verify("live", "demo", "auth_key=1795381200-0-0-"
              "83c60d501874d7491617842f4e54ac7b", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "HTTP-FLV");
    ok(verify("live", "demo", "auth_key=1795381200-0-0-"
              "7ffa1f84408cbb966050d66b38a49efc", PUSH, 0)
       == NGX_COMMERCE_PROOF_OTHER_ACTION, "nobody pushes a playlist");
    ok(verify("live", "demo", "auth_key=1795381200-"
              "477b3bbc253f467b8def6711128c7bec-0-"
              "cfbfe4c87469cc86f877fd30a3b61867", PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "a UUID");

    ok(verify("other", "demo", "auth_key=1795381200-0-0-"
              "a40b7c397af9f7e840d79ef1872320ce", PUSH, 0)
       == NGX_COMMERCE_PROOF_WRONG, "another application");
    ok(verify("live", "demo2", "auth_key=1795381200-0-0-"
              "a40b7c397af9f7e840d79ef1872320ce", PUSH, 0)
       == NGX_COMMERCE_PROOF_WRONG, "another stream");
    ok(verify("live", "demo", "auth_key=1795381200-0-1-"
              "a40b7c397af9f7e840d79ef1872320ce", PUSH, 0)
       == NGX_COMMERCE_PROOF_WRONG, "another uid");
    ok(verify("live", "demo", "auth_key=1795381200-0-0-"
              "a40b7c397af9f7e840d79ef1872320ce", PUSH, 1795381260000)
       == NGX_COMMERCE_PROOF_EXPIRED, "one that has expired");
}


static void
malformed(void)
{
    size_t       i, len;
    char         args[512];
    static char  tx[] = "txSecret=" MD5 "&txTime=5C271099";

    static const char  *wrong[] = {
        "txSecret=" MD5,
        "txTime=5C271099",
        "txSecret=&txTime=",
        "txSecret=" MD5 "&txTime=",
        "txSecret=" MD5 "0&txTime=5C271099",
        "txSecret=" MD5 "&txTime=5C2710990",
        "txSecret=" MD5 "&txTime=5C27109G",
        "txSecret=" MD5 "&txTime=-5C27109",
        "txSecret=" MD5 "&txTime=5C271098",
        "txSecret=" UPPER "&txTime=5C271099",
        "txSecret=%66" "85a2ab363fe4deaffef9754d79da6fe&txTime=5C271099",
        "txSecret=" MD5 "&txSecret=" MD5 "&txTime=5C271099",
        "txSecret=" MD5 "&txTime=5C271099&txTime=5C271099",
        "txSecret=" MD5 ";txTime=5C271099",
        "auth_key=",
        "auth_key=---",
        "auth_key=1795381200",
        "auth_key=1795381200-0-0",
        "auth_key=1795381200-0-0-",
        "auth_key=1795381200-0-a40b7c397af9f7e840d79ef1872320ce",
        "auth_key=1795381200--0-a40b7c397af9f7e840d79ef1872320ce",
        "auth_key=1795381200-0-0-0-a40b7c397af9f7e840d79ef1872320ce",
        "auth_key=1795381200-0-%30-a40b7c397af9f7e840d79ef1872320ce",
        "auth_key=1795381200-0-0-a40b7c397af9f7e840d79ef1872320c",
        "auth_key=1795381200-0-0-A40B7C397AF9F7E840D79EF1872320CE",
        "auth_key=17953812000-0-0-a40b7c397af9f7e840d79ef1872320ce",
        "auth_key=6B035E50-0-0-a40b7c397af9f7e840d79ef1872320ce",
        "auth_key=1795381200-0-0-a40b7c397af9f7e840d79ef1872320ce"
            "&auth_key=1795381200-0-0-a40b7c397af9f7e840d79ef1872320ce",
        "volcTime=1653632422",
        "volcSecret=e5bb77201cbaa2f9ccdd316fcda4c212",
        "volcTime=1653632423&volcSecret=e5bb77201cbaa2f9ccdd316fcda4c212",
        "volcTime=628F4C26&volcSecret=e5bb77201cbaa2f9ccdd316fcda4c212",
        "volcTime=1653632422&volcSecret=E5BB77201CBAA2F9CCDD316FCDA4C212"
    };

    static const char  *missing[] = {
        "", "&", "&&=", "txSecre=" MD5, "TXSECRET=" MD5 "&TXTIME=5C271099",
        "txSecret&txTime", "tx%53ecret=" MD5 "&tx%54ime=5C271099",
        "a=txSecret=" MD5, "auth_keys=1", "viewer=txSecret"
    };

    for (i = 0; i < sizeof(wrong) / sizeof(char *); i++) {
        ok(verify("live", "test", wrong[i], PLAY, 0)
           == NGX_COMMERCE_PROOF_WRONG
           && verify("live", "demo", wrong[i], PUSH, 0)
              == NGX_COMMERCE_PROOF_WRONG
           && verify("live", "livestream", wrong[i], PLAY, 0)
              == NGX_COMMERCE_PROOF_WRONG, "wrong: %s", wrong[i]);
    }

    for (i = 0; i < sizeof(missing) / sizeof(char *); i++) {
        ok(verify("live", "test", missing[i], PLAY, 0)
           == NGX_COMMERCE_PROOF_MISSING, "nothing: %s", missing[i]);
    }

    len = strlen(tx);

    for (i = 0; i < len; i++) {
        if (verify_args("live", "test", tx, i, PLAY, 0)
            == NGX_COMMERCE_ALLOWED)
        {
            break;
        }
    }

    ok(i == len, "cut short anywhere");

    for (i = 0; i < len; i++) {
        memcpy(args, tx, len);
        args[i] = '\0';

        if (verify_args("live", "test", args, len, PLAY, 0)
            == NGX_COMMERCE_ALLOWED)
        {
            break;
        }
    }

    ok(i == len, "a NUL anywhere");
}


static void
streams(void)
{
    char  args[256], name[NGX_COMMERCE_URL_APP_MAX + 2];

    snprintf(args, sizeof(args), "txSecret=%s&txTime=5C271099", MD5);

    ok(verify("live", "", args, PLAY, 0) == NGX_COMMERCE_PROOF_WRONG,
       "no stream");

    /* what the hash of "KEYtest5C271099" is filled up with */

    ok(verify("live", "test5C271099\x80", args, PLAY, 0)
       == NGX_COMMERCE_PROOF_WRONG, "a stream with what no name has");
    ok(verify("live", "a/b", args, PLAY, 0) == NGX_COMMERCE_PROOF_WRONG,
       "a stream with a slash");

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';

    ok(verify(name, "test", args, PLAY, 0) == NGX_COMMERCE_PROOF_WRONG,
       "a long application");
    name[NGX_COMMERCE_NAME_MAX + 1] = '\0';
    ok(verify("live", name, args, PLAY, 0) == NGX_COMMERCE_PROOF_WRONG,
       "a long stream");
}


static void
several(void)
{
    ok(verify("live", "test", "txSecret=" MD5 "&txTime=5C271099"
              "&auth_key=1795381200-0-0-a40b7c397af9f7e840d79ef1872320ce",
              PLAY, 0)
       == NGX_COMMERCE_ALLOWED, "one that is right beside one that is not");
    ok(verify("live", "demo", "txSecret=" MD5 "&txTime=5C271099"
              "&auth_key=1795381200-0-0-a40b7c397af9f7e840d79ef1872320ce",
              PLAY, FOR_EVER)
       == NGX_COMMERCE_PROOF_EXPIRED, "one that was right, beside one wrong");
}


static ngx_uint_t
signs(ngx_array_t *of, const char *text)
{
    ngx_str_t   arg;
    ngx_uint_t  found;

    arg = copy(text, strlen(text));
    found = ngx_commerce_url_signs(of, &arg);
    free(arg.data);

    return found;
}


static void
arguments(void)
{
    ngx_array_t  one = { &all[2], 1, sizeof(ngx_commerce_signed_url_t), 1,
                         NULL };

    ok(signs(&signed_urls, "txSecret=1") && signs(&signed_urls, "txTime=")
       && signs(&signed_urls, "auth_key=1") && signs(&signed_urls, "volcTime=1")
       && signs(&signed_urls, "volcSecret=1"), "the clouds' arguments");
    ok(!signs(&signed_urls, "") && !signs(&signed_urls, "txSecret")
       && !signs(&signed_urls, "viewer=1") && !signs(&signed_urls, "TXTIME=1"),
       "others");
    ok(signs(&one, "auth_key=1") && !signs(&one, "txSecret=1"),
       "those of other clouds are somebody else's");
    ok(!signs(NULL, "auth_key=1"), "where none is taken");
}


static void
is_app(const char *path, const char *stream, const char *app)
{
    ngx_str_t  p, s, got;

    p = copy(path, strlen(path));
    s = copy(stream, strlen(stream));
    got = ngx_commerce_url_app(&p, &s);

    is_text(got, app, "%s in %s", stream, path);

    free(p.data);
    free(s.data);
}


static void
applications(void)
{
    is_app("/live/demo.m3u8", "demo", "live");
    is_app("/live/demo.flv", "demo", "live");
    is_app("/live/demo", "demo", "live");
    is_app("/live/demo/index.m3u8", "demo", "live");
    is_app("/live/demo/demo-7.ts", "demo", "live");
    is_app("/live/demo-1795374000123.ts", "demo", "live");
    is_app("/live/demo_hd.m3u8", "demo", "live");
    is_app("/a/b/demo.m3u8", "demo", "a/b");
    is_app("/demo/demo.m3u8", "demo", "demo");
    is_app("/live/demo2.m3u8", "demo", "");
    is_app("/live/demoB.m3u8", "demo", "");
    is_app("/demo2/demo.m3u8", "demo", "demo2");
    is_app("/demo.m3u8", "demo", "");
    is_app("/live/xdemo.m3u8", "demo", "");
    is_app("/live/dem", "demo", "");
    is_app("/live/", "demo", "");
    is_app("live/demo", "demo", "");
    is_app("/live/demo", "", "");
    is_app("/", "demo", "");
    is_app("", "demo", "");
}


int
main(void)
{
    ngx_commerce_url_t  url;

    documented();
    tencent_forms();
    tencent_two_ways();
    aliyun_forms();
    malformed();
    streams();
    several();
    arguments();
    applications();

    ngx_memzero(&url, sizeof(ngx_commerce_url_t));
    ngx_str_set(&url.stream, "test");
    ngx_str_set(&url.args, "txSecret=" MD5 "&txTime=5C271099");

    ok(ngx_commerce_url_verify(NULL, &url, PLAY, 0, &claims)
       == NGX_COMMERCE_PROOF_MISSING, "off by default");

    return tap_done();
}
