
/*
 * The ledger: a file mapped into all workers with one growing total a cell.
 * A count is one atomic operation; totals outlive every process.
 */


#ifndef _NGX_COMMERCE_LEDGER_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_tenant.h"


/* of the file, bytes */

#define NGX_COMMERCE_LEDGER_SIZE_MIN  65536

/*
 * Behind the path that is configured stands the format: the file of another
 * format is another one, and whoever uses that is not disturbed.
 */

#define NGX_COMMERCE_LEDGER_SUFFIX  ".3"

/* room and field together, bytes */

#define NGX_COMMERCE_LEDGER_KEY_MAX  180


/*
 * A cell's identity: its generation, field and epoch, or, without an epoch,
 * generation/id.id_life.  It never names anything else, in this file or
 * another; a later life of the field in the generation has a higher epoch.
 * Then a total of it, and where it stands now.
 */

typedef struct {
    uint64_t    generation;
    uint64_t    epoch;            /* below 2^53 */
    uint64_t    total;            /* below 2^53 */
    uint32_t    id;
    uint32_t    id_life;
    uint32_t    cell;
    uint32_t    life;
    uint32_t    bucket;
} ngx_commerce_ledger_receipt_t;


/* a copy of a cell, as a flush sends it */

typedef struct {
    ngx_commerce_ledger_receipt_t  receipt;

    uint64_t    sent;             /* of the total, acknowledged so far */
    uint64_t    expired;          /* of that, gone from Redis by its age */
    uint64_t    show;
    size_t      room_len;
    size_t      field_len;
    u_char      key[NGX_COMMERCE_LEDGER_KEY_MAX];  /* room, field */
} ngx_commerce_ledger_item_t;


/*
 * Which cells are wanted: those with something unsent, or all whose total
 * last rose, as far as flushes know, in [from, to), seconds since the epoch.
 * What was acknowledged before `oldest` is taken to be gone from Redis when
 * something new is to be sent.
 */

typedef struct {
    ngx_uint_t  all;
    time_t      from;
    time_t      to;
    time_t      oldest;
} ngx_commerce_ledger_filter_t;


/*
 * Opens (creating or taking over) the tenant's ledger at ledger_path of
 * ledger_size bytes, mapped until the cycle's pool is destroyed.  In nginx -t
 * it only looks whether that would do.  NGX_OK or NGX_ERROR (logged as emerg).
 */
ngx_int_t ngx_commerce_ledger_open(ngx_commerce_tenant_t *tenant,
    ngx_cycle_t *cycle);

/* 1 if two paths are, or would be, one file */
ngx_uint_t ngx_commerce_ledger_same(ngx_str_t *one, ngx_str_t *two);

/*
 * Adds n to the total of (room, show, field), e.g. field "click:PRODUCT".  If
 * that needs a new cell, it is made for the owner, say an address, or NULL.
 * NGX_OK; NGX_BUSY if the ledger is full (alerted, at most once a second);
 * NGX_DECLINED if it is not, but the owner has so many cells that what is left
 * is kept for others (warned of alike); NGX_ERROR if room and field are too
 * long, the lock failed, or the file was cut short and can't be made whole.
 */
ngx_int_t ngx_commerce_ledger_add(ngx_commerce_ledger_t *ledger,
    ngx_str_t *room, uint64_t show, ngx_str_t *field, ngx_uint_t n,
    ngx_str_t *owner);

/*
 * Cells that hold something, and cells there are; none of a ledger that this
 * process can't use for now.
 */
void ngx_commerce_ledger_usage(ngx_commerce_ledger_t *ledger,
    ngx_uint_t *used, ngx_uint_t *cells);


/*
 * For the one who flushes.  Cells hang on buckets, those of one room and show
 * within one window of NGX_COMMERCE_LEDGER_WINDOW buckets that starts at a
 * multiple of it; a count marks its bucket.
 */

#define NGX_COMMERCE_LEDGER_WINDOW  256

uint32_t ngx_commerce_ledger_buckets(ngx_commerce_ledger_t *ledger);

/*
 * Takes the marks of 64 buckets from `first` on, a multiple of 64; they are
 * to be collected after that, so that no count falls between.
 */
uint64_t ngx_commerce_ledger_take_marks(ngx_commerce_ledger_t *ledger,
    uint32_t first);

/* marks one bucket, those of a room and show, or all of them */
void ngx_commerce_ledger_mark(ngx_commerce_ledger_t *ledger, uint32_t bucket);
void ngx_commerce_ledger_mark_room(ngx_commerce_ledger_t *ledger,
    ngx_str_t *room, uint64_t show);
void ngx_commerce_ledger_mark_all(ngx_commerce_ledger_t *ledger);

/* 1 if any bucket is marked */
ngx_uint_t ngx_commerce_ledger_marked(ngx_commerce_ledger_t *ledger);

/*
 * Copies at most max of the wanted cells of a bucket.  *next is 0 at first,
 * and 0 again when the bucket is through.  Returns the number of items.
 */
ngx_uint_t ngx_commerce_ledger_collect(ngx_commerce_ledger_t *ledger,
    uint32_t bucket, uint32_t *next, ngx_commerce_ledger_filter_t *filter,
    ngx_commerce_ledger_item_t *items, ngx_uint_t max);

/* 1 if a cell of the bucket holds something unsent */
ngx_uint_t ngx_commerce_ledger_unsent(ngx_commerce_ledger_t *ledger,
    uint32_t bucket);

/* the receipt's total has arrived */
void ngx_commerce_ledger_acknowledge(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_receipt_t *receipt);

/*
 * Redis may have lost something that it acknowledged in the last minutes: all
 * totals are to be sent again, or were.  Until then no cell is given away that
 * may be needed for that.
 */
void ngx_commerce_ledger_resend(ngx_commerce_ledger_t *ledger);
void ngx_commerce_ledger_resent(ngx_commerce_ledger_t *ledger);

/*
 * Redis holds a later epoch or a higher total of the receipt's cell than was
 * sent.  If that is also more than the cell has by now, the file went back in
 * time while it is in use: counts begin anew, by other names.
 */
void ngx_commerce_ledger_behind(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_receipt_t *receipt, uint64_t epoch, uint64_t total);

/*
 * Called by each worker some times a second: makes good a file that was cut
 * short, or written over, under its users, and takes in what the binary before
 * has left.
 */
void ngx_commerce_ledger_tick(ngx_commerce_ledger_t *ledger);


#endif /* _NGX_COMMERCE_LEDGER_H_INCLUDED_ */
