
/*
 * The directive that says which signed URLs are taken.
 */


#ifndef _NGX_COMMERCE_SIGNED_URL_H_INCLUDED_
#define _NGX_COMMERCE_SIGNED_URL_H_INCLUDED_


#include "ngx_commerce_url.h"


/*
 * The setter of "signed_url"; cmd->offset is that of an ngx_array_t *, of
 * ngx_commerce_signed_url_t.
 */
char *ngx_commerce_signed_url(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _NGX_COMMERCE_SIGNED_URL_H_INCLUDED_ */
