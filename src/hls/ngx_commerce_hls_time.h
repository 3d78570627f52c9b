
/*
 * Dates and durations as playlists write them.  All times are microseconds
 * since the epoch unless said otherwise; no time zone but UTC is written.
 */


#ifndef _NGX_COMMERCE_HLS_TIME_H_INCLUDED_
#define _NGX_COMMERCE_HLS_TIME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* bytes of 2026-11-22T19:00:01.000Z */
#define NGX_COMMERCE_HLS_DATE_LEN      24

/* ms, of the last date that can be written, in the year 9999 */
#define NGX_COMMERCE_HLS_LAST_MS       ((int64_t) 253402300799 * 1000 + 999)

/* us, in the year 11476: sums of times and durations stay below */
#define NGX_COMMERCE_HLS_MAX_TIME      ((int64_t) 300000000000 * 1000000)

/* no segment is longer; keeps sums of durations far from overflowing */
#define NGX_COMMERCE_HLS_MAX_DURATION  ((int64_t) 1000000 * 1000000)


/*
 * Reads a date of ISO 8601 as RFC 8216bis 4.4.4.6 uses it: date, "T", time,
 * any number of decimals, and "Z", +hh:mm, +hhmm, +hh or, taken as UTC,
 * nothing.  As players read them, the letters may be small ones, and a blank
 * may stand for the T and before the zone.  The whole of [p, last) must be the
 * date.  NGX_OK or NGX_ERROR.
 */
ngx_int_t ngx_commerce_hls_date_read(u_char *p, u_char *last, int64_t *us);

/*
 * The minute that was written last, zeroed at first: dates in a playlist are
 * near one another, and most differ in the seconds alone.
 */

typedef struct {
    int64_t      number;                        /* since the epoch */
    u_char       text[sizeof("2026-11-22T19:00:") - 1];
} ngx_commerce_hls_minute_t;

/*
 * Writes milliseconds since the epoch, NGX_COMMERCE_HLS_DATE_LEN bytes, and
 * returns the end.  Times outside the years 1970 to 9999 are written as the
 * nearest one inside.
 */
u_char *ngx_commerce_hls_date_write(u_char *p, int64_t ms,
    ngx_commerce_hls_minute_t *minute);

/*
 * Reads seconds in decimal, "9", "9.009" or ".6", at the beginning of [p, last),
 * after blanks.  Returns what follows the number, or NULL if there is none or
 * it is longer than NGX_COMMERCE_HLS_MAX_DURATION.
 */
u_char *ngx_commerce_hls_duration_read(u_char *p, u_char *last, int64_t *us);

/* what the last digit of such a number counts, us: 1000 of "9.009" */
int64_t ngx_commerce_hls_duration_unit(u_char *p, u_char *last);


#endif /* _NGX_COMMERCE_HLS_TIME_H_INCLUDED_ */
