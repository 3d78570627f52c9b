
/*
 * Writes records in the flat form that the zone keeps, and that
 * ngx_commerce_record_read() reads.  A writer is filled field by field in the
 * order that the reader of the kind expects; it grows from its pool.  What
 * comes from the source is put through ngx_commerce_text_clean() and the like
 * on the way in, so that readers may trust a blob.
 */


#ifndef _NGX_COMMERCE_WRITE_H_INCLUDED_
#define _NGX_COMMERCE_WRITE_H_INCLUDED_


#include "ngx_commerce_record.h"


typedef struct {
    ngx_pool_t                   *pool;
    u_char                       *start;
    u_char                       *pos;
    u_char                       *end;
    unsigned                      failed:1;   /* out of memory */
} ngx_commerce_writer_t;

void ngx_commerce_write_number(ngx_commerce_writer_t *w, int64_t n);
void ngx_commerce_write_text(ngx_commerce_writer_t *w, ngx_str_t *text);

void ngx_commerce_write_card(ngx_commerce_writer_t *w,
    ngx_commerce_card_t *card);
void ngx_commerce_write_host(ngx_commerce_writer_t *w,
    ngx_commerce_host_t *host);
void ngx_commerce_write_product(ngx_commerce_writer_t *w,
    ngx_commerce_product_t *product);
void ngx_commerce_write_room(ngx_commerce_writer_t *w,
    ngx_commerce_room_t *room);
void ngx_commerce_write_key(ngx_commerce_writer_t *w,
    ngx_commerce_key_t *key);
void ngx_commerce_write_out(ngx_commerce_writer_t *w,
    ngx_commerce_out_t *out);
void ngx_commerce_write_hour(ngx_commerce_writer_t *w,
    ngx_commerce_hour_t *hour);


#endif /* _NGX_COMMERCE_WRITE_H_INCLUDED_ */
