
/*
 * A playlist's bytes in 128 bits.
 */


#ifndef _NGX_COMMERCE_HLS_HASH_H_INCLUDED_
#define _NGX_COMMERCE_HLS_HASH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_COMMERCE_HLS_HASH_LEN  16


/*
 * Fast, and the same in all workers.  Whoever wants a collision finds one:
 * it is good where nobody gains from that.
 */
void ngx_commerce_hls_hash(ngx_str_t *text, u_char *hash);


#endif /* _NGX_COMMERCE_HLS_HASH_H_INCLUDED_ */
