// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** An answer of the server, read whole into memory that is used again from run to run. One thread at a time. */
final class Answer {

    /** More of the text of an error is not kept. */
    static final int MAX_ERROR_BYTES = 64 * 1024;

    private static final int FIRST_BYTES = 4096;

    private final int limitBytes;
    private byte[] body = new byte[0];
    private int size;
    private int status;
    private int jsonLength = Request.NO_JSON_PART;
    private String encoding = "";
    private String location = "";

    /**
     * @param limitBytes how long a body may be
     */
    Answer(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    void begin(int httpStatus) {
        status = httpStatus;
        size = 0;
        jsonLength = Request.NO_JSON_PART;
        encoding = "";
        location = "";
    }

    void jsonLength(int length) {
        jsonLength = length;
    }

    void encoding(String value) {
        encoding = value;
    }

    void location(String value) {
        location = value;
    }

    /** {@return how long the body of this answer may be, in bytes} */
    int limit() {
        return limit(status);
    }

    /** {@return how long the body of an answer of this status may be, in bytes} */
    int limit(int httpStatus) {
        return httpStatus == 200 ? limitBytes : Math.min(limitBytes, MAX_ERROR_BYTES);
    }

    /** Takes another answer over, which is not used any more. */
    void takeFrom(Answer other) {
        status = other.status;
        size = other.size;
        jsonLength = other.jsonLength;
        encoding = other.encoding;
        location = other.location;
        body = other.body;
    }

    /** Adds to the body. Memory grows with what has come, never with what was announced. */
    void add(byte[] from, int offset, int length) throws Trouble {
        if (length > limit() - size) {
            throw tooLarge("more than " + limit() + " bytes");
        }
        if (size + length > body.length) {
            long wished = Math.max(FIRST_BYTES, Math.max(2L * body.length, (long) size + length));
            body = Arrays.copyOf(body, (int) Math.min(wished, limitBytes));
        }
        System.arraycopy(from, offset, body, size, length);
        size += length;
    }

    Trouble tooLarge(String found) {
        return new Trouble(
                Kind.TOO_LARGE,
                "the answer (status %d) has %s, expected at most %d".formatted(status, found, limit())
                        + "; raise max.mib if it is right");
    }

    int status() {
        return status;
    }

    byte[] body() {
        return body;
    }

    int size() {
        return size;
    }

    int jsonLength() {
        return jsonLength;
    }

    String encoding() {
        return encoding;
    }

    String location() {
        return location;
    }

    /** {@return the body as text for a message, on one line and not long} */
    String excerpt() {
        String text = new String(body, 0, Math.min(size, 400), StandardCharsets.UTF_8)
                .replaceAll("\\p{Cntrl}+", " ")
                .strip();
        return text.isEmpty() ? "without a text" : text;
    }
}
