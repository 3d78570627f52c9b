
/*
 * Who is out of a room, as Redis has it: a hash with b:SUBJECT, ms until which
 * he is banned, 0 for ever; s:SUBJECT, ms, and his proofs issued until then are
 * void; s:*, the same of everybody; version; and born, see out_load.lua.
 */


#ifndef _NGX_COMMERCE_REDIS_OUT_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_OUT_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_write.h"


/*
 * Writes the record of an answer to HGETALL; one without fields is a record,
 * too.  NGX_OK, or NGX_ERROR: it is none, or out of memory.
 */
ngx_int_t ngx_commerce_redis_out(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *hash, ngx_commerce_writer_t *w);

/*
 * The same of an answer to out_load.lua that has changes alone, which the first
 * of these tells: a record of what there was, with these.  NGX_OK, or NGX_ERROR:
 * out of memory.
 */
ngx_uint_t ngx_commerce_redis_out_is_changes(redisReply *reply);
ngx_int_t ngx_commerce_redis_out_change(ngx_commerce_tenant_t *tenant,
    ngx_commerce_out_t *base, redisReply *reply, ngx_commerce_writer_t *w);


#endif /* _NGX_COMMERCE_REDIS_OUT_H_INCLUDED_ */
