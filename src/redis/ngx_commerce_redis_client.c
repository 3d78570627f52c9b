
#include "ngx_commerce_redis_client.h"
#include "ngx_commerce_redis_heartbeat.h"


static ngx_commerce_redis_node_t *ngx_commerce_redis_client_node(
    ngx_commerce_tenant_t *tenant, ngx_str_t *key);
static void ngx_commerce_redis_client_misplaced(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_script_t *script);
static void ngx_commerce_redis_client_ready(ngx_commerce_redis_node_t *node);


ngx_int_t
ngx_commerce_redis_client_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle)
{
    ngx_commerce_redis_client_t  *client;

    client = ngx_pcalloc(cycle->pool, sizeof(ngx_commerce_redis_client_t));
    if (client == NULL) {
        return NGX_ERROR;
    }

    ngx_commerce_redis_conf(tenant)->client = client;

    client->node.ready = ngx_commerce_redis_client_ready;

    ngx_commerce_redis_node_open(&client->node, tenant);
    ngx_commerce_redis_heartbeat_start(&client->node);

    return NGX_OK;
}


void
ngx_commerce_redis_client_close(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_redis_conf_t    *rcf;
    ngx_commerce_redis_client_t  *client;

    rcf = ngx_commerce_redis_conf(tenant);
    client = rcf->client;

    if (client == NULL) {
        return;
    }

    rcf->client = NULL;

    ngx_commerce_redis_heartbeat_stop(&client->node);
    ngx_commerce_redis_node_close(&client->node);
}


/*
 * The only place where a key finds its node; NULL in a process that has no
 * client.
 */

static ngx_commerce_redis_node_t *
ngx_commerce_redis_client_node(ngx_commerce_tenant_t *tenant, ngx_str_t *key)
{
    ngx_commerce_redis_client_t  *client;

    client = ngx_commerce_redis_conf(tenant)->client;

    return client ? &client->node : NULL;
}


ngx_commerce_redis_call_t *
ngx_commerce_redis_command(ngx_commerce_tenant_t *tenant, ngx_str_t *key,
    ngx_uint_t argc, ngx_str_t *argv, ngx_commerce_redis_handler_pt handler,
    void *data)
{
    ngx_commerce_redis_node_t  *node;

    node = ngx_commerce_redis_client_node(tenant, key);

    if (node == NULL) {
        return NULL;
    }

    return ngx_commerce_redis_node_command(node, argc, argv, handler, data);
}


ngx_commerce_redis_call_t *
ngx_commerce_redis_eval(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_script_t *script, ngx_uint_t nkeys, ngx_uint_t argc,
    ngx_str_t *argv, ngx_commerce_redis_handler_pt handler, void *data)
{
    ngx_commerce_redis_call_t  *call;
    ngx_commerce_redis_node_t  *node;

    if (!ngx_commerce_redis_same_slot(argv, nkeys)) {
        ngx_commerce_redis_client_misplaced(tenant, script);
        return NULL;
    }

    node = ngx_commerce_redis_client_node(tenant, &argv[0]);

    if (node == NULL || !ngx_commerce_redis_node_takes_calls(node)) {
        return NULL;
    }

    call = ngx_commerce_redis_call_eval(script, nkeys, argc, argv, handler,
                                        data);

    return ngx_commerce_redis_node_call(node, call);
}


/* a fault of this program, which would show in a cluster only */

static void
ngx_commerce_redis_client_misplaced(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_script_t *script)
{
    static ngx_uint_t  told;

    if (!told) {
        told = 1;

        ngx_log_error(NGX_LOG_ALERT, tenant->log, 0,
                      "commerce \"%V\": keys of script \"%V\" are not of one "
                      "slot, it is not called", &tenant->name,
                      &script->name);
    }
}


void
ngx_commerce_redis_cancel(ngx_commerce_redis_call_t *call)
{
    ngx_commerce_redis_node_cancel(call);
}


void
ngx_commerce_redis_reject_reply(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_redis_client_t  *client;

    client = ngx_commerce_redis_conf(tenant)->client;

    if (client) {
        ngx_commerce_redis_node_reject_reply(&client->node);
    }
}


ngx_uint_t
ngx_commerce_redis_ready(ngx_commerce_tenant_t *tenant, ngx_str_t *key)
{
    ngx_commerce_redis_node_t  *node;

    node = ngx_commerce_redis_client_node(tenant, key);

    return node && ngx_commerce_redis_node_ready(node);
}


ngx_uint_t
ngx_commerce_redis_client_answered(ngx_commerce_tenant_t *tenant,
    ngx_msec_t then)
{
    ngx_commerce_redis_node_t    *node;
    ngx_commerce_redis_client_t  *client;

    client = ngx_commerce_redis_conf(tenant)->client;

    if (client == NULL) {
        return 0;
    }

    node = &client->node;

    return ngx_commerce_redis_node_ready(node)
           && (ngx_msec_int_t) (node->beat.answered - then) > 0;
}


ngx_uint_t
ngx_commerce_redis_foreign(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_redis_client_t  *client;

    client = ngx_commerce_redis_conf(tenant)->client;

    return client && client->node.conn.schema.other;
}


ngx_int_t
ngx_commerce_redis_on_connect(ngx_commerce_tenant_t *tenant,
    ngx_commerce_redis_connected_pt handler, void *data)
{
    ngx_commerce_redis_connected_t  *connected;

    connected = ngx_array_push(ngx_commerce_redis_conf(tenant)->connected);
    if (connected == NULL) {
        return NGX_ERROR;
    }

    connected->handler = handler;
    connected->data = data;

    return NGX_OK;
}


ngx_str_t *
ngx_commerce_redis_run_id(ngx_commerce_redis_node_t *node)
{
    return &node->conn.run_id;
}


static void
ngx_commerce_redis_client_ready(ngx_commerce_redis_node_t *node)
{
    ngx_uint_t                       i;
    ngx_array_t                     *hooks;
    ngx_commerce_tenant_t           *tenant;
    ngx_commerce_redis_connected_t  *connected;

    tenant = node->conn.tenant;
    hooks = ngx_commerce_redis_conf(tenant)->connected;

    ngx_commerce_redis_heartbeat_send(node);

    connected = hooks->elts;

    for (i = 0; i < hooks->nelts; i++) {
        connected[i].handler(tenant, connected[i].data, node);
    }
}
