// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import io.edgewright.api.config.Home;
import io.edgewright.launcher.log.LogOutput;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.slf4j.event.Level;

/**
 * Runs a command in a gateway of its own: an embedded framework over a temporary home, which is deleted afterwards. The
 * command is a service of a bundle: {@code BiFunction<Map<String, List<String>>, PrintStream, Integer>} with the property
 * {@value #COMMAND}; it takes the arguments under the empty key and each option under its name, prints to the stream and
 * answers the exit code. {@code IllegalArgumentException} means wrong usage, {@code IllegalStateException} and
 * {@code UncheckedIOException} a failure that the message explains.
 */
final class LocalCommand {

    static final String COMMAND = "edgewright.command";

    /** The one command that needs more than drivers. */
    static final String OPTIMIZE = "optimize";

    /** Ended by Ctrl-C, as shells tell it. */
    private static final int INTERRUPTED = 130;

    /** The system property that names the gateway's home, where libraries such as libtorch may have been installed. */
    private static final String LASTING_HOME = "edgewright.home.lasting";

    private static final Duration DELETE_PATIENCE = Duration.ofSeconds(3);

    private final CommandLine line;
    private final PrintStream out;
    private final PrintStream err;
    private final Termination termination;
    private final Path lastingHome;
    private final StopRequest stop = new StopRequest();
    private boolean started;

    LocalCommand(CommandLine line, PrintStream out, PrintStream err, Termination termination) {
        this.line = line;
        this.out = out;
        this.err = err;
        this.termination = termination;
        this.lastingHome = Home.folder(line.option("home").orElse(""));
    }

    /**
     * Runs the command with the drivers of this machine.
     *
     * @param flags set in addition to what the command line says
     */
    int run(String... flags) throws UsageException, CommandException, IOException {
        Map<String, List<String>> extra = new HashMap<>();
        for (String flag : flags) {
            extra.put(flag, List.of("true"));
        }
        Optional<String> wish = line.option("features");
        List<String> drivers = wish.isPresent()
                ? Stream.of(wish.get().split(",", -1))
                        .map(String::strip)
                        .filter(name -> !name.isEmpty() && !name.equals("none"))
                        .toList()
                : Installation.find().drivers();
        List<String> own = line.command().name().equals(OPTIMIZE) ? List.of("shell", "optimizer") : List.of("shell");
        List<String> features = new ArrayList<>(drivers);
        features.addAll(own);
        try {
            return run(features, Map.of(), extra);
        } catch (CommandException e) {
            if (wish.isPresent() || drivers.isEmpty() || started || !stop.mayStart()) {
                throw e;
            }
            err.println("edgewright: going on with the processor only, as not every driver of " + drivers
                    + " starts here: " + e.getMessage());
            return run(own, Map.of(), extra);
        }
    }

    /** The demo serves its status page as a gateway does. */
    int runDemo() throws UsageException, CommandException, IOException {
        line.number("seconds", 1, 1, 1_000_000);
        int port = line.number("port", StartCommand.DEFAULT_PORT, 0, 65_535);
        if (port != 0 && !line.flag("port") && !StartCommand.isFree("127.0.0.1", port)) {
            err.println("edgewright: port " + port + " is in use, taking a free one");
            port = 0;
        } else {
            StartCommand.checkPort("127.0.0.1", port);
        }
        return run(
                List.of("core", "http", "retail", "shell"),
                Map.of("http.host", "127.0.0.1", "http.port", Integer.toString(port)),
                Map.of("terminal", List.of(Boolean.toString(System.console() != null))));
    }

    private int run(List<String> features, Map<String, String> variables, Map<String, List<String>> extra)
            throws CommandException, IOException {
        LogOutput.ofProcess().setLevel(line.flag("verbose") ? Level.INFO : Level.WARN);
        Installation installation = Installation.find();
        System.setProperty(LASTING_HOME, lastingHome.toString());
        Thread caller = Thread.currentThread();
        termination.onSignal(stop);
        try (var home = new TemporaryHome(TemporaryHome.place(), err, DELETE_PATIENCE);
                Framework framework = Framework.start(installation, features, home.folder(), variables)) {
            started = true;
            return stop.mayRun(caller::interrupt) ? runIn(framework, extra) : INTERRUPTED;
        } catch (InterruptedException e) {
            return INTERRUPTED;
        }
    }

    /** Runs the command in a framework that has the bundle for it. */
    int runIn(Framework framework, Map<String, List<String>> extra) throws CommandException, InterruptedException {
        Map<String, List<String>> input = new HashMap<>(extra);
        line.options().forEach((name, value) -> input.put(name, List.of(value)));
        input.put("", line.arguments());
        HttpEndpoint.await(framework.context(), framework.hasFeature("http"))
                .ifPresent(url -> input.put("url", List.of(url)));
        return call(framework.context(), input);
    }

    private int call(BundleContext context, Map<String, List<String>> input) throws CommandException {
        String name = line.command().name();
        try {
            ServiceReference<?>[] found =
                    context.getServiceReferences(BiFunction.class.getName(), "(" + COMMAND + "=" + name + ")");
            for (ServiceReference<?> reference : found == null ? new ServiceReference<?>[0] : found) {
                @SuppressWarnings("unchecked") // the contract of the service property
                var service =
                        (BiFunction<Map<String, List<String>>, PrintStream, Integer>) context.getService(reference);
                if (service != null) {
                    return service.apply(input, out);
                }
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(name + " is no command name", e);
        } catch (UncheckedIOException e) {
            throw new CommandException(Exit.FAILED, String.valueOf(e.getMessage()), e);
        } catch (IllegalStateException e) {
            throw new CommandException(Exit.FAILED, String.valueOf(e.getMessage()), e);
        }
        throw new CommandException(
                Exit.FAILED, "no bundle of this gateway offers the command '" + name + "'; see the log above", null);
    }
}
