
/*
 * What a ledger's path says before its file is used: whether it will do, and
 * whether another path is the same file.
 */


#include "ngx_commerce_ledger_file.h"
#include <fcntl.h>


static ngx_int_t ngx_commerce_ledger_folder(ngx_str_t *path, u_char *buf,
    ngx_str_t *name);


ngx_int_t
ngx_commerce_ledger_test(ngx_commerce_ledger_t *ledger)
{
    int          fd;
    u_char       folder[NGX_MAX_PATH];
    ngx_str_t    name;
    struct stat  st;

    fd = open((char *) ledger->path.data,
              O_RDWR|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    if (fd != -1) {
        ledger->fd = fd;
        return ngx_commerce_ledger_regular(ledger, &st);
    }

    if (ngx_errno == NGX_ENOENT
        && ngx_commerce_ledger_folder(&ledger->path, folder, &name) == NGX_OK
        && access((char *) folder, W_OK|X_OK) == 0)
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                  "commerce: ledger \"%V\" can't be opened", &ledger->path);

    return NGX_ERROR;
}


ngx_int_t
ngx_commerce_ledger_regular(ngx_commerce_ledger_t *ledger, struct stat *st)
{
    if (fstat(ledger->fd, st) == -1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, ngx_errno,
                      "commerce: fstat() of ledger \"%V\" failed",
                      &ledger->path);
        return NGX_ERROR;
    }

    if (!S_ISREG(st->st_mode) || st->st_nlink > 1) {
        ngx_log_error(NGX_LOG_EMERG, ledger->log, 0,
                      "commerce: ledger \"%V\" is not a regular file of one "
                      "name", &ledger->path);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_uint_t
ngx_commerce_ledger_same(ngx_str_t *one, ngx_str_t *two)
{
    u_char       a[NGX_MAX_PATH], b[NGX_MAX_PATH];
    ngx_str_t    name, other;
    struct stat  st, other_st;

    if (stat((char *) one->data, &st) == 0
        && stat((char *) two->data, &other_st) == 0)
    {
        return st.st_dev == other_st.st_dev && st.st_ino == other_st.st_ino;
    }

    /* not made yet: one name in one folder */

    return ngx_commerce_ledger_folder(one, a, &name) == NGX_OK
           && ngx_commerce_ledger_folder(two, b, &other) == NGX_OK
           && name.len == other.len
           && ngx_strncmp(name.data, other.data, name.len) == 0
           && stat((char *) a, &st) == 0
           && stat((char *) b, &other_st) == 0
           && st.st_dev == other_st.st_dev
           && st.st_ino == other_st.st_ino;
}


/*
 * Copies the path of the folder into buf, of NGX_MAX_PATH bytes; name is what
 * follows in path.  NGX_OK; NGX_ERROR with ngx_errno if it is too long.
 */

static ngx_int_t
ngx_commerce_ledger_folder(ngx_str_t *path, u_char *buf, ngx_str_t *name)
{
    u_char  *p;

    p = path->data + path->len;

    while (p > path->data && p[-1] != '/') {
        p--;
    }

    name->data = p;
    name->len = path->data + path->len - p;

    if (p - path->data >= NGX_MAX_PATH) {
        ngx_set_errno(ENAMETOOLONG);
        return NGX_ERROR;
    }

    /* with its last slash, which the root needs and no other minds */
    ngx_cpystrn(buf, path->data, p - path->data + 1);

    return NGX_OK;
}
