// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.InferenceTap.Allowance;
import io.edgewright.api.inference.InferenceTap.Place;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationPass.Stage;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveTest {

    private static final TextModel MODEL = new TextModel(200, 0, 100);
    private static final Allowance MEMORY = new Allowance(Place.MEMORY, 1 << 20);
    private static final Allowance DISK = new Allowance(Place.DISK, 1 << 20);

    @TempDir
    Path home;

    private final Random random = new Random(7);

    @Test
    void anAlarmTakesTwoWindowsOfOtherDataAndEndsWithTheOldOnes() throws Exception {
        var live = live(10, 100, MEMORY);
        for (int i = 0; i < 1000; i++) {
            assertThat(live.take(numbers(0), numbers(0))).as("alarm at %d", i).isFalse();
        }
        assertThat(live.drift().psi().values()).allMatch(psi -> psi < 0.25);
        int changes = 0;
        for (int i = 0; i < 300; i++) {
            changes += live.take(numbers(1), numbers(0)) ? 1 : 0;
            assertThat(live.drift().alarm()).as("alarm at %d", i).isEqualTo(i >= 199);
        }
        assertThat(changes).isEqualTo(1);
        assertThat(live.drift().psi().get("input x")).isGreaterThan(0.5);
        assertThat(live.drift().psi().get("output x")).isLessThan(0.25);
        for (int i = 0; i < 100; i++) {
            live.take(numbers(0), numbers(0));
        }
        assertThat(live.drift().alarm()).isFalse();
    }

    @Test
    void theReservoirIsAnEvenChoice() throws Exception {
        var live = live(100, 1_000_000, MEMORY);
        for (int i = 0; i < 1000; i++) {
            live.take(Map.of("x", Tensor.ofFloats(List.of(1L), i)), Map.of());
        }
        double mean = live.reservoir().stream()
                .mapToDouble(s -> s.values().iterator().next().toFloats()[0])
                .average()
                .orElseThrow();
        assertThat(live.reservoir()).hasSize(100);
        assertThat(mean).isBetween(400.0, 600.0);
    }

    @Test
    void neitherTheReferenceNorAnAlarmIsLostAtARestart() throws Exception {
        var live = live(10, 100, MEMORY);
        show(live, 0, 100);
        assertThat(restored(DISK).drift().compared()).isTrue();
        show(live, 1, 200);
        Live after = restored(MEMORY);
        assertThat(after.drift().alarm()).isTrue();
        assertThat(after.drift().psi()).isEqualTo(live.drift().psi());
        show(after, 0, 100);
        assertThat(after.drift().alarm()).isFalse();
        assertThat(after.drift().psi().values()).allMatch(psi -> psi < 0.25);
        after.beginAnew();
        assertThat(restored(MEMORY).drift().compared()).isFalse();
    }

    @Test
    void samplesOutlastARestartOnlyWhereTheyMayBeOnDisk() throws Exception {
        var live = live(10, 1_000_000, MEMORY);
        show(live, 0, 50);
        assertThat(samplesOnDisk()).isEmpty();
        live.allow(DISK);
        show(live, 0, 50);
        assertThat(samplesOnDisk()).hasSize(10);

        Live after = restored(DISK);
        assertThat(digest(after)).isEqualTo(digest(live));
        show(after, 0, 500);
        assertThat(samplesOnDisk()).hasSize(10);
        assertThat(digest(after)).isNotEqualTo(digest(live)).isEqualTo(digest(restored(DISK)));

        after.allow(MEMORY);
        assertThat(samplesOnDisk()).isEmpty();
        assertThat(after.reservoir()).hasSize(10);
        after.allow(DISK);
        after.allow(new Allowance(Place.DISK, 3 * 16));
        assertThat(samplesOnDisk()).hasSize(3);
        show(after, 0, 500);
        assertThat(samplesOnDisk()).hasSize(3);
        assertThat(digest(after)).isEqualTo(digest(restored(DISK)));
    }

    @Test
    void aBrokenSampleIsForgottenAndTheOthersStay() throws Exception {
        var live = live(10, 1_000_000, DISK);
        show(live, 0, 10);
        List<Path> files = samplesOnDisk();
        byte[] whole = Files.readAllBytes(files.get(0));
        Files.write(files.get(0), Arrays.copyOf(whole, whole.length / 2));
        assertThat(restored(DISK).reservoir()).hasSize(9);
        assertThat(files.get(0)).doesNotExist();
    }

    @Test
    void whatCannotBeWrittenIsToldAndCostsNoSample() throws Exception {
        Path folder = Files.createFile(home.resolve("file")).resolve("shelf");
        var live = Live.of("shelf", manifest(), new Live.Limits(10, 100, 0.25), new LiveFolder(folder), DISK);
        show(live, 0, 10);
        assertThat(live.reservoir()).hasSize(10);
        assertThat(live.problem()).contains(folder.toString());
    }

    @Test
    void anotherVersionAndADeletedDeploymentLeaveNothing() throws Exception {
        try (var desk = new Desk(home, MODEL)) {
            desk.optimizer.allow("shelf", DISK);
            show(desk, manifest(), 0, 20);
            assertThat(samplesOnDisk()).hasSize(20);
            ModelManifest m = manifest();
            var next = new ModelManifest(
                    ModelId.of("digits", "2.0.0"),
                    m.format(),
                    m.file(),
                    m.digest(),
                    m.sizeBytes(),
                    m.inputs(),
                    m.outputs(),
                    m.files(),
                    m.properties(),
                    List.of());
            desk.optimizer.take("shelf", next, numbers(0), numbers(0));
            desk.awaitDrift(d -> d.model().equals(next.id()));
            assertThat(samplesOnDisk()).hasSize(1);
            desk.optimizer.allow("shelf", new Allowance(Place.NOWHERE, 1));
            desk.optimizer.take("shelf", next, numbers(0), numbers(0));
            desk.optimizer.take("gate", next, numbers(0), numbers(0));
            desk.awaitDrift(d -> d.deployment().equals("gate"));
            assertThat(desk.optimizer.drift()).hasSize(1);
            assertThat(home.resolve("live/shelf")).doesNotExist();
        }
    }

    @Test
    void aDeploymentThatIsDeletedInTheAbsenceOfTheOptimizerLeavesNothing() throws Exception {
        try (var desk = new Desk(home, MODEL)) {
            for (String deployment : List.of("gone", "late", "new")) {
                desk.optimizer.take(deployment, manifest(), numbers(0), numbers(0));
                desk.awaitDrift(d -> d.deployment().equals(deployment));
            }
        }
        // the runtime has only the new one, whose namesake was deleted; the late one is not configured yet
        var runtime = new KnownDeployments(
                Map.of("gone", Kind.DELETED, "late", Kind.STATE, "new", Kind.DELETED), Set.of("new"));
        try (var desk = new Desk(home, MODEL)) {
            desk.optimizer.addDeployments(runtime.service());
            desk.optimizer.take("shelf", manifest(), numbers(0), numbers(0));
            desk.awaitDrift(d -> d.deployment().equals("shelf")); // after what was queued before
            assertThat(desk.optimizer.drift()).extracting(Drift::deployment).containsExactly("late", "new", "shelf");
            assertThat(home.resolve("live/gone")).doesNotExist();
            assertThat(home.resolve("live/late")).isDirectory();
            assertThat(home.resolve("live/new")).isDirectory();
        }
    }

    @Test
    void calibratesWithWhatWasCapturedBeforeARestart() throws Exception {
        var pass = TextPass.faster("quick", Stage.PRECISION, 0.01);
        try (var desk = new Desk(home, MODEL)) {
            desk.optimizer.allow("shelf", DISK);
            show(desk, manifest(), 0, 40);
        }
        try (var desk = new Desk(home, MODEL, pass)) {
            Optimization done = desk.await(desk.optimizer.request(live(desk)).id(), Optimization::ended);
            assertThat(done.state()).as(done.message()).isEqualTo(State.DONE);
            assertThat(done.samples()).isEqualTo(20); // the others judge
        }
    }

    @Test
    void recalibratesWhenAskedEvenInTheMiddleOfARun() throws Exception {
        var inside = new CountDownLatch(1);
        var pass = new TextPass("quick", Stage.PRECISION, (model, context) -> {
            inside.countDown();
            while (inside.getCount() == 0 && !context.cancelled()) {
                Thread.onSpinWait();
            }
            return model;
        });
        try (var desk = new Desk(home, MODEL, pass)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> desk.optimizer.recalibrate("shelf"))
                    .withMessageContainingAll("'shelf'", "capture.per.second");
            show(desk, manifest(), 0, 40);
            String id = desk.optimizer.request(live(desk)).id();
            inside.await();
            assertThat(desk.optimizer.recalibrate("shelf")).containsExactly(id);
            Optimization waits = desk.await(id, o -> o.message().contains("captured"));
            assertThat(waits.state()).isEqualTo(State.WAITING);
            assertThat(waits.message()).startsWith("waits: for more samples, 0 of at least 32");
            assertThat(desk.optimizer.check()).isEmpty();
            assertThat(desk.events).noneMatch(e -> e.topic().endsWith("/cancelled"));
        }
    }

    @Test
    void calibratesWithCapturedInputsAndAgainAfterDrift() throws Exception {
        var pass = TextPass.faster("quick", Stage.PRECISION, 0.01);
        try (var desk = new Desk(home, MODEL, pass)) {
            OptimizationRequest request = live(desk);
            String id = desk.optimizer.request(request).id();
            Optimization waits = desk.await(id, o -> o.message().contains("captured"));
            assertThat(waits.message()).contains("0 of at least 32", "'shelf'", "capture.per.second");
            assertThat(desk.optimizer.check()).as("of nothing that is seen").hasSize(1);

            ModelManifest manifest = manifest();
            show(desk, manifest, 0, 400);
            assertThat(desk.await(id, Optimization::ended).state()).isEqualTo(State.DONE);

            show(desk, manifest, 1, 400);
            desk.awaitEvent("drift/shelf/alarm");
            String again = desk.optimizer.request(request).id();
            assertThat(desk.optimizer.find(again).orElseThrow().ended()).isFalse();
            show(desk, manifest, 1, 400);
            assertThat(desk.await(again, Optimization::ended).state()).isEqualTo(State.DONE);
            assertThat(pass.applied).hasValue(2);
            desk.awaitEvent("drift/shelf/over");
        }
    }

    /** A runtime: the last event of each deployment that it had, and those that it has. */
    private record KnownDeployments(Map<String, Kind> last, Set<String> present) {

        Deployments service() {
            return (Deployments) Proxy.newProxyInstance(
                    Deployments.class.getClassLoader(),
                    new Class<?>[] {Deployments.class},
                    (proxy, method, arguments) -> answer(method.getName(), String.valueOf(arguments[0])));
        }

        private Object answer(String method, String name) {
            if (method.equals("find")) {
                return Optional.of(name).filter(present::contains);
            }
            return List.of(
                    new DeploymentEvent(Instant.now(), name, last.getOrDefault(name, Kind.CREATED), "", Map.of()));
        }
    }

    private static OptimizationRequest live(Desk desk) {
        OptimizationRequest request = desk.request("quick");
        return new OptimizationRequest(
                request.model(),
                request.accelerator(),
                request.pipeline(),
                request.gate(),
                request.budget(),
                CalibrationSource.parse("live:shelf"));
    }

    private Live live(int mostSamples, int windowSize, Allowance allowance) throws IOException {
        return Live.of("shelf", manifest(), new Live.Limits(mostSamples, windowSize, 0.25), folder(), allowance);
    }

    /** {@return what a new process finds} */
    private Live restored(Allowance allowance) {
        Live live =
                Live.restore("shelf", new Live.Limits(10, 100, 0.25), folder()).orElseThrow();
        live.allow(allowance);
        return live;
    }

    private LiveFolder folder() {
        return new LiveFolder(home.resolve("live/shelf"));
    }

    private List<Path> samplesOnDisk() throws IOException {
        Path samples = home.resolve("live/shelf/samples");
        if (!Files.exists(samples)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(samples)) {
            return files.sorted().toList();
        }
    }

    private static String digest(Live live) {
        return Samples.Held.of(live.reservoir()).digest();
    }

    private ModelManifest manifest() throws IOException {
        return MODEL.store(home).models().get(0);
    }

    private void show(Live live, float shift, int count) {
        for (int i = 0; i < count; i++) {
            live.take(numbers(shift), numbers(shift));
        }
    }

    /** Shows inferences one by one, as more than a few at once are dropped. */
    private void show(Desk desk, ModelManifest manifest, float shift, int count) {
        for (int i = 0; i < count; i++) {
            long before = seen(desk);
            desk.optimizer.take("shelf", manifest, numbers(shift), numbers(shift));
            while (seen(desk) == before) {
                Thread.onSpinWait();
            }
        }
    }

    private static long seen(Desk desk) {
        return desk.optimizer.drift().stream().mapToLong(d -> d.samples()).sum();
    }

    private Map<String, Tensor> numbers(float shift) {
        float[] values = new float[4];
        for (int i = 0; i < 4; i++) {
            values[i] = shift + (float) random.nextGaussian();
        }
        return Map.of("x", Tensor.ofFloats(List.of(1L, 4L), values));
    }
}
