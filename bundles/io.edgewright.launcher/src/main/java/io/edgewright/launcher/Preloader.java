// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Initializes classes that take long while the bundles start one after the other: the start finds them ready. Whatever fails
 * here fails again where it is needed, and is reported there.
 */
final class Preloader implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Preloader.class);

    private final Map<Bundle, List<String>> classes = new LinkedHashMap<>();

    /**
     * Adds classes of one bundle; before {@link #start}.
     *
     * @param bundle resolved
     */
    void add(Bundle bundle, List<String> names) {
        if (!names.isEmpty()) {
            classes.put(bundle, names);
        }
    }

    void start() {
        var thread = new Thread(this, "edgewright-preload");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void run() {
        classes.forEach((bundle, names) -> names.forEach(name -> initialize(bundle, name)));
    }

    private static void initialize(Bundle bundle, String name) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        if (wiring == null) {
            return; // not resolved: its start says why
        }
        try {
            Class.forName(name, true, wiring.getClassLoader());
        } catch (ClassNotFoundException | LinkageError e) {
            LOG.debug("Class {} of {} was not loaded beforehand: {}", name, bundle, e.toString());
        }
    }
}
