// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Turns a model file into a better one; a service. It reads a file and writes a file: every step has a digest, and a crash
 * loses nothing. It judges nothing: the optimizer measures and decides. Thread-safe.
 */
@ConsumerType
public interface OptimizationPass {

    /** {@return a short name such as {@code quantize}; unique on the gateway} */
    String name();

    /**
     * {@return whether it is worth applying here, and why or why not; fast}
     *
     * @param model the model as it is now
     * @param device where the result will run
     */
    Applicability check(ModelFile model, Accelerator device);

    /**
     * Writes a better model. May take minutes; watches {@link PassContext#cancelled()}.
     *
     * @param model the model as it is now; not changed
     * @param target the file to write; does not exist yet; deleted by the caller if this fails
     * @param context parameters, calibration data, progress
     * @return what was done
     * @throws OptimizationException if it cannot be done for this model
     */
    PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException;
}
