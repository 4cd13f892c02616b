// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.health.HealthCheck;
import io.edgewright.app.retail.Progress.State;
import java.time.Duration;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Says which application has lost its camera or its model. */
@Component(name = RetailHealth.NAME, service = HealthCheck.class, property = "kura.ui.service.hide=true")
public final class RetailHealth implements HealthCheck {

    static final String NAME = "io.edgewright.app.retail.health";

    /** A swap or a reconnection is no finding. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<RetailApp> apps = List.of();

    /** For DS. */
    @Activate
    public RetailHealth() {}

    @Override
    public String name() {
        return "retail";
    }

    @Override
    public List<Finding> check() {
        return apps.stream()
                .filter(app -> isFinding(app.progress()))
                .map(app -> finding(app.settings(), app.progress()))
                .toList();
    }

    static boolean isFinding(Progress.Snapshot progress) {
        return progress.state().unwell && progress.lasting().compareTo(GRACE) >= 0;
    }

    private static Finding finding(RetailSettings settings, Progress.Snapshot progress) {
        return new Finding(
                Severity.CRITICAL,
                "retail application " + settings.name(),
                progress.message(),
                progress.state() == State.NO_SOURCE
                        ? "Check the camera '%s': its address, its power, its network.".formatted(settings.source())
                        : "Check the deployment '%s': its model and its accelerator.".formatted(settings.deployment()));
    }
}
