// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.inference.Deployments.IdleDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleRevision;

/** Drivers whose bundle is started but which give no service: most of them want a configuration first. */
final class SilentDrivers implements Supplier<List<IdleDriver>> {

    private static final String SERVICE = "osgi.service";

    private final BundleContext context;

    SilentDrivers(BundleContext context) {
        this.context = context;
    }

    @Override
    public List<IdleDriver> get() {
        List<IdleDriver> silent = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getState() == Bundle.ACTIVE && declares(bundle) && !gives(bundle)) {
                String name = bundle.getSymbolicName();
                silent.add(new IdleDriver(
                        name.substring(name.lastIndexOf('.') + 1),
                        "installed, but it has no configuration, or lacks a service that it needs;"
                                + " './edgewright settings set " + name + " NAME KEY=VALUE' configures one"));
            }
        }
        return silent;
    }

    /** {@return whether its manifest promises a driver; the build writes that from the component's annotation} */
    private static boolean declares(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision != null
                && revision.getDeclaredCapabilities(SERVICE).stream()
                        .map(capability -> capability.getAttributes().get(Constants.OBJECTCLASS))
                        .anyMatch(classes ->
                                classes instanceof List<?> names && names.contains(AcceleratorDriver.class.getName()));
    }

    private static boolean gives(Bundle bundle) {
        ServiceReference<?>[] references =
                Optional.ofNullable(bundle.getRegisteredServices()).orElse(new ServiceReference<?>[0]);
        return Stream.of(references)
                .map(reference -> (String[]) reference.getProperty(Constants.OBJECTCLASS))
                .anyMatch(classes -> List.of(classes).contains(AcceleratorDriver.class.getName()));
    }
}
