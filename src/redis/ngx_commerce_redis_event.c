
/*
 * The tenant's stream of events, for the audit.
 */

#include "ngx_commerce_redis.h"
#include "ngx_commerce_stats.h"


#define NGX_COMMERCE_REDIS_EVENTS    "10000"  /* are kept, or a few more */
#define NGX_COMMERCE_REDIS_REFUSALS  10       /* of a reason in a second */
#define NGX_COMMERCE_REDIS_FIELDS    32       /* texts of a refusal */


static ngx_uint_t ngx_commerce_redis_event_may(ngx_commerce_tenant_t *tenant,
    ngx_commerce_reason_e reason);
static void ngx_commerce_redis_event_answered(void *data, redisReply *reply);


void
ngx_commerce_redis_event(ngx_commerce_tenant_t *tenant, ngx_str_t *fields,
    ngx_uint_t n)
{
    ngx_str_t   *argv, *arg;
    ngx_pool_t  *pool;
    u_char       at[NGX_INT64_LEN];

    pool = ngx_create_pool(1024, tenant->log);
    if (pool == NULL) {
        return;
    }

    argv = ngx_palloc(pool, (6 + n + 4) * sizeof(ngx_str_t));
    if (argv == NULL) {
        goto done;
    }

    ngx_str_set(&argv[0], "XADD");
    argv[1] = ngx_commerce_redis_key(tenant, pool, "events");
    ngx_str_set(&argv[2], "MAXLEN");
    ngx_str_set(&argv[3], "~");
    ngx_str_set(&argv[4], NGX_COMMERCE_REDIS_EVENTS);
    ngx_str_set(&argv[5], "*");

    ngx_memcpy(&argv[6], fields, n * sizeof(ngx_str_t));

    arg = &argv[6 + n];

    ngx_str_set(&arg[0], "node");
    arg[1] = tenant->node;
    ngx_str_set(&arg[2], "at");
    arg[3].data = at;
    arg[3].len = ngx_sprintf(at, "%L", ngx_commerce_now(tenant)) - at;

    if (argv[1].data) {
        (void) ngx_commerce_redis_command(tenant, &argv[1], 6 + n + 4, argv,
                                          ngx_commerce_redis_event_answered,
                                          tenant);
    }

done:

    ngx_destroy_pool(pool);
}


void
ngx_commerce_redis_event_refused(ngx_commerce_tenant_t *tenant,
    ngx_commerce_reason_e reason, ngx_str_t *fields, ngx_uint_t n)
{
    u_char              left[NGX_INT_T_LEN];
    ngx_str_t           all[NGX_COMMERCE_REDIS_FIELDS + 4], *field;
    ngx_atomic_t       *counter;
    ngx_atomic_uint_t   left_out;

    if (!ngx_commerce_redis_event_may(tenant, reason)) {
        return;
    }

    n = ngx_min(n, NGX_COMMERCE_REDIS_FIELDS);
    ngx_memcpy(all, fields, n * sizeof(ngx_str_t));

    field = all + n;

    ngx_str_set(&field[0], "reason");
    field[1] = *ngx_commerce_reason(reason);
    n += 2;

    counter = &tenant->stats->left_out[reason];

    do {
        left_out = *counter;
    } while (!ngx_atomic_cmp_set(counter, left_out, 0));

    if (left_out) {
        ngx_str_set(&field[2], "left_out");
        field[3].data = left;
        field[3].len = ngx_sprintf(left, "%uA", left_out) - left;
        n += 2;
    }

    ngx_commerce_redis_event(tenant, all, n);
}


/*
 * 1 if it is to be told.  Workers may be a second apart by their clocks: the
 * last of these seconds is what counts.
 */

static ngx_uint_t
ngx_commerce_redis_event_may(ngx_commerce_tenant_t *tenant,
    ngx_commerce_reason_e reason)
{
    ngx_atomic_t       *told;
    ngx_atomic_uint_t   was, second, n;

    told = &tenant->stats->told[reason];

    do {
        was = *told;
        second = ngx_max(ngx_current_msec / 1000, was >> 8);
        n = (second == was >> 8) ? (was & 0xff) : 0;

        if (n == NGX_COMMERCE_REDIS_REFUSALS) {
            (void) ngx_atomic_fetch_add(&tenant->stats->left_out[reason], 1);
            return 0;
        }

    } while (!ngx_atomic_cmp_set(told, was, (second << 8) | (n + 1)));

    return 1;
}


static void
ngx_commerce_redis_event_answered(void *data, redisReply *reply)
{
    ngx_commerce_redis_error_warn(data, reply, "an event");
}
