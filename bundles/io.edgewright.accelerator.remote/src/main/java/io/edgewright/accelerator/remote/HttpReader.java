// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Reads HTTP/1.1 answers (RFC 9112) from one connection, within limits: the server may be broken or hostile. Does not
 * follow redirects, decompress, or accept an answer whose length is said twice. One thread at a time.
 */
final class HttpReader {

    /** Where the bytes come from; waits for at least one. */
    interface Source {

        /** {@return how many bytes were read, 1 or more, or -1 at the end} */
        int read(byte[] into, int offset, int length) throws IOException;
    }

    /** Longer heads are refused, in bytes. */
    static final int MAX_HEAD_BYTES = 64 * 1024;

    private static final int MAX_LINE_BYTES = 8 * 1024;
    private static final int MAX_INTERIM = 8;
    private static final int MAX_DIGITS = 10;

    private final Source source;
    private final byte[] buffer = new byte[32 * 1024];
    private final byte[] line = new byte[MAX_LINE_BYTES];
    private int position;
    private int end;
    private int lineLength;
    private int headBytes;
    private boolean anyByte;
    private long contentLength;
    private boolean chunked;
    private boolean keepAlive;

    HttpReader(Source source) {
        this.source = source;
    }

    /** {@return true if a byte of the present answer has come} */
    boolean hasBegun() {
        return anyByte;
    }

    /** {@return true if bytes have come that nobody asked for} */
    boolean hasLeftOver() {
        return position < end;
    }

    /**
     * Reads one answer.
     *
     * @return true if the connection can be used again
     * @throws EOFException if the connection ended within the answer
     * @throws Trouble if it is no answer, or too long
     */
    boolean read(Answer answer) throws IOException {
        anyByte = false;
        headBytes = 0;
        for (int interim = 0; ; interim++) {
            int status = head(answer);
            if (status >= 200) {
                break;
            }
            if (status == 101 || interim == MAX_INTERIM) {
                throw protocol(
                        status == 101
                                ? "status 101 (switching protocols) was not asked for"
                                : "more than " + MAX_INTERIM + " interim answers");
            }
        }
        return body(answer);
    }

    private int head(Answer answer) throws IOException {
        readLine();
        int status = status();
        contentLength = -1;
        chunked = false;
        keepAlive = line[7] == '1';
        answer.begin(status);
        for (readLine(); lineLength > 0; readLine()) {
            header(answer);
        }
        return status;
    }

    private int status() throws Trouble {
        boolean http =
                lineLength >= 12 && beginsWith("http/1.") && line[8] == ' ' && (line[7] == '0' || line[7] == '1');
        int status = 0;
        for (int i = 9; http && i < 12; i++) {
            http = line[i] >= '0' && line[i] <= '9';
            status = status * 10 + line[i] - '0';
        }
        if (!http || status < 100 || (lineLength > 12 && line[12] != ' ')) {
            throw protocol("the first line is '" + shown(0) + "', expected one like 'HTTP/1.1 200 OK'");
        }
        return status;
    }

    private void header(Answer answer) throws Trouble {
        int colon = 0;
        while (colon < lineLength && line[colon] != ':') {
            colon++;
        }
        if (colon == 0 || colon == lineLength || line[0] == ' ' || line[0] == '\t' || line[colon - 1] == ' ') {
            throw protocol("the header line '" + shown(0) + "' is malformed, expected 'name: value'");
        }
        switch (colon) {
            case 14 -> {
                if (beginsWith("content-length")) {
                    contentLength(number("Content-Length", colon + 1));
                }
            }
            case 17 -> {
                if (beginsWith("transfer-encoding")) {
                    transferEncoding(value(colon + 1));
                }
            }
            case 31 -> {
                if (beginsWith("inference-header-content-length")) {
                    answer.jsonLength(
                            (int) Math.min(Integer.MAX_VALUE, number("Inference-Header-Content-Length", colon + 1)));
                }
            }
            case 16 -> {
                if (beginsWith("content-encoding")) {
                    answer.encoding(value(colon + 1));
                }
            }
            case 10 -> {
                if (beginsWith("connection")) {
                    connection(value(colon + 1));
                }
            }
            case 8 -> {
                if (beginsWith("location")) {
                    answer.location(value(colon + 1));
                }
            }
            default -> {}
        }
    }

    private void contentLength(long length) throws Trouble {
        if (contentLength >= 0 && contentLength != length) {
            throw protocol("Content-Length is both " + contentLength + " and " + length);
        }
        contentLength = length;
    }

    private void transferEncoding(String value) throws Trouble {
        if (chunked || !value.equalsIgnoreCase("chunked")) {
            throw protocol("Transfer-Encoding is '" + value + "', expected chunked or none");
        }
        chunked = true;
    }

    private void connection(String value) {
        String options = value.toLowerCase(Locale.ROOT);
        keepAlive = options.contains("close") ? false : keepAlive || options.contains("keep-alive");
    }

    private boolean body(Answer answer) throws IOException {
        if (chunked && contentLength >= 0) {
            throw protocol("both Content-Length and Transfer-Encoding are given, expected one of them");
        }
        if (answer.status() == 204 || answer.status() == 304) {
            return keepAlive;
        }
        boolean partOfAnErrorWillDo = answer.status() != 200;
        if (chunked) {
            chunks(answer);
            return keepAlive;
        }
        if (contentLength > answer.limit()) {
            if (!partOfAnErrorWillDo) {
                throw answer.tooLarge(contentLength + " bytes");
            }
            take(answer, answer.limit());
            return false;
        }
        if (contentLength >= 0) {
            take(answer, contentLength);
            return keepAlive;
        }
        while (position < end || fill()) {
            answer.add(buffer, position, end - position);
            position = end;
        }
        return false;
    }

    private void chunks(Answer answer) throws IOException {
        while (true) {
            readLine();
            long length = chunkLength();
            if (length == 0) {
                break;
            }
            if (length > answer.limit() - answer.size()) {
                throw answer.tooLarge("chunks of more than " + answer.limit() + " bytes");
            }
            take(answer, length);
            readLine();
            if (lineLength != 0) {
                throw protocol("after a chunk comes '" + shown(0) + "', expected an empty line");
            }
            headBytes = 0; // the limit is for one head, and for the lines between two pieces of data
        }
        do {
            readLine();
        } while (lineLength > 0);
    }

    private long chunkLength() throws Trouble {
        long length = 0;
        int digits = 0;
        while (digits < lineLength && Character.digit(line[digits], 16) >= 0) {
            length = length * 16 + Character.digit(line[digits], 16);
            if (++digits > MAX_DIGITS) {
                throw protocol("a chunk's length is '" + shown(0) + "', expected at most " + MAX_DIGITS + " digits");
            }
        }
        boolean ends = digits == lineLength || line[digits] == ';' || line[digits] == ' ' || line[digits] == '\t';
        if (digits == 0 || !ends) {
            throw protocol("a chunk's length is '" + shown(0) + "', expected a hexadecimal number");
        }
        return length;
    }

    private void take(Answer answer, long length) throws IOException {
        long left = length;
        while (left > 0) {
            if (position == end && !fill()) {
                throw new EOFException("the answer ended %d bytes before its end".formatted(left));
            }
            int part = (int) Math.min(left, end - position);
            answer.add(buffer, position, part);
            position += part;
            left -= part;
        }
    }

    private void readLine() throws IOException {
        lineLength = 0;
        while (true) {
            if (position == end && !fill()) {
                throw new EOFException(anyByte ? "the connection ended within the head" : "no byte of an answer came");
            }
            byte next = buffer[position++];
            if (++headBytes > MAX_HEAD_BYTES) {
                throw protocol("the head has more than " + MAX_HEAD_BYTES + " bytes");
            }
            if (next == '\n') {
                break;
            }
            if (lineLength == MAX_LINE_BYTES) {
                throw protocol("a line has more than " + MAX_LINE_BYTES + " bytes: '" + shown(0) + "'");
            }
            line[lineLength++] = next;
        }
        if (lineLength > 0 && line[lineLength - 1] == '\r') {
            lineLength--;
        }
    }

    private boolean fill() throws IOException {
        position = 0;
        end = 0;
        int count = source.read(buffer, 0, buffer.length);
        if (count <= 0) {
            return false;
        }
        end = count;
        anyByte = true;
        return true;
    }

    /** {@return true if the line begins with these letters, which are lower-case, in either case} */
    private boolean beginsWith(String name) {
        for (int i = 0; i < name.length(); i++) {
            int c = line[i];
            if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private long number(String header, int from) throws Trouble {
        int at = from;
        while (at < lineLength && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        long value = 0;
        int digits = 0;
        while (at < lineLength && line[at] >= '0' && line[at] <= '9' && digits <= MAX_DIGITS) {
            value = value * 10 + line[at++] - '0';
            digits++;
        }
        while (at < lineLength && (line[at] == ' ' || line[at] == '\t')) {
            at++;
        }
        if (digits == 0 || digits > MAX_DIGITS || at != lineLength) {
            throw protocol(header + " is '" + shown(from).strip() + "', expected a number of at most " + MAX_DIGITS
                    + " digits");
        }
        return value;
    }

    private String value(int from) {
        return new String(line, from, lineLength - from, StandardCharsets.ISO_8859_1).strip();
    }

    private String shown(int from) {
        String text = new String(line, from, Math.min(lineLength - from, 80), StandardCharsets.ISO_8859_1)
                .replaceAll("[^ -~]", "?");
        return lineLength - from > 80 ? text + "..." : text;
    }

    private static Trouble protocol(String found) {
        return new Trouble(Kind.PROTOCOL, "this is no HTTP/1.1 answer: " + found);
    }
}
