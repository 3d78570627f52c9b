
/*
 * The ledger's lock, and what whoever takes it makes good.
 */


#ifndef _NGX_COMMERCE_LEDGER_LOCK_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_LOCK_H_INCLUDED_


#include "ngx_commerce_ledger_space.h"


/*
 * The lock; whoever gets it after a holder died half-way, or after the file
 * was cut short, makes that good.  NGX_OK or NGX_ERROR (logged).
 */
ngx_int_t ngx_commerce_ledger_lock(ngx_commerce_ledger_t *ledger);
void ngx_commerce_ledger_unlock(ngx_commerce_ledger_t *ledger);

/* makes the file whole again by way of the lock, if there is reason to */
void ngx_commerce_ledger_lock_mend(ngx_commerce_ledger_t *ledger);

/* takes the lock for that alone; NGX_OK or NGX_ERROR (logged once) */
ngx_int_t ngx_commerce_ledger_lock_check(ngx_commerce_ledger_t *ledger);


/*
 * The lock of those who use a file (byte 1), of a type F_RDLCK, F_WRLCK,
 * F_UNLCK; NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_commerce_ledger_lock_use(int fd, int cmd, short type);


#endif /* _NGX_COMMERCE_LEDGER_LOCK_H_INCLUDED_ */
