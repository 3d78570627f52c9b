
/*
 * Hashes of names.
 */


#ifndef _NGX_COMMERCE_HASH_H_INCLUDED_
#define _NGX_COMMERCE_HASH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * FNV-1a, begun with a seed and finished as MurmurHash3 is: all bits depend on
 * all, and who doesn't know the seed can't choose names that collide.  What it
 * gives stands in files: it stays as it is.
 */
uint64_t ngx_commerce_hash(u_char *data, size_t len, uint64_t seed);


#endif /* _NGX_COMMERCE_HASH_H_INCLUDED_ */
