// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.inference.InputWriter;
import io.edgewright.vision.PictureMap;
import java.util.Optional;

/**
 * One run of a model.
 *
 * @param name what it is called in the answer, such as the file's name
 * @param stem for the names of files that are written
 * @param writer fills the inputs
 * @param picture for boxes: how to find back into the picture, and its size; empty for tensors
 */
record Run(String name, String stem, InputWriter writer, Optional<Seen> picture) {

    /** A picture's size, and the way back into it. */
    record Seen(PictureMap map, int width, int height) {}
}
