
/*
 * Files that a configuration names.
 */


#ifndef _NGX_COMMERCE_FILE_H_INCLUDED_
#define _NGX_COMMERCE_FILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Reads a file's first bytes, size at the most; a relative name is one in the
 * folder of nginx.conf, and completed.  Their number, or NGX_ERROR: logged.
 */
ssize_t ngx_commerce_file_read(ngx_conf_t *cf, ngx_str_t *name, u_char *buf,
    size_t size);


#endif /* _NGX_COMMERCE_FILE_H_INCLUDED_ */
