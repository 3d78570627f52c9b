
/*
 * Which codec a message is of.
 */

/* links: src/rtmp/ngx_rtmp_commerce_codec.c */


#include "ngx_shim.h"
#include "ngx_rtmp_commerce_codec.h"
#include "tap.h"


#define video(bytes)                                                          \
    ngx_rtmp_commerce_codec_video((u_char *) bytes, sizeof(bytes) - 1)
#define audio(bytes)                                                          \
    ngx_rtmp_commerce_codec_audio((u_char *) bytes, sizeof(bytes) - 1)
#define is_keyframe(bytes)                                                    \
    ngx_rtmp_commerce_codec_is_keyframe((u_char *) bytes, sizeof(bytes) - 1)
#define is_picture(bytes)                                                     \
    ngx_rtmp_commerce_codec_is_picture((u_char *) bytes, sizeof(bytes) - 1)
#define is_sound(bytes)                                                       \
    ngx_rtmp_commerce_codec_is_sound((u_char *) bytes, sizeof(bytes) - 1)


int
main(void)
{
    is_text(video("\x17\x01"), "h264", "a keyframe of H.264");
    is_text(video("\x27"), "h264", "another frame of it");
    is_text(video("\x1c"), "hevc", "HEVC under a number of its own");
    is_text(video("\x1f"), "unknown", "a number without a codec");
    is_text(video(""), "unknown", "no video");

    is_text(video("\x90hvc1x"), "hvc1", "HEVC by its FourCC");
    is_text(video("\xa1" "av01"), "av01", "AV1");
    is_text(video("\x90hvc"), "unknown", "a FourCC that was cut");
    is_text(video("\x90\"\n]1"), "unknown", "what no log should have");

    is_text(audio("\xaf\x01"), "aac", "AAC");
    is_text(audio("\x2f"), "mp3", "MP3");
    is_text(audio("\x90Opus"), "Opus", "Opus by its FourCC");
    is_text(audio("\xcf"), "unknown", "a number without a codec");
    is_text(audio(""), "unknown", "no audio");

    ok(is_keyframe("\x17\x01"), "a keyframe can be shown");
    ok(!is_keyframe("\x17\x00"), "the decoder's data are no picture");
    ok(!is_keyframe("\x27\x01"), "other frames need one before");
    ok(!is_keyframe("\x90hvc1"), "HEVC can't be");
    ok(!is_keyframe("\x17"), "nor what was cut");

    ok(is_picture("\x27\x01") && is_picture("\x17\x01"), "frames are pictures");
    ok(!is_picture("\x17\x00") && !is_picture("\x17\x02"),
       "the decoder's data and the end are none");
    ok(!is_picture("\x91hvc1") && !is_picture(""), "nor is HEVC, or nothing");

    ok(is_sound("\xaf\x01"), "a frame of AAC");
    ok(!is_sound("\xaf\x00"), "its decoder's data are none");
    ok(is_sound("\x2f\x00"), "MP3 has no such data");
    ok(!is_sound("\x2f"), "what was cut is no sound");

    return tap_done();
}
