
/*
 * Live claims of a node: which session, of which worker, writes a room now.
 *
 * A claim is one word that is unique on the node and tells its process.  The
 * last one to claim a room owns it; whoever wrote before has to leave first,
 * so that a room never has two writers.
 *
 * The claims are in a zone of their own, which every reload keeps, since what
 * workers write to is the same whatever else changes.
 */


#ifndef _NGX_COMMERCE_SEAT_H_INCLUDED_
#define _NGX_COMMERCE_SEAT_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_tenant.h"


typedef uint64_t  ngx_commerce_seat_id_t;


/* adds the tenant's zone for claims: NGX_CONF_OK, NGX_CONF_ERROR */
char *ngx_commerce_seat_zone(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant);

/* a claim that nobody on this node had before */
ngx_commerce_seat_id_t ngx_commerce_seat_id(void);

/*
 * Makes the claim the room's owner, in place of any other.  order is when the
 * source made the claim, in us of the source's clock, or 0 if it did not: of
 * two that are made at once the source's order holds.
 *
 *   NGX_OK        its session may write the room
 *   NGX_AGAIN     the former writer has not left yet: see _check()
 *   NGX_DECLINED  a claim that was made later has the room
 */
ngx_int_t ngx_commerce_seat_take(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room, ngx_commerce_seat_id_t claim, uint64_t order);

/*
 * Tells how the claim stands, and that its session is alive: to be called
 * every second at least, or another may take the writer for dead.
 *
 *   NGX_OK        its session may write the room
 *   NGX_AGAIN     the former writer has not left yet
 *   NGX_DECLINED  another claim has the room now
 */
ngx_int_t ngx_commerce_seat_check(ngx_commerce_tenant_t *tenant,
    ngx_str_t *room, ngx_commerce_seat_id_t claim);

/* the claim's session has stopped writing; does nothing if it had no claim */
void ngx_commerce_seat_leave(ngx_commerce_tenant_t *tenant, ngx_str_t *room,
    ngx_commerce_seat_id_t claim);

/* one atomic read: the value changes whenever a room has a new owner */
ngx_atomic_uint_t ngx_commerce_seat_changes(ngx_commerce_tenant_t *tenant);


#endif /* _NGX_COMMERCE_SEAT_H_INCLUDED_ */
