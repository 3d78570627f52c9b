
#include "ngx_commerce_hls_time.h"


#define NGX_COMMERCE_HLS_DAY       86400


static u_char *ngx_commerce_hls_digits_read(u_char *p, u_char *last,
    ngx_uint_t n, int64_t *value);
static u_char *ngx_commerce_hls_fraction_read(u_char *p, u_char *last,
    int64_t *us);
static ngx_int_t ngx_commerce_hls_zone_read(u_char *p, u_char *last,
    int64_t *minutes);
static int64_t ngx_commerce_hls_days(int64_t year, int64_t month,
    int64_t day);
static void ngx_commerce_hls_minute_write(ngx_commerce_hls_minute_t *minute);
static ngx_inline u_char *ngx_commerce_hls_digits_write(u_char *p,
    uint32_t value);


ngx_int_t
ngx_commerce_hls_date_read(u_char *p, u_char *last, int64_t *us)
{
    int64_t              value[6], fraction, zone;
    ngx_uint_t           i;

    static const u_char  separator[] = "--T::";
    static const u_char  other[] = "--t::";
    static const u_char  digits[] = { 4, 2, 2, 2, 2, 2 };
    static const u_char  max[] = { 0, 12, 31, 23, 59, 60 };

    for (i = 0; i < 6; i++) {

        p = ngx_commerce_hls_digits_read(p, last, digits[i], &value[i]);

        if (p == NULL || (max[i] && value[i] > max[i])) {
            return NGX_ERROR;
        }

        if (i < 5) {
            if (p == last || (*p != separator[i] && *p != other[i]
                              && (i != 2 || *p != ' ')))
            {
                return NGX_ERROR;
            }

            p++;
        }
    }

    if (value[1] == 0 || value[2] == 0) {
        return NGX_ERROR;
    }

    p = ngx_commerce_hls_fraction_read(p, last, &fraction);

    if (p == NULL
        || ngx_commerce_hls_zone_read(p, last, &zone) != NGX_OK)
    {
        return NGX_ERROR;
    }

    *us = ((ngx_commerce_hls_days(value[0], value[1], value[2])
            * NGX_COMMERCE_HLS_DAY)
           + value[3] * 3600 + (value[4] - zone) * 60 + value[5]) * 1000000
          + fraction;

    return NGX_OK;
}


static u_char *
ngx_commerce_hls_digits_read(u_char *p, u_char *last, ngx_uint_t n,
    int64_t *value)
{
    if ((size_t) (last - p) < n) {
        return NULL;
    }

    for (*value = 0; n; n--, p++) {

        if (*p < '0' || *p > '9') {
            return NULL;
        }

        *value = *value * 10 + (*p - '0');
    }

    return p;
}


/* what is finer than a microsecond is cut off; no fraction is a zero one */

static u_char *
ngx_commerce_hls_fraction_read(u_char *p, u_char *last, int64_t *us)
{
    u_char   *start;
    int64_t   unit;

    *us = 0;

    if (p == last || (*p != '.' && *p != ',')) {
        return p;
    }

    start = ++p;
    unit = 100000;

    while (p < last && *p >= '0' && *p <= '9') {
        *us += (*p++ - '0') * unit;
        unit /= 10;
    }

    return (p == start) ? NULL : p;
}


static ngx_int_t
ngx_commerce_hls_zone_read(u_char *p, u_char *last, int64_t *minutes)
{
    u_char    sign;
    int64_t   h, m;

    *minutes = 0;

    if (p == last) {
        return NGX_OK;
    }

    if (*p == ' ' && last - p > 1) {
        p++;
    }

    sign = *p++;

    if (sign == 'Z' || sign == 'z') {
        return (p == last) ? NGX_OK : NGX_ERROR;
    }

    if (sign != '+' && sign != '-') {
        return NGX_ERROR;
    }

    p = ngx_commerce_hls_digits_read(p, last, 2, &h);
    if (p == NULL) {
        return NGX_ERROR;
    }

    m = 0;

    if (p < last) {

        if (*p == ':') {
            p++;
        }

        p = ngx_commerce_hls_digits_read(p, last, 2, &m);
        if (p == NULL || p != last) {
            return NGX_ERROR;
        }
    }

    if (h > 23 || m > 59) {
        return NGX_ERROR;
    }

    *minutes = h * 60 + m;

    if (sign == '-') {
        *minutes = -*minutes;
    }

    return NGX_OK;
}


/*
 * Days since the epoch.  Years are counted from March, so that the day that
 * comes and goes is the last one of a year.
 */

static int64_t
ngx_commerce_hls_days(int64_t year, int64_t month, int64_t day)
{
    if (month <= 2) {
        year--;
        month += 12;
    }

    /* year 0 begins in January: keeps the divisions free of negatives */
    year += 400;

    return year * 365 + year / 4 - year / 100 + year / 400
           + (153 * (month - 3) + 2) / 5 + day - 1
           - 719468 - 146097;
}


u_char *
ngx_commerce_hls_date_write(u_char *p, int64_t ms,
    ngx_commerce_hls_minute_t *minute)
{
    int64_t   number;
    uint32_t  rest;

    ms = ngx_max(ms, 0);
    ms = ngx_min(ms, NGX_COMMERCE_HLS_LAST_MS);

    number = ms / 60000;
    rest = (uint32_t) (ms - number * 60000);

    if (number != minute->number || minute->text[0] == '\0') {
        minute->number = number;
        ngx_commerce_hls_minute_write(minute);
    }

    p = ngx_cpymem(p, minute->text, sizeof(minute->text));
    p = ngx_commerce_hls_digits_write(p, rest / 1000);
    *p++ = '.';
    *p++ = (u_char) ('0' + rest % 1000 / 100);
    p = ngx_commerce_hls_digits_write(p, rest % 100);
    *p++ = 'Z';

    return p;
}


static void
ngx_commerce_hls_minute_write(ngx_commerce_hls_minute_t *minute)
{
    u_char    *p;
    uint32_t   days, time, era, year, month, day;

    days = (uint32_t) (minute->number / 1440);
    time = (uint32_t) (minute->number % 1440);

    /* from days since 0000-03-01 to a year that begins in March */

    days += 719468;
    era = days / 146097;
    days = days % 146097;

    year = (days - days / 1460 + days / 36524 - days / 146096) / 365;
    days -= year * 365 + year / 4 - year / 100;
    month = (5 * days + 2) / 153;
    day = days - (153 * month + 2) / 5 + 1;

    year += era * 400;

    if (month < 10) {
        month += 3;

    } else {
        month -= 9;
        year++;
    }

    p = minute->text;

    p = ngx_commerce_hls_digits_write(p, year / 100);
    p = ngx_commerce_hls_digits_write(p, year % 100);
    *p++ = '-';
    p = ngx_commerce_hls_digits_write(p, month);
    *p++ = '-';
    p = ngx_commerce_hls_digits_write(p, day);
    *p++ = 'T';
    p = ngx_commerce_hls_digits_write(p, time / 60);
    *p++ = ':';
    p = ngx_commerce_hls_digits_write(p, time % 60);
    *p = ':';
}


static ngx_inline u_char *
ngx_commerce_hls_digits_write(u_char *p, uint32_t value)
{
    *p++ = (u_char) ('0' + value / 10);
    *p++ = (u_char) ('0' + value % 10);

    return p;
}


u_char *
ngx_commerce_hls_duration_read(u_char *p, u_char *last, int64_t *us)
{
    u_char   *q, *start;
    int64_t   value, fraction;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    start = p;
    value = 0;

    while (p < last && *p >= '0' && *p <= '9') {

        value = value * 10 + (*p++ - '0');

        if (value > NGX_COMMERCE_HLS_MAX_DURATION / 1000000) {
            return NULL;
        }
    }

    fraction = 0;

    if (p < last && *p == '.') {

        /* "9." is a number in the field, and so is ".6" */

        q = ngx_commerce_hls_fraction_read(p, last, &fraction);

        if (q == NULL && p > start) {
            q = p + 1;
        }

        if (q == NULL) {
            return NULL;
        }

        p = q;

    } else if (p == start) {
        return NULL;
    }

    *us = ngx_min(value * 1000000 + fraction, NGX_COMMERCE_HLS_MAX_DURATION);

    return p;
}


int64_t
ngx_commerce_hls_duration_unit(u_char *p, u_char *last)
{
    int64_t  unit;

    while (p < last && *p != '.' && *p != ',' && *p != LF) {
        p++;
    }

    unit = 1000000;

    if (p < last && *p == '.') {

        for (p++; p < last && *p >= '0' && *p <= '9' && unit > 1; p++) {
            unit /= 10;
        }
    }

    return unit;
}
