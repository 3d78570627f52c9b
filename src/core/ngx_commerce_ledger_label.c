
/*
 * The label of a ledger's file: what it is, and whose.
 */


#include "ngx_commerce_ledger_file.h"


void
ngx_commerce_ledger_label(ngx_commerce_ledger_opening_t *o)
{
    ngx_str_t                    *prefix;
    ngx_commerce_ledger_label_t  *label;

    label = &o->label;
    prefix = &o->tenant->prefix;

    ngx_memzero(label, sizeof(ngx_commerce_ledger_label_t));

    ngx_memcpy(label->magic, NGX_COMMERCE_LEDGER_MAGIC, sizeof(label->magic));
    label->version = NGX_COMMERCE_LEDGER_VERSION;
    label->cell_size = sizeof(ngx_commerce_ledger_cell_t);

    ngx_commerce_ledger_shape(label, ngx_align(o->tenant->ledger_size, 4096));

    label->prefix_len = (uint32_t) prefix->len;
    ngx_memcpy(label->prefix, prefix->data,
               ngx_min(prefix->len, sizeof(label->prefix)));

    label->sum = ngx_commerce_ledger_sum(label);
}


const char *
ngx_commerce_ledger_unfit(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_label_t  *label, *found;

    label = &o->label;
    found = &o->found;

    if (ngx_memcmp(found->magic, label->magic, sizeof(label->magic)) != 0) {
        return "damaged";
    }

    /* the sum of another version stands elsewhere */

    if (found->version != label->version) {
        return "foreign";
    }

    if (found->sum != ngx_commerce_ledger_sum(found)
        || found->size < NGX_COMMERCE_LEDGER_SIZE_MIN
        || found->counts < NGX_COMMERCE_LEDGER_SIZE_MIN / 2
        || found->counts > found->size - NGX_COMMERCE_LEDGER_TAIL)
    {
        return "damaged";
    }

    if (found->cell_size != label->cell_size
        || found->prefix_len != label->prefix_len
        || ngx_memcmp(found->prefix, label->prefix, sizeof(label->prefix)) != 0)
    {
        return "foreign";
    }

    return NULL;
}


ngx_int_t
ngx_commerce_ledger_refuse(ngx_commerce_ledger_opening_t *o, const char *why)
{
    ngx_str_t  theirs;

    theirs.len = ngx_min(o->found.prefix_len, sizeof(o->found.prefix));
    theirs.data = o->found.prefix;

    if (theirs.len > 0 && ngx_strcmp(why, "foreign") == 0) {
        theirs.len--;
        ngx_commerce_ledger_emerg(o->ledger, 0,
                                  "is in use by an nginx with namespace "
                                  "\"%V\": give each a path of its own; a "
                                  "namespace changes with a restart, not with "
                                  "a reload", &theirs);

    } else {
        ngx_commerce_ledger_emerg(o->ledger, 0,
                                  "is %s, and in use: end who uses it, or "
                                  "choose another path", why);
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_commerce_ledger_write_label(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label)
{
    if (pwrite(ledger->fd, label, sizeof(ngx_commerce_ledger_label_t), 0)
        != (ssize_t) sizeof(ngx_commerce_ledger_label_t))
    {
        ngx_commerce_ledger_emerg(ledger, ngx_errno, "pwrite() failed");
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->label, label, sizeof(ngx_commerce_ledger_label_t));

    return NGX_OK;
}
