// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * Where sample inputs come from. Files are {@code .npy} (also with many samples along the first dimension), {@code .npz}
 * (one array for each input), {@code .pb} (TensorProto) and pictures, which the manifest's pre-processing makes inputs of.
 *
 * @param kind which of them
 * @param where the folder, or the deployment; empty for {@link Kind#PACKAGE}
 * @param labels a file with the right classes, beside a {@link Kind#FOLDER}: {@code .npy} with one whole number for each
 *     sample in their order, or lines {@code FILE,CLASS} with a class index or name; empty for none
 */
public record CalibrationSource(Kind kind, String where, String labels) {

    /** Where samples can come from. */
    public enum Kind {
        /** The folder {@code calibration} of the model's package, labels in {@code labels.csv} there; else its golden pairs. */
        PACKAGE,
        /** A folder on this machine. */
        FOLDER,
        /** What was captured of a deployment's requests. */
        LIVE
    }

    /** The model's own samples. */
    public static final CalibrationSource OF_PACKAGE = new CalibrationSource(Kind.PACKAGE, "", "");

    /** Checks. */
    public CalibrationSource {
        if ((kind == Kind.PACKAGE) != where.isEmpty()) {
            throw new IllegalArgumentException("calibration from " + kind + " has '" + where
                    + "', expected a folder or deployment for all but PACKAGE");
        }
    }

    /**
     * {@return the source}
     *
     * @param text {@code package}, {@code live:DEPLOYMENT} or the path of a folder; blank is {@code package}
     */
    public static CalibrationSource parse(String text) {
        String source = text.strip();
        if (source.isEmpty() || source.equals("package")) {
            return OF_PACKAGE;
        }
        return source.startsWith("live:")
                ? new CalibrationSource(Kind.LIVE, source.substring("live:".length()), "")
                : new CalibrationSource(Kind.FOLDER, source, "");
    }

    /** {@return as {@link #parse} takes it; without the labels} */
    @Override
    public String toString() {
        return switch (kind) {
            case PACKAGE -> "package";
            case FOLDER -> where;
            case LIVE -> "live:" + where;
        };
    }
}
