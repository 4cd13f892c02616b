// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.Deployments;
import io.edgewright.it.kura.emulation.AiEmulation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.InferenceEngineService;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** What Kura's AI component does with our engine. */
public final class EngineProbe {

    private static final String ENGINE = "io.edgewright.kura.inference";
    static final String TARGET = "(kura.service.pid=" + ENGINE + ")";
    private static final int SOME = 200;

    private EngineProbe() {}

    /** {@return the records that an AI component sends for one record} */
    public static List<Map<String, Object>> ask(BundleContext context, Map<String, Object> record, String... models)
            throws Exception {
        Await.service(context, InferenceEngineService.class);
        try (AiEmulation ai = new AiEmulation(context, TARGET, models)) {
            Await.until("the engine", ai::update, ready -> ready);
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
        Load load = new Load(context, TARGET, Plain.record(record), model);
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
}
