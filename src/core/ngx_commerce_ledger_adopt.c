
/*
 * What becomes of a ledger's file once it is open and locked: it is made,
 * taken over from those who had it before, or joined while others use it.
 */


#include "ngx_commerce_ledger_file.h"
#include <fcntl.h>


static ngx_int_t ngx_commerce_ledger_fill(ngx_commerce_ledger_opening_t *o,
    size_t size);
static ngx_int_t ngx_commerce_ledger_resize(ngx_commerce_ledger_opening_t *o);


ngx_int_t
ngx_commerce_ledger_make(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (ngx_commerce_ledger_fill(o, o->label.size) != NGX_OK
        || ngx_commerce_ledger_map(ledger, &o->label) != NGX_OK
        || ngx_commerce_ledger_renew(ledger) != NGX_OK
        || ngx_commerce_ledger_write_label(ledger, &o->label) != NGX_OK)
    {
        (void) unlink((char *) ledger->path.data);
        return NGX_ERROR;
    }

    ledger->header->source = o->source;

    return ngx_commerce_ledger_use_lock(ledger->fd, F_OFD_SETLK, F_RDLCK);
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

    if (ngx_commerce_ledger_fill(o, o->found.size) != NGX_OK
        || ngx_commerce_ledger_map(ledger, &o->found) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ngx_commerce_ledger_sealed(ledger)) {
        ngx_log_error(NGX_LOG_CRIT, ledger->log, 0,
                      "commerce: ledger \"%V\" was cut short or written over "
                      "while not in use (%O bytes were left): unsent counts "
                      "that were not left are lost", &ledger->path, o->size);
    }

    ngx_commerce_ledger_find_top(ledger);

    if (o->found.ring) {
        /* entries of a later version stand behind, which can't be moved */
        o->label = o->found;
    }

    if (o->label.size != o->found.size
        && ngx_commerce_ledger_resize(o) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_commerce_ledger_write_label(ledger, &o->label) != NGX_OK
        || ngx_commerce_ledger_renew(ledger) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ledger->header->source = o->source;

    return ngx_commerce_ledger_use_lock(ledger->fd, F_OFD_SETLK, F_RDLCK);
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

    if (ngx_commerce_ledger_map(ledger, &o->found) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->label, &o->found,
               sizeof(ngx_commerce_ledger_label_t));

    if (ngx_commerce_ledger_check(ledger) != NGX_OK) {
        return NGX_ERROR;
    }

    /*
     * Several nginx may flush one ledger: whatever is sent twice is counted
     * once, in one Redis.  It changes by a reload or a new binary, where those
     * before are known to leave.
     */

    if (ledger->header->source != o->source && !o->tenant->ledger_inherited) {
        ngx_commerce_ledger_emerg(ledger, 0, "is in use by an nginx that "
                                  "sends its counts to another Redis: give "
                                  "each a path of its own");
        return NGX_ERROR;
    }

    ledger->header->source = o->source;

    return NGX_OK;
}


/*
 * Cells keep their places, so only what stands behind them is made anew.  A
 * crash half-way leaves a file of another size than its label says, which the
 * next start takes for one cut short.
 */

static ngx_int_t
ngx_commerce_ledger_resize(ngx_commerce_ledger_opening_t *o)
{
    size_t                         from, to;
    uint32_t                       cells, buckets;
    ngx_commerce_ledger_t         *ledger;
    ngx_commerce_ledger_header_t  *header;

    ledger = o->ledger;
    header = ledger->header;

    from = o->found.size;
    to = o->label.size;

    ngx_commerce_ledger_capacity(o->label.counts, &cells, &buckets);

    if (header->top > cells) {
        ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                      "commerce: ledger \"%V\" holds too many cells to be "
                      "made smaller: it keeps its size of %uz bytes",
                      &ledger->path, from);

        o->label = o->found;

        return NGX_OK;
    }

    if (to > from && ngx_commerce_ledger_fill(o, to) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_store(&header->building, 1);

    /* the old marks and buckets may become cells, which begin as zeroes */
    ngx_memzero(ledger->cell + header->top,
                from - NGX_COMMERCE_LEDGER_HEADER
                - header->top * sizeof(ngx_commerce_ledger_cell_t));

    ngx_commerce_ledger_unmap(ledger);

    if (to < from && ftruncate(ledger->fd, to) == -1) {
        ngx_commerce_ledger_emerg(ledger, ngx_errno, "ftruncate() failed");
        return NGX_ERROR;
    }

    return ngx_commerce_ledger_map(ledger, &o->label);
}


static ngx_int_t
ngx_commerce_ledger_fill(ngx_commerce_ledger_opening_t *o, size_t size)
{
    ngx_err_t  err;

    err = ngx_commerce_ledger_allocate(o->ledger, size);

    if (err) {
        ngx_commerce_ledger_emerg(o->ledger, err,
                                  "%uz bytes could not be allocated", size);
        return NGX_ERROR;
    }

    return NGX_OK;
}
