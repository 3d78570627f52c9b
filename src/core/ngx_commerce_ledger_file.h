
/*
 * The opening of a ledger's file: what its path says
 * (ngx_commerce_ledger_path.c), finding a file there that may be used
 * (ngx_commerce_ledger_file.c), telling by the label whose it is
 * (ngx_commerce_ledger_label.c), making its content fit to be mapped
 * (ngx_commerce_ledger_adopt.c), and taking in what the binary before has left
 * (ngx_commerce_ledger_former.c).
 */


#ifndef _NGX_COMMERCE_LEDGER_FILE_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_FILE_H_INCLUDED_


#include "ngx_commerce_ledger_cell.h"


typedef struct {
    ngx_commerce_ledger_t        *ledger;
    ngx_commerce_tenant_t        *tenant;
    ngx_uid_t                     user;     /* the workers' */
    ngx_uint_t                    alone;    /* nobody else uses the file */
    uint64_t                      source;   /* a hash: where counts go */
    off_t                         size;     /* of the file as found */
    ngx_commerce_ledger_label_t   label;    /* as it should be */
    ngx_commerce_ledger_label_t   found;
} ngx_commerce_ledger_opening_t;


/* maps an empty file that nobody else uses; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_ledger_make(ngx_commerce_ledger_opening_t *o);

/* maps a ledger that nobody else uses; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_ledger_take_over(ngx_commerce_ledger_opening_t *o);

/* maps a ledger that others use, as it is; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_ledger_join(ngx_commerce_ledger_opening_t *o);

/*
 * For nginx -t: what can be said of the file without making it, or being in
 * the way of who uses it.  NGX_OK or NGX_ERROR (logged as emerg).
 */
ngx_int_t ngx_commerce_ledger_test(ngx_commerce_ledger_opening_t *o);

/* another user's file is not trusted: then NGX_ERROR (logged), else NGX_OK */
ngx_int_t ngx_commerce_ledger_trusted(ngx_commerce_ledger_opening_t *o,
    struct stat *st);

/* what was opened is a file of its own; sets *st; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_ledger_regular(ngx_commerce_ledger_t *ledger,
    struct stat *st);


/* sets o->label: what would stand in a file made now */
void ngx_commerce_ledger_label(ngx_commerce_ledger_opening_t *o);

/* NULL, or why a file with the label found can't be used: static text */
const char *ngx_commerce_ledger_unfit(ngx_commerce_ledger_opening_t *o);

/* says that it is so and in use, and what to do about that; NGX_ERROR */
ngx_int_t ngx_commerce_ledger_refuse(ngx_commerce_ledger_opening_t *o,
    const char *why);

/* in one call, so that no kill leaves half of it; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_ledger_write_label(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label);


/*
 * The lock of those who use a file (byte 1), of a type F_RDLCK, F_WRLCK,
 * F_UNLCK; NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_commerce_ledger_use_lock(int fd, int cmd, short type);


/* if there is a ledger of the format before, begins to take it in */
void ngx_commerce_ledger_former_open(ngx_commerce_ledger_opening_t *o);


#endif /* _NGX_COMMERCE_LEDGER_FILE_H_INCLUDED_ */
