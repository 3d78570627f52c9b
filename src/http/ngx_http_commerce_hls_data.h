
/*
 * The directive commerce_hls_session_data: what multivariant playlists tell of
 * where the shelf and the chapters are.
 */


#ifndef _NGX_HTTP_COMMERCE_HLS_DATA_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_HLS_DATA_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_commerce_hls_data.h"


#define NGX_HTTP_COMMERCE_HLS_DATA  2     /* shelf, chapters */


typedef struct {
    ngx_http_complex_value_t   *uri[NGX_HTTP_COMMERCE_HLS_DATA]; /* or NULL */
} ngx_http_commerce_hls_data_conf_t;


/* its "set"; cmd->offset is that of a conf's pointer, NULL until then */
char *ngx_http_commerce_hls_data_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * The data of a request, NGX_HTTP_COMMERCE_HLS_DATA of them, from its pool;
 * one that may not stand in a playlist is empty, and a line of the error log.
 * NULL: out of memory.
 */
ngx_commerce_hls_data_t *ngx_http_commerce_hls_data(ngx_http_request_t *r,
    ngx_http_commerce_hls_data_conf_t *conf);


#endif /* _NGX_HTTP_COMMERCE_HLS_DATA_H_INCLUDED_ */
