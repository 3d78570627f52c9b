
/*
 * A record that is wrong is loaded again and again: one line a minute is
 * enough.
 */

#include "ngx_commerce_redis_record.h"
#include "ngx_commerce_timer.h"


/* ms between two log lines about the same record */
#define NGX_COMMERCE_COMPLAIN_INTERVAL  60000
#define NGX_COMMERCE_COMPLAINTS         64

/* bytes of what Redis said */
#define NGX_COMMERCE_COMPLAINT_MAX      200


/* the table is a worker's own; names that share a slot only cost a line */

void
ngx_commerce_redis_complain(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, const char *what,
    const char *why)
{
    size_t      i;
    u_char      buf[NGX_COMMERCE_COMPLAINT_MAX];
    ngx_str_t   reason;
    ngx_uint_t  slot;

    static ngx_msec_t  told[NGX_COMMERCE_COMPLAINTS];

    slot = kind;

    for (i = 0; i < name->len; i++) {
        slot = ngx_hash(slot, name->data[i]);
    }

    for (i = 0; what[i]; i++) {
        slot = ngx_hash(slot, what[i]);
    }

    if (!ngx_commerce_timer_once(&told[slot % NGX_COMMERCE_COMPLAINTS],
                                 NGX_COMMERCE_COMPLAIN_INTERVAL))
    {
        return;
    }

    reason = ngx_commerce_text_log(why, ngx_strlen(why), buf, sizeof(buf));

    ngx_log_error(NGX_LOG_ERR, tenant->log, 0,
                  "commerce \"%V\": %V \"%V\" in redis %s %V",
                  &tenant->name, &ngx_commerce_kinds[kind].name, name, what,
                  &reason);
}
