
#include "ngx_commerce.h"


typedef struct {
    ngx_str_t   text;
    ngx_uint_t  passes;
} ngx_commerce_reason_t;


static ngx_uint_t ngx_commerce_hour_valid(ngx_str_t *name);


static ngx_commerce_reason_t  ngx_commerce_reasons[NGX_COMMERCE_REASONS] = {
    [NGX_COMMERCE_ALLOWED] =
        { ngx_string("allowed"), 0 },
    [NGX_COMMERCE_BAD_NAME] =
        { ngx_string("bad_name"), 0 },
    [NGX_COMMERCE_STORE_AWAY] =
        { ngx_string("store_away"), 1 },
    [NGX_COMMERCE_TOO_MANY_UNKNOWN] =
        { ngx_string("too_many_unknown"), 1 },
    [NGX_COMMERCE_ROOM_UNKNOWN] =
        { ngx_string("room_unknown"), 0 },
    [NGX_COMMERCE_ROOM_SCHEDULED] =
        { ngx_string("room_scheduled"), 0 },
    [NGX_COMMERCE_ROOM_CLOSED] =
        { ngx_string("room_closed"), 0 },
    [NGX_COMMERCE_ROOM_BANNED] =
        { ngx_string("room_banned"), 0 },
    [NGX_COMMERCE_HOST_UNKNOWN] =
        { ngx_string("host_unknown"), 0 },
    [NGX_COMMERCE_HOST_APPLIED] =
        { ngx_string("host_applied"), 0 },
    [NGX_COMMERCE_HOST_SUSPENDED] =
        { ngx_string("host_suspended"), 0 },
    [NGX_COMMERCE_HOST_BANNED] =
        { ngx_string("host_banned"), 0 },
    [NGX_COMMERCE_PROOF_MISSING] =
        { ngx_string("proof_missing"), 0 },
    [NGX_COMMERCE_PROOF_WRONG] =
        { ngx_string("proof_wrong"), 0 },
    [NGX_COMMERCE_PROOF_EXPIRED] =
        { ngx_string("proof_expired"), 0 },
    [NGX_COMMERCE_PROOF_EARLY] =
        { ngx_string("proof_early"), 0 },
    [NGX_COMMERCE_PROOF_TOO_LONG] =
        { ngx_string("proof_too_long"), 0 },
    [NGX_COMMERCE_PROOF_OTHER_ACTION] =
        { ngx_string("proof_other_action"), 0 },
    [NGX_COMMERCE_PROOF_OTHER_ROOM] =
        { ngx_string("proof_other_room"), 0 },
    [NGX_COMMERCE_PROOF_INSUFFICIENT] =
        { ngx_string("proof_insufficient"), 0 },
    [NGX_COMMERCE_NOT_FOLLOWING] =
        { ngx_string("not_following"), 0 },
    [NGX_COMMERCE_VIEWER_BANNED] =
        { ngx_string("viewer_banned"), 0 },
    [NGX_COMMERCE_VIEWER_SIGNED_OUT] =
        { ngx_string("viewer_signed_out"), 0 },
    [NGX_COMMERCE_CODE_WRONG] =
        { ngx_string("code_wrong"), 0 },
    [NGX_COMMERCE_TOO_MANY_GUESSES] =
        { ngx_string("too_many_guesses"), 0 },
    [NGX_COMMERCE_ROOM_TAKEN] =
        { ngx_string("room_taken"), 0 },
    [NGX_COMMERCE_REPLACED] =
        { ngx_string("replaced"), 0 },
    [NGX_COMMERCE_KICKED] =
        { ngx_string("kicked"), 0 },
    [NGX_COMMERCE_SHOW_ENDED] =
        { ngx_string("show_ended"), 0 },
    [NGX_COMMERCE_SHOW_UNKNOWN] =
        { ngx_string("show_unknown"), 0 },
    [NGX_COMMERCE_NO_VIDEO] =
        { ngx_string("no_video"), 0 },
    [NGX_COMMERCE_PRODUCT_UNKNOWN] =
        { ngx_string("product_unknown"), 0 },
    [NGX_COMMERCE_PRODUCT_NOT_ON_SHELF] =
        { ngx_string("product_not_on_shelf"), 0 },
    [NGX_COMMERCE_PRODUCT_NOT_APPROVED] =
        { ngx_string("product_not_approved"), 0 },
    [NGX_COMMERCE_LEDGER_FULL] =
        { ngx_string("ledger_full"), 1 },
    [NGX_COMMERCE_TOO_MANY_COUNTS] =
        { ngx_string("too_many_counts"), 0 },
    [NGX_COMMERCE_CLIP_UNKNOWN] =
        { ngx_string("clip_unknown"), 0 },
    [NGX_COMMERCE_NO_CHAPTERS] =
        { ngx_string("no_chapters"), 0 },
    [NGX_COMMERCE_CLIP_INCOMPLETE] =
        { ngx_string("clip_incomplete"), 0 },
    [NGX_COMMERCE_LEDGER_LOST] =
        { ngx_string("ledger_lost"), 1 }
};


ngx_str_t *
ngx_commerce_reason(ngx_commerce_reason_e reason)
{
    return &ngx_commerce_reasons[reason].text;
}


ngx_uint_t
ngx_commerce_reason_passes(ngx_commerce_reason_e reason)
{
    return ngx_commerce_reasons[reason].passes;
}


ngx_uint_t
ngx_commerce_name_valid(ngx_commerce_kind_e kind, ngx_str_t *name)
{
    u_char  c;
    size_t  i;

    if (kind == NGX_COMMERCE_HOUR) {
        return ngx_commerce_hour_valid(name);
    }

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

        if ((kind == NGX_COMMERCE_ROOM || kind == NGX_COMMERCE_OUT)
            && i == 0)
        {
            return 0;
        }

        if ((c >= 'A' && c <= 'Z') || c == '_' || c == '-') {
            continue;
        }

        return 0;
    }

    return 1;
}


static ngx_uint_t
ngx_commerce_hour_valid(ngx_str_t *name)
{
    u_char     *slash, *last;
    ngx_str_t   room;

    last = name->data + name->len;
    slash = ngx_strlchr(name->data, last, '/');

    if (slash == NULL || last - slash > 10
        || ngx_atoi(slash + 1, last - slash - 1) == NGX_ERROR)
    {
        return 0;
    }

    room.data = name->data;
    room.len = slash - name->data;

    return ngx_commerce_name_valid(NGX_COMMERCE_ROOM, &room);
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


ngx_uint_t
ngx_commerce_process_gone(ngx_pid_t pid)
{
    return kill(pid, 0) == -1 && ngx_errno == NGX_ESRCH;
}
