// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

/**
 * Which build of ONNX Runtime's native libraries this process uses. It is chosen before the first use and stays: one process
 * has one.
 *
 * @param name {@code gpu} if the libraries come with the providers for CUDA and TensorRT, else {@code cpu}; this says
 *     nothing about a device
 * @param folder where the libraries lie that the operator named; empty for those in the bundle
 * @param problem why the folder that the operator named is not used; empty if it is, or if none was named
 */
public record OrtFlavour(String name, String folder, String problem) {

    /** With the providers for CUDA and TensorRT. */
    public static final String GPU = "gpu";

    /** For the processor only. */
    public static final String CPU = "cpu";
}
