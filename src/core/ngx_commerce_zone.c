
#include "ngx_commerce_zone.h"
#include "ngx_commerce_hash.h"


/* that so many are passed by before one must go: the lock is held */
#define NGX_COMMERCE_CHANCES  2048


static void ngx_commerce_zone_reset(ngx_commerce_zone_t *zone);
static ngx_slab_pool_t *ngx_commerce_zone_pool(ngx_slab_pool_t *shpool);
static ngx_uint_t ngx_commerce_zone_evict(ngx_commerce_zone_t *zone);
static ngx_queue_t *ngx_commerce_zone_unused(ngx_commerce_zone_t *zone);
static void ngx_commerce_zone_insert(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);


ngx_int_t
ngx_commerce_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_uint_t              i;
    ngx_slab_pool_t        *shpool;
    ngx_commerce_zone_t    *zone;
    ngx_commerce_tenant_t  *tenant, *otenant;

    tenant = shm_zone->data;
    otenant = data;
    zone = tenant->zone;
    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (otenant) {
        *zone = *otenant->zone;
        tenant->stats = &zone->sh->stats;

        return NGX_OK;
    }

    zone->shpool = shpool;
    zone->sh = ngx_slab_calloc(shpool, sizeof(ngx_commerce_zone_sh_t));

    if (zone->sh == NULL) {
        return NGX_ERROR;
    }

    shpool->data = zone->sh;
    shpool->log_nomem = 0;

    zone->sh->seed = (uint32_t) ngx_random();
    ngx_commerce_zone_fill_tokens(zone);

    for (i = 0; i < NGX_COMMERCE_VERSIONS; i++) {
        zone->sh->versions[i] = 1;
    }

    zone->pool = ngx_commerce_zone_pool(shpool);

    if (zone->pool == NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "zone of commerce \"%V\" is too small", &tenant->name);
        return NGX_ERROR;
    }

    ngx_commerce_zone_reset(zone);
    tenant->stats = &zone->sh->stats;

    return NGX_OK;
}


/* a slab pool of all that is left of the zone's own */

static ngx_slab_pool_t *
ngx_commerce_zone_pool(ngx_slab_pool_t *shpool)
{
    size_t            size;
    ngx_slab_pool_t  *pool;

    if (shpool->pfree == 0) {
        return NULL;
    }

    size = shpool->pfree * ngx_pagesize;

    pool = ngx_slab_alloc(shpool, size);
    if (pool == NULL) {
        return NULL;
    }

    ngx_memzero(pool, sizeof(ngx_slab_pool_t));
    pool->end = (u_char *) pool + size;
    pool->addr = pool;
    pool->min_shift = 3;

    return pool;
}


static void
ngx_commerce_zone_reset(ngx_commerce_zone_t *zone)
{
    ngx_uint_t               i;
    ngx_commerce_records_t  *records;

    ngx_slab_init(zone->pool);

    zone->pool->log_ctx = &zone->pool->zero;
    zone->pool->zero = '\0';
    zone->pool->log_nomem = 0;

    records = &zone->sh->records;
    ngx_memzero(records, sizeof(ngx_commerce_records_t));

    ngx_rbtree_init(&records->rbtree, &records->sentinel,
                    ngx_commerce_zone_insert);
    ngx_queue_init(&records->ring);
    ngx_queue_init(&records->running);
    ngx_queue_init(&records->unsubscribed);

    for (i = 0; i < NGX_COMMERCE_VERSIONS; i++) {
        (void) ngx_atomic_fetch_add(&zone->sh->versions[i], 1);
    }
}


void
ngx_commerce_zone_lock(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_zone_read_lock(tenant);

    tenant->zone->sh->dirty = 1;
    ngx_memory_barrier();
}


void
ngx_commerce_zone_read_lock(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_zone_t  *zone;

    zone = tenant->zone;

    ngx_shmtx_lock(&zone->shpool->mutex);

    if (zone->sh->dirty) {
        ngx_log_error(NGX_LOG_ERR, tenant->log, 0,
                      "commerce \"%V\": a process died while it changed "
                      "the zone, its records are loaded anew",
                      &tenant->name);
        ngx_commerce_zone_reset(zone);
        zone->sh->dirty = 0;
    }
}


void
ngx_commerce_zone_unlock(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_zone_t  *zone;

    zone = tenant->zone;

    ngx_memory_barrier();
    zone->sh->dirty = 0;
    ngx_shmtx_unlock(&zone->shpool->mutex);
}


uint32_t
ngx_commerce_zone_hash(ngx_commerce_zone_t *zone, ngx_commerce_kind_e kind,
    ngx_str_t *name)
{
    return (uint32_t) ngx_commerce_zone_hash64(zone, kind, name);
}


/* nobody outside knows the seed, so that names can't be chosen to collide */

uint64_t
ngx_commerce_zone_hash64(ngx_commerce_zone_t *zone, ngx_commerce_kind_e kind,
    ngx_str_t *name)
{
    return ngx_commerce_hash(name->data, name->len,
                             zone->sh->seed ^ ((uint64_t) kind << 56));
}


ngx_commerce_node_t *
ngx_commerce_zone_find(ngx_commerce_zone_t *zone, uint32_t hash,
    ngx_commerce_kind_e kind, ngx_str_t *name)
{
    ngx_int_t             rc;
    ngx_rbtree_t         *rbtree;
    ngx_rbtree_node_t    *rn;
    ngx_commerce_node_t  *node;

    rbtree = &zone->sh->records.rbtree;
    rn = rbtree->root;

    while (rn != rbtree->sentinel) {

        if (hash != rn->key) {
            rn = (hash < rn->key) ? rn->left : rn->right;
            continue;
        }

        node = (ngx_commerce_node_t *) rn;

        rc = (ngx_int_t) kind - (ngx_int_t) node->kind;

        if (rc == 0) {
            rc = ngx_memn2cmp(name->data, node->name, name->len, node->len);
        }

        if (rc == 0) {
            return node;
        }

        rn = (rc < 0) ? rn->left : rn->right;
    }

    return NULL;
}


static void
ngx_commerce_zone_insert(ngx_rbtree_node_t *temp, ngx_rbtree_node_t *rn,
    ngx_rbtree_node_t *sentinel)
{
    ngx_int_t             rc;
    ngx_rbtree_node_t   **p;
    ngx_commerce_node_t  *node, *t;

    node = (ngx_commerce_node_t *) rn;

    for ( ;; ) {

        if (rn->key != temp->key) {
            p = (rn->key < temp->key) ? &temp->left : &temp->right;

        } else {
            t = (ngx_commerce_node_t *) temp;

            rc = (ngx_int_t) node->kind - (ngx_int_t) t->kind;

            if (rc == 0) {
                rc = ngx_memn2cmp(node->name, t->name, node->len, t->len);
            }

            p = (rc < 0) ? &temp->left : &temp->right;
        }

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = rn;
    rn->parent = temp;
    rn->left = sentinel;
    rn->right = sentinel;
    ngx_rbt_red(rn);
}


ngx_commerce_node_t *
ngx_commerce_zone_put(ngx_commerce_zone_t *zone, uint32_t hash,
    ngx_commerce_kind_e kind, ngx_str_t *name, u_char *blob, size_t size)
{
    ngx_commerce_node_t     *node;
    ngx_commerce_chunk_t    *copy;
    ngx_commerce_records_t  *records;

    records = &zone->sh->records;

    copy = ngx_commerce_zone_write(zone, blob, size);
    if (copy == NULL) {
        return NULL;
    }

    node = ngx_commerce_zone_find(zone, hash, kind, name);

    if (node) {
        ngx_commerce_zone_free(zone, node->blob);
        node->blob = copy;
        node->size = size;

        return node;
    }

    node = ngx_commerce_zone_alloc(zone, offsetof(ngx_commerce_node_t, name)
                                         + name->len);
    if (node == NULL) {
        ngx_commerce_zone_free(zone, copy);
        return NULL;
    }

    ngx_memzero(node, offsetof(ngx_commerce_node_t, name));
    ngx_memcpy(node->name, name->data, name->len);

    node->node.key = hash;
    node->kind = (u_char) kind;
    node->len = (u_char) name->len;
    node->blob = copy;
    node->size = size;

    ngx_rbtree_insert(&records->rbtree, &node->node);
    ngx_queue_insert_tail(&records->ring, &node->queue);
    records->held[kind]++;

    if (ngx_commerce_kinds[kind].told) {
        ngx_queue_insert_tail(&records->unsubscribed, &node->unsubscribed);
        node->waiting = 1;
    }

    return node;
}


void
ngx_commerce_zone_delete(ngx_commerce_zone_t *zone, ngx_commerce_node_t *node)
{
    zone->sh->records.held[node->kind]--;

    ngx_rbtree_delete(&zone->sh->records.rbtree, &node->node);
    ngx_queue_remove(&node->queue);

    if (node->waiting) {
        ngx_queue_remove(&node->unsubscribed);
    }

    ngx_commerce_zone_free(zone, node->blob);
    ngx_slab_free_locked(zone->pool, node);
}


void
ngx_commerce_zone_set_running(ngx_commerce_zone_t *zone,
    ngx_commerce_node_t *node, ngx_uint_t running)
{
    ngx_commerce_records_t  *records;

    if (node->running == running) {
        return;
    }

    records = &zone->sh->records;

    node->running = running;
    ngx_queue_remove(&node->queue);

    if (running) {
        node->turn = ++records->turn;
        ngx_queue_insert_tail(&records->running, &node->queue);

    } else {
        ngx_queue_insert_tail(&records->ring, &node->queue);
    }
}


void *
ngx_commerce_zone_alloc(ngx_commerce_zone_t *zone, size_t size)
{
    void  *p;

    for ( ;; ) {
        p = ngx_slab_alloc_locked(zone->pool, size);

        if (p != NULL || !ngx_commerce_zone_evict(zone)) {
            return p;
        }
    }
}


/*
 * The hand goes round the ring: what was used since it last came by gets a
 * second chance.  Rooms whose show runs go when there is nothing else.  0 if
 * nothing could go.
 */

static ngx_uint_t
ngx_commerce_zone_evict(ngx_commerce_zone_t *zone)
{
    ngx_queue_t             *q;
    ngx_commerce_node_t     *node;
    ngx_commerce_records_t  *records;

    records = &zone->sh->records;

    if (!ngx_queue_empty(&records->ring)) {
        q = ngx_commerce_zone_unused(zone);

    } else if (!ngx_queue_empty(&records->running)) {
        q = ngx_queue_head(&records->running);

    } else {
        return 0;
    }

    node = ngx_queue_data(q, ngx_commerce_node_t, queue);

    (void) ngx_atomic_fetch_add(
                        ngx_commerce_zone_version(zone, node->node.key), 1);
    ngx_commerce_zone_delete(zone, node);
    records->evicted++;

    return 1;
}


static ngx_queue_t *
ngx_commerce_zone_unused(ngx_commerce_zone_t *zone)
{
    u_char               *mark;
    ngx_uint_t            n;
    ngx_queue_t          *q, *ring;
    ngx_commerce_node_t  *node;

    ring = &zone->sh->records.ring;

    for (n = 0; /* void */ ; n++) {
        q = ngx_queue_head(ring);
        node = ngx_queue_data(q, ngx_commerce_node_t, queue);
        mark = ngx_commerce_zone_mark(zone, node->node.key);

        if (*mark == 0 || n == NGX_COMMERCE_CHANCES) {
            return q;
        }

        *mark = 0;
        ngx_queue_remove(q);
        ngx_queue_insert_tail(ring, q);
    }
}
