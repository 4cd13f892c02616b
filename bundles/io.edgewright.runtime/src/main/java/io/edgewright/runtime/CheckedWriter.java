// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;

/** Writes values that were given as they are: whether they suit the version that is to run is checked before. */
interface CheckedWriter extends InputWriter {

    /** Throws {@code INPUT_MISMATCH} if they do not. */
    void check(LoadedVersion version) throws InferenceException;
}
