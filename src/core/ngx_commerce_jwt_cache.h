
/*
 * Tokens whose signature a worker has found right.  It belongs to a set of
 * keys, so that no configuration trusts what another one did; what was found
 * wrong is not kept.
 */


#ifndef _NGX_COMMERCE_JWT_CACHE_H_INCLUDED_
#define _NGX_COMMERCE_JWT_CACHE_H_INCLUDED_


#include "ngx_commerce_jwt.h"


/* so many at most, a power of two, and some 14 MB */
#define NGX_COMMERCE_JWT_CACHE_SIZE    65536

#define NGX_COMMERCE_JWT_CACHE_DIGEST  32    /* bytes: SHA-256 of the token */


typedef struct ngx_commerce_jwt_cache_s  ngx_commerce_jwt_cache_t;


/* on the heap, which is touched only as it fills; NULL: out of memory */
ngx_commerce_jwt_cache_t *ngx_commerce_jwt_cache_create(ngx_log_t *log);

/* cache may be NULL */
void ngx_commerce_jwt_cache_destroy(ngx_commerce_jwt_cache_t *cache);

/* what a token is known by; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_jwt_cache_digest(ngx_commerce_jwt_cache_t *cache,
    ngx_str_t *token, u_char digest[NGX_COMMERCE_JWT_CACHE_DIGEST]);

/* 1 if the token is known: its claims, and when they begin, are in jwt then */
ngx_uint_t ngx_commerce_jwt_cache_get(ngx_commerce_jwt_cache_t *cache,
    u_char digest[NGX_COMMERCE_JWT_CACHE_DIGEST], ngx_commerce_jwt_t *jwt);

/* of a full cache, one that was not asked for of late makes way */
void ngx_commerce_jwt_cache_add(ngx_commerce_jwt_cache_t *cache,
    u_char digest[NGX_COMMERCE_JWT_CACHE_DIGEST], ngx_commerce_jwt_t *jwt);


#endif /* _NGX_COMMERCE_JWT_CACHE_H_INCLUDED_ */
