// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx.emit;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How the window of a convolution or pooling moves over the spatial axes of a value {@code [N, C, ...]}, and the patches under it
 * written as graphs: "im2col" by a depthwise convolution whose kernels have a single one each, and its adjoint.
 *
 * @param kernel its size along each axis
 * @param strides how far it moves
 * @param begins the padding before each axis
 * @param ends the padding after each axis; as many as the last window needs
 * @param dilations the distance of its elements
 * @param inputs the sizes of the spatial axes that it moves over
 * @param outputs how many places it has along each axis
 */
public record Window(
        List<Long> kernel,
        List<Long> strides,
        List<Long> begins,
        List<Long> ends,
        List<Long> dilations,
        List<Long> inputs,
        List<Long> outputs) {

    /**
     * {@return the window of a Conv, MaxPool or AveragePool, its {@code auto_pad} and {@code ceil_mode} worked out}
     *
     * @param node the node
     * @param kernel the size of its kernel along each spatial axis
     * @param inputs the sizes of the spatial axes of its input
     * @param outputs the sizes of the spatial axes of its output
     */
    public static Window of(Node node, List<Long> kernel, List<Long> inputs, List<Long> outputs) {
        int rank = kernel.size();
        List<Long> ones = Emitter.times(rank, 1);
        List<Long> strides = node.intsOr("strides", ones);
        List<Long> dilations = node.intsOr("dilations", ones);
        List<Long> pads = node.intsOr("pads", Emitter.times(2 * rank, 0));
        String auto = node.textOr("auto_pad", "NOTSET");
        List<Long> begins = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            long covered = (outputs.get(i) - 1) * strides.get(i) + dilations.get(i) * (kernel.get(i) - 1) + 1;
            long needed = covered - inputs.get(i);
            long begin =
                    switch (auto) {
                        case "SAME_UPPER" -> Math.max(0, needed) / 2;
                        case "SAME_LOWER" -> (Math.max(0, needed) + 1) / 2;
                        case "VALID" -> 0;
                        default -> pads.get(i);
                    };
            begins.add(begin);
            ends.add(Math.max(0, needed - begin));
        }
        return new Window(kernel, strides, begins, ends, dilations, inputs, outputs);
    }

    /** {@return the same window over a value that has its padding already} */
    public Window padded() {
        List<Long> sizes = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            sizes.add(begins.get(i) + inputs.get(i) + ends.get(i));
        }
        List<Long> none = Emitter.times(inputs.size(), 0);
        return new Window(kernel, strides, none, none, dilations, sizes, outputs);
    }

    /** {@return how many elements the window has} */
    public long volume() {
        return kernel.stream().reduce(1L, (a, b) -> a * b);
    }

    /** {@return true if the patches are the value itself} */
    public boolean isPoint() {
        return volume() == 1
                && strides.stream().allMatch(s -> s == 1)
                && begins.stream().allMatch(p -> p == 0)
                && ends.stream().allMatch(p -> p == 0);
    }

    /**
     * {@return the patches {@code [N, C * volume, places...]}: under channel c * volume + k is what the k-th element of the window
     * sees of channel c}
     *
     * @param value a value {@code [N, C, inputs...]}
     */
    public String patches(Emitter to, String value, long channels) {
        return isPoint() ? value : to.emit("Conv", attributes(channels), value, picking(to, channels));
    }

    /**
     * {@return the adjoint of {@link #patches}: each element of a value gets the sum of its places in the patches}
     *
     * @param patches {@code [N, C * volume, places...]}
     */
    public String fold(Emitter to, String patches, long channels) {
        if (isPoint()) {
            return patches;
        }
        return to.emit("ConvTranspose", adjoint(channels), patches, picking(to, channels));
    }

    /** {@return the attributes of a Conv with this window} */
    public Map<String, Attribute> attributes(long group) {
        Map<String, Attribute> all = new LinkedHashMap<>();
        List<Long> pads = new ArrayList<>(begins);
        pads.addAll(ends);
        all.put("kernel_shape", Attribute.ofInts(kernel));
        all.put("strides", Attribute.ofInts(strides));
        all.put("pads", Attribute.ofInts(pads));
        all.put("dilations", Attribute.ofInts(dilations));
        all.put("group", Attribute.of(group));
        return all;
    }

    /** {@return the attributes of the ConvTranspose that leads back to the inputs of a Conv with this window} */
    public Map<String, Attribute> adjoint(long group) {
        Map<String, Attribute> all = attributes(group);
        List<Long> rest = new ArrayList<>();
        for (int i = 0; i < kernel.size(); i++) {
            long covered = (outputs.get(i) - 1) * strides.get(i) + dilations.get(i) * (kernel.get(i) - 1) + 1;
            rest.add(inputs.get(i) + begins.get(i) + ends.get(i) - covered);
        }
        all.put("output_padding", Attribute.ofInts(rest));
        return all;
    }

    /** Kernels [C * volume, 1, kernel...], each with a one in a place of its own. */
    private String picking(Emitter to, long channels) {
        int volume = Math.toIntExact(volume());
        float[] ones = new float[Math.toIntExact(channels * volume * volume)];
        for (int i = 0; i < channels * volume; i++) {
            ones[i * volume + i % volume] = 1;
        }
        List<Long> shape = new ArrayList<>(List.of(channels * volume, 1L));
        shape.addAll(kernel);
        return to.floats(shape, ones);
    }
}
