
#include "ngx_commerce_status.h"


static void ngx_commerce_status_figure(ngx_commerce_status_t *status,
    ngx_commerce_status_type_e type, const char *group, const char *name,
    int64_t value);


ngx_int_t
ngx_commerce_status_add(ngx_conf_t *cf, ngx_commerce_status_part_t *part)
{
    ngx_uint_t                    i;
    ngx_array_t                  *parts;
    ngx_commerce_status_part_t  **place;

    parts = ngx_commerce_parts(cf->cycle);
    place = parts->elts;

    for (i = 0; i < parts->nelts; i++) {
        if (place[i] == part) {
            return NGX_OK;
        }
    }

    place = ngx_array_push(parts);
    if (place == NULL) {
        return NGX_ERROR;
    }

    *place = part;

    return NGX_OK;
}


void
ngx_commerce_status_write(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_uint_t                    i;
    ngx_array_t                  *parts;
    ngx_commerce_status_part_t  **part;

    parts = ngx_commerce_parts(tenant->cycle);
    part = parts->elts;

    for (i = 0; i < parts->nelts; i++) {
        status->part = part[i]->name;
        part[i]->handler(tenant, status);
    }
}


void
ngx_commerce_status_number(ngx_commerce_status_t *status, const char *name,
    int64_t value)
{
    ngx_commerce_status_figure(status, NGX_COMMERCE_STATUS_NUMBER, NULL, name,
                               value);
}


void
ngx_commerce_status_flag(ngx_commerce_status_t *status, const char *name,
    ngx_uint_t value)
{
    ngx_commerce_status_figure(status, NGX_COMMERCE_STATUS_FLAG, NULL, name,
                               value ? 1 : 0);
}


void
ngx_commerce_status_reasons(ngx_commerce_status_t *status, const char *group,
    ngx_atomic_t *counters)
{
    ngx_uint_t  i;

    ngx_commerce_status_figure(status, NGX_COMMERCE_STATUS_GROUP, group, NULL,
                               0);

    for (i = NGX_COMMERCE_ALLOWED + 1; i < NGX_COMMERCE_REASONS; i++) {

        if (counters[i]) {
            ngx_commerce_status_figure(status, NGX_COMMERCE_STATUS_NUMBER,
                                       group,
                                       (char *) ngx_commerce_reason(i)->data,
                                       counters[i]);
        }
    }
}


void
ngx_commerce_status_list(ngx_commerce_status_t *status, const char *list)
{
    ngx_commerce_status_figure(status, NGX_COMMERCE_STATUS_LIST, list, NULL,
                               0);
}


void
ngx_commerce_status_room(ngx_commerce_status_t *status, const char *list,
    ngx_str_t *room, const char *reason, int64_t value)
{
    ngx_commerce_figure_t  figure;

    figure.type = NGX_COMMERCE_STATUS_ROOM;
    figure.part = status->part;
    figure.group = list;
    figure.name = reason;
    figure.room = room;
    figure.value = value;

    status->write(status->data, &figure);
}


static void
ngx_commerce_status_figure(ngx_commerce_status_t *status,
    ngx_commerce_status_type_e type, const char *group, const char *name,
    int64_t value)
{
    ngx_commerce_figure_t  figure;

    figure.type = type;
    figure.part = status->part;
    figure.group = group;
    figure.name = name;
    figure.room = NULL;
    figure.value = value;

    status->write(status->data, &figure);
}
