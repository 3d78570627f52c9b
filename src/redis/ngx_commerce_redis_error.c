
#include "ngx_commerce_redis_error.h"
#include "ngx_commerce_text.h"


typedef struct {
    ngx_str_t                   start;
    ngx_commerce_redis_error_e  error;
} ngx_commerce_redis_error_text_t;


static ngx_str_t ngx_commerce_redis_error_said(redisReply *reply);
static void ngx_commerce_redis_error_unwrap(ngx_str_t *text);
static ngx_uint_t ngx_commerce_redis_error_skip(ngx_str_t *text,
    const char *start);


/*
 * What errors begin with, "ERR" left out; the first that fits.  Names that an
 * error quotes come later in it, so that they are never taken for its kind.
 */

static ngx_commerce_redis_error_text_t  ngx_commerce_redis_error_texts[] = {

    { ngx_string("WRONGTYPE"), NGX_COMMERCE_REDIS_WRONG_TYPE },

    { ngx_string("value is not an integer"), NGX_COMMERCE_REDIS_WRONG_VALUE },
    { ngx_string("value is not a valid float"),
      NGX_COMMERCE_REDIS_WRONG_VALUE },
    { ngx_string("hash value is not"), NGX_COMMERCE_REDIS_WRONG_VALUE },
    { ngx_string("increment or decrement would overflow"),
      NGX_COMMERCE_REDIS_WRONG_VALUE },

    /* of our own scripts */
    { ngx_string("commerce:"), NGX_COMMERCE_REDIS_WRONG_VALUE },

    { ngx_string("NOPERM this user has no permissions to access"),
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { ngx_string("NOPERM No permissions to access"),
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { ngx_string("NOPERM ACL failure in script: No permissions to access"),
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { ngx_string("The user executing the script can't access"),
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { ngx_string("ACL failure in script: No permissions to access"),
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },

    { ngx_string("NOPERM"), NGX_COMMERCE_REDIS_FORBIDDEN },
    { ngx_string("The user executing the script can't"),
      NGX_COMMERCE_REDIS_FORBIDDEN },
    { ngx_string("ACL failure in script:"), NGX_COMMERCE_REDIS_FORBIDDEN },

    { ngx_string("NOAUTH"), NGX_COMMERCE_REDIS_NO_LOGIN },
    { ngx_string("WRONGPASS"), NGX_COMMERCE_REDIS_NO_LOGIN },

    { ngx_string("READONLY"), NGX_COMMERCE_REDIS_READ_ONLY },
    { ngx_string("MISCONF"), NGX_COMMERCE_REDIS_NO_WRITES },
    { ngx_string("NOREPLICAS"), NGX_COMMERCE_REDIS_NO_WRITES },
    { ngx_string("OOM"), NGX_COMMERCE_REDIS_FULL },

    { ngx_string("LOADING"), NGX_COMMERCE_REDIS_NOT_READY },
    { ngx_string("MASTERDOWN"), NGX_COMMERCE_REDIS_NOT_READY },
    { ngx_string("CLUSTERDOWN"), NGX_COMMERCE_REDIS_NOT_READY },
    { ngx_string("TRYAGAIN"), NGX_COMMERCE_REDIS_NOT_READY },
    { ngx_string("BUSY"), NGX_COMMERCE_REDIS_NOT_READY },
    { ngx_string("max number of clients reached"),
      NGX_COMMERCE_REDIS_NOT_READY },

    { ngx_string("MOVED"), NGX_COMMERCE_REDIS_MOVED },
    { ngx_string("ASK"), NGX_COMMERCE_REDIS_MOVED },
    { ngx_string("NOSCRIPT"), NGX_COMMERCE_REDIS_NO_SCRIPT },

    { ngx_null_string, NGX_COMMERCE_REDIS_OTHER_ERROR }
};


/* those that are not a key's or a call's own */

static const ngx_uint_t
    ngx_commerce_redis_errors_of_all[NGX_COMMERCE_REDIS_ERRORS] = {
    [NGX_COMMERCE_REDIS_NO_ANSWER]     = 1,
    [NGX_COMMERCE_REDIS_FORBIDDEN]     = 1,
    [NGX_COMMERCE_REDIS_NO_LOGIN]      = 1,
    [NGX_COMMERCE_REDIS_READ_ONLY]     = 1,
    [NGX_COMMERCE_REDIS_NO_WRITES]     = 1,
    [NGX_COMMERCE_REDIS_FULL]          = 1,
    [NGX_COMMERCE_REDIS_NOT_READY]     = 1
};


ngx_commerce_redis_error_e
ngx_commerce_redis_error(redisReply *reply)
{
    ngx_str_t                         text;
    ngx_commerce_redis_error_text_t  *known;

    if (reply == NULL) {
        return NGX_COMMERCE_REDIS_NO_ANSWER;
    }

    if (reply->type != REDIS_REPLY_ERROR) {
        return NGX_COMMERCE_REDIS_NO_ERROR;
    }

    text = ngx_commerce_redis_error_said(reply);

    for (known = ngx_commerce_redis_error_texts; known->start.len; known++) {

        /* whole words */

        if (text.len >= known->start.len
            && ngx_memcmp(text.data, known->start.data, known->start.len) == 0
            && (text.len == known->start.len
                || text.data[known->start.len] == ' '))
        {
            break;
        }
    }

    return known->error;
}


/* what an error says, without "ERR" and what old versions put around it */

static ngx_str_t
ngx_commerce_redis_error_said(redisReply *reply)
{
    ngx_str_t  text;

    text.data = (u_char *) reply->str;
    text.len = reply->len;

    ngx_commerce_redis_error_skip(&text, "ERR ");

    if (ngx_commerce_redis_error_skip(&text, "Error running script (call to "))
    {
        ngx_commerce_redis_error_unwrap(&text);
        ngx_commerce_redis_error_skip(&text, "-");
        ngx_commerce_redis_error_skip(&text, "ERR ");
    }

    return text;
}


/*
 * Before version 7 Redis put words of its own around the error of a command
 * in a script:
 *
 *   ERR Error running script (call to f_SHA): @user_script:7: WRONGTYPE ...
 *   ERR Error running script (call to f_SHA): @user_script:7: @user_script: 7:
 *       -OOM ...
 */

static void
ngx_commerce_redis_error_unwrap(ngx_str_t *text)
{
    while (text->len && *text->data != ')') {
        text->data++;
        text->len--;
    }

    ngx_commerce_redis_error_skip(text, "): ");

    while (ngx_commerce_redis_error_skip(text, "@user_script:")) {

        while (text->len
               && (*text->data == ' ' || *text->data == ':'
                   || (*text->data >= '0' && *text->data <= '9')))
        {
            text->data++;
            text->len--;
        }
    }
}


/* 1 if the text began so */

static ngx_uint_t
ngx_commerce_redis_error_skip(ngx_str_t *text, const char *start)
{
    size_t  len;

    len = ngx_strlen(start);

    if (text->len < len || ngx_memcmp(text->data, start, len) != 0) {
        return 0;
    }

    text->data += len;
    text->len -= len;

    return 1;
}


ngx_uint_t
ngx_commerce_redis_error_of_all(ngx_commerce_redis_error_e error)
{
    return ngx_commerce_redis_errors_of_all[error];
}


ngx_str_t
ngx_commerce_redis_error_text(redisReply *reply, u_char *buf)
{
    return ngx_commerce_text_log(reply->str, reply->len, buf,
                                 NGX_COMMERCE_REDIS_TEXT_MAX);
}


void
ngx_commerce_redis_error_warn(ngx_commerce_tenant_t *tenant, redisReply *reply,
    const char *what)
{
    u_char     buf[NGX_COMMERCE_REDIS_TEXT_MAX];
    ngx_str_t  text;

    if (reply == NULL || reply->type != REDIS_REPLY_ERROR) {
        return;
    }

    text = ngx_commerce_redis_error_text(reply, buf);

    ngx_log_error(NGX_LOG_WARN, tenant->log, 0,
                  "commerce \"%V\": Redis refused %s: \"%V\"", &tenant->name,
                  what, &text);
}
