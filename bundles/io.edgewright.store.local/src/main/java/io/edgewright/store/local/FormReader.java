// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.model.KnownFormat;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the model files of a package, and reads and checks each form of the model. */
final class FormReader {

    private static final Logger LOG = LoggerFactory.getLogger(FormReader.class);

    /**
     * A form of a model with what its file says of the whole.
     *
     * @param form what it is
     * @param properties keys as in manifests
     */
    record Read(ModelForm form, Map<String, String> properties) {

        Read {
            properties = Map.copyOf(properties);
        }
    }

    private final List<ModelInspector> inspectors;
    private final Staging staging;

    FormReader(List<ModelInspector> inspectors, Staging staging) {
        this.inspectors = inspectors;
        this.staging = staging;
    }

    /** {@return every form, the first one first} */
    List<Read> read(PackageJson json) throws ModelException {
        String file = firstFile(json);
        List<Read> forms = new ArrayList<>();
        Read first = read(json, file, Optional.empty());
        forms.add(first);
        Optional<List<PackageJson>> named = json.forms();
        if (named.isPresent()) {
            for (PackageJson form : named.get()) {
                String path = form.text("file").orElseThrow(() -> form.missing("file"));
                Staging.check(path);
                forms.add(read(form, path, Optional.of(first)));
            }
        } else {
            for (String path : siblings(file)) {
                forms.add(read(PackageJson.empty(), path, Optional.of(first)));
            }
        }
        return forms;
    }

    Optional<ModelInspector> inspectorFor(String path) {
        String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return inspectors.stream()
                .filter(i -> i.extensions().contains(extension))
                .findFirst();
    }

    Optional<ModelInspector> byFormat(String format) {
        return inspectors.stream().filter(i -> i.format().equals(format)).findFirst();
    }

    private Read read(PackageJson json, String file, Optional<Read> first) throws ModelException {
        Staging.Copied model = staging.copied(file);
        checkDigest(json, file, model);
        Optional<String> promised = json.text("format");
        Optional<ModelInspector> inspector = promised.isPresent() ? byFormat(promised.get()) : inspectorFor(file);
        String format = promised.or(() -> formatOf(file))
                .orElseThrow(() -> new ModelException(
                        Reason.INVALID_MODEL,
                        "the format of '%s' is unknown; known are %s, or say it in model.json"
                                .formatted(file, formats()),
                        null));
        Inspection found = inspector.isPresent()
                ? inspector.get().inspect(model.path())
                : new Inspection(List.of(), List.of(), List.of(), Map.of());
        boolean silent = found.inputs().isEmpty() && found.outputs().isEmpty();
        Inspection inspection = silent
                ? promised(json, file, format, found, inspector.isPresent(), first)
                : filledIn(json, found, first);
        checkTensors(json, file, "inputs", inspection.inputs());
        checkTensors(json, file, "outputs", inspection.outputs());
        first.ifPresent(f ->
                LOG.debug("'{}' is a further form beside '{}'", file, f.form().file()));
        if (first.isPresent()) {
            checkImage(first.get(), file, inspection.properties());
        }
        long size = model.sizeBytes();
        for (String external : inspection.externalFiles()) {
            size += staging.copied(external).sizeBytes();
        }
        checkSize(json, file, size);
        var form = new ModelForm(format, file, model.digest(), size, inspection.inputs(), inspection.outputs());
        return new Read(form, inspection.properties());
    }

    private Optional<String> formatOf(String file) {
        return inspectorFor(file).map(ModelInspector::format).or(() -> KnownFormat.ofFile(file)
                .map(KnownFormat::format));
    }

    private String firstFile(PackageJson json) throws ModelException {
        Optional<String> named = json.text("file");
        if (named.isPresent()) {
            Staging.check(named.get());
            return named.get();
        }
        Set<String> others = new HashSet<>();
        for (PackageJson form : json.forms().orElse(List.of())) {
            form.text("file").ifPresent(others::add);
        }
        List<String> models = staging.files().keySet().stream()
                .filter(path -> !path.contains("/")
                        && !others.contains(path)
                        && formatOf(path).isPresent())
                .sorted(Comparator.comparingInt(this::order).thenComparing(Comparator.naturalOrder()))
                .toList();
        boolean one = !models.isEmpty()
                && models.stream().map(FormReader::withoutExtension).distinct().count() == 1;
        if (!one) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "the package has %d models %s at its top, expected one of a known format (%s), several of one name such"
                                    .formatted(models.size(), models, formats())
                            + " as model.onnx and model.tflite, or a 'file' in model.json; it holds "
                            + Staging.shown(staging.files().keySet()),
                    null);
        }
        return models.get(0);
    }

    /** Those that something here can look into come first: the others are held against them. */
    private int order(String path) {
        int known = KnownFormat.ofFile(path).map(KnownFormat::ordinal).orElse(KnownFormat.values().length);
        return inspectorFor(path).isPresent() ? known : 100 + known;
    }

    private List<String> siblings(String file) {
        return staging.files().keySet().stream()
                .filter(path -> !path.equals(file)
                        && withoutExtension(path).equals(withoutExtension(file))
                        && formatOf(path).isPresent())
                .sorted(Comparator.comparingInt(this::order).thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static String withoutExtension(String path) {
        int dot = path.lastIndexOf('.');
        return dot > path.lastIndexOf('/') ? path.substring(0, dot) : path;
    }

    private static Inspection promised(
            PackageJson json, String file, String format, Inspection found, boolean inspected, Optional<Read> first)
            throws ModelException {
        Optional<List<TensorSpec>> inputs = json.tensors("inputs");
        Optional<List<TensorSpec>> outputs = json.tensors("outputs");
        if (inputs.isPresent() && outputs.isPresent()) {
            return new Inspection(inputs.get(), outputs.get(), found.externalFiles(), found.properties());
        }
        String advice = inspected
                ? ""
                : KnownFormat.of(format).map(k -> k.advice() + ", or ").orElse("");
        if (first.isEmpty()) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    inspected
                            ? "'%s' of format %s does not tell its inputs and outputs: list them in model.json"
                                    .formatted(file, format)
                            : "nothing here can look into '%s' of format %s: %smodel.json must list its inputs and outputs"
                                    .formatted(file, format, advice),
                    null);
        }
        ModelForm model = first.get().form();
        if (!inspected) {
            LOG.warn(
                    "Nothing here can look into '{}' of format {}, so it is taken to be the same as '{}' until a device loads"
                            + " it; {}to have it checked now, add the model again then",
                    file,
                    format,
                    model.file(),
                    advice.isEmpty() ? "install a bundle that reads it " : advice.replace(", or ", " "));
        }
        return new Inspection(model.inputs(), model.outputs(), found.externalFiles(), found.properties());
    }

    /** {@return what was found; where the file leaves types and shapes open, what is said about them elsewhere} */
    private static Inspection filledIn(PackageJson json, Inspection found, Optional<Read> first) throws ModelException {
        if (!"true".equals(found.properties().get(ModelInspector.TENSORS_OPEN))) {
            return found;
        }
        Optional<ModelForm> model = first.map(Read::form);
        List<TensorSpec> inputs =
                json.tensors("inputs").or(() -> model.map(ModelForm::inputs)).orElse(found.inputs());
        List<TensorSpec> outputs =
                json.tensors("outputs").or(() -> model.map(ModelForm::outputs)).orElse(found.outputs());
        return new Inspection(inputs, outputs, found.externalFiles(), found.properties());
    }

    private static void checkDigest(PackageJson json, String file, Staging.Copied model) throws ModelException {
        Optional<String> digest = json.text("digest");
        if (digest.isPresent() && !digest.get().equals(model.digest())) {
            throw PackageReader.mismatch(file, digest.get(), model.digest());
        }
    }

    private static void checkTensors(PackageJson json, String file, String key, List<TensorSpec> found)
            throws ModelException {
        Optional<List<TensorSpec>> promised = json.tensors(key);
        if (promised.isPresent() && !promised.get().equals(found)) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "model.json promises %s %s, '%s' has %s".formatted(key, promised.get(), file, found),
                    null);
        }
    }

    private static void checkSize(PackageJson json, String file, long found) throws ModelException {
        Optional<Long> promised = json.number("sizeBytes");
        if (promised.isPresent() && promised.get() != found) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "model.json promises sizeBytes %d, '%s' has %d".formatted(promised.get(), file, found),
                    null);
        }
    }

    /** A picture is prepared once, so forms cannot want it in different ways. */
    private static void checkImage(Read first, String file, Map<String, String> properties) throws ModelException {
        for (var entry : properties.entrySet()) {
            String key = entry.getKey();
            String expected = first.properties().get(key);
            if (key.startsWith("image.")
                    && !key.equals("image.input")
                    && expected != null
                    && !expected.equals(entry.getValue())) {
                throw new ModelException(
                        Reason.INVALID_MODEL,
                        "'%s' declares %s %s, expected %s as '%s' does: store it as a model of its own"
                                .formatted(
                                        file,
                                        key,
                                        entry.getValue(),
                                        expected,
                                        first.form().file()),
                        null);
            }
        }
    }

    String formats() {
        return String.join(
                ", ", inspectors.stream().map(ModelInspector::format).sorted().toList());
    }
}
