
/*
 * Links on an nginx that was built without PCRE.
 */

/* links: src/core/ngx_commerce_text.c */


#include <ngx_config.h>

#undef NGX_PCRE

#include "ngx_shim.h"
#include "../../src/core/ngx_commerce_link.c"
#include "tap.h"


int
main(void)
{
    ngx_str_t                  link;
    ngx_str_t                  shop = ngx_string("shop.example.com");
    ngx_commerce_host_name_t   name;
    ngx_commerce_hosts_t       hosts;
    ngx_commerce_tenant_t      tenant;

    ngx_memzero(&name, sizeof(ngx_commerce_host_name_t));
    ngx_memzero(&tenant, sizeof(ngx_commerce_tenant_t));

    name.name = shop;
    hosts.names.elts = &name;
    hosts.names.nelts = 1;
    tenant.product_hosts = &hosts;

    ngx_str_set(&link, "https://shop.example.com/a");
    ok(ngx_commerce_link_allowed(&tenant, &link), "a host that is named");

    ngx_str_set(&link, "https://evil.example.com/a");
    ok(!ngx_commerce_link_allowed(&tenant, &link), "a host that is not");

    return tap_done();
}
