
/*
 * What the fuzz targets share: libFuzzer calls LLVMFuzzerTestOneInput() of one
 * of them with bytes of its choice, again and again.
 */


#ifndef _FUZZ_H_INCLUDED_
#define _FUZZ_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>
#include "ngx_shim.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* before the first of them, in a target that has it */
int LLVMFuzzerInitialize(int *argc, char ***argv);


/* what has to be so, whatever the input is */

#define must(condition)                                                       \
    if (!(condition)) {                                                       \
        fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,            \
                #condition);                                                  \
        abort();                                                              \
    }


/* bytes on the heap, exactly as many, so that a read too far is seen */

static inline u_char *
fuzz_copy(const void *data, size_t size)
{
    u_char  *p;

    p = malloc(size);

    if (size) {
        memcpy(p, data, size);
    }

    return p;
}


#endif /* _FUZZ_H_INCLUDED_ */
