
/*
 * What is posted to enter: a code, and an id, as JSON or as a form does it.
 * None of it gets into an error's text.
 */

#include "ngx_http_commerce_enter.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_body.h"
#include "ngx_commerce_code.h"


static ngx_uint_t ngx_http_commerce_enter_body_foreign(ngx_http_request_t *r);
static ngx_str_t *ngx_http_commerce_enter_body_header(ngx_http_request_t *r,
    ngx_str_t *name);
static ngx_int_t ngx_http_commerce_enter_body_json(
    ngx_http_commerce_enter_t *enter, ngx_str_t *text);
static ngx_int_t ngx_http_commerce_enter_body_form(
    ngx_http_commerce_enter_t *enter, ngx_str_t *text);
static ngx_int_t ngx_http_commerce_enter_body_member(
    ngx_http_commerce_enter_t *enter, ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_http_commerce_enter_body_decode(ngx_pool_t *pool,
    u_char *start, u_char *end, ngx_str_t *text);
static ngx_int_t ngx_http_commerce_enter_body_check(
    ngx_http_commerce_enter_t *enter);
static ngx_int_t ngx_http_commerce_enter_body_too_large(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_enter_body_refuse(ngx_http_request_t *r,
    ngx_uint_t status, const char *reason, const char *detail);


ngx_int_t
ngx_http_commerce_enter_body_expect(ngx_http_request_t *r)
{
    ngx_uint_t  json;

    json = ngx_http_commerce_body_is(r, "application/json");

    /* for JSON a browser asks first, by a request that is the operator's */

    if (!json && ngx_http_commerce_enter_body_foreign(r)) {
        return ngx_http_commerce_enter_body_refuse(r, NGX_HTTP_FORBIDDEN,
                                                   "other_site",
                                                   "a page of another site "
                                                   "has to send JSON");
    }

    if (r->headers_in.content_length_n > NGX_HTTP_COMMERCE_ENTER_BODY_MAX) {
        return ngx_http_commerce_enter_body_too_large(r);
    }

    if (json
        || (r->headers_in.content_length_n <= 0 && !r->headers_in.chunked)
        || ngx_http_commerce_body_is(r, "application/x-www-form-urlencoded"))
    {
        return NGX_DECLINED;
    }

    return ngx_http_commerce_enter_body_refuse(r,
                                     NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                     "type_wrong",
                                     "Content-Type has to be application/json "
                                     "or application/x-www-form-urlencoded");
}


/*
 * 1 if the request comes from a page of another site.  Browsers say so; where
 * they don't, as without TLS, they name the page's origin at least.
 */

static ngx_uint_t
ngx_http_commerce_enter_body_foreign(ngx_http_request_t *r)
{
    u_char     *p, *last, *host;
    size_t      len;
    ngx_str_t  *value;

    static ngx_str_t  fetch_site = ngx_string("Sec-Fetch-Site");
    static ngx_str_t  origin = ngx_string("Origin");

    value = ngx_http_commerce_enter_body_header(r, &fetch_site);

    if (value) {
        return value->len == sizeof("cross-site") - 1
               && ngx_strncmp(value->data, "cross-site", value->len) == 0;
    }

    value = ngx_http_commerce_enter_body_header(r, &origin);

    if (value == NULL) {
        return 0;
    }

    last = value->data + value->len;
    p = ngx_strlcasestrn(value->data, last, (u_char *) "://", 3 - 1);

    if (p == NULL) {
        return 1;
    }

    host = p + 3;
    len = r->headers_in.server.len;

    return (size_t) (last - host) < len
           || ngx_strncasecmp(host, r->headers_in.server.data, len) != 0
           || (host + len < last && host[len] != ':');
}


static ngx_str_t *
ngx_http_commerce_enter_body_header(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (header[i].key.len == name->len
                && ngx_strncasecmp(header[i].key.data, name->data, name->len)
                   == 0)
            {
                return &header[i].value;
            }
        }
    }

    return NULL;
}


ngx_int_t
ngx_http_commerce_enter_body_read(ngx_http_commerce_enter_t *enter)
{
    ngx_int_t            rc;
    ngx_str_t            text;
    ngx_http_request_t  *r;

    r = enter->request;

    rc = ngx_http_commerce_body_collect(r, NGX_HTTP_COMMERCE_ENTER_BODY_MAX,
                                        &text);

    if (rc == NGX_DECLINED) {
        return ngx_http_commerce_enter_body_too_large(r);
    }

    if (rc != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (text.len == 0) {
        return NGX_DECLINED;
    }

    rc = ngx_http_commerce_body_is(r, "application/json")
         ? ngx_http_commerce_enter_body_json(enter, &text)
         : ngx_http_commerce_enter_body_form(enter, &text);

    return rc == NGX_DECLINED ? ngx_http_commerce_enter_body_check(enter) : rc;
}


static ngx_int_t
ngx_http_commerce_enter_body_json(ngx_http_commerce_enter_t *enter,
    ngx_str_t *text)
{
    json_t        *json, *value;
    ngx_int_t      rc;
    ngx_str_t      name, member, copy;
    const char    *key;
    json_error_t   error;

    json = json_loadb((char *) text->data, text->len,
                      JSON_REJECT_DUPLICATES|JSON_ALLOW_NUL, &error);

    if (!json_is_object(json)) {
        json_decref(json);
        return ngx_http_commerce_enter_body_refuse(enter->request,
                                                   NGX_HTTP_BAD_REQUEST,
                                                   "json_invalid",
                                                   "an object is expected, "
                                                   "with each member once");
    }

    rc = NGX_DECLINED;

    json_object_foreach(json, key, value) {
        name.data = (u_char *) key;
        name.len = ngx_strlen(key);

        if (!json_is_string(value)) {
            rc = ngx_http_commerce_enter_body_refuse(enter->request,
                                                     NGX_HTTP_BAD_REQUEST,
                                                     "field_wrong",
                                                     "members are texts");
            break;
        }

        member.data = (u_char *) json_string_value(value);
        member.len = json_string_length(value);

        copy.len = member.len;
        copy.data = ngx_pstrdup(enter->request->pool, &member);

        if (copy.data == NULL) {
            rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
            break;
        }

        rc = ngx_http_commerce_enter_body_member(enter, &name, &copy);
        if (rc != NGX_DECLINED) {
            break;
        }
    }

    json_decref(json);

    return rc;
}


static ngx_int_t
ngx_http_commerce_enter_body_form(ngx_http_commerce_enter_t *enter,
    ngx_str_t *text)
{
    u_char     *p, *end, *equals, *last;
    ngx_int_t   rc;
    ngx_str_t   name, value;

    last = text->data + text->len;

    for (p = text->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, '&');

        if (end == NULL) {
            end = last;
        }

        if (end == p) {
            continue;
        }

        equals = ngx_strlchr(p, end, '=');

        if (equals == NULL) {
            equals = end;
        }

        rc = ngx_http_commerce_enter_body_decode(enter->request->pool, p,
                                                 equals, &name);
        if (rc == NGX_OK) {
            rc = ngx_http_commerce_enter_body_decode(enter->request->pool,
                                                 ngx_min(equals + 1, end), end,
                                                 &value);
        }

        if (rc == NGX_ERROR) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        if (rc == NGX_DECLINED) {
            return ngx_http_commerce_enter_body_refuse(enter->request,
                                                   NGX_HTTP_BAD_REQUEST,
                                                   "form_invalid",
                                                   "a % has to be followed by "
                                                   "two hexadecimal digits");
        }

        rc = ngx_http_commerce_enter_body_member(enter, &name, &value);
        if (rc != NGX_DECLINED) {
            return rc;
        }
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_enter_body_member(ngx_http_commerce_enter_t *enter,
    ngx_str_t *name, ngx_str_t *value)
{
    ngx_str_t  *member;

    if (name->len == 4 && ngx_memcmp(name->data, "code", 4) == 0) {
        member = &enter->code;

    } else if (name->len == 2 && ngx_memcmp(name->data, "id", 2) == 0) {
        member = &enter->id;

    } else {
        return ngx_http_commerce_enter_body_refuse(enter->request,
                                                   NGX_HTTP_BAD_REQUEST,
                                                   "field_unknown",
                                                   "there are code and id");
    }

    if (member->data) {
        return ngx_http_commerce_enter_body_refuse(enter->request,
                                                   NGX_HTTP_BAD_REQUEST,
                                                   "field_wrong",
                                                   "a field is there twice");
    }

    *member = *value;

    return NGX_DECLINED;
}


/* NGX_OK; NGX_DECLINED: a '%' without two digits; NGX_ERROR */

static ngx_int_t
ngx_http_commerce_enter_body_decode(ngx_pool_t *pool, u_char *start,
    u_char *end, ngx_str_t *text)
{
    u_char     *p, *out;
    ngx_int_t   n;

    out = ngx_pnalloc(pool, end - start + 1);
    if (out == NULL) {
        return NGX_ERROR;
    }

    text->data = out;

    for (p = start; p < end; p++) {

        switch (*p) {

        case '+':
            *out++ = ' ';
            break;

        case '%':
            n = (end - p > 2) ? ngx_hextoi(p + 1, 2) : NGX_ERROR;

            if (n == NGX_ERROR) {
                return NGX_DECLINED;
            }

            *out++ = (u_char) n;
            p += 2;
            break;

        default:
            *out++ = *p;
        }
    }

    text->len = out - text->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_enter_body_check(ngx_http_commerce_enter_t *enter)
{
    if (enter->code.len > NGX_COMMERCE_CODE_MAX) {
        return ngx_http_commerce_enter_body_refuse(enter->request,
                                                   NGX_HTTP_BAD_REQUEST,
                                                   "field_wrong",
                                                   "a code has at most 64 "
                                                   "bytes");
    }

    if (enter->id.data
        && (enter->id.len < NGX_HTTP_COMMERCE_ENTER_ID_MIN
            || !ngx_commerce_name_valid(NGX_COMMERCE_HOST, &enter->id)))
    {
        return ngx_http_commerce_enter_body_refuse(enter->request,
                                                   NGX_HTTP_BAD_REQUEST,
                                                   "field_wrong",
                                                   "an id has to be 16 to 64 "
                                                   "of A-Z a-z 0-9 _ -");
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_commerce_enter_body_too_large(ngx_http_request_t *r)
{
    return ngx_http_commerce_enter_body_refuse(r,
                                          NGX_HTTP_REQUEST_ENTITY_TOO_LARGE,
                                          "body_too_large",
                                          "a body has at most 4096 bytes");
}


static ngx_int_t
ngx_http_commerce_enter_body_refuse(ngx_http_request_t *r, ngx_uint_t status,
    const char *reason, const char *detail)
{
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "commerce_enter refused a request: %s: %s", reason, detail);

    return ngx_http_commerce_problem(r, status, reason, detail, NULL);
}
