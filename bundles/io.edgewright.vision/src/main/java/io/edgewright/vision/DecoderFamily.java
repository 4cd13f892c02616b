// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.util.List;

/** A kind of detection model. */
interface DecoderFamily {

    /** How well a model's outputs fit. */
    enum Fit {
        NO,
        /** They could be of this kind. */
        POSSIBLE,
        /** They are of this kind as far as shapes and labels can tell. */
        SURE
    }

    /** Every kind there is. */
    List<DecoderFamily> ALL = List.of(
            new FastestDetDecoder.Family(),
            new YoloxDecoder.Family(),
            new NanoDetDecoder.Family(),
            new SsdDecoder.Family(),
            new UltraFaceDecoder.Family(),
            new YunetDecoder.Family());

    String name();

    Fit fit(DecoderContext model);

    /** Makes a decoder; an IllegalArgumentException says what does not fit. */
    Detector create(DecoderContext model);
}
