// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.source.FrameSource;
import java.util.List;
import java.util.Optional;
import org.eclipse.kura.wire.WireComponent;
import org.eclipse.kura.wire.WireEmitter;
import org.eclipse.kura.wire.WireHelperService;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.osgi.service.wireadmin.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the pictures of a camera, a stream or a recording. */
@Component(
        name = CameraWire.PID,
        service = {WireComponent.class, WireEmitter.class, Producer.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = CameraWire.Config.class, factory = true)
public final class CameraWire extends WiredComponent {

    static final String PID = "io.edgewright.kura.wires.camera";

    private static final Logger LOG = LoggerFactory.getLogger(CameraWire.class);
    private static final long STOP_MILLIS = 10_000;

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<FrameSource> sources = List.of();

    private final CameraLoop loop;
    private final Thread thread;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright camera",
            description =
                    "Sends pictures of a camera: image, image.width, image.height, image.format, image.time,"
                            + " image.sequence and source. They show people as they are; think of that before they leave the gateway.")
    @interface Config {

        @AttributeDefinition(name = "Source", description = "Name of the camera, stream or recording.")
        String source() default "";

        @AttributeDefinition(
                name = "Format",
                description =
                        "JPEG is small; pixels (BGR, 3 bytes each) save the time to pack and unpack a picture that"
                                + " goes to an inference component of this gateway.",
                options = {@Option(label = "JPEG", value = "jpeg"), @Option(label = "Pixels (BGR)", value = "bgr")})
        String format() default "jpeg";

        @AttributeDefinition(name = "JPEG quality", description = "1 is small, 100 is fine.", min = "1", max = "100")
        int jpeg_quality() default 80;

        @AttributeDefinition(
                name = "Pictures per second",
                description =
                        "At the most; 0 sends all that the wires can take. Pictures that the wires are too slow for"
                                + " are left out.",
                min = "0",
                max = "1000")
        double pictures_per_second() default 1;
    }

    /**
     * Called by Declarative Services.
     *
     * @param helper knows the wires
     * @param context tells Kura who this is
     * @param config checked here again
     */
    @Activate
    public CameraWire(@Reference WireHelperService helper, ComponentContext context, Config config) {
        super(helper, context);
        this.loop = new CameraLoop(name(), CameraLoop.Settings.of(config), this::source, r -> emit(0, List.of(r)));
        this.thread = new Thread(loop, "edgewright-wires-" + name());
        this.thread.setDaemon(true);
    }

    @Activate
    void start() {
        thread.start();
    }

    @Modified
    void change(Config config) {
        loop.change(CameraLoop.Settings.of(config));
    }

    @Deactivate
    void stop() {
        loop.stop();
        thread.interrupt();
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("{} still runs after {} ms: a receiver or its camera hangs", thread.getName(), STOP_MILLIS);
        }
    }

    private Optional<FrameSource> source(String name) {
        return sources.stream().filter(s -> s.name().equals(name)).findFirst();
    }
}
