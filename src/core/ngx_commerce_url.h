
/*
 * URLs that are signed as the clouds do it: whoever comes from one brings his
 * keys and goes on making the URLs that he makes.
 *
 * Tencent:     txTime=T&txSecret=M, M the MD5, or SHA-256, of KEY STREAM T;
 *              T in 8 hex or 10 decimal digits
 * Aliyun, A:   auth_key=T-RAND-UID-M, M the MD5 of
 *              /APP/STREAM-T-RAND-UID-KEY; STREAM also with .m3u8 or .flv
 * Volcengine,  volcTime=T&volcSecret=M, M the MD5 of /APP/STREAM KEY T
 * B:
 *
 * M is in lower case hex, T in seconds since the epoch.  Such a URL proves its
 * room, and nothing about who has it.
 */


#ifndef _NGX_COMMERCE_URL_H_INCLUDED_
#define _NGX_COMMERCE_URL_H_INCLUDED_


#include "ngx_commerce_claims.h"


typedef struct ngx_commerce_cloud_s  ngx_commerce_cloud_t;


#define NGX_COMMERCE_URL_KEY_MAX  256    /* bytes */


/* which URLs are taken: of a cloud, for an action, with its keys */

typedef struct {
    ngx_commerce_cloud_t   *cloud;
    ngx_commerce_action_e   action;
    ngx_array_t            *keys;       /* of ngx_str_t */
    int64_t                 validity;   /* ms after T */
} ngx_commerce_signed_url_t;


/* the parts of a URL as they came: nothing in them is decoded */

typedef struct {
    ngx_str_t               app;        /* without slashes at its ends */
    ngx_str_t               stream;     /* the room, without ".m3u8" */
    ngx_str_t               args;       /* what follows the '?' */
} ngx_commerce_url_t;


/* a cloud by its name, or NULL */
ngx_commerce_cloud_t *ngx_commerce_url_cloud(ngx_str_t *name);

/* 1 if a validity of one's own adds to the time in such URLs for the action */
ngx_uint_t ngx_commerce_url_prolongs(ngx_commerce_cloud_t *cloud,
    ngx_commerce_action_e action);

/*
 * Sets *claims if the URL is signed for the action by one of the tenant's
 * signed_urls, which may be NULL: its room is url->stream, it has no subject
 * and no time of issue.  now is in ms.
 * NGX_COMMERCE_ALLOWED; PROOF_MISSING: it has none of the arguments;
 * PROOF_WRONG, also for an argument that is there twice;
 * PROOF_OTHER_ACTION; PROOF_EXPIRED.
 */
ngx_commerce_reason_e ngx_commerce_url_verify(ngx_array_t *signed_urls,
    ngx_commerce_url_t *url, ngx_commerce_action_e action, int64_t now,
    ngx_commerce_claims_t *claims);

/* 1 if URLs for the action are taken at all */
ngx_uint_t ngx_commerce_url_taken(ngx_array_t *signed_urls,
    ngx_commerce_action_e action);

/*
 * 1 if arg, as "NAME=VALUE", is one that URLs of these clouds are signed by:
 * it is a secret, and says nothing to others.
 */
ngx_uint_t ngx_commerce_url_signs(ngx_array_t *signed_urls, ngx_str_t *arg);

/*
 * The application in a path: what stands before "/STREAM", where the name ends
 * there, as in /live/demo.m3u8, /live/demo/index.m3u8 and /live/demo-7.ts.
 * Points into path; empty if there is none.
 */
ngx_str_t ngx_commerce_url_app(ngx_str_t *path, ngx_str_t *stream);


#endif /* _NGX_COMMERCE_URL_H_INCLUDED_ */
