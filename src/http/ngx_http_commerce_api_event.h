
/*
 * The tenant's stream of events, which tells of what was done through the API.
 */


#ifndef _NGX_HTTP_COMMERCE_API_EVENT_H_INCLUDED_
#define _NGX_HTTP_COMMERCE_API_EVENT_H_INCLUDED_


#include "ngx_http_commerce_api.h"


/*
 * An entry of a type about the request's record, with the actor; and names and
 * values by turns, const char * and ngx_str_t *, up to a NULL name.  What is
 * empty is left out.
 */
void ngx_http_commerce_api_event(ngx_http_commerce_api_t *api,
    const char *type, ...);


#endif /* _NGX_HTTP_COMMERCE_API_EVENT_H_INCLUDED_ */
