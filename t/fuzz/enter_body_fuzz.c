
/*
 * The bytes are what is posted to enter a room, in one buffer: as JSON if the
 * first is even, else as a form.  What is read is a code and an id that may be
 * used, or else it was refused.
 */

/* links: src/http/ngx_http_commerce_enter_body.c src/http/ngx_http_commerce_body.c src/core/ngx_commerce_code.c src/core/ngx_commerce_viewer.c src/core/ngx_commerce_claims.c src/core/ngx_commerce_token.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c */


#include "fuzz.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_enter.h"
#include "ngx_commerce_code.h"


static ngx_str_t  secret = ngx_string("0123456789abcdef0123456789abcdef");
static ngx_str_t  room = ngx_string("demo");

static ngx_uint_t  refused;


/* none of what was posted is in a refusal: it is static */

ngx_int_t
ngx_http_commerce_problem(ngx_http_request_t *r, ngx_uint_t status,
    const char *reason, const char *detail, json_t *more)
{
    must(status >= 400 && status < 500);
    must(reason && detail && more == NULL);

    refused++;

    return status;
}


/* no body is in a file */

ssize_t
ngx_read_file(ngx_file_t *file, u_char *buf, size_t size, off_t offset)
{
    abort();
}


static void
check(ngx_http_commerce_enter_t *enter)
{
    u_char  out[NGX_COMMERCE_VIEWER_ANONYMOUS];

    must(enter->code.len <= NGX_COMMERCE_CODE_MAX);
    must(enter->code.len == 0
         || ngx_commerce_code_name(&secret, &room, &enter->code, out)
            == NGX_OK);

    if (enter->id.len) {
        must(enter->id.len >= NGX_HTTP_COMMERCE_ENTER_ID_MIN);
        must(ngx_commerce_name_valid(NGX_COMMERCE_HOST, &enter->id));
        must(ngx_commerce_code_subject(&secret, &room, &enter->id, out)
             == NGX_OK);
        must(ngx_commerce_viewer_valid(&(ngx_str_t) { sizeof(out), out }));
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_buf_t                  buf;
    ngx_int_t                  rc;
    ngx_chain_t                chain;
    ngx_connection_t           connection;
    ngx_table_elt_t            type;
    ngx_http_request_t         request;
    ngx_http_request_body_t    body;
    ngx_http_commerce_enter_t  enter;

    if (size == 0) {
        return 0;
    }

    ngx_memzero(&enter, sizeof(enter));
    ngx_memzero(&request, sizeof(request));
    ngx_memzero(&connection, sizeof(connection));
    ngx_memzero(&body, sizeof(body));
    ngx_memzero(&buf, sizeof(buf));
    ngx_memzero(&type, sizeof(type));

    if (data[0] % 2) {
        ngx_str_set(&type.value, "application/x-www-form-urlencoded");
    } else {
        ngx_str_set(&type.value, "application/json; charset=utf-8");
    }

    buf.start = buf.pos = fuzz_copy(data + 1, size - 1);
    buf.last = buf.pos + size - 1;
    buf.memory = 1;

    chain.buf = &buf;
    chain.next = NULL;
    body.bufs = &chain;

    connection.log = &ngx_shim_log;
    request.connection = &connection;
    request.pool = ngx_create_pool(4096, &ngx_shim_log);
    request.request_body = &body;
    request.headers_in.content_type = &type;
    enter.request = &request;

    refused = 0;
    rc = ngx_http_commerce_enter_body_read(&enter);
    must((rc == NGX_DECLINED) == !refused);

    if (rc == NGX_DECLINED) {
        check(&enter);
    }

    ngx_destroy_pool(request.pool);
    free(buf.start);

    return 0;
}
