// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_get_name;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_parameters_to_context;
import static org.bytedeco.ffmpeg.global.avformat.av_find_best_stream;
import static org.bytedeco.ffmpeg.global.avformat.av_find_input_format;
import static org.bytedeco.ffmpeg.global.avformat.avformat_alloc_context;
import static org.bytedeco.ffmpeg.global.avformat.avformat_close_input;
import static org.bytedeco.ffmpeg.global.avformat.avformat_find_stream_info;
import static org.bytedeco.ffmpeg.global.avformat.avformat_open_input;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_EINVAL;
import static org.bytedeco.ffmpeg.global.avutil.AVERROR_INVALIDDATA;
import static org.bytedeco.ffmpeg.global.avutil.AVMEDIA_TYPE_VIDEO;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_free;
import static org.bytedeco.ffmpeg.global.avutil.av_dict_set;
import static org.bytedeco.ffmpeg.global.avutil.av_q2d;

import io.edgewright.source.camera.CameraSettings.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVCodecParameters;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVInputFormat;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.jspecify.annotations.Nullable;

/** Opens a camera, stream or file and its decoder. */
final class VideoOpener {

    private static final double USUAL_RATE = 25;

    /** What videos come in; FFmpeg also "plays" text files, playlists and scripts, which is nothing for a gateway. */
    private static final String FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,"
            + "h264,hevc,m4v,ivf,obu,av1,mjpeg,mpjpeg,jpeg_pipe,yuv4mpegpipe,gif,mxf,dv";

    private final CameraSettings settings;

    VideoOpener(CameraSettings settings) {
        this.settings = settings;
    }

    /**
     * What was opened.
     *
     * @param format the container
     * @param codec the decoder
     * @param interruptKey stands for the interrupt
     * @param stream the index of the pictures among the streams
     * @param secondsPerTick the unit of timestamps
     * @param framesPerSecond as the container says, or a guess
     * @param startTick the first timestamp, or AV_NOPTS_VALUE
     */
    record Opened(
            AVFormatContext format,
            AVCodecContext codec,
            LongPointer interruptKey,
            int stream,
            double secondsPerTick,
            double framesPerSecond,
            long startTick) {}

    /**
     * {@return the opened video}
     *
     * @param interrupt ends the attempt
     * @throws CameraException if it cannot be opened, is no video, or the interrupt came
     */
    VideoInput open(Interrupt interrupt) throws CameraException {
        if (settings.kind() == Kind.FILE) {
            Path file = Path.of(settings.address().substring("file:".length()));
            if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
                throw new CameraException(Files.exists(file) ? "not a file that can be read" : "there is no such file");
            }
        }
        FfmpegLibrary.load(settings.natives());
        AVInputFormat input = null;
        if (settings.kind() == Kind.DEVICE) {
            FfmpegLibrary.loadDevices();
            input = av_find_input_format("video4linux2");
        }
        interrupt.allow(settings.timeout());
        AVFormatContext format = avformat_alloc_context();
        LongPointer key = Interrupts.register(interrupt, format.interrupt_callback());
        AVCodecContext codec = null;
        try {
            connect(format, input, interrupt); // frees the context if it fails
        } catch (CameraException e) {
            Interrupts.unregister(key);
            throw e;
        }
        try {
            int index = videoStream(format, interrupt);
            AVStream stream = format.streams(index);
            codec = decoder(stream.codecpar());
            double rate = av_q2d(stream.avg_frame_rate());
            return new VideoInput(
                    settings,
                    interrupt,
                    new Opened(
                            format,
                            codec,
                            key,
                            index,
                            av_q2d(stream.time_base()),
                            rate > 0.01 && rate < 1000 ? rate : USUAL_RATE,
                            stream.start_time()));
        } catch (CameraException e) {
            avformat_close_input(format);
            Interrupts.unregister(key);
            throw e;
        }
    }

    private void connect(AVFormatContext format, @Nullable AVInputFormat input, Interrupt interrupt)
            throws CameraException {
        AVDictionary options = new AVDictionary(null);
        try {
            options().forEach((key, value) -> av_dict_set(options, key, value, 0));
            int code = avformat_open_input(format, settings.address(), input, options);
            if (code < 0) {
                throw failed(code, interrupt);
            }
        } finally {
            av_dict_free(options);
        }
    }

    private Map<String, String> options() {
        Map<String, String> options = new TreeMap<>();
        options.put("protocol_whitelist", settings.kind().protocols);
        String micros = Long.toString(settings.timeout().toMillis() * 1000);
        switch (settings.kind()) {
            case RTSP -> {
                options.put("rtsp_transport", settings.transport());
                options.put("timeout", micros);
                options.put("allowed_media_types", "video");
            }
            case HTTP -> {
                options.put("rw_timeout", micros);
                options.put("format_whitelist", FORMATS);
            }
            case DEVICE -> {
                if (!settings.deviceSize().isBlank()) {
                    options.put("video_size", settings.deviceSize());
                }
            }
            case FILE -> options.put("format_whitelist", FORMATS);
        }
        return options;
    }

    private CameraException failed(int code, Interrupt interrupt) {
        if (interrupt.cancelled()) {
            return new CameraException("closed");
        }
        if (interrupt.due()) {
            return new CameraException("no answer for " + settings.timeout().toSeconds() + " s");
        }
        boolean unknown = settings.kind() == Kind.FILE && (code == AVERROR_INVALIDDATA || code == AVERROR_EINVAL());
        return new CameraException(
                unknown
                        ? "is broken or no video, expected one like mp4, mkv, avi, mov, ts or mjpeg"
                        : "cannot be opened: " + FfmpegLibrary.describe(code));
    }

    private int videoStream(AVFormatContext format, Interrupt interrupt) throws CameraException {
        int code = avformat_find_stream_info(format, (PointerPointer<?>) null);
        if (code < 0) {
            throw failed(code, interrupt);
        }
        int index = av_find_best_stream(format, AVMEDIA_TYPE_VIDEO, -1, -1, (PointerPointer<?>) null, 0);
        if (index < 0) {
            throw new CameraException("holds no video, but %d other streams".formatted(format.nb_streams()));
        }
        return index;
    }

    private static AVCodecContext decoder(AVCodecParameters parameters) throws CameraException {
        long pixels = (long) parameters.width() * parameters.height();
        if (parameters.width() < 0 || parameters.height() < 0 || pixels > PictureSize.MOST_PIXELS) {
            throw new CameraException("claims pictures of %d x %d, expected at most %d pixels"
                    .formatted(parameters.width(), parameters.height(), PictureSize.MOST_PIXELS));
        }
        AVCodec decoder = avcodec_find_decoder(parameters.codec_id());
        if (decoder == null || decoder.isNull()) {
            throw new CameraException(
                    "no decoder for " + avcodec_get_name(parameters.codec_id()).getString());
        }
        AVCodecContext codec = avcodec_alloc_context3(decoder);
        AVDictionary options = new AVDictionary(null);
        try {
            av_dict_set(options, "max_pixels", Long.toString(PictureSize.MOST_PIXELS), 0);
            int code = avcodec_parameters_to_context(codec, parameters);
            codec.thread_count(1); // frame threads add delay, and a gateway has other work
            code = code < 0 ? code : avcodec_open2(codec, decoder, options);
            if (code < 0) {
                avcodec_free_context(codec);
                throw new CameraException("the decoder does not start: " + FfmpegLibrary.describe(code));
            }
            return codec;
        } finally {
            av_dict_free(options);
        }
    }
}
