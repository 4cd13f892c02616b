// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avdevice;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.ffmpeg.global.swscale;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** Unpacks and loads FFmpeg, once. */
final class FfmpegLibrary {

    /** A file that claims to need more for one picture or table is refused. */
    private static final long LARGEST_ALLOCATION_BYTES = 512L << 20;

    private static @Nullable String failure;
    private static boolean loaded;
    private static boolean devices;

    private FfmpegLibrary() {}

    /**
     * Loads what every input needs.
     *
     * @param folder where the libraries are unpacked
     */
    static synchronized void load(Path folder) throws CameraException {
        if (loaded) {
            return;
        }
        String earlier = failure;
        if (earlier != null) {
            throw new CameraException(earlier);
        }
        try {
            Files.createDirectories(folder);
            prepare(folder);
            Loader.load(avutil.class);
            Loader.load(avcodec.class);
            Loader.load(avformat.class);
            Loader.load(swscale.class);
            avutil.av_log_set_level(avutil.AV_LOG_QUIET); // it writes to the standard error output, passwords too
            avutil.av_max_alloc(LARGEST_ALLOCATION_BYTES);
            loaded = true;
        } catch (IOException e) {
            throw new CameraException("the decoder cannot be unpacked to " + folder + ": " + e, e);
        } catch (LinkageError e) {
            failure = "FFmpeg does not load on " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
                    + ", expected Linux on amd64 or aarch64: " + e;
            throw new CameraException(failure, e);
        }
    }

    /** Loads what a V4L2 camera needs besides. */
    static synchronized void loadDevices() throws CameraException {
        if (devices) {
            return;
        }
        try {
            Loader.load(avdevice.class);
            avdevice.avdevice_register_all();
            devices = true;
        } catch (LinkageError e) {
            throw new CameraException(
                    "FFmpeg's devices do not load; a V4L2 camera needs the system's libxcb, libxcb-shm, libasound and"
                            + " libpulse (Debian: libxcb1 libxcb-shm0 libasound2 libpulse0): " + e.getMessage(),
                    e);
        }
    }

    /** JavaCPP reads its settings from system properties once; they are set for that moment only. */
    private static void prepare(Path folder) throws IOException {
        Map<String, String> wanted = Map.of(
                "org.bytedeco.javacpp.cachedir", folder.toString(),
                // no thread that frees by garbage collection: it would hold this bundle's classes; all is closed by
                // hand
                "org.bytedeco.javacpp.nopointergc", "true",
                // its limits count the whole process, models too, and answer with OutOfMemoryError
                "org.bytedeco.javacpp.maxbytes", "0",
                "org.bytedeco.javacpp.maxphysicalbytes", "0");
        Map<String, @Nullable String> before = new HashMap<>();
        wanted.forEach((key, value) -> before.put(key, System.setProperty(key, value)));
        try {
            Loader.getCacheDir();
            Class.forName(Pointer.class.getName(), true, FfmpegLibrary.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new NoClassDefFoundError(e.getMessage());
        } finally {
            before.forEach(FfmpegLibrary::restore);
        }
    }

    private static void restore(String key, @Nullable String value) {
        if (value == null) {
            System.clearProperty(key);
        } else {
            System.setProperty(key, value);
        }
    }

    /** {@return FFmpeg's words for an error code} */
    static String describe(int code) {
        byte[] text = new byte[256];
        avutil.av_strerror(code, text, text.length);
        int length = 0;
        while (length < text.length && text[length] != 0) {
            length++;
        }
        return new String(text, 0, length, StandardCharsets.UTF_8);
    }
}
