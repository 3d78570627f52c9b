
#include "ngx_commerce_timer.h"


static void ngx_commerce_timer_handler(ngx_event_t *ev);
static int64_t ngx_commerce_timer_now(clockid_t id);


void
ngx_commerce_timer_init(ngx_commerce_timer_t *timer, ngx_log_t *log,
    void (*handler)(void *data), void *data)
{
    ngx_memzero(timer, sizeof(ngx_commerce_timer_t));

    timer->data = data;
    timer->ident = (ngx_socket_t) -1;
    timer->handler = handler;

    timer->event.handler = ngx_commerce_timer_handler;
    timer->event.data = timer;
    timer->event.log = log;
    timer->event.cancelable = 1;
}


void
ngx_commerce_timer_start(ngx_commerce_timer_t *timer, ngx_msec_t ms)
{
    ngx_add_timer(&timer->event, ms);
}


void
ngx_commerce_timer_post(ngx_commerce_timer_t *timer)
{
    ngx_post_event(&timer->event, &ngx_posted_next_events);
}


void
ngx_commerce_timer_stop(ngx_commerce_timer_t *timer)
{
    if (timer->event.timer_set) {
        ngx_del_timer(&timer->event);
    }

    if (timer->event.posted) {
        ngx_delete_posted_event(&timer->event);
    }
}


static void
ngx_commerce_timer_handler(ngx_event_t *ev)
{
    ngx_commerce_timer_t  *timer;

    timer = ev->data;
    timer->handler(timer->data);
}


ngx_uint_t
ngx_commerce_timer_once(ngx_msec_t *last, ngx_msec_t ms)
{
    if (*last && ngx_current_msec - *last < ms) {
        return 0;
    }

    *last = ngx_max(ngx_current_msec, 1);

    return 1;
}


int64_t
ngx_commerce_timer_wall(void)
{
    return ngx_commerce_timer_now(CLOCK_REALTIME);
}


int64_t
ngx_commerce_timer_steady(void)
{
    return ngx_commerce_timer_now(CLOCK_MONOTONIC);
}


static int64_t
ngx_commerce_timer_now(clockid_t id)
{
    struct timespec  ts;

    (void) clock_gettime(id, &ts);

    return (int64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}
