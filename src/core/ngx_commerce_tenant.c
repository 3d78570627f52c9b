
#include "ngx_commerce_tenant.h"
#include "ngx_commerce_ledger.h"
#include "ngx_commerce_zone.h"


static ngx_int_t ngx_commerce_tenant_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);


int64_t
ngx_commerce_now(ngx_commerce_tenant_t *tenant)
{
    struct timeval  tv;

    ngx_gettimeofday(&tv);

    return (int64_t) tv.tv_sec * 1000 + tv.tv_usec / 1000
           + (int64_t) tenant->stats->clock_offset;
}


int64_t
ngx_commerce_noticed(ngx_commerce_tenant_t *tenant)
{
    ngx_time_t  *tp;

    tp = ngx_timeofday();

    return (int64_t) tp->sec * 1000 + tp->msec
           + (int64_t) tenant->stats->clock_offset;
}


void
ngx_commerce_tenant_times(ngx_commerce_tenant_t *tenant,
    ngx_commerce_times_t *times)
{
    times->now = ngx_commerce_now(tenant);
    times->skew = (int64_t) tenant->skew;
    times->viewer_max = (int64_t) tenant->viewer_max;
}


char *
ngx_commerce_tenant_zone(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant)
{
    u_char     *p;
    uint32_t    crc;
    ngx_str_t   name;

    static const uint32_t  sizes[] = { sizeof(ngx_commerce_zone_sh_t),
                                       sizeof(ngx_commerce_node_t),
                                       sizeof(ngx_commerce_stats_t) };

    ngx_crc32_init(crc);
    ngx_crc32_update(&crc, tenant->source_id.data, tenant->source_id.len);
    ngx_crc32_update(&crc, tenant->prefix.data, tenant->prefix.len);
    ngx_crc32_update(&crc, (u_char *) sizes, sizeof(sizes));
    ngx_crc32_final(crc);

    name.data = ngx_pnalloc(cf->pool, sizeof("commerce:::") + tenant->name.len
                                      + NGX_INT_T_LEN + 8);
    if (name.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = ngx_sprintf(name.data, "commerce:%V:%d:%08xD", &tenant->name,
                    NGX_COMMERCE_ZONE_LAYOUT, crc);
    name.len = p - name.data;

    tenant->shm_zone = ngx_shared_memory_add(cf, &name, tenant->zone_size,
                                             &ngx_commerce_module);
    if (tenant->shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    tenant->shm_zone->init = ngx_commerce_tenant_init_zone;
    tenant->shm_zone->data = tenant;

    return NGX_CONF_OK;
}


/*
 * The ledger is opened here, and not in init_module: an error in that would
 * end a master that only was to reload.
 */

static ngx_int_t
ngx_commerce_tenant_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_commerce_tenant_t  *tenant;

    tenant = shm_zone->data;

    if (ngx_commerce_zone_init(shm_zone, data) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_commerce_ledger_open(tenant, tenant->cycle);
}
