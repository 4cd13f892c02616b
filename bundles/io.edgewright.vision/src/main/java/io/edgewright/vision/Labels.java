// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.model.ModelManifest;
import java.util.List;
import java.util.stream.IntStream;

/** Class names. */
final class Labels {

    /** The 80 classes of the COCO detection task in their usual order. */
    static final List<String> COCO_80 =
            List.of(("person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,"
                            + "parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,"
                            + "handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,"
                            + "skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,bowl,banana,apple,"
                            + "sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,"
                            + "dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,"
                            + "refrigerator,book,clock,vase,scissors,teddy bear,hair drier,toothbrush")
                    .split(","));

    private Labels() {}

    /**
     * {@return one name a class: the manifest's; without them COCO's for 80 classes, else the numbers}
     *
     * @throws IllegalArgumentException if the manifest has another number of names
     */
    static List<String> of(ModelManifest manifest, int classes) {
        List<String> labels = manifest.labels();
        if (labels.size() == classes + 1 && isBackground(labels.get(0))) {
            return labels.subList(1, labels.size());
        }
        if (labels.isEmpty()) {
            return classes == COCO_80.size()
                    ? COCO_80
                    : IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
        }
        if (labels.size() != classes) {
            throw new IllegalArgumentException(
                    "model %s has %d labels and %d classes, expected as many labels as classes"
                            .formatted(manifest.id(), labels.size(), classes));
        }
        return labels;
    }

    /** {@return true if this model's names say that it has so many classes, or it has no names and 80 classes} */
    static boolean agree(ModelManifest manifest, int classes) {
        List<String> labels = manifest.labels();
        return labels.isEmpty() ? classes == COCO_80.size() : labels.size() == classes;
    }

    private static boolean isBackground(String label) {
        return label.equalsIgnoreCase("background") || label.equals("__background__") || label.equals("???");
    }
}
