
#include "ngx_rtmp_commerce_module.h"
#include "ngx_commerce_redis.h"


void
ngx_rtmp_commerce_audit(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason)
{
    ngx_str_t  fields[8];

    ngx_str_set(&fields[0], "type");
    fields[1].data = (u_char *) type;
    fields[1].len = ngx_strlen(type);
    ngx_str_set(&fields[2], "room");
    fields[3] = ctx->room;
    ngx_str_set(&fields[4], "host");
    fields[5] = ctx->host;
    ngx_str_set(&fields[6], "reason");
    ngx_str_null(&fields[7]);

    if (reason != NGX_COMMERCE_ALLOWED) {
        fields[7] = *ngx_commerce_reason(reason);
    }

    ngx_commerce_redis_event(ctx->tenant, fields, 8);
}
