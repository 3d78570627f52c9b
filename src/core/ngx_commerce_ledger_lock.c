
/*
 * The lock of whoever changes more than a total: a record lock, which the
 * kernel frees when its holder dies.
 *
 * A ledger that somebody cut short, or wrote over, while it is in use: it is
 * noticed by its label, its seal and its beat, and made whole.  What was cut
 * off is lost, and the lives of cells with it: so the cells from now on are of
 * a new generation.
 */


#include "ngx_commerce_ledger_lock.h"
#include <fcntl.h>


/* a file that is cut short again and again is given up for now */

#define NGX_COMMERCE_LEDGER_RESTORES  3

/*
 * The beat after a file went back, above what any other process can know: for
 * those it is in order.
 */

#define NGX_COMMERCE_LEDGER_LEAP  0x100000000


static ngx_int_t ngx_commerce_ledger_lock_record(ngx_commerce_ledger_t *ledger,
    short type);
static ngx_int_t ngx_commerce_ledger_lock_restore(
    ngx_commerce_ledger_t *ledger);
static ngx_int_t ngx_commerce_ledger_lock_extend(ngx_commerce_ledger_t *ledger,
    off_t *size);
static ngx_int_t ngx_commerce_ledger_lock_failed(ngx_commerce_ledger_t *ledger,
    ngx_err_t err, const char *what);
static ngx_uint_t ngx_commerce_ledger_lock_whole(
    ngx_commerce_ledger_t *ledger);
static void ngx_commerce_ledger_lock_beat(ngx_commerce_ledger_t *ledger);
static ngx_uint_t ngx_commerce_ledger_lock_lacks(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_receipt_t *receipt, uint64_t total);


ngx_int_t
ngx_commerce_ledger_lock(ngx_commerce_ledger_t *ledger)
{
    ngx_uint_t  i;

    if (ngx_commerce_ledger_lock_record(ledger, F_WRLCK) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_COMMERCE_LEDGER_RESTORES; i++) {

        if (ngx_commerce_ledger_lock_restore(ledger) != NGX_OK) {
            break;
        }

        if (ngx_commerce_ledger_load(&ledger->header->building)) {
            ngx_log_error(NGX_LOG_NOTICE, ledger->log, 0,
                          "commerce: a process died while it changed ledger "
                          "\"%V\": its index is made anew", &ledger->path);

            ngx_commerce_ledger_space_rebuild(ledger);
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
    (void) ngx_commerce_ledger_lock_record(ledger, F_UNLCK);
}


static ngx_int_t
ngx_commerce_ledger_lock_record(ngx_commerce_ledger_t *ledger, short type)
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
 * Makes the file whole again if it was cut short or written over, and maps it
 * if it was lost.  Under the lock.  NGX_OK; NGX_ERROR (logged once).
 */

static ngx_int_t
ngx_commerce_ledger_lock_restore(ngx_commerce_ledger_t *ledger)
{
    off_t  size;

    if (ledger->fd == -1) {
        return NGX_OK;
    }

    if (ledger->failed == time(NULL)) {
        return NGX_ERROR;
    }

    if (ngx_commerce_ledger_lock_extend(ledger, &size) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ledger->lost && ngx_commerce_ledger_map_remap(ledger) != NGX_OK) {
        return ngx_commerce_ledger_lock_failed(ledger, ngx_errno, "mmap()");
    }

    ledger->failed = 0;
    ledger->told = 0;

    if (ngx_commerce_ledger_lock_whole(ledger) || ledger->lost) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_CRIT, ledger->log, 0,
                  "commerce: ledger \"%V\" was %s while in use (%O bytes were "
                  "left): it is made whole, unsent counts that were not left "
                  "are lost", &ledger->path,
                  size < (off_t) ledger->size ? "cut short" : "written over",
                  size);

    ngx_memcpy(&ledger->header->label, &ledger->label,
               sizeof(ngx_commerce_ledger_label_t));

    ngx_commerce_ledger_space_top(ledger);

    ledger->beat = ngx_max(ngx_commerce_ledger_load(&ledger->header->beat),
                           ledger->beat)
                   + NGX_COMMERCE_LEDGER_LEAP;

    ngx_commerce_ledger_store(&ledger->header->beat, ledger->beat);

    return ngx_commerce_ledger_space_renew(ledger);
}


/* *size is what it was before */

static ngx_int_t
ngx_commerce_ledger_lock_extend(ngx_commerce_ledger_t *ledger, off_t *size)
{
    ngx_err_t    err;
    struct stat  st;

    if (fstat(ledger->fd, &st) == -1) {
        return ngx_commerce_ledger_lock_failed(ledger, ngx_errno, "fstat()");
    }

    *size = st.st_size;

    if (st.st_size >= (off_t) ledger->size && !ledger->lost) {
        return NGX_OK;
    }

    err = ngx_commerce_ledger_map_allocate(ledger, ledger->size);

    if (err) {
        return ngx_commerce_ledger_lock_failed(ledger, err,
                                               "posix_fallocate()");
    }

    return NGX_OK;
}


/* so that this is tried, and the disk worn, once a second at most */

static ngx_int_t
ngx_commerce_ledger_lock_failed(ngx_commerce_ledger_t *ledger, ngx_err_t err,
    const char *what)
{
    ledger->failed = time(NULL);

    if (!ledger->told) {
        ledger->told = 1;

        ngx_log_error(NGX_LOG_CRIT, ledger->log, err,
                      "commerce: %s of ledger \"%V\", which was cut short "
                      "while in use, failed: counts are refused until it can "
                      "be made whole", what, &ledger->path);
    }

    return NGX_ERROR;
}


/* 1 if what the file says of itself is there from beginning to end, and not
   older than what this process has seen of it */

static ngx_uint_t
ngx_commerce_ledger_lock_whole(ngx_commerce_ledger_t *ledger)
{
    ngx_uint_t  whole;

    whole = ngx_memcmp(&ledger->header->label, &ledger->label,
                       sizeof(ngx_commerce_ledger_label_t))
            == 0
            && ngx_commerce_ledger_map_sealed(ledger)
            && ngx_commerce_ledger_load(&ledger->header->beat) >= ledger->beat;

    return whole && !ledger->lost;
}


ngx_int_t
ngx_commerce_ledger_lock_check(ngx_commerce_ledger_t *ledger)
{
    if (ngx_commerce_ledger_lock(ledger) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_unlock(ledger);

    return NGX_OK;
}


void
ngx_commerce_ledger_lock_mend(ngx_commerce_ledger_t *ledger)
{
    if (!ngx_commerce_ledger_lock_whole(ledger)) {
        (void) ngx_commerce_ledger_lock_check(ledger);
    }

    ngx_commerce_ledger_lock_beat(ledger);
}


/* says to the others, and to itself, that the file is as it was or later */

static void
ngx_commerce_ledger_lock_beat(ngx_commerce_ledger_t *ledger)
{
    uint64_t  beat, *p;

    p = &ledger->header->beat;
    beat = ngx_commerce_ledger_load(p);

    while (beat >= ledger->beat && !ledger->lost) {

        if (__atomic_compare_exchange_n(p, &beat, beat + 1, 0,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        {
            ledger->beat = beat + 1;
            return;
        }
    }
}


void
ngx_commerce_ledger_behind(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_receipt_t *receipt, uint64_t epoch, uint64_t total)
{
    /* a later epoch means that all of this one's was there, and more */

    if (epoch != receipt->epoch) {
        total = NGX_COMMERCE_LEDGER_TOTAL_MAX + 1;
    }

    if (!ngx_commerce_ledger_lock_lacks(ledger, receipt, total)
        || ngx_commerce_ledger_lock(ledger) != NGX_OK)
    {
        return;
    }

    if (ngx_commerce_ledger_lock_lacks(ledger, receipt, total)) {
        ngx_log_error(NGX_LOG_CRIT, ledger->log, 0,
                      "commerce: ledger \"%V\" holds less than Redis has of "
                      "it: an older copy was written over it while in use, "
                      "counts begin anew, those that it lacks are lost",
                      &ledger->path);

        (void) ngx_commerce_ledger_space_renew(ledger);
    }

    ngx_commerce_ledger_unlock(ledger);
}


/*
 * 1 if the cell has less by now, not only when the call was made.  Cells that
 * count no more may well have: a file that was not in use may be an older copy.
 */

static ngx_uint_t
ngx_commerce_ledger_lock_lacks(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_receipt_t *receipt, uint64_t total)
{
    uint64_t                     word;
    ngx_commerce_ledger_cell_t  *cell;

    cell = &ledger->cell[receipt->cell];
    word = ngx_commerce_ledger_load(&cell->word);

    return cell->generation == ledger->header->generation
           && cell->generation == receipt->generation
           && ngx_commerce_ledger_load(&cell->life) == receipt->life
           && ngx_commerce_ledger_total(word) < total
           && !ledger->lost;
}


ngx_int_t
ngx_commerce_ledger_lock_use(int fd, int cmd, short type)
{
    struct flock  fl;

    ngx_memzero(&fl, sizeof(struct flock));
    fl.l_type = type;
    fl.l_whence = SEEK_SET;
    fl.l_start = 1;
    fl.l_len = 1;

    while (fcntl(fd, cmd, &fl) == -1) {

        if (ngx_errno != NGX_EINTR) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
