// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.tensor.OutputTensors;
import java.util.function.BiFunction;

/** A reader of our own, which is told which version ran: a swap may change the outputs between two requests. */
final class VersionReader<R> implements OutputReader<R> {

    private final BiFunction<OutputTensors, LoadedVersion, R> read;

    VersionReader(BiFunction<OutputTensors, LoadedVersion, R> read) {
        this.read = read;
    }

    R read(OutputTensors outputs, LoadedVersion version) {
        return read.apply(outputs, version);
    }

    @Override
    public R read(OutputTensors outputs) {
        throw new IllegalStateException("called without the version that ran");
    }
}
