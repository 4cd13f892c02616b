// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.TensorProtos;
import io.edgewright.vision.ImagePreprocessor;
import io.edgewright.vision.Picture;
import io.edgewright.vision.PictureInput;
import io.edgewright.vision.PictureReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Makes runs of input files: one a picture; tensors together fill the inputs of a model that has several. */
final class Runs {

    /** Fills every input from a tensor. */
    private record TensorInput(Map<String, Tensor> tensors) implements InputWriter {

        @Override
        public void write(InputTensors inputs) throws InferenceException {
            try {
                tensors.forEach(inputs::write);
            } catch (IllegalArgumentException e) {
                throw new InferenceException(
                        InferenceException.Reason.INPUT_MISMATCH, String.valueOf(e.getMessage()), e);
            }
        }

        @Override
        public Map<String, List<Long>> shapes() {
            return tensors.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue()
                    .shape()));
        }
    }

    private Runs() {}

    static List<Run> of(Signature signature, List<InputFile> files) {
        List<Run> runs = new ArrayList<>();
        List<InputFile> tensors = files.stream().filter(InputFile::isTensor).toList();
        List<InputFile> pictures = files.stream().filter(f -> !f.isTensor()).toList();
        if (!pictures.isEmpty()) {
            ImagePreprocessor preprocessor = ImagePreprocessor.of(signature.manifest(), signature.inputs());
            pictures.forEach(file -> runs.add(picture(preprocessor, file)));
        }
        if (!tensors.isEmpty()) {
            int inputs = signature.inputs().size();
            if (tensors.size() % inputs != 0) {
                throw new IllegalArgumentException("the model takes %d tensors at once (%s), found %d"
                        .formatted(inputs, names(signature), tensors.size()));
            }
            for (int i = 0; i < tensors.size(); i += inputs) {
                runs.add(tensors(signature, tensors.subList(i, i + inputs)));
            }
        }
        return runs;
    }

    private static Run picture(ImagePreprocessor preprocessor, InputFile file) {
        if (!file.input().isEmpty() && !file.input().equals(preprocessor.input())) {
            throw new IllegalArgumentException("the model takes no picture for '%s', expected it for '%s'"
                    .formatted(file.input(), preprocessor.input()));
        }
        try {
            Picture picture = PictureReader.DEFAULT.read(file.path());
            var seen = new Run.Seen(
                    preprocessor.map(picture.width(), picture.height()), picture.width(), picture.height());
            return new Run(
                    file.path().toString(), file.stem(), new PictureInput(preprocessor, picture), Optional.of(seen));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static Run tensors(Signature signature, List<InputFile> files) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        List<TensorSpec> left = new ArrayList<>(signature.inputs());
        List<Tensor> unnamed = new ArrayList<>();
        for (InputFile file : files) {
            TensorProtos.Named read = file.readTensor();
            Optional<TensorSpec> spec =
                    left.stream().filter(s -> s.name().equals(read.name())).findFirst();
            if (spec.isPresent()) {
                left.remove(spec.get());
                tensors.put(read.name(), check(spec.get(), read.tensor(), file));
            } else if (!file.input().isEmpty()) {
                throw new IllegalArgumentException("the model has no input '%s' left, expected one of %s"
                        .formatted(file.input(), names(signature)));
            } else {
                unnamed.add(read.tensor());
            }
        }
        for (int i = 0; i < unnamed.size(); i++) {
            tensors.put(left.get(i).name(), check(left.get(i), unnamed.get(i), files.get(i)));
        }
        String name = files.stream().map(f -> f.path().toString()).collect(Collectors.joining(" "));
        return new Run(name, files.get(0).stem(), new TensorInput(tensors), Optional.empty());
    }

    private static Tensor check(TensorSpec spec, Tensor tensor, InputFile file) {
        if (spec.type() != tensor.type() || !spec.accepts(tensor.shape())) {
            throw new IllegalArgumentException("'%s' holds %s, but the input '%s' takes %s %s"
                    .formatted(file.path(), tensor, spec.name(), spec.type(), spec.shape()));
        }
        return tensor;
    }

    private static String names(Signature signature) {
        return signature.inputs().stream().map(TensorSpec::name).collect(Collectors.joining(", "));
    }
}
