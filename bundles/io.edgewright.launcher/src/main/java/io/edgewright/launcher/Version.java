// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import org.jspecify.annotations.Nullable;

/** Which release this is. */
final class Version {

    private Version() {}

    /** {@return what the build wrote into the manifest} */
    static String text() {
        @Nullable String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }
}
