
#include "ngx_commerce_redis_reader.h"


#if (HIREDIS_MAJOR >= 1)

typedef size_t  ngx_commerce_redis_count_t;

#define ngx_commerce_redis_task(reader)  ((reader)->task[(reader)->ridx])

#else

typedef int  ngx_commerce_redis_count_t;

#define ngx_commerce_redis_task(reader)  (&(reader)->rstack[(reader)->ridx])

#endif


static void *ngx_commerce_redis_create_array(const redisReadTask *task,
    ngx_commerce_redis_count_t elements);
static ngx_uint_t ngx_commerce_redis_line_too_long(redisReader *reader);


/* hiredis's own function, the same for all its readers */

static void *(*ngx_commerce_redis_hiredis_create_array)(const redisReadTask *,
    ngx_commerce_redis_count_t);


ngx_int_t
ngx_commerce_redis_reader_open(ngx_commerce_redis_reader_t *r)
{
    ngx_memzero(r, sizeof(ngx_commerce_redis_reader_t));

    r->reader = redisReaderCreate();
    if (r->reader == NULL) {
        r->error = "out of memory";
        return NGX_ERROR;
    }

    r->functions = *r->reader->fn;
    ngx_commerce_redis_hiredis_create_array = r->functions.createArray;
    r->functions.createArray = ngx_commerce_redis_create_array;

    r->reader->fn = &r->functions;
    r->reader->privdata = r;

    return NGX_OK;
}


void
ngx_commerce_redis_reader_close(ngx_commerce_redis_reader_t *r)
{
    if (r->reader) {
        redisReaderFree(r->reader);
        r->reader = NULL;
    }
}


ngx_int_t
ngx_commerce_redis_reader_feed(ngx_commerce_redis_reader_t *r, u_char *data,
    size_t len)
{
    r->bytes += len;

    if (redisReaderFeed(r->reader, (char *) data, len) != REDIS_OK) {
        r->error = r->reader->errstr;
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_commerce_redis_reader_next(ngx_commerce_redis_reader_t *r,
    redisReply **reply)
{
    void         *next;
    redisReader  *reader;

    reader = r->reader;
    next = NULL;

    if (redisReaderGetReply(reader, &next) != REDIS_OK) {

        if (r->error == NULL) {
            r->error = reader->errstr;
        }

        return NGX_ERROR;
    }

    if (next) {
        r->bytes = reader->len - reader->pos;
        r->elements = 0;
        *reply = next;

        return NGX_OK;
    }

    if (r->bytes > NGX_COMMERCE_REDIS_REPLY_MAX) {
        r->error = "reply too long";
        return NGX_ERROR;
    }

    if (ngx_commerce_redis_line_too_long(reader)) {
        r->error = "line in reply too long";
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


/*
 * An array's length is a promise: hiredis allocates for it before a single
 * element is there.  Since 1.0 it takes arrays of any depth, and frees them
 * by recursion, for which the stack must suffice.
 */

static void *
ngx_commerce_redis_create_array(const redisReadTask *task,
    ngx_commerce_redis_count_t elements)
{
    ngx_commerce_redis_reader_t  *r;

    r = task->privdata;
    r->elements += elements;

    if (r->elements > NGX_COMMERCE_REDIS_ELEMENTS_MAX) {
        r->error = "reply with too many elements";
        return NULL;
    }

    if (r->reader->ridx > NGX_COMMERCE_REDIS_DEPTH_MAX) {
        r->error = "reply with too many arrays in arrays";
        return NULL;
    }

    return ngx_commerce_redis_hiredis_create_array(task, elements);
}


/*
 * hiredis looks for the end of a line from its beginning each time it is fed:
 * lines are short, so that this takes no time.
 */

static ngx_uint_t
ngx_commerce_redis_line_too_long(redisReader *reader)
{
    size_t  rest;

    rest = reader->len - reader->pos;

    if (rest <= NGX_COMMERCE_REDIS_LINE_MAX || reader->ridx < 0) {
        return 0;
    }

    return ngx_commerce_redis_task(reader)->type != REDIS_REPLY_STRING
           || memchr(reader->buf + reader->pos, '\n',
                     NGX_COMMERCE_REDIS_LINE_MAX)
              == NULL;
}
