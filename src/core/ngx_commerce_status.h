
/*
 * The status: what a node tells of itself.  A module adds its part of it, and
 * whoever shows it brings a way to write figures: no module knows the format.
 */


#ifndef _NGX_COMMERCE_STATUS_H_INCLUDED_
#define _NGX_COMMERCE_STATUS_H_INCLUDED_


#include "ngx_commerce_tenant.h"


typedef enum {
    NGX_COMMERCE_STATUS_NUMBER = 0,
    NGX_COMMERCE_STATUS_FLAG,
    NGX_COMMERCE_STATUS_GROUP,        /* begins a group, which may be empty */
    NGX_COMMERCE_STATUS_LIST,         /* the same of a list of rooms */
    NGX_COMMERCE_STATUS_ROOM          /* a number of a room, by reason */
} ngx_commerce_status_type_e;


typedef struct {
    ngx_commerce_status_type_e   type;
    const char                  *part;
    const char                  *group;    /* in the part; NULL: in none */
    const char                  *name;     /* of a group, a list: NULL */
    ngx_str_t                   *room;     /* NULL: of no room */
    int64_t                      value;
} ngx_commerce_figure_t;


typedef struct {
    /* takes one figure; its texts are static, a room's name is not */
    void                       (*write)(void *data,
                                        ngx_commerce_figure_t *figure);
    void                        *data;
    const char                  *part;     /* that is being written */
} ngx_commerce_status_t;


typedef struct {
    const char                  *name;
    void                       (*handler)(ngx_commerce_tenant_t *tenant,
                                          ngx_commerce_status_t *status);
} ngx_commerce_status_part_t;


/*
 * Adds a part, which is static, to the status of all tenants; does nothing if
 * it has been added in this cycle.  To be called while the configuration is
 * read.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_commerce_status_add(ngx_conf_t *cf,
    ngx_commerce_status_part_t *part);

/* writes all parts, in the order in which they were added */
void ngx_commerce_status_write(ngx_commerce_tenant_t *tenant,
    ngx_commerce_status_t *status);


/*
 * For a part's handler.  Names say the unit: "lag_ms".
 */

void ngx_commerce_status_number(ngx_commerce_status_t *status,
    const char *name, int64_t value);
void ngx_commerce_status_flag(ngx_commerce_status_t *status, const char *name,
    ngx_uint_t value);

/* a group of counters by reason: those that occurred */
void ngx_commerce_status_reasons(ngx_commerce_status_t *status,
    const char *group, ngx_atomic_t *counters);

/* a list of rooms, and an entry of it: how many, for what reason */
void ngx_commerce_status_list(ngx_commerce_status_t *status, const char *list);
void ngx_commerce_status_room(ngx_commerce_status_t *status, const char *list,
    ngx_str_t *room, const char *reason, int64_t value);


#endif /* _NGX_COMMERCE_STATUS_H_INCLUDED_ */
