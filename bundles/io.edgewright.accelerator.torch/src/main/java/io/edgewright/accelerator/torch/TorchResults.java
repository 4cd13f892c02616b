// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.GenericDict;
import org.bytedeco.pytorch.GenericDictEntryRef;
import org.bytedeco.pytorch.GenericDictIterator;
import org.bytedeco.pytorch.IValue;

/** Takes the result of a run apart: tuples, lists and dictionaries, from the outside in and in their order. */
final class TorchResults {

    private static final int MOST_NESTED = 20;
    private static final int MOST = 10_000;

    private final String model;
    private final List<Map.Entry<String, IValue>> parts = new ArrayList<>();

    private TorchResults(String model) {
        this.model = model;
    }

    /**
     * Hands the parts of a result to the outputs: by the keys of a dictionary where it has them all, else in order. What is
     * not listed is left out.
     *
     * @param model for messages
     * @param result what {@code forward} returned
     * @param outputs in the order in which they are listed
     */
    static void share(String model, IValue result, List<TorchOutput> outputs) throws InferenceException {
        if (outputs.size() == 1 && result.isTensor()) {
            outputs.get(0).take(result);
            return;
        }
        var results = new TorchResults(model);
        results.add("", result, 0);
        List<Map.Entry<String, IValue>> parts = results.parts;
        boolean byKey = outputs.stream().allMatch(o -> parts.stream()
                .anyMatch(p -> p.getKey().equals(o.spec().name())));
        if (!byKey && parts.size() < outputs.size()) {
            throw results.failed("returned %d tensors, but %d outputs are listed: %s"
                    .formatted(
                            parts.size(),
                            outputs.size(),
                            outputs.stream().map(o -> o.spec().name()).toList()));
        }
        for (int i = 0; i < outputs.size(); i++) {
            TorchOutput output = outputs.get(i);
            IValue value = parts.get(i).getValue();
            if (byKey) {
                value = parts.stream()
                        .filter(p -> p.getKey().equals(output.spec().name()))
                        .findFirst()
                        .orElseThrow()
                        .getValue();
            }
            output.take(value);
        }
    }

    private void add(String key, IValue value, int depth) throws InferenceException {
        if (depth > MOST_NESTED || parts.size() >= MOST) {
            throw failed("returned more than %d parts, or nested deeper than %d".formatted(MOST, MOST_NESTED));
        }
        if (value.isTuple() || value.isList()) {
            List<IValue> items = items(value);
            for (IValue item : items) {
                add("", item, depth + 1);
            }
        } else if (value.isGenericDict()) {
            GenericDict dictionary = value.toGenericDict();
            GenericDictIterator end = dictionary.end();
            for (GenericDictIterator at = dictionary.begin(); at.notEquals(end); at.increment()) {
                GenericDictEntryRef entry = at.access();
                IValue name = entry.key();
                add(name.isString() ? name.toStringRef().getString() : "", entry.value(), depth + 1);
            }
        } else if (!value.isNone()) {
            parts.add(Map.entry(key, value));
        }
    }

    private static List<IValue> items(IValue value) {
        List<IValue> items = new ArrayList<>();
        if (value.isTuple()) {
            var elements = value.toTuple().elements();
            for (long i = 0; i < elements.size(); i++) {
                items.add(elements.get(i));
            }
        } else {
            var list = value.toList();
            for (long i = 0; i < list.size(); i++) {
                items.add(list.get(i));
            }
        }
        return items;
    }

    private InferenceException failed(String what) {
        return new InferenceException(Reason.EXECUTION_FAILED, "model " + model + " " + what, null);
    }
}
