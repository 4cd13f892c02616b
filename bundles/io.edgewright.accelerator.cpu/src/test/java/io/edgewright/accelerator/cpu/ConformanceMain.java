// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.TensorProtos;
import io.edgewright.testkit.Closeness;
import io.edgewright.testkit.OnnxTestSuite;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs cases of the ONNX test suite and reports line by line, so that a case that kills this process is known. Each case
 * runs three times with its output buffers overwritten in between: a pinned buffer that the engine does not write to
 * shows.
 */
final class ConformanceMain {

    private static final long LARGEST = 256 << 20;

    private ConformanceMain() {}

    /**
     * @param args see {@link OnnxTestSuite#runCases}; the first one is a folder for the driver
     */
    public static void main(String[] args) throws IOException {
        CpuDriver driver = Drivers.cpu(Path.of(args[0]), Map.of());
        OnnxTestSuite.runCases(args, folder -> tryCase(driver, folder));
    }

    private static String tryCase(CpuDriver driver, Path folder) throws IOException {
        Path model = folder.resolve("model.onnx");
        try (ModelSession session = loadTwice(driver, model)) {
            int sets = 0;
            while (Files.isDirectory(folder.resolve("test_data_set_" + sets))) {
                String wrong = trySet(session, folder.resolve("test_data_set_" + sets));
                if (!wrong.isEmpty()) {
                    return "wrong (" + wrong + ")";
                }
                sets++;
            }
            return sets == 0 ? "empty" : "pass";
        } catch (InferenceException e) {
            return e.reason() + " (" + e.getMessage() + ")";
        } catch (IOException e) {
            return "unreadable (" + e.getMessage() + ")";
        }
    }

    /** The first load leaves an optimized model behind, the second one takes it: what serves after a restart. */
    private static ModelSession loadTwice(CpuDriver driver, Path model) throws IOException, InferenceException {
        Drivers.load(driver, model).close();
        return Drivers.load(driver, model);
    }

    private static String trySet(ModelSession session, Path data) throws IOException, InferenceException {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        Map<String, List<Long>> shapes = new HashMap<>();
        int index = 0;
        for (TensorSpec spec : session.inputs()) {
            Path file = data.resolve("input_" + index++ + ".pb");
            Tensor value = Files.exists(file)
                    ? TensorProtos.read(file, LARGEST).tensor()
                    : Tensor.zeros(spec.type(), spec.concreteShape(1));
            inputs.put(spec.name(), value);
            shapes.put(spec.name(), value.shape());
        }
        try (Slot slot = session.openSlot(shapes)) {
            inputs.forEach(slot::write);
            for (int run = 1; run <= 3; run++) {
                slot.run(Deadline.NONE);
                for (int i = 0; i < session.outputs().size(); i++) {
                    Tensor expected = TensorProtos.read(data.resolve("output_" + i + ".pb"), LARGEST)
                            .tensor();
                    Tensor found = slot.output(session.outputs().get(i).name());
                    String wrong = Closeness.difference(expected, found);
                    if (!wrong.isEmpty()) {
                        return "run " + run + ", output " + i + ": " + wrong;
                    }
                    overwrite(found.data());
                }
            }
        }
        return "";
    }

    private static void overwrite(ByteBuffer data) {
        for (int i = 0; i < data.limit(); i++) {
            data.put(i, (byte) 0xA5);
        }
    }
}
