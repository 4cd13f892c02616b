// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.health.HealthCheck.Finding;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.api.inference.Deployments.IdleDriver;
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
        Devices devices = core.services().devices();
        devices.present().forEach((id, place) -> device(id, devices.condition(place), findings));
        devices.absent().forEach(gone -> device(gone.id(), devices.absence(gone.id()), findings));
        for (IdleDriver idle : devices.silentDrivers()) {
            findings.add(new Finding(
                    Severity.CRITICAL,
                    "driver " + idle.driver(),
                    idle.message(),
                    "restart the driver's bundle; if that does not help, reset or replug its devices"));
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

    private static void device(String id, DeviceCondition condition, List<Finding> findings) {
        if (!condition.isLeftOut()) {
            return;
        }
        boolean stuck = condition.state() == DeviceState.QUARANTINED;
        String advice =
                switch (condition.state()) {
                    case QUARANTINED ->
                        "it is used again when the call returns or its driver is restarted; if neither helps, reset or"
                                + " replug the device";
                    case ABSENT ->
                        "plug it in or start its driver; if it was taken away for good, this ends with the next start";
                    default -> "check the device and its driver; it is tried again by itself";
                };
        findings.add(new Finding(
                stuck ? Severity.CRITICAL : Severity.WARNING, "accelerator " + id, condition.message(), advice));
    }
}
