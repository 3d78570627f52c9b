
#include "ngx_http_commerce_auth_body.h"
#include <jansson.h>


typedef struct {
    ngx_str_t                        word;
    ngx_commerce_action_e            action;
} ngx_http_commerce_auth_word_t;


static ngx_int_t ngx_http_commerce_auth_body_form(ngx_str_t *body,
    ngx_pool_t *pool, ngx_http_commerce_auth_asked_t *asked,
    const char **wrong);
static ngx_int_t ngx_http_commerce_auth_body_once(ngx_str_t *body,
    const char *name, ngx_pool_t *pool, ngx_str_t *value, const char **wrong);
static ngx_int_t ngx_http_commerce_auth_body_srs(json_t *json,
    ngx_pool_t *pool, ngx_http_commerce_auth_asked_t *asked,
    const char **wrong);
static ngx_int_t ngx_http_commerce_auth_body_mediamtx(json_t *json,
    ngx_pool_t *pool, ngx_http_commerce_auth_asked_t *asked,
    const char **wrong);
static ngx_int_t ngx_http_commerce_auth_body_oven(json_t *json,
    ngx_pool_t *pool, ngx_http_commerce_auth_asked_t *asked,
    const char **wrong);
static ngx_int_t ngx_http_commerce_auth_body_member(json_t *json,
    const char *name, ngx_uint_t required, ngx_pool_t *pool, ngx_str_t *value,
    const char **wrong);
static ngx_uint_t ngx_http_commerce_auth_body_word(
    ngx_http_commerce_auth_word_t *words, ngx_str_t *word,
    ngx_commerce_action_e *action);
static void ngx_http_commerce_auth_body_url(ngx_str_t *text,
    ngx_str_t *path, ngx_str_t *args);


/* who publishes or plays is asked about again, in notify_update_timeout */

static ngx_http_commerce_auth_word_t  ngx_http_commerce_auth_calls[] = {
    { ngx_string("publish"), NGX_COMMERCE_ACTION_PUBLISH },
    { ngx_string("update_publish"), NGX_COMMERCE_ACTION_PUBLISH },
    { ngx_string("play"), NGX_COMMERCE_ACTION_VIEW },
    { ngx_string("update_play"), NGX_COMMERCE_ACTION_VIEW },
    { ngx_null_string, 0 }
};


static ngx_http_commerce_auth_word_t  ngx_http_commerce_auth_srs_actions[] = {
    { ngx_string("on_publish"), NGX_COMMERCE_ACTION_PUBLISH },
    { ngx_string("on_play"), NGX_COMMERCE_ACTION_VIEW },
    { ngx_null_string, 0 }
};


static ngx_http_commerce_auth_word_t
    ngx_http_commerce_auth_mediamtx_actions[] =
{
    { ngx_string("publish"), NGX_COMMERCE_ACTION_PUBLISH },
    { ngx_string("read"), NGX_COMMERCE_ACTION_VIEW },
    { ngx_string("playback"), NGX_COMMERCE_ACTION_VIEW },
    { ngx_null_string, 0 }
};


static ngx_http_commerce_auth_word_t  ngx_http_commerce_auth_directions[] = {
    { ngx_string("incoming"), NGX_COMMERCE_ACTION_PUBLISH },
    { ngx_string("outgoing"), NGX_COMMERCE_ACTION_VIEW },
    { ngx_null_string, 0 }
};


ngx_int_t
ngx_http_commerce_auth_body_read(ngx_http_commerce_auth_form_e form,
    ngx_str_t *body, ngx_pool_t *pool, ngx_http_commerce_auth_asked_t *asked,
    const char **wrong)
{
    json_t        *json;
    ngx_int_t      rc;
    json_error_t   error;

    static ngx_int_t  (*readers[])(json_t *json, ngx_pool_t *pool,
                                   ngx_http_commerce_auth_asked_t *asked,
                                   const char **wrong) =
    {
        [NGX_HTTP_COMMERCE_AUTH_SRS] = ngx_http_commerce_auth_body_srs,
        [NGX_HTTP_COMMERCE_AUTH_MEDIAMTX] =
                                        ngx_http_commerce_auth_body_mediamtx,
        [NGX_HTTP_COMMERCE_AUTH_OVEN] = ngx_http_commerce_auth_body_oven
    };

    ngx_memzero(asked, sizeof(ngx_http_commerce_auth_asked_t));

    if (form == NGX_HTTP_COMMERCE_AUTH_NGINX_RTMP) {
        return ngx_http_commerce_auth_body_form(body, pool, asked, wrong);
    }

    json = json_loadb((char *) body->data, body->len, JSON_REJECT_DUPLICATES,
                      &error);

    if (!json_is_object(json)) {
        *wrong = "a JSON object with no member twice is expected";
        json_decref(json);
        return NGX_DECLINED;
    }

    rc = readers[form](json, pool, asked, wrong);

    json_decref(json);

    return rc;
}


/*
 * nginx-rtmp writes its own fields first, and then the client's arguments as
 * they came: who brings a field of that name among these is up to something.
 */

static ngx_int_t
ngx_http_commerce_auth_body_form(ngx_str_t *body, ngx_pool_t *pool,
    ngx_http_commerce_auth_asked_t *asked, const char **wrong)
{
    ngx_int_t    rc;
    ngx_str_t    values[4], path;
    ngx_uint_t   i;

    static const char  *names[] = { "call", "app", "name", "tcurl" };

    for (i = 0; i < 4; i++) {
        rc = ngx_http_commerce_auth_body_once(body, names[i], pool,
                                              &values[i], wrong);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (values[0].len == 0) {
        *wrong = "\"call\" is missing";
        return NGX_DECLINED;
    }

    if (!ngx_http_commerce_auth_body_word(ngx_http_commerce_auth_calls,
                                          &values[0], &asked->action))
    {
        asked->told = 1;
        return NGX_OK;
    }

    asked->url.app = values[1];
    asked->url.stream = values[2];
    asked->url.args = *body;

    ngx_http_commerce_auth_body_url(&values[3], &path, &asked->server_args);

    return NGX_OK;
}


/* a field that nobody may bring twice, decoded; empty: it is missing */

static ngx_int_t
ngx_http_commerce_auth_body_once(ngx_str_t *body, const char *name,
    ngx_pool_t *pool, ngx_str_t *value, const char **wrong)
{
    u_char     *dst, *src;
    ngx_str_t   rest, raw, second;

    ngx_str_null(value);

    if (!ngx_http_commerce_auth_body_arg(body, name, &raw)) {
        return NGX_OK;
    }

    rest.data = raw.data + raw.len;
    rest.len = body->data + body->len - rest.data;

    if (ngx_http_commerce_auth_body_arg(&rest, name, &second)) {
        *wrong = "a field is there twice";
        return NGX_DECLINED;
    }

    value->data = ngx_pnalloc(pool, raw.len + 1);
    if (value->data == NULL) {
        return NGX_ERROR;
    }

    dst = value->data;
    src = raw.data;

    ngx_unescape_uri(&dst, &src, raw.len, 0);

    value->len = dst - value->data;

    return NGX_OK;
}


ngx_uint_t
ngx_http_commerce_auth_body_arg(ngx_str_t *args, const char *name,
    ngx_str_t *value)
{
    u_char  *p, *last, *end;
    size_t   len;

    if (args->len == 0) {
        return 0;
    }

    len = ngx_strlen(name);
    p = args->data;
    last = p + args->len;

    while (p < last) {
        end = ngx_strlchr(p, last, '&');

        if (end == NULL) {
            end = last;
        }

        if ((size_t) (end - p) > len && p[len] == '='
            && ngx_strncmp(p, name, len) == 0)
        {
            value->data = p + len + 1;
            value->len = end - value->data;
            return 1;
        }

        p = end + 1;
    }

    return 0;
}


static ngx_int_t
ngx_http_commerce_auth_body_srs(json_t *json, ngx_pool_t *pool,
    ngx_http_commerce_auth_asked_t *asked, const char **wrong)
{
    ngx_str_t  action, tcurl, path;

    if (ngx_http_commerce_auth_body_member(json, "action", 1, pool, &action,
                                           wrong)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (!ngx_http_commerce_auth_body_word(ngx_http_commerce_auth_srs_actions,
                                          &action, &asked->action))
    {
        asked->told = 1;
        return NGX_OK;
    }

    if (ngx_http_commerce_auth_body_member(json, "app", 1, pool,
                                           &asked->url.app, wrong) != NGX_OK
        || ngx_http_commerce_auth_body_member(json, "stream", 1, pool,
                                              &asked->url.stream, wrong)
           != NGX_OK
        || ngx_http_commerce_auth_body_member(json, "param", 0, pool,
                                              &asked->url.args, wrong)
           != NGX_OK
        || ngx_http_commerce_auth_body_member(json, "tcUrl", 0, pool, &tcurl,
                                              wrong)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (asked->url.args.len && asked->url.args.data[0] == '?') {
        asked->url.args.data++;
        asked->url.args.len--;
    }

    ngx_http_commerce_auth_body_url(&tcurl, &path, &asked->server_args);

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_auth_body_mediamtx(json_t *json, ngx_pool_t *pool,
    ngx_http_commerce_auth_asked_t *asked, const char **wrong)
{
    u_char     *p;
    ngx_str_t   action, path;

    if (ngx_http_commerce_auth_body_member(json, "action", 1, pool, &action,
                                           wrong) != NGX_OK
        || ngx_http_commerce_auth_body_member(json, "path", 1, pool, &path,
                                              wrong) != NGX_OK
        || ngx_http_commerce_auth_body_member(json, "query", 0, pool,
                                              &asked->url.args, wrong)
           != NGX_OK
        || ngx_http_commerce_auth_body_member(json, "token", 0, pool,
                                              &asked->credentials[0], wrong)
           != NGX_OK
        || ngx_http_commerce_auth_body_member(json, "password", 0, pool,
                                              &asked->credentials[1], wrong)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (!ngx_http_commerce_auth_body_word(
                                      ngx_http_commerce_auth_mediamtx_actions,
                                      &action, &asked->action))
    {
        *wrong = "\"action\" is none of publish, read and playback";
        return NGX_DECLINED;
    }

    /* APP/ROOM, or the room alone */

    asked->url.stream = path;

    for (p = path.data + path.len; p > path.data; p--) {

        if (p[-1] == '/') {
            asked->url.app.data = path.data;
            asked->url.app.len = p - 1 - path.data;
            asked->url.stream.data = p;
            asked->url.stream.len = path.data + path.len - p;
            break;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_auth_body_oven(json_t *json, ngx_pool_t *pool,
    ngx_http_commerce_auth_asked_t *asked, const char **wrong)
{
    u_char     *slash, *last;
    json_t     *request;
    ngx_str_t   direction, status, url, path;

    request = json_object_get(json, "request");

    if (!json_is_object(request)) {
        *wrong = "\"request\" has to be an object";
        return NGX_DECLINED;
    }

    if (ngx_http_commerce_auth_body_member(request, "direction", 1, pool,
                                           &direction, wrong) != NGX_OK
        || ngx_http_commerce_auth_body_member(request, "status", 1, pool,
                                              &status, wrong) != NGX_OK
        || ngx_http_commerce_auth_body_member(request, "url", 1, pool, &url,
                                              wrong) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (status.len == sizeof("closing") - 1
        && ngx_strncmp(status.data, "closing", status.len) == 0)
    {
        asked->told = 1;
        return NGX_OK;
    }

    if (status.len != sizeof("opening") - 1
        || ngx_strncmp(status.data, "opening", status.len) != 0)
    {
        *wrong = "\"status\" is neither opening nor closing";
        return NGX_DECLINED;
    }

    if (!ngx_http_commerce_auth_body_word(ngx_http_commerce_auth_directions,
                                          &direction, &asked->action))
    {
        *wrong = "\"direction\" is neither incoming nor outgoing";
        return NGX_DECLINED;
    }

    /* scheme://host/APP/ROOM, and what a player asks for there */

    ngx_http_commerce_auth_body_url(&url, &path, &asked->url.args);

    last = path.data + path.len;
    slash = ngx_strlchr(path.data, last, '/');

    if (slash == NULL) {
        *wrong = "\"url\" has no application and stream";
        return NGX_DECLINED;
    }

    asked->url.app.data = path.data;
    asked->url.app.len = slash - path.data;

    asked->url.stream.data = slash + 1;
    slash = ngx_strlchr(slash + 1, last, '/');
    asked->url.stream.len = (slash ? slash : last) - asked->url.stream.data;

    return NGX_OK;
}


/* a text, from the pool; empty if it is missing; NGX_OK, NGX_DECLINED */

static ngx_int_t
ngx_http_commerce_auth_body_member(json_t *json, const char *name,
    ngx_uint_t required, ngx_pool_t *pool, ngx_str_t *value,
    const char **wrong)
{
    json_t  *member;

    ngx_str_null(value);

    member = json_object_get(json, name);

    if (member == NULL && !required) {
        return NGX_OK;
    }

    if (!json_is_string(member)) {
        *wrong = "a member is missing, or is no text";
        return NGX_DECLINED;
    }

    value->len = json_string_length(member);
    value->data = ngx_pnalloc(pool, value->len + 1);

    if (value->data == NULL) {
        *wrong = "out of memory";
        return NGX_DECLINED;
    }

    ngx_memcpy(value->data, json_string_value(member), value->len + 1);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_commerce_auth_body_word(ngx_http_commerce_auth_word_t *words,
    ngx_str_t *word, ngx_commerce_action_e *action)
{
    for ( /* void */ ; words->word.len; words++) {

        if (words->word.len == word->len
            && ngx_memcmp(words->word.data, word->data, word->len) == 0)
        {
            *action = words->action;
            return 1;
        }
    }

    return 0;
}


/* the path of scheme://host/path?args, without its first slash, and the args */

static void
ngx_http_commerce_auth_body_url(ngx_str_t *text, ngx_str_t *path,
    ngx_str_t *args)
{
    u_char  *p, *last, *mark;

    ngx_str_null(args);
    ngx_str_set(path, "");

    if (text->len == 0) {
        return;
    }

    p = text->data;
    last = p + text->len;

    mark = ngx_strlchr(p, last, '?');

    if (mark) {
        args->data = mark + 1;
        args->len = last - args->data;
        last = mark;
    }

    mark = ngx_strnstr(p, "://", last - p);

    if (mark) {
        p = ngx_strlchr(mark + 3, last, '/');
        p = p ? p + 1 : last;
    }

    path->data = p;
    path->len = last - p;
}
