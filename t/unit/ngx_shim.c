
/*
 * Memory, arrays, logs and time.  An allocation from a pool or a slab is one
 * from the heap, so that the sanitizer sees whoever reads or writes beyond it.
 * Text functions are in ngx_shim_text.c.
 */


#include "ngx_shim.h"


typedef struct shim_block_s  shim_block_t;

struct shim_block_s {
    shim_block_t  *next;
    void          *data;
};


typedef struct {
    ngx_pool_t     pool;
    shim_block_t  *blocks;
} shim_pool_t;


static void *shim_alloc(size_t size);
static void *shim_pool_alloc(ngx_pool_t *pool, size_t size, ngx_uint_t zero);


static ngx_uint_t  shim_fail;
static char        shim_line[NGX_MAX_ERROR_STR + 1];
static ngx_time_t  shim_time;
static ngx_cycle_t shim_cycle;

ngx_log_t                  ngx_shim_log = { .log_level = NGX_LOG_DEBUG };
volatile ngx_time_t       *ngx_cached_time = &shim_time;
volatile ngx_msec_t        ngx_current_msec;
volatile ngx_cycle_t      *ngx_cycle = &shim_cycle;
ngx_pid_t                  ngx_pid;
ngx_int_t                  ngx_ncpu = 1;
ngx_uint_t                 ngx_pagesize = 4096;
ngx_uint_t                 ngx_cacheline_size = 64;


const char *
ngx_shim_logged(void)
{
    return shim_line;
}


void
ngx_shim_set_time(int64_t ms)
{
    shim_time.sec = ms / 1000;
    shim_time.msec = ms % 1000;
    ngx_current_msec = (ngx_msec_t) ms;
}


void
ngx_shim_fail_alloc(ngx_uint_t n)
{
    shim_fail = n;
}


void
ngx_log_error_core(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf((u_char *) shim_line,
                      (u_char *) shim_line + NGX_MAX_ERROR_STR, fmt, args);
    va_end(args);

    *p = '\0';
}


/* every allocation comes through here, so that any can be made to fail */

static void *
shim_alloc(size_t size)
{
    if (shim_fail && --shim_fail == 0) {
        return NULL;
    }

    return malloc(size);
}


void *
ngx_alloc(size_t size, ngx_log_t *log)
{
    return shim_alloc(size);
}


void *
ngx_calloc(size_t size, ngx_log_t *log)
{
    void  *p;

    p = shim_alloc(size);

    if (p) {
        ngx_memzero(p, size);
    }

    return p;
}


ngx_pool_t *
ngx_create_pool(size_t size, ngx_log_t *log)
{
    shim_pool_t  *pool;

    pool = ngx_calloc(sizeof(shim_pool_t), log);
    if (pool == NULL) {
        return NULL;
    }

    pool->pool.log = log;

    return &pool->pool;
}


void
ngx_destroy_pool(ngx_pool_t *p)
{
    shim_pool_t         *pool;
    shim_block_t        *block, *next;
    ngx_pool_cleanup_t  *cln;

    for (cln = p->cleanup; cln; cln = cln->next) {
        if (cln->handler) {
            cln->handler(cln->data);
        }
    }

    pool = (shim_pool_t *) p;

    for (block = pool->blocks; block; block = next) {
        next = block->next;

        free(block->data);
        free(block);
    }

    free(pool);
}


static void *
shim_pool_alloc(ngx_pool_t *p, size_t size, ngx_uint_t zero)
{
    void          *data;
    shim_pool_t   *pool;
    shim_block_t  *block;

    data = zero ? ngx_calloc(size, p->log) : shim_alloc(size);
    if (data == NULL) {
        return NULL;
    }

    block = malloc(sizeof(shim_block_t));
    pool = (shim_pool_t *) p;

    block->data = data;
    block->next = pool->blocks;
    pool->blocks = block;

    return data;
}


void *
ngx_palloc(ngx_pool_t *pool, size_t size)
{
    return shim_pool_alloc(pool, size, 0);
}


void *
ngx_pnalloc(ngx_pool_t *pool, size_t size)
{
    return shim_pool_alloc(pool, size, 0);
}


void *
ngx_pcalloc(ngx_pool_t *pool, size_t size)
{
    return shim_pool_alloc(pool, size, 1);
}


ngx_int_t
ngx_pfree(ngx_pool_t *p, void *data)
{
    shim_pool_t   *pool;
    shim_block_t  *block, **place;

    pool = (shim_pool_t *) p;

    for (place = &pool->blocks; *place; place = &(*place)->next) {
        block = *place;

        if (block->data == data) {
            *place = block->next;
            free(block->data);
            free(block);

            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_pool_cleanup_t *
ngx_pool_cleanup_add(ngx_pool_t *p, size_t size)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pcalloc(p, sizeof(ngx_pool_cleanup_t));
    if (cln == NULL) {
        return NULL;
    }

    if (size) {
        cln->data = ngx_palloc(p, size);
        if (cln->data == NULL) {
            return NULL;
        }
    }

    cln->next = p->cleanup;
    p->cleanup = cln;

    return cln;
}


/* the slab is the heap: what a test has not freed is reported as a leak */

void *
ngx_slab_alloc_locked(ngx_slab_pool_t *pool, size_t size)
{
    return shim_alloc(size);
}


void *
ngx_slab_calloc_locked(ngx_slab_pool_t *pool, size_t size)
{
    return ngx_calloc(size, &ngx_shim_log);
}


void
ngx_slab_free_locked(ngx_slab_pool_t *pool, void *p)
{
    free(p);
}


ngx_array_t *
ngx_array_create(ngx_pool_t *pool, ngx_uint_t n, size_t size)
{
    ngx_array_t  *array;

    array = ngx_palloc(pool, sizeof(ngx_array_t));

    if (array == NULL || ngx_array_init(array, pool, n, size) != NGX_OK) {
        return NULL;
    }

    return array;
}


void *
ngx_array_push(ngx_array_t *array)
{
    return ngx_array_push_n(array, 1);
}


void *
ngx_array_push_n(ngx_array_t *array, ngx_uint_t n)
{
    void        *elts;
    ngx_uint_t   nalloc;

    if (array->nelts + n > array->nalloc) {
        nalloc = 2 * ngx_max(array->nalloc, n);

        elts = ngx_palloc(array->pool, nalloc * array->size);
        if (elts == NULL) {
            return NULL;
        }

        ngx_memcpy(elts, array->elts, array->nelts * array->size);

        array->elts = elts;
        array->nalloc = nalloc;
    }

    elts = (u_char *) array->elts + array->nelts * array->size;
    array->nelts += n;

    return elts;
}
