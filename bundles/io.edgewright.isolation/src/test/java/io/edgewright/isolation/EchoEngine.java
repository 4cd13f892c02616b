// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.isolation.Engine;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * An engine for tests. A model is a line {@code echo:<what it does>:<type>:<shape of x>:<shape of y>:end}; it gives its
 * input {@code x} as output {@code y} unless told otherwise.
 */
final class EchoEngine implements Engine {

    /** What keeps memory from being collected. */
    private static final List<ByteBuffer> EATEN = new ArrayList<>();

    private Map<String, String> settings = Map.of();

    EchoEngine() {}

    /** {@return a model} */
    static byte[] model(String what, ElementType type, List<Long> x, List<Long> y) {
        return ("echo:" + what + ":" + type + ":" + dims(x) + ":" + dims(y) + ":end").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Map<String, String> start(Map<String, String> settings) throws InferenceException {
        this.settings = settings;
        perform(settings.getOrDefault("start", ""));
        return Map.of(
                "pid", Long.toString(ProcessHandle.current().pid()),
                "environment",
                        String.join(
                                ",", System.getenv().keySet().stream().sorted().toList()),
                "heap", Long.toString(Runtime.getRuntime().maxMemory()));
    }

    @Override
    public ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException {
        String text;
        try {
            text = Files.readString(model.path(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new InferenceException(Reason.MODEL_INVALID, "cannot be read: " + e, e);
        }
        String[] parts = text.split(":");
        if (parts.length != 6 || !parts[5].equals("end")) {
            throw new InferenceException(Reason.MODEL_INVALID, model.manifest().id() + " is no echo", null);
        }
        if (parts[1].startsWith("load-")) {
            perform(parts[1].substring(5));
        }
        var x = new TensorSpec("x", ElementType.valueOf(parts[2]), shape(parts[3]));
        var y = new TensorSpec("y", x.type(), shape(parts[4]));
        return new EchoSession(parts[1], x, y, options);
    }

    @Override
    public void close() {
        perform2(settings.getOrDefault("close", ""));
    }

    private static void perform2(String what) {
        if (what.startsWith("write ")) {
            try {
                Files.writeString(Path.of(what.substring(6)), "closed");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        } else if (what.equals("hang")) {
            hang();
        }
    }

    private static void perform(String what) throws InferenceException {
        switch (what) {
            case "refuse" -> throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "install the device", null);
            case "unsupported" -> throw new InferenceException(Reason.MODEL_UNSUPPORTED, "has no operator", null);
            case "throw" -> throw new UnsupportedOperationException("a bug of the engine");
            case "exit" -> Runtime.getRuntime().halt(7);
            case "segfault" -> segfault();
            case "hang" -> hang();
            case "eat" -> eat();
            default -> {
                // nothing
            }
        }
    }

    private static void segfault() {
        try {
            Class<?> type = Class.forName("sun.misc.Unsafe");
            Field field = type.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 0L);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void hang() {
        boolean hangs = true;
        while (hangs) {
            try {
                hangs = !new CountDownLatch(1).await(1, TimeUnit.HOURS);
            } catch (InterruptedException e) {
                // an engine that hangs does not heed that
            }
        }
    }

    private static void eat() {
        while (true) {
            ByteBuffer more = ByteBuffer.allocateDirect(8 << 20);
            for (int i = 0; i < more.capacity(); i += 4096) {
                more.put(i, (byte) 1);
            }
            EATEN.add(more);
        }
    }

    private static String dims(List<Long> shape) {
        return shape.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    private static List<Long> shape(String dims) {
        return dims.isEmpty()
                ? List.of()
                : Arrays.stream(dims.split(",")).map(Long::valueOf).toList();
    }

    private record EchoSession(String what, TensorSpec x, TensorSpec y, LoadOptions options) implements ModelSession {

        @Override
        public List<TensorSpec> inputs() {
            return List.of(x);
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(y);
        }

        @Override
        public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
            if (what.equals("slot-refuse")) {
                throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "no memory for it", null);
            }
            return new EchoSlot(what, x, y, shapes.getOrDefault("x", x.concreteShape(1)));
        }

        @Override
        public int parallelism() {
            return 3;
        }

        @Override
        public void close() {
            if (what.equals("close-hang")) {
                hang();
            }
        }
    }

    private static final class EchoSlot implements Slot {

        private final String what;
        private final TensorSpec y;
        private Tensor x;
        private Tensor result;
        private int runs;
        private volatile CountDownLatch running = new CountDownLatch(0);

        EchoSlot(String what, TensorSpec x, TensorSpec y, List<Long> shape) {
            this.what = what;
            this.y = y;
            int count = Math.toIntExact(Tensor.elements(shape));
            this.x = x.type() == ElementType.STRING
                    ? Tensor.ofStrings(shape, java.util.Collections.nCopies(count, ""))
                    : Tensor.zeros(x.type(), shape);
            this.result = this.x;
        }

        @Override
        public Tensor input(String name) {
            return x;
        }

        @Override
        public void write(String name, Tensor value) {
            if (x.type() == ElementType.STRING) {
                x = value.copy();
            } else {
                Slot.super.write(name, value);
            }
        }

        @Override
        public Tensor output(String name) {
            return result;
        }

        @Override
        public void run(Deadline deadline) throws InferenceException {
            runs++;
            if (what.equals("long")) {
                lengthy();
            } else if (what.equals("grow")) {
                int count = (int) x.floatBuffer().get(0);
                result = Tensor.zeros(y.type(), List.of((long) count));
                for (int i = 0; i < count; i++) {
                    result.floatBuffer().put(i, i + runs);
                }
                return;
            } else if (what.equals("fail")) {
                throw new InferenceException(Reason.EXECUTION_FAILED, "these inputs do not go", null);
            } else if (what.startsWith("run-")) {
                perform(what.substring(4));
            } else if (what.startsWith("second-") && runs == 2) {
                perform(what.substring(7));
            }
            result = x.copy();
        }

        @Override
        public void cancel() {
            running.countDown();
        }

        @Override
        public void close() {
            // nothing is held
        }

        private void lengthy() throws InferenceException {
            running = new CountDownLatch(1);
            try {
                if (running.await(1, TimeUnit.HOURS)) {
                    throw new InferenceException(Reason.DEADLINE_EXCEEDED, "cut off", null);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
