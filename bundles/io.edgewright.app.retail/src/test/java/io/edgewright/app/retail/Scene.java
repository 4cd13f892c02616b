// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameSource;
import io.edgewright.api.source.FrameStream;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A camera and a perfect detector of the same scene. The feet of a person are told to the detector by the frame's first
 * pixels, and it answers through the outputs of an SSD model, whose input has any size.
 */
final class Scene implements FrameSource, Predictor {

    private static final int WIDTH = 64;
    private static final int HEIGHT = 48;

    private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    private volatile Signature signature;
    private volatile boolean over;
    private volatile boolean broken;
    private volatile Signature next;
    private long sequence;

    Scene(int modelSize) {
        signature = model(modelSize);
        next = signature;
    }

    /** Shows a frame; without feet it is empty. */
    void show(double seconds, int... feet) {
        ByteBuffer bgr = ByteBuffer.allocateDirect(WIDTH * HEIGHT * 3);
        for (int i = 0; i < bgr.limit(); i++) {
            bgr.put(i, feet.length == 2 ? (byte) (i % 3 == 0 ? feet[0] : i % 3 == 1 ? feet[1] : 255) : 0);
        }
        Duration position = Duration.ofMillis(Math.round(seconds * 1000));
        frames.add(new Frame(sequence++, Instant.EPOCH.plus(position), position, WIDTH, HEIGHT, bgr));
    }

    void end() {
        over = true;
    }

    /** Makes every answer fail, or no longer. */
    void breakDown(boolean now) {
        broken = now;
    }

    /** Replaces the model by one of another input size in the middle of the next run, as a swap may. */
    void swapDuringRun(int modelSize) {
        next = model(modelSize);
    }

    Signature served() {
        return signature;
    }

    boolean drained() {
        return frames.isEmpty();
    }

    private static Signature model(int size) {
        List<TensorSpec> outputs = List.of(
                new TensorSpec("boxes", ElementType.FLOAT32, List.of(1L, 2L, 4L)),
                new TensorSpec("classes", ElementType.FLOAT32, List.of(1L, 2L)),
                new TensorSpec("scores", ElementType.FLOAT32, List.of(1L, 2L)));
        return Signatures.of(
                List.of(new TensorSpec("image", ElementType.FLOAT32, List.of(1L, 3L, (long) size, (long) size))),
                outputs,
                Map.of("labels", "person\nbottle", "image.color", "BGR"));
    }

    @Override
    public String name() {
        return "camera";
    }

    @Override
    public String status() {
        return "a scene";
    }

    @Override
    public FrameStream open() {
        return new FrameStream() {
            @Override
            public Optional<Frame> next(Duration wait) throws InterruptedException {
                return Optional.ofNullable(frames.poll(over ? 0 : wait.toMillis(), TimeUnit.MILLISECONDS));
            }

            @Override
            public boolean ended() {
                return over && frames.isEmpty();
            }

            @Override
            public long dropped() {
                return 3;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public String deployment() {
        return "people";
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public <R> R predict(InputWriter writer, OutputReader<R> reader, RequestOptions options) throws InferenceException {
        if (broken) {
            throw new InferenceException(Reason.NOT_READY, "nothing serves", null);
        }
        signature = next;
        Tensor image =
                Tensor.zeros(ElementType.FLOAT32, signature.inputs().get(0).shape());
        writer.write(name -> image);
        int plane = (int) image.elements() / 3;
        float[] pixels = image.toFloats();
        float x = Math.round(pixels[0] * 255) / 100f;
        float y = Math.round(pixels[plane] * 255) / 100f;
        boolean someone = pixels[2 * plane] > 0.5f;
        Map<String, Tensor> outputs = Map.of(
                "boxes",
                Tensor.ofFloats(List.of(1L, 2L, 4L), x - 0.1f, y - 0.4f, x + 0.1f, y, 0, 0, 0, 0),
                "classes",
                Tensor.ofFloats(List.of(1L, 2L), 0, 0),
                "scores",
                Tensor.ofFloats(List.of(1L, 2L), someone ? 0.9f : 0, 0));
        return reader.read(name -> Objects.requireNonNull(outputs.get(name), name));
    }

    @Override
    public Map<String, Tensor> predict(Map<String, Tensor> inputs) {
        throw new UnsupportedOperationException("not used by the application");
    }

    @Override
    public CompletableFuture<Map<String, Tensor>> submit(Map<String, Tensor> inputs, RequestOptions options) {
        throw new UnsupportedOperationException("not used by the application");
    }

    @Override
    public Optional<Predictor> version(String version) {
        return Optional.empty();
    }
}
