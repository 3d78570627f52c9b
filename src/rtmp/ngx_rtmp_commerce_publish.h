
/*
 * Admission: from a publish that a client asks for to one that later modules
 * see.
 */


#ifndef _NGX_RTMP_COMMERCE_PUBLISH_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_PUBLISH_H_INCLUDED_


#include "ngx_rtmp_commerce_module.h"


/*
 * Looks up, decides, claims, and hands the publish on to those modules that
 * were configured, when all have been.
 */
void ngx_rtmp_commerce_publish_hook(void);


#endif /* _NGX_RTMP_COMMERCE_PUBLISH_H_INCLUDED_ */
