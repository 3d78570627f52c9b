
/*
 * How a directive gives a location its content handler.
 */


#ifndef _NGX_HTTP_COMMERCE_HANDLER_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HANDLER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * A directive that gives a location its content handler, which is the
 * command's post.  The conf is as below, or begins with it; a setter and a
 * merge function that have more to do call these.  A location in which another
 * directive, too, brings a content handler is an [emerg].
 */
typedef struct {
    ngx_http_handler_pt           handler;    /* NULL: it isn't there */
    ngx_str_t                    *name;       /* of the directive */
    u_char                       *file;
    ngx_uint_t                    line;
} ngx_http_commerce_handler_conf_t;

char *ngx_http_commerce_set_handler(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void *ngx_http_commerce_create_handler_conf(ngx_conf_t *cf);
char *ngx_http_commerce_merge_handler_conf(ngx_conf_t *cf, void *parent,
    void *child);

/* the same, and the location has to have a commerce_room */
char *ngx_http_commerce_merge_room_handler_conf(ngx_conf_t *cf, void *parent,
    void *child);


#endif /* _NGX_HTTP_COMMERCE_HANDLER_H_INCLUDED_ */
