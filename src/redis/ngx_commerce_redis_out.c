
#include "ngx_commerce_redis_out.h"
#include "ngx_commerce_redis_fields.h"
#include "ngx_commerce_viewer.h"


static void ngx_commerce_redis_out_field(ngx_commerce_tenant_t *tenant,
    ngx_commerce_out_t *out, ngx_str_t *field, ngx_str_t *value);
static void ngx_commerce_redis_out_merge(ngx_commerce_out_t *out);
static void ngx_commerce_redis_out_set(ngx_commerce_out_t *out,
    ngx_str_t *field, ngx_str_t *value);
static ngx_commerce_ousted_t *ngx_commerce_redis_out_place(
    ngx_commerce_out_t *out, ngx_str_t *subject);
static void ngx_commerce_redis_out_tidy(ngx_commerce_tenant_t *tenant,
    ngx_commerce_out_t *out);
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
    out.born = ngx_commerce_redis_fields_number(hash, "born");
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


ngx_uint_t
ngx_commerce_redis_out_is_changes(redisReply *reply)
{
    return reply->type == REDIS_REPLY_ARRAY
           && reply->elements == 2
           && reply->element[0]->type == REDIS_REPLY_STRING
           && reply->element[1]->type == REDIS_REPLY_ARRAY;
}


ngx_int_t
ngx_commerce_redis_out_change(ngx_commerce_tenant_t *tenant,
    ngx_commerce_out_t *base, redisReply *reply, ngx_commerce_writer_t *w)
{
    size_t               i;
    ngx_str_t            field, value, text;
    redisReply          *changes;
    ngx_commerce_out_t   out;

    changes = reply->element[1];

    text.data = (u_char *) reply->element[0]->str;
    text.len = reply->element[0]->len;

    out = *base;
    out.version = ngx_max(ngx_commerce_number(&text), 0);
    out.viewers = ngx_palloc(w->pool, (base->nviewers + changes->elements + 1)
                                      * sizeof(ngx_commerce_ousted_t));
    if (out.viewers == NULL) {
        w->failed = 1;
        return NGX_ERROR;
    }

    ngx_memcpy(out.viewers, base->viewers,
               base->nviewers * sizeof(ngx_commerce_ousted_t));

    for (i = 0; i + 1 < changes->elements; i += 2) {

        if (changes->element[i]->type != REDIS_REPLY_STRING
            || changes->element[i + 1]->type != REDIS_REPLY_STRING)
        {
            continue;
        }

        field.data = (u_char *) changes->element[i]->str;
        field.len = changes->element[i]->len;
        value.data = (u_char *) changes->element[i + 1]->str;
        value.len = changes->element[i + 1]->len;

        ngx_commerce_redis_out_set(&out, &field, &value);
    }

    ngx_commerce_redis_out_tidy(tenant, &out);

    ngx_commerce_write_out(w, &out);

    return w->failed ? NGX_ERROR : NGX_OK;
}


/* an empty value: the field is gone */

static void
ngx_commerce_redis_out_set(ngx_commerce_out_t *out, ngx_str_t *field,
    ngx_str_t *value)
{
    int64_t                 n;
    ngx_str_t               subject;
    ngx_commerce_ousted_t  *viewer;

    if (field->len < 3 || field->data[1] != ':') {
        return;
    }

    subject.data = field->data + 2;
    subject.len = field->len - 2;

    n = ngx_max(ngx_commerce_number(value), 0);

    if (subject.len == 1 && subject.data[0] == '*') {
        out->void_until = n;
        return;
    }

    if (!ngx_commerce_viewer_valid(&subject)) {
        return;
    }

    viewer = ngx_commerce_redis_out_place(out, &subject);

    if (field->data[0] == 'b') {
        viewer->banned = (value->len != 0);
        viewer->until = n;

    } else if (field->data[0] == 's') {
        viewer->void_until = n;
    }
}


/* where a viewer is, or is put */

static ngx_commerce_ousted_t *
ngx_commerce_redis_out_place(ngx_commerce_out_t *out, ngx_str_t *subject)
{
    ngx_uint_t              i;
    ngx_commerce_ousted_t  *viewer;

    viewer = ngx_commerce_out_find(out, subject);

    if (viewer) {
        return viewer;
    }

    for (i = out->nviewers; i > 0; i--) {

        if (ngx_memn2cmp(out->viewers[i - 1].subject.data, subject->data,
                         out->viewers[i - 1].subject.len, subject->len)
            < 0)
        {
            break;
        }
    }

    viewer = &out->viewers[i];

    ngx_memmove(viewer + 1, viewer,
                (out->nviewers - i) * sizeof(ngx_commerce_ousted_t));
    out->nviewers++;

    ngx_memzero(viewer, sizeof(ngx_commerce_ousted_t));
    viewer->subject = *subject;

    return viewer;
}


/* drops what matters no more, which changes do not tell of */

static void
ngx_commerce_redis_out_tidy(ngx_commerce_tenant_t *tenant,
    ngx_commerce_out_t *out)
{
    int64_t                 now, lasts;
    ngx_uint_t              i, n;
    ngx_commerce_ousted_t  *viewer;

    now = ngx_commerce_now(tenant);
    lasts = (int64_t) ngx_max(tenant->viewer_max, tenant->session)
            + (int64_t) tenant->skew;
    n = 0;

    for (i = 0; i < out->nviewers; i++) {
        viewer = &out->viewers[i];

        if (viewer->until && viewer->until <= now) {
            viewer->banned = 0;
            viewer->until = 0;
        }

        if (viewer->void_until + lasts < now) {
            viewer->void_until = 0;
        }

        if (viewer->banned || viewer->void_until) {
            out->viewers[n++] = *viewer;
        }
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
