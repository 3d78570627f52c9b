
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
#include "ngx_commerce_redis_scripts.h"
#include "ngx_http_commerce_module.h"
#include "ngx_http_commerce_json.h"


#define NGX_HTTP_COMMERCE_API_BODY_MAX   65536    /* bytes */
#define NGX_HTTP_COMMERCE_API_AT_RANGE   86400000 /* ms around the present */


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
    ngx_uint_t                              method;
    ngx_http_commerce_api_body_e            body;
    ngx_http_commerce_api_resource_t       *resource;
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

    ngx_commerce_redis_call_t              *call;      /* not answered yet */
    ngx_http_commerce_api_step_pt           step;      /* to its answer */
    void                                   *data;      /* of the steps */
    ngx_http_commerce_api_key_t            *key;       /* of those of a key */
};


/* what a body changes: names and values, in turn; and names to remove */

typedef struct {
    ngx_array_t                             set;       /* of ngx_str_t */
    ngx_array_t                             removed;   /* of ngx_str_t */
} ngx_http_commerce_api_changes_t;


#define ngx_http_commerce_api_same(one, two)                                  \
    ((one)->len == (two)->len                                                 \
     && ((one)->len == 0                                                      \
         || ngx_memcmp((one)->data, (two)->data, (one)->len) == 0))


/* answers with a problem; fmt is that of ngx_sprintf() */
ngx_int_t ngx_http_commerce_api_refuse(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, const char *fmt, ...);

/* the same with more members, which are freed; they may be NULL */
ngx_int_t ngx_http_commerce_api_refuse_with(ngx_http_commerce_api_t *api,
    ngx_uint_t status, const char *reason, json_t *more, const char *fmt,
    ...);


/*
 * ngx_http_commerce_api_route.c: sets route, name and product from the
 * request's method and what follows the location's prefix in its URI.
 * NGX_DECLINED: go on.
 */
ngx_int_t ngx_http_commerce_api_find_route(ngx_http_commerce_api_t *api);


/*
 * ngx_http_commerce_api_body.c: before it is read, whether the body may be
 * what the route wants; then reads it into api->body.  NGX_DECLINED: go on.
 */
ngx_int_t ngx_http_commerce_api_expect_body(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_parse_body(ngx_http_commerce_api_t *api);

/* answers that the body is too large, whoever found that */
ngx_int_t ngx_http_commerce_api_too_large(ngx_http_commerce_api_t *api);


/*
 * ngx_http_commerce_api_condition.c: reads If-Match and If-None-Match into
 * api->match and api->none_match, as scripts that write take them.
 * NGX_DECLINED: go on.
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


/* ngx_http_commerce_api_types.c: what a field may hold */

extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_text_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_number_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_end_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_word_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_name_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_currency_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_link_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_image_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_key_type;
extern const ngx_http_commerce_api_type_t  ngx_http_commerce_api_key_auth_type;


/*
 * ngx_http_commerce_api_fields.c: checks the body against a table and says
 * what it changes.  With replace, optional fields that it lacks are removed,
 * but for secrets, which nobody could have read before.  NGX_DECLINED: go on.
 */
ngx_int_t ngx_http_commerce_api_read_changes(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_field_t *fields, ngx_uint_t replace,
    ngx_http_commerce_api_changes_t *changes);

/* the value that a field is set to, or NULL */
ngx_str_t *ngx_http_commerce_api_changed(
    ngx_http_commerce_api_changes_t *changes, const char *name);

/* the text of a field as JSON */
json_t *ngx_http_commerce_api_field_json(ngx_http_commerce_api_field_t *field,
    ngx_str_t *text);

/* 1 if nobody may read the field */
ngx_uint_t ngx_http_commerce_api_secret(ngx_http_commerce_api_field_t *field);

extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_host;
extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_product;
extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_room;

extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_shelf_fields[];
extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_pin_fields[];


/*
 * ngx_http_commerce_api_redis.c: asks Redis; step gets an answer that is
 * neither missing nor an error.  Keys come first among the arguments of a
 * script.  Return NGX_DONE, or the result of the refusal.
 */
ngx_int_t ngx_http_commerce_api_command(ngx_http_commerce_api_t *api,
    ngx_array_t *args, ngx_http_commerce_api_step_pt step);
ngx_int_t ngx_http_commerce_api_eval(ngx_http_commerce_api_t *api,
    ngx_commerce_redis_script_t *script, ngx_uint_t nkeys, ngx_array_t *args,
    ngx_http_commerce_api_step_pt step);

/*
 * Reads the first word of a script's answer, and answers the request if it
 * isn't "ok".  NGX_DECLINED: go on; there are at least n elements.
 */
ngx_int_t ngx_http_commerce_api_verdict(ngx_http_commerce_api_t *api,
    redisReply *reply, size_t n);

/* answers that Redis said what makes no sense */
ngx_int_t ngx_http_commerce_api_not_understood(ngx_http_commerce_api_t *api);

/* answers that there is no such record */
ngx_int_t ngx_http_commerce_api_unknown(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_resource_t *resource);

/* an element of an answer, empty if it is missing; the bytes are hiredis's */
ngx_str_t ngx_http_commerce_api_text(redisReply *reply, size_t i);
int64_t ngx_http_commerce_api_number(redisReply *reply, size_t i);


/*
 * ngx_http_commerce_api_product.c: asks for api->product; step gives the
 * answer to the second one.  NGX_DECLINED: go on with the product.
 */
ngx_int_t ngx_http_commerce_api_ask_product(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_step_pt step);
ngx_int_t ngx_http_commerce_api_read_product(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_commerce_product_t *product);


/*
 * ngx_http_commerce_api_key.c: a stream key, given as its hash, and the
 * request's room, then go on with next.  reserve: before the room is written;
 * the room that has the key already is no hindrance.  confirm: the room has the
 * key now.  give_up: it has it no longer, or didn't get it.
 */
ngx_int_t ngx_http_commerce_api_reserve_key(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);
ngx_int_t ngx_http_commerce_api_confirm_key(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);
ngx_int_t ngx_http_commerce_api_give_up_key(ngx_http_commerce_api_t *api,
    ngx_str_t *hash, ngx_http_commerce_api_handler_pt next);


/*
 * ngx_http_commerce_api_args.c: the arguments of a command or script.  Out of
 * memory is noticed in the end, when they are sent: args may be NULL, and a
 * pushed text may lack data.
 */
ngx_array_t *ngx_http_commerce_api_args(ngx_http_commerce_api_t *api);
void ngx_http_commerce_api_push(ngx_array_t *args, ngx_str_t *text);
void ngx_http_commerce_api_push_literal(ngx_array_t *args, const char *text);
void ngx_http_commerce_api_push_number(ngx_array_t *args, int64_t n);

/* push the key of the request's record; of a part of it if it is a room */
void ngx_http_commerce_api_push_record(ngx_http_commerce_api_t *api,
    ngx_array_t *args);
void ngx_http_commerce_api_push_part(ngx_http_commerce_api_t *api,
    ngx_array_t *args, const char *suffix);

/* push the channel of the record's changes */
void ngx_http_commerce_api_push_channel(ngx_http_commerce_api_t *api,
    ngx_array_t *args);

/* push the conditions under which the record is to be written */
void ngx_http_commerce_api_push_conditions(ngx_http_commerce_api_t *api,
    ngx_array_t *args);

/* 1 if nothing is missing */
ngx_uint_t ngx_http_commerce_api_complete(ngx_array_t *args);


/*
 * ngx_http_commerce_api_room.c: asks for a room but for its shows.  Of the
 * answer to step: its elements, and its cues as every node reads them; those
 * to come are from *coming on.  NGX_OK, or NGX_ERROR: out of memory.
 */

enum {
    NGX_HTTP_COMMERCE_API_ROOM_FIELDS = 1,
    NGX_HTTP_COMMERCE_API_ROOM_SHELF,
    NGX_HTTP_COMMERCE_API_ROOM_CUES,
    NGX_HTTP_COMMERCE_API_ROOM_LIVE,
    NGX_HTTP_COMMERCE_API_ROOM_ENDED,
    NGX_HTTP_COMMERCE_API_ROOM_MEDIA,
    NGX_HTTP_COMMERCE_API_ROOM_ELEMENTS
};

ngx_int_t ngx_http_commerce_api_ask_room(ngx_http_commerce_api_t *api,
    ngx_http_commerce_api_step_pt step);
ngx_int_t ngx_http_commerce_api_room_cues(ngx_http_commerce_api_t *api,
    redisReply *reply, ngx_commerce_room_t *room, ngx_uint_t *coming);


/* the routes' handlers */

ngx_int_t ngx_http_commerce_api_read(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_put(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_patch(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_read_room(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_shelf_add(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_shelf_remove(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_pin(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_unpin(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_read_pins(ngx_http_commerce_api_t *api);
ngx_int_t ngx_http_commerce_api_pin_cancel(ngx_http_commerce_api_t *api);


#endif /* _NGX_HTTP_COMMERCE_API_H_INCLUDED_ */
