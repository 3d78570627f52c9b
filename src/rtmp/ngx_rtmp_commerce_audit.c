
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_commerce_redis.h"


#define NGX_RTMP_COMMERCE_AUDIT_FIELDS  16


static ngx_str_t *ngx_rtmp_commerce_audit_field(ngx_str_t *field,
    const char *name, ngx_str_t *value);
static ngx_str_t *ngx_rtmp_commerce_audit_text(ngx_str_t *field,
    const char *name, u_char *text);


void
ngx_rtmp_commerce_audit(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason)
{
    ngx_str_t            fields[NGX_RTMP_COMMERCE_AUDIT_FIELDS], *field, none;
    ngx_rtmp_session_t  *s;

    s = ctx->session;
    ngx_str_null(&none);

    field = fields;
    field = ngx_rtmp_commerce_audit_text(field, "type", (u_char *) type);
    field = ngx_rtmp_commerce_audit_field(field, "room", &ctx->room);
    field = ngx_rtmp_commerce_audit_field(field, "host", &ctx->host);
    field = ngx_rtmp_commerce_audit_field(field, "reason",
                                          reason == NGX_COMMERCE_ALLOWED
                                          ? &none
                                          : ngx_commerce_reason(reason));
    field = ngx_rtmp_commerce_audit_field(field, "client",
                                          &s->connection->addr_text);

    /* the stream's own words say more than those of the protocol's library */

    field = ctx->media.encoder[0] != '\0'
            ? ngx_rtmp_commerce_audit_text(field, "encoder",
                                           ctx->media.encoder)
            : ngx_rtmp_commerce_audit_field(field, "encoder", &s->flashver);

    if (reason == NGX_COMMERCE_NO_VIDEO) {
        field = ngx_rtmp_commerce_audit_text(field, "video", ctx->media.video);
        field = ngx_rtmp_commerce_audit_text(field, "audio", ctx->media.audio);
    }

    ngx_commerce_redis_event(ctx->tenant, fields, field - fields);
}


static ngx_str_t *
ngx_rtmp_commerce_audit_field(ngx_str_t *field, const char *name,
    ngx_str_t *value)
{
    field[0].data = (u_char *) name;
    field[0].len = ngx_strlen(name);
    field[1] = *value;

    return field + 2;
}


static ngx_str_t *
ngx_rtmp_commerce_audit_text(ngx_str_t *field, const char *name, u_char *text)
{
    ngx_str_t  value;

    value.data = text;
    value.len = ngx_strlen(text);

    return ngx_rtmp_commerce_audit_field(field, name, &value);
}
