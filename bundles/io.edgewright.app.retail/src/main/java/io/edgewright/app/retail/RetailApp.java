// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.source.FrameSource;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts visits, line crossings and occupancy of one camera: one configuration, one thread. */
@Component(
        name = RetailApp.PID,
        service = RetailApp.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = RetailApp.Config.class, factory = true)
public final class RetailApp {

    static final String PID = "io.edgewright.app.retail";

    private static final Logger LOG = LoggerFactory.getLogger(RetailApp.class);
    private static final long STOP_MILLIS = 15_000;

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<FrameSource> sources = List.of();

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<Predictor> predictors = List.of();

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<EventSink> sinks = List.of();

    private final Totals totals = new Totals();
    private final Progress progress = new Progress();
    private final LastPicture picture = new LastPicture();
    private final RetailLoop loop;
    private final Thread thread;
    private volatile RetailSettings settings;

    @ObjectClassDefinition(
            id = PID,
            name = "Retail counting",
            description = "Counts visits, line crossings and occupancy on one camera. Identifies nobody.")
    @interface Config {

        @AttributeDefinition(name = "Name", description = "Part of the event topics: letters, digits, '.', '_', '-'.")
        String name() default "";

        @AttributeDefinition(name = "Source", description = "Name of the camera or recording.")
        String source() default "";

        @AttributeDefinition(name = "Deployment", description = "Name of the deployment of an object detector.")
        String deployment() default "";

        @AttributeDefinition(name = "Classes", description = "Class names that are counted.")
        String[] classes() default {"person"};

        @AttributeDefinition(
                name = "Least score",
                description = "Score from which something is taken for real, 0 to 1; half of it keeps it alive.")
        float min_score() default 0.5f;

        @AttributeDefinition(name = "Least hits", description = "Pictures in which something must be seen.", min = "1")
        int min_hits() default 3;

        @AttributeDefinition(
                name = "Frames per second",
                description = "At the most, to save processor time; 0 takes all.",
                min = "0")
        double frames_per_second() default 15;

        @AttributeDefinition(
                name = "Zones",
                description =
                        "Where visits count, as 'name: x,y x,y x,y ...' in fractions of the picture, 0 to 1 from the "
                                + "upper left; empty for the whole picture. Someone is where their feet are.",
                required = false)
        String[] zones() default {};

        @AttributeDefinition(
                name = "Lines",
                description =
                        "Where crossings count, as 'name: x,y x,y'. 'In' is from left to right of the line, seen from "
                                + "its first point: downwards for a line drawn from left to right.",
                required = false)
        String[] lines() default {};

        @AttributeDefinition(name = "Shortest visit (s)", description = "Shorter visits do not count.", min = "0")
        double min_visit_seconds() default 1;

        @AttributeDefinition(
                name = "End of a visit (s)",
                description = "A visit is over when who left has been away for so long.",
                min = "0")
        double end_seconds() default 2;

        @AttributeDefinition(
                name = "Out of sight (s)",
                description = "Who vanishes inside the picture, hidden or overlooked, is waited for so long.",
                min = "0")
        double lost_seconds() default 4;

        @AttributeDefinition(
                name = "Picture interval (s)",
                description = "How often the picture for the status page is renewed; 0 keeps none.",
                min = "0")
        double picture_seconds() default 1;

        @AttributeDefinition(name = "Blur", description = "Blurs people and faces before a picture is kept or shown.")
        boolean blur() default true;

        @AttributeDefinition(
                name = "Faces deployment",
                description = "Name of a deployment of a face detector, to blur faces where the body is not seen.",
                required = false)
        String faces_deployment() default "";
    }

    /** @param config checked here again */
    @Activate
    public RetailApp(Config config) {
        this.settings = RetailSettings.of(config);
        this.loop = new RetailLoop(settings, new Live(), totals, progress, picture);
        this.thread = new Thread(loop, "edgewright-retail-" + settings.name());
    }

    @Activate
    void start() {
        thread.start();
    }

    /** Takes other settings without losing the counts. */
    @Modified
    void change(Config config) {
        settings = RetailSettings.of(config);
        loop.change(settings);
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
            LOG.warn("Retail application {} still runs after {} ms: its source or engine hangs", name(), STOP_MILLIS);
        }
    }

    String name() {
        return settings.name();
    }

    RetailSettings settings() {
        return settings;
    }

    Totals totals() {
        return totals;
    }

    Progress.Snapshot progress() {
        return progress.snapshot();
    }

    Optional<byte[]> jpeg() {
        return picture.jpeg();
    }

    private final class Live implements RetailLoop.Services {

        @Override
        public Optional<FrameSource> source(String name) {
            return sources.stream().filter(s -> s.name().equals(name)).findFirst();
        }

        @Override
        public Optional<Predictor> predictor(String deployment) {
            return predictors.stream()
                    .filter(p -> p.deployment().equals(deployment))
                    .findFirst();
        }

        @Override
        public void publish(Event event) {
            sinks.forEach(sink -> sink.publish(event));
        }
    }
}
