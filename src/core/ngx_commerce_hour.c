
#include "ngx_commerce_hour.h"


ngx_str_t
ngx_commerce_hour_name(u_char *buf, ngx_str_t *room, int64_t hour)
{
    ngx_str_t  name;

    name.data = buf;
    name.len = ngx_snprintf(buf, NGX_COMMERCE_RECORD_NAME_MAX, "%V/%L", room,
                            hour)
               - buf;

    return name;
}


void
ngx_commerce_hour_split(ngx_str_t *name, ngx_str_t *room, int64_t *hour)
{
    u_char  *slash;

    slash = ngx_strlchr(name->data, name->data + name->len, '/');

    room->data = name->data;
    room->len = slash - name->data;

    *hour = ngx_atoi(slash + 1, name->data + name->len - slash - 1);
}
