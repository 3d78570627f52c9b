
/*
 * hiredis's reader with bounds: whatever bytes come, a reply takes a bounded
 * amount of memory, and reading it takes time in proportion to its size.
 */


#ifndef _NGX_COMMERCE_REDIS_READER_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_READER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <hiredis/hiredis.h>


/* the longest reply, and the longest line in it, in bytes */

#define NGX_COMMERCE_REDIS_REPLY_MAX     (64 * 1024 * 1024)
#define NGX_COMMERCE_REDIS_LINE_MAX      (64 * 1024)

/* elements of all arrays of one reply */

#define NGX_COMMERCE_REDIS_ELEMENTS_MAX  (1024 * 1024)

/* arrays that an array of a reply may be in */

#define NGX_COMMERCE_REDIS_DEPTH_MAX     7


typedef struct {
    redisReader                *reader;
    redisReplyObjectFunctions   functions;
    size_t                      bytes;     /* read of the reply under way */
    size_t                      elements;  /* announced by it */
    const char                 *error;     /* why NGX_ERROR was returned */
} ngx_commerce_redis_reader_t;


/* NGX_OK or NGX_ERROR: out of memory */
ngx_int_t ngx_commerce_redis_reader_open(ngx_commerce_redis_reader_t *r);

void ngx_commerce_redis_reader_close(ngx_commerce_redis_reader_t *r);

/* copies bytes in; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_redis_reader_feed(ngx_commerce_redis_reader_t *r,
    u_char *data, size_t len);

/*
 * NGX_OK: *reply is the next one, the caller's, for freeReplyObject();
 * NGX_AGAIN: more bytes are needed; NGX_ERROR: this is not Redis's protocol,
 * or more than the bounds allow; nothing can be read any more.
 */
ngx_int_t ngx_commerce_redis_reader_next(ngx_commerce_redis_reader_t *r,
    redisReply **reply);


#endif /* _NGX_COMMERCE_REDIS_READER_H_INCLUDED_ */
