
#include "ngx_commerce_hls_file.h"


#define NGX_COMMERCE_HLS_FILE_BUCKETS  8192

/* files that were read lately; a power of two */
#define NGX_COMMERCE_HLS_FILE_NOTES    4096


typedef struct ngx_commerce_hls_kept_s  ngx_commerce_hls_kept_t;

struct ngx_commerce_hls_kept_s {
    ngx_commerce_hls_file_t    file;         /* the first, for casts */
    ngx_commerce_hls_stamp_t   stamp;
    ngx_uint_t                 holders;

    ngx_commerce_hls_kept_t   *next;         /* in its bucket */
    ngx_queue_t                queue;        /* by last use */
    size_t                     size;         /* bytes, of all of it */

    ngx_uint_t                 removed;      /* 1: who holds it last frees */
};


/* a file whose stamp is not believed yet */

typedef struct {
    u_char                     stamp[NGX_COMMERCE_HLS_HASH_LEN];
    u_char                     text[NGX_COMMERCE_HLS_HASH_LEN];
    ngx_msec_t                 since;        /* it is known to be so */
} ngx_commerce_hls_note_t;


struct ngx_commerce_hls_files_s {
    ngx_pool_t                *pool;
    ngx_queue_t                used;         /* the last used first */
    size_t                     size;
    ngx_commerce_hls_kept_t   *buckets[NGX_COMMERCE_HLS_FILE_BUCKETS];
    ngx_commerce_hls_note_t    notes[NGX_COMMERCE_HLS_FILE_NOTES];
};


static ngx_commerce_hls_kept_t **ngx_commerce_hls_file_place(
    ngx_commerce_hls_files_t *files, ngx_commerce_hls_stamp_t *stamp);
static ngx_uint_t ngx_commerce_hls_file_believed(
    ngx_commerce_hls_files_t *files, ngx_commerce_hls_stamp_t *stamp,
    u_char *text, ngx_msec_t now);
static void ngx_commerce_hls_file_keep(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_stamp_t *stamp, ngx_commerce_hls_file_t *file);
static void ngx_commerce_hls_files_shrink(ngx_commerce_hls_files_t *files,
    size_t size);
static void ngx_commerce_hls_file_remove(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_kept_t **place);
static void ngx_commerce_hls_file_release(void *data);
static void ngx_commerce_hls_files_cleanup(void *data);


#define ngx_commerce_hls_file_ns(t)                                           \
    ((int64_t) (t).tv_sec * 1000000000 + (t).tv_nsec)

#define ngx_commerce_hls_file_same_stamp(a, b)                                \
    (ngx_memcmp(a, b, sizeof(ngx_commerce_hls_stamp_t)) == 0)


void
ngx_commerce_hls_stamp(ngx_commerce_hls_stamp_t *stamp, ngx_file_info_t *fi,
    off_t pos, off_t last)
{
    stamp->device = fi->st_dev;
    stamp->inode = fi->st_ino;
    stamp->modified = ngx_commerce_hls_file_ns(fi->st_mtim);
    stamp->changed = ngx_commerce_hls_file_ns(fi->st_ctim);
    stamp->size = fi->st_size;
    stamp->pos = pos;
    stamp->last = last;
}


ngx_commerce_hls_files_t *
ngx_commerce_hls_files_create(ngx_pool_t *pool)
{
    ngx_pool_cleanup_t        *cln;
    ngx_commerce_hls_files_t  *files;

    files = ngx_pcalloc(pool, sizeof(ngx_commerce_hls_files_t));
    if (files == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_commerce_hls_files_cleanup;
    cln->data = files;

    files->pool = pool;
    ngx_queue_init(&files->used);

    return files;
}


ngx_commerce_hls_file_t *
ngx_commerce_hls_file_find(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_stamp_t *stamp)
{
    ngx_commerce_hls_kept_t  *kept;

    kept = *ngx_commerce_hls_file_place(files, stamp);

    if (kept == NULL
        || !ngx_commerce_hls_file_same_stamp(&kept->stamp, stamp))
    {
        return NULL;
    }

    ngx_queue_remove(&kept->queue);
    ngx_queue_insert_head(&files->used, &kept->queue);

    return &kept->file;
}


/* where the file is, whatever it had then, or where it is to be put */

static ngx_commerce_hls_kept_t **
ngx_commerce_hls_file_place(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_stamp_t *stamp)
{
    uint64_t                   n;
    ngx_commerce_hls_kept_t  **place;

    n = (stamp->inode * 31 + stamp->device) * 0x9e3779b97f4a7c15 >> 32;

    place = &files->buckets[n % NGX_COMMERCE_HLS_FILE_BUCKETS];

    while (*place
           && ((*place)->stamp.inode != stamp->inode
               || (*place)->stamp.device != stamp->device))
    {
        place = &(*place)->next;
    }

    return place;
}


void
ngx_commerce_hls_file_note(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_stamp_t *stamp, ngx_commerce_hls_file_t *file,
    ngx_msec_t now)
{
    ngx_commerce_hls_hash(&file->text, file->hash);

    if (ngx_commerce_hls_file_believed(files, stamp, file->hash, now)) {
        ngx_commerce_hls_file_keep(files, stamp, file);
    }
}


/* had it the stamp for a while, and was it the same? */

static ngx_uint_t
ngx_commerce_hls_file_believed(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_stamp_t *stamp, u_char *text, ngx_msec_t now)
{
    u_char                    hash[NGX_COMMERCE_HLS_HASH_LEN];
    ngx_str_t                 bytes;
    ngx_msec_t                wait;
    ngx_commerce_hls_note_t  *note;

    bytes.data = (u_char *) stamp;
    bytes.len = sizeof(ngx_commerce_hls_stamp_t);

    ngx_commerce_hls_hash(&bytes, hash);

    note = &files->notes[((ngx_uint_t) hash[0] << 8 | hash[1])
                         & (NGX_COMMERCE_HLS_FILE_NOTES - 1)];

    if (ngx_memcmp(note->stamp, hash, sizeof(hash)) == 0
        && ngx_memcmp(note->text, text, sizeof(note->text)) == 0)
    {
        wait = (stamp->changed % 1000000000) ? NGX_COMMERCE_HLS_FILE_TICK
                                             : NGX_COMMERCE_HLS_FILE_SECOND;

        return now - note->since >= wait;
    }

    ngx_memcpy(note->stamp, hash, sizeof(hash));
    ngx_memcpy(note->text, text, sizeof(note->text));
    note->since = now;

    return 0;
}


static void
ngx_commerce_hls_file_keep(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_stamp_t *stamp, ngx_commerce_hls_file_t *file)
{
    size_t                     size;
    u_char                    *p;
    ngx_commerce_hls_kept_t   *kept, **place;

    size = sizeof(ngx_commerce_hls_kept_t) + file->text.len;

    if (size > NGX_COMMERCE_HLS_FILE_SIZE) {
        return;
    }

    place = ngx_commerce_hls_file_place(files, stamp);

    if (*place) {
        /* what it had before */
        ngx_commerce_hls_file_remove(files, place);
    }

    ngx_commerce_hls_files_shrink(files, NGX_COMMERCE_HLS_FILES_SIZE - size);

    kept = ngx_alloc(size, files->pool->log);
    if (kept == NULL) {
        return;
    }

    ngx_memzero(kept, sizeof(ngx_commerce_hls_kept_t));

    p = (u_char *) (kept + 1);
    ngx_memcpy(p, file->text.data, file->text.len);

    kept->file = *file;
    kept->file.text.data = p;
    kept->stamp = *stamp;
    kept->size = size;

    /* others of the bucket may have gone */
    place = ngx_commerce_hls_file_place(files, stamp);
    *place = kept;

    ngx_queue_insert_head(&files->used, &kept->queue);
    files->size += size;
}


static void
ngx_commerce_hls_files_shrink(ngx_commerce_hls_files_t *files, size_t size)
{
    ngx_commerce_hls_kept_t  *kept;

    while (files->size > size) {
        kept = ngx_queue_data(ngx_queue_last(&files->used),
                              ngx_commerce_hls_kept_t, queue);

        ngx_commerce_hls_file_remove(files,
                           ngx_commerce_hls_file_place(files, &kept->stamp));
    }
}


static void
ngx_commerce_hls_file_remove(ngx_commerce_hls_files_t *files,
    ngx_commerce_hls_kept_t **place)
{
    ngx_commerce_hls_kept_t  *kept;

    kept = *place;

    *place = kept->next;
    ngx_queue_remove(&kept->queue);
    files->size -= kept->size;

    if (kept->holders) {
        kept->removed = 1;
        return;
    }

    ngx_free(kept);
}


ngx_int_t
ngx_commerce_hls_file_hold(ngx_commerce_hls_file_t *file, ngx_pool_t *pool)
{
    ngx_pool_cleanup_t       *cln;
    ngx_commerce_hls_kept_t  *kept;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    kept = (ngx_commerce_hls_kept_t *) file;

    kept->holders++;

    cln->handler = ngx_commerce_hls_file_release;
    cln->data = kept;

    return NGX_OK;
}


static void
ngx_commerce_hls_file_release(void *data)
{
    ngx_commerce_hls_kept_t  *kept = data;

    kept->holders--;

    if (kept->holders == 0 && kept->removed) {
        ngx_free(kept);
    }
}


static void
ngx_commerce_hls_files_cleanup(void *data)
{
    ngx_commerce_hls_files_shrink(data, 0);
}
