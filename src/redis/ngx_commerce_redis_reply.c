
#include "ngx_commerce_redis_reply.h"
#include "ngx_commerce_record.h"


ngx_uint_t
ngx_commerce_redis_is_error(redisReply *reply, const char *code)
{
    size_t  len;

    if (reply == NULL || reply->type != REDIS_REPLY_ERROR) {
        return 0;
    }

    if (code == NULL) {
        return 1;
    }

    len = ngx_strlen(code);

    return reply->len >= len && ngx_memcmp(reply->str, code, len) == 0
           && (reply->len == len || reply->str[len] == ' ');
}


ngx_uint_t
ngx_commerce_redis_is_text(redisReply *reply)
{
    return reply && (reply->type == REDIS_REPLY_STRING
                     || reply->type == REDIS_REPLY_STATUS);
}


ngx_str_t
ngx_commerce_redis_error_text(redisReply *reply, u_char *buf)
{
    return ngx_commerce_text_log(reply->str, reply->len, buf,
                                 NGX_COMMERCE_REDIS_TEXT_MAX);
}
