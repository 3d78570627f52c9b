
/*
 * The secrets that tokens are signed with.
 */


#ifndef _NGX_COMMERCE_SECRET_H_INCLUDED_
#define _NGX_COMMERCE_SECRET_H_INCLUDED_


#include "ngx_commerce.h"


/*
 * A directive's "set": reads the file that it names into the ngx_array_t * at
 * cmd->offset of conf, a ngx_str_t a line, all in cf->pool.
 * NGX_CONF_OK, or an error (logged; never with a secret in it).
 */
char *ngx_commerce_secrets(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _NGX_COMMERCE_SECRET_H_INCLUDED_ */
