// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassStep;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** The passes that are installed. Thread-safe. */
final class Passes {

    private final Supplier<List<OptimizationPass>> services;

    /** @param services answers those that are there now */
    Passes(Supplier<List<OptimizationPass>> services) {
        this.services = services;
    }

    /** {@return all, in the order of their stages} */
    List<OptimizationPass> all() {
        return services.get().stream()
                .sorted(Comparator.comparing(OptimizationPass::stage).thenComparing(OptimizationPass::name))
                .toList();
    }

    List<Optimizer.Pass> descriptions() {
        return all().stream()
                .map(p -> new Optimizer.Pass(p.name(), p.description(), p.stage(), p.parameters()))
                .toList();
    }

    Optional<OptimizationPass> find(String name) {
        return services.get().stream().filter(p -> p.name().equals(name)).findFirst();
    }

    OptimizationPass get(String name) throws NotThereException {
        return find(name)
                .orElseThrow(() -> new NotThereException("pass '" + name + "' is not installed, there are "
                        + all().stream().map(OptimizationPass::name).toList()));
    }

    /** {@return true while this very service is there} */
    boolean has(OptimizationPass pass) {
        return services.get().contains(pass);
    }

    /**
     * {@return the step with all parameters of its pass}
     *
     * @throws IllegalArgumentException if a parameter is unknown or out of its range
     */
    static PassStep complete(OptimizationPass pass, PassStep step) {
        Map<String, String> all = new HashMap<>();
        for (PassParameter parameter : pass.parameters()) {
            String value = step.parameters().getOrDefault(parameter.name(), parameter.defaultValue());
            try {
                parameter.check(value);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("pass " + pass.name() + ": " + e.getMessage(), e);
            }
            all.put(parameter.name(), value);
        }
        for (String name : step.parameters().keySet()) {
            if (!all.containsKey(name)) {
                throw new IllegalArgumentException("pass %s has no parameter '%s', expected one of %s"
                        .formatted(
                                pass.name(),
                                name,
                                pass.parameters().stream()
                                        .map(PassParameter::name)
                                        .toList()));
            }
        }
        return new PassStep(step.pass(), all);
    }

    /** {@return what tells one release of a pass from another} */
    static String version(OptimizationPass pass) {
        Bundle bundle = FrameworkUtil.getBundle(pass.getClass());
        return pass.name() + "=" + (bundle == null ? "0" : bundle.getVersion());
    }
}
