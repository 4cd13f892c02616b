// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.starter;

import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.event.Event;
import org.osgi.service.event.EventConstants;
import org.osgi.service.event.EventHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins the others to the core again when DeploymentAdmin has refused a package and taken back what it had changed: it refreshes
 * nothing then, and bundles that it did not touch would go on with classes that nobody else has. DeploymentAdmin tells of the end
 * of each of its sessions by an event (OSGi Compendium 114.11).
 */
@Component(name = PackageRejoiner.NAME, property = EventConstants.EVENT_TOPIC + "=" + PackageRejoiner.ENDED)
public final class PackageRejoiner implements EventHandler {

    static final String NAME = "io.edgewright.kura.rejoiner";
    static final String ENDED = "org/osgi/service/deployment/COMPLETE";

    private static final Logger LOG = LoggerFactory.getLogger(PackageRejoiner.class);
    private static final String SUCCESSFUL = "successful";

    private final FrameworkWiring wiring;

    /**
     * Called by Declarative Services.
     *
     * @param context of the framework that refreshes
     */
    @Activate
    public PackageRejoiner(BundleContext context) {
        this.wiring = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
    }

    /** Returns at once: the framework refreshes in a thread of its own. */
    @Override
    public void handleEvent(Event event) {
        if (!Boolean.FALSE.equals(event.getProperty(SUCCESSFUL))) {
            return; // what succeeded was refreshed
        }
        List<Bundle> changed = wiring.getRemovalPendingBundles().stream()
                .filter(b -> String.valueOf(b.getSymbolicName()).startsWith("io.edgewright."))
                .toList();
        if (!changed.isEmpty()) {
            LOG.info("a package was refused: refreshing {}, whose former classes are still in use", changed);
            wiring.refreshBundles(changed);
        }
    }
}
