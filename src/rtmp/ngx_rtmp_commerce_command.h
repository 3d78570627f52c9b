
/*
 * The commands that may carry a proof, read in nginx-rtmp's stead: it logs
 * them as they came, and gives what they hold to all modules.
 */


#ifndef _NGX_RTMP_COMMERCE_COMMAND_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_COMMAND_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Reads the commands before nginx-rtmp does, and refuses those of clients where
 * it opened the connection itself.  Called when all modules have been
 * configured.
 */
ngx_int_t ngx_rtmp_commerce_command(ngx_conf_t *cf);


#endif /* _NGX_RTMP_COMMERCE_COMMAND_H_INCLUDED_ */
