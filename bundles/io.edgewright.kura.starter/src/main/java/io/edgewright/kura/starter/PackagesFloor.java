// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.starter;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.config.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Keeps the floor of packages in the home folder, where each package's first bundle looks before anything is changed. */
@Component(
        name = PackagesFloor.PID,
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PackagesFloor.Config.class)
public final class PackagesFloor {

    static final String PID = "io.edgewright.kura.packages";

    private static final String FILE = "packages.floor";
    private static final String PACKAGE = "edgewright-";

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright packages",
            description = "What deployment packages of Edgewright may be installed.")
    @interface Config {

        @AttributeDefinition(
                name = "Version floor",
                description = "Packages of Edgewright below this version are refused, such as 0.2.0; at the most the"
                        + " version that is installed. Empty for none.",
                required = false)
        String floor() default "";
    }

    /**
     * Called by Declarative Services.
     *
     * @param context knows the version that is installed
     * @param config checked here again
     * @throws IOException if the floor cannot be written
     */
    @Activate
    public PackagesFloor(BundleContext context, Config config) throws IOException {
        keep(config.floor().strip(), installed(context), Home.folder("").resolve(FILE));
    }

    /** {@return the versions of the packages that are installed, each by the name of its first bundle} */
    private static Map<String, Version> installed(BundleContext context) {
        Map<String, Version> versions = new TreeMap<>();
        for (Bundle bundle : context.getBundles()) {
            if (String.valueOf(bundle.getSymbolicName()).startsWith(PACKAGE)) {
                versions.put(bundle.getSymbolicName(), bundle.getVersion());
            }
        }
        return versions;
    }

    /** Writes the floor, or deletes it; a wrong one leaves the file as it is. */
    static void keep(String floor, Map<String, Version> installed, Path file) throws IOException {
        if (floor.isEmpty()) {
            DurableFiles.delete(file);
            return;
        }
        Version version = Version.parseVersion(floor);
        installed.forEach((name, has) -> {
            if (version.compareTo(has) > 0) {
                throw new IllegalArgumentException(
                        "floor is %s, expected at most %s, the version of %s that is installed:"
                                        .formatted(floor, has, name)
                                + " Kura installs it again at each boot, and it would be refused; upgrade it before");
            }
        });
        DurableFiles.write(file, version.toString().getBytes(StandardCharsets.UTF_8));
    }
}
