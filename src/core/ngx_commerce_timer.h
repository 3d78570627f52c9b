
/*
 * A timer of a worker, and the clocks besides nginx's own.
 */


#ifndef _NGX_COMMERCE_TIMER_H_INCLUDED_
#define _NGX_COMMERCE_TIMER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>


typedef struct {
    void          *data;               /* the handler's */
    void          *unused[2];

    /* at fd's place in ngx_connection_t, for nginx's debug messages */
    ngx_socket_t   ident;

    void         (*handler)(void *data);
    ngx_event_t    event;
} ngx_commerce_timer_t;


/* it does not keep a worker that is told to quit */
void ngx_commerce_timer_init(ngx_commerce_timer_t *timer, ngx_log_t *log,
    void (*handler)(void *data), void *data);

/* the handler is called once, after ms; a timer that runs begins anew */
void ngx_commerce_timer_start(ngx_commerce_timer_t *timer, ngx_msec_t ms);

/* the handler is called in the next turn of the event loop as well */
void ngx_commerce_timer_post(ngx_commerce_timer_t *timer);

/* also of one that doesn't run, or was zeroed and never used */
void ngx_commerce_timer_stop(ngx_commerce_timer_t *timer);


/*
 * For what is to be said once in so many ms: 1 if it has not been said so long.
 * last is 0 at first, and kept by the caller.
 */
ngx_uint_t ngx_commerce_timer_once(ngx_msec_t *last, ngx_msec_t ms);


/*
 * us: the time of day, and a clock that nobody sets; nginx's own stand still
 * while an event is handled
 */
int64_t ngx_commerce_timer_wall(void);
int64_t ngx_commerce_timer_steady(void);


#endif /* _NGX_COMMERCE_TIMER_H_INCLUDED_ */
