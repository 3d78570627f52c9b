
/*
 * Errors as Redis 6, 7 and 8 and Valkey word them, by themselves and from
 * within a script.
 */

/* links: src/redis/ngx_commerce_redis_error.c src/core/ngx_commerce_text.c */


#include "ngx_commerce_redis_error.h"
#include "tap.h"


#define OLD    "ERR Error running script (call to f_eefb072c762647cc8d8a40e7" \
               "fe048aaf8872d416): @user_script:7: "
#define OLDER  OLD "@user_script: 7: "
#define NEW    " script: eefb072c762647cc8d8a40e7fe048aaf8872d416, on " \
               "@user_script:1."

#define WRONGTYPE  "WRONGTYPE Operation against a key holding the wrong kind " \
                   "of value"
#define OOM        "OOM command not allowed when used memory > 'maxmemory'."


static struct {
    const char                  *text;
    ngx_commerce_redis_error_e   error;
} cases[] = {

    { WRONGTYPE, NGX_COMMERCE_REDIS_WRONG_TYPE },
    { WRONGTYPE NEW, NGX_COMMERCE_REDIS_WRONG_TYPE },
    { OLD WRONGTYPE " ", NGX_COMMERCE_REDIS_WRONG_TYPE },

    { "ERR value is not an integer or out of range",
      NGX_COMMERCE_REDIS_WRONG_VALUE },
    { OLD "ERR value is not an integer or out of range ",
      NGX_COMMERCE_REDIS_WRONG_VALUE },
    { "ERR hash value is not an integer" NEW, NGX_COMMERCE_REDIS_WRONG_VALUE },
    { "ERR commerce: \"READONLY\" in \"commerce:{OOM}:0:counts\"",
      NGX_COMMERCE_REDIS_WRONG_VALUE },

    { OOM, NGX_COMMERCE_REDIS_FULL },
    { OOM NEW, NGX_COMMERCE_REDIS_FULL },
    { OLDER "-" OOM, NGX_COMMERCE_REDIS_FULL },

    { "READONLY You can't write against a read only replica." NEW,
      NGX_COMMERCE_REDIS_READ_ONLY },
    { OLDER "-READONLY You can't write against a read only replica.",
      NGX_COMMERCE_REDIS_READ_ONLY },
    { "MISCONF Redis is configured to save RDB snapshots",
      NGX_COMMERCE_REDIS_NO_WRITES },
    { "NOREPLICAS Not enough good replicas to write.",
      NGX_COMMERCE_REDIS_NO_WRITES },

    { "LOADING Redis is loading the dataset in memory",
      NGX_COMMERCE_REDIS_NOT_READY },
    { "MASTERDOWN Link with MASTER is down", NGX_COMMERCE_REDIS_NOT_READY },
    { "BUSY Redis is busy running a script.", NGX_COMMERCE_REDIS_NOT_READY },
    { "CLUSTERDOWN Hash slot not served", NGX_COMMERCE_REDIS_NOT_READY },
    { "TRYAGAIN Multiple keys request", NGX_COMMERCE_REDIS_NOT_READY },
    { "ERR max number of clients reached", NGX_COMMERCE_REDIS_NOT_READY },

    { "MOVED 866 127.0.0.1:7001", NGX_COMMERCE_REDIS_MOVED },
    { "ASK 866 127.0.0.1:7001", NGX_COMMERCE_REDIS_MOVED },
    { "NOSCRIPT No matching script.", NGX_COMMERCE_REDIS_NO_SCRIPT },

    { "NOAUTH Authentication required.", NGX_COMMERCE_REDIS_NO_LOGIN },
    { "WRONGPASS invalid username-password pair",
      NGX_COMMERCE_REDIS_NO_LOGIN },

    /* 6 and 7.0, then later ones */

    { "NOPERM this user has no permissions to run the 'hset' command",
      NGX_COMMERCE_REDIS_FORBIDDEN },
    { "ERR The user executing the script can't run this command or "
      "subcommand" NEW, NGX_COMMERCE_REDIS_FORBIDDEN },
    { OLDER "The user executing the script can't run this command or "
      "subcommand", NGX_COMMERCE_REDIS_FORBIDDEN },
    { "NOPERM User a has no permissions to run the 'hset' command",
      NGX_COMMERCE_REDIS_FORBIDDEN },
    { "NOPERM ACL failure in script: User a has no permissions to run the "
      "'hset' command" NEW, NGX_COMMERCE_REDIS_FORBIDDEN },

    { "NOPERM this user has no permissions to access one of the keys used "
      "as arguments", NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { "ERR The user executing the script can't access at least one of the "
      "keys mentioned in the command arguments" NEW,
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { OLDER "The user executing the script can't access at least one of the "
      "keys mentioned in the command arguments",
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { "ERR ACL failure in script: User a has no permissions to run the "
      "'hset' command" NEW, NGX_COMMERCE_REDIS_FORBIDDEN },
    { "ERR ACL failure in script: No permissions to access a key" NEW,
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { "NOPERM No permissions to access a key",
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },
    { "NOPERM ACL failure in script: No permissions to access a key" NEW,
      NGX_COMMERCE_REDIS_KEY_FORBIDDEN },

    /* a word that stands elsewhere, or begins another, says nothing */

    { "ERR unknown command 'HGETALL', with args beginning with: "
      "'commerce:product:{WRONGTYPE}' ", NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "ERR user_script:1: READONLY" NEW, NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "BUSYKEY Target key name already exists.",
      NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "OOMPH", NGX_COMMERCE_REDIS_OTHER_ERROR },

    /* cut short */

    { "", NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "ERR", NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "ERR ", NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "OO", NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "OOM", NGX_COMMERCE_REDIS_FULL },
    { "ERR Error running script (call to ", NGX_COMMERCE_REDIS_OTHER_ERROR },
    { "ERR Error running script (call to f_1)",
      NGX_COMMERCE_REDIS_OTHER_ERROR },
    { OLDER, NGX_COMMERCE_REDIS_OTHER_ERROR },
    { OLDER "-", NGX_COMMERCE_REDIS_OTHER_ERROR },
};


/* each text stands in memory of its own size, without a zero behind it */

static ngx_commerce_redis_error_e
error_of(const char *text)
{
    redisReply                   reply;
    ngx_commerce_redis_error_e   error;

    memset(&reply, 0, sizeof(reply));

    reply.type = REDIS_REPLY_ERROR;
    reply.len = strlen(text);
    reply.str = malloc(reply.len);
    memcpy(reply.str, text, reply.len);

    error = ngx_commerce_redis_error(&reply);

    free(reply.str);

    return error;
}


int
main(void)
{
    size_t      i;
    redisReply  reply;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ok(error_of(cases[i].text) == cases[i].error, "%s", cases[i].text);
    }

    memset(&reply, 0, sizeof(reply));
    reply.type = REDIS_REPLY_STATUS;
    reply.str = (char *) "OOM";
    reply.len = 3;

    ok(ngx_commerce_redis_error(&reply) == NGX_COMMERCE_REDIS_NO_ERROR,
       "a status is no error, whatever it says");
    ok(ngx_commerce_redis_error(NULL) == NGX_COMMERCE_REDIS_NO_ANSWER,
       "no reply is no answer");

    ok(ngx_commerce_redis_error_of_all(NGX_COMMERCE_REDIS_READ_ONLY),
       "a replica refuses all that is written");
    ok(!ngx_commerce_redis_error_of_all(NGX_COMMERCE_REDIS_WRONG_TYPE),
       "a wrong type is one key's fault");
    ok(ngx_commerce_redis_error_of_all(NGX_COMMERCE_REDIS_FORBIDDEN),
       "what the ACL lacks concerns all");

    return tap_done();
}
