// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run on the server takes and gives: what its metadata says, narrowed by what the manifest says. Refuses a server
 * whose model is another one.
 *
 * @param inputs in the manifest's order, or the server's where the manifest says nothing
 * @param outputs likewise
 */
record ModelCheck(List<TensorSpec> inputs, List<TensorSpec> outputs) {

    private static final int MAX_TENSORS = 1024;
    private static final int MAX_RANK = 32;

    static ModelCheck of(ModelManifest manifest, JsonObject metadata, String where) throws InferenceException {
        var inputs = merge(manifest.inputs(), specs(metadata, "inputs", where), "input", where);
        var outputs = merge(manifest.outputs(), specs(metadata, "outputs", where), "output", where);
        if (outputs.isEmpty()) {
            throw unsupported("%s: neither the server nor the manifest says which outputs it has".formatted(where));
        }
        return new ModelCheck(inputs, outputs);
    }

    private static List<TensorSpec> merge(List<TensorSpec> ours, List<TensorSpec> theirs, String what, String where)
            throws InferenceException {
        if (ours.isEmpty() || theirs.isEmpty()) {
            return ours.isEmpty() ? theirs : ours; // a server may leave it out, as a manifest may
        }
        List<TensorSpec> merged = new ArrayList<>();
        for (TensorSpec expected : ours) {
            TensorSpec found = find(theirs, expected.name())
                    .orElseThrow(
                            () -> unsupported("%s: the server's model has no %s '%s', it has %s; it is another model"
                                    .formatted(where, what, expected.name(), names(theirs))));
            if (found.type() != expected.type()) {
                throw differs(where, what, expected, found);
            }
            List<Long> shape = narrower(expected.shape(), found.shape(), what.equals("input"))
                    .orElseThrow(() -> differs(where, what, expected, found));
            merged.add(new TensorSpec(expected.name(), expected.type(), shape));
        }
        if (what.equals("input") && theirs.size() > ours.size()) {
            throw unsupported("%s: the server's model has the inputs %s, expected %s; it is another model"
                    .formatted(where, names(theirs), names(ours)));
        }
        return merged;
    }

    /** An input that is open here must be open there; an output may be known better there. */
    private static Optional<List<Long>> narrower(List<Long> ours, List<Long> theirs, boolean input) {
        if (theirs.equals(TensorSpec.ANY_SHAPE)) {
            return Optional.of(ours);
        }
        if (ours.equals(TensorSpec.ANY_SHAPE)) {
            return input ? Optional.empty() : Optional.of(theirs);
        }
        if (ours.size() != theirs.size()) {
            return Optional.empty();
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            long here = ours.get(i);
            long there = theirs.get(i);
            boolean fits = here == there || there == TensorSpec.DYNAMIC || (here == TensorSpec.DYNAMIC && !input);
            if (!fits) {
                return Optional.empty();
            }
            shape.add(here == TensorSpec.DYNAMIC ? there : here);
        }
        return Optional.of(shape);
    }

    private static List<TensorSpec> specs(JsonObject metadata, String member, String where) throws InferenceException {
        JsonElement list = metadata.get(member);
        List<TensorSpec> specs = new ArrayList<>();
        if (list == null || list.isJsonNull()) {
            return specs;
        }
        try {
            if (list.getAsJsonArray().size() > MAX_TENSORS) {
                throw new IllegalStateException("more than " + MAX_TENSORS + " of them");
            }
            for (JsonElement element : list.getAsJsonArray()) {
                specs.add(spec(element.getAsJsonObject(), where));
            }
        } catch (IllegalStateException
                | ClassCastException
                | UnsupportedOperationException
                | NullPointerException
                | IllegalArgumentException e) { // as Gson says that a member is absent or of another kind
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "%s: the server's metadata has malformed %s, expected [{name, datatype, shape}]: %s"
                            .formatted(where, member, e.getMessage()),
                    e);
        }
        return specs;
    }

    private static TensorSpec spec(JsonObject json, String where) throws InferenceException {
        String name = json.get("name").getAsString();
        String type = json.get("datatype").getAsString();
        if (type.equals("BF16")) {
            throw unsupported("%s: '%s' is BF16, which no tensor here can hold; serve a model with FP16 or FP32 there"
                    .formatted(where, name));
        }
        List<Long> shape = new ArrayList<>();
        for (JsonElement dim : json.get("shape").getAsJsonArray()) {
            shape.add(dim.getAsLong());
        }
        if (shape.size() > MAX_RANK) {
            throw new IllegalStateException("'" + name + "' has " + shape.size() + " dimensions");
        }
        return new TensorSpec(name, ElementType.ofProtocolName(type), shape);
    }

    static Optional<TensorSpec> find(List<TensorSpec> specs, String name) {
        return specs.stream().filter(s -> s.name().equals(name)).findFirst();
    }

    static List<String> names(List<TensorSpec> specs) {
        return specs.stream().map(TensorSpec::name).toList();
    }

    private static InferenceException differs(String where, String what, TensorSpec expected, TensorSpec found) {
        return unsupported("%s: %s '%s' is %s %s on the server, expected %s %s (-1 is any size); it is another model"
                .formatted(
                        where, what, expected.name(), found.type(), found.shape(), expected.type(), expected.shape()));
    }

    private static InferenceException unsupported(String message) {
        return new InferenceException(Reason.MODEL_UNSUPPORTED, message, null);
    }
}
