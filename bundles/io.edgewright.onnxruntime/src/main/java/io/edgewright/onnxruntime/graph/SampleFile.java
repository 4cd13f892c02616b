// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.graph;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Calibration samples kept in one file, so that a pass can read them in any order without decoding pictures again and without
 * holding them in memory. Not thread-safe.
 */
public final class SampleFile implements AutoCloseable {

    private final FileChannel file;
    private final List<TensorSpec> inputs;
    private final List<List<Long>> shapes = new ArrayList<>();
    private final int bytes;
    private int size;

    private SampleFile(FileChannel file, List<TensorSpec> inputs, Map<String, Tensor> first) {
        this.file = file;
        this.inputs = inputs;
        int sum = 0;
        for (TensorSpec input : inputs) {
            Tensor value = first.get(input.name());
            shapes.add(value == null ? List.of() : value.shape());
            sum += value == null ? 0 : value.data().limit();
        }
        bytes = sum;
    }

    /**
     * {@return the samples of a pass, copied}
     *
     * @param context where they come from
     * @param inputs what the model takes
     * @param most how many to take; they are spread over all
     * @param file to be written; deleting it is for the caller
     * @throws OptimizationException with {@code NO_CALIBRATION} if there are none, or one has another shape or type than the
     *     first, or is not finite; {@code RESOURCES} if the file could not be written
     */
    public static SampleFile of(PassContext context, List<TensorSpec> inputs, int most, Path file)
            throws OptimizationException {
        int all = context.calibrationSize();
        int wanted = Math.min(all, most);
        SampleFile samples = null;
        boolean whole = false;
        try (Stream<Map<String, Tensor>> stream = context.calibration()) {
            FileChannel channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            int at = 0;
            for (Iterator<Map<String, Tensor>> i = stream.iterator(); i.hasNext(); at++) {
                Map<String, Tensor> sample = i.next();
                if (samples == null) {
                    samples = new SampleFile(channel, inputs, sample);
                }
                if ((long) (at + 1) * wanted / all > (long) at * wanted / all) {
                    context.checkCancelled();
                    samples.add(sample, at);
                }
            }
            if (samples == null) {
                channel.close();
                throw new OptimizationException(
                        Reason.NO_CALIBRATION, "there are no calibration samples, expected 1 or more");
            }
            whole = true;
            return samples;
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "samples could not be kept: " + e.getMessage(), e);
        } finally {
            if (!whole && samples != null) {
                samples.close();
            }
        }
    }

    private void add(Map<String, Tensor> sample, int at) throws OptimizationException, IOException {
        for (int i = 0; i < inputs.size(); i++) {
            TensorSpec input = inputs.get(i);
            Tensor value = sample.get(input.name());
            if (value == null || value.type() != input.type() || !value.shape().equals(shapes.get(i))) {
                throw new OptimizationException(
                        Reason.NO_CALIBRATION,
                        "calibration sample %d: '%s' is %s, expected %s %s"
                                .formatted(
                                        at,
                                        input.name(),
                                        value == null ? "absent" : value,
                                        input.type(),
                                        shapes.get(i)));
            }
            checkFinite(value, input.name(), at);
            ByteBuffer data = value.data().duplicate().rewind();
            while (data.hasRemaining()) {
                file.write(data);
            }
        }
        size++;
    }

    private static void checkFinite(Tensor value, String name, int at) throws OptimizationException {
        if (value.type() == ElementType.FLOAT32) {
            var floats = value.floatBuffer();
            for (int i = 0; i < floats.limit(); i++) {
                if (!Float.isFinite(floats.get(i))) {
                    throw new OptimizationException(
                            Reason.NO_CALIBRATION,
                            "calibration sample %d: '%s' has %s at %d, expected finite numbers"
                                    .formatted(at, name, floats.get(i), i));
                }
            }
        }
    }

    /** {@return how many there are} */
    public int size() {
        return size;
    }

    /**
     * {@return the shapes of inputs that hold several samples at once, one below the other}
     *
     * @param batch how many samples
     */
    public Map<String, List<Long>> shapes(int batch) {
        Map<String, List<Long>> all = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            List<Long> shape = new ArrayList<>(shapes.get(i));
            if (!shape.isEmpty()) {
                shape.set(0, shape.get(0) * batch);
            }
            all.put(inputs.get(i).name(), shape);
        }
        return all;
    }

    /**
     * {@return the greatest batch up to a limit: 1 if an input's first dimension is fixed, or a sample has not the size 1 there}
     *
     * @param most the limit
     */
    public int batch(int most) {
        for (int i = 0; i < inputs.size(); i++) {
            List<Long> declared = inputs.get(i).shape();
            List<Long> shape = shapes.get(i);
            if (declared.isEmpty() || declared.get(0) != TensorSpec.DYNAMIC || shape.isEmpty() || shape.get(0) != 1) {
                return 1;
            }
        }
        return Math.max(1, Math.min(most, size));
    }

    /**
     * Puts samples into the inputs of a graph that was opened for {@link #shapes} of as many.
     *
     * @param run the graph; inputs of the model that it lacks are left out
     * @param chosen their numbers, each from 0 to {@link #size} - 1
     * @throws OptimizationException with {@code RESOURCES} if they could not be read
     */
    public void read(GraphRun run, int... chosen) throws OptimizationException {
        long offset = 0;
        for (int i = 0; i < inputs.size(); i++) {
            TensorSpec input = inputs.get(i);
            int length = Math.toIntExact(
                    Tensor.elements(shapes.get(i)) * input.type().bytes());
            if (run.inputs().stream().anyMatch(s -> s.name().equals(input.name()))) {
                ByteBuffer target = run.input(input.name()).data().duplicate();
                for (int n = 0; n < chosen.length; n++) {
                    read(target.limit((n + 1) * length).position(n * length), (long) chosen[n] * bytes + offset);
                }
            }
            offset += length;
        }
    }

    private void read(ByteBuffer target, long from) throws OptimizationException {
        try {
            long at = from;
            while (target.hasRemaining()) {
                int got = file.read(target, at);
                if (got < 0) {
                    throw new IOException("it ends at " + at);
                }
                at += got;
            }
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "samples could not be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws OptimizationException {
        try {
            file.close();
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "samples could not be closed: " + e.getMessage(), e);
        }
    }
}
