// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The command line: {@code edgewright COMMAND [ARGUMENTS] [OPTIONS]}. */
public final class Main {

    /** These start no framework, or not always. */
    private static final Set<String> LIGHT =
            Set.of("help", "version", "status", "models", "deployments", "drift", "settings", "accelerators");

    private final PrintStream out;
    private final PrintStream err;
    private final Termination termination;

    Main(PrintStream out, PrintStream err, Termination termination) {
        this.out = out;
        this.err = err;
        this.termination = termination;
    }

    /**
     * Runs one command and ends the process with its exit code.
     *
     * @param arguments the command and its arguments
     */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT); // Felix formats version numbers in the digits of the default locale
        var termination = new Termination();
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int code = new Main(out, System.err, termination).run(List.of(arguments));
        out.flush();
        termination.finished(code);
        System.exit(code);
    }

    int run(List<String> words) {
        try {
            if (words.equals(List.of("train"))) {
                return new Training(out, err, termination).run();
            }
            CommandLine line = CommandLine.parse(words);
            return execute(line);
        } catch (UsageException | IllegalArgumentException e) {
            err.println("edgewright: " + e.getMessage());
            return Exit.USAGE.code();
        } catch (CommandException e) {
            err.println("edgewright: " + e.getMessage());
            return e.exit().code();
        } catch (IOException e) {
            err.println("edgewright: " + text(e));
            return Exit.FAILED.code();
        }
    }

    /** The message of many exceptions about files is only the file. */
    private static String text(IOException e) {
        String message = e.getMessage();
        if (message == null) {
            return e.toString();
        }
        if (e instanceof FileSystemException file && file.getReason() == null) {
            String what =
                    switch (e.getClass().getSimpleName()) {
                        case "NoSuchFileException" -> "there is no such file or folder";
                        case "AccessDeniedException" -> "access is denied";
                        case "FileAlreadyExistsException" -> "a file of that name is in the way";
                        default -> e.getClass().getSimpleName();
                    };
            return message + ": " + what;
        }
        return message;
    }

    private int execute(CommandLine line) throws UsageException, CommandException, IOException {
        String name = line.command().name();
        if (!LIGHT.contains(name)) {
            WarmUp.begin();
        }
        switch (name) {
            case "help" -> help(line);
            case "version" -> out.println("edgewright " + Version.text());
            case "start" -> {
                return new StartCommand(line, err, termination).run().code();
            }
            case "status", "models", "deployments", "drift", "settings" -> new GatewayCommands(line, out, err).run();
            case "accelerators" -> {
                return accelerators(line);
            }
            case "demo" -> {
                return new LocalCommand(line, out, err, termination).runDemo();
            }
            default -> {
                return new LocalCommand(line, out, err, termination).run();
            }
        }
        return Exit.DONE.code();
    }

    /** Asks the running gateway; where there is none, looks for itself. */
    private int accelerators(CommandLine line) throws UsageException, CommandException, IOException {
        if (line.flag("url") || GatewayClient.isRunning(line)) {
            new GatewayCommands(line, out, err).run();
            return Exit.DONE.code();
        }
        if (line.flag("json")) {
            return new LocalCommand(line, out, err, termination).run();
        }
        var json = new ByteArrayOutputStream();
        var quiet = new PrintStream(json, true, StandardCharsets.UTF_8);
        int code = new LocalCommand(line, quiet, err, termination).run("json");
        if (json.size() > 0) { // it was not ended before
            GatewayCommands.printAccelerators(
                    JsonParser.parseString(json.toString(StandardCharsets.UTF_8))
                            .getAsJsonObject(),
                    out);
        }
        return code;
    }

    private void help(CommandLine line) throws UsageException {
        if (line.arguments().isEmpty()) {
            Help.overview(out);
        } else {
            Help.command(out, Commands.find(line.arguments().get(0)));
        }
    }
}
