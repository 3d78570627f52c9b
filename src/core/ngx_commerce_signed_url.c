
#include "ngx_commerce_signed_url.h"
#include "ngx_commerce_secret.h"
#include "ngx_commerce_text.h"


/* bytes; clouds take keys of 6 and more */
#define NGX_COMMERCE_SIGNED_URL_KEY_MIN  6


static char *ngx_commerce_signed_url_once(ngx_array_t *signed_urls,
    ngx_commerce_signed_url_t *by);
static char *ngx_commerce_signed_url_keys(ngx_conf_t *cf, ngx_str_t *file,
    ngx_commerce_signed_url_t *by);
static char *ngx_commerce_signed_url_validity(ngx_conf_t *cf,
    ngx_str_t *cloud, ngx_str_t *value, ngx_commerce_signed_url_t *by);


/* by action */

static ngx_str_t  ngx_commerce_signed_url_actions[] = {
    ngx_string("push"),
    ngx_string("play"),
    ngx_null_string
};


char *
ngx_commerce_signed_url(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    char                       *rv;
    ngx_int_t                   action;
    ngx_str_t                  *value, *wrong;
    ngx_array_t               **signed_urls;
    ngx_commerce_signed_url_t   by, *place;

    value = cf->args->elts;

    by.cloud = ngx_commerce_url_cloud(&value[1]);
    action = ngx_commerce_word(ngx_commerce_signed_url_actions, &value[2]);

    wrong = by.cloud == NULL ? &value[1] : action < 0 ? &value[2] : NULL;

    if (wrong) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive",
                           wrong, &cmd->name);
        return NGX_CONF_ERROR;
    }

    by.action = action;
    by.validity = 0;

    signed_urls = (ngx_array_t **) (p + cmd->offset);

    if (*signed_urls == NULL) {
        *signed_urls = ngx_array_create(cf->pool, 2,
                                        sizeof(ngx_commerce_signed_url_t));
        if (*signed_urls == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    rv = ngx_commerce_signed_url_once(*signed_urls, &by);

    if (rv == NGX_CONF_OK && cf->args->nelts > 4) {
        rv = ngx_commerce_signed_url_validity(cf, &value[1], &value[4], &by);
    }

    if (rv == NGX_CONF_OK) {
        rv = ngx_commerce_signed_url_keys(cf, &value[3], &by);
    }

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    place = ngx_array_push(*signed_urls);
    if (place == NULL) {
        return NGX_CONF_ERROR;
    }

    *place = by;

    return NGX_CONF_OK;
}


static char *
ngx_commerce_signed_url_once(ngx_array_t *signed_urls, ngx_commerce_signed_url_t *by)
{
    ngx_uint_t                  i;
    ngx_commerce_signed_url_t  *other;

    other = signed_urls->elts;

    for (i = 0; i < signed_urls->nelts; i++) {
        if (other[i].cloud == by->cloud && other[i].action == by->action) {
            return "is duplicate";
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_commerce_signed_url_keys(ngx_conf_t *cf, ngx_str_t *file,
    ngx_commerce_signed_url_t *by)
{
    ngx_str_t   *key;
    ngx_uint_t   i;

    by->keys = ngx_commerce_secret_read(cf, file, NGX_COMMERCE_SIGNED_URL_KEY_MIN);

    if (by->keys == NULL) {
        return NGX_CONF_ERROR;
    }

    key = by->keys->elts;

    for (i = 0; i < by->keys->nelts; i++) {

        if (key[i].len > NGX_COMMERCE_URL_KEY_MAX) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "key in line %ui of \"%V\" is longer than "
                               "%d bytes", i + 1, file,
                               NGX_COMMERCE_URL_KEY_MAX);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_commerce_signed_url_validity(ngx_conf_t *cf, ngx_str_t *cloud,
    ngx_str_t *value, ngx_commerce_signed_url_t *by)
{
    ngx_int_t  validity;
    ngx_str_t  time;

    validity = NGX_ERROR;

    if (ngx_strncmp(value->data, "validity=", 9) == 0) {
        time.data = value->data + 9;
        time.len = value->len - 9;

        validity = ngx_parse_time(&time, 0);
    }

    if (validity == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\"", value);
        return NGX_CONF_ERROR;
    }

    if (!ngx_commerce_url_prolongs(by->cloud, by->action)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" for \"%V %V\": such URLs end at the time "
                           "in them", value, cloud,
                           &ngx_commerce_signed_url_actions[by->action]);
        return NGX_CONF_ERROR;
    }

    by->validity = validity;

    return NGX_CONF_OK;
}
