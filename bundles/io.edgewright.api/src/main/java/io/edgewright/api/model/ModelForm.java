// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A further form of a model: the same computation in a file of another format, beside the first one in one package, so that
 * a device that does not take the first form may take this one.
 *
 * <p>An application must not notice which form serves it, so the tensors of a form must agree with those of the first:
 * <ul>
 *   <li>as many inputs, and as many outputs
 *   <li>matched by name where both have the same names, else by position: names may differ, as converters rename tensors;
 *       applications use the names of the first form, whatever form serves
 *   <li>the same element type each: a quantized form with integers where the first has floats is another model
 *   <li>the same rank and dimensions each, but that one of the two may leave open what the other fixes. While the form with
 *       the fixed dimension serves, only that size is taken. A form with another layout, such as {@code [1, 224, 224, 3]}
 *       for {@code [1, 3, 224, 224]}, is another model: nothing is transposed
 * </ul>
 *
 * @param format such as {@code tflite}; each format once in a package
 * @param file the name of the file within the package, such as {@code model.tflite}; one of {@link ModelManifest#files()}
 * @param digest SHA-256 of the file, the same as in {@link ModelManifest#files()}
 * @param sizeBytes the size of the file and its external data together
 * @param inputs in graph order, under the names of this form
 * @param outputs in graph order, under the names of this form
 */
public record ModelForm(
        String format, String file, String digest, long sizeBytes, List<TensorSpec> inputs, List<TensorSpec> outputs) {

    /** Checks and copies. */
    public ModelForm {
        ModelManifest.checkDigest(file, digest);
        ModelManifest.checkPath(file);
        ModelManifest.checkSize(sizeBytes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /**
     * Finds the tensors of a form that stand for those of the first form: by name where both have the same names, else by
     * position.
     *
     * @param what what they are, for the message, such as {@code inputs of model.tflite}
     * @param first the tensors of the first form
     * @param others the tensors of another form
     * @return the tensors of the other form in the order of the first, under their own names
     * @throws IllegalArgumentException if they do not agree as said above; the message says what was expected and found
     */
    public static List<TensorSpec> match(String what, List<TensorSpec> first, List<TensorSpec> others) {
        if (first.size() != others.size()) {
            throw new IllegalArgumentException("there are %d %s, expected %d as in the model's first form: %s and %s"
                    .formatted(others.size(), what, first.size(), others, first));
        }
        List<TensorSpec> matched = new ArrayList<>(first.size());
        boolean byName = names(first).equals(names(others));
        for (int i = 0; i < first.size(); i++) {
            String name = first.get(i).name();
            TensorSpec other = byName
                    ? others.stream()
                            .filter(o -> o.name().equals(name))
                            .findFirst()
                            .orElseThrow()
                    : others.get(i);
            checkAgree(what, first.get(i), other);
            matched.add(other);
        }
        return List.copyOf(matched);
    }

    private static void checkAgree(String what, TensorSpec first, TensorSpec other) {
        String problem = "%s: '%s' is %s %s, expected %s %s as '%s' of the model's first form"
                .formatted(what, other.name(), other.type(), other.shape(), first.type(), first.shape(), first.name());
        if (first.type() != other.type()) {
            throw new IllegalArgumentException(problem
                    + "; a form with other element types (quantized, for instance) is stored as a model of its own");
        }
        if (!fit(first.shape(), other.shape())) {
            throw new IllegalArgumentException(problem
                    + (sameButOrder(first.shape(), other.shape())
                            ? "; it looks like another layout (NCHW, NHWC): convert it so that the layout stays, or store it"
                                    + " as a model of its own"
                            : "; a form with other shapes is stored as a model of its own"));
        }
    }

    private static boolean fit(List<Long> first, List<Long> other) {
        if (first.equals(TensorSpec.ANY_SHAPE) || other.equals(TensorSpec.ANY_SHAPE)) {
            return true;
        }
        if (first.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < first.size(); i++) {
            long a = first.get(i);
            long b = other.get(i);
            if (a != b && a != TensorSpec.DYNAMIC && b != TensorSpec.DYNAMIC) {
                return false;
            }
        }
        return true;
    }

    private static Set<String> names(List<TensorSpec> specs) {
        Set<String> names = new HashSet<>();
        specs.forEach(spec -> names.add(spec.name()));
        return names;
    }

    /** The first dimension, mostly the batch, is left out: one of the two may leave it open. */
    private static boolean sameButOrder(List<Long> first, List<Long> other) {
        return first.size() > 2
                && first.size() == other.size()
                && first.stream()
                        .skip(1)
                        .sorted()
                        .toList()
                        .equals(other.stream().skip(1).sorted().toList());
    }
}
