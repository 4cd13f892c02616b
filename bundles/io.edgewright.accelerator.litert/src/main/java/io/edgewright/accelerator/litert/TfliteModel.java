// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a TensorFlow Lite file says about itself.
 *
 * @param version of the schema; 3 is the only one in use
 * @param description the converter's remark
 * @param inputs of the first subgraph
 * @param outputs of the first subgraph
 * @param customOps the names of operators that are no part of TensorFlow Lite itself, in order
 * @param metadata the content of the buffer {@code TFLITE_METADATA}; empty if there is none
 */
record TfliteModel(
        long version,
        String description,
        List<Port> inputs,
        List<Port> outputs,
        Set<String> customOps,
        Optional<FlatBuffer> metadata) {

    /** The only version of the schema in use. */
    static final long SCHEMA_VERSION = 3;

    /**
     * An input or output.
     *
     * @param name the tensor's name, or one made up where it has none
     * @param type as {@link TfliteTypes}
     * @param shape with -1 where it is open, or {@link TensorSpec#ANY_SHAPE}
     * @param quantization how integers stand for real numbers; empty if they do not
     */
    record Port(String name, int type, List<Long> shape, Optional<Quantization> quantization) {

        /** {@return how it looks from outside; empty if its type has no match} */
        Optional<TensorSpec> spec() {
            return TfliteTypes.of(type).map(t -> new TensorSpec(name, t, shape));
        }

        /** {@return true if its values can be exchanged through plain memory} */
        boolean isPlain() {
            return TfliteTypes.of(type).filter(t -> t != ElementType.STRING).isPresent();
        }
    }

    /**
     * {@code real = scale * (integer - zeroPoint)}, one pair for the whole tensor.
     *
     * @param scale positive
     * @param zeroPoint the integer that stands for 0
     */
    record Quantization(float scale, long zeroPoint) {}

    /** {@return the same with another shape of one output} */
    TfliteModel withOutput(int index, List<Long> shape) {
        List<Port> changed = new ArrayList<>(outputs);
        Port old = outputs.get(index);
        changed.set(index, new Port(old.name(), old.type(), List.copyOf(shape), old.quantization()));
        return new TfliteModel(version, description, inputs, changed, customOps, metadata);
    }

    /** {@return the specs of those that have one} */
    static List<TensorSpec> specs(List<Port> ports) {
        List<TensorSpec> specs = new ArrayList<>();
        ports.forEach(p -> p.spec().ifPresent(specs::add));
        return specs;
    }
}
