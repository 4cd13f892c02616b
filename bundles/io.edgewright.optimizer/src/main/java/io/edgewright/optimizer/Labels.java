// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the right classes of samples. */
final class Labels {

    private static final long MAX_BYTES = 64L << 20;

    private Labels() {}

    /**
     * {@return the class of each sample}
     *
     * @param file {@code .npy} with one whole number for each sample in their order, or lines {@code FILE,CLASS}
     * @param folder the samples' folder
     * @param names the name of each sample's file
     * @param classes the names of the classes; may be empty
     */
    static int[] read(Path file, Path folder, List<String> names, List<String> classes)
            throws OptimizationException, IOException {
        return file.toString().endsWith(".npy") ? ofNumbers(file, names.size()) : ofLines(file, folder, names, classes);
    }

    private static int[] ofNumbers(Path file, int count) throws OptimizationException, IOException {
        Tensor tensor = Npy.read(file, MAX_BYTES);
        if (tensor.elements() != count) {
            throw bad(file, "has " + tensor.elements() + " labels, expected " + count + ", one for each sample");
        }
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            double label = Numbers.at(tensor, i);
            if (!(label >= 0 && label <= Integer.MAX_VALUE && label == Math.rint(label))) {
                throw bad(file, "has the label " + label + " at " + i + ", expected a whole number from 0");
            }
            labels[i] = (int) label;
        }
        return labels;
    }

    private static int[] ofLines(Path file, Path folder, List<String> names, List<String> classes)
            throws OptimizationException, IOException {
        Map<String, Integer> byName = new HashMap<>();
        if (Files.size(file) > MAX_BYTES) {
            throw bad(file, "has " + Files.size(file) + " bytes, expected " + MAX_BYTES + " at the most");
        }
        for (String line : Files.readAllLines(file)) {
            int comma = line.lastIndexOf(',');
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (comma < 0) {
                throw bad(file, "has the line '" + line + "', expected FILE,CLASS");
            }
            String name = line.substring(0, comma).strip();
            byName.put(name, index(file, line.substring(comma + 1).strip(), classes));
        }
        int[] labels = names.stream()
                .mapToInt(name -> byName.getOrDefault(name, Samples.UNKNOWN))
                .toArray();
        if (byName.keySet().stream().noneMatch(names::contains)) {
            throw bad(file, "names none of the samples in '" + folder + "', such as '" + names.get(0) + "'");
        }
        return labels;
    }

    private static int index(Path file, String text, List<String> classes) throws OptimizationException {
        if (text.matches("[0-9]{1,9}")) {
            return Integer.parseInt(text);
        }
        int index = classes.indexOf(text);
        if (index < 0) {
            throw bad(file, "has the class '" + text + "', expected an index or one of the model's labels");
        }
        return index;
    }

    private static OptimizationException bad(Path file, String problem) {
        return new OptimizationException(Reason.NO_CALIBRATION, "labels '" + file + "': it " + problem);
    }
}
