
/*
 * The secrets of the tokens: a file, a secret a line, the first one signs and
 * all of them verify.
 */

#include "ngx_commerce_secret.h"


/* bytes: 128 bits, if they are random */
#define NGX_COMMERCE_SECRET_MIN   16

#define NGX_COMMERCE_SECRET_FILE  (64 * 1024)   /* bytes */


static char *ngx_commerce_secret_lines(ngx_conf_t *cf, ngx_str_t *name,
    ngx_array_t *secrets, u_char *text, u_char *last);


char *
ngx_commerce_secrets(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    char          *rv;
    u_char        *text;
    ssize_t        n;
    ngx_fd_t       fd;
    ngx_str_t     *value, name;
    ngx_array_t  **secrets;

    secrets = (ngx_array_t **) (p + cmd->offset);

    if (*secrets) {
        return "is duplicate";
    }

    value = cf->args->elts;
    name = value[1];

    *secrets = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    text = ngx_pnalloc(cf->pool, NGX_COMMERCE_SECRET_FILE + 1);

    if (*secrets == NULL || text == NULL
        || ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &name);
        return NGX_CONF_ERROR;
    }

    n = ngx_read_fd(fd, text, NGX_COMMERCE_SECRET_FILE);

    if (n == -1 || n == NGX_COMMERCE_SECRET_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, n == -1 ? ngx_errno : 0,
                           "secret file \"%V\" can't be read or is too large",
                           &name);
        rv = NGX_CONF_ERROR;

    } else {
        text[n] = '\0';
        rv = ngx_commerce_secret_lines(cf, &name, *secrets, text, text + n);
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &name);
    }

    return rv;
}


static char *
ngx_commerce_secret_lines(ngx_conf_t *cf, ngx_str_t *name,
    ngx_array_t *secrets, u_char *text, u_char *last)
{
    u_char      *p, *end;
    ngx_str_t   *secret;
    ngx_uint_t   line;

    line = 0;

    for (p = text; p < last; p = end + 1) {
        line++;

        end = ngx_strlchr(p, last, '\n');
        if (end == NULL) {
            end = last;
        }

        secret = ngx_array_push(secrets);
        if (secret == NULL) {
            return NGX_CONF_ERROR;
        }

        secret->data = p;
        secret->len = end - p;

        if (secret->len && secret->data[secret->len - 1] == '\r') {
            secret->len--;
        }

        if (secret->len < NGX_COMMERCE_SECRET_MIN
            || strspn((char *) p, " \t") >= secret->len)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "secret in line %ui of \"%V\" is blank or "
                               "shorter than %d bytes", line, name,
                               NGX_COMMERCE_SECRET_MIN);
            return NGX_CONF_ERROR;
        }
    }

    if (secrets->nelts == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no secret in file \"%V\"", name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
