// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.tensor.ElementType;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types in PyTorch's terms. */
final class TorchTypes {

    private static final Map<ElementType, ScalarType> TYPES = new EnumMap<>(Map.ofEntries(
            Map.entry(ElementType.FLOAT32, ScalarType.Float),
            Map.entry(ElementType.FLOAT16, ScalarType.Half),
            Map.entry(ElementType.FLOAT64, ScalarType.Double),
            Map.entry(ElementType.INT8, ScalarType.Char),
            Map.entry(ElementType.INT16, ScalarType.Short),
            Map.entry(ElementType.INT32, ScalarType.Int),
            Map.entry(ElementType.INT64, ScalarType.Long),
            Map.entry(ElementType.UINT8, ScalarType.Byte),
            Map.entry(ElementType.UINT16, ScalarType.UInt16),
            Map.entry(ElementType.UINT32, ScalarType.UInt32),
            Map.entry(ElementType.UINT64, ScalarType.UInt64),
            Map.entry(ElementType.BOOL, ScalarType.Bool)));

    private TorchTypes() {}

    /** {@return those that a tensor of PyTorch can have: all but STRING} */
    static Set<ElementType> all() {
        return EnumSet.copyOf(TYPES.keySet());
    }

    /** {@return the same type there; empty for STRING} */
    static Optional<ScalarType> scalarType(ElementType type) {
        return Optional.ofNullable(TYPES.get(type));
    }

    /** {@return the same type here; empty for complex, quantized and 8-bit floating-point types} */
    static Optional<ElementType> elementType(ScalarType type) {
        return TYPES.entrySet().stream()
                .filter(e -> e.getValue() == type)
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
