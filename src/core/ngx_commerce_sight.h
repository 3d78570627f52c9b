
/*
 * When a node first saw who has no time of issue: whoever comes from a URL
 * that a cloud's way of signing made.
 */


#ifndef _NGX_COMMERCE_SIGHT_H_INCLUDED_
#define _NGX_COMMERCE_SIGHT_H_INCLUDED_


#include "ngx_commerce_tenant.h"


/*
 * Milliseconds since the epoch when the subject was first seen in the room,
 * which is now if that was more than max ms ago, or if it isn't known any more.
 * All workers of the node know, over reloads as long as the zone is kept; there
 * are NGX_COMMERCE_SIGHTS places, of which the oldest is taken of the eight
 * that a subject may have: with half as many subjects, nearly all are known.
 * No lock.
 */
int64_t ngx_commerce_sight(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_str_t *subject, int64_t now, int64_t max);


#endif /* _NGX_COMMERCE_SIGHT_H_INCLUDED_ */
