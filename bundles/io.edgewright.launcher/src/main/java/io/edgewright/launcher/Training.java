// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;

/**
 * Loads what most commands load, so that the start script can put it into an archive of classes. No command for people:
 * {@code edgewright train}.
 */
final class Training {

    private static final int SIDE = 64;

    private final PrintStream out;
    private final PrintStream err;
    private final Termination termination;

    Training(PrintStream out, PrintStream err, Termination termination) {
        this.out = out;
        this.err = err;
        this.termination = termination;
    }

    int run() throws UsageException, CommandException, IOException {
        Path picture = Files.createTempFile("edgewright-", ".png");
        try {
            Files.write(picture, grayPicture());
            List<String> words = shippedModel()
                    .map(model -> List.of("infer", model.toString(), picture.toString(), "--json"))
                    .orElse(List.of("accelerators", "--json"));
            return new LocalCommand(CommandLine.parse(words), out, err, termination).runServing(this::ask);
        } finally {
            Files.delete(picture);
        }
    }

    /** For the classes of the HTTP server and of its client. */
    private void ask(String url, Path home) throws UsageException, CommandException, IOException {
        String token =
                Files.readString(home.resolve("run").resolve("local.token")).strip();
        for (String command : List.of("status", "settings", "accelerators")) {
            new GatewayCommands(CommandLine.parse(List.of(command, "--json", "--url", url, "--token", token)), out, err)
                    .run();
        }
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
