
/*
 * The secrets of the tokens: a file, a secret a line, the first one signs and
 * all of them verify.
 */

#include "ngx_commerce_secret.h"
#include "ngx_commerce_file.h"


/* bytes: 128 bits, if they are random */
#define NGX_COMMERCE_SECRET_MIN   16

#define NGX_COMMERCE_SECRET_FILE  (64 * 1024)   /* bytes */


static ngx_int_t ngx_commerce_secret_lines(ngx_conf_t *cf, ngx_str_t *name,
    size_t min, ngx_array_t *secrets, u_char *text, u_char *last);


char *
ngx_commerce_secrets(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t    *value;
    ngx_array_t  **secrets;

    secrets = (ngx_array_t **) (p + cmd->offset);

    if (*secrets) {
        return "is duplicate";
    }

    value = cf->args->elts;

    *secrets = ngx_commerce_secret_read(cf, &value[1],
                                        NGX_COMMERCE_SECRET_MIN);

    return *secrets ? NGX_CONF_OK : NGX_CONF_ERROR;
}


ngx_array_t *
ngx_commerce_secret_read(ngx_conf_t *cf, ngx_str_t *file, size_t min)
{
    u_char       *text;
    ssize_t       n;
    ngx_str_t     name;
    ngx_array_t  *secrets;

    name = *file;

    secrets = ngx_array_create(cf->pool, 2, sizeof(ngx_str_t));
    text = ngx_pnalloc(cf->pool, NGX_COMMERCE_SECRET_FILE + 1);

    if (secrets == NULL || text == NULL) {
        return NULL;
    }

    n = ngx_commerce_file_read(cf, &name, text, NGX_COMMERCE_SECRET_FILE);

    if (n == NGX_ERROR) {
        return NULL;
    }

    if (n == NGX_COMMERCE_SECRET_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "secret file \"%V\" is too large", &name);
        return NULL;
    }

    text[n] = '\0';

    return ngx_commerce_secret_lines(cf, &name, min, secrets, text, text + n)
           == NGX_OK
           ? secrets : NULL;
}


static ngx_int_t
ngx_commerce_secret_lines(ngx_conf_t *cf, ngx_str_t *name, size_t min,
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
            return NGX_ERROR;
        }

        secret->data = p;
        secret->len = end - p;

        if (secret->len && secret->data[secret->len - 1] == '\r') {
            secret->len--;
        }

        if (secret->len < min
            || strspn((char *) p, " \t") >= secret->len)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "secret in line %ui of \"%V\" is blank or "
                               "shorter than %uz bytes", line, name, min);
            return NGX_ERROR;
        }
    }

    if (secrets->nelts == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no secret in file \"%V\"", name);
        return NGX_ERROR;
    }

    return NGX_OK;
}
