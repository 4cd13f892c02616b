// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Sample inputs in the files of a folder and its sub-folders, in the order of their names. */
final class FolderSamples implements Samples {

    private static final String EXPECTED = ", expected pictures, .npy, .npz or .pb files";

    /** Files that make samples together, and how many. */
    private record Group(List<Path> files, int count) {}

    private final SampleReader reader;
    private final List<Group> groups;
    private final int size;
    private final int[] labels;
    private final String digest;

    private FolderSamples(SampleReader reader, List<Group> groups, int[] labels, String digest) {
        this.reader = reader;
        this.groups = groups;
        this.size = groups.stream().mapToInt(Group::count).sum();
        this.labels = labels;
        this.digest = digest;
    }

    /**
     * {@return the samples of a folder; tensors are checked, pictures are not read yet}
     *
     * @param folder is searched with its sub-folders
     * @param labels says the right classes
     * @param manifest of the model that takes them
     */
    static FolderSamples open(Path folder, Optional<Path> labels, ModelManifest manifest) throws OptimizationException {
        if (!Files.isDirectory(folder)) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION, "calibration data '" + folder + "' is not a folder" + EXPECTED + " in one");
        }
        var reader = new SampleReader(manifest);
        try {
            List<Path> files = files(folder, labels);
            List<Group> groups = groups(files, reader);
            if (groups.isEmpty()) {
                throw new OptimizationException(Reason.NO_CALIBRATION, "'" + folder + "' has no sample" + EXPECTED);
            }
            int[] classes = labels.isPresent()
                    ? Labels.read(labels.get(), folder, names(folder, groups), manifest.labels())
                    : new int[0];
            return new FolderSamples(reader, groups, classes, digest(folder, files, labels));
        } catch (IOException | UnreadableSample e) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION, "calibration data cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public String digest() {
        return digest;
    }

    @Override
    public int label(int index) {
        return labels.length == 0 ? UNKNOWN : labels[index];
    }

    @Override
    public Stream<Map<String, Tensor>> stream() {
        return groups.stream().flatMap(group -> read(reader, group.files()).stream());
    }

    private static List<Map<String, Tensor>> read(SampleReader reader, List<Path> files) {
        try {
            return reader.read(files);
        } catch (IOException e) {
            throw new UnreadableSample(String.valueOf(e.getMessage()), e);
        }
    }

    private static List<Path> files(Path folder, Optional<Path> labels) throws IOException {
        Optional<Path> except = labels.map(Path::toAbsolutePath);
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .filter(f -> SampleReader.isTensors(f) || SampleReader.isPicture(f))
                    .filter(f -> !except.equals(Optional.of(f.toAbsolutePath())))
                    .filter(f -> !String.valueOf(f.getFileName()).matches("(\\.|output[._]).*"))
                    .sorted()
                    .toList();
        }
    }

    private static List<Group> groups(List<Path> files, SampleReader reader) {
        Map<Path, List<Path>> byPlace = new LinkedHashMap<>();
        for (Path file : files) {
            Path place = reader.oneFileEach(file) ? file : file.resolveSibling("");
            byPlace.computeIfAbsent(place, p -> new ArrayList<>()).add(file);
        }
        return byPlace.values().stream()
                .map(group -> new Group(
                        group,
                        SampleReader.isPicture(group.get(0))
                                ? 1
                                : read(reader, group).size()))
                .filter(group -> group.count > 0)
                .toList();
    }

    /** {@return the name of each sample's file, or folder, within the folder} */
    private static List<String> names(Path folder, List<Group> groups) {
        List<String> names = new ArrayList<>();
        for (Group group : groups) {
            Path first = group.files.get(0);
            Path named = group.files.size() > 1 ? first.resolveSibling("") : first;
            for (int i = 0; i < group.count; i++) {
                names.add(folder.relativize(named).toString());
            }
        }
        return names;
    }

    private static String digest(Path folder, List<Path> files, Optional<Path> labels) throws IOException {
        var all = new StringBuilder();
        for (Path file : files) {
            all.append(folder.relativize(file))
                    .append('=')
                    .append(Digests.of(file))
                    .append('\n');
        }
        if (labels.isPresent()) {
            all.append(Digests.of(labels.get()));
        }
        return Digests.ofText(all.toString());
    }
}
