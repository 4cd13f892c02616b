// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What a model wants of a picture: the manifest's {@code image.*} properties, checked against the input's spec. */
final class ImageSettings {

    enum Resize {
        STRETCH,
        LETTERBOX,
        CROP
    }

    enum Color {
        RGB,
        BGR,
        GRAY
    }

    final TensorSpec input;
    final boolean channelsFirst;
    final int channels;
    final int width;
    final int height;
    final List<Long> shape;
    final Color color;
    final Resize resize;
    final int pad;
    final float[] scale; // folded: value = pixel * scale + bias
    final float[] bias;

    private ImageSettings(ModelManifest manifest, TensorSpec input) {
        this.input = input;
        this.channelsFirst = channelsFirst(manifest, input);
        int rank = input.shape().size();
        int first = rank - 3;
        if (first == 1 && input.shape().get(0) > 1) {
            throw new IllegalArgumentException("input %s takes %d pictures at once, expected 1"
                    .formatted(describe(input), input.shape().get(0)));
        }
        this.channels = channels(input, channelsFirst ? first : rank - 1);
        int rows = channelsFirst ? first + 1 : first;
        int[] size = size(manifest, input.shape().get(rows + 1), input.shape().get(rows));
        this.width = size[0];
        this.height = size[1];
        List<Long> picture = channelsFirst
                ? List.of((long) channels, (long) height, (long) width)
                : List.of((long) height, (long) width, (long) channels);
        this.shape = first == 1 ? List.of(1L, picture.get(0), picture.get(1), picture.get(2)) : picture;
        this.color = color(manifest);
        this.resize = choice(manifest, "image.resize", Resize.STRETCH, Resize.values());
        this.pad = (int) numbers(manifest, "image.pad", "114", 1)[0];
        if (pad < 0 || pad > 255) {
            throw new IllegalArgumentException("image.pad is " + pad + ", expected 0 to 255");
        }
        this.scale = new float[channels];
        this.bias = new float[channels];
        fold(manifest);
    }

    static ImageSettings of(ModelManifest manifest, List<TensorSpec> inputs) {
        String named = manifest.property("image.input", "");
        List<TensorSpec> pictures = inputs.stream()
                .filter(i -> named.isEmpty() ? looksLikePicture(i) : i.name().equals(named))
                .toList();
        if (pictures.size() != 1 || (named.isEmpty() && inputs.size() != 1)) {
            throw new IllegalArgumentException(
                    "model %s has the inputs %s, of which %d take a picture%s; expected one, "
                                    .formatted(
                                            manifest.id(),
                                            inputs.stream()
                                                    .map(ImageSettings::describe)
                                                    .toList(),
                                            pictures.size(),
                                            named.isEmpty() ? "" : " (image.input is '" + named + "')")
                            + "[1, 3, H, W] or [1, H, W, 3] of FLOAT32, FLOAT16, UINT8 or INT8, and no other (else name it as image.input and fill the rest)");
        }
        return new ImageSettings(manifest, pictures.get(0));
    }

    static boolean looksLikePicture(TensorSpec input) {
        int rank = input.shape().size();
        boolean type =
                switch (input.type()) {
                    case FLOAT32, FLOAT16, UINT8, INT8 -> true;
                    default -> false;
                };
        return type && (rank == 4 || rank == 3) && (isChannels(input, rank - 3) || isChannels(input, rank - 1));
    }

    private static boolean isChannels(TensorSpec input, int index) {
        long dim = input.shape().get(index);
        return dim == 1 || dim == 3;
    }

    private static boolean channelsFirst(ModelManifest manifest, TensorSpec input) {
        int rank = input.shape().size();
        if (!looksLikePicture(input)) {
            throw new IllegalArgumentException(
                    "input %s takes no picture, expected [1, 3, H, W] or [1, H, W, 3] of ".formatted(describe(input))
                            + "FLOAT32, FLOAT16, UINT8 or INT8");
        }
        String layout = manifest.property("image.layout", isChannels(input, rank - 3) ? "NCHW" : "NHWC");
        return switch (layout.strip().toUpperCase(Locale.ROOT)) {
            case "NCHW" -> true;
            case "NHWC" -> false;
            default -> throw new IllegalArgumentException("image.layout is '" + layout + "', expected NCHW or NHWC");
        };
    }

    private static int channels(TensorSpec input, int index) {
        if (!isChannels(input, index)) {
            throw new IllegalArgumentException("input %s has %d channels by image.layout, expected 1 or 3"
                    .formatted(describe(input), input.shape().get(index)));
        }
        return input.shape().get(index).intValue();
    }

    private static int[] size(ModelManifest manifest, long width, long height) {
        int[] size = {(int) width, (int) height};
        if (width < 1 || height < 1) {
            String text = manifest.property("image.size", "");
            if (!text.matches("[1-9]\\d{0,4}x[1-9]\\d{0,4}")) {
                throw new IllegalArgumentException(
                        "model %s leaves the picture's size open (%d x %d): set its property "
                                        .formatted(manifest.id(), width, height)
                                + "image.size to width x height such as 640x480; found '" + text + "'");
            }
            String[] parts = text.split("x");
            size[0] = width < 1 ? Integer.parseInt(parts[0]) : size[0];
            size[1] = height < 1 ? Integer.parseInt(parts[1]) : size[1];
        }
        if (size[0] > 16_384 || size[1] > 16_384) {
            throw new IllegalArgumentException(
                    "input of %d x %d pixels, expected 16384 x 16384 or less".formatted(size[0], size[1]));
        }
        return size;
    }

    private Color color(ModelManifest manifest) {
        Color chosen = choice(manifest, "image.color", channels == 1 ? Color.GRAY : Color.RGB, Color.values());
        if ((chosen == Color.GRAY) != (channels == 1)) {
            throw new IllegalArgumentException(
                    "image.color is %s but input %s has %d channels".formatted(chosen, describe(input), channels));
        }
        return chosen;
    }

    private void fold(ModelManifest manifest) {
        boolean integers = !input.type().isFloatingPoint();
        float[] mean = numbers(manifest, "image.mean", input.type() == ElementType.INT8 ? "128" : "0", channels);
        boolean pixels = integers || isOfPixels(mean);
        float[] factor = numbers(manifest, "image.scale", pixels ? "1" : "1/255", channels);
        float[] std = numbers(manifest, "image.std", "1", channels);
        for (int c = 0; c < channels; c++) {
            if (std[c] == 0) {
                throw new IllegalArgumentException("image.std has a 0, expected other numbers");
            }
            scale[c] = factor[c] / std[c];
            bias[c] = -mean[c] / std[c];
        }
    }

    /** A mean beyond 1 can only be one of pixels 0..255, not of 0..1. */
    private static boolean isOfPixels(float[] mean) {
        for (float one : mean) {
            if (Math.abs(one) > 1) {
                return true;
            }
        }
        return false;
    }

    private static <E extends Enum<E>> E choice(ModelManifest manifest, String key, E fallback, E[] all) {
        String text = manifest.property(key, fallback.name()).strip();
        for (E one : all) {
            if (one.name().equalsIgnoreCase(text)) {
                return one;
            }
        }
        throw new IllegalArgumentException("%s is '%s', expected one of %s".formatted(key, text, Arrays.toString(all)));
    }

    /** One number for all channels or one for each; a number may be a fraction such as 1/255. */
    static float[] numbers(ModelManifest manifest, String key, String fallback, int count) {
        String text = manifest.property(key, fallback);
        String[] parts = text.strip().split("\\s*,\\s*");
        if (parts.length != 1 && parts.length != count) {
            throw new IllegalArgumentException(
                    "%s is '%s', expected one number or %d of them by commas".formatted(key, text, count));
        }
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = number(key, text, parts[parts.length == 1 ? 0 : i]);
        }
        return numbers;
    }

    private static float number(String key, String text, String part) {
        try {
            String[] fraction = part.split("/", 2);
            float value = Float.parseFloat(fraction[0]) / (fraction.length == 2 ? Float.parseFloat(fraction[1]) : 1);
            if (Float.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "%s is '%s', expected numbers such as 0.5 or 1/255".formatted(key, text), e);
        }
        throw new IllegalArgumentException("%s is '%s', expected finite numbers".formatted(key, text));
    }

    static String describe(TensorSpec spec) {
        return "'%s' %s %s".formatted(spec.name(), spec.type(), spec.shape());
    }
}
