
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_hls_validators.h"


#define NGX_HTTP_COMMERCE_HLS_ETAG_LEN                                        \
    (sizeof("\"\"") - 1 + 2 * NGX_COMMERCE_HLS_HASH_LEN)


static void ngx_http_commerce_hls_clear_digests(ngx_http_request_t *r);


/* what an origin may say of its bytes (RFC 9530, RFC 1864) */

static ngx_str_t  ngx_http_commerce_hls_digests[] = {
    ngx_string("Content-Digest"),
    ngx_string("Repr-Digest"),
    ngx_string("Digest"),
    ngx_string("Content-MD5"),
    ngx_null_string
};


ngx_int_t
ngx_http_commerce_hls_validate(ngx_http_request_t *r, size_t len, u_char *hash)
{
    u_char                    *p;
    ngx_str_t                  etag;
    ngx_http_core_loc_conf_t  *clcf;

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    r->headers_out.content_length_n = len;

    if (r->upstream) {
        ngx_http_commerce_hls_clear_digests(r);
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!clcf->etag) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_COMMERCE_HLS_ETAG_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    etag.data = p;
    etag.len = NGX_HTTP_COMMERCE_HLS_ETAG_LEN;

    *p++ = '"';
    p = ngx_hex_dump(p, hash, NGX_COMMERCE_HLS_HASH_LEN);
    *p = '"';

    return ngx_http_commerce_set_etag(r, &etag);
}


static void
ngx_http_commerce_hls_clear_digests(ngx_http_request_t *r)
{
    ngx_str_t        *name;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &r->headers_out.headers.part; part; part = part->next) {

        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            for (name = ngx_http_commerce_hls_digests; name->len; name++) {

                if (header[i].key.len == name->len
                    && ngx_strncasecmp(header[i].key.data, name->data,
                                       name->len)
                       == 0)
                {
                    header[i].hash = 0;
                }
            }
        }
    }
}
