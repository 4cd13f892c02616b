// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.api.config.SecretDecoder;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.source.FrameSource;
import java.util.Hashtable;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes one camera, stream or video file per configuration as a frame source. */
@Component(
        name = CameraComponent.PID,
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = CameraComponent.Config.class, factory = true)
public final class CameraComponent {

    static final String PID = "io.edgewright.source.camera";

    private static final Logger LOG = LoggerFactory.getLogger(CameraComponent.class);

    private final CameraSource source;
    private final ServiceRegistration<FrameSource> registration;
    private final ServiceRegistration<HealthCheck> health;

    @ObjectClassDefinition(
            id = PID,
            name = "Camera or video",
            description = "A network camera (RTSP, HTTP), a camera of this machine (V4L2) or a video file.")
    @interface Config {

        @AttributeDefinition(name = "Name", description = "The source's name, unique on the gateway.")
        String name() default "camera";

        @AttributeDefinition(
                name = "Address",
                description = "rtsp://host/path, http://host/video.mjpg, /dev/video0, or the path of a video file.")
        String url() default "";

        @AttributeDefinition(name = "User", description = "Name for a network camera that asks for one.")
        String user() default "";

        @AttributeDefinition(
                name = "Password",
                description = "Password for a network camera that asks for one.",
                type = AttributeType.PASSWORD)
        String password() default "";

        @AttributeDefinition(
                name = "Pace",
                description = "For files. realtime: by the video's clock, left out if the reader is slow; fast: every"
                        + " frame, as fast as the reader takes them. Cameras are always realtime.",
                options = {@Option(label = "by the clock", value = "realtime"), @Option(label = "fast", value = "fast")
                })
        String pace() default "realtime";

        @AttributeDefinition(name = "Loop", description = "For files: begin again at the end.")
        boolean loop() default false;

        @AttributeDefinition(
                name = "Greatest width",
                description = "A wider picture is made smaller, in pixels.",
                min = "16",
                max = "8192")
        int max_width() default 1280;

        @AttributeDefinition(
                name = "Greatest height",
                description = "A higher picture is made smaller, in pixels.",
                min = "16",
                max = "8192")
        int max_height() default 720;

        @AttributeDefinition(
                name = "RTSP transport",
                description = "How an RTSP camera sends: tcp gets through every network, udp has less delay.",
                options = {@Option(label = "TCP", value = "tcp"), @Option(label = "UDP", value = "udp")})
        String transport() default "tcp";

        @AttributeDefinition(
                name = "Device size",
                description = "What a V4L2 camera is asked for, such as 1280x720; empty for its own choice.")
        String device_size() default "";

        @AttributeDefinition(
                name = "Timeout",
                description = "Seconds without an answer or a frame before a camera counts as lost.",
                min = "1",
                max = "300")
        int timeout_seconds() default 10;

        @AttributeDefinition(
                name = "Longest wait",
                description = "Seconds between two tries to reach a lost camera; begins at 1 and doubles up to this.",
                min = "1",
                max = "3600")
        int retry_seconds() default 30;

        @AttributeDefinition(
                name = "Home",
                description = "Where the decoder is unpacked (natives/); empty for the gateway's home folder.")
        String home() default "";
    }

    /** Starts it; the camera is only connected once someone reads. */
    @Activate
    public CameraComponent(
            BundleContext context,
            Config config,
            @Reference(cardinality = ReferenceCardinality.MULTIPLE, policyOption = ReferencePolicyOption.GREEDY)
                    List<SecretDecoder> secrets) {
        // a list, as Felix SCR 2.1.16 fails to give a constructor an optional reference that is absent
        String password = secrets.isEmpty() ? config.password() : secrets.get(0).decode(config.password());
        this.source = new CameraSource(CameraSettings.of(config, password));
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(FrameSource.NAME, source.name());
        properties.put("kura.ui.service.hide", true);
        this.registration = context.registerService(FrameSource.class, source, properties);
        this.health = context.registerService(HealthCheck.class, new CameraHealth(source), properties);
        LOG.info("Frame source '{}' is ready: {}", source.name(), source.status());
    }

    /** Takes the source away and ends its streams. */
    @Deactivate
    void stop() {
        health.unregister();
        registration.unregister();
        source.close();
    }
}
