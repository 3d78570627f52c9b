
#include "ngx_http_commerce_api.h"
#include "ngx_http_commerce_answer.h"


/* hosts/{host}, rooms/{room}/shelf/{product}, … */

typedef struct {
    ngx_str_t  collection;
    ngx_str_t  name;
    ngx_str_t  part;
    ngx_str_t  member;
    ngx_str_t  rest;
} ngx_http_commerce_api_path_t;


static void ngx_http_commerce_api_split(ngx_http_request_t *r,
    ngx_http_commerce_api_path_t *path);
static ngx_str_t ngx_http_commerce_api_segment(u_char **p, u_char *last);
static ngx_uint_t ngx_http_commerce_api_match(
    ngx_http_commerce_api_route_t *route, ngx_http_commerce_api_path_t *path);
static ngx_int_t ngx_http_commerce_api_not_allowed(
    ngx_http_commerce_api_t *api, ngx_uint_t allowed);


/* routes to the same place follow each other */

static ngx_http_commerce_api_route_t  ngx_http_commerce_api_routes[] = {

    { ngx_string("hosts"), ngx_null_string, NULL,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_read },

    { ngx_string("hosts"), ngx_null_string, NULL,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_put },

    { ngx_string("hosts"), ngx_null_string, NULL,
      NGX_HTTP_PATCH, NGX_HTTP_COMMERCE_API_PATCH,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_patch },

    { ngx_string("products"), ngx_null_string, NULL,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_product, ngx_http_commerce_api_read },

    { ngx_string("products"), ngx_null_string, NULL,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_product, ngx_http_commerce_api_put },

    { ngx_string("products"), ngx_null_string, NULL,
      NGX_HTTP_PATCH, NGX_HTTP_COMMERCE_API_PATCH,
      &ngx_http_commerce_api_product, ngx_http_commerce_api_patch },

    { ngx_string("rooms"), ngx_null_string, NULL,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_read_room },

    { ngx_string("rooms"), ngx_null_string, NULL,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_put },

    { ngx_string("rooms"), ngx_null_string, NULL,
      NGX_HTTP_PATCH, NGX_HTTP_COMMERCE_API_PATCH,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_patch },

    { ngx_string("rooms"), ngx_string("shelf"), "product",
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_MAY_HAVE_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_shelf_add },

    { ngx_string("rooms"), ngx_string("shelf"), "product",
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_shelf_remove },

    { ngx_string("rooms"), ngx_string("pin"), NULL,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_pin },

    { ngx_string("rooms"), ngx_string("pin"), NULL,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_unpin },

    { ngx_string("rooms"), ngx_string("pins"), NULL,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_read_pins },

    { ngx_string("rooms"), ngx_string("pins"), "pin",
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_pin_cancel },

    { ngx_null_string, ngx_null_string, NULL, 0, 0, NULL, NULL }
};


static struct {
    ngx_uint_t   method;
    const char  *name;
} ngx_http_commerce_api_methods[] = {
    { NGX_HTTP_GET,    "GET" },
    { NGX_HTTP_HEAD,   "HEAD" },
    { NGX_HTTP_PUT,    "PUT" },
    { NGX_HTTP_PATCH,  "PATCH" },
    { NGX_HTTP_DELETE, "DELETE" },
    { 0, NULL }
};


ngx_int_t
ngx_http_commerce_api_find_route(ngx_http_commerce_api_t *api)
{
    ngx_uint_t                      allowed, method;
    ngx_http_request_t             *r;
    ngx_http_commerce_api_path_t    path;
    ngx_http_commerce_api_route_t  *route;

    r = api->request;
    method = (r->method == NGX_HTTP_HEAD) ? NGX_HTTP_GET : r->method;
    allowed = 0;

    ngx_http_commerce_api_split(r, &path);

    for (route = ngx_http_commerce_api_routes; route->handler; route++) {

        if (!ngx_http_commerce_api_match(route, &path)) {
            continue;
        }

        allowed |= route->method;

        if (route->method == method) {
            api->route = route;
        }
    }

    if (allowed == 0) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_NOT_FOUND,
                                            "route_unknown",
                                            "there is nothing at this path");
    }

    if (api->route == NULL) {
        return ngx_http_commerce_api_not_allowed(api, allowed);
    }

    api->name = path.name;
    api->member = path.member;

    if (!ngx_commerce_name_valid(api->route->resource->kind, &api->name)) {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "bad_name",
                                            "this is no name of a %V",
                                            &api->route->resource->name);
    }

    if (api->route->member
        && !ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, &api->member))
    {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "bad_name",
                                            "this is no name of a %s",
                                            api->route->member);
    }

    return NGX_DECLINED;
}


/*
 * The path is the one that nginx has chosen the location by: decoded and
 * without dot segments, so that what a location forbids has no other spelling.
 */

static void
ngx_http_commerce_api_split(ngx_http_request_t *r,
    ngx_http_commerce_api_path_t *path)
{
    u_char                    *p, *last;
    ngx_str_t                 *prefix;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_memzero(path, sizeof(ngx_http_commerce_api_path_t));

    prefix = &clcf->name;

    p = r->uri.data + ngx_min(prefix->len, r->uri.len);
    last = r->uri.data + r->uri.len;

    if ((prefix->len == 0 || prefix->data[prefix->len - 1] != '/')
        && p < last && *p++ != '/')
    {
        /* the prefix ends inside of a word */
        return;
    }

    path->collection = ngx_http_commerce_api_segment(&p, last);
    path->name = ngx_http_commerce_api_segment(&p, last);
    path->part = ngx_http_commerce_api_segment(&p, last);
    path->member = ngx_http_commerce_api_segment(&p, last);

    path->rest.data = p;
    path->rest.len = last - p;
}


static ngx_str_t
ngx_http_commerce_api_segment(u_char **p, u_char *last)
{
    u_char     *slash;
    ngx_str_t   segment;

    slash = ngx_strlchr(*p, last, '/');

    segment.data = *p;
    segment.len = (slash ? slash : last) - *p;

    *p = slash ? slash + 1 : last;

    return segment;
}


static ngx_uint_t
ngx_http_commerce_api_match(ngx_http_commerce_api_route_t *route,
    ngx_http_commerce_api_path_t *path)
{
    return ngx_http_commerce_api_same(&route->collection, &path->collection)
           && ngx_http_commerce_api_same(&route->part, &path->part)
           && path->name.len
           && (route->member != NULL) == (path->member.len != 0)
           && path->rest.len == 0;
}


static ngx_int_t
ngx_http_commerce_api_not_allowed(ngx_http_commerce_api_t *api,
    ngx_uint_t allowed)
{
    u_char     *p, *last;
    ngx_str_t   names;
    ngx_uint_t  i;

    if (allowed & NGX_HTTP_GET) {
        allowed |= NGX_HTTP_HEAD;
    }

    names.len = sizeof("GET, HEAD, PUT, PATCH, DELETE, ");

    names.data = ngx_pnalloc(api->request->pool, names.len);
    if (names.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = names.data;
    last = names.data + names.len;

    for (i = 0; ngx_http_commerce_api_methods[i].method; i++) {
        if (allowed & ngx_http_commerce_api_methods[i].method) {
            p = ngx_slprintf(p, last, "%s%s", p == names.data ? "" : ", ",
                             ngx_http_commerce_api_methods[i].name);
        }
    }

    names.len = p - names.data;

    if (ngx_http_commerce_add_header(api->request, "Allow", &names)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_commerce_api_refuse(api, NGX_HTTP_NOT_ALLOWED,
                                        "method_not_allowed",
                                        "here one may use %V", &names);
}
