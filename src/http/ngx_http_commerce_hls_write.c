
#include "ngx_http_commerce_hls_filter.h"
#include "ngx_http_commerce_hls_hours.h"
#include "ngx_http_commerce_args.h"
#include "ngx_commerce_hls_chapters.h"
#include "ngx_commerce_hls_clip.h"
#include "ngx_commerce_link.h"


static ngx_int_t ngx_http_commerce_hls_make(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_output_t *output);
static ngx_int_t ngx_http_commerce_hls_cues(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection,
    ngx_commerce_hls_output_t *output);
static ngx_int_t ngx_http_commerce_hls_tell_data(ngx_http_request_t *r,
    ngx_commerce_hls_injection_t *injection, ngx_str_t *text);
static ngx_int_t ngx_http_commerce_hls_find_places(ngx_http_request_t *r,
    ngx_commerce_hls_output_t *output);
static ngx_buf_t *ngx_http_commerce_hls_shared(ngx_http_request_t *r,
    ngx_commerce_hls_output_t *kept, ngx_commerce_hls_output_t *made,
    u_char *hash);
static ngx_buf_t *ngx_http_commerce_hls_personal(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_hls_output_t *output,
    u_char *hash);
static ngx_uint_t ngx_http_commerce_hls_token_host(void *data,
    ngx_str_t *host);
static ngx_buf_t *ngx_http_commerce_hls_buf(ngx_http_request_t *r,
    size_t size);


static ngx_str_t  ngx_http_commerce_hls_argument =
    ngx_string(NGX_HTTP_COMMERCE_ARGS_VIEWER);


ngx_int_t
ngx_http_commerce_hls_write(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection,
    ngx_http_commerce_hls_playlist_t *playlist)
{
    ngx_int_t                           rc;
    ngx_commerce_hls_output_t          *kept, made;
    ngx_http_commerce_hls_main_conf_t  *hmcf;

    hmcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_commerce_hls_filter_module);

    injection->tokens = (ctx->argument.len != 0);

    kept = ngx_commerce_hls_cache_find(hmcf->cache, injection);

    if (kept && kept->nhours
        && !ngx_http_commerce_hls_hours_same(r, room, kept))
    {
        kept = NULL;
    }

    if (kept == NULL) {
        rc = ngx_http_commerce_hls_make(r, ctx, room, injection, &made);

        if (rc != NGX_OK) {
            playlist->outcome = made.outcome;
            return rc;
        }

        kept = ngx_commerce_hls_cache_add(hmcf->cache, injection, &made);
    }

    playlist->outcome = kept ? kept->outcome : made.outcome;

    if (ctx->argument.len) {
        playlist->buf = ngx_http_commerce_hls_personal(r, ctx,
                                                       kept ? kept : &made,
                                                       playlist->hash);

    } else {
        playlist->buf = ngx_http_commerce_hls_shared(r, kept, &made,
                                                     playlist->hash);
    }

    return playlist->buf ? NGX_OK : NGX_ERROR;
}


/* what was written is not copied, but held */

static ngx_buf_t *
ngx_http_commerce_hls_shared(ngx_http_request_t *r,
    ngx_commerce_hls_output_t *kept, ngx_commerce_hls_output_t *made,
    u_char *hash)
{
    ngx_buf_t                  *b;
    ngx_commerce_hls_output_t  *output;

    output = made;

    if (kept) {
        output = kept;

        if (ngx_commerce_hls_cache_hold(kept, r->pool) != NGX_OK) {
            return NULL;
        }
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NULL;
    }

    b->pos = output->text.data;
    b->last = b->pos + output->text.len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    ngx_memcpy(hash, output->hash, NGX_COMMERCE_HLS_HASH_LEN);

    return b;
}


ngx_int_t
ngx_http_commerce_hls_writable(ngx_http_request_t *r, ngx_buf_t *b)
{
    size_t   size;
    u_char  *p;

    if (!r->filter_need_temporary || !b->memory || b->pos == b->last) {
        return NGX_OK;
    }

    size = b->last - b->pos;

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_cpymem(p, b->pos, size);
    b->pos = p;
    b->memory = 0;
    b->temporary = 1;

    return NGX_OK;
}


/* as ngx_http_commerce_hls_write(), for whoever has the same playlist */

static ngx_int_t
ngx_http_commerce_hls_make(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection, ngx_commerce_hls_output_t *output)
{
    ngx_int_t  rc;

    ngx_memzero(output, sizeof(ngx_commerce_hls_output_t));

    injection->outcome = NGX_COMMERCE_HLS_NO_ROOM;

    rc = room ? ngx_http_commerce_hls_cues(r, ctx, room, injection, output)
              : NGX_DECLINED;

    output->outcome = injection->outcome;

    if (rc == NGX_DECLINED
        && injection->outcome == NGX_COMMERCE_HLS_MULTIVARIANT
        && injection->ndata && injection->timeline.reader.multivariant)
    {
        rc = ngx_http_commerce_hls_tell_data(r, injection, &output->text);

    } else if (rc == NGX_DECLINED && injection->tokens && !ctx->part) {
        output->text = injection->text;
        rc = NGX_OK;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (injection->tokens) {
        rc = ngx_http_commerce_hls_find_places(r, output);

        if (rc != NGX_OK) {
            output->outcome = NGX_COMMERCE_HLS_NOT_PARSED;
            return rc;
        }
    }

    ngx_commerce_hls_hash(&output->text, output->hash);

    return NGX_OK;
}


/* NGX_OK: the text has the room's cues; NGX_AGAIN, NGX_DECLINED or NGX_ERROR */

static ngx_int_t
ngx_http_commerce_hls_cues(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_room_t *room,
    ngx_commerce_hls_injection_t *injection, ngx_commerce_hls_output_t *output)
{
    size_t      size;
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   text;

    rc = ngx_commerce_hls_prepare(injection);

    if (rc != NGX_OK) {
        return rc;
    }

    injection->room = room->name;

    if (injection->dates) {
        injection->ncues = 0;
        injection->periods = room->periods;
        injection->nperiods = room->nperiods;

        rc = NGX_OK;

    } else {
        rc = ngx_http_commerce_hls_hours(r, ctx, room, injection, output);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_commerce_hls_plan(injection) != NGX_OK) {
        return NGX_ERROR;
    }

    text = injection->text;

    if (injection->clip.len) {
        rc = ngx_commerce_hls_clip(injection);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    size = injection->chapters ? ngx_commerce_hls_chapters_size(injection)
                               : injection->size;

    p = ngx_pnalloc(r->pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    output->text.data = p;

    p = injection->chapters ? ngx_commerce_hls_chapters_write(injection, p)
                            : ngx_commerce_hls_inject(injection, p);

    output->text.len = p - output->text.data;

    /* a clip is kept by what it was made of */
    injection->text = text;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_tell_data(ngx_http_request_t *r,
    ngx_commerce_hls_injection_t *injection, ngx_str_t *text)
{
    text->data = ngx_pnalloc(r->pool, injection->text.len
                             + ngx_commerce_hls_data_size(injection->data,
                                                          injection->ndata));
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    text->len = ngx_commerce_hls_data_write(text->data, &injection->text,
                                            injection->data, injection->ndata)
                - text->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_find_places(ngx_http_request_t *r,
    ngx_commerce_hls_output_t *output)
{
    ngx_int_t     rc;
    ngx_array_t   places;

    if (ngx_array_init(&places, r->pool, 64, sizeof(ngx_commerce_hls_place_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_commerce_hls_token_find(&output->text,
                                     &ngx_http_commerce_hls_argument, &places);

    output->places = places.elts;
    output->nplaces = places.nelts;

    return rc;
}


static ngx_buf_t *
ngx_http_commerce_hls_personal(ngx_http_request_t *r,
    ngx_http_commerce_hls_ctx_t *ctx, ngx_commerce_hls_output_t *output,
    u_char *hash)
{
    u_char                            *p;
    ngx_buf_t                         *b;
    ngx_str_t                          made_of;
    ngx_commerce_hls_token_t           token;
    ngx_http_commerce_hls_loc_conf_t  *hlcf;

    hlcf = ngx_http_get_module_loc_conf(r, ngx_http_commerce_hls_filter_module);

    ngx_memzero(&token, sizeof(ngx_commerce_hls_token_t));

    token.argument = ctx->argument;
    token.scheme = NGX_COMMERCE_HLS_SCHEME_HTTP;

#if (NGX_HTTP_SSL)

    if (r->connection->ssl) {
        token.scheme = NGX_COMMERCE_HLS_SCHEME_HTTPS;
    }

#endif

    if (r->headers_in.host) {
        token.host = r->headers_in.host->value;
    }

    if (hlcf->token_hosts) {
        token.allowed = ngx_http_commerce_hls_token_host;
        token.data = hlcf->token_hosts;
    }

    b = ngx_http_commerce_hls_buf(r, ngx_commerce_hls_token_size(&token,
                                          &output->text, output->nplaces));
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_commerce_hls_token_write(&token, &output->text,
                                           output->places, output->nplaces,
                                           b->pos);

    /* what it is made of tells as much of it as all of its bytes */

    made_of.len = NGX_COMMERCE_HLS_HASH_LEN + ctx->argument.len;
    made_of.data = ngx_pnalloc(r->pool, made_of.len);
    if (made_of.data == NULL) {
        return NULL;
    }

    p = ngx_cpymem(made_of.data, output->hash, NGX_COMMERCE_HLS_HASH_LEN);
    ngx_memcpy(p, ctx->argument.data, ctx->argument.len);

    ngx_commerce_hls_hash(&made_of, hash);

    return b;
}


static ngx_uint_t
ngx_http_commerce_hls_token_host(void *data, ngx_str_t *host)
{
    return ngx_commerce_link_host_named(data, host);
}


/* for all of the body */

static ngx_buf_t *
ngx_http_commerce_hls_buf(ngx_http_request_t *r, size_t size)
{
    ngx_buf_t  *b;

    b = ngx_create_temp_buf(r->pool, size);

    if (b) {
        b->last_buf = 1;
        b->last_in_chain = 1;
    }

    return b;
}
