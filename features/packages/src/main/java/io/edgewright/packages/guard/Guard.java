// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages.guard;

import io.edgewright.api.config.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Version;

/**
 * Refuses a package that is older than an operator allows. DeploymentAdmin starts a package's customizer before it changes
 * anything, and gives up if that fails: only an activator can fail there. The floor is a version in a file of the home folder,
 * which {@code io.edgewright.kura.packages} writes.
 */
public final class Guard implements BundleActivator {

    private static final String FILE = "packages.floor";

    @Override
    public void start(BundleContext context) throws BundleException, IOException {
        Path file = Home.folder("").resolve(FILE);
        if (!Files.exists(file)) {
            return;
        }
        Version floor = Version.parseVersion(Files.readString(file).strip());
        Version version = context.getBundle().getVersion();
        if (version.compareTo(floor) < 0) {
            throw new BundleException("%s %s is below the floor of packages, which is %s (%s): nothing was changed"
                    .formatted(context.getBundle().getSymbolicName(), version, floor, file));
        }
    }

    @Override
    public void stop(BundleContext context) {
        // it holds nothing
    }
}
