
/*
 * The directives of commerce {} that core itself needs.
 */

#include "ngx_commerce_tenant.h"
#include "ngx_commerce_jwt_keys.h"
#include "ngx_commerce_ledger.h"
#include "ngx_commerce_link.h"
#include "ngx_commerce_secret.h"
#include "ngx_commerce_signed_url.h"
#include "ngx_commerce_status.h"
#include "ngx_commerce_url.h"
#include "ngx_commerce_zone.h"


#define NGX_COMMERCE_ZONE_MIN  (4 * 1024 * 1024)


typedef struct {
    ngx_str_t                 node;
    ngx_str_t                 ns;
    ngx_str_t                 ledger_path;
    size_t                    ledger_size;
    u_char                   *ledger_file;  /* of the configuration */
    ngx_uint_t                ledger_line;
    size_t                    zone_size;
    ngx_array_t              *secrets;
    ngx_commerce_jwt_keys_t  *jwt_keys;
    ngx_array_t              *signed_urls;
    ngx_commerce_hosts_t     *product_hosts;
    ngx_msec_t                stale_hosts;
    ngx_msec_t                stale_viewers;
    ngx_msec_t                skew;
    ngx_msec_t                viewer_max;
    ngx_msec_t                session;
} ngx_commerce_core_conf_t;


static void ngx_commerce_core_zone_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static void ngx_commerce_core_ledger_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static char *ngx_commerce_core_label(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_commerce_core_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_commerce_core_ledger(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_commerce_core_size(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_str_t *value, size_t min, size_t *size);
static void *ngx_commerce_core_create_conf(ngx_conf_t *cf);
static char *ngx_commerce_core_init_conf(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, void *conf);
static char *ngx_commerce_core_init_names(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, ngx_commerce_core_conf_t *ccf);
static char *ngx_commerce_core_init_ledger(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, ngx_commerce_core_conf_t *ccf);


static ngx_command_t  ngx_commerce_core_commands[] = {

    { ngx_string("node"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_commerce_core_label,
      0,
      offsetof(ngx_commerce_core_conf_t, node),
      NULL },

    { ngx_string("namespace"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_commerce_core_label,
      0,
      offsetof(ngx_commerce_core_conf_t, ns),
      NULL },

    { ngx_string("zone"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_commerce_core_zone,
      0,
      0,
      NULL },

    { ngx_string("ledger"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE12,
      ngx_commerce_core_ledger,
      0,
      0,
      NULL },

    { ngx_string("secret"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_commerce_secrets,
      0,
      offsetof(ngx_commerce_core_conf_t, secrets),
      NULL },

    { ngx_string("jwks"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_commerce_jwt_keys_read,
      0,
      offsetof(ngx_commerce_core_conf_t, jwt_keys),
      NULL },

    { ngx_string("signed_url"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE3|NGX_CONF_TAKE4,
      ngx_commerce_signed_url,
      0,
      offsetof(ngx_commerce_core_conf_t, signed_urls),
      NULL },

    { ngx_string("product_hosts"),
      NGX_COMMERCE_CONF|NGX_CONF_1MORE,
      ngx_commerce_link_hosts,
      0,
      offsetof(ngx_commerce_core_conf_t, product_hosts),
      NULL },

    { ngx_string("stale_hosts"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      0,
      offsetof(ngx_commerce_core_conf_t, stale_hosts),
      NULL },

    { ngx_string("stale_viewers"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      0,
      offsetof(ngx_commerce_core_conf_t, stale_viewers),
      NULL },

    { ngx_string("skew"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      0,
      offsetof(ngx_commerce_core_conf_t, skew),
      NULL },

    { ngx_string("viewer_max"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      0,
      offsetof(ngx_commerce_core_conf_t, viewer_max),
      NULL },

    { ngx_string("session"),
      NGX_COMMERCE_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      0,
      offsetof(ngx_commerce_core_conf_t, session),
      NULL },

      ngx_null_command
};


static ngx_commerce_module_t  ngx_commerce_core_module_ctx = {
    ngx_commerce_core_create_conf,
    ngx_commerce_core_init_conf,
    NULL,
    NULL
};


ngx_module_t  ngx_commerce_core_module = {
    NGX_MODULE_V1,
    &ngx_commerce_core_module_ctx,         /* module context */
    ngx_commerce_core_commands,            /* module directives */
    NGX_COMMERCE_MODULE,                   /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_commerce_status_part_t  ngx_commerce_core_zone_part = {
    "zone", ngx_commerce_core_zone_status
};


static ngx_commerce_status_part_t  ngx_commerce_core_ledger_part = {
    "ledger", ngx_commerce_core_ledger_status
};


static void
ngx_commerce_core_zone_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_zone_usage_t  usage;

    ngx_commerce_zone_usage(tenant, &usage);

    ngx_commerce_status_number(status, "rooms",
                               usage.held[NGX_COMMERCE_ROOM]);
    ngx_commerce_status_number(status, "hosts",
                               usage.held[NGX_COMMERCE_HOST]);
    ngx_commerce_status_number(status, "products",
                               usage.held[NGX_COMMERCE_PRODUCT]);
    ngx_commerce_status_number(status, "keys",
                               usage.held[NGX_COMMERCE_KEY]);
    ngx_commerce_status_number(status, "hours",
                               usage.held[NGX_COMMERCE_HOUR]);
    ngx_commerce_status_number(status, "evicted", usage.evicted);
    ngx_commerce_status_number(status, "used_bytes", usage.size - usage.free);
    ngx_commerce_status_number(status, "total_bytes", usage.size);
}


static void
ngx_commerce_core_ledger_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_uint_t  used, cells;

    ngx_commerce_ledger_usage(tenant->ledger, &used, &cells);

    ngx_commerce_status_number(status, "used_cells", used);
    ngx_commerce_status_number(status, "total_cells", cells);
}


/* letters, digits, '.', '_', '-': what else is in a key has its meaning */

static char *
ngx_commerce_core_label(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    u_char      c;
    size_t      i;
    ngx_str_t  *value, *field;

    field = (ngx_str_t *) (p + cmd->offset);

    if (field->data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; i < value[1].len; i++) {
        c = value[1].data[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')
        {
            continue;
        }

        break;
    }

    if (i == 0 || i != value[1].len || i > NGX_COMMERCE_NAME_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    *field = value[1];

    return NGX_CONF_OK;
}


static char *
ngx_commerce_core_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_commerce_core_conf_t  *ccf = conf;

    ngx_str_t  *value;

    if (ccf->zone_size != NGX_CONF_UNSET_SIZE) {
        return "is duplicate";
    }

    value = cf->args->elts;

    return ngx_commerce_core_size(cf, cmd, &value[1], NGX_COMMERCE_ZONE_MIN,
                                  &ccf->zone_size);
}


static char *
ngx_commerce_core_ledger(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_commerce_core_conf_t  *ccf = conf;

    ngx_str_t  *value;

    if (ccf->ledger_path.data) {
        return "is duplicate";
    }

    value = cf->args->elts;
    ccf->ledger_path = value[1];
    ccf->ledger_file = cf->conf_file->file.name.data;
    ccf->ledger_line = cf->conf_file->line;

    if (ngx_parse_size(&value[1]) != NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" in \"ledger\" directive is a size, where a "
                           "path belongs", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (ngx_conf_full_name(cf->cycle, &ccf->ledger_path, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    return ngx_commerce_core_size(cf, cmd, &value[2],
                                  NGX_COMMERCE_LEDGER_SIZE_MIN,
                                  &ccf->ledger_size);
}


static char *
ngx_commerce_core_size(ngx_conf_t *cf, ngx_command_t *cmd, ngx_str_t *value,
    size_t min, size_t *size)
{
    ssize_t  n;

    n = ngx_parse_size(value);

    if (n == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size \"%V\" in \"%V\" directive", value,
                           &cmd->name);
        return NGX_CONF_ERROR;
    }

    if ((size_t) n < min) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "size \"%V\" in \"%V\" directive is less than %uzk",
                           value, &cmd->name, min / 1024);
        return NGX_CONF_ERROR;
    }

    *size = (size_t) n;

    return NGX_CONF_OK;
}


static void *
ngx_commerce_core_create_conf(ngx_conf_t *cf)
{
    ngx_commerce_core_conf_t  *ccf;

    if (ngx_commerce_status_add(cf, &ngx_commerce_core_zone_part) != NGX_OK
        || ngx_commerce_status_add(cf, &ngx_commerce_core_ledger_part)
           != NGX_OK)
    {
        return NULL;
    }

    ccf = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_core_conf_t));
    if (ccf == NULL) {
        return NULL;
    }

    ccf->ledger_size = NGX_CONF_UNSET_SIZE;
    ccf->zone_size = NGX_CONF_UNSET_SIZE;
    ccf->stale_hosts = NGX_CONF_UNSET_MSEC;
    ccf->stale_viewers = NGX_CONF_UNSET_MSEC;
    ccf->skew = NGX_CONF_UNSET_MSEC;
    ccf->viewer_max = NGX_CONF_UNSET_MSEC;
    ccf->session = NGX_CONF_UNSET_MSEC;

    return ccf;
}


static char *
ngx_commerce_core_init_conf(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant,
    void *conf)
{
    ngx_commerce_core_conf_t  *ccf = conf;

    ngx_conf_init_size_value(ccf->zone_size, 32 * 1024 * 1024);
    ngx_conf_init_msec_value(ccf->stale_hosts, 10 * 60 * 1000);
    ngx_conf_init_msec_value(ccf->stale_viewers, 24 * 60 * 60 * 1000);
    ngx_conf_init_msec_value(ccf->skew, 5 * 1000);
    ngx_conf_init_msec_value(ccf->viewer_max, 24 * 60 * 60 * 1000);
    ngx_conf_init_msec_value(ccf->session, 12 * 60 * 60 * 1000);

    tenant->zone_size = ccf->zone_size;
    tenant->stale_hosts = ccf->stale_hosts;
    tenant->stale_viewers = ccf->stale_viewers;
    tenant->skew = ccf->skew;
    tenant->viewer_max = ccf->viewer_max;
    tenant->session = ccf->session;
    tenant->secrets = ccf->secrets;
    tenant->jwt_keys = ccf->jwt_keys;
    tenant->signed_urls = ccf->signed_urls;
    tenant->product_hosts = ccf->product_hosts;

    if (ngx_commerce_core_init_names(cf, tenant, ccf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_commerce_core_init_ledger(cf, tenant, ccf);
}


static char *
ngx_commerce_core_init_names(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant,
    ngx_commerce_core_conf_t *ccf)
{
    u_char  *p;

    if (ccf->node.data == NULL) {
        ccf->node = cf->cycle->hostname;
    }

    tenant->node = ccf->node;

    if (ccf->ns.data == NULL) {
        ngx_str_set(&ccf->ns, "commerce");
    }

    p = ngx_pnalloc(cf->pool, ccf->ns.len + 1);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    tenant->prefix.data = p;
    tenant->prefix.len = ccf->ns.len + 1;

    p = ngx_cpymem(p, ccf->ns.data, ccf->ns.len);
    *p = ':';

    return NGX_CONF_OK;
}


static char *
ngx_commerce_core_init_ledger(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant,
    ngx_commerce_core_conf_t *ccf)
{
    u_char     *p;
    size_t      size;
    ngx_str_t  *path;

    ngx_conf_init_size_value(ccf->ledger_size, 16 * 1024 * 1024);
    tenant->ledger_size = ccf->ledger_size;

    tenant->ledger_file = tenant->file;
    tenant->ledger_line = tenant->line;

    if (ccf->ledger_file) {
        tenant->ledger_file = ccf->ledger_file;
        tenant->ledger_line = ccf->ledger_line;
    }

    path = &ccf->ledger_path;

    if (path->data == NULL) {
        size = sizeof("/run/nginx-commerce-.ledger") + tenant->name.len;

        path->data = ngx_pnalloc(cf->pool, size);
        if (path->data == NULL) {
            return NGX_CONF_ERROR;
        }

        p = ngx_cpymem(path->data, "/run/nginx-commerce",
                       sizeof("/run/nginx-commerce") - 1);

        if (tenant->name.len != sizeof("default") - 1
            || ngx_strncmp(tenant->name.data, "default", tenant->name.len)
               != 0)
        {
            p = ngx_sprintf(p, "-%V", &tenant->name);
        }

        p = ngx_cpymem(p, ".ledger", sizeof(".ledger"));
        path->len = p - path->data - 1;
    }

    tenant->ledger_former = *path;

    size = path->len + sizeof(NGX_COMMERCE_LEDGER_SUFFIX);

    tenant->ledger_path.data = ngx_pnalloc(cf->pool, size);
    if (tenant->ledger_path.data == NULL) {
        return NGX_CONF_ERROR;
    }

    p = ngx_cpymem(tenant->ledger_path.data, path->data, path->len);
    ngx_memcpy(p, NGX_COMMERCE_LEDGER_SUFFIX,
               sizeof(NGX_COMMERCE_LEDGER_SUFFIX));

    tenant->ledger_path.len = size - 1;

    return NGX_CONF_OK;
}
