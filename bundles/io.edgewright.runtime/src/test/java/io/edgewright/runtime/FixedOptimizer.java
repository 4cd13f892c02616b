// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.Variant;
import io.edgewright.testkit.FileModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers requests as a test says; its variant of every model is a given file. */
final class FixedOptimizer implements Optimizer {

    static final String KEY = "0123456789abcdef0123456789abcdef";

    final Map<String, Optimization> requests = new ConcurrentHashMap<>();
    final List<String> cancelled = new CopyOnWriteArrayList<>();
    final List<String> forgotten = new CopyOnWriteArrayList<>();
    private final Path folder;
    private volatile State state = State.RUNNING;
    private volatile byte[] content = {};
    private volatile String busy = "";

    FixedOptimizer(Path folder) {
        this.folder = folder;
    }

    /** From now on all requests are done, and this file is the best variant; an empty one for none. */
    void done(byte[] variant) {
        content = variant.clone();
        state = State.DONE;
    }

    /** Requests for this device run on. */
    void notYet(String accelerator) {
        busy = accelerator;
    }

    /** The variant's file is gone. */
    void lose() {
        content = new byte[0];
    }

    @Override
    public List<Pass> passes() {
        return List.of();
    }

    @Override
    public Optimization request(OptimizationRequest request) {
        var variant =
                new Variant(KEY, request.pipeline(), Variant.Verdict.FRONT, "", Measurement.NONE, List.of(), Map.of());
        State state = request.accelerator().equals(busy) ? State.RUNNING : this.state;
        String chosen = state == State.DONE && content.length > 0 ? KEY : "";
        String id = request.model() + "@" + request.accelerator() + "/" + request.pipeline();
        var now = new Optimization(
                id, request, state, 0.5, "made up", Instant.EPOCH, 0, Measurement.NONE, List.of(variant), chosen);
        requests.put(id, now);
        return now;
    }

    @Override
    public List<Drift> drift() {
        return List.of();
    }

    @Override
    public List<String> recalibrate(String deployment) {
        throw new UnsupportedOperationException("not for tests of the runtime");
    }

    @Override
    public List<Optimization> list() {
        return List.copyOf(requests.values());
    }

    @Override
    public Optional<Optimization> find(String id) {
        return Optional.ofNullable(requests.get(id));
    }

    @Override
    public void cancel(String id) {
        cancelled.add(id);
    }

    @Override
    public void forget(String id) {
        forgotten.add(id);
    }

    @Override
    public ModelFile open(String id, String key) throws OptimizationException {
        try {
            if (content.length == 0) {
                throw new OptimizationException(OptimizationException.Reason.RESOURCES, "it is gone");
            }
            FileModel file = FileModel.write(folder, "variant.onnx", "onnx", content);
            ModelManifest m = file.manifest();
            return new FileModel(
                    new ModelManifest(
                            find(id).orElseThrow().request().model(),
                            "onnx",
                            m.file(),
                            m.digest(),
                            m.sizeBytes(),
                            List.of(),
                            List.of(),
                            Map.of(),
                            Map.of()),
                    file.path());
        } catch (IOException e) {
            throw new OptimizationException(OptimizationException.Reason.RESOURCES, e.toString(), e);
        }
    }

    @Override
    public String report(String id, ReportFormat format) {
        return "";
    }

    @Override
    public void export(String id, Path target) {
        throw new UnsupportedOperationException("not for tests of the runtime");
    }
}
