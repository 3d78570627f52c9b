
/*
 * The mapping of a ledger's file, and what happens to a process that finds a
 * page of it gone: an administrator cut the file short, or the file system
 * has no place for the page.  The kernel says so by SIGBUS.  The handler lays
 * empty memory over the whole ledger, so that the code under way comes to its
 * end, and sets a flag; nothing that this code did then is relied on.  The
 * rest is done by ngx_commerce_ledger_lock(), outside of the handler.
 */


#include "ngx_commerce_ledger_map.h"


static ngx_int_t ngx_commerce_ledger_map_guard(ngx_commerce_ledger_t *ledger);
static void ngx_commerce_ledger_map_unguard(ngx_commerce_ledger_t *ledger);
static void ngx_commerce_ledger_map_fault(int signo, siginfo_t *info,
    void *data);
static ngx_inline ngx_uint_t ngx_commerce_ledger_map_match(
    ngx_commerce_ledger_cell_t *cell, ngx_commerce_ledger_key_t *key);


/* all ledgers that this process has mapped */

static ngx_commerce_ledger_t  *ngx_commerce_ledger_mapped;


void ngx_cdecl
ngx_commerce_ledger_map_emerg(ngx_commerce_ledger_t *ledger, ngx_err_t err,
    const char *fmt, ...)
{
    u_char   text[NGX_MAX_CONF_ERRSTR], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + NGX_MAX_CONF_ERRSTR, fmt, args);
    va_end(args);

    ngx_log_error(NGX_LOG_EMERG, ledger->log, err,
                  "commerce: ledger \"%V\" %*s in %s:%ui", &ledger->path,
                  (size_t) (p - text), text, ledger->conf_file,
                  ledger->conf_line);
}


void
ngx_commerce_ledger_map_shape(ngx_commerce_ledger_label_t *label, size_t size)
{
    label->size = size;
    label->counts = size - NGX_COMMERCE_LEDGER_TAIL;
    label->ring = 0;
    label->ring_size = 0;
    label->index = 0;
    label->index_size = 0;
}


void
ngx_commerce_ledger_map_capacity(size_t counts, uint32_t *cells,
    uint32_t *buckets)
{
    uint64_t  space, n, b;

    /* at most one cell, and at least half a cell, for each bucket */

    space = counts - NGX_COMMERCE_LEDGER_HEADER;
    n = ngx_min(space / sizeof(ngx_commerce_ledger_cell_t), 0x7fffffff);

    b = NGX_COMMERCE_LEDGER_WINDOW;

    while (b * 2 <= n) {
        b *= 2;
    }

    n = (space - b * sizeof(uint32_t) - b / 8)
        / sizeof(ngx_commerce_ledger_cell_t);

    *cells = (uint32_t) ngx_min(n, 0x7fffffff);
    *buckets = (uint32_t) b;
}


void
ngx_commerce_ledger_map_attach(ngx_commerce_ledger_t *ledger, void *header,
    ngx_commerce_ledger_label_t *label)
{
    u_char  *p;

    ngx_commerce_ledger_map_capacity(label->counts, &ledger->cells,
                                     &ledger->buckets);

    ledger->size = label->size;

    p = header;

    ledger->header = (ngx_commerce_ledger_header_t *) p;
    ledger->seal = (uint64_t *) (p + label->size - sizeof(uint64_t));
    p += NGX_COMMERCE_LEDGER_HEADER;

    ledger->cell = (ngx_commerce_ledger_cell_t *) p;
    p += (size_t) ledger->cells * sizeof(ngx_commerce_ledger_cell_t);

    ledger->marks = (uint64_t *) p;
    p += ledger->buckets / 8;

    ledger->bucket = (uint32_t *) p;
}


ngx_int_t
ngx_commerce_ledger_map(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label)
{
    void  *p;

    p = mmap(NULL, label->size, PROT_READ|PROT_WRITE, MAP_SHARED, ledger->fd,
             0);

    if (p == MAP_FAILED) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "mmap() failed");
        return NGX_ERROR;
    }

    ngx_commerce_ledger_map_attach(ledger, p, label);

    return ngx_commerce_ledger_map_guard(ledger);
}


ngx_int_t
ngx_commerce_ledger_map_remap(ngx_commerce_ledger_t *ledger)
{
    if (mmap(ledger->header, ledger->size, PROT_READ|PROT_WRITE,
             MAP_SHARED|MAP_FIXED, ledger->fd, 0)
        == MAP_FAILED)
    {
        return NGX_ERROR;
    }

    ledger->lost = 0;

    return NGX_OK;
}


void
ngx_commerce_ledger_map_unmap(ngx_commerce_ledger_t *ledger)
{
    if (ledger->header == NULL) {
        return;
    }

    ngx_commerce_ledger_map_unguard(ledger);

    if (munmap(ledger->header, ledger->size) == -1) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, ngx_errno,
                      "commerce: munmap() of ledger \"%V\" failed",
                      &ledger->path);
    }

    ledger->header = NULL;
    ledger->lost = 0;
}


ngx_err_t
ngx_commerce_ledger_map_allocate(ngx_commerce_ledger_t *ledger, size_t size)
{
    ngx_err_t  err;

    do {
        err = posix_fallocate(ledger->fd, 0, size);
    } while (err == NGX_EINTR);

    return err;
}


/*
 * The handler is set anew for each ledger: after a reload it may belong to
 * another copy of this module, which goes away with the cycle before.
 */

static ngx_int_t
ngx_commerce_ledger_map_guard(ngx_commerce_ledger_t *ledger)
{
    struct sigaction  sa;

    ngx_memzero(&sa, sizeof(struct sigaction));
    sa.sa_sigaction = ngx_commerce_ledger_map_fault;
    sa.sa_flags = SA_SIGINFO;
    sigfillset(&sa.sa_mask);

    if (sigaction(SIGBUS, &sa, NULL) == -1) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno,
                                      "sigaction(SIGBUS) failed");
        return NGX_ERROR;
    }

    ledger->mapped = ngx_commerce_ledger_mapped;
    ngx_commerce_ledger_mapped = ledger;

    return NGX_OK;
}


static void
ngx_commerce_ledger_map_unguard(ngx_commerce_ledger_t *ledger)
{
    struct sigaction         sa;
    ngx_commerce_ledger_t  **place;

    for (place = &ngx_commerce_ledger_mapped;
         *place != NULL;
         place = &(*place)->mapped)
    {
        if (*place == ledger) {
            *place = ledger->mapped;
            break;
        }
    }

    /* without ledgers this module may be gone after a reload */

    if (ngx_commerce_ledger_mapped == NULL
        && sigaction(SIGBUS, NULL, &sa) == 0
        && (sa.sa_flags & SA_SIGINFO)
        && sa.sa_sigaction == ngx_commerce_ledger_map_fault)
    {
        (void) signal(SIGBUS, SIG_DFL);
    }
}


/* only system calls here, as in any handler of a signal */

static void
ngx_commerce_ledger_map_fault(int signo, siginfo_t *info, void *data)
{
    int                     err;
    void                   *p;
    u_char                 *addr, *start;
    ngx_commerce_ledger_t  *ledger;

    err = errno;
    addr = info->si_addr;

    for (ledger = ngx_commerce_ledger_mapped;
         ledger != NULL && info->si_code > 0;
         ledger = ledger->mapped)
    {
        start = (u_char *) ledger->header;

        if (addr < start || addr >= start + ledger->size) {
            continue;
        }

        p = mmap(start, ledger->size, PROT_READ|PROT_WRITE,
                 MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE|MAP_FIXED, -1, 0);

        if (p == MAP_FAILED) {
            break;
        }

        ledger->lost = 1;
        errno = err;

        return;
    }

    /* not ours: the same access, or the signal again, ends the process */

    (void) signal(SIGBUS, SIG_DFL);

    if (info->si_code <= 0) {
        (void) raise(SIGBUS);
    }
}


void
ngx_commerce_ledger_map_key(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_str_t *room, uint64_t show,
    ngx_str_t *field)
{
    uint32_t  window;
    uint64_t  r, f;

    key->room = room;
    key->show = show;
    key->field = field;
    key->owner = NULL;

    r = ngx_commerce_hash(room->data, room->len, show);
    f = ngx_commerce_hash(field->data, field->len, r);

    window = r & (ledger->buckets / NGX_COMMERCE_LEDGER_WINDOW - 1);

    key->hash = (uint32_t) (f >> 32);
    key->bucket = window * NGX_COMMERCE_LEDGER_WINDOW
                  + f % NGX_COMMERCE_LEDGER_WINDOW;
}


void
ngx_commerce_ledger_map_cell_key(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, ngx_commerce_ledger_key_t *key,
    ngx_str_t *room, ngx_str_t *field)
{
    /* whatever stands in the file, it is not read beyond the key */

    room->len = ngx_min((size_t) cell->room_len, sizeof(cell->key));
    room->data = cell->key;
    field->len = ngx_min((size_t) cell->field_len,
                         sizeof(cell->key) - room->len);
    field->data = cell->key + room->len;

    ngx_commerce_ledger_map_key(ledger, key, room, cell->show, field);
}


ngx_commerce_ledger_cell_t *
ngx_commerce_ledger_map_find(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, uint64_t *word)
{
    uint32_t                     i, n;
    uint64_t                     generation;
    ngx_commerce_ledger_cell_t  *cell;

    generation = ngx_commerce_ledger_load(&ledger->header->generation);
    i = ngx_commerce_ledger_load(&ledger->bucket[key->bucket]);

    /*
     * A cell that is taken off under our feet can lead into another bucket:
     * then the key is not found here, but under the lock it is.
     */

    for (n = 0; i != 0 && i <= ledger->cells && n < ledger->cells; n++) {

        cell = &ledger->cell[i - 1];

        /* the word is read before what it vouches for */
        *word = ngx_commerce_ledger_load(&cell->word);

        if (cell->hash == key->hash
            && ngx_commerce_ledger_in_use(*word)
            && cell->generation == generation
            && ngx_commerce_ledger_map_match(cell, key))
        {
            return cell;
        }

        i = ngx_commerce_ledger_load(&cell->next);
    }

    return NULL;
}


static ngx_inline ngx_uint_t
ngx_commerce_ledger_map_match(ngx_commerce_ledger_cell_t *cell,
    ngx_commerce_ledger_key_t *key)
{
    return cell->show == key->show
           && cell->room_len == key->room->len
           && cell->field_len == key->field->len
           && ngx_memcmp(cell->key, key->room->data, key->room->len) == 0
           && ngx_memcmp(cell->key + key->room->len, key->field->data,
                         key->field->len)
              == 0;
}


void
ngx_commerce_ledger_mark(ngx_commerce_ledger_t *ledger, uint32_t bucket)
{
    uint64_t  bit, *marks;

    marks = &ledger->marks[bucket / 64];
    bit = (uint64_t) 1 << (bucket % 64);

    /* mostly it is set, and then the cache line stays shared */

    if ((ngx_commerce_ledger_load(marks) & bit) == 0) {
        __atomic_fetch_or(marks, bit, __ATOMIC_SEQ_CST);
    }
}


void
ngx_commerce_ledger_mark_room(ngx_commerce_ledger_t *ledger, ngx_str_t *room,
    uint64_t show)
{
    uint32_t                   i, first;
    ngx_str_t                  field;
    ngx_commerce_ledger_key_t  key;

    ngx_str_null(&field);
    ngx_commerce_ledger_map_key(ledger, &key, room, show, &field);

    first = key.bucket - key.bucket % NGX_COMMERCE_LEDGER_WINDOW;

    for (i = 0; i < NGX_COMMERCE_LEDGER_WINDOW; i += 64) {
        ngx_commerce_ledger_store(&ledger->marks[(first + i) / 64],
                                  ~(uint64_t) 0);
    }
}


void
ngx_commerce_ledger_mark_all(ngx_commerce_ledger_t *ledger)
{
    uint32_t  i;

    for (i = 0; i < ledger->buckets / 64; i++) {
        ngx_commerce_ledger_store(&ledger->marks[i], ~(uint64_t) 0);
    }
}


uint64_t
ngx_commerce_ledger_take_marks(ngx_commerce_ledger_t *ledger, uint32_t first)
{
    uint64_t  *marks;

    marks = &ledger->marks[first / 64];

    if (ngx_commerce_ledger_load(marks) == 0) {
        return 0;
    }

    return __atomic_exchange_n(marks, 0, __ATOMIC_SEQ_CST);
}


ngx_uint_t
ngx_commerce_ledger_marked(ngx_commerce_ledger_t *ledger)
{
    uint32_t  i;

    for (i = 0; i < ledger->buckets / 64; i++) {

        if (ngx_commerce_ledger_load(&ledger->marks[i])) {
            return 1;
        }
    }

    return 0;
}


uint32_t
ngx_commerce_ledger_buckets(ngx_commerce_ledger_t *ledger)
{
    return ledger->buckets;
}
