
/*
 * The fields of records and of bodies, and what each may hold.
 */


#ifndef _NGX_HTTP_COMMERCE_API_FIELD_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_FIELD_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/* what a body changes: names and values, in turn; and names to remove */

typedef struct {
    ngx_array_t                             set;       /* of ngx_str_t */
    ngx_array_t                             removed;   /* of ngx_str_t */
} ngx_http_commerce_api_changes_t;


/*
 * Checks the body against a table and says what it changes.  With replace,
 * optional fields that it lacks are removed, but for secrets, which nobody
 * could have read before.  NGX_DECLINED: go on.
 */
ngx_int_t ngx_http_commerce_api_field_read_changes(
    ngx_http_commerce_api_t *api, ngx_http_commerce_api_field_t *fields,
    ngx_uint_t replace, ngx_http_commerce_api_changes_t *changes);

/* the value that a field is set to, or NULL */
ngx_str_t *ngx_http_commerce_api_field_new_value(
    ngx_http_commerce_api_changes_t *changes, const char *name);

/* the text of a field as JSON */
json_t *ngx_http_commerce_api_field_json(ngx_http_commerce_api_field_t *field,
    ngx_str_t *text);

/* 1 if nobody may read the field */
ngx_uint_t ngx_http_commerce_api_field_is_secret(
    ngx_http_commerce_api_field_t *field);

extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_host;
extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_product;
extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_room;
extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_room_out;
extern ngx_http_commerce_api_resource_t  ngx_http_commerce_api_viewer;

extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_shelf_fields[];
extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_pin_fields[];
extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_code_fields[];
extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_ban_fields[];
extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_signout_fields[];
extern ngx_http_commerce_api_field_t  ngx_http_commerce_api_explain_fields[];

/* the words for ngx_commerce_action_e */
extern ngx_str_t  ngx_http_commerce_api_actions[];


#endif /* _NGX_HTTP_COMMERCE_API_FIELD_H_INCLUDED_ */
