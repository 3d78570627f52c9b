
/*
 * A new cue for what is pinned, when its product has another card by now.
 */


#ifndef _NGX_COMMERCE_REDIS_RENEW_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_RENEW_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/*
 * Has Redis follow a cue of a room by one with that card, by cue_renew.lua; the
 * handler gets its answer.  NULL: it can't be asked now.
 */
ngx_commerce_redis_call_t *ngx_commerce_redis_renew(
    ngx_commerce_tenant_t *tenant, ngx_str_t *room, ngx_commerce_cue_t *cue,
    ngx_commerce_card_t *card, ngx_commerce_redis_handler_pt handler,
    void *data);


#endif /* _NGX_COMMERCE_REDIS_RENEW_H_INCLUDED_ */
