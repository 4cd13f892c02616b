// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.rest.InferRequest.Given;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Answers {@code POST .../infer}. The body is read before a slot is taken and the answer written after it is given back:
 * how fast a client's network is must not matter to others. Thread-safe.
 */
final class InferAction {

    private static final int MOST_INPUTS = 1024;

    private final BufferPool pool;
    private final KnownRequests known = new KnownRequests();

    InferAction(BufferPool pool) {
        this.pool = pool;
    }

    /**
     * Runs one inference.
     *
     * @param name as the caller called the model
     */
    void infer(Call call, String name, Predictor predictor) throws IOException, HttpProblem {
        // twice: what a tensor is read into doubles when it is full
        try (BufferPool.Share memory = pool.share(2 * call.limitBytes())) {
            Signature signature = predictor.signature();
            Optional<String> jsonLength = call.header("Inference-Header-Content-Length");
            InputStream body = plain(call);
            if (jsonLength.isPresent()) {
                mixed(call, name, predictor, signature, body, jsonLength(jsonLength.get(), call), memory);
            } else {
                InferRequest request = new InferRequestParser(signature, body, memory).parse();
                if (request.inputs().stream().anyMatch(i -> i.binaryBytes() >= 0)) {
                    throw HttpProblem.bad(
                            "an input has binary_data_size, but the header Inference-Header-Content-Length is missing");
                }
                run(call, name, predictor, signature, request, inputs(request, new byte[0]));
            }
        } catch (ZipException e) {
            throw HttpProblem.bad("the body does not decompress: " + e.getMessage());
        } catch (EOFException e) {
            throw HttpProblem.bad("the body ended too early: " + e.getMessage());
        } catch (InferenceException e) {
            throw InferenceProblems.of(e);
        }
    }

    private void mixed(
            Call call,
            String name,
            Predictor predictor,
            Signature signature,
            InputStream body,
            int jsonLength,
            BufferPool.Share memory)
            throws IOException, HttpProblem, InferenceException {
        memory.take(jsonLength);
        byte[] json = body.readNBytes(jsonLength);
        if (json.length < jsonLength) {
            throw HttpProblem.bad("Inference-Header-Content-Length is %d, but the body has only %d bytes"
                    .formatted(jsonLength, json.length));
        }
        InferRequest request = known.read(signature, json, memory);
        long length = request.binaryBytes();
        if (length > call.limitBytes() - jsonLength) {
            throw HttpProblem.tooLarge(call.limitBytes());
        }
        try (BufferPool.Lease lease = pool.lease(length)) {
            int found = body.readNBytes(lease.bytes(), 0, (int) length);
            if (found < length || body.read() >= 0) {
                throw HttpProblem.bad("the inputs' binary_data_size sum up to %d bytes, but %s follow the JSON"
                        .formatted(length, found < length ? "only " + found : "more"));
            }
            run(call, name, predictor, signature, request, inputs(request, lease.bytes()));
        }
    }

    private void run(
            Call call,
            String name,
            Predictor predictor,
            Signature signature,
            InferRequest request,
            List<TensorData> inputs)
            throws IOException, InferenceException {
        try (var capture = new Capture(pool, request.outputs())) {
            List<TensorData> outputs = predictor.predict(new Writer(inputs, signature), capture, request.options());
            new InferAnswer(
                            call,
                            name,
                            signature.manifest().id().version().toString(),
                            request.id(),
                            request.outputs(),
                            outputs,
                            signature.manifest().labels())
                    .send();
        }
    }

    /** {@return the data of each input; that of binary ones lies one after the other in {@code binary}} */
    private static List<TensorData> inputs(InferRequest request, byte[] binary) throws HttpProblem {
        if (request.inputs().size() > MOST_INPUTS) {
            throw HttpProblem.bad("there are " + request.inputs().size() + " inputs, expected at most " + MOST_INPUTS);
        }
        List<TensorData> inputs = new ArrayList<>();
        int offset = 0;
        for (Given given : request.inputs()) {
            TensorData tensor = given.tensor();
            if (given.binaryBytes() >= 0) {
                int length = (int) given.binaryBytes();
                tensor = new TensorData(tensor.name(), tensor.type(), tensor.shape(), binary, offset, length);
                offset += length;
                if (tensor.type() == ElementType.STRING) {
                    tensor.checkStrings();
                }
            }
            inputs.add(tensor);
        }
        return inputs;
    }

    private static InputStream plain(Call call) throws IOException, HttpProblem {
        String encoding = call.header("Content-Encoding").orElse("identity").toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "identity", "" -> call.body();
            case "gzip" -> new LimitedInput(new GZIPInputStream(call.body(), 8192), call.limitBytes());
            case "deflate" -> new LimitedInput(new InflaterInputStream(call.body()), call.limitBytes());
            default ->
                throw new HttpProblem(
                        415, "UNSUPPORTED_ENCODING", "Content-Encoding is " + encoding + ", expected gzip or deflate");
        };
    }

    private static int jsonLength(String header, Call call) throws HttpProblem {
        try {
            int length = Integer.parseInt(header.strip());
            if (length > 0 && length <= call.limitBytes()) {
                return length;
            }
        } catch (NumberFormatException e) {
            throw HttpProblem.bad("Inference-Header-Content-Length is '" + header + "', expected a number");
        }
        throw HttpProblem.bad("Inference-Header-Content-Length is " + header + ", expected 1 to " + call.limitBytes());
    }

    /** Fills the engine's buffers, as often as it is asked to. */
    private static final class Writer implements InputWriter {

        private final List<TensorData> inputs;
        private final Map<String, List<Long>> shapes = new HashMap<>();

        Writer(List<TensorData> inputs, Signature signature) {
            this.inputs = inputs;
            for (TensorSpec spec : signature.inputs()) {
                if (spec.isDynamic()) {
                    inputs.stream()
                            .filter(input -> input.name().equals(spec.name()))
                            .forEach(input -> shapes.put(spec.name(), input.shape()));
                }
            }
        }

        @Override
        public void write(InputTensors targets) throws InferenceException {
            for (TensorData input : inputs) {
                try {
                    write(targets, input);
                } catch (IllegalArgumentException e) { // the model was swapped for one that takes something else
                    throw new InferenceException(
                            InferenceException.Reason.INPUT_MISMATCH, String.valueOf(e.getMessage()), e);
                }
            }
        }

        @Override
        public Map<String, List<Long>> shapes() {
            return shapes;
        }

        private static void write(InputTensors targets, TensorData input) {
            if (input.type() == ElementType.STRING) {
                targets.write(input.name(), input.tensor());
                return;
            }
            Tensor target = targets.input(input.name());
            boolean fits = target.type() == input.type() && target.shape().equals(input.shape());
            if (!fits
                    || target.data().limit()
                            != input.length()) { // in what is not filled stands the last caller's input
                throw new IllegalArgumentException("input '%s' is %s %s of %d bytes, expected %s %s of %d bytes"
                        .formatted(
                                input.name(),
                                input.type(),
                                input.shape(),
                                input.length(),
                                target.type(),
                                target.shape(),
                                target.data().limit()));
            }
            target.data().put(0, input.bytes(), input.offset(), input.length());
        }
    }
}
