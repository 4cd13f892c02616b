// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.ops4j.pax.exam.CoreOptions.options;

import io.edgewright.api.config.Home;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;

/** The classes of an engine come from bundles: a process of its own must get all it needs. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class IsolationIT {

    private static final String CPU = "io.edgewright.accelerator.cpu";
    private static final String NAME = "isolated";

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] gateway() {
        return options(Gateway.core());
    }

    @Test
    public void aModelIsTriedAndServedInAProcessOfItsOwnAndServedAgainWhenThatIsKilled() throws Exception {
        Settings settings = Await.service(context, Settings.class, "");
        Deployments deployments = Await.service(context, Deployments.class, "");
        WritableModelStore store = Await.service(context, WritableModelStore.class, "");
        String cpu = settings.create(CPU, "", Map.of("isolate", true)).pid();
        byte[] model = TestModels.add(5, List.of(1L, 4L));
        var options = new AddOptions(Optional.of(NAME), Optional.of("1.0.0"), Map.of(), Optional.empty());
        store.add(new ByteArrayInputStream(model), NAME + ".onnx", options);
        String pid = settings.create(Deployments.FACTORY_PID, NAME, Map.of("name", NAME, "model", NAME))
                .pid();
        try {
            Await.until(
                    "the model to serve",
                    () -> deployments.find(NAME).map(DeploymentStatus::state),
                    state -> state.equals(Optional.of(DeploymentStatus.State.SERVING)));
            Await.until("a process of the model's own", IsolationIT::children, found -> found.size() == 1);
            assertEquals(List.of("passed"), verdicts());
            Predictor predictor =
                    Await.service(context, Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + NAME + ")");
            assertEquals(5, ask(predictor), 0);

            ProcessHandle first = children().get(0);
            first.destroyForcibly();
            Await.until(
                    "an answer from another process",
                    () -> answer(predictor),
                    answer -> answer.equals(Optional.of(5f)) && !children().contains(first));
        } finally {
            settings.delete(pid);
            settings.delete(cpu);
        }
        Await.until("the processes to end", IsolationIT::children, List::isEmpty);
    }

    private static float ask(Predictor predictor) throws Exception {
        InputWriter zeros = inputs -> {
            for (int i = 0; i < 4; i++) {
                inputs.input("x").floatBuffer().put(i, 0);
            }
        };
        OutputReader<Float> first = outputs -> outputs.output("y").floatBuffer().get(0);
        return predictor.predict(zeros, first, RequestOptions.DEFAULT);
    }

    /** {@return empty while the model is being loaded again} */
    private static Optional<Float> answer(Predictor predictor) throws Exception {
        try {
            return Optional.of(ask(predictor));
        } catch (io.edgewright.api.accelerator.InferenceException e) {
            return Optional.empty();
        }
    }

    private static List<ProcessHandle> children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).toList();
    }

    private static List<String> verdicts() throws Exception {
        Path folder = Home.folder("").resolve("variants").resolve("vetted");
        List<String> verdicts = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                verdicts.add(Files.readString(file).strip());
            }
        }
        assertFalse("no model was tried", verdicts.isEmpty());
        return verdicts;
    }
}
