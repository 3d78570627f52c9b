
/*
 * JSON as the HTTP features write it.
 */


#ifndef _NGX_HTTP_COMMERCE_JSON_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "ngx_commerce_record.h"


/* any bytes as a JSON string; what is not UTF-8 becomes U+FFFD */
json_t *ngx_http_commerce_json_string(ngx_str_t *text);

/* decimal digits as a JSON number; what is no number as a string */
json_t *ngx_http_commerce_json_number(ngx_str_t *text);

/* a card with the fields that it has */
json_t *ngx_http_commerce_json_card(ngx_commerce_card_t *card);

/* a cue with its card; null if nothing is pinned by it */
json_t *ngx_http_commerce_json_cue(ngx_commerce_cue_t *cue);

/* the same, of one that may pin nothing: "card" is null then */
json_t *ngx_http_commerce_json_coming(ngx_commerce_cue_t *cue);

/* adds a member if the text is not empty */
void ngx_http_commerce_json_add(json_t *object, const char *name,
    ngx_str_t *text);

/*
 * The text of a JSON value, from the pool; the value is freed, may be NULL
 * (out of memory).  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_http_commerce_json_text(ngx_pool_t *pool, json_t *json,
    ngx_str_t *text);


#endif /* _NGX_HTTP_COMMERCE_JSON_H_INCLUDED_ */
