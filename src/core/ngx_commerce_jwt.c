
#include "ngx_commerce_jwt.h"
#include "ngx_commerce_jwt_cache.h"
#include "ngx_commerce_jwt_keys.h"
#include "ngx_commerce_text.h"
#include <jansson.h>
#include <openssl/err.h>


#define NGX_COMMERCE_JWT_SECONDS  1000000000000   /* no time is that late */


/* a token that is being read */

typedef struct {
    ngx_str_t        part[3];         /* header, claims, signature: as sent */
    json_t          *header;
    json_t          *claims;
    const char      *alg;             /* these belong to the header */
    ngx_str_t        kid;             /* data NULL: there is none */
} ngx_commerce_jwt_parts_t;


/* a claim that is a time, and where it goes */

typedef struct {
    const char      *name;
    size_t           offset;          /* of its ms in ngx_commerce_jwt_t */
    ngx_uint_t       required;
    const char      *wrong;
} ngx_commerce_jwt_time_t;


static ngx_commerce_jwt_cache_t *ngx_commerce_jwt_open_cache(
    ngx_commerce_jwt_keys_t *keys, ngx_str_t *token, u_char *digest);
static ngx_commerce_reason_e ngx_commerce_jwt_judge(ngx_commerce_jwt_t *jwt,
    ngx_commerce_action_e action, ngx_str_t *room,
    ngx_commerce_times_t *times);
static const char *ngx_commerce_jwt_read(ngx_commerce_jwt_keys_t *keys,
    ngx_str_t *token, ngx_commerce_jwt_parts_t *parts,
    ngx_commerce_jwt_t *jwt);
static const char *ngx_commerce_jwt_split(ngx_str_t *token,
    ngx_commerce_jwt_parts_t *parts);
static json_t *ngx_commerce_jwt_object(ngx_str_t *text);
static const char *ngx_commerce_jwt_header(ngx_commerce_jwt_keys_t *keys,
    ngx_commerce_jwt_parts_t *parts);
static const char *ngx_commerce_jwt_claims(json_t *json,
    ngx_commerce_jwt_t *jwt);
static const char *ngx_commerce_jwt_times(json_t *claims,
    ngx_commerce_jwt_t *jwt);
static ngx_int_t ngx_commerce_jwt_msec(json_t *seconds, int64_t *msec);
static ngx_uint_t ngx_commerce_jwt_name(json_t *json,
    ngx_commerce_kind_e kind, ngx_str_t *name);
static ngx_uint_t ngx_commerce_jwt_signed(ngx_commerce_jwt_keys_t *keys,
    ngx_str_t *token, ngx_commerce_jwt_parts_t *parts);


static ngx_str_t  ngx_commerce_jwt_actions[NGX_COMMERCE_ACTIONS + 1] = {
    ngx_string("publish"),
    ngx_string("view"),
    ngx_null_string
};


/* an issue at 0 would be one that is not known */

static ngx_commerce_jwt_time_t  ngx_commerce_jwt_fields[] = {
    { "exp", offsetof(ngx_commerce_jwt_t, claims.expires), 1,
      "\"exp\" is missing or not a time" },
    { "iat", offsetof(ngx_commerce_jwt_t, claims.issued), 1,
      "\"iat\" is missing or not a time" },
    { "nbf", offsetof(ngx_commerce_jwt_t, not_before), 0,
      "\"nbf\" is not a time" },
    { NULL, 0, 0, NULL }
};


ngx_commerce_reason_e
ngx_commerce_jwt_verify(ngx_commerce_jwt_keys_t *keys, ngx_str_t *token,
    ngx_commerce_action_e action, ngx_str_t *room,
    ngx_commerce_times_t *times, ngx_commerce_jwt_t *jwt)
{
    u_char                     digest[NGX_COMMERCE_JWT_CACHE_DIGEST];
    ngx_commerce_reason_e      reason;
    ngx_commerce_jwt_parts_t   parts;
    ngx_commerce_jwt_cache_t  *cache;

    ngx_memzero(jwt, sizeof(ngx_commerce_jwt_t));

    if (keys == NULL) {
        jwt->wrong = "there are no keys";
        return NGX_COMMERCE_PROOF_WRONG;
    }

    if (token->len > NGX_COMMERCE_JWT_MAX) {
        jwt->wrong = "it is too long";
        return NGX_COMMERCE_PROOF_WRONG;
    }

    cache = ngx_commerce_jwt_open_cache(keys, token, digest);

    if (cache && ngx_commerce_jwt_cache_get(cache, digest, jwt)) {
        return ngx_commerce_jwt_judge(jwt, action, room, times);
    }

    ngx_memzero(&parts, sizeof(ngx_commerce_jwt_parts_t));

    jwt->wrong = ngx_commerce_jwt_read(keys, token, &parts, jwt);
    reason = jwt->wrong ? NGX_COMMERCE_PROOF_WRONG
                        : ngx_commerce_jwt_judge(jwt, action, room, times);

    if (reason == NGX_COMMERCE_ALLOWED
        && !ngx_commerce_jwt_signed(keys, token, &parts))
    {
        jwt->wrong = "the signature is wrong";
        reason = NGX_COMMERCE_PROOF_WRONG;
    }

    json_decref(parts.header);
    json_decref(parts.claims);

    if (reason == NGX_COMMERCE_ALLOWED && cache) {
        ngx_commerce_jwt_cache_add(cache, digest, jwt);
    }

    return reason;
}


/* the worker's, with what it would know the token by; NULL: it does without */

static ngx_commerce_jwt_cache_t *
ngx_commerce_jwt_open_cache(ngx_commerce_jwt_keys_t *keys, ngx_str_t *token,
    u_char *digest)
{
    if (keys->cache == NULL) {
        keys->cache = ngx_commerce_jwt_cache_create(ngx_cycle->log);
    }

    if (keys->cache == NULL
        || ngx_commerce_jwt_cache_digest(keys->cache, token, digest) != NGX_OK)
    {
        return NULL;
    }

    return keys->cache;
}


static ngx_commerce_reason_e
ngx_commerce_jwt_judge(ngx_commerce_jwt_t *jwt, ngx_commerce_action_e action,
    ngx_str_t *room, ngx_commerce_times_t *times)
{
    ngx_commerce_reason_e  reason;

    reason = ngx_commerce_claims_judge(&jwt->claims, action, room, times);

    if (reason == NGX_COMMERCE_ALLOWED
        && jwt->not_before > times->now + times->skew)
    {
        return NGX_COMMERCE_PROOF_EARLY;
    }

    return reason;
}


/* this and those below return NULL, or what is wrong */

static const char *
ngx_commerce_jwt_read(ngx_commerce_jwt_keys_t *keys, ngx_str_t *token,
    ngx_commerce_jwt_parts_t *parts, ngx_commerce_jwt_t *jwt)
{
    const char  *wrong;

    wrong = ngx_commerce_jwt_split(token, parts);

    if (wrong == NULL) {
        wrong = ngx_commerce_jwt_header(keys, parts);
    }

    if (wrong == NULL) {
        wrong = ngx_commerce_jwt_claims(parts->claims, jwt);
    }

    return wrong;
}


static const char *
ngx_commerce_jwt_split(ngx_str_t *token, ngx_commerce_jwt_parts_t *parts)
{
    u_char      *p, *end, *last;
    ngx_uint_t   i;

    p = token->data;
    last = p + token->len;

    for (i = 0; i < 3; i++) {
        end = (i < 2) ? ngx_strlchr(p, last, '.') : last;

        if (end == NULL) {
            return "it has not three parts";
        }

        parts->part[i].data = p;
        parts->part[i].len = end - p;

        if (!ngx_commerce_base64url_valid(&parts->part[i])) {
            return "a part of it is not base64url";
        }

        p = end + 1;
    }

    parts->header = ngx_commerce_jwt_object(&parts->part[0]);
    parts->claims = ngx_commerce_jwt_object(&parts->part[1]);

    if (parts->header == NULL || parts->claims == NULL) {
        return "a part of it is not a JSON object";
    }

    return NULL;
}


/* an object without doubles, or NULL */

static json_t *
ngx_commerce_jwt_object(ngx_str_t *text)
{
    u_char      buf[ngx_base64_decoded_length(NGX_COMMERCE_JWT_MAX)];
    json_t     *json;
    ngx_str_t   decoded;

    decoded.data = buf;

    if (ngx_decode_base64url(&decoded, text) != NGX_OK) {
        return NULL;
    }

    json = json_loadb((char *) decoded.data, decoded.len,
                      JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(json)) {
        json_decref(json);
        return NULL;
    }

    return json;
}


static const char *
ngx_commerce_jwt_header(ngx_commerce_jwt_keys_t *keys,
    ngx_commerce_jwt_parts_t *parts)
{
    json_t                  *kid;
    ngx_uint_t               i;
    ngx_commerce_jwt_key_t  *key;

    if (json_object_get(parts->header, "crit")) {
        return "\"crit\" asks for what is not done";
    }

    parts->alg = json_string_value(json_object_get(parts->header, "alg"));

    if (parts->alg == NULL) {
        return "\"alg\" is missing or not a string";
    }

    kid = json_object_get(parts->header, "kid");

    if (kid) {
        if (!json_is_string(kid)) {
            return "\"kid\" is not a string";
        }

        parts->kid.data = (u_char *) json_string_value(kid);
        parts->kid.len = json_string_length(kid);
    }

    key = keys->keys.elts;

    for (i = 0; i < keys->keys.nelts; i++) {
        if (ngx_commerce_jwt_keys_fit(&key[i], parts->alg, &parts->kid)) {
            return NULL;
        }
    }

    return "no key has its \"alg\" and \"kid\"";
}


static const char *
ngx_commerce_jwt_claims(json_t *json, ngx_commerce_jwt_t *jwt)
{
    json_t                 *room;
    ngx_int_t               action;
    ngx_str_t               act;
    const char             *wrong;
    ngx_commerce_claims_t  *claims;

    claims = &jwt->claims;
    claims->proof = NGX_COMMERCE_PROOF_JWT;

    wrong = ngx_commerce_jwt_times(json, jwt);

    if (wrong) {
        return wrong;
    }

    act.data = (u_char *) json_string_value(json_object_get(json, "act"));
    act.len = json_string_length(json_object_get(json, "act"));

    action = ngx_commerce_word(ngx_commerce_jwt_actions, &act);

    if (action == NGX_ERROR) {
        return "\"act\" is neither \"view\" nor \"publish\"";
    }

    claims->action = action;
    claims->subject.data = jwt->subject;
    claims->room.data = jwt->room;

    if (!ngx_commerce_jwt_name(json_object_get(json, "sub"),
                               NGX_COMMERCE_HOST, &claims->subject))
    {
        return "\"sub\" is missing or breaks the rules for names";
    }

    room = json_object_get(json, "room");

    if (room
        && !ngx_commerce_jwt_name(room, NGX_COMMERCE_ROOM, &claims->room))
    {
        return "\"room\" breaks the rules for names";
    }

    return NULL;
}


static const char *
ngx_commerce_jwt_times(json_t *claims, ngx_commerce_jwt_t *jwt)
{
    json_t                   *seconds;
    int64_t                  *msec;
    ngx_commerce_jwt_time_t  *field;

    for (field = ngx_commerce_jwt_fields; field->name; field++) {
        seconds = json_object_get(claims, field->name);

        if (seconds == NULL && !field->required) {
            continue;
        }

        msec = (int64_t *) ((u_char *) jwt + field->offset);

        if (ngx_commerce_jwt_msec(seconds, msec) != NGX_OK
            || *msec < (int64_t) field->required)
        {
            return field->wrong;
        }
    }

    return NULL;
}


/* NGX_OK, NGX_ERROR */

static ngx_int_t
ngx_commerce_jwt_msec(json_t *seconds, int64_t *msec)
{
    double  real;

    real = json_number_value(seconds);

    if (!json_is_number(seconds)
        || !(real >= 0 && real < NGX_COMMERCE_JWT_SECONDS))
    {
        return NGX_ERROR;
    }

    *msec = (int64_t) (real * 1000 + 0.5);

    return NGX_OK;
}


/* 1 if it is a name, and copied to name->data */

static ngx_uint_t
ngx_commerce_jwt_name(json_t *json, ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_str_t  text;

    text.data = (u_char *) json_string_value(json);
    text.len = json_string_length(json);

    if (!ngx_commerce_name_valid(kind, &text)) {
        return 0;
    }

    ngx_memcpy(name->data, text.data, text.len);
    name->len = text.len;

    return 1;
}


/*
 * cjose takes the algorithm from the header: a key is tried only if it is of
 * that one.  And it reads a MAC's bytes whether they are there or not, so that
 * their number is looked at before.
 */

static ngx_uint_t
ngx_commerce_jwt_signed(ngx_commerce_jwt_keys_t *keys, ngx_str_t *token,
    ngx_commerce_jwt_parts_t *parts)
{
    size_t                   len;
    cjose_err                err;
    ngx_uint_t               i, found;
    cjose_jws_t             *jws;
    ngx_commerce_jwt_key_t  *key;

    jws = cjose_jws_import((char *) token->data, token->len, &err);

    if (jws == NULL) {
        return 0;
    }

    len = parts->part[2].len * 3 / 4;
    found = 0;
    key = keys->keys.elts;

    for (i = 0; i < keys->keys.nelts && !found; i++) {

        if (key[i].signature == len
            && ngx_commerce_jwt_keys_fit(&key[i], parts->alg, &parts->kid))
        {
            found = cjose_jws_verify(jws, key[i].jwk, &err);
        }
    }

    cjose_jws_release(jws);

    /* nginx takes what is left there for an error of the next connection */

    ERR_clear_error();

    return found;
}
