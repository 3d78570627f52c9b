
#include "ngx_http_commerce_hls_conditions.h"


static ngx_int_t ngx_http_commerce_hls_hide_list(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions);
static ngx_uint_t ngx_http_commerce_hls_failed(ngx_http_request_t *r,
    ngx_table_elt_t **headers);
static ngx_uint_t ngx_http_commerce_hls_unchanged(ngx_http_request_t *r,
    ngx_table_elt_t **headers);
static ngx_uint_t ngx_http_commerce_hls_match(ngx_http_request_t *r,
    ngx_table_elt_t *header, ngx_uint_t weak);
static void ngx_http_commerce_hls_strip(ngx_str_t *etag);


/* where the request keeps each condition */

static size_t  ngx_http_commerce_hls_offsets[] = {
    [NGX_HTTP_COMMERCE_HLS_IF_MATCH] =
        offsetof(ngx_http_headers_in_t, if_match),
    [NGX_HTTP_COMMERCE_HLS_IF_UNMODIFIED_SINCE] =
        offsetof(ngx_http_headers_in_t, if_unmodified_since),
    [NGX_HTTP_COMMERCE_HLS_IF_NONE_MATCH] =
        offsetof(ngx_http_headers_in_t, if_none_match),
    [NGX_HTTP_COMMERCE_HLS_IF_MODIFIED_SINCE] =
        offsetof(ngx_http_headers_in_t, if_modified_since),
    [NGX_HTTP_COMMERCE_HLS_RANGE] =
        offsetof(ngx_http_headers_in_t, range),
    [NGX_HTTP_COMMERCE_HLS_IF_RANGE] =
        offsetof(ngx_http_headers_in_t, if_range),
#if (NGX_HTTP_GZIP)
    [NGX_HTTP_COMMERCE_HLS_ACCEPT_ENCODING] =
        offsetof(ngx_http_headers_in_t, accept_encoding)
#endif
};


#define ngx_http_commerce_hls_header(r, i)                                    \
    (*(ngx_table_elt_t **) ((u_char *) &(r)->headers_in                       \
                            + ngx_http_commerce_hls_offsets[i]))


ngx_int_t
ngx_http_commerce_hls_hide(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions)
{
    ngx_uint_t  i, n;

    n = 0;

    for (i = 0; i < NGX_HTTP_COMMERCE_HLS_CONDITIONS; i++) {
        conditions->headers[i] = ngx_http_commerce_hls_header(r, i);

        if (conditions->headers[i]) {
            ngx_http_commerce_hls_header(r, i) = NULL;
            n++;
        }
    }

    conditions->hidden = (n != 0);

    if (n && r->content_handler
        && ngx_http_commerce_hls_hide_list(r, conditions) != NGX_OK)
    {
        ngx_http_commerce_hls_restore(r, conditions);
        return NGX_ERROR;
    }

    if (r->method == NGX_HTTP_HEAD) {

        /* Content-Length and ETag are those of the body, so it is needed */

        conditions->method_name = r->method_name;
        r->method_name = ngx_http_core_get_method;
    }

    return NGX_OK;
}


/*
 * A new list, as there is no way to mark a header so that none of the modules
 * that talk to origins passes it on.  What serves files reads no list.
 */

static ngx_int_t
ngx_http_commerce_hls_hide_list(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions)
{
    ngx_uint_t        i, k;
    ngx_list_t        list;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *h;

    if (ngx_list_init(&list, r->pool, 16, sizeof(ngx_table_elt_t)) != NGX_OK) {
        return NGX_ERROR;
    }

    conditions->list = r->headers_in.headers;
    r->headers_in.headers = list;
    r->headers_in.headers.last = &r->headers_in.headers.part;

    conditions->replaced = 1;

    for (part = &conditions->list.part; part; part = part->next) {

        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            for (k = 0; k < NGX_HTTP_COMMERCE_HLS_CONDITIONS; k++) {
                if (&header[i] == conditions->headers[k]) {
                    break;
                }
            }

            if (k < NGX_HTTP_COMMERCE_HLS_CONDITIONS) {
                continue;
            }

            h = ngx_list_push(&r->headers_in.headers);
            if (h == NULL) {
                return NGX_ERROR;
            }

            *h = header[i];
        }
    }

    return NGX_OK;
}


void
ngx_http_commerce_hls_restore(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions)
{
    ngx_uint_t  i;

    if (conditions->replaced) {

        /* the list may point into itself, and is back where it was */
        r->headers_in.headers = conditions->list;

        conditions->replaced = 0;
    }

    if (conditions->hidden) {

        for (i = 0; i < NGX_HTTP_COMMERCE_HLS_CONDITIONS; i++) {
            ngx_http_commerce_hls_header(r, i) = conditions->headers[i];
        }

#if (NGX_HTTP_GZIP)
        /* whoever has asked meanwhile was told that the viewer takes none */
        r->gzip_tested = 0;
        r->gzip_ok = 0;
#endif

        conditions->hidden = 0;
    }

    if (conditions->method_name.len) {
        r->method_name = conditions->method_name;
        conditions->method_name.len = 0;
    }
}


ngx_int_t
ngx_http_commerce_hls_judge(ngx_http_request_t *r,
    ngx_http_commerce_hls_conditions_t *conditions)
{
    if (ngx_http_commerce_hls_failed(r, conditions->headers)) {

        r->headers_out.status = NGX_HTTP_PRECONDITION_FAILED;
        r->headers_out.content_type_len = 0;

        ngx_http_clear_last_modified(r);
        ngx_http_clear_etag(r);

    } else if (ngx_http_commerce_hls_unchanged(r, conditions->headers)) {

        r->headers_out.status = NGX_HTTP_NOT_MODIFIED;

    } else {
        return NGX_OK;
    }

    r->headers_out.status_line.len = 0;
    r->headers_out.content_type.len = 0;

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);

    if (r->headers_out.content_encoding) {
        r->headers_out.content_encoding->hash = 0;
        r->headers_out.content_encoding = NULL;
    }

    if (r->headers_out.status == NGX_HTTP_PRECONDITION_FAILED) {
        r->headers_out.content_length_n = 0;
    }

    return NGX_DONE;
}


static ngx_uint_t
ngx_http_commerce_hls_failed(ngx_http_request_t *r, ngx_table_elt_t **headers)
{
    time_t            time;
    ngx_table_elt_t  *match, *since;

    match = headers[NGX_HTTP_COMMERCE_HLS_IF_MATCH];
    since = headers[NGX_HTTP_COMMERCE_HLS_IF_UNMODIFIED_SINCE];

    if (match) {
        return !ngx_http_commerce_hls_match(r, match, 0);
    }

    if (since == NULL || r->headers_out.last_modified_time == -1) {
        return 0;
    }

    time = ngx_parse_http_time(since->value.data, since->value.len);

    return time != NGX_ERROR && time < r->headers_out.last_modified_time;
}


static ngx_uint_t
ngx_http_commerce_hls_unchanged(ngx_http_request_t *r,
    ngx_table_elt_t **headers)
{
    time_t                     time;
    ngx_table_elt_t           *match, *since;
    ngx_http_core_loc_conf_t  *clcf;

    match = headers[NGX_HTTP_COMMERCE_HLS_IF_NONE_MATCH];
    since = headers[NGX_HTTP_COMMERCE_HLS_IF_MODIFIED_SINCE];

    if (match) {
        return ngx_http_commerce_hls_match(r, match, 1);
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (since == NULL
        || r->headers_out.last_modified_time == -1
        || clcf->if_modified_since == NGX_HTTP_IMS_OFF)
    {
        return 0;
    }

    time = ngx_parse_http_time(since->value.data, since->value.len);

    if (clcf->if_modified_since == NGX_HTTP_IMS_EXACT) {
        return time == r->headers_out.last_modified_time;
    }

    return time >= r->headers_out.last_modified_time;
}


/* is the response's ETag in the header's list (RFC 9110 8.8.3.2)? */

static ngx_uint_t
ngx_http_commerce_hls_match(ngx_http_request_t *r, ngx_table_elt_t *header,
    ngx_uint_t weak)
{
    u_char     *p, *last;
    ngx_str_t   etag, entry;

    if (header->value.len == 1 && header->value.data[0] == '*') {
        return 1;
    }

    if (r->headers_out.etag == NULL) {
        return 0;
    }

    etag = r->headers_out.etag->value;

    if (weak) {
        ngx_http_commerce_hls_strip(&etag);

    } else if (etag.len && etag.data[0] == 'W') {
        return 0;
    }

    p = header->value.data;
    last = p + header->value.len;

    while (p < last) {

        while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
            p++;
        }

        entry.data = p;

        while (p < last && *p != ',') {

            if (*p++ == '"') {
                /* a comma may stand inside of quotes */
                p = ngx_strlchr(p, last, '"');
                p = p ? p + 1 : last;
            }
        }

        entry.len = p - entry.data;

        while (entry.len && (entry.data[entry.len - 1] == ' '
                             || entry.data[entry.len - 1] == '\t'))
        {
            entry.len--;
        }

        if (weak) {
            ngx_http_commerce_hls_strip(&entry);
        }

        if (entry.len == etag.len
            && ngx_memcmp(entry.data, etag.data, etag.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_commerce_hls_strip(ngx_str_t *etag)
{
    if (etag->len > 2 && etag->data[0] == 'W' && etag->data[1] == '/') {
        etag->data += 2;
        etag->len -= 2;
    }
}
