// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** A table on the console, row by row, and the same as JSON in the build folder. */
final class Report {

    private final String name;
    private final JsonArray rows = new JsonArray();
    private String header = "";

    Report(String name) {
        this.name = name;
    }

    /** Adds a row: names and values (String or Number) in turn. */
    void row(Object... cells) {
        var row = new JsonObject();
        var head = new StringBuilder("|");
        var line = new StringBuilder("|");
        for (int i = 0; i < cells.length; i += 2) {
            String column = cells[i].toString();
            Object value = cells[i + 1];
            String text = value instanceof Number number ? format(number) : value.toString();
            if (value instanceof Number number) {
                row.addProperty(column, Math.round(number.doubleValue() * 1e4) / 1e4);
            } else {
                row.addProperty(column, value.toString());
            }
            int width = Math.max(column.length(), value instanceof Number ? 9 : 15);
            head.append(' ').append(pad(column, width)).append(" |");
            line.append(' ').append(pad(text, width)).append(" |");
        }
        if (!head.toString().equals(header)) {
            header = head.toString();
            System.out.println("\n" + header + "\n" + header.replaceAll("[^|]", "-"));
        }
        System.out.println(line);
        rows.add(row);
    }

    /** Writes {@code results/<name>.json} into the build folder. */
    void write(Path target) throws IOException {
        var result = new JsonObject();
        result.addProperty("benchmark", name);
        result.addProperty("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        result.addProperty("java", Runtime.version().toString());
        result.addProperty("processors", Runtime.getRuntime().availableProcessors());
        result.add("rows", rows);
        Path folder = Files.createDirectories(target.resolve("results"));
        Files.writeString(
                folder.resolve(name + ".json"),
                new GsonBuilder().setPrettyPrinting().create().toJson(result) + "\n");
    }

    private static String format(Number number) {
        double value = number.doubleValue();
        if (value == Math.rint(value) && Math.abs(value) < 1e9) {
            return String.format(Locale.ROOT, "%,d", (long) value);
        }
        return String.format(
                Locale.ROOT, Math.abs(value) >= 1000 ? "%,.0f" : Math.abs(value) >= 100 ? "%.1f" : "%.3f", value);
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text : text + " ".repeat(width - text.length());
    }
}
