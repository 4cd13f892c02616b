// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.TestData;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Real pictures through real models; what is expected comes from the data's manifest. */
class RealModelsTest {

    private static final Map<String, String> FASTESTDET = Map.of("image.color", "BGR");
    private static final Map<String, String> ULTRAFACE =
            Map.of("image.scale", "1", "image.mean", "127", "image.std", "128");
    private static final Map<String, String> YUNET = Map.of("image.color", "BGR", "image.scale", "1");

    @Test
    void fastestDetSeesPeopleDogAndCarsInTheStreet() throws Exception {
        List<Detection> found =
                detect("detection/fastestdet-coco.onnx", FASTESTDET, "detection/street-crowd.jpg", 0.5f);

        assertThat(found).filteredOn(d -> d.label().equals("person")).hasSizeGreaterThanOrEqualTo(2);
        assertThat(found).extracting(Detection::label).contains("person", "dog", "car");
    }

    @Test
    void fastestDetSeesADogBesideOtherAnimals() throws Exception {
        List<Detection> found =
                detect("detection/fastestdet-coco.onnx", FASTESTDET, "detection/cats_and_dogs.jpg", 0.5f);

        assertThat(found).extracting(Detection::label).contains("dog");
    }

    @Test
    void fastestDetIsSureOfOnePersonInThePortrait() throws Exception {
        List<Detection> found =
                detect("detection/fastestdet-coco.onnx", FASTESTDET, "detection/grace_hopper.bmp", 0.6f);

        assertThat(found).filteredOn(d -> d.label().equals("person")).hasSize(1);
    }

    @Test
    void ultraFaceFindsOneFaceInThePortraitAndFourInTheGroup() throws Exception {
        String model = "detection/ultraface-RFB-320.onnx";

        assertThat(detect(model, ULTRAFACE, "detection/grace_hopper.bmp", 0.7f)).hasSize(1);
        assertThat(detect(model, ULTRAFACE, "detection/faces-2.jpg", 0.7f)).hasSize(4);
    }

    @Test
    void yunetFindsOneFaceInThePortraitAndFourInTheGroup() throws Exception {
        String model = "detection/yunet_n_320.onnx";

        assertThat(detect(model, YUNET, "detection/grace_hopper.bmp", 0.7f)).hasSize(1);
        assertThat(detect(model, YUNET, "detection/faces-2.jpg", 0.7f)).hasSize(4);
    }

    @Test
    void squeezeNetOfHalfFloatsNamesKittenAndBurger() throws Exception {
        Map<String, String> properties = Map.of(
                "image.color", "BGR",
                "image.mean", "103.94,116.78,123.68",
                "labels", Files.readString(TestData.require("classification/imagenet_labels.txt")));
        try (OrtModel model = new OrtModel(TestData.require("classification/squeezenet-fp16.onnx"), properties)) {
            Classifier classifier = new Classifier(model.signature());

            Classification kitten = classifier
                    .top(model.see(read("classification/kitten_224.png")), 5)
                    .get(0);
            Classification burger = classifier
                    .top(model.see(read("classification/burger.jpg")), 5)
                    .get(0);

            assertThat(kitten.classIndex()).isEqualTo(281);
            assertThat(kitten.label()).contains("tabby");
            assertThat(kitten.probability()).isGreaterThan(0.8f);
            assertThat(burger.classIndex()).isEqualTo(933);
            assertThat(burger.probability()).isGreaterThan(0.98f);
        }
    }

    private static List<Detection> detect(String file, Map<String, String> properties, String picture, float minScore)
            throws Exception {
        try (OrtModel model = new OrtModel(TestData.require(file), properties)) {
            return model.detect(Detectors.of(model.signature()), read(picture), minScore);
        }
    }

    private static Picture read(String file) throws Exception {
        return PictureReader.DEFAULT.read(TestData.require(file));
    }
}
