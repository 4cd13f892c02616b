// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.Deployments;
import io.edgewright.it.kura.emulation.AiEmulation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.InferenceEngineService;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.wire.WireRecord;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** What Kura's AI component does with our engine. */
public final class EngineProbe {

    private static final String ENGINE = "io.edgewright.kura.inference";
    private static final String TARGET = "(kura.service.pid=" + ENGINE + ")";
    private static final int SOME = 200;

    private EngineProbe() {}

    /** {@return the records that an AI component sends for one record} */
    public static List<Map<String, Object>> ask(BundleContext context, Map<String, Object> record, String... models)
            throws Exception {
        Await.service(context, InferenceEngineService.class);
        try (AiEmulation ai = new AiEmulation(context, TARGET, models)) {
            Await.equal(true, ai.update());
            return ai.receive(Plain.record(record)).orElseThrow().stream()
                    .map(Plain::values)
                    .toList();
        }
    }

    /** {@return what asking ends with if it fails} */
    public static String refusal(BundleContext context, Map<String, Object> record, String... models) throws Exception {
        try {
            return "answered " + ask(context, record, models);
        } catch (KuraException e) {
            return e.getCode() + " " + e.getCause();
        }
    }

    public static List<String> names(BundleContext context) throws Exception {
        return Await.service(context, InferenceEngineService.class).getModelNames();
    }

    public static void unload(BundleContext context, String model) throws Exception {
        Await.service(context, InferenceEngineService.class).unloadModel(model);
    }

    /** {@return the names of the configurations of deployments} */
    public static List<String> configured(BundleContext context) throws Exception {
        return Await.service(context, Settings.class).list(Deployments.FACTORY_PID).stream()
                .map(Settings.Entry::name)
                .toList();
    }

    /**
     * Takes the engine away while AI components use it, and brings it back.
     *
     * @return errors that were not announced
     */
    public static List<String> uninstallUnderLoad(BundleContext context, Map<String, Object> record, String model)
            throws Exception {
        Load load = new Load(context, Plain.record(record), model);
        try {
            load.start(4);
            Await.until("answers", load.answers::get, n -> n > SOME);
            ServiceReference<InferenceEngineService> reference =
                    context.getServiceReference(InferenceEngineService.class);
            InferenceEngineService engine = context.getService(reference);
            ModelInfo description = engine.getModelInfo(model).orElseThrow();
            Bundle bundle = Arrays.stream(context.getBundles())
                    .filter(b -> ENGINE.equals(b.getSymbolicName()))
                    .findFirst()
                    .orElseThrow();
            String location = bundle.getLocation();
            bundle.uninstall();

            long silent = load.silences.get();
            Await.until("calls of the engine that has gone", load.silences::get, n -> n > silent + SOME);
            Await.equal(false, engine.isEngineReady());
            Await.equal(KuraErrorCode.SERVICE_UNAVAILABLE, codeOf(() -> engine.infer(description, List.of())));
            Await.equal(KuraErrorCode.SERVICE_UNAVAILABLE, codeOf(() -> engine.getModelInfo(model)));
            Await.equal(KuraErrorCode.SERVICE_UNAVAILABLE, codeOf(() -> engine.isModelLoaded(model)));
            Await.equal(KuraErrorCode.SERVICE_UNAVAILABLE, codeOf(engine::getModelNames));
            Await.equal(KuraErrorCode.SERVICE_UNAVAILABLE, codeOf(() -> {
                engine.loadModel(model, Optional.empty());
                return engine;
            }));
            Await.equal(KuraErrorCode.SERVICE_UNAVAILABLE, codeOf(() -> {
                engine.unloadModel(model);
                return engine;
            }));

            context.installBundle(location).start();
            long answered = load.answers.get();
            Await.until("answers of the engine that is back", load.answers::get, n -> n > answered + SOME);
        } finally {
            load.stop();
        }
        return load.errors;
    }

    private static Object codeOf(Callable<?> call) throws Exception {
        try {
            return call.call();
        } catch (KuraException e) {
            return e.getCode();
        }
    }

    /** AI components that never rest, each with a thread of its own. */
    private static final class Load {

        final AtomicLong answers = new AtomicLong();
        final AtomicLong silences = new AtomicLong();
        final List<String> errors = Collections.synchronizedList(new ArrayList<>());
        private final BundleContext context;
        private final WireRecord record;
        private final String model;
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final List<Thread> threads = new ArrayList<>();

        Load(BundleContext context, WireRecord record, String model) {
            this.context = context;
            this.record = record;
            this.model = model;
        }

        void start(int components) throws Exception {
            for (int i = 0; i < components; i++) {
                AiEmulation ai = new AiEmulation(context, TARGET, model);
                Await.until("the engine", ai::update, ready -> ready);
                Thread thread = new Thread(() -> run(ai));
                threads.add(thread);
                thread.start();
            }
        }

        void stop() throws InterruptedException {
            stopped.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private void run(AiEmulation ai) {
            try (ai) {
                while (!stopped.get()) {
                    step(ai);
                }
            }
        }

        private void step(AiEmulation ai) {
            try {
                (ai.receive(record).isPresent() ? answers : silences).incrementAndGet();
            } catch (KuraException e) {
                // between its question whether the engine is ready and the next one the engine may go
                if (e.getCode() != KuraErrorCode.SERVICE_UNAVAILABLE) {
                    errors.add(String.valueOf(e));
                }
            } catch (RuntimeException | LinkageError e) {
                errors.add(String.valueOf(e));
            }
        }
    }
}
