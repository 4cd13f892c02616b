// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.onnx.DataType;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the parameters of the pass say, with what the device decides.
 *
 * @param form which form the model gets
 * @param calibration how ranges are chosen
 * @param percentile for {@link Calibration#PERCENTILE}, in percent
 * @param samples the most samples to use
 * @param activations UINT8 or INT8
 * @param perChannel true for weights with a step for each output channel
 * @param weightLimit the greatest magnitude of an 8-bit weight
 * @param biasCorrection true if biases make up for the mean error of the weights
 * @param leastAgreement until it is reached, products go back to float; 0 for never
 * @param block how many 4-bit weights share a step
 * @param slowerStaysFloat true to measure whether int8 makes what reads an input slower
 * @param keep the names of nodes that stay float
 */
record Settings(
        Form form,
        Calibration calibration,
        double percentile,
        int samples,
        DataType activations,
        boolean perChannel,
        int weightLimit,
        boolean biasCorrection,
        double leastAgreement,
        int block,
        boolean slowerStaysFloat,
        Set<String> keep) {

    /** Which number formats a model gets. */
    enum Form {
        /** 8-bit weights and activations, with ranges from calibration. */
        STATIC,
        /** 8-bit weights; ranges of activations are found in every run. */
        DYNAMIC,
        /** Half floats. */
        FP16,
        /** 4-bit weights. */
        INT4
    }

    static final List<PassParameter> PARAMETERS = List.of(
            PassParameter.choice(
                    "weights",
                    "The number format: int8, fp16 (half floats throughout) or int4 (4-bit weights).",
                    "int8",
                    "fp16",
                    "int4"),
            PassParameter.choice(
                    "activations",
                    "For int8: static ranges from calibration data, or dynamic ones found in every run.",
                    "static",
                    "dynamic"),
            PassParameter.choice(
                    "calibration",
                    "How ranges are chosen from calibration data: all but a few values, all that was seen, or what loses"
                            + " least information.",
                    "percentile",
                    "minmax",
                    "entropy"),
            PassParameter.real("percentile", "Values within the range, in percent.", 99.99, 90, 100),
            PassParameter.integer(
                    "samples", "The most calibration samples to use.", 256, Observer.LEAST_SAMPLES, 100_000),
            PassParameter.choice(
                    "activation-type",
                    "The 8-bit type of activations: what the device is fast with, or one of both.",
                    "auto",
                    "uint8",
                    "int8"),
            PassParameter.choice(
                    "weight-range",
                    "8 bits of a weight, or 7: processors without VNNI overflow with 8.",
                    "auto",
                    "full",
                    "reduced"),
            PassParameter.choice("per-channel", "Whether each output channel has a step of its own.", "true", "false"),
            PassParameter.choice(
                    "bias-correction",
                    "Whether biases make up for the mean error of rounded weights.",
                    "true",
                    "false"),
            PassParameter.real(
                    "mixed",
                    "Mixed precision: what costs most accuracy for its time goes back to float until this agreement with"
                            + " the original is reached, 0 to 1; 0 never.",
                    0.98,
                    0,
                    1),
            PassParameter.integer("block", "For int4: how many weights share a step; a power of 2.", 32, 16, 256),
            PassParameter.choice(
                    "slower",
                    "What becomes of a product that reads an input of the model and is slower in int8 on this processor, as it"
                            + " measures.",
                    "float",
                    "int8"),
            PassParameter.text("keep", "Names of nodes that stay float, separated by blanks.", ""));

    static Settings of(Map<String, String> parameters, Accelerator device) {
        boolean arm = System.getProperty("os.arch", "").equals("aarch64");
        boolean cpu = device.kind() == AcceleratorKind.CPU;
        String features = device.properties().getOrDefault("cpu.features", "");
        boolean overflows = cpu && !arm && !features.contains("vnni") && !features.contains("amx_int8");
        String activationType = get(parameters, "activation-type");
        String range = get(parameters, "weight-range");
        boolean signed = activationType.equals("int8") || activationType.equals("auto") && cpu && arm;
        boolean reduced = range.equals("reduced") || range.equals("auto") && overflows;
        return new Settings(
                form(get(parameters, "weights"), get(parameters, "activations")),
                Calibration.of(get(parameters, "calibration")),
                Double.parseDouble(get(parameters, "percentile")),
                Integer.parseInt(get(parameters, "samples")),
                signed ? DataType.INT8 : DataType.UINT8,
                get(parameters, "per-channel").equals("true"),
                reduced ? 64 : 127,
                get(parameters, "bias-correction").equals("true"),
                Double.parseDouble(get(parameters, "mixed")),
                Integer.highestOneBit(Integer.parseInt(get(parameters, "block"))),
                cpu && get(parameters, "slower").equals("float"),
                Set.of(get(parameters, "keep").strip().split("\\s+")));
    }

    private static Form form(String weights, String activations) {
        return switch (weights) {
            case "fp16" -> Form.FP16;
            case "int4" -> Form.INT4;
            default -> activations.equals("dynamic") ? Form.DYNAMIC : Form.STATIC;
        };
    }

    private static String get(Map<String, String> parameters, String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the parameter '" + name + "' is absent, found " + parameters.keySet());
        }
        return value;
    }
}
