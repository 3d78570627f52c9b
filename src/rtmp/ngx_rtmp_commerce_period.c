
#include "ngx_rtmp_commerce_period.h"
#include "ngx_rtmp_commerce_codec.h"
#include <ngx_rtmp_codec_module.h>


/* ms: a clock is measured, before the first segment can be listed */
#define NGX_RTMP_COMMERCE_PERIOD_MEASURE  400

/* ms: some encoders have timestamps of their own for what is no media */
#define NGX_RTMP_COMMERCE_PERIOD_APART    10000


static ngx_uint_t ngx_rtmp_commerce_period_frame(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in, ngx_rtmp_commerce_frame_t *frame);
static void ngx_rtmp_commerce_period_begin(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_commerce_frame_t *frame);
static void ngx_rtmp_commerce_period_measured(void *data);


/*
 * nginx-rtmp's modules keep to themselves what was set, but say where a
 * directive sets it.
 */

void
ngx_rtmp_commerce_period_cuts(ngx_conf_t *cf, void **app_conf,
    ngx_rtmp_commerce_cuts_t *cuts)
{
    u_char         *conf;
    ngx_uint_t      i;
    ngx_module_t  **modules;
    ngx_command_t  *cmd;

    modules = cf->cycle->modules;

    /* what nginx-rtmp has where nothing is said */

    cuts->fragment = 5000;
    cuts->fragment_max = 50000;

    for (i = 0; modules[i]; i++) {

        if (ngx_strcmp(modules[i]->name, "ngx_rtmp_hls_module") != 0) {
            continue;
        }

        conf = app_conf[modules[i]->ctx_index];

        for (cmd = modules[i]->commands; cmd->name.len; cmd++) {

            if (cmd->set != ngx_conf_set_msec_slot) {
                continue;
            }

            if (ngx_strcmp(cmd->name.data, "hls_fragment") == 0) {
                cuts->fragment = *(ngx_msec_t *) (conf + cmd->offset);

            } else if (ngx_strcmp(cmd->name.data, "hls_max_fragment") == 0) {
                cuts->fragment_max = *(ngx_msec_t *) (conf + cmd->offset);
            }
        }
    }
}


void
ngx_rtmp_commerce_period_seen(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in)
{
    ngx_rtmp_commerce_frame_t    frame;
    ngx_rtmp_commerce_period_t  *period;

    period = &ctx->period;

    if (!ngx_rtmp_commerce_period_frame(ctx, h, in, &frame)) {
        return;
    }

    if (!period->begun) {

        if (frame.boundary) {
            ngx_rtmp_commerce_period_begin(ctx, &frame);
        }

        return;
    }

    if (!ngx_rtmp_commerce_clock_jumps(&period->clock, &frame,
                                       &ctx->conf->cuts))
    {
        ngx_rtmp_commerce_clock_add(&period->clock, &frame, &ctx->conf->cuts);
        return;
    }

    /* one that was shorter than it takes to measure it is none */

    if (period->clock.set) {
        period->ended = ngx_rtmp_commerce_clock_ended(&period->clock);
    }

    ngx_rtmp_commerce_period_begin(ctx, &frame);
}


/*
 * Whether it is a frame that nginx-rtmp puts into segments, or could: H.264, or
 * audio.  A segment begins with a keyframe, once the decoder's data are known,
 * and with any audio as long as they are not.
 */

static ngx_uint_t
ngx_rtmp_commerce_period_frame(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in, ngx_rtmp_commerce_frame_t *frame)
{
    u_char                 bytes[NGX_RTMP_COMMERCE_CODEC_BYTES];
    size_t                 len;
    ngx_uint_t             decodable;
    ngx_rtmp_codec_ctx_t  *codec;

    len = ngx_rtmp_commerce_codec_bytes(in, bytes);
    codec = ngx_rtmp_get_module_ctx(ctx->session, ngx_rtmp_codec_module);
    decodable = codec && codec->avc_header;

    frame->time = h->timestamp;
    frame->video = (h->type == NGX_RTMP_MSG_VIDEO);

    if (frame->video) {

        if (!decodable || !ngx_rtmp_commerce_codec_is_picture(bytes, len)) {
            return 0;
        }

        frame->boundary = ngx_rtmp_commerce_codec_is_keyframe(bytes, len);

    } else {

        if (!ngx_rtmp_commerce_codec_is_sound(bytes, len)) {
            return 0;
        }

        frame->boundary = !decodable;
    }

    /* nginx-rtmp names segments by that time, too */

    frame->now = ngx_commerce_noticed(ctx->tenant);

    return 1;
}


static void
ngx_rtmp_commerce_period_begin(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_commerce_frame_t *frame)
{
    ngx_rtmp_commerce_period_t  *period;

    period = &ctx->period;

    if (period->redis == NULL) {
        period->redis = ngx_commerce_redis_publish_open(ctx->tenant,
                                                        &ctx->room,
                                                        &ctx->claim->text);
        if (period->redis == NULL) {
            return;
        }

        ngx_commerce_timer_init(&period->timer,
                                ctx->session->connection->log,
                                ngx_rtmp_commerce_period_measured, ctx);
    }

    ngx_rtmp_commerce_clock_begin(&period->clock, frame);
    ngx_commerce_timer_start(&period->timer, NGX_RTMP_COMMERCE_PERIOD_MEASURE);

    period->begun = 1;
}


static void
ngx_rtmp_commerce_period_measured(void *data)
{
    ngx_rtmp_commerce_ctx_t *ctx = data;

    ngx_commerce_period_t       times;
    ngx_rtmp_commerce_clock_t  *clock;

    clock = &ctx->period.clock;

    ngx_rtmp_commerce_clock_set(clock);

    ngx_memzero(&times, sizeof(ngx_commerce_period_t));

    times.at = clock->at;
    times.began = ngx_rtmp_commerce_clock_date(clock, clock->first);
    times.epoch = clock->epoch;
    times.frame = clock->frame;

    ngx_commerce_redis_publish_begin(ctx->period.redis, &times,
                                     ctx->period.ended);
}


void
ngx_rtmp_commerce_period_end(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_period_t  *period;

    period = &ctx->period;

    if (!period->begun) {
        return;
    }

    ngx_commerce_timer_stop(&period->timer);

    if (!period->clock.set) {
        ngx_rtmp_commerce_period_measured(ctx);
    }

    ngx_commerce_redis_publish_close(period->redis,
                             ngx_rtmp_commerce_clock_ended(&period->clock));

    ngx_memzero(period, sizeof(ngx_rtmp_commerce_period_t));
}


int64_t
ngx_rtmp_commerce_period_date(ngx_rtmp_commerce_ctx_t *ctx, uint32_t time)
{
    int64_t                      now, date;
    ngx_rtmp_commerce_period_t  *period;

    now = ngx_commerce_now(ctx->tenant);
    period = &ctx->period;

    if (!period->begun) {
        return now;
    }

    date = ngx_rtmp_commerce_clock_date(&period->clock, time);

    return llabs(date - now) > NGX_RTMP_COMMERCE_PERIOD_APART ? now : date;
}
