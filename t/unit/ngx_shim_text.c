
/*
 * Text: the functions of ngx_string.h that the tested files call, to the
 * same meaning.
 */


#include "ngx_shim.h"


typedef struct {
    u_char      pad;        /* '0' or ' ' */
    ngx_uint_t  width;
    ngx_uint_t  fraction;
    ngx_uint_t  hex;        /* 'x', 'X' or 0 */
    ngx_uint_t  is_unsigned;
    size_t      length;     /* of %*s; (size_t) -1: none given */
} shim_format_t;


static const char *shim_parse_format(shim_format_t *f, const char *fmt,
    va_list *args);
static u_char *shim_convert(u_char *buf, u_char *last, shim_format_t *f,
    char conversion, va_list *args);
static u_char *shim_number(u_char *buf, u_char *last, shim_format_t *f,
    int64_t value);
static u_char *shim_copy(u_char *buf, u_char *last, const void *text,
    size_t len);
static ngx_int_t shim_base64_value(u_char c);


u_char *
ngx_sprintf(u_char *buf, const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, (void *) -1, fmt, args);
    va_end(args);

    return p;
}


u_char *
ngx_snprintf(u_char *buf, size_t max, const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, buf + max, fmt, args);
    va_end(args);

    return p;
}


u_char *
ngx_slprintf(u_char *buf, u_char *last, const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, last, fmt, args);
    va_end(args);

    return p;
}


u_char *
ngx_vslprintf(u_char *buf, u_char *last, const char *fmt, va_list list)
{
    va_list        args;
    shim_format_t  f;

    va_copy(args, list);

    while (*fmt && buf < last) {

        if (*fmt != '%') {
            *buf++ = *fmt++;
            continue;
        }

        fmt = shim_parse_format(&f, fmt + 1, &args);
        buf = shim_convert(buf, last, &f, *fmt++, &args);
    }

    va_end(args);

    return buf;
}


static const char *
shim_parse_format(shim_format_t *f, const char *fmt, va_list *args)
{
    memset(f, 0, sizeof(shim_format_t));

    f->pad = (*fmt == '0') ? '0' : ' ';
    f->length = (size_t) -1;

    for ( /* void */ ; *fmt >= '0' && *fmt <= '9'; fmt++) {
        f->width = f->width * 10 + (*fmt - '0');
    }

    for ( /* void */ ;; fmt++) {

        if (*fmt == 'u') {
            f->is_unsigned = 1;

        } else if (*fmt == 'x' || *fmt == 'X') {
            f->is_unsigned = 1;
            f->hex = *fmt;

        } else if (*fmt == '*') {
            f->length = va_arg(*args, size_t);

        } else if (*fmt == '.') {
            while (fmt[1] >= '0' && fmt[1] <= '9') {
                f->fraction = f->fraction * 10 + (*++fmt - '0');
            }

        } else if (*fmt != 'm') {
            return fmt;
        }
    }
}


static u_char *
shim_convert(u_char *buf, u_char *last, shim_format_t *f, char conversion,
    va_list *args)
{
    char        text[64], c;
    ngx_str_t  *str;

    switch (conversion) {

    case 'V':
        str = va_arg(*args, ngx_str_t *);
        return shim_copy(buf, last, str->data, str->len);

    case 's':
        str = va_arg(*args, void *);
        return shim_copy(buf, last, str, f->length == (size_t) -1
                                         ? strlen((char *) str) : f->length);

    case 'c':
        c = (char) va_arg(*args, int);
        return shim_copy(buf, last, &c, 1);

    case 'N':
        return shim_copy(buf, last, "\n", 1);

    case 'Z':
        return shim_copy(buf, last, "", 1);

    case '%':
        return shim_copy(buf, last, "%", 1);

    case 'f':
        snprintf(text, sizeof(text), "%.*f", (int) f->fraction,
                 va_arg(*args, double));
        return shim_copy(buf, last, text, strlen(text));

    case 'd':
        return shim_number(buf, last, f, f->is_unsigned
                                         ? (int64_t) va_arg(*args, u_int)
                                         : (int64_t) va_arg(*args, int));

    case 'D':
        return shim_number(buf, last, f, f->is_unsigned
                                         ? (int64_t) va_arg(*args, uint32_t)
                                         : (int64_t) va_arg(*args, int32_t));

    case 'P':
        return shim_number(buf, last, f, va_arg(*args, ngx_pid_t));

    case 'p':
    case 'M':
    case 'r':
        f->is_unsigned = 1;
        f->hex = (conversion == 'p') ? 'X' : f->hex;

        /* fall through */

    case 'i':
    case 'l':
    case 'z':
    case 'L':
    case 'A':
    case 'O':
    case 'T':

        /* all of 64 bits */

        return shim_number(buf, last, f, va_arg(*args, int64_t));

    default:
        fprintf(stderr, "ngx_vslprintf: %%%c is not known\n", conversion);
        abort();
    }
}


static u_char *
shim_number(u_char *buf, u_char *last, shim_format_t *f, int64_t value)
{
    char  text[64];
    int   len;

    if (f->hex) {
        len = snprintf(text, sizeof(text), f->hex == 'x' ? "%lx" : "%lX",
                       (uint64_t) value);

    } else if (f->is_unsigned) {
        len = snprintf(text, sizeof(text), "%lu", (uint64_t) value);

    } else {
        if (value < 0) {
            buf = shim_copy(buf, last, "-", 1);
        }

        len = snprintf(text, sizeof(text), "%lu",
                       value < 0 ? - (uint64_t) value : (uint64_t) value);
    }

    for ( /* void */ ; f->width > (ngx_uint_t) len; f->width--) {
        buf = shim_copy(buf, last, &f->pad, 1);
    }

    return shim_copy(buf, last, text, len);
}


static u_char *
shim_copy(u_char *buf, u_char *last, const void *text, size_t len)
{
    if (len > (size_t) (last - buf)) {
        len = last - buf;
    }

    return len ? ngx_cpymem(buf, text, len) : buf;
}


u_char *
ngx_cpystrn(u_char *dst, u_char *src, size_t n)
{
    if (n == 0) {
        return dst;
    }

    while (--n && *src) {
        *dst++ = *src++;
    }

    *dst = '\0';

    return dst;
}


u_char *
ngx_pstrdup(ngx_pool_t *pool, ngx_str_t *src)
{
    u_char  *dst;

    dst = ngx_pnalloc(pool, src->len);
    if (dst) {
        ngx_memcpy(dst, src->data, src->len);
    }

    return dst;
}


void
ngx_strlow(u_char *dst, u_char *src, size_t n)
{
    for ( /* void */ ; n; n--) {
        *dst++ = ngx_tolower(*src);
        src++;
    }
}


ngx_int_t
ngx_strcasecmp(u_char *s1, u_char *s2)
{
    return strcasecmp((char *) s1, (char *) s2);
}


ngx_int_t
ngx_strncasecmp(u_char *s1, u_char *s2, size_t n)
{
    return strncasecmp((char *) s1, (char *) s2, n);
}


ngx_int_t
ngx_memn2cmp(u_char *s1, u_char *s2, size_t n1, size_t n2)
{
    ngx_int_t  rc;

    rc = memcmp(s1, s2, ngx_min(n1, n2));

    return rc ? rc : (n1 > n2) - (n1 < n2);
}


ngx_int_t
ngx_atoi(u_char *line, size_t n)
{
    ngx_int_t  value;

    if (n == 0) {
        return NGX_ERROR;
    }

    for (value = 0; n; n--, line++) {

        if (*line < '0' || *line > '9'
            || __builtin_mul_overflow(value, 10, &value)
            || __builtin_add_overflow(value, *line - '0', &value))
        {
            return NGX_ERROR;
        }
    }

    return value;
}


off_t
ngx_atoof(u_char *line, size_t n)
{
    return ngx_atoi(line, n);
}


time_t
ngx_atotm(u_char *line, size_t n)
{
    return ngx_atoi(line, n);
}


ngx_int_t
ngx_hextoi(u_char *line, size_t n)
{
    ngx_int_t  value;

    if (n == 0 || n > 15) {
        return NGX_ERROR;
    }

    for (value = 0; n; n--, line++) {

        if (!isxdigit(*line)) {
            return NGX_ERROR;
        }

        value = value * 16 + (isdigit(*line) ? *line - '0'
                                             : tolower(*line) - 'a' + 10);
    }

    return value;
}


u_char *
ngx_hex_dump(u_char *dst, u_char *src, size_t len)
{
    while (len--) {
        dst = ngx_sprintf(dst, "%02xd", *src++);
    }

    return dst;
}


void
ngx_encode_base64url(ngx_str_t *dst, ngx_str_t *src)
{
    size_t                i;
    uint32_t              bits;
    ngx_uint_t            nbits;
    u_char               *p;
    static const u_char   digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "abcdefghijklmnopqrstuvwxyz"
                                     "0123456789-_";

    p = dst->data;
    bits = 0;
    nbits = 0;

    for (i = 0; i < src->len; i++) {
        bits = (bits << 8) | src->data[i];

        for (nbits += 8; nbits >= 6; nbits -= 6) {
            *p++ = digits[(bits >> (nbits - 6)) & 63];
        }
    }

    if (nbits) {
        *p++ = digits[(bits << (6 - nbits)) & 63];
    }

    dst->len = p - dst->data;
}


ngx_int_t
ngx_decode_base64url(ngx_str_t *dst, ngx_str_t *src)
{
    size_t       i, len;
    u_char      *p;
    uint32_t     bits;
    ngx_int_t    value;
    ngx_uint_t   nbits;

    for (len = 0; len < src->len && src->data[len] != '='; len++) {
        if (shim_base64_value(src->data[len]) < 0) {
            return NGX_ERROR;
        }
    }

    if (len % 4 == 1) {
        return NGX_ERROR;
    }

    p = dst->data;
    bits = 0;
    nbits = 0;

    for (i = 0; i < len; i++) {
        value = shim_base64_value(src->data[i]);
        bits = (bits << 6) | value;
        nbits += 6;

        if (nbits >= 8) {
            nbits -= 8;
            *p++ = (u_char) (bits >> nbits);
        }
    }

    dst->len = p - dst->data;

    return NGX_OK;
}


static ngx_int_t
shim_base64_value(u_char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return (c == '-') ? 62 : (c == '_') ? 63 : -1;
}


/* another hash than nginx's: no test may depend on its value */

uint32_t
ngx_murmur_hash2(u_char *data, size_t len)
{
    uint32_t  hash;

    for (hash = 2166136261u; len; len--) {
        hash = (hash ^ *data++) * 16777619u;
    }

    return hash;
}
