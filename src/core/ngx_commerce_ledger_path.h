
/*
 * The opening of a ledger's file (ngx_commerce_ledger_file.c): what its path
 * and its label say before it is used.
 */


#ifndef _NGX_COMMERCE_LEDGER_PATH_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_PATH_H_INCLUDED_


#include "ngx_commerce_ledger_map.h"


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


/*
 * For nginx -t: what can be said of the file without making it, or being in
 * the way of who uses it.  NGX_OK or NGX_ERROR (logged as emerg).
 */
ngx_int_t ngx_commerce_ledger_path_test(ngx_commerce_ledger_opening_t *o);

/* another user's file is not trusted: then NGX_ERROR (logged), else NGX_OK */
ngx_int_t ngx_commerce_ledger_path_trusted(ngx_commerce_ledger_opening_t *o,
    struct stat *st);

/* what was opened is a file of its own; sets *st; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_ledger_path_regular(ngx_commerce_ledger_t *ledger,
    struct stat *st);


/* sets o->label: what would stand in a file made now */
void ngx_commerce_ledger_path_label(ngx_commerce_ledger_opening_t *o);

/* NULL, or why a file with the label found can't be used: static text */
const char *ngx_commerce_ledger_path_unfit(ngx_commerce_ledger_opening_t *o);

/* says that it is so and in use, and what to do about that; NGX_ERROR */
ngx_int_t ngx_commerce_ledger_path_refuse(ngx_commerce_ledger_opening_t *o,
    const char *why);

/* in one call, so that no kill leaves half of it; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_ledger_path_write_label(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label);


#endif /* _NGX_COMMERCE_LEDGER_PATH_H_INCLUDED_ */
