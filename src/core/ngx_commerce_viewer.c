
#include "ngx_commerce_viewer.h"
#include "ngx_commerce_text.h"
#include "ngx_commerce_token.h"
#include <openssl/evp.h>
#include <openssl/rand.h>


#define NGX_COMMERCE_VIEWER_RANDOM  16       /* bytes */

/* "view", kind, scope, expiry, issue, subject, and five LFs between them */
#define NGX_COMMERCE_VIEWER_SIGNED                                            \
    (4 + 1 + NGX_COMMERCE_NAME_MAX + NGX_COMMERCE_VIEWER_SECONDS              \
     + NGX_COMMERCE_VIEWER_MSEC + NGX_COMMERCE_NAME_MAX + 5)


typedef struct {
    ngx_str_t   kind;
    ngx_str_t   expires;
    ngx_str_t   issued;
    ngx_str_t   subject;
    ngx_str_t   mac;
} ngx_commerce_viewer_parts_t;


static ngx_uint_t ngx_commerce_viewer_split(ngx_str_t *token,
    ngx_commerce_viewer_parts_t *parts);
static ngx_uint_t ngx_commerce_viewer_number(ngx_str_t *text, size_t max);
static ngx_uint_t ngx_commerce_viewer_is_anonymous(ngx_str_t *subject);
static ngx_int_t ngx_commerce_viewer_text(ngx_commerce_viewer_parts_t *parts,
    ngx_str_t *room, ngx_str_t *text);


ngx_commerce_reason_e
ngx_commerce_viewer_verify(ngx_array_t *secrets, ngx_str_t *token,
    ngx_str_t *room, ngx_commerce_times_t *times,
    ngx_commerce_claims_t *claims)
{
    u_char                       buf[NGX_COMMERCE_VIEWER_SIGNED];
    ngx_str_t                    text;
    ngx_commerce_viewer_parts_t  parts;

    text.data = buf;

    if (!ngx_commerce_viewer_split(token, &parts)
        || ngx_commerce_viewer_text(&parts, room, &text) != NGX_OK
        || !ngx_commerce_token_signed(secrets, &text, &parts.mac))
    {
        return NGX_COMMERCE_PROOF_WRONG;
    }

    ngx_memzero(claims, sizeof(ngx_commerce_claims_t));

    claims->proof = NGX_COMMERCE_PROOF_TOKEN;
    claims->action = NGX_COMMERCE_ACTION_VIEW;
    claims->subject = parts.subject;
    claims->expires = ngx_commerce_number(&parts.expires) * 1000;
    claims->issued = ngx_commerce_number(&parts.issued);
    claims->session = (parts.kind.data[0] == 's');

    if (claims->session) {
        claims->token = *token;
    }

    if (parts.kind.data[0] != 'i') {
        claims->room = *room;
    }

    return ngx_commerce_claims_judge(claims, NGX_COMMERCE_ACTION_VIEW, room,
                                     times);
}


static ngx_uint_t
ngx_commerce_viewer_split(ngx_str_t *token,
    ngx_commerce_viewer_parts_t *parts)
{
    u_char      *p, *dot, *last;
    ngx_str_t   *part[4];
    ngx_uint_t   i;

    part[0] = &parts->kind;
    part[1] = &parts->expires;
    part[2] = &parts->issued;
    part[3] = &parts->subject;

    p = token->data;
    last = p + token->len;

    for (i = 0; i < 4; i++) {
        dot = ngx_strlchr(p, last, '.');

        if (dot == NULL) {
            return 0;
        }

        part[i]->data = p;
        part[i]->len = dot - p;

        p = dot + 1;
    }

    parts->mac.data = p;
    parts->mac.len = last - p;

    if (parts->kind.len != 1
        || ngx_strlchr((u_char *) "ris", (u_char *) "ris" + 3,
                       parts->kind.data[0])
           == NULL
        || !ngx_commerce_viewer_number(&parts->expires,
                                       NGX_COMMERCE_VIEWER_SECONDS)
        || !ngx_commerce_viewer_number(&parts->issued,
                                       NGX_COMMERCE_VIEWER_MSEC))
    {
        return 0;
    }

    return ngx_commerce_name_valid(NGX_COMMERCE_HOST, &parts->subject)
           || (parts->kind.data[0] == 's'
               && ngx_commerce_viewer_is_anonymous(&parts->subject));
}


/* decimal, positive, without leading zero */

static ngx_uint_t
ngx_commerce_viewer_number(ngx_str_t *text, size_t max)
{
    return text->len > 0 && text->len <= max && text->data[0] != '0'
           && ngx_commerce_number(text) > 0;
}


static ngx_uint_t
ngx_commerce_viewer_is_anonymous(ngx_str_t *subject)
{
    ngx_str_t  random;

    if (subject->len != NGX_COMMERCE_VIEWER_ANONYMOUS
        || subject->data[0] != '~')
    {
        return 0;
    }

    random.data = subject->data + 1;
    random.len = subject->len - 1;

    return ngx_commerce_name_valid(NGX_COMMERCE_HOST, &random);
}


ngx_uint_t
ngx_commerce_viewer_valid(ngx_str_t *subject)
{
    return ngx_commerce_name_valid(NGX_COMMERCE_HOST, subject)
           || ngx_commerce_viewer_is_anonymous(subject);
}


/* what is signed; text->data has NGX_COMMERCE_VIEWER_SIGNED bytes */

static ngx_int_t
ngx_commerce_viewer_text(ngx_commerce_viewer_parts_t *parts, ngx_str_t *room,
    ngx_str_t *text)
{
    u_char  *p;

    if (room->len > NGX_COMMERCE_NAME_MAX) {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(text->data, "view\n", sizeof("view\n") - 1);
    *p++ = parts->kind.data[0];
    *p++ = '\n';

    if (parts->kind.data[0] == 'i') {
        *p++ = '*';

    } else {
        p = ngx_cpymem(p, room->data, room->len);
    }

    *p++ = '\n';
    p = ngx_cpymem(p, parts->expires.data, parts->expires.len);
    *p++ = '\n';
    p = ngx_cpymem(p, parts->issued.data, parts->issued.len);
    *p++ = '\n';
    p = ngx_cpymem(p, parts->subject.data, parts->subject.len);

    text->len = p - text->data;

    return NGX_OK;
}


ngx_int_t
ngx_commerce_viewer_mint(ngx_array_t *secrets, ngx_str_t *room,
    ngx_commerce_claims_t *claims, int64_t session, ngx_str_t *token)
{
    u_char                       buf[NGX_COMMERCE_VIEWER_SIGNED];
    u_char                      *p;
    int64_t                      ends;
    ngx_str_t                    text;
    ngx_commerce_viewer_parts_t  parts;

    if (secrets == NULL || secrets->nelts == 0) {
        return NGX_DECLINED;
    }

    if (claims->issued <= 0 || !ngx_commerce_viewer_valid(&claims->subject)) {
        return NGX_ERROR;
    }

    ends = claims->issued + session;

    /* nobody bounds how long a cloud's URL lasts from when it is seen */

    if (claims->proof != NGX_COMMERCE_PROOF_URL) {
        ends = ngx_max(ends, claims->expires);
    }

    /* the token without its MAC, and where its parts are */

    p = ngx_cpymem(token->data, "s.", 2);
    parts.kind.data = token->data;
    parts.kind.len = 1;

    parts.expires.data = p;
    p = ngx_sprintf(p, "%L", ends / 1000);
    parts.expires.len = p - parts.expires.data;
    *p++ = '.';

    parts.issued.data = p;
    p = ngx_sprintf(p, "%L", claims->issued);
    parts.issued.len = p - parts.issued.data;
    *p++ = '.';

    parts.subject.data = p;
    parts.subject.len = claims->subject.len;
    p = ngx_cpymem(p, claims->subject.data, claims->subject.len);
    *p++ = '.';

    text.data = buf;

    if (ngx_commerce_viewer_text(&parts, room, &text) != NGX_OK
        || ngx_commerce_token_sign(secrets->elts, &text, p) != NGX_OK)
    {
        return NGX_ERROR;
    }

    token->len = p + NGX_COMMERCE_TOKEN_MAC - token->data;

    return NGX_OK;
}


ngx_int_t
ngx_commerce_viewer_anonymous(u_char *out)
{
    u_char  random[NGX_COMMERCE_VIEWER_RANDOM];
    u_char  text[NGX_COMMERCE_VIEWER_ANONYMOUS + 2];
    size_t  i;

    if (RAND_bytes(random, sizeof(random)) != 1) {
        return NGX_ERROR;
    }

    EVP_EncodeBlock(text, random, sizeof(random));

    out[0] = '~';

    for (i = 0; i < NGX_COMMERCE_VIEWER_ANONYMOUS - 1; i++) {
        out[i + 1] = (text[i] == '+') ? '-' : (text[i] == '/') ? '_' : text[i];
    }

    return NGX_OK;
}
