// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.annotation.versioning.ProviderType;

/** What a pass may use while it works. One thread. */
@ProviderType
public interface PassContext {

    /** {@return the device that the result will run on} */
    Accelerator device();

    /** {@return the model before the first pass of the pipeline, such as the teacher of a distillation; held open} */
    ModelFile original();

    /**
     * {@return the pass's parameters, such as {@code weights=int8}: complete and checked, so each of
     * {@link OptimizationPass#parameters()} is there and has a value that its {@link PassParameter#check} accepts}
     */
    Map<String, String> parameters();

    /** {@return how many samples {@link #calibration()} has; 0 if there is no calibration data} */
    int calibrationSize();

    /**
     * {@return sample inputs, one map of all inputs each, named, typed and shaped as the original's inputs; in the same order
     * at every call, so that a pass may read them several times. Read from disk as the stream advances: close it. A tensor is
     * valid until the next one is read}
     */
    Stream<Map<String, Tensor>> calibration();

    /** {@return runs models on the device} */
    Evaluator evaluator();

    /**
     * {@return a folder for temporary files and checkpoints, deleted once the pass has ended; after a restart, or when the pass or
     * the device was gone meanwhile, the same step finds it as it was left}
     */
    Path workFolder();

    /**
     * Tells how far the work is.
     *
     * @param fraction 0..1
     * @param message one line for people
     */
    void progress(double fraction, String message);

    /** {@return true once the work is no longer wanted} */
    boolean cancelled();

    /**
     * Ends the work if it is no longer wanted.
     *
     * @throws OptimizationException with {@code CANCELLED} once {@link #cancelled()}
     */
    default void checkCancelled() throws OptimizationException {
        if (cancelled()) {
            throw new OptimizationException(OptimizationException.Reason.CANCELLED, "it is no longer wanted");
        }
    }
}
