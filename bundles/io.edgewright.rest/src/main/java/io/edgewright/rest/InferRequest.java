// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.inference.RequestOptions;
import java.util.List;
import java.util.Optional;

/**
 * A parsed inference request.
 *
 * @param id echoed in the answer; empty for none
 * @param options deadline and priority
 * @param inputs one for each input of the model
 * @param outputs which outputs to answer and how
 */
record InferRequest(String id, RequestOptions options, List<Given> inputs, List<Wanted> outputs) {

    InferRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * An input: its data is in the JSON or follows it.
     *
     * @param tensor the data from the JSON; if {@code binaryBytes} is 0 or more only its name, type and shape count
     * @param binaryBytes how many bytes after the JSON belong to it; -1 if none do
     */
    record Given(TensorData tensor, long binaryBytes) {}

    /**
     * An output that is asked for.
     *
     * @param name its name
     * @param binary whether after the JSON instead of in it
     * @param classes how many of the highest values to name instead of the tensor; 0 for the tensor
     */
    record Wanted(String name, boolean binary, int classes) {}

    /** An output as the request's JSON has it: binary may be left to the request's own parameter. */
    record Asked(String name, Optional<Boolean> binary, int classes) {}

    /** {@return true if no input has its data in the JSON} */
    boolean isAllBinary() {
        for (Given input : inputs) {
            if (input.binaryBytes() < 0) {
                return false;
            }
        }
        return true;
    }

    /** {@return how many bytes must follow the JSON} */
    long binaryBytes() {
        long bytes = 0;
        for (Given input : inputs) {
            bytes += Math.max(0, input.binaryBytes());
        }
        return bytes;
    }
}
