// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;

/** Watches the bundles that are not ours: a package must neither stop nor refresh one. */
final class Neighbours implements SynchronousBundleListener, AutoCloseable {

    private final BundleContext context;
    private final List<String> disturbed = new CopyOnWriteArrayList<>();

    Neighbours(BundleContext context) {
        this.context = context;
        context.addBundleListener(this);
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        Bundle bundle = event.getBundle();
        boolean leaves = (event.getType()
                        & (BundleEvent.STOPPING | BundleEvent.STOPPED | BundleEvent.UNRESOLVED | BundleEvent.UPDATED))
                != 0;
        if (leaves && !isOurs(bundle)) {
            disturbed.add(bundle + " event " + event.getType());
        }
    }

    private static boolean isOurs(Bundle bundle) {
        String name = bundle.getSymbolicName();
        return name.equals("probe")
                || name.startsWith("edgewright-")
                || (name.startsWith("io.edgewright.") && !name.startsWith("io.edgewright.it."));
    }

    List<String> disturbed() {
        return List.copyOf(disturbed);
    }

    @Override
    public void close() {
        context.removeBundleListener(this);
    }
}
