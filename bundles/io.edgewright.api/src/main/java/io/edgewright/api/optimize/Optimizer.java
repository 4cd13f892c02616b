// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.model.ModelFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Makes variants of models with the passes that are installed, measures them on the device that will run them, and keeps
 * what passes the gate; a service. One request is worked on at a time, at low priority. Requests and results are on disk: after
 * a restart the work goes on where it was. Thread-safe.
 */
@ProviderType
public interface Optimizer {

    /**
     * An installed pass.
     *
     * @param name what pipelines call it
     * @param description what it does
     * @param stage where in a pipeline it belongs
     * @param parameters what can be set
     */
    record Pass(String name, String description, OptimizationPass.Stage stage, List<PassParameter> parameters) {

        /** Copies. */
        public Pass {
            parameters = List.copyOf(parameters);
        }
    }

    /** How a result is written down. */
    enum ReportFormat {
        /** {@link Optimization} with all its parts; durations in milliseconds, numbers that are none are {@code null}. */
        JSON,
        /** A page that stands alone, with a plot. */
        HTML
    }

    /** {@return the passes that are installed now, in the order in which they belong in a pipeline} */
    List<Pass> passes();

    /**
     * Has a request worked on, unless that was done already; returns at once.
     *
     * @param request the wish
     * @return how it is
     * @throws IllegalArgumentException if a parameter is none of an installed pass, or out of its range
     */
    Optimization request(OptimizationRequest request);

    /** {@return all requests that are known, the latest first} */
    List<Optimization> list();

    /**
     * {@return one of them}
     *
     * @param id as in {@link Optimization#id()}
     */
    Optional<Optimization> find(String id);

    /**
     * Calls a request off, if it has not ended.
     *
     * @param id as in {@link Optimization#id()}; an unknown one is fine
     */
    void cancel(String id);

    /**
     * Forgets a request that has ended, so that it is done afresh when it is made again; variants stay cached.
     *
     * @param id as in {@link Optimization#id()}; an unknown one is fine
     * @throws IllegalStateException if it has not ended
     */
    void forget(String id);

    /**
     * Opens a variant.
     *
     * @param id as in {@link Optimization#id()}
     * @param key of one of its variants
     * @return the variant in the place of the original: its manifest is that of the original, but with the file, digest and
     *     size of the variant. Golden pairs are answers of the variant itself, recorded when it passed the gate. Closed by the
     *     caller
     * @throws OptimizationException with {@code RESOURCES} if it is not there or not whole any more; it is made again when the
     *     request is made again
     */
    ModelFile open(String id, String key) throws OptimizationException;

    /**
     * {@return the result as far as it is known, to be shown or read by programs}
     *
     * @param id as in {@link Optimization#id()}
     * @param format how it is written
     * @throws OptimizationException with {@code RESOURCES} if there is no such request
     */
    String report(String id, ReportFormat format) throws OptimizationException;

    /** {@return how far the data of those deployments have drifted whose inferences may be looked at, by name} */
    List<Drift> drift();

    /**
     * Takes what a deployment sees from now on for normal: drift is measured against it, and what was calibrated with inputs
     * of the deployment is done afresh with those that come now, through the same gate. What serves goes on serving meanwhile.
     *
     * @param deployment as in {@link Drift#deployment()}
     * @return the ids of the requests that are done afresh; none if nothing was calibrated with its inputs
     * @throws IllegalArgumentException if no inferences of that deployment may be looked at
     */
    List<String> recalibrate(String deployment);

    /**
     * Writes the result: {@code report.json}, {@code report.html}, and of the variant that was chosen the model files and
     * {@code record.json}.
     *
     * @param id as in {@link Optimization#id()}
     * @param folder is created if it is absent
     * @throws OptimizationException with {@code RESOURCES} if it could not be written
     */
    void export(String id, Path folder) throws OptimizationException;
}
