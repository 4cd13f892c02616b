// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.tensor.Npy;
import io.edgewright.onnx.TensorProtos;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * An input file of the command line: a picture, or a tensor as {@code .npy} or {@code .pb}.
 *
 * @param input the model's input it is for; empty: the command line does not say
 * @param path where it is
 */
record InputFile(String input, Path path) {

    private static final long MAX_BYTES = 1L << 30;

    /**
     * {@return the file}
     *
     * @param word {@code FILE} or {@code INPUT=FILE}
     */
    static InputFile parse(String word) {
        int equals = word.indexOf('=');
        boolean named = equals > 0 && !Files.exists(Path.of(word));
        var file = new InputFile(
                named ? word.substring(0, equals) : "", Path.of(named ? word.substring(equals + 1) : word));
        if (!Files.isRegularFile(file.path)) {
            throw new IllegalArgumentException(
                    "'" + word + "' is not a file, expected a picture, .npy or .pb, or INPUT=FILE");
        }
        return file;
    }

    boolean isTensor() {
        return extension().equals("npy") || extension().equals("pb");
    }

    /** {@return the tensor with its name; empty where the file has none} */
    TensorProtos.Named readTensor() {
        try {
            return extension().equals("npy")
                    ? new TensorProtos.Named(input, Npy.read(path, MAX_BYTES))
                    : named(TensorProtos.read(path, MAX_BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** {@return the file's name without folder and extension, for the names of what is written} */
    String stem() {
        String name = path.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private TensorProtos.Named named(TensorProtos.Named read) {
        return input.isEmpty() ? read : new TensorProtos.Named(input, read.tensor());
    }

    private String extension() {
        String name = path.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
