
/*
 * The ledger's file: opened, locked, moved aside; made, taken over from those
 * who had it before, or joined while others use it.
 *
 * Two bytes of it are locks.  Byte 0: whoever changes more than a total (see
 * ngx_commerce_ledger_lock()).  Byte 1, by the open file description that all
 * workers of a cycle inherit: shared by everybody who has the file in use, so
 * that whoever gets it alone may change the file's size and generation.
 */


#include "ngx_commerce_ledger_former.h"
#include "ngx_commerce_ledger_lock.h"
#include "ngx_commerce_ledger_path.h"
#include <fcntl.h>


/* a file at the path may be replaced while it is being opened */

#define NGX_COMMERCE_LEDGER_OPENINGS  10


static ngx_commerce_ledger_t *ngx_commerce_ledger_file_new(
    ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle);
static void ngx_commerce_ledger_file_close(void *data);
static ngx_int_t ngx_commerce_ledger_file_try(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_file_open(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_file_own(ngx_commerce_ledger_opening_t *o,
    struct stat *st);
static ngx_int_t ngx_commerce_ledger_file_begin_use(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_file_replace(
    ngx_commerce_ledger_opening_t *o, const char *why);
static ngx_int_t ngx_commerce_ledger_file_make(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_file_take_over(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_file_join(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_file_resize(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_file_fill(
    ngx_commerce_ledger_opening_t *o, size_t size);


ngx_int_t
ngx_commerce_ledger_open(ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_core_conf_t                *ccf;
    ngx_commerce_ledger_t          *ledger;
    ngx_commerce_ledger_opening_t   opening;

    ledger = ngx_commerce_ledger_file_new(tenant, cycle);
    if (ledger == NULL) {
        return NGX_ERROR;
    }

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    ngx_memzero(&opening, sizeof(ngx_commerce_ledger_opening_t));
    opening.ledger = ledger;
    opening.tenant = tenant;
    opening.user = ccf->user;

    if (ngx_test_config) {
        return ngx_commerce_ledger_path_test(&opening);
    }

    opening.source = ngx_commerce_hash(tenant->source_id.data,
                                       tenant->source_id.len, 0);

    rc = NGX_AGAIN;

    for (i = 0; rc == NGX_AGAIN && i < NGX_COMMERCE_LEDGER_OPENINGS; i++) {
        rc = ngx_commerce_ledger_file_try(&opening);

        if (rc != NGX_OK) {
            ngx_commerce_ledger_file_close(ledger);
        }
    }

    if (rc == NGX_AGAIN) {
        ngx_commerce_ledger_map_emerg(ledger, 0, "is replaced again and again");
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_former_open(&opening);

    tenant->ledger = ledger;

    return NGX_OK;
}


static ngx_commerce_ledger_t *
ngx_commerce_ledger_file_new(ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle)
{
    ngx_str_t              *path;
    ngx_pool_cleanup_t     *cln;
    ngx_commerce_ledger_t  *ledger;

    cln = ngx_pool_cleanup_add(cycle->pool, sizeof(ngx_commerce_ledger_t));
    if (cln == NULL) {
        return NULL;
    }

    ledger = cln->data;
    ngx_memzero(ledger, sizeof(ngx_commerce_ledger_t));

    ledger->fd = -1;
    ledger->log = cycle->log;
    ledger->conf_file = tenant->ledger_file;
    ledger->conf_line = tenant->ledger_line;

    path = &tenant->ledger_path;

    ledger->path.len = path->len;
    ledger->path.data = ngx_pnalloc(cycle->pool, path->len + 1);
    if (ledger->path.data == NULL) {
        return NULL;
    }

    ngx_cpystrn(ledger->path.data, path->data, path->len + 1);

    cln->handler = ngx_commerce_ledger_file_close;

    return ledger;
}


void
ngx_commerce_ledger_tick(ngx_commerce_ledger_t *ledger)
{
    ngx_commerce_ledger_lock_mend(ledger);

    (void) ngx_commerce_ledger_former_step(ledger);
}


static void
ngx_commerce_ledger_file_close(void *data)
{
    ngx_commerce_ledger_t *ledger = data;

    ngx_commerce_ledger_former_close(ledger);
    ngx_commerce_ledger_map_unmap(ledger);

    if (ledger->fd != -1 && close(ledger->fd) == -1) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, ngx_errno,
                      "commerce: close() of ledger \"%V\" failed",
                      &ledger->path);
    }

    ledger->fd = -1;
}


/* NGX_OK; NGX_ERROR; NGX_AGAIN if the path names another file by now */

static ngx_int_t
ngx_commerce_ledger_file_try(ngx_commerce_ledger_opening_t *o)
{
    ssize_t                 n;
    ngx_int_t               rc;
    const char             *why;
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (ngx_commerce_ledger_file_open(o) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_commerce_ledger_file_begin_use(o);
    if (rc != NGX_OK) {
        return rc;
    }

    if (fstat(ledger->fd, &st) == -1) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "fstat() failed");
        return NGX_ERROR;
    }

    o->size = st.st_size;

    ngx_commerce_ledger_path_label(o);

    if (o->size == 0 && o->alone) {
        rc = ngx_commerce_ledger_file_make(o);

        return ledger->lost ? NGX_AGAIN : rc;
    }

    ngx_memzero(&o->found, sizeof(ngx_commerce_ledger_label_t));

    n = pread(ledger->fd, &o->found, sizeof(ngx_commerce_ledger_label_t), 0);

    if (n == -1) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "pread() failed");
        return NGX_ERROR;
    }

    why = ngx_commerce_ledger_path_unfit(o);

    if (why != NULL) {
        return ngx_commerce_ledger_file_replace(o, why);
    }

    rc = o->alone ? ngx_commerce_ledger_file_take_over(o)
                  : ngx_commerce_ledger_file_join(o);

    /* cut short at this very moment */

    return ledger->lost ? NGX_AGAIN : rc;
}


static ngx_int_t
ngx_commerce_ledger_file_open(ngx_commerce_ledger_opening_t *o)
{
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    ledger->fd = open((char *) ledger->path.data,
                      O_RDWR|O_CREAT|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK, 0600);

    if (ledger->fd == -1) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "open() failed");
        return NGX_ERROR;
    }

    if (ngx_commerce_ledger_path_regular(ledger, &st) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_commerce_ledger_file_own(o, &st);
}


/*
 * A file that another user laid there is not trusted.  Ours is to belong to
 * the workers' user, and nobody else reads it.
 */

static ngx_int_t
ngx_commerce_ledger_file_own(ngx_commerce_ledger_opening_t *o, struct stat *st)
{
    uid_t                   self;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;
    self = geteuid();

    if (ngx_commerce_ledger_path_trusted(o, st) != NGX_OK) {
        return NGX_ERROR;
    }

    if (self == 0
        && o->user != (ngx_uid_t) NGX_CONF_UNSET_UINT
        && st->st_uid != o->user
        && fchown(ledger->fd, o->user, -1) == -1)
    {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "fchown() failed");
        return NGX_ERROR;
    }

    if ((st->st_mode & 07777) != 0600
        && (st->st_uid == self || self == 0)
        && fchmod(ledger->fd, 0600) == -1)
    {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "fchmod() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_ledger_file_begin_use(ngx_commerce_ledger_opening_t *o)
{
    struct stat             st, now;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;
    o->alone = 1;

    if (ngx_commerce_ledger_lock_use(ledger->fd, F_OFD_SETLK, F_WRLCK)
        != NGX_OK)
    {
        o->alone = 0;

        /* waits for another start that makes the file just now */

        if (ngx_commerce_ledger_lock_use(ledger->fd, F_OFD_SETLKW, F_RDLCK)
            != NGX_OK)
        {
            ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "fcntl() failed");
            return NGX_ERROR;
        }
    }

    if (fstat(ledger->fd, &st) == -1
        || lstat((char *) ledger->path.data, &now) == -1
        || st.st_dev != now.st_dev || st.st_ino != now.st_ino)
    {
        return NGX_AGAIN;
    }

    return NGX_OK;
}


/* moved aside, if nobody uses it: then NGX_AGAIN; else NGX_ERROR */

static ngx_int_t
ngx_commerce_ledger_file_replace(ngx_commerce_ledger_opening_t *o,
    const char *why)
{
    time_t                  now;
    u_char                 *name;
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (!o->alone) {
        return ngx_commerce_ledger_path_refuse(o, why);
    }

    name = ngx_alloc(ledger->path.len + 64, ledger->log);
    if (name == NULL) {
        return NGX_ERROR;
    }

    now = time(NULL);

    do {
        ngx_sprintf(name, "%V.%s-%T%Z", &ledger->path, why, now++);
    } while (lstat((char *) name, &st) == 0);

    if (rename((char *) ledger->path.data, (char *) name) == -1) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno,
                                      "is %s, and rename() to \"%s\" failed",
                                      why, name);
        ngx_free(name);
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_ERR, ledger->log, 0,
                  "commerce: ledger \"%V\" is %s (not a ledger of namespace "
                  "\"%V\" and of this version): it was moved to \"%s\", what "
                  "it had not sent yet stays there, a new one is made",
                  &ledger->path, why, &o->tenant->prefix, name);

    ngx_free(name);

    return NGX_AGAIN;
}


static ngx_int_t
ngx_commerce_ledger_file_make(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (ngx_commerce_ledger_file_fill(o, o->label.size) != NGX_OK
        || ngx_commerce_ledger_map(ledger, &o->label) != NGX_OK
        || ngx_commerce_ledger_space_renew(ledger) != NGX_OK
        || ngx_commerce_ledger_path_write_label(ledger, &o->label) != NGX_OK)
    {
        (void) unlink((char *) ledger->path.data);
        return NGX_ERROR;
    }

    ledger->header->source = o->source;

    return ngx_commerce_ledger_lock_use(ledger->fd, F_OFD_SETLK, F_RDLCK);
}


/*
 * The file is there, and nobody else uses it.  It may be a copy, or older than
 * what Redis was told from it, as after a power failure or out of a backup, and
 * nothing in it would tell.  So what it holds keeps its identity and is sent,
 * but counts begin anew: a total that went back would hide as many counts.
 */

static ngx_int_t
ngx_commerce_ledger_file_take_over(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (ngx_commerce_ledger_file_fill(o, o->found.size) != NGX_OK
        || ngx_commerce_ledger_map(ledger, &o->found) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ngx_commerce_ledger_map_sealed(ledger)) {
        ngx_log_error(NGX_LOG_CRIT, ledger->log, 0,
                      "commerce: ledger \"%V\" was cut short or written over "
                      "while not in use (%O bytes were left): unsent counts "
                      "that were not left are lost", &ledger->path, o->size);
    }

    ngx_commerce_ledger_space_top(ledger);

    if (o->found.ring) {
        /* entries of a later version stand behind, which can't be moved */
        o->label = o->found;
    }

    if (o->label.size != o->found.size
        && ngx_commerce_ledger_file_resize(o) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_commerce_ledger_path_write_label(ledger, &o->label) != NGX_OK
        || ngx_commerce_ledger_space_renew(ledger) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ledger->header->source = o->source;

    return ngx_commerce_ledger_lock_use(ledger->fd, F_OFD_SETLK, F_RDLCK);
}


/* the file is there, and others use it: it is taken as it is */

static ngx_int_t
ngx_commerce_ledger_file_join(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (o->label.size != o->found.size) {
        ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                      "commerce: ledger \"%V\" is in use and keeps its size "
                      "of %uL bytes until nginx is started anew",
                      &ledger->path, o->found.size);
    }

    if (ngx_commerce_ledger_map(ledger, &o->found) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->label, &o->found,
               sizeof(ngx_commerce_ledger_label_t));

    if (ngx_commerce_ledger_lock_check(ledger) != NGX_OK) {
        return NGX_ERROR;
    }

    /*
     * Several nginx may flush one ledger: whatever is sent twice is counted
     * once, in one Redis.  It changes by a reload or a new binary, where those
     * before are known to leave.
     */

    if (ledger->header->source != o->source && !o->tenant->ledger_inherited) {
        ngx_commerce_ledger_map_emerg(ledger, 0, "is in use by an nginx that "
                                      "sends its counts to another Redis: give "
                                      "each a path of its own");
        return NGX_ERROR;
    }

    ledger->header->source = o->source;

    return NGX_OK;
}


/*
 * Cells keep their places, so only what stands behind them is made anew.  A
 * crash half-way leaves a file of another size than its label says, which the
 * next start takes for one cut short.
 */

static ngx_int_t
ngx_commerce_ledger_file_resize(ngx_commerce_ledger_opening_t *o)
{
    size_t                         from, to;
    uint32_t                       cells, buckets;
    ngx_commerce_ledger_t         *ledger;
    ngx_commerce_ledger_header_t  *header;

    ledger = o->ledger;
    header = ledger->header;

    from = o->found.size;
    to = o->label.size;

    ngx_commerce_ledger_map_capacity(o->label.counts, &cells, &buckets);

    if (header->top > cells) {
        ngx_log_error(NGX_LOG_WARN, ledger->log, 0,
                      "commerce: ledger \"%V\" holds too many cells to be "
                      "made smaller: it keeps its size of %uz bytes",
                      &ledger->path, from);

        o->label = o->found;

        return NGX_OK;
    }

    if (to > from && ngx_commerce_ledger_file_fill(o, to) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_commerce_ledger_store(&header->building, 1);

    /* the old marks and buckets may become cells, which begin as zeroes */
    ngx_memzero(ledger->cell + header->top,
                from - NGX_COMMERCE_LEDGER_HEADER
                - header->top * sizeof(ngx_commerce_ledger_cell_t));

    ngx_commerce_ledger_map_unmap(ledger);

    if (to < from && ftruncate(ledger->fd, to) == -1) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "ftruncate() failed");
        return NGX_ERROR;
    }

    return ngx_commerce_ledger_map(ledger, &o->label);
}


static ngx_int_t
ngx_commerce_ledger_file_fill(ngx_commerce_ledger_opening_t *o, size_t size)
{
    ngx_err_t  err;

    err = ngx_commerce_ledger_map_allocate(o->ledger, size);

    if (err) {
        ngx_commerce_ledger_map_emerg(o->ledger, err,
                                      "%uz bytes could not be allocated", size);
        return NGX_ERROR;
    }

    return NGX_OK;
}
