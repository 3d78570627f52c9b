
#include "ngx_commerce_jwt_cache.h"
#include <openssl/evp.h>


/* who makes way is looked for among so many, so that it never takes long */
#define NGX_COMMERCE_JWT_CACHE_TRIES  32


/* links are indexes of entries, from 1; 0: none */

typedef struct {
    u_char       digest[NGX_COMMERCE_JWT_CACHE_DIGEST];
    int64_t      issued;
    int64_t      expires;
    int64_t      not_before;
    uint32_t     next;             /* in its bucket */
    u_char       action;
    u_char       room;             /* bytes of text: the room's name, */
    u_char       subject;          /* and behind it the subject's     */
    u_char       used;             /* since the hand came by */
    u_char       text[2 * NGX_COMMERCE_NAME_MAX];
} ngx_commerce_jwt_cache_entry_t;


struct ngx_commerce_jwt_cache_s {
    EVP_MD      *sha256;
    EVP_MD_CTX  *ctx;
    uint32_t     nentries;
    uint32_t     hand;             /* index of the one that may make way */
    uint32_t     buckets[NGX_COMMERCE_JWT_CACHE_SIZE];
    ngx_commerce_jwt_cache_entry_t   entries[NGX_COMMERCE_JWT_CACHE_SIZE];
};


static uint32_t *ngx_commerce_jwt_cache_bucket(
    ngx_commerce_jwt_cache_t *cache, u_char *digest);
static uint32_t ngx_commerce_jwt_cache_place(ngx_commerce_jwt_cache_t *cache);


ngx_commerce_jwt_cache_t *
ngx_commerce_jwt_cache_create(ngx_log_t *log)
{
    ngx_commerce_jwt_cache_t  *cache;

    cache = ngx_alloc(sizeof(ngx_commerce_jwt_cache_t), log);
    if (cache == NULL) {
        return NULL;
    }

    ngx_memzero(cache, offsetof(ngx_commerce_jwt_cache_t, entries));

    /* to look for it each time takes longer than the digest of a token */

    cache->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    cache->ctx = EVP_MD_CTX_new();

    if (cache->sha256 == NULL || cache->ctx == NULL) {
        ngx_commerce_jwt_cache_destroy(cache);
        return NULL;
    }

    return cache;
}


void
ngx_commerce_jwt_cache_destroy(ngx_commerce_jwt_cache_t *cache)
{
    if (cache == NULL) {
        return;
    }

    EVP_MD_CTX_free(cache->ctx);
    EVP_MD_free(cache->sha256);
    ngx_free(cache);
}


ngx_int_t
ngx_commerce_jwt_cache_digest(ngx_commerce_jwt_cache_t *cache,
    ngx_str_t *token, u_char digest[NGX_COMMERCE_JWT_CACHE_DIGEST])
{
    return (EVP_DigestInit_ex(cache->ctx, cache->sha256, NULL) == 1
            && EVP_DigestUpdate(cache->ctx, token->data, token->len) == 1
            && EVP_DigestFinal_ex(cache->ctx, digest, NULL) == 1)
           ? NGX_OK : NGX_ERROR;
}


ngx_uint_t
ngx_commerce_jwt_cache_get(ngx_commerce_jwt_cache_t *cache,
    u_char digest[NGX_COMMERCE_JWT_CACHE_DIGEST], ngx_commerce_jwt_t *jwt)
{
    uint32_t                         i;
    ngx_commerce_claims_t           *claims;
    ngx_commerce_jwt_cache_entry_t  *entry;

    for (i = *ngx_commerce_jwt_cache_bucket(cache, digest);
         i;
         i = entry->next)
    {
        entry = &cache->entries[i - 1];

        if (ngx_memcmp(entry->digest, digest, NGX_COMMERCE_JWT_CACHE_DIGEST)
            != 0)
        {
            continue;
        }

        entry->used = 1;

        ngx_memcpy(jwt->room, entry->text, entry->room);
        ngx_memcpy(jwt->subject, entry->text + entry->room, entry->subject);

        claims = &jwt->claims;

        claims->proof = NGX_COMMERCE_PROOF_JWT;
        claims->action = entry->action;
        claims->room.len = entry->room;
        claims->room.data = jwt->room;
        claims->subject.len = entry->subject;
        claims->subject.data = jwt->subject;
        claims->issued = entry->issued;
        claims->expires = entry->expires;
        claims->session = 0;

        jwt->not_before = entry->not_before;

        return 1;
    }

    return 0;
}


void
ngx_commerce_jwt_cache_add(ngx_commerce_jwt_cache_t *cache,
    u_char digest[NGX_COMMERCE_JWT_CACHE_DIGEST], ngx_commerce_jwt_t *jwt)
{
    u_char                          *p;
    uint32_t                         i, *bucket;
    ngx_commerce_claims_t           *claims;
    ngx_commerce_jwt_cache_entry_t  *entry;

    i = ngx_commerce_jwt_cache_place(cache);
    bucket = ngx_commerce_jwt_cache_bucket(cache, digest);

    claims = &jwt->claims;
    entry = &cache->entries[i - 1];

    ngx_memcpy(entry->digest, digest, NGX_COMMERCE_JWT_CACHE_DIGEST);

    entry->issued = claims->issued;
    entry->expires = claims->expires;
    entry->not_before = jwt->not_before;
    entry->action = claims->action;
    entry->room = claims->room.len;
    entry->subject = claims->subject.len;
    entry->used = 0;

    p = ngx_cpymem(entry->text, claims->room.data, claims->room.len);
    ngx_memcpy(p, claims->subject.data, claims->subject.len);

    entry->next = *bucket;
    *bucket = i;
}


static uint32_t *
ngx_commerce_jwt_cache_bucket(ngx_commerce_jwt_cache_t *cache, u_char *digest)
{
    uint32_t  hash;

    ngx_memcpy(&hash, digest, sizeof(hash));

    return &cache->buckets[hash % NGX_COMMERCE_JWT_CACHE_SIZE];
}


/* the index of an entry that is in no bucket */

static uint32_t
ngx_commerce_jwt_cache_place(ngx_commerce_jwt_cache_t *cache)
{
    uint32_t                        *link;
    ngx_uint_t                       tries;
    ngx_commerce_jwt_cache_entry_t  *entry;

    if (cache->nentries < NGX_COMMERCE_JWT_CACHE_SIZE) {
        return ++cache->nentries;
    }

    tries = 0;

    do {
        cache->hand = cache->hand % NGX_COMMERCE_JWT_CACHE_SIZE + 1;
        entry = &cache->entries[cache->hand - 1];

        if (!entry->used) {
            break;
        }

        entry->used = 0;

    } while (++tries < NGX_COMMERCE_JWT_CACHE_TRIES);

    link = ngx_commerce_jwt_cache_bucket(cache, entry->digest);

    while (*link != cache->hand) {
        link = &cache->entries[*link - 1].next;
    }

    *link = entry->next;

    return cache->hand;
}
