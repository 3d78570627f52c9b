
/*
 * What a request is about, for logs, headers and conditions: who watches, and
 * the room as this node has it.  Nothing is waited for.
 */

#include "ngx_http_commerce_viewer.h"


typedef void (*ngx_http_commerce_variables_pt)(ngx_commerce_room_t *room,
    ngx_str_t *value, u_char *buf);


static ngx_int_t ngx_http_commerce_variables_viewer(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_commerce_variables_tenant(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_commerce_variables_name(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_commerce_variables_record(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void ngx_http_commerce_variables_state(ngx_commerce_room_t *room,
    ngx_str_t *value, u_char *buf);
static void ngx_http_commerce_variables_visibility(ngx_commerce_room_t *room,
    ngx_str_t *value, u_char *buf);
static void ngx_http_commerce_variables_host(ngx_commerce_room_t *room,
    ngx_str_t *value, u_char *buf);
static void ngx_http_commerce_variables_show(ngx_commerce_room_t *room,
    ngx_str_t *value, u_char *buf);
static void ngx_http_commerce_variables_cues(ngx_commerce_room_t *room,
    ngx_str_t *value, u_char *buf);
static ngx_int_t ngx_http_commerce_variables_set(ngx_http_variable_value_t *v,
    ngx_str_t *value);
static ngx_int_t ngx_http_commerce_variables_add(ngx_conf_t *cf);


static ngx_http_module_t  ngx_http_commerce_variables_module_ctx = {
    ngx_http_commerce_variables_add,       /* preconfiguration */
    NULL,                                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_commerce_variables_module = {
    NGX_MODULE_V1,
    &ngx_http_commerce_variables_module_ctx, /* module context */
    NULL,                                  /* module directives */
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


static ngx_http_variable_t  ngx_http_commerce_variables[] = {

    { ngx_string("commerce_viewer"), NULL,
      ngx_http_commerce_variables_viewer, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_tenant"), NULL,
      ngx_http_commerce_variables_tenant, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_room"), NULL,
      ngx_http_commerce_variables_name, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_room_state"), NULL,
      ngx_http_commerce_variables_record,
      (uintptr_t) ngx_http_commerce_variables_state,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_visibility"), NULL,
      ngx_http_commerce_variables_record,
      (uintptr_t) ngx_http_commerce_variables_visibility,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_host"), NULL,
      ngx_http_commerce_variables_record,
      (uintptr_t) ngx_http_commerce_variables_host,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_show"), NULL,
      ngx_http_commerce_variables_record,
      (uintptr_t) ngx_http_commerce_variables_show,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("commerce_cues"), NULL,
      ngx_http_commerce_variables_record,
      (uintptr_t) ngx_http_commerce_variables_cues,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_int_t
ngx_http_commerce_variables_viewer(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_commerce_claims_t  *claims;

    claims = ngx_http_commerce_viewer_claims(r);

    return ngx_http_commerce_variables_set(v, claims ? &claims->subject : NULL);
}


static ngx_int_t
ngx_http_commerce_variables_tenant(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    return ngx_http_commerce_variables_set(v, tenant ? &tenant->name : NULL);
}


static ngx_int_t
ngx_http_commerce_variables_name(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_int_t  rc;
    ngx_str_t  name;

    rc = ngx_http_commerce_room_name(r, &name);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_http_commerce_variables_set(v, rc == NGX_OK ? &name : NULL);
}


static ngx_int_t
ngx_http_commerce_variables_record(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_commerce_variables_pt get =
        (ngx_http_commerce_variables_pt) data;

    u_char                 *p, buf[NGX_INT64_LEN];
    ngx_int_t               rc;
    ngx_str_t               name, value;
    ngx_commerce_room_t    *room;
    ngx_commerce_tenant_t  *tenant;

    tenant = ngx_http_commerce_tenant(r);

    if (tenant == NULL) {
        return ngx_http_commerce_variables_set(v, NULL);
    }

    rc = ngx_http_commerce_room_name(r, &name);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc != NGX_OK
        || ngx_commerce_store_held(tenant, NGX_COMMERCE_ROOM, &name,
                                   (void **) &room)
           != NGX_OK)
    {
        return ngx_http_commerce_variables_set(v, NULL);
    }

    get(room, &value, buf);

    /* the record is good only until the event handler returns */

    p = ngx_pnalloc(r->pool, value.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, value.data, value.len);
    value.data = p;

    return ngx_http_commerce_variables_set(v, &value);
}


static void
ngx_http_commerce_variables_state(ngx_commerce_room_t *room, ngx_str_t *value,
    u_char *buf)
{
    *value = ngx_commerce_room_states[room->state];
}


static void
ngx_http_commerce_variables_visibility(ngx_commerce_room_t *room,
    ngx_str_t *value, u_char *buf)
{
    *value = ngx_commerce_visibilities[room->visibility];
}


static void
ngx_http_commerce_variables_host(ngx_commerce_room_t *room, ngx_str_t *value,
    u_char *buf)
{
    *value = room->host;
}


static void
ngx_http_commerce_variables_show(ngx_commerce_room_t *room, ngx_str_t *value,
    u_char *buf)
{
    value->data = buf;
    value->len = ngx_sprintf(buf, "%uL", room->show) - buf;
}


static void
ngx_http_commerce_variables_cues(ngx_commerce_room_t *room, ngx_str_t *value,
    u_char *buf)
{
    value->data = buf;
    value->len = ngx_sprintf(buf, "%ui", room->ncues) - buf;
}


/* value is the request's memory, or NULL: there is none */

static ngx_int_t
ngx_http_commerce_variables_set(ngx_http_variable_value_t *v,
    ngx_str_t *value)
{
    if (value == NULL || value->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = value->data;
    v->len = value->len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_commerce_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
