
/*
 * The API: JSON over REST, each write one script in Redis.
 *
 * A request goes through route, body and the route's handler, and from there
 * from one answer of Redis to the next step.  Each of these functions either
 * has answered the request, and returns what a content handler returns; or
 * returns NGX_DONE: Redis was asked, and a step will follow; or, where its
 * comment says so, NGX_DECLINED: nothing was refused, go on.
 */


#ifndef _NGX_HTTP_COMMERCE_API_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "ngx_commerce_redis.h"
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_json.h"


typedef struct ngx_http_commerce_api_s      ngx_http_commerce_api_t;
typedef struct ngx_http_commerce_api_key_s  ngx_http_commerce_api_key_t;

typedef ngx_int_t (*ngx_http_commerce_api_handler_pt)(
    ngx_http_commerce_api_t *api);

typedef ngx_int_t (*ngx_http_commerce_api_step_pt)(
    ngx_http_commerce_api_t *api, redisReply *reply);


/* a field of a record or of a request's body */

typedef struct ngx_http_commerce_api_type_s  ngx_http_commerce_api_type_t;

typedef struct {
    ngx_str_t                               name;
    const ngx_http_commerce_api_type_t     *type;
    ngx_str_t                              *words;
    ngx_uint_t                              required;
} ngx_http_commerce_api_field_t;

struct ngx_http_commerce_api_type_s {
    json_type                               json;
    ngx_uint_t                            (*check)(ngx_str_t *text,
                                                   ngx_str_t *words);
    const char                             *expected;
};


typedef struct {
    ngx_commerce_kind_e                     kind;
    ngx_str_t                               name;
    const char                             *unknown;   /* reason */
    ngx_http_commerce_api_field_t          *fields;
} ngx_http_commerce_api_resource_t;


/* what a route's body has to be */

typedef enum {
    NGX_HTTP_COMMERCE_API_NO_BODY = 0,
    NGX_HTTP_COMMERCE_API_MAY_HAVE_BODY,
    NGX_HTTP_COMMERCE_API_BODY,
    NGX_HTTP_COMMERCE_API_PATCH
} ngx_http_commerce_api_body_e;


typedef struct {
    ngx_str_t                               collection;
    ngx_str_t                               part;      /* of a record */
    const char                             *member;    /* what follows it */
    ngx_str_t                               rest;      /* and behind that */
    ngx_uint_t                              method;
    ngx_http_commerce_api_body_e            body;
    ngx_http_commerce_api_resource_t       *resource;  /* NULL: it is about
                                                          no record */
    ngx_http_commerce_api_handler_pt        handler;
} ngx_http_commerce_api_route_t;


struct ngx_http_commerce_api_s {
    ngx_http_request_t                     *request;
    ngx_commerce_tenant_t                  *tenant;

    ngx_http_commerce_api_route_t          *route;
    ngx_str_t                               name;      /* of the record */
    ngx_str_t                               member;    /* of the route */
    ngx_str_t                               product;   /* to be shown */

    ngx_str_t                               match;     /* If-Match */
    ngx_str_t                               none_match; /* If-None-Match */
    ngx_uint_t                              more;      /* than the record is
                                                          in the answer */

    json_t                                 *body;      /* NULL: none */
    json_t                                 *answer;    /* as far as it is */
    int64_t                                 show;      /* the room's */
    ngx_uint_t                              again;     /* times that a script
                                                          wanted another key */

    ngx_commerce_redis_call_t              *call;      /* not answered yet */
    ngx_http_commerce_api_step_pt           step;      /* to its answer */
    void                                   *data;      /* of the steps */
    ngx_http_commerce_api_key_t            *key;       /* of those of a key */
};


#define ngx_http_commerce_api_same(one, two)                                  \
    ((one)->len == (two)->len                                                 \
     && ((one)->len == 0                                                      \
         || ngx_memcmp((one)->data, (two)->data, (one)->len) == 0))


/*
 * Reads If-Match and If-None-Match into api->match and api->none_match, as
 * scripts that write take them.  NGX_DECLINED: go on.
 */
ngx_int_t ngx_http_commerce_api_read_conditions(ngx_http_commerce_api_t *api);

/*
 * Answers with JSON, which is freed, and the record's version as its ETag; a
 * GET, if the conditions say so, with 304 or 412.
 */
ngx_int_t ngx_http_commerce_api_answer(ngx_http_commerce_api_t *api,
    ngx_uint_t status, json_t *json, int64_t version);

/* answers that a condition does not hold; version < 0: there is no record */
ngx_int_t ngx_http_commerce_api_differs(ngx_http_commerce_api_t *api,
    int64_t version);

/* answers with a problem; fmt is that of ngx_sprintf() */
ngx_int_t ngx_http_commerce_api_refuse(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, const char *fmt, ...);

/* the same with more members, which are freed; they may be NULL */
ngx_int_t ngx_http_commerce_api_refuse_with(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, json_t *more, const char *fmt,
    ...);

/* answers that there is no such record */
ngx_int_t ngx_http_commerce_api_unknown(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_resource_t *resource);


extern ngx_module_t  ngx_http_commerce_api_module;


#endif /* _NGX_HTTP_COMMERCE_API_H_INCLUDED_ */
