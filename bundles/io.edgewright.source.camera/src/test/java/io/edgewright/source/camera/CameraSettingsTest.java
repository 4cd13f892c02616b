// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.source.camera.CameraSettings.Kind;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class CameraSettingsTest {

    @Test
    void knowsWhatAnAddressLeadsTo() {
        assertThat(kind("rtsp://cam/1")).isEqualTo(Kind.RTSP);
        assertThat(kind("https://cam/video.mjpg")).isEqualTo(Kind.HTTP);
        assertThat(kind("/dev/video0")).isEqualTo(Kind.DEVICE);
        assertThat(kind("v4l2:/dev/video2")).isEqualTo(Kind.DEVICE);
        assertThat(kind("/srv/a.mp4")).isEqualTo(Kind.FILE);
        assertThat(kind("file:///srv/a.mp4")).isEqualTo(Kind.FILE);
    }

    @Test
    void aFileIsOpenedAsAFileWhateverItsNameLooksLike() {
        assertThat(Videos.settings(Map.of("url", "/srv/concat:a|b")).address()).isEqualTo("file:/srv/concat:a|b");
        assertThat(Videos.settings(Map.of("url", "file:///srv/a.mp4")).address())
                .isEqualTo("file:/srv/a.mp4");
        assertThat(Videos.settings(Map.of("url", "v4l2:/dev/video2")).address()).isEqualTo("/dev/video2");
    }

    @Test
    void aPasswordGoesToTheCameraAndNowhereElse() {
        CameraSettings apart = Videos.settings(Map.of("url", "rtsp://cam/1", "user", "me", "password", "a b/c@d"));
        assertThat(apart.address()).isEqualTo("rtsp://me:a%20b%2Fc%40d@cam/1");
        assertThat(apart.toString()).isEqualTo("camera camera at rtsp://cam/1");

        CameraSettings within = Videos.settings(Map.of("url", "rtsp://me:secret@cam/1"));
        assertThat(within.address()).isEqualTo("rtsp://me:secret@cam/1");
        assertThat(within.toString()).isEqualTo("camera camera at rtsp://***@cam/1");
    }

    @Test
    void refusesWhatItCannotUseSayingWhatIsExpected() {
        refused(Map.of(), "url is blank, expected one like rtsp://host/path");
        refused(Map.of("url", "concat:/etc/passwd"), "url begins with 'concat:'");
        refused(Map.of("url", "a.mp4", "pace", "slow"), "pace is 'slow', expected realtime or fast");
        refused(Map.of("url", "a.mp4", "timeout.seconds", 0), "timeout.seconds is 0, expected 1 to 300");
        refused(Map.of("url", "a.mp4", "transport", "pigeon"), "transport is 'pigeon', expected tcp or udp");
        refused(Map.of("url", "/dev/video0", "device.size", "big"), "device.size is 'big', expected one like 1280x720");
        refused(Map.of("url", "a.mp4", "name", ""), "name is blank");
    }

    private static Kind kind(String url) {
        return Videos.settings(Map.of("url", url)).kind();
    }

    private static void refused(Map<String, Object> properties, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Videos.settings(properties))
                .withMessageContaining(message);
    }
}
