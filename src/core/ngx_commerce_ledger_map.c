
/*
 * The mapping of a ledger's file, and what happens to a process that finds a
 * page of it gone: an administrator cut the file short, or the file system
 * has no place for the page.  The kernel says so by SIGBUS.  The handler lays
 * empty memory over the whole ledger, so that the code under way comes to its
 * end, and sets a flag; nothing that this code did then is relied on.  The
 * rest is done by ngx_commerce_ledger_restore(), outside of the handler.
 */


#include "ngx_commerce_ledger_cell.h"
#include <fcntl.h>


static ngx_int_t ngx_commerce_ledger_guard(ngx_commerce_ledger_t *ledger);
static void ngx_commerce_ledger_unguard(ngx_commerce_ledger_t *ledger);
static void ngx_commerce_ledger_fault(int signo, siginfo_t *info, void *data);


/* all ledgers that this process has mapped */

static ngx_commerce_ledger_t  *ngx_commerce_ledger_mapped;


void ngx_cdecl
ngx_commerce_ledger_emerg(ngx_commerce_ledger_t *ledger, ngx_err_t err,
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


ngx_int_t
ngx_commerce_ledger_map(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label)
{
    void  *p;

    p = mmap(NULL, label->size, PROT_READ|PROT_WRITE, MAP_SHARED, ledger->fd,
             0);

    if (p == MAP_FAILED) {
        ngx_commerce_ledger_emerg(ledger, ngx_errno, "mmap() failed");
        return NGX_ERROR;
    }

    ngx_commerce_ledger_attach(ledger, p, label);

    return ngx_commerce_ledger_guard(ledger);
}


ngx_int_t
ngx_commerce_ledger_remap(ngx_commerce_ledger_t *ledger)
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
ngx_commerce_ledger_unmap(ngx_commerce_ledger_t *ledger)
{
    if (ledger->header == NULL) {
        return;
    }

    ngx_commerce_ledger_unguard(ledger);

    if (munmap(ledger->header, ledger->size) == -1) {
        ngx_log_error(NGX_LOG_ALERT, ledger->log, ngx_errno,
                      "commerce: munmap() of ledger \"%V\" failed",
                      &ledger->path);
    }

    ledger->header = NULL;
    ledger->lost = 0;
}


ngx_err_t
ngx_commerce_ledger_allocate(ngx_commerce_ledger_t *ledger, size_t size)
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
ngx_commerce_ledger_guard(ngx_commerce_ledger_t *ledger)
{
    struct sigaction  sa;

    ngx_memzero(&sa, sizeof(struct sigaction));
    sa.sa_sigaction = ngx_commerce_ledger_fault;
    sa.sa_flags = SA_SIGINFO;
    sigfillset(&sa.sa_mask);

    if (sigaction(SIGBUS, &sa, NULL) == -1) {
        ngx_commerce_ledger_emerg(ledger, ngx_errno,
                                  "sigaction(SIGBUS) failed");
        return NGX_ERROR;
    }

    ledger->mapped = ngx_commerce_ledger_mapped;
    ngx_commerce_ledger_mapped = ledger;

    return NGX_OK;
}


static void
ngx_commerce_ledger_unguard(ngx_commerce_ledger_t *ledger)
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
        && sa.sa_sigaction == ngx_commerce_ledger_fault)
    {
        (void) signal(SIGBUS, SIG_DFL);
    }
}


/* only system calls here, as in any handler of a signal */

static void
ngx_commerce_ledger_fault(int signo, siginfo_t *info, void *data)
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
