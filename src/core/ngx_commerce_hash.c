
#include "ngx_commerce_hash.h"


uint64_t
ngx_commerce_hash(u_char *data, size_t len, uint64_t seed)
{
    size_t    i;
    uint64_t  hash;

    hash = 0xcbf29ce484222325 ^ seed;

    for (i = 0; i < len; i++) {
        hash = (hash ^ data[i]) * 0x100000001b3;
    }

    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccd;
    hash ^= hash >> 33;

    return hash;
}
