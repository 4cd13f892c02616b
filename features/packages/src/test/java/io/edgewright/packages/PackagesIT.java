// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edgewright.packages.PackedBundle.Clause;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.Version;
import org.osgi.framework.VersionRange;

/** Opens the packages as they were built: they need nothing that a Kura lacks, and are what their readers expect. */
class PackagesIT {

    private static final Path TARGET = Path.of("target");
    private static final Path PACKAGES = TARGET.resolve("packages");

    /** The framework exports what the JDK exports. */
    private static final Set<String> JDK = ModuleLayer.boot().modules().stream()
            .flatMap(m -> m.getPackages().stream())
            .collect(Collectors.toSet());

    /** What the framework and Declarative Services of Kura 5.5 can do. */
    private static final Map<String, List<Map<String, Object>>> CAPABILITIES = Map.of(
            "osgi.ee", List.of(Map.of("osgi.ee", "JavaSE", "version", new Version("17"))),
            "osgi.extender", List.of(Map.of("osgi.extender", "osgi.component", "version", new Version("1.4"))),
            "osgi.native",
                    List.of(
                            Map.of("osgi.native.osname", "linux", "osgi.native.processor", "x86-64"),
                            Map.of("osgi.native.osname", "linux", "osgi.native.processor", "aarch64")));

    @TestFactory
    Stream<DynamicTest> packagesNeedOnlyWhatAKuraProvidesAndTheCore() throws IOException {
        Map<String, List<Version>> provided = tsv("kura-packages.tsv");
        exports("edgewright-core").forEach(provided::put);
        return packages()
                .filter(p -> !p.getFileName().toString().startsWith("edgewright-http-")) // for one Kura only
                .flatMap(p -> bundles(p)
                        .map(b -> DynamicTest.dynamicTest(
                                p.getFileName() + " " + b.name(), () -> checkImports(b, provided))));
    }

    @TestFactory
    Stream<DynamicTest> eachPackageHasAReadmeThatNamesItsBundles() throws IOException {
        return packages()
                .map(p -> DynamicTest.dynamicTest(p.getFileName().toString(), () -> {
                    String name =
                            p.getFileName().toString().replaceFirst("(-linux-.*)?-0\\.1\\.0\\.SNAPSHOT\\.dp$", "");
                    assertThat(PACKAGES.resolve(name + ".md"))
                            .content()
                            .contains(bundles(p)
                                    .map(PackedBundle::name)
                                    .filter(b -> b.startsWith("io."))
                                    .map(b -> "`" + b.replaceFirst("\\.jar$", "`"))
                                    .toList());
                }));
    }

    @TestFactory
    Stream<DynamicTest> packagesFitOtherVersionsOfKuraToo() throws IOException {
        Map<String, List<Version>> others = tsv("kura-packages-of-others.tsv");
        return bundles(only("edgewright-kura"))
                .map(b -> DynamicTest.dynamicTest(b.name(), () -> b.clauses(Constants.IMPORT_PACKAGE).stream()
                        .filter(c -> others.containsKey(c.name()))
                        .forEach(c -> assertThat(others.get(c.name())).allMatch(range(c)::includes, c.toString()))));
    }

    @TestFactory
    Stream<DynamicTest> packagesRequireOnlyWhatAKuraCanDo() throws IOException {
        return packages().flatMap(p -> bundles(p)
                .map(b -> DynamicTest.dynamicTest(p.getFileName() + " " + b.name(), () -> checkCapabilities(b))));
    }

    @Test
    void theCoreOfOnePlatformHasAtMost15Megabytes() throws IOException {
        List<Path> cores = packages()
                .filter(p -> p.getFileName().toString().startsWith("edgewright-core-"))
                .toList();
        assertThat(cores).hasSize(2);
        for (Path core : cores) {
            assertThat(Files.size(core)).as(core.toString()).isLessThan(15_000_000);
        }
    }

    @TestFactory
    Stream<DynamicTest> nothingIsLeftOfOtherPlatforms() throws IOException {
        return packages()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    Set<Platform> expected = Stream.of(Platform.values())
                            .filter(p -> file.toString().contains(p.label()))
                            .collect(Collectors.toSet());
                    assertThat(bundles(file)
                                    .flatMap(b -> b.files().stream())
                                    .flatMap(f -> Platform.of(f).stream())
                                    .collect(Collectors.toSet()))
                            .isEqualTo(expected);
                }));
    }

    @Test
    void theSameInputGivesTheSameBytes(@TempDir Path folder) throws IOException {
        PackageDefinition kura = definitions().stream()
                .filter(d -> d.name().equals("edgewright-kura"))
                .findFirst()
                .orElseThrow();
        List<BundleJar> bundles = new ArrayList<>();
        for (String name : kura.bundles()) {
            bundles.add(bundle(name));
        }
        Path again = DeploymentPackage.write(kura, bundles, "0.1.0.SNAPSHOT", Optional.empty(), folder);
        if (System.getProperty("edgewright.sign.keystore", "").isEmpty()) {
            assertThat(again).hasSameBinaryContentAs(only("edgewright-kura"));
        }
    }

    @Test
    void aSignedPackageIsSignedAsJarsAreAndKeepsItsOrder(@TempDir Path folder) throws Exception {
        Path store = folder.resolve("keys.p12");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-keystore", store.toString()));
        command.addAll(List.of("-genkeypair -alias test -keyalg EC -dname CN=test -storepass changeit".split(" ")));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
        Path signed = Files.copy(only("edgewright-rest"), folder.resolve("signed.dp"));

        Signer.of(store, "test", "changeit".toCharArray()).sign(signed);

        try (var jar = new JarFile(signed.toFile(), true)) {
            List<JarEntry> entries = Collections.list(jar.entries());
            for (JarEntry entry : entries) {
                jar.getInputStream(entry).readAllBytes(); // verifies it
                assertThat(entry.getName().startsWith("META-INF/") || entry.getCodeSigners() != null)
                        .as(entry.getName())
                        .isTrue();
            }
            assertThat(entries.get(0).getName()).isEqualTo(JarFile.MANIFEST_NAME);
            assertThat(names(entries))
                    .isEqualTo(PackedBundle.in(only("edgewright-rest")).stream()
                            .map(PackedBundle::name)
                            .toList());
        }
        assertThatThrownBy(() -> Signer.of(store, "nobody", "changeit".toCharArray()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nobody");
        assertThatThrownBy(() -> Signer.of(store, "test", "wrong".toCharArray()))
                .isInstanceOf(IOException.class);
    }

    private static List<String> names(List<JarEntry> entries) {
        return entries.stream()
                .map(JarEntry::getName)
                .filter(n -> !n.startsWith("META-INF/"))
                .toList();
    }

    private static void checkImports(PackedBundle bundle, Map<String, List<Version>> provided) {
        Set<String> own = bundle.clauses(Constants.EXPORT_PACKAGE).stream()
                .map(Clause::name)
                .collect(Collectors.toSet());
        for (Clause clause : bundle.clauses(Constants.IMPORT_PACKAGE)) {
            if (clause.optional() || own.contains(clause.name())) {
                continue;
            }
            if (JDK.contains(clause.name()) && !clause.parameters().containsKey("version")) {
                continue;
            }
            assertThat(provided).as("packages for %s", bundle.name()).containsKey(clause.name());
            assertThat(provided.get(clause.name()))
                    .as("%s imports %s", bundle.name(), clause)
                    .anyMatch(range(clause)::includes);
        }
    }

    private static void checkCapabilities(PackedBundle bundle) throws InvalidSyntaxException {
        for (Clause clause : bundle.clauses(Constants.REQUIRE_CAPABILITY)) {
            if (clause.optional()
                    || clause.parameters().getOrDefault("effective", "").equals("active")) {
                continue;
            }
            assertThat(CAPABILITIES).containsKey(clause.name());
            var filter = FrameworkUtil.createFilter(clause.parameters().get("filter"));
            assertThat(CAPABILITIES.get(clause.name())).as(clause.toString()).anyMatch(filter::matches);
        }
    }

    private static VersionRange range(Clause clause) {
        return new VersionRange(clause.parameters().getOrDefault("version", "0"));
    }

    private static Map<String, List<Version>> exports(String name) throws IOException {
        Map<String, List<Version>> exports = new HashMap<>();
        Path first = packages()
                .filter(p -> p.getFileName().toString().startsWith(name + "-"))
                .findFirst()
                .orElseThrow();
        bundles(first)
                .flatMap(b -> b.clauses(Constants.EXPORT_PACKAGE).stream())
                .forEach(c ->
                        exports.put(c.name(), List.of(new Version(c.parameters().getOrDefault("version", "0")))));
        return exports;
    }

    private static Stream<Path> packages() throws IOException {
        try (Stream<Path> files = Files.list(PACKAGES)) {
            List<Path> sorted =
                    files.filter(f -> f.toString().endsWith(".dp")).sorted().toList();
            return sorted.stream();
        }
    }

    private static Path only(String name) {
        return PACKAGES.resolve(name + "-0.1.0.SNAPSHOT.dp");
    }

    private static Stream<PackedBundle> bundles(Path deploymentPackage) {
        try {
            return PackedBundle.in(deploymentPackage).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<PackageDefinition> definitions() throws IOException {
        return PackageDefinition.read(Path.of("packages.json"), TARGET.resolve("features"));
    }

    private static BundleJar bundle(String name) throws IOException {
        return BundleJar.built(Path.of("../../bundles"), name, "0.1.0-SNAPSHOT");
    }

    private static Map<String, List<Version>> tsv(String name) throws IOException {
        Map<String, List<Version>> packages = new HashMap<>();
        try (InputStream in = PackagesIT.class.getResourceAsStream(name)) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t"))
                    .forEach(l -> packages.computeIfAbsent(l[0], k -> new ArrayList<>())
                            .add(new Version(l[1])));
        }
        return packages;
    }
}
