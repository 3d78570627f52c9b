
#include "ngx_rtmp_commerce_media.h"
#include "ngx_rtmp_commerce_audit.h"
#include "ngx_rtmp_commerce_refuse.h"
#include "ngx_rtmp_commerce_codec.h"
#include "ngx_commerce_redis_media.h"
#include "ngx_commerce_stats.h"


/* ms that Redis keeps what is wrong, and after which it is said again */
#define NGX_RTMP_COMMERCE_MEDIA_LASTS  15000
#define NGX_RTMP_COMMERCE_MEDIA_AGAIN  5000


static void ngx_rtmp_commerce_media_timer(ngx_event_t *ev);
static void ngx_rtmp_commerce_media_missing(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_media_found(ngx_rtmp_commerce_ctx_t *ctx);
static void ngx_rtmp_commerce_media_said(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_uint_t wrong);
static void ngx_rtmp_commerce_media_set(u_char *text, ngx_str_t *codec);


void
ngx_rtmp_commerce_media_start(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_connection_t            *c;
    ngx_rtmp_commerce_media_t   *media;

    media = &ctx->media;

    if (ctx->conf->video == 0) {
        return;
    }

    c = ctx->session->connection;

    media->event.data = c;
    media->event.log = c->log;
    media->event.handler = ngx_rtmp_commerce_media_timer;
    media->watched = 1;

    ngx_add_timer(&media->event, ctx->conf->video);
}


void
ngx_rtmp_commerce_media_stop(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_media_t  *media;

    media = &ctx->media;

    if (media->event.timer_set) {
        ngx_del_timer(&media->event);
    }

    if (media->wrong) {
        ngx_rtmp_commerce_media_said(ctx, 0);
    }

    ngx_memzero(media, sizeof(ngx_rtmp_commerce_media_t));
}


void
ngx_rtmp_commerce_media_seen(ngx_rtmp_commerce_ctx_t *ctx,
    ngx_rtmp_header_t *h, ngx_chain_t *in)
{
    u_char                       bytes[NGX_RTMP_COMMERCE_CODEC_BYTES];
    size_t                       len;
    ngx_str_t                    codec;
    ngx_rtmp_commerce_media_t   *media;

    media = &ctx->media;

    if (media->playable || !media->watched) {
        return;
    }

    len = ngx_rtmp_commerce_codec_bytes(in, bytes);

    if (h->type == NGX_RTMP_MSG_AUDIO) {
        codec = ngx_rtmp_commerce_codec_audio(bytes, len);
        ngx_rtmp_commerce_media_set(media->audio, &codec);
        return;
    }

    codec = ngx_rtmp_commerce_codec_video(bytes, len);
    ngx_rtmp_commerce_media_set(media->video, &codec);

    if (ngx_rtmp_commerce_codec_is_keyframe(bytes, len)) {
        ngx_rtmp_commerce_media_found(ctx);
    }
}


/* @setDataFrame, onMetaData, { encoder, … }; the first may be left out */

void
ngx_rtmp_commerce_media_data(ngx_rtmp_commerce_ctx_t *ctx, ngx_chain_t *in)
{
    static u_char  name[16], encoder[NGX_RTMP_COMMERCE_ENCODER_MAX];

    static ngx_rtmp_amf_elt_t  object[] = {
        { NGX_RTMP_AMF_STRING, ngx_string("encoder"),
          encoder, sizeof(encoder) }
    };

    static ngx_rtmp_amf_elt_t  elts[] = {
        { NGX_RTMP_AMF_STRING, ngx_null_string, name, sizeof(name) },
        { NGX_RTMP_AMF_STRING, ngx_null_string, NULL, 0 },
        { NGX_RTMP_AMF_OBJECT, ngx_null_string, object, sizeof(object) }
    };

    ngx_memzero(name, sizeof(name));
    ngx_memzero(encoder, sizeof(encoder));

    if (ngx_rtmp_receive_amf(ctx->session, in, elts, 3) == NGX_OK
        && ngx_strcmp(name, "@setDataFrame") == 0
        && encoder[0] != '\0')
    {
        ngx_memcpy(ctx->media.encoder, encoder, sizeof(encoder));
    }
}


static void
ngx_rtmp_commerce_media_timer(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_rtmp_session_t       *s;
    ngx_rtmp_commerce_ctx_t  *ctx;

    c = ev->data;
    s = c->data;

    if (c->destroyed) {
        return;
    }

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if (!ctx->media.wrong) {
        ngx_rtmp_commerce_media_missing(ctx);

        if (ctx->conf->video_refuse) {
            ngx_rtmp_commerce_cut(ctx, NGX_COMMERCE_NO_VIDEO);
            return;
        }

        ctx->media.wrong = 1;
    }

    ngx_rtmp_commerce_media_said(ctx, 1);
    ngx_add_timer(ev, NGX_RTMP_COMMERCE_MEDIA_AGAIN);
}


static void
ngx_rtmp_commerce_media_missing(ngx_rtmp_commerce_ctx_t *ctx)
{
    u_char                     *none;
    ngx_rtmp_commerce_media_t  *media;

    media = &ctx->media;
    none = (u_char *) "none";

    ngx_log_error(NGX_LOG_WARN, ctx->session->connection->log, 0,
                  "commerce: room \"%V\" is published without a picture that "
                  "HLS can carry, which is H.264: video \"%s\", audio \"%s\"",
                  &ctx->room, media->video[0] ? media->video : none,
                  media->audio[0] ? media->audio : none);

    (void) ngx_atomic_fetch_add(&ctx->tenant->stats->no_video, 1);

    ngx_rtmp_commerce_audit(ctx, "publish_no_video", NGX_COMMERCE_NO_VIDEO);
}


static void
ngx_rtmp_commerce_media_found(ngx_rtmp_commerce_ctx_t *ctx)
{
    ngx_rtmp_commerce_media_t  *media;

    media = &ctx->media;
    media->playable = 1;

    if (media->event.timer_set) {
        ngx_del_timer(&media->event);
    }

    if (!media->wrong) {
        return;
    }

    media->wrong = 0;

    ngx_log_error(NGX_LOG_INFO, ctx->session->connection->log, 0,
                  "commerce: room \"%V\" has a picture now", &ctx->room);

    ngx_rtmp_commerce_audit(ctx, "publish_video", NGX_COMMERCE_ALLOWED);
    ngx_rtmp_commerce_media_said(ctx, 0);
}


static void
ngx_rtmp_commerce_media_said(ngx_rtmp_commerce_ctx_t *ctx, ngx_uint_t wrong)
{
    ngx_commerce_redis_media(ctx->tenant, &ctx->room,
                             wrong ? ngx_commerce_reason(NGX_COMMERCE_NO_VIDEO)
                                   : NULL,
                             NGX_RTMP_COMMERCE_MEDIA_LASTS);
}


static void
ngx_rtmp_commerce_media_set(u_char *text, ngx_str_t *codec)
{
    ngx_cpystrn(text, codec->data,
                ngx_min(codec->len + 1, NGX_RTMP_COMMERCE_CODEC_MAX));
}
