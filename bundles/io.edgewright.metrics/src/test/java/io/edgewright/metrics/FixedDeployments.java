// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import java.util.List;
import java.util.Optional;

/** A runtime that is in a fixed state. */
record FixedDeployments(List<DeploymentStatus> list, List<Device> devices, List<IdleDriver> idleDrivers)
        implements Deployments {

    @Override
    public Optional<DeploymentStatus> find(String name) {
        return list.stream().filter(d -> d.name().equals(name)).findFirst();
    }

    @Override
    public List<DeploymentEvent> history(String name, int limit) {
        return List.of();
    }

    @Override
    public List<Device> rescan() {
        return devices;
    }

    @Override
    public void promote(String name) {
        throw new IllegalStateException("nothing to promote");
    }

    @Override
    public void rollback(String name) {
        throw new IllegalStateException("nothing to go back to");
    }
}
