
/*
 * The lock of whoever changes more than a total: a record lock, which the
 * kernel frees when its holder dies.
 */


#include "ngx_commerce_ledger_cell.h"
#include <fcntl.h>


/* a file that is cut short again and again is given up for now */

#define NGX_COMMERCE_LEDGER_RESTORES  3


static ngx_int_t ngx_commerce_ledger_record_lock(
    ngx_commerce_ledger_t *ledger, short type);


ngx_int_t
ngx_commerce_ledger_lock(ngx_commerce_ledger_t *ledger)
{
    ngx_uint_t  i;

    if (ngx_commerce_ledger_record_lock(ledger, F_WRLCK) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_COMMERCE_LEDGER_RESTORES; i++) {

        if (ngx_commerce_ledger_restore(ledger) != NGX_OK) {
            break;
        }

        if (ngx_commerce_ledger_load(&ledger->header->building)) {
            ngx_log_error(NGX_LOG_NOTICE, ledger->log, 0,
                          "commerce: a process died while it changed ledger "
                          "\"%V\": its index is made anew", &ledger->path);

            ngx_commerce_ledger_rebuild(ledger);
        }

        if (!ledger->lost) {
            return NGX_OK;
        }
    }

    ngx_commerce_ledger_unlock(ledger);

    return NGX_ERROR;
}


void
ngx_commerce_ledger_unlock(ngx_commerce_ledger_t *ledger)
{
    (void) ngx_commerce_ledger_record_lock(ledger, F_UNLCK);
}


static ngx_int_t
ngx_commerce_ledger_record_lock(ngx_commerce_ledger_t *ledger, short type)
{
    struct flock  fl;

    if (ledger->fd == -1) {
        return NGX_OK;
    }

    ngx_memzero(&fl, sizeof(struct flock));
    fl.l_type = type;
    fl.l_whence = SEEK_SET;
    fl.l_start = 0;
    fl.l_len = 1;

    while (fcntl(ledger->fd, F_SETLKW, &fl) == -1) {

        if (ngx_errno != NGX_EINTR) {
            ngx_log_error(NGX_LOG_ALERT, ledger->log, ngx_errno,
                          "commerce: fcntl() of ledger \"%V\" failed",
                          &ledger->path);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
