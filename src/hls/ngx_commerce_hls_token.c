
#include "ngx_commerce_hls_token.h"
#include "ngx_commerce_hls_attribute.h"


#define NGX_COMMERCE_HLS_DATERANGE  "#EXT-X-DATERANGE:"

/* of a host and its port */
#define NGX_COMMERCE_HLS_HOST_MAX   512


/* what is being looked through */

typedef struct {
    ngx_str_t    *text;
    ngx_str_t    *name;
    ngx_array_t  *places;
} ngx_commerce_hls_search_t;


static ngx_int_t ngx_commerce_hls_token_tag(ngx_commerce_hls_search_t *search,
    u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_token_uri(ngx_commerce_hls_search_t *search,
    u_char *p, u_char *last);
static ngx_int_t ngx_commerce_hls_token_origin(u_char *p, u_char *last,
    ngx_str_t *host, ngx_commerce_hls_scheme_e *scheme);
static u_char *ngx_commerce_hls_token_scheme(u_char *p, u_char *last,
    ngx_commerce_hls_scheme_e *scheme);
static ngx_int_t ngx_commerce_hls_token_host(u_char *p, u_char *last,
    ngx_str_t *host);
static ngx_int_t ngx_commerce_hls_token_query(
    ngx_commerce_hls_search_t *search, u_char *p, u_char *last,
    ngx_commerce_hls_place_t *found);
static ngx_int_t ngx_commerce_hls_token_add(ngx_commerce_hls_search_t *search,
    ngx_commerce_hls_place_t *found, u_char *p, size_t skip);
static ngx_uint_t ngx_commerce_hls_token_goes(ngx_commerce_hls_token_t *token,
    ngx_str_t *text, ngx_commerce_hls_place_t *place);
static void ngx_commerce_hls_token_bare(ngx_str_t *host,
    ngx_commerce_hls_scheme_e scheme);
static void ngx_commerce_hls_token_without_port(ngx_str_t *host);


static ngx_str_t  ngx_commerce_hls_uri_attributes[] = {
    ngx_string("URI"),
    ngx_string("SERVER-URI"),
    ngx_null_string
};


ngx_int_t
ngx_commerce_hls_token_find(ngx_str_t *text, ngx_str_t *name,
    ngx_array_t *places)
{
    u_char                     *line, *eol;
    ngx_int_t                   rc;
    ngx_commerce_hls_reader_t   reader;
    ngx_commerce_hls_search_t   search;

    if (text->len > NGX_MAX_UINT32_VALUE
        || ngx_commerce_hls_open(&reader, text->data, text->len) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    search.text = text;
    search.name = name;
    search.places = places;

    while (reader.pos < reader.last) {

        line = reader.pos;
        eol = ngx_commerce_hls_line(&reader);

        if (eol == line) {
            continue;
        }

        rc = (*line == '#') ? ngx_commerce_hls_token_tag(&search, line, eol)
                            : ngx_commerce_hls_token_uri(&search, line, eol);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_token_tag(ngx_commerce_hls_search_t *search, u_char *p,
    u_char *last)
{
    u_char     *colon;
    size_t      len;
    ngx_str_t  *attribute, value;

    len = last - p;

    if (len < sizeof("#EXT-X-") - 1
        || ngx_memcmp(p, "#EXT-X-", sizeof("#EXT-X-") - 1) != 0)
    {
        return NGX_OK;
    }

    if (len >= sizeof(NGX_COMMERCE_HLS_DATERANGE) - 1
        && ngx_memcmp(p, NGX_COMMERCE_HLS_DATERANGE,
                      sizeof(NGX_COMMERCE_HLS_DATERANGE) - 1)
           == 0)
    {
        return NGX_OK;
    }

    colon = memchr(p, ':', len);
    if (colon == NULL) {
        return NGX_OK;
    }

    for (attribute = ngx_commerce_hls_uri_attributes;
         attribute->len;
         attribute++)
    {
        if (ngx_commerce_hls_attribute(colon + 1, last, attribute, &value)
            != NGX_OK)
        {
            continue;
        }

        return ngx_commerce_hls_token_uri(search, value.data,
                                          value.data + value.len);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_commerce_hls_token_uri(ngx_commerce_hls_search_t *search, u_char *p,
    u_char *last)
{
    u_char                     *fragment, *query;
    ngx_str_t                   host;
    ngx_commerce_hls_place_t    found;
    ngx_commerce_hls_scheme_e   scheme;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    while (p < last && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    if (ngx_commerce_hls_token_origin(p, last, &host, &scheme) != NGX_OK) {
        return NGX_OK;
    }

    ngx_memzero(&found, sizeof(ngx_commerce_hls_place_t));

    found.scheme = scheme;
    found.host_len = host.len;

    if (host.len) {
        found.host = host.data - search->text->data;
    }

    fragment = memchr(p, '#', last - p);

    if (fragment) {
        last = fragment;
    }

    query = memchr(p, '?', last - p);

    if (query) {
        return ngx_commerce_hls_token_query(search, query + 1, last, &found);
    }

    found.put = 1;
    found.lead = '?';

    return ngx_commerce_hls_token_add(search, &found, last, 0);
}


/* NGX_OK: host is empty if the URI is relative; NGX_DECLINED: leave it alone */

static ngx_int_t
ngx_commerce_hls_token_origin(u_char *p, u_char *last, ngx_str_t *host,
    ngx_commerce_hls_scheme_e *scheme)
{
    u_char  *c;

    ngx_str_null(host);
    *scheme = NGX_COMMERCE_HLS_SCHEME_SAME;

    if (p == last || *p == '#') {
        /* the playlist itself */
        return NGX_DECLINED;
    }

    for (c = p; c < last; c++) {
        if (*c < ' ' || *c == 0x7f || *c == '\\') {
            return NGX_DECLINED;
        }
    }

    c = ngx_commerce_hls_token_scheme(p, last, scheme);

    if (c == NULL) {
        return NGX_DECLINED;
    }

    if (last - c >= 2 && c[0] == '/' && c[1] == '/') {
        return ngx_commerce_hls_token_host(c + 2, last, host);
    }

    if (c != p) {
        /* a scheme without a host */
        return NGX_DECLINED;
    }

    if (last - p >= 3 && p[0] == '/' && p[1] == '{' && p[2] == '$') {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/*
 * What comes after "http:" or "https:", or p if the URI has no scheme; NULL if
 * it has another, or a variable where it might stand.
 */

static u_char *
ngx_commerce_hls_token_scheme(u_char *p, u_char *last,
    ngx_commerce_hls_scheme_e *scheme)
{
    u_char      *c, low;
    size_t       len;
    ngx_uint_t   valid;

    valid = 1;

    for (c = p; c < last && *c != ':'; c++) {

        if (*c == '/' || *c == '?' || *c == '#') {
            return p;
        }

        if (*c == '{' && last - c > 1 && c[1] == '$') {
            return NULL;
        }

        low = *c | 0x20;

        if ((low < 'a' || low > 'z')
            && (c == p || ((*c < '0' || *c > '9')
                           && *c != '+' && *c != '-' && *c != '.')))
        {
            valid = 0;
        }
    }

    if (c == last || c == p || !valid) {
        return p;
    }

    len = c - p;

    if (len == 4 && ngx_strncasecmp(p, (u_char *) "http", 4) == 0) {
        *scheme = NGX_COMMERCE_HLS_SCHEME_HTTP;
        return c + 1;
    }

    if (len == 5 && ngx_strncasecmp(p, (u_char *) "https", 5) == 0) {
        *scheme = NGX_COMMERCE_HLS_SCHEME_HTTPS;
        return c + 1;
    }

    return NULL;
}


static ngx_int_t
ngx_commerce_hls_token_host(u_char *p, u_char *last, ngx_str_t *host)
{
    u_char  low;

    host->data = p;

    for ( /* void */ ; p < last; p++) {

        if (*p == '/' || *p == '?' || *p == '#') {
            break;
        }

        low = *p | 0x20;

        if ((low < 'a' || low > 'z') && (*p < '0' || *p > '9')
            && *p != '.' && *p != '-' && *p != '_' && *p != ':'
            && *p != '[' && *p != ']')
        {
            return NGX_DECLINED;
        }
    }

    host->len = p - host->data;

    if (host->len == 0 || host->len > NGX_COMMERCE_HLS_HOST_MAX
        || host->data[0] == ':')
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* takes arguments of the name out, and puts ours behind what is left */

static ngx_int_t
ngx_commerce_hls_token_query(ngx_commerce_hls_search_t *search, u_char *p,
    u_char *last, ngx_commerce_hls_place_t *found)
{
    u_char      *arg, *end;
    ngx_str_t   *name;
    ngx_uint_t   separated;

    name = search->name;
    separated = 1;

    for (arg = p; arg < last; arg = end) {

        end = memchr(arg, '&', last - arg);
        end = end ? end + 1 : last;

        /* as nginx finds arguments: in any case of letters */

        if ((size_t) (last - arg) > name->len
            && arg[name->len] == '='
            && ngx_strncasecmp(arg, name->data, name->len) == 0)
        {
            if (ngx_commerce_hls_token_add(search, found, arg, end - arg)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            continue;
        }

        separated = (end[-1] == '&');
    }

    found->put = 1;
    found->lead = separated ? 0 : '&';

    return ngx_commerce_hls_token_add(search, found, last, 0);
}


static ngx_int_t
ngx_commerce_hls_token_add(ngx_commerce_hls_search_t *search,
    ngx_commerce_hls_place_t *found, u_char *p, size_t skip)
{
    ngx_commerce_hls_place_t  *place;

    place = ngx_array_push(search->places);
    if (place == NULL) {
        return NGX_ERROR;
    }

    *place = *found;
    place->offset = p - search->text->data;
    place->skip = skip;

    return NGX_OK;
}


u_char *
ngx_commerce_hls_token_write(ngx_commerce_hls_token_t *token, ngx_str_t *text,
    ngx_commerce_hls_place_t *places, ngx_uint_t n, u_char *p)
{
    u_char                    *copied, *at;
    ngx_commerce_hls_place_t  *place;

    copied = text->data;

    for (place = places; place < places + n; place++) {

        if (place->host_len
            && !ngx_commerce_hls_token_goes(token, text, place))
        {
            continue;
        }

        at = text->data + place->offset;

        p = ngx_cpymem(p, copied, at - copied);
        copied = at + place->skip;

        if (place->lead) {
            *p++ = place->lead;
        }

        if (place->put) {
            p = ngx_cpymem(p, token->argument.data, token->argument.len);
        }
    }

    return ngx_cpymem(p, copied, text->data + text->len - copied);
}


static ngx_uint_t
ngx_commerce_hls_token_goes(ngx_commerce_hls_token_t *token, ngx_str_t *text,
    ngx_commerce_hls_place_t *place)
{
    ngx_str_t  host, own;

    host.data = text->data + place->host;
    host.len = place->host_len;

    own = token->host;

    ngx_commerce_hls_token_bare(&host, place->scheme ? place->scheme
                                                     : token->scheme);
    ngx_commerce_hls_token_bare(&own, token->scheme);

    if (host.len == own.len
        && ngx_strncasecmp(host.data, own.data, own.len) == 0)
    {
        return 1;
    }

    if (token->allowed == NULL) {
        return 0;
    }

    ngx_commerce_hls_token_without_port(&host);

    return token->allowed(token->data, &host);
}


/*
 * Leaves the scheme's usual port out, so that a playlist that was asked for
 * through a proxy that speaks TLS is of the host that its https URIs name.
 */

static void
ngx_commerce_hls_token_bare(ngx_str_t *host, ngx_commerce_hls_scheme_e scheme)
{
    ngx_str_t  port;

    if (scheme == NGX_COMMERCE_HLS_SCHEME_HTTPS) {
        ngx_str_set(&port, ":443");

    } else {
        ngx_str_set(&port, ":80");
    }

    if (host->len > port.len
        && ngx_memcmp(host->data + host->len - port.len, port.data, port.len)
           == 0)
    {
        host->len -= port.len;
    }
}


static void
ngx_commerce_hls_token_without_port(ngx_str_t *host)
{
    size_t  len;

    for (len = host->len; len; len--) {

        if (host->data[len - 1] == ':') {
            host->len = len - 1;
            return;
        }

        if (host->data[len - 1] < '0' || host->data[len - 1] > '9') {
            return;
        }
    }
}
