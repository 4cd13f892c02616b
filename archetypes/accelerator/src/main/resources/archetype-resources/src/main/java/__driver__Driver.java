// SPDX-License-Identifier: Apache-2.0
package ${package};

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * A device that answers its input: a whole driver, and nothing beside. Its models are text files with an element type and a
 * shape, such as {@code FLOAT32 [-1, 3]}. Replace format and {@link Loop#run} by those of your device.
 */
@Component(
        name = ${driver}Driver.PID,
        service = {AcceleratorDriver.class, ModelInspector.class},
        property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = ${driver}Driver.Config.class)
public final class ${driver}Driver implements AcceleratorDriver, ModelInspector {

    static final String PID = "${package}";

    private static final String NAME = "${driver.toLowerCase()}";
    private static final String FORMAT = "loopback";
    private static final int MOST_BYTES = 1000;
    private static final Pattern SYNTAX =
            Pattern.compile("([A-Z0-9]{1,10}) \\[((?:-1|[0-9]{1,6})(?:, (?:-1|[0-9]{1,6})){0,7})?]");

    @ObjectClassDefinition(id = PID, name = "${driver}", description = "Runs models on the device ${driver}.")
    @interface Config {

        @AttributeDefinition(name = "Device id", description = "Unique id of the device on this gateway.")
        String device_id() default NAME + ":0";
    }

    private final Accelerator device;

    @Activate
    public ${driver}Driver(Config config) {
        this.device = new Accelerator(
                config.device_id(),
                NAME,
                AcceleratorKind.NPU,
                "",
                "a device that answers its input",
                0,
                Set.of(FORMAT),
                false,
                Map.of());
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Accelerator> accelerators() {
        return List.of(device);
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator on, LoadOptions options) throws InferenceException {
        String format = model.manifest().format();
        if (!format.equals(FORMAT)) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s is of format %s, expected %s"
                            .formatted(model.manifest().id(), format, FORMAT),
                    null);
        }
        try {
            return new Session(read(model.path()));
        } catch (ModelException e) {
            throw new InferenceException(Reason.MODEL_INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public String format() {
        return FORMAT;
    }

    @Override
    public List<String> extensions() {
        return List.of(FORMAT);
    }

    @Override
    public Inspection inspect(Path file) throws ModelException {
        TensorSpec x = read(file);
        return new Inspection(List.of(x), List.of(y(x)), List.of(), Map.of());
    }

    /** Model files are untrusted: whatever they hold, this ends soon, takes little memory and says what is wrong. */
    private static TensorSpec read(Path file) throws ModelException {
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).strip();
            Matcher words = SYNTAX.matcher(text);
            if (words.matches() && words.group(2) != null) {
                List<Long> shape = Pattern.compile(", ")
                        .splitAsStream(words.group(2))
                        .map(Long::valueOf)
                        .toList();
                ElementType type = ElementType.valueOf(words.group(1));
                if (type != ElementType.STRING) {
                    return new TensorSpec("x", type, shape);
                }
            }
            throw new ModelException(
                    ModelException.Reason.INVALID_MODEL,
                    "'%s' holds '%s', expected a type of numbers and a shape such as FLOAT32 [-1, 3]"
                            .formatted(file.getFileName(), text),
                    null);
        } catch (IllegalArgumentException | IOException e) {
            throw new ModelException(
                    ModelException.Reason.INVALID_MODEL,
                    "'%s' is no model of %s: %s".formatted(file.getFileName(), NAME, e),
                    e);
        }
    }

    private static TensorSpec y(TensorSpec x) {
        return new TensorSpec("y", x.type(), x.shape());
    }

    /** A model on the device. Thread-safe, as slots are opened and run side by side. */
    private static final class Session implements ModelSession {

        private final TensorSpec x;
        private final AtomicBoolean closed = new AtomicBoolean();

        Session(TensorSpec x) {
            this.x = x;
        }

        @Override
        public List<TensorSpec> inputs() {
            return List.of(x);
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(y(x));
        }

        @Override
        public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
            if (closed.get()) {
                throw new IllegalStateException("the session is closed");
            }
            List<Long> shape = x.concreteShape(1);
            for (Map.Entry<String, List<Long>> wish : shapes.entrySet()) {
                boolean fits = wish.getKey().equals("x")
                        && x.accepts(wish.getValue())
                        && wish.getValue().stream().allMatch(dim -> dim >= 0);
                if (!fits) {
                    throw new InferenceException(
                            Reason.INPUT_MISMATCH,
                            "input '%s' has shape %s, expected input 'x' with %s"
                                    .formatted(wish.getKey(), wish.getValue(), x.shape()),
                            null);
                }
                shape = wish.getValue();
            }
            return new Loop(closed, x.type(), shape);
        }

        @Override
        public void close() {
            closed.set(true);
        }
    }

    /** Buffers for one run at a time. They are direct: a device reads and writes them where they are. */
    private static final class Loop implements Slot {

        private final AtomicBoolean sessionClosed;
        private final Tensor x;
        private final Tensor y;
        private boolean closed;

        Loop(AtomicBoolean sessionClosed, ElementType type, List<Long> shape) {
            this.sessionClosed = sessionClosed;
            this.x = Tensor.zeros(type, shape);
            this.y = Tensor.zeros(type, shape);
        }

        @Override
        public Tensor input(String name) {
            return only("x", x, name);
        }

        @Override
        public Tensor output(String name) {
            return only("y", y, name);
        }

        @Override
        public void run(Deadline deadline) throws InferenceException {
            if (closed || sessionClosed.get()) {
                throw new IllegalStateException("the slot is closed");
            }
            if (deadline.passed()) {
                throw new InferenceException(Reason.DEADLINE_EXCEEDED, "the time was over before the run began", null);
            }
            y.data().put(0, x.data(), 0, x.data().limit()); // here the device works
        }

        @Override
        public void close() {
            closed = true;
        }

        private static Tensor only(String known, Tensor tensor, String name) {
            if (!name.equals(known)) {
                throw new IllegalArgumentException("the model has no '" + name + "', only '" + known + "'");
            }
            return tensor;
        }
    }
}
