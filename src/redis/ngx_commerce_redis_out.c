
#include "ngx_commerce_redis_out.h"
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_viewer.h"


static void ngx_commerce_redis_out_field(ngx_commerce_tenant_t *tenant,
    ngx_commerce_out_t *out, ngx_str_t *field, ngx_str_t *value);
static void ngx_commerce_redis_out_merge(ngx_commerce_out_t *out);
static int ngx_libc_cdecl ngx_commerce_redis_out_compare(const void *one,
    const void *two);


ngx_int_t
ngx_commerce_redis_out(ngx_commerce_tenant_t *tenant, ngx_str_t *name,
    redisReply *hash, ngx_commerce_writer_t *w)
{
    size_t              i;
    ngx_str_t           field, value;
    ngx_commerce_out_t  out;

    if (!ngx_commerce_redis_fields_valid(hash)) {
        return NGX_ERROR;
    }

    ngx_memzero(&out, sizeof(ngx_commerce_out_t));

    out.name = *name;
    out.version = ngx_commerce_redis_fields_number(hash, "version");
    out.viewers = ngx_palloc(w->pool, (hash->elements / 2 + 1)
                                      * sizeof(ngx_commerce_ousted_t));
    if (out.viewers == NULL) {
        w->failed = 1;
        return NGX_ERROR;
    }

    for (i = 0; i + 1 < hash->elements; i += 2) {
        field.data = (u_char *) hash->element[i]->str;
        field.len = hash->element[i]->len;
        value.data = (u_char *) hash->element[i + 1]->str;
        value.len = hash->element[i + 1]->len;

        if (field.len > 2 && field.data[1] == ':') {
            ngx_commerce_redis_out_field(tenant, &out, &field, &value);
        }
    }

    ngx_commerce_redis_out_merge(&out);

    ngx_commerce_write_out(w, &out);

    return NGX_OK;
}


static void
ngx_commerce_redis_out_field(ngx_commerce_tenant_t *tenant,
    ngx_commerce_out_t *out, ngx_str_t *field, ngx_str_t *value)
{
    u_char                  what;
    int64_t                 n;
    ngx_str_t               subject;
    ngx_commerce_ousted_t  *viewer;

    what = field->data[0];
    n = ngx_commerce_number(value);

    subject.data = field->data + 2;
    subject.len = field->len - 2;

    if (n >= 0 && what == 's' && subject.len == 1 && subject.data[0] == '*') {
        out->void_until = n;
        return;
    }

    if (n < 0
        || (what != 'b' && what != 's')
        || !ngx_commerce_viewer_valid(&subject))
    {
        ngx_commerce_redis_fields_complain(tenant, NGX_COMMERCE_OUT,
                                           &out->name, "has a wrong field:",
                                           (char *) field->data);
        return;
    }

    viewer = &out->viewers[out->nviewers++];
    ngx_memzero(viewer, sizeof(ngx_commerce_ousted_t));

    viewer->subject = subject;

    if (what == 'b') {
        viewer->banned = 1;
        viewer->until = n;

    } else {
        viewer->void_until = n;
    }
}


/* sorts the viewers, and makes one of the two fields that one may have */

static void
ngx_commerce_redis_out_merge(ngx_commerce_out_t *out)
{
    ngx_uint_t              i, n;
    ngx_commerce_ousted_t  *viewer, *last;

    ngx_qsort(out->viewers, out->nviewers, sizeof(ngx_commerce_ousted_t),
              ngx_commerce_redis_out_compare);

    n = 0;

    for (i = 0; i < out->nviewers; i++) {
        viewer = &out->viewers[i];
        last = n ? &out->viewers[n - 1] : NULL;

        if (last && ngx_commerce_redis_out_compare(last, viewer) == 0) {
            last->banned |= viewer->banned;
            last->until += viewer->until;
            last->void_until += viewer->void_until;
            continue;
        }

        out->viewers[n++] = *viewer;
    }

    out->nviewers = n;
}


static int ngx_libc_cdecl
ngx_commerce_redis_out_compare(const void *one, const void *two)
{
    const ngx_commerce_ousted_t  *first, *second;

    first = one;
    second = two;

    return (int) ngx_memn2cmp(first->subject.data, second->subject.data,
                              first->subject.len, second->subject.len);
}
