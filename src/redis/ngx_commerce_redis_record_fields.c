
#include "ngx_commerce_redis_record_fields.h"


ngx_uint_t
ngx_commerce_redis_is_hash(redisReply *reply)
{
    size_t  i;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements % 2) {
        return 0;
    }

    for (i = 0; i < reply->elements; i++) {
        if (reply->element[i]->type != REDIS_REPLY_STRING) {
            return 0;
        }
    }

    return 1;
}


ngx_uint_t
ngx_commerce_redis_field(redisReply *hash, const char *field,
    ngx_str_t *value)
{
    size_t       i, len;
    redisReply  *name, *text;

    len = ngx_strlen(field);

    for (i = 0; i + 1 < hash->elements; i += 2) {
        name = hash->element[i];
        text = hash->element[i + 1];

        if (name->type == REDIS_REPLY_STRING
            && text->type == REDIS_REPLY_STRING
            && (size_t) name->len == len
            && ngx_memcmp(name->str, field, len) == 0)
        {
            value->data = (u_char *) text->str;
            value->len = text->len;

            return 1;
        }
    }

    return 0;
}


ngx_str_t
ngx_commerce_redis_text(ngx_pool_t *pool, redisReply *hash,
    const char *field)
{
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, field, &value)) {
        ngx_str_null(&value);
        return value;
    }

    return ngx_commerce_text_clean(pool, &value);
}


ngx_str_t
ngx_commerce_redis_digits(redisReply *hash, const char *field)
{
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, field, &value)
        || ngx_commerce_number(&value) < 0)
    {
        ngx_str_null(&value);
    }

    return value;
}


int64_t
ngx_commerce_redis_number(redisReply *hash, const char *field)
{
    int64_t    n;
    ngx_str_t  value;

    if (!ngx_commerce_redis_field(hash, field, &value)) {
        return 0;
    }

    n = ngx_commerce_number(&value);

    return n < 0 ? 0 : n;
}
