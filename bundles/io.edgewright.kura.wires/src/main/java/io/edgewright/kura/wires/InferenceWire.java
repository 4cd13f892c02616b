// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.inference.Predictor;
import java.util.List;
import java.util.Optional;
import org.eclipse.kura.wire.WireComponent;
import org.eclipse.kura.wire.WireEmitter;
import org.eclipse.kura.wire.WireEnvelope;
import org.eclipse.kura.wire.WireHelperService;
import org.eclipse.kura.wire.WireReceiver;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.osgi.service.wireadmin.Consumer;
import org.osgi.service.wireadmin.Producer;
import org.osgi.service.wireadmin.Wire;

/** Shows the records of an envelope to a model and sends what it answers. The wire that brings them is not held up. */
@Component(
        name = InferenceWire.PID,
        service = {WireComponent.class, WireEmitter.class, WireReceiver.class, Producer.class, Consumer.class},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = {
            "kura.ui.service.hide=true",
            "input.cardinality.minimum:Integer=1",
            "input.cardinality.maximum:Integer=1",
            "input.cardinality.default:Integer=1",
            "output.cardinality.minimum:Integer=1",
            "output.cardinality.maximum:Integer=2",
            "output.cardinality.default:Integer=2",
            "input.port.names=0=records",
            "output.port.names=0=results",
            "output.port.names=1=errors"
        })
@Designate(ocd = InferenceWire.Config.class, factory = true)
public final class InferenceWire extends WiredComponent implements WireReceiver {

    static final String PID = "io.edgewright.kura.wires.inference";

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<Predictor> predictors = List.of();

    private final InferenceWork work;
    private final Lane<WireEnvelope> lane;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright inference",
            description =
                    "Runs a model on the records of an envelope. Results leave by the first port, errors by the second.")
    @interface Config {

        @AttributeDefinition(name = "Deployment", description = "Name of the deployment that answers.")
        String deployment() default "";

        @AttributeDefinition(
                name = "Inputs",
                description =
                        "Which properties make an input of the model, one input a line: 'x = temperature, pressure'."
                                + " Numbers and byte arrays (elements, little-endian) are put one after the other. An input that"
                                + " is not named here takes the property of its own name.|TextArea",
                required = false)
        String inputs() default "";

        @AttributeDefinition(
                name = "Picture",
                description =
                        "Property that holds a picture for the model: JPEG, PNG, BMP, or pixels (BGR) with NAME.width"
                                + " and NAME.height beside them. Empty if the model takes none.",
                required = false)
        String picture() default "";

        @AttributeDefinition(
                name = "Allow NaN",
                description = "Off: a value that is not a finite number is an error. On: the model gets it.")
        boolean allow_nan() default false;

        @AttributeDefinition(
                name = "Largest byte array (bytes)",
                description = "A property with more is an error.",
                min = "1",
                max = "1073741824")
        int max_bytes() default 16 << 20;

        @AttributeDefinition(
                name = "Answer",
                description =
                        "What leaves: the outputs as they are, the most probable class (label, index, score), or one"
                                + " record for each thing that was detected (label, index, score, left, top, right, bottom).",
                options = {
                    @Option(label = "Values of the outputs", value = "values"),
                    @Option(label = "Class", value = "class"),
                    @Option(label = "Detections", value = "detections")
                })
        String answer() default "values";

        @AttributeDefinition(
                name = "Outputs",
                description =
                        "Which outputs leave and under which names, one a line: 'wear = y'. Empty: all, by their own"
                                + " names.|TextArea",
                required = false)
        String outputs() default "";

        @AttributeDefinition(
                name = "Vectors",
                description = "How an output of more than one number leaves: as one byte array (little-endian), or as"
                        + " properties NAME.0, NAME.1 and so on, up to 1000.",
                options = {@Option(label = "Byte array", value = "bytes"), @Option(label = "Numbers", value = "numbers")
                })
        String vectors() default "bytes";

        @AttributeDefinition(
                name = "Least score",
                description = "Detections below it are left out, 0 to 1.",
                min = "0",
                max = "1")
        float min_score() default 0.5f;

        @AttributeDefinition(
                name = "Keep",
                description = "Properties of the record that its results and errors carry, too: names, or * for all but"
                        + " byte arrays.",
                required = false)
        String keep() default "*";

        @AttributeDefinition(
                name = "Errors",
                description =
                        "What becomes of a record that gets no answer: a record with error and error.message on the"
                                + " second port, or nothing. The log tells of either.",
                options = {
                    @Option(label = "Error records", value = "records"),
                    @Option(label = "Dropped", value = "dropped")
                })
        String errors() default "records";

        @AttributeDefinition(name = "Queue length", description = "Envelopes that may wait.", min = "1", max = "10000")
        int queue_length() default 16;

        @AttributeDefinition(
                name = "When the queue is full",
                description = "Which envelope is dropped.",
                options = {
                    @Option(label = "The oldest", value = "drop-oldest"),
                    @Option(label = "The newest", value = "drop-newest")
                })
        String when_full() default "drop-oldest";

        @AttributeDefinition(
                name = "Records at once",
                description =
                        "Records of an envelope that are asked together; the deployment makes batches of them where"
                                + " that is faster.",
                min = "1",
                max = "64")
        int batch_max() default 16;

        @AttributeDefinition(
                name = "Time limit (ms)",
                description = "How long an answer is waited for; 0 leaves it to the deployment.",
                min = "0",
                max = "3600000")
        int timeout_millis() default 10_000;
    }

    /**
     * Called by Declarative Services.
     *
     * @param helper knows the wires
     * @param context tells Kura who this is
     * @param config checked here again
     */
    @Activate
    public InferenceWire(@Reference WireHelperService helper, ComponentContext context, Config config) {
        super(helper, context);
        InferenceSettings settings = InferenceSettings.of(config);
        this.work = new InferenceWork(name(), settings, this::predictor, this::emit);
        this.lane = new Lane<>(name(), work);
        lane.limit(settings.queueLength(), settings.dropOldest());
    }

    @Activate
    void start() {
        lane.start();
    }

    /** Takes other settings; what waits is answered by them. */
    @Modified
    void change(Config config) {
        InferenceSettings settings = InferenceSettings.of(config);
        work.change(settings);
        lane.limit(settings.queueLength(), settings.dropOldest());
    }

    @Deactivate
    void stop() {
        lane.close();
    }

    @Override
    public void onWireReceive(WireEnvelope envelope) {
        lane.offer(envelope);
    }

    @Override
    public void updated(Wire wire, @Nullable Object value) {
        wires().updated(wire, value);
    }

    @Override
    public void producersConnected(Wire @Nullable [] connected) {
        wires().producersConnected(connected);
    }

    private Optional<Predictor> predictor(String deployment) {
        return predictors.stream()
                .filter(p -> p.deployment().equals(deployment))
                .findFirst();
    }
}
