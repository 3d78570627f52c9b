
#include "ngx_commerce_redis_schema.h"
#include "ngx_commerce_redis_error.h"
#include "ngx_commerce_redis_reply.h"
#include "ngx_commerce_text.h"


#define NGX_COMMERCE_REDIS_SCHEMA       "2"
#define NGX_COMMERCE_REDIS_SCHEMA_SCAN  "1000"    /* keys in one go */


/*
 * A step's answer: NGX_OK, NGX_ERROR, as above; NGX_DECLINED: it doesn't tell,
 * the next step; NGX_AGAIN: the same one once more.
 */

typedef struct {
    void       (*ask)(ngx_commerce_redis_schema_t *schema);
    ngx_int_t  (*answer)(ngx_commerce_redis_schema_t *schema,
                         redisReply *reply);
} ngx_commerce_redis_schema_step_t;


static void ngx_commerce_redis_schema_ask_mark(
    ngx_commerce_redis_schema_t *schema);
static ngx_int_t ngx_commerce_redis_schema_mark(
    ngx_commerce_redis_schema_t *schema, redisReply *reply);
static void ngx_commerce_redis_schema_ask_keys(
    ngx_commerce_redis_schema_t *schema);
static ngx_int_t ngx_commerce_redis_schema_keys(
    ngx_commerce_redis_schema_t *schema, redisReply *reply);
static void ngx_commerce_redis_schema_ask_names(
    ngx_commerce_redis_schema_t *schema);
static ngx_int_t ngx_commerce_redis_schema_names(
    ngx_commerce_redis_schema_t *schema, redisReply *reply);
static ngx_uint_t ngx_commerce_redis_schema_is_former(
    ngx_commerce_redis_schema_t *schema, redisReply *name);
static void ngx_commerce_redis_schema_ask_set(
    ngx_commerce_redis_schema_t *schema);
static ngx_int_t ngx_commerce_redis_schema_set(
    ngx_commerce_redis_schema_t *schema, redisReply *reply);
static ngx_int_t ngx_commerce_redis_schema_first(
    ngx_commerce_redis_schema_t *schema);
static void ngx_commerce_redis_schema_key(ngx_commerce_redis_schema_t *schema,
    ngx_uint_t n, const char *suffix);


static ngx_commerce_redis_schema_step_t  ngx_commerce_redis_schema_steps[] = {
    { ngx_commerce_redis_schema_ask_mark,  ngx_commerce_redis_schema_mark },
    { ngx_commerce_redis_schema_ask_keys,  ngx_commerce_redis_schema_keys },
    { ngx_commerce_redis_schema_ask_names, ngx_commerce_redis_schema_names },
    { ngx_commerce_redis_schema_ask_set,   ngx_commerce_redis_schema_set }
};


void
ngx_commerce_redis_schema_start(ngx_commerce_redis_schema_t *schema,
    ngx_str_t *prefix)
{
    schema->prefix = prefix;
    schema->step = 0;
    schema->cursor = 0;

    ngx_commerce_redis_schema_steps[0].ask(schema);
}


ngx_int_t
ngx_commerce_redis_schema_answer(ngx_commerce_redis_schema_t *schema,
    redisReply *reply)
{
    ngx_int_t  rc;

    schema->reason[0] = '\0';

    rc = ngx_commerce_redis_schema_steps[schema->step].answer(schema, reply);

    if (rc == NGX_OK) {
        schema->other = 0;
        return NGX_OK;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        schema->step++;
    }

    ngx_commerce_redis_schema_steps[schema->step].ask(schema);

    return NGX_AGAIN;
}


static void
ngx_commerce_redis_schema_ask_mark(ngx_commerce_redis_schema_t *schema)
{
    schema->argc = 2;
    ngx_str_set(&schema->argv[0], "GET");
    ngx_commerce_redis_schema_key(schema, 1, "schema");
}


static ngx_int_t
ngx_commerce_redis_schema_mark(ngx_commerce_redis_schema_t *schema,
    redisReply *reply)
{
    u_char     buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t  text;

    if (reply->type == REDIS_REPLY_NIL) {
        return NGX_DECLINED;
    }

    if (reply->type == REDIS_REPLY_ERROR) {
        text = ngx_commerce_redis_error_text(reply, buf);
        ngx_snprintf(schema->reason, sizeof(schema->reason) - 1,
                     "GET answered \"%V\"%Z", &text);
        return NGX_ERROR;
    }

    if (!ngx_commerce_redis_reply_is_text(reply)) {
        return NGX_ERROR;
    }

    if (ngx_strcmp(reply->str, NGX_COMMERCE_REDIS_SCHEMA) == 0) {
        return NGX_OK;
    }

    if (ngx_strcmp(reply->str, "1") == 0) {
        return ngx_commerce_redis_schema_first(schema);
    }

    schema->other = 1;

    text = ngx_commerce_text_log(reply->str, reply->len, buf, 16);

    ngx_snprintf(schema->reason, sizeof(schema->reason),
                 "its data are of schema %V, this edge needs "
                 NGX_COMMERCE_REDIS_SCHEMA ": a newer edge reads them%Z",
                 &text);

    return NGX_ERROR;
}


/* the first schema had all stream keys in one hash */

static void
ngx_commerce_redis_schema_ask_keys(ngx_commerce_redis_schema_t *schema)
{
    schema->argc = 2;
    ngx_str_set(&schema->argv[0], "EXISTS");
    ngx_commerce_redis_schema_key(schema, 1, "keys");
}


static ngx_int_t
ngx_commerce_redis_schema_keys(ngx_commerce_redis_schema_t *schema,
    redisReply *reply)
{
    if (reply->type == REDIS_REPLY_INTEGER && reply->integer) {
        return ngx_commerce_redis_schema_first(schema);
    }

    return NGX_DECLINED;
}


/* and the names of hosts and products without braces */

static void
ngx_commerce_redis_schema_ask_names(ngx_commerce_redis_schema_t *schema)
{
    schema->argc = 6;
    ngx_str_set(&schema->argv[0], "SCAN");
    schema->argv[1].data = schema->number;
    schema->argv[1].len = ngx_sprintf(schema->number, "%uL", schema->cursor)
                          - schema->number;
    ngx_str_set(&schema->argv[2], "MATCH");
    ngx_commerce_redis_schema_key(schema, 3, "[hp][or][so][td]*:[^{]*");
    ngx_str_set(&schema->argv[4], "COUNT");
    ngx_str_set(&schema->argv[5], NGX_COMMERCE_REDIS_SCHEMA_SCAN);
}


/* an ACL may forbid to look through all keys */

static ngx_int_t
ngx_commerce_redis_schema_names(ngx_commerce_redis_schema_t *schema,
    redisReply *reply)
{
    size_t       i;
    redisReply  *names;

    if (reply->type != REDIS_REPLY_ARRAY
        || reply->elements != 2
        || reply->element[0]->type != REDIS_REPLY_STRING
        || reply->element[1]->type != REDIS_REPLY_ARRAY)
    {
        return NGX_DECLINED;
    }

    names = reply->element[1];

    for (i = 0; i < names->elements; i++) {
        if (ngx_commerce_redis_schema_is_former(schema, names->element[i])) {
            return ngx_commerce_redis_schema_first(schema);
        }
    }

    schema->cursor = strtoull(reply->element[0]->str, NULL, 10);

    return schema->cursor ? NGX_AGAIN : NGX_DECLINED;
}


/* the pattern lets pass what has a colon behind the braces, as followers do */

static ngx_uint_t
ngx_commerce_redis_schema_is_former(ngx_commerce_redis_schema_t *schema,
    redisReply *name)
{
    u_char  *p, *last;

    if (name->type != REDIS_REPLY_STRING || name->len <= schema->prefix->len) {
        return 0;
    }

    last = (u_char *) name->str + name->len;
    p = ngx_strlchr((u_char *) name->str + schema->prefix->len, last, ':');

    return p != NULL && p + 1 < last && p[1] != '{';
}


static void
ngx_commerce_redis_schema_ask_set(ngx_commerce_redis_schema_t *schema)
{
    schema->argc = 4;
    ngx_str_set(&schema->argv[0], "SET");
    ngx_commerce_redis_schema_key(schema, 1, "schema");
    ngx_str_set(&schema->argv[2], NGX_COMMERCE_REDIS_SCHEMA);
    ngx_str_set(&schema->argv[3], "NX");
}


/* a Redis that can't be written to, as a replica, is not marked */

static ngx_int_t
ngx_commerce_redis_schema_set(ngx_commerce_redis_schema_t *schema,
    redisReply *reply)
{
    if (reply->type == REDIS_REPLY_NIL) {

        /* somebody else has marked it meanwhile */

        schema->step = 0;
        return NGX_AGAIN;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_schema_first(ngx_commerce_redis_schema_t *schema)
{
    schema->other = 1;

    ngx_snprintf(schema->reason, sizeof(schema->reason),
                 "its data are of schema 1, this edge needs "
                 NGX_COMMERCE_REDIS_SCHEMA ": run conf.example/migrate, "
                 "it goes on by itself then%Z");

    return NGX_ERROR;
}


/* argument n is a key or pattern below the namespace */

static void
ngx_commerce_redis_schema_key(ngx_commerce_redis_schema_t *schema,
    ngx_uint_t n, const char *suffix)
{
    schema->argv[n].data = schema->key;
    schema->argv[n].len = ngx_sprintf(schema->key, "%V%s", schema->prefix,
                                      suffix)
                          - schema->key;
}
