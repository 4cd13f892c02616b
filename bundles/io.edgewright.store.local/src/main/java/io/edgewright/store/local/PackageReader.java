// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.model.KnownFormat;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelVersion;
import io.edgewright.api.model.WritableModelStore.AddOptions;
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

    private final FormReader forms;
    private final Staging staging;
    private final AddOptions options;

    PackageReader(List<ModelInspector> inspectors, Staging staging, AddOptions options) {
        this.forms = new FormReader(inspectors, staging);
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
        Optional<KnownFormat> known = knownFormat(upload.path(), fileName);
        boolean torch = known.filter(KnownFormat.TORCHSCRIPT::equals).isPresent(); // a zip too
        if (!torch && ZipPackage.isZip(upload.path())) {
            ZipPackage.unpack(upload.path(), staging);
            Files.delete(upload.path());
            staging.unwrap();
            return candidate(baseName(fileName));
        }
        return bare(upload, fileName, known, source);
    }

    private Candidate bare(Staging.Copied upload, String fileName, Optional<KnownFormat> known, Optional<Path> source)
            throws IOException, ModelException {
        String extension = extension(fileName);
        KnownFormat format = known.orElse(KnownFormat.ONNX); // a stream may come without a proper name
        boolean proper = known.isPresent()
                ? format.extensions().contains(extension)
                : forms.inspectorFor(fileName).isPresent();
        String file = "model." + (proper ? extension : format.extensions().get(0));
        staging.take(upload, file);
        ModelInspector inspector = forms.inspectorFor(file)
                .orElseThrow(() -> new ModelException(
                        Reason.INVALID_MODEL,
                        "nothing here can look into '%s', a %s file: %s"
                                .formatted(fileName, format.format(), format.advice()),
                        null));
        for (String external : inspector.inspect(staging.root().resolve(file)).externalFiles()) {
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
        List<FormReader.Read> read = forms.read(json);
        ModelForm first = read.get(0).form();
        checkPromises(json, first.file());
        checkGolden(first.file());
        return new Candidate(
                options.name().or(optional(json, "name")).orElseGet(() -> nameFrom(fallbackName)),
                version(json),
                first.format(),
                first.file(),
                first.sizeBytes(),
                first.inputs(),
                first.outputs(),
                properties(json, read.get(0).properties()),
                read.stream().skip(1).map(FormReader.Read::form).toList(),
                staging.files());
    }

    /** What the first bytes say counts more than the name: senders rename files. */
    private static Optional<KnownFormat> knownFormat(Path file, String fileName) throws IOException {
        Optional<KnownFormat> named = KnownFormat.ofFile(fileName);
        try (InputStream in = Files.newInputStream(file)) {
            Optional<KnownFormat> found = KnownFormat.ofContent(in.readNBytes(KnownFormat.HEAD_BYTES));
            boolean zipOfSomebody = extension(fileName).equals("zip");
            return found.filter(f -> !zipOfSomebody).or(() -> named);
        }
    }

    /** What model.json says about files must be true, and must be said about all of them. */
    private void checkPromises(PackageJson json, String file) throws ModelException {
        Optional<Map<String, String>> files = json.texts("files");
        if (files.isEmpty()) {
            return;
        }
        for (var entry : files.get().entrySet()) {
            String found = staging.copied(entry.getKey()).digest();
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
                    "the package has files that 'files' of model.json does not list: " + Staging.shown(unlisted),
                    null);
        }
    }

    private void checkDigest(String what, String found) throws ModelException {
        String expected = options.sha256().orElse(found).toLowerCase(Locale.ROOT);
        if (!expected.equals(found)) {
            throw mismatch(what, expected, found);
        }
    }

    static ModelException mismatch(String what, String expected, String found) {
        return new ModelException(
                Reason.DIGEST_MISMATCH, "'%s' has SHA-256 %s, expected %s".formatted(what, found, expected), null);
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

    private Map<String, String> properties(PackageJson json, Map<String, String> found)
            throws IOException, ModelException {
        Map<String, String> properties = new TreeMap<>(found);
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

    private static String extension(String fileName) {
        return fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
