
/*
 * Memory, logs and time: what nginx's core takes from the operating system, and
 * the slab, which is the heap here, so that the sanitizer sees whoever reads or
 * writes beyond an allocation.
 */


#include "ngx_shim.h"


static void *shim_alloc(size_t size);


static ngx_uint_t  shim_fail;
static char        shim_line[NGX_MAX_ERROR_STR + 1];
static ngx_time_t  shim_time;

ngx_log_t                  ngx_shim_log = { .log_level = NGX_LOG_DEBUG };
static ngx_cycle_t         shim_cycle = { .log = &ngx_shim_log };
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


void *
ngx_memalign(size_t alignment, size_t size, ngx_log_t *log)
{
    return shim_alloc(size);
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
