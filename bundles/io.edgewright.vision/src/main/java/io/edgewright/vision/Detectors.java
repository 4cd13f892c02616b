// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.inference.Signature;
import java.util.List;
import java.util.Locale;

/** Finds the decoder for a detection model. */
public final class Detectors {

    private Detectors() {}

    /**
     * {@return a decoder for a model: the one its manifest names as {@code decoder}, else the one that recognises its
     * outputs}
     *
     * @param signature of the model
     * @throws IllegalArgumentException if the property names none, none recognises the model or several do; the message
     *     says what to set
     */
    public static Detector of(Signature signature) {
        DecoderContext model = DecoderContext.of(signature);
        String wanted = model.manifest().property("decoder", "").strip().toLowerCase(Locale.ROOT);
        if (!wanted.isEmpty()) {
            String name = wanted.equals("picodet") ? NanoDetDecoder.NAME : wanted;
            return DecoderFamily.ALL.stream()
                    .filter(f -> f.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "decoder is '%s', expected one of %s".formatted(wanted, names(DecoderFamily.ALL))))
                    .create(model);
        }
        List<DecoderFamily> fitting = fitting(model, DecoderFamily.Fit.SURE);
        if (fitting.isEmpty()) {
            fitting = fitting(model, DecoderFamily.Fit.POSSIBLE);
        }
        if (fitting.size() == 1) {
            return fitting.get(0).create(model);
        }
        String found = fitting.isEmpty() ? "no decoder" : "several decoders, " + names(fitting) + ",";
        throw new IllegalArgumentException(
                "%s can read model %s with the outputs %s for a %d x %d picture: set its property decoder to one of %s"
                        .formatted(
                                found,
                                model.manifest().id(),
                                model.outputs().stream()
                                        .map(ImageSettings::describe)
                                        .toList(),
                                model.width(),
                                model.height(),
                                names(DecoderFamily.ALL)));
    }

    /**
     * {@return true if {@link #of} would find a decoder}
     *
     * @param signature of any model
     */
    public static boolean recognises(Signature signature) {
        boolean picture = signature.inputs().size() == 1
                && ImageSettings.looksLikePicture(signature.inputs().get(0));
        if (!picture) {
            return false;
        }
        try {
            of(signature);
            return true;
        } catch (IllegalArgumentException e) {
            return false; // what is wrong is said where the decoder is needed
        }
    }

    private static List<DecoderFamily> fitting(DecoderContext model, DecoderFamily.Fit wanted) {
        return DecoderFamily.ALL.stream().filter(f -> f.fit(model) == wanted).toList();
    }

    private static List<String> names(List<DecoderFamily> families) {
        return families.stream().map(DecoderFamily::name).toList();
    }
}
