// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The file {@value #FILE} that a model may have been saved with: names, types and shapes, which TorchScript itself does not
 * know. The same as in {@code model.json}: {@code {"inputs": [{"name": "x", "type": "FLOAT32", "shape": [1, 512]}],
 * "outputs": [...]}}; either list may be absent.
 *
 * @param inputs in the order of the arguments
 * @param outputs in the order of the results
 */
record DeclaredTensors(Optional<List<TensorSpec>> inputs, Optional<List<TensorSpec>> outputs) {

    /** The name of the file, among {@code _extra_files} of {@code torch.jit.save}. */
    static final String FILE = "edgewright.json";

    static final DeclaredTensors NONE = new DeclaredTensors(Optional.empty(), Optional.empty());

    private static final int MOST_TENSORS = 1000;

    /** {@return what a text declares} */
    static DeclaredTensors parse(String json) throws ScriptException {
        try {
            if (!(JsonParser.parseString(json) instanceof JsonObject object)) {
                throw wrong("an object is expected");
            }
            return new DeclaredTensors(tensors(object, "inputs"), tensors(object, "outputs"));
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | UnsupportedOperationException
                | StackOverflowError e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private static Optional<List<TensorSpec>> tensors(JsonObject object, String key) throws ScriptException {
        JsonElement value = object.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof JsonArray array) || array.size() > MOST_TENSORS) {
            throw wrong(key + ": a list of at most " + MOST_TENSORS + " tensors is expected");
        }
        List<TensorSpec> tensors = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonElement element : array) {
            if (!(element instanceof JsonObject tensor)
                    || !tensor.has("name")
                    || !tensor.has("type")
                    || !(tensor.get("shape") instanceof JsonArray shape)) {
                throw wrong(key + ": objects with name, type and shape are expected");
            }
            List<Long> dimensions = new ArrayList<>();
            shape.forEach(d -> dimensions.add(d.getAsLong()));
            String name = tensor.get("name").getAsString();
            if (!names.add(name)) {
                throw wrong(key + ": '" + name + "' is there twice");
            }
            tensors.add(
                    new TensorSpec(name, ElementType.valueOf(tensor.get("type").getAsString()), dimensions));
        }
        return Optional.of(tensors);
    }

    private static ScriptException wrong(String what) {
        return ScriptException.broken("its " + FILE + " is malformed: " + what);
    }
}
