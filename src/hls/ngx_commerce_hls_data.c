
#include "ngx_commerce_hls_data.h"
#include "ngx_commerce_hls_attribute.h"
#include "ngx_commerce_hls_playlist.h"


#define NGX_COMMERCE_HLS_DATA  "#EXT-X-SESSION-DATA:"


static ngx_uint_t ngx_commerce_hls_data_known(ngx_str_t *text, ngx_str_t *id);


ngx_uint_t
ngx_commerce_hls_data_valid(ngx_str_t *uri)
{
    size_t  i;

    for (i = 0; i < uri->len; i++) {

        if (uri->data[i] <= ' ' || uri->data[i] == '"'
            || uri->data[i] == 0x7f)
        {
            return 0;
        }
    }

    return 1;
}


size_t
ngx_commerce_hls_data_size(ngx_commerce_hls_data_t *data, ngx_uint_t n)
{
    size_t      size;
    ngx_uint_t  i;

    size = sizeof(CRLF) - 1;

    for (i = 0; i < n; i++) {
        size += sizeof(NGX_COMMERCE_HLS_DATA "DATA-ID=\"\",URI=\"\"" CRLF) - 1
                + data[i].id.len + data[i].uri.len;
    }

    return size;
}


u_char *
ngx_commerce_hls_data_write(u_char *p, ngx_str_t *text,
    ngx_commerce_hls_data_t *data, ngx_uint_t n)
{
    const char                 *eol;
    ngx_uint_t                  i;
    ngx_commerce_hls_reader_t   reader;

    (void) ngx_commerce_hls_open(&reader, text->data, text->len);

    p = ngx_cpymem(p, text->data, reader.pos - text->data);
    eol = reader.crlf ? CRLF : "\n";

    if (p[-1] != LF) {
        p = ngx_sprintf(p, "%s", eol);
    }

    for (i = 0; i < n; i++) {

        if (data[i].uri.len
            && !ngx_commerce_hls_data_known(text, &data[i].id))
        {
            p = ngx_sprintf(p, NGX_COMMERCE_HLS_DATA
                               "DATA-ID=\"%V\",URI=\"%V\"%s",
                            &data[i].id, &data[i].uri, eol);
        }
    }

    return ngx_cpymem(p, reader.pos, text->data + text->len - reader.pos);
}


static ngx_uint_t
ngx_commerce_hls_data_known(ngx_str_t *text, ngx_str_t *id)
{
    u_char                     *line, *eol;
    ngx_str_t                   value;
    ngx_commerce_hls_reader_t   reader;

    static ngx_str_t  name = ngx_string("DATA-ID");

    (void) ngx_commerce_hls_open(&reader, text->data, text->len);

    while (reader.pos < reader.last) {

        line = reader.pos;
        eol = ngx_commerce_hls_line(&reader);

        if ((size_t) (eol - line) > sizeof(NGX_COMMERCE_HLS_DATA)
            && ngx_memcmp(line, NGX_COMMERCE_HLS_DATA,
                          sizeof(NGX_COMMERCE_HLS_DATA) - 1)
               == 0
            && ngx_commerce_hls_attribute(line + sizeof(NGX_COMMERCE_HLS_DATA)
                                          - 1, eol, &name, &value)
               == NGX_OK
            && value.len == id->len
            && ngx_memcmp(value.data, id->data, id->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
