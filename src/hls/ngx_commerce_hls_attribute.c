
#include "ngx_commerce_hls_attribute.h"


ngx_int_t
ngx_commerce_hls_attribute_next(u_char **p, u_char *last,
    ngx_commerce_hls_attribute_t *attribute)
{
    u_char  *start, *value, *end;

    start = *p;

    while (start < last && (*start == ' ' || *start == ',')) {
        start++;
    }

    value = memchr(start, '=', last - start);
    if (value == NULL) {
        return NGX_DONE;
    }

    attribute->name.data = start;
    attribute->name.len = value++ - start;

    if (value < last && *value == '"') {
        value++;
        end = memchr(value, '"', last - value);
        if (end == NULL) {
            return NGX_DONE;
        }

        attribute->end = end + 1;

    } else {
        end = memchr(value, ',', last - value);
        if (end == NULL) {
            end = last;
        }

        attribute->end = end;
    }

    attribute->value.data = value;
    attribute->value.len = end - value;

    *p = attribute->end;

    return NGX_OK;
}


ngx_int_t
ngx_commerce_hls_attribute(u_char *p, u_char *last, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_commerce_hls_attribute_t  attribute;

    while (ngx_commerce_hls_attribute_next(&p, last, &attribute) == NGX_OK) {

        if (attribute.name.len == name->len
            && ngx_memcmp(attribute.name.data, name->data, name->len) == 0)
        {
            *value = attribute.value;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}
