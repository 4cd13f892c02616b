// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import io.edgewright.accelerator.cuda.Scan.Found;
import io.edgewright.accelerator.cuda.Scan.Surroundings;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorListener;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs ONNX models on NVIDIA devices with ONNX Runtime's providers for CUDA and TensorRT. */
@Component(name = CudaDriver.PID, service = AcceleratorDriver.class, property = "kura.ui.service.hide=true")
@Designate(ocd = CudaDriver.Config.class)
public final class CudaDriver implements AcceleratorDriver {

    static final String PID = "io.edgewright.accelerator.cuda";

    private static final Logger LOG = LoggerFactory.getLogger(CudaDriver.class);

    private static final String FORMAT = "onnx";

    /** A trial that has failed is repeated after this time, even if nothing has changed that this driver can see. */
    private static final Duration RETRY = Duration.ofMinutes(10);

    /** How long a caller waits for a trial; the runtime waits 10 s for all drivers. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    /** Come and go at any time. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<AcceleratorListener> listeners = List.of();

    private final Settings settings;
    private final Isolation isolation;
    private final Scan scan;
    private final ExecutorService worker;
    private final CudaEngine local = new CudaEngine();
    private volatile Found found;
    private volatile @Nullable Surroundings seen; // at the last look
    private volatile long lastTrial = System.nanoTime();

    @ObjectClassDefinition(
            id = PID,
            name = "CUDA accelerator",
            description = "Runs ONNX models on NVIDIA devices with CUDA and TensorRT.")
    @interface Config {

        @AttributeDefinition(
                name = "Home folder",
                description = "Where engines built by TensorRT are kept; empty for edgewright.home.",
                required = false)
        String home() default "";

        @AttributeDefinition(
                name = "Libraries",
                description = "Folder with ONNX Runtime's libraries for CUDA, as tools/fetch-onnxruntime-gpu.sh fills"
                        + " one; empty for the one that EDGEWRIGHT_ONNXRUNTIME_NATIVES names.",
                required = false)
        String natives() default "";

        @AttributeDefinition(
                name = "Process of its own",
                description = "Uses the devices from a process of its own, which can be ended when a device hangs or"
                        + " the driver fails. Otherwise from this one, started with those libraries.")
        boolean isolate() default true;

        @AttributeDefinition(
                name = "Devices",
                description = "Numbers (in the order of their buses), buses or UUIDs of the devices to use; empty for"
                        + " all.",
                required = false)
        String[] devices() default {};

        @AttributeDefinition(
                name = "Device memory (MiB)",
                description = "Most device memory for one model's arena, in MiB; 0 for no limit.",
                min = "0")
        int memory_mib() default 0;

        @AttributeDefinition(
                name = "Arena",
                description = "How device memory grows: exact takes what a model asks for, doubling takes more at a"
                        + " time and asks less often.")
        String arena() default "exact";

        @AttributeDefinition(
                name = "Search for convolutions",
                description = "How cuDNN chooses its algorithms: default, heuristic, or exhaustive (the fastest runs,"
                        + " and a slow first one for each shape).")
        String cudnn_search() default "heuristic";

        @AttributeDefinition(
                name = "TF32",
                description = "Computes float products with 10 bits of fraction on Ampere and newer: faster, and"
                        + " answers differ a little from those of other devices.")
        boolean tf32() default false;

        @AttributeDefinition(
                name = "Runs side by side",
                description = "How many runs of one model are under way at once, so that one is copied while another"
                        + " computes.",
                min = "1",
                max = "64")
        int parallelism() default 2;

        @AttributeDefinition(
                name = "TensorRT",
                description = "Lets TensorRT build an engine for each model: minutes at the first load, faster runs."
                        + " A deployment may set cuda.tensorrt instead.")
        boolean tensorrt() default false;

        @AttributeDefinition(
                name = "TensorRT in half precision",
                description = "Lets TensorRT compute with 16 bits where that is faster.")
        boolean tensorrt_fp16() default false;

        @AttributeDefinition(
                name = "TensorRT in 8 bits",
                description = "Lets TensorRT compute quantized models (QDQ) with 8 bits.")
        boolean tensorrt_int8() default false;

        @AttributeDefinition(
                name = "TensorRT workspace (MiB)",
                description = "Most device memory that TensorRT uses while it builds and runs, in MiB.",
                min = "1")
        int tensorrt_workspace_mib() default 1024;

        @AttributeDefinition(
                name = "Load time (s)",
                description = "Longest time to load or try one model, in seconds; TensorRT needs minutes.",
                min = "1")
        int load_seconds() default 900;

        @AttributeDefinition(
                name = "Process memory (MiB)",
                description = "Most main memory of the process of its own, in MiB; CUDA's libraries alone take"
                        + " several hundred.",
                min = "512")
        int process_memory_mib() default 8192;

        @AttributeDefinition(
                name = "Try models of unknown origin",
                description = "Loads and runs a model that is not trusted in a process by itself first.")
        boolean probe_untrusted() default true;
    }

    /**
     * Begins to look for devices.
     *
     * @param isolation where they are tried
     * @param config checked here
     */
    @Activate
    public CudaDriver(@Reference Isolation isolation, Config config) {
        this(isolation, Settings.of(config), Path.of("/"));
    }

    /** @param root where the system's files are, for tests */
    CudaDriver(Isolation isolation, Settings settings, Path root) {
        this.isolation = isolation;
        this.settings = settings;
        this.scan = new Scan(settings, isolation, root);
        this.worker = Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "edgewright-cuda-scan");
            thread.setDaemon(true);
            return thread;
        });
        Surroundings now = scan.surroundings();
        String obstacle = scan.obstacle(now.host());
        this.found = Found.nothing(obstacle.isEmpty() ? "NVIDIA devices are being tried, wait a moment" : obstacle);
        if (obstacle.isEmpty()) {
            worker.execute(() -> look(now));
        } else {
            seen = now;
            LOG.info("No NVIDIA device is used: {}", obstacle);
        }
        sweep();
    }

    /** Stops looking. */
    @Deactivate
    void deactivate() {
        worker.shutdownNow();
    }

    @Override
    public String name() {
        return Scan.NAME;
    }

    @Override
    public List<Accelerator> accelerators() {
        return found.devices();
    }

    @Override
    public Optional<String> unavailable() {
        Found now = found;
        return now.devices().isEmpty() ? Optional.of(now.unavailable()) : Optional.empty();
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        Found now = found;
        if (now.devices().stream().noneMatch(d -> d.id().equals(device.id()))) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "device '%s' is not there%s"
                            .formatted(device.id(), now.unavailable().isEmpty() ? "" : ": " + now.unavailable()),
                    null);
        }
        String format = model.manifest().format();
        if (!format.equals(FORMAT)) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s has format '%s', expected '%s'"
                            .formatted(model.manifest().id(), format, FORMAT),
                    null);
        }
        String number = number(device);
        EngineSpec spec = scan.spec(now.engine(), settings.limit(), now.driver());
        try {
            if (settings.vets() && !options.trusted()) {
                isolation.vet(spec, model, number);
            }
            return settings.isolated()
                    ? isolation.open(spec, model, number, options)
                    : local.load(model, number, options);
        } catch (InferenceException e) {
            if (isDoubtful(e)) {
                later(true);
            }
            throw e;
        }
    }

    /** Waits a while for a trial that this or an earlier call has begun: one who asks once wants to know. */
    @Override
    public void rescan() {
        try {
            if (!later(false).await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("NVIDIA devices are still being tried");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Looks for devices on the worker's thread, if there is a reason to.
     *
     * @param doubt true if a device has failed: it is tried again, even if nothing has changed
     * @return reaches 0 when that is done
     */
    private CountDownLatch later(boolean doubt) {
        var done = new CountDownLatch(1);
        try {
            worker.execute(() -> {
                try {
                    Surroundings now = scan.surroundings();
                    boolean retry = found.devices().isEmpty() && System.nanoTime() - lastTrial >= RETRY.toNanos();
                    if (doubt || retry || !now.equals(seen)) {
                        look(now);
                    }
                } finally {
                    done.countDown();
                }
            });
        } catch (RejectedExecutionException e) {
            done.countDown(); // this driver goes
        }
        return done;
    }

    /** A model for which there is no room says nothing about the device, which others may be using. */
    private static boolean isDoubtful(InferenceException e) {
        return e.reason() == Reason.DEVICE_UNAVAILABLE
                && !String.valueOf(e.getMessage()).contains("memory");
    }

    private void look(Surroundings now) {
        seen = now;
        lastTrial = System.nanoTime();
        Found before = found;
        Found after = Found.nothing("looking for NVIDIA devices failed, see the log");
        try {
            after = usable(scan.look(now.host()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // this driver goes
            return;
        } finally {
            found = after;
        }
        if (!after.devices().equals(before.devices()) || !after.unavailable().equals(before.unavailable())) {
            tell(after);
        }
    }

    /** What works in a process of its own may still not work in this one. */
    private Found usable(Found tried) {
        if (settings.isolated() || tried.devices().isEmpty()) {
            return tried;
        }
        String problems;
        try {
            Map<String, String> answer = local.start(tried.engine());
            problems = tried.devices().stream()
                    .map(d -> answer.getOrDefault(CudaEngine.DEVICE + number(d), ""))
                    .filter(p -> !p.isEmpty())
                    .distinct()
                    .collect(Collectors.joining("; "));
        } catch (InferenceException e) {
            problems = String.valueOf(e.getMessage());
        }
        return problems.isEmpty()
                ? tried
                : Found.nothing("NVIDIA devices work in a process of their own and not in this one: " + problems
                        + "; set isolate=true");
    }

    private static String number(Accelerator device) {
        return device.id().substring(Scan.NAME.length() + 1);
    }

    private void tell(Found now) {
        if (now.devices().isEmpty()) {
            LOG.warn("No NVIDIA device is used: {}", now.unavailable());
        } else {
            now.devices().forEach(d -> LOG.info("{}: {}", d.id(), d.description()));
        }
        listeners.forEach(l -> l.acceleratorsChanged(this));
    }

    private void sweep() {
        try {
            new EngineCache(Path.of(settings.engine().getOrDefault(Settings.Keys.ENGINES, "tensorrt"))).sweep();
        } catch (IOException e) {
            LOG.warn("Old engines of TensorRT cannot be deleted: {}", e.toString());
        }
    }
}
