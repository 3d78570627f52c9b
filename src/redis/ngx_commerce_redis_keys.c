
#include "ngx_commerce_redis_record.h"
#include <openssl/sha.h>


static ngx_str_t ngx_commerce_redis_tag(ngx_str_t *key);
static ngx_str_t ngx_commerce_redis_join(ngx_pool_t *pool, ngx_str_t *parts,
    ngx_uint_t n);


static ngx_str_t  ngx_commerce_redis_changed = ngx_string("changed");


ngx_str_t
ngx_commerce_redis_room_key(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *room, const char *suffix)
{
    ngx_str_t  parts[5];

    parts[0] = tenant->prefix;
    ngx_str_set(&parts[1], "{");
    parts[2] = *room;
    ngx_str_set(&parts[3], "}");
    parts[4].data = (u_char *) suffix;
    parts[4].len = ngx_strlen(suffix);

    return ngx_commerce_redis_join(pool, parts, 5);
}


ngx_int_t
ngx_commerce_redis_room_keys(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_str_t *room, const char **suffix, ngx_uint_t n, ngx_str_t *keys)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {
        keys[i] = ngx_commerce_redis_room_key(tenant, pool, room, suffix[i]);

        if (keys[i].data == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_str_t
ngx_commerce_redis_record_name(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_str_t  parts[6];

    parts[0] = tenant->prefix;
    parts[1] = ngx_commerce_redis_kinds[kind].key;
    ngx_str_set(&parts[2], "{");
    parts[3] = *name;
    ngx_str_set(&parts[4], "}");
    parts[5] = ngx_commerce_redis_kinds[kind].suffix;

    return ngx_commerce_redis_join(pool, parts, 6);
}


ngx_str_t
ngx_commerce_redis_followers_key(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *host, ngx_str_t *subject)
{
    u_char     part[2], digest[SHA256_DIGEST_LENGTH];
    ngx_str_t  parts[6];

    SHA256(subject->data, subject->len, digest);
    (void) ngx_hex_dump(part, digest, 1);

    parts[0] = tenant->prefix;
    ngx_str_set(&parts[1], "host:{");
    parts[2] = *host;
    ngx_str_set(&parts[3], ".");
    parts[4].data = part;
    parts[4].len = sizeof(part);
    ngx_str_set(&parts[5], "}:followers");

    return ngx_commerce_redis_join(pool, parts, 6);
}


ngx_str_t
ngx_commerce_redis_key(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    const char *name)
{
    ngx_str_t  parts[2];

    parts[0] = tenant->prefix;
    parts[1].data = (u_char *) name;
    parts[1].len = ngx_strlen(name);

    return ngx_commerce_redis_join(pool, parts, 2);
}


ngx_uint_t
ngx_commerce_redis_same_slot(ngx_str_t *keys, ngx_uint_t n)
{
    ngx_str_t   first, tag;
    ngx_uint_t  i;

    for (i = 1; i < n; i++) {
        first = ngx_commerce_redis_tag(&keys[0]);
        tag = ngx_commerce_redis_tag(&keys[i]);

        if (tag.len != first.len
            || ngx_memcmp(tag.data, first.data, tag.len) != 0)
        {
            return 0;
        }
    }

    return 1;
}


static ngx_str_t
ngx_commerce_redis_tag(ngx_str_t *key)
{
    u_char     *open, *close, *last;
    ngx_str_t   tag;

    last = key->data + key->len;
    open = ngx_strlchr(key->data, last, '{');

    if (open == NULL) {
        return *key;
    }

    close = ngx_strlchr(open + 1, last, '}');

    if (close == NULL || close == open + 1) {
        return *key;
    }

    tag.data = open + 1;
    tag.len = close - tag.data;

    return tag;
}


ngx_str_t
ngx_commerce_redis_channel(ngx_commerce_tenant_t *tenant, ngx_pool_t *pool,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_str_t  parts[7];

    parts[0] = tenant->prefix;
    parts[1] = ngx_commerce_redis_changed;

    if (name == NULL) {
        return ngx_commerce_redis_join(pool, parts, 2);
    }

    ngx_str_set(&parts[2], ":");
    parts[3] = ngx_commerce_redis_kinds[kind].channel;
    ngx_str_set(&parts[4], "{");
    parts[5] = *name;
    ngx_str_set(&parts[6], "}");

    return ngx_commerce_redis_join(pool, parts, 7);
}


static ngx_str_t
ngx_commerce_redis_join(ngx_pool_t *pool, ngx_str_t *parts, ngx_uint_t n)
{
    u_char      *p;
    ngx_str_t    joined;
    ngx_uint_t   i;

    joined.len = 0;

    for (i = 0; i < n; i++) {
        joined.len += parts[i].len;
    }

    joined.data = ngx_pnalloc(pool, joined.len);
    if (joined.data == NULL) {
        return (ngx_str_t) ngx_null_string;
    }

    p = joined.data;

    for (i = 0; i < n; i++) {
        if (parts[i].len) {
            p = ngx_cpymem(p, parts[i].data, parts[i].len);
        }
    }

    return joined;
}


ngx_int_t
ngx_commerce_redis_channel_parse(ngx_commerce_tenant_t *tenant,
    ngx_str_t *channel, ngx_commerce_kind_e *kind, ngx_str_t *name)
{
    u_char           *p, *last;
    ngx_uint_t        i;
    const ngx_str_t  *key;

    p = channel->data;
    last = p + channel->len;

    if (channel->len < tenant->prefix.len + ngx_commerce_redis_changed.len) {
        return NGX_ERROR;
    }

    if (ngx_memcmp(p, tenant->prefix.data, tenant->prefix.len) != 0) {
        return NGX_ERROR;
    }

    p += tenant->prefix.len;

    if (ngx_memcmp(p, ngx_commerce_redis_changed.data,
                   ngx_commerce_redis_changed.len)
        != 0)
    {
        return NGX_ERROR;
    }

    p += ngx_commerce_redis_changed.len;

    if (p == last) {
        return NGX_DECLINED;
    }

    if (*p++ != ':') {
        return NGX_ERROR;
    }

    if (p == last || *--last != '}') {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_COMMERCE_KINDS; i++) {
        key = &ngx_commerce_redis_kinds[i].channel;

        if (!ngx_commerce_kinds[i].told
            || (size_t) (last - p) <= key->len
            || ngx_memcmp(p, key->data, key->len) != 0
            || p[key->len] != '{')
        {
            continue;
        }

        *kind = i;
        name->data = p + key->len + 1;
        name->len = last - name->data;

        return ngx_commerce_name_valid(*kind, name) ? NGX_OK : NGX_ERROR;
    }

    return NGX_ERROR;
}
