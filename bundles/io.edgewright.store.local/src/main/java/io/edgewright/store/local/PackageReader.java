// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.model.ModelVersion;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/** Copies what is being added into a staging folder, and finds out and checks what it is. */
final class PackageReader {

    private static final long MAX_LABELS = 1L << 20;

    private final List<ModelInspector> inspectors;
    private final Staging staging;
    private final AddOptions options;

    PackageReader(List<ModelInspector> inspectors, Staging staging, AddOptions options) {
        this.inspectors = inspectors;
        this.staging = staging;
        this.options = options;
    }

    Candidate read(InputStream content, String fileName) throws IOException, ModelException {
        return upload(content, fileName, Optional.empty());
    }

    Candidate read(Path source) throws IOException, ModelException {
        String name = String.valueOf(source.getFileName());
        if (Files.isDirectory(source)) {
            staging.addFolder(source);
            Candidate candidate = candidate(name);
            checkDigest(name, candidate.digest());
            return candidate;
        }
        if (!Files.isRegularFile(source)) {
            throw new ModelException(
                    Reason.INVALID_MODEL, "'" + source + "' is not there, expected a file or a folder", null);
        }
        try (InputStream in = Files.newInputStream(source)) {
            return upload(in, name, Optional.of(source));
        }
    }

    private Candidate upload(InputStream content, String fileName, Optional<Path> source)
            throws IOException, ModelException {
        Staging.Copied upload = staging.upload(content);
        checkDigest(fileName, upload.digest());
        if (ZipPackage.isZip(upload.path())) {
            ZipPackage.unpack(upload.path(), staging);
            Files.delete(upload.path());
            staging.unwrap();
            return candidate(baseName(fileName));
        }
        ModelInspector inspector = inspectorFor(fileName)
                .or(() -> inspectors.stream().findFirst()) // a stream may come without a proper name
                .orElseThrow(() ->
                        new ModelException(Reason.INVALID_MODEL, "no bundle that reads models is installed", null));
        String file = "model." + inspector.extensions().get(0);
        staging.take(upload, file);
        Path model = staging.root().resolve(file);
        for (String external : inspector.inspect(model).externalFiles()) {
            addBeside(source, external);
        }
        return candidate(baseName(fileName));
    }

    private void addBeside(Optional<Path> source, String external) throws IOException, ModelException {
        Path folder = source.map(s -> s.toAbsolutePath().getParent()).orElse(null);
        Path file = folder == null ? null : folder.resolve(external);
        if (folder == null || file == null || !Files.isRegularFile(file)) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "the model keeps weights in '" + external + "', which is not there: add a zip or folder with both",
                    null);
        }
        if (!file.toRealPath().startsWith(folder.toRealPath())) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "the model's weights '" + external + "' lead outside its folder, to " + file.toRealPath(),
                    null);
        }
        try (InputStream in = Files.newInputStream(file.toRealPath(), LinkOption.NOFOLLOW_LINKS)) {
            staging.add(external, in);
        }
    }

    /** Everything is in the staging folder. */
    private Candidate candidate(String fallbackName) throws IOException, ModelException {
        PackageJson json = PackageJson.empty();
        Staging.Copied jsonFile = staging.files().remove(PackageJson.FILE);
        if (jsonFile != null) {
            json = PackageJson.read(jsonFile.path());
        }
        String file = modelFile(json);
        Staging.Copied model = copied(file);
        checkPromises(json, file, model);
        Optional<ModelInspector> inspector =
                json.text("format").isPresent() ? byFormat(json.text("format").get()) : inspectorFor(file);
        String format = json.text("format")
                .or(() -> inspector.map(ModelInspector::format))
                .orElseThrow(() -> new ModelException(
                        Reason.INVALID_MODEL,
                        "the format of '" + file + "' is unknown; known are " + formats() + ", or say it in model.json",
                        null));
        Path modelPath = modelPath(file);
        Inspection inspection =
                inspector.isPresent() ? inspector.get().inspect(modelPath) : promised(json, file, format);
        checkTensors(json, "inputs", inspection.inputs());
        checkTensors(json, "outputs", inspection.outputs());
        long size = model.sizeBytes();
        for (String external : inspection.externalFiles()) {
            size += copied(external).sizeBytes();
        }
        checkSize(json, size);
        checkGolden(file);
        return new Candidate(
                options.name().or(optional(json, "name")).orElseGet(() -> nameFrom(fallbackName)),
                version(json),
                format,
                file,
                size,
                inspection.inputs(),
                inspection.outputs(),
                properties(json, inspection),
                staging.files());
    }

    private Path modelPath(String file) throws ModelException {
        return copied(file).path();
    }

    private Staging.Copied copied(String path) throws ModelException {
        Staging.Copied copied = staging.files().get(path);
        if (copied == null) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "the package has no '" + path + "', only "
                            + shown(staging.files().keySet()),
                    null);
        }
        return copied;
    }

    private String modelFile(PackageJson json) throws ModelException {
        Optional<String> named = json.text("file");
        if (named.isPresent()) {
            Staging.check(named.get());
            return named.get();
        }
        List<String> models = staging.files().keySet().stream()
                .filter(path -> !path.contains("/") && inspectorFor(path).isPresent())
                .sorted()
                .toList();
        if (models.size() != 1) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "the package has %d models %s at its top, expected one of a known format (%s) or a 'file' in "
                                    .formatted(models.size(), models, formats())
                            + "model.json; it holds " + shown(staging.files().keySet()),
                    null);
        }
        return models.get(0);
    }

    /** What model.json says about files must be true, and must be said about all of them. */
    private void checkPromises(PackageJson json, String file, Staging.Copied model) throws ModelException {
        Optional<String> digest = json.text("digest");
        if (digest.isPresent() && !digest.get().equals(model.digest())) {
            throw mismatch(file, digest.get(), model.digest());
        }
        Optional<Map<String, String>> files = json.texts("files");
        if (files.isEmpty()) {
            return;
        }
        for (var entry : files.get().entrySet()) {
            String found = copied(entry.getKey()).digest();
            if (!found.equals(entry.getValue())) {
                throw mismatch(entry.getKey(), entry.getValue(), found);
            }
        }
        Set<String> unlisted = new TreeSet<>(staging.files().keySet());
        unlisted.removeAll(files.get().keySet());
        unlisted.remove(file);
        if (!unlisted.isEmpty()) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "the package has files that 'files' of model.json does not list: " + shown(unlisted),
                    null);
        }
    }

    private void checkDigest(String what, String found) throws ModelException {
        String expected = options.sha256().orElse(found).toLowerCase(Locale.ROOT);
        if (!expected.equals(found)) {
            throw mismatch(what, expected, found);
        }
    }

    private static ModelException mismatch(String what, String expected, String found) {
        return new ModelException(
                Reason.DIGEST_MISMATCH, "'%s' has SHA-256 %s, expected %s".formatted(what, found, expected), null);
    }

    private static Inspection promised(PackageJson json, String file, String format) throws ModelException {
        Optional<List<TensorSpec>> inputs = json.tensors("inputs");
        Optional<List<TensorSpec>> outputs = json.tensors("outputs");
        if (inputs.isEmpty() || outputs.isEmpty()) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "nothing here can look into '%s' of format %s: model.json must list its inputs and outputs"
                            .formatted(file, format),
                    null);
        }
        return new Inspection(inputs.get(), outputs.get(), List.of(), Map.of());
    }

    private static void checkTensors(PackageJson json, String key, List<TensorSpec> found) throws ModelException {
        Optional<List<TensorSpec>> promised = json.tensors(key);
        if (promised.isPresent() && !promised.get().equals(found)) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "model.json promises %s %s, the model has %s".formatted(key, promised.get(), found),
                    null);
        }
    }

    private static void checkSize(PackageJson json, long found) throws ModelException {
        Optional<Long> promised = json.number("sizeBytes");
        if (promised.isPresent() && promised.get() != found) {
            throw new ModelException(
                    Reason.INVALID_MODEL,
                    "model.json promises sizeBytes %d, the model has %d".formatted(promised.get(), found),
                    null);
        }
    }

    private void checkGolden(String file) throws ModelException {
        for (var entry : staging.files().entrySet()) {
            if (entry.getKey().startsWith("golden/")) {
                Path path = entry.getValue().path();
                Path cases = path.getParent() == null ? path : path.getParent().getParent();
                try {
                    if (cases == null || !cases.endsWith("golden")) {
                        throw new IOException("'" + entry.getKey() + "' is not like golden/<case>/input.<name>.npy");
                    }
                    GoldenCase.readAll(cases, OpenModel.MAX_GOLDEN_BYTES);
                } catch (IOException e) {
                    throw new ModelException(
                            Reason.INVALID_MODEL, "a golden pair of '" + file + "' is bad: " + e.getMessage(), e);
                }
                return;
            }
        }
    }

    private Optional<ModelVersion> version(PackageJson json) throws ModelException {
        Optional<String> version = options.version().or(optional(json, "version"));
        try {
            return version.map(ModelVersion::parse);
        } catch (IllegalArgumentException e) {
            throw new ModelException(Reason.INVALID_MODEL, String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, String> properties(PackageJson json, Inspection inspection) throws IOException, ModelException {
        Map<String, String> properties = new TreeMap<>(inspection.properties());
        Staging.Copied labels = staging.files().get("labels.txt");
        if (labels != null && labels.sizeBytes() <= MAX_LABELS) {
            properties.put("labels", PackageJson.utf8(labels.path()).strip());
        }
        properties.putAll(json.texts("properties").orElse(Map.of()));
        properties.putAll(options.properties());
        return properties;
    }

    private static Supplier<Optional<String>> optional(PackageJson json, String key) throws ModelException {
        Optional<String> text = json.text(key);
        return () -> text;
    }

    private Optional<ModelInspector> inspectorFor(String path) {
        String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return inspectors.stream()
                .filter(i -> i.extensions().contains(extension))
                .findFirst();
    }

    private Optional<ModelInspector> byFormat(String format) {
        return inspectors.stream().filter(i -> i.format().equals(format)).findFirst();
    }

    private String formats() {
        return String.join(
                ", ", inspectors.stream().map(ModelInspector::format).sorted().toList());
    }

    /** {@code /data/shelf v2.onnx} becomes {@code shelf_v2}. */
    private static String nameFrom(String fileName) {
        String name = fileName.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.+", "");
        return name.isEmpty() ? "model" : name.substring(0, Math.min(100, name.length()));
    }

    private static String baseName(String fileName) {
        String last = fileName.substring(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
        int dot = last.lastIndexOf('.');
        return dot > 0 ? last.substring(0, dot) : last;
    }

    private static String shown(Set<String> paths) {
        List<String> some = paths.stream().sorted().limit(10).toList();
        return some + (paths.size() > some.size() ? " and " + (paths.size() - some.size()) + " more" : "");
    }
}
