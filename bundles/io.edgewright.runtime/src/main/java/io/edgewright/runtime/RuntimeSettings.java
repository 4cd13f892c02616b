// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;

/** The runtime's own settings, checked. */
record RuntimeSettings(
        Duration backOffStart,
        Duration backOffMax,
        Duration recover,
        Duration stuck,
        Duration patience,
        Duration load,
        Duration rescan,
        int memoryMarginMib) {

    /** Reads and checks a configuration. */
    static RuntimeSettings of(EdgeRuntime.Config config) {
        Duration start = seconds("backoff.start.seconds", config.backoff_start_seconds(), 1);
        Duration most = seconds("backoff.max.seconds", config.backoff_max_seconds(), 1);
        if (most.compareTo(start) < 0) {
            throw new IllegalArgumentException("backoff.max.seconds is " + most.toSeconds()
                    + ", expected at least backoff.start.seconds, which is " + start.toSeconds());
        }
        if (config.memory_margin_mib() < 0) {
            throw new IllegalArgumentException(
                    "memory.margin.mib is " + config.memory_margin_mib() + ", expected 0 or more");
        }
        return new RuntimeSettings(
                start,
                most,
                seconds("recover.seconds", config.recover_seconds(), 0),
                seconds("stuck.seconds", config.stuck_seconds(), 1),
                seconds("wait.seconds", config.wait_seconds(), 0),
                seconds("load.seconds", config.load_seconds(), 1),
                seconds("rescan.seconds", config.rescan_seconds(), 0),
                config.memory_margin_mib());
    }

    private static Duration seconds(String setting, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " or more");
        }
        return Duration.ofSeconds(value);
    }
}
