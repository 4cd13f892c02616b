// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Turns a model file into a better one; a service. It reads a file and writes a file: every step has a digest, and a crash
 * loses nothing. It judges nothing: the optimizer measures and decides. It is deterministic: the same model, parameters,
 * calibration data and device give the same result, as results are cached. Thread-safe.
 */
@ConsumerType
public interface OptimizationPass {

    /** Where in a pipeline a pass belongs; a search tries passes in this order. */
    enum Stage {
        /** Simplifies the graph; the numbers stay the same. */
        GRAPH,
        /** Changes the architecture: fewer channels, fewer weights. */
        STRUCTURE,
        /** Trains weights anew. */
        TRAINING,
        /** Changes number formats. */
        PRECISION,
        /** Fits the result to one engine on this machine. */
        ENGINE
    }

    /** {@return a short name such as {@code quantize}: lower-case letters, digits, {@code -}; unique on the gateway} */
    String name();

    /** {@return what it does, one sentence for people} */
    String description();

    /** {@return where in a pipeline it belongs} */
    Stage stage();

    /** {@return what can be set, in the order in which people should read it; the same at every call} */
    List<PassParameter> parameters();

    /**
     * {@return whether it is worth applying here, and why or why not; fast}
     *
     * @param model the model as it is now
     * @param device where the result will run
     */
    Applicability check(ModelFile model, Accelerator device);

    /**
     * {@return the sets of parameters that a search should try, the most promising first; parameters left out have their
     * defaults. An empty list: never without being asked for}
     *
     * @param model a model that {@link #check} finds applicable
     * @param device where the result will run
     */
    default List<Map<String, String>> proposals(ModelFile model, Accelerator device) {
        return List.of(Map.of());
    }

    /**
     * Writes a better model. May take minutes; ends soon once {@link PassContext#cancelled()}.
     *
     * @param model the model as it is now; not changed
     * @param target the file to write, in a folder of its own, where files with external data go as well; does not exist
     *     yet; whatever is in that folder is deleted by the caller if this fails
     * @param context parameters, calibration data, progress
     * @return what was done
     * @throws OptimizationException if it cannot be done for this model
     */
    PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException;
}
