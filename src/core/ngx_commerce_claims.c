
#include "ngx_commerce_claims.h"


ngx_commerce_reason_e
ngx_commerce_claims_judge(ngx_commerce_claims_t *claims,
    ngx_commerce_action_e action, ngx_str_t *room,
    ngx_commerce_times_t *times)
{
    if (claims->action != action) {
        return NGX_COMMERCE_PROOF_OTHER_ACTION;
    }

    if (room && claims->room.len
        && (claims->room.len != room->len
            || ngx_memcmp(claims->room.data, room->data, room->len) != 0))
    {
        return NGX_COMMERCE_PROOF_OTHER_ROOM;
    }

    if (claims->expires <= times->now) {
        return NGX_COMMERCE_PROOF_EXPIRED;
    }

    if (claims->issued > times->now + times->skew) {
        return NGX_COMMERCE_PROOF_EARLY;
    }

    if (action == NGX_COMMERCE_ACTION_VIEW
        && !claims->session
        && claims->proof != NGX_COMMERCE_PROOF_URL
        && claims->expires - claims->issued > times->viewer_max)
    {
        return NGX_COMMERCE_PROOF_TOO_LONG;
    }

    return NGX_COMMERCE_ALLOWED;
}
