// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * Loads what a start and most commands load, so that the start script can put it into an archive of classes: runs a gateway,
 * serves a model on it, and talks to it. No command for people:
 * {@code edgewright train}.
 */
final class Training {

    private static final String FEATURES = "core,http,retail,shell";
    private static final String NAME = "training";
    private static final Duration SERVING_LIMIT = Duration.ofSeconds(20);
    private static final int SIDE = 64;

    private final PrintStream out;
    private final PrintStream err;
    private final Termination termination;
    private boolean complete;

    Training(PrintStream out, PrintStream err, Termination termination) {
        this.out = out;
        this.err = err;
        this.termination = termination;
    }

    int run() throws UsageException, CommandException, IOException {
        WarmUp.begin(); // a start does, and loads its classes from the archive
        Path home = Files.createTempDirectory("edgewright-");
        try {
            CommandLine line = parse("start", "--port", "0", "--features", FEATURES, "--home", home.toString());
            Exit exit = new StartCommand(line, err, termination).run(gateway -> {
                use(gateway, home);
                complete = true;
            });
            return complete ? exit.code() : Exit.FAILED.code(); // one that is told to end stops in order, and early
        } finally {
            Folders.delete(home);
        }
    }

    /** Serves a model, as the next start would find it, and talks to the gateway as its command line does. */
    private void use(Framework gateway, Path home)
            throws UsageException, CommandException, IOException, InterruptedException {
        for (String command : List.of("status", "settings", "accelerators")) {
            talk(home, command, "--json");
        }
        Optional<Path> model = shippedModel();
        if (model.isEmpty()) {
            return;
        }
        Path picture = Files.write(home.resolve("picture.png"), grayPicture());
        CommandLine infer = parse("infer", model.get().toString(), picture.toString(), "--json");
        new LocalCommand(infer, out, err, termination).runIn(gateway, Map.of());
        talk(home, "models", "add", model.get().toString(), "--name", NAME, "--version", "1.0.0");
        talk(home, "deployments", "set", NAME, "model=" + NAME, "trusted=true");
        ask(GatewayClient.of(parse("status", "--home", home.toString())));
        talk(home, "status");
    }

    private void talk(Path home, String... words) throws UsageException, CommandException, IOException {
        List<String> all = new ArrayList<>(List.of(words));
        Collections.addAll(all, "--home", home.toString());
        new GatewayCommands(CommandLine.parse(all), out, err).run();
    }

    /** Asks the deployment until it answers. */
    private static void ask(GatewayClient gateway) throws CommandException, IOException, InterruptedException {
        String path = "/v2/models/" + NAME;
        long end = System.nanoTime() + SERVING_LIMIT.toNanos();
        while (true) {
            try {
                String request = zeros(gateway.get(path).getAsJsonObject());
                gateway.send("POST", path + "/infer", BodyPublishers.ofString(request), "application/json");
                return;
            } catch (CommandException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }
    /** A request of the Open Inference Protocol that the model of this metadata takes. */
    private static String zeros(JsonObject metadata) {
        var inputs = new JsonArray();
        for (JsonElement element : metadata.getAsJsonArray("inputs")) {
            JsonObject input = element.getAsJsonObject();
            var shape = new JsonArray();
            int count = 1;
            for (JsonElement dimension : input.getAsJsonArray("shape")) {
                int size = Math.max(1, dimension.getAsInt()); // a dynamic one is -1
                shape.add(size);
                count *= size;
            }
            var data = new JsonArray();
            Collections.nCopies(count, 0).forEach(data::add);
            input.add("shape", shape);
            input.add("data", data);
            inputs.add(input);
        }
        var request = new JsonObject();
        request.add("inputs", inputs);
        return request.toString();
    }

    private static CommandLine parse(String... words) throws UsageException {
        return CommandLine.parse(List.of(words));
    }

    private static Optional<Path> shippedModel() throws CommandException, IOException {
        Path models = Installation.find().folder().resolve("models");
        if (!Files.isDirectory(models)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(models)) {
            return files.filter(f -> f.toString().endsWith(".onnx")).sorted().findFirst();
        }
    }

    /** A PNG file (RFC 2083) without the help of the desktop classes, which are what is to be loaded by its reader. */
    private static byte[] grayPicture() throws IOException {
        var pixels = new ByteArrayOutputStream();
        try (var deflater = new DeflaterOutputStream(pixels)) {
            deflater.write(new byte[SIDE * (SIDE * 3 + 1)]); // a filter byte, then black pixels, for each row
        }
        var file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        chunk(file, "IHDR", new byte[] {0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 2, 0, 0, 0});
        chunk(file, "IDAT", pixels.toByteArray());
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] content) {
        var checked = new ByteArrayOutputStream();
        checked.writeBytes(type.getBytes(StandardCharsets.US_ASCII));
        checked.writeBytes(content);
        var sum = new CRC32();
        sum.update(checked.toByteArray());
        number(file, content.length);
        file.writeBytes(checked.toByteArray());
        number(file, (int) sum.getValue());
    }

    private static void number(ByteArrayOutputStream file, int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            file.write(value >>> shift);
        }
    }
}
