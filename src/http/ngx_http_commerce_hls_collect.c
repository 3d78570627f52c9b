
#include "ngx_http_commerce_hls_filter.h"


static ngx_int_t ngx_http_commerce_hls_append(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *b);


ngx_int_t
ngx_http_commerce_hls_collect(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_chain_t **in)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = *in; cl; cl = cl->next) {

        b = cl->buf;

        if (!ngx_buf_in_memory(b) && !ngx_buf_special(b)) {
            /* of a filter that heeds no filter_need_in_memory */
            *in = cl;
            return NGX_DECLINED;
        }

        rc = ngx_http_commerce_hls_append(r, ctx, b);

        if (rc != NGX_OK) {
            *in = cl;
            return rc;
        }

        if (b->last_buf) {
            ctx->buf->last_buf = 1;
            ctx->buf->last_in_chain = 1;
            return NGX_OK;
        }

        if (b->flush && r->upstream && r->upstream->cleanup == NULL) {

            /* the origin failed half-way: the viewer shall try again */

            if (r != r->main) {
                return NGX_ERROR;
            }

            ctx->state = NGX_HTTP_COMMERCE_HLS_PASSING;

            return ngx_http_filter_finalize_request(r,
                                         &ngx_http_commerce_hls_filter_module,
                                         NGX_HTTP_BAD_GATEWAY);
        }
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_commerce_hls_append(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *b)
{
    size_t                             len, size, used;
    ngx_buf_t                         *buf;
    ngx_http_commerce_hls_loc_conf_t  *hlcf;

    hlcf = ngx_http_get_module_loc_conf(r->main,
                                        ngx_http_commerce_hls_filter_module);

    buf = ctx->buf;
    len = ngx_buf_in_memory(b) ? b->last - b->pos : 0;

    used = buf ? buf->last - buf->pos : 0;

    if (len > hlcf->max_size || used > hlcf->max_size - len) {
        return NGX_DECLINED;
    }

    if (buf == NULL || (size_t) (buf->end - buf->last) < len) {

        size = ngx_max(used + len, 2 * used);
        size = ngx_max(size, 1024);

        if (r->main->headers_out.content_length_n > (off_t) size) {
            /* at most max_size, or the body wouldn't be collected */
            size = (size_t) r->main->headers_out.content_length_n;
        }

        ctx->buf = ngx_create_temp_buf(r->pool, size);
        if (ctx->buf == NULL) {
            return NGX_ERROR;
        }

        if (buf) {
            ctx->buf->last = ngx_cpymem(ctx->buf->last, buf->pos, used);
            ngx_pfree(r->pool, buf->start);
        }
    }

    if (len) {
        ctx->buf->last = ngx_cpymem(ctx->buf->last, b->pos, len);
        b->pos += len;
    }

    return NGX_OK;
}
