
#include "ngx_rtmp_commerce_codec.h"


#define NGX_RTMP_COMMERCE_CODEC_EX     0x80   /* video: a FourCC follows */
#define NGX_RTMP_COMMERCE_CODEC_EX_AUDIO  9


static ngx_str_t ngx_rtmp_commerce_codec_fourcc(u_char *bytes, size_t len);


/* 12 is what encoders of before Enhanced RTMP agreed on among themselves */

static ngx_str_t  ngx_rtmp_commerce_codec_videos[16] = {
    [2]  = ngx_string("h263"),
    [3]  = ngx_string("screen"),
    [4]  = ngx_string("vp6"),
    [5]  = ngx_string("vp6a"),
    [6]  = ngx_string("screen2"),
    [7]  = ngx_string("h264"),
    [12] = ngx_string("hevc")
};


static ngx_str_t  ngx_rtmp_commerce_codec_audios[16] = {
    [0]  = ngx_string("pcm"),
    [1]  = ngx_string("adpcm"),
    [2]  = ngx_string("mp3"),
    [3]  = ngx_string("pcm"),
    [4]  = ngx_string("nellymoser"),
    [5]  = ngx_string("nellymoser"),
    [6]  = ngx_string("nellymoser"),
    [7]  = ngx_string("g711a"),
    [8]  = ngx_string("g711u"),
    [10] = ngx_string("aac"),
    [11] = ngx_string("speex"),
    [14] = ngx_string("mp3")
};


static ngx_str_t  ngx_rtmp_commerce_codec_unknown = ngx_string("unknown");


size_t
ngx_rtmp_commerce_codec_bytes(ngx_chain_t *in, u_char *bytes)
{
    size_t   n;
    u_char  *p;

    n = 0;

    for ( /* void */ ; in; in = in->next) {
        for (p = in->buf->pos; p < in->buf->last; p++) {
            bytes[n++] = *p;

            if (n == NGX_RTMP_COMMERCE_CODEC_BYTES) {
                return n;
            }
        }
    }

    return n;
}


ngx_str_t
ngx_rtmp_commerce_codec_video(u_char *bytes, size_t len)
{
    ngx_str_t  *name;

    if (len == 0) {
        return ngx_rtmp_commerce_codec_unknown;
    }

    if (bytes[0] & NGX_RTMP_COMMERCE_CODEC_EX) {
        return ngx_rtmp_commerce_codec_fourcc(bytes, len);
    }

    name = &ngx_rtmp_commerce_codec_videos[bytes[0] & 0x0f];

    return name->len ? *name : ngx_rtmp_commerce_codec_unknown;
}


ngx_str_t
ngx_rtmp_commerce_codec_audio(u_char *bytes, size_t len)
{
    ngx_str_t  *name;

    if (len == 0) {
        return ngx_rtmp_commerce_codec_unknown;
    }

    if (bytes[0] >> 4 == NGX_RTMP_COMMERCE_CODEC_EX_AUDIO) {
        return ngx_rtmp_commerce_codec_fourcc(bytes, len);
    }

    name = &ngx_rtmp_commerce_codec_audios[bytes[0] >> 4];

    return name->len ? *name : ngx_rtmp_commerce_codec_unknown;
}


ngx_uint_t
ngx_rtmp_commerce_codec_is_picture(u_char *bytes, size_t len)
{
    /* codec 7; packet type 1 is pictures, 0 the decoder's data */

    return len > 1 && (bytes[0] & 0x8f) == 7 && bytes[1] == 1;
}


ngx_uint_t
ngx_rtmp_commerce_codec_is_keyframe(u_char *bytes, size_t len)
{
    /* frame type 1 */

    return ngx_rtmp_commerce_codec_is_picture(bytes, len) && bytes[0] >> 4 == 1;
}


ngx_uint_t
ngx_rtmp_commerce_codec_is_sound(u_char *bytes, size_t len)
{
    /* of AAC, codec 10, packet type 0 is the decoder's data */

    return len > 1 && (bytes[0] >> 4 != 10 || bytes[1] != 0);
}


/* what others may write there gets into logs */

static ngx_str_t
ngx_rtmp_commerce_codec_fourcc(u_char *bytes, size_t len)
{
    size_t     i;
    ngx_str_t  name;

    if (len < NGX_RTMP_COMMERCE_CODEC_BYTES) {
        return ngx_rtmp_commerce_codec_unknown;
    }

    for (i = 1; i < NGX_RTMP_COMMERCE_CODEC_BYTES; i++) {

        if (!(bytes[i] >= '0' && bytes[i] <= '9')
            && !(bytes[i] >= 'A' && bytes[i] <= 'Z')
            && !(bytes[i] >= 'a' && bytes[i] <= 'z')
            && !(bytes[i] == '-' || bytes[i] == '.'))
        {
            return ngx_rtmp_commerce_codec_unknown;
        }
    }

    name.data = bytes + 1;
    name.len = NGX_RTMP_COMMERCE_CODEC_BYTES - 1;

    return name;
}
