
/*
 * The lock of whoever changes more than a total: a record lock, which the
 * kernel frees when its holder dies, and what is made good after such a death
 * or after the file was cut short.
 */


#include "ngx_commerce_ledger_cell.h"
#include <fcntl.h>


static ngx_int_t ngx_commerce_ledger_record_lock(
    ngx_commerce_ledger_t *ledger, short type);
static ngx_int_t ngx_commerce_ledger_restore(ngx_commerce_ledger_t *ledger);


ngx_int_t
ngx_commerce_ledger_lock(ngx_commerce_ledger_t *ledger)
{
    if (ngx_commerce_ledger_record_lock(ledger, F_WRLCK) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_commerce_ledger_restore(ledger) != NGX_OK) {
        ngx_commerce_ledger_unlock(ledger);
        return NGX_ERROR;
    }

    if (ngx_commerce_ledger_load(&ledger->header->building)) {
        ngx_log_error(NGX_LOG_NOTICE, ledger->log, 0,
                      "commerce: a process died while it changed ledger "
                      "\"%V\": its index is made anew", &ledger->path);

        ngx_commerce_ledger_rebuild(ledger);
    }

    return NGX_OK;
}


void
ngx_commerce_ledger_unlock(ngx_commerce_ledger_t *ledger)
{
    (void) ngx_commerce_ledger_record_lock(ledger, F_UNLCK);
}


ngx_int_t
ngx_commerce_ledger_check(ngx_commerce_ledger_t *ledger)
{
    if (ngx_commerce_ledger_lock(ledger) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_unlock(ledger);

    return NGX_OK;
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


/*
 * A file that somebody cut short is made whole.  What was cut off is lost,
 * and lives with it: so the cells from now on are of a new generation.
 */

static ngx_int_t
ngx_commerce_ledger_restore(ngx_commerce_ledger_t *ledger)
{
    int          err;
    struct stat  st;

    if (ledger->fd == -1) {
        return NGX_OK;
    }

    if (fstat(ledger->fd, &st) == -1) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, ngx_errno,
                      "commerce: fstat() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    if (st.st_size >= (off_t) ledger->size) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ALERT, ledger->log, 0,
                  "commerce: ledger \"%V\" was cut short to %O bytes while in "
                  "use: unsent counts beyond that are lost", &ledger->path,
                  st.st_size);

    err = posix_fallocate(ledger->fd, 0, ledger->size);

    if (err != 0) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, err,
                      "commerce: ledger \"%V\" could not be made whole",
                      &ledger->path);
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->header->label, &ledger->label,
               sizeof(ngx_commerce_ledger_label_t));

    ledger->header->top = ledger->cells;

    return ngx_commerce_ledger_renew(ledger);
}
