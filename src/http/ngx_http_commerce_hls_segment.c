
#include "ngx_http_commerce_hls_segment.h"
#include "ngx_commerce_hls_hash.h"
#include "ngx_commerce_hls_pts.h"


/* files that a worker keeps; a power of two */
#define NGX_HTTP_COMMERCE_HLS_KEPT    16384

/* bytes that are read at a time, and how often: audio may come first */
#define NGX_HTTP_COMMERCE_HLS_READ    (174 * NGX_COMMERCE_HLS_TS_PACKET)
#define NGX_HTTP_COMMERCE_HLS_READS   8


/* what is known of a file; zeroed: nothing */

typedef struct {
    u_char                         path[NGX_COMMERCE_HLS_HASH_LEN];
    int64_t                        modified;   /* us */
    int64_t                        size;
    int64_t                        pts;        /* -1: it has none */
} ngx_http_commerce_hls_kept_t;


struct ngx_http_commerce_hls_files_s {
    ngx_http_request_t            *request;
    ngx_str_t                      folder;     /* ends with a slash */
    ngx_uint_t                     pts;        /* 1: wanted */
};


static ngx_int_t ngx_http_commerce_hls_segment_folder(ngx_http_request_t *r,
    ngx_str_t *folder);
static ngx_int_t ngx_http_commerce_hls_segment_path(
    ngx_http_commerce_hls_files_t *files, ngx_str_t *uri, ngx_str_t *path);
static ngx_int_t ngx_http_commerce_hls_segment_below(ngx_str_t *uri);
static ngx_int_t ngx_http_commerce_hls_segment_look(
    ngx_http_commerce_hls_files_t *files, ngx_str_t *path,
    ngx_http_commerce_hls_kept_t *kept);
static ngx_uint_t ngx_http_commerce_hls_segment_links(ngx_http_request_t *r);
static ngx_int_t ngx_http_commerce_hls_segment_open(
    ngx_http_commerce_hls_files_t *files, ngx_str_t *path, ngx_pool_t *pool,
    ngx_http_commerce_hls_kept_t *kept);
static int64_t ngx_http_commerce_hls_segment_pts(ngx_fd_t fd, ngx_str_t *path,
    ngx_pool_t *pool);
static void ngx_http_commerce_hls_segment_stat(ngx_file_info_t *fi,
    ngx_http_commerce_hls_kept_t *kept);


/* of this worker */
static ngx_http_commerce_hls_kept_t  *ngx_http_commerce_hls_segments;


ngx_http_commerce_hls_files_t *
ngx_http_commerce_hls_segment_files(ngx_http_request_t *r, ngx_uint_t pts)
{
    ngx_http_commerce_hls_files_t  *files;

    files = ngx_palloc(r->pool, sizeof(ngx_http_commerce_hls_files_t));
    if (files == NULL) {
        return NULL;
    }

    files->request = r;
    files->pts = pts;

    if (ngx_http_commerce_hls_segment_folder(r, &files->folder) != NGX_OK) {
        return NULL;
    }

    if (ngx_http_commerce_hls_segments == NULL) {
        ngx_http_commerce_hls_segments = ngx_calloc(
             NGX_HTTP_COMMERCE_HLS_KEPT * sizeof(ngx_http_commerce_hls_kept_t),
             r->connection->log);
    }

    return ngx_http_commerce_hls_segments ? files : NULL;
}


static ngx_int_t
ngx_http_commerce_hls_segment_folder(ngx_http_request_t *r, ngx_str_t *folder)
{
    u_char  *last;
    size_t   root;

    last = ngx_http_map_uri_to_path(r, folder, &root, 0);
    if (last == NULL) {
        return NGX_ERROR;
    }

    while (last > folder->data && last[-1] != '/') {
        last--;
    }

    folder->len = last - folder->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_commerce_hls_segment_time(void *data,
    ngx_commerce_hls_segment_t *segment)
{
    ngx_http_commerce_hls_files_t *files = data;

    u_char                         hash[NGX_COMMERCE_HLS_HASH_LEN];
    ngx_str_t                      path;
    ngx_http_commerce_hls_kept_t  *kept;

    if (ngx_http_commerce_hls_segment_path(files, &segment->uri, &path)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    ngx_commerce_hls_hash(&path, hash);

    kept = &ngx_http_commerce_hls_segments[(hash[0] << 8 | hash[1])
                                           % NGX_HTTP_COMMERCE_HLS_KEPT];

    if (ngx_memcmp(kept->path, hash, sizeof(hash)) != 0) {
        ngx_memzero(kept, sizeof(ngx_http_commerce_hls_kept_t));
        ngx_memcpy(kept->path, hash, sizeof(hash));
    }

    if (ngx_http_commerce_hls_segment_look(files, &path, kept) != NGX_OK) {
        kept->size = 0;
        return NGX_DECLINED;
    }

    segment->arrival = kept->modified - segment->duration;

    if (files->pts) {
        segment->pts = kept->pts;
    }

    return NGX_OK;
}


/*
 * Of a URI with a host or an absolute path, as hls_base_url makes them, the
 * last component is taken.  Nothing leads out of the folder.
 */

static ngx_int_t
ngx_http_commerce_hls_segment_path(ngx_http_commerce_hls_files_t *files,
    ngx_str_t *uri, ngx_str_t *path)
{
    u_char      *p, *last;
    ngx_str_t    name;
    ngx_uint_t   absolute;

    name = *uri;
    last = name.data + name.len;
    absolute = (name.data[0] == '/');

    for (p = name.data; p < last; p++) {

        if (*p == '?' || *p == '#') {
            last = p;
            break;
        }

        if (*p == ':') {
            absolute = 1;
        }
    }

    if (absolute) {

        for (p = last; p > name.data && p[-1] != '/'; p--) { /* void */ }

        name.data = p;
    }

    name.len = last - name.data;

    if (ngx_http_commerce_hls_segment_below(&name) != NGX_OK) {
        return NGX_DECLINED;
    }

    path->len = files->folder.len + name.len;
    path->data = ngx_pnalloc(files->request->pool, path->len + 1);
    if (path->data == NULL) {
        return NGX_DECLINED;
    }

    p = ngx_cpymem(path->data, files->folder.data, files->folder.len);
    p = ngx_cpymem(p, name.data, name.len);
    *p = '\0';

    return NGX_OK;
}


/* NGX_OK: a path of plain names */

static ngx_int_t
ngx_http_commerce_hls_segment_below(ngx_str_t *uri)
{
    u_char  *p, before;

    before = '/';

    for (p = uri->data; p < uri->data + uri->len; p++) {

        if (*p <= ' ' || *p == '%' || *p == '\\'
            || (before == '/' && (*p == '/' || *p == '.')))
        {
            /* what begins with a dot may be the folder above */
            return NGX_DECLINED;
        }

        before = *p;
    }

    return (before == '/') ? NGX_DECLINED : NGX_OK;
}


static ngx_int_t
ngx_http_commerce_hls_segment_look(ngx_http_commerce_hls_files_t *files,
    ngx_str_t *path, ngx_http_commerce_hls_kept_t *kept)
{
    ngx_int_t                      rc;
    ngx_pool_t                    *pool;
    ngx_file_info_t                fi;
    ngx_http_commerce_hls_kept_t   now;

    if (ngx_file_info(path->data, &fi) == NGX_FILE_ERROR
        || !ngx_is_file(&fi))
    {
        return NGX_DECLINED;
    }

    ngx_http_commerce_hls_segment_stat(&fi, &now);

    if (ngx_http_commerce_hls_segment_links(files->request)
        && kept->size && kept->size == now.size
        && kept->modified == now.modified)
    {
        return NGX_OK;
    }

    /* what nginx opens is closed with its pool */

    pool = ngx_create_pool(NGX_HTTP_COMMERCE_HLS_READ + 4096,
                           files->request->connection->log);
    if (pool == NULL) {
        return NGX_DECLINED;
    }

    rc = ngx_http_commerce_hls_segment_open(files, path, pool, kept);

    ngx_destroy_pool(pool);

    return rc;
}


/* 1: symbolic links may be followed; if not, each path is looked at anew */

static ngx_uint_t
ngx_http_commerce_hls_segment_links(ngx_http_request_t *r)
{
#if (NGX_HAVE_OPENAT)

    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    return clcf->disable_symlinks == NGX_DISABLE_SYMLINKS_OFF;

#else

    return 1;

#endif
}


/* by nginx's own function, which heeds disable_symlinks */

static ngx_int_t
ngx_http_commerce_hls_segment_open(ngx_http_commerce_hls_files_t *files,
    ngx_str_t *path, ngx_pool_t *pool, ngx_http_commerce_hls_kept_t *kept)
{
    ngx_file_info_t            fi;
    ngx_http_request_t        *r;
    ngx_open_file_info_t       of;
    ngx_http_core_loc_conf_t  *clcf;

    r = files->request;
    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ngx_memzero(&of, sizeof(ngx_open_file_info_t));

    of.directio = NGX_OPEN_FILE_DIRECTIO_OFF;

    if (ngx_http_set_disable_symlinks(r, clcf, path, &of) != NGX_OK
        || ngx_open_cached_file(NULL, path, &of, pool) != NGX_OK
        || !of.is_file
        || ngx_fd_info(of.fd, &fi) == NGX_FILE_ERROR)
    {
        return NGX_DECLINED;
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "commerce hls segment \"%V\"", path);

    ngx_http_commerce_hls_segment_stat(&fi, kept);
    kept->pts = ngx_http_commerce_hls_segment_pts(of.fd, path, pool);

    return NGX_OK;
}


/* -1: there is none */

static int64_t
ngx_http_commerce_hls_segment_pts(ngx_fd_t fd, ngx_str_t *path,
    ngx_pool_t *pool)
{
    u_char      *buf;
    int64_t      pts;
    ssize_t      n;
    ngx_int_t    rc;
    ngx_uint_t   i;
    ngx_file_t   file;

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.fd = fd;
    file.name = *path;
    file.log = pool->log;

    buf = ngx_pnalloc(pool, NGX_HTTP_COMMERCE_HLS_READ);
    if (buf == NULL) {
        return -1;
    }

    for (i = 0; i < NGX_HTTP_COMMERCE_HLS_READS; i++) {
        n = ngx_read_file(&file, buf, NGX_HTTP_COMMERCE_HLS_READ,
                          (off_t) i * NGX_HTTP_COMMERCE_HLS_READ);

        if (n <= 0) {
            return -1;
        }

        rc = ngx_commerce_hls_pts(buf, n, &pts);

        if (rc != NGX_AGAIN) {
            return (rc == NGX_OK) ? pts : -1;
        }
    }

    return -1;
}


static void
ngx_http_commerce_hls_segment_stat(ngx_file_info_t *fi,
    ngx_http_commerce_hls_kept_t *kept)
{
    kept->size = ngx_file_size(fi);
    kept->modified = (int64_t) fi->st_mtim.tv_sec * 1000000
                     + fi->st_mtim.tv_nsec / 1000;
}
