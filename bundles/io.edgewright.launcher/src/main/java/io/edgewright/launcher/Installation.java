// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import io.edgewright.launcher.Feature.BundleRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The gateway's folder: {@code features/}, {@code repository/}, {@code models/}. Nothing in it is ever written.
 *
 * @param folder absolute
 */
record Installation(Path folder) {

    /** The system property that the start script sets. */
    static final String PROPERTY = "edgewright.install";

    /** Of the bundle {@value #ONNX_RUNTIME}, which loads its native libraries from below this folder. */
    static final String UNPACKED_PROPERTY = "edgewright.onnxruntime.unpacked";

    private static final String ONNX_RUNTIME = "io.edgewright.onnxruntime";

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z0-9._-]+)}");

    static Installation find() throws CommandException {
        String folder = System.getProperty(PROPERTY, "");
        if (folder.isBlank()) {
            throw new CommandException(
                    Exit.FAILED,
                    "the system property " + PROPERTY + " is not set, expected the gateway's folder",
                    null);
        }
        return new Installation(Path.of(folder).toAbsolutePath().normalize());
    }

    FeatureReader features() {
        return new FeatureReader(folder.resolve("features"));
    }

    /**
     * A bundle and where it lies.
     *
     * @param path a jar, or a folder: an unpacked bundle
     */
    record Located(BundleRef ref, Path path) {}

    /** {@return the features that bring devices of the machine and whose bundles are all here; some are optional} */
    List<String> drivers() throws IOException {
        List<String> drivers = new ArrayList<>();
        for (String name : features().names()) {
            List<Feature> needed = features().resolve(List.of(name));
            boolean isDriver = needed.get(needed.size() - 1).categories().contains(Feature.DRIVER);
            if (isDriver && needed.stream().flatMap(f -> f.bundles().stream()).allMatch(b -> find(b).isPresent())) {
                drivers.add(name);
            }
        }
        return drivers;
    }

    /** {@return where each bundle of the features lies, in order, each once} */
    List<Located> locate(List<Feature> features) throws IOException {
        List<Located> places = new ArrayList<>();
        Map<String, BundleRef> artifacts = new HashMap<>();
        for (Feature feature : features) {
            for (BundleRef bundle : feature.bundles()) {
                BundleRef other = artifacts.putIfAbsent(bundle.group() + ":" + bundle.artifact(), bundle);
                if (other != null) {
                    if (!other.version().equals(bundle.version())) {
                        throw new IOException(
                                "features want both " + other + " and " + bundle + ", expected one version");
                    }
                    continue;
                }
                places.add(new Located(bundle, locate(feature, bundle)));
            }
        }
        return places;
    }

    /** {@return where the native libraries of ONNX Runtime lie, if its bundle is unpacked: a framework would copy them} */
    static Optional<Path> unpackedNatives(List<Located> places) {
        return places.stream()
                .filter(place -> place.ref().artifact().equals(ONNX_RUNTIME))
                .map(place -> place.path().resolve("n/ai/onnxruntime/native"))
                .filter(Files::isDirectory)
                .findFirst();
    }

    /** A folder is an unpacked bundle. */
    private Optional<Path> find(BundleRef bundle) {
        return Stream.of(bundle.fileName(), bundle.fileName() + ".jar")
                .map(folder.resolve("repository")::resolve)
                .filter(Files::exists)
                .findFirst();
    }

    private Path locate(Feature feature, BundleRef bundle) throws IOException {
        return find(bundle)
                .orElseThrow(() -> new IOException("feature '%s' wants %s, but %s has no %s.jar"
                        .formatted(feature.name(), bundle, folder.resolve("repository"), bundle.fileName())));
    }

    /** {@return the framework properties of the features, with variables put in} */
    static Map<String, String> properties(List<Feature> features, Map<String, String> variables) throws IOException {
        Map<String, String> values = new HashMap<>();
        features.forEach(f -> values.putAll(f.variables()));
        values.putAll(variables);
        Map<String, String> properties = new HashMap<>();
        for (Feature feature : features) {
            for (var property : feature.properties().entrySet()) {
                properties.put(property.getKey(), substitute(feature, property.getValue(), values));
            }
        }
        return properties;
    }

    private static String substitute(Feature feature, String text, Map<String, String> values) throws IOException {
        Matcher matcher = VARIABLE.matcher(text);
        var result = new StringBuilder();
        while (matcher.find()) {
            String value = values.get(matcher.group(1));
            if (value == null) {
                throw new IOException("feature '%s' uses the variable '%s', which has no value"
                        .formatted(feature.name(), matcher.group(1)));
            }
            matcher.appendReplacement(result, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(result).toString();
    }
}
