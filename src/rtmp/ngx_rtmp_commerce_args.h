
/*
 * What a client presents: a stream name and arguments, one field in RTMP,
 * split by nginx-rtmp at the '?'; and arguments of the server's URL.
 */


#ifndef _NGX_RTMP_COMMERCE_ARGS_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_ARGS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_commerce_login.h"
#include "ngx_commerce_url.h"


#define NGX_RTMP_COMMERCE_FIELD  256   /* NGX_RTMP_MAX_NAME, with its NUL */


typedef struct {
    ngx_str_t   name;
    ngx_str_t   key;                   /* data NULL: not presented */
    ngx_str_t   token;
    ngx_str_t   jwt;
    ngx_str_t   url;                   /* the arguments that sign it */
    ngx_str_t   viewer;                /* a token, or a JWT */

    ngx_commerce_login_t  login;

    /* what they point into */
    u_char      name_text[NGX_RTMP_COMMERCE_FIELD];
    u_char      key_text[NGX_RTMP_COMMERCE_FIELD];
    u_char      token_text[NGX_RTMP_COMMERCE_FIELD];
    u_char      jwt_text[NGX_RTMP_COMMERCE_FIELD];
    u_char      url_text[NGX_RTMP_COMMERCE_FIELD];
    u_char      viewer_text[NGX_RTMP_COMMERCE_FIELD];
    u_char      login_text[4][NGX_RTMP_COMMERCE_FIELD];
} ngx_rtmp_commerce_args_t;


/*
 * Reads name and args, as ngx_rtmp_cmd_fill_args() leaves them, and takes
 * the arguments key, token, jwt and viewer out of args, and those that URLs are
 * signed by, if there are signed_urls (see ngx_commerce_url.h; or NULL).  Of
 * the name it reads, white space at both ends and a prefix "mp4:" or "flv:" are
 * left out; one that is ROOM.EXPIRY.SUBJECT.MAC is a room and a token.
 *
 * NGX_OK; NGX_DECLINED if the name is empty, holds a NUL, or is so long that
 * it was cut.
 */
ngx_int_t ngx_rtmp_commerce_args_read(ngx_rtmp_commerce_args_t *presented,
    ngx_array_t *signed_urls, u_char name[NGX_RTMP_COMMERCE_FIELD],
    u_char args[NGX_RTMP_COMMERCE_FIELD]);

/*
 * Takes the same arguments out of those of an application, or out of a URL,
 * and a user with a password out of that.  What has been presented already
 * stays.  presented is zeroed before the first.
 */
void ngx_rtmp_commerce_args_take(ngx_rtmp_commerce_args_t *presented,
    ngx_array_t *signed_urls, u_char args[NGX_RTMP_COMMERCE_FIELD]);
void ngx_rtmp_commerce_args_take_url(ngx_rtmp_commerce_args_t *presented,
    ngx_array_t *signed_urls, u_char url[NGX_RTMP_COMMERCE_FIELD]);

/*
 * Takes what authenticates a user by Adobe's way out of an application's
 * arguments, or a URL's: authmod, user, challenge, response and opaque.
 */
void ngx_rtmp_commerce_args_take_login(ngx_rtmp_commerce_args_t *presented,
    u_char args[NGX_RTMP_COMMERCE_FIELD]);

/* 1 if there is a proof among what was presented, right or wrong */
ngx_uint_t ngx_rtmp_commerce_args_any(ngx_rtmp_commerce_args_t *presented);

/* the proofs of one, those that there are, become another's */
void ngx_rtmp_commerce_args_copy(ngx_rtmp_commerce_args_t *to,
    ngx_rtmp_commerce_args_t *from);

/* leaves nothing of what was presented in memory */
void ngx_rtmp_commerce_args_wipe(ngx_rtmp_commerce_args_t *presented);


#endif /* _NGX_RTMP_COMMERCE_ARGS_H_INCLUDED_ */
