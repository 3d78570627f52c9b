
#include "ngx_http_commerce_api_body.h"
#include "ngx_http_commerce_api_code.h"
#include "ngx_http_commerce_api_erase.h"
#include "ngx_http_commerce_api_explain.h"
#include "ngx_http_commerce_api_field.h"
#include "ngx_http_commerce_api_follower.h"
#include "ngx_http_commerce_api_out.h"
#include "ngx_http_commerce_api_pin.h"
#include "ngx_http_commerce_api_publisher.h"
#include "ngx_http_commerce_api_record.h"
#include "ngx_http_commerce_api_room.h"
#include "ngx_http_commerce_api_shelf.h"
#include "ngx_http_commerce_api_show.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_handler.h"
#include "ngx_commerce_viewer.h"


/* hosts/{host}, rooms/{room}/shelf/{product}, … */

typedef struct {
    ngx_str_t  collection;
    ngx_str_t  name;
    ngx_str_t  part;
    ngx_str_t  member;
    ngx_str_t  rest;
} ngx_http_commerce_api_path_t;


static ngx_int_t ngx_http_commerce_api_request(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_api_find_route(
    ngx_http_commerce_api_t *api);
static void ngx_http_commerce_api_split(ngx_http_request_t *r,
    ngx_http_commerce_api_path_t *path);
static ngx_str_t ngx_http_commerce_api_segment(u_char **p, u_char *last);
static ngx_uint_t ngx_http_commerce_api_match(
    ngx_http_commerce_api_route_t *route, ngx_http_commerce_api_path_t *path);
static ngx_uint_t ngx_http_commerce_api_name_valid(
    ngx_http_commerce_api_resource_t *resource, ngx_str_t *name);
static ngx_uint_t ngx_http_commerce_api_member_valid(const char *what,
    ngx_str_t *member);
static ngx_int_t ngx_http_commerce_api_not_allowed(
    ngx_http_commerce_api_t *api, ngx_uint_t allowed);
static void ngx_http_commerce_api_run_route(ngx_http_request_t *r);
static void ngx_http_commerce_api_cleanup(void *data);
static char *ngx_http_commerce_api(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_commerce_api_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_commerce_api_error_page(ngx_conf_t *cf);


static ngx_command_t  ngx_http_commerce_api_commands[] = {

    { ngx_string("commerce_api"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_commerce_api,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_api_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_api_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_handler_conf, /* create location configuration */
    ngx_http_commerce_api_merge_loc_conf   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_api_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_api_module_ctx,     /* module context */
    ngx_http_commerce_api_commands,        /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* routes to the same place follow each other */

static ngx_http_commerce_api_route_t  ngx_http_commerce_api_routes[] = {

    { ngx_string("hosts"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_record_read },

    { ngx_string("hosts"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_record_put },

    { ngx_string("hosts"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_PATCH, NGX_HTTP_COMMERCE_API_PATCH,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_record_patch },

    { ngx_string("hosts"), ngx_string("followers"), "follower", ngx_null_string,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_follower_add },

    { ngx_string("hosts"), ngx_string("followers"), "follower", ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_host, ngx_http_commerce_api_follower_remove },

    { ngx_string("products"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_product, ngx_http_commerce_api_record_read },

    { ngx_string("products"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_product, ngx_http_commerce_api_record_put },

    { ngx_string("products"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_PATCH, NGX_HTTP_COMMERCE_API_PATCH,
      &ngx_http_commerce_api_product, ngx_http_commerce_api_record_patch },

    { ngx_string("rooms"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_room_read },

    { ngx_string("rooms"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_record_put },

    { ngx_string("rooms"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_PATCH, NGX_HTTP_COMMERCE_API_PATCH,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_record_patch },

    { ngx_string("rooms"), ngx_string("shelf"), "product", ngx_null_string,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_MAY_HAVE_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_shelf_add },

    { ngx_string("rooms"), ngx_string("shelf"), "product", ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_shelf_remove },

    { ngx_string("rooms"), ngx_string("pin"), NULL, ngx_null_string,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_pin },

    { ngx_string("rooms"), ngx_string("pin"), NULL, ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_pin_clear },

    { ngx_string("rooms"), ngx_string("pins"), NULL, ngx_null_string,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_pin_read },

    { ngx_string("rooms"), ngx_string("pins"), "pin", ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_pin_cancel },

    { ngx_string("rooms"), ngx_string("codes"), NULL, ngx_null_string,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_code_read },

    { ngx_string("rooms"), ngx_string("shows"), "show", ngx_string("cues"),
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_show_cues },

    { ngx_string("rooms"), ngx_string("codes"), NULL, ngx_null_string,
      NGX_HTTP_POST, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_code_add },

    { ngx_string("rooms"), ngx_string("codes"), "code", ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_code_remove },

    { ngx_string("rooms"), ngx_string("publisher"), NULL, ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_publisher_kick },

    { ngx_string("rooms"), ngx_string("end"), NULL, ngx_null_string,
      NGX_HTTP_POST, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room, ngx_http_commerce_api_publisher_end },

    { ngx_string("rooms"), ngx_string("out"), NULL, ngx_null_string,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room_out, ngx_http_commerce_api_out_list },

    { ngx_string("rooms"), ngx_string("out"), "viewer", ngx_null_string,
      NGX_HTTP_GET, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room_out, ngx_http_commerce_api_out_read },

    { ngx_string("rooms"), ngx_string("out"), "viewer", ngx_null_string,
      NGX_HTTP_PUT, NGX_HTTP_COMMERCE_API_MAY_HAVE_BODY,
      &ngx_http_commerce_api_room_out, ngx_http_commerce_api_out_ban },

    { ngx_string("rooms"), ngx_string("out"), "viewer", ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_room_out, ngx_http_commerce_api_out_lift },

    { ngx_string("rooms"), ngx_string("signout"), NULL, ngx_null_string,
      NGX_HTTP_POST, NGX_HTTP_COMMERCE_API_BODY,
      &ngx_http_commerce_api_room_out, ngx_http_commerce_api_out_sign_out },

    { ngx_string("explain"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_POST, NGX_HTTP_COMMERCE_API_BODY,
      NULL, ngx_http_commerce_api_explain },

    { ngx_string("viewers"), ngx_null_string, NULL, ngx_null_string,
      NGX_HTTP_DELETE, NGX_HTTP_COMMERCE_API_NO_BODY,
      &ngx_http_commerce_api_viewer, ngx_http_commerce_api_erase },

    { ngx_null_string, ngx_null_string, NULL, ngx_null_string,
      0, 0, NULL, NULL }
};


static struct {
    ngx_uint_t   method;
    const char  *name;
} ngx_http_commerce_api_methods[] = {
    { NGX_HTTP_GET,    "GET" },
    { NGX_HTTP_HEAD,   "HEAD" },
    { NGX_HTTP_POST,   "POST" },
    { NGX_HTTP_PUT,    "PUT" },
    { NGX_HTTP_PATCH,  "PATCH" },
    { NGX_HTTP_DELETE, "DELETE" },
    { 0, NULL }
};


static ngx_int_t
ngx_http_commerce_api_request(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_pool_cleanup_t       *cln;
    ngx_http_commerce_api_t  *api;

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "http commerce api handler");

    api = ngx_pcalloc(r->pool, sizeof(ngx_http_commerce_api_t));
    if (api == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_commerce_api_cleanup;
    cln->data = api;

    api->request = r;
    api->tenant = ngx_http_commerce_tenant(r);

    ngx_http_set_ctx(r, api, ngx_http_commerce_api_module);

    /* conditions are judged where the record is */
    r->disable_not_modified = 1;

    if (r->internal && r->err_status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
        /* see ngx_http_commerce_api_error_page() */
        return ngx_http_commerce_api_body_too_large(api);
    }

    rc = ngx_http_commerce_api_find_route(api);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_commerce_api_read_conditions(api);
    }

    if (rc == NGX_DECLINED) {
        rc = ngx_http_commerce_api_body_expect(api);
    }

    if (rc != NGX_DECLINED) {
        return rc;
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r,
                                          ngx_http_commerce_api_run_route);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_commerce_api_run_route(ngx_http_request_t *r)
{
    ngx_int_t                 rc;
    ngx_http_commerce_api_t  *api;

    api = ngx_http_get_module_ctx(r, ngx_http_commerce_api_module);

    rc = ngx_http_commerce_api_body_parse(api);

    if (rc == NGX_DECLINED) {
        rc = api->route->handler(api);
    }

    /* while Redis is asked, the request keeps the reference of its body */

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }
}


/*
 * Sets route, name and member from the request's method and what follows the
 * location's prefix in its URI.  NGX_DECLINED: go on.
 */

static ngx_int_t
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

    if (api->route->resource
        && !ngx_http_commerce_api_name_valid(api->route->resource, &api->name))
    {
        return ngx_http_commerce_api_refuse(api, NGX_HTTP_BAD_REQUEST,
                                            "bad_name",
                                            "this is no name of a %V",
                                            &api->route->resource->name);
    }

    if (api->route->member
        && !ngx_http_commerce_api_member_valid(api->route->member,
                                               &api->member))
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
           && (route->resource != NULL) == (path->name.len != 0)
           && (route->member != NULL) == (path->member.len != 0)
           && ngx_http_commerce_api_same(&route->rest, &path->rest);
}


static ngx_uint_t
ngx_http_commerce_api_name_valid(ngx_http_commerce_api_resource_t *resource,
    ngx_str_t *name)
{
    return resource == &ngx_http_commerce_api_viewer
           ? ngx_commerce_viewer_valid(name)
           : ngx_commerce_name_valid(resource->kind, name);
}


/* a show is a number; what is neither follows the rule for products */

static ngx_uint_t
ngx_http_commerce_api_member_valid(const char *what, ngx_str_t *member)
{
    if (ngx_strcmp(what, "show") == 0) {
        return ngx_commerce_number(member) >= 0;
    }

    return ngx_strcmp(what, "viewer") == 0
           ? ngx_commerce_viewer_valid(member)
           : ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, member);
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

    names.len = sizeof("GET, HEAD, POST, PUT, PATCH, DELETE, ");

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


static void
ngx_http_commerce_api_cleanup(void *data)
{
    ngx_http_commerce_api_t  *api = data;

    if (api->call) {
        ngx_commerce_redis_cancel(api->call);
        api->call = NULL;
    }

    json_decref(api->body);
    json_decref(api->answer);
}


static char *
ngx_http_commerce_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* what follows the location's prefix is the route */

    if (clcf->named
#if (NGX_PCRE)
        || clcf->regex
#endif
       )
    {
        return "cannot be used in a named location or in one given by "
               "a regular expression";
    }

    return ngx_http_commerce_set_handler(cf, cmd, conf);
}


static char *
ngx_http_commerce_api_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_commerce_handler_conf_t *conf = child;

    if (ngx_http_commerce_merge_handler_conf(cf, parent, child)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return conf->handler ? ngx_http_commerce_api_error_page(cf) : NGX_CONF_OK;
}


/*
 * A body above client_max_body_size is refused by nginx itself, most often
 * before there is a handler.  What it answers then comes from the location
 * once more, unless another page was configured.
 */

static char *
ngx_http_commerce_api_error_page(ngx_conf_t *cf)
{
    ngx_uint_t                 i;
    ngx_array_t               *pages;
    ngx_http_err_page_t       *page, *old;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    /* the array may be that of the level above */

    pages = ngx_array_create(cf->pool, 4, sizeof(ngx_http_err_page_t));
    if (pages == NULL) {
        return NGX_CONF_ERROR;
    }

    old = clcf->error_pages ? clcf->error_pages->elts : NULL;

    for (i = 0; clcf->error_pages && i < clcf->error_pages->nelts; i++) {

        if (old[i].status == NGX_HTTP_REQUEST_ENTITY_TOO_LARGE) {
            return NGX_CONF_OK;
        }

        page = ngx_array_push(pages);
        if (page == NULL) {
            return NGX_CONF_ERROR;
        }

        *page = old[i];
    }

    page = ngx_array_push(pages);
    if (page == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(page, sizeof(ngx_http_err_page_t));

    page->status = NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
    page->overwrite = -1;
    page->value.value = clcf->name;

    clcf->error_pages = pages;

    return NGX_CONF_OK;
}
