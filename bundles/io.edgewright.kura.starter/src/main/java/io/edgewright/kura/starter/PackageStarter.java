// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.starter;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, once, the bundles that came before the core and had to wait for its packages: Kura installs its deployment packages
 * again at each boot, in an order of its own, and tries to start each bundle only then.
 */
@Component(
        name = PackageStarter.NAME,
        service = {},
        immediate = true)
public final class PackageStarter {

    static final String NAME = "io.edgewright.kura.starter";

    private static final Logger LOG = LoggerFactory.getLogger(PackageStarter.class);
    private static final String API = PackageNamespace.PACKAGE_NAMESPACE + "=io.edgewright.api.";

    /**
     * Called by Declarative Services, when the packages of the core are there.
     *
     * @param context knows the bundles
     */
    @Activate
    public PackageStarter(BundleContext context) {
        for (Bundle bundle : context.getBundles()) {
            if (bundle.getState() == Bundle.INSTALLED && isMeantToRun(bundle) && usesTheApi(bundle)) {
                start(bundle);
            }
        }
    }

    private static boolean isMeantToRun(Bundle bundle) {
        BundleStartLevel level = bundle.adapt(BundleStartLevel.class);
        return level != null && level.isPersistentlyStarted();
    }

    private static boolean usesTheApi(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision != null
                && revision.getDeclaredRequirements(PackageNamespace.PACKAGE_NAMESPACE).stream()
                        .anyMatch(r ->
                                r.getDirectives().getOrDefault("filter", "").contains(API));
    }

    private static void start(Bundle bundle) {
        try {
            bundle.start();
            LOG.info("{} was waiting for the core and runs now", bundle);
        } catch (BundleException e) {
            LOG.warn("{} still cannot start: {}", bundle, e.getMessage());
        }
    }
}
