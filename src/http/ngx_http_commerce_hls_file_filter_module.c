
/*
 * A playlist whose file has not changed since it was read: nginx is given what
 * was read then, and reads nothing.  This filter comes before the one that
 * reads files, nginx's copy filter, to which memory is as good.
 */


#include "ngx_http_commerce_hls_filter.h"


static ngx_int_t ngx_http_commerce_hls_file_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_uint_t ngx_http_commerce_hls_file_whole(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_commerce_hls_file(ngx_http_request_t *r,
    ngx_buf_t *b, ngx_commerce_hls_file_t *file);
static ngx_int_t ngx_http_commerce_hls_file_init(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_commerce_hls_file_filter_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_commerce_hls_file_init,       /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_hls_file_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_hls_file_filter_module_ctx, /* module context */
    NULL,                                  /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


static ngx_int_t
ngx_http_commerce_hls_file_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                     rc;
    ngx_buf_t                    *b;
    ngx_chain_t                   out;
    ngx_http_commerce_hls_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_hls_filter_module);

    if (ctx == NULL
        || ctx->state != NGX_HTTP_COMMERCE_HLS_COLLECTING
        || ctx->buf
        || !ngx_http_commerce_hls_file_whole(r, in))
    {
        return ngx_http_next_body_filter(r, in);
    }

    rc = ngx_http_commerce_hls_file(r, in->buf, &ctx->file);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? ngx_http_next_body_filter(r, in) : rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = ctx->file.text.data;
    b->last = b->pos + ctx->file.text.len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    in->buf->file_pos = in->buf->file_last;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


/* all of the body in one buffer that is a file's, as nginx sends files */

static ngx_uint_t
ngx_http_commerce_hls_file_whole(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t  *b;

    if (r != r->main || in == NULL || in->next) {
        return 0;
    }

    b = in->buf;

    return b->in_file && b->last_buf && !ngx_buf_in_memory(b)
           && !b->file->directio
           && b->file_last - b->file_pos <= NGX_COMMERCE_HLS_FILE_SIZE;
}


/* NGX_OK: *file is what it has; NGX_DECLINED: nginx is to read it; NGX_ERROR */

static ngx_int_t
ngx_http_commerce_hls_file(ngx_http_request_t *r, ngx_buf_t *b,
    ngx_commerce_hls_file_t *file)
{
    size_t                              size;
    ngx_str_t                           text;
    ngx_file_info_t                     fi;
    ngx_commerce_hls_file_t            *known;
    ngx_commerce_hls_stamp_t            stamp;
    ngx_http_core_loc_conf_t           *clcf;
    ngx_http_commerce_hls_main_conf_t  *hmcf;

    hmcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_commerce_hls_filter_module);

    if (ngx_fd_info(b->file->fd, &fi) == NGX_FILE_ERROR) {
        return NGX_DECLINED;
    }

    ngx_commerce_hls_stamp(&stamp, &fi, b->file_pos, b->file_last);

    known = ngx_commerce_hls_file_find(hmcf->files, &stamp);

    if (known) {
        *file = *known;
        return ngx_commerce_hls_file_hold(known, r->pool);
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->aio != NGX_HTTP_AIO_OFF) {
        /* whoever says so wants no worker to wait for a disk */
        return NGX_DECLINED;
    }

    size = b->file_last - b->file_pos;

    text.data = ngx_palloc(r->pool, size);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_read_file(b->file, text.data, size, b->file_pos)
        != (ssize_t) size)
    {
        return NGX_DECLINED;
    }

    text.len = size;
    file->text = text;

    ngx_commerce_hls_file_note(hmcf->files, &stamp, file, ngx_current_msec);

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_file_init(ngx_conf_t *cf)
{
    ngx_http_commerce_hls_main_conf_t  *hmcf;

    hmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_commerce_hls_filter_module);

    if (hmcf->files) {
        ngx_http_next_body_filter = ngx_http_top_body_filter;
        ngx_http_top_body_filter = ngx_http_commerce_hls_file_body_filter;
    }

    return NGX_OK;
}
