
/*
 * The host names that links of products may lead to, and other lists of them,
 * written as in server_name: exact, *.below, .at-or-below, begins.*, ~regex.
 */


#ifndef _NGX_COMMERCE_LINK_H_INCLUDED_
#define _NGX_COMMERCE_LINK_H_INCLUDED_


#include "ngx_commerce_tenant.h"


typedef enum {
    NGX_COMMERCE_HOST_EXACT = 0,
    NGX_COMMERCE_HOST_BELOW,
    NGX_COMMERCE_HOST_AT_OR_BELOW,
    NGX_COMMERCE_HOST_BEGINS,
    NGX_COMMERCE_HOST_REGEX
} ngx_commerce_host_match_e;


typedef struct {
    ngx_str_t                  name;       /* with the dot that joins it */
#if (NGX_PCRE)
    ngx_regex_t               *regex;
#endif
    ngx_commerce_host_match_e  match;
} ngx_commerce_host_name_t;


struct ngx_commerce_hosts_s {
    ngx_array_t                names;      /* of ngx_commerce_host_name_t */
};


/*
 * The setter of a directive that lists names; cmd->offset is that of a
 * ngx_commerce_hosts_t *, NULL until then.
 */
char *ngx_commerce_link_hosts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* 1 if a host, without port, is among those named, in any case of letters */
ngx_uint_t ngx_commerce_link_host_named(ngx_commerce_hosts_t *hosts,
    ngx_str_t *host);

/*
 * 1 if a link may be shown: http or https, no user info, no control bytes,
 * and its host is among the tenant's product_hosts (or none were set).
 */
ngx_uint_t ngx_commerce_link_allowed(ngx_commerce_tenant_t *tenant,
    ngx_str_t *link);

/* 1 if it is such a link, whatever its host */
ngx_uint_t ngx_commerce_link_valid(ngx_str_t *link);

/*
 * The first character that no link may have as it is: a blank, a control
 * byte, one that a browser or a page might take for something else; or NULL.
 */
u_char *ngx_commerce_link_wrong_char(ngx_str_t *link);

/* 1 if it is a link or, of the page's own site, a path from the root */
ngx_uint_t ngx_commerce_image_valid(ngx_str_t *image);


#endif /* _NGX_COMMERCE_LINK_H_INCLUDED_ */
