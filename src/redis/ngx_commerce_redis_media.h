
/*
 * What is wrong with the media of a room that is live, for backends to see.
 */


#ifndef _NGX_COMMERCE_REDIS_MEDIA_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_MEDIA_H_INCLUDED_


#include "ngx_commerce_redis.h"


/*
 * Writes, for so many ms, what is wrong, e.g. "no_video"; NULL: nothing is any
 * more.  Whoever finds it wrong says so again before that time is over, so
 * that nothing is left of a publisher or a node that died.  Nobody waits.
 */
void ngx_commerce_redis_media(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_str_t *wrong, ngx_msec_t lasts);


#endif /* _NGX_COMMERCE_REDIS_MEDIA_H_INCLUDED_ */
