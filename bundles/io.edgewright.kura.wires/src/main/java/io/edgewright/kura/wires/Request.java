// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import io.edgewright.api.tensor.Tensor;
import io.edgewright.vision.PictureMap;
import java.util.Map;

/**
 * What one record asks of a model.
 *
 * @param inputs one tensor for each input
 * @param map from the model's picture to the record's; stretched where there is none
 */
record Request(Map<String, Tensor> inputs, PictureMap map) {}
