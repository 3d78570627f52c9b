
/*
 * Seats: which session, of which worker of this node, writes a room now.
 *
 * Whoever takes a room's seat owns the room, in place of any other; but who
 * wrote before has to leave first, so that a room never has two writers.
 *
 * The seats are in a zone of their own, which every reload keeps, since what
 * workers write to is the same whatever else changes.
 */


#ifndef _NGX_COMMERCE_SEAT_H_INCLUDED_
#define _NGX_COMMERCE_SEAT_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_tenant.h"


/* who wants a seat: unique on the node, and it tells the process */

typedef uint64_t  ngx_commerce_seat_id_t;


/* adds the tenant's zone for seats: NGX_CONF_OK, NGX_CONF_ERROR */
char *ngx_commerce_seat_zone(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant);

/* one that nobody on this node had before */
ngx_commerce_seat_id_t ngx_commerce_seat_id(void);

/*
 * Takes a room's seat.  order is when the source made the claim to the room, in
 * us of the source's clock, or 0 if it did not: of two that are made at once
 * the source's order holds.
 *
 *   NGX_OK        its session may write the room
 *   NGX_AGAIN     the former writer has not left yet: see _check()
 *   NGX_DECLINED  a claim that was made later has the room
 */
ngx_int_t ngx_commerce_seat_take(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room, ngx_commerce_seat_id_t id, uint64_t order);

/*
 * Tells who has the seat, and that its session is alive: to be called every
 * second at least, or another may take the writer for dead.
 *
 *   NGX_OK        its session may write the room
 *   NGX_AGAIN     the former writer has not left yet
 *   NGX_DECLINED  another has the room now
 */
ngx_int_t ngx_commerce_seat_check(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room, ngx_commerce_seat_id_t id);

/* the session has stopped writing; does nothing if it had no seat */
void ngx_commerce_seat_leave(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t id);

/*
 * A counter that goes up whenever the room of somebody who has taken its seat
 * gets another owner, or a writer leaves it.  NULL if there was no seat for it,
 * so that nobody can come in between either.
 */
ngx_atomic_t *ngx_commerce_seat_changes(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room);


#endif /* _NGX_COMMERCE_SEAT_H_INCLUDED_ */
