
/*
 * The opening of a ledger's file, in two parts: finding a file that fits
 * (ngx_commerce_ledger_file.c), and making its content fit to be mapped
 * (ngx_commerce_ledger_map.c).
 */


#ifndef _NGX_COMMERCE_LEDGER_FILE_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_FILE_H_INCLUDED_


#include "ngx_commerce_ledger_cell.h"


typedef struct {
    ngx_commerce_ledger_t        *ledger;
    ngx_commerce_tenant_t        *tenant;
    ngx_uid_t                     user;
    ngx_uint_t                    alone;
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

ngx_int_t ngx_commerce_ledger_map(ngx_commerce_ledger_t *ledger, size_t size);
void ngx_commerce_ledger_unmap(ngx_commerce_ledger_t *ledger);

/* the lock of those who use the file (byte 1), of a type F_RDLCK, F_WRLCK */
ngx_int_t ngx_commerce_ledger_set_use_lock(ngx_commerce_ledger_t *ledger,
    int cmd, short type);


#endif /* _NGX_COMMERCE_LEDGER_FILE_H_INCLUDED_ */
