// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.inference.InferenceTap.Allowance;
import io.edgewright.api.inference.InferenceTap.Place;
import io.edgewright.api.model.ModelVersion;
import io.edgewright.api.model.VersionRule;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** A deployment's wish, checked. */
record DeploymentSettings(
        String name,
        String model,
        VersionRule version,
        List<String> accelerators,
        Placing placing,
        LoadSpec load,
        int batchMax,
        long timeoutMillis,
        Rollout rollout,
        int canaryPercent,
        int observeSeconds,
        int observeRequests,
        int maxErrorPercent,
        double maxLatencyRatio,
        int maxDisagreementPercent,
        double agreementTolerance,
        Improvement improvement,
        double capturePerSecond,
        Allowance capture) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");

    /** On how many devices it serves. */
    enum Placing {
        PREFERRED,
        SPREAD
    }

    /** How a new version becomes the primary. */
    enum Rollout {
        IMMEDIATE,
        CANARY,
        SHADOW
    }

    /** Where captured inputs may be. */
    private enum Keep {
        MEMORY,
        DISK
    }

    /** Reads and checks a configuration. */
    static DeploymentSettings of(Deployment.Config config) {
        String name = config.name().strip();
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name is '" + config.name()
                    + "', expected 1 to 100 of letters, digits, '.', '_', '-', not starting with a dot");
        }
        VersionRule rule = VersionRule.parse(config.version());
        if (!config.version_floor().isBlank()) {
            rule = rule.atLeast(ModelVersion.parse(config.version_floor().strip()));
        }
        return new DeploymentSettings(
                name,
                config.model().strip(),
                rule,
                List.of(config.accelerators()).stream()
                        .map(String::strip)
                        .filter(a -> !a.isEmpty())
                        .toList(),
                choice("placement", Placing.class, config.placement()),
                new LoadSpec(
                        choice("goal", LoadOptions.Goal.class, config.goal()),
                        in("instances", config.instances(), 0, 1024),
                        in("queue.length", config.queue_length(), 1, 100_000),
                        config.trusted(),
                        LoadOptions.parse(List.of(config.driver_options()))),
                in("batch.max", config.batch_max(), 1, 64),
                in("timeout.millis", config.timeout_millis(), 0, Integer.MAX_VALUE),
                choice("rollout", Rollout.class, config.rollout()),
                in("canary.percent", config.canary_percent(), 1, 100),
                in("observe.seconds", config.observe_seconds(), 0, 30 * 86_400),
                in("observe.requests", config.observe_requests(), 1, 1_000_000_000),
                in("max.error.percent", config.max_error_percent(), 0, 100),
                real("max.latency.ratio", config.max_latency_ratio(), 0.1, 1000),
                in("max.disagreement.percent", config.max_disagreement_percent(), 0, 100),
                real("agreement.tolerance", config.agreement_tolerance(), 0, 1e6),
                Improvement.of(config),
                real("capture.per.second", config.capture_per_second(), 0, 1000),
                capture(config));
    }

    private static Allowance capture(Deployment.Config config) {
        Keep keep = choice("capture.keep", Keep.class, config.capture_keep());
        int mib = in("capture.mib", config.capture_mib(), 1, 4096);
        Place place = config.capture_per_second() == 0 ? Place.NOWHERE : Place.valueOf(keep.name());
        return new Allowance(place, (long) mib << 20);
    }

    private static int in(String setting, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    private static double real(String setting, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    private static <E extends Enum<E>> E choice(String setting, Class<E> type, String text) {
        for (E value : type.getEnumConstants()) {
            if (value.name().equalsIgnoreCase(text.strip())) {
                return value;
            }
        }
        List<String> choices = List.of(type.getEnumConstants()).stream()
                .map(e -> e.name().toLowerCase(Locale.ROOT))
                .toList();
        throw new IllegalArgumentException(setting + " is '" + text + "', expected one of " + choices);
    }
}
