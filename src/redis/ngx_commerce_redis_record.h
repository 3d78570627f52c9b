
/*
 * Redis replies as records: a function of its arguments, apart from the log.
 */


#ifndef _NGX_COMMERCE_REDIS_RECORD_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_RECORD_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/*
 * Writes the record that a reply holds: of scripts/room_load.lua for a room,
 * of HGETALL for a host or product, of HGET for a key.  Whatever the reply
 * is, nothing is taken from it unchecked; texts are cleaned, links that may
 * not be shown are left out, and what is wrong is logged once in a while.
 *
 * NGX_OK; NGX_DECLINED if there is no such record or its key has a wrong
 * type; NGX_ERROR if the reply is an error or none at all like it should be.
 */
ngx_int_t ngx_commerce_redis_record(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, redisReply *reply,
    ngx_commerce_writer_t *w);


#endif /* _NGX_COMMERCE_REDIS_RECORD_H_INCLUDED_ */
