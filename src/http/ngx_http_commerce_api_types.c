
#include "ngx_http_commerce_api.h"
#include "ngx_commerce_link.h"


#define NGX_HTTP_COMMERCE_API_KEY_MIN  16
#define NGX_HTTP_COMMERCE_API_KEY_MAX  128


static ngx_uint_t ngx_http_commerce_api_is_text(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_is_number(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_is_word(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_is_name(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_is_currency(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_is_image(ngx_str_t *text,
    ngx_str_t *words);
static ngx_uint_t ngx_http_commerce_api_is_key(ngx_str_t *text,
    ngx_str_t *words);


const ngx_http_commerce_api_type_t  ngx_http_commerce_api_text_type = {
    JSON_STRING, ngx_http_commerce_api_is_text,
    "a text of at most 512 bytes without control characters"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_number_type = {
    JSON_INTEGER, ngx_http_commerce_api_is_number,
    "a whole number from 0 to 999999999999999"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_end_type = {
    JSON_INTEGER, ngx_http_commerce_api_is_number,
    "in the future, in ms since 1970"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_word_type = {
    JSON_STRING, ngx_http_commerce_api_is_word,
    "one of these words"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_name_type = {
    JSON_STRING, ngx_http_commerce_api_is_name,
    "1 to 64 of A-Z a-z 0-9 _ -"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_currency_type =
{
    JSON_STRING, ngx_http_commerce_api_is_currency,
    "the three capital letters of ISO 4217"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_link_type = {
    JSON_STRING, ngx_http_commerce_api_is_text,
    "an address of at most 512 bytes"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_image_type = {
    JSON_STRING, ngx_http_commerce_api_is_image,
    "an http or https address, or a path from the root, of at most 512 bytes"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_key_type = {
    JSON_STRING, ngx_http_commerce_api_is_key,
    "16 to 128 of A-Z a-z 0-9 . _ ~ -, other than the room's name"
};

const ngx_http_commerce_api_type_t  ngx_http_commerce_api_key_auth_type = {
    JSON_TRUE, NULL,
    "true"
};


static ngx_uint_t
ngx_http_commerce_api_is_text(ngx_str_t *text, ngx_str_t *words)
{
    size_t   n;
    u_char  *p, *last;

    if (text->len > NGX_COMMERCE_TEXT_MAX) {
        return 0;
    }

    last = text->data + text->len;

    for (p = text->data; p < last; p += n) {
        n = ngx_commerce_utf8_len(p, last);

        if (n == 0 || ngx_commerce_utf8_control(p, n)) {
            return 0;
        }
    }

    return 1;
}


static ngx_uint_t
ngx_http_commerce_api_is_number(ngx_str_t *text, ngx_str_t *words)
{
    return ngx_commerce_number(text) != NGX_ERROR;
}


static ngx_uint_t
ngx_http_commerce_api_is_word(ngx_str_t *text, ngx_str_t *words)
{
    return ngx_commerce_word(words, text) != NGX_ERROR;
}


static ngx_uint_t
ngx_http_commerce_api_is_name(ngx_str_t *text, ngx_str_t *words)
{
    /* hosts and products follow one rule */

    return ngx_commerce_name_valid(NGX_COMMERCE_PRODUCT, text);
}


static ngx_uint_t
ngx_http_commerce_api_is_currency(ngx_str_t *text, ngx_str_t *words)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < 'A' || text->data[i] > 'Z') {
            return 0;
        }
    }

    return text->len == 3;
}


static ngx_uint_t
ngx_http_commerce_api_is_image(ngx_str_t *text, ngx_str_t *words)
{
    return ngx_commerce_image_valid(text);
}


/* what may stand in an RTMP name or argument as it is: RFC 3986, 2.3 */

static ngx_uint_t
ngx_http_commerce_api_is_key(ngx_str_t *text, ngx_str_t *words)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '.' || c == '_' || c == '~' || c == '-'))
        {
            return 0;
        }
    }

    return text->len >= NGX_HTTP_COMMERCE_API_KEY_MIN
           && text->len <= NGX_HTTP_COMMERCE_API_KEY_MAX;
}
