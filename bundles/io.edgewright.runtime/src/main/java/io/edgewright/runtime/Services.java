// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.event.Event;
import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.optimize.Optimizer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all deployments share.
 *
 * @param time the clock
 * @param control where deployments are reconciled
 * @param runners where queued requests, shadows and probes run
 * @param catalog the models
 * @param devices the devices
 * @param loader loads versions
 * @param settings of the runtime
 * @param folder {@code <home>/deployments}
 * @param events takes events further
 * @param optimizer answers the optimizer, null while there is none
 * @param taps answers who looks at inferences
 */
record Services(
        Time time,
        Executor control,
        Executor runners,
        Catalog catalog,
        Devices devices,
        Loader loader,
        Supplier<RuntimeSettings> settings,
        Path folder,
        Consumer<Event> events,
        Supplier<@Nullable Optimizer> optimizer,
        Supplier<List<InferenceTap>> taps) {}
