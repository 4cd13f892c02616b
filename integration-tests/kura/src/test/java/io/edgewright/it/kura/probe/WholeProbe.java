// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.InferenceEngineService;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.ai.inference.Tensor;
import org.eclipse.kura.ai.inference.TensorDescriptor;
import org.eclipse.kura.configuration.ConfigurationService;
import org.osgi.framework.BundleContext;

/** What an integrator and Kura's AI component do with the whole of it. */
public final class WholeProbe {

    private static final String REGRESSION = "regression";

    private WholeProbe() {}

    public static void addModel(BundleContext context, String name, String folder) throws Exception {
        WritableModelStore store = Await.service(context, WritableModelStore.class);
        store.add(Path.of(folder), new AddOptions(Optional.of(name), Optional.of("1.0.0"), Map.of(), Optional.empty()));
    }

    /** As the console does it. */
    public static void createDeployment(BundleContext context, String name) throws Exception {
        Await.service(context, ConfigurationService.class)
                .createFactoryConfiguration(
                        "io.edgewright.deployment", name, Map.of("name", name, "model", name, "trusted", true), true);
    }

    /** Feeds zeros as bytes, as a wire record carries them, and waits for an answer of that many bytes or numbers. */
    public static int answerLength(BundleContext context, String model) throws Exception {
        InferenceEngineService engine = Await.service(context, InferenceEngineService.class);
        return Await.until("an answer of " + model, () -> ask(engine, model), a -> a.isPresent())
                .orElseThrow();
    }

    private static Optional<Integer> ask(InferenceEngineService engine, String model) throws KuraException {
        try {
            Optional<ModelInfo> info = engine.getModelInfo(model);
            if (info.isEmpty()) {
                return Optional.empty();
            }
            List<Tensor> inputs = new ArrayList<>();
            for (TensorDescriptor input : info.get().getInputs()) {
                long elements = input.getShape().stream().reduce(1L, (a, b) -> a * Math.max(1, b));
                int bytes = Math.toIntExact(elements * (input.getType().endsWith("16") ? 2 : 4));
                inputs.add(new Tensor(Byte.class, input, Collections.nCopies(bytes, (byte) 0)));
            }
            Tensor answer = engine.infer(info.get(), inputs).get(0);
            return Optional.of(answer.getData(Float.class).orElseThrow().size());
        } catch (KuraException e) {
            if (e.getCode() == KuraErrorCode.SERVICE_UNAVAILABLE || e.getCode() == KuraErrorCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Two AI components ask without a pause, as the stock one does: they keep the engine that they were given, and load what is
     * loaded.
     *
     * @return stops them; what they saw that is not documented, and how many answers there were and how many refusals
     */
    public static Supplier<Map<String, Object>> startLoad(BundleContext context) throws Exception {
        InferenceEngineService engine = Await.service(context, InferenceEngineService.class);
        var running = new AtomicBoolean(true);
        var answers = new AtomicInteger();
        Set<String> refusals = Collections.synchronizedSet(new TreeSet<>());
        List<String> unexpected = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            var thread = new Thread(() -> {
                while (running.get()) {
                    try {
                        callOnce(engine);
                        answers.incrementAndGet();
                    } catch (KuraException e) {
                        refusals.add(String.valueOf(e.getCode()));
                    } catch (RuntimeException | Error e) { // what a component of Kura would not survive
                        unexpected.add(e.toString());
                    }
                }
            });
            thread.start();
            threads.add(thread);
        }
        Await.until("answers", answers::get, n -> n > 100);
        return () -> {
            running.set(false);
            for (Thread thread : threads) {
                try {
                    thread.join(Duration.ofSeconds(30).toMillis());
                } catch (InterruptedException e) {
                    unexpected.add(e.toString());
                }
                if (thread.isAlive()) {
                    unexpected.add(thread + " hangs");
                }
            }
            return Map.of(
                    "unexpected", List.copyOf(unexpected),
                    "answers", answers.get(),
                    "refusals", List.copyOf(refusals));
        };
    }

    private static void callOnce(InferenceEngineService engine) throws KuraException {
        if (!engine.isEngineReady()) {
            LockSupport.parkNanos(1_000_000);
        }
        if (engine.isModelLoaded(REGRESSION)) {
            engine.loadModel(REGRESSION, Optional.empty());
        }
        ModelInfo info = engine.getModelInfo(REGRESSION)
                .orElseThrow(() -> new KuraException(KuraErrorCode.NOT_FOUND, REGRESSION));
        byte[] bytes = ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(5)
                .array();
        List<Byte> boxed = List.of(bytes[0], bytes[1], bytes[2], bytes[3]);
        Tensor answer = engine.infer(
                        info, List.of(new Tensor(Byte.class, info.getInputs().get(0), boxed)))
                .get(0);
        List<Float> data = answer.getData(Float.class).orElseThrow();
        if (data.size() != 1 || data.get(0) != 15) {
            throw new IllegalStateException("5 + 10 gave " + data);
        }
    }
}
