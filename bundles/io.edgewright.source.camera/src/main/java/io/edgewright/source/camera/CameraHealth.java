// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.api.health.HealthCheck;
import java.util.List;

/** Tells of a camera that someone wants to read and that cannot be read. */
final class CameraHealth implements HealthCheck {

    private final CameraSource source;

    CameraHealth(CameraSource source) {
        this.source = source;
    }

    @Override
    public String name() {
        return "camera " + source.name();
    }

    @Override
    public List<Finding> check() {
        return source.trouble().stream()
                .map(message -> new Finding(
                        Severity.WARNING,
                        "camera " + source.name(),
                        message,
                        "check the address, the network and the camera's power; it is tried again by itself"))
                .toList();
    }
}
