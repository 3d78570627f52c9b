
#include "ngx_commerce_redis_call.h"
#include "ngx_commerce_redis_format.h"
#include <ngx_sha1.h>


static ngx_commerce_redis_call_t *ngx_commerce_redis_call_create(
    ngx_commerce_redis_handler_pt handler, void *data, ngx_uint_t nlead,
    ngx_str_t *lead, ngx_uint_t argc, ngx_str_t *argv);
static void ngx_commerce_redis_call_sha(ngx_commerce_redis_script_t *script);


ngx_commerce_redis_call_t *
ngx_commerce_redis_call_command(ngx_uint_t argc, ngx_str_t *argv,
    ngx_commerce_redis_handler_pt handler, void *data)
{
    return ngx_commerce_redis_call_create(handler, data, 0, NULL, argc, argv);
}


ngx_commerce_redis_call_t *
ngx_commerce_redis_call_eval(ngx_commerce_redis_script_t *script,
    ngx_uint_t nkeys, ngx_uint_t argc, ngx_str_t *argv,
    ngx_commerce_redis_handler_pt handler, void *data)
{
    u_char                      keys[NGX_INT_T_LEN];
    ngx_str_t                   lead[3];
    ngx_commerce_redis_call_t  *call;

    ngx_commerce_redis_call_sha(script);

    ngx_str_set(&lead[0], "EVALSHA");
    lead[1].data = script->sha;
    lead[1].len = sizeof(script->sha);
    lead[2].data = keys;
    lead[2].len = ngx_sprintf(keys, "%ui", nkeys) - keys;

    call = ngx_commerce_redis_call_create(handler, data, 3, lead, argc, argv);

    if (call != NULL) {
        call->script = script;
        call->nargs = 3 + argc;
    }

    return call;
}


static ngx_commerce_redis_call_t *
ngx_commerce_redis_call_create(ngx_commerce_redis_handler_pt handler,
    void *data, ngx_uint_t nlead, ngx_str_t *lead, ngx_uint_t argc,
    ngx_str_t *argv)
{
    ngx_commerce_redis_call_t  *call;

    call = ngx_calloc(sizeof(ngx_commerce_redis_call_t), ngx_cycle->log);
    if (call == NULL) {
        return NULL;
    }

    call->handler = handler;
    call->data = data;

    call->bytes = ngx_commerce_redis_format(nlead, lead, argc, argv,
                                            &call->len);
    if (call->bytes == NULL) {
        ngx_free(call);
        return NULL;
    }

    return call;
}


void
ngx_commerce_redis_call_free(ngx_commerce_redis_call_t *call)
{
    if (call->bytes) {
        ngx_free(call->bytes);
    }

    ngx_free(call);
}


void
ngx_commerce_redis_call_sent(ngx_commerce_redis_call_t *call)
{
    call->sent = 1;

    if (call->script == NULL) {
        ngx_free(call->bytes);
        call->bytes = NULL;
    }
}


/* what follows the SHA in EVALSHA follows the text in EVAL */

ngx_int_t
ngx_commerce_redis_call_use_text(ngx_commerce_redis_call_t *call)
{
    size_t      skip;
    u_char     *bytes, *p;
    u_char      head[sizeof("*" CRLF "$7" CRLF "EVALSHA" CRLF "$40" CRLF)
                     + NGX_INT_T_LEN];
    ngx_str_t  *text;

    text = &call->script->text;

    p = ngx_sprintf(head, "*%ui" CRLF "$7" CRLF "EVALSHA" CRLF "$40" CRLF,
                    call->nargs);
    skip = (p - head) + sizeof(call->script->sha) + sizeof(CRLF) - 1;

    bytes = ngx_alloc(sizeof(head) + NGX_SIZE_T_LEN + text->len + call->len,
                      ngx_cycle->log);
    if (bytes == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(bytes, "*%ui" CRLF "$4" CRLF "EVAL" CRLF "$%uz" CRLF,
                    call->nargs, text->len);
    p = ngx_cpymem(p, text->data, text->len);
    p = ngx_cpymem(p, CRLF, sizeof(CRLF) - 1);
    p = ngx_cpymem(p, call->bytes + skip, call->len - skip);

    ngx_free(call->bytes);

    call->bytes = bytes;
    call->len = p - bytes;
    call->script = NULL;

    return NGX_OK;
}


static void
ngx_commerce_redis_call_sha(ngx_commerce_redis_script_t *script)
{
    u_char      digest[20];
    ngx_sha1_t  sha1;

    if (script->sha[0]) {
        return;
    }

    ngx_sha1_init(&sha1);
    ngx_sha1_update(&sha1, script->text.data, script->text.len);
    ngx_sha1_final(digest, &sha1);

    (void) ngx_hex_dump(script->sha, digest, sizeof(digest));
}
