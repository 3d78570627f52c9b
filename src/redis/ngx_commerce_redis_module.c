
#include "ngx_commerce_redis.h"
#include "ngx_commerce_file.h"
#include "ngx_commerce_redis_conf.h"
#include "ngx_commerce_redis_claim.h"
#include "ngx_commerce_redis_client.h"
#include "ngx_commerce_redis_expire.h"
#include "ngx_commerce_redis_publish.h"
#include "ngx_commerce_redis_spotlight.h"
#include "ngx_commerce_redis_subscription.h"
#include "ngx_commerce_stats.h"
#include "ngx_commerce_status.h"


#define NGX_COMMERCE_REDIS_ADDRESS        "127.0.0.1:6379"
#define NGX_COMMERCE_REDIS_PORT           6379
#define NGX_COMMERCE_REDIS_PASSWORD_MAX   4096


typedef struct {
    ngx_str_t    name;                 /* with its '=' */
    ngx_int_t  (*set)(ngx_conf_t *cf, ngx_str_t *value, void *field);
    size_t       offset;
    unsigned     secret:1;             /* never to be quoted */
} ngx_commerce_redis_parameter_t;


static void ngx_commerce_redis_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);
static void *ngx_commerce_redis_create_conf(ngx_conf_t *cf);
static char *ngx_commerce_redis_init_conf(ngx_conf_t *cf,
    ngx_commerce_tenant_t *tenant, void *conf);
static ngx_int_t ngx_commerce_redis_init_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);
static void ngx_commerce_redis_exit_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);

static char *ngx_commerce_redis(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_commerce_redis_parameter(ngx_conf_t *cf,
    ngx_commerce_redis_conf_t *rcf, ngx_str_t *arg);
static ngx_int_t ngx_commerce_redis_address(ngx_conf_t *cf,
    ngx_commerce_redis_conf_t *rcf, ngx_str_t *address);
static ngx_int_t ngx_commerce_redis_set_text(ngx_conf_t *cf, ngx_str_t *value,
    void *field);
static ngx_int_t ngx_commerce_redis_set_file(ngx_conf_t *cf, ngx_str_t *value,
    void *field);
static ngx_int_t ngx_commerce_redis_set_number(ngx_conf_t *cf,
    ngx_str_t *value, void *field);
static ngx_int_t ngx_commerce_redis_set_time(ngx_conf_t *cf, ngx_str_t *value,
    void *field);


static ngx_commerce_redis_parameter_t  ngx_commerce_redis_parameters[] = {

    { ngx_string("user="),
      ngx_commerce_redis_set_text,
      offsetof(ngx_commerce_redis_conf_t, user), 0 },

    { ngx_string("password="),
      ngx_commerce_redis_set_text,
      offsetof(ngx_commerce_redis_conf_t, password), 1 },

    { ngx_string("password_file="),
      ngx_commerce_redis_set_file,
      offsetof(ngx_commerce_redis_conf_t, password), 0 },

    { ngx_string("db="),
      ngx_commerce_redis_set_number,
      offsetof(ngx_commerce_redis_conf_t, db), 0 },

    { ngx_string("timeout="),
      ngx_commerce_redis_set_time,
      offsetof(ngx_commerce_redis_conf_t, timeout), 0 },

    { ngx_string("connect_timeout="),
      ngx_commerce_redis_set_time,
      offsetof(ngx_commerce_redis_conf_t, connect_timeout), 0 },

    { ngx_string("heartbeat="),
      ngx_commerce_redis_set_time,
      offsetof(ngx_commerce_redis_conf_t, heartbeat), 0 },

    { ngx_null_string, NULL, 0, 0 }
};


static ngx_command_t  ngx_commerce_redis_commands[] = {

    { ngx_string("redis"),
      NGX_COMMERCE_CONF|NGX_CONF_1MORE,
      ngx_commerce_redis,
      0,
      0,
      NULL },

    { ngx_string("renew_cues"),
      NGX_COMMERCE_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      0,
      offsetof(ngx_commerce_redis_conf_t, renew),
      NULL },

      ngx_null_command
};


static ngx_commerce_module_t  ngx_commerce_redis_module_ctx = {
    ngx_commerce_redis_create_conf,        /* create conf */
    ngx_commerce_redis_init_conf,          /* init conf */
    ngx_commerce_redis_init_worker,        /* init worker */
    ngx_commerce_redis_exit_worker         /* exit worker */
};


ngx_module_t  ngx_commerce_redis_module = {
    NGX_MODULE_V1,
    &ngx_commerce_redis_module_ctx,        /* module context */
    ngx_commerce_redis_commands,           /* module directives */
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


static ngx_commerce_status_part_t  ngx_commerce_redis_part = {
    "redis", ngx_commerce_redis_status
};


/* "connected" is of the worker that answers, the rest is of the node */

static void
ngx_commerce_redis_status(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status)
{
    ngx_commerce_stats_t  *stats;

    stats = tenant->stats;

    ngx_commerce_status_flag(status, "connected",
                             ngx_commerce_redis_ready(tenant, NULL));
    ngx_commerce_status_flag(status, "subscribed", stats->subscribed);
    ngx_commerce_status_number(status, "latency_us", stats->latency);
    ngx_commerce_status_number(status, "clock_offset_ms",
                               (int64_t) stats->clock_offset);
    ngx_commerce_status_number(status, "reconnects", stats->reconnects);
    ngx_commerce_status_number(status, "loads", stats->loads);
    ngx_commerce_status_number(status, "notices", stats->notices);
}


static ngx_int_t
ngx_commerce_redis_init_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    if (ngx_commerce_redis_client_open(tenant, cycle) != NGX_OK
        || ngx_commerce_redis_expire_start(tenant, cycle) != NGX_OK
        || ngx_commerce_redis_spotlight_start(tenant, cycle) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_commerce_redis_subscription_open(tenant, cycle);
}


static void
ngx_commerce_redis_exit_worker(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_claim_close(tenant);
    ngx_commerce_redis_publish_exit(tenant);
    ngx_commerce_redis_subscription_close(tenant);
    ngx_commerce_redis_client_close(tenant);
}


static void *
ngx_commerce_redis_create_conf(ngx_conf_t *cf)
{
    ngx_commerce_redis_conf_t  *rcf;

    if (ngx_commerce_status_add(cf, &ngx_commerce_redis_part) != NGX_OK) {
        return NULL;
    }

    rcf = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_redis_conf_t));
    if (rcf == NULL) {
        return NULL;
    }

    rcf->connected = ngx_array_create(cf->pool, 4,
                                      sizeof(ngx_commerce_redis_connected_t));
    if (rcf->connected == NULL) {
        return NULL;
    }

    ngx_queue_init(&rcf->released);
    ngx_queue_init(&rcf->closed);

    rcf->renew = NGX_CONF_UNSET;
    rcf->timeout = 1000;
    rcf->connect_timeout = 1000;
    rcf->heartbeat = 1000;

    return rcf;
}


static char *
ngx_commerce_redis_init_conf(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant,
    void *conf)
{
    ngx_commerce_redis_conf_t  *rcf = conf;

    u_char     *p;
    ngx_str_t   address = ngx_string(NGX_COMMERCE_REDIS_ADDRESS);

    if (rcf->address.data == NULL
        && ngx_commerce_redis_address(cf, rcf, &address) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    p = ngx_pnalloc(cf->pool, rcf->address.len + 1 + NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_conf_init_value(rcf->renew, 0);

    /* two heartbeats and what their answers take */
    tenant->fresh = 2 * rcf->heartbeat + 500;

    tenant->source_id.data = p;
    tenant->source_id.len = ngx_sprintf(p, "%V#%ui", &rcf->address, rcf->db)
                            - p;

    return NGX_CONF_OK;
}


static char *
ngx_commerce_redis(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_commerce_redis_conf_t  *rcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    if (rcf->set) {
        return "is duplicate";
    }

    rcf->set = 1;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_commerce_redis_parameter(cf, rcf, &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (rcf->user.len && rcf->password.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"user=%V\" of \"redis\" needs a \"password=\" "
                           "or \"password_file=\"", &rcf->user);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_commerce_redis_parameter(ngx_conf_t *cf, ngx_commerce_redis_conf_t *rcf,
    ngx_str_t *arg)
{
    u_char                          *p;
    ngx_int_t                        rc;
    ngx_str_t                        value, name;
    ngx_commerce_redis_parameter_t  *param;

    for (param = ngx_commerce_redis_parameters; param->name.len; param++) {

        if (arg->len < param->name.len
            || ngx_memcmp(arg->data, param->name.data, param->name.len) != 0)
        {
            continue;
        }

        value.data = arg->data + param->name.len;
        value.len = arg->len - param->name.len;

        rc = param->set(cf, &value, (u_char *) rcf + param->offset);

        if (rc == NGX_DECLINED) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" of \"redis\"",
                               param->secret ? &param->name : arg);
            return NGX_ERROR;
        }

        return rc;
    }

    p = ngx_strlchr(arg->data, arg->data + arg->len, '=');

    if (p && ngx_strncmp(arg->data, "unix:", 5) != 0) {

        /* what follows may be a secret behind a misspelt name */

        name.data = arg->data;
        name.len = p - arg->data;

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown parameter \"%V\" of \"redis\"", &name);
        return NGX_ERROR;
    }

    if (rcf->address.data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "second address \"%V\" of \"redis\"", arg);
        return NGX_ERROR;
    }

    return ngx_commerce_redis_address(cf, rcf, arg);
}


static ngx_int_t
ngx_commerce_redis_address(ngx_conf_t *cf, ngx_commerce_redis_conf_t *rcf,
    ngx_str_t *address)
{
    ngx_url_t  u;

    if (ngx_strncmp(address->data, "unix:", 5) != 0
        && ngx_strlchr(address->data, address->data + address->len, '@'))
    {
        /* not quoted: it likely is a URL with a password */

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "an address of \"redis\" has no \"@\": user and "
                           "password are parameters of their own");
        return NGX_ERROR;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *address;
    u.default_port = NGX_COMMERCE_REDIS_PORT;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        if (u.err) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "%s in the address \"%V\" of \"redis\"",
                               u.err, address);
        }

        return NGX_ERROR;
    }

    rcf->addrs = u.addrs;
    rcf->naddrs = u.naddrs;

    rcf->address.len = address->len;
    rcf->address.data = ngx_pstrdup(cf->pool, address);

    return rcf->address.data ? NGX_OK : NGX_ERROR;
}


/*
 * Setters of parameters: NGX_OK; NGX_DECLINED: the value is wrong; NGX_ERROR:
 * logged.
 */

static ngx_int_t
ngx_commerce_redis_set_text(ngx_conf_t *cf, ngx_str_t *value, void *field)
{
    ngx_str_t  *text = field;

    if (value->len == 0 || text->data) {
        return NGX_DECLINED;
    }

    *text = *value;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_set_number(ngx_conf_t *cf, ngx_str_t *value, void *field)
{
    ngx_uint_t  *number = field;

    ngx_int_t  n;

    n = ngx_atoi(value->data, value->len);

    if (n == NGX_ERROR || n > NGX_MAX_INT32_VALUE) {
        return NGX_DECLINED;
    }

    *number = n;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_set_time(ngx_conf_t *cf, ngx_str_t *value, void *field)
{
    ngx_msec_t  *msec = field;

    ngx_int_t  n;

    n = ngx_parse_time(value, 0);

    if (n == NGX_ERROR || n == 0 || n > NGX_MAX_INT32_VALUE) {
        return NGX_DECLINED;
    }

    *msec = n;

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_redis_set_file(ngx_conf_t *cf, ngx_str_t *value, void *field)
{
    ngx_str_t  *password = field;

    size_t     len;
    ssize_t    n;
    ngx_str_t  name;
    u_char     buf[NGX_COMMERCE_REDIS_PASSWORD_MAX];

    if (value->len == 0 || password->data) {
        return NGX_DECLINED;
    }

    name = *value;

    n = ngx_commerce_file_read(cf, &name, buf, sizeof(buf));

    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    /* the password is the file's first line */

    for (len = 0; len < (size_t) n; len++) {
        if (buf[len] == CR || buf[len] == LF) {
            break;
        }
    }

    if (len == 0 || len == sizeof(buf)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the first line of \"%V\" is %s", &name,
                           len ? "too long" : "empty");
        return NGX_ERROR;
    }

    password->len = len;
    password->data = ngx_pnalloc(cf->pool, len);

    if (password->data) {
        ngx_memcpy(password->data, buf, len);
    }

    ngx_explicit_memzero(buf, sizeof(buf));

    return password->data ? NGX_OK : NGX_ERROR;
}
