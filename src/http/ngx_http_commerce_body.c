
#include "ngx_http_commerce_body.h"


ngx_int_t
ngx_http_commerce_body_collect(ngx_http_request_t *r, size_t max,
    ngx_str_t *text)
{
    off_t         size;
    u_char       *p;
    ssize_t       n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = r->request_body ? r->request_body->bufs : NULL;
         cl;
         cl = cl->next)
    {
        size += ngx_buf_size(cl->buf);
    }

    if (size > (off_t) max) {
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, size + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = size;

    for (cl = r->request_body ? r->request_body->bufs : NULL;
         cl;
         cl = cl->next)
    {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            p = ngx_cpymem(p, b->pos, b->last - b->pos);

        } else if (b->in_file) {
            n = ngx_read_file(b->file, p, b->file_last - b->file_pos,
                              b->file_pos);

            if (n != b->file_last - b->file_pos) {
                return NGX_ERROR;
            }

            p += n;
        }

        /* else it only marks the end of a chunked body */
    }

    *p = '\0';

    return NGX_OK;
}


ngx_uint_t
ngx_http_commerce_body_is(ngx_http_request_t *r, const char *type)
{
    u_char           *p, *last;
    size_t            len;
    ngx_table_elt_t  *h;

    h = r->headers_in.content_type;

    if (h == NULL) {
        return 0;
    }

    p = h->value.data;
    last = ngx_strlchr(p, p + h->value.len, ';');

    if (last == NULL) {
        last = p + h->value.len;
    }

    while (last > p && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    len = ngx_strlen(type);

    return (size_t) (last - p) == len
           && ngx_strncasecmp(p, (u_char *) type, len) == 0;
}
