
/*
 * What a ledger's path and label say before its file is used: whether it will
 * do, whose it is, and whether another path is the same file.
 */


#include "ngx_commerce_ledger_path.h"
#include <fcntl.h>


static ngx_int_t ngx_commerce_ledger_path_test_file(
    ngx_commerce_ledger_opening_t *o);
static ngx_int_t ngx_commerce_ledger_path_folder(ngx_str_t *path, u_char *buf,
    ngx_str_t *name);


ngx_int_t
ngx_commerce_ledger_path_test(ngx_commerce_ledger_opening_t *o)
{
    int                     fd;
    u_char                  folder[NGX_MAX_PATH];
    ngx_str_t               name;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    fd = open((char *) ledger->path.data,
              O_RDWR|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    if (fd != -1) {
        ledger->fd = fd;
        return ngx_commerce_ledger_path_test_file(o);
    }

    if (ngx_errno == NGX_ENOENT
        && ngx_commerce_ledger_path_folder(&ledger->path, folder, &name)
           == NGX_OK
        && access((char *) folder, W_OK|X_OK) == 0)
    {
        return NGX_OK;
    }

    ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "can't be opened");

    return NGX_ERROR;
}


/*
 * Whether it is in use is asked, not tried: nobody is to wait for that.  One
 * that nobody uses is moved aside, if need be.
 */

static ngx_int_t
ngx_commerce_ledger_path_test_file(ngx_commerce_ledger_opening_t *o)
{
    const char             *why;
    struct stat             st;
    struct flock            fl;
    ngx_commerce_ledger_t  *ledger;

    ledger = o->ledger;

    if (ngx_commerce_ledger_path_regular(ledger, &st) != NGX_OK
        || ngx_commerce_ledger_path_trusted(o, &st) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memzero(&fl, sizeof(struct flock));
    fl.l_type = F_WRLCK;
    fl.l_whence = SEEK_SET;
    fl.l_start = 1;
    fl.l_len = 1;

    if (fcntl(ledger->fd, F_OFD_GETLK, &fl) == -1 || fl.l_type == F_UNLCK) {
        return NGX_OK;
    }

    ngx_commerce_ledger_path_label(o);

    if (pread(ledger->fd, &o->found, sizeof(ngx_commerce_ledger_label_t), 0)
        != (ssize_t) sizeof(ngx_commerce_ledger_label_t))
    {
        return NGX_OK;
    }

    why = ngx_commerce_ledger_path_unfit(o);

    return why == NULL ? NGX_OK : ngx_commerce_ledger_path_refuse(o, why);
}


ngx_int_t
ngx_commerce_ledger_path_trusted(ngx_commerce_ledger_opening_t *o,
    struct stat *st)
{
    if (st->st_uid == geteuid() || st->st_uid == 0 || st->st_uid == o->user) {
        return NGX_OK;
    }

    ngx_commerce_ledger_map_emerg(o->ledger, 0,
                                  "belongs to another user, uid %ui: give it "
                                  "to the workers' user, remove it, or choose "
                                  "another path", (ngx_uint_t) st->st_uid);

    return NGX_ERROR;
}


ngx_int_t
ngx_commerce_ledger_path_regular(ngx_commerce_ledger_t *ledger,
    struct stat *st)
{
    if (fstat(ledger->fd, st) == -1) {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "fstat() failed");
        return NGX_ERROR;
    }

    if (!S_ISREG(st->st_mode) || st->st_nlink > 1) {
        ngx_commerce_ledger_map_emerg(ledger, 0,
                                      "is not a regular file of one name");
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

    return ngx_commerce_ledger_path_folder(one, a, &name) == NGX_OK
           && ngx_commerce_ledger_path_folder(two, b, &other) == NGX_OK
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
ngx_commerce_ledger_path_folder(ngx_str_t *path, u_char *buf, ngx_str_t *name)
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


void
ngx_commerce_ledger_path_label(ngx_commerce_ledger_opening_t *o)
{
    ngx_str_t                    *prefix;
    ngx_commerce_ledger_label_t  *label;

    label = &o->label;
    prefix = &o->tenant->prefix;

    ngx_memzero(label, sizeof(ngx_commerce_ledger_label_t));

    ngx_memcpy(label->magic, NGX_COMMERCE_LEDGER_MAGIC, sizeof(label->magic));
    label->version = NGX_COMMERCE_LEDGER_VERSION;
    label->cell_size = sizeof(ngx_commerce_ledger_cell_t);

    ngx_commerce_ledger_map_shape(label,
                                  ngx_align(o->tenant->ledger_size, 4096));

    label->prefix_len = (uint32_t) prefix->len;
    ngx_memcpy(label->prefix, prefix->data,
               ngx_min(prefix->len, sizeof(label->prefix)));

    label->sum = ngx_commerce_ledger_map_sum(label);
}


const char *
ngx_commerce_ledger_path_unfit(ngx_commerce_ledger_opening_t *o)
{
    ngx_commerce_ledger_label_t  *label, *found;

    label = &o->label;
    found = &o->found;

    if (ngx_memcmp(found->magic, label->magic, sizeof(label->magic)) != 0) {
        return "damaged";
    }

    /* the sum of another version stands elsewhere */

    if (found->version != label->version) {
        return "foreign";
    }

    if (found->sum != ngx_commerce_ledger_map_sum(found)
        || found->size < NGX_COMMERCE_LEDGER_SIZE_MIN
        || found->counts < NGX_COMMERCE_LEDGER_SIZE_MIN / 2
        || found->counts > found->size - NGX_COMMERCE_LEDGER_TAIL)
    {
        return "damaged";
    }

    if (found->cell_size != label->cell_size
        || found->prefix_len != label->prefix_len
        || ngx_memcmp(found->prefix, label->prefix, sizeof(label->prefix)) != 0)
    {
        return "foreign";
    }

    return NULL;
}


ngx_int_t
ngx_commerce_ledger_path_refuse(ngx_commerce_ledger_opening_t *o,
    const char *why)
{
    ngx_str_t  theirs;

    theirs.len = ngx_min(o->found.prefix_len, sizeof(o->found.prefix));
    theirs.data = o->found.prefix;

    if (theirs.len > 0 && ngx_strcmp(why, "foreign") == 0) {
        theirs.len--;
        ngx_commerce_ledger_map_emerg(o->ledger, 0,
                                      "is in use by an nginx with namespace "
                                      "\"%V\": give each a path of its own; a "
                                      "namespace changes with a restart, not "
                                      "with a reload", &theirs);

    } else {
        ngx_commerce_ledger_map_emerg(o->ledger, 0,
                                      "is %s, and in use: end who uses it, or "
                                      "choose another path", why);
    }

    return NGX_ERROR;
}


ngx_int_t
ngx_commerce_ledger_path_write_label(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label)
{
    if (pwrite(ledger->fd, label, sizeof(ngx_commerce_ledger_label_t), 0)
        != (ssize_t) sizeof(ngx_commerce_ledger_label_t))
    {
        ngx_commerce_ledger_map_emerg(ledger, ngx_errno, "pwrite() failed");
        return NGX_ERROR;
    }

    ngx_memcpy(&ledger->label, label, sizeof(ngx_commerce_ledger_label_t));

    return NGX_OK;
}
