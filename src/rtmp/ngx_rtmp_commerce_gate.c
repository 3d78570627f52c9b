
#include "ngx_rtmp_commerce_gate.h"
#include "ngx_rtmp_commerce_cue.h"
#include "ngx_rtmp_commerce_media.h"
#include "ngx_rtmp_commerce_period.h"
#include "ngx_rtmp_commerce_session.h"


static ngx_int_t ngx_rtmp_commerce_av(ngx_rtmp_session_t *s,
    ngx_rtmp_header_t *h, ngx_chain_t *in);
static ngx_int_t ngx_rtmp_commerce_data(ngx_rtmp_session_t *s,
    ngx_rtmp_header_t *h, ngx_chain_t *in);


static struct {
    ngx_uint_t           event;
    ngx_rtmp_handler_pt  handler;
} ngx_rtmp_commerce_gates[] = {
    { NGX_RTMP_MSG_AUDIO,     ngx_rtmp_commerce_av },
    { NGX_RTMP_MSG_VIDEO,     ngx_rtmp_commerce_av },
    { NGX_RTMP_MSG_AMF_META,  ngx_rtmp_commerce_data },
    { NGX_RTMP_MSG_AMF3_META, ngx_rtmp_commerce_data }
};

#define NGX_RTMP_COMMERCE_GATES                                               \
    (sizeof(ngx_rtmp_commerce_gates) / sizeof(ngx_rtmp_commerce_gates[0]))


/* a handler has to be the first of its event to keep others from it */

ngx_int_t
ngx_rtmp_commerce_gate(ngx_conf_t *cf)
{
    ngx_uint_t                  i;
    ngx_array_t                *handlers;
    ngx_rtmp_handler_pt        *h;
    ngx_rtmp_core_main_conf_t  *cmcf;

    cmcf = ngx_rtmp_conf_get_module_main_conf(cf, ngx_rtmp_core_module);

    for (i = 0; i < NGX_RTMP_COMMERCE_GATES; i++) {
        handlers = &cmcf->events[ngx_rtmp_commerce_gates[i].event];

        if (ngx_array_push(handlers) == NULL) {
            return NGX_ERROR;
        }

        h = handlers->elts;
        ngx_memmove(h + 1, h, (handlers->nelts - 1) * sizeof(*h));
        *h = ngx_rtmp_commerce_gates[i].handler;
    }

    return NGX_OK;
}


/*
 * Other modules keep what they need to write a stream after it was closed,
 * so that audio and video must not reach them then.  Before the first
 * approval they only keep the codecs' headers, which some clients send
 * without waiting for it.
 */

static ngx_int_t
ngx_rtmp_commerce_av(ngx_rtmp_session_t *s, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    ngx_rtmp_commerce_ctx_t  *ctx;

    if (ngx_rtmp_commerce_session_conf(s) == NULL) {
        return NGX_OK;
    }

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if (ctx == NULL) {
        return NGX_DONE;
    }

    switch (ctx->state) {

    case NGX_RTMP_COMMERCE_PUBLISHING:
        ctx->bytes += h->mlen;

        if (ctx->claim) {
            ngx_commerce_claim_heard(ctx->claim);
            ngx_rtmp_commerce_media_seen(ctx, h, in);
            ngx_rtmp_commerce_period_seen(ctx, h, in);
        }

        return NGX_OK;

    case NGX_RTMP_COMMERCE_LOOKUP:
    case NGX_RTMP_COMMERCE_CLAIM:
        return ctx->published ? NGX_DONE : NGX_OK;

    default:
        return NGX_DONE;
    }
}


static ngx_int_t
ngx_rtmp_commerce_data(ngx_rtmp_session_t *s, ngx_rtmp_header_t *h,
    ngx_chain_t *in)
{
    ngx_rtmp_commerce_ctx_t  *ctx;

    if (ngx_rtmp_commerce_session_conf(s) == NULL) {
        return NGX_OK;
    }

    ctx = ngx_rtmp_get_module_ctx(s, ngx_rtmp_commerce_module);

    if (ctx == NULL || ctx->state != NGX_RTMP_COMMERCE_PUBLISHING) {
        return NGX_DONE;
    }

    if (h->type == NGX_RTMP_MSG_AMF_META) {

        if (ngx_rtmp_commerce_cue_data(ctx, h, in)) {
            return NGX_DONE;
        }

        ngx_rtmp_commerce_media_data(ctx, in);
    }

    return NGX_OK;
}
