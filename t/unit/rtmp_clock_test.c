
/*
 * What a stream's timestamps are as dates, and where they jump.
 */

/* links: src/rtmp/ngx_rtmp_commerce_clock.c */


#include "ngx_shim.h"
#include "ngx_rtmp_commerce_clock.h"
#include "tap.h"


#define is_int(got, wanted, text)  ok((int64_t) (got) == (wanted), text)


static ngx_rtmp_commerce_cuts_t   cuts = { 1000, 10000 };
static ngx_rtmp_commerce_clock_t  clock_;


static ngx_rtmp_commerce_frame_t
frame(int64_t now, uint32_t time, ngx_uint_t video, ngx_uint_t boundary)
{
    ngx_rtmp_commerce_frame_t  f;

    f.now = now;
    f.time = time;
    f.video = video;
    f.boundary = boundary;

    return f;
}


static void
begin(int64_t now, uint32_t time, ngx_uint_t video)
{
    ngx_rtmp_commerce_frame_t  f;

    f = frame(now, time, video, 1);
    ngx_rtmp_commerce_clock_begin(&clock_, &f);
}


static void
add(int64_t now, uint32_t time, ngx_uint_t video, ngx_uint_t boundary)
{
    ngx_rtmp_commerce_frame_t  f;

    f = frame(now, time, video, boundary);
    ngx_rtmp_commerce_clock_add(&clock_, &f, &cuts);
}


static ngx_uint_t
jumps(uint32_t time)
{
    ngx_rtmp_commerce_frame_t  f;

    f = frame(0, time, 1, 0);

    return ngx_rtmp_commerce_clock_jumps(&clock_, &f, &cuts);
}


static void
test_measure(void)
{
    ngx_uint_t  i;

    /* the first frame comes 60 ms late, the fifth on time */

    begin(1000060, 500, 1);

    for (i = 1; i < 12; i++) {
        add(1000000 + i * 100 / 3 + (i == 4 ? 0 : 20), 500 + i * 100 / 3, 1, 0);
        add(1000000 + i * 23 + 30, 500 + i * 23, 0, 0);
    }

    ngx_rtmp_commerce_clock_set(&clock_);

    is_int(clock_.at, 1000060, "it begins when its first frame arrives");
    is_int(clock_.epoch, 999500, "the frame that was quickest says the date");
    is_int(ngx_rtmp_commerce_clock_date(&clock_, 500), 1000000,
           "so the first frame is of before it arrived");
    is_int(clock_.frame, 33, "a frame lasts a thirtieth of a second");

    add(900000, 900, 1, 0);
    is_int(clock_.epoch, 999500, "what comes later changes nothing");

    add(0, 1000, 1, 0);
    add(0, 980, 1, 0);
    add(0, 1040, 0, 0);
    is_int(ngx_rtmp_commerce_clock_ended(&clock_), 1000533,
           "it ends with the last picture");
}


static void
test_few_frames(void)
{
    begin(5000, 100, 1);
    ngx_rtmp_commerce_clock_set(&clock_);

    is_int(clock_.frame, 0, "how long a single frame lasts is not known");
    is_int(ngx_rtmp_commerce_clock_ended(&clock_), 5000,
           "it ends where it begins");

    begin(5000, 100, 0);
    add(5023, 123, 0, 1);
    add(5046, 146, 0, 1);
    ngx_rtmp_commerce_clock_set(&clock_);

    is_int(clock_.frame, 23, "audio alone");
    is_int(ngx_rtmp_commerce_clock_ended(&clock_), 5069,
           "ends with its last frame");

    begin(5000, 100, 0);
    add(5023, 110, 1, 1);
    ngx_rtmp_commerce_clock_set(&clock_);
    add(0, 500, 0, 0);

    is_int(ngx_rtmp_commerce_clock_ended(&clock_), 5010,
           "that video comes later makes it one of video");
}


static void
test_jumps(void)
{
    uint32_t  time;

    begin(1000000, 20000, 1);

    ok(!jumps(20000), "the same timestamp again");
    ok(!jumps(19000), "a second back is borne");
    ok(jumps(18999), "more is not");
    ok(!jumps(30000), "a segment may have its greatest length");
    ok(jumps(30001), "but no more");

    for (time = 20000; time <= 60000; time += 500) {
        if (jumps(time)) {
            break;
        }

        add(0, time, 1, time % 2000 == 0);
    }

    is_int(time, 60500, "segments begin with keyframes, one after the other");
    ok(jumps(58999), "what lies before the last one's beginning jumps");
    ok(!jumps(70000) && jumps(70001), "so does what lies far behind it");

    begin(1000000, 0xffffffff - 100, 1);
    ok(!jumps(0xffffffff), "timestamps may be large");
    ok(jumps(10), "a wrap is a jump");

    begin(1000000, 0, 1);
    ok(jumps(0xffffffff), "and so is one backwards");

    begin(1000000, 0xfffffff0, 1);
    ngx_rtmp_commerce_clock_set(&clock_);
    is_int(ngx_rtmp_commerce_clock_date(&clock_, 0xffffffff), 1000015,
           "a date of a large timestamp");
}


int
main(void)
{
    test_measure();
    test_few_frames();
    test_jumps();

    return tap_done();
}
