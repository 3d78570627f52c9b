
/*
 * JSON Web Tokens: keys, forms, claims, signatures, and the cache of those that
 * were verified.  Tokens are signed here by cjose, and by hand where cjose
 * would not write such a token; those of another library are t/050's affair.
 */

/* links: src/core/ngx_commerce_jwt.c src/core/ngx_commerce_jwt_keys.c src/core/ngx_commerce_jwt_cache.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */


#include <stdlib.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include "ngx_shim.h"
#include "ngx_commerce_jwt_keys.h"
#include "tap.h"


#define NOW     ((int64_t) 1795374000123)
#define SECRET  "0123456789abcdef0123456789abcdef"

#define HS256   "{\"alg\":\"HS256\",\"kid\":\"h1\"}"

#define CLAIMS(exp, iat, sub, act, more)                                      \
    "{\"exp\":" exp ",\"iat\":" iat ",\"sub\":" sub ",\"act\":" act more "}"

#define VIEW    CLAIMS("1795381200", "1795374000", "\"u42\"", "\"view\"",     \
                       ",\"room\":\"demo\"")
#define ROOM    ",\"room\":\"demo\""


typedef struct {
    const char               *kid;
    const char               *alg;
    cjose_jwk_t              *jwk;
} test_key_t;


static ngx_pool_t               *pool;
static ngx_commerce_jwt_keys_t  *keys;
static ngx_commerce_jwt_t        jwt;
static ngx_commerce_times_t      times = { NOW, 5000, 86400000 };
static ngx_str_t                 demo = ngx_string("demo");

static test_key_t  test_keys[] = {
    { "h1", "HS256", NULL },
    { "r1", "RS256", NULL },
    { "p1", "PS256", NULL },
    { "e1", "ES256", NULL },
    { "e3", "ES384", NULL },
    { "e2", "ES256", NULL },
    { NULL, NULL, NULL }
};


/* of a file of keys, what is wrong with it; "" if nothing is */

static const char *
wrong_set(const char *json)
{
    ngx_str_t      text;
    static u_char  error[NGX_COMMERCE_JWT_ERROR];

    text.data = (u_char *) json;
    text.len = strlen(json);

    return ngx_commerce_jwt_keys_parse(pool, &text, error) ? ""
                                                           : (char *) error;
}


static ngx_commerce_jwt_keys_t *
parse_set(const char *json)
{
    u_char     error[NGX_COMMERCE_JWT_ERROR];
    ngx_str_t  text;

    text.data = (u_char *) json;
    text.len = strlen(json);

    return ngx_commerce_jwt_keys_parse(pool, &text, error);
}


static void
encode(char **p, const void *data, size_t len)
{
    ngx_str_t  to, from;

    from.data = (u_char *) data;
    from.len = len;
    to.data = (u_char *) *p;

    ngx_encode_base64url(&to, &from);

    *p += to.len;
    **p = '\0';
}


/* HEADER.CLAIMS.MAC of any bytes */

static char *
by_hand_of(const void *header, size_t hlen, const void *claims, size_t clen,
    const void *secret, size_t slen)
{
    char          *p;
    u_char         mac[EVP_MAX_MD_SIZE];
    unsigned int   len;
    static char    token[32768];

    p = token;
    encode(&p, header, hlen);
    *p++ = '.';
    encode(&p, claims, clen);

    HMAC(EVP_sha256(), secret, slen, (u_char *) token, p - token, mac, &len);

    *p++ = '.';
    encode(&p, mac, len);

    return token;
}


static char *
by_hand(const char *header, const char *claims)
{
    return by_hand_of(header, strlen(header), claims, strlen(claims), SECRET,
                      strlen(SECRET));
}


static char *
by_cjose(const char *alg, const char *kid, cjose_jwk_t *jwk,
    const char *claims)
{
    cjose_err        err;
    const char      *text;
    cjose_jws_t     *jws;
    static char      token[8192];
    cjose_header_t  *header;

    header = cjose_header_new(&err);
    cjose_header_set(header, "alg", alg, &err);

    if (kid) {
        cjose_header_set(header, "kid", kid, &err);
    }

    jws = cjose_jws_sign(jwk, header, (uint8_t *) claims, strlen(claims),
                         &err);
    cjose_jws_export(jws, &text, &err);
    strcpy(token, text);

    cjose_jws_release(jws);
    cjose_header_release(header);

    return token;
}


/* of bytes on the heap, exactly as many, so that a read too far is seen */

static ngx_commerce_reason_e
verify_for(const char *text, size_t len, ngx_commerce_action_e action,
    ngx_str_t *room)
{
    ngx_str_t              token;
    ngx_commerce_reason_e  reason;

    token.len = len;
    token.data = malloc(len);
    memcpy(token.data, text, len);

    reason = ngx_commerce_jwt_verify(keys, &token, action, room, &times, &jwt);

    free(token.data);

    return reason;
}


static ngx_commerce_reason_e
verify(const char *token)
{
    return verify_for(token, strlen(token), NGX_COMMERCE_ACTION_VIEW, &demo);
}


static void
is_wrong(const char *token, const char *why, const char *what)
{
    ngx_commerce_reason_e  reason;

    reason = verify(token);

    ok(reason == NGX_COMMERCE_PROOF_WRONG && jwt.wrong != NULL
       && strcmp(jwt.wrong, why) == 0, "%s (%s)", what,
       jwt.wrong ? jwt.wrong : "allowed");
}


static void
test_algorithms(void)
{
    char          *token, last;
    size_t         len;
    test_key_t    *key;

    for (key = test_keys; key->kid; key++) {
        token = by_cjose(key->alg, key->kid, key->jwk, VIEW);
        len = strlen(token);

        last = token[len - 10];
        token[len - 10] = (last == 'A') ? 'B' : 'A';
        is_wrong(token, "the signature is wrong", key->alg);
        ok(ERR_peek_error() == 0, "OpenSSL has nothing left to say of it");

        token[len - 10] = last;
        ok(verify(token) == NGX_COMMERCE_ALLOWED, "%s", key->alg);
        ok(ERR_peek_error() == 0, "OpenSSL has nothing left to say of it");

        token = by_cjose(key->alg, NULL, key->jwk, VIEW);
        ok(verify(token) == NGX_COMMERCE_ALLOWED,
           "%s without a kid: each key that fits is tried", key->alg);
    }
}


static void
test_what_is_claimed(void)
{
    ok(verify(by_hand(HS256, VIEW)) == NGX_COMMERCE_ALLOWED, "a view");

    ok(jwt.claims.proof == NGX_COMMERCE_PROOF_JWT, "its proof");
    ok(jwt.claims.action == NGX_COMMERCE_ACTION_VIEW, "its action");
    is_text(jwt.claims.room, "demo", "its room");
    is_text(jwt.claims.subject, "u42", "its subject");
    ok(jwt.claims.issued == 1795374000000, "when it was issued");
    ok(jwt.claims.expires == 1795381200000, "when it expires");
    ok(!jwt.claims.session && jwt.not_before == 0 && jwt.wrong == NULL,
       "nothing else");

    ok(verify(by_hand(HS256, CLAIMS("1795374000.1235", "1.795374e9", "\"u42\"",
                                    "\"view\"", ",\"nbf\":0,\"jti\":\"x\"")))
       == NGX_COMMERCE_ALLOWED, "decimals, an early nbf, a claim of no use");
    ok(jwt.claims.expires == 1795374000124, "decimals count to the ms");
    ok(jwt.claims.issued == 1795374000000, "whatever they are written like");
    ok(jwt.claims.room.len == 0, "without a room: an identity");
}


static void
test_judged_anew(void)
{
    char                  token[1024];
    ngx_str_t             other = ngx_string("other");
    ngx_commerce_times_t  then = times;

    strcpy(token, by_hand(HS256, CLAIMS("1795374010", "1795374000", "\"u42\"",
                                        "\"view\"",
                                        ROOM ",\"nbf\":1795374004")));

    ok(verify(token) == NGX_COMMERCE_ALLOWED, "now");
    ok(verify(token) == NGX_COMMERCE_ALLOWED, "again");

    ok(verify_for(token, strlen(token), NGX_COMMERCE_ACTION_VIEW, NULL)
       == NGX_COMMERCE_ALLOWED, "of any room");
    ok(verify_for(token, strlen(token), NGX_COMMERCE_ACTION_VIEW, &other)
       == NGX_COMMERCE_PROOF_OTHER_ROOM, "of another room");
    ok(verify_for(token, strlen(token), NGX_COMMERCE_ACTION_PUBLISH, &demo)
       == NGX_COMMERCE_PROOF_OTHER_ACTION, "for another action");

    times.now = 1795374010000;
    ok(verify(token) == NGX_COMMERCE_PROOF_EXPIRED, "later");
    is_text(jwt.claims.subject, "u42", "whose it was is told");

    times.now = 1795373998999;
    ok(verify(token) == NGX_COMMERCE_PROOF_EARLY, "before nbf");
    times.now = 1795373994999;
    ok(verify(token) == NGX_COMMERCE_PROOF_EARLY, "before iat");

    times = then;
    times.viewer_max = 9999;
    ok(verify(token) == NGX_COMMERCE_PROOF_TOO_LONG, "longer than is allowed");

    times = then;
    ok(verify(token) == NGX_COMMERCE_ALLOWED, "and now again");
    ok(keys->cache != NULL, "by the cache");
}


/* the same of tokens that were never verified, and are signed by nobody */

static void
test_judged_before_the_signature(void)
{
    char       *token;
    ngx_str_t   other = ngx_string("other");

    token = by_hand_of(HS256, strlen(HS256), VIEW, strlen(VIEW), "x", 1);

    is_wrong(token, "the signature is wrong", "signed with another secret");
    ok(verify_for(token, strlen(token), NGX_COMMERCE_ACTION_VIEW, &other)
       == NGX_COMMERCE_PROOF_OTHER_ROOM, "for another room, besides");
    ok(verify_for(token, strlen(token), NGX_COMMERCE_ACTION_PUBLISH, NULL)
       == NGX_COMMERCE_PROOF_OTHER_ACTION, "for another action, besides");

    times.now += 10000000;
    ok(verify(token) == NGX_COMMERCE_PROOF_EXPIRED, "expired, besides");
    times.now -= 20000000;
    ok(verify(token) == NGX_COMMERCE_PROOF_EARLY, "early, besides");
    times.now += 10000000;

    is_wrong(token, "the signature is wrong", "nothing of it was kept");
}


static void
test_forms(void)
{
    char    token[8192], *p;
    size_t  len, i;

    strcpy(token, by_hand(HS256, VIEW));
    len = strlen(token);

    for (i = 0; i < len; i++) {
        if (verify_for(token, i, NGX_COMMERCE_ACTION_VIEW, &demo)
            != NGX_COMMERCE_PROOF_WRONG)
        {
            break;
        }
    }

    ok(i == len, "truncated, at any place");

    for (i = 1; i < 256; i++) {
        token[len] = i;

        if (verify_for(token, len + 1, NGX_COMMERCE_ACTION_VIEW, &demo)
            != NGX_COMMERCE_PROOF_WRONG)
        {
            break;
        }
    }

    ok(i == 256, "extended, by any byte");

    strcpy(&token[len], ".e30");
    is_wrong(token, "a part of it is not base64url", "a fourth part");
    strcpy(&token[len], "=");
    is_wrong(token, "a part of it is not base64url", "padding");
    strcpy(&token[len], "AAAA");
    is_wrong(token, "the signature is wrong", "a longer signature");

    token[len] = '\0';
    ok(verify_for(token, len + 1, NGX_COMMERCE_ACTION_VIEW, &demo)
       == NGX_COMMERCE_PROOF_WRONG, "a NUL at the end");

    /* 32 bytes are 43 characters, the last of which has 2 bits to spare */

    token[len - 1]++;
    is_wrong(token, "a part of it is not base64url", "a stray bit");

    strcpy(token, by_hand(HS256, VIEW));
    p = strchr(token, '.') + 3;
    *p = '\0';
    ok(verify_for(token, len, NGX_COMMERCE_ACTION_VIEW, &demo)
       == NGX_COMMERCE_PROOF_WRONG, "a NUL within");
    *p = '+';
    is_wrong(token, "a part of it is not base64url", "base64, not base64url");

    is_wrong("", "it has not three parts", "nothing");
    is_wrong("e30.e30", "it has not three parts", "two parts");
    is_wrong("..", "a part of it is not a JSON object", "empty parts");

    memset(token, 'e', sizeof(token));
    ok(verify_for(token, sizeof(token), NGX_COMMERCE_ACTION_VIEW, &demo)
       == NGX_COMMERCE_PROOF_WRONG
       && strcmp(jwt.wrong, "it is too long") == 0, "8 KB");
}


static void
test_json(void)
{
    char  deep[3000];

    is_wrong(by_hand("[]", VIEW), "a part of it is not a JSON object",
             "a header that is no object");
    is_wrong(by_hand(HS256, "\"view\""), "a part of it is not a JSON object",
             "claims that are no object");
    is_wrong(by_hand(HS256, VIEW "x"), "a part of it is not a JSON object",
             "something after the claims");
    is_wrong(by_hand("{\"alg\":\"HS256\",\"alg\":\"HS256\"}", VIEW),
             "a part of it is not a JSON object", "a doubled alg");
    is_wrong(by_hand(HS256, CLAIMS("1795381200", "1795374000", "\"u42\"",
                                   "\"view\"", ",\"act\":\"publish\"")),
             "a part of it is not a JSON object", "a doubled act");
    is_wrong(by_hand(HS256, CLAIMS("1795381200", "1795374000", "\"u\\u0000\"",
                                   "\"view\"", "")),
             "a part of it is not a JSON object", "a NUL in a claim");
    is_wrong(by_hand_of(HS256, strlen(HS256), VIEW, sizeof(VIEW), SECRET,
                        strlen(SECRET)),
             "a part of it is not a JSON object", "a NUL after the claims");
    is_wrong(by_hand(HS256, CLAIMS("1795381200", "1795374000", "\"u\xff\"",
                                   "\"view\"", "")),
             "a part of it is not a JSON object", "bytes that are no UTF-8");

    memset(deep, '[', sizeof(deep));
    is_wrong(by_hand_of(HS256, strlen(HS256), deep, sizeof(deep), SECRET,
                        strlen(SECRET)),
             "a part of it is not a JSON object", "deep nesting");
}


static void
test_headers(void)
{
    char         token[4096];
    test_key_t  *rsa = &test_keys[1], *ec = &test_keys[3];
    char        *pub;
    cjose_err    err;

    strcpy(token, by_hand("{\"alg\":\"none\"}", VIEW));
    is_wrong(token, "no key has its \"alg\" and \"kid\"", "alg none");
    strcpy(strrchr(token, '.') + 1, "");
    is_wrong(token, "no key has its \"alg\" and \"kid\"",
             "alg none without a signature");
    is_wrong(by_hand("{\"alg\":\"NoNe\",\"kid\":\"h1\"}", VIEW),
             "no key has its \"alg\" and \"kid\"", "alg NoNe");
    is_wrong(by_hand("{\"kid\":\"h1\"}", VIEW),
             "\"alg\" is missing or not a string", "no alg");
    is_wrong(by_hand("{\"alg\":[\"HS256\"]}", VIEW),
             "\"alg\" is missing or not a string", "a list of algs");
    is_wrong(by_hand("{\"alg\":\"HS512\",\"kid\":\"h1\"}", VIEW),
             "no key has its \"alg\" and \"kid\"", "not the key's alg");

    is_wrong(by_hand("{\"alg\":\"HS256\",\"kid\":\"h1\",\"crit\":[\"exp\"],"
                     "\"exp\":1}", VIEW),
             "\"crit\" asks for what is not done", "crit");
    is_wrong(by_hand("{\"alg\":\"HS256\",\"crit\":null}", VIEW),
             "\"crit\" asks for what is not done", "crit null");

    is_wrong(by_hand("{\"alg\":\"HS256\",\"kid\":7}", VIEW),
             "\"kid\" is not a string", "a number as kid");
    is_wrong(by_hand("{\"alg\":\"HS256\",\"kid\":null}", VIEW),
             "\"kid\" is not a string", "null as kid");
    is_wrong(by_hand("{\"alg\":\"HS256\",\"kid\":\"../../../dev/null\"}", VIEW),
             "no key has its \"alg\" and \"kid\"", "a path as kid");
    is_wrong(by_hand("{\"alg\":\"HS256\",\"kid\":\"\"}", VIEW),
             "no key has its \"alg\" and \"kid\"", "an empty kid");
    is_wrong(by_hand("{\"alg\":\"HS256\",\"kid\":\"h\"}", VIEW),
             "no key has its \"alg\" and \"kid\"", "the beginning of a kid");

    /* what everybody knows of a key is no secret to sign with */

    pub = cjose_jwk_to_json(rsa->jwk, false, &err);
    is_wrong(by_hand_of("{\"alg\":\"HS256\",\"kid\":\"r1\"}", 26, VIEW,
                        strlen(VIEW), pub, strlen(pub)),
             "no key has its \"alg\" and \"kid\"",
             "an RSA key as the secret of an HMAC");
    is_wrong(by_hand_of("{\"alg\":\"HS256\"}", 15, VIEW, strlen(VIEW), pub,
                        strlen(pub)),
             "the signature is wrong", "the same without a kid");
    free(pub);

    is_wrong(by_cjose("RS256", "p1", rsa->jwk, VIEW),
             "no key has its \"alg\" and \"kid\"",
             "RS256 of a key that is for PS256");
    is_wrong(by_cjose("ES256", "e2", ec->jwk, VIEW), "the signature is wrong",
             "the kid of another key of that alg");
    is_wrong(by_cjose("ES384", "e1", test_keys[4].jwk, VIEW),
             "no key has its \"alg\" and \"kid\"", "ES384 of a P-256 key");

    strcpy(token, "{\"alg\":\"HS256\",\"jku\":\"http://evil/\","
                  "\"jwk\":{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}}");
    is_wrong(by_hand_of(token, strlen(token), VIEW, strlen(VIEW), "secret", 6),
             "the signature is wrong", "a key that the token brings");
}


static void
test_claims(void)
{
    ngx_uint_t  i;

    static struct {
        const char  *claims;
        const char  *wrong;
    } wrong[] = {

#define EXP   "\"exp\" is missing or not a time"
#define IAT   "\"iat\" is missing or not a time"
#define NBF   "\"nbf\" is not a time"
#define SUB   "\"sub\" is missing or breaks the rules for names"
#define ACT   "\"act\" is neither \"view\" nor \"publish\""
#define NAME  "\"room\" breaks the rules for names"

        { "{}", EXP },
        { "{\"iat\":1795374000,\"sub\":\"u\",\"act\":\"view\"}", EXP },
        { CLAIMS("\"1795381200\"", "1795374000", "\"u\"", "\"view\"", ""),
          EXP },
        { CLAIMS("null", "1795374000", "\"u\"", "\"view\"", ""), EXP },
        { CLAIMS("-1", "1795374000", "\"u\"", "\"view\"", ""), EXP },
        { CLAIMS("0", "1795374000", "\"u\"", "\"view\"", ""), EXP },
        { CLAIMS("1e12", "1795374000", "\"u\"", "\"view\"", ""), EXP },
        { CLAIMS("9223372036854775807", "1795374000", "\"u\"", "\"view\"", ""),
          EXP },
        { CLAIMS("1e308", "1795374000", "\"u\"", "\"view\"", ""), EXP },
        { CLAIMS("1e999", "1795374000", "\"u\"", "\"view\"", ""),
          "a part of it is not a JSON object" },
        { CLAIMS("9223372036854775808", "1795374000", "\"u\"", "\"view\"", ""),
          "a part of it is not a JSON object" },
        { CLAIMS("NaN", "1795374000", "\"u\"", "\"view\"", ""),
          "a part of it is not a JSON object" },

        { "{\"exp\":1795381200,\"sub\":\"u\",\"act\":\"view\"}", IAT },
        { CLAIMS("1795381200", "0", "\"u\"", "\"view\"", ""), IAT },
        { CLAIMS("1795381200", "0.0001", "\"u\"", "\"view\"", ""), IAT },
        { CLAIMS("1795381200", "[]", "\"u\"", "\"view\"", ""), IAT },
        { CLAIMS("1795381200", "true", "\"u\"", "\"view\"", ""), IAT },

        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"view\"",
                 ",\"nbf\":\"0\""), NBF },
        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"view\"",
                 ",\"nbf\":-1"), NBF },

        { "{\"exp\":1795381200,\"iat\":1795374000,\"act\":\"view\"}", SUB },
        { CLAIMS("1795381200", "1795374000", "42", "\"view\"", ""), SUB },
        { CLAIMS("1795381200", "1795374000", "\"\"", "\"view\"", ""), SUB },
        { CLAIMS("1795381200", "1795374000", "\"a b\"", "\"view\"", ""), SUB },
        { CLAIMS("1795381200", "1795374000", "\"~0123456789012345678901\"",
                 "\"view\"", ""), SUB },
        { CLAIMS("1795381200", "1795374000",
                 "\"0123456789012345678901234567890123456789012345678901234567"
                 "8901234\"", "\"view\"", ""), SUB },

        { "{\"exp\":1795381200,\"iat\":1795374000,\"sub\":\"u\"}", ACT },
        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"\"", ""), ACT },
        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"View\"", ""), ACT },
        { CLAIMS("1795381200", "1795374000", "\"u\"", "[\"view\"]", ""), ACT },
        { CLAIMS("1795381200", "1795374000", "\"u\"",
                 "{\"sub\":\"admin\"}", ""), ACT },

        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"view\"",
                 ",\"room\":\"\""), NAME },
        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"view\"",
                 ",\"room\":null"), NAME },
        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"view\"",
                 ",\"room\":[\"demo\"]"), NAME },
        { CLAIMS("1795381200", "1795374000", "\"u\"", "\"view\"",
                 ",\"room\":\"../demo\""), NAME },
        { NULL, NULL }
    };

    for (i = 0; wrong[i].claims; i++) {
        is_wrong(by_hand(HS256, wrong[i].claims), wrong[i].wrong,
                 wrong[i].claims);
    }
}


static void
test_publish(void)
{
    char  *token;

    token = by_hand(HS256, CLAIMS("1795381200", "1795374000", "\"anna\"",
                                  "\"publish\"", ""));

    ok(verify_for(token, strlen(token), NGX_COMMERCE_ACTION_PUBLISH, &demo)
       == NGX_COMMERCE_ALLOWED, "a publish");
    ok(jwt.claims.action == NGX_COMMERCE_ACTION_PUBLISH, "its action");
    is_text(jwt.claims.subject, "anna", "whose it is");
    ok(verify(token) == NGX_COMMERCE_PROOF_OTHER_ACTION, "it lets nobody view");
}


/* a token's digest, and claims that tell it from the others' */

static u_char *
nth_token(ngx_uint_t i)
{
    static u_char  digest[NGX_COMMERCE_JWT_CACHE_DIGEST];

    memset(&jwt, 0, sizeof(jwt));

    jwt.claims.action = NGX_COMMERCE_ACTION_VIEW;
    jwt.claims.issued = i;
    jwt.claims.room.data = jwt.room;
    jwt.claims.room.len = i % 3;
    jwt.claims.subject.data = jwt.subject;
    jwt.claims.subject.len = sprintf((char *) jwt.subject, "u%d", (int) i);

    SHA256(jwt.subject, jwt.claims.subject.len, digest);

    return digest;
}


/* 1 if the cache knows it, as what it is */

static ngx_uint_t
knows(ngx_commerce_jwt_cache_t *cache, ngx_uint_t i)
{
    u_char              *digest;
    ngx_commerce_jwt_t   got;

    digest = nth_token(i);
    memset(&got, 0, sizeof(got));

    return ngx_commerce_jwt_cache_get(cache, digest, &got)
           && got.claims.proof == NGX_COMMERCE_PROOF_JWT
           && got.claims.issued == (int64_t) i
           && got.claims.room.len == jwt.claims.room.len
           && got.claims.subject.len == jwt.claims.subject.len
           && memcmp(got.subject, jwt.subject, sizeof(jwt.subject)) == 0;
}


/* more than the cache holds: the first ones have to be verified again */

static void
test_a_full_cache(void)
{
    u_char                    *digest;
    ngx_uint_t                 i, known;
    ngx_commerce_jwt_cache_t  *cache;

    cache = ngx_commerce_jwt_cache_create(&ngx_shim_log);
    ok(!knows(cache, 0), "an empty cache knows nothing");

    for (i = 0; i < NGX_COMMERCE_JWT_CACHE_SIZE + 1000; i++) {
        digest = nth_token(i);
        ngx_commerce_jwt_cache_add(cache, digest, &jwt);

        if (i % 1000 == 0 && !knows(cache, 0)) {
            break;
        }

        if (i == 49999) {
            for (known = 0; known <= i && knows(cache, known); known++) {
                /* void */
            }

            ok(known == 50000, "50,000 tokens have room");
        }
    }

    ok(i == NGX_COMMERCE_JWT_CACHE_SIZE + 1000,
       "what stays in use stays in the cache");

    known = 0;

    while (i--) {
        known += knows(cache, i);
    }

    ok(known == NGX_COMMERCE_JWT_CACHE_SIZE, "a full cache knows %d",
       (int) known);

    /* all of them are in use now */

    digest = nth_token(1000000);
    ngx_commerce_jwt_cache_add(cache, digest, &jwt);
    ok(knows(cache, 1000000), "even if all were asked for, one makes way");

    ngx_commerce_jwt_cache_destroy(cache);
}


/* those of a configuration that came later */

static void
test_other_keys(void)
{
    char                     *token;
    ngx_commerce_jwt_keys_t  *former;

    former = keys;
    token = by_hand(HS256, VIEW);

    ok(verify(token) == NGX_COMMERCE_ALLOWED, "by the keys that signed it");

    keys = parse_set("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"h1\",\"k\":"
                     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}]}");
    is_wrong(token, "the signature is wrong", "by others of that kid");

    keys = NULL;
    is_wrong(token, "there are no keys", "by none");

    keys = former;

    ngx_shim_fail_alloc(1);
    ok(verify(token) == NGX_COMMERCE_ALLOWED, "the cache allocates no more");
    ngx_shim_fail_alloc(0);
}


static void
test_no_memory_for_the_cache(void)
{
    ngx_commerce_jwt_keys_t  *former;

    former = keys;
    keys = parse_set("{\"keys\":[{\"kty\":\"oct\",\"kid\":\"h1\",\"k\":"
                     "\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"}]}");

    ngx_shim_fail_alloc(1);
    ok(verify(by_hand(HS256, VIEW)) == NGX_COMMERCE_ALLOWED,
       "without memory for a cache");
    ok(keys->cache == NULL, "there is none");
    ok(verify(by_hand(HS256, VIEW)) == NGX_COMMERCE_ALLOWED && keys->cache,
       "until there is memory");

    keys = former;
}


#define OCT  "\"kty\":\"oct\",\"k\":"                                         \
             "\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\""
#define X    "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""
#define Y    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""

static void
test_sets(void)
{
    char                     *p, many[8192];
    ngx_uint_t                i;
    ngx_commerce_jwt_keys_t  *set;
    ngx_commerce_jwt_key_t   *key;

#define FORM  "has not the \"kty\", \"crv\" and \"alg\" of HS256, RS256, "    \
              "PS256, ES256 or ES384"
#define VALUE "lacks a value, or has one that is not base64url"

    static struct {
        const char  *json;
        const char  *wrong;
    } sets[] = {
        { "", "line 1 is not JSON" },
        { "{\n\n\"keys\": [ {" OCT "}, ] }", "line 3 is not JSON" },
        { "{\"keys\":[{" OCT ",\"kty\":\"oct\"}]}", "line 1 is not JSON" },
        { "[]", "it has no keys for signatures" },
        { "{" OCT "}", "it has no keys for signatures" },
        { "{\"keys\":{}}", "it has no keys for signatures" },
        { "{\"keys\":[]}", "it has no keys for signatures" },
        { "{\"keys\":[{" OCT ",\"use\":\"enc\"}]}",
          "it has no keys for signatures" },
        { "{\"keys\":[{" OCT ",\"use\":1}]}",
          "it has no keys for signatures" },
        { "{\"keys\":[{" OCT "},7]}", "key 2 " FORM },
        { "{\"keys\":[{}]}", "key 1 " FORM },
        { "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}]}",
          "key 1 " FORM },
        { "{\"keys\":[{" OCT ",\"alg\":\"HS512\"}]}", "key 1 " FORM },
        { "{\"keys\":[{" OCT ",\"alg\":\"RS256\"}]}", "key 1 " FORM },
        { "{\"keys\":[{" OCT ",\"alg\":null}]}", "key 1 " FORM },
        { "{\"keys\":[{" OCT ",\"kid\":7}]}",
          "key 1 has a \"kid\" that is no string" },
        { "{\"keys\":[{\"kty\":\"oct\"}]}", "key 1 " VALUE },
        { "{\"keys\":[{\"kty\":\"oct\",\"k\":[]}]}", "key 1 " VALUE },
        { "{\"keys\":[{\"kty\":\"oct\",\"k\":\"A=\"}]}", "key 1 " VALUE },
        { "{\"keys\":[{\"kty\":\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZg\"}]}",
          "key 1 is too short for its algorithm" },
        { "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":"
          "\"4BCWeDqc3GZ4mX1PaP5nZ_c\"}]}",
          "key 1 is too short for its algorithm" },
        { "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"4BCWeDqc3GZ4mX1PaP5nZ_c\"}]}",
          "key 1 " VALUE },
        { "{\"keys\":[{\"kty\":\"EC\"," X "," Y "}]}", "key 1 " FORM },
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-521\"," X "," Y "}]}",
          "key 1 " FORM },
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES384\"," X
          "," Y "}]}", "key 1 " FORM },
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\"," X "," Y "}]}",
          "key 1 has values that make no key" },
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\"," X ",\"y\":"
          "\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}]}",
          "key 1 has values that make no key" },
        { "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\"," X "," Y
          ",\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}]}",
          "key 1 is a private one, of which the public part is enough" },
        { NULL, NULL }
    };

    for (i = 0; sets[i].json; i++) {
        ok(strcmp(wrong_set(sets[i].json), sets[i].wrong) == 0, "%s (%s)",
           sets[i].wrong, wrong_set(sets[i].json));
        ok(ERR_peek_error() == 0, "OpenSSL has nothing left to say of it");
    }

    set = parse_set("{\"keys\":["
                    "{\"kty\":\"OKP\",\"use\":\"enc\"},"
                    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\","
                    "\"p\":\"A=\",\"x5c\":[1]," X "," Y "}"
                    "],\"more\":1}");
    key = set ? set->keys.elts : NULL;
    ok(set && set->keys.nelts == 1 && strcmp(key->alg, "ES256") == 0
       && key->kid.data == NULL,
       "what is for encryption is left out, what is not known passed over");

    p = many + sprintf(many, "{\"keys\":[{" OCT "}");

    for (i = 1; i < 33; i++) {
        p += sprintf(p, ",{" OCT "}");
    }

    strcpy(p, "]}");
    ok(strcmp(wrong_set(many), "key 33 is one too many") == 0, "33 keys");

    for (i = 1; i < 40; i++) {
        ngx_shim_fail_alloc(i);
        set = parse_set("{\"keys\":[{" OCT ",\"kid\":\"a\"}]}");
        ngx_shim_fail_alloc(0);

        if (set) {
            break;
        }
    }

    ok(i > 2 && i < 40, "out of memory, %d times", (int) i - 1);
}


/* the set that the tokens of these tests are signed by */

static void
make_keys(void)
{
    char        *p, *json, set[8192];
    cjose_err    err;
    test_key_t  *key;

    test_keys[0].jwk = cjose_jwk_create_oct_spec((uint8_t *) SECRET,
                                                 strlen(SECRET), &err);
    test_keys[1].jwk = cjose_jwk_create_RSA_random(2048, (uint8_t *) "\1\0\1",
                                                   3, &err);
    test_keys[2].jwk = cjose_jwk_create_RSA_random(2048, (uint8_t *) "\1\0\1",
                                                   3, &err);
    test_keys[3].jwk = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err);
    test_keys[4].jwk = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_384, &err);
    test_keys[5].jwk = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &err);

    p = set + sprintf(set, "{\"keys\":[");

    for (key = test_keys; key->kid; key++) {
        json = cjose_jwk_to_json(key->jwk, key == test_keys, &err);

        p += sprintf(p, "%s{\"kid\":\"%s\",\"alg\":\"%s\",%s",
                     key == test_keys ? "" : ",", key->kid, key->alg, json + 1);
        free(json);
    }

    strcpy(p, "]}");

    ok(wrong_set(set)[0] == '\0', "the keys (%s)", wrong_set(set));
    keys = parse_set(set);
}


int
main(void)
{
    test_key_t  *key;

    pool = ngx_create_pool(4096, &ngx_shim_log);

    make_keys();

    test_algorithms();
    test_what_is_claimed();
    test_judged_anew();
    test_judged_before_the_signature();
    test_forms();
    test_json();
    test_headers();
    test_claims();
    test_publish();
    test_a_full_cache();
    test_other_keys();
    test_no_memory_for_the_cache();
    test_sets();

    for (key = test_keys; key->kid; key++) {
        cjose_jwk_release(key->jwk);
    }

    ngx_destroy_pool(pool);

    return tap_done();
}
