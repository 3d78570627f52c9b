
#include "ngx_commerce_hls_period.h"


ngx_commerce_period_t *
ngx_commerce_hls_period(ngx_commerce_period_t *periods, ngx_uint_t n,
    int64_t at)
{
    /* what is asked about is mostly of the last one */

    for ( /* void */ ; n > 1; n--) {
        if (periods[n - 1].began <= at) {
            break;
        }
    }

    return n ? &periods[n - 1] : NULL;
}


int64_t
ngx_commerce_hls_period_date(ngx_commerce_period_t *periods, ngx_uint_t n,
    int64_t at)
{
    int64_t                 date;
    ngx_commerce_period_t  *period, *next;

    period = ngx_commerce_hls_period(periods, n, at);

    if (period == NULL) {
        return at;
    }

    date = at - period->shift;
    next = period + 1;

    if (next < periods + n) {
        date = ngx_min(date, next->began - next->shift);
    }

    return date;
}
