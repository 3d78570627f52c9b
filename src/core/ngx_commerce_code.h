
/*
 * Codes that open a room, as people read them aloud and type them: ten of
 * Crockford's 32 characters, 50 random bits, in two groups.  Case, hyphens and
 * spaces do not count, o is 0, i and l are 1.
 *
 * Nobody keeps a code.  What is kept is its name: the HMAC of room and code, so
 * that whoever reads Redis has neither.
 */


#ifndef _NGX_COMMERCE_CODE_H_INCLUDED_
#define _NGX_COMMERCE_CODE_H_INCLUDED_


#include "ngx_commerce_token.h"


#define NGX_COMMERCE_CODE      11    /* bytes of a code with its hyphen */
#define NGX_COMMERCE_CODE_MAX  64    /* of what is typed, at most */


/* a new code: NGX_COMMERCE_CODE bytes into out; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_code_make(u_char *out);

/*
 * The name that a code has in a room by a secret: NGX_COMMERCE_TOKEN_MAC bytes
 * into out.  It obeys the rule for names of products.  NGX_OK; NGX_DECLINED:
 * the text is longer than NGX_COMMERCE_CODE_MAX; NGX_ERROR.
 */
ngx_int_t ngx_commerce_code_name(ngx_str_t *secret, ngx_str_t *room,
    ngx_str_t *code, u_char *out);

/*
 * What is kept in Redis of who entered, a viewer's subject: the same for the
 * same one, and of no use to others.  NGX_COMMERCE_TOKEN_MAC bytes into out;
 * NGX_OK, NGX_DECLINED: the text is too long, or NGX_ERROR.
 */
ngx_int_t ngx_commerce_code_entrant(ngx_str_t *secret, ngx_str_t *room,
    ngx_str_t *subject, u_char *out);

/*
 * The subject of somebody who is not known but for a text that he made up, so
 * that he is the same when he tries again: as of
 * ngx_commerce_viewer_anonymous(), NGX_COMMERCE_TOKEN_MAC + 1 bytes into out.
 * NGX_OK, NGX_DECLINED: the text is too long, or NGX_ERROR.
 */
ngx_int_t ngx_commerce_code_subject(ngx_str_t *secret, ngx_str_t *room,
    ngx_str_t *nonce, u_char *out);


#endif /* _NGX_COMMERCE_CODE_H_INCLUDED_ */
