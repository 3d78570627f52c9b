
#include "ngx_http_commerce_hls_clock.h"
#include "ngx_http_commerce_hls_segment.h"


/* the named capture of an expression that is the time */
#define NGX_HTTP_COMMERCE_HLS_TIME  "time"

/* ms, a day: no picture is later, and sums stay small */
#define NGX_HTTP_COMMERCE_HLS_LATEST  86400000


typedef enum {
    NGX_HTTP_COMMERCE_HLS_OFF = 0,
    NGX_HTTP_COMMERCE_HLS_NAME,
    NGX_HTTP_COMMERCE_HLS_FILE,
    NGX_HTTP_COMMERCE_HLS_RTMP,
    NGX_HTTP_COMMERCE_HLS_REGEX
} ngx_http_commerce_hls_kind_e;


struct ngx_http_commerce_hls_clock_s {
    ngx_http_commerce_hls_kind_e    kind;
    ngx_commerce_hls_unit_e         unit;
#if (NGX_PCRE)
    ngx_regex_t                    *regex;
    ngx_uint_t                      ncaptures;   /* integers */
    ngx_uint_t                      capture;     /* where the time begins */
#endif
};


#if (NGX_PCRE)

typedef struct {
    ngx_http_commerce_hls_clock_t  *clock;
    int                            *captures;
    ngx_log_t                      *log;
} ngx_http_commerce_hls_match_t;

#endif


static ngx_int_t ngx_http_commerce_hls_clock_word(ngx_str_t *words,
    ngx_str_t *value);
static char *ngx_http_commerce_hls_clock_unit(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_commerce_hls_clock_t *clock);
static char *ngx_http_commerce_hls_clock_regex(ngx_conf_t *cf,
    ngx_str_t *value, ngx_http_commerce_hls_clock_t *clock);
#if (NGX_PCRE)
static ngx_int_t ngx_http_commerce_hls_clock_match(void *data,
    ngx_commerce_hls_segment_t *segment);
static ngx_int_t ngx_http_commerce_hls_clock_use_regex(ngx_http_request_t *r,
    ngx_http_commerce_hls_clock_t *clock,
    ngx_commerce_hls_injection_t *injection);
#endif


/* a word's place is its kind or unit */

static ngx_str_t  ngx_http_commerce_hls_kinds[] = {
    ngx_string("off"),
    ngx_string("name"),
    ngx_string("file"),
    ngx_string("rtmp"),
    ngx_null_string
};


static ngx_str_t  ngx_http_commerce_hls_units[] = {
    [NGX_COMMERCE_HLS_UNIT_MS] = ngx_string("ms"),
    [NGX_COMMERCE_HLS_UNIT_S] = ngx_string("s"),
    [NGX_COMMERCE_HLS_UNIT_US] = ngx_string("us"),
    ngx_null_string
};


char *
ngx_http_commerce_hls_clock_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char  *p = conf;

    char                            *rv;
    ngx_int_t                        kind;
    ngx_str_t                       *value;
    ngx_http_commerce_hls_clock_t   *clock, **slot;

    slot = (ngx_http_commerce_hls_clock_t **) (p + cmd->offset);

    if (*slot) {
        return "is duplicate";
    }

    clock = ngx_pcalloc(cf->pool, sizeof(ngx_http_commerce_hls_clock_t));
    if (clock == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = clock;

    value = cf->args->elts;
    rv = NGX_CONF_OK;

    kind = ngx_http_commerce_hls_clock_word(ngx_http_commerce_hls_kinds,
                                            &value[1]);

    if (kind != NGX_ERROR) {
        clock->kind = kind;

    } else if (value[1].len > 1 && value[1].data[0] == '~') {
        clock->kind = NGX_HTTP_COMMERCE_HLS_REGEX;
        rv = ngx_http_commerce_hls_clock_regex(cf, &value[1], clock);

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    if (rv == NGX_CONF_OK && cf->args->nelts == 3) {
        rv = ngx_http_commerce_hls_clock_unit(cf, &value[2], clock);
    }

    return rv;
}


/* a time as nginx has them, with a sign if need be */

char *
ngx_http_commerce_hls_clock_offset(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char  *p = conf;

    ngx_int_t        ms;
    ngx_str_t       *value, time;
    ngx_uint_t       negative;
    ngx_msec_int_t  *offset;

    offset = (ngx_msec_int_t *) (p + cmd->offset);

    if (*offset != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;
    time = value[1];
    negative = (time.len && time.data[0] == '-');

    if (negative) {
        time.data++;
        time.len--;
    }

    ms = ngx_parse_time(&time, 0);

    if (ms == (ngx_int_t) NGX_ERROR || ms > NGX_HTTP_COMMERCE_HLS_LATEST) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    *offset = negative ? -ms : ms;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_commerce_hls_clock_word(ngx_str_t *words, ngx_str_t *value)
{
    ngx_int_t  i;

    for (i = 0; words[i].len; i++) {

        if (words[i].len == value->len
            && ngx_memcmp(words[i].data, value->data, value->len) == 0)
        {
            return i;
        }
    }

    return NGX_ERROR;
}


static char *
ngx_http_commerce_hls_clock_unit(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_commerce_hls_clock_t *clock)
{
    ngx_int_t   unit;
    ngx_str_t  *name;

    name = cf->args->elts;

    unit = ngx_http_commerce_hls_clock_word(ngx_http_commerce_hls_units,
                                            value);

    if (unit == NGX_ERROR
        || (clock->kind != NGX_HTTP_COMMERCE_HLS_NAME
            && clock->kind != NGX_HTTP_COMMERCE_HLS_REGEX))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid unit \"%V\" in \"%V\" directive",
                           value, name);
        return NGX_CONF_ERROR;
    }

    clock->unit = unit;

    return NGX_CONF_OK;
}


#if (NGX_PCRE)

static char *
ngx_http_commerce_hls_clock_regex(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_commerce_hls_clock_t *clock)
{
    u_char               *p, errstr[NGX_MAX_CONF_ERRSTR];
    ngx_int_t             i;
    ngx_regex_compile_t   rc;

    ngx_memzero(&rc, sizeof(ngx_regex_compile_t));

    rc.pattern.data = value->data + 1;
    rc.pattern.len = value->len - 1;
    rc.pool = cf->pool;
    rc.err.len = NGX_MAX_CONF_ERRSTR;
    rc.err.data = errstr;

    if (ngx_regex_compile(&rc) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V", &rc.err);
        return NGX_CONF_ERROR;
    }

    p = rc.names;

    for (i = 0; i < rc.named_captures; i++, p += rc.name_size) {

        if (ngx_strcmp(&p[2], NGX_HTTP_COMMERCE_HLS_TIME) == 0) {
            clock->regex = rc.regex;
            clock->ncaptures = (rc.captures + 1) * 3;
            clock->capture = 2 * ((p[0] << 8) + p[1]);

            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "no capture \"?<" NGX_HTTP_COMMERCE_HLS_TIME ">\" "
                       "in \"%V\"", value);

    return NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_commerce_hls_clock_match(void *data,
    ngx_commerce_hls_segment_t *segment)
{
    ngx_http_commerce_hls_match_t *match = data;

    int        *captures;
    u_char     *uri;
    ngx_int_t   rc;

    captures = match->captures;
    uri = segment->uri.data;

    rc = ngx_regex_exec(match->clock->regex, &segment->uri, captures,
                        match->clock->ncaptures);

    if (rc < 0) {

        if (rc != NGX_REGEX_NO_MATCHED) {
            ngx_log_error(NGX_LOG_ALERT, match->log, 0,
                          ngx_regex_exec_n " failed: %i on \"%V\"", rc,
                          &segment->uri);
        }

        return NGX_DECLINED;
    }

    captures += match->clock->capture;

    if (captures[0] < 0 || captures[1] < captures[0]) {
        /* a group that took no part */
        return NGX_DECLINED;
    }

    return ngx_commerce_hls_name_number(uri + captures[0], uri + captures[1],
                                        match->clock->unit, &segment->arrival);
}


static ngx_int_t
ngx_http_commerce_hls_clock_use_regex(ngx_http_request_t *r,
    ngx_http_commerce_hls_clock_t *clock,
    ngx_commerce_hls_injection_t *injection)
{
    ngx_http_commerce_hls_match_t  *match;

    match = ngx_palloc(r->pool, sizeof(ngx_http_commerce_hls_match_t));
    if (match == NULL) {
        return NGX_ERROR;
    }

    match->clock = clock;
    match->log = r->connection->log;

    match->captures = ngx_pcalloc(r->pool, clock->ncaptures * sizeof(int));
    if (match->captures == NULL) {
        return NGX_ERROR;
    }

    injection->ask = ngx_http_commerce_hls_clock_match;
    injection->ask_data = match;

    return NGX_OK;
}

#else

static char *
ngx_http_commerce_hls_clock_regex(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_commerce_hls_clock_t *clock)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "using regex \"%V\" requires PCRE library", value);

    return NGX_CONF_ERROR;
}

#endif


ngx_int_t
ngx_http_commerce_hls_clock_use(ngx_http_request_t *r,
    ngx_http_commerce_hls_clock_t *clock,
    ngx_commerce_hls_injection_t *injection)
{
    injection->clock = NGX_COMMERCE_HLS_CLOCK_OFF;
    injection->unit = NGX_COMMERCE_HLS_UNIT_MS;
    injection->ask = NULL;
    injection->ask_data = NULL;
    injection->clock_id = NULL;
    injection->modified = 0;

    if (clock == NULL || clock->kind == NGX_HTTP_COMMERCE_HLS_OFF) {
        return NGX_OK;
    }

    injection->unit = clock->unit;

    if (clock->kind == NGX_HTTP_COMMERCE_HLS_NAME) {
        injection->clock = NGX_COMMERCE_HLS_CLOCK_NAME;

        if (clock->unit != NGX_COMMERCE_HLS_UNIT_MS) {
            injection->clock_id = clock;
        }

        return NGX_OK;
    }

    injection->clock = NGX_COMMERCE_HLS_CLOCK_ASKED;
    injection->clock_id = clock;

#if (NGX_PCRE)

    if (clock->kind == NGX_HTTP_COMMERCE_HLS_REGEX) {
        return ngx_http_commerce_hls_clock_use_regex(r, clock, injection);
    }

#endif

    if (r->upstream) {
        /* an origin's segments are not here */
        injection->clock = NGX_COMMERCE_HLS_CLOCK_OFF;
        return NGX_OK;
    }

    /* names may come again with other files, and the same playlist */

    injection->modified = r->headers_out.last_modified_time;
    injection->ask = ngx_http_commerce_hls_segment_time;
    injection->ask_data = ngx_http_commerce_hls_segment_files(r,
                                  clock->kind == NGX_HTTP_COMMERCE_HLS_RTMP);

    return injection->ask_data ? NGX_OK : NGX_ERROR;
}
