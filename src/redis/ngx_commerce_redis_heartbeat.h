
/*
 * A question to a node, again and again: whether it answers, how fast, and
 * what its clock says.
 */


#ifndef _NGX_COMMERCE_REDIS_HEARTBEAT_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_HEARTBEAT_H_INCLUDED_


#include "ngx_commerce_redis_node.h"


/* the node's conf and tenant are set */
void ngx_commerce_redis_heartbeat_start(ngx_commerce_redis_node_t *node);
void ngx_commerce_redis_heartbeat_stop(ngx_commerce_redis_node_t *node);

/* asks now; does nothing if the answer to the last question is due */
void ngx_commerce_redis_heartbeat_send(ngx_commerce_redis_node_t *node);


#endif /* _NGX_COMMERCE_REDIS_HEARTBEAT_H_INCLUDED_ */
