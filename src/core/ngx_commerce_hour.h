
/*
 * The names of hours: ROOM/HOUR, HOUR being those since the epoch.  What one
 * has is in ngx_commerce_record.h.
 */


#ifndef _NGX_COMMERCE_HOUR_H_INCLUDED_
#define _NGX_COMMERCE_HOUR_H_INCLUDED_


#include "ngx_commerce.h"


#define NGX_COMMERCE_HOUR_MS  3600000


/* buf has NGX_COMMERCE_RECORD_NAME_MAX bytes; an hour has 9 digits at most */
ngx_str_t ngx_commerce_hour_name(u_char *buf, ngx_str_t *room, int64_t hour);

/* takes a valid name apart, whose bytes the room has */
void ngx_commerce_hour_split(ngx_str_t *name, ngx_str_t *room, int64_t *hour);


#endif /* _NGX_COMMERCE_HOUR_H_INCLUDED_ */
