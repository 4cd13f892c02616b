// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Tells in a line, or as JSON, what is in a tensor. */
final class TensorText {

    private static final int SHOWN = 8;

    private TensorText() {}

    static String line(String name, Tensor tensor) {
        var text = new StringBuilder("%s %s %s".formatted(name, tensor.type(), tensor.shape()));
        if (tensor.type() != ElementType.STRING && tensor.elements() > 0) {
            double[] range = range(tensor);
            text.append(String.format(Locale.ROOT, "  min %.6g  max %.6g  mean %.6g ", range[0], range[1], range[2]));
        }
        List<String> first = first(tensor);
        return text.append(" [")
                .append(String.join(", ", first))
                .append(tensor.elements() > first.size() ? ", ..." : "")
                .append(']')
                .toString();
    }

    static JsonObject json(String name, Tensor tensor) {
        var json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("datatype", tensor.type().protocolName());
        var shape = new JsonArray();
        tensor.shape().forEach(shape::add);
        json.add("shape", shape);
        if (tensor.type() != ElementType.STRING && tensor.elements() > 0) {
            double[] range = range(tensor);
            json.addProperty("min", range[0]);
            json.addProperty("max", range[1]);
            json.addProperty("mean", range[2]);
        }
        return json;
    }

    /** {@return least, greatest and mean; NaN elements count as NaN} */
    private static double[] range(Tensor tensor) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double sum = 0;
        long count = tensor.elements();
        for (int i = 0; i < count; i++) {
            double value = Elements.number(tensor, i);
            least = Math.min(least, value);
            most = Math.max(most, value);
            sum += value;
        }
        return new double[] {least, most, sum / count};
    }

    private static List<String> first(Tensor tensor) {
        if (tensor.type() == ElementType.STRING) {
            return tensor.toStrings().stream()
                    .limit(SHOWN)
                    .map(s -> '"' + s + '"')
                    .toList();
        }
        List<String> first = new ArrayList<>();
        for (int i = 0; i < Math.min(SHOWN, tensor.elements()); i++) {
            first.add(
                    tensor.type().isFloatingPoint()
                            ? String.format(Locale.ROOT, "%.6g", Elements.number(tensor, i))
                            : Long.toString((long) Elements.number(tensor, i)));
        }
        return first;
    }
}
