
#include "ngx_commerce_code.h"
#include <openssl/rand.h>


#define NGX_COMMERCE_CODE_GROUP   5

/* a word, a room and a text, and two LFs between them */
#define NGX_COMMERCE_CODE_SIGNED                                              \
    (sizeof("anonymous") - 1 + 1 + NGX_COMMERCE_NAME_MAX + 1                  \
     + NGX_COMMERCE_CODE_MAX)


static void ngx_commerce_code_normalise(ngx_str_t *code, ngx_str_t *text);
static ngx_int_t ngx_commerce_code_sign(ngx_str_t *secret, const char *word,
    ngx_str_t *room, ngx_str_t *text, u_char *out);


ngx_int_t
ngx_commerce_code_make(u_char *out)
{
    u_char      random[NGX_COMMERCE_CODE - 1];
    ngx_uint_t  i;

    static u_char  digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    if (RAND_bytes(random, sizeof(random)) != 1) {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(random); i++) {

        if (i == NGX_COMMERCE_CODE_GROUP) {
            *out++ = '-';
        }

        *out++ = digits[random[i] & 31];
    }

    return NGX_OK;
}


ngx_int_t
ngx_commerce_code_name(ngx_str_t *secret, ngx_str_t *room, ngx_str_t *code,
    u_char *out)
{
    u_char     buf[NGX_COMMERCE_CODE_MAX];
    ngx_str_t  text;

    if (code->len > NGX_COMMERCE_CODE_MAX) {
        return NGX_DECLINED;
    }

    text.data = buf;

    ngx_commerce_code_normalise(code, &text);

    return ngx_commerce_code_sign(secret, "code", room, &text, out);
}


/* text->data has code->len bytes */

static void
ngx_commerce_code_normalise(ngx_str_t *code, ngx_str_t *text)
{
    u_char  *p, *last, *out, ch;

    last = code->data + code->len;
    out = text->data;

    for (p = code->data; p < last; p++) {
        ch = ngx_toupper(*p);

        switch (ch) {

        case '-':
        case ' ':
            break;

        case 'O':
            *out++ = '0';
            break;

        case 'I':
        case 'L':
            *out++ = '1';
            break;

        default:
            *out++ = ch;
        }
    }

    text->len = out - text->data;
}


ngx_int_t
ngx_commerce_code_entrant(ngx_str_t *secret, ngx_str_t *room,
    ngx_str_t *subject, u_char *out)
{
    return ngx_commerce_code_sign(secret, "entrant", room, subject, out);
}


ngx_int_t
ngx_commerce_code_subject(ngx_str_t *secret, ngx_str_t *room, ngx_str_t *nonce,
    u_char *out)
{
    *out++ = '~';

    return ngx_commerce_code_sign(secret, "anonymous", room, nonce, out);
}


static ngx_int_t
ngx_commerce_code_sign(ngx_str_t *secret, const char *word, ngx_str_t *room,
    ngx_str_t *text, u_char *out)
{
    u_char     buf[NGX_COMMERCE_CODE_SIGNED], *p;
    ngx_str_t  signature;

    if (room->len > NGX_COMMERCE_NAME_MAX
        || text->len > NGX_COMMERCE_CODE_MAX)
    {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(buf, word, ngx_strlen(word));
    *p++ = '\n';
    p = ngx_cpymem(p, room->data, room->len);
    *p++ = '\n';
    p = ngx_cpymem(p, text->data, text->len);

    signature.data = buf;
    signature.len = p - buf;

    return ngx_commerce_token_sign(secret, &signature, out);
}
