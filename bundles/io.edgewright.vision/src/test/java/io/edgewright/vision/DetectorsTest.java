// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Each decoder gets outputs computed backwards from a box that it must find. */
class DetectorsTest {

    private static final Box BOX = new Box(0.25f, 0.5f, 0.5f, 0.875f); // in 64 x 64: 16..32, 32..56

    @Test
    void yoloxGivesBackTheBoxThatWasEncoded() {
        Signature model = model(spec("out", 1, 84, 7), Map.of());
        Tensor out = Tensor.zeros(ElementType.FLOAT32, List.of(1L, 84L, 7L));
        int cell = 5 * 8 + 3; // stride 8: centre 24, 44 is in column 3, row 5
        put(out, cell * 7, 0f, 0.5f, (float) Math.log(2), (float) Math.log(3), 0.9f, 0.1f, 0.8f);

        Detector detector = Detectors.of(model);
        List<Detection> found = detector.detect(outputs(Map.of("out", out)), PictureMap.STRETCH, 0.3f);

        assertThat(detector.name()).isEqualTo("yolox");
        assertThat(found).hasSize(1);
        assertThat(found.get(0).label()).isEqualTo("class 1");
        assertThat(found.get(0).score()).isCloseTo(0.72f, within(1e-5f));
        assertClose(found.get(0).box());
    }

    @Test
    void nanoDetPlusGivesBackTheBoxThatWasEncoded() {
        Signature model = model("a,b", spec("out", 1, 85, 34)); // 64 + 16 + 4 + 1 cells
        Tensor out = Tensor.zeros(ElementType.FLOAT32, List.of(1L, 85L, 34L));
        int cell = 5 * 8 + 3; // its point is 24, 40: distances 8, 8, 8, 16
        put(out, cell * 34, 0.1f, 0.9f);
        peaks(out, cell * 34 + 2, 1, 1, 1, 2);

        Detector detector = Detectors.of(model);
        List<Detection> found = detector.detect(outputs(Map.of("out", out)), PictureMap.STRETCH, 0.3f);

        assertThat(detector.name()).isEqualTo("nanodet");
        assertThat(found).hasSize(1);
        assertThat(found.get(0).label()).isEqualTo("b");
        assertClose(found.get(0).box());
    }

    @Test
    void picoDetGivesBackTheBoxThatWasEncodedInPairsOfOutputs() {
        List<TensorSpec> specs = List.of(
                spec("s8", 1, 64, 2),
                spec("s16", 1, 16, 2),
                spec("s32", 1, 4, 2),
                spec("s64", 1, 1, 2),
                spec("d8", 1, 64, 32),
                spec("d16", 1, 16, 32),
                spec("d32", 1, 4, 32),
                spec("d64", 1, 1, 32));
        Map<String, Tensor> tensors = new HashMap<>();
        specs.forEach(s -> tensors.put(s.name(), Tensor.zeros(ElementType.FLOAT32, s.shape())));
        int cell = 2 * 4 + 1; // stride 16: its point is 24, 40
        put(Objects.requireNonNull(tensors.get("s16")), cell * 2, 0.2f, 0.7f);
        put(Objects.requireNonNull(tensors.get("d16")), cell * 32, bins(0.5), bins(0.5), bins(0.5), bins(1));

        List<Detection> found = Detectors.of(OrtModel.signature(
                        List.of(spec("images", 1, 3, 64, 64)), specs, Map.of("decoder", "picodet", "labels", "a\nb")))
                .detect(outputs(tensors), PictureMap.STRETCH, 0.3f);

        assertThat(found).hasSize(1);
        assertThat(found.get(0).label()).isEqualTo("b");
        assertClose(found.get(0).box());
    }

    @Test
    void ssdReadsTopFirstWithACountAndIgnoresWhatIsBehindIt() {
        List<TensorSpec> specs =
                List.of(spec("boxes", 1, 10, 4), spec("classes", 1, 10), spec("scores", 1, 10), spec("count", 1));
        Tensor boxes = Tensor.zeros(ElementType.FLOAT32, List.of(1L, 10L, 4L));
        put(boxes, 0, 0.5f, 0.25f, 0.875f, 0.5f, 0.1f, 0.1f, 0.2f, 0.2f);
        Tensor classes = Tensor.zeros(ElementType.FLOAT32, List.of(1L, 10L));
        put(classes, 0, 1f, 0f);
        Tensor scores = Tensor.zeros(ElementType.FLOAT32, List.of(1L, 10L));
        put(scores, 0, 0.9f, 0.8f);

        List<Detection> found = Detectors.of(
                        OrtModel.signature(List.of(spec("images", 1, 3, 64, 64)), specs, Map.of("labels", "a\nb")))
                .detect(
                        outputs(Map.of(
                                "boxes", boxes,
                                "classes", classes,
                                "scores", scores,
                                "count", Tensor.ofFloats(List.of(1L), 1f))),
                        PictureMap.STRETCH,
                        0.3f);

        assertThat(found).hasSize(1);
        assertThat(found.get(0).label()).isEqualTo("b");
        assertClose(found.get(0).box());
    }

    @Test
    void fastestDetGivesBackTheBoxThatWasEncoded() {
        Signature model = model("a,b", spec("out", 1, 7, 4, 4));
        Tensor out = Tensor.zeros(ElementType.FLOAT32, List.of(1L, 7L, 4L, 4L));
        int cell = 2 * 4 + 1; // centre 0.375, 0.6875 = (1 + 0.5) / 4, (2 + 0.75) / 4
        float[] planes = {0.9f, atanh(0.5), atanh(0.75), logit(0.25), logit(0.375), 0.1f, 0.8f};
        for (int p = 0; p < 7; p++) {
            put(out, p * 16 + cell, planes[p]);
        }

        List<Detection> found = Detectors.of(model).detect(outputs(Map.of("out", out)), PictureMap.STRETCH, 0.3f);

        assertThat(found).hasSize(1);
        assertThat(found.get(0).score()).isCloseTo((float) (Math.pow(0.9, 0.6) * Math.pow(0.8, 0.4)), within(1e-5f));
        assertClose(found.get(0).box());
    }

    @Test
    void yunetGivesBackTheBoxThatWasEncoded() {
        List<TensorSpec> specs = new ArrayList<>();
        for (int stride : new int[] {8, 16, 32}) {
            long cells = (64L / stride) * (64 / stride);
            specs.add(spec("cls_" + stride, 1, cells, 1));
            specs.add(spec("obj_" + stride, 1, cells, 1));
            specs.add(spec("bbox_" + stride, 1, cells, 4));
        }
        Map<String, Tensor> tensors = new HashMap<>();
        specs.forEach(s -> tensors.put(s.name(), Tensor.zeros(ElementType.FLOAT32, s.shape())));
        int cell = 5 * 8 + 3; // stride 8: centre 24, 44 is in column 3, row 5
        put(Objects.requireNonNull(tensors.get("cls_8")), cell, 0.81f);
        put(Objects.requireNonNull(tensors.get("obj_8")), cell, 0.64f);
        put(Objects.requireNonNull(tensors.get("bbox_8")), cell * 4, 0f, 0.5f, (float) Math.log(2), (float)
                Math.log(3));

        Detector detector = Detectors.of(OrtModel.signature(List.of(spec("in", 1, 3, 64, 64)), specs, Map.of()));
        List<Detection> found = detector.detect(outputs(tensors), PictureMap.STRETCH, 0.3f);

        assertThat(detector.name()).isEqualTo("yunet");
        assertThat(found).hasSize(1);
        assertThat(found.get(0).label()).isEqualTo("face");
        assertThat(found.get(0).score()).isCloseTo(0.72f, within(1e-5f));
        assertClose(found.get(0).box());
    }

    @Test
    void keepsOneOfTwoOverlappingBoxesOfAClassAndBothOfTwoClasses() {
        Candidates candidates = new Candidates();
        candidates.add(0, 0.8f, 0.1f, 0.1f, 0.5f, 0.5f);
        candidates.add(0, 0.9f, 0.12f, 0.1f, 0.52f, 0.5f);
        candidates.add(1, 0.7f, 0.1f, 0.1f, 0.5f, 0.5f);
        candidates.add(0, 0.9f, 0.6f, 0.6f, 0.9f, 0.9f);
        candidates.add(0, Float.NaN, 0.6f, 0.6f, 0.9f, 0.9f);

        List<Detection> kept = candidates.suppress(0.5f, PictureMap.STRETCH, List.of("a", "b"));

        assertThat(kept).extracting(Detection::score).containsExactly(0.9f, 0.9f, 0.7f);
        assertThat(kept).extracting(Detection::label).containsExactly("a", "a", "b");
        assertThat(kept.get(0).box().left()).isEqualTo(0.12f); // equals stay in their order
    }

    @Test
    void survivesAnyNumbersInTheOutputs() {
        Random random = new Random(11);
        List<Signature> models = List.of(
                model("a,b", spec("out", 1, 84, 7)),
                model("a,b", spec("out", 1, 85, 34)),
                model("a,b", spec("out", 1, 7, 4, 4)),
                OrtModel.signature(
                        List.of(spec("images", 1, 3, 64, 64)),
                        List.of(spec("scores", 1, 50, 2), spec("boxes", 1, 50, 4)),
                        Map.of()));
        for (Signature model : models) {
            Detector detector = Detectors.of(model);
            for (int round = 0; round < 500; round++) {
                Map<String, Tensor> tensors = new HashMap<>();
                for (TensorSpec spec : model.outputs()) {
                    Tensor tensor = Tensor.zeros(ElementType.FLOAT32, spec.shape());
                    for (int i = 0; i < tensor.elements(); i++) {
                        tensor.data().putInt(i * 4, random.nextInt());
                    }
                    tensors.put(spec.name(), tensor);
                }
                for (Detection d : detector.detect(outputs(tensors), PictureMap.STRETCH, 0.1f)) {
                    assertThat(d.score()).isBetween(0.1f, 1f);
                    assertThat(d.box()).isEqualTo(d.box().clipped());
                }
            }
        }
    }

    @Test
    void saysWhichPropertyToSetWhenNoDecoderFits() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Detectors.of(model(spec("out", 1, 1000), Map.of())))
                .withMessageContainingAll("no decoder", "'out' FLOAT32 [1, 1000]", "property decoder", "fastestdet");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Detectors.of(model(spec("out", 1, 1000), Map.of("decoder", "yolo9000"))))
                .withMessageContainingAll("yolo9000", "yolox");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Detectors.of(model(spec("out", 1, 1000), Map.of("decoder", "yolox"))))
                .withMessageContainingAll("yolox", "[1, 84, 5 + classes]", "[1, 1000]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Detectors.of(model(spec("out", 1, 84, 107), Map.of())))
                .withMessageContainingAll("several decoders", "[yolox, nanodet]");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Detectors.of(model(spec("out", 1, 84, 15), Map.of("decoder", "yolox", "labels", "only one"))))
                .withMessageContainingAll("1 labels", "10 classes");
        assertThat(Detectors.recognises(model(spec("out", 1, 1000), Map.of()))).isFalse();
        assertThat(Detectors.recognises(model("a,b", spec("out", 1, 84, 7)))).isTrue();
    }

    private static void assertClose(Box box) {
        assertThat(box.left()).isCloseTo(BOX.left(), within(0.002f));
        assertThat(box.top()).isCloseTo(BOX.top(), within(0.002f));
        assertThat(box.right()).isCloseTo(BOX.right(), within(0.002f));
        assertThat(box.bottom()).isCloseTo(BOX.bottom(), within(0.002f));
    }

    private static Signature model(String labels, TensorSpec output) {
        return model(output, Map.of("labels", labels.replace(',', '\n')));
    }

    private static Signature model(TensorSpec output, Map<String, String> properties) {
        return OrtModel.signature(List.of(spec("images", 1, 3, 64, 64)), List.of(output), properties);
    }

    private static TensorSpec spec(String name, long... shape) {
        return new TensorSpec(
                name, ElementType.FLOAT32, Arrays.stream(shape).boxed().toList());
    }

    private static OutputTensors outputs(Map<String, Tensor> tensors) {
        return name -> Objects.requireNonNull(tensors.get(name), name);
    }

    private static void put(Tensor tensor, int at, float... values) {
        tensor.floatBuffer().put(at, values);
    }

    private static void put(Tensor tensor, int at, float[]... parts) {
        for (int i = 0; i < parts.length; i++) {
            tensor.floatBuffer().put(at + i * 8, parts[i]);
        }
    }

    /** Distributions with all their weight on one bin each. */
    private static void peaks(Tensor tensor, int at, int... bins) {
        for (int side = 0; side < 4; side++) {
            tensor.floatBuffer().put(at + side * 8 + bins[side], 30f);
        }
    }

    /** A distribution over 8 bins with this mean, 0.5 or whole. */
    private static float[] bins(double mean) {
        float[] bins = new float[8];
        bins[(int) Math.floor(mean)] = 30;
        bins[(int) Math.ceil(mean)] = 30;
        return bins;
    }

    private static float atanh(double value) {
        return (float) (0.5 * Math.log((1 + value) / (1 - value)));
    }

    private static float logit(double value) {
        return (float) Math.log(value / (1 - value));
    }
}
