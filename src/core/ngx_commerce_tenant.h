
/*
 * A tenant: one commerce {} block with its zone, ledger, secrets and source.
 */


#ifndef _NGX_COMMERCE_TENANT_H_INCLUDED_
#define _NGX_COMMERCE_TENANT_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_claims.h"
#include "ngx_commerce_jwt.h"
#include "ngx_commerce_record.h"


/*
 * Modules of this type bring directives into commerce {}, as event modules
 * do into events {}.  Their ctx is a ngx_commerce_module_t.
 */

#define NGX_COMMERCE_MODULE  0x454d4f43   /* "COME" */
#define NGX_COMMERCE_CONF    0x08000000


typedef struct {
    /* allocates the module's conf of one tenant from cf->pool; or NULL */
    void      *(*create_conf)(ngx_conf_t *cf);

    /* at the end of the block: defaults, checks; NGX_CONF_OK or an error */
    char      *(*init_conf)(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant,
                            void *conf);

    /* in each worker, but not in helper processes; NGX_OK or NGX_ERROR */
    ngx_int_t  (*init_worker)(ngx_commerce_tenant_t *tenant,
                              ngx_cycle_t *cycle);

    /* in each worker that exits */
    void       (*exit_worker)(ngx_commerce_tenant_t *tenant,
                              ngx_cycle_t *cycle);
} ngx_commerce_module_t;


typedef struct ngx_commerce_zone_s    ngx_commerce_zone_t;
typedef struct ngx_commerce_seats_s   ngx_commerce_seats_t;
typedef struct ngx_commerce_claim_s   ngx_commerce_claim_t;
typedef struct ngx_commerce_cache_s   ngx_commerce_cache_t;
typedef struct ngx_commerce_ledger_s  ngx_commerce_ledger_t;
typedef struct ngx_commerce_hosts_s   ngx_commerce_hosts_t;
typedef struct ngx_commerce_stats_s   ngx_commerce_stats_t;
typedef struct ngx_commerce_follow_s  ngx_commerce_follow_t;
typedef struct ngx_commerce_follows_s  ngx_commerce_follows_t;


/*
 * What core asks of whatever keeps the truth; Redis fills it in.
 */

typedef struct {
    /*
     * Starts loading a record; ngx_commerce_load_done() ends it.
     * NGX_OK, or NGX_ERROR if the source is away.
     */
    ngx_int_t  (*load)(ngx_commerce_tenant_t *tenant,
                       ngx_commerce_kind_e kind, ngx_str_t *name);

    /*
     * Begins to make a claim at the source, in place of any earlier one, and
     * keeps it there until it is released.  What comes of it is told by
     * ngx_commerce_claim_made(), _away() and _lost(), of which _away() alone
     * may be called from within.  Returns the source's part of the claim, or
     * NULL: out of memory.
     */
    void      *(*claim)(ngx_commerce_claim_t *claim);

    /* gives that up, as soon as the source can be told; the claim is gone */
    void       (*release)(void *sourced);

    /*
     * Asks whether a viewer follows a host; ngx_commerce_follow_answered()
     * tells.  NGX_OK, or NGX_ERROR if the source is away.
     */
    ngx_int_t  (*follows)(ngx_commerce_tenant_t *tenant,
                          ngx_commerce_follow_t *follow);
} ngx_commerce_source_t;


struct ngx_commerce_tenant_s {
    ngx_str_t                 name;           /* "default" if none was given */
    ngx_cycle_t              *cycle;
    void                    **conf;           /* per module, by ctx_index */

    ngx_str_t                 node;
    ngx_str_t                 prefix;         /* the namespace with its ':' */
    ngx_array_t              *secrets;        /* of ngx_str_t; NULL: none */
    ngx_commerce_jwt_keys_t  *jwt_keys;       /* NULL: none */
    ngx_array_t              *signed_urls;    /* of ngx_commerce_signed_url_t;
                                                 NULL: none are taken */
    ngx_commerce_hosts_t     *product_hosts;  /* NULL: any host */
    ngx_msec_t                fresh;          /* ms; younger is current */
    ngx_msec_t                stale_hosts;
    ngx_msec_t                stale_viewers;
    ngx_msec_t                skew;           /* clocks differ by that */
    ngx_msec_t                viewer_max;     /* a viewer's proof lasts */
    ngx_msec_t                session;        /* a viewer's session lasts */

    ngx_str_t                 ledger_path;    /* of the file */
    ngx_str_t                 ledger_former;  /* of one of format 2 */
    u_char                   *ledger_file;    /* of the directive or block */
    ngx_uint_t                ledger_line;
    ngx_uint_t                ledger_inherited;  /* who uses it now leaves */
    size_t                    ledger_size;    /* bytes */
    size_t                    zone_size;

    ngx_shm_zone_t           *shm_zone;
    ngx_commerce_zone_t      *zone;
    ngx_commerce_seats_t     *seats;
    ngx_commerce_ledger_t    *ledger;
    ngx_commerce_stats_t     *stats;          /* in the zone; NULL until then */

    ngx_commerce_source_t    *source;
    ngx_str_t                 source_id;      /* of the zone's fingerprint */

    ngx_commerce_cache_t     *cache;          /* this worker's copies */
    ngx_commerce_follows_t   *follows;        /* NULL: it asked for none */
    ngx_log_t                *log;            /* the cycle's */

    u_char                   *file;           /* of the block or first use */
    ngx_uint_t                line;
    u_char                   *token_file;     /* of who takes tokens; or NULL */
    ngx_uint_t                token_line;
    u_char                   *jwt_file;       /* of who takes JWTs; or NULL */
    ngx_uint_t                jwt_line;
    u_char                   *url_file;       /* of who takes URLs to push */
    ngx_uint_t                url_line;
    unsigned                  defined:1;
};


/* the conf of a NGX_COMMERCE_MODULE */
#define ngx_commerce_get_conf(tenant, module)                                 \
    (tenant)->conf[(module).ctx_index]


/*
 * The tenant of a name (empty: the block without a name), for whoever uses
 * it: the block may stand before or after, as with shared memory zones.  The
 * structure is filled in by the time workers start; a tenant that nobody
 * defined is an [emerg] at the place of its first use.
 * NULL: out of memory, or the name breaks the rules (logged).
 */
ngx_commerce_tenant_t *ngx_commerce_tenant_add(ngx_conf_t *cf,
    ngx_str_t *name);

/*
 * The one that was named, or else the block without a name, which is first
 * used at this line of this file.  NULL: out of memory.
 */
ngx_commerce_tenant_t *ngx_commerce_tenant_use(ngx_conf_t *cf,
    ngx_commerce_tenant_t *named, u_char *file, ngx_uint_t line);

/*
 * Adds the tenant's zone, once its modules are configured.  The zone's name
 * has its layout, and a fingerprint of source, namespace and sizes: with others
 * it is another zone, which begins empty.  When nginx makes the zone, or takes
 * it over, the ledger is opened, too.  NGX_CONF_OK, NGX_CONF_ERROR.
 */
char *ngx_commerce_tenant_zone(ngx_conf_t *cf, ngx_commerce_tenant_t *tenant);

/* all tenants of a cycle: an array of ngx_commerce_tenant_t * or NULL */
ngx_array_t *ngx_commerce_tenants(ngx_cycle_t *cycle);

/* a cycle's parts of the status: an array of ngx_commerce_status_part_t * */
ngx_array_t *ngx_commerce_parts(ngx_cycle_t *cycle);

/*
 * Milliseconds since the epoch by the wall clock, read now (ngx_timeofday()
 * may be old by one iteration of the event loop); corrected by the measured
 * offset to the source's clock.
 */
int64_t ngx_commerce_now(ngx_commerce_tenant_t *tenant);

/* the same of when nginx noticed the event that is handled */
int64_t ngx_commerce_noticed(ngx_commerce_tenant_t *tenant);

/* what viewers' and hosts' claims are judged by, at that time */
void ngx_commerce_tenant_times(ngx_commerce_tenant_t *tenant,
    ngx_commerce_times_t *times);


extern ngx_module_t  ngx_commerce_module;
extern ngx_module_t  ngx_commerce_core_module;


#endif /* _NGX_COMMERCE_TENANT_H_INCLUDED_ */
