
/*
 * Who may: action, room, visibility, proof, host, store and follows in full,
 * against t/unit/matrix.txt.
 */

/* links: src/core/ngx_commerce_decide.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_viewer.c src/core/ngx_commerce_login.c src/core/ngx_commerce_record.c src/core/ngx_commerce_token.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_jwt.c src/core/ngx_commerce_jwt_keys.c src/core/ngx_commerce_jwt_cache.c */


#include "ngx_shim.h"
#include "ngx_commerce_decide.h"
#include "ngx_commerce_jwt_keys.h"
#include "ngx_commerce_viewer.h"
#include "../../src/core/ngx_commerce_url.c"
#include "tap.h"
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>


#define NOW     1800000000000LL
#define ISSUED  (NOW - 60000)
#define LATER   (NOW - 10000)
#define FROM    (NOW - 30000)      /* signed out: what was issued until then */
#define SKEW    5000
#define HOUR    3600000

#define COLUMNS  8
#define ROWS     128
#define VALUES   64


/* a proof of the matrix: its name, and how a question gets it */

typedef struct {
    const char             *name;
    void                  (*bring)(ngx_commerce_question_t *q, const char *how);
    const char             *how;
} proof_t;

typedef struct {
    char                   *column[COLUMNS];
    int                     line;
    ngx_uint_t              used;
    ngx_uint_t              failed;
} row_t;

/* the columns before the outcome, and what a case has in each */

enum { ACTION, ROOM, VISIBILITY, PROOF, HOST, STORE, FOLLOWS, OUTCOME };


static ngx_commerce_room_t     room;
static ngx_commerce_host_t     host;
static ngx_commerce_out_t      out;
static ngx_commerce_ousted_t   ousted[4];
static ngx_commerce_grant_t    grant;
static ngx_commerce_claims_t   claims[2];
static ngx_array_t             secrets;
static ngx_str_t               secret
                         = ngx_string("0123456789abcdef0123456789abcdef");
static ngx_str_t               key = ngx_string("a long stream key");
static ngx_str_t               cloud_key = ngx_string("a key of a cloud's");
static ngx_array_t             cloud_keys = { &cloud_key, 1,
                                              sizeof(ngx_str_t), 1, NULL };
static ngx_commerce_signed_url_t  clouds[] = {
    { &ngx_commerce_clouds[0], NGX_COMMERCE_ACTION_PUBLISH, &cloud_keys, 0 },
    { &ngx_commerce_clouds[0], NGX_COMMERCE_ACTION_VIEW, &cloud_keys, 0 }
};
static ngx_array_t             signed_urls = { clouds, 2, sizeof(clouds[0]), 2,
                                               NULL };
static ngx_commerce_jwt_keys_t   *jwt_keys;
static ngx_commerce_jwt_t        jwts[2];
static ngx_str_t                 jwk_set = ngx_string("{\"keys\":[{\"kty\":"
                        "\"oct\",\"k\":\"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODl"
                        "hYmNkZWY\"}]}");
static u_char                  texts[4096], *text;
static u_char                  auth[NGX_COMMERCE_LOGIN_AUTH];

static char                    file[65536];
static row_t                   rows[ROWS];
static ngx_uint_t              nrows;


/* what is signed by whom: body, a dot, and the MAC over what stands for it */

static ngx_str_t
sign(ngx_str_t *with, const char *body, const char *meant)
{
    size_t     len;
    ngx_str_t  token, what;

    len = strlen(body);
    what.data = (u_char *) meant;
    what.len = strlen(meant);

    token.data = text;
    memcpy(text, body, len);
    text[len] = '.';
    (void) ngx_commerce_token_sign(with, &what, text + len + 1);
    token.len = len + 1 + NGX_COMMERCE_TOKEN_MAC;
    text += token.len;

    return token;
}


/* a host's token */

static ngx_str_t
host_token(ngx_str_t *with, const char *name, const char *subject,
    int64_t expires)
{
    char  body[128], meant[128];

    snprintf(body, sizeof(body), "%lld.%s", (long long) expires / 1000,
             subject);
    snprintf(meant, sizeof(meant), "publish\n%s\n%lld\n%s", name,
             (long long) expires / 1000, subject);

    return sign(with, body, meant);
}


/* a viewer's, of kind r or i */

static ngx_str_t
viewer_token(ngx_str_t *with, char kind, const char *subject, int64_t issued,
    int64_t expires)
{
    char  body[128], meant[128];

    snprintf(body, sizeof(body), "%c.%lld.%lld.%s", kind,
             (long long) expires / 1000, (long long) issued, subject);
    snprintf(meant, sizeof(meant), "view\n%c\n%s\n%lld\n%lld\n%s", kind,
             kind == 'i' ? "*" : "demo", (long long) expires / 1000,
             (long long) issued, subject);

    return sign(with, body, meant);
}


static void
keys(ngx_commerce_question_t *q, const char *how)
{
    if (strcmp(how, "where-tokens") == 0) {
        q->proofs = NGX_COMMERCE_PROOF_TOKEN;
    }

    if (strcmp(how, "no-room") == 0) {
        room.has_key = 0;
    }

    q->key = key;

    if (strcmp(how, "wrong") == 0) {
        ngx_str_set(&q->key, "a long stream kez");
    }
}


static void
tokens(ngx_commerce_question_t *q, const char *how)
{
    ngx_str_t  another = ngx_string("fedcba9876543210fedcba9876543210");

    if (strcmp(how, "viewer") == 0) {
        q->token = viewer_token(&secret, 'r', "anna", ISSUED, NOW + HOUR);
        return;
    }

    q->token = host_token(strcmp(how, "wrong") == 0 ? &another : &secret,
                          strcmp(how, "room") == 0 ? "demo2" : "demo",
                          strcmp(how, "host") == 0 ? "boris" : "anna",
                          strcmp(how, "expired") == 0 ? NOW : NOW + HOUR);

    if (strcmp(how, "no-secret") == 0) {
        q->secrets = NULL;
    }
}


static void
two_proofs(ngx_commerce_question_t *q, const char *how)
{
    keys(q, strcmp(how, "key") == 0 ? "" : "wrong");
    tokens(q, strcmp(how, "key") == 0 ? "wrong" : "");
}


static void
logins(ngx_commerce_question_t *q, const char *how)
{
    char     joined[128];
    u_char   md5[EVP_MAX_MD_SIZE];

    static u_char  opaque[NGX_COMMERCE_LOGIN_OPAQUE];
    static u_char  response[NGX_COMMERCE_LOGIN_AUTH + 1];

    (void) ngx_commerce_login_auth(&room.name, &key, auth);
    ngx_commerce_login_opaque(strcmp(how, "old") == 0 ? NOW - HOUR : NOW,
                              opaque);

    if (strcmp(how, "no-auth") != 0) {
        room.key_auth.data = auth;
        room.key_auth.len = sizeof(auth);
    }

    snprintf(joined, sizeof(joined), "%.24s%.8s%s", auth, opaque,
             strcmp(how, "wrong") == 0 ? "another" : "challenge");
    EVP_Digest(joined, strlen(joined), md5, NULL, EVP_md5(), NULL);
    EVP_EncodeBlock(response, md5, 16);

    ngx_str_set(&q->login.user, "demo");
    ngx_str_set(&q->login.challenge, "challenge");
    q->login.opaque.data = opaque;
    q->login.opaque.len = sizeof(opaque);
    q->login.response.data = response;
    q->login.response.len = NGX_COMMERCE_LOGIN_AUTH;
}


/* the arguments of a URL as Tencent's */

static ngx_str_t
url_args(const char *with, const char *stream, int64_t expires)
{
    int        i;
    char       joined[128];
    u_char     md5[EVP_MAX_MD_SIZE];
    ngx_str_t  args;

    snprintf(joined, sizeof(joined), "%s%s%08X", with, stream,
             (unsigned) (expires / 1000));
    EVP_Digest(joined, strlen(joined), md5, NULL, EVP_md5(), NULL);

    args.data = text;
    text += sprintf((char *) text, "txTime=%08X&txSecret=",
                    (unsigned) (expires / 1000));

    for (i = 0; i < 16; i++) {
        text += sprintf((char *) text, "%02x", md5[i]);
    }

    args.len = text - args.data;

    return args;
}


static void
urls(ngx_commerce_question_t *q, const char *how)
{
    if (strcmp(how, "play") == 0) {
        signed_urls.elts = &clouds[1];
        signed_urls.nelts = 1;
    }

    ngx_str_set(&q->url.app, "live");
    q->url.args = url_args(strcmp(how, "wrong") == 0 ? "another key"
                                                     : "a key of a cloud's",
                           strcmp(how, "room") == 0 ? "demo2" : "demo",
                           strcmp(how, "expired") == 0 ? NOW : NOW + HOUR);
}


/* HEADER.CLAIMS.MAC; of no room if it is empty */

static ngx_str_t
jwt(ngx_str_t *with, const char *act, const char *name, const char *subject,
    int64_t issued, int64_t expires)
{
    char          body[256];
    u_char        mac[EVP_MAX_MD_SIZE];
    ngx_str_t     plain, part, token;
    unsigned int  len;

    snprintf(body, sizeof(body), "{\"iat\":%.3f,\"exp\":%lld,\"sub\":\"%s\","
             "\"act\":\"%s\"%s%s%s}", issued / 1000.0,
             (long long) expires / 1000, subject, act,
             *name ? ",\"room\":\"" : "", name, *name ? "\"" : "");

    token.data = text;
    text += sprintf((char *) text, "eyJhbGciOiJIUzI1NiJ9.");

    plain.data = (u_char *) body;
    plain.len = strlen(body);
    part.data = text;
    ngx_encode_base64url(&part, &plain);
    text += part.len;

    HMAC(EVP_sha256(), with->data, with->len, token.data, text - token.data,
         mac, &len);

    *text++ = '.';
    plain.data = mac;
    plain.len = len;
    part.data = text;
    ngx_encode_base64url(&part, &plain);
    text += part.len;

    token.len = text - token.data;

    return token;
}


static void
host_jwts(ngx_commerce_question_t *q, const char *how)
{
    ngx_str_t  another = ngx_string("fedcba9876543210fedcba9876543210");

    q->jwt = jwt(strcmp(how, "wrong") == 0 ? &another : &secret,
                 strcmp(how, "view") == 0 ? "view" : "publish",
                 strcmp(how, "room") == 0 ? "demo2"
                 : strcmp(how, "no-room") == 0 ? "" : "demo",
                 strcmp(how, "host") == 0 ? "boris" : "anna",
                 strcmp(how, "early") == 0 ? NOW + HOUR : ISSUED,
                 strcmp(how, "expired") == 0 ? NOW : NOW + 2 * HOUR);
}


/* somebody who publishes already */

static void
held(ngx_commerce_question_t *q, const char *how)
{
    grant.proof = strcmp(how, "token") == 0 ? NGX_COMMERCE_PROOF_TOKEN
                  : strcmp(how, "url") == 0 ? NGX_COMMERCE_PROOF_URL
                  : strcmp(how, "jwt") == 0 ? NGX_COMMERCE_PROOF_JWT
                  : NGX_COMMERCE_PROOF_KEY;
    memcpy(grant.key, room.key, sizeof(grant.key));

    if (strcmp(how, "changed") == 0) {
        room.key[0] ^= 1;
    }

    if (strcmp(how, "gone") == 0) {
        room.has_key = 0;
    }

    if (strcmp(how, "host") == 0) {
        ngx_str_set(&grant.host, "boris");
    }
}


static void
nothing(ngx_commerce_question_t *q, const char *how)
{
}


/* without claims: how is why; "" is what a careless caller leaves */

static void
no_claims(ngx_commerce_question_t *q, const char *how)
{
    ngx_str_t             token, another;
    ngx_commerce_times_t  times = { NOW, SKEW, 24 * HOUR };

    ngx_str_set(&another, "fedcba9876543210fedcba9876543210");

    if (strcmp(how, "none") == 0) {
        q->no_claims = NGX_COMMERCE_PROOF_MISSING;

    } else if (strcmp(how, "wrong") == 0) {
        token = viewer_token(&another, 'r', "u1", ISSUED, NOW + HOUR);
        q->no_claims = ngx_commerce_viewer_verify(&secrets, &token, &room.name,
                                                  &times, &claims[0]);

    } else if (strcmp(how, "expired") == 0) {
        token = viewer_token(&secret, 'r', "u1", ISSUED, NOW);
        q->no_claims = ngx_commerce_viewer_verify(&secrets, &token, &room.name,
                                                  &times, &claims[0]);
    }
}


/*
 * One claim, or two with a '+' between them.  First what it is: r, i, s of a
 * viewer's token, a for an anonymous session; R, I of a JWT; u, a URL.  Then
 * whose: 1, 2, of nobody in particular; b, who is banned; o, who is signed out;
 * f, whose ban is over.  Then when it was issued: nothing, or l for later.
 * At last what holds for all: '*' if everybody is signed out until FROM, '!' if
 * that is just now.
 */

static void
with_claims(ngx_commerce_question_t *q, const char *how)
{
    int64_t                 issued;
    ngx_str_t               token;
    const char             *subject;
    ngx_commerce_url_t      url;
    ngx_commerce_claims_t  *claim, first;
    ngx_commerce_times_t    times = { NOW, SKEW, 24 * HOUR };

    if (strchr(how, '*')) {
        out.void_until = FROM;
    }

    if (strchr(how, '!')) {
        out.void_until = NOW + SKEW;
    }

    for ( ;; ) {
        claim = &claims[q->nclaims++];

        subject = how[1] == '1' ? "u1" : how[1] == '2' ? "u2"
                  : how[1] == 'b' ? "banned" : how[1] == 'o' ? "out" : "free";
        issued = how[2] == 'l' ? LATER : ISSUED;

        memset(claim, 0, sizeof(ngx_commerce_claims_t));

        switch (how[0]) {

        case 'r':
        case 'i':
            token = viewer_token(&secret, how[0], subject, issued, NOW + HOUR);
            break;

        case 's':
        case 'a':
            memset(&first, 0, sizeof(first));
            first.issued = issued;
            first.subject.data = (u_char *) (how[0] == 'a'
                                      ? "~AAAAAAAAAAAAAAAAAAAAAA" : subject);
            first.subject.len = strlen((char *) first.subject.data);
            token.data = text;
            (void) ngx_commerce_viewer_mint(&secrets, &room.name, &first,
                                            12 * HOUR, &token);
            text += token.len;
            break;

        case 'u':
            ngx_str_set(&url.app, "live");
            url.stream = room.name;
            url.args = url_args("a key of a cloud's", "demo", NOW + HOUR);
            token.len = 0;

            if (ngx_commerce_url_verify(&signed_urls, &url,
                                        NGX_COMMERCE_ACTION_VIEW, NOW, claim)
                != NGX_COMMERCE_ALLOWED)
            {
                ok(0, "a URL is verified");
            }

            break;

        default:
            token = jwt(&secret, "view", how[0] == 'R' ? "demo" : "", subject,
                        issued, NOW + HOUR);

            if (ngx_commerce_jwt_verify(jwt_keys, &token,
                                        NGX_COMMERCE_ACTION_VIEW, &room.name,
                                        &times, &jwts[q->nclaims - 1])
                != NGX_COMMERCE_ALLOWED)
            {
                ok(0, "a viewer's JWT is verified");
            }

            *claim = jwts[q->nclaims - 1].claims;
            token.len = 0;
        }

        if (token.len
            && ngx_commerce_viewer_verify(&secrets, &token, &room.name, &times,
                                          claim)
               != NGX_COMMERCE_ALLOWED)
        {
            ok(0, "a viewer's token is verified");
        }

        how = strchr(how, '+');

        if (how == NULL) {
            return;
        }

        how++;
    }
}


static proof_t  publish_proofs[] = {
    { "none",                      nothing,      "" },
    { "key",                       keys,         "" },
    { "key-wrong",                 keys,         "wrong" },
    { "key-of-no-room",            keys,         "no-room" },
    { "key-where-tokens",          keys,         "where-tokens" },
    { "token",                     tokens,       "" },
    { "token-wrong",               tokens,       "wrong" },
    { "token-other-room",          tokens,       "room" },
    { "token-other-host",          tokens,       "host" },
    { "token-of-viewer",           tokens,       "viewer" },
    { "token-expired",             tokens,       "expired" },
    { "token-no-secret",           tokens,       "no-secret" },
    { "key-and-bad-token",         two_proofs,   "key" },
    { "bad-key-and-token",         two_proofs,   "token" },
    { "login",                     logins,       "" },
    { "login-wrong",               logins,       "wrong" },
    { "login-no-auth",             logins,       "no-auth" },
    { "login-old",                 logins,       "old" },
    { "url",                       urls,         "" },
    { "url-wrong",                 urls,         "wrong" },
    { "url-other-room",            urls,         "room" },
    { "url-to-play",               urls,         "play" },
    { "url-expired",               urls,         "expired" },
    { "jwt",                       host_jwts,    "" },
    { "jwt-of-no-room",            host_jwts,    "no-room" },
    { "jwt-wrong",                 host_jwts,    "wrong" },
    { "jwt-other-room",            host_jwts,    "room" },
    { "jwt-other-host",            host_jwts,    "host" },
    { "jwt-to-view",               host_jwts,    "view" },
    { "jwt-early",                 host_jwts,    "early" },
    { "jwt-expired",               host_jwts,    "expired" },
    { "held-key",                  held,         "key" },
    { "held-key-changed",          held,         "changed" },
    { "held-key-gone",             held,         "gone" },
    { "held-token",                held,         "token" },
    { "held-url",                  held,         "url" },
    { "held-jwt",                  held,         "jwt" },
    { "held-other-host",           held,         "host" },
    { NULL, NULL, NULL }
};


static proof_t  view_proofs[] = {
    { "none",                      no_claims,    "none" },
    { "unsaid",                    no_claims,    "" },
    { "wrong",                     no_claims,    "wrong" },
    { "expired",                   no_claims,    "expired" },
    { "r",                         with_claims,  "r1" },
    { "i",                         with_claims,  "i1" },
    { "s",                         with_claims,  "s1" },
    { "anonymous",                 with_claims,  "a1" },
    { "jwt-r",                     with_claims,  "R1" },
    { "jwt-i",                     with_claims,  "I1" },
    { "url",                       with_claims,  "u1" },
    { "r-banned",                  with_claims,  "rb" },
    { "i-banned",                  with_claims,  "ib" },
    { "s-banned",                  with_claims,  "sb" },
    { "jwt-r-banned",              with_claims,  "Rb" },
    { "r-ban-over",                with_claims,  "rf" },
    { "r-signed-out",              with_claims,  "ro" },
    { "i-signed-out",              with_claims,  "io" },
    { "s-signed-out",              with_claims,  "so" },
    { "jwt-r-signed-out",          with_claims,  "Ro" },
    { "r-later",                   with_claims,  "rol" },
    { "s-later",                   with_claims,  "sol" },
    { "r-all-out",                 with_claims,  "r1*" },
    { "i-all-out",                 with_claims,  "i1*" },
    { "s-all-out",                 with_claims,  "s1*" },
    { "anonymous-all-out",         with_claims,  "a1*" },
    { "r-all-out-later",           with_claims,  "r1l*" },
    { "url-all-out",               with_claims,  "u1!" },
    { "url-all-out-later",         with_claims,  "u1*" },
    { "i-i",                       with_claims,  "i1+i2" },
    { "i-and-r",                   with_claims,  "i1+r2" },
    { "i-and-r-banned",            with_claims,  "i1+rb" },
    { "i-banned-and-r",            with_claims,  "ib+r1" },
    { "i-banned-and-r-banned",     with_claims,  "ib+rb" },
    { "r-signed-out-and-r-later",  with_claims,  "ro+rol" },
    { NULL, NULL, NULL }
};


static struct {
    const char  *name;
    proof_t     *proofs;
} actions[] = {
    { "publish", publish_proofs },      /* as ngx_commerce_action_e */
    { "view",    view_proofs }
};

static const char  *rooms[] = { "scheduled", "open", "closed", "banned",
                                "unknown" };
static const char  *visibilities[] = { "public", "unlisted", "followers" };
static const char  *hosts[] = { "applied", "approved", "suspended", "banned",
                                "unknown", "away", "busy" };
static const char  *stores[] = { "ok", "away", "busy", "out-away" };
static const char  *follows[] = { "yes", "no", "away", "unasked" };

static ngx_int_t    outcomes[] = { NGX_OK, NGX_DECLINED, NGX_ERROR,
                                   NGX_AGAIN, NGX_BUSY };


#define n_of(names)  (sizeof(names) / sizeof((names)[0]))


static void
read_matrix(void)
{
    int      line, column;
    char    *p, *end, *word;
    FILE    *f;
    size_t   n;

    f = fopen("t/unit/matrix.txt", "r");
    n = f ? fread(file, 1, sizeof(file) - 1, f) : 0;
    ok(f && n && n < sizeof(file) - 1, "t/unit/matrix.txt is read");

    if (f) {
        fclose(f);
    }

    line = 0;

    for (p = file; *p; p = end + 1) {
        line++;
        end = strchr(p, '\n');
        *end = '\0';

        if (*p == '#' || *p == '\0') {
            continue;
        }

        column = 0;

        for (word = strtok(p, " "); word; word = strtok(NULL, " ")) {
            if (column < COLUMNS) {
                rows[nrows].column[column] = word;
            }

            column++;
        }

        rows[nrows].line = line;

        if (column != COLUMNS || nrows + 1 == ROWS) {
            ok(0, "line %d: %d columns, not %d", line, column, COLUMNS);
            continue;
        }

        nrows++;
    }
}


/* 1 if a value is among those of a column */

static ngx_uint_t
fits(const char *column, const char *value)
{
    size_t       len;
    const char  *p;

    if (strcmp(column, "*") == 0) {
        return 1;
    }

    len = strlen(value);

    for (p = column; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
        if (strncmp(p, value, len) == 0 && (p[len] == '\0' || p[len] == '|')) {
            return 1;
        }
    }

    return 0;
}


static row_t *
find_row(const char **values)
{
    int         column;
    ngx_uint_t  i;

    for (i = 0; i < nrows; i++) {
        for (column = ACTION; column < OUTCOME; column++) {
            if (!fits(rows[i].column[column], values[column])) {
                break;
            }
        }

        if (column == OUTCOME) {
            return &rows[i];
        }
    }

    return NULL;
}


/* what nobody looked up is not there to be looked at */

static void
ask(ngx_commerce_question_t *q, ngx_uint_t action, ngx_uint_t state,
    ngx_uint_t visibility, ngx_uint_t host_state, ngx_uint_t store,
    ngx_uint_t follow)
{
    memset(q, 0, sizeof(*q));
    memset(&room, 0, sizeof(room));
    memset(&host, 0, sizeof(host));
    memset(&out, 0, sizeof(out));
    memset(ousted, 0, sizeof(ousted));
    memset(&grant, 0, sizeof(grant));
    text = texts;

    q->action = action;
    q->now = NOW;
    q->proofs = NGX_COMMERCE_PROOF_KEY|NGX_COMMERCE_PROOF_TOKEN
                |NGX_COMMERCE_PROOF_LOGIN|NGX_COMMERCE_PROOF_URL
                |NGX_COMMERCE_PROOF_JWT;
    q->jwt_keys = jwt_keys;
    q->skew = SKEW;
    signed_urls.elts = clouds;
    signed_urls.nelts = 2;
    q->signed_urls = &signed_urls;
    q->secrets = &secrets;
    q->grant = &grant;
    q->claims = claims;
    q->follows = outcomes[follow];

    ngx_str_set(&room.name, "demo");
    ngx_str_set(&room.host, "anna");
    room.visibility = visibility;
    room.has_key = 1;
    SHA256(key.data, key.len, room.key);
    grant.host = room.host;

    q->room_rc = store == 1 ? NGX_ERROR : store == 2 ? NGX_BUSY
                 : state == 4 ? NGX_DECLINED : NGX_OK;

    if (q->room_rc == NGX_OK) {
        room.state = state;
        q->room = &room;
    }

    ngx_str_set(&host.name, "anna");
    q->host_rc = host_state < 4 ? NGX_OK : host_state == 4 ? NGX_DECLINED
                 : host_state == 5 ? NGX_ERROR : NGX_BUSY;

    if (q->host_rc == NGX_OK) {
        host.state = host_state;
        q->host = &host;
    }

    ngx_str_set(&ousted[0].subject, "banned");
    ousted[0].banned = 1;
    ousted[0].until = visibility == 0 ? 0 : NOW + 1;
    ngx_str_set(&ousted[1].subject, "free");
    ousted[1].banned = 1;
    ousted[1].until = NOW;
    ngx_str_set(&ousted[2].subject, "out");
    ousted[2].void_until = FROM;
    out.viewers = ousted;
    out.nviewers = 3;

    q->out_rc = store == 3 ? NGX_ERROR : q->room_rc;

    if (q->out_rc == NGX_OK) {
        q->out = &out;
    }
}


/* the outcome as the file has it */

static const char *
outcome(ngx_commerce_question_t *q, char *buf, size_t size)
{
    ngx_commerce_reason_e  reason;

    reason = ngx_commerce_decide(q);

    if (q->action == NGX_COMMERCE_ACTION_VIEW) {

        if (q->asks_follows) {
            return reason == NGX_COMMERCE_STORE_AWAY && q->claim == &claims[0]
                   ? "ask" : "an odd question";
        }

        if (reason == NGX_COMMERCE_ALLOWED && q->claim != &claims[0]) {
            return q->claim ? "allowed:2" : "as-anybody";
        }
    }

    snprintf(buf, size, "%.*s", (int) ngx_commerce_reason(reason)->len,
             ngx_commerce_reason(reason)->data);

    return buf;
}


static void
judge(ngx_commerce_question_t *q, const char **values, ngx_uint_t *missing)
{
    char         buf[64];
    row_t       *row;
    const char  *got;

    got = outcome(q, buf, sizeof(buf));
    row = find_row(values);

    if (row == NULL) {
        (*missing)++;

    } else {
        row->used++;
    }

    if (row && strcmp(got, row->column[OUTCOME]) == 0) {
        return;
    }

    if (row && row->failed++) {
        return;
    }

    printf("# %s %s %s %s host=%s store=%s follows=%s: %s, line %d: %s\n",
           values[ACTION], values[ROOM], values[VISIBILITY], values[PROOF],
           values[HOST], values[STORE], values[FOLLOWS], got,
           row ? row->line : 0, row ? row->column[OUTCOME] : "no row");
}


static void
walk(ngx_uint_t *cases, ngx_uint_t *missing)
{
    proof_t                  *proof;
    ngx_uint_t                n, a, r, v, h, s, f;
    const char               *values[OUTCOME];
    ngx_commerce_question_t   q;

    n = n_of(actions) * n_of(rooms) * n_of(visibilities) * n_of(hosts)
        * n_of(stores) * n_of(follows);

    while (n--) {
        a = n % n_of(actions);
        r = n / n_of(actions) % n_of(rooms);
        v = n / n_of(actions) / n_of(rooms) % n_of(visibilities);
        h = n / n_of(actions) / n_of(rooms) / n_of(visibilities)
            % n_of(hosts);
        s = n / n_of(actions) / n_of(rooms) / n_of(visibilities) / n_of(hosts)
            % n_of(stores);
        f = n / n_of(actions) / n_of(rooms) / n_of(visibilities) / n_of(hosts)
            / n_of(stores);

        values[ACTION] = actions[a].name;
        values[ROOM] = rooms[r];
        values[VISIBILITY] = visibilities[v];
        values[HOST] = hosts[h];
        values[STORE] = stores[s];
        values[FOLLOWS] = follows[f];

        for (proof = actions[a].proofs; proof->name; proof++) {
            values[PROOF] = proof->name;
            ask(&q, a, r, v, h, s, f);
            proof->bring(&q, proof->how);
            judge(&q, values, missing);
            (*cases)++;
        }
    }
}


int
main(void)
{
    u_char       error[NGX_COMMERCE_JWT_ERROR];
    ngx_pool_t  *pool;
    ngx_uint_t   i, cases, missing;

    pool = ngx_create_pool(4096, &ngx_shim_log);
    jwt_keys = ngx_commerce_jwt_keys_parse(pool, &jwk_set, error);
    ok(jwt_keys != NULL, "a set of keys");

    secrets.elts = &secret;
    secrets.nelts = 1;
    cases = 0;
    missing = 0;

    read_matrix();
    walk(&cases, &missing);

    ok(missing == 0, "%d cases have a row each", (int) cases);

    for (i = 0; i < nrows; i++) {
        ok(rows[i].used && !rows[i].failed, "line %d: %s, in %d cases",
           rows[i].line, rows[i].column[OUTCOME], (int) rows[i].used);
    }

    ngx_destroy_pool(pool);

    return tap_done();
}
