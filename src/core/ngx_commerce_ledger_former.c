
/*
 * A ledger of format 2, which the binary before this one has left: once nobody
 * uses it any more, its cells are taken into the ledger, where they keep the
 * identity that Redis knows them by, and it is removed.  It may be large, so
 * this is done in steps.  Whatever comes in between, a cell that is taken in
 * twice is one cell.
 *
 *     header (4096 bytes) | cells | marks | buckets | seal (8 bytes)
 */


#include "ngx_commerce_ledger_former.h"
#include "ngx_commerce_ledger_lock.h"
#include <fcntl.h>


#define NGX_COMMERCE_LEDGER_FORMER_VERSION  2
#define NGX_COMMERCE_LEDGER_FORMER_HEADER   4096
#define NGX_COMMERCE_LEDGER_FORMER_KEY_MAX  206

/* where the header has the generation */

#define NGX_COMMERCE_LEDGER_FORMER_GENERATION  1024

/* cells that are read at a time, and in a step, some ms of work */

#define NGX_COMMERCE_LEDGER_FORMER_READ  64
#define NGX_COMMERCE_LEDGER_FORMER_STEP  4096


typedef struct {
    u_char      magic[8];
    uint32_t    version;
    uint32_t    cell_size;
    uint64_t    size;
    uint32_t    prefix_len;
    u_char      prefix[256];
    uint64_t    sum;
} ngx_commerce_ledger_former_label_t;


typedef struct {
    uint64_t    word;
    uint64_t    sent;
    uint64_t    generation;
    uint64_t    show;
    uint32_t    life;
    uint32_t    next;
    uint32_t    hash;
    uint32_t    changed;
    uint8_t     room_len;
    uint8_t     field_len;
    u_char      key[NGX_COMMERCE_LEDGER_FORMER_KEY_MAX];
} ngx_commerce_ledger_former_cell_t;


static const char *ngx_commerce_ledger_former_unfit(
    ngx_commerce_ledger_t *ledger, uint32_t *cells);
static uint32_t ngx_commerce_ledger_former_capacity(uint64_t size);
static ngx_int_t ngx_commerce_ledger_former_take(
    ngx_commerce_ledger_t *ledger, uint32_t cells);
static ngx_int_t ngx_commerce_ledger_former_read(
    ngx_commerce_ledger_t *ledger, uint32_t first, uint32_t n);
static ngx_int_t ngx_commerce_ledger_former_cell(
    ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_former_cell_t *cell,
    uint32_t index);
static void ngx_commerce_ledger_former_remove(ngx_commerce_ledger_t *ledger);
static void ngx_commerce_ledger_former_failed(ngx_commerce_ledger_t *ledger,
    const char *what);


void
ngx_commerce_ledger_former_open(ngx_commerce_ledger_opening_t *o)
{
    char                   *path;
    uint32_t                cells;
    const char             *why;
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;
    path = (char *) o->tenant->ledger_former.data;

    if (path == NULL) {
        return;
    }

    ledger->former = open(path, O_RDWR|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    if (ledger->former == -1) {

        if (ngx_errno != NGX_ENOENT) {
            ngx_log_error(NGX_LOG_WARN, ledger->log, ngx_errno,
                          "commerce: open() of \"%s\" failed: if it is a "
                          "ledger of the version before, what is left in it "
                          "is not sent", path);
        }

        return;
    }

    ledger->former_path = path;

    why = ngx_commerce_ledger_former_unfit(ledger, &cells);

    if (why == NULL
        && (fstat(ledger->former, &st) == -1
            || (st.st_uid != geteuid() && st.st_uid != 0
                && st.st_uid != o->user)))
    {
        why = "belongs to another user";
    }

    if (why != NULL) {

        if (*why != '\0') {
            ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                          "commerce: \"%s\" %s: it is left alone, counts go "
                          "to \"%V\"", path, why, &ledger->path);
        }

        ngx_commerce_ledger_former_close(ledger);

        return;
    }

    while (ngx_commerce_ledger_former_step(ledger) == NGX_AGAIN) {
        /* void */
    }
}


/*
 * NULL, and how many cells it has; or why it can't be taken in: static text,
 * empty if there is nothing in it
 */

static const char *
ngx_commerce_ledger_former_unfit(ngx_commerce_ledger_t *ledger,
    uint32_t *cells)
{
    struct stat                         st;
    ngx_commerce_ledger_former_label_t  label;

    if (fstat(ledger->former, &st) == -1 || !S_ISREG(st.st_mode)) {
        return "is no file";
    }

    if (st.st_nlink == 0 || st.st_size == 0) {
        return "";
    }

    ngx_memzero(&label, sizeof(label));

    if (pread(ledger->former, &label, sizeof(label), 0)
        != (ssize_t) sizeof(label)
        || ngx_memcmp(label.magic, NGX_COMMERCE_LEDGER_MAGIC,
                      sizeof(label.magic))
           != 0
        || label.version != NGX_COMMERCE_LEDGER_FORMER_VERSION
        || label.cell_size != sizeof(ngx_commerce_ledger_former_cell_t)
        || label.sum != ngx_commerce_hash((u_char *) &label,
                          offsetof(ngx_commerce_ledger_former_label_t, sum),
                          0))
    {
        return "is no ledger";
    }

    if (label.prefix_len != ledger->label.prefix_len
        || ngx_memcmp(label.prefix, ledger->label.prefix,
                      sizeof(label.prefix))
           != 0)
    {
        return "is a ledger of another namespace";
    }

    *cells = ngx_commerce_ledger_former_capacity(label.size);

    return NULL;
}


static uint32_t
ngx_commerce_ledger_former_capacity(uint64_t size)
{
    uint64_t  space, n, b;

    if (size < NGX_COMMERCE_LEDGER_SIZE_MIN) {
        return 0;
    }

    space = size - NGX_COMMERCE_LEDGER_FORMER_HEADER - sizeof(uint64_t);
    n = ngx_min(space / sizeof(ngx_commerce_ledger_former_cell_t),
                0x7fffffff);

    for (b = 256; b * 2 <= n; b *= 2) { /* void */ }

    n = (space - b * sizeof(uint32_t) - b / 8)
        / sizeof(ngx_commerce_ledger_former_cell_t);

    return ngx_min(n, 0x7fffffff);
}


ngx_int_t
ngx_commerce_ledger_former_step(ngx_commerce_ledger_t *ledger)
{
    uint32_t   cells;
    ngx_int_t  rc;

    if (ledger->former_path == NULL) {
        return NGX_OK;
    }

    if (ngx_commerce_ledger_lock(ledger) != NGX_OK) {
        return NGX_BUSY;
    }

    /* of all processes that have this cycle's file it is one lock */

    if (ngx_commerce_ledger_lock_use(ledger->former, F_OFD_SETLK, F_WRLCK)
        != NGX_OK)
    {
        ngx_commerce_ledger_unlock(ledger);
        return NGX_BUSY;
    }

    rc = NGX_OK;

    /* another process may be through with it */

    if (ngx_commerce_ledger_former_unfit(ledger, &cells) == NULL) {
        rc = ngx_commerce_ledger_former_take(ledger, cells);

        if (rc == NGX_OK) {
            ngx_commerce_ledger_former_remove(ledger);
        }
    }

    (void) ngx_commerce_ledger_lock_use(ledger->former, F_OFD_SETLK, F_UNLCK);

    ngx_commerce_ledger_unlock(ledger);

    if (rc == NGX_OK || rc == NGX_ERROR) {
        ngx_commerce_ledger_former_close(ledger);
    }

    return rc;
}


/* NGX_OK: all is taken in; NGX_AGAIN; NGX_BUSY: no room yet; NGX_ERROR */

static ngx_int_t
ngx_commerce_ledger_former_take(ngx_commerce_ledger_t *ledger, uint32_t cells)
{
    uint32_t                       n, left;
    uint64_t                       generation;
    ngx_int_t                      rc;
    ngx_commerce_ledger_header_t  *header;

    header = ledger->header;

    if (pread(ledger->former, &generation, sizeof(uint64_t),
              NGX_COMMERCE_LEDGER_FORMER_GENERATION)
        != (ssize_t) sizeof(uint64_t))
    {
        generation = 0;
    }

    /* somebody has used it in between: from the beginning */

    if (header->former != generation
        || header->former_next > cells)
    {
        header->former_next = 0;
        header->former = generation;
    }

    left = NGX_COMMERCE_LEDGER_FORMER_STEP;

    while (header->former_next < cells) {

        if (left == 0) {
            return NGX_AGAIN;
        }

        n = ngx_min(cells - header->former_next,
                    NGX_COMMERCE_LEDGER_FORMER_READ);

        rc = ngx_commerce_ledger_former_read(ledger, header->former_next, n);

        if (rc != NGX_OK) {
            return rc;
        }

        header->former_next += n;
        left -= n;
    }

    return ledger->lost ? NGX_AGAIN : NGX_OK;
}


static ngx_int_t
ngx_commerce_ledger_former_read(ngx_commerce_ledger_t *ledger, uint32_t first,
    uint32_t n)
{
    ssize_t                            size;
    uint32_t                           i;
    ngx_int_t                          rc;
    ngx_commerce_ledger_former_cell_t  cells[NGX_COMMERCE_LEDGER_FORMER_READ];

    size = pread(ledger->former, cells, n * sizeof(cells[0]),
                 NGX_COMMERCE_LEDGER_FORMER_HEADER
                 + (off_t) first * sizeof(cells[0]));

    if (size == -1) {
        ngx_commerce_ledger_former_failed(ledger, "pread()");
        return NGX_ERROR;
    }

    /* of a file that was cut short there may be less */

    n = ngx_min(n, size / sizeof(cells[0]));

    for (i = 0; i < n; i++) {
        rc = ngx_commerce_ledger_former_cell(ledger, &cells[i], first + i);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_ledger_former_cell(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_former_cell_t *cell, uint32_t index)
{
    ngx_int_t                     rc;
    ngx_str_t                     room, field;
    ngx_commerce_ledger_key_t     key;
    ngx_commerce_ledger_origin_t  origin;

    origin.generation = cell->generation;
    origin.epoch = 0;
    origin.id = index;
    origin.id_life = cell->life;
    origin.total = ngx_commerce_ledger_total(cell->word);
    origin.sent = ngx_min(cell->sent, origin.total);
    origin.changed = cell->changed;

    if (cell->life == 0
        || (cell->life & 1)
        || ngx_commerce_ledger_tag(cell->word)
           != ngx_commerce_ledger_tag(ngx_commerce_ledger_word(cell->life))
        || origin.total == 0
        || cell->room_len + cell->field_len > NGX_COMMERCE_LEDGER_KEY_MAX)
    {
        return NGX_OK;
    }

    room.len = cell->room_len;
    room.data = cell->key;
    field.len = cell->field_len;
    field.data = cell->key + room.len;

    ngx_commerce_ledger_map_key(ledger, &key, &room, cell->show, &field);

    /* one of which a part was cut off or written over */

    if (key.hash != cell->hash) {
        return NGX_OK;
    }

    rc = ngx_commerce_ledger_space_take_in(ledger, &key, &origin);

    if (rc != NGX_BUSY) {
        return rc;
    }

    /* what Redis has needs no place at any price */

    if (origin.sent == origin.total) {
        return NGX_OK;
    }

    if (!ledger->former_told) {
        ledger->former_told = 1;

        ngx_log_error(NGX_LOG_ALERT, ledger->log, 0,
                      "commerce: ledger \"%V\" is full: counts of \"%s\" are "
                      "taken in when there is room", &ledger->path,
                      ledger->former_path);
    }

    return NGX_BUSY;
}


/*
 * Nothing is left in it, and its name is gone where this process may do that.
 * Whoever begins to use it just now waits for the lock, and looks again.
 */

static void
ngx_commerce_ledger_former_remove(ngx_commerce_ledger_t *ledger)
{
    struct stat  st, now;

    ngx_log_error(NGX_LOG_NOTICE, ledger->log, 0,
                  "commerce: counts of ledger \"%s\", of the version before, "
                  "were taken into \"%V\"", ledger->former_path,
                  &ledger->path);

    if (fstat(ledger->former, &st) == 0
        && lstat(ledger->former_path, &now) == 0
        && st.st_dev == now.st_dev && st.st_ino == now.st_ino)
    {
        (void) unlink(ledger->former_path);
    }

    if (ftruncate(ledger->former, 0) == -1) {
        ngx_commerce_ledger_former_failed(ledger, "ftruncate()");
    }

    ledger->header->former = 0;
}


void
ngx_commerce_ledger_former_close(ngx_commerce_ledger_t *ledger)
{
    if (ledger->former_path != NULL && close(ledger->former) == -1) {
        ngx_commerce_ledger_former_failed(ledger, "close()");
    }

    ledger->former_path = NULL;
}


static void
ngx_commerce_ledger_former_failed(ngx_commerce_ledger_t *ledger,
    const char *what)
{
    ngx_log_error(NGX_LOG_ERR, ledger->log, ngx_errno,
                  "commerce: %s of ledger \"%s\" failed", what,
                  ledger->former_path);
}
