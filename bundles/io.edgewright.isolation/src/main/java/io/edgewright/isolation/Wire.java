// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What messages are, and how values of the API look in them. */
final class Wire {

    /** settings; answered by what the engine found. */
    static final byte START = 1;
    /** manifest, path, device, options; answered by a session. */
    static final byte LOAD = 2;
    /** manifest, path, device, milliseconds for a run; answered by nothing. */
    static final byte TRY = 3;
    /** session, shapes, file, lengths of inputs and outputs; answered by the slot's number. */
    static final byte OPEN = 4;
    /** run, nanoseconds left, inputs that have no memory of their own; answered by outputs. */
    static final byte RUN = 5;
    /** slot, run; not answered. */
    static final byte CANCEL = 6;
    /** Closes what the connection opened; answered by nothing. */
    static final byte CLOSE = 7;

    /** The answer to a request. */
    static final byte DONE = 0;
    /** An InferenceException: reason, message. */
    static final byte REFUSED = 1;
    /** An IllegalArgumentException: message. */
    static final byte ARGUMENT = 2;
    /** An IllegalStateException: message. */
    static final byte STATE = 3;
    /** Another error: message. */
    static final byte BROKEN = 4;

    /** An output that lies in its memory, with the shape that its spec says. */
    static final int FIXED = 0;
    /** In its memory: shape, bytes. */
    static final int PLACED = 1;
    /** In the message: shape, bytes and those. */
    static final int INLINE = 2;
    /** In new memory: name of the file, its part's length, shape, bytes. */
    static final int MOVED = 3;

    /** The longest message in bytes, but for its length. */
    static final int LARGEST = 64 << 20;

    /** Written to the standard output once the socket can be connected to. */
    static final String LISTENING = "edgewright-isolation: listening";

    private Wire() {}

    static void manifest(WireWriter out, ModelManifest manifest) {
        out.text(manifest.id().name()).text(manifest.id().version().toString());
        out.text(manifest.format())
                .text(manifest.file())
                .text(manifest.digest())
                .number64(manifest.sizeBytes());
        specs(out, manifest.inputs());
        specs(out, manifest.outputs());
        out.texts(manifest.files()).texts(manifest.properties());
    }

    static ModelManifest manifest(WireReader in) throws ProtocolException {
        try {
            return new ModelManifest(
                    ModelId.of(in.text(), in.text()),
                    in.text(),
                    in.text(),
                    in.text(),
                    in.number64(),
                    specs(in),
                    specs(in),
                    in.texts(),
                    in.texts());
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("a manifest makes no sense: " + e.getMessage(), e);
        }
    }

    static void options(WireWriter out, LoadOptions options) {
        out.number8(options.goal().ordinal()).number32(options.threads());
        out.number8(options.trusted() ? 1 : 0).texts(options.properties());
    }

    static LoadOptions options(WireReader in) throws ProtocolException {
        try {
            return new LoadOptions(value(Goal.values(), in), in.number32(), in.number8() != 0, in.texts());
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("options make no sense: " + e.getMessage(), e);
        }
    }

    static void specs(WireWriter out, List<TensorSpec> specs) {
        out.number32(specs.size());
        for (TensorSpec spec : specs) {
            out.text(spec.name()).number8(spec.type().ordinal()).shape(spec.shape());
        }
    }

    static List<TensorSpec> specs(WireReader in) throws ProtocolException {
        int count = in.count(Integer.BYTES + 2);
        List<TensorSpec> specs = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                specs.add(new TensorSpec(in.text(), value(ElementType.values(), in), in.shape()));
            }
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("a tensor makes no sense: " + e.getMessage(), e);
        }
        return specs;
    }

    static void shapes(WireWriter out, Map<String, List<Long>> shapes) {
        out.number32(shapes.size());
        shapes.forEach((name, shape) -> out.text(name).shape(shape));
    }

    static Map<String, List<Long>> shapes(WireReader in) throws ProtocolException {
        int count = in.count(Integer.BYTES + 1);
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            shapes.put(in.text(), in.shape());
        }
        return shapes;
    }

    static void lengths(WireWriter out, List<Long> lengths) {
        out.number32(lengths.size());
        lengths.forEach(out::number64);
    }

    static List<Long> lengths(WireReader in) throws ProtocolException {
        int count = in.count(Long.BYTES);
        List<Long> lengths = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lengths.add(in.number64());
        }
        return lengths;
    }

    static void failure(WireWriter out, InferenceException e) {
        out.begin(REFUSED).number8(e.reason().ordinal()).text(String.valueOf(e.getMessage()));
    }

    /**
     * Reads how a request was answered.
     *
     * @throws InferenceException if that is the answer, or with {@code DEVICE_UNAVAILABLE} if the engine is broken
     */
    static void answer(WireReader in) throws ProtocolException, InferenceException {
        int code = in.number8();
        switch (code) {
            case DONE -> {
                // the rest is up to the request
            }
            case REFUSED -> throw new InferenceException(value(Reason.values(), in), in.text(), null);
            case ARGUMENT -> throw new IllegalArgumentException(in.text());
            case STATE -> throw new IllegalStateException(in.text());
            case BROKEN ->
                throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "the engine failed: " + in.text(), null);
            default -> throw new ProtocolException("answer " + code + " is unknown");
        }
    }

    private static <T> T value(T[] values, WireReader in) throws ProtocolException {
        int ordinal = in.number8();
        if (ordinal < 0 || ordinal >= values.length) {
            throw new ProtocolException("value " + ordinal + " is unknown, expected 0 to " + (values.length - 1));
        }
        return values[ordinal];
    }
}
