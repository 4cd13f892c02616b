// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes inference requests of one slot (Open Inference Protocol, version 2): JSON, followed by the inputs as they lie in
 * memory where the server has the extension binary_tensor_data. With {@code timeout}, in microseconds, as Triton's
 * schedule policy has it. One thread at a time.
 */
final class RequestBody {

    private final List<InputBuffer> inputs;
    private final List<TensorSpec> outputs;
    private final boolean binary;
    private final int limitBytes;
    private final ByteOut json;
    private final ByteOut description; // what follows the parameters, where it is the same from run to run
    private final List<ByteBuffer> parts = new ArrayList<>();

    RequestBody(List<InputBuffer> inputs, List<TensorSpec> outputs, boolean binary, int limitBytes) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.binary = binary;
        this.limitBytes = limitBytes;
        this.json = new ByteOut(limitBytes);
        this.description = new ByteOut(limitBytes);
    }

    /** Puts the present inputs into the request. */
    void writeTo(Request request, long timeoutMicros) throws Trouble {
        json.clear();
        json.ascii("{\"parameters\":{\"timeout\":").decimal(timeoutMicros).ascii("},");
        boolean same = binary && inputs.stream().noneMatch(i -> i.spec().type() == ElementType.STRING);
        if (!same || description.size() == 0) {
            description.clear();
            describe(description);
        }
        parts.clear();
        parts.add(json.written());
        parts.add(description.written());
        int jsonLength = json.size() + description.size();
        if (!binary) {
            request.body("application/json", Request.NO_JSON_PART, parts);
            return;
        }
        for (int i = 0; i < inputs.size(); i++) {
            parts.add(inputs.get(i).value().data());
        }
        request.body("application/octet-stream", jsonLength, parts);
        if (request.bodyLength() > limitBytes) {
            throw new Trouble(
                    Trouble.Kind.TOO_LARGE,
                    "the request has %d bytes, expected at most %d; raise max.mib"
                            .formatted(request.bodyLength(), limitBytes));
        }
    }

    private void describe(ByteOut to) throws Trouble {
        to.ascii("\"inputs\":[");
        for (int i = 0; i < inputs.size(); i++) {
            InputBuffer input = inputs.get(i);
            to.ascii(i == 0 ? "{\"name\":" : ",{\"name\":").quoted(input.spec().name());
            to.ascii(",\"shape\":[");
            List<Long> shape = input.shape();
            for (int d = 0; d < shape.size(); d++) {
                to.ascii(d == 0 ? "" : ",").decimal(shape.get(d));
            }
            to.ascii("],\"datatype\":\"")
                    .ascii(input.spec().type().protocolName())
                    .ascii("\",");
            value(input.value(), to);
        }
        to.ascii("],\"outputs\":[");
        for (int i = 0; i < outputs.size(); i++) {
            to.ascii(i == 0 ? "{\"name\":" : ",{\"name\":")
                    .quoted(outputs.get(i).name());
            to.ascii(binary ? ",\"parameters\":{\"binary_data\":true}}" : "}");
        }
        to.ascii("]}");
    }

    private void value(Tensor tensor, ByteOut to) throws Trouble {
        if (binary) {
            to.ascii("\"parameters\":{\"binary_data_size\":")
                    .decimal(tensor.data().limit())
                    .ascii("}}");
        } else {
            to.ascii("\"data\":[");
            JsonElements.write(tensor.type(), tensor.data().duplicate().rewind().order(ByteOrder.nativeOrder()), to);
            to.ascii("]}");
        }
    }
}
