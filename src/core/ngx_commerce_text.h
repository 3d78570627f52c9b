
/*
 * Text from outside: made fit to be shown, written to a log, or understood.
 */


#ifndef _NGX_COMMERCE_TEXT_H_INCLUDED_
#define _NGX_COMMERCE_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_COMMERCE_TEXT_MAX  512            /* bytes of one text of a card */


/*
 * Makes text fit for cards: what is not UTF-8 becomes U+FFFD, control
 * characters become spaces, '"' becomes U+201D, '{' before '$', which begins a
 * variable of a playlist (RFC 8216bis, 4.3), U+FF5B, and it is cut, between
 * characters, to NGX_COMMERCE_TEXT_MAX bytes.  out is from the pool; data is
 * NULL if out of memory.
 */
ngx_str_t ngx_commerce_text_clean(ngx_pool_t *pool, ngx_str_t *text);

/*
 * Bytes from outside as they may stand in a log line: cut to size, control
 * bytes replaced.  buf, of that size, is the caller's.
 */
ngx_str_t ngx_commerce_text_log(const char *data, size_t len, u_char *buf,
    size_t size);

/*
 * The length of the well-formed UTF-8 sequence (Unicode 15, table 3-7) that
 * p < last begins, or 0.
 */
size_t ngx_commerce_utf8_len(u_char *p, u_char *last);

/* 1 if such a sequence of n bytes is a control character (C0, DEL, C1) */
ngx_uint_t ngx_commerce_utf8_control(u_char *p, size_t n);

/*
 * A decimal integer without sign of at most 15 digits, or NGX_ERROR.
 */
int64_t ngx_commerce_number(ngx_str_t *text);

/*
 * 1 if the text is base64url (RFC 4648, 5) in the one form that is canonical:
 * without padding, and the bits that are left over are 0.
 */
ngx_uint_t ngx_commerce_base64url_valid(ngx_str_t *text);

/* the index of a word in a list that ends with an empty one, or NGX_ERROR */
ngx_int_t ngx_commerce_word(ngx_str_t *words, ngx_str_t *word);


#endif /* _NGX_COMMERCE_TEXT_H_INCLUDED_ */
