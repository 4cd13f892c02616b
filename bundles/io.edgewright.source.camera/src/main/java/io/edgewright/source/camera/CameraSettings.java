// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.api.config.Home;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The checked settings of a camera.
 *
 * @param name the source's name
 * @param url as configured
 * @param user for a network camera, or blank
 * @param password in clear text, or blank
 * @param realtime whether a file is played by its clock
 * @param loop whether a file begins again
 * @param maxWidth a wider picture is made smaller
 * @param maxHeight a higher picture is made smaller
 * @param transport {@code tcp} or {@code udp}
 * @param deviceSize such as {@code 1280x720}, or blank
 * @param timeout without an answer or a frame
 * @param longestWait between two tries
 * @param natives where the decoder's libraries are unpacked
 */
record CameraSettings(
        String name,
        String url,
        String user,
        String password,
        boolean realtime,
        boolean loop,
        int maxWidth,
        int maxHeight,
        String transport,
        String deviceSize,
        Duration timeout,
        Duration longestWait,
        Path natives) {

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]+):.*");
    private static final Pattern SIZE = Pattern.compile("\\d{2,5}x\\d{2,5}");
    private static final Pattern LOGIN = Pattern.compile("://[^/@]*@");

    /** What an address leads to. */
    enum Kind {
        RTSP("rtsp,rtsps,rtp,srtp,rtcp,udp,tcp,tls,crypto"),
        HTTP("http,https,httpproxy,tcp,tls,crypto"),
        DEVICE("file"),
        FILE("file");

        /** What FFmpeg may open: a file must not make it fetch from the network. */
        final String protocols;

        Kind(String protocols) {
            this.protocols = protocols;
        }

        boolean live() {
            return this != FILE;
        }
    }

    CameraSettings {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name is blank, expected a name like entrance");
        }
        if (url.isBlank() || url.chars().anyMatch(c -> c < ' ')) {
            throw new IllegalArgumentException(
                    "url is " + (url.isBlank() ? "blank" : "not printable") + ", expected one like rtsp://host/path");
        }
        kind(url);
        check("max.width", maxWidth, 16, 8192);
        check("max.height", maxHeight, 16, 8192);
        check("timeout.seconds", timeout.toSeconds(), 1, 300);
        check("retry.seconds", longestWait.toSeconds(), 1, 3600);
        if (!transport.equals("tcp") && !transport.equals("udp")) {
            throw new IllegalArgumentException("transport is '" + transport + "', expected tcp or udp");
        }
        if (!deviceSize.isBlank() && !SIZE.matcher(deviceSize).matches()) {
            throw new IllegalArgumentException("device.size is '" + deviceSize + "', expected one like 1280x720");
        }
    }

    static CameraSettings of(CameraComponent.Config config, String password) {
        boolean realtime =
                switch (config.pace()) {
                    case "realtime" -> true;
                    case "fast" -> false;
                    default ->
                        throw new IllegalArgumentException(
                                "pace is '" + config.pace() + "', expected realtime or fast");
                };
        return new CameraSettings(
                config.name(),
                config.url().strip(),
                config.user(),
                password,
                realtime,
                config.loop(),
                config.max_width(),
                config.max_height(),
                config.transport(),
                config.device_size(),
                Duration.ofSeconds(config.timeout_seconds()),
                Duration.ofSeconds(config.retry_seconds()),
                Home.folder(config.home()).resolve("natives").resolve("camera"));
    }

    Kind kind() {
        return kind(url);
    }

    private static Kind kind(String url) {
        if (url.startsWith("/dev/video")) {
            return Kind.DEVICE;
        }
        var matcher = SCHEME.matcher(url);
        String scheme = matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "file";
        return switch (scheme) {
            case "rtsp", "rtsps" -> Kind.RTSP;
            case "http", "https" -> Kind.HTTP;
            case "v4l2" -> Kind.DEVICE;
            case "file" -> Kind.FILE;
            default ->
                throw new IllegalArgumentException("url begins with '" + scheme
                        + ":', expected rtsp, rtsps, http, https, v4l2, file, /dev/video0 or the path of a file");
        };
    }

    /** {@return what FFmpeg is told to open; it may hold a password, so it is never shown} */
    String address() {
        return switch (kind()) {
            case DEVICE -> url.startsWith("v4l2:") ? url.substring("v4l2:".length()) : url;
            case FILE -> "file:" + (url.startsWith("file:") ? url.substring(url.startsWith("file://") ? 7 : 5) : url);
            default ->
                user.isBlank() ? url : LOGIN.matcher(url).replaceFirst("://").replaceFirst("://", login());
        };
    }

    private String login() {
        return "://" + encode(user) + (password.isEmpty() ? "" : ":" + encode(password)) + "@";
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** {@return the address without a password, for people} */
    String shown() {
        return LOGIN.matcher(url).replaceFirst("://***@");
    }

    /** Does not give the password away. */
    @Override
    public String toString() {
        return "camera " + name + " at " + shown();
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s is %d, expected %d to %d".formatted(what, value, least, most));
        }
    }
}
