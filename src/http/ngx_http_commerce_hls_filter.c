
#include "ngx_http_commerce_hls_filter.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_hls_validators.h"


static ngx_int_t ngx_http_commerce_hls_header_filter(ngx_http_request_t *r);
static ngx_commerce_hls_outcome_e ngx_http_commerce_hls_look(
    ngx_http_request_t *r, ngx_http_commerce_hls_ctx_t *ctx);
static ngx_int_t ngx_http_commerce_hls_refuse(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx);
static ngx_int_t ngx_http_commerce_hls_send_header(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx);
static ngx_int_t ngx_http_commerce_hls_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_commerce_hls_subrequest(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_commerce_hls_pass_before(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_hls_outcome_e outcome);
static ngx_int_t ngx_http_commerce_hls_rewrite(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *in);
static void ngx_http_commerce_hls_json(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_hls_suspend(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *in);
static ngx_int_t ngx_http_commerce_hls_go_on(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_http_commerce_hls_pass(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_hls_outcome_e outcome,
    ngx_chain_t *in);
static ngx_int_t ngx_http_commerce_hls_send(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *b);
static void ngx_http_commerce_hls_consume(ngx_chain_t *in);
static void ngx_http_commerce_hls_outcome(ngx_http_request_t *r,
    ngx_commerce_hls_outcome_e outcome);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


static ngx_int_t
ngx_http_commerce_hls_header_filter(ngx_http_request_t *r)
{
    ngx_commerce_hls_outcome_e    outcome;
    ngx_http_commerce_hls_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_commerce_hls_filter_module);

    if (r != r->main) {

        if (ctx && ctx->state == NGX_HTTP_COMMERCE_HLS_COLLECTING) {
            r->filter_need_in_memory = 1;
        }

        return ngx_http_next_header_filter(r);
    }

    if (ctx == NULL || ctx->state != NGX_HTTP_COMMERCE_HLS_READY) {
        return ngx_http_next_header_filter(r);
    }

    if (r->headers_out.status != NGX_HTTP_OK || r->header_only) {
        ngx_http_commerce_hls_restore(r, &ctx->conditions);
        ctx->state = NGX_HTTP_COMMERCE_HLS_PASSING;
        return ngx_http_next_header_filter(r);
    }

    outcome = ngx_http_commerce_hls_look(r, ctx);

    if (outcome == NGX_COMMERCE_HLS_INJECTED) {
        ctx->state = NGX_HTTP_COMMERCE_HLS_COLLECTING;
        r->filter_need_in_memory = 1;
        return NGX_OK;
    }

    ngx_http_commerce_hls_outcome(r, outcome);

    if (ctx->part) {
        return ngx_http_commerce_hls_refuse(r, ctx);
    }

    return ngx_http_commerce_hls_send_header(r, ctx);
}


/* there is no clip: returns the status of an answer that passes the filters */

static ngx_int_t
ngx_http_commerce_hls_refuse(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx)
{
    ngx_http_commerce_hls_restore(r, &ctx->conditions);
    ctx->state = NGX_HTTP_COMMERCE_HLS_PASSING;

    ngx_http_commerce_set_reason(r, ctx->refused, NGX_LOG_INFO);

    return (ngx_int_t) ngx_http_commerce_refusal_status(ctx->refused);
}


/* what the response's header tells already */

static ngx_commerce_hls_outcome_e
ngx_http_commerce_hls_look(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx)
{
    ngx_table_elt_t                   *encoding;
    ngx_http_commerce_hls_loc_conf_t  *hlcf;

    if (!ctx->rewrites) {
        return NGX_COMMERCE_HLS_NO_ROOM;
    }

    encoding = r->headers_out.content_encoding;

    if (encoding && encoding->value.len) {
        return NGX_COMMERCE_HLS_ENCODED;
    }

    hlcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_hls_filter_module);

    if (r->headers_out.content_length_n > (off_t) hlcf->max_size) {
        return NGX_COMMERCE_HLS_TOO_LARGE;
    }

    return NGX_COMMERCE_HLS_INJECTED;
}


/*
 * Sends the header after the conditions were judged.  The state tells whether
 * a body is to follow: PASSING, or ANSWERED.
 */

static ngx_int_t
ngx_http_commerce_hls_send_header(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_uint_t    answered;
    ngx_chain_t   out;

    answered = 0;

    /* until now a subrequest for a part of the playlist had none of them */
    ngx_http_commerce_hls_restore(r, &ctx->conditions);

    if (ctx->rewrites) {
        /* else nothing was hidden, and nginx has judged them itself */
        answered = (ngx_http_commerce_hls_judge(r, &ctx->conditions)
                    != NGX_OK);
    }

    rc = ngx_http_next_header_filter(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        ctx->state = NGX_HTTP_COMMERCE_HLS_ANSWERED;
        return rc;
    }

    if (!answered) {
        ctx->state = NGX_HTTP_COMMERCE_HLS_PASSING;
        return rc;
    }

    ctx->state = NGX_HTTP_COMMERCE_HLS_ANSWERED;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->last_buf = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


static ngx_int_t
ngx_http_commerce_hls_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                          rc;
    ngx_http_commerce_hls_ctx_t       *ctx;
    ngx_http_commerce_hls_loc_conf_t  *hlcf;

    if (r != r->main) {
        return ngx_http_commerce_hls_subrequest(r, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_commerce_hls_filter_module);

    if (ctx == NULL
        || ctx->state < NGX_HTTP_COMMERCE_HLS_COLLECTING
        || ctx->state == NGX_HTTP_COMMERCE_HLS_PASSING)
    {
        return ngx_http_next_body_filter(r, in);
    }

    if (ctx->state == NGX_HTTP_COMMERCE_HLS_ANSWERED) {

        if (in == NULL) {
            /* what is left of the answer */
            return ngx_http_next_body_filter(r, NULL);
        }

        ngx_http_commerce_hls_consume(in);
        return NGX_OK;
    }

    if (ctx->state == NGX_HTTP_COMMERCE_HLS_COLLECTED) {
        return ngx_http_commerce_hls_go_on(r, ctx, in);
    }

    if (in == NULL) {
        return NGX_OK;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "commerce hls body filter");

    hlcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_hls_filter_module);

    if (ctx->buf == NULL && in->buf->last_buf && ngx_buf_in_memory(in->buf)
        && ngx_buf_size(in->buf) <= (off_t) hlcf->max_size)
    {
        /* all at once, as small files come */
        return ngx_http_commerce_hls_rewrite(r, ctx, in->buf);
    }

    rc = ngx_http_commerce_hls_collect(r, ctx, &in);

    switch (rc) {

    case NGX_OK:
        return ngx_http_commerce_hls_rewrite(r, ctx, ctx->buf);

    case NGX_AGAIN:
        return NGX_OK;

    case NGX_DECLINED:
        return ngx_http_commerce_hls_pass(r, ctx, NGX_COMMERCE_HLS_TOO_LARGE,
                                          in);

    default:
        return rc;
    }
}


/*
 * While the header is held, nothing may be sent below it.  What the active
 * subrequest brings is the playlist's next part, as of a slice; it is
 * collected.  With several at a time the order is the postpone filter's to
 * keep: then the playlist goes on as it came.
 */

static ngx_int_t
ngx_http_commerce_hls_subrequest(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                     rc;
    ngx_http_commerce_hls_ctx_t  *ctx;
    ngx_commerce_hls_outcome_e    outcome;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_commerce_hls_filter_module);

    if (ctx == NULL || r->background || r->subrequest_in_memory) {
        return ngx_http_next_body_filter(r, in);
    }

    if (ctx->state == NGX_HTTP_COMMERCE_HLS_COLLECTING) {

        outcome = NGX_COMMERCE_HLS_NOT_PARSED;

        if (r == r->connection->data) {
            rc = ngx_http_commerce_hls_collect(r, ctx, &in);

            if (rc != NGX_DECLINED) {
                return rc == NGX_AGAIN ? NGX_OK : rc;
            }

            outcome = NGX_COMMERCE_HLS_TOO_LARGE;
        }

        rc = ngx_http_commerce_hls_pass_before(r, ctx, outcome);

        if (rc == NGX_ERROR || rc > NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ctx->state == NGX_HTTP_COMMERCE_HLS_ANSWERED) {
        ngx_http_commerce_hls_consume(in);
        return NGX_OK;
    }

    return ngx_http_next_body_filter(r, in);
}


/*
 * Sends what is held of the main request, which comes before all of its
 * subrequests: for that it is the connection's active request.
 */

static ngx_int_t
ngx_http_commerce_hls_pass_before(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_hls_outcome_e outcome)
{
    void                          *active;
    ngx_int_t                      rc;
    ngx_http_postponed_request_t  *postponed;

    active = r->connection->data;
    postponed = r->main->postponed;

    r->connection->data = r->main;
    r->main->postponed = NULL;

    rc = ngx_http_commerce_hls_pass(r->main, ctx, outcome, NULL);

    r->connection->data = active;
    r->main->postponed = postponed;

    return rc;
}


static ngx_int_t
ngx_http_commerce_hls_rewrite(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *in)
{
    void                              *record;
    ngx_int_t                          rc;
    ngx_chain_t                        out;
    ngx_commerce_room_t               *room;
    ngx_commerce_hls_injection_t       injection;
    ngx_http_commerce_hls_loc_conf_t  *hlcf;
    ngx_http_commerce_hls_playlist_t   playlist;

    hlcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_hls_filter_module);

    record = ctx->room;

    if (record && r->upstream) {
        /* there may be more of it now: origins make blocking reloads wait */
        (void) ngx_commerce_store_peek(ngx_http_commerce_tenant(r),
                                       NGX_COMMERCE_ROOM, &ctx->room->name,
                                       &record);
    }

    room = record;

    injection.pool = r->pool;
    injection.text.data = in->pos;
    injection.text.len = in->last - in->pos;
    injection.hash = NULL;
    injection.serial = room ? ngx_commerce_store_serial(room) : 0;
    injection.offset = hlcf->offset;
    injection.dates = hlcf->dates;
    injection.attributes = hlcf->attributes;
    injection.delta = hlcf->delta;
    injection.clip = ctx->clip;
    injection.chapters = ctx->chapters;
    injection.refused = ctx->refused;
    injection.data = NULL;
    injection.ndata = 0;

    if (hlcf->data && !ctx->part) {
        injection.data = ngx_http_commerce_hls_data(r, hlcf->data);
        if (injection.data == NULL) {
            return NGX_ERROR;
        }

        injection.ndata = NGX_HTTP_COMMERCE_HLS_DATA;
    }

    if (ctx->file.text.data == in->pos
        && ctx->file.text.len == injection.text.len)
    {
        injection.hash = ctx->file.hash;
    }

    if (ngx_http_commerce_hls_clock_use(r, hlcf->clock, &injection)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_commerce_hls_write(r, ctx, room, &injection, &playlist);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_AGAIN) {
        return ngx_http_commerce_hls_suspend(r, ctx, in);
    }

    if (rc == NGX_DECLINED) {
        ctx->refused = injection.refused;

        if (in == ctx->buf) {
            return ngx_http_commerce_hls_pass(r, ctx, playlist.outcome, NULL);
        }

        out.buf = in;
        out.next = NULL;

        return ngx_http_commerce_hls_pass(r, ctx, playlist.outcome, &out);
    }

    in->pos = in->last;

    ctx->personal = (ctx->argument.len != 0);

    ngx_http_commerce_hls_outcome(r, playlist.outcome);

    if (ctx->chapters) {
        ngx_http_commerce_hls_json(r);
    }

    if (ngx_http_commerce_hls_validate(r, ngx_buf_size(playlist.buf),
                                       playlist.hash)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_commerce_hls_send(r, ctx, playlist.buf);
}


/* what was a playlist's type is that of its chapters */

static void
ngx_http_commerce_hls_json(ngx_http_request_t *r)
{
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.charset.len = 0;
}


/*
 * The whole playlist is there, but not all its cues: nginx keeps a request that
 * has something buffered, and calls its filters when it is written to.
 */

static ngx_int_t
ngx_http_commerce_hls_suspend(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *in)
{
    size_t  len;

    if (in != ctx->buf) {
        len = in->last - in->pos;

        ctx->buf = ngx_create_temp_buf(r->pool, ngx_max(len, 1));
        if (ctx->buf == NULL) {
            return NGX_ERROR;
        }

        ctx->buf->last = ngx_cpymem(ctx->buf->last, in->pos, len);
        ctx->buf->last_buf = 1;
        ctx->buf->last_in_chain = 1;

        in->pos = in->last;
    }

    ctx->state = NGX_HTTP_COMMERCE_HLS_COLLECTED;
    r->buffered |= NGX_HTTP_COMMERCE_HLS_BUFFERED;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_go_on(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_http_commerce_hls_consume(in);

    if (ctx->wait.pending) {
        return NGX_OK;
    }

    r->buffered &= ~NGX_HTTP_COMMERCE_HLS_BUFFERED;
    ctx->state = NGX_HTTP_COMMERCE_HLS_COLLECTING;

    return ngx_http_commerce_hls_rewrite(r, ctx, ctx->buf);
}


/*
 * Sends what was collected and in as they came, and what comes later.  Ranges
 * could only be had from the header filter on: they are not offered.
 */

static ngx_int_t
ngx_http_commerce_hls_pass(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_hls_outcome_e outcome,
    ngx_chain_t *in)
{
    ngx_int_t    rc;
    ngx_chain_t  out;

    ngx_http_commerce_hls_outcome(r, outcome);

    if (ctx->part) {
        /* who asks for a part must not take all for it */
        return ngx_http_filter_finalize_request(r,
                                     &ngx_http_commerce_hls_filter_module,
                                     ngx_http_commerce_hls_refuse(r, ctx));
    }

    ngx_http_clear_accept_ranges(r);

    rc = ngx_http_commerce_hls_send_header(r, ctx);

    if (ctx->state == NGX_HTTP_COMMERCE_HLS_ANSWERED) {
        ngx_http_commerce_hls_consume(in);
        return rc;
    }

    if (in && ngx_http_commerce_hls_writable(r, in->buf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->buf == NULL || ngx_buf_size(ctx->buf) == 0) {

        if (ctx->buf == NULL || !ctx->buf->last_buf) {
            return ngx_http_next_body_filter(r, in);
        }

        /* an empty last buffer has no memory */
        ctx->buf->temporary = 0;
    }

    out.buf = ctx->buf;
    out.next = in;

    return ngx_http_next_body_filter(r, &out);
}


static ngx_int_t
ngx_http_commerce_hls_send(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_buf_t *b)
{
    ngx_int_t    rc;
    ngx_chain_t  out;

    rc = ngx_http_commerce_hls_send_header(r, ctx);

    if (ctx->state == NGX_HTTP_COMMERCE_HLS_ANSWERED) {
        return rc;
    }

    if (ngx_http_commerce_hls_writable(r, b) != NGX_OK) {
        return NGX_ERROR;
    }

    /* what comes now is of filters that add to the playlist */

    out.buf = b;
    out.next = NULL;

    return ngx_http_next_body_filter(r, &out);
}


static void
ngx_http_commerce_hls_consume(ngx_chain_t *in)
{
    for ( /* void */ ; in; in = in->next) {

        in->buf->pos = in->buf->last;

        if (in->buf->in_file) {
            in->buf->file_pos = in->buf->file_last;
        }
    }
}


static void
ngx_http_commerce_hls_outcome(ngx_http_request_t *r,
    ngx_commerce_hls_outcome_e outcome)
{
    ngx_http_commerce_hls_main_conf_t  *hmcf;

    hmcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_commerce_hls_filter_module);

    ngx_http_commerce_hls_count(r, outcome, hmcf->told);
}


void
ngx_http_commerce_hls_filter_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_commerce_hls_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_commerce_hls_body_filter;
}
