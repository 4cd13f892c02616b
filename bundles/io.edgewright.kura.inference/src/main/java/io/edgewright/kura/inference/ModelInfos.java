// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.ai.inference.Tensor;
import org.eclipse.kura.ai.inference.TensorDescriptor;

/** Signatures and answers in Kura's form. */
final class ModelInfos {

    private ModelInfos() {}

    /** {@return what Kura is told of a model} */
    static ModelInfo of(String name, Signature signature) throws KuraException {
        if (signature.inputs().isEmpty() || signature.outputs().isEmpty()) {
            throw KuraErrors.of(
                    KuraErrorCode.OPERATION_NOT_SUPPORTED,
                    "model '%s' has %d inputs and %d outputs, expected at least one of each"
                            .formatted(
                                    name,
                                    signature.inputs().size(),
                                    signature.outputs().size()));
        }
        return ModelInfo.builder(name)
                .platform(signature.manifest().format())
                .version(signature.manifest().id().version().toString())
                .addAllInputDescriptor(descriptors(signature.inputs()))
                .addAllOutputDescriptor(descriptors(signature.outputs()))
                .build();
    }

    /** {@return an output as Kura's tensor; as bytes if it is asked for and the output is no single number} */
    static Tensor tensor(TensorSpec spec, io.edgewright.api.tensor.Tensor output, boolean vectorsAsBytes) {
        ElementView<?> view = ElementView.of(output);
        List<Long> shape = output.shape().isEmpty() ? List.of(1L) : output.shape();
        TensorDescriptor descriptor = TensorDescriptor.builder(
                        spec.name(), spec.type().protocolName(), shape)
                .build();
        return vectorsAsBytes && view.size() != 1 ? tensor(view.asBytes(), descriptor) : tensor(view, descriptor);
    }

    private static <T> Tensor tensor(ElementView<T> view, TensorDescriptor descriptor) {
        return new Tensor(view.boxed(), descriptor, view);
    }

    private static List<TensorDescriptor> descriptors(List<TensorSpec> specs) {
        return specs.stream()
                .map(spec -> TensorDescriptor.builder(
                                spec.name(), spec.type().protocolName(), InputShape.described(spec))
                        .build())
                .toList();
    }
}
