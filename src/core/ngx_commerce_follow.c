
#include "ngx_commerce_follow.h"
#include "ngx_commerce_hash.h"
#include "ngx_commerce_zone.h"


struct ngx_commerce_follows_s {
    ngx_rbtree_t         rbtree;
    ngx_rbtree_node_t    sentinel;
    ngx_queue_t          asked;
    ngx_queue_t          answered;     /* those used last at its head */
    ngx_uint_t           nanswered;
};


static ngx_commerce_follows_t *ngx_commerce_follow_init(
    ngx_commerce_tenant_t *tenant);
static ngx_commerce_follow_t *ngx_commerce_follow_find(
    ngx_commerce_follows_t *follows, uint64_t hash, ngx_str_t *host,
    ngx_str_t *subject);
static ngx_commerce_follow_t *ngx_commerce_follow_add(
    ngx_commerce_tenant_t *tenant, uint64_t hash, ngx_str_t *host,
    ngx_str_t *subject);
static ngx_int_t ngx_commerce_follow_ask(ngx_commerce_follow_t *follow);
static void ngx_commerce_follow_forget(ngx_commerce_follow_t *follow);
static void ngx_commerce_follow_wake(ngx_queue_t *waits, ngx_int_t answer);


ngx_int_t
ngx_commerce_follow_get(ngx_commerce_tenant_t *tenant, ngx_str_t *host,
    ngx_str_t *subject, ngx_commerce_wait_t *wait)
{
    uint64_t                 hash;
    ngx_commerce_follow_t   *follow;
    ngx_commerce_follows_t  *follows;

    if (!ngx_commerce_name_valid(NGX_COMMERCE_HOST, host)
        || !ngx_commerce_name_valid(NGX_COMMERCE_HOST, subject))
    {
        return NGX_DECLINED;
    }

    hash = ngx_commerce_hash(host->data, host->len, tenant->zone->sh->seed);
    hash = ngx_commerce_hash(subject->data, subject->len, hash);

    if (wait->done && wait->record == hash) {
        wait->done = 0;
        return wait->outcome;
    }

    follows = ngx_commerce_follow_init(tenant);
    if (follows == NULL) {
        return NGX_ERROR;
    }

    follow = ngx_commerce_follow_find(follows, hash, host, subject);

    if (follow && follow->answer != NGX_AGAIN) {

        if ((ngx_msec_int_t) (follow->until - ngx_current_msec) > 0) {
            ngx_queue_remove(&follow->queue);
            ngx_queue_insert_head(&follows->answered, &follow->queue);
            return follow->answer;
        }

        ngx_commerce_follow_forget(follow);
        follow = NULL;
    }

    if (follow == NULL) {
        follow = ngx_commerce_follow_add(tenant, hash, host, subject);

        if (follow == NULL) {
            return NGX_ERROR;
        }

        if (ngx_commerce_follow_ask(follow) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    ngx_queue_insert_tail(&follow->waits, &wait->queue);
    wait->pending = 1;
    wait->record = hash;
    wait->done = 0;

    return NGX_AGAIN;
}


/* a tenant that has no rooms for followers needs none of it */

static ngx_commerce_follows_t *
ngx_commerce_follow_init(ngx_commerce_tenant_t *tenant)
{
    ngx_commerce_follows_t  *follows;

    if (tenant->follows) {
        return tenant->follows;
    }

    follows = ngx_calloc(sizeof(ngx_commerce_follows_t), tenant->log);
    if (follows == NULL) {
        return NULL;
    }

    ngx_rbtree_init(&follows->rbtree, &follows->sentinel,
                    ngx_rbtree_insert_value);
    ngx_queue_init(&follows->asked);
    ngx_queue_init(&follows->answered);

    tenant->follows = follows;

    return follows;
}


static ngx_commerce_follow_t *
ngx_commerce_follow_find(ngx_commerce_follows_t *follows, uint64_t hash,
    ngx_str_t *host, ngx_str_t *subject)
{
    ngx_rbtree_node_t      *node, *sentinel;
    ngx_commerce_follow_t  *follow;

    node = follows->rbtree.root;
    sentinel = follows->rbtree.sentinel;

    while (node != sentinel) {

        if (hash != node->key) {
            node = (hash < node->key) ? node->left : node->right;
            continue;
        }

        follow = (ngx_commerce_follow_t *) node;

        if (follow->host.len == host->len
            && follow->subject.len == subject->len
            && ngx_memcmp(follow->host.data, host->data, host->len) == 0
            && ngx_memcmp(follow->subject.data, subject->data, subject->len)
               == 0)
        {
            return follow;
        }

        /* equal keys are inserted to the right */
        node = node->right;
    }

    return NULL;
}


static ngx_commerce_follow_t *
ngx_commerce_follow_add(ngx_commerce_tenant_t *tenant, uint64_t hash,
    ngx_str_t *host, ngx_str_t *subject)
{
    ngx_commerce_follow_t   *follow;
    ngx_commerce_follows_t  *follows;

    follow = ngx_alloc(sizeof(ngx_commerce_follow_t) + host->len
                       + subject->len, tenant->log);
    if (follow == NULL) {
        return NULL;
    }

    follows = tenant->follows;

    follow->node.key = hash;
    ngx_rbtree_insert(&follows->rbtree, &follow->node);
    ngx_queue_insert_tail(&follows->asked, &follow->queue);

    ngx_queue_init(&follow->waits);
    follow->tenant = tenant;
    follow->answer = NGX_AGAIN;

    follow->host.data = follow->names;
    follow->host.len = host->len;
    follow->subject.data = ngx_cpymem(follow->host.data, host->data,
                                      host->len);
    follow->subject.len = subject->len;
    ngx_memcpy(follow->subject.data, subject->data, subject->len);

    return follow;
}


static ngx_int_t
ngx_commerce_follow_ask(ngx_commerce_follow_t *follow)
{
    if (follow->tenant->source->follows(follow->tenant, follow) != NGX_OK) {
        ngx_commerce_follow_forget(follow);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_commerce_follow_forget(ngx_commerce_follow_t *follow)
{
    ngx_commerce_follows_t  *follows;

    follows = follow->tenant->follows;

    if (follow->answer != NGX_AGAIN) {
        follows->nanswered--;
    }

    ngx_rbtree_delete(&follows->rbtree, &follow->node);
    ngx_queue_remove(&follow->queue);
    ngx_free(follow);
}


void
ngx_commerce_follow_answered(ngx_commerce_follow_t *follow, ngx_int_t answer)
{
    ngx_queue_t             *q, waits;
    ngx_commerce_follows_t  *follows;

    follows = follow->tenant->follows;

    follow->answer = answer;
    follow->until = ngx_current_msec
                    + (answer == NGX_OK ? NGX_COMMERCE_FOLLOW_YES
                                        : NGX_COMMERCE_FOLLOW_NO);

    ngx_queue_init(&waits);

    if (!ngx_queue_empty(&follow->waits)) {
        ngx_queue_add(&waits, &follow->waits);
        ngx_queue_init(&follow->waits);
    }

    if (follows->nanswered == NGX_COMMERCE_FOLLOW_MAX) {
        q = ngx_queue_last(&follows->answered);
        ngx_commerce_follow_forget(ngx_queue_data(q, ngx_commerce_follow_t,
                                                  queue));
    }

    ngx_queue_remove(&follow->queue);
    ngx_queue_insert_head(&follows->answered, &follow->queue);
    follows->nanswered++;

    /* the answer may be gone before all have heard it */

    ngx_commerce_follow_wake(&waits, answer);
}


static void
ngx_commerce_follow_wake(ngx_queue_t *waits, ngx_int_t answer)
{
    ngx_queue_t          *q;
    ngx_commerce_wait_t  *wait;

    while (!ngx_queue_empty(waits)) {
        q = ngx_queue_head(waits);
        wait = ngx_queue_data(q, ngx_commerce_wait_t, queue);

        ngx_queue_remove(q);
        wait->pending = 0;
        wait->done = 1;
        wait->outcome = answer;

        wait->handler(wait->data);
    }
}


void
ngx_commerce_follow_exit_worker(ngx_commerce_tenant_t *tenant)
{
    ngx_queue_t             *q;
    ngx_commerce_follow_t   *follow;
    ngx_commerce_follows_t  *follows;

    follows = tenant->follows;

    if (follows == NULL) {
        return;
    }

    while (!ngx_queue_empty(&follows->asked)) {
        q = ngx_queue_head(&follows->asked);
        follow = ngx_queue_data(q, ngx_commerce_follow_t, queue);

        while (!ngx_queue_empty(&follow->waits)) {
            ngx_commerce_load_leave(
                               ngx_queue_data(ngx_queue_head(&follow->waits),
                                              ngx_commerce_wait_t, queue));
        }

        ngx_commerce_follow_forget(follow);
    }

    while (!ngx_queue_empty(&follows->answered)) {
        q = ngx_queue_head(&follows->answered);
        ngx_commerce_follow_forget(ngx_queue_data(q, ngx_commerce_follow_t,
                                                  queue));
    }

    ngx_free(follows);
    tenant->follows = NULL;
}
