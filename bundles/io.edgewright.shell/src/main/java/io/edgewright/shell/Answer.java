// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.tensor.Tensor;
import io.edgewright.vision.Classification;
import io.edgewright.vision.Detection;
import java.util.List;
import java.util.Map;

/**
 * What a model said to one input: exactly one of the lists is of use.
 *
 * @param kind how the outputs were read
 * @param classes of a classification
 * @param boxes of a detection
 * @param outputs copies of all outputs, in graph order
 */
record Answer(Kind kind, List<Classification> classes, List<Detection> boxes, Map<String, Tensor> outputs) {

    /** How outputs are read. */
    enum Kind {
        CLASSIFICATION,
        DETECTION,
        TENSORS
    }
}
