
/*
 * Who is out of a room, as Redis has it: a hash with b:SUBJECT, ms until which
 * he is banned, 0 for ever; s:SUBJECT, ms, and his proofs issued until then are
 * void; s:*, the same of everybody; and version.
 */


#ifndef _NGX_COMMERCE_REDIS_OUT_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_OUT_H_INCLUDED_


#include "ngx_commerce_redis.h"
#include "ngx_commerce_record.h"


/*
 * Writes the record of an answer to HGETALL; one without fields is a record,
 * too.  NGX_OK, or NGX_ERROR: it is none, or out of memory.
 */
ngx_int_t ngx_commerce_redis_out(ngx_commerce_tenant_t *tenant,
    ngx_str_t *name, redisReply *hash, ngx_commerce_writer_t *w);


#endif /* _NGX_COMMERCE_REDIS_OUT_H_INCLUDED_ */
