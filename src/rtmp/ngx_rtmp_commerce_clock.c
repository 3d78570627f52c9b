
#include "ngx_rtmp_commerce_clock.h"


#define NGX_RTMP_COMMERCE_CLOCK_BACK  1000    /* ms, that nginx-rtmp bears */


static ngx_rtmp_commerce_frames_t *ngx_rtmp_commerce_clock_frames(
    ngx_rtmp_commerce_clock_t *clock);


void
ngx_rtmp_commerce_clock_begin(ngx_rtmp_commerce_clock_t *clock,
    ngx_rtmp_commerce_frame_t *frame)
{
    ngx_rtmp_commerce_frames_t  *frames;

    ngx_memzero(clock, sizeof(ngx_rtmp_commerce_clock_t));

    clock->at = frame->now;
    clock->first = frame->time;
    clock->epoch = frame->now - (int64_t) frame->time;
    clock->segment = frame->time;

    frames = frame->video ? &clock->video : &clock->audio;
    frames->first = frame->time;
    frames->last = frame->time;
    frames->n = 1;
}


/* of timestamps that wrap at 2^32, too, nginx-rtmp thinks that they jump */

ngx_uint_t
ngx_rtmp_commerce_clock_jumps(ngx_rtmp_commerce_clock_t *clock,
    ngx_rtmp_commerce_frame_t *frame, ngx_rtmp_commerce_cuts_t *cuts)
{
    int64_t  since;

    since = (int64_t) frame->time - clock->segment;

    return since > (int64_t) cuts->fragment_max
           || since < -NGX_RTMP_COMMERCE_CLOCK_BACK;
}


void
ngx_rtmp_commerce_clock_add(ngx_rtmp_commerce_clock_t *clock,
    ngx_rtmp_commerce_frame_t *frame, ngx_rtmp_commerce_cuts_t *cuts)
{
    int64_t                      epoch;
    ngx_rtmp_commerce_frames_t  *frames;

    frames = frame->video ? &clock->video : &clock->audio;

    if (frames->n++ == 0) {
        frames->first = frame->time;
        frames->last = frame->time;
    }

    frames->last = ngx_max(frames->last, frame->time);

    if (frame->boundary
        && (int64_t) frame->time - clock->segment >= (int64_t) cuts->fragment)
    {
        clock->segment = frame->time;
    }

    if (!clock->set) {
        epoch = frame->now - (int64_t) frame->time;
        clock->epoch = ngx_min(clock->epoch, epoch);
    }
}


void
ngx_rtmp_commerce_clock_set(ngx_rtmp_commerce_clock_t *clock)
{
    ngx_uint_t                   steps;
    ngx_rtmp_commerce_frames_t  *frames;

    frames = ngx_rtmp_commerce_clock_frames(clock);
    steps = frames->n - 1;

    if (steps) {
        clock->frame = (frames->last - frames->first + steps / 2) / steps;
    }

    clock->set = 1;
}


int64_t
ngx_rtmp_commerce_clock_date(ngx_rtmp_commerce_clock_t *clock, uint32_t time)
{
    return clock->epoch + (int64_t) time;
}


int64_t
ngx_rtmp_commerce_clock_ended(ngx_rtmp_commerce_clock_t *clock)
{
    return ngx_rtmp_commerce_clock_date(clock,
                                ngx_rtmp_commerce_clock_frames(clock)->last)
           + clock->frame;
}


/* those that count: of a stream with video its pictures */

static ngx_rtmp_commerce_frames_t *
ngx_rtmp_commerce_clock_frames(ngx_rtmp_commerce_clock_t *clock)
{
    return clock->video.n ? &clock->video : &clock->audio;
}
