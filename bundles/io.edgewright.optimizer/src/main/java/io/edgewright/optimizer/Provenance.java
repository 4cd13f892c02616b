// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.PassRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes into an ONNX file where it comes from, as {@code metadata_props}. They are added at the end of the file: in Protocol
 * Buffers the elements of a repeated field may stand anywhere in a message, and are read in their order.
 */
final class Provenance {

    /** Of ModelProto: {@code repeated StringStringEntryProto metadata_props = 14}, wire type 2. */
    private static final int METADATA_PROPS = 14 << 3 | 2;

    private static final int KEY = 1 << 3 | 2;
    private static final int VALUE = 2 << 3 | 2;

    private Provenance() {}

    /**
     * Adds the record of a pass.
     *
     * @param file an ONNX file
     * @param number of the pass in its pipeline, from 1
     * @param originalDigest of the model before the first pass
     * @param step what was done; its output digest is not known yet
     */
    static void append(Path file, int number, String originalDigest, PassRecord step) throws IOException {
        Map<String, Double> figures = new TreeMap<>(step.result().figures());
        var entries = new ByteArrayOutputStream();
        if (number == 1) {
            add(entries, "edgewright.original.sha256", originalDigest);
        }
        String prefix = "edgewright.pass." + number;
        add(entries, prefix, step.step().toString());
        add(entries, prefix + ".input.sha256", step.inputDigest());
        add(entries, prefix + ".summary", step.result().summary());
        if (!figures.isEmpty()) {
            add(entries, prefix + ".figures", figures.toString());
        }
        Files.write(file, entries.toByteArray(), StandardOpenOption.APPEND);
    }

    private static void add(ByteArrayOutputStream out, String key, String value) {
        var entry = new ByteArrayOutputStream();
        addText(entry, KEY, key);
        addText(entry, VALUE, value);
        addBytes(out, METADATA_PROPS, entry.toByteArray());
    }

    private static void addText(ByteArrayOutputStream out, int tag, String text) {
        addBytes(out, tag, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void addBytes(ByteArrayOutputStream out, int tag, byte[] bytes) {
        out.write(tag);
        int length = bytes.length;
        while (length > 0x7F) {
            out.write(length & 0x7F | 0x80);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(bytes);
    }
}
