
/* links: src/core/ngx_commerce_decide.c src/core/ngx_commerce_login.c src/core/ngx_commerce_record.c src/core/ngx_commerce_token.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_jwt.c src/core/ngx_commerce_jwt_keys.c src/core/ngx_commerce_jwt_cache.c */

#include "ngx_shim.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_jwt_keys.h"
#include "../../src/core/ngx_commerce_url.c"
#include "tap.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>


#define NOW  1800000000000LL


static ngx_commerce_room_t   room;
static ngx_commerce_host_t   host;
static ngx_str_t             secrets[2];
static ngx_array_t           secret_list;
static ngx_commerce_grant_t  grant;


static void
fresh(ngx_commerce_question_t *q)
{
    memset(&room, 0, sizeof(room));
    memset(&host, 0, sizeof(host));
    memset(q, 0, sizeof(*q));
    memset(&grant, 0, sizeof(grant));

    ngx_str_set(&room.name, "demo");
    ngx_str_set(&room.host, "anna");
    room.state = NGX_COMMERCE_ROOM_STATE_OPEN;
    room.has_key = 1;
    SHA256((u_char *) "a long stream key", 17, room.key);

    ngx_str_set(&host.name, "anna");
    host.state = NGX_COMMERCE_HOST_STATE_APPROVED;

    ngx_str_set(&secrets[0], "the secret that signs now");
    ngx_str_set(&secrets[1], "the secret of last month!");
    secret_list.elts = secrets;
    secret_list.nelts = 2;

    q->action = NGX_COMMERCE_ACTION_PUBLISH;
    q->now = NOW;
    q->room_rc = NGX_OK;
    q->room = &room;
    q->host_rc = NGX_OK;
    q->host = &host;
    q->proofs = NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_TOKEN;
    q->secrets = &secret_list;
    ngx_str_set(&q->key, "a long stream key");
    q->grant = &grant;
}


/* made the way the README tells a backend to */

static ngx_str_t
token(const char *secret, const char *action, const char *name,
    const char *expiry, const char *subject)
{
    char          text[256], encoded[64];
    int           i, n;
    u_char        mac[EVP_MAX_MD_SIZE];
    ngx_str_t     out;
    unsigned int  len;

    static char   made[4][256];
    static int    next;

    n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s", action, name, expiry,
                 subject);
    HMAC(EVP_sha256(), secret, strlen(secret), (u_char *) text, n, mac, &len);
    EVP_EncodeBlock((u_char *) encoded, mac, 16);

    for (i = 0; encoded[i]; i++) {
        encoded[i] = encoded[i] == '+' ? '-' : encoded[i] == '/' ? '_'
                                                                 : encoded[i];
    }

    next = (next + 1) % 4;
    out.len = snprintf(made[next], sizeof(made[next]), "%s.%s.%.22s", expiry,
                       subject, encoded);
    out.data = (u_char *) made[next];

    return out;
}


static void
may_stay(ngx_commerce_question_t *q, const char *wanted, const char *what)
{
    ngx_commerce_reason_e  reason;

    reason = ngx_commerce_decide(q);

    is_text(*ngx_commerce_reason(reason), wanted, "%s", what);
}


static void
is_reason(ngx_commerce_question_t *q, const char *wanted, const char *what)
{
    q->grant->proof = 0;
    may_stay(q, wanted, what);
}


/* what a client answers that knows the key */

static void
log_in(ngx_commerce_question_t *q, const char *opaque, u_char *auth)
{
    char    text[128];
    u_char  md5[EVP_MAX_MD_SIZE];

    static u_char  response[NGX_COMMERCE_LOGIN_AUTH + 1];

    snprintf(text, sizeof(text), "%.24s%schallenge", auth, opaque);
    EVP_Digest(text, strlen(text), md5, NULL, EVP_md5(), NULL);
    EVP_EncodeBlock(response, md5, 16);

    ngx_str_set(&q->login.user, "demo");
    ngx_str_set(&q->login.challenge, "challenge");
    q->login.opaque.data = (u_char *) opaque;
    q->login.opaque.len = strlen(opaque);
    q->login.response.data = response;
    q->login.response.len = NGX_COMMERCE_LOGIN_AUTH;

    ngx_str_null(&q->key);
    q->proofs = NGX_COMMERCE_PROOF_LOGIN;
}


static void
logins(void)
{
    char                     opaque[16];
    u_char                   auth[NGX_COMMERCE_LOGIN_AUTH];
    ngx_str_t                key;
    ngx_commerce_question_t  q;

    fresh(&q);
    key = q.key;

    ok(ngx_commerce_login_auth(&room.name, &key, auth) == NGX_OK
       && memcmp(auth, "EiOzfLKMANgmUBvlQfCTxA==", sizeof(auth)) == 0,
       "a key_auth, as openssl makes it");
    room.key_auth.data = auth;
    room.key_auth.len = sizeof(auth);

    snprintf(opaque, sizeof(opaque), "%08x", (unsigned) (NOW / 1000));
    log_in(&q, opaque, auth);
    grant.host = room.host;
    is_reason(&q, "allowed", "a right answer");
    may_stay(&q, "allowed", "which lasts");

    room.key[0] ^= 1;
    may_stay(&q, "proof_wrong", "as long as the key");
    room.key[0] ^= 1;

    room.has_key = 0;
    is_reason(&q, "proof_wrong", "no key, no login");
    room.has_key = 1;

    ngx_str_set(&q.login.user, "other");
    is_reason(&q, "proof_wrong", "another user");
    ngx_str_set(&q.login.user, "demo");

    ngx_str_set(&q.login.challenge, "another");
    is_reason(&q, "proof_wrong", "another challenge");
    ngx_str_set(&q.login.challenge, "challenge");

    room.key_auth.len = 0;
    is_reason(&q, "proof_wrong", "a room without key_auth");
    room.key_auth.len = sizeof(auth);

    q.now = NOW + 59000;
    is_reason(&q, "allowed", "within a minute");
    q.now = NOW + 62000;
    is_reason(&q, "proof_expired", "later");
    q.now = NOW - 62000;
    is_reason(&q, "proof_expired", "before it was asked");
    q.now = NOW;

    q.proofs = NGX_COMMERCE_PROOF_KEY;
    is_reason(&q, "proof_missing", "where no login is taken");
    q.proofs = NGX_COMMERCE_PROOF_LOGIN;
    q.login.response.len = 0;
    is_reason(&q, "proof_missing", "no answer");
}


static void
urls(void)
{
    ngx_commerce_question_t  q;

    static ngx_str_t  url_keys[] = { ngx_string("A1B2C3d4e5f6") };

    static ngx_array_t  key_list = { url_keys, 1, sizeof(ngx_str_t), 1, NULL };

    static ngx_commerce_signed_url_t  volcengine[] = {
        { &ngx_commerce_clouds[2], NGX_COMMERCE_ACTION_PUBLISH, &key_list, 0 }
    };

    static ngx_array_t  signed_urls = { volcengine, 1,
                                        sizeof(ngx_commerce_signed_url_t), 1,
                                        NULL };

    /* of Volcengine's documentation */

    fresh(&q);
    ngx_str_null(&q.key);
    ngx_str_set(&room.name, "livestream");
    ngx_str_set(&q.url.app, "live");
    ngx_str_set(&q.url.args, "volcTime=1653632422"
                             "&volcSecret=e5bb77201cbaa2f9ccdd316fcda4c212");
    q.signed_urls = &signed_urls;
    q.now = 1653632421999;

    is_reason(&q, "proof_missing", "a signed URL where none is taken");

    q.proofs = NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_URL;
    is_reason(&q, "allowed", "a signed URL");
    ok(grant.proof == NGX_COMMERCE_PROOF_URL, "is what he has");

    grant.host = room.host;
    q.now = NOW;
    room.key[0] ^= 1;
    may_stay(&q, "allowed", "and keeps when it expires, or the key is another");
    ngx_str_set(&room.host, "boris");
    may_stay(&q, "proof_wrong", "until the room is another host's");

    is_reason(&q, "proof_expired", "it does not open the room again");

    q.now = 1653632421999;
    ngx_str_set(&q.url.stream, "livestream");
    ngx_str_set(&room.name, "other");
    is_reason(&q, "proof_wrong", "for another room, whatever it says");

    ngx_str_set(&room.name, "livestream");
    ngx_str_set(&q.url.app, "other");
    is_reason(&q, "proof_wrong", "for another application");
    ngx_str_set(&q.url.app, "live");

    volcengine[0].action = NGX_COMMERCE_ACTION_VIEW;
    is_reason(&q, "proof_other_action", "a key to play");

    q.signed_urls = NULL;
    is_reason(&q, "proof_missing", "of no cloud");
}


/* HEADER.CLAIMS.MAC, with claims as printf() writes them */

static ngx_str_t
jwt(const char *secret, const char *format, ...)
{
    char           claims[512];
    u_char         mac[EVP_MAX_MD_SIZE];
    va_list        args;
    ngx_str_t      text, part, out;
    unsigned int   len;
    static u_char  made[1024];

    va_start(args, format);
    vsnprintf(claims, sizeof(claims), format, args);
    va_end(args);

    out.data = made;
    out.len = sprintf((char *) made, "eyJhbGciOiJIUzI1NiJ9.");

    text.data = (u_char *) claims;
    text.len = strlen(claims);
    part.data = made + out.len;
    ngx_encode_base64url(&part, &text);
    out.len += part.len;

    HMAC(EVP_sha256(), secret, strlen(secret), made, out.len, mac, &len);

    made[out.len++] = '.';
    text.data = mac;
    text.len = len;
    part.data = made + out.len;
    ngx_encode_base64url(&part, &text);
    out.len += part.len;

    return out;
}


static void
jwts(void)
{
    u_char                    error[NGX_COMMERCE_JWT_ERROR];
    ngx_str_t                 set;
    ngx_pool_t               *pool;
    ngx_commerce_question_t   q;

#define SECRET  "0123456789abcdef0123456789abcdef"
#define JWT     "{\"exp\":1800000060,\"iat\":%d,\"sub\":\"%s\","               \
                "\"act\":\"%s\"%s}"
#define DEMO    ",\"room\":\"demo\""

    pool = ngx_create_pool(1024, &ngx_shim_log);

    fresh(&q);
    ngx_str_null(&q.key);
    q.proofs = NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_JWT;
    q.skew = 5000;

    is_reason(&q, "proof_missing", "no JWT");

    q.jwt = jwt(SECRET, JWT, 1799999999, "anna", "publish", DEMO);
    is_reason(&q, "proof_wrong", "a JWT where there are no keys");

    ngx_str_set(&set, "{\"keys\":[{\"kty\":\"oct\",\"k\":"
                      "\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}");
    q.jwt_keys = ngx_commerce_jwt_keys_parse(pool, &set, error);

    is_reason(&q, "allowed", "a JWT");
    ok(grant.proof == NGX_COMMERCE_PROOF_JWT, "is what he has");

    grant.host = room.host;
    q.now += 86400000;
    room.key[0] ^= 1;
    may_stay(&q, "allowed", "and keeps when it expires, or the key is another");
    is_reason(&q, "proof_expired", "but not to come again");
    q.now = NOW;

    ngx_str_set(&room.host, "boris");
    is_reason(&q, "proof_wrong", "the room is another host's");
    grant.proof = NGX_COMMERCE_PROOF_JWT;
    may_stay(&q, "proof_wrong", "nor does he stay, then");
    ngx_str_set(&room.host, "anna");

    q.proofs = NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_TOKEN;
    is_reason(&q, "proof_missing", "where no JWT is taken");
    q.proofs = NGX_COMMERCE_PROOF_JWT;

    q.jwt = jwt(SECRET, JWT, 1799999999, "anna", "publish", "");
    is_reason(&q, "allowed", "for any room of the host");
    ngx_str_set(&room.name, "second");
    is_reason(&q, "allowed", "be it another");

    q.jwt = jwt(SECRET, JWT, 1799999999, "anna", "publish", DEMO);
    is_reason(&q, "proof_other_room", "for another room");
    ngx_str_set(&room.name, "demo");

    q.jwt = jwt(SECRET, JWT, 1799999999, "anna", "view", DEMO);
    is_reason(&q, "proof_other_action", "to view");
    q.jwt = jwt(SECRET, JWT, 1800000006, "anna", "publish", DEMO);
    is_reason(&q, "proof_early", "from the future");
    q.jwt = jwt(SECRET, JWT, 1800000005, "anna", "publish", DEMO);
    is_reason(&q, "allowed", "by a clock that is ahead");
    q.jwt = jwt(SECRET, JWT, 1, "anna", "publish", DEMO);
    is_reason(&q, "allowed", "of long ago: a publisher's has no limit");
    q.jwt = jwt("another secret", JWT, 1799999999, "anna", "publish", DEMO);
    is_reason(&q, "proof_wrong", "of another key");

    host.state = NGX_COMMERCE_HOST_STATE_BANNED;
    is_reason(&q, "proof_wrong", "and nothing is said of the host");

    ngx_destroy_pool(pool);
}


static void
states(void)
{
    int                      i;
    ngx_commerce_question_t  q;

    static const char  *rooms[] = { "room_scheduled", "allowed",
                                    "room_closed", "room_banned" };
    static const char  *hosts[] = { "host_applied", "allowed",
                                    "host_suspended", "host_banned" };

    for (i = 0; i < 4; i++) {
        fresh(&q);
        room.state = i;
        is_reason(&q, rooms[i], "the room's state decides");

        fresh(&q);
        host.state = i;
        is_reason(&q, hosts[i], "the host's state decides");

        fresh(&q);
        host.state = i;
        host.until = NOW - 1;
        is_reason(&q, i == 0 ? "host_applied" : "allowed",
                  "a suspension or ban that is over");

        fresh(&q);
        host.state = i;
        host.until = NOW + 1;
        is_reason(&q, hosts[i], "a suspension or ban that is not over");
    }
}


static void
lookups(void)
{
    ngx_commerce_question_t  q;

    fresh(&q);
    q.room_rc = NGX_DECLINED;
    is_reason(&q, "room_unknown", "no such room");

    q.room_rc = NGX_ERROR;
    is_reason(&q, "store_away", "Redis away");

    q.room_rc = NGX_BUSY;
    is_reason(&q, "too_many_unknown", "too many look-ups");

    fresh(&q);
    q.host_rc = NGX_DECLINED;
    is_reason(&q, "host_unknown", "no such host");

    q.host_rc = NGX_ERROR;
    is_reason(&q, "store_away", "host not known, Redis away");
}


static void
keys(void)
{
    ngx_commerce_question_t  q;

    fresh(&q);
    is_reason(&q, "allowed", "the right key");

    ngx_str_set(&q.key, "a long stream kez");
    is_reason(&q, "proof_wrong", "a wrong key");

    room.state = NGX_COMMERCE_ROOM_STATE_BANNED;
    is_reason(&q, "proof_wrong", "who proves nothing learns no state");

    fresh(&q);
    ngx_str_null(&q.key);
    is_reason(&q, "proof_missing", "no proof");

    fresh(&q);
    room.has_key = 0;
    is_reason(&q, "proof_wrong", "a room without a key");

    fresh(&q);
    q.proofs = NGX_COMMERCE_PROOF_TOKEN;
    is_reason(&q, "proof_missing", "a key where only tokens are accepted");
}


static void
tokens(void)
{
    u_char                   *p;
    ngx_commerce_question_t   q;

    fresh(&q);
    ngx_str_null(&q.key);
    q.token = token("the secret that signs now", "publish", "demo",
                    "1800000001", "anna");
    is_reason(&q, "allowed", "a good token");
    ok(q.token.len < 100, "it is short: %zu bytes", q.token.len);

    p = &q.token.data[q.token.len - 1];
    *p = (*p == 'A') ? 'Q' : 'A';
    is_reason(&q, "proof_wrong", "its last character changed");

    q.token = token("the secret of last month!", "publish", "demo",
                    "1800000001", "anna");
    is_reason(&q, "allowed", "signed with the second secret");

    q.token = token("a secret nobody told of!!", "publish", "demo",
                    "1800000001", "anna");
    is_reason(&q, "proof_wrong", "signed with another secret");

    q.token = token("the secret that signs now", "publish", "demo",
                    "1800000000", "anna");
    is_reason(&q, "proof_expired", "expired this millisecond");

    q.token = token("the secret that signs now", "play", "demo",
                    "1800000001", "anna");
    is_reason(&q, "proof_wrong", "for another action");

    q.token = token("the secret that signs now", "publish", "demo2",
                    "1800000001", "anna");
    is_reason(&q, "proof_wrong", "for another room");

    q.token = token("the secret that signs now", "publish", "demo",
                    "1800000001", "boris");
    is_reason(&q, "proof_wrong", "of another host");

    q.token = token("the secret that signs now", "publish", "demo",
                    "-1", "anna");
    is_reason(&q, "proof_wrong", "an expiry that is no number");

    q.token = token("the secret that signs now", "publish", "demo",
                    "1800000001", "anna");
    q.secrets = NULL;
    is_reason(&q, "proof_wrong", "no secret is configured");
}


/* what somebody was let in by, asked for again while he stays */

static void
grants(void)
{
    ngx_commerce_question_t  q;

    fresh(&q);
    is_reason(&q, "allowed", "let in by the key");
    ok(grant.proof == NGX_COMMERCE_PROOF_KEY, "which is kept in mind");

    ngx_str_set(&grant.host, "anna");
    ngx_str_null(&q.key);
    may_stay(&q, "allowed", "he may stay without showing it again");

    room.state = NGX_COMMERCE_ROOM_STATE_BANNED;
    may_stay(&q, "room_banned", "unless the room is banned");
    room.state = NGX_COMMERCE_ROOM_STATE_OPEN;

    room.key[31] ^= 1;
    may_stay(&q, "proof_wrong", "unless the room has another key");
    room.key[31] ^= 1;

    room.has_key = 0;
    may_stay(&q, "proof_wrong", "unless the room has none");
    room.has_key = 1;

    ngx_str_set(&room.host, "boris");
    may_stay(&q, "proof_wrong", "unless the room is another's");

    fresh(&q);
    ngx_str_null(&q.key);
    q.token = token("the secret that signs now", "publish", "demo",
                    "1800000001", "anna");
    is_reason(&q, "allowed", "let in by a token");
    ok(grant.proof == NGX_COMMERCE_PROOF_TOKEN, "which is kept in mind");

    ngx_str_set(&grant.host, "anna");
    ngx_str_null(&q.token);
    room.has_key = 0;
    may_stay(&q, "allowed", "the key is nothing to him");

    ngx_str_set(&room.host, "annabel");
    may_stay(&q, "proof_wrong", "the room's host is");
}


static void
garbage(void)
{
    size_t                   i;
    ngx_commerce_question_t  q;

    static const char  *bad[] = {
        ".", "..", "...", "1800000001", "1800000001.anna", "1800000001.anna.",
        "1800000001..AAAAAAAAAAAAAAAAAAAAAA", ".anna.AAAAAAAAAAAAAAAAAAAAAA",
        "9999999999999999.anna.AAAAAAAAAAAAAAAAAAAAAA",
        "1800000001.an na.AAAAAAAAAAAAAAAAAAAAAA",
        "1800000001.anna.AAAAAAAAAAAAAAAAAAAAAAA"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        fresh(&q);
        ngx_str_null(&q.key);
        q.token.data = (u_char *) bad[i];
        q.token.len = strlen(bad[i]);
        is_reason(&q, "proof_wrong", bad[i]);
    }
}


int
main(void)
{
    u_char     hex[64];
    ngx_str_t  key = ngx_string("abc"), text;

    states();
    logins();
    urls();
    jwts();
    lookups();
    keys();
    tokens();
    grants();
    garbage();

    ngx_commerce_token_key_name(&key, hex);
    text.data = hex;
    text.len = 64;
    is_text(text, "ba7816bf8f01cfea414140de5dae2223"
                  "b00361a396177a9cb410ff61f20015ad",
            "a key's name is its SHA-256 in hex (FIPS 180-2, B.1)");

    return tap_done();
}
