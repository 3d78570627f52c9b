
/*
 * The keys that JSON Web Tokens are verified with: a JWK set (RFC 7517, 5).
 */


#ifndef _NGX_COMMERCE_JWT_KEYS_H_INCLUDED_
#define _NGX_COMMERCE_JWT_KEYS_H_INCLUDED_


#include "ngx_commerce_jwt.h"
#include "ngx_commerce_jwt_cache.h"
#include <cjose/cjose.h>


#define NGX_COMMERCE_JWT_ERROR  128     /* bytes of what is wrong with a set */


typedef struct {
    ngx_str_t                   kid;         /* data NULL: it has none */
    const char                 *alg;         /* the only one it is good for */
    size_t                      signature;   /* bytes of one */
    cjose_jwk_t                *jwk;
} ngx_commerce_jwt_key_t;


struct ngx_commerce_jwt_keys_s {
    ngx_array_t                 keys;        /* of ngx_commerce_jwt_key_t */
    ngx_commerce_jwt_cache_t   *cache;       /* this worker's; NULL: none yet */
};


/*
 * The set that is described by JSON, in pool and gone with it.  Of a key's
 * members these count: kty, crv, alg (without: RS256 of an RSA key, else there
 * is one choice), kid, and its value; a key whose use is another than "sig" is
 * left out.  NULL: error says why, without any of the keys; or it is empty: out
 * of memory.
 */
ngx_commerce_jwt_keys_t *ngx_commerce_jwt_keys_parse(ngx_pool_t *pool,
    ngx_str_t *json, u_char error[NGX_COMMERCE_JWT_ERROR]);

/* whether a key is of this algorithm, and of this kid (data NULL: of any) */
ngx_uint_t ngx_commerce_jwt_keys_fit(ngx_commerce_jwt_key_t *key,
    const char *alg, ngx_str_t *kid);

/*
 * A directive's "set": reads the file that it names into the
 * ngx_commerce_jwt_keys_t * at cmd->offset of conf, in cf->pool.
 * NGX_CONF_OK, or an error (logged; never with any of a key in it).
 */
char *ngx_commerce_jwt_keys_read(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_COMMERCE_JWT_KEYS_H_INCLUDED_ */
