
/*
 * Streams that nginx-rtmp fetches itself, or hands from worker to worker.
 */


#ifndef _NGX_RTMP_COMMERCE_RELAY_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_RELAY_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/* 1 if the stream that comes in on the session is nginx-rtmp's own */
ngx_uint_t ngx_rtmp_commerce_relay_is_own(ngx_rtmp_session_t *s);

/*
 * A publish on such a session: NGX_OK, or NGX_ERROR, which has been logged, if
 * it is pulled, and this is not the name it was configured or asked for under.
 */
ngx_int_t ngx_rtmp_commerce_relay_publish(ngx_rtmp_session_t *s,
    ngx_rtmp_publish_t *v);


#endif /* _NGX_RTMP_COMMERCE_RELAY_H_INCLUDED_ */
