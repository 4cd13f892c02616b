// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.bridge;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;
import org.osgi.service.metatype.ObjectClassDefinition;

/**
 * The forms of those bundles that use Edgewright's API and leave their configurations to the bridge. A bundle that imports
 * Kura's own package for it, such as one with wire components, marks its components itself.
 */
final class Forms {

    private static final String OURS = PackageNamespace.PACKAGE_NAMESPACE + "=io.edgewright.api.";
    private static final String KURAS = PackageNamespace.PACKAGE_NAMESPACE + "=org.eclipse.kura.configuration)";

    private final MetaTypeService types;
    private final BundleContext context;

    Forms(MetaTypeService types, BundleContext context) {
        this.types = types;
        this.context = context;
    }

    /** {@return the PIDs and factory PIDs that a bundle has a form for; empty if it is not for the bridge} */
    Set<String> pids(Bundle bundle) {
        MetaTypeInformation information = isOurs(bundle) ? types.getMetaTypeInformation(bundle) : null;
        if (information == null) {
            return Set.of();
        }
        Set<String> pids = new HashSet<>(Arrays.asList(information.getPids()));
        pids.addAll(Arrays.asList(information.getFactoryPids()));
        return pids;
    }

    /** {@return the form of a PID or factory PID, if an active bundle has one} */
    Optional<ObjectClassDefinition> find(String pid) {
        return Arrays.stream(context.getBundles())
                .filter(b -> b.getState() == Bundle.ACTIVE && pids(b).contains(pid))
                .findFirst()
                .map(b -> types.getMetaTypeInformation(b).getObjectClassDefinition(pid, null));
    }

    private static boolean isOurs(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision != null && imports(revision, OURS) && !imports(revision, KURAS);
    }

    private static boolean imports(BundleRevision revision, String part) {
        return revision.getDeclaredRequirements(PackageNamespace.PACKAGE_NAMESPACE).stream()
                .map(BundleRequirement::getDirectives)
                .anyMatch(d -> d.getOrDefault("filter", "").contains(part));
    }
}
