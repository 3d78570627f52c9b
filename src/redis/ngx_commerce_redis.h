
/*
 * Redis on nginx's own connections: in each worker one for commands to each
 * node of Redis, and one more for the subscription in the worker that holds
 * the duties.  Which node has a key is known here alone.
 */


#ifndef _NGX_COMMERCE_REDIS_H_INCLUDED_
#define _NGX_COMMERCE_REDIS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <hiredis/hiredis.h>
#include "ngx_commerce_redis_error.h"
#include "ngx_commerce_redis_reply.h"
#include "ngx_commerce_tenant.h"


typedef struct ngx_commerce_redis_call_s    ngx_commerce_redis_call_t;
typedef struct ngx_commerce_redis_node_s    ngx_commerce_redis_node_t;
typedef struct ngx_commerce_redis_script_s  ngx_commerce_redis_script_t;


/*
 * Called once for each call, never from within the function that made it.
 * reply is NULL if no answer came (Redis away, time out, protocol error):
 * the command may have been carried out or not.  An error answer is a reply of
 * REDIS_REPLY_ERROR: ngx_commerce_redis_error() says which.  The reply may
 * have any type and shape, and is freed when the handler returns, as the call
 * is.  The handler may make and cancel calls.  In a worker that exits, calls
 * are dropped and their handlers not called.
 */
typedef void (*ngx_commerce_redis_handler_pt)(void *data, redisReply *reply);


/*
 * Sends one command, or EVALSHA of a script (EVAL on NOSCRIPT), to the node
 * that has the key; arguments are copied.  key is the one that the command is
 * about; a script's is the first of its arguments, of which the first nkeys, at
 * least one, are keys.  Calls made in one go are sent in one go.  Calls that
 * have the same key are sent in their order, but a script that Redis didn't
 * know runs after those sent in the meantime.
 * Without a connection the call waits for the attempt to make one, at most the
 * connect timeout for each of the host's addresses, then ends with no answer.
 *
 * A script's keys have to be of one slot, also on a Redis that has no slots.
 *
 * NULL if out of memory, too many calls wait, Redis is known to be away, or
 * keys are of several slots (an alert): then the handler is not called.
 */
ngx_commerce_redis_call_t *ngx_commerce_redis_command(
    ngx_commerce_tenant_t *tenant, ngx_str_t *key, ngx_uint_t argc,
    ngx_str_t *argv, ngx_commerce_redis_handler_pt handler, void *data);

ngx_commerce_redis_call_t *ngx_commerce_redis_eval(
    ngx_commerce_tenant_t *tenant, ngx_commerce_redis_script_t *script,
    ngx_uint_t nkeys, ngx_uint_t argc, ngx_str_t *argv,
    ngx_commerce_redis_handler_pt handler, void *data);

/* the call's handler will not be called; its answer is dropped */
void ngx_commerce_redis_cancel(ngx_commerce_redis_call_t *call);

/*
 * To be called in a handler: its reply is not what Redis answers to such a
 * call.  What follows may be out of order, too: the connection that it came
 * over is made anew.
 */
void ngx_commerce_redis_reject_reply(ngx_commerce_tenant_t *tenant);

/*
 * 1 if the worker's connection to the node that has a key is established and
 * answers; with key NULL, if those to all nodes do.
 */
ngx_uint_t ngx_commerce_redis_ready(ngx_commerce_tenant_t *tenant,
    ngx_str_t *key);

/* 1 if Redis is taken for away since its data are of another schema */
ngx_uint_t ngx_commerce_redis_foreign(ngx_commerce_tenant_t *tenant);


/*
 * Asks to be told, in this worker, each time that the connection to a node is
 * there again (and the first time): what was sent to it may be lost, and it
 * may be another process, with other data, than before.  To be called in
 * init_worker.  NGX_OK or NGX_ERROR.
 */
typedef void (*ngx_commerce_redis_connected_pt)(ngx_commerce_tenant_t *tenant,
    void *data, ngx_commerce_redis_node_t *node);

ngx_int_t ngx_commerce_redis_on_connect(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_connected_pt handler, void *data);

/* names the Redis process that a node is; empty if Redis doesn't tell */
ngx_str_t *ngx_commerce_redis_run_id(ngx_commerce_redis_node_t *node);


/*
 * Adds an entry to the tenant's stream of events: n texts, names and values by
 * turns, and the node and the time.  Nobody waits for it; that Redis refused
 * it is logged.
 */
void ngx_commerce_redis_event(ngx_commerce_tenant_t *tenant,
    ngx_str_t *fields, ngx_uint_t n);

/*
 * The same of a refusal, of which anybody can make many: a node tells of ten a
 * second of each reason.  Adds the "reason", and in "left_out" how many of it
 * were not told before this one.
 */
void ngx_commerce_redis_event_refused(ngx_commerce_tenant_t *tenant,
    ngx_commerce_reason_e reason, ngx_str_t *fields, ngx_uint_t n);


/*
 * A script: a file scripts/NAME.lua, compiled in as
 * ngx_commerce_redis_script_NAME.  The SHA-1, in hex, is computed when the
 * script is used first.
 */

struct ngx_commerce_redis_script_s {
    ngx_str_t   name;
    ngx_str_t   text;
    u_char      sha[40];
};


/*
 * A room's key from the tenant's namespace: PREFIX{ROOM}SUFFIX, e.g. of
 * suffix ":shelf", so that all keys of a room share a hash slot.  From the
 * pool; data is NULL if out of memory.
 */
ngx_str_t ngx_commerce_redis_room_key(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, const char *suffix);

/*
 * 1 if keys lie in one slot by their hash tags, as Redis Cluster reads them:
 * what stands between the first '{' and the first '}' behind it, if that is
 * anything; else the whole key.
 */
ngx_uint_t ngx_commerce_redis_same_slot(ngx_str_t *keys, ngx_uint_t n);

/* n keys of a room, one for each suffix; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_redis_room_keys(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *room, const char **suffix, ngx_uint_t n,
    ngx_str_t *keys);

/*
 * A record's key: of a room PREFIX{ROOM}, of who is out of it PREFIX{ROOM}:out,
 * of others as PREFIX host:{HOST}.
 */
ngx_str_t ngx_commerce_redis_record_name(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_commerce_kind_e kind, ngx_str_t *name);

/*
 * The part of a host's followers that a viewer is in, if he follows:
 * PREFIX host:{HOST.kk}:followers, kk being the first two hex digits of the
 * SHA-256 of the viewer's subject, so that the many of one host are in 256
 * slots.  data is NULL if out of memory.
 */
ngx_str_t ngx_commerce_redis_followers_key(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_str_t *host, ngx_str_t *subject);

/* the tenant's single key of that name: PREFIX NAME */
ngx_str_t ngx_commerce_redis_key(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, const char *name);

/*
 * The channel of a record: PREFIX changed:{ROOM}, PREFIX changed:host:{NAME},
 * PREFIX changed:product:{NAME}, PREFIX changed:out:{ROOM}.  If name is NULL
 * PREFIX changed, where a message has nodes check all that they hold.
 */
ngx_str_t ngx_commerce_redis_channel(ngx_commerce_tenant_t *tenant,
    ngx_pool_t *pool, ngx_commerce_kind_e kind, ngx_str_t *name);

/*
 * What a channel is about; name points into channel.  NGX_OK; NGX_DECLINED
 * if it is the channel without a name; NGX_ERROR if it is none of ours.
 */
ngx_int_t ngx_commerce_redis_channel_parse(ngx_commerce_tenant_t *tenant,
    ngx_str_t *channel, ngx_commerce_kind_e *kind, ngx_str_t *name);


extern ngx_module_t  ngx_commerce_redis_module;


#endif /* _NGX_COMMERCE_REDIS_H_INCLUDED_ */
