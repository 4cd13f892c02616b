// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_DEFAULT;
import static org.bytedeco.ffmpeg.global.avcodec.AVDISCARD_NONKEY;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_unref;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avformat.av_read_frame;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EAGAIN;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EOF;
import static org.bytedeco.ffmpeg.global.avutil.AV_NOPTS_VALUE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.LongPointer;

/** An opened video, read picture by picture. One thread at a time; frees all native memory on close. */
final class VideoInput implements AutoCloseable {

    /** So many packets in a row that give no picture mean that the rest is broken. */
    private static final int MOST_BAD_PACKETS = 1000;

    private final CameraSettings settings;
    private final Interrupt interrupt;
    private final AVFormatContext format;
    private final AVCodecContext codec;
    private final LongPointer interruptKey;
    private final int stream;
    private final double secondsPerTick;
    private final long frameNanos;
    private final AVPacket packet = av_packet_alloc();
    private final AVFrame picture = av_frame_alloc();
    private final Converter converter;
    private boolean drained;
    private boolean closed;
    private int bad;
    private int badPackets;
    private long firstTick = AV_NOPTS_VALUE;
    private Duration position = Duration.ZERO;

    /** Takes over what {@link VideoOpener} opened. */
    VideoInput(CameraSettings settings, Interrupt interrupt, VideoOpener.Opened opened) {
        this.settings = settings;
        this.interrupt = interrupt;
        this.format = opened.format();
        this.codec = opened.codec();
        this.interruptKey = opened.interruptKey();
        this.stream = opened.stream();
        this.secondsPerTick = opened.secondsPerTick();
        this.frameNanos = (long) (1e9 / opened.framesPerSecond());
        this.firstTick = opened.startTick();
        this.converter = new Converter(settings.maxWidth(), settings.maxHeight());
    }

    /**
     * Reads on to the next picture.
     *
     * @return false at the end
     * @throws CameraException if it cannot be read on, or the interrupt came
     */
    boolean read() throws CameraException {
        interrupt.allow(settings.timeout());
        while (true) {
            int code = avcodec_receive_frame(codec, picture);
            if (code == 0) {
                bad = 0;
                advance();
                return true;
            }
            if (code == AVERROR_EOF) {
                return false;
            }
            if (code != AVERROR_EAGAIN()) {
                countBad(code);
            }
            if (interrupt.due()) {
                throw lost(0);
            }
            if (!drained) {
                feed();
            } else if (code != AVERROR_EAGAIN()) {
                return false;
            }
        }
    }

    private void feed() throws CameraException {
        int code = av_read_frame(format, packet);
        if (code == AVERROR_EOF) {
            drained = true;
            avcodec_send_packet(codec, null);
            return;
        }
        if (code < 0) {
            throw lost(code);
        }
        if (packet.stream_index() == stream) {
            int sent = avcodec_send_packet(codec, packet);
            if (sent < 0 && sent != AVERROR_EAGAIN()) {
                countBad(sent);
            }
        }
        av_packet_unref(packet);
    }

    private CameraException lost(int code) {
        if (interrupt.cancelled()) {
            return new CameraException("closed");
        }
        return interrupt.due()
                ? new CameraException("no frame for " + settings.timeout().toSeconds() + " s")
                : new CameraException("reading failed: " + FfmpegLibrary.describe(code));
    }

    private void countBad(int code) throws CameraException {
        badPackets++;
        if (++bad > MOST_BAD_PACKETS) {
            throw new CameraException(bad + " packets in a row hold no picture: " + FfmpegLibrary.describe(code));
        }
    }

    private void advance() {
        long tick = picture.best_effort_timestamp();
        if (tick == AV_NOPTS_VALUE) {
            position = position.plusNanos(frameNanos);
            return;
        }
        if (firstTick == AV_NOPTS_VALUE) {
            firstTick = tick;
        }
        double seconds = (tick - firstTick) * secondsPerTick;
        position = Duration.ofNanos((long) (Math.max(0, Math.min(1e9, seconds)) * 1e9));
    }

    /** {@return the place of the present picture in the video} */
    Duration position() {
        return position;
    }

    /** {@return how many packets held nothing readable so far} */
    int badPackets() {
        return badPackets;
    }

    PictureSize size() {
        return converter.sizeOf(picture);
    }

    /** Writes the present picture. */
    void convert(ByteBuffer bgr) throws CameraException {
        converter.convert(picture, bgr);
    }

    /** Leaves out what is not a key picture, to catch up. */
    void hurry(boolean on) {
        codec.skip_frame(on ? AVDISCARD_NONKEY : AVDISCARD_DEFAULT);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        converter.close();
        av_frame_free(picture);
        av_packet_free(packet);
        avcodec_free_context(codec);
        interrupt.allowGoodbye(Duration.ofSeconds(2));
        avformat_close_input(format);
        interrupt.closed();
        Interrupts.unregister(interruptKey);
    }
}
