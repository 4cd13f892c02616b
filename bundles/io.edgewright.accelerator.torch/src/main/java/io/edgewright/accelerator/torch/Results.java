// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads from the type of a result how many tensors it has, as far as a type can say that. */
final class Results {

    private static final int MOST = 1000;
    private static final int MOST_NESTED = 20;
    private static final Pattern FIELD = Pattern.compile("^  ([A-Za-z_]\\w*) : (.+)$", Pattern.MULTILINE);

    private final ScriptArchive archive;
    private final List<TensorSpec> found = new ArrayList<>();

    private Results(ScriptArchive archive) {
        this.archive = archive;
    }

    /**
     * {@return one tensor for each part of a result, of any shape; empty if their number is open, as with lists}
     *
     * @param type such as {@code Tuple[Tensor, int]}, or the name of a named tuple's class
     */
    static Optional<List<TensorSpec>> of(String type, ScriptArchive archive) throws IOException {
        var results = new Results(archive);
        boolean known = results.add(type, "", 0);
        return known && !results.found.isEmpty() ? Optional.of(results.found) : Optional.empty();
    }

    private boolean add(String type, String name, int depth) throws IOException {
        if (depth > MOST_NESTED || found.size() >= MOST) {
            return false;
        }
        String called = name.isEmpty() ? "output_" + found.size() : name;
        switch (type) {
            case "Tensor" -> found.add(new TensorSpec(called, ElementType.FLOAT32, TensorSpec.ANY_SHAPE));
            case "int" -> found.add(new TensorSpec(called, ElementType.INT64, List.of()));
            case "float" -> found.add(new TensorSpec(called, ElementType.FLOAT64, List.of()));
            case "bool" -> found.add(new TensorSpec(called, ElementType.BOOL, List.of()));
            default -> {
                return type.startsWith("Tuple[") && type.endsWith("]")
                        ? addAll(type.substring(6, type.length() - 1), depth)
                        : type.startsWith("__torch__.") && addFields(type, depth);
            }
        }
        return true;
    }

    private boolean addAll(String types, int depth) throws IOException {
        for (String part : Forward.split(types)) {
            if (!add(part, "", depth + 1)) {
                return false;
            }
        }
        return true;
    }

    /** A named tuple: its fields lend their names. */
    private boolean addFields(String type, int depth) throws IOException {
        int dot = type.lastIndexOf('.');
        Optional<String> code = archive.code(type.substring(0, dot).replace('.', '/') + ".py");
        String simpleName = type.substring(dot + 1);
        if (code.isEmpty() || !code.get().contains("class " + simpleName + "(NamedTuple):")) {
            return false;
        }
        Matcher field = FIELD.matcher(Forward.body(code.get(), simpleName, "NamedTuple"));
        while (field.find()) {
            String name = field.group(1);
            boolean taken = found.stream().anyMatch(f -> f.name().equals(name));
            if (!add(field.group(2).strip(), taken ? "" : name, depth + 1)) {
                return false;
            }
        }
        return true;
    }
}
