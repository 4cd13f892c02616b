// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A request. Made once and sent often by one thread at a time; only the body changes.
 */
final class Request {

    static final int NO_JSON_PART = -1;

    private final String method;
    private final String path;
    private String contentType = "";
    private int jsonLength = NO_JSON_PART;
    private List<ByteBuffer> body = List.of();
    private @Nullable String head;

    /**
     * @param method such as {@code POST}
     * @param path from the first slash on, percent-encoded
     */
    Request(String method, String path) {
        this.method = method;
        this.path = path;
    }

    /**
     * Sets what is sent.
     *
     * @param type of the content
     * @param json length of the JSON part in bytes where binary tensors follow, or {@link #NO_JSON_PART}
     * @param parts one after the other, each from position 0 to its limit; positions are not changed
     */
    void body(String type, int json, List<ByteBuffer> parts) {
        if (!type.equals(contentType)) {
            contentType = type;
            head = null;
        }
        jsonLength = json;
        body = parts;
    }

    String method() {
        return method;
    }

    String path() {
        return path;
    }

    String contentType() {
        return contentType;
    }

    int jsonLength() {
        return jsonLength;
    }

    List<ByteBuffer> body() {
        return body;
    }

    long bodyLength() {
        long sum = 0;
        for (int i = 0; i < body.size(); i++) {
            sum += body.get(i).limit();
        }
        return sum;
    }

    /** {@return what the transport wrote for this request the first time, so that it does so only once} */
    String head(Function<Request, String> make) {
        String made = head;
        if (made == null) {
            made = make.apply(this);
            head = made;
        }
        return made;
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
