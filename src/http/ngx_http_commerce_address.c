
#include "ngx_http_commerce_address.h"


void
ngx_http_commerce_address(ngx_http_request_t *r, ngx_str_t *address)
{
    struct sockaddr      *sockaddr;
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    sockaddr = r->connection->sockaddr;

    switch (sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sockaddr;

        address->data = sin6->sin6_addr.s6_addr;
        address->len = 8;

        if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) {
            address->data += 12;
            address->len = 4;
        }

        break;
#endif

    case AF_INET:
        sin = (struct sockaddr_in *) sockaddr;

        address->data = (u_char *) &sin->sin_addr;
        address->len = 4;
        break;

    default:
        ngx_str_set(address, "unix");
    }
}
