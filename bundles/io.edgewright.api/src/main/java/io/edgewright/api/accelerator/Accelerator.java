// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import java.util.Map;
import java.util.Set;

/**
 * One device that can run models, as its driver describes it.
 *
 * @param id unique on the gateway, such as {@code cpu}, {@code openvino:npu.0}; letters, digits, {@code . _ : -}
 * @param driver the name of the driver that found it
 * @param kind what it is
 * @param vendor such as {@code AMD}; empty if unknown
 * @param description one line for people, such as {@code 2 cores of an AMD EPYC, avx512_vnni}
 * @param memoryBytes memory for models; 0 if unknown or shared with the system
 * @param formats the model formats it runs, such as {@code onnx}
 * @param cancellable true if {@link Slot#cancel} ends a run soon; only then runs are made on the caller's own thread
 * @param properties further facts for people and logs, such as {@code cpu.features}
 */
public record Accelerator(
        String id,
        String driver,
        AcceleratorKind kind,
        String vendor,
        String description,
        long memoryBytes,
        Set<String> formats,
        boolean cancellable,
        Map<String, String> properties) {

    /** Checks and copies. */
    public Accelerator {
        if (!id.matches("[A-Za-z0-9._:-]{1,100}")) {
            throw new IllegalArgumentException("accelerator id '" + id
                    + "' is malformed, expected 1 to 100 of letters, digits, '.', '_', ':', '-'");
        }
        if (memoryBytes < 0) {
            throw new IllegalArgumentException("memoryBytes is " + memoryBytes + ", expected 0 or more");
        }
        formats = Set.copyOf(formats);
        properties = Map.copyOf(properties);
    }
}
