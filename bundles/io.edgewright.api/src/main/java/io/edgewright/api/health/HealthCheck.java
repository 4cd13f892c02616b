// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.health;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** A service that knows whether a part of the gateway is well. Thread-safe. */
@ConsumerType
public interface HealthCheck {

    /** {@return a short name such as {@code deployments}} */
    String name();

    /** {@return what is not well, the worst first; empty if all is; answers within milliseconds} */
    List<Finding> check();

    /**
     * Something that is not well.
     *
     * @param severity how bad
     * @param subject what it is about, such as {@code deployment shelf}
     * @param message what is wrong: what was expected and found
     * @param advice what to do about it
     */
    record Finding(Severity severity, String subject, String message, String advice) {}

    /** How bad. */
    enum Severity {
        /** It works, worse. */
        WARNING,
        /** Something does not work; someone must come. */
        CRITICAL
    }
}
