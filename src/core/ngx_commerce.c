
#include "ngx_commerce.h"


static ngx_str_t  ngx_commerce_reasons[] = {
    ngx_string("allowed"),
    ngx_string("bad_name"),
    ngx_string("store_away"),
    ngx_string("too_many_unknown"),
    ngx_string("room_unknown"),
    ngx_string("room_scheduled"),
    ngx_string("room_closed"),
    ngx_string("room_banned"),
    ngx_string("host_unknown"),
    ngx_string("host_applied"),
    ngx_string("host_suspended"),
    ngx_string("host_banned"),
    ngx_string("proof_missing"),
    ngx_string("proof_wrong"),
    ngx_string("proof_expired"),
    ngx_string("room_taken"),
    ngx_string("replaced"),
    ngx_string("product_unknown"),
    ngx_string("product_not_on_shelf"),
    ngx_string("product_not_approved"),
    ngx_string("ledger_full"),
    ngx_string("ledger_lost")
};


ngx_str_t *
ngx_commerce_reason(ngx_commerce_reason_e reason)
{
    return &ngx_commerce_reasons[reason];
}


ngx_uint_t
ngx_commerce_name_valid(ngx_commerce_kind_e kind, ngx_str_t *name)
{
    u_char  c;
    size_t  i;

    if (name->len == 0 || name->len > NGX_COMMERCE_NAME_MAX) {
        return 0;
    }

    if (kind == NGX_COMMERCE_KEY && name->len != 64) {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
            continue;
        }

        if (kind == NGX_COMMERCE_KEY) {
            return 0;
        }

        if (c >= 'a' && c <= 'z') {
            continue;
        }

        if (kind == NGX_COMMERCE_ROOM && i == 0) {
            return 0;
        }

        if ((c >= 'A' && c <= 'Z') || c == '_' || c == '-') {
            continue;
        }

        return 0;
    }

    return 1;
}


ngx_uint_t
ngx_commerce_count_kind_valid(ngx_str_t *name)
{
    u_char  c;
    size_t  i;

    if (name->len == 0 || name->len > NGX_COMMERCE_COUNT_KIND_MAX) {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (c >= 'a' && c <= 'z') {
            continue;
        }

        if (i > 0 && ((c >= '0' && c <= '9') || c == '_')) {
            continue;
        }

        return 0;
    }

    return 1;
}
