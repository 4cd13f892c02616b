// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.benchmarks.AgreeCase.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The same inputs to the same models on every device that takes them, by the packaged gateway's own {@code infer}: do the
 * answers agree? Models in floats and in integers get the same real numbers, and their answers are compared as real numbers.
 */
final class Agree {

    private static final long LIMIT_SECONDS = 300;
    private static final long MOST_BYTES = 1L << 28;

    /** A device as the command line lists it. */
    private record Device(String id, boolean remote, List<String> formats) {}

    private final Path gateway;
    private final Path work;
    private final Report report = new Report("agree");
    private boolean good = true;

    private Agree(Path gateway, Path work) {
        this.gateway = gateway;
        this.work = work;
    }

    /**
     * Ends with 1 if answers differ by more than is stated.
     *
     * @param arguments the build folder, and that of the gateway
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        String data = System.getenv().getOrDefault("EDGEWRIGHT_TEST_DATA", "../shared/data");
        if (!Files.isDirectory(Path.of(data, "tflite"))) {
            System.out.println("agree: skipped, as '" + data + "' has no models; set EDGEWRIGHT_TEST_DATA");
            return;
        }
        var agree = new Agree(Path.of(arguments[1]), Files.createTempDirectory(target, "agree"));
        List<Device> devices = agree.devices();
        for (AgreeCase one : AgreeCase.all(Path.of(data))) {
            agree.compare(one, devices);
        }
        agree.report.write(target);
        System.exit(agree.good ? 0 : 1);
    }

    private List<Device> devices() throws IOException, InterruptedException {
        JsonObject json = JsonParser.parseString(edgewright(List.of("accelerators", "--json")))
                .getAsJsonObject();
        List<Device> devices = new ArrayList<>();
        for (JsonElement element : json.getAsJsonArray("accelerators")) {
            JsonObject device = element.getAsJsonObject();
            JsonArray formats = device.getAsJsonArray("formats");
            devices.add(new Device(
                    device.get("id").getAsString(),
                    device.get("kind").getAsString().equals("REMOTE"),
                    formats.asList().stream().map(JsonElement::getAsString).toList()));
        }
        for (JsonElement idle : json.getAsJsonArray("idleDrivers")) {
            System.out.println("no device: " + idle);
        }
        return devices;
    }

    private void compare(AgreeCase one, List<Device> devices) throws IOException, InterruptedException {
        List<float[]> expected = List.of();
        for (Form form : one.forms()) {
            for (Device device : devices) {
                if (!device.formats().contains(form.format())) {
                    continue;
                }
                List<float[]> found;
                try {
                    found = answers(one, form, device);
                } catch (IOException e) {
                    System.out.println(
                            "not run: " + form.file().getFileName() + " on " + device.id() + ": " + e.getMessage());
                    good &= device.remote(); // a server has models of its own
                    continue;
                }
                boolean first = expected.isEmpty();
                expected = first ? found : expected;
                double apart = apart(expected, found);
                int same = sameBest(expected, found);
                boolean fits = apart <= one.tolerance() && same >= one.sameBest();
                good &= fits;
                report.row(
                        "model", one.name(),
                        "file", String.valueOf(form.file().getFileName()),
                        "device", device.id(),
                        "inputs", found.size(),
                        "most apart", first ? "reference" : String.format(Locale.ROOT, "%.2g", apart),
                        "may be", String.format(Locale.ROOT, "%.2g", one.tolerance()),
                        "same best", same + " of " + found.size(),
                        "needed", one.sameBest(),
                        "agrees", fits ? "yes" : "NO");
            }
        }
    }

    /** {@return the real numbers that the model answers to each input} */
    private List<float[]> answers(AgreeCase one, Form form, Device device) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(work, "run");
        List<String> command = new ArrayList<>(List.of("infer", form.file().toString()));
        for (int i = 0; i < one.inputs().size(); i++) {
            Path input = folder.resolve("input%02d.npy".formatted(i));
            Npy.write(input, form.quantize(one.inputs().get(i)));
            command.add(input.toString());
        }
        Path out = folder.resolve("out");
        command.addAll(List.of("--accelerator", device.id(), "--out", out.toString(), "--json"));
        edgewright(command);
        List<float[]> answers = new ArrayList<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.sorted().toList()) {
                Tensor tensor = Npy.read(file, MOST_BYTES);
                answers.add(form.real(tensor));
            }
        }
        if (answers.size() != one.inputs().size()) {
            throw new IOException("%s answered %d outputs to %d inputs, expected one each"
                    .formatted(form.file(), answers.size(), one.inputs().size()));
        }
        return answers;
    }

    private String edgewright(List<String> words) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(gateway.resolve("bin/edgewright").toString()));
        command.addAll(words);
        String more = System.getenv().getOrDefault("DEVICES", "");
        if (!more.isBlank()) {
            command.addAll(List.of("--device", more));
        }
        Path out = Files.createTempFile(work, "out", ".txt");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(command + " was not done in " + LIMIT_SECONDS + " s");
        }
        String text = Files.readString(out, StandardCharsets.UTF_8);
        if (process.exitValue() != 0) {
            throw new IOException(command + " ended with " + process.exitValue() + ": " + text);
        }
        return text;
    }

    private static double apart(List<float[]> expected, List<float[]> found) {
        double apart = 0;
        for (int i = 0; i < expected.size(); i++) {
            for (int j = 0; j < expected.get(i).length; j++) {
                double difference = Math.abs(expected.get(i)[j] - found.get(i)[j]);
                apart = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(apart, difference);
            }
        }
        return apart;
    }

    private static int sameBest(List<float[]> expected, List<float[]> found) {
        int same = 0;
        for (int i = 0; i < expected.size(); i++) {
            same += best(expected.get(i)) == best(found.get(i)) ? 1 : 0;
        }
        return same;
    }

    private static int best(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
