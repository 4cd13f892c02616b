// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.accelerator.Accelerator;
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

    /** {@return the pass's parameters, such as {@code weights=int8}; unknown ones are refused by the pass} */
    Map<String, String> parameters();

    /** {@return sample inputs, one map of all inputs each, read as the stream advances; empty if there are none} */
    Stream<Map<String, Tensor>> calibration();

    /** {@return a folder for temporary files, deleted afterwards} */
    Path workFolder();

    /**
     * Tells how far the work is.
     *
     * @param fraction 0..1
     * @param message one line for people
     */
    void progress(double fraction, String message);

    /** {@return true once the work is no longer wanted; the pass then ends soon with an {@link OptimizationException}} */
    boolean cancelled();
}
