
#include "ngx_commerce_redis_reply.h"


ngx_uint_t
ngx_commerce_redis_reply_is_error(redisReply *reply)
{
    return reply && reply->type == REDIS_REPLY_ERROR;
}


ngx_uint_t
ngx_commerce_redis_reply_is_text(redisReply *reply)
{
    return reply && (reply->type == REDIS_REPLY_STRING
                     || reply->type == REDIS_REPLY_STATUS);
}
