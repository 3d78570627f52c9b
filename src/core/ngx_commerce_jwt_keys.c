
#include "ngx_commerce_jwt_keys.h"
#include "ngx_commerce_file.h"
#include "ngx_commerce_text.h"
#include <jansson.h>
#include <openssl/err.h>


#define NGX_COMMERCE_JWT_KEYS_FILE  (64 * 1024)   /* bytes */

/* a token that names none of them is tried with each */
#define NGX_COMMERCE_JWT_KEYS_MAX   32


/* RFC 7518, 3: what an algorithm asks of its key */

typedef struct {
    const char                 *alg;
    const char                 *kty;
    const char                 *crv;         /* NULL: it has none */
    const char                 *values[3];   /* the members that are the key */
    size_t                      bits;        /* of the key, at least */
    size_t                      signature;   /* bytes; 0: those of the key */
} ngx_commerce_jwt_algorithm_t;


static ngx_int_t ngx_commerce_jwt_keys_fill(ngx_pool_t *pool,
    ngx_commerce_jwt_keys_t *keys, json_t *set, u_char *error);
static ngx_int_t ngx_commerce_jwt_keys_add(ngx_pool_t *pool,
    ngx_commerce_jwt_keys_t *keys, json_t *jwk, const char **wrong);
static const char *ngx_commerce_jwt_keys_import(ngx_commerce_jwt_key_t *key,
    ngx_commerce_jwt_algorithm_t *algorithm, json_t *jwk);
static ngx_commerce_jwt_algorithm_t *ngx_commerce_jwt_keys_algorithm(
    json_t *jwk);
static ngx_uint_t ngx_commerce_jwt_keys_is(json_t *jwk, const char *member,
    const char *text);
static json_t *ngx_commerce_jwt_keys_public(json_t *jwk,
    ngx_commerce_jwt_algorithm_t *algorithm);
static void ngx_commerce_jwt_keys_cleanup(void *data);


static ngx_commerce_jwt_algorithm_t  ngx_commerce_jwt_algorithms[] = {
    { "HS256", "oct", NULL,    { "k", NULL },      256,  32 },
    { "RS256", "RSA", NULL,    { "n", "e", NULL }, 2048, 0 },
    { "PS256", "RSA", NULL,    { "n", "e", NULL }, 2048, 0 },
    { "ES256", "EC",  "P-256", { "x", "y", NULL }, 256,  64 },
    { "ES384", "EC",  "P-384", { "x", "y", NULL }, 384,  96 },
    { NULL, NULL, NULL, { NULL }, 0, 0 }
};


char *
ngx_commerce_jwt_keys_read(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    u_char                    *text, error[NGX_COMMERCE_JWT_ERROR];
    ssize_t                    n;
    ngx_str_t                 *value, name, json;
    ngx_commerce_jwt_keys_t  **keys;

    keys = (ngx_commerce_jwt_keys_t **) (p + cmd->offset);

    if (*keys) {
        return "is duplicate";
    }

    value = cf->args->elts;
    name = value[1];

    text = ngx_alloc(NGX_COMMERCE_JWT_KEYS_FILE, cf->log);
    if (text == NULL) {
        return NGX_CONF_ERROR;
    }

    n = ngx_commerce_file_read(cf, &name, text, NGX_COMMERCE_JWT_KEYS_FILE);

    if (n == NGX_ERROR) {
        goto failed;
    }

    if (n == NGX_COMMERCE_JWT_KEYS_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "jwks file \"%V\" is too large", &name);
        goto failed;
    }

    json.data = text;
    json.len = n;

    *keys = ngx_commerce_jwt_keys_parse(cf->pool, &json, error);

    if (*keys == NULL && error[0]) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "jwks file \"%V\": %s",
                           &name, error);
    }

failed:

    ngx_explicit_memzero(text, NGX_COMMERCE_JWT_KEYS_FILE);
    ngx_free(text);

    return *keys ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_commerce_jwt_keys_t *
ngx_commerce_jwt_keys_parse(ngx_pool_t *pool, ngx_str_t *text,
    u_char error[NGX_COMMERCE_JWT_ERROR])
{
    json_t                   *json;
    ngx_int_t                 rc;
    json_error_t              parse;
    ngx_pool_cleanup_t       *cln;
    ngx_commerce_jwt_keys_t  *keys;

    error[0] = '\0';

    cln = ngx_pool_cleanup_add(pool, sizeof(ngx_commerce_jwt_keys_t));
    if (cln == NULL) {
        return NULL;
    }

    keys = cln->data;
    keys->cache = NULL;

    if (ngx_array_init(&keys->keys, pool, 4, sizeof(ngx_commerce_jwt_key_t))
        != NGX_OK)
    {
        return NULL;
    }

    cln->handler = ngx_commerce_jwt_keys_cleanup;

    json = json_loadb((char *) text->data, text->len, JSON_REJECT_DUPLICATES,
                      &parse);
    if (json == NULL) {

        /* what the parser says of it may have a key in it */

        *ngx_snprintf(error, NGX_COMMERCE_JWT_ERROR - 1,
                      "line %d is not JSON", parse.line) = '\0';
        return NULL;
    }

    rc = ngx_commerce_jwt_keys_fill(pool, keys, json_object_get(json, "keys"),
                                    error);
    json_decref(json);

    /* nginx takes what is left there for an error of the next connection */

    ERR_clear_error();

    return rc == NGX_OK ? keys : NULL;
}


static ngx_int_t
ngx_commerce_jwt_keys_fill(ngx_pool_t *pool, ngx_commerce_jwt_keys_t *keys,
    json_t *set, u_char *error)
{
    ngx_uint_t   i;
    const char  *wrong;

    for (i = 0; i < json_array_size(set); i++) {
        wrong = NULL;

        if (ngx_commerce_jwt_keys_add(pool, keys, json_array_get(set, i),
                                      &wrong)
            == NGX_OK)
        {
            continue;
        }

        if (wrong) {
            *ngx_snprintf(error, NGX_COMMERCE_JWT_ERROR - 1, "key %ui %s",
                          i + 1, wrong) = '\0';
        }

        return NGX_ERROR;
    }

    if (keys->keys.nelts == 0) {
        (void) ngx_cpystrn(error, (u_char *) "it has no keys for signatures",
                           NGX_COMMERCE_JWT_ERROR);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* NGX_OK; NGX_ERROR: *wrong says why, or it is NULL: out of memory */

static ngx_int_t
ngx_commerce_jwt_keys_add(ngx_pool_t *pool, ngx_commerce_jwt_keys_t *keys,
    json_t *jwk, const char **wrong)
{
    json_t                        *kid;
    ngx_str_t                      text;
    ngx_commerce_jwt_key_t        *key;
    ngx_commerce_jwt_algorithm_t  *algorithm;

    if (json_object_get(jwk, "use")
        && !ngx_commerce_jwt_keys_is(jwk, "use", "sig"))
    {
        return NGX_OK;
    }

    if (keys->keys.nelts == NGX_COMMERCE_JWT_KEYS_MAX) {
        *wrong = "is one too many";
        return NGX_ERROR;
    }

    algorithm = ngx_commerce_jwt_keys_algorithm(jwk);

    if (algorithm == NULL) {
        *wrong = "has not the \"kty\", \"crv\" and \"alg\" of HS256, "
                 "RS256, PS256, ES256 or ES384";
        return NGX_ERROR;
    }

    key = ngx_array_push(&keys->keys);
    if (key == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(key, sizeof(ngx_commerce_jwt_key_t));

    *wrong = ngx_commerce_jwt_keys_import(key, algorithm, jwk);

    if (*wrong) {
        return NGX_ERROR;
    }

    kid = json_object_get(jwk, "kid");

    if (kid) {
        text.data = (u_char *) json_string_value(kid);
        text.len = json_string_length(kid);

        key->kid.len = text.len;
        key->kid.data = ngx_pstrdup(pool, &text);

        if (key->kid.data == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* NULL, or what is wrong */

static const char *
ngx_commerce_jwt_keys_import(ngx_commerce_jwt_key_t *key,
    ngx_commerce_jwt_algorithm_t *algorithm, json_t *jwk)
{
    json_t     *kid, *json;
    size_t      bits;
    cjose_err   err;

    kid = json_object_get(jwk, "kid");

    if (kid && !json_is_string(kid)) {
        return "has a \"kid\" that is no string";
    }

    if (json_object_get(jwk, "d")) {
        return "is a private one, of which the public part is enough";
    }

    json = ngx_commerce_jwt_keys_public(jwk, algorithm);

    if (json == NULL) {
        return "lacks a value, or has one that is not base64url";
    }

    key->jwk = cjose_jwk_import_json((cjose_header_t *) json, &err);
    json_decref(json);

    if (key->jwk == NULL) {
        return "has values that make no key";
    }

    bits = cjose_jwk_get_keysize(key->jwk, &err);

    if (bits < algorithm->bits) {
        return "is too short for its algorithm";
    }

    key->alg = algorithm->alg;
    key->signature = algorithm->signature ? algorithm->signature : bits / 8;

    return NULL;
}


static ngx_commerce_jwt_algorithm_t *
ngx_commerce_jwt_keys_algorithm(json_t *jwk)
{
    ngx_commerce_jwt_algorithm_t  *algorithm;

    for (algorithm = ngx_commerce_jwt_algorithms;
         algorithm->alg;
         algorithm++)
    {
        if (ngx_commerce_jwt_keys_is(jwk, "kty", algorithm->kty)
            && (algorithm->crv == NULL
                || ngx_commerce_jwt_keys_is(jwk, "crv", algorithm->crv))
            && (json_object_get(jwk, "alg") == NULL
                || ngx_commerce_jwt_keys_is(jwk, "alg", algorithm->alg)))
        {
            return algorithm;
        }
    }

    return NULL;
}


static ngx_uint_t
ngx_commerce_jwt_keys_is(json_t *jwk, const char *member, const char *text)
{
    const char  *value;

    value = json_string_value(json_object_get(jwk, member));

    return value != NULL && ngx_strcmp(value, text) == 0;
}


/*
 * A key of those members alone that count, or NULL.  cjose decodes others, too,
 * and aborts the process over some that are not base64url.
 */

static json_t *
ngx_commerce_jwt_keys_public(json_t *jwk,
    ngx_commerce_jwt_algorithm_t *algorithm)
{
    json_t       *json, *value;
    ngx_str_t     text;
    const char  **name;

    json = json_pack("{s:s, s:s*}", "kty", algorithm->kty,
                     "crv", algorithm->crv);

    for (name = algorithm->values; *name; name++) {
        value = json_object_get(jwk, *name);

        text.data = (u_char *) json_string_value(value);
        text.len = json_string_length(value);

        if (text.len == 0
            || !ngx_commerce_base64url_valid(&text)
            || json_object_set(json, *name, value) != 0)
        {
            json_decref(json);
            return NULL;
        }
    }

    return json;
}


ngx_uint_t
ngx_commerce_jwt_keys_fit(ngx_commerce_jwt_key_t *key, const char *alg,
    ngx_str_t *kid)
{
    return ngx_strcmp(key->alg, alg) == 0
           && (kid->data == NULL
               || (key->kid.data != NULL
                   && key->kid.len == kid->len
                   && ngx_memcmp(key->kid.data, kid->data, kid->len) == 0));
}


static void
ngx_commerce_jwt_keys_cleanup(void *data)
{
    ngx_commerce_jwt_keys_t *keys = data;

    ngx_uint_t               i;
    ngx_commerce_jwt_key_t  *key;

    key = keys->keys.elts;

    for (i = 0; i < keys->keys.nelts; i++) {
        (void) cjose_jwk_release(key[i].jwk);
    }

    ngx_commerce_jwt_cache_destroy(keys->cache);
}
