
#include "ngx_commerce_cache.h"
#include "ngx_commerce_load.h"
#include "ngx_commerce_timer.h"


/* ms, between two lines of the log that there is no room */
#define NGX_COMMERCE_LOAD_TOLD  60000

#define ngx_commerce_loads(cache, hash)                                       \
    (&(cache)->loads[(hash) & (NGX_COMMERCE_CACHE_LOADS - 1)])


typedef struct {
    ngx_queue_t               queue;
    ngx_queue_t               order;       /* of all, as they began */
    ngx_queue_t               waits;
    ngx_msec_t                begun;       /* ngx_current_msec */
    ngx_commerce_kind_e       kind;
    ngx_str_t                 name;
    ngx_atomic_uint_t         ticket;
    ngx_uint_t                notices;     /* of the record, at the start */
    int64_t                   version;     /* the same */
    unsigned                  token:1;     /* to be returned if it exists */
    u_char                    data[NGX_COMMERCE_RECORD_NAME_MAX];
} ngx_commerce_load_t;


static ngx_uint_t ngx_commerce_load_is_behind(ngx_commerce_load_t *load,
    ngx_commerce_node_t *node, int64_t version);
static ngx_commerce_load_t *ngx_commerce_load_find(
    ngx_commerce_cache_t *cache, ngx_commerce_kind_e kind, ngx_str_t *name,
    uint32_t hash);
static ngx_uint_t ngx_commerce_load_save(ngx_commerce_tenant_t *tenant,
    ngx_commerce_load_t *load, u_char *blob, size_t size);
static ngx_uint_t ngx_commerce_load_missed(ngx_commerce_tenant_t *tenant,
    ngx_commerce_load_t *load, ngx_int_t rc);
static void ngx_commerce_load_no_room(ngx_commerce_tenant_t *tenant);
static void ngx_commerce_load_unconfirm(ngx_commerce_tenant_t *tenant,
    ngx_commerce_node_t *node);
static void ngx_commerce_load_wake(ngx_commerce_load_t *load, ngx_int_t rc);


ngx_int_t
ngx_commerce_load_start(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_commerce_wait_t *wait,
    ngx_uint_t token)
{
    uint32_t               hash;
    ngx_commerce_load_t   *load;
    ngx_commerce_node_t   *node;
    ngx_commerce_cache_t  *cache;

    cache = tenant->cache;
    hash = ngx_commerce_zone_hash(tenant->zone, kind, name);
    load = ngx_commerce_load_find(cache, kind, name, hash);

    if (load == NULL) {

        if (!ngx_commerce_name_valid(kind, name)) {
            return NGX_ERROR;
        }

        load = ngx_calloc(sizeof(ngx_commerce_load_t), cache->log);
        if (load == NULL) {
            return NGX_ERROR;
        }

        ngx_queue_init(&load->waits);
        load->kind = kind;
        load->name.len = name->len;
        load->name.data = load->data;
        ngx_memcpy(load->data, name->data, name->len);
        load->token = token;
        load->begun = ngx_current_msec;

        ngx_commerce_zone_read_lock(tenant);
        load->ticket = ++tenant->zone->sh->ticket;
        node = ngx_commerce_zone_find(tenant->zone, hash, kind, name);
        load->notices = node ? node->notices : 0;
        load->version = node ? node->version : 0;
        ngx_commerce_zone_unlock(tenant);

        if (tenant->source->load(tenant, kind, &load->name) != NGX_OK) {

            if (token) {
                ngx_commerce_zone_read_lock(tenant);
                ngx_commerce_zone_return_token(tenant->zone);
                ngx_commerce_zone_unlock(tenant);
            }

            /* whoever asks next need not find out again */

            ngx_commerce_zone_set_negative(tenant->zone, kind, &load->name,
                                           NGX_ERROR);
            ngx_free(load);
            return NGX_ERROR;
        }

        (void) ngx_atomic_fetch_add(&tenant->stats->loads, 1);
        ngx_queue_insert_tail(ngx_commerce_loads(cache, hash), &load->queue);
        ngx_queue_insert_tail(&cache->order, &load->order);
        cache->nloads++;
    }

    if (wait == NULL) {
        return NGX_ERROR;
    }

    ngx_queue_insert_tail(&load->waits, &wait->queue);
    wait->pending = 1;
    wait->record = ngx_commerce_zone_hash64(tenant->zone, kind, name);
    wait->done = 0;

    return NGX_AGAIN;
}


ngx_uint_t
ngx_commerce_load_under_way(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    uint32_t  hash;

    hash = ngx_commerce_zone_hash(tenant->zone, kind, name);

    return ngx_commerce_load_find(tenant->cache, kind, name, hash) != NULL;
}


static ngx_commerce_load_t *
ngx_commerce_load_find(ngx_commerce_cache_t *cache, ngx_commerce_kind_e kind,
    ngx_str_t *name, uint32_t hash)
{
    ngx_queue_t          *q, *loads;
    ngx_commerce_load_t  *load;

    loads = ngx_commerce_loads(cache, hash);

    for (q = ngx_queue_head(loads);
         q != ngx_queue_sentinel(loads);
         q = ngx_queue_next(q))
    {
        load = ngx_queue_data(q, ngx_commerce_load_t, queue);

        if (load->kind == kind
            && load->name.len == name->len
            && ngx_memcmp(load->name.data, name->data, name->len) == 0)
        {
            return load;
        }
    }

    return NULL;
}


void
ngx_commerce_load_leave(ngx_commerce_wait_t *wait)
{
    if (wait->pending) {
        ngx_queue_remove(&wait->queue);
        wait->pending = 0;
    }
}


void
ngx_commerce_load_done(ngx_commerce_tenant_t *tenant,
    ngx_commerce_kind_e kind, ngx_str_t *name, ngx_int_t rc, u_char *blob,
    size_t size)
{
    uint32_t               hash;
    ngx_uint_t             moved;
    ngx_commerce_load_t   *load;
    ngx_commerce_cache_t  *cache;

    cache = tenant->cache;

    hash = ngx_commerce_zone_hash(tenant->zone, kind, name);
    load = ngx_commerce_load_find(cache, kind, name, hash);
    if (load == NULL) {
        return;
    }

    ngx_queue_remove(&load->queue);
    ngx_queue_remove(&load->order);
    cache->nloads--;

    moved = (rc == NGX_OK)
            ? ngx_commerce_load_save(tenant, load, blob, size)
            : ngx_commerce_load_missed(tenant, load, rc);

    if (moved) {
        /* told of a change meanwhile: what was loaded may be older */
        (void) ngx_commerce_load_start(tenant, kind, &load->name, NULL, 0);
    }

    ngx_commerce_load_wake(load, rc);

    ngx_free(load);
}


/*
 * These return 1 if a notice came while it was loaded, of a version that this
 * did not bring.
 */

static ngx_uint_t
ngx_commerce_load_save(ngx_commerce_tenant_t *tenant,
    ngx_commerce_load_t *load, u_char *blob, size_t size)
{
    uint32_t              hash;
    ngx_uint_t            running, moved;
    ngx_commerce_node_t  *node;
    ngx_commerce_zone_t  *zone;

    zone = tenant->zone;
    hash = ngx_commerce_zone_hash(zone, load->kind, &load->name);

    ngx_commerce_zone_set_negative(zone, load->kind, &load->name, NGX_OK);

    ngx_commerce_zone_lock(tenant);

    if (load->token) {
        ngx_commerce_zone_return_token(zone);
    }

    node = ngx_commerce_zone_find(zone, hash, load->kind, &load->name);
    moved = ngx_commerce_load_is_behind(load, node,
                                        ngx_commerce_record_version(blob));

    /* a claim that is gone may have run out with nobody to end the show */

    running = (node && node->running)
              || ngx_commerce_record_held(load->kind, blob);

    if (node
        && load->ticket < node->ticket
        && ngx_commerce_record_version(blob) < node->version)
    {
        /* begun earlier than what is held, and older */
        ngx_commerce_zone_unlock(tenant);
        return moved;
    }

    /* what changed nothing is told to nobody: see ngx_commerce_cache_age() */

    if (node == NULL || !ngx_commerce_zone_same(node, blob, size)) {
        node = ngx_commerce_zone_put(zone, hash, load->kind, &load->name,
                                     blob, size);
        if (node == NULL) {
            node = ngx_commerce_zone_find(zone, hash, load->kind, &load->name);
            ngx_commerce_load_unconfirm(tenant, node);
            ngx_commerce_zone_unlock(tenant);
            ngx_commerce_load_no_room(tenant);

            return 0;
        }

        (void) ngx_atomic_fetch_add(ngx_commerce_zone_version(zone, hash), 1);
    }

    node->ticket = load->ticket;
    node->version = ngx_commerce_record_version(blob);
    node->checked = ngx_current_msec;
    node->unconfirmed = 0;
    ngx_commerce_zone_set_running(zone, node, running);

    ngx_commerce_zone_unlock(tenant);

    return moved;
}


/*
 * A notice of a version that was no news when the load began is of a Redis that
 * was rolled back, or of a record made anew: there versions tell nothing.
 */

static ngx_uint_t
ngx_commerce_load_is_behind(ngx_commerce_load_t *load,
    ngx_commerce_node_t *node, int64_t version)
{
    return node != NULL
           && node->notices != load->notices
           && (node->noticed <= load->version || version < node->noticed);
}


static void
ngx_commerce_load_no_room(ngx_commerce_tenant_t *tenant)
{
    static ngx_msec_t  told;

    if (!ngx_commerce_timer_once(&told, NGX_COMMERCE_LOAD_TOLD)) {
        return;
    }

    ngx_log_error(NGX_LOG_ALERT, tenant->log, 0,
                  "zone of commerce \"%V\" is too small", &tenant->name);
}


static ngx_uint_t
ngx_commerce_load_missed(ngx_commerce_tenant_t *tenant,
    ngx_commerce_load_t *load, ngx_int_t rc)
{
    uint32_t              hash;
    ngx_uint_t            moved;
    ngx_commerce_node_t  *node;

    hash = ngx_commerce_zone_hash(tenant->zone, load->kind, &load->name);

    ngx_commerce_zone_set_negative(tenant->zone, load->kind, &load->name, rc);

    ngx_commerce_zone_lock(tenant);

    node = ngx_commerce_zone_find(tenant->zone, hash, load->kind,
                                  &load->name);
    moved = node ? (node->notices != load->notices) : 0;

    if (node && rc == NGX_DECLINED && load->ticket > node->ticket) {
        ngx_commerce_zone_delete(tenant->zone, node);
        (void) ngx_atomic_fetch_add(
                       ngx_commerce_zone_version(tenant->zone, hash), 1);

    } else if (rc == NGX_ERROR) {
        ngx_commerce_load_unconfirm(tenant, node);
    }

    ngx_commerce_zone_unlock(tenant);

    return moved;
}


/*
 * The load may have been for a change that was told once.  So its record, if
 * there is one, is no longer as current as all that is held: whoever uses it
 * has it loaded again, until that succeeds.
 */

static void
ngx_commerce_load_unconfirm(ngx_commerce_tenant_t *tenant,
    ngx_commerce_node_t *node)
{
    ngx_msec_t  age;

    if (node == NULL || node->unconfirmed
        || !ngx_commerce_kinds[node->kind].told)
    {
        return;
    }

    age = ngx_commerce_zone_age(tenant->zone);

    if ((ngx_msec_int_t) (ngx_current_msec - node->checked)
        > (ngx_msec_int_t) age)
    {
        node->checked = ngx_current_msec - age;
    }

    node->unconfirmed = 1;

    (void) ngx_atomic_fetch_add(
                   ngx_commerce_zone_version(tenant->zone, node->node.key), 1);
}


static void
ngx_commerce_load_wake(ngx_commerce_load_t *load, ngx_int_t rc)
{
    ngx_queue_t          *q;
    ngx_commerce_wait_t  *wait;

    while (!ngx_queue_empty(&load->waits)) {
        q = ngx_queue_head(&load->waits);
        wait = ngx_queue_data(q, ngx_commerce_wait_t, queue);

        ngx_queue_remove(q);
        wait->pending = 0;
        wait->done = 1;
        wait->outcome = rc;

        wait->handler(wait->data);
    }
}


ngx_uint_t
ngx_commerce_load_done_until(ngx_commerce_tenant_t *tenant, ngx_msec_t then)
{
    ngx_queue_t          *order;
    ngx_commerce_load_t  *oldest;

    order = &tenant->cache->order;

    if (ngx_queue_empty(order)) {
        return 1;
    }

    oldest = ngx_queue_data(ngx_queue_head(order), ngx_commerce_load_t, order);

    return (ngx_msec_int_t) (oldest->begun - then) > 0;
}


ngx_uint_t
ngx_commerce_load_count(ngx_commerce_tenant_t *tenant)
{
    return tenant->cache->nloads;
}


void
ngx_commerce_load_exit_worker(ngx_commerce_tenant_t *tenant)
{
    ngx_uint_t            i;
    ngx_queue_t          *q, *loads;
    ngx_commerce_load_t  *load;

    for (i = 0; i < NGX_COMMERCE_CACHE_LOADS; i++) {
        loads = &tenant->cache->loads[i];

        while (!ngx_queue_empty(loads)) {
            q = ngx_queue_head(loads);
            load = ngx_queue_data(q, ngx_commerce_load_t, queue);

            while (!ngx_queue_empty(&load->waits)) {
                ngx_commerce_load_leave(
                               ngx_queue_data(ngx_queue_head(&load->waits),
                                              ngx_commerce_wait_t, queue));
            }

            ngx_queue_remove(q);
            ngx_queue_remove(&load->order);
            ngx_free(load);
        }
    }
}
