
/*
 * The hints that lead from stream keys to rooms; the room's own key decides.
 */


#ifndef _NGX_COMMERCE_REDIS_KEY_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_KEY_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/*
 * Has a room's key lead to it: the hint may have been lost, by hand or with
 * what Redis forgot.  Nobody waits for it.
 */
void ngx_commerce_redis_key_confirm(ngx_commerce_tenant_t *tenant,
    ngx_commerce_room_t *room);


#endif /* _NGX_COMMERCE_REDIS_KEY_H_INCLUDED_ */
