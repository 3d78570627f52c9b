
/*
 * A directive that is on or off, and is about a room: for each "on" some
 * location has to have a commerce_room, or it is an [emerg].
 */


#ifndef _NGX_HTTP_COMMERCE_SWITCH_MODULE_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_SWITCH_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* an "on", wherever it counts */

typedef struct {
    ngx_str_t                    *name;       /* of the directive */
    u_char                       *file;
    ngx_uint_t                    line;
    ngx_uint_t                    room;       /* 1: somewhere there is one */
} ngx_http_commerce_switched_t;


typedef struct {
    ngx_flag_t                    on;
    ngx_http_commerce_switched_t *switched;   /* NULL: never on */
} ngx_http_commerce_switch_t;


/* for the functions of a conf that has a switch: creates, merges */
void ngx_http_commerce_switch_init(ngx_http_commerce_switch_t *conf);
char *ngx_http_commerce_switch_merge(ngx_conf_t *cf,
    ngx_http_commerce_switch_t *prev, ngx_http_commerce_switch_t *conf);

/* a directive's "set"; cmd->offset is that of the switch */
char *ngx_http_commerce_switch(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

extern ngx_module_t  ngx_http_commerce_switch_module;


#endif /* _NGX_HTTP_COMMERCE_SWITCH_MODULE_H_INCLUDED_ */
