// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Answers requests for one deployment; a service with the property {@value #DEPLOYMENT}. It outlives every swap of model,
 * version, device and driver. Thread-safe.
 */
@ProviderType
public interface Predictor {

    /** Service property, String: the deployment's name. */
    String DEPLOYMENT = "edgewright.deployment";

    /** {@return the deployment's name} */
    String deployment();

    /**
     * {@return what it takes and gives now; a swap may change it}
     *
     * @throws InferenceException with {@code NOT_READY} while nothing serves; the message says why
     */
    Signature signature() throws InferenceException;

    /**
     * Runs the model once, without copies of our own and on the calling thread.
     *
     * @param writer fills the inputs
     * @param reader makes the answer of the outputs
     * @param options deadline and priority
     * @param <R> the answer
     * @return what the reader returned
     * @throws InferenceException with any reason; nothing has to be undone
     */
    <R> R predict(InputWriter writer, OutputReader<R> reader, RequestOptions options) throws InferenceException;

    /**
     * Runs the model once; a convenience that copies inputs and outputs.
     *
     * @param inputs one tensor for each input
     * @return one tensor for each output, owned by the caller
     * @throws InferenceException with any reason
     */
    Map<String, Tensor> predict(Map<String, Tensor> inputs) throws InferenceException;

    /**
     * Queues a request. Requests that wait together are run as one batch where that was measured to pay.
     *
     * @param inputs one tensor for each input; not to be changed until the future completes
     * @param options deadline and priority
     * @return completes with one tensor for each output, owned by the caller, or exceptionally with an
     *     {@link InferenceException}; never blocks here: a full queue completes it at once with {@code QUEUE_FULL}
     */
    CompletableFuture<Map<String, Tensor>> submit(Map<String, Tensor> inputs, RequestOptions options);

    /**
     * {@return a predictor that answers from one version only}
     *
     * @param version such as {@code 1.1.0}; empty if that version does not serve now, neither first nor as candidate
     */
    Optional<Predictor> version(String version);
}
