
/*
 * What a node tells of itself, as JSON.
 */

#include "ngx_commerce_status.h"
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_answer.h"
#include "ngx_http_commerce_handler.h"
#include "ngx_http_commerce_json.h"


static ngx_int_t ngx_http_commerce_status_request(ngx_http_request_t *r);
static void ngx_http_commerce_status_write(void *data,
    ngx_commerce_figure_t *figure);
static void ngx_http_commerce_status_list(json_t *object,
    ngx_commerce_figure_t *figure);
static json_t *ngx_http_commerce_status_object(json_t *json, const char *name);


static ngx_command_t  ngx_http_commerce_status_commands[] = {

    { ngx_string("commerce_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_commerce_set_handler,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      ngx_http_commerce_status_request },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_commerce_status_module_ctx = {
    NULL,                                  /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_commerce_create_handler_conf, /* create location configuration */
    ngx_http_commerce_merge_handler_conf   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_status_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_status_module_ctx,  /* module context */
    ngx_http_commerce_status_commands,     /* module directives */
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


static ngx_int_t
ngx_http_commerce_status_request(ngx_http_request_t *r)
{
    json_t                 *json;
    ngx_commerce_status_t   status;
    ngx_commerce_tenant_t  *tenant;

    static ngx_str_t  methods = ngx_string("GET, HEAD");

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_commerce_not_allowed(r, &methods,
                                         "the status is read by GET or HEAD");
    }

    tenant = ngx_http_commerce_tenant(r);

    json = json_object();

    json_object_set_new(json, "tenant",
                        ngx_http_commerce_json_string(&tenant->name));
    json_object_set_new(json, "node",
                        ngx_http_commerce_json_string(&tenant->node));

    status.write = ngx_http_commerce_status_write;
    status.data = json;

    ngx_commerce_status_write(tenant, &status);

    return ngx_http_commerce_send_value(r, NGX_HTTP_OK, json);
}


static void
ngx_http_commerce_status_write(void *data, ngx_commerce_figure_t *figure)
{
    json_t  *object;

    object = ngx_http_commerce_status_object(data, figure->part);

    if (figure->type == NGX_COMMERCE_STATUS_LIST
        || figure->type == NGX_COMMERCE_STATUS_ROOM)
    {
        ngx_http_commerce_status_list(object, figure);
        return;
    }

    if (figure->group) {
        object = ngx_http_commerce_status_object(object, figure->group);
    }

    switch (figure->type) {

    case NGX_COMMERCE_STATUS_NUMBER:
        json_object_set_new(object, figure->name,
                            json_integer(figure->value));
        break;

    case NGX_COMMERCE_STATUS_FLAG:
        json_object_set_new(object, figure->name,
                            json_boolean(figure->value));
        break;

    default:
        /* an empty group */
        break;
    }
}


/* a list of {"room": …, "reason": …, "count": …} */

static void
ngx_http_commerce_status_list(json_t *object, ngx_commerce_figure_t *figure)
{
    json_t  *list, *entry;

    list = json_object_get(object, figure->group);

    if (list == NULL) {
        list = json_array();
        json_object_set_new(object, figure->group, list);
    }

    if (figure->room == NULL) {
        return;
    }

    entry = json_object();

    json_object_set_new(entry, "room",
                        ngx_http_commerce_json_string(figure->room));
    json_object_set_new(entry, "reason", json_string(figure->name));
    json_object_set_new(entry, "count", json_integer(figure->value));

    json_array_append_new(list, entry);
}


/* the object of a name, which is made if it isn't there */

static json_t *
ngx_http_commerce_status_object(json_t *json, const char *name)
{
    json_t  *object;

    object = json_object_get(json, name);

    if (object == NULL) {
        object = json_object();
        json_object_set_new(json, name, object);
    }

    return object;
}
