
/*
 * Which schema a Redis's data are of.  The key "schema" of the namespace says
 * so.  A Redis that has neither it nor anything of the first schema, which did
 * not have it, is new, and gets it.  A connection for commands to data of
 * another schema is given up as one to a Redis that is away, until they have
 * been migrated: nothing is written there, and nothing misunderstood.
 *
 * Here is what is asked, and what the answers mean: a function of them alone.
 */


#ifndef _NGX_COMMERCE_REDIS_SCHEMA_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_SCHEMA_H_INCLUDED_


#include "ngx_commerce.h"
#include <hiredis/hiredis.h>


#define NGX_COMMERCE_REDIS_SCHEMA_ARGS  6

/* bytes of a namespace, its colon, and what is put behind it here */
#define NGX_COMMERCE_REDIS_SCHEMA_KEY   (NGX_COMMERCE_NAME_MAX + 32)


typedef struct {
    ngx_str_t    *prefix;              /* the namespace with its colon */
    ngx_uint_t    step;
    uint64_t      cursor;              /* of SCAN */

    /* the question that is asked now */
    ngx_uint_t    argc;
    ngx_str_t     argv[NGX_COMMERCE_REDIS_SCHEMA_ARGS];
    u_char        key[NGX_COMMERCE_REDIS_SCHEMA_KEY];
    u_char        number[NGX_INT64_LEN];

    u_char        reason[160];         /* of NGX_ERROR, a text; or "" */
    unsigned      other:1;             /* the data are of another one */
} ngx_commerce_redis_schema_t;


/* the first question is in argc and argv */
void ngx_commerce_redis_schema_start(ngx_commerce_redis_schema_t *schema,
    ngx_str_t *prefix);

/*
 * Takes an answer.  NGX_OK: the data are ours; NGX_AGAIN: there is another
 * question; NGX_ERROR: they are not, or no sense can be made of it.
 */
ngx_int_t ngx_commerce_redis_schema_answer(
    ngx_commerce_redis_schema_t *schema, redisReply *reply);


#endif /* _NGX_COMMERCE_REDIS_SCHEMA_H_INCLUDED_ */
