// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.config.Home;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The optimizer's settings, checked.
 *
 * @param home where everything that must last lives
 * @param niceness how much the work steps back
 * @param cacheBytes what all variants may have together
 * @param timing how long each variant is timed
 * @param live how much is looked at of what deployments show
 */
record OptimizerSettings(Path home, int niceness, long cacheBytes, Duration timing, Live.Limits live) {

    /** Reads and checks a configuration. */
    static OptimizerSettings of(EdgeOptimizer.Config config) {
        if (!(config.drift_alarm() >= 0)) {
            throw new IllegalArgumentException("drift.alarm is " + config.drift_alarm() + ", expected 0 or more");
        }
        return new OptimizerSettings(
                Home.folder(config.home()),
                in("niceness", config.niceness(), 0, 19),
                (long) in("cache.mib", config.cache_mib(), 16, Integer.MAX_VALUE) << 20,
                Duration.ofMillis(in("timing.millis", config.timing_millis(), 1, 600_000)),
                new Live.Limits(
                        in("capture.samples", config.capture_samples(), 1, 100_000),
                        in("drift.samples", config.drift_samples(), 10, 1_000_000),
                        config.drift_alarm() == 0 ? Double.POSITIVE_INFINITY : config.drift_alarm()));
    }

    private static int in(String setting, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }
}
