
#include "ngx_http_commerce_viewer_places.h"
#include "ngx_http_commerce_args_module.h"


typedef struct {
    ngx_str_t                     name;
    ngx_int_t                   (*find)(ngx_http_request_t *r,
                                    ngx_http_commerce_viewer_place_t *place,
                                    ngx_str_t *room,
                                    ngx_http_commerce_viewer_proofs_t *proofs);
} ngx_http_commerce_viewer_named_t;


static ngx_int_t ngx_http_commerce_viewer_places_argument(
    ngx_http_request_t *r, ngx_http_commerce_viewer_place_t *place,
    ngx_str_t *room, ngx_http_commerce_viewer_proofs_t *proofs);
static ngx_int_t ngx_http_commerce_viewer_places_cookie(
    ngx_http_request_t *r, ngx_http_commerce_viewer_place_t *place,
    ngx_str_t *room, ngx_http_commerce_viewer_proofs_t *proofs);
static ngx_int_t ngx_http_commerce_viewer_places_cookies(
    ngx_http_request_t *r, ngx_str_t *header, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs);
static ngx_int_t ngx_http_commerce_viewer_places_bearer(
    ngx_http_request_t *r, ngx_http_commerce_viewer_place_t *place,
    ngx_str_t *room, ngx_http_commerce_viewer_proofs_t *proofs);
static ngx_int_t ngx_http_commerce_viewer_places_value(ngx_http_request_t *r,
    ngx_http_commerce_viewer_place_t *place, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs);
static ngx_int_t ngx_http_commerce_viewer_places_add(ngx_http_request_t *r,
    u_char *start, u_char *end, ngx_http_commerce_viewer_proofs_t *proofs);


static ngx_http_commerce_viewer_named_t  ngx_http_commerce_viewer_named[] = {
    { ngx_string("argument"), ngx_http_commerce_viewer_places_argument },
    { ngx_string("cookie"), ngx_http_commerce_viewer_places_cookie },
    { ngx_string("bearer"), ngx_http_commerce_viewer_places_bearer },
    { ngx_null_string, ngx_http_commerce_viewer_places_value }
};


ngx_int_t
ngx_http_commerce_viewer_places_find(ngx_http_request_t *r,
    ngx_array_t *places, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs)
{
    ngx_int_t                          rc;
    ngx_str_t                          blanked;
    ngx_uint_t                         i;
    ngx_http_commerce_viewer_place_t  *place;

    proofs->n = 0;
    place = places->elts;

    /* as the viewer sent them, for variables, too */

    blanked = r->args;
    rc = ngx_http_commerce_args_get(r, &r->args);

    for (i = 0; rc == NGX_OK && i < places->nelts; i++) {
        rc = place[i].find(r, &place[i], room, proofs);
    }

    r->args = blanked;

    return rc;
}


static ngx_int_t
ngx_http_commerce_viewer_places_argument(ngx_http_request_t *r,
    ngx_http_commerce_viewer_place_t *place, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs)
{
    u_char  *p, *end, *last;
    size_t   len;

    static const char  name[] = NGX_HTTP_COMMERCE_ARGS_VIEWER "=";

    len = sizeof(name) - 1;
    last = r->args.data + r->args.len;

    for (p = r->args.data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, '&');

        if (end == NULL) {
            end = last;
        }

        if ((size_t) (end - p) > len
            && ngx_strncasecmp(p, (u_char *) name, len) == 0
            && ngx_http_commerce_viewer_places_add(r, p + len, end, proofs)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_commerce_viewer_places_cookie(ngx_http_request_t *r,
    ngx_http_commerce_viewer_place_t *place, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs)
{
    ngx_table_elt_t   *h;
#if (nginx_version < 1023000)
    ngx_uint_t         i;
    ngx_table_elt_t  **cookies;

    cookies = r->headers_in.cookies.elts;

    for (i = 0; i < r->headers_in.cookies.nelts; i++) {
        h = cookies[i];
#else
    for (h = r->headers_in.cookie; h; h = h->next) {
#endif
        if (ngx_http_commerce_viewer_places_cookies(r, &h->value, room, proofs)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* RFC 6265, 4.2.1; browsers send the one of the longest path first */

static ngx_int_t
ngx_http_commerce_viewer_places_cookies(ngx_http_request_t *r,
    ngx_str_t *header, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs)
{
    u_char  *p, *end, *last;
    size_t   len, prefix;

    prefix = sizeof(NGX_HTTP_COMMERCE_VIEWER_COOKIE) - 1;
    len = prefix + room->len;
    last = header->data + header->len;

    for (p = header->data; p < last; p = end + 1) {

        while (p < last && *p == ' ') {
            p++;
        }

        end = ngx_strlchr(p, last, ';');

        if (end == NULL) {
            end = last;
        }

        if ((size_t) (end - p) > len
            && p[len] == '='
            && ngx_memcmp(p, NGX_HTTP_COMMERCE_VIEWER_COOKIE, prefix) == 0
            && ngx_memcmp(p + prefix, room->data, room->len) == 0
            && ngx_http_commerce_viewer_places_add(r, p + len + 1, end, proofs)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* RFC 6750, 2.1 */

static ngx_int_t
ngx_http_commerce_viewer_places_bearer(ngx_http_request_t *r,
    ngx_http_commerce_viewer_place_t *place, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs)
{
    u_char     *p, *last;
    ngx_str_t  *value;

    if (r->headers_in.authorization == NULL) {
        return NGX_OK;
    }

    value = &r->headers_in.authorization->value;

    if (value->len < sizeof("Bearer ")
        || ngx_strncasecmp(value->data, (u_char *) "Bearer ",
                           sizeof("Bearer ") - 1)
           != 0)
    {
        return NGX_OK;
    }

    p = value->data + sizeof("Bearer ") - 1;
    last = value->data + value->len;

    while (p < last && *p == ' ') {
        p++;
    }

    return ngx_http_commerce_viewer_places_add(r, p, last, proofs);
}


static ngx_int_t
ngx_http_commerce_viewer_places_value(ngx_http_request_t *r,
    ngx_http_commerce_viewer_place_t *place, ngx_str_t *room,
    ngx_http_commerce_viewer_proofs_t *proofs)
{
    ngx_str_t  value;

    if (ngx_http_complex_value(r, &place->value, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_commerce_viewer_places_add(r, value.data,
                                               value.data + value.len, proofs);
}


/* no proof has a '%' of its own, but '~' is sent as %7E by some */

static ngx_int_t
ngx_http_commerce_viewer_places_add(ngx_http_request_t *r, u_char *start,
    u_char *end, ngx_http_commerce_viewer_proofs_t *proofs)
{
    u_char     *p;
    ngx_str_t  *proof;

    if (start == end || proofs->n == NGX_HTTP_COMMERCE_VIEWER_PROOFS) {
        return NGX_OK;
    }

    proof = &proofs->text[proofs->n++];
    proof->data = start;
    proof->len = end - start;

    if (ngx_strlchr(start, end, '%') == NULL) {
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, proof->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    proof->data = p;
    ngx_unescape_uri(&p, &start, proof->len, 0);
    proof->len = p - proof->data;

    return NGX_OK;
}


char *
ngx_http_commerce_viewer_places(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    ngx_str_t                          *value;
    ngx_uint_t                          i;
    ngx_array_t                       **places;
    ngx_http_compile_complex_value_t    ccv;
    ngx_http_commerce_viewer_place_t   *place;
    ngx_http_commerce_viewer_named_t   *named;

    places = (ngx_array_t **) (p + cmd->offset);

    if (*places != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    *places = ngx_array_create(cf->pool, cf->args->nelts - 1,
                               sizeof(ngx_http_commerce_viewer_place_t));
    if (*places == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        for (named = ngx_http_commerce_viewer_named; named->name.len; named++)
        {
            if (named->name.len == value[i].len
                && ngx_strcmp(named->name.data, value[i].data) == 0)
            {
                break;
            }
        }

        place = ngx_array_push(*places);
        if (place == NULL) {
            return NGX_CONF_ERROR;
        }

        place->find = named->find;

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

        ccv.cf = cf;
        ccv.value = &value[i];
        ccv.complex_value = &place->value;

        if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


ngx_array_t *
ngx_http_commerce_viewer_places_usual(ngx_conf_t *cf)
{
    ngx_array_t                       *places;
    ngx_http_commerce_viewer_place_t  *place;
    ngx_http_commerce_viewer_named_t  *named;

    places = ngx_array_create(cf->pool, 3,
                              sizeof(ngx_http_commerce_viewer_place_t));
    if (places == NULL) {
        return NULL;
    }

    for (named = ngx_http_commerce_viewer_named; named->name.len; named++) {

        place = ngx_array_push(places);
        if (place == NULL) {
            return NULL;
        }

        ngx_memzero(place, sizeof(ngx_http_commerce_viewer_place_t));
        place->find = named->find;
    }

    return places;
}
