// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.Tensor;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What applications call; the same object as long as the deployment is configured. Thread-safe. */
final class DeploymentPredictor implements Predictor {

    private final String deployment;
    private final Router router;
    private final Calls calls;
    private final Batcher batcher;

    DeploymentPredictor(String deployment, Router router, Calls calls, Batcher batcher) {
        this.deployment = deployment;
        this.router = router;
        this.calls = calls;
        this.batcher = batcher;
    }

    @Override
    public String deployment() {
        return deployment;
    }

    @Override
    public Signature signature() throws InferenceException {
        return signature(primary());
    }

    @Override
    public <R> R predict(InputWriter writer, OutputReader<R> reader, RequestOptions options) throws InferenceException {
        long start = System.nanoTime();
        return calls.call(writer, reader, deadline(options), options.priority(), 1, start);
    }

    @Override
    public Map<String, Tensor> predict(Map<String, Tensor> inputs) throws InferenceException {
        return predict(new TensorMaps.Writer(inputs), TensorMaps.READER, RequestOptions.DEFAULT);
    }

    @Override
    public CompletableFuture<Map<String, Tensor>> submit(Map<String, Tensor> inputs, RequestOptions options) {
        return batcher.submit(inputs, deadline(options), options.priority());
    }

    @Override
    public Optional<Predictor> version(String version) {
        return router.route().version(version) == null ? Optional.empty() : Optional.of(new OfVersion(version));
    }

    static Signature signature(LoadedVersion version) {
        return new Signature(version.served(), version.inputs(), version.outputs());
    }

    private LoadedVersion primary() throws InferenceException {
        Route route = router.route();
        LoadedVersion primary = route.primary();
        if (primary == null) {
            throw router.notReady(route);
        }
        return primary;
    }

    private Deadline deadline(RequestOptions options) {
        long fallback = router.route().timeoutNanos();
        return fallback > 0 && options.timeout().equals(RequestOptions.NO_TIMEOUT)
                ? Deadline.in(Duration.ofNanos(fallback))
                : options.deadline();
    }

    /** Answers from one version only. */
    private final class OfVersion implements Predictor {

        private final String version;

        OfVersion(String version) {
            this.version = version;
        }

        @Override
        public String deployment() {
            return deployment;
        }

        @Override
        public Signature signature() throws InferenceException {
            return DeploymentPredictor.signature(loaded());
        }

        @Override
        public <R> R predict(InputWriter writer, OutputReader<R> reader, RequestOptions options)
                throws InferenceException {
            long start = System.nanoTime();
            return calls.callVersion(version, writer, reader, deadline(options), options.priority(), start);
        }

        @Override
        public Map<String, Tensor> predict(Map<String, Tensor> inputs) throws InferenceException {
            return predict(new TensorMaps.Writer(inputs), TensorMaps.READER, RequestOptions.DEFAULT);
        }

        @Override
        public CompletableFuture<Map<String, Tensor>> submit(Map<String, Tensor> inputs, RequestOptions options) {
            return batcher.submitTo(version, inputs, deadline(options), options.priority());
        }

        @Override
        public Optional<Predictor> version(String other) {
            return DeploymentPredictor.this.version(other);
        }

        private LoadedVersion loaded() throws InferenceException {
            LoadedVersion loaded = router.route().version(version);
            if (loaded == null) {
                throw new InferenceException(
                        InferenceException.Reason.NOT_READY,
                        "deployment " + deployment + ": version " + version + " no longer serves",
                        null);
            }
            return loaded;
        }
    }
}
