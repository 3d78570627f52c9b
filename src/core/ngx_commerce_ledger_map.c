
/*
 * The ledger's file once it is open and locked: made, taken over, resized,
 * mapped.
 */


#include "ngx_commerce_ledger_file.h"
#include <fcntl.h>


static void ngx_commerce_ledger_find_top(ngx_commerce_ledger_t *ledger);
static ngx_int_t ngx_commerce_ledger_resize(ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_allocate(ngx_commerce_ledger_t *ledger,
    size_t size);
static ngx_int_t ngx_commerce_ledger_write_label(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label);


ngx_int_t
ngx_commerce_ledger_make(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (o->label.size < NGX_COMMERCE_LEDGER_SIZE_MIN) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, 0,
                      "commerce: ledger \"%V\" is too small: %uL bytes",
                      &ledger->path, o->label.size);
        goto failed;
    }

    if (o->tenant->prefix.len > sizeof(o->label.prefix)) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, 0,
                      "commerce: namespace \"%V\" is too long for a ledger",
                      &o->tenant->prefix);
        goto failed;
    }

    if (ngx_commerce_ledger_allocate(ledger, o->label.size) != NGX_OK
        || ngx_commerce_ledger_map(ledger, o->label.size) != NGX_OK
        || ngx_commerce_ledger_renew(ledger) != NGX_OK
        || ngx_commerce_ledger_write_label(ledger, &o->label) != NGX_OK)
    {
        goto failed;
    }

    return ngx_commerce_ledger_set_use_lock(ledger, F_OFD_SETLK, F_RDLCK);

failed:

    (void) unlink((char *) ledger->path.data);

    return NGX_ERROR;
}


/*
 * The file is there, and nobody else uses it.  It may be a copy, or older than
 * what Redis was told from it, as after a power failure or out of a backup, and
 * nothing in it would tell.  So what it holds keeps its identity and is sent,
 * but counts begin anew: a total that went back would hide as many counts.
 */

ngx_int_t
ngx_commerce_ledger_take_over(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (ngx_commerce_ledger_allocate(ledger, o->found.size) != NGX_OK
        || ngx_commerce_ledger_map(ledger, o->found.size) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_find_top(ledger);

    if (o->label.size != o->found.size
        && ngx_commerce_ledger_resize(o) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->label, &ledger->header->label,
               sizeof(ngx_commerce_ledger_label_t));

    if (ngx_commerce_ledger_renew(ledger) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_commerce_ledger_set_use_lock(ledger, F_OFD_SETLK, F_RDLCK);
}


/*
 * After a power failure the header may be older than the cells: those beyond
 * its top that hold something are found.
 */

static void
ngx_commerce_ledger_find_top(ngx_commerce_ledger_t *ledger)
{
    uint32_t                       top;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;
    top = ledger->cells;

    while (top > header->top && ledger->cell[top - 1].life == 0) {
        top--;
    }

    header->top = top;
}


/* the file is there, and others use it: it is taken as it is */

ngx_int_t
ngx_commerce_ledger_join(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (o->label.size != o->found.size) {
        ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                      "commerce: ledger \"%V\" is in use and keeps its size "
                      "of %uL bytes until nginx is started anew",
                      &ledger->path, o->found.size);
    }

    if (ngx_commerce_ledger_map(ledger, o->found.size) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->label, &o->found,
               sizeof(ngx_commerce_ledger_label_t));

    return ngx_commerce_ledger_check(ledger);
}


/*
 * Cells keep their places, so only what stands behind them is made anew.  A
 * crash half-way leaves a file of another size than its label says, which the
 * next start takes for one cut short.
 */

static ngx_int_t
ngx_commerce_ledger_resize(ngx_commerce_ledger_opening_t *o)
{
    size_t                        from, to;
    ngx_commerce_ledger_t        *ledger, fit;
    ngx_commerce_ledger_label_t  *label;

    ledger = o->ledger;
    label = &o->label;

    from = o->found.size;
    to = label->size;

    if (to >= NGX_COMMERCE_LEDGER_SIZE_MIN) {
        ngx_commerce_ledger_attach(&fit, NULL, to);
    }

    if (to < NGX_COMMERCE_LEDGER_SIZE_MIN || ledger->header->top > fit.cells) {
        ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                      "commerce: ledger \"%V\" holds too many cells to be "
                      "made smaller: it keeps its size of %uz bytes",
                      &ledger->path, from);

        label->size = from;
        label->sum = ngx_commerce_ledger_sum(label);

        return ngx_commerce_ledger_write_label(ledger, label);
    }

    if (to > from && ngx_commerce_ledger_allocate(ledger, to) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_store(&ledger->header->building, 1);

    /* the old marks and buckets may become cells, which begin as zeroes */
    ngx_memzero(ledger->cell + ledger->header->top,
                from - NGX_COMMERCE_LEDGER_HEADER
                - ledger->header->top * sizeof(ngx_commerce_ledger_cell_t));

    ngx_commerce_ledger_unmap(ledger);

    if (to < from && ftruncate(ledger->fd, to) == -1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: ftruncate() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    if (ngx_commerce_ledger_map(ledger, to) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_commerce_ledger_write_label(ledger, label);
}


ngx_int_t
ngx_commerce_ledger_map(ngx_commerce_ledger_t *ledger, size_t size)
{
    void  *p;

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED, ledger->fd, 0);

    if (p == MAP_FAILED) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: mmap() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    ngx_commerce_ledger_attach(ledger, p, size);

    return NGX_OK;
}


void
ngx_commerce_ledger_unmap(ngx_commerce_ledger_t *ledger)
{
    if (ledger->header != NULL
        && munmap(ledger->header, ledger->size) == -1)
    {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, ngx_errno,
                      "commerce: munmap() of ledger \"%V\" failed",
                      &ledger->path);
    }

    ledger->header = NULL;
}


/* so that a full disk shows now, and not as SIGBUS later */

static ngx_int_t
ngx_commerce_ledger_allocate(ngx_commerce_ledger_t *ledger, size_t size)
{
    int  err;

    do {
        err = posix_fallocate(ledger->fd, 0, size);
    } while (err == NGX_EINTR);

    if (err != 0) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, err,
                      "commerce: %uz bytes for ledger \"%V\" could not be "
                      "allocated", size, &ledger->path);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* in one call, so that no kill leaves half of it */

static ngx_int_t
ngx_commerce_ledger_write_label(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label)
{
    if (pwrite(ledger->fd, label, sizeof(ngx_commerce_ledger_label_t), 0)
        != (ssize_t) sizeof(ngx_commerce_ledger_label_t))
    {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: pwrite() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->label, label, sizeof(ngx_commerce_ledger_label_t));

    return NGX_OK;
}
