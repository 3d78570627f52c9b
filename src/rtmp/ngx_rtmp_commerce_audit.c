
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_commerce_redis.h"


#define NGX_RTMP_COMMERCE_AUDIT_FIELDS  32


/* where the numbers of an entry are written */

typedef struct {
    u_char  show[NGX_INT64_LEN];
    u_char  seconds[NGX_INT64_LEN];
    u_char  bytes[NGX_INT64_LEN];
} ngx_rtmp_commerce_audit_numbers_t;


static ngx_uint_t ngx_rtmp_commerce_audit_fields(ngx_rtmp_commerce_ctx_t *ctx,
    const char *type, ngx_str_t *fields,
    ngx_rtmp_commerce_audit_numbers_t *numbers);
static ngx_str_t *ngx_rtmp_commerce_audit_ended(ngx_str_t *field,
    ngx_rtmp_commerce_ctx_t *ctx, ngx_rtmp_commerce_audit_numbers_t *numbers);
static ngx_str_t *ngx_rtmp_commerce_audit_field(ngx_str_t *field,
    const char *name, ngx_str_t *value);
static ngx_str_t *ngx_rtmp_commerce_audit_text(ngx_str_t *field,
    const char *name, u_char *text);
static ngx_str_t *ngx_rtmp_commerce_audit_number(ngx_str_t *field,
    const char *name, u_char *number, uint64_t n);


void
ngx_rtmp_commerce_audit(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason)
{
    ngx_str_t                           fields[NGX_RTMP_COMMERCE_AUDIT_FIELDS],
                                       *field, none;
    ngx_rtmp_commerce_audit_numbers_t   numbers;

    ngx_str_null(&none);

    field = fields + ngx_rtmp_commerce_audit_fields(ctx, type, fields,
                                                    &numbers);

    field = ngx_rtmp_commerce_audit_field(field, "reason",
                                          reason == NGX_COMMERCE_ALLOWED
                                          ? &none
                                          : ngx_commerce_reason(reason));

    if (reason == NGX_COMMERCE_NO_VIDEO) {
        field = ngx_rtmp_commerce_audit_text(field, "video", ctx->media.video);
        field = ngx_rtmp_commerce_audit_text(field, "audio", ctx->media.audio);
    }

    if (ctx->ending) {
        field = ngx_rtmp_commerce_audit_ended(field, ctx, &numbers);
    }

    ngx_commerce_redis_event(ctx->tenant, fields, field - fields);
}


void
ngx_rtmp_commerce_audit_refusal(ngx_rtmp_commerce_ctx_t *ctx,
    const char *type, ngx_commerce_reason_e reason)
{
    ngx_str_t                           fields[NGX_RTMP_COMMERCE_AUDIT_FIELDS],
                                       *field;
    ngx_rtmp_commerce_audit_numbers_t   numbers;

    field = fields + ngx_rtmp_commerce_audit_fields(ctx, type, fields,
                                                    &numbers);

    if (ctx->conf->dry_run) {
        field = ngx_rtmp_commerce_audit_text(field, "dry_run", (u_char *) "1");
    }

    ngx_commerce_redis_event_refused(ctx->tenant, reason, fields,
                                     field - fields);
}


void
ngx_rtmp_commerce_audit_pin(ngx_rtmp_commerce_ctx_t *ctx, ngx_str_t *product,
    ngx_str_t *cue, ngx_str_t *at)
{
    ngx_str_t                           fields[NGX_RTMP_COMMERCE_AUDIT_FIELDS],
                                       *field;
    ngx_rtmp_commerce_audit_numbers_t   numbers;

    field = fields + ngx_rtmp_commerce_audit_fields(ctx,
                                            product->len ? "pinned"
                                                         : "unpinned",
                                            fields, &numbers);

    if (product->len) {
        field = ngx_rtmp_commerce_audit_field(field, "product", product);
    }

    field = ngx_rtmp_commerce_audit_field(field, "cue", cue);
    field = ngx_rtmp_commerce_audit_field(field, "begins", at);

    ngx_commerce_redis_event(ctx->tenant, fields, field - fields);
}


/*
 * What all entries have; returns how many texts.  A host who publishes has
 * proved who he is.
 */

static ngx_uint_t
ngx_rtmp_commerce_audit_fields(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_str_t *fields, ngx_rtmp_commerce_audit_numbers_t *numbers)
{
    int64_t              show;
    ngx_str_t           *field;
    const char          *encoder;
    ngx_rtmp_session_t  *s;

    s = ctx->session;
    show = ctx->claim ? ctx->claim->show : ctx->show;

    field = ngx_rtmp_commerce_audit_text(fields, "type", (u_char *) type);
    field = ngx_rtmp_commerce_audit_field(field, "room", &ctx->room);
    field = ngx_rtmp_commerce_audit_field(field, "host", &ctx->host);

    if (show) {
        field = ngx_rtmp_commerce_audit_number(field, "show", numbers->show,
                                               show);
    }

    if (ctx->action == NGX_COMMERCE_ACTION_PUBLISH) {
        field = ngx_rtmp_commerce_audit_field(field, "actor", &ctx->host);
    }

    field = ngx_rtmp_commerce_audit_field(field, "client",
                                          &s->connection->addr_text);

    /* the stream's own words say more than those of the protocol's library */

    encoder = (ctx->action == NGX_COMMERCE_ACTION_VIEW) ? "player" : "encoder";

    field = ctx->media.encoder[0] != '\0'
            ? ngx_rtmp_commerce_audit_text(field, encoder, ctx->media.encoder)
            : ngx_rtmp_commerce_audit_field(field, encoder, &s->flashver);

    return field - fields;
}


static ngx_str_t *
ngx_rtmp_commerce_audit_ended(ngx_str_t *field, ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_commerce_audit_numbers_t *numbers)
{
    field = ngx_rtmp_commerce_audit_number(field, "seconds", numbers->seconds,
                                   (ngx_current_msec - ctx->started) / 1000);

    return ngx_rtmp_commerce_audit_number(field, "bytes", numbers->bytes,
                                          ctx->bytes);
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


/* number has NGX_INT64_LEN bytes */

static ngx_str_t *
ngx_rtmp_commerce_audit_number(ngx_str_t *field, const char *name,
    u_char *number, uint64_t n)
{
    ngx_str_t  value;

    value.data = number;
    value.len = ngx_sprintf(number, "%uL", n) - number;

    return ngx_rtmp_commerce_audit_field(field, name, &value);
}
