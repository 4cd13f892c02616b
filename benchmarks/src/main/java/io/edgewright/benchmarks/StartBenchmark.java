// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How long the packaged gateway takes from its start to the first answer of a deployed model, and how much memory; beside it what
 * {@link BareStart} takes, which has nothing of ours.
 */
final class StartBenchmark {

    private static final int STARTS = 5;
    private static final String NAME = "start";

    private final Path gateway;
    private final Path home;

    private StartBenchmark(Path gateway, Path home) {
        this.gateway = gateway;
        this.home = home;
    }

    /**
     * Measures and writes {@code start.json}.
     *
     * @param arguments the build folder, and the gateway's folder
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        Path gateway = Path.of(arguments[1]);
        if (!Files.isExecutable(gateway.resolve("bin/edgewright"))) {
            System.out.println("\nskipped the start: no gateway at " + gateway + "; './edgewright version' builds one");
            return;
        }
        Path home = Files.createTempDirectory(Files.createDirectories(target.resolve("homes")), "start");
        new StartBenchmark(gateway, home).run(target, Workload.SIGNAL.file(target.resolve("models")));
    }

    private void run(Path target, Path model) throws Exception {
        Process first = start("core,http");
        try {
            awaitUrl(first);
            command("models", "add", model.toString(), "--name", NAME, "--version", "1.0.0");
            command("deployments", "set", NAME, "model=" + NAME, "trusted=true");
            awaitAnswer(first);
        } finally {
            stop(first);
        }
        var report = new Report("start");
        if (bare(target, model, false).waitFor() != 0) { // writes the archive of classes that the others map
            throw new IOException("the bare start failed: " + Files.readString(home.resolve("gateway.log")));
        }
        double limit = measure(
                report,
                features -> bare(target, model, true),
                "bare",
                0,
                process -> awaitLog(process, BareStart.ANSWERED));
        measure(report, this::start, "core,http", limit, this::awaitAnswer);
        measure(report, this::start, "core", limit, this::awaitServing);
        report.write(target);
    }

    /** Starts a process that answers by and by. */
    @FunctionalInterface
    private interface Starter {
        Process start(String features) throws IOException;
    }

    private Process bare(Path target, Path model, boolean stay) throws IOException {
        Path repository = gateway.resolve("repository");
        Path natives = BareStart.only(repository, "io.edgewright.onnxruntime-*")
                .resolve("n/ai/onnxruntime/native")
                .resolve(OrtRuntime.platform());
        String path = String.join(
                File.pathSeparator,
                BareStart.only(target, "io.edgewright.benchmarks-*.jar").toString(),
                BareStart.only(target.resolve("lib"), "org.apache.felix.framework-*.jar")
                        .toString(),
                BareStart.only(target.resolve("lib"), "onnxruntime-[0-9]*.jar").toString(),
                gateway.resolve("lib/org.osgi.service.log.jar").toString());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:+UseSerialGC",
                (stay ? "-XX:SharedArchiveFile=" : "-XX:ArchiveClassesAtExit=") + home.resolve("bare.jsa"),
                "-Donnxruntime.native.path=" + natives,
                "-cp",
                path,
                BareStart.class.getName(),
                repository.toString(),
                Files.createTempDirectory(home, "bare").resolve("storage").toString(),
                model.toString()));
        if (stay) {
            command.add("stay");
        }
        return toLog(new ProcessBuilder(command).redirectInput(new File("/dev/null")));
    }

    /** Returns when the gateway has answered for the first time. */
    @FunctionalInterface
    private interface Goal {
        void await(Process process) throws Exception;
    }

    /** {@return the median time in ms} */
    private static double measure(Report report, Starter starter, String features, double limit, Goal goal)
            throws Exception {
        double[] millis = new double[STARTS];
        double[] cpu = new double[STARTS];
        double[] mib = new double[STARTS];
        for (int i = 0; i < STARTS; i++) {
            long begin = System.nanoTime();
            Process process = starter.start(features);
            try {
                goal.await(process);
                millis[i] = (System.nanoTime() - begin) / 1e6;
                cpu[i] = process.info().totalCpuDuration().orElse(Duration.ZERO).toMillis();
                Thread.sleep(2000);
                mib[i] = Rss.mib(process.pid());
            } finally {
                stop(process);
            }
        }
        report.row(
                "features", features,
                "starts", STARTS,
                "median ms", Compare.middle(millis),
                "least ms", Arrays.stream(millis).min().orElseThrow(),
                "cpu ms", Compare.middle(cpu),
                "median MiB", Compare.middle(mib),
                "of bare", limit > 0 ? Compare.middle(millis) / limit : 1);
        return Compare.middle(millis);
    }

    /** Waits until the deployment serves: it has passed its trial inference then. */
    private void awaitServing(Process process) throws Exception {
        awaitLog(process, "is SERVING");
    }

    private void awaitLog(Process process, String text) throws Exception {
        Path log = home.resolve("gateway.log");
        Platform.await(text, () -> {
            if (!process.isAlive()) {
                throw new IOException("the process ended: " + Files.readString(log));
            }
            return Files.readString(log).contains(text);
        });
    }

    private Process start(String features) throws IOException {
        Files.deleteIfExists(home.resolve("run/gateway.json"));
        return toLog(process("start", "--port", "0", "--features", features));
    }

    private Process toLog(ProcessBuilder process) throws IOException {
        return process.redirectErrorStream(true)
                .redirectOutput(home.resolve("gateway.log").toFile())
                .start();
    }

    private void command(String... words) throws Exception {
        Process process = process(words)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("command.log").toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException("edgewright " + String.join(" ", words) + " failed: "
                    + Files.readString(home.resolve("command.log")));
        }
    }

    private ProcessBuilder process(String... words) {
        List<String> command =
                new ArrayList<>(List.of(gateway.resolve("bin/edgewright").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("--home", home.toString()));
        return new ProcessBuilder(command).redirectInput(new File("/dev/null"));
    }

    private URI awaitUrl(Process process) throws Exception {
        Path file = home.resolve("run/gateway.json");
        Platform.await("the gateway's address", () -> {
            if (!process.isAlive()) {
                throw new IOException("the gateway ended: " + Files.readString(home.resolve("gateway.log")));
            }
            return Files.exists(file) && Files.readString(file).contains("url");
        });
        JsonObject found = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        return URI.create(found.get("url").getAsString());
    }

    private void awaitAnswer(Process process) throws Exception {
        URI url = awaitUrl(process);
        float[] request = Workload.SIGNAL.request();
        ByteBuffer data = ByteBuffer.allocate(request.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(request);
        Platform.await("the first answer", () -> {
            Path token = home.resolve("run/local.token");
            if (!Files.exists(token)) {
                return false;
            }
            var call = InferCall.binary(NAME, "input", Workload.SIGNAL.inputShape(), data.array())
                    .authorized(Files.readString(token).strip());
            try (var client = new HttpClient(url.getPort())) {
                return client.post(call.head(), call.content()) > 0;
            } catch (IOException e) {
                return false; // not yet
            }
        });
    }

    private static void stop(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
