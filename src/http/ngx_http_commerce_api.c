
/*
 * What the API answers, and the conditions that a request makes it depend on.
 *
 * Conditional requests (RFC 9110, 13).  A record's version is its tag.  Where
 * an answer has more in it than the record, as a room's counts, something
 * follows the version that changes with the answer.  Writes are about the
 * record: for them the version alone counts, and the script that writes is
 * who judges (see parts/condition.lua).
 */

#include "ngx_http_commerce_api.h"
#include "ngx_http_commerce_answer.h"


/* "VERSION" or "VERSION-HASH" */
#define NGX_HTTP_COMMERCE_API_TAG_LEN                                         \
    (sizeof("\"-01234567\"") - 1 + NGX_INT64_LEN)


static ngx_int_t ngx_http_commerce_api_condition(
    ngx_http_commerce_api_t *api, ngx_str_t *name, ngx_uint_t match,
    ngx_str_t *list);
static ngx_int_t ngx_http_commerce_api_join(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_http_commerce_api_tags(ngx_str_t *value,
    ngx_uint_t weak, ngx_uint_t whole, ngx_str_t *list);
static u_char *ngx_http_commerce_api_tag(u_char *p, u_char *last,
    ngx_str_t *tag);
static ngx_uint_t ngx_http_commerce_api_comparable(ngx_str_t *tag,
    ngx_uint_t whole);
static ngx_uint_t ngx_http_commerce_api_named(ngx_str_t *list, u_char *tag,
    size_t len);
static ngx_int_t ngx_http_commerce_api_not_modified(
    ngx_http_commerce_api_t *api);
static ngx_int_t ngx_http_commerce_api_problem(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, json_t *more, const char *fmt,
    va_list args);


ngx_int_t
ngx_http_commerce_api_read_conditions(ngx_http_commerce_api_t *api)
{
    ngx_int_t  rc;

    static ngx_str_t  match = ngx_string("If-Match");
    static ngx_str_t  none_match = ngx_string("If-None-Match");

    rc = ngx_http_commerce_api_condition(api, &match, 1, &api->match);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_commerce_api_condition(api, &none_match, 0,
                                             &api->none_match);
    }

    return rc;
}


/*
 * A header as scripts take it.  RFC 9110, 13.1.1: a weak tag matches nothing
 * where a write depends on it.
 */

static ngx_int_t
ngx_http_commerce_api_condition(ngx_http_commerce_api_t *api, ngx_str_t *name,
    ngx_uint_t match, ngx_str_t *list)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    rc = ngx_http_commerce_api_join(api->request, name, &value);

    if (rc == NGX_OK) {
        list->data = ngx_pnalloc(api->request->pool,
                                 value.len + sizeof(",,") - 1);

        rc = list->data ? ngx_http_commerce_api_tags(&value, !match,
                              !match && api->route->method == NGX_HTTP_GET,
                              list)
                        : NGX_ERROR;
    }

    switch (rc) {

    case NGX_OK:
        return NGX_DECLINED;

    case NGX_DECLINED:
        ngx_str_set(list, "");
        return NGX_DECLINED;

    case NGX_ABORT:
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "condition_wrong",
                                            "%V has to be * or tags as "
                                            "\"8\", with commas between them",
                                            name);

    default: /* NGX_ERROR */
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


/*
 * The values of all lines of a header, with commas between them (RFC 9110,
 * 5.3).  NGX_OK; NGX_DECLINED: there is none; NGX_ERROR.
 */

static ngx_int_t
ngx_http_commerce_api_join(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char           *p, *joined;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    ngx_str_null(value);

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (header[i].key.len != name->len
                || ngx_strncasecmp(header[i].key.data, name->data, name->len)
                   != 0)
            {
                continue;
            }

            if (value->data == NULL) {
                *value = header[i].value;
                continue;
            }

            joined = ngx_pnalloc(r->pool,
                                 value->len + 1 + header[i].value.len);
            if (joined == NULL) {
                return NGX_ERROR;
            }

            p = ngx_cpymem(joined, value->data, value->len);
            *p++ = ',';
            p = ngx_cpymem(p, header[i].value.data, header[i].value.len);

            value->data = joined;
            value->len = p - joined;
        }
    }

    return value->data ? NGX_OK : NGX_DECLINED;
}


/* NGX_OK; NGX_ABORT: that is no list of tags */

static ngx_int_t
ngx_http_commerce_api_tags(ngx_str_t *value, ngx_uint_t weak,
    ngx_uint_t whole, ngx_str_t *list)
{
    u_char     *p, *last, *out;
    ngx_str_t   tag;
    ngx_uint_t  is_weak;

    p = value->data;
    last = p + value->len;
    out = list->data;

    if (value->len == 1 && *p == '*') {
        *out = '*';
        list->len = 1;
        return NGX_OK;
    }

    *out++ = ',';

    while (p < last) {

        if (*p == ' ' || *p == '\t' || *p == ',') {
            p++;
            continue;
        }

        is_weak = (*p == 'W');

        p = ngx_http_commerce_api_tag(p, last, &tag);
        if (p == NULL) {
            return NGX_ABORT;
        }

        if ((weak || !is_weak)
            && ngx_http_commerce_api_comparable(&tag, whole))
        {
            out = ngx_cpymem(out, tag.data, tag.len);
            *out++ = ',';
        }
    }

    list->len = out - list->data;

    return NGX_OK;
}


/* where a tag ends, up to the next comma; or NULL (RFC 9110, 8.8.3) */

static u_char *
ngx_http_commerce_api_tag(u_char *p, u_char *last, ngx_str_t *tag)
{
    if (last - p > 2 && p[0] == 'W' && p[1] == '/') {
        p += 2;
    }

    if (*p != '"') {
        return NULL;
    }

    tag->data = ++p;

    while (p < last && *p != '"') {
        p++;
    }

    if (p == last) {
        return NULL;
    }

    tag->len = p++ - tag->data;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    return (p == last || *p == ',') ? p : NULL;
}


/*
 * 1 if the tag may be one of ours; nothing else gets among those that are
 * compared.  Unless the whole counts, what follows the version is cut off.
 */

static ngx_uint_t
ngx_http_commerce_api_comparable(ngx_str_t *tag, ngx_uint_t whole)
{
    size_t  i, len;

    len = 0;

    for (i = 0; i < tag->len; i++) {

        if (tag->data[i] == '-' && len == 0) {
            len = i;

        } else if (!((tag->data[i] >= '0' && tag->data[i] <= '9')
                     || (len && tag->data[i] >= 'a' && tag->data[i] <= 'f')))
        {
            return 0;
        }
    }

    if (len && !whole) {
        tag->len = len;
    }

    return tag->len != 0;
}


ngx_int_t
ngx_http_commerce_api_answer(ngx_http_commerce_api_t *api, ngx_uint_t status,
    json_t *json, int64_t version)
{
    u_char              *p, *end;
    ngx_str_t            text, tag;
    ngx_http_request_t  *r;

    static ngx_str_t  type = ngx_string("application/json");

    r = api->request;

    if (ngx_http_commerce_json_text(r->pool, json, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_pnalloc(r->pool, NGX_HTTP_COMMERCE_API_TAG_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    tag.data = p;
    end = p = ngx_sprintf(p, "\"%L", version);

    if (api->more) {
        p = ngx_sprintf(p, "-%08xD", ngx_crc32_long(text.data, text.len));
    }

    *p++ = '"';
    tag.len = p - tag.data;

    if (api->route->method == NGX_HTTP_GET && api->match.len
        && !ngx_http_commerce_api_named(&api->match, tag.data + 1,
                                        end - tag.data - 1))
    {
        return ngx_http_commerce_api_differs(api, version);
    }

    /*
     * Not as headers_out.etag: what is compressed on its way has the same
     * tag, so that a write can depend on it.
     */

    if (ngx_http_commerce_add_header(r, "ETag", &tag) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (api->route->method == NGX_HTTP_GET
        && ngx_http_commerce_api_named(&api->none_match, tag.data + 1,
                                       tag.len - 2))
    {
        return ngx_http_commerce_api_not_modified(api);
    }

    return ngx_http_commerce_send_json(r, status, &type, &text, 1);
}


static ngx_uint_t
ngx_http_commerce_api_named(ngx_str_t *list, u_char *tag, size_t len)
{
    u_char  *p, *last;

    if (list->len == 1 && list->data[0] == '*') {
        return 1;
    }

    last = list->data + list->len;

    for (p = list->data; p + len + 1 < last; p++) {
        if (*p == ',' && p[len + 1] == ','
            && ngx_memcmp(p + 1, tag, len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_commerce_api_not_modified(ngx_http_commerce_api_t *api)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    static ngx_str_t  value = ngx_string("no-store");

    r = api->request;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_commerce_add_header(r, "Cache-Control", &value) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = NGX_HTTP_NOT_MODIFIED;

    return ngx_http_send_header(r);
}


ngx_int_t
ngx_http_commerce_api_differs(ngx_http_commerce_api_t *api, int64_t version)
{
    json_t  *more;

    more = json_pack("{s:o}", "version", version < 0 ? json_null()
                                                     : json_integer(version));

    return ngx_http_commerce_api_refuse_with(api,
                                             NGX_HTTP_PRECONDITION_FAILED,
                                             "version_differs", more,
                                             "the condition does not hold; "
                                             "nothing was done");
}


/*
 * What the API says of a request that it refuses: once in the log, and to the
 * client as problem details.
 */

ngx_int_t
ngx_http_commerce_api_refuse(ngx_http_commerce_api_t *api, ngx_uint_t status,
    const char *reason, const char *fmt, ...)
{
    va_list    args;
    ngx_int_t  rc;

    va_start(args, fmt);
    rc = ngx_http_commerce_api_problem(api, status, reason, NULL, fmt, args);
    va_end(args);

    return rc;
}


ngx_int_t
ngx_http_commerce_api_refuse_with(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, json_t *more, const char *fmt, ...)
{
    va_list    args;
    ngx_int_t  rc;

    va_start(args, fmt);
    rc = ngx_http_commerce_api_problem(api, status, reason, more, fmt, args);
    va_end(args);

    return rc;
}


static ngx_int_t
ngx_http_commerce_api_problem(ngx_http_commerce_api_t *api, ngx_uint_t status,
    const char *reason, json_t *more, const char *fmt, va_list args)
{
    u_char     *last, detail[NGX_MAX_ERROR_STR], buf[NGX_MAX_ERROR_STR];
    ngx_str_t   text;

    last = ngx_vslprintf(detail, detail + sizeof(detail) - 1, fmt, args);

    *last = '\0';

    text = ngx_commerce_text_log((char *) detail, last - detail, buf,
                                 sizeof(buf));

    ngx_log_error(NGX_LOG_INFO, api->request->connection->log, 0,
                  "commerce_api refused a request: %s: %V", reason, &text);

    return ngx_http_commerce_problem(api->request, status, reason,
                                     (char *) detail, more);
}


ngx_int_t
ngx_http_commerce_api_unknown(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_resource_t *resource)
{
    return ngx_http_commerce_api_refuse(api, NGX_HTTP_NOT_FOUND,
                                        resource->unknown,
                                        "there is no such %V",
                                        &resource->name);
}
