
/*
 * The ledger's file: opened, made, taken over, moved aside.
 *
 * Two bytes of it are locks.  Byte 0: whoever changes more than a total (see
 * ngx_commerce_ledger_lock()).  Byte 1, by the open file description that all
 * workers of a cycle inherit: shared by everybody who has the file in use, so
 * that whoever gets it alone may change the file's size and generation.
 */


#include "ngx_commerce_ledger_file.h"
#include <fcntl.h>


/* a file at the path may be replaced while it is being opened */

#define NGX_COMMERCE_LEDGER_TRIES  10


static ngx_int_t ngx_commerce_ledger_keep(ngx_commerce_ledger_opening_t *o,
    ngx_cycle_t *cycle);
static void ngx_commerce_ledger_close(void *data);
static ngx_int_t ngx_commerce_ledger_try(ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_open_file(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_own(ngx_commerce_ledger_opening_t *o,
    struct stat *st);
static ngx_int_t ngx_commerce_ledger_use_lock(
    ngx_commerce_ledger_opening_t *o);
static void ngx_commerce_ledger_label(ngx_commerce_ledger_opening_t *o);
static const char *ngx_commerce_ledger_unfit(ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_move_aside(
    ngx_commerce_ledger_opening_t *o, const char *why);


ngx_int_t
ngx_commerce_ledger_open(ngx_commerce_tenant_t *tenant, ngx_cycle_t *cycle)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_core_conf_t                *ccf;
    ngx_pool_cleanup_t             *cln;
    ngx_commerce_ledger_t          *ledger;
    ngx_commerce_ledger_opening_t   opening;

    if (ngx_test_config || ngx_process == NGX_PROCESS_SIGNALLER) {
        return NGX_OK;
    }

    cln = ngx_pool_cleanup_add(cycle->pool, sizeof(ngx_commerce_ledger_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ledger = cln->data;
    ngx_memzero(ledger, sizeof(ngx_commerce_ledger_t));

    ledger->fd = -1;
    ledger->log = cycle->log;
    ledger->path.len = tenant->ledger_path.len;
    ledger->path.data = ngx_pnalloc(cycle->pool, ledger->path.len + 1);
    if (ledger->path.data == NULL) {
        return NGX_ERROR;
    }

    ngx_cpystrn(ledger->path.data, tenant->ledger_path.data,
                ledger->path.len + 1);

    cln->handler = ngx_commerce_ledger_close;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    ngx_memzero(&opening, sizeof(ngx_commerce_ledger_opening_t));
    opening.ledger = ledger;
    opening.tenant = tenant;
    opening.user = ccf->user;

    rc = NGX_AGAIN;

    for (i = 0; rc == NGX_AGAIN && i < NGX_COMMERCE_LEDGER_TRIES; i++) {
        rc = ngx_commerce_ledger_try(&opening);

        if (rc != NGX_OK) {
            ngx_commerce_ledger_close(ledger);
        }
    }

    if (rc == NGX_AGAIN) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, 0,
                      "commerce: ledger \"%V\" is replaced again and again",
                      &ledger->path);
    }

    if (rc != NGX_OK
        && ngx_commerce_ledger_keep(&opening, cycle) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* the log that the cycle opens, wherever it stands in opening it */
    ledger->log = &cycle->new_log;

    tenant->ledger = ledger;

    return NGX_OK;
}


/*
 * An error in init_module would end a master that only was to reload: it goes
 * on with the ledger that the cycle before has.
 */

static ngx_int_t
ngx_commerce_ledger_keep(ngx_commerce_ledger_opening_t *o, ngx_cycle_t *cycle)
{
    ngx_uint_t               i;
    ngx_array_t             *tenants;
    ngx_commerce_ledger_t   *ledger, *old;
    ngx_commerce_tenant_t  **tenant;

    if (cycle->old_cycle == NULL || ngx_is_init_cycle(cycle->old_cycle)) {
        return NGX_ERROR;
    }

    tenants = ngx_commerce_tenants(cycle->old_cycle);
    if (tenants == NULL) {
        return NGX_ERROR;
    }

    ledger = o->ledger;
    tenant = tenants->elts;

    for (i = 0; i < tenants->nelts; i++) {
        old = tenant[i]->ledger;

        if (old == NULL
            || tenant[i]->name.len != o->tenant->name.len
            || ngx_strncmp(tenant[i]->name.data, o->tenant->name.data,
                           o->tenant->name.len)
               != 0
            || old->label.prefix_len != o->tenant->prefix.len
            || ngx_strncmp(old->label.prefix, o->tenant->prefix.data,
                           o->tenant->prefix.len)
               != 0)
        {
            continue;
        }

        ledger->fd = fcntl(old->fd, F_DUPFD_CLOEXEC, 0);

        if (ledger->fd == -1
            || ngx_commerce_ledger_map(ledger, old->size) != NGX_OK)
        {
            return NGX_ERROR;
        }

        ledger->label = old->label;

        ngx_log_error(NGX_LOG_ERR, ledger->log, 0,
                      "commerce: ledger \"%V\" stays in use instead of "
                      "\"%V\"", &old->path, &ledger->path);

        return NGX_OK;
    }

    return NGX_ERROR;
}


static void
ngx_commerce_ledger_close(void *data)
{
    ngx_commerce_ledger_t *ledger = data;

    ngx_commerce_ledger_unmap(ledger);

    if (ledger->fd != -1 && close(ledger->fd) == -1) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, ngx_errno,
                      "commerce: close() of ledger \"%V\" failed",
                      &ledger->path);
    }

    ledger->fd = -1;
}


/* NGX_OK; NGX_ERROR; NGX_AGAIN if the path names another file by now */

static ngx_int_t
ngx_commerce_ledger_try(ngx_commerce_ledger_opening_t *o)
{
    ssize_t                 n;
    ngx_int_t               rc;
    const char             *why;
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (ngx_commerce_ledger_open_file(o) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_commerce_ledger_use_lock(o);
    if (rc != NGX_OK) {
        return rc;
    }

    if (fstat(ledger->fd, &st) == -1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: fstat() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    o->size = st.st_size;

    ngx_commerce_ledger_label(o);

    if (o->size == 0 && o->alone) {
        return ngx_commerce_ledger_make(o);
    }

    ngx_memzero(&o->found, sizeof(ngx_commerce_ledger_label_t));

    n = pread(ledger->fd, &o->found, sizeof(ngx_commerce_ledger_label_t), 0);

    if (n == -1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: pread() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    why = ngx_commerce_ledger_unfit(o);

    if (why != NULL) {
        return ngx_commerce_ledger_move_aside(o, why);
    }

    return o->alone ? ngx_commerce_ledger_take_over(o)
                    : ngx_commerce_ledger_join(o);
}


static ngx_int_t
ngx_commerce_ledger_open_file(ngx_commerce_ledger_opening_t *o)
{
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    ledger->fd = open((char *) ledger->path.data,
                      O_RDWR|O_CREAT|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK, 0600);

    if (ledger->fd == -1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: open() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    if (fstat(ledger->fd, &st) == -1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: fstat() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    if (!S_ISREG(st.st_mode) || st.st_nlink > 1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, 0,
                      "commerce: ledger \"%V\" is not a regular file of one "
                      "name", &ledger->path);
        return NGX_ERROR;
    }

    return ngx_commerce_ledger_own(o, &st);
}


/*
 * A file that another user laid there is not trusted.  Ours is to belong to
 * the workers' user, and nobody else reads it.
 */

static ngx_int_t
ngx_commerce_ledger_own(ngx_commerce_ledger_opening_t *o, struct stat *st)
{
    uid_t                   self;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;
    self = geteuid();

    if (st->st_uid != self && st->st_uid != 0 && st->st_uid != o->user) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, 0,
                      "commerce: ledger \"%V\" belongs to another user, "
                      "uid %ui", &ledger->path, (ngx_uint_t) st->st_uid);
        return NGX_ERROR;
    }

    if (self == 0
        && o->user != (ngx_uid_t) NGX_CONF_UNSET_UINT
        && st->st_uid != o->user
        && fchown(ledger->fd, o->user, -1) == -1)
    {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: fchown() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    if ((st->st_mode & 07777) != 0600
        && (st->st_uid == self || self == 0)
        && fchmod(ledger->fd, 0600) == -1)
    {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: fchmod() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_ledger_use_lock(ngx_commerce_ledger_opening_t *o)
{
    struct stat             st, now;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;
    o->alone = 1;

    if (ngx_commerce_ledger_set_use_lock(ledger, F_OFD_SETLK, F_WRLCK)
        != NGX_OK)
    {
        o->alone = 0;

        /* waits for another start that makes the file just now */

        if (ngx_commerce_ledger_set_use_lock(ledger, F_OFD_SETLKW, F_RDLCK)
            != NGX_OK)
        {
            ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                          "commerce: fcntl() of ledger \"%V\" failed",
                          &ledger->path);
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


ngx_int_t
ngx_commerce_ledger_set_use_lock(ngx_commerce_ledger_t *ledger, int cmd,
    short type)
{
    struct flock  fl;

    ngx_memzero(&fl, sizeof(struct flock));
    fl.l_type = type;
    fl.l_whence = SEEK_SET;
    fl.l_start = 1;
    fl.l_len = 1;

    while (fcntl(ledger->fd, cmd, &fl) == -1) {

        if (ngx_errno != NGX_EINTR) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* what would stand in a file made now */

static void
ngx_commerce_ledger_label(ngx_commerce_ledger_opening_t *o)
{
    ngx_str_t                    *prefix;
    ngx_commerce_ledger_label_t  *label;

    label = &o->label;
    prefix = &o->tenant->prefix;

    ngx_memzero(label, sizeof(ngx_commerce_ledger_label_t));

    ngx_memcpy(label->magic, NGX_COMMERCE_LEDGER_MAGIC, sizeof(label->magic));
    label->version = NGX_COMMERCE_LEDGER_VERSION;
    label->cell_size = sizeof(ngx_commerce_ledger_cell_t);
    label->size = ngx_align(o->tenant->ledger_size, 4096);

    label->prefix_len = (uint32_t) prefix->len;
    ngx_memcpy(label->prefix, prefix->data,
               ngx_min(prefix->len, sizeof(label->prefix)));

    label->sum = ngx_commerce_ledger_sum(label);
}


/* NULL, or why the file can't be used: "damaged", "foreign" */

static const char *
ngx_commerce_ledger_unfit(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_label_t  *label, *found;

    label = &o->label;
    found = &o->found;

    if (ngx_memcmp(found->magic, label->magic, sizeof(label->magic)) != 0
        || found->sum != ngx_commerce_ledger_sum(found)
        || found->size < NGX_COMMERCE_LEDGER_SIZE_MIN)
    {
        return "damaged";
    }

    if (found->version != label->version
        || found->cell_size != label->cell_size
        || found->prefix_len != label->prefix_len
        || ngx_memcmp(found->prefix, label->prefix, sizeof(label->prefix)) != 0)
    {
        return "foreign";
    }

    return NULL;
}


static ngx_int_t
ngx_commerce_ledger_move_aside(ngx_commerce_ledger_opening_t *o,
    const char *why)
{
    time_t                  now;
    u_char                 *name;
    struct stat             st;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    name = ngx_alloc(ledger->path.len + 64, ledger->log);
    if (name == NULL) {
        return NGX_ERROR;
    }

    now = time(NULL);

    do {
        ngx_sprintf(name, "%V.%s-%T%Z", &ledger->path, why, now++);
    } while (lstat((char *) name, &st) == 0);

    if (rename((char *) ledger->path.data, (char *) name) == -1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: ledger \"%V\" is %s, and rename() to \"%s\" "
                      "failed", &ledger->path, why, name);
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
