
/*
 * Playlists that are files, or in files of a cache: the bytes of those that
 * were read lately, so that one that has not changed need not be read again.
 *
 * Whether it has changed is told by its stamp, what the system says of it at
 * no cost.  A file may be written twice in the same tick of the system's
 * clock, with the same stamp; so a stamp is not believed until the file had it
 * for a while, and was the same when read.  What is read once leaves a note
 * alone.
 */


#ifndef _NGX_COMMERCE_HLS_FILE_H_INCLUDED_
#define _NGX_COMMERCE_HLS_FILE_H_INCLUDED_


#include "ngx_commerce_hls_hash.h"


/* bytes of all files that are kept; what was used longest ago goes first */
#define NGX_COMMERCE_HLS_FILES_SIZE  (8 * 1024 * 1024)

/* of one of them */
#define NGX_COMMERCE_HLS_FILE_SIZE   (NGX_COMMERCE_HLS_FILES_SIZE / 8)

/* ms until a stamp is believed: of systems that count parts of seconds; not */
#define NGX_COMMERCE_HLS_FILE_TICK    100
#define NGX_COMMERCE_HLS_FILE_SECOND  2500


typedef struct ngx_commerce_hls_files_s  ngx_commerce_hls_files_t;


/* without gaps, as it is compared byte by byte */

typedef struct {
    uint64_t   device;
    uint64_t   inode;
    int64_t    modified;      /* ns since the epoch, as somebody may set it */
    int64_t    changed;       /* ns since the epoch, which nobody sets */
    int64_t    size;
    int64_t    pos;           /* of the text in the file */
    int64_t    last;
} ngx_commerce_hls_stamp_t;


typedef struct {
    ngx_str_t  text;
    u_char     hash[NGX_COMMERCE_HLS_HASH_LEN];
} ngx_commerce_hls_file_t;


void ngx_commerce_hls_stamp(ngx_commerce_hls_stamp_t *stamp,
    ngx_file_info_t *fi, off_t pos, off_t last);

/*
 * An empty table; it goes with the pool, what it keeps is on the heap.
 * NULL: out of memory.
 */
ngx_commerce_hls_files_t *ngx_commerce_hls_files_create(ngx_pool_t *pool);

/*
 * What a file with that stamp has, if that is known; or NULL.  The file is
 * there until the next ngx_commerce_hls_file_note(), or as long as it is held.
 */
ngx_commerce_hls_file_t *ngx_commerce_hls_file_find(
    ngx_commerce_hls_files_t *files, ngx_commerce_hls_stamp_t *stamp);

/*
 * Notes what was read of a file after it had that stamp, at a time of
 * ngx_current_msec: sets file->hash, and keeps a copy once it is believed.
 */
void ngx_commerce_hls_file_note(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_stamp_t *stamp, ngx_commerce_hls_file_t *file,
    ngx_msec_t now);

/* holds a file until the pool is destroyed; NGX_OK or NGX_ERROR */
ngx_int_t ngx_commerce_hls_file_hold(ngx_commerce_hls_file_t *file,
    ngx_pool_t *pool);


#endif /* _NGX_COMMERCE_HLS_FILE_H_INCLUDED_ */
