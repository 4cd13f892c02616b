// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.health.HealthCheck.Finding;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.DeploymentStatus.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What an operator must act on. */
final class HealthReport {

    private final Core core;

    HealthReport(Core core) {
        this.core = core;
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        for (DeploymentStatus status : core.list()) {
            deployment(status, findings);
        }
        for (Found place : core.services().devices().present().values()) {
            device(place, findings);
        }
        for (DeploymentController controller : core.controllers()) {
            String problem = controller.serving().storageProblem();
            if (!problem.isEmpty() || controller.journal().isFailing()) {
                findings.add(new Finding(
                        Severity.CRITICAL,
                        "deployment " + controller.settings().name(),
                        problem.isEmpty() ? "its history could not be written" : problem,
                        "free disk space, or let the gateway write to its home folder"));
            }
        }
        findings.sort(Comparator.comparing(Finding::severity).reversed());
        return findings;
    }

    private static void deployment(DeploymentStatus status, List<Finding> findings) {
        if (status.state() == State.FAILED || status.state() == State.DEGRADED) {
            findings.add(new Finding(
                    status.state() == State.FAILED ? Severity.CRITICAL : Severity.WARNING,
                    "deployment " + status.name(),
                    status.message(),
                    "see the history of the deployment; change its settings, or the model or device it names"));
        }
    }

    private void device(Found place, List<Finding> findings) {
        String message = core.services().devices().message(place);
        if (!message.isEmpty()) {
            boolean stuck = core.services().devices().isStuck(place);
            findings.add(new Finding(
                    stuck ? Severity.CRITICAL : Severity.WARNING,
                    "accelerator " + place.id(),
                    message,
                    stuck
                            ? "restart its driver; if that does not help, reset or replug the device"
                            : "check the device and its driver; it is tried again by itself"));
        }
    }
}
