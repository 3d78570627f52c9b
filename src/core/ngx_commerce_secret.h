
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

/*
 * The lines of a file, as an array of ngx_str_t in cf->pool; each has min bytes
 * at least, and something other than blanks.  NULL on error (logged, as above).
 */
ngx_array_t *ngx_commerce_secret_read(ngx_conf_t *cf, ngx_str_t *file,
    size_t min);


#endif /* _NGX_COMMERCE_SECRET_H_INCLUDED_ */
