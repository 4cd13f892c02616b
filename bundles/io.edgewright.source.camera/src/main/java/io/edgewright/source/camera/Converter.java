// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.swscale.SWS_ACCURATE_RND;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BILINEAR;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU601;
import static org.bytedeco.ffmpeg.global.swscale.SWS_CS_ITU709;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCachedContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_getCoefficients;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;
import static org.bytedeco.ffmpeg.global.swscale.sws_setColorspaceDetails;

import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.IntPointer;
import org.jspecify.annotations.Nullable;

/** Turns a decoded picture into rows of BGR bytes. One thread at a time. */
final class Converter implements AutoCloseable {

    private static final int ALIGNMENT = 64;
    private static final int UNITY = 1 << 16;

    private final int maxWidth;
    private final int maxHeight;
    private final AVFrame target = av_frame_alloc();
    private @Nullable SwsContext scaler;
    private @Nullable PictureSize size;
    private @Nullable ByteBuffer rows;
    private int coloursOf = -1;

    Converter(int maxWidth, int maxHeight) {
        this.maxWidth = maxWidth;
        this.maxHeight = maxHeight;
    }

    /** {@return the size that this picture will have} */
    PictureSize sizeOf(AVFrame picture) {
        return new PictureSize(picture.width(), picture.height()).within(maxWidth, maxHeight);
    }

    /**
     * Converts.
     *
     * @param picture as decoded
     * @param bgr direct, with room for {@link #sizeOf}
     */
    void convert(AVFrame picture, ByteBuffer bgr) throws CameraException {
        PictureSize wanted = sizeOf(picture);
        ByteBuffer from = rows(wanted);
        SwsContext context = sws_getCachedContext(
                scaler,
                picture.width(),
                picture.height(),
                picture.format(),
                wanted.width(),
                wanted.height(),
                AV_PIX_FMT_BGR24,
                SWS_BILINEAR | SWS_ACCURATE_RND,
                null,
                null,
                (DoublePointer) null);
        if (context == null || context.isNull()) {
            scaler = null; // FFmpeg has freed the old one
            throw new CameraException("pictures of the format %d cannot be converted".formatted(picture.format()));
        }
        colours(context, picture);
        scaler = context;
        int done = sws_scale(
                context, picture.data(), picture.linesize(), 0, picture.height(), target.data(), target.linesize());
        if (done != wanted.height()) {
            throw new CameraException("a picture could not be converted: " + FfmpegLibrary.describe(done));
        }
        int row = wanted.width() * 3;
        for (int y = 0; y < wanted.height(); y++) {
            bgr.put(y * row, from, y * target.linesize(0), row);
        }
    }

    /** Rows with padding, as FFmpeg's vector code writes beyond the end of a row. */
    private ByteBuffer rows(PictureSize wanted) throws CameraException {
        ByteBuffer present = rows;
        if (present != null && wanted.equals(size)) {
            return present;
        }
        av_frame_unref(target);
        target.format(AV_PIX_FMT_BGR24).width(wanted.width()).height(wanted.height());
        int code = av_frame_get_buffer(target, ALIGNMENT);
        if (code < 0) {
            throw new CameraException("no memory for a picture: " + FfmpegLibrary.describe(code));
        }
        present = target.data(0)
                .capacity((long) target.linesize(0) * wanted.height())
                .asByteBuffer();
        rows = present;
        size = wanted;
        return present;
    }

    private void colours(SwsContext context, AVFrame picture) {
        int space = picture.colorspace();
        boolean full = picture.color_range() == AVCOL_RANGE_JPEG;
        int matrix = space == AVCOL_SPC_UNSPECIFIED ? picture.height() >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601 : space;
        int key = matrix * 2 + (full ? 1 : 0) + 1000 * picture.format();
        SwsContext old = scaler;
        if (key != coloursOf || old == null || old.address() != context.address()) {
            IntPointer from = sws_getCoefficients(matrix);
            IntPointer to = sws_getCoefficients(SWS_CS_ITU601);
            sws_setColorspaceDetails(context, from, full ? 1 : 0, to, 1, 0, UNITY, UNITY);
            coloursOf = key;
        }
    }

    @Override
    public void close() {
        rows = null;
        SwsContext old = scaler;
        if (old != null) {
            sws_freeContext(old);
            scaler = null;
        }
        av_frame_free(target);
    }
}
