
#include "ngx_http_commerce_api_event.h"
#include "ngx_http_commerce_actor.h"
#include "ngx_http_commerce_api_field.h"


#define NGX_HTTP_COMMERCE_API_EVENT_FIELDS  24


static ngx_str_t *ngx_http_commerce_api_event_field(ngx_str_t *field,
    const char *name, ngx_str_t *value);


void
ngx_http_commerce_api_event(ngx_http_commerce_api_t *api, const char *type,
    ...)
{
    va_list       args;
    ngx_str_t     text, *value, *field,
                  fields[NGX_HTTP_COMMERCE_API_EVENT_FIELDS];
    const char   *name;

    text.data = (u_char *) type;
    text.len = ngx_strlen(type);

    field = ngx_http_commerce_api_event_field(fields, "type", &text);

    /* who is forgotten is not named once more */

    if (api->route->resource != &ngx_http_commerce_api_viewer) {
        field = ngx_http_commerce_api_event_field(field,
                              (char *) api->route->resource->name.data,
                              &api->name);
    }

    va_start(args, type);

    for ( ;; ) {
        name = va_arg(args, const char *);

        if (name == NULL) {
            break;
        }

        value = va_arg(args, ngx_str_t *);
        field = ngx_http_commerce_api_event_field(field, name, value);
    }

    va_end(args);

    text = ngx_http_commerce_actor(api->request);
    field = ngx_http_commerce_api_event_field(field, "actor", &text);
    field = ngx_http_commerce_api_event_field(field, "client",
                                      &api->request->connection->addr_text);

    ngx_commerce_redis_event(api->tenant, fields, field - fields);
}


static ngx_str_t *
ngx_http_commerce_api_event_field(ngx_str_t *field, const char *name,
    ngx_str_t *value)
{
    if (value->len == 0) {
        return field;
    }

    field[0].data = (u_char *) name;
    field[0].len = ngx_strlen(name);
    field[1] = *value;

    return field + 2;
}
