
/*
 * The bytes are the body of an API request, in one buffer or two.  It is
 * parsed and held against the fields of each resource; what it changes goes
 * back into JSON.
 */

/* links: src/core/ngx_commerce_login.c src/http/ngx_http_commerce_api_body.c src/http/ngx_http_commerce_body.c src/http/ngx_http_commerce_api_field.c src/http/ngx_http_commerce_json.c src/core/ngx_commerce_link.c src/core/ngx_commerce_record.c src/core/ngx_commerce_text.c src/core/ngx_commerce.c src/core/ngx_commerce_tenant.c src/core/ngx_commerce_token.c src/core/ngx_commerce_viewer.c */


#include "fuzz.h"
#include "ngx_http_commerce_api_body.h"
#include "ngx_http_commerce_api_field.h"


static ngx_commerce_stats_t  stats;


static ngx_commerce_tenant_t  tenant = {
    .name = ngx_string("default"),
    .log = &ngx_shim_log,
    .stats = &stats
};


static ngx_http_commerce_api_route_t  route = {
    .body = NGX_HTTP_COMMERCE_API_BODY
};


/* who tells how large a body may be, asks the location; 0: no limit of it */

ngx_module_t  ngx_http_core_module;

static ngx_http_core_loc_conf_t  location;

static void  *loc_conf[] = { &location };


static ngx_uint_t  refused;


/* a refusal instead of an answer: its text is made, and thrown away */

ngx_int_t
ngx_http_commerce_api_refuse(ngx_http_commerce_api_t *api, ngx_uint_t status,
    const char *reason, const char *fmt, ...)
{
    va_list  args;
    u_char  *last, detail[NGX_MAX_ERROR_STR];

    va_start(args, fmt);
    last = ngx_vslprintf(detail, detail + sizeof(detail) - 1, fmt, args);
    va_end(args);

    must(last > detail);
    must(status >= 400 && status < 500);
    must(ngx_commerce_text_clean(api->request->pool,
                                 &(ngx_str_t) { last - detail, detail }).data);

    refused++;

    return status;
}


/* no body is in a file, no name of a host is a regular expression */

ssize_t
ngx_read_file(ngx_file_t *file, u_char *buf, size_t size, off_t offset)
{
    abort();
}


ngx_int_t
ngx_regex_exec(ngx_regex_t *re, ngx_str_t *s, int *captures, ngx_uint_t size)
{
    abort();
}


static void
must_not_be_removed(ngx_http_commerce_api_changes_t *changes, ngx_str_t *name)
{
    ngx_str_t   *removed;
    ngx_uint_t   i;

    removed = changes->removed.elts;

    for (i = 0; i < changes->removed.nelts; i++) {
        must(removed[i].len != name->len
             || memcmp(removed[i].data, name->data, name->len) != 0);
    }
}


static void
must_be_json_again(ngx_http_commerce_api_field_t *fields,
    ngx_http_commerce_api_changes_t *changes)
{
    char                           *text;
    json_t                         *json;
    ngx_str_t                      *value;
    ngx_http_commerce_api_field_t  *field;

    for (field = fields; field->name.len; field++) {
        value = ngx_http_commerce_api_field_new_value(changes,
                                                   (char *) field->name.data);

        if (value == NULL) {
            continue;
        }

        must_not_be_removed(changes, &field->name);
        must(value->len <= NGX_COMMERCE_TEXT_MAX);

        json = ngx_http_commerce_api_field_json(field, value);
        must(json != NULL && json_typeof(json) == field->type->json);

        text = json_dumps(json, JSON_ENCODE_ANY);
        must(text != NULL);

        free(text);
        json_decref(json);
    }
}


static void
check_fields(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_field_t *fields)
{
    ngx_int_t                        rc;
    ngx_uint_t                       replace;
    ngx_http_commerce_api_changes_t  changes;

    for (replace = 0; replace < 2; replace++) {
        refused = 0;

        rc = ngx_http_commerce_api_field_read_changes(api, fields, replace,
                                                      &changes);
        must((rc == NGX_DECLINED) == !refused);

        if (rc == NGX_DECLINED) {
            must_be_json_again(fields, &changes);
        }
    }
}


/* two buffers of exact sizes */

static void
set_body(ngx_http_request_body_t *body, ngx_chain_t *chain, ngx_buf_t *bufs,
    const uint8_t *data, size_t size)
{
    size_t  half;

    half = size / 3;

    bufs[0].start = bufs[0].pos = fuzz_copy(data, half);
    bufs[0].last = bufs[0].pos + half;
    bufs[0].memory = 1;

    bufs[1].start = bufs[1].pos = fuzz_copy(data + half, size - half);
    bufs[1].last = bufs[1].pos + size - half;
    bufs[1].memory = 1;

    chain[0].buf = &bufs[0];
    chain[0].next = &chain[1];
    chain[1].buf = &bufs[1];
    chain[1].next = NULL;

    body->bufs = chain;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ngx_buf_t                 bufs[2];
    ngx_int_t                 rc;
    ngx_chain_t               chain[2];
    ngx_http_request_t        request;
    ngx_http_commerce_api_t   api;
    ngx_http_request_body_t   body;

    ngx_memzero(&api, sizeof(api));
    ngx_memzero(&request, sizeof(request));
    ngx_memzero(&body, sizeof(body));
    ngx_memzero(bufs, sizeof(bufs));

    set_body(&body, chain, bufs, data, size);

    request.pool = ngx_create_pool(4096, &ngx_shim_log);
    request.request_body = &body;
    request.loc_conf = loc_conf;
    ngx_str_set(&api.name, "demo");
    api.request = &request;
    api.tenant = &tenant;
    api.route = &route;

    refused = 0;
    rc = ngx_http_commerce_api_body_parse(&api);
    must((rc == NGX_DECLINED) == !refused);

    if (rc == NGX_DECLINED) {
        check_fields(&api, ngx_http_commerce_api_host.fields);
        check_fields(&api, ngx_http_commerce_api_product.fields);
        check_fields(&api, ngx_http_commerce_api_room.fields);
        check_fields(&api, ngx_http_commerce_api_shelf_fields);
        check_fields(&api, ngx_http_commerce_api_pin_fields);
    }

    json_decref(api.body);
    ngx_destroy_pool(request.pool);
    free(bufs[0].start);
    free(bufs[1].start);

    return 0;
}
