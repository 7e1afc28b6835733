/* vigil-video.so: frames out of files, by FFmpeg's libraries. Linked with nothing of Vigil.
 *
 * Files come from cameras and from people, so: only local files, only containers that cameras
 * write (others may name further files or hosts), a ceiling on pixels, and an end to broken data.
 */
#include "media/video_module.h"

#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTAINERS "avi,matroska,mov,mpeg,mpegts,mjpeg,asf,flv"
#define DAMAGED_PACKETS_MAX 200 /* in a row */
#define SIDE_MIN 8

struct video_stream {
    AVFormatContext *format;
    AVCodecContext *codec;
    AVPacket *packet;
    AVFrame *frame;
    struct SwsContext *scaler;
    int index;
    int width, height;
    double begin;    /* s; the file's time at its first frame */
    double interval; /* s between frames, where the file does not say */
    double last;     /* s from the beginning of the frame decoded last; below 0: none */
    int damaged;
    bool draining;
};

static int fail(char *why, size_t why_size, const char *what, int error)
{
    char text[AV_ERROR_MAX_STRING_SIZE] = "";

    if (error == AVERROR(ENOMEM))
        return -ENOMEM;
    av_strerror(error, text, sizeof(text));
    snprintf(why, why_size, "%s%s%s", what, error ? ": " : "", error ? text : "");
    return -EINVAL;
}

static void stream_close(struct video_stream **stream)
{
    if (!*stream)
        return;
    sws_freeContext((*stream)->scaler);
    av_frame_free(&(*stream)->frame);
    av_packet_free(&(*stream)->packet);
    avcodec_free_context(&(*stream)->codec);
    avformat_close_input(&(*stream)->format);
    free(*stream);
    *stream = NULL;
}

static int open_container(struct video_stream *stream, const char *path, char *why, size_t why_size)
{
    AVDictionary *options = NULL;

    av_dict_set(&options, "protocol_whitelist", "file", 0);
    av_dict_set(&options, "format_whitelist", CONTAINERS, 0);
    int error = avformat_open_input(&stream->format, path, NULL, &options);
    av_dict_free(&options);
    if (error < 0)
        return fail(why, why_size, "not a video we can read", error);
    error = avformat_find_stream_info(stream->format, NULL);
    if (error < 0)
        return fail(why, why_size, "damaged video", error);
    return 0;
}

static int open_codec(struct video_stream *stream, char *why, size_t why_size)
{
    const AVCodec *decoder = NULL;

    stream->index = av_find_best_stream(stream->format, AVMEDIA_TYPE_VIDEO, -1, -1, &decoder, 0);
    if (stream->index < 0 || !decoder)
        return fail(why, why_size, "there is no video in the file", 0);
    stream->codec = avcodec_alloc_context3(decoder);
    if (!stream->codec)
        return -ENOMEM;
    AVCodecParameters *parameters = stream->format->streams[stream->index]->codecpar;
    int error = avcodec_parameters_to_context(stream->codec, parameters);
    stream->codec->max_pixels = PICTURE_PIXELS_MAX;
    stream->codec->thread_count = 1;
    if (error >= 0)
        error = avcodec_open2(stream->codec, decoder, NULL);
    return error < 0 ? fail(why, why_size, "cannot decode the video", error) : 0;
}

static int describe(struct video_stream *stream, struct video_info *info, char *why,
                    size_t why_size)
{
    AVStream *of = stream->format->streams[stream->index];
    double fps = av_q2d(av_guess_frame_rate(stream->format, of, NULL));
    int width = stream->codec->width, height = stream->codec->height;

    if (width < SIDE_MIN || height < SIDE_MIN || (long long)width * height > PICTURE_PIXELS_MAX)
        return fail(why, why_size, "the video's size is not supported", 0);
    stream->width = info->width = width;
    stream->height = info->height = height;
    info->duration =
        stream->format->duration > 0 ? (double)stream->format->duration / AV_TIME_BASE : 0;
    info->fps = fps > 0 && fps < 1000 ? fps : 0;
    stream->interval = info->fps > 0 ? 1 / info->fps : 0.04;
    stream->last = -1;
    snprintf(info->codec, sizeof(info->codec), "%s", avcodec_get_name(stream->codec->codec_id));
    return 0;
}

static int stream_open(const char *path, struct video_info *ret_info,
                       struct video_stream **ret_stream, char *why, size_t why_size)
{
    struct video_stream *stream = calloc(1, sizeof(*stream));
    struct video_info info = {0};

    if (!stream)
        return -ENOMEM;
    av_log_set_level(AV_LOG_QUIET); /* what is wrong with a file is said by whoever opened it */
    stream->packet = av_packet_alloc();
    stream->frame = av_frame_alloc();
    int error = stream->packet && stream->frame ? 0 : -ENOMEM;
    if (!error)
        error = open_container(stream, path, why, why_size);
    if (!error)
        error = open_codec(stream, why, why_size);
    if (!error)
        error = describe(stream, &info, why, why_size);
    if (error) {
        stream_close(&stream);
        return error;
    }
    *ret_info = info;
    *ret_stream = stream;
    return 0;
}

/* 1: sent, 0: the file has ended and the decoder knows, -EIO: nothing but damage. */
static int send_packet(struct video_stream *stream)
{
    while (stream->damaged < DAMAGED_PACKETS_MAX) {
        int error = av_read_frame(stream->format, stream->packet);
        if (error < 0 && error != AVERROR_INVALIDDATA) {
            stream->draining = true;
            avcodec_send_packet(stream->codec, NULL);
            return 0;
        }
        bool ours = error >= 0 && stream->packet->stream_index == stream->index;
        if (ours)
            error = avcodec_send_packet(stream->codec, stream->packet);
        av_packet_unref(stream->packet);
        if (ours && error >= 0)
            return 1;
        stream->damaged += error < 0;
    }
    return -EIO;
}

/* The next frame in stream->frame: 1, 0 at the end, -EIO. */
static int next_frame(struct video_stream *stream)
{
    for (;;) {
        int error = avcodec_receive_frame(stream->codec, stream->frame);
        if (error >= 0) {
            stream->damaged = 0;
            return 1;
        }
        if (error == AVERROR_EOF || (error == AVERROR(EAGAIN) && stream->draining))
            return 0;
        if (error != AVERROR(EAGAIN) && ++stream->damaged >= DAMAGED_PACKETS_MAX)
            return -EIO;
        if (!stream->draining && send_packet(stream) < 0)
            return -EIO;
    }
}

static double time_of(struct video_stream *stream)
{
    int64_t stamp = stream->frame->best_effort_timestamp;
    double next = stream->last < 0 ? 0 : stream->last + stream->interval;

    if (stamp == AV_NOPTS_VALUE)
        return next;
    double seconds = (double)stamp * av_q2d(stream->format->streams[stream->index]->time_base);
    if (stream->last < 0)
        stream->begin = seconds;
    return seconds - stream->begin;
}

static int convert(struct video_stream *stream, unsigned char *rgb)
{
    AVFrame *frame = stream->frame;
    uint8_t *planes[4] = {rgb};
    int strides[4] = {stream->width * 3};

    if (frame->width < 1 || frame->height < 1 || !av_pix_fmt_desc_get(frame->format))
        return -EIO;
    stream->scaler = sws_getCachedContext(stream->scaler, frame->width, frame->height,
                                          frame->format, stream->width, stream->height,
                                          AV_PIX_FMT_RGB24, SWS_BILINEAR, NULL, NULL, NULL);
    if (!stream->scaler)
        return -EIO;
    sws_scale(stream->scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
              frame->height, planes, strides);
    return 1;
}

static int frame_at(struct video_stream *stream, double seconds, unsigned char *rgb)
{
    int got;

    while ((got = next_frame(stream)) == 1) {
        stream->last = time_of(stream);
        if (stream->last < seconds - stream->interval / 8)
            continue;
        return convert(stream, rgb);
    }
    return got;
}

__attribute__((visibility("default"))) extern const struct video_module vigil_video_module;

const struct video_module vigil_video_module = {
    .version = VIDEO_MODULE_VERSION,
    .open = stream_open,
    .close = stream_close,
    .frame_at = frame_at,
};
