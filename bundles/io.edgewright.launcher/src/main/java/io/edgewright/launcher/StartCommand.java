// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.config.Home;
import io.edgewright.launcher.log.LogOutput;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Runs a gateway until it is stopped. */
final class StartCommand {

    static final int DEFAULT_PORT = 8080;

    private static final Logger LOG = LoggerFactory.getLogger(StartCommand.class);
    private static final long LOG_FILE_BYTES = 5L << 20;

    /** What is done while the gateway runs. It is stopped afterwards. */
    @FunctionalInterface
    interface Stay {
        void in(Framework gateway) throws UsageException, CommandException, IOException, InterruptedException;
    }

    private final CommandLine line;
    private final PrintStream err;
    private final Termination termination;
    private final StopRequest stop = new StopRequest();

    StartCommand(CommandLine line, PrintStream err, Termination termination) {
        this.line = line;
        this.err = err;
        this.termination = termination;
    }

    Exit run() throws UsageException, CommandException, IOException {
        return run(Framework::awaitStop);
    }

    @SuppressWarnings("try") // the lock is held, not used
    Exit run(Stay stay) throws UsageException, CommandException, IOException {
        termination.onSignal(stop);
        Map<String, String> variables = variables();
        Path home = Home.folder(line.option("home").orElse(""));
        Installation installation = Installation.find();
        try (InstanceLock ignored = InstanceLock.take(home)) {
            LogOutput log = LogOutput.ofProcess();
            log.setLevel(line.flag("verbose") ? Level.DEBUG : Level.INFO);
            log.openFile(home.resolve("log").resolve("edgewright.log"), LOG_FILE_BYTES);
            DurableFiles.delete(GatewayFile.path(home)); // a killed process leaves its own behind
            List<String> features =
                    List.of(line.option("features").orElse("core,http,retail").split(","));
            checkPort(features, variables);
            publishCertificate(home, variables);
            termination.awaitSignals();
            LOG.info("Edgewright {} starts with home {} and features {}", Version.text(), home, features);
            if (stop.mayStart()) {
                serve(installation, features, home, variables, stay);
            }
            LOG.info("Stopped");
            log.closeFile();
            return Exit.DONE;
        }
    }

    private void serve(
            Installation installation, List<String> features, Path home, Map<String, String> variables, Stay stay)
            throws UsageException, CommandException, IOException {
        try (Framework framework = Framework.start(installation, features, home, variables)) {
            if (!stop.mayRun(framework::close)) {
                return;
            }
            try (var drop = new DropFolder(framework.context(), home.resolve("bundles"))) {
                drop.start();
                HttpEndpoint.await(framework.context(), framework.hasFeature("http"))
                        .ifPresentOrElse(
                                url -> announce(home, url),
                                () -> LOG.info("Running without HTTP: the feature http was not asked for"));
                stay.in(framework);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            DurableFiles.delete(GatewayFile.path(home));
        }
    }

    private void announce(Path home, String url) {
        try {
            new GatewayFile(ProcessHandle.current().pid(), url).write(home);
        } catch (IOException e) {
            LOG.error("Cannot tell the command line where this gateway is: {}", e.getMessage());
        }
        long millis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        LOG.info("Ready after {} ms: {} (console: {}/console)", millis, url, url);
    }

    private Map<String, String> variables() throws UsageException, IOException {
        String host = line.option("host").orElse("127.0.0.1");
        String port = Integer.toString(line.number("port", DEFAULT_PORT, 0, 65_535));
        Map<String, String> variables = new HashMap<>(Map.of("http.host", host, "http.port", port, "https.port", port));
        if (line.flag("keystore")) {
            Path store = Path.of(line.options().get("keystore")).toAbsolutePath();
            if (!Files.isReadable(store)) {
                throw new UsageException("--keystore is '" + store + "', expected a file that can be read");
            }
            String password = password();
            variables.putAll(Map.of(
                    "http.enable",
                    "false",
                    "https.enable",
                    "true",
                    "https.keystore",
                    store.toString(),
                    "https.keystore.password",
                    password));
        } else if (!InetAddress.getByName(host).isLoopbackAddress()) {
            err.println("edgewright: warning: serving plain HTTP on " + host
                    + ": passwords and tokens cross the network unencrypted; use --keystore for HTTPS");
        }
        return variables;
    }

    /** So that local commands know the gateway by it. */
    private static void publishCertificate(Path home, Map<String, String> variables) throws IOException {
        String keyStore = variables.get("https.keystore");
        if (keyStore == null) {
            DurableFiles.delete(PinnedTrust.file(home));
        } else {
            PinnedTrust.publish(home, Path.of(keyStore), variables.getOrDefault("https.keystore.password", ""));
        }
    }

    private String password() throws UsageException, IOException {
        if (line.flag("keystore-password-file")) {
            return Files.readString(Path.of(line.options().get("keystore-password-file")))
                    .strip();
        }
        String password = System.getenv("EDGEWRIGHT_KEYSTORE_PASSWORD");
        if (password == null) {
            throw new UsageException(
                    "--keystore needs a password, expected --keystore-password-file or $EDGEWRIGHT_KEYSTORE_PASSWORD");
        }
        return password;
    }

    private static void checkPort(List<String> features, Map<String, String> variables) throws CommandException {
        if (features.contains("http")) {
            checkPort(
                    variables.getOrDefault("http.host", "127.0.0.1"),
                    Integer.parseInt(variables.getOrDefault("http.port", "0")));
        }
    }

    /** Jetty would only log it, and the gateway would run without its port. */
    static void checkPort(String host, int port) throws CommandException {
        if (!isFree(host, port)) {
            throw new CommandException(
                    Exit.NO_PORT,
                    "cannot listen on " + host + ":" + port
                            + ": the port is in use, or the address is none of this machine; choose another --port or"
                            + " --host",
                    null);
        }
    }

    static boolean isFree(String host, int port) {
        try (var probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, port));
            return true;
        } catch (IOException e) {
            return false; // in use, or not an address of this machine
        }
    }
}
