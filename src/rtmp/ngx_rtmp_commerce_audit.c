
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_commerce_redis.h"


#define NGX_RTMP_COMMERCE_AUDIT_FIELDS  32

/*
 * refusals that a worker tells Redis of in a second: whoever guesses names
 * must not push all else out of the events
 */
#define NGX_RTMP_COMMERCE_AUDIT_REFUSALS  20


typedef struct {
    time_t      second;
    ngx_uint_t  told;
    ngx_uint_t  left_out;
} ngx_rtmp_commerce_audit_sample_t;


static void ngx_rtmp_commerce_audit_event(ngx_rtmp_commerce_ctx_t *ctx,
    const char *type, ngx_commerce_reason_e reason, ngx_uint_t *left_out);
static ngx_str_t *ngx_rtmp_commerce_audit_ended(ngx_str_t *field,
    ngx_rtmp_commerce_ctx_t *ctx, u_char *numbers);
static ngx_str_t *ngx_rtmp_commerce_audit_field(ngx_str_t *field,
    const char *name, ngx_str_t *value);
static ngx_str_t *ngx_rtmp_commerce_audit_text(ngx_str_t *field,
    const char *name, u_char *text);
static ngx_str_t *ngx_rtmp_commerce_audit_number(ngx_str_t *field,
    const char *name, u_char *number, uint64_t n);


static ngx_rtmp_commerce_audit_sample_t
    ngx_rtmp_commerce_audit_samples[NGX_COMMERCE_ACTIONS];


void
ngx_rtmp_commerce_audit(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason)
{
    ngx_rtmp_commerce_audit_event(ctx, type, reason, NULL);
}


void
ngx_rtmp_commerce_audit_refusal(ngx_rtmp_commerce_ctx_t *ctx,
    const char *type, ngx_commerce_reason_e reason)
{
    ngx_rtmp_commerce_audit_sample_t  *sample;

    sample = &ngx_rtmp_commerce_audit_samples[ctx->action];

    if (sample->second != ngx_time()) {
        sample->second = ngx_time();
        sample->told = 0;
    }

    if (sample->told == NGX_RTMP_COMMERCE_AUDIT_REFUSALS) {
        sample->left_out++;
        return;
    }

    sample->told++;

    ngx_rtmp_commerce_audit_event(ctx, type, reason, &sample->left_out);

    sample->left_out = 0;
}


static void
ngx_rtmp_commerce_audit_event(ngx_rtmp_commerce_ctx_t *ctx, const char *type,
    ngx_commerce_reason_e reason, ngx_uint_t *left_out)
{
    u_char               numbers[2 * NGX_INT64_LEN], left[NGX_INT64_LEN];
    ngx_str_t            fields[NGX_RTMP_COMMERCE_AUDIT_FIELDS], *field, none;
    const char          *encoder;
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

    encoder = (ctx->action == NGX_COMMERCE_ACTION_VIEW) ? "player" : "encoder";

    field = ctx->media.encoder[0] != '\0'
            ? ngx_rtmp_commerce_audit_text(field, encoder, ctx->media.encoder)
            : ngx_rtmp_commerce_audit_field(field, encoder, &s->flashver);

    if (reason == NGX_COMMERCE_NO_VIDEO) {
        field = ngx_rtmp_commerce_audit_text(field, "video", ctx->media.video);
        field = ngx_rtmp_commerce_audit_text(field, "audio", ctx->media.audio);
    }

    if (ctx->ending) {
        field = ngx_rtmp_commerce_audit_ended(field, ctx, numbers);
    }

    if (left_out && *left_out) {
        field = ngx_rtmp_commerce_audit_number(field, "left_out", left,
                                               *left_out);
    }

    if (left_out && ctx->conf->dry_run) {
        field = ngx_rtmp_commerce_audit_text(field, "dry_run", (u_char *) "1");
    }

    ngx_commerce_redis_event(ctx->tenant, fields, field - fields);
}


static ngx_str_t *
ngx_rtmp_commerce_audit_ended(ngx_str_t *field, ngx_rtmp_commerce_ctx_t *ctx,
    u_char *numbers)
{
    field = ngx_rtmp_commerce_audit_number(field, "seconds", numbers,
                             (ngx_current_msec - ctx->started) / 1000);

    return ngx_rtmp_commerce_audit_number(field, "bytes",
                                          numbers + NGX_INT64_LEN, ctx->bytes);
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
