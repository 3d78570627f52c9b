
#include "ngx_commerce_store.h"
#include "ngx_commerce_cache.h"
#include "ngx_commerce_load.h"


/* at most once in so many ms is a record rechecked because it was used */
#define NGX_COMMERCE_STORE_RECHECK  1000

/* ms after a load within which a notice of the same version brings nothing */
#define NGX_COMMERCE_STORE_LOADED   100


static ngx_int_t ngx_commerce_store_younger(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_msec_t age, void **record);
static ngx_int_t ngx_commerce_store_unknown(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_purpose_e purpose,
    ngx_commerce_wait_t *wait);
static ngx_int_t ngx_commerce_store_count_notice(
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name,
    int64_t version);


ngx_int_t
ngx_commerce_store_get(ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind,
    ngx_str_t *name, ngx_commerce_purpose_e purpose, void **record,
    ngx_commerce_wait_t *wait)
{
    uint32_t              hash;
    ngx_int_t             rc;
    ngx_msec_t            age, stale;
    ngx_uint_t            done;
    ngx_commerce_copy_t  *copy;

    done = 0;

    if (wait && wait->done
        && wait->record == ngx_commerce_zone_hash64(tenant->zone, kind, name))
    {
        wait->done = 0;
        done = 1;
    }

    hash = ngx_commerce_zone_hash(tenant->zone, kind, name);
    copy = ngx_commerce_cache_get(tenant, kind, name, hash);

    if (copy == NULL) {

        if (done) {
            /* loaded, but the zone had no room for it, or it is gone again */
            return wait->outcome == NGX_OK ? NGX_ERROR : wait->outcome;
        }

        return ngx_commerce_store_unknown(tenant, kind, name, purpose, wait);
    }

    age = ngx_commerce_cache_age(tenant, copy, done);

    if (age > tenant->fresh) {
        stale = (purpose == NGX_COMMERCE_FOR_HOSTS) ? tenant->stale_hosts
                                                    : tenant->stale_viewers;

        if (!done && wait
            && (purpose == NGX_COMMERCE_FOR_HOSTS
                || (age > stale
                    && ngx_commerce_zone_negative(tenant->zone, kind, name)
                       == NGX_OK)))
        {
            rc = ngx_commerce_load_start(tenant, kind, name, wait, 0);

            if (rc == NGX_AGAIN) {
                return NGX_AGAIN;
            }

        } else if (!done && ngx_current_msec - copy->rechecked
                            > NGX_COMMERCE_STORE_RECHECK)
        {
            copy->rechecked = ngx_current_msec;
            (void) ngx_commerce_load_start(tenant, kind, name, NULL, 0);
        }

        if (age > stale) {
            return NGX_ERROR;
        }
    }

    *record = ngx_commerce_copy_record(copy);

    return NGX_OK;
}


ngx_int_t
ngx_commerce_store_peek(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, void **record)
{
    return ngx_commerce_store_younger(tenant, kind, name,
                                      tenant->fresh, record);
}


ngx_int_t
ngx_commerce_store_held(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, void **record)
{
    return ngx_commerce_store_younger(tenant, kind, name,
                                      tenant->stale_viewers, record);
}


static ngx_int_t
ngx_commerce_store_younger(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_msec_t age, void **record)
{
    uint32_t              hash;
    ngx_commerce_copy_t  *copy;

    hash = ngx_commerce_zone_hash(tenant->zone, kind, name);
    copy = ngx_commerce_cache_get(tenant, kind, name, hash);

    if (copy == NULL || ngx_commerce_cache_age(tenant, copy, 0) > age) {
        return NGX_DECLINED;
    }

    *record = ngx_commerce_copy_record(copy);

    return NGX_OK;
}


/*
 * That a name does not exist, or can't be learned, is believed for a moment,
 * so that a request that needs several records ends.  But not of a host's
 * room: it may have been made just now, for him to go live.
 */

static ngx_int_t
ngx_commerce_store_unknown(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_purpose_e purpose,
    ngx_commerce_wait_t *wait)
{
    ngx_int_t   rc;
    ngx_uint_t  guess;

    if (!ngx_commerce_name_valid(kind, name)) {
        return NGX_DECLINED;
    }

    if (purpose != NGX_COMMERCE_FOR_HOSTS) {
        rc = ngx_commerce_zone_negative(tenant->zone, kind, name);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    guess = ngx_commerce_kinds[kind].guessed;

    if (guess && !ngx_commerce_load_under_way(tenant, kind, name)) {

        ngx_commerce_zone_read_lock(tenant);
        rc = ngx_commerce_zone_take_token(tenant->zone,
                                          purpose == NGX_COMMERCE_FOR_VIEWERS);
        ngx_commerce_zone_unlock(tenant);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_commerce_load_start(tenant, kind, name, wait, guess);
}


ngx_int_t
ngx_commerce_store_hold(void *record, ngx_pool_t *pool)
{
    return ngx_commerce_cache_hold(ngx_commerce_record_copy(record), pool);
}


uint64_t
ngx_commerce_store_serial(void *record)
{
    return ngx_commerce_record_copy(record)->serial;
}


ngx_int_t
ngx_commerce_store_refresh(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_wait_t *wait)
{
    return ngx_commerce_load_start(tenant, kind, name, wait, 0);
}


/* a load that is under way may have been answered before: it is no answer */

ngx_int_t
ngx_commerce_store_recheck(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    (void) ngx_commerce_store_count_notice(tenant, kind, name, 0);
    (void) ngx_commerce_load_start(tenant, kind, name, NULL, 0);

    return ngx_commerce_load_under_way(tenant, kind, name) ? NGX_OK
                                                           : NGX_ERROR;
}


ngx_int_t
ngx_commerce_store_notice(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, int64_t version)
{
    ngx_int_t  rc;

    (void) ngx_atomic_fetch_add(&tenant->stats->notices, 1);

    ngx_commerce_zone_set_negative(tenant->zone, kind, name, NGX_OK);

    rc = ngx_commerce_store_count_notice(tenant, kind, name, version);

    if (rc != NGX_AGAIN) {
        return rc;
    }

    (void) ngx_commerce_load_start(tenant, kind, name, NULL, 0);

    return ngx_commerce_load_under_way(tenant, kind, name) ? NGX_OK
                                                           : NGX_ERROR;
}


void
ngx_commerce_store_wrote(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, int64_t version)
{
    if (tenant->stats->subscribed) {
        ngx_commerce_zone_set_negative(tenant->zone, kind, name, NGX_OK);
        return;
    }

    (void) ngx_commerce_store_notice(tenant, kind, name, version);
}


/*
 * NGX_AGAIN: the record may have changed, a load that began before now is
 * followed by another; NGX_OK: it is of that version already.  NGX_DECLINED:
 * it is not held.  An older version than the one held is news, too: of a Redis
 * that was rolled back.
 */

static ngx_int_t
ngx_commerce_store_count_notice(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, int64_t version)
{
    uint32_t              hash;
    ngx_int_t             rc;
    ngx_commerce_node_t  *node;

    hash = ngx_commerce_zone_hash(tenant->zone, kind, name);

    ngx_commerce_zone_read_lock(tenant);

    node = ngx_commerce_zone_find(tenant->zone, hash, kind, name);

    if (node == NULL) {
        rc = NGX_DECLINED;

    } else if (version && node->version == version && !node->unconfirmed
               && ngx_current_msec - node->checked < NGX_COMMERCE_STORE_LOADED)
    {
        rc = NGX_OK;

    } else {
        node->notices++;
        node->noticed = version;
        rc = NGX_AGAIN;
    }

    ngx_commerce_zone_unlock(tenant);

    return rc;
}


ngx_atomic_t *
ngx_commerce_store_counter(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    uint32_t  hash;

    hash = ngx_commerce_zone_hash(tenant->zone, kind, name);

    return ngx_commerce_zone_version(tenant->zone, hash);
}
