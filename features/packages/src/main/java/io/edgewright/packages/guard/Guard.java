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
 * Refuses a package that is older than an operator allows: DeploymentAdmin takes back what it has done when a package's first
 * bundle does not start, and only an activator can refuse to. The floor is a version in a file of the home folder, which
 * {@code io.edgewright.kura.packages} writes. A file that is damaged refuses nothing, as Kura installs all packages again at each
 * boot.
 */
public final class Guard implements BundleActivator {

    private static final String FILE = "packages.floor";

    @Override
    public void start(BundleContext context) throws BundleException {
        Path file = Home.folder("").resolve(FILE);
        Version version = context.getBundle().getVersion();
        Version floor = floor(file);
        if (version.compareTo(floor) < 0) {
            throw new BundleException("%s %s is below the floor of packages, which is %s (%s)"
                    .formatted(context.getBundle().getSymbolicName(), version, floor, file));
        }
    }

    /** {@return the lowest version there is if none is set} */
    static Version floor(Path file) {
        try {
            return Files.exists(file)
                    ? Version.parseVersion(Files.readString(file).strip())
                    : Version.emptyVersion;
        } catch (IOException | IllegalArgumentException e) {
            return Version.emptyVersion;
        }
    }

    @Override
    public void stop(BundleContext context) {
        // it holds nothing
    }
}
