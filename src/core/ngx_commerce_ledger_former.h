
/*
 * What the binary before has left in a ledger of its own format.
 */


#ifndef _NGX_COMMERCE_LEDGER_FORMER_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_FORMER_H_INCLUDED_


#include "ngx_commerce_ledger_path.h"


/* if there is a ledger of the format before, begins to take it in */
void ngx_commerce_ledger_former_open(ngx_commerce_ledger_opening_t *o);

/*
 * Takes some of the cells in that the binary before has left in its file, if
 * nobody uses that any more.  NGX_OK: there are no more; NGX_AGAIN: there are;
 * NGX_BUSY: not now; NGX_ERROR (logged): never.
 */
ngx_int_t ngx_commerce_ledger_former_step(ngx_commerce_ledger_t *ledger);
void ngx_commerce_ledger_former_close(ngx_commerce_ledger_t *ledger);


#endif /* _NGX_COMMERCE_LEDGER_FORMER_H_INCLUDED_ */
