
#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_LEASE_TIME  1000    /* ms */


static ngx_uint_t ngx_commerce_lease_free(ngx_commerce_lease_t *lease,
    ngx_atomic_uint_t owner);


void
ngx_commerce_lease_tick(ngx_commerce_tenant_t *tenant)
{
    ngx_atomic_uint_t      owner;
    ngx_commerce_lease_t  *lease;

    if (ngx_exiting || ngx_terminate) {
        ngx_commerce_lease_release(tenant);
        return;
    }

    lease = &tenant->zone->sh->lease;
    owner = lease->owner;

    if (owner != (ngx_atomic_uint_t) ngx_pid) {

        if (!ngx_commerce_lease_free(lease, owner)
            || !ngx_atomic_cmp_set(&lease->owner, owner, ngx_pid))
        {
            return;
        }
    }

    lease->expires = ngx_current_msec + NGX_COMMERCE_LEASE_TIME;
}


static ngx_uint_t
ngx_commerce_lease_free(ngx_commerce_lease_t *lease, ngx_atomic_uint_t owner)
{
    if (owner == 0) {
        return 1;
    }

    if (ngx_commerce_process_gone((ngx_pid_t) owner)) {
        return 1;
    }

    return (ngx_msec_int_t) ((ngx_msec_t) lease->expires - ngx_current_msec)
           < 0;
}


ngx_uint_t
ngx_commerce_lease_held(ngx_commerce_tenant_t *tenant)
{
    return tenant->zone->sh->lease.owner == (ngx_atomic_uint_t) ngx_pid;
}


void
ngx_commerce_lease_release(ngx_commerce_tenant_t *tenant)
{
    if (!ngx_commerce_lease_held(tenant)) {
        return;
    }

    /* nobody listens until another has it, which may be never */
    tenant->stats->subscribed = 0;

    (void) ngx_atomic_cmp_set(&tenant->zone->sh->lease.owner, ngx_pid, 0);
}
