
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_timer.h"


/*
 * ms between two log lines about the same record, which is loaded again and
 * again as long as it is wrong
 */
#define NGX_COMMERCE_COMPLAIN_INTERVAL  60000
#define NGX_COMMERCE_COMPLAINTS         64

/* bytes of what Redis said */
#define NGX_COMMERCE_COMPLAINT_MAX      200


ngx_uint_t
ngx_commerce_redis_fields_valid(redisReply *reply)
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
ngx_commerce_redis_fields_get(redisReply *hash, const char *field,
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
ngx_commerce_redis_fields_text(ngx_pool_t *pool, redisReply *hash,
    const char *field)
{
    ngx_str_t  value;

    if (!ngx_commerce_redis_fields_get(hash, field, &value)) {
        ngx_str_null(&value);
        return value;
    }

    return ngx_commerce_text_clean(pool, &value);
}


ngx_str_t
ngx_commerce_redis_fields_digits(redisReply *hash, const char *field)
{
    ngx_str_t  value;

    if (!ngx_commerce_redis_fields_get(hash, field, &value)
        || ngx_commerce_number(&value) < 0)
    {
        ngx_str_null(&value);
    }

    return value;
}


int64_t
ngx_commerce_redis_fields_number(redisReply *hash, const char *field)
{
    int64_t    n;
    ngx_str_t  value;

    if (!ngx_commerce_redis_fields_get(hash, field, &value)) {
        return 0;
    }

    n = ngx_commerce_number(&value);

    return n < 0 ? 0 : n;
}


ngx_str_t
ngx_commerce_redis_fields_amount(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *hash,
    const char *field, const char *what)
{
    ngx_str_t  digits, value;

    digits = ngx_commerce_redis_fields_digits(hash, field);

    if (digits.len == 0 && ngx_commerce_redis_fields_get(hash, field, &value)
        && value.len)
    {
        ngx_commerce_redis_fields_complain(tenant, kind, name, what,
                                           (char *) value.data);
    }

    return digits;
}


ngx_int_t
ngx_commerce_redis_fields_state(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *hash,
    ngx_str_t *words, ngx_int_t otherwise)
{
    ngx_int_t  n;
    ngx_str_t  value;

    if (!ngx_commerce_redis_fields_get(hash, "state", &value)) {
        return otherwise;
    }

    n = ngx_commerce_word(words, &value);

    if (n == NGX_ERROR) {
        ngx_commerce_redis_fields_complain(tenant, kind, name,
                                           "has an unknown \"state\":",
                                           (char *) value.data);
        return otherwise;
    }

    return n;
}


/* the table is a worker's own; names that share a slot only cost a line */

void
ngx_commerce_redis_fields_complain(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, const char *what,
    const char *why)
{
    size_t      i;
    u_char      buf[NGX_COMMERCE_COMPLAINT_MAX];
    ngx_str_t   reason;
    ngx_uint_t  slot;

    static ngx_msec_t  told[NGX_COMMERCE_COMPLAINTS];

    slot = kind;

    for (i = 0; i < name->len; i++) {
        slot = ngx_hash(slot, name->data[i]);
    }

    for (i = 0; what[i]; i++) {
        slot = ngx_hash(slot, what[i]);
    }

    if (!ngx_commerce_timer_once(&told[slot % NGX_COMMERCE_COMPLAINTS],
                                 NGX_COMMERCE_COMPLAIN_INTERVAL))
    {
        return;
    }

    reason = ngx_commerce_text_log(why, ngx_strlen(why), buf, sizeof(buf));

    ngx_log_error(NGX_LOG_ERR, tenant->log, 0,
                  "commerce \"%V\": %V \"%V\" in redis %s %V",
                  &tenant->name, &ngx_commerce_kinds[kind].name, name, what,
                  &reason);
}
