
#include "ngx_commerce_watch.h"
#include "ngx_commerce_timer.h"
#include "ngx_commerce_stats.h"
#include "ngx_commerce_store.h"
#include <ngx_event.h>


#define NGX_COMMERCE_WATCH_STEP     100     /* ms */
#define NGX_COMMERCE_WATCH_REFRESH  1000    /* ms */

/* lists of what is watched; a power of two */
#define NGX_COMMERCE_WATCH_LISTS    1024

#define ngx_commerce_watch_list(counter)                                      \
    (&ngx_commerce_watch_lists[((uintptr_t) (counter)                         \
                                / sizeof(ngx_atomic_t))                       \
                               & (NGX_COMMERCE_WATCH_LISTS - 1)])


/* a record, or a counter alone, with all who watch it in this worker */

struct ngx_commerce_watched_s {
    ngx_queue_t              queue;      /* of all that is watched */
    ngx_queue_t              list;       /* of one list */
    ngx_queue_t              watches;    /* less those that are to be called */
    ngx_uint_t               refs;       /* with those */

    ngx_atomic_t            *counter;
    ngx_atomic_uint_t        seen;
    ngx_msec_t               refreshed;

    ngx_commerce_tenant_t   *tenant;     /* NULL: a counter alone */
    ngx_commerce_kind_e      kind;
    ngx_str_t                name;
    u_char                   data[NGX_COMMERCE_NAME_MAX];
};


static void ngx_commerce_watch_init(void);
static ngx_int_t ngx_commerce_watch_begin(ngx_commerce_watch_t *watch,
    ngx_atomic_t *counter, ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name);
static ngx_commerce_watched_t *ngx_commerce_watch_find(ngx_atomic_t *counter,
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind,
    ngx_str_t *name);
static ngx_commerce_watched_t *ngx_commerce_watch_add(ngx_atomic_t *counter,
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind,
    ngx_str_t *name);
static void ngx_commerce_watch_look(void *data);
static void ngx_commerce_watch_compare(void);
static void ngx_commerce_watch_refresh(ngx_commerce_watched_t *watched);
static void ngx_commerce_watch_call(void);


/* a worker's, of all tenants */

static ngx_queue_t           ngx_commerce_watch_all;
static ngx_queue_t           ngx_commerce_watch_due;    /* to be called */
static ngx_queue_t           ngx_commerce_watch_lists[NGX_COMMERCE_WATCH_LISTS];
static ngx_commerce_timer_t  ngx_commerce_watch_timer;


ngx_int_t
ngx_commerce_watch_record(ngx_commerce_watch_t *watch,
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_atomic_t  *counter;

    if (!ngx_commerce_name_valid(kind, name)) {
        return NGX_ERROR;
    }

    counter = ngx_commerce_store_counter(tenant, kind, name);

    return ngx_commerce_watch_begin(watch, counter, tenant, kind, name);
}


ngx_int_t
ngx_commerce_watch_counter(ngx_commerce_watch_t *watch, ngx_atomic_t *counter)
{
    ngx_str_t  none;

    ngx_str_set(&none, "");

    return ngx_commerce_watch_begin(watch, counter, NULL, 0, &none);
}


static ngx_int_t
ngx_commerce_watch_begin(ngx_commerce_watch_t *watch, ngx_atomic_t *counter,
    ngx_commerce_tenant_t *tenant, ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_commerce_watched_t  *watched;

    if (ngx_commerce_watch_timer.handler == NULL) {
        ngx_commerce_watch_init();
    }

    watched = ngx_commerce_watch_find(counter, tenant, kind, name);

    if (watched == NULL) {
        watched = ngx_commerce_watch_add(counter, tenant, kind, name);
        if (watched == NULL) {
            return NGX_ERROR;
        }
    }

    watched->refs++;
    watch->watched = watched;
    ngx_queue_insert_tail(&ngx_commerce_watch_due, &watch->queue);

    return NGX_OK;
}


static void
ngx_commerce_watch_init(void)
{
    ngx_uint_t  i;

    ngx_queue_init(&ngx_commerce_watch_all);
    ngx_queue_init(&ngx_commerce_watch_due);

    for (i = 0; i < NGX_COMMERCE_WATCH_LISTS; i++) {
        ngx_queue_init(&ngx_commerce_watch_lists[i]);
    }

    ngx_commerce_timer_init(&ngx_commerce_watch_timer, ngx_cycle->log,
                            ngx_commerce_watch_look, NULL);
}


/* records that share a counter are apart: one may be refreshed, one not */

static ngx_commerce_watched_t *
ngx_commerce_watch_find(ngx_atomic_t *counter, ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_queue_t             *q, *list;
    ngx_commerce_watched_t  *watched;

    list = ngx_commerce_watch_list(counter);

    for (q = ngx_queue_head(list);
         q != ngx_queue_sentinel(list);
         q = ngx_queue_next(q))
    {
        watched = ngx_queue_data(q, ngx_commerce_watched_t, list);

        if (watched->counter == counter
            && watched->tenant == tenant
            && watched->kind == kind
            && watched->name.len == name->len
            && ngx_memcmp(watched->data, name->data, name->len) == 0)
        {
            return watched;
        }
    }

    return NULL;
}


static ngx_commerce_watched_t *
ngx_commerce_watch_add(ngx_atomic_t *counter, ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_commerce_watched_t  *watched;

    watched = ngx_calloc(sizeof(ngx_commerce_watched_t), ngx_cycle->log);
    if (watched == NULL) {
        return NULL;
    }

    ngx_queue_init(&watched->watches);

    watched->counter = counter;
    watched->seen = *counter;
    watched->refreshed = ngx_current_msec;
    watched->tenant = tenant;
    watched->kind = kind;
    watched->name.len = name->len;
    watched->name.data = watched->data;
    ngx_memcpy(watched->data, name->data, name->len);

    ngx_queue_insert_tail(&ngx_commerce_watch_all, &watched->queue);
    ngx_queue_insert_tail(ngx_commerce_watch_list(counter), &watched->list);

    if (!ngx_commerce_watch_timer.event.timer_set) {
        ngx_commerce_timer_start(&ngx_commerce_watch_timer,
                                 NGX_COMMERCE_WATCH_STEP);
    }

    return watched;
}


void
ngx_commerce_watch_end(ngx_commerce_watch_t *watch)
{
    ngx_commerce_watched_t  *watched;

    watched = watch->watched;

    if (watched == NULL) {
        return;
    }

    ngx_queue_remove(&watch->queue);
    watch->watched = NULL;

    if (--watched->refs) {
        return;
    }

    ngx_queue_remove(&watched->queue);
    ngx_queue_remove(&watched->list);
    ngx_free(watched);

    if (ngx_queue_empty(&ngx_commerce_watch_all)) {
        ngx_commerce_timer_stop(&ngx_commerce_watch_timer);
    }
}


/* in the next turn of the event loop: handlers may call this each time */

void
ngx_commerce_watch_soon(void)
{
    if (ngx_commerce_watch_timer.handler) {
        ngx_commerce_timer_post(&ngx_commerce_watch_timer);
    }
}


static void
ngx_commerce_watch_look(void *data)
{
    ngx_commerce_watch_compare();
    ngx_commerce_watch_call();

    if (!ngx_queue_empty(&ngx_commerce_watch_all)
        && !ngx_commerce_watch_timer.event.timer_set)
    {
        ngx_commerce_timer_start(&ngx_commerce_watch_timer,
                                 NGX_COMMERCE_WATCH_STEP);
    }
}


/*
 * Nobody is called here, so that the queues stay as they are.  A value is kept
 * before anybody looks at what it counts: a change in between shows the next
 * time.
 */

static void
ngx_commerce_watch_compare(void)
{
    ngx_queue_t             *q;
    ngx_atomic_uint_t        counter;
    ngx_commerce_watched_t  *watched;

    for (q = ngx_queue_head(&ngx_commerce_watch_all);
         q != ngx_queue_sentinel(&ngx_commerce_watch_all);
         q = ngx_queue_next(q))
    {
        watched = ngx_queue_data(q, ngx_commerce_watched_t, queue);

        if (watched->tenant
            && ngx_current_msec - watched->refreshed
               >= NGX_COMMERCE_WATCH_REFRESH)
        {
            watched->refreshed = ngx_current_msec;
            ngx_commerce_watch_refresh(watched);
        }

        counter = *watched->counter;

        if (counter == watched->seen) {
            continue;
        }

        watched->seen = counter;

        if (!ngx_queue_empty(&watched->watches)) {
            ngx_queue_add(&ngx_commerce_watch_due, &watched->watches);
            ngx_queue_init(&watched->watches);
        }
    }
}


/*
 * Whoever watches does not ask for what he watches as long as he is told of
 * nothing: this does so for him, since what was told may not have been learned.
 */

static void
ngx_commerce_watch_refresh(ngx_commerce_watched_t *watched)
{
    void                   *record;
    ngx_commerce_tenant_t  *tenant;

    tenant = watched->tenant;

    if (tenant->stats->subscribed) {
        (void) ngx_commerce_store_get(tenant, watched->kind, &watched->name,
                                      NGX_COMMERCE_FOR_VIEWERS, &record, NULL);
        return;
    }

    (void) ngx_commerce_store_recheck(tenant, watched->kind, &watched->name);
}


/* those who are due now, but not those whom handlers make due again */

static void
ngx_commerce_watch_call(void)
{
    ngx_queue_t            due, *q;
    ngx_commerce_watch_t  *watch;

    if (ngx_queue_empty(&ngx_commerce_watch_due)) {
        return;
    }

    ngx_queue_init(&due);
    ngx_queue_add(&due, &ngx_commerce_watch_due);
    ngx_queue_init(&ngx_commerce_watch_due);

    while (!ngx_queue_empty(&due)) {
        q = ngx_queue_head(&due);
        watch = ngx_queue_data(q, ngx_commerce_watch_t, queue);

        ngx_queue_remove(q);
        ngx_queue_insert_tail(&watch->watched->watches, q);

        watch->handler(watch->data);
    }
}
