// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonPrimitive;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.rest.InferRequest.Wanted;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the answer of an inference: JSON, followed by the outputs that were asked for as binary data. Long JSON without any is
 * sent piece by piece: it takes many times the memory of its tensors.
 */
final class InferAnswer {

    private static final int PIECE_BYTES = 1 << 18;

    private final Call call;
    private final boolean inPieces;
    private final ByteSink json = new ByteSink();
    private final List<TensorData> binary = new ArrayList<>();
    private @Nullable OutputStream out;

    /**
     * Makes the answer, and sends its first pieces if it is long.
     *
     * @param call whom to answer
     * @param labels of the classes, for outputs that are classified; may be empty
     */
    InferAnswer(
            Call call,
            String model,
            String version,
            String id,
            List<Wanted> wanted,
            List<TensorData> outputs,
            List<String> labels)
            throws IOException {
        this.call = call;
        this.inPieces = wanted.stream().noneMatch(Wanted::binary);
        json.putAscii("{\"model_name\":");
        text(model);
        json.putAscii(",\"model_version\":");
        text(version);
        if (!id.isEmpty()) {
            json.putAscii(",\"id\":");
            text(id);
        }
        json.putAscii(",\"outputs\":[");
        for (int i = 0; i < wanted.size(); i++) {
            TensorData output = outputs.get(i);
            int classes = wanted.get(i).classes();
            if (i > 0) {
                json.put((byte) ',');
            }
            add(
                    classes > 0 ? Classes.highest(output, classes, labels) : output,
                    wanted.get(i).binary());
        }
        json.putAscii("]}");
    }

    /** Sends what is not sent yet. */
    void send() throws IOException {
        if (binary.isEmpty()) {
            sendPiece(json.size());
            return;
        }
        long length = json.size();
        for (TensorData output : binary) {
            length += output.length();
        }
        call.setHeader("Inference-Header-Content-Length", Integer.toString(json.size()));
        OutputStream whole = call.respond(200, "application/octet-stream", length);
        whole.write(json.array(), 0, json.size());
        for (TensorData output : binary) {
            whole.write(output.bytes(), output.offset(), output.length());
        }
    }

    /** @param length of the whole answer if this is the first piece; -1 for not known */
    private void sendPiece(long length) throws IOException {
        OutputStream begun = out;
        if (begun == null) {
            begun = call.respond(200, "application/json", length);
            out = begun;
        }
        begun.write(json.array(), 0, json.size());
        json.clear();
    }

    private void add(TensorData output, boolean asBinary) throws IOException {
        json.putAscii("{\"name\":");
        text(output.name());
        json.putAscii(",\"datatype\":\"" + output.type().protocolName() + "\",\"shape\":");
        json.putAscii(output.shape().toString());
        if (asBinary) {
            json.putAscii(",\"parameters\":{\"binary_data_size\":" + output.length() + "}}");
            binary.add(output);
        } else {
            json.putAscii(",\"data\":[");
            data(output);
            json.putAscii("]}");
        }
    }

    private void data(TensorData output) throws IOException {
        ByteBuffer in = output.buffer();
        boolean first = true;
        while (in.hasRemaining()) {
            if (!first) {
                json.put((byte) ',');
            }
            first = false;
            element(output.type(), in);
            if (inPieces && json.size() >= PIECE_BYTES) {
                sendPiece(-1);
            }
        }
    }

    private void element(ElementType type, ByteBuffer in) {
        switch (type) {
            case FLOAT32 -> real(in.getFloat());
            case FLOAT16 -> real(HalfFloats.toFloat(in.getShort()));
            case FLOAT64 -> {
                double value = in.getDouble();
                json.putAscii(Double.isFinite(value) ? Double.toString(value) : '"' + Double.toString(value) + '"');
            }
            case INT8 -> json.putAscii(Integer.toString(in.get()));
            case UINT8 -> json.putAscii(Integer.toString(in.get() & 0xff));
            case INT16 -> json.putAscii(Integer.toString(in.getShort()));
            case UINT16 -> json.putAscii(Integer.toString(in.getShort() & 0xffff));
            case INT32 -> json.putAscii(Integer.toString(in.getInt()));
            case UINT32 -> json.putAscii(Integer.toUnsignedString(in.getInt()));
            case INT64 -> json.putAscii(Long.toString(in.getLong()));
            case UINT64 -> json.putAscii(Long.toUnsignedString(in.getLong()));
            case BOOL -> json.putAscii(in.get() == 0 ? "false" : "true");
            case STRING -> {
                byte[] bytes = new byte[in.getInt()];
                in.get(bytes);
                text(new String(bytes, StandardCharsets.UTF_8));
            }
        }
    }

    // JSON has no NaN and no infinity: they are written as protobuf's JSON mapping writes them, as strings
    private void real(float value) {
        json.putAscii(Float.isFinite(value) ? Float.toString(value) : '"' + Float.toString(value) + '"');
    }

    private void text(String value) {
        if (isPlain(value)) {
            json.putAscii('"' + value + '"');
        } else {
            json.put(Json.bytes(new JsonPrimitive(value)));
        }
    }

    private static boolean isPlain(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }
}
