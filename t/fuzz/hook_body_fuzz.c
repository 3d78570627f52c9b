
/*
 * The first byte says who asks, the rest is the body.  What is read of it lies
 * in the body or in the pool, and a room that is decided about has a name.
 */

/* links: src/http/ngx_http_commerce_auth_body.c */


#include "fuzz.h"
#include "ngx_shim.h"
#include "ngx_http_commerce_auth_body.h"


static void
must_be_readable(ngx_str_t *text)
{
    size_t           i;
    volatile u_char  c;

    must(text->len == 0 || text->data != NULL);

    for (i = 0; i < text->len; i++) {
        c = text->data[i];
        (void) c;
    }
}


/* what a client appends to a form changes neither who he is nor what he asks */

static void
must_not_be_overruled(ngx_http_commerce_auth_asked_t *asked, ngx_str_t *body,
    ngx_pool_t *pool)
{
    u_char                          *text;
    ngx_int_t                        rc;
    ngx_str_t                        longer;
    const char                      *wrong;
    ngx_http_commerce_auth_asked_t   again;

    static const char  more[] = "&name=other&call=publish";

    text = malloc(body->len + sizeof(more));
    memcpy(text, body->data, body->len);
    memcpy(text + body->len, more, sizeof(more));

    longer.data = text;
    longer.len = body->len + sizeof(more) - 1;

    rc = ngx_http_commerce_auth_body_read(NGX_HTTP_COMMERCE_AUTH_NGINX_RTMP,
                                          &longer, pool, &again, &wrong);

    must(rc == NGX_DECLINED || asked->told || asked->url.stream.len == 0
         || (again.url.stream.len == asked->url.stream.len
             && memcmp(again.url.stream.data, asked->url.stream.data,
                       again.url.stream.len) == 0));

    free(text);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_int_t                        rc;
    ngx_str_t                        body, value;
    ngx_pool_t                      *pool;
    const char                      *wrong;
    ngx_http_commerce_auth_form_e    form;
    ngx_http_commerce_auth_asked_t   asked;

    if (size == 0) {
        return 0;
    }

    form = data[0] % NGX_HTTP_COMMERCE_AUTH_REQUEST;

    body.len = size - 1;
    body.data = malloc(size);
    memcpy(body.data, data + 1, size - 1);
    body.data[size - 1] = '\0';

    pool = ngx_create_pool(4096, &ngx_shim_log);
    wrong = NULL;

    rc = ngx_http_commerce_auth_body_read(form, &body, pool, &asked, &wrong);

    must(rc == NGX_OK || (rc == NGX_DECLINED && wrong));

    if (rc == NGX_OK && !asked.told) {
        must(asked.action == NGX_COMMERCE_ACTION_PUBLISH
             || asked.action == NGX_COMMERCE_ACTION_VIEW);

        must_be_readable(&asked.url.app);
        must_be_readable(&asked.url.stream);
        must_be_readable(&asked.url.args);
        must_be_readable(&asked.server_args);
        must_be_readable(&asked.credentials[0]);
        must_be_readable(&asked.credentials[1]);

        if (ngx_http_commerce_auth_body_arg(&asked.url.args, "key", &value)) {
            must_be_readable(&value);
        }

        if (form == NGX_HTTP_COMMERCE_AUTH_NGINX_RTMP) {
            must_not_be_overruled(&asked, &body, pool);
        }
    }

    ngx_destroy_pool(pool);
    free(body.data);

    return 0;
}
