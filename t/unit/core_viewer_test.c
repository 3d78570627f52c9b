
/* links: src/core/ngx_commerce_viewer.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_token.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */

#include "ngx_commerce_token.h"
#include "ngx_commerce_viewer.h"
#include "tap.h"


#define SECRET   "0123456789abcdef0123456789abcdef"
#define ISSUED   1795374000123LL
#define EXPIRES  1795381200

/* of another implementation, for room demo and subject u42 */
#define TOKEN    "r.1795381200.1795374000123.u42.Pszer66OsAQVYQhyj8t31Q"


static ngx_str_t              secret = ngx_string(SECRET);
static ngx_str_t              demo = ngx_string("demo");
static ngx_array_t            secrets;
static ngx_commerce_times_t   times;
static ngx_commerce_claims_t  claims;


static ngx_commerce_reason_e
verify(const char *text, ngx_str_t *room)
{
    ngx_str_t      token;
    static u_char  copy[512];

    token.len = snprintf((char *) copy, sizeof(copy), "%s", text);
    token.data = copy;

    return ngx_commerce_viewer_verify(&secrets, &token, room, &times, &claims);
}


/* signs what stands before the MAC, for a scope */

static const char *
made(const char *kind, const char *exp, const char *iat, const char *subject,
    const char *scope)
{
    u_char       mac[NGX_COMMERCE_TOKEN_MAC];
    ngx_str_t    text;
    char         buf[512];
    static char  token[512];

    snprintf(buf, sizeof(buf), "view\n%s\n%s\n%s\n%s\n%s", kind, scope, exp,
             iat, subject);
    text.data = (u_char *) buf;
    text.len = strlen(buf);

    if (ngx_commerce_token_sign(&secret, &text, mac) != NGX_OK) {
        abort();
    }

    snprintf(token, sizeof(token), "%s.%s.%s.%s.%.22s", kind, exp, iat, subject,
             mac);

    return token;
}


static void
verified(void)
{
    ngx_str_t  other = ngx_string("other");

    ok(verify(TOKEN, &demo) == NGX_COMMERCE_ALLOWED, "a token of another "
       "implementation");
    ok(claims.subject.len == 3 && memcmp(claims.subject.data, "u42", 3) == 0
       && claims.issued == ISSUED && claims.expires == EXPIRES * 1000LL
       && claims.room.len == 4 && !claims.session
       && claims.action == NGX_COMMERCE_ACTION_VIEW, "its claims");

    ok(verify(TOKEN, &other) == NGX_COMMERCE_PROOF_WRONG, "of another room");
    ok(verify(made("i", "1795381200", "1795374000123", "u42", "*"), &other)
       == NGX_COMMERCE_ALLOWED && claims.room.len == 0, "an identity");
    ok(verify(made("i", "1795381200", "1795374000123", "u42", "demo"), &demo)
       == NGX_COMMERCE_PROOF_WRONG, "an identity with a room's scope");
    ok(verify(made("s", "1795381200", "1795374000123", "u42", "demo"), &demo)
       == NGX_COMMERCE_ALLOWED && claims.session, "a session");
}


static void
timed(void)
{
    times.now = EXPIRES * 1000LL;
    ok(verify(TOKEN, &demo) == NGX_COMMERCE_PROOF_EXPIRED, "expired");

    times.now--;
    ok(verify(TOKEN, &demo) == NGX_COMMERCE_ALLOWED, "a millisecond earlier");

    times.now = ISSUED - times.skew - 1;
    ok(verify(TOKEN, &demo) == NGX_COMMERCE_PROOF_EARLY, "not yet issued");

    times.now++;
    ok(verify(TOKEN, &demo) == NGX_COMMERCE_ALLOWED, "within the skew");

    times.now = ISSUED;
    times.viewer_max = EXPIRES * 1000LL - ISSUED - 1;
    ok(verify(TOKEN, &demo) == NGX_COMMERCE_PROOF_TOO_LONG, "too long");
    ok(verify(made("s", "1795381200", "1795374000123", "u42", "demo"), &demo)
       == NGX_COMMERCE_ALLOWED, "which a session may be");

    times.viewer_max++;
    ok(verify(TOKEN, &demo) == NGX_COMMERCE_ALLOWED, "as long as is allowed");
}


static void
malformed(void)
{
    size_t       i;
    char         text[sizeof(TOKEN) + 1];
    static char *forms[][4] = {
        { "r", "01795381200", "1795374000123", "u42" },
        { "r", "1795381200", "01795374000123", "u42" },
        { "r", "0", "1795374000123", "u42" },
        { "r", "1795381200", "0", "u42" },
        { "r", "+1795381200", "1795374000123", "u42" },
        { "r", "179538120000", "1795374000123", "u42" },
        { "r", "1795381200", "179537400012345", "u42" },
        { "r", "1795381200", "1795374000123", "" },
        { "r", "1795381200", "1795374000123", "u 42" },
        { "r", "1795381200", "1795374000123", "../u42" },
        { "r", "1795381200", "1795374000123", "~0123456789012345678901" },
        { "s", "1795381200", "1795374000123", "~012345678901234567890" },
        { "x", "1795381200", "1795374000123", "u42" },
        { "rr", "1795381200", "1795374000123", "u42" },
        { "", "1795381200", "1795374000123", "u42" }
    };

    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        ok(verify(made(forms[i][0], forms[i][1], forms[i][2], forms[i][3],
                       "demo"), &demo)
           == NGX_COMMERCE_PROOF_WRONG, "form %d is refused, though signed",
           (int) i);
    }

    for (i = 0; i < sizeof(TOKEN) - 1; i++) {
        memcpy(text, TOKEN, sizeof(TOKEN));
        text[i] = '\0';

        if (verify(text, &demo) != NGX_COMMERCE_PROOF_WRONG) {
            break;
        }
    }

    ok(i == sizeof(TOKEN) - 1, "whatever is cut off");

    snprintf(text, sizeof(text), "%sA", TOKEN);
    ok(verify(text, &demo) == NGX_COMMERCE_PROOF_WRONG, "a byte more");

    memcpy(text, TOKEN, sizeof(TOKEN));
    text[sizeof(TOKEN) - 2]++;
    ok(verify(text, &demo) == NGX_COMMERCE_PROOF_WRONG,
       "base64 that is not canonical");
}


static void
minted(void)
{
    u_char                 buf[NGX_COMMERCE_VIEWER_TOKEN], anonymous[23];
    ngx_str_t              token;
    ngx_commerce_claims_t  first;
    char                   once[NGX_COMMERCE_VIEWER_TOKEN + 1];

    token.data = buf;

    ok(verify(TOKEN, &demo) == NGX_COMMERCE_ALLOWED
       && ngx_commerce_viewer_mint(&secrets, &demo, &claims, 43200000, &token)
          == NGX_OK, "a session is made");

    first = claims;
    snprintf(once, sizeof(once), "%.*s", (int) token.len, token.data);

    ok(verify(once, &demo) == NGX_COMMERCE_ALLOWED && claims.session
       && claims.issued == first.issued
       && claims.expires == (first.issued + 43200000) / 1000 * 1000,
       "and verified");

    ok(ngx_commerce_viewer_mint(&secrets, &demo, &claims, 43200000, &token)
       == NGX_OK && token.len == strlen(once)
       && memcmp(token.data, once, token.len) == 0,
       "a session of the session is the same");

    times.viewer_max = 2 * 86400000;

    ok(verify(made("r", "1795460399", "1795374000123", "u42", "demo"), &demo)
       == NGX_COMMERCE_ALLOWED
       && ngx_commerce_viewer_mint(&secrets, &demo, &claims, 43200000, &token)
          == NGX_OK
       && memcmp(token.data, "s.1795460399.", 13) == 0,
       "one of a proof that lasts longer lasts as long");

    claims.proof = NGX_COMMERCE_PROOF_URL;

    ok(ngx_commerce_viewer_mint(&secrets, &demo, &claims, 43200000, &token)
       == NGX_OK && memcmp(token.data, "s.1795417200.", 13) == 0,
       "but not of a URL");

    claims.subject.data = anonymous;
    claims.subject.len = sizeof(anonymous);

    ok(ngx_commerce_viewer_anonymous(anonymous) == NGX_OK
       && ngx_commerce_viewer_valid(&claims.subject)
       && ngx_commerce_viewer_mint(&secrets, &demo, &claims, 43200000, &token)
          == NGX_OK, "of somebody who is not known");

    snprintf(once, sizeof(once), "%.*s", (int) token.len, token.data);
    ok(verify(once, &demo) == NGX_COMMERCE_ALLOWED, "who is let in by it");

    claims.issued = 0;
    ok(ngx_commerce_viewer_mint(&secrets, &demo, &claims, 43200000, &token)
       == NGX_ERROR, "claims without a time of issue make none");
    ok(ngx_commerce_viewer_mint(NULL, &demo, &claims, 43200000, &token)
       == NGX_DECLINED, "nor does an edge without secrets");
}


int
main(void)
{
    secrets.elts = &secret;
    secrets.nelts = 1;

    times.now = ISSUED + 1000;
    times.skew = 5000;
    times.viewer_max = 86400000;

    verified();
    timed();

    times.now = ISSUED + 1000;
    times.viewer_max = 86400000;

    malformed();
    minted();

    return tap_done();
}
