// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.util.List;
import java.util.Map;

/**
 * What is installed together, as an OSGi feature (OSGi Compendium 8.1, chapter 159) says it.
 *
 * @param name the file's name without its extension
 * @param categories what it is for; {@value #DRIVER} for one that brings devices
 * @param requires the features it needs
 * @param bundles in the file's order
 * @param variables with their defaults
 * @param properties framework properties; may refer to variables as <code>${name}</code>
 */
record Feature(
        String name,
        List<String> categories,
        List<String> requires,
        List<BundleRef> bundles,
        Map<String, String> variables,
        Map<String, String> properties) {

    /** The category of features that bring devices of the machine: the commands without a gateway start them. */
    static final String DRIVER = "accelerator";

    /** The start level of a bundle that names none. */
    static final int DEFAULT_START_LEVEL = 5;

    /**
     * A bundle of a feature.
     *
     * @param group Maven group
     * @param artifact Maven artifact
     * @param version Maven version
     * @param startLevel the framework starts lower ones first
     * @param preload classes that are initialized beside the start, as they take long and the start needs them later
     */
    record BundleRef(String group, String artifact, String version, int startLevel, List<String> preload) {

        /** Copies. */
        BundleRef {
            preload = List.copyOf(preload);
        }

        /** {@return the name of its jar in the repository, without the extension} */
        String fileName() {
            return artifact + "-" + version;
        }

        @Override
        public String toString() {
            return group + ":" + artifact + ":" + version;
        }
    }

    /** Copies. */
    Feature {
        categories = List.copyOf(categories);
        requires = List.copyOf(requires);
        bundles = List.copyOf(bundles);
        variables = Map.copyOf(variables);
        properties = Map.copyOf(properties);
    }
}
