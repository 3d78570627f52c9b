
#include <time.h>
#include "hls_test.h"


static ngx_uint_t
reads(const char *text, int64_t expected)
{
    u_char   *p;
    int64_t   us;

    p = fenced(strlen(text));
    memcpy(p, text, strlen(text));

    if (ngx_commerce_hls_date_read(p, p + strlen(text), &us) != NGX_OK) {
        return expected == -1;
    }

    if (us != expected) {
        printf("# %s: %lld\n", text, (long long) us);
    }

    return us == expected;
}


static ngx_uint_t
writes(int64_t ms, const char *expected)
{
    u_char                     text[NGX_COMMERCE_HLS_DATE_LEN];
    ngx_str_t                  out;
    ngx_commerce_hls_minute_t  minute;

    memset(&minute, 0, sizeof(minute));

    out.data = text;
    out.len = ngx_commerce_hls_date_write(text, ms, &minute) - text;

    return out.len == strlen(expected)
           && memcmp(text, expected, out.len) == 0;
}


static ngx_uint_t
lasts(const char *text, int64_t expected, const char *rest)
{
    u_char   *p, *last;
    int64_t   us;

    last = (u_char *) text + strlen(text);

    p = ngx_commerce_hls_duration_read((u_char *) text, last, &us);

    if (p == NULL) {
        return expected == -1;
    }

    return us == expected && strcmp((char *) p, rest) == 0;
}


static ngx_uint_t
counts(const char *text, int64_t expected)
{
    return ngx_commerce_hls_duration_unit((u_char *) text,
                                          (u_char *) text + strlen(text))
           == expected;
}


/* against the C library */

static ngx_uint_t
agrees(time_t end, time_t step)
{
    char                       expected[64];
    u_char                     text[NGX_COMMERCE_HLS_DATE_LEN];
    time_t                     sec;
    int64_t                    us, ms;
    struct tm                  tm;
    ngx_commerce_hls_minute_t  minute;

    memset(&minute, 0, sizeof(minute));

    for (sec = 0; sec < end; sec += step) {

        ms = (int64_t) sec * 1000 + sec % 1000;

        gmtime_r(&sec, &tm);
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%S.", &tm);
        sprintf(expected + 20, "%03dZ", (int) (sec % 1000));

        ngx_commerce_hls_date_write(text, ms, &minute);

        if (memcmp(text, expected, sizeof(text)) != 0
            || ngx_commerce_hls_date_read(text, text + sizeof(text), &us)
               != NGX_OK
            || us != ms * 1000)
        {
            printf("# %s\n", expected);
            return 0;
        }
    }

    return 1;
}


int
main(void)
{
    int64_t  base = (int64_t) 1763841601 * 1000000;

    ok(reads("2025-11-22T20:00:01Z", base), "a date in UTC");
    ok(reads("2025-11-22T20:00:01.250Z", base + 250000), "milliseconds");
    ok(reads("2025-11-22T20:00:01.123456789Z", base + 123456),
       "nanoseconds are cut off");
    ok(reads("2025-11-22T20:00:01,5Z", base + 500000), "a decimal comma");
    ok(reads("2025-11-23T04:00:01.000+08:00", base), "an offset to the east");
    ok(reads("2025-11-23T04:00:01.000+0800", base), "... without a colon");
    ok(reads("2025-11-23T04:00:01+08", base), "... of hours");
    ok(reads("2025-11-22T16:30:01-03:30", base), "an offset to the west");
    ok(reads("2025-11-22T20:00:01", base), "no offset is UTC");
    ok(reads("2024-02-29T00:00:00Z", (int64_t) 1709164800 * 1000000),
       "a leap day");
    ok(reads("1969-12-31T23:59:59Z", -1000000), "before the epoch");
    ok(reads("0000-01-01T00:00:00Z", (int64_t) -62167219200 * 1000000),
       "the first day");

    ok(reads("", -1), "nothing");
    ok(reads("2025-11-22", -1), "a date without a time");
    ok(reads("2025-11-22 20:00:01 +0000", base), "blanks, as in a log");
    ok(reads("2025-11-22t20:00:01z", base), "small letters");
    ok(reads("2025-11-22 20:00:01.250 -03:30", base + 12600250000),
       "blanks and an offset");
    ok(reads("2025-11-22  20:00:01Z", -1), "two blanks");
    ok(reads("2025-11-22T20:00:01 ", -1), "a blank at the end");
    ok(reads("2025-11-22 T20:00:01Z", -1), "a blank too many");
    ok(reads("2025-11-22T20: 0:01Z", -1), "a blank for a digit");
    ok(reads("2025-13-22T20:00:01Z", -1), "a thirteenth month");
    ok(reads("2025-00-22T20:00:01Z", -1), "a zeroth month");
    ok(reads("2025-11-22T24:00:01Z", -1), "hour 24");
    ok(reads("2025-11-22T20:00:01.Z", -1), "a point without digits");
    ok(reads("2025-11-22T20:00:01Zulu", -1), "something after Z");
    ok(reads("2025-11-22T20:00:01+08:0", -1), "half an offset");
    ok(reads("2025-11-22T20:00:01+99", -1), "an offset of days");
    ok(reads("12025-11-22T20:00:01Z", -1), "a year of five digits");

    ok(writes(1763841601250, "2025-11-22T20:00:01.250Z"), "a date written");
    ok(writes(0, "1970-01-01T00:00:00.000Z"), "the epoch");
    ok(writes(-5, "1970-01-01T00:00:00.000Z"), "before the epoch");
    ok(writes(INT64_MAX, "9999-12-31T23:59:59.999Z"), "after year 9999");
    ok(agrees((time_t) 86400 * 365 * 500, 86400 - 7), "each day of centuries");
    ok(agrees(86400, 1), "each second of a day");

    ok(lasts("9,", 9000000, ","), "whole seconds");
    ok(lasts("9.009,title", 9009000, ",title"), "decimals");
    ok(lasts("0.3333333", 333333, ""), "more decimals than microseconds");
    ok(lasts("4.,", 4000000, ","), "a point without decimals");
    ok(lasts(" 4.000,", 4000000, ","), "a blank before");
    ok(lasts("\t4,", 4000000, ","), "a tab before");
    ok(lasts(".6,", 600000, ","), "decimals alone");
    ok(lasts(".,", -1, ""), "a point alone");
    ok(lasts(" ", -1, ""), "a blank alone");
    ok(lasts("", -1, ""), "no number");
    ok(lasts("-1,", -1, ""), "a negative one");
    ok(lasts("nan,", -1, ""), "not a number");
    ok(lasts("99999999999999999999999999", -1, ""), "a huge one");

    ok(counts("9,", 1000000) && counts(" 9.,", 1000000)
       && counts("9.5,", 100000) && counts("9.009,1.23", 1000)
       && counts(".33333333,", 1) && counts("", 1000000),
       "what the last digit counts");

    return tap_done();
}
