// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** A video file as a source that is read as fast as it can be taken: every frame, with its place in the recording. */
record Recording(String name, Path file) implements FrameSource {

    @Override
    public String status() {
        return file.toString();
    }

    @Override
    public FrameStream open() {
        return new Stream(file.toString());
    }

    private static final class Stream implements FrameStream {

        private final AVFormatContext format = new AVFormatContext(null);
        private final AVCodecContext codec = avcodec.avcodec_alloc_context3(null);
        private final AVPacket packet = avcodec.av_packet_alloc();
        private final AVFrame frame = avutil.av_frame_alloc();
        private final AVStream video;
        private final SwsContext scaler;
        private final ByteBuffer bgr;
        private final BytePointer pixels;
        private long sequence;
        private boolean draining;
        private boolean ended;

        Stream(String file) {
            check(avformat.avformat_open_input(format, file, null, (AVDictionary) null), "open " + file);
            check(avformat.avformat_find_stream_info(format, (PointerPointer<?>) null), "look into " + file);
            int index = check(
                    avformat.av_find_best_stream(
                            format, avutil.AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0),
                    "find the video");
            video = format.streams(index);
            check(avcodec.avcodec_parameters_to_context(codec, video.codecpar()), "take the parameters");
            check(
                    avcodec.avcodec_open2(codec, avcodec.avcodec_find_decoder(codec.codec_id()), (AVDictionary) null),
                    "open the decoder");
            bgr = ByteBuffer.allocateDirect(codec.width() * codec.height() * 3);
            pixels = new BytePointer(bgr);
            scaler = swscale.sws_getContext(
                    codec.width(),
                    codec.height(),
                    codec.pix_fmt(),
                    codec.width(),
                    codec.height(),
                    avutil.AV_PIX_FMT_BGR24,
                    swscale.SWS_BILINEAR,
                    null,
                    null,
                    (DoublePointer) null);
        }

        @Override
        public Optional<Frame> next(Duration wait) {
            while (!ended) {
                int result = avcodec.avcodec_receive_frame(codec, frame);
                if (result == 0) {
                    return Optional.of(converted());
                }
                if (draining) {
                    ended = true;
                } else if (avformat.av_read_frame(format, packet) < 0) {
                    draining = true;
                    check(avcodec.avcodec_send_packet(codec, (AVPacket) null), "drain");
                } else {
                    if (packet.stream_index() == video.index()) {
                        check(avcodec.avcodec_send_packet(codec, packet), "decode");
                    }
                    avcodec.av_packet_unref(packet);
                }
            }
            return Optional.empty();
        }

        private Frame converted() {
            PointerPointer<BytePointer> planes = new PointerPointer<BytePointer>(1).put(0, pixels);
            IntPointer strides = new IntPointer(1).put(codec.width() * 3);
            swscale.sws_scale(scaler, frame.data(), frame.linesize(), 0, codec.height(), planes, strides);
            planes.close();
            strides.close();
            double seconds = frame.best_effort_timestamp() * avutil.av_q2d(video.time_base());
            Duration position = Duration.ofNanos(Math.round(seconds * 1e9));
            return new Frame(sequence++, Instant.EPOCH.plus(position), position, codec.width(), codec.height(), bgr);
        }

        @Override
        public boolean ended() {
            return ended;
        }

        @Override
        public long dropped() {
            return 0;
        }

        @Override
        public void close() {
            swscale.sws_freeContext(scaler);
            avutil.av_frame_free(frame);
            avcodec.av_packet_free(packet);
            avcodec.avcodec_free_context(codec);
            avformat.avformat_close_input(format);
        }

        private static int check(int result, String what) {
            if (result < 0) {
                throw new IllegalStateException("could not " + what + ": FFmpeg error " + result);
            }
            return result;
        }
    }
}
