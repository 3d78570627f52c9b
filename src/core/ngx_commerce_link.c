
/*
 * Where links of products may lead.
 */

#include "ngx_commerce_link.h"


#define NGX_COMMERCE_HOST_MAX  255


static char *ngx_commerce_hosts_regex(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_commerce_host_name_t *host, ngx_str_t *value);
static ngx_uint_t ngx_commerce_link_host(ngx_str_t *link, ngx_str_t *host);
static ngx_uint_t ngx_commerce_hosts_match(ngx_commerce_host_name_t *name,
    ngx_str_t *host);
static ngx_uint_t ngx_commerce_ends_with(ngx_str_t *text, ngx_str_t *end);


char *
ngx_commerce_link_hosts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t                 *value, name;
    ngx_uint_t                 i;
    ngx_commerce_hosts_t     **hosts;
    ngx_commerce_host_name_t  *host;

    hosts = (ngx_commerce_hosts_t **) (p + cmd->offset);

    if (*hosts == NULL) {
        *hosts = ngx_pcalloc(cf->pool, sizeof(ngx_commerce_hosts_t));
        if (*hosts == NULL
            || ngx_array_init(&(*hosts)->names, cf->pool, 4,
                              sizeof(ngx_commerce_host_name_t))
               != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        name = value[i];

        host = ngx_array_push(&(*hosts)->names);
        if (host == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(host, sizeof(ngx_commerce_host_name_t));

        if (name.len > 1 && name.data[0] == '~') {

            if (ngx_commerce_hosts_regex(cf, cmd, host, &name) != NGX_CONF_OK) {
                return NGX_CONF_ERROR;
            }

            continue;
        }

        ngx_strlow(name.data, name.data, name.len);

        if (name.len > 2 && name.data[0] == '*' && name.data[1] == '.') {
            host->match = NGX_COMMERCE_HOST_BELOW;
            name.data++;
            name.len--;

        } else if (name.len > 1 && name.data[0] == '.') {
            host->match = NGX_COMMERCE_HOST_AT_OR_BELOW;

        } else if (name.len > 2 && name.data[name.len - 1] == '*'
                   && name.data[name.len - 2] == '.')
        {
            host->match = NGX_COMMERCE_HOST_BEGINS;
            name.len--;
        }

        if (ngx_strlchr(name.data, name.data + name.len, '*')
            || ngx_strlchr(name.data, name.data + name.len, '/')
            || ngx_strlchr(name.data, name.data + name.len, ':')
            || name.len == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid host name \"%V\" in \"%V\"",
                               &value[i], &cmd->name);
            return NGX_CONF_ERROR;
        }

        host->name = name;
    }

    return NGX_CONF_OK;
}


static char *
ngx_commerce_hosts_regex(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_commerce_host_name_t *host, ngx_str_t *value)
{
#if (NGX_PCRE)
    u_char               errstr[NGX_MAX_CONF_ERRSTR];
    ngx_regex_compile_t  rc;

    ngx_memzero(&rc, sizeof(ngx_regex_compile_t));

    rc.pattern.len = value->len - 1;
    rc.pattern.data = value->data + 1;
    rc.options = NGX_REGEX_CASELESS;
    rc.pool = cf->pool;
    rc.err.len = NGX_MAX_CONF_ERRSTR;
    rc.err.data = errstr;

    if (ngx_regex_compile(&rc) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V", &rc.err);
        return NGX_CONF_ERROR;
    }

    host->match = NGX_COMMERCE_HOST_REGEX;
    host->regex = rc.regex;

    return NGX_CONF_OK;
#else
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\" in \"%V\": this nginx has no PCRE",
                       value, &cmd->name);
    return NGX_CONF_ERROR;
#endif
}


ngx_uint_t
ngx_commerce_link_allowed(ngx_commerce_tenant_t *tenant, ngx_str_t *link)
{
    ngx_str_t  host;

    if (link->len > NGX_COMMERCE_TEXT_MAX
        || !ngx_commerce_link_host(link, &host)
        || host.len > NGX_COMMERCE_HOST_MAX)
    {
        return 0;
    }

    return tenant->product_hosts == NULL
           || ngx_commerce_link_host_named(tenant->product_hosts, &host);
}


ngx_uint_t
ngx_commerce_link_host_named(ngx_commerce_hosts_t *hosts, ngx_str_t *host)
{
    u_char                     buf[NGX_COMMERCE_HOST_MAX];
    ngx_str_t                  low;
    ngx_uint_t                 i;
    ngx_commerce_host_name_t  *name;

    if (host->len > sizeof(buf)) {
        return 0;
    }

    ngx_strlow(buf, host->data, host->len);
    low.data = buf;
    low.len = host->len;

    name = hosts->names.elts;

    for (i = 0; i < hosts->names.nelts; i++) {
        if (ngx_commerce_hosts_match(&name[i], &low)) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_commerce_link_valid(ngx_str_t *link)
{
    ngx_str_t  host;

    return link->len <= NGX_COMMERCE_TEXT_MAX
           && ngx_commerce_link_host(link, &host);
}


ngx_uint_t
ngx_commerce_image_valid(ngx_str_t *image)
{
    if (ngx_commerce_link_valid(image)) {
        return 1;
    }

    /* two slashes would begin a host */

    return image->len > 1 && image->len <= NGX_COMMERCE_TEXT_MAX
           && image->data[0] == '/' && image->data[1] != '/'
           && ngx_commerce_link_wrong_char(image) == NULL;
}


u_char *
ngx_commerce_link_wrong_char(ngx_str_t *link)
{
    size_t  i;
    u_char  ch;

    for (i = 0; i < link->len; i++) {
        ch = link->data[i];

        if (ch <= ' ' || ch == 0x7f || ch == '"' || ch == '\\'
            || ch == '<' || ch == '>' || ch == '{' || ch == '}')
        {
            return &link->data[i];
        }
    }

    return NULL;
}


/*
 * The host of an http or https link.  Whatever browsers read otherwise than
 * it looks (a backslash, user info, control bytes) makes the link bad.
 */

static ngx_uint_t
ngx_commerce_link_host(ngx_str_t *link, ngx_str_t *host)
{
    u_char  *p, *last;

    last = link->data + link->len;

    if (ngx_commerce_link_wrong_char(link)) {
        return 0;
    }

    if (link->len > 8 && ngx_strncasecmp(link->data, (u_char *) "https://", 8)
                         == 0)
    {
        p = link->data + 8;

    } else if (link->len > 7
               && ngx_strncasecmp(link->data, (u_char *) "http://", 7) == 0)
    {
        p = link->data + 7;

    } else {
        return 0;
    }

    host->data = p;

    while (p < last
           && ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z')
               || (*p >= 'A' && *p <= 'Z') || *p == '-' || *p == '.'
               || *p == '_'))
    {
        p++;
    }

    host->len = p - host->data;

    if (p < last && *p == ':') {
        do { p++; } while (p < last && *p >= '0' && *p <= '9');
    }

    if (host->len > 1 && host->data[host->len - 1] == '.') {
        host->len--;
    }

    return host->len != 0
           && (p == last || *p == '/' || *p == '?' || *p == '#');
}


static ngx_uint_t
ngx_commerce_hosts_match(ngx_commerce_host_name_t *name, ngx_str_t *host)
{
    ngx_str_t  bare;

    switch (name->match) {

    case NGX_COMMERCE_HOST_BELOW:
        return host->len > name->name.len
               && ngx_commerce_ends_with(host, &name->name);

    case NGX_COMMERCE_HOST_AT_OR_BELOW:
        bare.len = name->name.len - 1;
        bare.data = name->name.data + 1;

        return ngx_commerce_ends_with(host, &name->name)
               || (host->len == bare.len
                   && ngx_memcmp(host->data, bare.data, bare.len) == 0);

    case NGX_COMMERCE_HOST_BEGINS:
        return host->len > name->name.len
               && ngx_memcmp(host->data, name->name.data, name->name.len)
                  == 0;

#if (NGX_PCRE)
    case NGX_COMMERCE_HOST_REGEX:
        return ngx_regex_exec(name->regex, host, NULL, 0) >= 0;
#endif

    default: /* NGX_COMMERCE_HOST_EXACT */
        return host->len == name->name.len
               && ngx_memcmp(host->data, name->name.data, host->len) == 0;
    }
}


static ngx_uint_t
ngx_commerce_ends_with(ngx_str_t *text, ngx_str_t *end)
{
    return text->len >= end->len
           && ngx_memcmp(text->data + text->len - end->len, end->data,
                         end->len)
              == 0;
}
