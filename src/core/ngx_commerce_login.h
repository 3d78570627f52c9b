
/*
 * A user and a password as encoders send them: Adobe's authentication of
 * publishers.  The user is a room, the password its stream key.
 *
 *     auth     = base64(MD5(user, salt, password))
 *     response = base64(MD5(auth, opaque, challenge))
 *
 * Salt and opaque are the server's, the challenge is the client's.  Whoever
 * knows auth can answer, so that a room's is as secret as its key.
 */


#ifndef _NGX_COMMERCE_LOGIN_H_INCLUDED_
#define _NGX_COMMERCE_LOGIN_H_INCLUDED_


#include "ngx_commerce.h"


#define NGX_COMMERCE_LOGIN_AUTH    24
#define NGX_COMMERCE_LOGIN_SALT    8
#define NGX_COMMERCE_LOGIN_OPAQUE  8


/* what a client answered; the bytes are its keeper's */

typedef struct {
    ngx_str_t   user;
    ngx_str_t   opaque;
    ngx_str_t   challenge;
    ngx_str_t   response;
} ngx_commerce_login_t;


/*
 * The salt of a user: the first hex digits of the SHA-256 of his name, so that
 * it is nowhere kept, and is the same for those who don't exist.
 */
void ngx_commerce_login_salt(ngx_str_t *user,
    u_char salt[NGX_COMMERCE_LOGIN_SALT]);

/* NGX_OK; NGX_ERROR: this libcrypto has no MD5, or the key is too long */
ngx_int_t ngx_commerce_login_auth(ngx_str_t *user, ngx_str_t *key,
    u_char auth[NGX_COMMERCE_LOGIN_AUTH]);

/* what a server sends at a time, in ms: it is good for a minute */
void ngx_commerce_login_opaque(int64_t now,
    u_char opaque[NGX_COMMERCE_LOGIN_OPAQUE]);

/* ALLOWED, PROOF_WRONG, or PROOF_EXPIRED: the opaque is of another time */
ngx_commerce_reason_e ngx_commerce_login_verify(ngx_commerce_login_t *login,
    ngx_str_t *room, ngx_str_t *auth, int64_t now);


#endif /* _NGX_COMMERCE_LOGIN_H_INCLUDED_ */
