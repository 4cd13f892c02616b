// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import io.edgewright.api.source.FrameSource;
import java.util.Hashtable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Publishes one rendered shop per configuration as a frame source. */
@Component(
        name = ShopComponent.PID,
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = ShopComponent.Config.class, factory = true)
public final class ShopComponent {

    static final String PID = "io.edgewright.source.shop";

    private static final Logger LOG = LoggerFactory.getLogger(ShopComponent.class);

    private final ServiceRegistration<FrameSource> registration;

    @ObjectClassDefinition(
            id = PID,
            name = "Rendered shop",
            description = "A camera for machines without one: a rendered shop with customers who come and go.")
    @interface Config {

        @AttributeDefinition(name = "Name", description = "The source's name, unique on the gateway.")
        String name() default "shop";

        @AttributeDefinition(name = "Width", description = "Width of a frame in pixels.", min = "64", max = "1920")
        int width() default 640;

        @AttributeDefinition(name = "Height", description = "Height of a frame in pixels.", min = "64", max = "1080")
        int height() default 360;

        @AttributeDefinition(name = "Frames per second", description = "The shop's clock.", min = "1", max = "60")
        int fps() default 15;

        @AttributeDefinition(
                name = "Seed",
                description = "Who comes and what they do; the same seed gives the same frames.")
        long seed() default 1;

        @AttributeDefinition(
                name = "Scene",
                description = "0 is the standard shop; other numbers change camera position, furniture and light.",
                min = "0")
        long scene() default 0;

        @AttributeDefinition(
                name = "Customers per minute",
                description = "How many come in, on average.",
                min = "0",
                max = "60")
        double customers_per_minute() default 6;

        @AttributeDefinition(
                name = "Pace",
                description =
                        "realtime: frames by the clock, left out if the reader is slow; fast: every frame, as fast"
                                + " as the reader takes them.",
                options = {@Option(label = "by the clock", value = "realtime"), @Option(label = "fast", value = "fast")
                })
        String pace() default "realtime";

        @AttributeDefinition(name = "Frames", description = "How many frames there are; 0 for no end.", min = "0")
        long frames() default 0;
    }

    /** Starts it. */
    @Activate
    public ShopComponent(BundleContext context, Config config) {
        ShopSource source = new ShopSource(ShopSettings.of(config));
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(FrameSource.NAME, source.name());
        properties.put("kura.ui.service.hide", true);
        this.registration = context.registerService(FrameSource.class, source, properties);
        LOG.info("Frame source '{}' is ready: {}", source.name(), source.status());
    }

    /** Takes the source away; streams that are open go on until their readers close them. */
    @Deactivate
    void stop() {
        registration.unregister();
    }
}
