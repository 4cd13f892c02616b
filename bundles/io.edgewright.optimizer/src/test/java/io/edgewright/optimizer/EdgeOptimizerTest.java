// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass.Stage;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.Variant;
import io.edgewright.api.optimize.Variant.Verdict;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EdgeOptimizerTest {

    private static final TextModel MODEL = new TextModel(400, 0, 100);

    @TempDir
    Path home;

    @Test
    void keepsAVariantThatIsFasterAndStillRight() throws Exception {
        var quick = TextPass.faster("quick", Stage.PRECISION, 0.01);
        try (var desk = new Desk(home, MODEL, quick)) {
            Optimization done = desk.run("quick(strength=2)");

            assertThat(done.state()).as(done.message()).isEqualTo(State.DONE);
            Variant best = done.best().orElseThrow();
            assertThat(best.verdict()).isEqualTo(Verdict.FRONT);
            assertThat(best.measurement().speedup()).isEqualTo(2);
            assertThat(best.measurement().accuracy()).isEqualTo(1);
            assertThat(best.measurement().agreement().samples()).isEqualTo(32);
            assertThat(best.steps().get(0).step()).hasToString("quick(strength=2)");
            assertThat(best.steps().get(0).result().figures()).containsEntry("micros_before", 400.0);
            try (ModelFile file = desk.optimizer.open(done.id(), done.chosen())) {
                assertThat(TextModel.read(file.path())).isEqualTo(new TextModel(200, 0.02, 100));
                assertThat(file.manifest().digest())
                        .isEqualTo(best.steps().get(0).outputDigest());
                assertThat(file.goldenCases()).hasSize(1);
                assertThat(Files.readString(file.path())).contains("edgewright.pass.1", "quick(strength=2)");
            }
            desk.awaitEvent("optimization/digits/done");
        }
    }

    @Test
    void leavesTheModelAsItIsWhereAnswersDiffer() throws Exception {
        try (var desk = new Desk(home, MODEL, TextPass.faster("wrong", Stage.PRECISION, 2))) {
            Optimization done = desk.run("wrong");

            assertThat(done.state()).isEqualTo(State.DONE);
            assertThat(done.best()).isEmpty();
            assertThat(done.variants().get(0).verdict()).isEqualTo(Verdict.GATE_FAILED);
            assertThat(done.message()).contains("is left as it is", "agrees in");
        }
    }

    @Test
    void leavesTheModelAsItIsWhereNothingIsGained() throws Exception {
        var idle = new TextPass("idle", Stage.GRAPH, (m, c) -> m);
        try (var desk = new Desk(home, MODEL, idle)) {
            Optimization done = desk.run("auto");

            assertThat(done.best()).isEmpty();
            assertThat(done.variants()).extracting(Variant::verdict).containsExactly(Verdict.NO_GAIN);
            assertThat(done.message()).contains("is left as it is", "no gain (nothing to do)");
            assertThat(done.variants().get(0).measurement()).isEqualTo(done.original());
        }
    }

    @Test
    void searchesForTheFastestThatHoldsTheGate() throws Exception {
        var good = TextPass.faster("good", Stage.PRECISION, 0.01);
        var wrong = TextPass.faster("wrong", Stage.STRUCTURE, 2);
        var healed = new TextPass("heal", Stage.TRAINING, (m, c) -> new TextModel(m.micros(), 0.01, m.padding()));
        var clean = new TextPass("clean", Stage.GRAPH, (m, c) -> new TextModel(m.micros(), m.error(), 0));
        try (var desk = new Desk(home, MODEL, good, wrong, healed, clean)) {
            Optimization done = desk.run("auto");

            assertThat(done.best().orElseThrow().pipeline()).hasToString("clean;wrong;heal;good");
            assertThat(clean.applied).hasValue(1);
            assertThat(done.variants())
                    .filteredOn(v -> v.pipeline().toString().equals("clean;wrong"))
                    .singleElement()
                    .satisfies(v -> assertThat(v.verdict()).isEqualTo(Verdict.GATE_FAILED));
        }
    }

    @Test
    void waitsForAPassThatWasTakenAwayAndGoesOnWhenItIsBack() throws Exception {
        var first = TextPass.faster("first", Stage.GRAPH, 0);
        var begun = new CountDownLatch(1);
        var slow = new TextPass("slow", Stage.PRECISION, (m, c) -> {
            begun.countDown();
            while (true) {
                c.checkCancelled();
                Thread.onSpinWait();
            }
        });
        try (var desk = new Desk(home, MODEL, first, slow)) {
            String id = desk.optimizer.request(desk.request("first;slow")).id();
            begun.await();
            desk.optimizer.removePass(slow);
            Optimization waits = desk.await(id, o -> o.state() == State.WAITING);
            assertThat(waits.message()).contains("pass 'slow'", "taken away");
            assertThat(desk.optimizer.check()).singleElement().satisfies(f -> assertThat(f.message())
                    .contains("pass 'slow'"));

            desk.optimizer.addPass(TextPass.faster("slow", Stage.PRECISION, 0.01));
            assertThat(desk.await(id, Optimization::ended).best()).isPresent();
            assertThat(first.applied).hasValue(1);
        }
    }

    @Test
    void goesOnAfterARestartWithoutDoingAnythingTwice() throws Exception {
        var first = TextPass.faster("first", Stage.GRAPH, 0);
        var begun = new CountDownLatch(1);
        var endless = new TextPass("second", Stage.PRECISION, (m, c) -> {
            begun.countDown();
            while (true) {
                c.checkCancelled();
                Thread.onSpinWait();
            }
        });
        String id;
        try (var desk = new Desk(home, MODEL, first, endless)) {
            id = desk.optimizer.request(desk.request("first;second")).id();
            begun.await();
        }
        try (var desk = new Desk(home, MODEL, first, TextPass.faster("second", Stage.PRECISION, 0.01))) {
            assertThat(desk.await(id, Optimization::ended).best()).isPresent();
            assertThat(first.applied).hasValue(1);
        }
        try (var desk = new Desk(home, MODEL)) {
            assertThat(desk.optimizer.find(id).orElseThrow().state()).isEqualTo(State.DONE);
        }
    }

    @Test
    void breaksAPassOffWhenTheTimeOfASearchIsOver() throws Exception {
        var endless = new TextPass("train", Stage.STRUCTURE, (m, c) -> {
            while (true) {
                c.checkCancelled();
                Thread.onSpinWait();
            }
        });
        try (var desk = new Desk(home, MODEL, endless)) {
            Optimization done = search(desk, "minutes=0.05");

            assertThat(done.state()).as(done.message()).isEqualTo(State.DONE);
            assertThat(done.variants()).allSatisfy(v -> assertThat(v.reason()).contains("time was over"));
            assertThat(done.message()).contains("the time of the budget (minutes=0.05) was over");
        }
    }

    @Test
    void givesAPassBackWhatItHadWhenItWasBrokenOff() throws Exception {
        var begun = new CountDownLatch(1);
        var endless = new TextPass("train", Stage.TRAINING, (m, c) -> {
            write(c.workFolder().resolve("checkpoint"));
            begun.countDown();
            while (true) {
                c.checkCancelled();
                Thread.onSpinWait();
            }
        });
        String id;
        try (var desk = new Desk(home, MODEL, endless)) {
            id = desk.optimizer.request(desk.request("train")).id();
            begun.await();
        }
        var found = new AtomicReference<>(home);
        var resumed = new TextPass("train", Stage.TRAINING, (m, c) -> {
            found.set(c.workFolder().resolve("checkpoint"));
            assertThat(found.get()).exists();
            return new TextModel(m.micros() / 2, m.error(), m.padding());
        });
        try (var desk = new Desk(home, MODEL, resumed)) {
            assertThat(desk.await(id, Optimization::ended).best()).isPresent();
            assertThat(found.get()).isNotEqualTo(home).doesNotExist();
        }
    }

    private static void write(Path file) {
        try {
            Files.writeString(file, "half way");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void saysWhatIsWrongWithARequest() throws Exception {
        try (var desk = new Desk(home, MODEL, TextPass.faster("quick", Stage.PRECISION, 0))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> desk.optimizer.request(desk.request("quick(speed=1)")))
                    .withMessageContainingAll("no parameter 'speed'", "strength");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> desk.optimizer.request(desk.request("quick(strength=101)")))
                    .withMessageContaining("expected a number from 0.0 to 100.0");
            String id = desk.optimizer.request(desk.request("absent")).id();
            assertThat(desk.await(id, o -> o.message().contains("absent")).message())
                    .contains("pass 'absent' is not installed, there are [quick]");
            desk.optimizer.cancel(id);
            assertThat(desk.await(id, Optimization::ended).state()).isEqualTo(State.CANCELLED);
        }
    }

    @Test
    void refusesSamplesThatDoNotFit() throws Exception {
        try (var desk = new Desk(home, MODEL, TextPass.faster("quick", Stage.PRECISION, 0))) {
            Files.delete(desk.samples().resolve("labels.npy"));
            for (Tensor bad : List.of(
                    Tensor.ofFloats(List.of(1, 4).stream().map(Long::valueOf).toList(), 1, Float.NaN, 0, 0),
                    Tensor.ofFloats(List.of(2L, 3L), 1, 2, 3, 4, 5, 6),
                    Tensor.ofLongs(List.of(1L, 4L), 1, 2, 3, 4),
                    Tensor.zeros(ElementType.FLOAT32, List.of(3L, 4L)))) {
                Npy.write(desk.samples().resolve("all.npy"), bad);
                var request = new io.edgewright.api.optimize.OptimizationRequest(
                        TextModel.ID,
                        "text",
                        desk.request("quick").pipeline(),
                        desk.request("quick").gate(),
                        desk.request("quick").budget(),
                        io.edgewright.api.optimize.CalibrationSource.parse(
                                desk.samples().toString()));
                String id = desk.optimizer.request(request).id();
                Optimization failed = desk.await(id, Optimization::ended);
                assertThat(failed.state()).as(failed.message()).isEqualTo(State.FAILED);
                assertThat(failed.message()).containsAnyOf("NaN", "takes FLOAT32 [1, 4]", "there are 3 samples");
                desk.optimizer.forget(id);
            }
        }
    }

    @Test
    void aTinyModelIsLeftAloneUnlessTheBudgetWantsMore() throws Exception {
        var quick = TextPass.faster("quick", Stage.PRECISION, 0);
        try (var desk = new Desk(home, new TextModel(50, 0, 100), quick)) {
            Optimization left = search(desk, "latency=1,minutes=1");
            assertThat(left.variants()).isEmpty();
            assertThat(left.message()).contains("is left as it is", "50 µs", "nothing to gain");

            assertThat(search(desk, "latency=0.04,minutes=1")
                            .best()
                            .orElseThrow()
                            .pipeline())
                    .hasToString("quick");
        }
    }

    @Test
    void whatFewerChannelsDoNotMakeFasterIsNotTrained() throws Exception {
        var slim = new TextPass("slim", Stage.STRUCTURE, (m, c) -> new TextModel(m.micros(), 2, m.padding()));
        var heal = new TextPass("heal", Stage.TRAINING, (m, c) -> new TextModel(m.micros(), 0.01, m.padding()));
        try (var desk = new Desk(home, MODEL, slim, heal)) {
            assertThat(desk.run("auto").best()).isEmpty();
            assertThat(slim.applied).hasValue(1);
            assertThat(heal.applied).hasValue(0);
        }
    }

    @Test
    void trainsNoLongerThanTheGateNeeds() throws Exception {
        var slim = TextPass.faster("slim", Stage.STRUCTURE, 2);
        var heal = new TextPass(
                        "heal",
                        Stage.TRAINING,
                        (m, c) -> Double.parseDouble(c.parameters().get("strength")) < 2
                                ? m
                                : new TextModel(m.micros(), 0, 0))
                .proposing(List.of(Map.of(), Map.of("strength", "2"), Map.of("strength", "3")));
        try (var desk = new Desk(home, MODEL, slim, heal)) {
            assertThat(desk.run("auto").best().orElseThrow().pipeline()).hasToString("slim;heal(strength=2)");
            assertThat(heal.applied).hasValue(2);
        }
    }

    private static Optimization search(Desk desk, String budget) {
        OptimizationRequest wish = desk.request("auto");
        String id = desk.optimizer
                .request(new OptimizationRequest(
                        wish.model(),
                        wish.accelerator(),
                        wish.pipeline(),
                        wish.gate(),
                        Budget.parse(budget),
                        wish.calibration()))
                .id();
        return desk.await(id, Optimization::ended);
    }

    @Test
    void weightsAreNotFittedToTheSamplesThatJudgeThem() throws Exception {
        var fitted = TextPass.faster("fitted", Stage.STRUCTURE, 0);
        var rounded = TextPass.faster("rounded", Stage.PRECISION, 0);
        try (var desk = new Desk(home, MODEL, fitted, rounded)) {
            Desk.writeSamples(desk.samples(), 24);
            Optimization done = desk.run("auto");

            assertThat(done.best().orElseThrow().pipeline()).hasToString("rounded");
            assertThat(fitted.applied).hasValue(0);
            assertThat(desk.run("fitted").message()).contains("24 samples", "must be judged by others", "32");
        }
    }

    @Test
    void aSearchWithFewSamplesChangesNoNumbers() throws Exception {
        var clean = new TextPass("clean", Stage.GRAPH, (m, c) -> new TextModel(m.micros() / 2, 0, 0));
        var quick = TextPass.faster("quick", Stage.PRECISION, 0);
        try (var desk = new Desk(home, MODEL, clean, quick)) {
            Desk.writeSamples(desk.samples(), 8);
            Optimization done = desk.run("auto");

            assertThat(done.best().orElseThrow().pipeline()).hasToString("clean");
            assertThat(quick.applied).hasValue(0);
        }
    }

    @Test
    void aDamagedVariantIsNotHandedOut() throws Exception {
        try (var desk = new Desk(home, MODEL, TextPass.faster("quick", Stage.PRECISION, 0))) {
            Optimization done = desk.run("quick");
            Files.writeString(home.resolve("variants").resolve(done.chosen()).resolve("model.onnx"), "1 0 x\n");

            assertThatExceptionOfType(OptimizationException.class)
                    .isThrownBy(() -> desk.optimizer.open(done.id(), done.chosen()))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.RESOURCES));
            desk.optimizer.forget(done.id());
            assertThat(desk.run("quick").best()).isPresent();
        }
    }

    @Test
    void numbersThatAreNoneStayNoneOnDisk() throws Exception {
        Path file = Files.writeString(home.resolve("none.json"), Json.write(Measurement.NONE));

        assertThat(Json.read(file, Measurement.class)).isEqualTo(Measurement.NONE);
    }

    @Test
    void exportsModelAndReports() throws Exception {
        try (var desk = new Desk(home, MODEL, TextPass.faster("quick", Stage.PRECISION, 0))) {
            Optimization done = desk.run("quick");
            desk.optimizer.export(done.id(), home.resolve("out"));

            assertThat(home.resolve("out")).isDirectoryContaining("glob:**model.onnx");
            assertThat(Json.read(home.resolve("out/report.json"), Optimization.class))
                    .isEqualTo(done);
            assertThat(desk.optimizer.report(done.id(), Optimizer.ReportFormat.HTML))
                    .contains("<svg", "Again: <code>./edgewright optimize MODEL.onnx --calibration", "--passes quick ");
        }
    }
}
