
/*
 * Whether a viewer follows a host: one SISMEMBER.
 */


#ifndef _NGX_COMMERCE_REDIS_FOLLOW_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_FOLLOW_H_INCLUDED_


#include "ngx_commerce_follow.h"


/* the source's side of follows, see ngx_commerce_source_t */
ngx_int_t ngx_commerce_redis_follow(ngx_commerce_tenant_t *tenant,
    ngx_commerce_follow_t *follow);


#endif /* _NGX_COMMERCE_REDIS_FOLLOW_H_INCLUDED_ */
